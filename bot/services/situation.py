""" "/lage": how things stand, for the unit now and for the contacts by the quarter; and in the week's first post."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from sqlmodel import select

from bot.messages import Message, Paragraph, Part, Title
from bot.services import figures, picturing, quarterly, rounds, sending, situation_views
from bot.services.doing import Already, on_number
from bot.services.figures import Figures
from bot.services.people import Actor
from bot.services.rights import Right
from bot.services.situation_views import Situation
from bot.services.work import Work
from storage import deadlines
from storage.tables import Deadline

WEEK = "situation_week"  # when the last of the weekly ones was


@on_number("situation", Right.LINKED)
def show(work: Work, actor: Actor, _: int, __: str) -> None:
    """The unit sees all of it as it is now, a contact the last quarter; for others it is not."""
    if not actor.unit and not actor.contact_of:
        raise Already("situation.for_contacts")
    if not actor.unit:
        quarterly.show(work, actor)
        return
    said = _drawn(work, actor, "situation.now")
    if picturing.can(work, actor.account, "answer"):
        sending.picture_to_account(work, actor.account, _caption(work, actor, said), said.chart)
    sending.to_account(work, actor.account, _message(work, actor, said), "answer")


@on_number("situation_words", Right.UNIT)
def show_words(work: Work, actor: Actor, _: int, __: str) -> None:
    """ "Läs vecka för vecka": the picture in words."""
    message = situation_views.in_words(_drawn(work, actor, "situation.now"))
    sending.to_account(work, actor.account, message, "answer")


@on_number("quarter", Right.UNIT)
def show_quarter(work: Work, actor: Actor, _: int, __: str) -> None:
    """ "Visa kvartalet": what the contacts are shown."""
    quarterly.show(work, actor)


@on_number("situation_file", Right.UNIT)
def send_file(work: Work, actor: Actor, _: int, __: str) -> None:
    """ "Hämta som tabell": drawn when it is sent."""
    if work.terse(actor.account):
        raise Already("terse.no_files")
    voice = work.voice(actor.person)
    sending.table_to_account(work, actor.account, voice.say("situation.file"))
    work.toast = voice.word("evidence.coming")


def gathered(work: Work) -> Figures:
    """The figures, reckoned once for all who get them now."""
    if WEEK not in work.once:
        work.once[WEEK] = figures.gather(work)
    found: Figures = work.once[WEEK]
    return found


def _drawn(work: Work, actor: Actor, lead: str) -> Situation:
    return situation_views.draw(work.voice(actor.person), gathered(work), lead)


def _caption(work: Work, actor: Actor, said: Situation) -> Message:
    return Message((Title(said.head),), notice=work.voice(actor.person).line("situation.notice"))


def _message(work: Work, actor: Actor, said: Situation) -> Message:
    files, quarter = not work.terse(actor.account), quarterly.last(work) is not None
    return situation_views.message(work.voice(actor.person), said, files=files, quarter=quarter)


# In the chief's post


def begin_week(work: Work, post: str) -> None:
    """The chief's post goes now, whose deadlines are of this kind: the week's first one has the situation, once.

    That is the first working day's, or the next one when the bot missed it.
    """
    today = _today(work)
    monday = today - timedelta(days=today.weekday())
    first = rounds.first_working(monday)
    missed = select(Deadline.id).where(Deadline.kind == post, Deadline.step == first.isoformat())
    if today == first or work.session.exec(missed).first() is not None:
        (since,) = figures.borders(work, [monday])
        deadlines.note(work.session, WEEK, 0, "", since, work.now)


def for_post(work: Work, actor: Actor) -> tuple[Part, ...]:
    """The lines for the post; nothing when they belonged to another day's, or there is nothing to say."""
    said = _weekly(work, actor)
    if said is None:
        return ()
    return (Paragraph(said.head), *(Paragraph(line) for line in said.lines))


def after_post(work: Work, actor: Actor, *, alone: bool) -> None:
    """The picture, right after the post that has its lines; or with them, where there was no post."""
    said = _weekly(work, actor)
    if said is None:
        return
    whole, account = _message(work, actor, said), actor.account
    if not picturing.can(work, account, "info"):
        if alone:
            sending.to_account(work, account, whole, "info")
        return
    caption = replace(whole, buttons=()) if alone else _caption(work, actor, said)
    sending.picture_to_account(work, account, caption, said.chart, "info")


def _weekly(work: Work, actor: Actor) -> Situation | None:
    at = work.session.exec(select(Deadline.done_at).where(Deadline.kind == WEEK)).first()
    if at is None or at.astimezone(work.house.zone).date() != _today(work) or gathered(work).empty:
        return None
    return _drawn(work, actor, "situation.weekly")


def _today(work: Work) -> date:
    return work.now.astimezone(work.house.zone).date()
