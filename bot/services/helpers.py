"""Helpers: a chair, a lawyer, a guard. They see what an officer writes to them, and nothing of the incident."""

from __future__ import annotations

from sqlmodel import col, select

from bot.commands import AskHelp, RoleKind, Task
from bot.flows.helping import Helping
from bot.messages import Button, Message, Part, Quote
from bot.services import incidents, notices, people, sending, talks, timeline
from bot.services.doing import Already, on_incident, on_number, performs
from bot.services.people import Actor
from bot.services.rights import NotFound, Right
from bot.services.work import Work
from bot.tokens import Act
from storage.tables import Account, Entry, Incident, Person, Role

ANSWERS = ("help_yes", "help_no")


def choices(work: Work, actor: Actor) -> tuple[tuple[int, str], ...]:
    """Every helper's role with its task and name, in the order of the tasks."""
    order = [str(task) for task in Task]
    roles = sorted((role for role in _roles(work) if role.task in order), key=lambda role: order.index(role.task))
    return tuple((role.id or 0, _words(work, actor, role)) for role in roles)


def _words(work: Work, actor: Actor, role: Role) -> str:
    voice = work.voice(actor.person)
    name = work.session.get_one(Person, role.person_id).name
    return voice.word("help.one", task=voice.word(f"task.{role.task}"), name=name)


def _roles(work: Work) -> list[Role]:
    query = select(Role).where(Role.kind == str(RoleKind.HELPER), col(Role.ended_at).is_(None))
    return list(work.session.exec(query.order_by(col(Role.id))))


@on_incident("help", Right.UNIT)
def take_help(work: Work, actor: Actor, incident: Incident, _: str) -> None:
    """ "Ta hjälp"."""
    helpers = choices(work, actor)
    if not helpers:
        raise Already("help.nobody")
    talks.start(work, actor, "helping", Helping(incidents.number_of(incident), helpers))


@performs(AskHelp, Right.UNIT)
def ask_help(work: Work, actor: Actor, command: AskHelp) -> None:
    """The helper gets the words, and may say yes or no."""
    incident = work.session.get_one(Incident, command.incident)
    if incident.status == "closed":
        raise Already("already.closed", number=command.incident)
    role = work.session.get(Role, command.role)
    if role is None or role.kind != RoleKind.HELPER or role.ended_at is not None:
        raise Already("help.gone")
    helper = work.session.get_one(Person, role.person_id)
    if not people.accounts_of(work.session, helper):
        raise Already("help.unreachable", name=helper.name)
    entry = timeline.add(
        work, incident, "help_asked", actor.person, text=command.text, person=helper.id, name=helper.name
    )
    _notify(work, people.accounts_of(work.session, helper)[0], helper, entry)
    sending.refresh(work, command.incident)
    sent = work.voice(actor.person).say("help.sent", name=helper.name, number=command.incident)
    sending.to_account(work, actor.account, sent, "answer", command.incident)


def _notify(work: Work, account: Account, helper: Person, entry: Entry) -> None:
    """That help is asked for, without a word of what it is about."""
    voice = work.voice(helper)
    show = voice.button("button.show", str(Act("help_show", entry.id or 0)))
    sending.to_account(work, account, voice.say("help.asked", show), "notice")


def remind(work: Work, actor: Actor) -> bool:
    """Show again what waits for this helper's answer; whether anything does."""
    query = select(Entry).join(Incident).where(Entry.kind == "help_asked", Incident.status != "closed")
    waiting = [
        entry
        for entry in work.session.exec(query.order_by(col(Entry.id)))
        if entry.body["person"] == actor.id and _answer(work, entry) is None
    ]
    for entry in waiting if actor.is_any(RoleKind.HELPER) else ():
        _notify(work, actor.account, actor.person, entry)
    return bool(waiting) and actor.is_any(RoleKind.HELPER)


def _asked(work: Work, actor: Actor, number: int) -> tuple[Entry, Incident]:
    """What the helper was asked. Raises NotFound for another's, Already when the incident is over."""
    entry = work.session.get(Entry, number)
    helps = entry is not None and entry.kind == "help_asked" and entry.body["person"] == actor.id
    if entry is None or not helps or not actor.is_any(RoleKind.HELPER):
        raise NotFound
    incident = work.session.get_one(Incident, entry.incident_id)
    if incident.status == "closed":
        raise Already("help.over")
    return entry, incident


def _answer(work: Work, asked: Entry) -> Entry | None:
    query = select(Entry).where(Entry.incident_id == asked.incident_id, col(Entry.kind).in_(ANSWERS))
    return next((entry for entry in work.session.exec(query) if entry.body["asked"] == asked.id), None)


@on_number("help_show", Right.LINKED)
def show(work: Work, actor: Actor, number: int, _: str) -> None:
    """The officer's words, where the notice was."""
    entry, _incident = _asked(work, actor, number)
    _redraw(work, actor, entry)


def _redraw(work: Work, actor: Actor, asked: Entry) -> None:
    voice = work.voice(actor.person)
    officer = work.session.get_one(Person, asked.author_id)
    parts: list[Part] = [voice.title("help.words", who=officer.name), Quote(asked.body["text"])]
    answer = _answer(work, asked)
    buttons: tuple[Button, ...] = ()
    if answer is None:
        buttons = tuple(voice.button(f"button.{name}", str(Act(name, asked.id or 0))) for name in ANSWERS)
    else:
        parts.append(voice.paragraph(f"help.said.{answer.kind}", time=voice.when(answer.at)))
    sending.replace_pressed(work, actor.account, Message(tuple(parts), tuple((button,) for button in buttons)))


@on_number("help_yes", Right.LINKED)
def yes(work: Work, actor: Actor, number: int, _: str) -> None:
    """ "Jag tar det"."""
    entry, incident = _answering(work, actor, number)
    timeline.add(work, incident, "help_yes", actor.person, asked=entry.id)
    _tell(work, actor, incident, entry, "help_yes")


@on_number("help_no", Right.LINKED)
def no(work: Work, actor: Actor, number: int, _: str) -> None:
    """ "Jag kan inte": the officer asks somebody else."""
    entry, incident = _answering(work, actor, number)
    timeline.add(work, incident, "help_no", actor.person, asked=entry.id)
    _tell(work, actor, incident, entry, "help_no")


def _answering(work: Work, actor: Actor, number: int) -> tuple[Entry, Incident]:
    entry, incident = _asked(work, actor, number)
    if _answer(work, entry) is not None:
        raise Already("engine.already")
    return entry, incident


def _tell(work: Work, actor: Actor, incident: Incident, asked: Entry, reason: notices.Reason) -> None:
    """Whoever asked hears it; the one who has the incident, where the asker is no longer of the unit."""
    unit = {person.id for person in people.unit_people(work.session)}
    notices.to_person(work, incident, asked.author_id if asked.author_id in unit else incident.taken_by, reason)
    work.toast = work.voice(actor.person).word("toast.unit_knows")
    _redraw(work, actor, asked)
