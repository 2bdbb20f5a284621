"""The Slack channel over the wire: how payloads come in and when they are acknowledged."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.channels import BadLogin
from bot.events import Address, Kind, Outcome, Platform
from bot.handlers import slack as subject
from bot.handlers.slack import Acknowledge, Respond, SlackChannel, Work
from bot.messages import Button, Field, Message, Paragraph, Phone, Sheet, Title
from bot.playground.faults import Misbehaviour
from bot.playground.slack import Delivery, SlackPlayground
from tests.handlers.slack_rig import APP, BOT, CODE, LOADING, SLOW, TEAM, Desk, Rig, channel_to, slack_rig

QUESTION = Message((Title(("Läst?",)),), ((Button("Läst", "tok-1"), Button("Fyll i", "tok-2", form=True)),))
WORDS = Message((Paragraph(("Ring ", Phone("112"), ".")),))
SHEET = Sheet("Flagga", "Skicka", "Stäng", "tok-3", (Field("what", "Vad hände?"), Field("where", "Var?")))


@pytest.fixture
async def rig() -> AsyncIterator[Rig]:
    async with slack_rig() as rig:
        yield rig


async def ask(rig: Rig) -> None:
    """Put a message with buttons before Alva."""
    await rig.channel.send(rig.alva.id, QUESTION)


async def open_form(rig: Rig) -> None:
    """Let Alva press "Fyll i" and see the form."""
    rig.desk.answer = lambda event: Outcome(sheet=SHEET)
    await ask(rig)
    await rig.alva.press(rig.alva.last, "Fyll i")
    await rig.server.wait_for(lambda: rig.alva.modal and rig.alva.modal.title == "Flagga", what="the form")
    await rig.desk.next()


def title(rig: Rig) -> str:
    return rig.alva.modal.title if rig.alva.modal else ""


# The acknowledgement


async def test_a_message_is_acknowledged_only_after_the_door_returned(rig: Rig) -> None:
    """While the commit is under way, however long, Slack would still send the message again."""
    rig.channel.patience = 0.0
    rig.desk.open.clear()
    delivery = await rig.alva.write("hej")
    await rig.desk.next()
    assert not delivery.acked.is_set()
    assert rig.desk.probes == []
    rig.desk.open.set()
    await delivery.answer()
    assert [event.text for event in rig.desk.committed] == ["hej"]
    assert rig.desk.probes == ["between commit and acknowledgement"]


class Hasty(SlackChannel):
    """What the proof must see go red: it acknowledges before the commit."""

    async def settle(self, work: Work, acknowledge: Acknowledge, respond: Respond, *, patient: bool = False) -> None:
        await acknowledge(None)
        self.spawn(self.follow(self.spawn(work), respond))


async def test_the_order_can_be_reversed_by_a_subclass() -> None:
    """Else the proof of durability could not show that it notices the wrong order."""
    async with slack_rig(Hasty) as rig:
        rig.desk.open.clear()
        delivery = await rig.alva.write("hej")
        await delivery.answer()
        assert rig.desk.committed == []
        rig.desk.open.set()


async def test_a_message_that_was_not_committed_comes_again(rig: Rig) -> None:
    """The door fails, Slack gets no acknowledgement, and the same act comes with the same uid."""
    rig.desk.failures = [RuntimeError("the disk is full")]
    lost = await rig.alva.write("hej")
    first = await rig.desk.next()
    await (await rig.alva.write("hej igen")).answer()
    await rig.desk.next()
    assert not lost.acked.is_set()
    await rig.server.retry_unacked()
    again = await rig.desk.next()
    await lost.answer()
    assert (first.uid, first.text) == (again.uid, again.text)
    assert [event.text for event in rig.desk.committed] == ["hej igen", "hej"]


async def test_a_crash_after_the_commit_lets_the_message_come_again(rig: Rig) -> None:
    """Slack has no acknowledgement, so the door hears of it twice, under one uid."""
    rig.desk.crashes = [RuntimeError("killed")]
    crashed = await rig.alva.write("hej")
    await (await rig.alva.write("hej igen")).answer()
    assert not crashed.acked.is_set()
    await rig.server.retry_unacked()
    await crashed.answer()
    assert len({event.uid for event in rig.desk.committed}) == 2
    assert len(rig.desk.committed) == 3


async def test_an_event_that_comes_twice_has_one_uid(rig: Rig) -> None:
    rig.server.duplicate_next()
    await rig.alva.write("hej")
    assert (await rig.desk.next()).uid == (await rig.desk.next()).uid


async def test_a_slow_command_is_acknowledged_with_words_that_promise_nothing(rig: Rig) -> None:
    """And the door goes on: what it says in the end is shown all the same."""
    rig.channel.patience = 0.0
    rig.desk.open.clear()
    rig.desk.answer = lambda event: Outcome(direct=WORDS)
    delivery = await rig.alva.command("/flagga")
    assert await delivery.answer() == {"text": SLOW}
    assert rig.desk.committed == [] and rig.desk.probes == []
    rig.desk.open.set()
    await rig.server.wait_for(lambda: rig.alva.last.plain == "Ring 112.", what="the direct answer")
    assert len(rig.desk.committed) == 1


async def test_a_slow_press_is_acknowledged_and_finished(rig: Rig) -> None:
    await ask(rig)
    rig.channel.patience = 0.0
    rig.desk.open.clear()
    delivery = await rig.alva.press(rig.alva.last, "Läst")
    assert await delivery.answer() == {}
    rig.desk.open.set()
    await rig.desk.next()
    await rig.channel.stop()
    assert [event.token for event in rig.desk.committed] == ["tok-1"]


async def test_a_command_that_was_not_committed_is_not_acknowledged(rig: Rig) -> None:
    """Slack does not send it again: the person sees Slack's own error and gives the command anew."""
    rig.server.ack_within = 0.05
    rig.desk.failures = [RuntimeError("the disk is full")]
    delivery = await rig.alva.command("/flagga")
    await rig.server.wait_for(lambda: rig.server.timeouts == [delivery], what="Slack's own error")


