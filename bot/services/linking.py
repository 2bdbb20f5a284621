"""Nine flags may be one event. The unit says so, and takes, closes and writes as one; nobody else is told of it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from sqlmodel import col, select

from bot.commands import CloseTogether, LinkIncidents, TakeApart, WriteToAll
from bot.flows.answer import Closing
from bot.flows.linking import Everybody, Leading, Linking
from bot.messages import Button, Message
from bot.services import incidents, linked, linked_views, notices, sending, taking, talks, timeline, views
from bot.services.doing import Already, on_incident, performs
from bot.services.incidents import number_of
from bot.services.people import Actor
from bot.services.rights import Right, incident_for
from bot.services.work import Work
from bot.tokens import Act
from storage.tables import Incident, Person

ALIKE_WITHIN = timedelta(hours=6)  # flags so near each other may well be of one event; the officer judges


@on_incident("together", Right.UNIT)
def together(work: Work, actor: Actor, incident: Incident, _: str) -> None:
    """ "Hör ihop med"."""
    _refuse_unfit(incident)
    if not (others := choices(work, actor, incident)):
        raise Already("linking.nothing")
    leads = bool(linked.followers(work.session, incident))
    talks.start(work, actor, "link", Linking(number_of(incident), others, leads))


def _refuse_unfit(incident: Incident) -> None:
    """Raises Already for one that is closed, or that somebody was quicker to let belong together with another."""
    if incident.status == "closed":
        raise Already("already.closed", number=number_of(incident))
    if incident.linked_to is not None:
        raise Already("linking.linked", number=number_of(incident), other=incident.linked_to)


def choices(work: Work, actor: Actor, incident: Incident) -> tuple[tuple[int, str], ...]:
    """The open events that it can belong together with: what is like it first, then the newest."""
    query = select(Incident).where(Incident.status == "open", col(Incident.linked_to).is_(None))
    found = [one for one in work.session.exec(query) if one.id != incident.id]
    found.sort(key=lambda one: (not _alike(work, incident, one), -number_of(one)))
    return tuple((number_of(one), _words(work, actor, one)) for one in found)


def _alike(work: Work, incident: Incident, lead: Incident) -> bool:
    return any(_of_a_kind(incident, one) for one in linked.group(work.session, lead))


def _of_a_kind(one: Incident, other: Incident) -> bool:
    same = one.category == other.category and one.category not in ("", "unknown")
    return same or abs(one.raised_at - other.raised_at) <= ALIKE_WITHIN


def _words(work: Work, actor: Actor, incident: Incident) -> str:
    """ "Ärende 3 · Händer nu · Hot (och 4, 5)"."""
    voice = work.voice(actor.person)
    words = voice.word("card.title", number=number_of(incident), imminence=views.kind(voice, incident))
    rest = linked.followers(work.session, incident)
    return voice.word("linking.with", one=words, others=linked_views.numbers(voice, rest)) if rest else words


@performs(LinkIncidents, Right.UNIT)
def link(work: Work, actor: Actor, command: LinkIncidents) -> None:
    """They are one event from now on. What nobody has comes to whoever has the other side."""
    incident = work.session.get_one(Incident, command.incident)
    other = incident_for(work.session, actor, Right.UNIT, command.other)
    _refuse_unfit(incident)
    if other.status == "closed":
        raise Already("already.closed", number=number_of(other))
    lead = linked.lead_of(work.session, other)
    if lead.id == incident.id:
        raise Already("linking.together")
    moved, there = linked.group(work.session, incident), linked.group(work.session, lead)
    for one in moved:
        one.linked_to = lead.id
        timeline.add(work, one, "linked", actor.person, others=str(lead.id))
    timeline.add(work, lead, "linked", actor.person, others=_listed(moved))
    if lead.taken_by is not None:
        _bring(work, actor, lead.taken_by, moved)
    elif incident.taken_by is not None:
        _bring(work, actor, incident.taken_by, there)
    _refresh(work, (*there, *moved))
    _say(work, actor, lead, "linking.done", linked.followers(work.session, lead))


def _bring(work: Work, actor: Actor, officer: int, rows: list[Incident]) -> None:
    """Whoever has one side gets what nobody has on the other, and hears of it when somebody else has linked them."""
    left = [one for one in linked.still_open(rows) if one.taken_by is None]
    taking.take(work, work.session.get_one(Person, officer), left)
    for one in left if officer != actor.id else ():
        notices.to_person(work, one, officer, "joined")


@on_incident("apart", Right.UNIT)
def apart(work: Work, actor: Actor, incident: Incident, _: str) -> None:
    """ "Ta isär": one that follows at once; of one that leads, all, and that is asked first."""
    if incident.status == "closed":
        raise Already("already.closed", number=number_of(incident))
    if incident.linked_to is not None:
        _separate(work, actor, linked.lead_of(work.session, incident), [incident])
        work.toast = work.voice(actor.person).word("toast.apart", number=number_of(incident))
    elif linked.followers(work.session, incident):
        talks.start(work, actor, "apart", Leading(number_of(incident)))
    else:
        raise Already("linking.apart", number=number_of(incident))


@performs(TakeApart, Right.UNIT)
def take_apart(work: Work, actor: Actor, command: TakeApart) -> None:
    """Each of them stands for itself again; whoever has one keeps it."""
    incident = work.session.get_one(Incident, command.incident)
    rest = linked.followers(work.session, incident)
    if not rest:
        raise Already("linking.apart", number=command.incident)
    _separate(work, actor, incident, rest)
    _say(work, actor, incident, "linking.separated", rest)


def _separate(work: Work, actor: Actor, lead: Incident, rows: list[Incident]) -> None:
    for one in rows:
        one.linked_to = None
        timeline.add(work, one, "unlinked", actor.person, others=str(lead.id))
    timeline.add(work, lead, "unlinked", actor.person, others=_listed(rows))
    _refresh(work, (lead, *rows))


@on_incident("to_all", Right.UNIT)
def to_all(work: Work, actor: Actor, incident: Incident, _: str) -> None:
    """ "Skriv till alla"."""
    rows = linked.answerable(work.session, incident)
    if len(linked.reporters(rows)) < 2 or incident.linked_to is not None:
        raise Already("linking.only_one")
    numbers = tuple(number_of(one) for one in rows)
    talks.start(work, actor, "write_all", Everybody(number_of(incident), numbers, len(linked.reporters(rows))))


@performs(WriteToAll, Right.UNIT)
def write_to_all(work: Work, actor: Actor, command: WriteToAll) -> None:
    """One act: each reporter has it as an answer on the own incident. Only those that the officer said yes to."""
    incident = work.session.get_one(Incident, command.incident)
    rows = [one for one in linked.answerable(work.session, incident) if one.id in command.numbers]
    if not rows:
        raise Already("linking.only_one")
    answered = {one.id for one in rows}
    if any(one.taken_by is None for one in rows):
        taking.take(work, actor.person, linked.untaken(work.session, incident), answered=answered)
    for one in rows:
        incidents.write(work, actor, one, command.text)
    timeline.add(work, incident, "to_all", actor.person, others=_listed(rows))
    left = [one for one in linked.group(work.session, incident) if one.id not in answered]
    _say(work, actor, incident, "linking.written", rows, linked.still_open(left))


def closing(work: Work, incident: Incident) -> Closing:
    """What can be closed together with it: of one that leads, the others that are open."""
    rest = linked.still_open(linked.followers(work.session, incident))
    return Closing(number_of(incident), tuple(number_of(one) for one in rest))


@performs(CloseTogether, Right.UNIT)
def close_together(work: Work, actor: Actor, command: CloseTogether) -> None:
    """Each of these is over, and each reporter has the sentence; what was closed or taken apart meanwhile stays so."""
    incident = work.session.get_one(Incident, command.incident)
    named = (command.incident, *command.numbers)
    event = linked.group(work.session, incident)
    rows = [one for one in linked.still_open(event) if one.id in named]
    if not rows:
        raise Already("already.closed", number=command.incident)
    for one in sorted(rows, key=lambda one: one.linked_to is None):  # the lead last: then there is none to lead
        incidents.end(work, actor, one, command.text)
    _say(work, actor, incident, "linking.closed", rows, linked.still_open(event))


def _say(
    work: Work, actor: Actor, incident: Incident, key: str, rows: list[Incident], left: list[Incident] | None = None
) -> None:
    """What was done with which, and with which of the event it was not; the incident one press away."""
    voice, number = work.voice(actor.person), number_of(incident)
    show = Button(voice.word("mine.one", number=number), str(Act("show", number)))
    message = voice.say(key, show, number=number, others=linked_views.numbers(voice, rows))
    if left:
        not_these = voice.paragraph("linking.not_these", others=linked_views.numbers(voice, left))
        message = Message((*message.parts, not_these), message.buttons)
    sending.to_account(work, actor.account, message, "answer", number)


def _refresh(work: Work, rows: Iterable[Incident]) -> None:
    for one in rows:
        sending.refresh(work, number_of(one))


def _listed(rows: Iterable[Incident]) -> str:
    """Numbers as a timeline keeps them, in no language."""
    return ", ".join(str(one.id) for one in rows)
