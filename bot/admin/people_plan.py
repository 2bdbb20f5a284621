"""What a file with people would change: each line is somebody new, a change, nothing new, or a mistake."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlmodel import col, select

from bot.admin.people_file import Line
from bot.catalogue import LANGUAGES
from bot.commands import RoleKind
from bot.moments import from_wall
from bot.prompts import phone_number
from bot.services import people
from bot.services.work import Work
from storage.tables import Invitation, Party, Person, Role

LONGEST = 60  # characters of a name, as in the chat
_ROLES = {
    "contact": "säkerhetsansvarig kontakt kontaktperson contact safetycontact",
    "deputy": "ersättare ersättareförsäkerhetsansvarig ersättandesäkerhetsansvarig deputy",
    "official": "förtroendevald politiker official electedofficial",
    "officer": "handläggare säkerhetsenheten säkerhetshandläggare officer securityunit",
    "helper": "hjälpare medhjälpare helper",
    "chief": "säkerhetschef chief securitychief",
}
_TASKS = {
    "chair": "ordförande chair",
    "secretary": "sekreterare secretary",
    "communicator": "kommunikatör communicator",
    "hr": "hr personal personalavdelningen",
    "lawyer": "jurist lawyer",
    "guard": "väktare ordningsvakt vakt guard",
    "election": "val valpersonal valarbetare valnämnd election electionstaff",
}
KINDS = {word: kind for kind, words in _ROLES.items() for word in words.split()}
TASKS = {word: task for task, words in _TASKS.items() for word in words.split()}
_SPOKEN = {"sv": "sv svenska swedish", "en": "en engelska english"}
SPOKEN = {word: code for code, words in _SPOKEN.items() for word in words.split()}
NEED_PARTY = (RoleKind.CONTACT, RoleKind.DEPUTY)
MAY_HAVE_PARTY = (*NEED_PARTY, RoleKind.OFFICIAL)


class Mistake(Exception):
    """A line that cannot be taken: the catalogue's key of the reason, and its values."""

    def __init__(self, key: str, **values: Any) -> None:
        super().__init__(key)
        self.key, self.values = key, values


@dataclass(frozen=True)
class Wanted:
    """What a line asks for. An empty `language` or `phone`, or no `ends_at`, asks for no change of it."""

    number: int
    name: str
    party: str
    kind: str
    task: str = ""
    ends_at: datetime | None = None
    language: str = ""
    phone: str = ""

    @property
    def key(self) -> tuple[str, str]:
        """Who it is: the same name in the same party is the same person."""
        return self.name.casefold(), self.party.casefold()


@dataclass(frozen=True)
class Step:
    """What becomes of a line: new (a new person), changed, or unchanged; `person` is who it is, if known."""

    wanted: Wanted
    outcome: str
    person: int | None


@dataclass(frozen=True)
class Plan:
    """All lines. `mistakes` are by line; with any of them nothing may be changed."""

    steps: tuple[Step, ...] = ()
    mistakes: tuple[tuple[int, str, dict[str, Any]], ...] = ()
    parties: tuple[str, ...] = ()  # the new ones

    def count(self, outcome: str) -> int:
        """How many lines have this outcome."""
        return sum(step.outcome == outcome for step in self.steps)


@dataclass
class Register:
    """Who is there now, as the lines need to know it."""

    work: Work
    new_parties: bool
    parties: dict[str, Party] = field(default_factory=dict)
    known: dict[tuple[str, str], list[Person]] = field(default_factory=dict)
    spelled: dict[str, str] = field(default_factory=dict)  # a new party's name, as the first line has it

    def __post_init__(self) -> None:
        session = self.work.session
        self.parties = {party.name.casefold(): party for party in people.parties(session)}
        names = {party.id: party.name.casefold() for party in self.parties.values()}
        for person in session.exec(select(Person).order_by(col(Person.id))):
            roles = session.exec(select(Role.party_id).where(Role.person_id == person.id)).all()
            asked = select(Invitation.party_id).where(Invitation.person_id == person.id, Invitation.role != "")
            for party in {names.get(number, "") for number in (*roles, *session.exec(asked))} or {""}:
                self.known.setdefault((" ".join(person.name.split()).casefold(), party), []).append(person)


def plan(work: Work, lines: list[Line], *, new_parties: bool) -> Plan:
    """Compare the lines with the register; nothing is changed."""
    register = Register(work, new_parties)
    steps: list[Step] = []
    mistakes: list[tuple[int, str, dict[str, Any]]] = []
    seen: dict[tuple[str, str, str, str], int] = {}
    for line in lines:
        try:
            wanted = _understood(register, line)
            role = (*wanted.key, wanted.kind, wanted.task)
            if role in seen:
                raise Mistake("cli.import_twice", line=seen[role])
            seen[role] = line.number
            steps.append(_step(register, wanted, {step.wanted.key for step in steps if step.outcome == "new"}))
        except Mistake as mistake:
            mistakes.append((line.number, mistake.key, mistake.values))
    parties = dict.fromkeys(s.wanted.party for s in steps if s.wanted.party.casefold() not in {"", *register.parties})
    return Plan(tuple(steps), tuple(mistakes), tuple(parties))