# What comes in


async def test_a_message_tells_who_where_and_when(rig: Rig) -> None:
    before = datetime.now(UTC)
    await rig.alva.write("<hej> & https://example.se/?a=1&b=2")
    event = await rig.desk.next()
    assert event.sender == Address(Platform.SLACK, TEAM, rig.alva.id)
    assert (event.chat.id, event.chat.private, event.kind) == (rig.alva.dm, True, Kind.TEXT)
    assert event.text == "<hej> & https://example.se/?a=1&b=2"
    assert before <= event.sent_at <= event.received_at
    assert event.sender_name == "" and rig.calls("users.info") == []


async def test_an_answer_in_a_thread_names_the_message(rig: Rig) -> None:
    ref = await rig.channel.send(rig.alva.dm, QUESTION)
    await rig.alva.write("ja", thread=rig.alva.last)
    assert (await rig.desk.next()).reply_to == ref


async def test_a_name_is_asked_for_only_with_a_code_and_only_once(rig: Rig) -> None:
    await rig.alva.write(CODE)
    await rig.alva.write(CODE)
    assert [(await rig.desk.next()).sender_name for _ in range(2)] == ["Alva Berg", "Alva Berg"]
    await rig.alva.write(CODE)
    await rig.desk.next()
    assert len(rig.calls("users.info")) <= 2


async def test_a_name_that_cannot_be_had_is_the_id(rig: Rig) -> None:
    rig.server.faults.plan("users.info", Misbehaviour.SERVER_ERROR)
    await rig.alva.write(CODE)
    assert (await rig.desk.next()).sender_name == rig.alva.id


async def test_nothing_that_is_written_in_a_channel_is_an_event(rig: Rig) -> None:
    """Also when the bot is named, its home is opened, or it hears its own words."""
    place = rig.server.channel("enheten", members=[rig.alva])
    await (await place.add_bot(by=rig.alva)).answer()
    await rig.desk.next()
    await (await place.write(rig.alva, "hemligt")).answer()
    await (await rig.alva.mention(place, "hej")).answer()
    await (await rig.alva.open_home()).answer()
    await rig.channel.send(place.id, WORDS)
    await (await rig.alva.write("hej")).answer()
    assert (await rig.desk.next()).text == "hej"
    assert rig.desk.came.empty() and rig.desk.kept == []


