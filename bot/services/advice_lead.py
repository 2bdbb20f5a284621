"""What leads on from advice: a flag by voice, questions for a group, and for the chief what is read."""

from __future__ import annotations

from collections import Counter

from sqlmodel import col, func, select

from bot.messages import Button, Fields, Line, Message, Paragraph, Part, Words
from bot.services import advice, advice_views, menu, sending, talks
from bot.services.doing import Already, on_number
from bot.services.people import Actor
from bot.services.rights import NotFound, Right
from bot.services.work import Work
from bot.tokens import Act
from storage.tables import AdviceMissed, AdviceOpened, SharedPlace

MOST = 15  # pieces, and searches, that the chief sees of a month
LABEL = 20  # characters of a button


@on_number("speak", Right.LINKED)
def speak(work: Work, actor: Actor, _: int, __: str) -> None:
    """A flag that begins with a voice message: it is kept while the first question waits."""
    if work.terse(actor.account):
        raise Already("terse.no_files")
    sending.to_account(work, actor.account, work.voice(actor.person).say("speak.how"), "answer")
    talks.start(work, actor, "flag", menu.reporter(work, actor))


@on_number("to_group", Right.UNIT)
def to_group(work: Work, actor: Actor, _: int, slug: str) -> None:
    """Which of the unit's groups gets the questions."""
    advice.piece(work, actor, slug)
    places = sending.shared_places(work)
    if not places:
        raise Already("share.nowhere")
    shown = tuple((Button(_title(place), str(Act("card_to", place.id or 0, slug))),) for place in places)
    asked = work.voice(actor.person).say("share.where")
    sending.to_account(work, actor.account, Message(asked.parts, shown), "answer")


def _title(place: SharedPlace) -> str:
    return place.title if len(place.title) <= LABEL else place.title[: LABEL - 1].rstrip() + "…"


@on_number("card_to", Right.UNIT)
def card_to(work: Work, actor: Actor, number: int, slug: str) -> None:
    """The questions go to that group, in the municipality's first language."""
    one = advice.piece(work, actor, slug)
    place = work.session.get(SharedPlace, number)
    if place is None or place.state != "bound" or one.facts.closed:
        raise NotFound
    sending.to_place(work, place, advice_views.whole(work.house.voice("", work.now), one))
    said = work.voice(actor.person).say("share.sent", place=(Words(place.title),))
    sending.replace_pressed(work, actor.account, said)


@on_number("advice_use", Right.CHIEF)
def used(work: Work, actor: Actor, _: int, __: str) -> None:
    """What was opened, month by month, and what nothing was found for; never by whom."""
    voice = work.voice(actor.person)
    parts: list[Part] = [voice.title("use.title")]
    months = sorted(
        set(work.session.exec(select(AdviceOpened.month))) | set(work.session.exec(select(AdviceMissed.month)))
    )
    for month in reversed(months[-2:]):
        parts.append(Paragraph((month,)))
        parts += _of_month(work, actor, month)
    if not months:
        parts.append(voice.paragraph("use.none"))
    if broken := work.house.library.problems:
        parts += [voice.paragraph("use.broken"), *(Paragraph((str(bad),)) for bad in broken[:MOST])]
    sending.to_account(work, actor.account, Message(tuple(parts)), "answer")


def _of_month(work: Work, actor: Actor, month: str) -> list[Part]:
    voice = work.voice(actor.person)
    count = func.count(col(AdviceOpened.id))
    query = select(AdviceOpened.slug, count).where(AdviceOpened.month == month).group_by(AdviceOpened.slug)
    opened = sorted(work.session.exec(query), key=lambda row: (-row[1], row[0]))[:MOST]
    rows: list[tuple[str, Line]] = []
    for slug, times in opened:
        one = work.house.library.get(slug)
        rows.append((one.in_(voice.language).title if one else voice.word("use.gone", slug=slug), (str(times),)))
    parts: list[Part] = [Fields(tuple(rows))] if rows else []
    missed = Counter(work.session.exec(select(AdviceMissed.words).where(AdviceMissed.month == month)))
    if missed:
        parts.append(voice.paragraph("use.missed"))
        parts += [
            Paragraph(voice.line("use.missed_one", words=(Words(words),), count=times))
            for words, times in missed.most_common(MOST)
        ]
    return parts
