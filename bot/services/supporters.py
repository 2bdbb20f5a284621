"""The chief's directory: who is called for which support, in which order."""

from __future__ import annotations

from sqlmodel import col, func, select

from bot.commands import AddSupporter, PutFirst, RemoveSupporter, RoleKind
from bot.flows.support import Directory
from bot.messages import Fields, Line, Message, Part, Title
from bot.services import duty, people, sending, talks
from bot.services.doing import Already, on_number, performs
from bot.services.people import Actor
from bot.services.rights import NotFound, Right
from bot.services.work import Work
from bot.tokens import Act
from storage.tables import Person, Supporter

KINDS = ("communications", "hr", "law", "security")
CALLED = (RoleKind.HELPER, RoleKind.OFFICER, RoleKind.CHIEF)  # who may stand in the directory


def entries(work: Work, kind: str = "") -> list[Supporter]:
    """Who stands in the directory, by kind and order."""
    query = select(Supporter).where(col(Supporter.ended_at).is_(None))
    if kind:
        query = query.where(Supporter.kind == kind)
    rows = work.session.exec(query.order_by(col(Supporter.place), col(Supporter.id)))
    return sorted(rows, key=lambda row: KINDS.index(row.kind))


def reachable(work: Work, person: Person) -> bool:
    """Whether the person still has a part in this, and an account."""
    roles = people.roles_of(work.session, person.id or 0)
    return any(role.kind in CALLED for role in roles) and bool(people.accounts_of(work.session, person))


def order(work: Work, kind: str) -> list[Person]:
    """Who can be called, the first first. For security, where nobody is named: who is on duty, then the unit."""
    rows = entries(work, kind)
    found = [work.session.get_one(Person, row.person_id) for row in rows]
    if kind == "security" and not rows:
        on_duty = duty.on_duty(work)
        unit = people.unit_people(work.session)
        found = [person for person in unit if on_duty is not None and person.id == on_duty.id]
        found += [person for person in unit if person not in found]
    return [person for person in found if reachable(work, person)]


def kinds(work: Work, but: int) -> tuple[str, ...]:
    """The kinds that somebody other than this person can be called for."""
    return tuple(kind for kind in KINDS if any(person.id != but for person in order(work, kind)))


@on_number("support_list", Right.CHIEF)
def show(work: Work, actor: Actor, _: int, __: str) -> None:
    """The directory, with what is wrong with it."""
    voice = work.voice(actor.person)
    rows = entries(work)
    lines: list[tuple[str, Line]] = []
    for kind in KINDS:
        named = [_named(work, actor, row) for row in rows if row.kind == kind]
        nobody = "support.nobody_security" if kind == "security" else "support.nobody_yet"
        lines.append((voice.word(f"support.kind.{kind}"), (", ".join(named) or voice.word(nobody),)))
    names = ["support_add", *(["support_first", "support_out"] if rows else []), "support"]
    buttons = tuple((voice.button(f"button.{name}", str(Act(name, 0))),) for name in names)
    parts: tuple[Part, ...] = (Title(voice.line("support.directory")), Fields(tuple(lines)))
    sending.to_account(work, actor.account, Message(parts, buttons), "answer")


def _named(work: Work, actor: Actor, row: Supporter) -> str:
    person = work.session.get_one(Person, row.person_id)
    if reachable(work, person):
        return person.name
    return work.voice(actor.person).word("support.unreachable", name=person.name)


def directory(work: Work, actor: Actor) -> Directory:
    """What the chief chooses among."""
    voice = work.voice(actor.person)
    can = tuple((person.id or 0, person.name) for person in people.people_with(work.session, CALLED))
    named = []
    for row in entries(work):
        name = work.session.get_one(Person, row.person_id).name
        named.append((row.id or 0, voice.word("support.entry", kind=voice.word(f"support.kind.{row.kind}"), name=name)))
    return Directory(KINDS, can, tuple(named))


@on_number("support_add", Right.CHIEF)
def ask_add(work: Work, actor: Actor, _: int, __: str) -> None:
    """ "Lägg till"."""
    talks.start(work, actor, "support_add", directory(work, actor))


@on_number("support_out", Right.CHIEF)
def ask_out(work: Work, actor: Actor, _: int, __: str) -> None:
    """ "Ta bort"."""
    _needs_some(work)
    talks.start(work, actor, "support_out", directory(work, actor))


@on_number("support_first", Right.CHIEF)
def ask_first(work: Work, actor: Actor, _: int, __: str) -> None:
    """ "Sätt först"."""
    _needs_some(work)
    talks.start(work, actor, "support_first", directory(work, actor))


def _needs_some(work: Work) -> None:
    if not entries(work):
        raise Already("support.empty")


@performs(AddSupporter, Right.CHIEF)
def add(work: Work, actor: Actor, command: AddSupporter) -> None:
    """Last in the order; who is there already stays where they are."""
    person = work.session.get(Person, command.person)
    if person is None or command.kind not in KINDS:
        raise NotFound
    there = entries(work, command.kind)
    if all(row.person_id != command.person for row in there):
        last = max((row.place for row in there), default=0)
        row = Supporter(
            kind=command.kind, person_id=command.person, place=last + 1, added_by=actor.id, created_at=work.now
        )
        work.session.add(row)
        work.session.flush()
    show(work, actor, 0, "")


@performs(RemoveSupporter, Right.CHIEF)
def remove(work: Work, actor: Actor, command: RemoveSupporter) -> None:
    """No longer called; who has been called already still may answer."""
    _entry(work, command.supporter).ended_at = work.now
    work.session.flush()
    show(work, actor, 0, "")


@performs(PutFirst, Right.CHIEF)
def put_first(work: Work, actor: Actor, command: PutFirst) -> None:
    """Before all others of the kind."""
    row = _entry(work, command.supporter)
    first = work.session.exec(select(func.min(Supporter.place)).where(Supporter.kind == row.kind)).one()
    row.place = first - 1
    work.session.flush()
    show(work, actor, 0, "")


def _entry(work: Work, number: int) -> Supporter:
    row = work.session.get(Supporter, number)
    if row is None or row.ended_at is not None:
        raise Already("support.gone")
    return row
