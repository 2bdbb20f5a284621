"""Whatever the unit links, takes apart, takes, answers and closes, in any order: what must hold of it holds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import combinations, pairwise
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import Session, SQLModel, col, select

from bot.catalogue import Catalogue
from bot.commands import (
    CloseIncident,
    CloseTogether,
    Imminence,
    LinkIncidents,
    RaiseIncident,
    SendAnswer,
    TakeApart,
    WriteToAll,
)
from bot.messages import part_text
from bot.prompts import Command
from bot.services import escalation_plan, linked, linking, menu, people, timeline, views
from bot.services.doing import Already, act, perform
from bot.services.people import Actor
from bot.services.work import House, Work, read_house
from storage.database import Database
from storage.tables import Account, Deadline, Entry, Incident, Municipality, Party, Person, Post, Role

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
FLAGS, FEW = 6, 4  # a walk does things to few of them, so that they meet
OFFICERS, REPORTERS = ("Siv", "Omar"), ("Alva", "Kim", "Ida", "Alva")  # one of them flags twice as often
_ = (linking, menu)  # their actions are registered by being imported


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """Two officers and three reporters; what a walk does to it is undone."""
    folder: Path = tmp_path_factory.mktemp("town")
    database = Database(f"sqlite:///{folder / 'bot.db'}", [Fernet.generate_key().decode()])
    SQLModel.metadata.create_all(database.engine)
    with database.transaction() as session:
        session.add(
            Municipality(
                name="Lönnköping",
                timezone="Europe/Stockholm",
                languages=["sv"],
                public_number="+46846500410",
                staffed="mån-fre 08:00-17:00",
                created_at=NOW,
            )
        )
        session.add(Party(name="Bokpartiet", created_at=NOW))
        session.flush()
        for name in dict.fromkeys((*OFFICERS, *REPORTERS)):
            _let_in(session, name)
    yield database
    database.close()


def _let_in(session: Session, name: str) -> None:
    person = Person(name=name, language="sv", created_at=NOW)
    session.add(person)
    session.flush()
    unit = name in OFFICERS
    number = person.id or 0
    session.add(Role(person_id=number, kind="officer" if unit else "contact", party_id=None if unit else 1, since=NOW))
    session.add(
        Account(person_id=number, platform="telegram", team="", user=str(number), state="active", linked_at=NOW)
    )


class Walk:
    """Flags of an hour, and officers who do things to them; each act is one event of its own."""

    def __init__(self, session: Session, house: House) -> None:
        self.session, self.house = session, house
        accounts = session.exec(select(Account).order_by(col(Account.id))).all()
        people_ = {people.actor(session, one).person.name: people.actor(session, one) for one in accounts}
        self.officers = [people_[name] for name in OFFICERS]
        self.reporters = [people_[name] for name in REPORTERS]
        for number in range(FLAGS):
            reporter = self.reporters[number % len(REPORTERS)]
            perform(self.work(), reporter, RaiseIncident(Imminence.NOW, party_sees=number % 2 == 0))

    def work(self) -> Work:
        return Work(self.session, NOW, self.house)

    @property
    def incidents(self) -> list[Incident]:
        return list(self.session.exec(select(Incident).order_by(col(Incident.id))))

    def get(self, number: int) -> Incident:
        return self.session.get_one(Incident, number)

    def told(self) -> Counter[tuple[int | None, str]]:
        """How often each incident's own reporter was told of what."""
        posts = self.session.exec(select(Post).join(Incident).where(Post.person_id == Incident.reporter_id))
        return Counter((post.incident_id, post.reason) for post in posts)

    # What can be done; whatever makes no sense is refused, and has then changed nothing

    def press(self, officer: Actor, name: str, number: int, argument: str = "") -> None:
        act(self.work(), officer, name, number, argument)

    def do(self, officer: Actor, command: Command) -> None:
        perform(self.work(), officer, command)

    def write_all(self, officer: Actor, number: int) -> None:
        rows = linked.answerable(self.session, self.get(number))
        self.do(officer, WriteToAll(number, tuple(one.id or 0 for one in rows), "Håll er inne"))

    def close_all(self, officer: Actor, number: int) -> None:
        closing = linking.closing(self.work(), self.get(number))
        self.do(officer, CloseTogether(number, closing.others, "Klart"))


