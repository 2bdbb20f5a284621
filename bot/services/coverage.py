"""Who can be reached: for the unit and each party, what stands in the way. Facts only; `coverage_table` has the words.

Parties are in the order of the alphabet, and never compared.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement
from sqlmodel import col, select

from bot.commands import RoleKind
from bot.messages import Phone
from bot.services import people, seen, silent
from bot.services.work import Work
from storage.tables import Account, Invitation, Party, Person, Role

ENDS_WITHIN = timedelta(days=60)
LATELY = timedelta(days=60)
HINTS = ("one_platform",)  # no fault: nothing is sent because of these alone


@dataclass(frozen=True)
class Finding:
    """What stands in the way, and of whom: `at` is since when, or until when.

    `kind`: no_contact, no_deputy, alone (nobody but one in the unit); waiting, invited, expired, no_account, shut_out,
    blocked, silent; ends, no_phone, one_platform.
    """

    kind: str
    person: str = ""
    role: str = ""
    at: datetime | None = None
    platform: str = ""
    phone: Phone | None = None

    @property
    def hint(self) -> bool:
        """Whether nothing is wrong."""
        return self.kind in HINTS


@dataclass(frozen=True)
class Group:
    """The unit (no `party`) or a party: what stands in the way, and how many can be reached.

    `unsure` are those who have an account, and did not answer when they were asked there.
    """

    party: str
    reached: int
    unsure: int
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class _Post:
    """One person in one role of a group. Who was invited may not have the `held` role yet."""

    person: Person
    kind: str
    held: Role | None


def table(work: Work) -> tuple[Group, ...]:
    """The unit, then each party."""
    return (_group(work, None), *(_group(work, party) for party in _alphabetical(people.parties(work.session))))


def to_do(groups: tuple[Group, ...]) -> int:
    """How many things there are to put right."""
    return sum(not finding.hint for group in groups for finding in group.findings)


def _alphabetical(parties: list[Party]) -> list[Party]:
    """As in Sweden, whatever the database's own order is."""
    letters = str.maketrans("åäö", "{|}")
    return sorted(parties, key=lambda party: party.name.casefold().translate(letters))


def _group(work: Work, party: Party | None) -> Group:
    kinds = people.PARTY_CONTACTS if party is not None else people.UNIT
    posts = _posts(work, kinds, party.id if party is not None else None)
    firsts: dict[int, _Post] = {}
    for post in posts:
        firsts.setdefault(_id(post.person), post)
    active = [number for number, post in firsts.items() if post.held and _accounts(work, number, "active")]
    unsure = [number for number in active if silent.unanswered(work.session, number)]
    persons = [finding for post in firsts.values() for finding in _of_person(work, post, posts)]
    findings = (*_vacant(party, posts), *persons)
    return Group(party.name if party else "", len(active) - len(unsure), len(unsure), findings)


def _posts(work: Work, kinds: tuple[RoleKind, ...], party: int | None) -> list[_Post]:
    """Who has one of these roles, then who was invited to one and has not come."""
    query = select(Role).where(col(Role.kind).in_(kinds), col(Role.ended_at).is_(None), _of(Role, party))
    roles = sorted(work.session.exec(query.order_by(col(Role.id))), key=lambda role: kinds.index(RoleKind(role.kind)))
    posts = [_Post(work.session.get_one(Person, role.person_id), role.kind, role) for role in roles]
    there, held = {_id(post.person) for post in posts}, {role.kind for role in roles}
    open_ = (col(Invitation.role).in_(kinds), col(Invitation.settled_at).is_(None), _of(Invitation, party))
    for invitation in work.session.exec(select(Invitation).where(*open_).order_by(col(Invitation.id))):
        if invitation.person_id not in there and not _forgotten(work, invitation, held):
            posts.append(_Post(work.session.get_one(Person, invitation.person_id), invitation.role, None))
            there.add(invitation.person_id)
    return posts


def _forgotten(work: Work, invitation: Invitation, held: set[str]) -> bool:
    """Whether it ran out so long ago that nobody waits for the person: somebody else has the post."""
    ran_out = invitation.used_at is None and work.now - invitation.expires_at > LATELY
    return ran_out and invitation.role in held


def _of(table: type[Role] | type[Invitation], party: int | None) -> ColumnElement[bool]:
    return col(table.party_id) == party if party is not None else col(table.party_id).is_(None)


def _vacant(party: Party | None, posts: list[_Post]) -> Iterator[Finding]:
    """A post that nobody has, and that nobody is on the way to."""
    filled = {post.kind for post in posts}
    if party is None:
        if len({_id(post.person) for post in posts}) < 2:
            yield Finding("alone")
        return
    for kind in people.PARTY_CONTACTS:
        if kind not in filled:
            yield Finding(f"no_{kind}", role=kind)


def _of_person(work: Work, post: _Post, posts: list[_Post]) -> Iterator[Finding]:
    yield from _accounts_of(work, post)
    if post.held is None:
        return
    number, name = _id(post.person), post.person.name
    for role in (other.held for other in posts if _id(other.person) == number):
        if role is not None and role.ends_at is not None and role.ends_at - work.now <= ENDS_WITHIN:
            yield Finding("ends", name, role.kind, at=role.ends_at - timedelta(seconds=1))  # the last day itself
    if not post.person.phone and post.kind in people.PARTY_CONTACTS:
        yield Finding("no_phone", name, post.kind)
    active = _accounts(work, number, "active")
    if len({account.platform for account in active}) == 1 and len(work.house.platforms) > 1:
        yield Finding("one_platform", name, post.kind, platform=active[0].platform)


def _accounts_of(work: Work, post: _Post) -> Iterator[Finding]:
    """How the person can be reached; at most one thing about who cannot be reached at all."""
    number = _id(post.person)
    about = (post.person.name, post.kind)
    phone = Phone(post.person.phone) if post.person.phone else None
    active, blocked = _accounts(work, number, "active"), _accounts(work, number, "blocked")
    invitation = _invitation(work, number)
    if invitation is not None and invitation.used_at is not None:
        yield Finding("waiting", *about, at=invitation.used_at)
    elif not active and invitation is not None:
        kind = "invited" if work.now < invitation.expires_at else "expired"
        yield Finding(kind, *about, at=invitation.expires_at, phone=phone)
        return
    elif not active and not blocked:
        yield Finding("shut_out" if _accounts(work, number, "revoked") else "no_account", *about)
    for account in blocked:
        yield Finding("blocked", *about, platform=account.platform, phone=phone)
    if active and silent.unanswered(work.session, number):
        yield Finding("silent", *about, at=seen.last(work.session, number), phone=phone)


def _accounts(work: Work, person: int, state: str) -> list[Account]:
    query = select(Account).where(Account.person_id == person, Account.state == state)
    return list(work.session.exec(query.order_by(col(Account.id))))


def _invitation(work: Work, person: int) -> Invitation | None:
    """The newest that the person was given, and that has led to nothing yet; a code of one's own is none."""
    given = (Invitation.person_id == person, col(Invitation.settled_at).is_(None))
    others = col(Invitation.created_by).is_(None) | (col(Invitation.created_by) != person)
    return work.session.exec(select(Invitation).where(*given, others).order_by(col(Invitation.id).desc())).first()


def _id(person: Person) -> int:
    assert person.id is not None
    return person.id
