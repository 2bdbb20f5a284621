"""Calling in support: one is asked after the other until somebody takes it, and the asker always sees who."""

from __future__ import annotations

from datetime import timedelta

from sqlmodel import col, select

from bot.commands import CallSupport
from bot.flows.support import Calling
from bot.services import incidents, people, resting, rights, sending, supporters, talks, timeline
from bot.services.doing import Already, on_call, on_number, performs
from bot.services.people import Actor
from bot.services.rights import Right
from bot.services.work import Work
from storage import deadlines
from storage.tables import Account, Deadline, Person, Post, SupportAsked, SupportCall

DEADLINE = "support"
PATIENCE = timedelta(minutes=15)  # how long one is waited for before the next is asked too


def command(work: Work, actor: Actor, _: str) -> None:
    """`/stod`: the chief sees the directory, everybody else calls somebody in."""
    if actor.chief:
        supporters.show(work, actor, 0, "")
    else:
        ask(work, actor, 0, "")


@on_number("support", Right.LINKED)
def ask(work: Work, actor: Actor, _: int, slug: str) -> None:
    """ "Kalla in stöd", from a list or by itself."""
    kinds = supporters.kinds(work, actor.id)
    if not kinds:
        raise Already("support.nobody_at_all", phone=work.house.number_at(work.now))
    mine = tuple(incidents.number_of(one) for one in people.own_open(work.session, actor.id)[: talks.MOST])
    talks.start(work, actor, "support", Calling(kinds, slug, mine, actor.person.phone or "", work.terse(actor.account)))


@performs(CallSupport, Right.LINKED)
def call(work: Work, actor: Actor, command: CallSupport) -> None:
    """Ask the first; the asker's message says who has been asked, and stays current."""
    about = None
    if command.about:
        about = rights.incident_for(work.session, actor, Right.REPORTER, command.about)
    row = SupportCall(
        kind=command.kind, why=command.why, slug=command.slug, incident_id=about.id if about else None,
        asked_by=actor.id, created_at=work.now,
    )  # fmt: skip
    work.session.add(row)
    if command.phone:
        actor.person.phone = command.phone
        work.session.add(actor.person)
    work.session.flush()
    if about is not None:
        timeline.add(work, about, "support_called", actor.person)
        sending.refresh(work, incidents.number_of(about))
    sending.post_of_call(work, actor.account, id_of(row), "call", "answer")
    ask_next(work, row)


def id_of(row: SupportCall) -> int:
    """Its number."""
    assert row.id is not None
    return row.id


def asked_of(work: Work, row: SupportCall) -> list[SupportAsked]:
    """Who has been asked, in turn."""
    query = select(SupportAsked).where(SupportAsked.call_id == row.id).order_by(col(SupportAsked.id))
    return list(work.session.exec(query))


def ask_next(work: Work, row: SupportCall) -> None:
    """Ask the next who can be called; with nobody left the asker and the chiefs hear it, with the number to ring.

    Whose quiet hours it is is not asked: the others need not wait for an answer that will come in the morning.
    """
    known = {one.person_id for one in asked_of(work, row)} | {row.asked_by}
    awake = (one for one in supporters.order(work, row.kind) if resting.off_duty_until(work, one) is None)
    person = next((one for one in awake if one.id not in known), None)
    if person is None:
        _nobody_left(work, row)
        return
    assert person.id is not None
    work.session.add(SupportAsked(call_id=id_of(row), person_id=person.id, asked_at=work.now))
    work.session.flush()
    sending.post_of_call(work, people.accounts_of(work.session, person)[0], id_of(row), "asked", "notice")
    deadlines.promise(work.session, DEADLINE, id_of(row), str(person.id), work.now + PATIENCE)
    refresh(work, row)


def _nobody_left(work: Work, row: SupportCall) -> None:
    asker = work.session.get_one(Person, row.asked_by)
    for person in (asker, *(chief for chief in people.chiefs(work.session) if chief.id != asker.id)):
        key = "support.none_left" if person.id == asker.id else "support.none_left_chief"
        voice = work.voice(person)
        values = {"kind": voice.word(f"support.kind.{row.kind}").lower(), "phone": work.house.number_at(work.now)}
        sending.to_person(work, person, voice.say(key, who=asker.name, **values), "notice")
    refresh(work, row)


