"""Measures: what somebody has promised to do by a day. The owner is reminded; what is late is in the chief's post."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlmodel import col, select

from bot.catalogue import Voice
from bot.commands import MakeMeasure, RoleKind
from bot.flows.promising import Promising
from bot.messages import Button, Line, Message, Paragraph, Words
from bot.risk.guide import LEVELS, in_
from bot.services import by_when, occasions, people, sending, talks
from bot.services.doing import Already, on_number, performs
from bot.services.people import Actor
from bot.services.rights import NotFound, Right
from bot.services.work import Work
from bot.tokens import Act
from storage import deadlines
from storage.tables import Deadline, Measure, Meeting, Person, RiskCase, Watch

DEADLINE = "measure"
OWNERS = (*people.UNIT, RoleKind.HELPER)
PAGE = 6  # measures in one message
SUGGESTED = 7  # measures to press; another one is written
LABEL = 20  # characters of a measure on a button
ANSWERS, BACK = ("measure_done", "measure_move", "measure_cannot"), ("measure_done", "measure_give", "measure_move")
ON_CARD = 3  # that are not done, on a meeting's card
DAYS = (1, 3, 7, 14)  # ahead, that can be pressed
ABOUT: dict[str, tuple[str, type[Any]]] = {
    "case": ("case_id", RiskCase),
    "watch": ("watch_id", Watch),
    "meeting": ("meeting_id", Meeting),
}


def find(work: Work, actor: Actor, number: int) -> Measure:
    """The measure, for the unit and its owner; nobody else changes it meanwhile. Raises NotFound."""
    row = work.session.get(Measure, number, with_for_update=True) if 0 < number < 2**31 else None
    if row is None or not (actor.unit or (row.owner_id == actor.id and actor.is_any(*OWNERS))):
        raise NotFound
    return row


def can_own(work: Work, person: int) -> bool:
    """Whether it can be somebody's now: the unit's and helpers'. Who has left hears of it no more."""
    return any(role.kind in OWNERS for role in people.roles_of(work.session, person))


def owners(work: Work, but: int = 0) -> tuple[tuple[int, str], ...]:
    """Who may have one, and can be reached: by id and name."""
    who = [*people.unit_people(work.session), *people.people_with(work.session, (RoleKind.HELPER,))]
    named = {person.id or 0: person.name for person in who if people.accounts_of(work.session, person)}
    return tuple((number, name) for number, name in named.items() if number != but)


def id_of(row: Measure) -> int:
    """Its number."""
    assert row.id is not None
    return row.id


# Made


@on_number("measure_new", Right.UNIT)
def begin(work: Work, actor: Actor, number: int, kind: str) -> None:
    """ "Lägg till åtgärd": about a case, a watched issue or a meeting."""
    subject = _subject(work, kind, number)
    voice = work.voice(actor.person)
    meeting = _meeting_of(work, subject)
    coming = meeting is not None and meeting.starts_at > work.now
    times = by_when.offers(voice, DAYS, before=meeting.starts_at if meeting is not None and coming else None)
    inputs = Promising(kind, number, _suggested(work, voice, subject), owners(work), times)
    talks.start(work, actor, "measure", inputs)


def _subject(work: Work, kind: str, number: int) -> RiskCase | Watch | Meeting:
    """What it is about. Raises NotFound, Already for a meeting that is cancelled."""
    if kind not in ABOUT or not 0 < number < 2**31:
        raise NotFound
    found: RiskCase | Watch | Meeting | None = work.session.get(ABOUT[kind][1], number)
    if found is None:
        raise NotFound
    meeting = _meeting_of(work, found)
    if meeting is not None and meeting.cancelled_at is not None:
        raise Already("meeting.cancelled_already")
    return found


def _meeting_of(work: Work, subject: RiskCase | Watch | Meeting) -> Meeting | None:
    if isinstance(subject, Meeting):
        return subject
    number = subject.meeting_id if isinstance(subject, RiskCase) else None
    return work.session.get(Meeting, number) if number is not None else None


def _suggested(work: Work, voice: Voice, subject: RiskCase | Watch | Meeting) -> tuple[tuple[str, str], ...]:
    """The guide's for that level, then those of lower ones."""
    if isinstance(subject, Meeting):
        return ()
    order = list(LEVELS[: LEVELS.index(subject.level) + 1])[::-1] if subject.level in LEVELS else []
    some = [one for level in order for one in work.house.guides.guide.measures if one.level == level]
    return tuple((one.key, in_(one.said, voice.language)) for one in some[:SUGGESTED])