Turn = Callable[[Walk, Actor, int, int], None]
Played = tuple[str, int, int, int]  # a turn, which officer, and which incidents
TURNS: dict[str, Turn] = {
    "link": lambda walk, who, one, other: walk.do(who, LinkIncidents(one, other)),
    "apart": lambda walk, who, one, _: walk.press(who, "apart", one),
    "take apart": lambda walk, who, one, _: walk.do(who, TakeApart(one)),
    "take": lambda walk, who, one, _: walk.press(who, "take", one),
    "take over": lambda walk, who, one, _: walk.press(who, "take_over", one),
    "promise": lambda walk, who, one, _: walk.press(who, "promise", one, "1"),
    "answer": lambda walk, who, one, _: walk.do(who, SendAnswer(one, "Vi kommer")),
    "write to all": lambda walk, who, one, _: walk.write_all(who, one),
    "close": lambda walk, who, one, _: walk.do(who, CloseIncident(one, "Klart")),
    "close all": lambda walk, who, one, _: walk.close_all(who, one),
    "not done": lambda walk, _, one, __: act(walk.work(), reporter(walk, one), "not_done", one, ""),
    "undo": lambda walk, _, one, __: act(walk.work(), reporter(walk, one), "undo", one, ""),
}


def reporter(walk: Walk, number: int) -> Actor:
    return next(one for one in walk.reporters if one.id == walk.get(number).reporter_id)


numbers = st.integers(1, FEW)
turn = st.tuples(st.sampled_from([*TURNS, "link", "close", "not done"]), st.integers(0, 1), numbers, numbers)
links = st.permutations(range(1, FEW + 1)).map(
    lambda order: [("link", 0, one, other) for one, other in pairwise(order)]
)


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(first=st.lists(turn, max_size=4), then=links, last=st.lists(turn, max_size=16))
def test_whatever_the_unit_does_in_any_order_everything_holds(
    town: Database, first: list[Played], then: list[Played], last: list[Played]
) -> None:
    with Session(town.engine, expire_on_commit=False) as session:
        walk = Walk(session, read_house(session, Catalogue(), escalation_plan.load()))
        for name, officer, one, other in (*first, *then, *last):
            before, told = [stand(row) for row in walk.incidents], walk.told()
            try:
                TURNS[name](walk, walk.officers[officer], one, other)
            except Already:
                session.flush()
                assert [stand(row) for row in walk.incidents] == before and walk.told() == told, name
            nothing_is_chained(walk)
            nobody_waits_in_silence(walk)
            each_reporter_is_told_once(walk, before, walk.told() - told)
        nobody_else_can_see_it(walk)
        session.rollback()


Stand = tuple[int | None, str, int | None, datetime | None, datetime | None]


def stand(row: Incident) -> Stand:
    return row.linked_to, row.status, row.taken_by, row.promised_at, row.answered_at


def nothing_is_chained(walk: Walk) -> None:
    """No chain, no circle; and as long as any of an event is open, an open one leads it."""
    for row in walk.incidents:
        if row.linked_to is not None:
            lead = walk.get(row.linked_to)
            assert lead.linked_to is None and lead.id != row.id
            assert lead.status != "closed" or row.status == "closed"


def nobody_waits_in_silence(walk: Walk) -> None:
    """What nobody has is escalated, what somebody has is not; and who has it has said when, or is asked."""
    due = set(walk.session.exec(select(Deadline.kind, Deadline.subject).where(Deadline.state == "waiting")))
    for row in walk.incidents:
        waits = row.status != "closed" and row.taken_by is None
        assert (("chain", row.id) in due) == waits, (row.id, row.status)
        owes = row.status != "closed" and row.taken_by is not None and row.answered_at is None
        assert (("promise_broken", row.id) in due) == owes, (row.id, row.status)


