"""Who of the unit is asked first: the one on duty, then whoever is next in turn. Reads the duty list."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import col, select

from bot import turns
from bot.commands import RoleKind
from bot.services import people
from bot.services.work import Work
from bot.turns import Turn
from storage.tables import Absence, Municipality, Person, Rota, Shift


def in_turn(work: Work) -> list[Person]:
    """Everybody of the unit in the order in which they are asked now.

    The one on duty, then who comes next in the list, the other officers, the chiefs; and after all of these, in the
    same order, those who are away now or have no account in use.
    """
    unit = members(work)
    coming = [turn.person for turn in held(work)]
    order = dict.fromkeys(number for number in (*coming, *listed(work), *unit) if number in unit)
    away = {turn.person for turn in absences(work) if turn.starts_at <= work.now}
    return [unit[number] for number in sorted(order, key=lambda n: n in away or not reachable(work, unit[n]))]


def on_duty(work: Work) -> Person | None:
    """Who is on duty now by the duty list; None where there is none to say."""
    now = current(work)
    return work.session.get_one(Person, now.person) if now else None


def on_duty_at(work: Work, at: datetime) -> Person | None:
    """Who will be on duty then, as the list is now."""
    turn = turns.at(held(work), at)
    return work.session.get_one(Person, turn.person) if turn else None


def current(work: Work) -> Turn | None:
    """What is left of the shift that is under way."""
    return turns.at(held(work), work.now)


def members(work: Work) -> dict[int, Person]:
    """Everybody of the unit by id: officers, then those who are chiefs only."""
    officers = people.people_with(work.session, (RoleKind.OFFICER,))
    return {person.id or 0: person for person in (*officers, *people.chiefs(work.session))}


def reachable(work: Work, person: Person) -> bool:
    """Whether the person has an account in use."""
    return bool(people.accounts_of(work.session, person))


def rota(work: Work) -> Rota | None:
    """The order that is in force, or will be."""
    query = select(Rota).where(col(Rota.ended_at).is_(None)).order_by(col(Rota.id).desc())
    return work.session.exec(query).first()


def listed(work: Work) -> list[int]:
    """Whose turns follow each other."""
    row = rota(work)
    return list(row.people) if row else []


def held(work: Work, since: datetime | None = None, *, also_gone: bool = False) -> list[Turn]:
    """Who is on duty when, from `since` (else now) on. What somebody had who has left the unit since is left out."""
    here = members(work)
    since = since or work.now
    rows = work.session.exec(select(Shift).where(Shift.ends_at > since).order_by(col(Shift.id)))
    return turns.held((as_turn(row) for row in rows if also_gone or row.person_id in here), since)


def as_turn(row: Shift | Absence) -> Turn:
    """A row as a time of somebody's."""
    return Turn(row.person_id, row.starts_at, row.ends_at, row.id or 0)


def absences(work: Work) -> list[Turn]:
    """Who of the unit is away when, from now on, the first first."""
    query = select(Absence).where(Absence.ends_at > work.now).order_by(col(Absence.starts_at), col(Absence.id))
    here = members(work)
    return [as_turn(row) for row in work.session.exec(query) if row.person_id in here]


def left_of(work: Work, shift: int) -> list[Turn]:
    """What its owner still has of a shift, from now on."""
    return [turn for turn in held(work) if turn.row == shift]


def is_away(work: Work, person: int, parts: list[Turn]) -> bool:
    """Whether the person is away for any of these times."""
    mine = [turn for turn in absences(work) if turn.person == person]
    return any(turn.within(part.starts_at, part.ends_at) for turn in mine for part in parts)


def alone(work: Work) -> None:
    """One change of the duty list at a time: two processes must not both reckon from the same list."""
    work.session.exec(select(Municipality.id).with_for_update()).all()
