"""The people's own bookkeeping: what they did, what was taken in, and what must be found of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from sqlmodel import Session, select

from storage.tables import Conversation, Entry, Incident, KeptEvent, Outbox, Post
from tests.prove.persons import Act, Player

Sort = Literal["flag", "answer", "press"]
Count = Callable[["Records"], int]  # how often something is found


@dataclass(frozen=True)
class Records:
    """What the database holds at the end."""

    incidents: dict[int, Incident]
    entries: list[Entry]
    talks: list[Conversation]
    posts: list[Post]
    rows: list[Outbox]
    kept: list[KeptEvent]

    def noted(self, number: int, kind: str, **body: str) -> int:
        """How often the incident's timeline has such a line."""
        return sum(
            entry.incident_id == number and entry.kind == kind and body.items() <= entry.body.items()
            for entry in self.entries
        )

    def posted(self, number: int, person: int, **also: str) -> list[Post]:
        """The person's messages about the incident."""
        mine = [post for post in self.posts if (post.incident_id, post.person_id) == (number, person)]
        return [post for post in mine if all(getattr(post, name) == value for name, value in also.items())]


def read(session: Session) -> Records:
    """Everything that the proof looks at."""
    return Records(
        incidents={incident.id or 0: incident for incident in session.exec(select(Incident))},
        entries=list(session.exec(select(Entry))),
        talks=list(session.exec(select(Conversation))),
        posts=list(session.exec(select(Post))),
        rows=list(session.exec(select(Outbox))),
        kept=list(session.exec(select(KeptEvent))),
    )


def noted(number: int, kind: str, **body: str) -> Count:
    """A line on the incident's timeline."""
    return lambda records: records.noted(number, kind, **body)


def told(number: int, name: str, value: str) -> Count:
    """A detail, in the incident and on its timeline."""

    def count(records: Records) -> int:
        incident = records.incidents.get(number)
        has_it = incident is not None and incident.details.get(name) == value
        return records.noted(number, "detail", name=name, value=value) if has_it else 0

    return count


def only(count: Count, words: str) -> Count:
    """The same, but also on no other timeline: these words were written once."""
    return lambda records: count(records) and sum(words in entry.body.values() for entry in records.entries)


def talked(number: int, flow: str) -> Count:
    """A conversation of this kind about the incident."""
    return lambda records: sum(t.flow == flow and t.inputs.get("incident") == number for t in records.talks)


def shown(number: int, person: int) -> Count:
    """A message that has become the person's card of the incident."""
    return lambda records: len(records.posted(number, person, view="card"))


@dataclass
class Claim:
    """Something that a person did, perhaps several times, until it worked; `count` finds it in the records.

    It must be there once if any try was accepted, and never more than once; where doing it twice is the same as
    once, `several` says so.
    """

    sort: Sort
    what: str
    count: Count
    several: bool = False
    tries: list[Act] = field(default_factory=list)

    @property
    def accepted(self) -> bool:
        """Whether the person was told that it was taken in."""
        return any(act.accepted() for act in self.tries)


@dataclass
class Case:
    """One incident as those know it who play it; the number is 0 until the reporter has a receipt."""

    serial: int
    reporter: Player
    unit: Player
    number: int = 0
    complete: bool = False

    def raised(self, records: Records) -> int:
        """How often it was raised, by its reporter."""
        incident = records.incidents.get(self.number)
        mine = incident is not None and incident.reporter_id == self.reporter.person
        return records.noted(self.number, "raised") if mine else 0

    def __str__(self) -> str:
        return f"case {self.serial} (incident {self.number or '?'}) of {self.reporter} with {self.unit}"

    def mark(self, name: str) -> str:
        """Words that nobody else writes."""
        return f"{name} k{self.serial:04d}"

    @property
    def phone(self) -> str:
        """One of the numbers that PTS keeps for books and films."""
        return f"+467017406{5 + self.serial % 95:02d}"

    @property
    def notices(self) -> list[tuple[str, Player]]:
        """Who must be told, and why."""
        told = ("taken", "promised", "answered", "closed")
        return [("words", self.unit), *((reason, self.reporter) for reason in told)]


@dataclass
class Ledger:
    """All cases and claims. `stalled` are those where the bot came to rest and an answer was still missing."""

    cases: list[Case] = field(default_factory=list)
    claims: list[Claim] = field(default_factory=list)
    stalled: list[str] = field(default_factory=list)

    def open(self, reporter: Player, unit: Player) -> Case:
        """A new case."""
        case = Case(len(self.cases) + 1, reporter, unit)
        self.cases.append(case)
        return case

    def claim(self, sort: Sort, what: str, count: Count, *, several: bool = False) -> Claim:
        """Write down that somebody is about to do something."""
        claim = Claim(sort, what, count, several)
        self.claims.append(claim)
        return claim
