"""A payload of Slack's becomes one event, or nothing, or says what it lacks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.events import Kind
from bot.handlers import slack_events as subject
from bot.handlers.slack_events import Foreign, Here, Malformed, typed
from bot.playground.slack_text import typed as as_slack_writes_it

NOW = datetime(2026, 11, 21, 18, 30, tzinfo=UTC)
HERE = Here("T1", "UBOT", NOW)
TS = f"{(NOW - timedelta(minutes=5)).timestamp():.6f}"


def message(**event: Any) -> dict[str, Any]:
    written = {
        "type": "message",
        "channel_type": "im",
        "channel": "D1",
        "user": "U1",
        "text": "hej",
        "ts": TS,
    }
    return {"type": "event_callback", "team_id": "T1", "event_id": "Ev1", "event": {**written, **event}}


def edited(**after: Any) -> dict[str, Any]:
    new = {"user": "U1", "text": "nytt", "ts": TS, "edited": {"user": "U1", "ts": TS}, **after}
    return message(subtype="message_changed", message=new, previous_message={"text": "gammalt"})


def press(**rest: Any) -> dict[str, Any]:
    action = {"type": "button", "action_id": "press:0", "value": "tok", "action_ts": TS}
    return {
        "type": "block_actions",
        "team": {"id": "T1"},
        "user": {"id": "U1", "team_id": "T1", "name": "alva"},
        "container": {"type": "message", "message_ts": TS, "channel_id": "C1", "is_ephemeral": True},
        "trigger_id": "tr1",
        "actions": [action],
        **rest,
    }


def test_a_message_has_the_time_it_was_sent() -> None:
    event = subject.message(HERE, message())
    assert event is not None
    assert (event.sent_at, event.received_at) == (NOW - timedelta(minutes=5), NOW)
    assert event.uid == f"slack:T1:m:D1:{TS}"


@pytest.mark.parametrize("ts", ["", "nan", "1e400", "inte ett tal", "-9e99"])
def test_a_time_that_cannot_be_read_is_now(ts: str) -> None:
    assert subject.moment(ts, NOW) == NOW


@pytest.mark.parametrize("extra", [{"files": [{"id": "F1"}]}, {"subtype": "file_share"}])
def test_a_file_is_something_that_cannot_be_read_yet_with_its_words(extra: dict[str, Any]) -> None:
    event = subject.message(HERE, message(**extra))
    assert event is not None and (event.kind, event.text) == (Kind.OTHER, "hej")


def test_what_is_written_to_a_thread_and_the_chat_alike_is_a_message() -> None:
    event = subject.message(HERE, message(subtype="thread_broadcast", thread_ts="1.5"))
    assert event is not None and (event.kind, event.reply_to) == (Kind.TEXT, "D1:1.5")


def test_the_first_message_of_a_thread_answers_nothing() -> None:
    event = subject.message(HERE, message(thread_ts=TS))
    assert event is not None and event.reply_to == ""


def test_a_message_that_its_writer_changed_says_what_it_says_now() -> None:
    event = subject.message(HERE, edited())
    assert event is not None
    assert (event.kind, event.command, event.text) == (Kind.OTHER, "edited", "nytt")
    assert (event.message, event.uid, event.sender.user) == (f"D1:{TS}", "slack:T1:e:Ev1", "U1")


@pytest.mark.parametrize("after", [{"bot_id": "B1"}, {"text": "gammalt"}])
def test_a_preview_and_the_bots_own_changes_are_no_news(after: dict[str, Any]) -> None:
    assert subject.message(HERE, edited(**after)) is None


@pytest.mark.parametrize("extra", [{"bot_id": "B1"}, {"subtype": "message_deleted"}, {"channel_type": "group"}])
def test_what_nobody_wrote_to_the_bot_is_no_event(extra: dict[str, Any]) -> None:
    assert subject.message(HERE, message(**extra)) is None


def test_a_person_of_another_workspace_keeps_their_own() -> None:
    event = subject.message(HERE, message(team="T1", user_team="T2"))
    assert event is not None and event.sender.team == "T2"


def test_what_was_meant_for_another_workspace_is_foreign() -> None:
    with pytest.raises(Foreign, match="T2"):
        subject.message(HERE, {**message(), "team_id": "T2"})


def test_in_a_shared_channel_the_installation_counts_and_not_where_it_was_written() -> None:
    assert subject.message(HERE, {**message(), "team_id": "T2", "authorizations": [{"team_id": "T1"}]})


def test_somebody_elses_joining_is_no_event() -> None:
    body = message(type="member_joined_channel", user="U1", channel="C1")
    assert subject.membership(HERE, body) is None


def test_being_added_by_nobody_known_is_the_bots_own_act() -> None:
    event = subject.membership(HERE, message(type="member_joined_channel", user="UBOT", channel="C1"))
    assert event is not None and (event.kind, event.sender.user) == (Kind.ADDED, "UBOT")


def test_a_press_on_what_only_one_person_sees_still_names_its_message() -> None:
    event = subject.press(HERE, press())
    assert event is not None
    assert (event.message, event.chat.id, event.chat.private) == (f"C1:{TS}", "C1", False)
    assert event.uid == f"slack:T1:t:tr1:{TS}"


@pytest.mark.parametrize(
    "rest", [{"actions": [{"type": "static_select", "action_id": "x"}]}, {"container": {"type": "view"}}]
)
def test_only_buttons_in_messages_are_presses(rest: dict[str, Any]) -> None:
    assert subject.press(HERE, press(**rest)) is None


def test_what_is_lacking_is_named_without_what_was_there() -> None:
    with pytest.raises(Malformed, match=r"^trigger_id$"):
        subject.press(HERE, press(trigger_id=17))


def submission(metadata: str) -> dict[str, Any]:
    chosen = {"type": "static_select", "selected_option": {"value": "threat"}}
    state = {
        "kind": {"answer": chosen},
        "none": {"answer": {"type": "static_select", "selected_option": None}},
        "text": {"answer": {"type": "plain_text_input", "value": "ord"}},
        "empty": {"answer": {"type": "plain_text_input", "value": None}},
    }
    view = {"id": "V1", "hash": "h1", "private_metadata": metadata, "state": {"values": state}}
    return {"type": "view_submission", "team": {"id": "T1"}, "user": {"id": "U1"}, "view": view}


def test_a_form_has_the_value_of_each_field_and_nothing_for_what_was_skipped() -> None:
    event = subject.submission(HERE, submission("tok D1"))
    assert event.values == {"kind": "threat", "none": "", "text": "ord", "empty": ""}
    assert (event.uid, event.token, event.chat.id) == ("slack:T1:v:V1:h1", "tok", "D1")


@pytest.mark.parametrize("metadata", ["tok", "tok C1"])
def test_a_form_from_elsewhere_is_answered_to_the_person(metadata: str) -> None:
    event = subject.submission(HERE, submission(metadata))
    assert (event.token, event.chat.id, event.chat.private) == ("tok", "U1", True)


@pytest.mark.parametrize(
    ("marked", "words"),
    [
        ("<https://example.se>", "https://example.se"),
        ("<http://example.se|example.se>", "example.se"),
        ("<https://example.se|här>", "här (https://example.se)"),
        ("<mailto:a@example.se|a@example.se>", "a@example.se"),
        ("<tel:112|112>", "112"),
        ("<@U1>", "@U1"),
        ("<@U1|alva>", "@alva"),
        ("<#C1|enheten>", "#enheten"),
        ("<!channel>", "@channel"),
        ("<!here|@here>", "@here"),
        ("&lt;b&gt; &amp;amp;", "<b> &amp;"),
    ],
)
def test_markup_is_read_as_the_words_that_were_typed(marked: str, words: str) -> None:
    assert typed(marked) == words


@given(st.text())
def test_what_a_person_types_comes_through_as_it_was(text: str) -> None:
    assert typed(as_slack_writes_it(text)) == text