@performs(MakeMeasure, Right.UNIT)
def make(work: Work, actor: Actor, command: MakeMeasure) -> None:
    """Keep it; its owner hears of it, and is reminded that morning and when the time is up."""
    _subject(work, command.kind, command.subject)
    owner = owner_of(work, command.owner)
    if command.at <= work.now:
        raise Already("engine.past_time")
    row = Measure(
        text=" ".join(command.text.split()), owner_id=command.owner, due_at=command.at, made_by=actor.id,
        made_at=work.now,
    )  # fmt: skip
    setattr(row, ABOUT[command.kind][0], command.subject)
    work.session.add(row)
    work.session.flush()
    promise(work, row)
    if owner.id != actor.id:
        sending.to_person(work, owner, asking(work, owner, row, "measure.yours"), "notice")
    voice = work.voice(actor.person)
    key = "measure.made_mine" if owner.id == actor.id else "measure.made"
    more = voice.button("button.measure_more", str(Act("measure_new", command.subject, command.kind)))
    said = voice.say(key, more, text=(Words(row.text),), who=owner.name, at=voice.time(row.due_at))
    sending.to_account(work, actor.account, said, "answer")


def owner_of(work: Work, number: int) -> Person:
    """Raises Already for somebody who has left meanwhile."""
    owner = work.session.get(Person, number)
    if owner is None or not can_own(work, number):
        raise Already("measure.owner_gone")
    return owner


def promise(work: Work, row: Measure) -> None:
    reminder = by_when.reminder(work.house.voice("", work.now), row.due_at)
    if work.now < reminder < row.due_at:
        deadlines.promise(work.session, DEADLINE, id_of(row), "day", reminder)
    deadlines.promise(work.session, DEADLINE, id_of(row), "due", row.due_at)


def asking(work: Work, owner: Person, row: Measure, key: str, names: Sequence[str] = ANSWERS) -> Message:
    """What the owner is told, with what can be answered."""
    voice, number = work.voice(owner), id_of(row)
    buttons = [voice.button(f"button.{name}", str(Act(name, number))) for name in names]
    maker = work.session.get_one(Person, row.made_by).name
    said = voice.say(key, *buttons, text=(Words(row.text),), about=about(work, voice, row), at=voice.time(row.due_at),
                     who=maker)  # fmt: skip
    return Message(said.parts, said.buttons, notice=voice.line("measure.notice"))


def due(work: Work, deadline: Deadline) -> None:
    """The morning before it is due, or its time: the owner is reminded while it is not done."""
    row = work.session.get(Measure, deadline.subject)
    if row is None or row.state != "open":
        return
    owner = work.session.get_one(Person, row.owner_id)
    if can_own(work, row.owner_id):  # else the chief's post alone says it
        key = "measure.today" if deadline.step == "day" else "measure.late"
        sending.to_person(work, owner, asking(work, owner, row, key), "notice")


# Read


def about(work: Work, voice: Voice, row: Measure) -> Line:
    """What it is for: the case's, the issue's or the meeting's name."""
    meeting = work.session.get(Meeting, row.meeting_id) if row.meeting_id is not None else None
    if meeting is not None:
        return occasions.short(voice, meeting)
    named = work.session.get(RiskCase, row.case_id) if row.case_id is not None else None
    watched = work.session.get(Watch, row.watch_id) if row.watch_id is not None else None
    title = named.title if named is not None else watched.title if watched is not None else ""
    return (Words(title),)


def of(work: Work, **which: int | None) -> list[Measure]:
    """Those of a case, a watch or a meeting, the next one first; what was dropped is left out."""
    query = select(Measure).where(*(col(getattr(Measure, f"{kind}_id")) == number for kind, number in which.items()))
    return list(
        work.session.exec(query.where(Measure.state != "dropped").order_by(col(Measure.due_at), col(Measure.id)))
    )


def lines(work: Work, voice: Voice, most: int, **which: int | None) -> list[Line]:
    """How many are done, then each with owner and day; what is more than `most` is counted."""
    rows = of(work, **which)
    if not rows:
        return []
    done = sum(row.state == "done" for row in rows)
    found = [voice.line("measure.count", done=done, all=len(rows))]
    found += [line(work, voice, row) for row in rows[:most]]
    return [*found, *([voice.line("measure.more", count=len(rows) - most)] if len(rows) > most else [])]