def due(work: Work, deadline: Deadline) -> None:
    """Somebody has not answered in time: the next is asked too, and the first may still take it."""
    row = work.session.get_one(SupportCall, deadline.subject)
    waited = next((one for one in asked_of(work, row) if str(one.person_id) == deadline.step), None)
    if row.state == "open" and waited is not None and waited.answer == "":
        ask_next(work, row)


def refresh(work: Work, row: SupportCall) -> None:
    """Let every message about it be drawn anew."""
    work.session.flush()
    sending.refresh_call(work, id_of(row))


@on_call("support_show", Right.CALLED)
def show(work: Work, actor: Actor, row: SupportCall, _: str) -> None:
    """ "Visa": who asks, and why."""
    which = (Post.call_id == row.id, Post.person_id == actor.id, Post.view == "asked")
    for post in work.session.exec(select(Post).where(*which)).all():
        post.reason = "shown"
        work.session.add(post)
        sending.refresh_post(work, post)


@on_call("support_yes", Right.CALLED)
def take(work: Work, actor: Actor, row: SupportCall, _: str) -> None:
    """ "Jag tar det": the first press has it."""
    _still_open(work, actor, row)
    row.state, row.taken_by, row.taken_at = "taken", actor.id, work.now
    _answer(work, actor, row, "yes")
    deadlines.call_off(work.session, id_of(row), DEADLINE)
    asker = work.session.get_one(Person, row.asked_by)
    voice = work.voice(asker)
    said = voice.say("support.taken", who=actor.person.name, kind=voice.word(f"support.kind.{row.kind}").lower())
    sending.to_person(work, asker, said, "notice")
    work.toast = work.voice(actor.person).word("support.yours")
    which = (Post.call_id == row.id, Post.person_id == actor.id, Post.view == "asked")
    for post in work.session.exec(select(Post).where(*which)).all():
        post.reason = "shown"  # whoever takes it must read it
        work.session.add(post)
    refresh(work, row)


def _still_open(work: Work, actor: Actor, row: SupportCall) -> None:
    if row.state == "taken" and row.taken_by is not None:
        who = work.session.get_one(Person, row.taken_by).name
        raise Already("support.taken_already", who=who)
    if row.state != "open":
        raise Already("support.over")


def _answer(work: Work, actor: Actor, row: SupportCall, answer: str) -> None:
    for one in asked_of(work, row):
        if one.person_id == actor.id:
            one.answer, one.answered_at = answer, work.now
            work.session.add(one)


@on_call("support_no", Right.CALLED)
def decline(work: Work, actor: Actor, row: SupportCall, _: str) -> None:
    """ "Jag kan inte": the next is asked at once."""
    _still_open(work, actor, row)
    if any(one.person_id == actor.id and one.answer == "no" for one in asked_of(work, row)):
        raise Already("engine.already")
    last = asked_of(work, row)[-1].person_id == actor.id
    _answer(work, actor, row, "no")
    work.session.flush()
    work.toast = work.voice(actor.person).word("support.passed_on")
    if last:  # who was asked after this one is being waited for already
        ask_next(work, row)
    else:
        refresh(work, row)


@on_call("support_end", Right.SEE)
def end(work: Work, actor: Actor, row: SupportCall, _: str) -> None:
    """ "Behövs inte längre" of the asker, "Klart" of whoever took it."""
    if row.state == "ended":
        raise Already("support.over")
    if actor.id not in (row.asked_by, row.taken_by):
        raise Already("support.not_yours")
    row.state, row.ended_at = "ended", work.now
    work.session.add(row)
    deadlines.call_off(work.session, id_of(row), DEADLINE)
    work.toast = work.voice(actor.person).word("support.ended_toast")
    refresh(work, row)


def account_of(work: Work, post: Post) -> Account:
    """Whose message it is."""
    return work.session.get_one(Account, post.account_id)