async def test_being_added_tells_by_whom_and_to_what(rig: Rig) -> None:
    place = rig.server.channel("enheten", members=[rig.alva])
    await place.add_bot(by=rig.alva)
    event = await rig.desk.next()
    assert (event.kind, event.sender.user) == (Kind.ADDED, rig.alva.id)
    assert (event.chat.title, event.chat.private, event.chat.public) == ("enheten", False, False)


@pytest.mark.parametrize("kind", [{"private": False}, {"ext_shared": True}])
async def test_a_channel_that_others_can_read_is_public(rig: Rig, kind: dict[str, bool]) -> None:
    await rig.server.channel("torget", **kind, members=[rig.alva]).add_bot(by=rig.alva)
    assert (await rig.desk.next()).chat.public


async def test_a_channel_that_cannot_be_looked_at_counts_as_public(rig: Rig) -> None:
    rig.server.faults.plan("conversations.info", Misbehaviour.SERVER_ERROR)
    await rig.server.channel("enheten", members=[rig.alva]).add_bot(by=rig.alva)
    assert (await rig.desk.next()).chat.public


@pytest.mark.parametrize("private", [True, False])
async def test_being_removed_and_a_channel_that_closes_are_told(rig: Rig, private: bool) -> None:
    place = rig.server.channel("enheten", private=private, members=[rig.alva])
    await place.add_bot(by=rig.alva)
    await place.remove_bot(by=rig.alva)
    await place.add_bot(by=rig.alva)
    await place.archive()
    came = [await rig.desk.next() for _ in range(4)]
    removed = [event for event in came if event.kind is Kind.REMOVED]
    assert [event.chat.id for event in removed] == [place.id, place.id]


async def test_the_bot_leaves_when_it_is_told_to(rig: Rig) -> None:
    rig.desk.answer = lambda event: Outcome(leave=event.kind is Kind.ADDED)
    place = rig.server.channel("enheten", members=[rig.alva])
    await place.add_bot(by=rig.alva)
    await rig.server.wait_for(lambda: not place.has_bot, what="the bot left")


async def test_a_command_is_its_lower_case_word_and_its_text(rig: Rig) -> None:
    await rig.alva.command("/Flagga", " hot  vid torget ")
    event = await rig.desk.next()
    assert (event.kind, event.command, event.text) == (Kind.COMMAND, "flagga", "hot  vid torget")
    assert (event.chat.private, event.sender_name) == (True, "alva.berg")


async def test_a_command_in_a_channel_is_answered_for_the_person_alone(rig: Rig) -> None:
    rig.desk.answer = lambda event: Outcome(toast="Skriv till mig direkt & i lugn och ro.", direct=WORDS)
    place = rig.server.channel("enheten", members=[rig.alva])
    await (await rig.alva.command("/flagga", channel=place)).answer()
    await rig.server.wait_for(lambda: len(place.messages) == 2, what="both answers")
    event = await rig.desk.next()
    assert (event.chat.id, event.chat.private) == (place.id, False)
    assert {message.plain for message in place.messages} == {
        "Skriv till mig direkt & i lugn och ro.",
        "Ring 112.",
    }
    assert {message.to for message in place.messages} == {rig.alva.id}


async def test_a_slow_command_in_a_channel_gets_its_answer_in_the_end(rig: Rig) -> None:
    rig.channel.patience = 0.0
    rig.desk.open.clear()
    rig.desk.answer = lambda event: Outcome(toast="Klart.")
    place = rig.server.channel("enheten", members=[rig.alva])
    await (await rig.alva.command("/flagga", channel=place)).answer()
    rig.desk.open.set()
    await rig.server.wait_for(lambda: len(place.messages) == 2, what="the answer")
    assert [message.plain for message in place.messages] == [SLOW, "Klart."]


async def test_a_command_in_a_direct_message_is_acknowledged_without_words(rig: Rig) -> None:
    rig.desk.answer = lambda event: Outcome(toast="syns inte")
    assert await (await rig.alva.command("/meny")).answer() == {}


