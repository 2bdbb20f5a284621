"""Whom a broadcast reaches: the people whom it is for, the account that each is told on, and who is out of reach."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import sqlalchemy
from sqlmodel import col, select

from bot.commands import Audience, RoleKind
from bot.services.work import Work
from storage.tables import Account, Meeting, Person, Role

NO_ACCOUNT, BLOCKED, FAILED = "no_account", "blocked", "failed"  # why the bot cannot reach somebody


class Spot(NamedTuple):
    """An account, as far as sending needs it: thousands are read at once."""

    id: int
    person_id: int
    platform: str
    team: str
    user: str
    state: str


@dataclass(frozen=True)
class Reader:
    """One person of an audience: for which party, and where; with no account, why not."""

    person: int
    party: int | None
    account: Spot | None
    unreached: str = ""


def to_json(audience: Audience) -> dict[str, Any]:
    """Plain values for the database."""
    plain = {"roles": list(audience.roles), "parties": list(audience.parties), "meeting": audience.meeting}
    return {**plain, "tasks": list(audience.tasks)} if audience.tasks else plain


def from_json(data: dict[str, Any]) -> Audience:
    """The audience that `to_json` wrote down."""
    return Audience(tuple(data["roles"]), tuple(data["parties"]), data["meeting"], tuple(data.get("tasks", ())))


def readers(work: Work, audience: Audience) -> list[Reader]:
    """Everybody whom the audience means now, each once, in the order of their ids."""
    asked = resolved(work, audience)
    roles = _roles(work, asked)
    accounts = _accounts(work, {role.person_id for role in roles})
    wanted = _first_role_each(asked, _with_deputies(asked, roles, accounts))
    preferred = _preferred(work)
    return [_reader(role, accounts.get(person, []), preferred.get(person)) for person, role in sorted(wanted.items())]


def is_everybody(audience: Audience, parties: Iterable[int]) -> bool:
    """Whether it is for all: the elected officials of every party, whether they are named one by one or not at all."""
    return RoleKind.OFFICIAL in audience.roles and (not audience.parties or set(parties) <= set(audience.parties))


def resolved(work: Work, audience: Audience) -> Audience:
    """The same in roles and parties: that of a meeting is whom the meeting is for."""
    meeting = work.session.get(Meeting, audience.meeting) if audience.meeting else None
    return from_json({"meeting": 0, **meeting.audience}) if meeting is not None else audience


def _roles(work: Work, audience: Audience) -> list[Role]:
    kinds = {*audience.roles, RoleKind.CONTACT, RoleKind.DEPUTY}
    query = select(Role).where(col(Role.kind).in_(kinds), col(Role.ended_at).is_(None))
    if audience.parties:
        query = query.where(col(Role.party_id).in_(audience.parties))
    return list(work.session.exec(query.order_by(col(Role.id))))


def _accounts(work: Work, people: set[int]) -> dict[int, list[Spot]]:
    found: dict[int, list[Spot]] = {}
    for spot in _spots(work):
        if spot.person_id in people:
            found.setdefault(spot.person_id, []).append(spot)
    return found


def _spots(work: Work, *which: Any) -> Iterator[Spot]:
    columns = [col(getattr(Account, name)) for name in Spot._fields]
    query = sqlalchemy.select(*columns).where(*which).order_by(col(Account.id))
    return (Spot(*row) for row in work.session.execute(query))


def spots(work: Work, people: Collection[int]) -> list[Spot]:
    """Where each of these people is told first; who has no account in use is left out."""
    return [ways[0] for ways in all_spots(work, people)]


def all_spots(work: Work, people: Collection[int]) -> list[list[Spot]]:
    """Every account in use of each of these people, the one where they are told first before the others."""
    found: dict[int, list[Spot]] = {}
    for spot in _spots(work, col(Account.person_id).in_(people), col(Account.state) == "active"):
        found.setdefault(spot.person_id, []).append(spot)
    preferred = _preferred(work)
    return [sorted(some, key=lambda s: (s.id != preferred.get(s.person_id), s.id)) for some in found.values()]


def _preferred(work: Work) -> dict[int, int]:
    query = select(Person.id, Person.preferred).where(col(Person.preferred).is_not(None))
    return {person: account for person, account in work.session.exec(query) if person and account}


def _with_deputies(audience: Audience, roles: list[Role], accounts: dict[int, list[Spot]]) -> list[Role]:
    """The roles that are meant; where no contact of a party can be reached, its deputies instead."""
    meant = [role for role in roles if role.kind in audience.roles and _has_task(audience, role)]
    if RoleKind.CONTACT not in audience.roles or RoleKind.DEPUTY in audience.roles:
        return meant
    reached = {r.party_id for r in roles if r.kind == RoleKind.CONTACT and _active(accounts.get(r.person_id, []))}
    return meant + [r for r in roles if r.kind == RoleKind.DEPUTY and r.party_id not in reached]


def _has_task(audience: Audience, role: Role) -> bool:
    return not audience.tasks or role.kind != RoleKind.HELPER or role.task in audience.tasks


def _first_role_each(audience: Audience, roles: list[Role]) -> dict[int, Role]:
    """Who has several roles counts once, for a party that they are a contact of if there is one."""
    order = [RoleKind.CONTACT, RoleKind.DEPUTY, *RoleKind]
    wanted: dict[int, Role] = {}
    for role in sorted(roles, key=lambda role: order.index(RoleKind(role.kind))):
        wanted.setdefault(role.person_id, role)
    return wanted


def _active(accounts: Iterable[Spot]) -> list[Spot]:
    return [account for account in accounts if account.state == "active"]


def _reader(role: Role, accounts: list[Spot], preferred: int | None) -> Reader:
    active = sorted(_active(accounts), key=lambda account: account.id != preferred)
    if active:
        return Reader(role.person_id, role.party_id, active[0])
    blocked = any(account.state == "blocked" for account in accounts)
    return Reader(role.person_id, role.party_id, None, BLOCKED if blocked else NO_ACCOUNT)
