"""Several processes on one database: whatever they do at once has the effect of one after the other."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlmodel import Session, select

from storage import deadlines, leases, outbox
from storage.database import Database
from storage.tables import Deadline, Incident, Outbox, Party, Person
from tests.storage.conftest import KEY
from tests.storage.test_outbox import put

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
Work = Callable[[Session], Any]


@pytest.fixture
def processes(url: str) -> Iterator[list[Database]]:
    """Three of them: each has its own connections, as in a process of its own."""
    opened = [Database(url, [KEY]) for _ in range(3)]
    yield opened
    for one in opened:
        one.close()


def do(database: Database, work: Work) -> Any:
    """What `Database.run` does, in this thread."""
    return database._one(work, ())[0]


def at_once(processes: list[Database], *works: Work) -> list[Any]:
    """Let each process do its own at the same time."""
    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(do, processes, works))


def add(session: Session, name: str) -> None:
    session.add(Party(name=name, created_at=NOW))
    session.flush()


def names(session: Session) -> list[str]:
    return sorted(party.name for party in session.exec(select(Party)))


class Meeting:
    """Lets works wait for each other in the middle; where the database lets one in at a time, for a moment only."""

    def __init__(self, size: int) -> None:
        self._barrier = threading.Barrier(size)

    def __call__(self) -> None:
        try:
            self._barrier.wait(0.3)
        except threading.BrokenBarrierError:
            return  # another try, or the others cannot begin before this one has ended


def test_who_decides_by_what_another_changes_meanwhile_decides_anew(processes: list[Database]) -> None:
    meet = Meeting(3)

    def number(session: Session) -> int:
        count = len(session.exec(select(Party)).all())
        meet()
        add(session, f"Parti {count}")
        return count

    assert sorted(at_once(processes, *[number] * 3)) == [0, 1, 2]
    assert do(processes[0], names) == ["Parti 0", "Parti 1", "Parti 2"]


def test_of_two_who_each_undo_what_the_other_relies_on_one_sees_the_others_doing(processes: list[Database]) -> None:
    """Locks on rows would not see it: each reads what it does not write."""
    for name in ("a", "b"):
        do(processes[0], partial(add, name=name))
    meet = Meeting(2)

    def leave(name: str) -> Work:
        def work(session: Session) -> bool:
            others = [party for party in session.exec(select(Party)) if party.name != name]
            meet()
            if others:
                session.delete(session.exec(select(Party).where(Party.name == name)).one())
            return bool(others)

        return work

    assert sorted(at_once(processes, leave("a"), leave("b"))) == [False, True]
    assert len(do(processes[0], names)) == 1


def test_the_same_name_twice_is_an_error_and_not_tried_for_ever(processes: list[Database]) -> None:
    tries: list[int] = []

    def work(session: Session) -> None:
        tries.append(1)
        add(session, "Bokpartiet")

    do(processes[0], work)
    with pytest.raises(IntegrityError):
        do(processes[1], work)
    assert len(tries) <= 3


@pytest.mark.postgresql
def test_who_is_overtaken_again_and_again_gives_up_as_a_database_that_does_not_answer(
    processes: list[Database],
) -> None:
    first, second, _ = processes
    do(first, lambda session: add(session, "Bokpartiet"))
    tries: list[int] = []

    def rename(session: Session) -> None:
        session.exec(select(Party)).one().name = f"Parti {len(tries)}"

    def overtaken(session: Session) -> None:
        party = session.exec(select(Party)).one()
        tries.append(1)
        do(second, rename)
        party.name = "Mitt parti"

    with pytest.raises(OperationalError):
        do(first, overtaken)
    assert len(tries) == 9 and do(first, names) == ["Parti 9"]


def test_incidents_are_numbered_without_gaps_whatever_came_to_nothing(processes: list[Database]) -> None:
    def someone(session: Session) -> None:
        session.add(Person(name="Alva", language="sv", created_at=NOW))

    def flag(session: Session) -> int | None:
        row = Incident(imminence="now", reporter_id=1, details={}, raised_at=NOW, sent_at=NOW)
        session.add(row)
        session.flush()
        return row.id

    def mistake(session: Session) -> None:
        flag(session)
        raise ZeroDivisionError

    do(processes[0], someone)
    numbers = []
    for _ in range(5):
        with pytest.raises(ZeroDivisionError):
            do(processes[0], mistake)
        numbers += at_once(processes, *[flag] * 3)
    assert sorted(numbers) == list(range(1, 16))


def test_three_who_claim_at_once_send_every_row_once_and_each_chats_rows_in_order(processes: list[Database]) -> None:
    def write(session: Session) -> None:
        for number in range(60):
            put(session, "abcd"[number % 4])

    do(processes[0], write)
    order: dict[str, list[int | None]] = defaultdict(list)
    under_way: set[str] = set()

    def settle(number: int | None, session: Session) -> None:
        outbox.delivered(session.get_one(Outbox, number), "r", NOW)

    def pump(database: Database) -> None:
        name, idle = str(id(database)), 0
        while idle < 20:
            rows = do(database, lambda session: outbox.claim(session, ("telegram",), NOW, 3, name))
            idle = 0 if rows else idle + 1
            for row in rows:
                assert row.chat not in under_way, "two rows of a chat were under way"
                under_way.add(row.chat)
                order[row.chat].append(row.id)
            for row in rows:
                under_way.discard(row.chat)
                do(database, partial(settle, row.id))

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(pump, processes))
    assert {chat: len(ids) for chat, ids in order.items()} == dict.fromkeys("abcd", 15)
    assert all(ids == sorted(ids, key=lambda n: n or 0) for ids in order.values())


def test_what_is_due_happens_once_however_many_look(processes: list[Database]) -> None:
    def promise(session: Session) -> None:
        for subject in range(30):
            deadlines.promise(session, "chain", subject, "0", NOW - timedelta(seconds=30 - subject))

    do(processes[0], promise)
    happened: list[int] = []

    def one(session: Session) -> int | None:
        row = deadlines.due(session, NOW)
        if row is None:
            return None
        deadlines.done(row, NOW)
        return row.subject

    def watch(database: Database) -> None:
        idle = 0
        while idle < 10:
            subject = do(database, one)
            idle = idle + 1 if subject is None else 0
            if subject is not None:
                happened.append(subject)

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(watch, processes))
    assert sorted(happened) == list(range(30))
    assert {row.state for row in do(processes[0], lambda s: list(s.exec(select(Deadline))))} == {"done"}


@pytest.mark.postgresql
def test_a_deadline_that_one_process_is_at_is_passed_over_by_the_others(processes: list[Database]) -> None:
    first, second, _ = processes
    do(first, lambda session: deadlines.promise(session, "chain", 1, "0", NOW))
    with first.transaction() as session:
        assert deadlines.due(session, NOW) is not None
        assert do(second, lambda other: deadlines.due(other, NOW)) is None


def test_a_lease_that_three_want_at_once_is_ones(processes: list[Database]) -> None:
    def want(name: str, holder: str, session: Session) -> bool:
        return leases.take(session, name, holder, timedelta(seconds=9))

    for number in range(5):
        won = at_once(processes, *(partial(want, f"lease {number}", holder) for holder in "abc"))
        assert sorted(won) == [False, False, True]


@pytest.mark.postgresql
def test_a_connection_that_was_cut_while_it_rested_is_replaced_before_it_is_used(processes: list[Database]) -> None:
    first, second, _ = processes
    do(first, names)
    cut = text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() "
               "AND datname = current_database()")  # fmt: skip
    do(second, lambda session: session.execute(cut))
    assert do(first, names) == []


@pytest.mark.postgresql
def test_the_server_works_in_utc_and_lets_go_of_what_a_frozen_process_holds(database: Database) -> None:
    wanted = {"TimeZone": "UTC", "lock_timeout": "10s", "idle_in_transaction_session_timeout": "10s",
              "transaction_isolation": "serializable", "application_name": "tryggvag"}  # fmt: skip
    with database.engine.connect() as connection:
        found = {name: connection.execute(text(f"SHOW {name}")).scalar() for name in wanted}
    assert found == wanted