def each_reporter_is_told_once(walk: Walk, before: list[Stand], told: Counter[tuple[int | None, str]]) -> None:
    """Of each thing that became of the own incident in this act, and of nothing else."""
    assert set(told.values()) <= {1}
    for row, (_, status, taker, promised, answered) in zip(walk.incidents, before, strict=True):
        reasons = {reason for number, reason in told if number == row.id}
        wrote = {"answered"} & reasons
        assert ("closed" in reasons) == (row.status == "closed" != status)
        assert ("taken" in reasons) == (row.taken_by not in (None, taker) and not wrote)
        assert ("promised" in reasons) == (row.promised_at is not None and (promised is None or "taken" in reasons))
        if row.answered_at is not None and (answered is None or row.taken_by != taker):
            assert wrote
        assert reasons <= {"closed", "taken", "promised", "answered"}


def nobody_else_can_see_it(walk: Walk) -> None:
    """All that a reporter or a party's contact can read is the same as if nothing belonged together."""
    with_links = seen(walk)
    for row in walk.incidents:
        row.linked_to = None
    walk.session.flush()
    assert seen(walk) == with_links
    assert not any(word in text for text in with_links for word in ("ihop", "isär", "samma svar"))


def seen(walk: Walk) -> list[str]:
    found = []
    work = walk.work()
    for row in walk.incidents:
        for who in {one.id: one for one in walk.reporters}.values():
            texts = [views.card(work, who, row), timeline.whole(work, work.voice(who.person), row, unit=False)]
            texts += [views.notice(work, who, row, reason) for reason in ("taken", "answered", "closed", "joined")]
            found += ["\n".join(map(part_text, text.parts)) + str(text.buttons) for text in texts]
    return found


@pytest.fixture
def walk(town: Database) -> Iterator[Walk]:
    with Session(town.engine, expire_on_commit=False) as session:
        yield Walk(session, read_house(session, Catalogue(), escalation_plan.load()))
        session.rollback()


def test_linking_one_that_leads_moves_all_that_follow_it(walk: Walk) -> None:
    siv = walk.officers[0]
    for one, other in ((2, 1), (3, 2), (4, 1), (1, 5)):  # 3 chooses one that follows, and comes to its lead
        walk.do(siv, LinkIncidents(one, other))
    assert [row.linked_to for row in walk.incidents] == [5, 5, 5, 5, None, None]
    entries = walk.session.exec(select(Entry).where(Entry.incident_id == 5, Entry.kind == "linked")).all()
    assert [entry.body["others"] for entry in entries] == ["1, 2, 3, 4"]


def test_every_pair_can_be_linked_either_way_and_never_twice(walk: Walk) -> None:
    siv = walk.officers[0]
    walk.do(siv, LinkIncidents(1, 2))
    for one, other in ((1, 2), (2, 1), (1, 1), (2, 2), (1, 3)):
        with pytest.raises(Already):
            walk.do(siv, LinkIncidents(one, other))
    for one, other in combinations(range(3, FLAGS + 1), 2):
        if walk.get(one).linked_to is None:
            walk.do(siv, LinkIncidents(one, other))
    assert [row.linked_to for row in walk.incidents] == [2, None, 6, 6, 6, None]


def test_a_lead_that_is_closed_alone_leaves_the_lead_to_the_oldest_that_is_open(walk: Walk) -> None:
    siv = walk.officers[0]
    for one in (2, 3, 4):
        walk.do(siv, LinkIncidents(one, 1))
    act(walk.work(), reporter(walk, 2), "undo", 2, "")
    walk.do(siv, CloseIncident(1, "Klart"))
    assert [row.linked_to for row in walk.incidents[:4]] == [3, 3, None, 3]


def test_what_is_like_it_is_offered_first_and_what_is_closed_or_joined_or_itself_is_not(walk: Walk) -> None:
    siv = walk.officers[0]
    long_ago = NOW.replace(day=20)
    for row in walk.incidents[1:]:
        row.raised_at = long_ago
    walk.get(1).category = walk.get(3).category = "threat"
    walk.do(siv, CloseIncident(6, "Klart"))
    walk.do(siv, LinkIncidents(5, 4))
    offered = linking.choices(walk.work(), siv, walk.get(1))
    assert [number for number, _ in offered] == [3, 4, 2]
    assert dict(offered)[4] == "Ärende 4 · Händer nu (och 5)"
