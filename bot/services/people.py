"""Who is who: persons, roles, accounts, parties."""

from __future__ import annotations

from dataclasses import dataclass

from sqlmodel import Session, col, select

from bot.commands import RoleKind
from bot.events import Address
from bot.services.work import Work
from storage.tables import Account, Entry, Incident, Party, Person, Role

UNIT = (RoleKind.CHIEF, RoleKind.OFFICER)
PARTY_CONTACTS = (RoleKind.CONTACT, RoleKind.DEPUTY)


@dataclass(frozen=True)
class Actor:
    """The person behind an event, with the rights of this moment. Without roles only own open incidents are left."""

    person: Person
    account: Account
    roles: tuple[Role, ...]

    @property
    def id(self) -> int:
        """The person's id."""
        assert self.person.id is not None
        return self.person.id

    def is_any(self, *kinds: RoleKind) -> bool:
        """Whether the person has one of these roles now."""
        return any(role.kind in kinds for role in self.roles)

    @property
    def unit(self) -> bool:
        """Whether the person is of the security unit."""
        return self.is_any(*UNIT)

    @property
    def chief(self) -> bool:
        """Whether the person is the security chief."""
        return self.is_any(RoleKind.CHIEF)

    @property
    def contact_of(self) -> set[int]:
        """The parties whose safety contact or deputy the person is."""
        return {r.party_id for r in self.roles if r.kind in PARTY_CONTACTS and r.party_id is not None}

    @property
    def party(self) -> int | None:
        """The party that the person's flags belong to: the one they are a contact of, else the one they sit for."""
        mine = sorted(self.roles, key=lambda role: role.kind not in PARTY_CONTACTS)
        return next((role.party_id for role in mine if role.party_id is not None), None)


def find_account(session: Session, address: Address) -> Account | None:
    """The account of this platform, team and user."""
    return session.exec(
        select(Account).where(
            Account.platform == address.platform, Account.team == address.team, Account.user == address.user
        )
    ).first()


def roles_of(session: Session, person: int) -> tuple[Role, ...]:
    """The roles in force."""
    return tuple(session.exec(select(Role).where(Role.person_id == person, col(Role.ended_at).is_(None))))


def give_role(work: Work, person: int, kind: str, party: int | None, task: str = "") -> None:
    """Give a person a role; one that is in force already stays as it is."""
    in_force = roles_of(work.session, person)
    if not any((role.kind, role.party_id, role.task) == (kind, party, task) for role in in_force):
        work.session.add(Role(person_id=person, kind=kind, party_id=party, task=task, since=work.now))
        work.session.flush()


def actor(session: Session, account: Account) -> Actor:
    """The person behind an account, with the roles of this moment."""
    person = session.get_one(Person, account.person_id)
    return Actor(person, account, roles_of(session, account.person_id))


def accounts_of(session: Session, person: Person) -> list[Account]:
    """The active accounts, the preferred one first."""
    query = select(Account).where(Account.person_id == person.id, Account.state == "active").order_by(col(Account.id))
    return sorted(session.exec(query), key=lambda account: account.id != person.preferred)


def unit_people(session: Session) -> list[Person]:
    """Everybody of the security unit."""
    return people_with(session, UNIT)


def chiefs(session: Session) -> list[Person]:
    """Whoever is security chief."""
    return people_with(session, (RoleKind.CHIEF,))


def people_with(session: Session, kinds: tuple[RoleKind, ...], party: int | None = None) -> list[Person]:
    """Everybody who has one of these roles now, for this party where one is named."""
    query = select(Role).where(col(Role.kind).in_(kinds), col(Role.ended_at).is_(None))
    if party is not None:
        query = query.where(Role.party_id == party)
    rows = session.exec(query.order_by(col(Role.id)))
    return [session.get_one(Person, number) for number in dict.fromkeys(role.person_id for role in rows)]


def party_name(session: Session, party: int | None) -> str:
    """The party's name, or nothing."""
    return session.get_one(Party, party).name if party is not None else ""


def parties(session: Session) -> list[Party]:
    """All parties, by name."""
    return list(session.exec(select(Party).order_by(col(Party.name))))


def role_words(work: Work, reader: Person, kind: str, party: int | None, task: str = "") -> str:
    """A role as people say it: "säkerhetsansvarig, Bokpartiet", "ordförande (hjälpare)"."""
    voice = work.voice(reader)
    words = voice.word(f"role.{kind}")
    if task:
        return voice.word("role.helping", task=voice.word(f"helping.{task}"))
    return voice.word("role.for_party", role=words, party=party_name(work.session, party)) if party else words


def described(work: Work, reader: Person, person: Person) -> str:
    """A person with the roles that they have."""
    assert person.id is not None
    roles = ", ".join(role_words(work, reader, r.kind, r.party_id, r.task) for r in roles_of(work.session, person.id))
    return f"{person.name} ({roles})" if roles else person.name


def is_reporter(incident: Incident, person: int) -> bool:
    """Whether the person flagged it. Who wrote down the call of somebody without an account is of the unit in it."""
    return incident.reporter_id == person and incident.recorded_by != person


def successor(session: Session, incident: Incident) -> int | None:
    """Who took the incident over, for the party, from a contact who left."""
    query = select(Entry).where(Entry.incident_id == incident.id, Entry.kind == "passed")
    last = session.exec(query.order_by(col(Entry.id).desc())).first()
    return last.author_id if last is not None else None


def holder(session: Session, incident: Incident) -> int:
    """Whom the reporter's side of the incident belongs to now."""
    return successor(session, incident) or incident.reporter_id


def heir(session: Session, incident: Incident) -> int | None:
    """Who took it over and is told of it now: still a contact of the party, which still sees it."""
    found = successor(session, incident)
    if found in (None, incident.reporter_id) or not incident.party_sees:
        return None
    return found if found in {p.id for p in people_with(session, PARTY_CONTACTS, incident.party_id)} else None


def passed_open(session: Session, actor: Actor) -> list[Incident]:
    """The open incidents that the person took over for a party whose contact they still are, oldest first."""
    passed = select(Entry.incident_id).where(Entry.kind == "passed", Entry.author_id == actor.id)
    mine = (Incident.status == "open", col(Incident.party_sees).is_(True), col(Incident.party_id).in_(actor.contact_of))
    query = select(Incident).where(col(Incident.id).in_(passed), *mine)
    rows = session.exec(query.order_by(col(Incident.id)))
    return [incident for incident in rows if successor(session, incident) == actor.id]


def own_open(session: Session, person: int, *, withdrawn: bool = False) -> list[Incident]:
    """The incidents that the person flagged and that are not over, oldest first; withdrawn ones if asked for."""
    wanted = ("open", "withdrawn") if withdrawn else ("open",)
    query = select(Incident).where(Incident.reporter_id == person, col(Incident.status).in_(wanted))
    return list(session.exec(query.order_by(col(Incident.id))))


def taken_by(session: Session, person: int) -> list[Incident]:
    """The open incidents that the person has taken."""
    query = select(Incident).where(Incident.taken_by == person, Incident.status == "open")
    return list(session.exec(query.order_by(col(Incident.id))))