async def test_a_press_names_its_message_and_its_token(rig: Rig) -> None:
    ref = await rig.channel.send(rig.alva.id, QUESTION)
    await rig.alva.press(rig.alva.last, "Läst")
    event = await rig.desk.next()
    assert (event.kind, event.token, event.message) == (Kind.PRESS, "tok-1", ref)
    assert event.chat.id == rig.alva.dm and event.uid.startswith(f"slack:{TEAM}:t:")


async def test_two_presses_are_two_acts(rig: Rig) -> None:
    await ask(rig)
    await rig.alva.press(rig.alva.last, "Läst")
    await rig.alva.press(rig.alva.last, "Läst")
    assert (await rig.desk.next()).uid != (await rig.desk.next()).uid


async def test_a_toast_is_whispered_in_a_channel_and_not_said_in_a_direct_message(rig: Rig) -> None:
    rig.desk.answer = lambda event: Outcome(toast="Du tog den.") if event.kind is Kind.PRESS else Outcome()
    place = rig.server.channel("enheten", members=[rig.alva])
    await place.add_bot(by=rig.alva)
    await rig.channel.send(place.id, QUESTION)
    await ask(rig)
    await (await rig.alva.press(rig.alva.last, "Läst")).answer()
    await place.press(rig.alva, place.messages[0], "Läst")
    await rig.server.wait_for(lambda: len(place.messages) == 2, what="the toast")
    assert (place.messages[1].plain, place.messages[1].to) == ("Du tog den.", rig.alva.id)
    assert len(rig.alva.messages) == 1


async def test_somebody_unknown_is_answered_directly(rig: Rig) -> None:
    rig.desk.answer = lambda event: Outcome(direct=WORDS)
    await rig.alva.write("hej")
    await rig.server.wait_for(lambda: rig.alva.messages, what="the answer")
    assert rig.alva.last.plain == "Ring 112."


async def test_an_answer_that_cannot_be_shown_harms_nothing(rig: Rig) -> None:
    rig.desk.answer = lambda event: Outcome(direct=WORDS)
    rig.server.faults.plan("chat.postMessage", Misbehaviour.SERVER_ERROR)
    await (await rig.alva.write("hej")).answer()
    await rig.called("chat.postMessage")
    await rig.alva.write("hej igen")
    await rig.server.wait_for(lambda: rig.alva.messages, what="the next answer")


# Windows


async def test_a_window_loads_before_the_door_returns_and_shows_the_form_after(rig: Rig) -> None:
    rig.desk.answer = lambda event: Outcome(sheet=SHEET)
    await ask(rig)
    rig.desk.open.clear()
    await rig.alva.press(rig.alva.last, "Fyll i")
    assert (await rig.desk.next()).token == "tok-2"
    assert rig.alva.modal is not None
    assert (rig.alva.modal.title, rig.alva.modal.plain) == (LOADING[0], LOADING[2])
    rig.desk.open.set()
    await rig.server.wait_for(lambda: title(rig) == "Flagga", what="the form")
    assert rig.alva.modal.inputs == ["Vad hände?", "Var?"]


async def test_a_form_that_is_no_longer_asked_for_says_why(rig: Rig) -> None:
    rig.desk.answer = lambda event: Outcome(toast="Det är redan besvarat.")
    await ask(rig)
    await rig.alva.press(rig.alva.last, "Fyll i")
    await rig.server.wait_for(
        lambda: rig.alva.modal and rig.alva.modal.plain == "Det är redan besvarat.", what="the reason"
    )


async def test_a_window_does_not_load_for_ever_when_the_door_fails(rig: Rig) -> None:
    await ask(rig)
    rig.desk.failures = [RuntimeError("the disk is full")]
    await rig.alva.press(rig.alva.last, "Fyll i")
    await rig.called("views.update")


async def test_a_press_is_committed_although_no_window_opened(rig: Rig) -> None:
    rig.server.faults.plan("views.open", Misbehaviour.SERVER_ERROR)
    await ask(rig)
    await (await rig.alva.press(rig.alva.last, "Fyll i")).answer()
    assert [event.token for event in rig.desk.committed] == ["tok-2"]
    assert rig.calls("views.update") == []