def _understood(register: Register, line: Line) -> Wanted:
    if not 0 < len(line.name) <= LONGEST:
        raise Mistake("cli.import_name", most=LONGEST)
    kind, task = _role(line)
    return Wanted(
        number=line.number,
        name=line.name,
        party=_party(register, line, kind),
        kind=kind,
        task=task,
        ends_at=_end(register.work, line.end) if line.end else None,
        language=_language(register.work, line.language) if line.language else "",
        phone=_phone(line.phone) if line.phone else "",
    )


def _word(text: str) -> str:
    return re.sub(r"[\s()/.-]", "", text.casefold())


def _role(line: Line) -> tuple[str, str]:
    """The role; a helper's task stands behind it ("hjälpare: jurist") or in a column of its own."""
    words, _, behind = line.role.partition(":")
    kind = KINDS.get(_word(words), "")
    if kind == RoleKind.CHIEF:
        raise Mistake("cli.import_chief")
    if kind not in set(RoleKind):
        raise Mistake("cli.import_role", role=line.role or "-")
    said = line.task or behind
    if kind != "helper":
        if said.strip():
            raise Mistake("cli.import_no_task")
        return kind, ""
    if _word(said) not in TASKS:
        raise Mistake("cli.import_task", task=said.strip() or "-")
    return kind, TASKS[_word(said)]


def _party(register: Register, line: Line, kind: str) -> str:
    if not line.party:
        if kind in NEED_PARTY:
            raise Mistake("cli.import_needs_party")
        return ""
    if kind not in MAY_HAVE_PARTY:
        raise Mistake("cli.import_no_party")
    known = register.parties.get(line.party.casefold())
    if known is None and not register.new_parties:
        raise Mistake("cli.import_party", party=line.party)
    if len(line.party) > LONGEST:
        raise Mistake("cli.import_name", most=LONGEST)
    return known.name if known else register.spelled.setdefault(line.party.casefold(), line.party)


def _end(work: Work, text: str) -> datetime:
    """The end of that day, which is the next midnight in the municipality."""
    day = _day(text)
    end = from_wall(datetime(day.year, day.month, day.day) + timedelta(days=1), work.house.zone)  # noqa: DTZ001
    if end <= work.now:
        raise Mistake("cli.import_past", date=text)
    return end


def _day(text: str) -> date:
    try:
        if found := re.fullmatch(r"(\d{4})-?(\d{2})-?(\d{2})(?: 00:00(?::00)?)?", text):
            return date(int(found[1]), int(found[2]), int(found[3]))
        if found := re.fullmatch(r"(\d{1,2})[/.](\d{1,2})[/. -](\d{4})", text):
            return date(int(found[3]), int(found[2]), int(found[1]))
    except ValueError:
        pass
    raise Mistake("cli.import_date", date=text)


def _language(work: Work, text: str) -> str:
    code = SPOKEN.get(text.casefold(), "")
    if code not in work.house.languages:
        raise Mistake(
            "cli.import_language", language=text, offered=", ".join(c for c in LANGUAGES if c in work.house.languages)
        )
    return code


def _phone(text: str) -> str:
    number = phone_number(text)
    if number is None:
        raise Mistake("cli.import_phone", number=text)
    return number


def _step(register: Register, wanted: Wanted, new: set[tuple[str, str]]) -> Step:
    there = register.known.get(wanted.key, [])
    if len(there) > 1:
        raise Mistake("cli.import_namesakes", count=len(there))
    if not there:  # a further line about somebody new adds to that person
        return Step(wanted, "changed" if wanted.key in new else "new", None)
    (person,) = there
    return Step(wanted, "changed" if _differs(register, wanted, person) else "unchanged", person.id)


def _differs(register: Register, wanted: Wanted, person: Person) -> bool:
    role = role_in_force(register.work, person.id or 0, wanted, register.parties.get(wanted.party.casefold()))
    return (
        role is None
        or (wanted.ends_at is not None and role.ends_at != wanted.ends_at)
        or (wanted.language not in ("", person.language))
        or (wanted.phone not in ("", person.phone))
    )


def role_in_force(work: Work, person: int, wanted: Wanted, party: Party | None) -> Role | None:
    """The role that a line names, where the person has it now."""
    number = party.id if party else None
    same = (wanted.kind, number, wanted.task)
    return next((r for r in people.roles_of(work.session, person) if (r.kind, r.party_id, r.task) == same), None)
