"""First in first out for each chat, the urgent first between chats, and an honest end for every row."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import event, insert
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, select

from storage import outbox
from storage.database import Database
from storage.outbox import PRIORITY
from storage.tables import Outbox
from tests.storage.conftest import KEY

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
BOTH = ("telegram", "slack")


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    with Session(database.engine) as opened:
        yield opened


def put(session: Session, chat: str = "alva", purpose: str = "answer", **more: Any) -> Outbox:
    """A row that waits."""
    place: dict[str, Any] = {"platform": "telegram", "team": "", "chat": chat}
    what: dict[str, Any] = {"purpose": purpose, "priority": PRIORITY[purpose], "body": {"parts": []}}
    row = Outbox(**{"created_at": NOW, "not_before": NOW, **place, **what, **more})
    session.add(row)
    session.flush()
    return row


def claimed(session: Session, most: int = 10, now: datetime = NOW) -> list[int | None]:
    return [row.id for row in outbox.claim(session, BOTH, now, most)]


def test_a_chat_gets_its_rows_one_by_one_in_the_order_they_were_written(session: Session) -> None:
    first, second = put(session), put(session)
    assert claimed(session) == [first.id]
    assert claimed(session) == [], "the second went out beside the first"
    outbox.delivered(first, "1", NOW)
    assert claimed(session) == [second.id]


def test_no_more_files_are_taken_than_asked_for_and_others_take_their_place(session: Session) -> None:
    """Those that are left keep their place, also in their own chats."""
    first, second, third = (put(session, chat=name, act="file") for name in "abc")
    put(session, chat="b")
    words, more = put(session, chat="d"), put(session, chat="e")

    def taken(most: int, files: int) -> list[int | None]:
        return [row.id for row in outbox.claim(session, BOTH, NOW, most, files=files)]

    assert taken(2, 1) == [first.id, words.id]
    assert taken(10, 0) == [more.id]
    assert taken(10, -1) == []
    assert taken(10, 5) == [second.id, third.id]


def test_a_row_that_only_hurries_does_not_overtake_in_its_own_chat(session: Session) -> None:
    info, answer = put(session, purpose="info"), put(session, purpose="answer")
    assert claimed(session) == [info.id]
    outbox.failed(info, "gone", NOW)
    assert claimed(session) == [answer.id]


def test_between_chats_what_hurries_goes_first_and_then_the_oldest(session: Session) -> None:
    info = put(session, "a", "info")
    notice = put(session, "b", "notice")
    question, alert, emergency = (
        put(session, "c", "question"),
        put(session, "d", "alert"),
        put(session, "e", "emergency"),
    )
    assert claimed(session) == [emergency.id, notice.id, question.id, alert.id, info.id]


def test_no_more_is_claimed_than_was_asked_for(session: Session) -> None:
    rows = [put(session, chat) for chat in "abc"]
    assert claimed(session, 2) == [rows[0].id, rows[1].id]
    assert claimed(session, 0) == []
    assert claimed(session, 2) == [rows[2].id]


def test_a_retry_that_waits_holds_up_its_own_chat_and_no_other(session: Session) -> None:
    retry, behind, other = put(session, "a"), put(session, "a"), put(session, "b")
    outbox.again(retry, NOW + timedelta(seconds=30))
    session.flush()
    assert claimed(session) == [other.id]
    assert claimed(session, now=NOW + timedelta(seconds=30)) == [retry.id]
    outbox.delivered(retry, "1", NOW)
    assert claimed(session) == [behind.id]


def test_the_same_chat_name_on_another_platform_is_another_chat(session: Session) -> None:
    here, there = put(session, "a"), put(session, "a", platform="slack")
    assert claimed(session) == [here.id, there.id]


def test_only_platforms_that_are_up_are_claimed_for(session: Session) -> None:
    put(session, "a", platform="slack")
    assert outbox.claim(session, ("telegram",), NOW, 10) == []
    assert outbox.claim(session, (), NOW, 10) == []


URGENT_TOO = st.tuples(st.sampled_from("abc"), st.sampled_from(sorted(PRIORITY)))
STEP = st.one_of(URGENT_TOO, st.tuples(st.integers(0, 3), st.integers(0, 3)), st.sampled_from(["settle", "again"]))


def heads(session: Session) -> list[Outbox]:
    """What may be sent now, by a plain reading of the rules: in each chat emergencies first, then the oldest."""
    waiting: dict[str, list[Outbox]] = {}
    busy = set()
    for row in session.exec(select(Outbox)):
        if row.state == "claimed":
            busy.add(row.chat)
        elif row.state == "waiting":
            waiting.setdefault(row.chat, []).append(row)
    free = [min(rows, key=lambda r: (r.priority >= 0, r.id)) for chat, rows in waiting.items() if chat not in busy]
    return sorted(free, key=lambda r: (r.priority, r.id))


@settings(max_examples=150, deadline=None)
@given(st.lists(STEP, min_size=1, max_size=25))
def test_whatever_comes_between_emergencies_overtake_and_everything_else_stays_in_order(steps: list[Any]) -> None:
    database = Database("sqlite://", [KEY])
    Outbox.metadata.create_all(database.engine)
    with Session(database.engine) as session:
        held: list[Outbox] = []
        for step in steps:
            if step in ("settle", "again") and held:
                row = held.pop(0)
                outbox.delivered(row, "r", NOW) if step == "settle" else outbox.again(row, NOW)
            elif isinstance(step, tuple) and isinstance(step[0], str):
                put(session, step[0], step[1])
            elif isinstance(step, tuple):
                most, urgent = step
                expected = heads(session)
                urgently = [row for row in expected if row.priority < 0][: max(most, urgent)]
                others = [row for row in expected if row.priority >= 0][: max(0, most - len(urgently))]
                got = outbox.claim(session, BOTH, NOW, most, urgent=urgent)
                assert [row.id for row in got] == [row.id for row in urgently + others]
                held += got
            session.flush()
    database.close()


@settings(max_examples=60, deadline=None)
@given(st.lists(URGENT_TOO, min_size=1, max_size=12), st.integers(1, 4))
def test_however_rows_are_claimed_each_chat_gets_them_all_and_reads_them_in_order(
    template_rows: list[tuple[str, str]], most: int
) -> None:
    database = Database("sqlite://", [KEY])
    Outbox.metadata.create_all(database.engine)
    with Session(database.engine) as session:
        written = [put(session, chat, purpose) for chat, purpose in template_rows]
        sent: list[Outbox] = []
        while rows := outbox.claim(session, BOTH, NOW, most):
            assert len({row.chat for row in rows}) == len(rows) <= most
            for row in rows:
                sent.append(row)
                outbox.delivered(row, "r", NOW)
        for chat in "abc":
            inner = sorted((row for row in written if row.chat == chat), key=lambda row: (row.priority >= 0, row.id))
            assert [row for row in sent if row.chat == chat] == inner
    database.close()


def test_an_emergency_overtakes_what_waits_in_its_chat_and_nothing_that_is_on_its_way(session: Session) -> None:
    under_way, waits = put(session), put(session)
    assert claimed(session) == [under_way.id]
    emergency = put(session, purpose="emergency")
    assert claimed(session) == []
    outbox.delivered(under_way, "1", NOW)
    assert claimed(session) == [emergency.id]
    assert claimed(session) == [], "two were on their way to one chat"
    outbox.delivered(emergency, "2", NOW)
    assert claimed(session) == [waits.id]


def test_an_emergency_that_waits_to_be_tried_again_keeps_its_place(session: Session) -> None:
    waits, emergency = put(session), put(session, purpose="emergency")
    outbox.again(emergency, NOW + timedelta(seconds=5))
    session.flush()
    assert claimed(session) == []
    assert claimed(session, now=NOW + timedelta(seconds=5)) == [emergency.id]
    outbox.delivered(emergency, "1", NOW)
    assert claimed(session) == [waits.id]


def test_emergencies_are_claimed_beyond_what_else_there_is_room_for(session: Session) -> None:
    rows = [put(session, chat, "emergency") for chat in "abc"] + [put(session, "d")]
    assert [row.id for row in outbox.claim(session, BOTH, NOW, 0, urgent=2)] == [row.id for row in rows[:2]]
    assert [row.id for row in outbox.claim(session, BOTH, NOW, 0, urgent=2)] == [rows[2].id]
    assert outbox.claim(session, BOTH, NOW, 0, urgent=2) == []


MANY = 10_000


@pytest.fixture
def crowded(session: Session) -> Session:
    """A hundred people with a hundred briefings each, and an emergency to each of them."""
    common = {"created_at": NOW, "not_before": NOW, "platform": "telegram", "team": "", "act": "send",
              "state": "waiting", "claimed_by": "", "repeat": False, "attempts": 0, "reason": ""}  # fmt: skip
    session.execute(
        insert(Outbox), [{**common, "chat": f"c{n % 100}", "purpose": "info", "priority": 5} for n in range(MANY)]
    )
    session.execute(
        insert(Outbox), [{**common, "chat": f"c{n}", "purpose": "emergency", "priority": -5} for n in range(100)]
    )
    session.commit()
    session.connection().exec_driver_sql("ANALYZE")
    return session


def test_emergencies_go_first_through_a_crowd_and_no_look_reads_all_of_it(crowded: Session) -> None:
    began = time.perf_counter()
    rows = outbox.claim(crowded, BOTH, NOW, 30, urgent=60)
    assert [row.purpose for row in rows] == ["emergency"] * 60
    for row in rows:
        outbox.delivered(row, "r", NOW)
    rest = outbox.claim(crowded, BOTH, NOW, 60)
    assert [row.purpose for row in rest] == ["emergency"] * 40 + ["info"] * 20
    assert time.perf_counter() - began < 2.0, "every row was looked at for every other"


def test_each_look_for_what_may_be_sent_goes_by_an_index(crowded: Session) -> None:
    looks: list[tuple[str, Any]] = []
    connection = crowded.connection()
    event.listen(connection, "before_cursor_execute", lambda *call: looks.append((call[2], call[3])))
    outbox.claim(crowded, BOTH, NOW, 1, urgent=0)
    outbox.claim(crowded, BOTH, NOW, 200)
    selects = {statement: bound for statement, bound in looks if statement.startswith("SELECT")}
    assert len(selects) == 3
    explain = "EXPLAIN QUERY PLAN " if connection.dialect.name == "sqlite" else "EXPLAIN "
    for statement, bound in selects.items():
        rows = crowded.connection().exec_driver_sql(explain + statement, bound)
        plan = "\n".join(str(row) for row in rows)
        if statement.startswith("SELECT 1"):  # both are of what waits, and ordered by how urgent it is
            assert "outbox_urgent" in plan or "outbox_waiting" in plan, plan
        else:
            assert "outbox_claimed" in plan and "outbox_urgent" in plan, plan
        assert not any(slow in plan for slow in ("SCAN outbox\n", "TEMP B-TREE", "Seq Scan", "Sort")), plan
    crowded.rollback()


# Five minutes


def test_the_five_minutes_begin_when_it_is_first_claimed(session: Session) -> None:
    row = put(session)
    claimed(session, now=NOW + timedelta(hours=1))
    first = row.tried_at
    outbox.again(row, NOW + timedelta(hours=1, minutes=1))
    session.flush()
    claimed(session, now=NOW + timedelta(hours=1, minutes=1))
    assert row.tried_at == first == NOW + timedelta(hours=1)


def test_only_what_was_tried_five_minutes_ago_and_waits_is_overdue(session: Session) -> None:
    long_ago = NOW - outbox.WITHIN
    old, sending = put(session, "a", tried_at=long_ago), put(session, "b", tried_at=long_ago, state="claimed")
    put(session, "c"), put(session, "d", tried_at=long_ago + timedelta(seconds=1))
    put(session, "e", tried_at=long_ago, platform="slack")
    assert outbox.overdue(session, ("telegram",), NOW) == [old]
    assert sending.state == "claimed"


@pytest.mark.parametrize(("repeat", "state"), [(False, "failed"), (True, "uncertain")])
def test_what_is_carried_on_keeps_its_number_and_how_it_ended_is_written_down(
    session: Session, repeat: bool, state: str
) -> None:
    row, behind = put(session, repeat=repeat, tried_at=NOW, attempts=3), put(session)
    ended = outbox.carry_on(session, row, "no answer", NOW + timedelta(minutes=5))
    session.flush()
    assert (ended.state, ended.reason, ended.body, ended.carried_by) == (state, "no answer", None, row.id)
    assert (row.state, row.tried_at, row.owed_since, row.body) == ("waiting", None, NOW, {"parts": []})
    assert outbox.carried_from(session, row) == [ended]
    assert session.exec(select(Outbox).where(*outbox.lost())).all() == []
    assert claimed(session) == [row.id]
    outbox.failed(row, "gone", NOW)
    assert claimed(session) == [behind.id]
    assert session.exec(select(Outbox).where(*outbox.lost())).all() == [row]


def test_a_delivered_row_has_the_platforms_reference_and_no_longer_its_words(session: Session) -> None:
    row = put(session)
    outbox.delivered(row, "alva:17", NOW)
    session.commit()
    session.refresh(row)
    assert (row.state, row.ref, row.settled_at, row.body, row.reason) == (
        "delivered",
        "alva:17",
        NOW,
        None,
        "",
    )


def test_a_failed_row_says_why_and_no_longer_has_its_words(session: Session) -> None:
    row = put(session)
    outbox.failed(row, "the chat is gone", NOW)
    session.commit()
    assert (row.state, row.reason, row.body, row.ref) == ("failed", "the chat is gone", None, None)


@pytest.mark.parametrize("purpose", ["emergency", "answer", "question", "notice", "alert"])
def test_what_matters_and_may_have_been_lost_is_sent_once_more_and_says_so(session: Session, purpose: str) -> None:
    row = put(session, purpose=purpose, state="claimed")
    outbox.unsure(row, "timed out", NOW)
    assert (row.state, row.repeat, row.body) == ("waiting", True, {"parts": []})
    outbox.unsure(row, "timed out", NOW)
    assert (row.state, row.reason, row.body) == ("uncertain", "timed out", None), "it was sent a third time"


def test_what_does_not_hurry_and_may_have_been_lost_is_listed_and_not_sent_again(session: Session) -> None:
    row = put(session, purpose="info", state="claimed")
    outbox.unsure(row, "timed out", NOW)
    assert (row.state, row.repeat, row.reason) == ("uncertain", False, "timed out")


@pytest.mark.parametrize("purpose", ["answer", "info"])
@pytest.mark.parametrize("act", ["edit", "pin", "leave"])
def test_an_edit_is_tried_again_ever_more_seldom_never_marked_and_in_the_end_listed(
    session: Session, act: str, purpose: str
) -> None:
    row = put(session, act=act, purpose=purpose, state="claimed")
    waits = []
    for _ in range(20):
        outbox.unsure(row, "timed out", NOW)
        if row.state != "waiting":
            break
        waits.append(row.not_before - NOW)
        assert not row.repeat
    assert row.state == "uncertain"
    assert waits == sorted(set(waits)) and waits[0] > timedelta(0)


def test_after_a_restart_what_was_under_way_is_unsure_and_the_rest_is_left_alone(session: Session) -> None:
    notice, info = put(session, "a", "notice", state="claimed"), put(session, "b", "info", state="claimed")
    waiting = put(session, "c")
    assert outbox.left_claimed(session, NOW, BOTH) == [notice, info]
    assert (notice.state, notice.repeat) == ("waiting", True)
    assert info.state == "uncertain" and "ended" in info.reason
    assert (waiting.state, waiting.repeat) == ("waiting", False)
    assert outbox.left_claimed(session, NOW, BOTH) == []


def test_a_notice_outlives_two_crashes_in_a_row_and_is_given_up_when_sending_it_is_what_ends_the_process(
    session: Session,
) -> None:
    notice = put(session, "a", "notice", state="claimed")
    for _ in range(outbox.CRASHES):
        outbox.left_claimed(session, NOW, BOTH)
        assert (notice.state, notice.repeat) == ("waiting", True)
        notice.state = "claimed"
    outbox.left_claimed(session, NOW, BOTH)
    assert notice.state == "uncertain"


def test_a_press_proves_that_an_uncertain_message_arrived(session: Session) -> None:
    row = put(session, state="claimed")
    for _ in range(2):
        outbox.unsure(row, "timed out", NOW)
    outbox.arrived(session, row.id or 0, NOW, "alva:17")
    assert (row.state, row.ref, row.reason) == ("delivered", "alva:17", "")


def test_a_press_on_what_waits_to_be_repeated_makes_the_repeat_needless(session: Session) -> None:
    row = put(session, state="claimed")
    outbox.unsure(row, "timed out", NOW)
    outbox.arrived(session, row.id or 0, NOW, "alva:17")
    session.flush()
    assert row.state == "delivered" and claimed(session) == []


def test_a_press_changes_nothing_of_what_was_never_sent_or_is_settled(session: Session) -> None:
    never, failed = put(session), put(session, "b")
    outbox.failed(failed, "gone", NOW)
    for row in (never, failed):
        outbox.arrived(session, row.id or 0, NOW, "forged")
    outbox.arrived(session, 999, NOW, "forged")
    assert (never.state, failed.state) == ("waiting", "failed")
    assert never.ref is None and failed.ref is None


def test_a_message_is_found_by_what_the_platform_calls_it(session: Session) -> None:
    row, elsewhere = put(session), put(session, "b", platform="slack")
    edit = put(session, "c", act="edit")
    for one in (row, elsewhere, edit):
        outbox.delivered(one, "17", NOW)
    session.flush()
    assert outbox.by_ref(session, "telegram", "17") is row
    assert outbox.by_ref(session, "slack", "17") is elsewhere
    assert outbox.by_ref(session, "telegram", "18") is None


@pytest.mark.parametrize(
    "lie",
    [{"state": "delivered", "ref": None}, {"state": "failed", "reason": ""}, {"state": "sent"}],
    ids=["delivered without a reference", "failed without a reason", "a state that is none"],
)
def test_the_database_itself_refuses_an_end_that_is_not_true(session: Session, lie: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError):
        put(session, **lie)
    session.rollback()
    assert session.exec(select(Outbox)).all() == []