async def test_a_form_comes_back_with_its_token_and_answers(rig: Rig) -> None:
    await open_form(rig)
    await (await rig.alva.submit({"Vad hände?": "Hot <nu>", "Var?": "Torget"})).answer()
    event = await rig.desk.next()
    assert (event.kind, event.token) == (Kind.FORM, "tok-3")
    assert event.values == {"what": "Hot <nu>", "where": "Torget"}
    assert (event.chat.id, event.chat.private) == (rig.alva.dm, True)
    assert rig.alva.modal is None


async def test_a_form_with_faults_stays_open_and_says_what_they_are(rig: Rig) -> None:
    await open_form(rig)
    rig.desk.answer = lambda event: Outcome(errors={"where": "Var?", "unknown": "Något mer."})
    await (await rig.alva.submit({"Vad hände?": "x", "Var?": "y"})).answer()
    assert rig.alva.modal is not None
    assert rig.alva.modal.errors == {"Var?": "Var?", "Vad hände?": "Något mer."}
    assert rig.server.refused_acks == []


async def test_a_slow_form_says_that_it_waits_and_then_what_was_wrong(rig: Rig) -> None:
    await open_form(rig)
    rig.channel.patience = 0.0
    rig.desk.open.clear()
    rig.desk.answer = lambda event: Outcome(errors={"where": "Jag förstod inte platsen."})
    await (await rig.alva.submit({"Vad hände?": "x", "Var?": "y"})).answer()
    assert rig.alva.modal is not None and rig.alva.modal.plain == SLOW
    rig.desk.open.set()
    await rig.server.wait_for(
        lambda: rig.alva.modal and rig.alva.modal.plain == "Jag förstod inte platsen.", what="the fault"
    )


# What does not belong here


def envelope(payload: Any, kind: str = "events_api") -> dict[str, Any]:
    return {"envelope_id": "env-1", "type": kind, "payload": payload, "accepts_response_payload": False}


def event_payload(team: str = TEAM, **event: Any) -> dict[str, Any]:
    written = {
        "type": "message",
        "channel_type": "im",
        "channel": "D1",
        "user": "U1",
        "text": "x",
        "ts": "1.2",
    }
    return {
        "type": "event_callback",
        "team_id": team,
        "event_id": "Ev1",
        "event": {**written, **event},
        "authorizations": [{"team_id": team, "user_id": "U0"}],
    }


MALFORMED: list[Any] = [
    {},
    {"type": 7},
    {"type": "event_callback", "team_id": TEAM},
    {"type": "event_callback", "team_id": TEAM, "event": "message"},
    {"type": "event_callback", "team_id": TEAM, "event": {"type": 3}},
    event_payload(user=None),
    event_payload(ts=17),
    event_payload(channel={"id": "D1"}),
    event_payload(subtype="message_changed"),
    {"type": "block_actions", "team": {"id": TEAM}},
    {"type": "block_actions", "team": {"id": TEAM}, "actions": []},
    {"type": "block_actions", "team": {"id": TEAM}, "actions": [{"action_id": "press:0", "type": "button"}]},
    {"type": "block_actions", "team": 3, "actions": [{"action_id": "press:0"}]},
    {"type": "view_submission", "team": {"id": TEAM}, "view": {"callback_id": "form"}},
    {"type": "message_action", "team": {"id": TEAM}, "callback_id": "flag_message"},
    {"type": "message_action", "team": {"id": TEAM}, "callback_id": "flag_message", "trigger_id": "t", "message": {}},
    event_payload(files="x"),
    event_payload(files=[{"name": "utan id"}]),
    {"command": "/flagga", "team_id": TEAM},
    {"command": None},
    "words",
    17,
    ["x"],
    None,
]


@pytest.mark.parametrize("payload", MALFORMED, ids=range(len(MALFORMED)))
async def test_a_malformed_payload_is_kept_and_the_next_goes_on(rig: Rig, payload: Any) -> None:
    """It is acknowledged, for it would never be read better, and no word of it is in the reason."""
    delivery = await rig.server.inject(envelope(payload))
    await delivery.answer()
    assert len(rig.desk.kept) == 1
    assert rig.desk.kept[0][1].startswith("malformed: ")
    await (await rig.alva.write("hej")).answer()
    assert [event.text for event in rig.desk.committed] == ["hej"]