def line(work: Work, voice: Voice, row: Measure) -> Line:
    """ "Utse en till som svarar utåt: Bo, senast i morgon kl. 8.00"."""
    who = work.session.get_one(Person, row.owner_id).name
    values = {"text": (Words(row.text),), "who": who}
    if row.state == "done":
        return voice.line("measure.one_done", **values, at=voice.time(row.ended_at or row.due_at))
    return voice.line(
        "measure.one_late" if row.due_at <= work.now else "measure.one", **values, at=voice.time(row.due_at)
    )


def of_meeting(work: Work, voice: Voice, meeting: Meeting) -> list[Line]:
    """How many of the meeting's, and of its cases', are done; those that are not, the next one first."""
    cases = select(RiskCase.id).where(RiskCase.meeting_id == meeting.id)
    mine = (col(Measure.case_id).in_(cases)) | (col(Measure.meeting_id) == meeting.id)
    query = select(Measure).where(mine, Measure.state != "dropped").order_by(col(Measure.due_at), col(Measure.id))
    rows = list(work.session.exec(query))
    left = [row for row in rows if row.state == "open"]
    if not rows:
        return []
    found = [voice.line("measure.count", done=len(rows) - len(left), all=len(rows))]
    return found + [line(work, voice, row) for row in left[:ON_CARD]]


def mine(work: Work, actor: Actor) -> list[Measure]:
    """What the person has promised and has not done, the next one first."""
    query = select(Measure).where(Measure.owner_id == actor.id, Measure.state == "open")
    return (
        list(work.session.exec(query.order_by(col(Measure.due_at), col(Measure.id)))) if actor.is_any(*OWNERS) else []
    )


@on_number("measure_list", Right.UNIT)
def listed(work: Work, actor: Actor, start: int, _: str) -> None:
    """Every measure that is not done, whoever's, what is late first; a page at a time."""
    query = select(Measure).where(Measure.state == "open").order_by(col(Measure.due_at), col(Measure.id))
    found, voice = list(work.session.exec(query)), work.voice(actor.person)
    start = start if start < len(found) else 0
    shown = found[start : start + PAGE]
    parts = [voice.title("measure.list" if found else "measure.none", count=len(found))]
    rows = [(button(row),) for row in shown]
    if start + PAGE < len(found):
        rows.append((voice.button("button.later_ones", str(Act("measure_list", start + PAGE))),))
    message = Message((*parts, *(Paragraph(line(work, voice, row)) for row in shown)), tuple(rows))
    if start:
        sending.replace_pressed(work, actor.account, message)
    else:
        sending.to_account(work, actor.account, message, "answer")


def button(row: Measure) -> Button:
    """To one of them, by its words."""
    words = row.text if len(row.text) <= LABEL else row.text[: LABEL - 1].rstrip() + "…"
    return Button(Words(words), str(Act("measure", id_of(row))))


def card(work: Work, actor: Actor, row: Measure) -> Message:
    """One of them."""
    voice = work.voice(actor.person)
    said = voice.say("measure.card", what=line(work, voice, row), about=about(work, voice, row))
    names = [] if row.state != "open" else [*ANSWERS] if row.owner_id == actor.id else [*ANSWERS][:2]
    names += ["measure_give"] if actor.unit and row.state == "open" else []
    names += ["measure_drop"] if row.state == "open" and (actor.unit or is_off(work, row)) else []
    buttons = tuple((voice.button(f"button.{name}", str(Act(name, id_of(row)))),) for name in names)
    return Message(said.parts, buttons)


@on_number("measure", Right.LINKED)
def show(work: Work, actor: Actor, number: int, _: str) -> None:
    """One of them, for the unit and its owner."""
    sending.to_account(work, actor.account, card(work, actor, find(work, actor, number)), "answer")


def is_off(work: Work, row: Measure) -> bool:
    """Whether the meeting that it is for is cancelled."""
    case = work.session.get(RiskCase, row.case_id) if row.case_id is not None else None
    number = row.meeting_id if case is None else case.meeting_id
    meeting = work.session.get(Meeting, number) if number is not None else None
    return meeting is not None and meeting.cancelled_at is not None
