"""First in first out for each chat, the urgent first between chats, and an honest end for every row."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
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


def test_a_row_that_hurries_does_not_overtake_in_its_own_chat(session: Session) -> None:
    info, answer = put(session, purpose="info"), put(session, purpose="answer")
    assert claimed(session) == [info.id]
    outbox.failed(info, "gone", NOW)
    assert claimed(session) == [answer.id]


def test_between_chats_what_hurries_goes_first_and_then_the_oldest(session: Session) -> None:
    info = put(session, "a", "info")
    notice = put(session, "b", "notice")
    question = put(session, "c", "question")
    assert claimed(session) == [notice.id, question.id, info.id]


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


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(sorted(PRIORITY))), min_size=1, max_size=12),
    st.integers(1, 4),
)
def test_however_rows_are_claimed_each_chat_reads_them_in_order_and_gets_them_all(
    template_rows: list[tuple[str, str]], most: int
) -> None:
    database = Database("sqlite://", [KEY])
    Outbox.metadata.create_all(database.engine)
    with Session(database.engine) as session:
        written = [(chat, put(session, chat, purpose).id) for chat, purpose in template_rows]
        sent: list[tuple[str, int | None]] = []
        while rows := outbox.claim(session, BOTH, NOW, most):
            assert len({row.chat for row in rows}) == len(rows) <= most
            for row in rows:
                sent.append((row.chat, row.id))
                outbox.delivered(row, "r", NOW)
    database.close()
    for chat in "abc":
        assert [row for c, row in sent if c == chat] == [row for c, row in written if c == chat]


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


@pytest.mark.parametrize("purpose", ["answer", "question", "notice"])
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