async def test_what_could_not_be_kept_is_not_acknowledged(rig: Rig) -> None:
    rig.desk.keeping_failures = [RuntimeError("the disk is full")]
    delivery = await rig.server.inject(envelope({}))
    await (await rig.alva.write("hej")).answer()
    assert not delivery.acked.is_set()


async def test_words_that_are_not_json_stop_nothing(rig: Rig) -> None:
    await rig.server.inject("{ not json")
    await rig.server.inject("[]")
    await (await rig.alva.write("hej")).answer()
    assert [event.text for event in rig.desk.committed] == ["hej"]


@pytest.mark.parametrize(
    "payload",
    [
        {"type": "shortcut", "callback_id": "x", "team": {"id": TEAM}},
        {"type": "view_closed", "view": {"callback_id": "form"}, "team": {"id": TEAM}},
        {"type": "event_callback", "team_id": TEAM, "event": {"type": "reaction_added"}},
        event_payload(subtype="channel_topic"),
        event_payload(bot_id="B9"),
        event_payload(channel_type="mpim"),
    ],
    ids=range(6),
)
async def test_what_is_of_no_use_is_acknowledged_and_forgotten(rig: Rig, payload: Any) -> None:
    await (await rig.server.inject(envelope(payload))).answer()
    assert rig.desk.kept == [] and rig.desk.came.empty()


