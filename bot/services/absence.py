"""Nobody was here for a while: who must know, and what each is told. Once, and nobody else."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlmodel import col, func, or_, select

from bot.catalogue import Voice
from bot.messages import Message, Paragraph
from bot.services import people, sending
from bot.services.escalation import PROMISES
from bot.services.work import Work
from storage import deadlines
from storage.tables import Deadline, Incident, Person, SeenEvent

SETTLES = timedelta(minutes=1)  # then what the platforms kept has come in, and can be counted for the chief
KEPT_BY_TELEGRAM = timedelta(hours=24)
DEADLINE = "absence"
LATE = ("chain", *PROMISES)  # the deadlines that somebody may have waited for
MOST = 10  # numbers shown of a longer list


def say(work: Work, since: datetime) -> None:
    """Tell those with an open incident and the unit's shared places; the chief hears what came of it in a minute."""
    chiefs = {person.id for person in people.chiefs(work.session)}
    for number, (flagged, taken) in _concerned(work).items():
        person = work.session.get_one(Person, number)
        if number not in chiefs:
            sending.to_person(work, person, _personal(work, work.voice(person), since, flagged, taken), "notice")
    for place in sending.shared_places(work):
        voice = work.house.voice("", work.now)
        sending.to_place(work, place, _message(voice, since, work.now, [voice.paragraph("alive.place")]))
    step = f"{since.isoformat()}/{work.now.isoformat()}"
    deadlines.promise(work.session, DEADLINE, 0, step, work.now + SETTLES)


def tell_chiefs(work: Work, step: str) -> None:
    """What came in late, and which promises and reminders were overdue."""
    since, until = (datetime.fromisoformat(part) for part in step.split("/"))
    late, events, overdue = _late(work, since, until), _events(work, until), _overdue(work, until)
    for chief in people.chiefs(work.session):
        voice = work.voice(chief)
        lines = [_counted(voice, "alive.late", late), _counted(voice, "alive.overdue", overdue)]
        lines.append(voice.paragraph("alive.events", count=events))
        sending.to_person(work, chief, _message(voice, since, until, lines), "notice")


def _concerned(work: Work) -> dict[int, tuple[list[int], list[int]]]:
    """For each person with something open: the numbers that the person flagged, and those taken."""
    found: dict[int, tuple[list[int], list[int]]] = {}
    for incident in work.session.exec(select(Incident).where(Incident.status == "open").order_by(col(Incident.id))):
        assert incident.id is not None
        for number in filter(None, (incident.reporter_id, people.heir(work.session, incident))):
            found.setdefault(number, ([], []))[0].append(incident.id)
        if incident.taken_by is not None:
            found.setdefault(incident.taken_by, ([], []))[1].append(incident.id)
    return found


def _personal(work: Work, voice: Voice, since: datetime, flagged: list[int], taken: list[int]) -> Message:
    lines = []
    if flagged:
        lines.append(voice.paragraph("alive.flagged", numbers=_list(flagged)))
    if taken:
        lines.append(voice.paragraph("alive.taken", numbers=_list(taken)))
    if flagged:
        lines.append(voice.paragraph("alive.write_again", phone=work.house.number_at(work.now)))
    return _message(voice, since, work.now, lines)


def _message(voice: Voice, since: datetime, until: datetime, lines: list[Paragraph]) -> Message:
    """When, then what it means; and what even the platforms have forgotten."""
    if until - since > KEPT_BY_TELEGRAM:
        lines = [*lines, voice.paragraph("alive.day")]
    return Message((voice.title("alive.away", span=span(voice, since, until)), *lines), ())


def span(voice: Voice, since: datetime, until: datetime) -> str:
    """From when to when: "14.02–14.30" today, with the days otherwise."""
    if len({at.astimezone(voice.zone).date() for at in (since, until, voice.now)}) == 1:
        return f"{voice.clock(since)}–{voice.clock(until)}"
    return voice.word("alive.span", start=voice.time(since), end=voice.time(until))


def _list(numbers: Iterable[int]) -> str:
    shown = [str(number) for number in numbers]
    return ", ".join([*shown[:MOST], *(["…"] if len(shown) > MOST else [])])


def _counted(voice: Voice, key: str, numbers: list[int]) -> Paragraph:
    return voice.paragraph(key, numbers=_list(numbers)) if numbers else voice.paragraph(f"{key}_none")


def _late(work: Work, since: datetime, until: datetime) -> list[int]:
    """The incidents that were flagged meanwhile, and reached us after."""
    query = select(Incident.id).where(Incident.sent_at >= since, Incident.sent_at < until, Incident.raised_at >= until)
    return [number for number in work.session.exec(query.order_by(col(Incident.id))) if number is not None]


def _events(work: Work, until: datetime) -> int:
    """How many messages and presses came in during the first minute."""
    query = select(func.count()).select_from(SeenEvent)
    return work.session.exec(query.where(SeenEvent.at >= until, SeenEvent.at < until + SETTLES)).one()


def _overdue(work: Work, until: datetime) -> list[int]:
    """The incidents with a promise or a reminder whose time had passed, and that had not happened yet."""
    late = or_(col(Deadline.state) == "waiting", col(Deadline.done_at) >= until)
    query = select(Deadline.subject).where(Deadline.due_at < until, col(Deadline.kind).in_(LATE), late)
    return sorted(set(work.session.exec(query)))
