"""A payload of Slack's becomes one event, or nothing, or says what it lacks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.events import Attached, Chat, Kind, Medium
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


@pytest.mark.parametrize("container", [None, 5, [], {}, {"is_ephemeral": "true"}, {"is_ephemeral": 1}])
def test_only_what_slack_says_is_seen_by_one_is_taken_for_that(container: Any) -> None:
    """Nothing is replaced on a guess."""
    assert subject.back(press(response_url="http://x/1")) == subject.Back("http://x/1", fleeting=True)
    assert subject.back(press(response_url="http://x/1", container=container)) == subject.Back("http://x/1")
    assert subject.back(press(response_url=7, container=container)) == subject.Back()


@pytest.mark.parametrize("ts", ["", "nan", "1e400", "inte ett tal", "-9e99"])
def test_a_time_that_cannot_be_read_is_now(ts: str) -> None:
    assert subject.moment(ts, NOW) == NOW


def things(**extra: Any) -> tuple[Attached, ...]:
    event = subject.message(HERE, message(**extra))
    assert event is not None and (event.kind, event.text) == (Kind.EVIDENCE, "hej")
    return event.attached


def test_a_file_of_which_slack_tells_no_more_is_a_document_by_its_id() -> None:
    card = {"id": "F1", "mode": "file_access", "file_access": "check_file_info", "name": None, "size": "9"}
    assert things(files=[card]) == (Attached(Medium.DOCUMENT, remote="F1"),)


@pytest.mark.parametrize("mode", ["tombstone", "hidden_by_limit"])
def test_a_file_that_is_hidden_or_deleted_is_found_out_when_it_is_fetched(mode: str) -> None:
    assert things(files=[{"id": "F1", "mode": mode}])[0].remote == "F1"


@pytest.mark.parametrize("sign", [{"is_external": True}, {"mode": "external"}])
def test_a_file_that_lies_elsewhere_is_its_address(sign: dict[str, Any]) -> None:
    card = {"id": "F1", "title": "Plan", "url_private": "https://drive.example/1", **sign}
    assert things(files=[card]) == (Attached(Medium.MESSAGE, text="Plan\nhttps://drive.example/1"),)


def test_a_files_message_without_files_is_something_that_cannot_be_read() -> None:
    event = subject.message(HERE, message(subtype="file_share"))
    assert event is not None and (event.kind, event.text) == (Kind.OTHER, "hej")


@pytest.mark.parametrize("files", ["F1", {"id": "F1"}, ["F1"], [{}], [{"id": 3}], [None]])
def test_files_of_a_strange_shape_are_malformed(files: Any) -> None:
    with pytest.raises(Malformed):
        subject.message(HERE, message(files=files))


def test_a_shared_message_may_lack_all_but_its_sign() -> None:
    assert things(attachments=[{"is_share": True}, "x", {"text": "en länk"}]) == (Attached(Medium.MESSAGE),)


def test_no_message_brings_more_than_fifty_things() -> None:
    assert len(things(files=[{"id": f"F{number}"} for number in range(2000)])) == 50


def test_an_unfurled_message_that_was_known_is_no_news() -> None:
    card = {"is_msg_unfurl": True, "text": "hot", "from_url": "https://x.slack.com/archives/C1/p1", "ts": "1.5"}
    body = edited(edited=None, text="hej", attachments=[card])
    del body["event"]["message"]["edited"]
    body["event"]["previous_message"] = {"text": "hej"}
    event = subject.message(HERE, body)
    assert event is not None and [thing.text for thing in event.attached] == ["hot"]
    body["event"]["previous_message"]["attachments"] = [card]
    assert subject.message(HERE, body) is None


def test_what_the_bot_itself_says_is_nothing_even_when_only_its_user_is_named() -> None:
    assert subject.message(HERE, message(user="UBOT", files=[{"id": "F1"}])) is None


def flagged(**rest: Any) -> dict[str, Any]:
    body = press(type="message_action", callback_id="flag_message", channel={"id": "D9"}, action_ts=TS)
    return {**body, "message": {"user": "U2", "text": "hot &amp; hat", "ts": "1795285500.5"}, **rest}


def test_a_flagged_message_is_asked_about_in_the_pressers_own_chat() -> None:
    """D9 may be their direct message with somebody else."""
    event = subject.shortcut(HERE, flagged())
    assert (event.chat, event.uid, event.text) == (Chat("U1", private=True), "slack:T1:t:tr1", "")
    (thing,) = event.attached
    assert (thing.medium, thing.text, thing.author) == (Medium.MESSAGE, "hot & hat", "U2")
    assert thing.made_at is not None and thing.made_at.timestamp() == 1795285500.5


def test_a_flagged_message_of_an_app_has_its_name() -> None:
    message = {"username": "Larmet", "bot_id": "B1", "text": "hot", "ts": "x"}
    (thing,) = subject.shortcut(HERE, flagged(message=message)).attached
    assert (thing.author, thing.made_at) == ("Larmet", None)


@pytest.mark.parametrize("missing", ["message", "trigger_id", "user"])
def test_a_shortcut_without_what_it_always_has_is_malformed(missing: str) -> None:
    with pytest.raises(Malformed):
        subject.shortcut(HERE, flagged(**{missing: None}))


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


def test_half_a_smiley_and_a_zero_reach_no_database() -> None:
    event = subject.message(HERE, message(text="a\ud83d\0b", user="U\0"))
    assert event is not None
    assert (event.text, event.sender.user) == ("a\ufffd\ufffdb", "U\ufffd")
    filled = submission("tok")
    filled["view"]["state"] = {"values": {"wh\0at": {"answer": {"value": "\ud83d"}}}}
    assert subject.submission(HERE, filled).values == {"wh\ufffdat": "\ufffd"}