async def test_a_payload_of_another_workspace_is_refused(rig: Rig, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        delivery = await rig.server.inject(envelope(event_payload("T0ANNAN", text="hemligt")))
        await delivery.answer()
    assert rig.desk.came.empty() and rig.desk.kept == []
    assert "T0ANNAN" in caplog.text and "hemligt" not in caplog.text


async def test_a_person_of_another_workspace_is_an_event_under_that_workspace(rig: Rig) -> None:
    """The rights then treat them as a stranger."""
    guest = rig.server.person("Gäst", team="T0ANNAN")
    await guest.write("hej")
    assert (await rig.desk.next()).sender == Address(Platform.SLACK, "T0ANNAN", guest.id)
    await rig.channel.send(guest.dm, QUESTION)
    await guest.press(guest.last, "Läst")
    assert (await rig.desk.next()).sender.team == "T0ANNAN"


# Coming, going, and what is written down


async def test_no_words_reach_the_log(rig: Rig, caplog: pytest.LogCaptureFixture) -> None:
    """Neither what is written, nor a token, whatever the level and whatever goes wrong."""
    secret = "hemligheten"
    with caplog.at_level(logging.DEBUG):
        rig.desk.failures = [RuntimeError(secret)]
        await rig.alva.write(secret)
        await rig.desk.next()
        await (await rig.alva.command("/flagga", secret)).answer()
        await (await rig.server.inject(envelope({"type": secret}))).answer()
        await (await rig.server.inject(envelope({"text": secret}))).answer()
        await rig.channel.send(rig.alva.id, Message((Title((secret,)),)))
        await rig.channel.stop()
    assert secret not in caplog.text
    assert BOT not in caplog.text and APP not in caplog.text


@pytest.mark.parametrize("tokens", [("xoxb-annan", APP), (BOT, "xapp-annan"), (APP, APP)])
async def test_a_token_that_slack_refuses_is_a_bad_login(tokens: tuple[str, str]) -> None:
    async with SlackPlayground(bot_token=BOT, app_token=APP) as server:
        with pytest.raises(BadLogin):
            await channel_to(server, Desk(), tokens=tokens).start()


async def test_after_the_start_the_team_is_known(rig: Rig) -> None:
    assert (rig.channel.platform, rig.channel.team) == (Platform.SLACK, TEAM)


async def test_a_stop_lets_what_is_under_way_be_committed_and_acknowledged(rig: Rig) -> None:
    rig.desk.open.clear()
    delivery = await rig.alva.write("hej")
    await rig.desk.next()
    stopping = asyncio.create_task(rig.channel.stop())
    await asyncio.sleep(0)
    rig.desk.open.set()
    await stopping
    await delivery.answer()
    assert len(rig.desk.committed) == 1
    await rig.server.wait_for(lambda: rig.server.connections == 0, what="the socket closed")


async def test_a_stop_leaves_no_task_behind() -> None:
    async with SlackPlayground(bot_token=BOT, app_token=APP) as server:
        before = asyncio.all_tasks()
        channel = channel_to(server, Desk())
        await channel.start()
        await channel.stop()
        ours = [task for task in asyncio.all_tasks() - before if "web_protocol" not in repr(task)]
        assert ours == []


async def test_a_door_that_never_returns_does_not_hold_up_a_stop(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subject, "FINISH_WITHIN", 0.01)
    rig.desk.open.clear()
    delivery = await rig.alva.write("hej")
    await rig.desk.next()
    await rig.channel.stop()
    assert not delivery.acked.is_set()


async def test_a_cut_connection_is_made_again_and_nothing_is_lost(rig: Rig) -> None:
    line = rig.channel._line
    assert line is not None and line._handler is not None
    await rig.server.disconnect()
    await rig.server.wait_for(lambda: rig.server.connections == 1, what="a new socket")
    delivery: Delivery = await rig.alva.write("hej")
    await delivery.answer()
    assert [event.text for event in rig.desk.committed] == ["hej"]


async def test_a_socket_that_stays_dead_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    """The SDK tries the same used-up address for ever; a second look gives it up for a new one."""
    monkeypatch.setattr("bot.handlers.slack_socket.EVERY", 0.02)
    async with slack_rig() as rig:
        line = rig.channel._line
        assert line is not None and line._handler is not None
        dead = line._handler.client
        dead.auto_reconnect_enabled = dead.default_auto_reconnect_enabled = False
        await rig.server.drop_connections()
        await rig.server.wait_for(lambda: rig.server.connections == 1, what="a new socket")
        await (await rig.alva.write("hej")).answer()
        assert len(rig.desk.committed) == 1


async def test_a_socket_that_is_open_and_silent_is_replaced(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    """It neither closes nor carries anything, not even the answer to a ping."""
    line = rig.channel._line
    assert line is not None and line._watch is not None and line._handler is not None
    rig.server.silence()
    monkeypatch.setattr("bot.handlers.slack_socket.EVERY", 0.02)
    line._watch.cancel()
    line._watch = asyncio.create_task(line._keep_open())
    silent = line._handler
    delivery = await rig.alva.write("hej")
    await rig.server.wait_for(lambda: delivery.acked.is_set(), what="the message on a new socket")
    assert line._handler is not silent
    assert [event.text for event in rig.desk.committed] == ["hej"]


async def test_what_the_socket_carries_is_heard(rig: Rig) -> None:
    before = rig.channel.heard_at
    await (await rig.alva.write("hej")).answer()
    assert before is not None and rig.channel.heard_at is not None and rig.channel.heard_at > before


async def test_a_pong_is_heard_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.handlers.slack_socket.EVERY", 0.02)
    async with slack_rig() as rig:
        await rig.server.wait_for(lambda: rig.server.connections == 1, what="the socket")
        before = rig.channel.heard_at
        for _ in range(200):
            await asyncio.sleep(0.01)
            if rig.channel.heard_at != before:
                break
        assert before is not None and (rig.channel.heard_at or 0) > before


async def test_a_revived_channel_has_one_new_socket(rig: Rig) -> None:
    line = rig.channel._line
    assert line is not None
    rig.server.silence()
    old = line._handler
    await rig.channel.revive()
    await rig.server.wait_for(lambda: rig.server.connections == 1, what="the end of the old socket")
    await (await rig.alva.write("hej")).answer()
    assert line._handler is not old and len(rig.desk.committed) == 1


async def test_what_cannot_be_revived_keeps_what_it_had(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.handlers.slack_socket.CONNECT_WITHIN", 0.05)
    rig.server.faults.plan("apps.connections.open", Misbehaviour.SERVER_ERROR, times=9)
    await rig.channel.revive()
    await (await rig.alva.write("hej")).answer()
    assert rig.server.connections == 1


async def test_slack_has_no_menus_and_needs_no_turns(rig: Rig) -> None:
    """What Telegram needs, Slack answers at once."""
    assert await rig.channel.menu(rig.alva.id, (), "sv") == "menu:"
    await rig.channel.listen(False)
    await (await rig.alva.write("hej")).answer()
    assert rig.calls("views.open") == []
