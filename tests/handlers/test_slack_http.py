"""Slack by signed HTTP: the same acts as by socket, and what is not Slack's leaves no trace."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import logging
import random
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import pytest

from bot.channels import Request
from bot.events import Event, Kind, Outcome
from bot.messages import Button, Field, Message, Paragraph, Sheet, Title
from bot.playground.slack import SlackPlayground
from tests.handlers.slack_rig import BOT, SECRET, SLOW, TEAM, Desk, Rig, channel_to, http_rig, slack_rig
from tests.handlers.test_slack import MALFORMED, event_payload

FORM, JSON = "application/x-www-form-urlencoded", "application/json"
QUESTION = Message((Title(("Läst?",)),), ((Button("Läst", "tok-1"), Button("Fyll i", "tok-2", form=True)),))
WORDS = Message((Paragraph(("Ring 112.",)),))
SHEET = Sheet("Flagga", "Skicka", "Stäng", "tok-3", (Field("what", "Vad hände?"),))


@pytest.fixture
async def rig() -> AsyncIterator[Rig]:
    async with http_rig() as rig:
        yield rig


def request(body: bytes, *, media: str = JSON, secret: str = SECRET, stamp: str = "", **headers: str) -> Request:
    """A request that is signed, unless `headers` say otherwise."""
    stamp = stamp or str(int(datetime.now(UTC).timestamp()))
    digest = hmac.new(secret.encode(), b"v0:" + stamp.encode() + b":" + body, hashlib.sha256).hexdigest()
    proof = {"x-slack-request-timestamp": stamp, "x-slack-signature": f"v0={digest}"}
    return Request({"content-type": media, **proof, **{k.replace("_", "-"): v for k, v in headers.items()}}, body)


def event(text: str = "hej", **rest: Any) -> bytes:
    return json.dumps(event_payload(text=text, **rest)).encode()


# The same acts


async def test_a_message_is_answered_with_200_only_after_the_commit(rig: Rig) -> None:
    rig.channel.patience = 0.0
    rig.desk.open.clear()
    delivery = await rig.alva.write("hej å")
    first = await rig.desk.next()
    assert not delivery.acked.is_set() and rig.desk.committed == []
    rig.desk.open.set()
    await delivery.answer()
    assert [event.text for event in rig.desk.committed] == [first.text] == ["hej å"]
    assert rig.server.connections == 0


async def test_what_was_not_committed_is_posted_again_under_the_same_uid(rig: Rig) -> None:
    rig.desk.failures = [RuntimeError("the disk is full")] * 3
    delivery = await rig.alva.write("hej")
    await delivery.answer()
    came = [await rig.desk.next() for _ in range(4)]
    assert len({event.uid for event in came}) == 1
    assert len(rig.desk.committed) == 1 and delivery.attempt == 3


async def test_after_the_third_retry_slack_gives_up(rig: Rig) -> None:
    rig.desk.failures = [RuntimeError("the disk is full")] * 4
    delivery = await rig.alva.write("hej")
    await rig.server.wait_for(lambda: rig.server.lost == [delivery], what="Slack gave up")


async def test_a_command_is_answered_in_the_answer(rig: Rig) -> None:
    rig.desk.answer = lambda event: Outcome(toast="Skriv till mig & inte här.", direct=WORDS)
    place = rig.server.channel("enheten", members=[rig.alva])
    delivery = await rig.alva.command("/flagga", "ett två", channel=place)
    assert await delivery.answer() == {"text": "Skriv till mig &amp; inte här."}
    came = await rig.desk.next()
    assert (came.kind, came.command, came.text) == (Kind.COMMAND, "flagga", "ett två")
    await rig.server.wait_for(lambda: len(place.messages) == 2, what="both answers")


async def test_a_slow_command_is_answered_with_words_that_promise_nothing(rig: Rig) -> None:
    rig.channel.patience = 0.0
    rig.desk.open.clear()
    assert await (await rig.alva.command("/flagga")).answer() == {"text": SLOW}
    rig.desk.open.set()


async def test_a_press_a_form_and_a_shortcut_come_as_by_socket(rig: Rig) -> None:
    rig.desk.answer = answer_all
    await rig.channel.send(rig.alva.id, QUESTION)
    await (await rig.alva.press(rig.alva.last, "Läst")).answer()
    assert (await rig.desk.next()).token == "tok-1"
    await rig.alva.press(rig.alva.last, "Fyll i")
    await rig.server.wait_for(lambda: rig.alva.modal and rig.alva.modal.title == "Flagga", what="the form")
    await rig.desk.next()
    wrong = await rig.alva.submit({"Vad hände?": "fel"})
    assert await wrong.answer() == {"response_action": "errors", "errors": {"what": "Skriv mer."}}
    await (await rig.alva.submit({"Vad hände?": "Ett hot å"})).answer()
    assert rig.alva.modal is None
    assert [(await rig.desk.next()).values for _ in range(2)] == [{"what": "fel"}, {"what": "Ett hot å"}]
    await (await rig.alva.shortcut(rig.alva.last)).answer()
    assert (await rig.desk.next()).kind is Kind.EVIDENCE


def answer_all(event: Event) -> Outcome:
    if event.kind is Kind.FORM:
        return Outcome(errors={"what": "Skriv mer."} if event.values["what"] == "fel" else {})
    return Outcome(sheet=SHEET if event.token == "tok-2" else None)


async def test_a_press_that_was_not_committed_shows_slacks_own_error(rig: Rig) -> None:
    await rig.channel.send(rig.alva.id, QUESTION)
    rig.desk.failures = [RuntimeError("the disk is full")]
    delivery = await rig.alva.press(rig.alva.last, "Läst")
    await rig.server.wait_for(lambda: rig.server.timeouts == [delivery], what="Slack's own error")


async def test_a_file_comes_and_is_fetched(rig: Rig) -> None:
    await (await rig.alva.upload("a.png", b"\x89PNG", "image/png")).answer()
    (thing,) = (await rig.desk.next()).attached
    assert [piece async for piece in rig.channel.fetch(thing.remote)] == [b"\x89PNG"]


async def test_without_a_socket_nothing_is_listened_for(rig: Rig) -> None:
    """There is no silence to watch for, and nothing to hang up."""
    assert rig.channel.heard_at is None
    await rig.channel.revive()
    assert rig.calls("apps.connections.open") == []


# Who is Slack


async def test_the_challenge_is_answered_only_when_it_is_signed(rig: Rig) -> None:
    body = json.dumps({"type": "url_verification", "challenge": "ord", "token": "x"}).encode()
    answer = await rig.channel.deliver(request(body))
    assert (answer.status, answer.body, answer.media) == (200, b"ord", "text/plain")
    assert (await rig.channel.deliver(request(body, secret="another"))).status == 401


NOW = str(int(datetime.now(UTC).timestamp()))
UNSIGNED: list[dict[str, str]] = [
    {"x_slack_signature": "v0=" + "0" * 64},
    {"x_slack_signature": ""},
    {"x_slack_signature": "v0=å"},
    {"x_slack_signature": "💥"},
    {"x_slack_request_timestamp": ""},
    {"x_slack_request_timestamp": "nu"},
    {"x_slack_request_timestamp": "9" * 5000},
    {"x_slack_request_timestamp": "9" * 400},
    {"x_slack_request_timestamp": "-1"},
    {"x_slack_request_timestamp": "1e9"},
    {"x_slack_request_timestamp": "\ud800"},
]


@pytest.mark.parametrize("headers", UNSIGNED, ids=range(len(UNSIGNED)))
async def test_what_is_not_signed_is_refused_and_leaves_no_trace(
    rig: Rig, headers: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        answer = await rig.channel.deliver(request(event(), **headers))
    assert answer.status == 401
    assert rig.desk.came.empty() and rig.desk.kept == []
    assert [record for record in caplog.records if record.name.startswith("bot")] == []


@pytest.mark.parametrize("body", [b"\xff\xfe", b"", b"\x80" * 1000])
async def test_a_body_that_is_no_text_is_refused(rig: Rig, body: bytes) -> None:
    assert (await rig.channel.deliver(Request(request(b"x").headers, body))).status == 401


@pytest.mark.parametrize("seconds", [-301, 301, -86400])
async def test_an_old_request_is_refused(rig: Rig, seconds: int) -> None:
    stamp = str(int(datetime.now(UTC).timestamp()) + seconds)
    assert (await rig.channel.deliver(request(event(), stamp=stamp))).status == 401
    assert rig.desk.came.empty()


async def test_no_headers_at_all_are_refused(rig: Rig) -> None:
    assert (await rig.channel.deliver(Request({}, event()))).status == 401


async def test_a_request_that_is_played_again_has_the_same_uid(rig: Rig) -> None:
    """Intake has seen it, and does nothing more."""
    again = request(event())
    for _ in range(2):
        assert (await rig.channel.deliver(again)).status == 200
    assert (await rig.desk.next()).uid == (await rig.desk.next()).uid


async def test_the_retry_headers_change_nothing(rig: Rig) -> None:
    answer = await rig.channel.deliver(request(event(), x_slack_retry_num="3", x_slack_retry_reason="http_timeout"))
    assert answer.status == 200 and (await rig.desk.next()).text == "hej"


async def test_by_socket_nothing_can_be_posted() -> None:
    async with slack_rig() as rig:
        assert (await rig.channel.deliver(request(event()))).status == 503
        assert rig.desk.came.empty()


async def test_before_the_start_and_after_the_stop_slack_has_to_come_again(rig: Rig) -> None:
    fresh = channel_to(rig.server, Desk(), tokens=(BOT, None), signing_secret=SECRET)
    assert (await fresh.deliver(request(event()))).status == 503
    await rig.channel.stop()
    assert (await rig.channel.deliver(request(event()))).status == 503
    assert rig.desk.came.empty()


async def test_a_stop_lets_what_was_posted_be_committed(rig: Rig) -> None:
    rig.desk.open.clear()
    posted = asyncio.create_task(rig.channel.deliver(request(event())))
    await rig.desk.next()
    assert rig.channel.busy
    stopping = asyncio.create_task(rig.channel.stop())
    await asyncio.sleep(0)
    rig.desk.open.set()
    await stopping
    assert (await posted).status == 200 and len(rig.desk.committed) == 1


async def test_who_hangs_up_does_not_stop_the_commit(rig: Rig) -> None:
    """Slack waits three seconds; the event is then committed, and known when it comes again."""
    rig.desk.open.clear()
    posted = asyncio.create_task(rig.channel.deliver(request(event())))
    await rig.desk.next()
    posted.cancel()
    await asyncio.gather(posted, return_exceptions=True)
    rig.desk.open.set()
    await rig.channel.stop()
    assert len(rig.desk.committed) == 1


# Malformed


@pytest.mark.parametrize("payload", MALFORMED, ids=range(len(MALFORMED)))
async def test_a_signed_body_that_cannot_be_read_is_kept_and_the_next_goes_on(rig: Rig, payload: Any) -> None:
    assert (await rig.channel.deliver(request(json.dumps(payload).encode()))).status == 200
    assert len(rig.desk.kept) == 1 and rig.desk.kept[0][1].startswith("malformed: ")
    await (await rig.alva.write("hej")).answer()
    assert [event.text for event in rig.desk.committed] == ["hej"]


UNREADABLE = [
    (b"{ not json", JSON),
    (b"[" * 100_000, JSON),
    (b"", FORM),
    (b"payload={", FORM),
    (b"payload=" + b"[" * 100_000, FORM),
    (b"a=%ff", FORM),
    (b"&".join(b"a%d=1" % n for n in range(1000)), FORM),
    (b"9" * 5000, JSON),
]


@pytest.mark.parametrize(("body", "media"), UNREADABLE, ids=range(len(UNREADABLE)))
async def test_a_signed_body_of_no_shape_is_kept(rig: Rig, body: bytes, media: str) -> None:
    assert (await rig.channel.deliver(request(body, media=media))).status == 200
    assert [reason for _, reason in rig.desk.kept] == ["malformed: body"]


async def test_what_could_not_be_kept_comes_again(rig: Rig) -> None:
    rig.desk.keeping_failures = [RuntimeError("the disk is full")] * 2
    assert (await rig.channel.deliver(request(b"{}"))).status == 500
    assert (await rig.channel.deliver(request(b"{ not json"))).status == 500


async def test_slacks_look_at_the_certificate_is_answered(rig: Rig) -> None:
    body = urlencode({"ssl_check": "1", "token": "x"}).encode()
    assert (await rig.channel.deliver(request(body, media=FORM))).status == 200
    assert rig.desk.kept == []


async def test_a_wrong_token_is_found_without_a_socket() -> None:
    async with SlackPlayground(bot_token=BOT, team=TEAM) as server:
        channel = channel_to(server, Desk(), tokens=(BOT, None), signing_secret=SECRET)
        await channel.start()
        assert channel.team == TEAM
        await channel.stop()


def noise(chance: random.Random, depth: int = 0) -> Any:
    """Any JSON, with the words that payloads have."""
    words = [
        "type", "event", "event_callback", "block_actions", "view_submission", "message_action", "flag_message", "form",
        "message", "files", "id", "attachments", "is_share", "team", "team_id", TEAM, "user", "user_id", "channel",
        "command", "/flagga", "trigger_id", "actions", "view", "callback_id", "im", "channel_type", "ts", "1.5",
        "message_changed", "subtype", "file_share", "authorizations", "private_metadata", "state", "values", "", "\x00",
        "hemligt",
    ]  # fmt: skip
    kind = chance.randrange(10 if depth < 4 else 6)
    if kind < 4:
        return chance.choice(words)
    if kind < 6:
        return chance.choice([None, True, 0, -1, 1e300, 2**70])
    if kind == 6:
        return [noise(chance, depth + 1) for _ in range(chance.randrange(4))]
    return {chance.choice(words): noise(chance, depth + 1) for _ in range(chance.randrange(6))}


def bent(chance: random.Random) -> Any:
    """A real payload with something of it replaced."""
    payload: Any = event_payload(files=[{"id": "F1"}], attachments=[{"is_share": True}])
    if chance.random() < 0.5:
        payload = {
            "type": chance.choice(["block_actions", "view_submission", "message_action"]),
            "team": {"id": TEAM}, "user": {"id": "U1"}, "trigger_id": "t", "callback_id": "flag_message",
            "channel": {"id": "C1"}, "message": {"text": "x", "user": "U1", "ts": "1.5"},
            "actions": [{"type": "button", "action_id": "press:0", "value": "v"}],
            "view": {"callback_id": "form", "id": "V1", "hash": "h", "private_metadata": "t", "state": {"values": {}}},
        }  # fmt: skip
    inner: Any = payload
    while True:
        key = chance.choice(list(inner) if isinstance(inner, dict) else range(len(inner)))
        if isinstance(inner[key], dict | list) and inner[key] and chance.random() < 0.6:
            inner = inner[key]
            continue
        inner[key] = noise(chance)
        return payload


def posted(chance: random.Random) -> bytes:
    """A body of one kind or another."""
    match chance.randrange(5):
        case 0:
            return json.dumps(noise(chance)).encode()
        case 1:
            return json.dumps(bent(chance)).encode()
        case 2:
            return chance.randbytes(chance.randrange(200))
        case 3:
            return urlencode({"payload": json.dumps(bent(chance))}).encode()
        case _:
            return urlencode({str(noise(chance)): str(noise(chance)) for _ in range(5)}).encode()


@pytest.mark.parametrize("first", range(0, 300, 50))
async def test_no_noise_is_an_exception_or_a_change(rig: Rig, first: int) -> None:
    """Signed, it is an event, kept, or of no use; unsigned, it is nothing."""
    for seed in range(first, first + 50):
        chance, seen = random.Random(seed), rig.desk.came.qsize() + len(rig.desk.kept)
        body, media = posted(chance), chance.choice([JSON, FORM, "", "text/plain; charset=latin-1"])
        forged = {"content-type": media, "x-slack-request-timestamp": NOW, "x-slack-signature": f"v0={seed:064x}"}
        assert (await rig.channel.deliver(Request(forged, body))).status == 401, seed
        assert rig.desk.came.qsize() + len(rig.desk.kept) == seen, seed
        assert (await rig.channel.deliver(request(body, media=media))).status in (200, 401), seed
        assert rig.desk.came.qsize() + len(rig.desk.kept) - seen <= 1, seed
    await (await rig.alva.write("hej")).answer()


async def test_no_noise_on_the_socket_is_an_exception_or_reaches_the_log(caplog: pytest.LogCaptureFixture) -> None:
    async with slack_rig() as rig:
        with caplog.at_level(logging.DEBUG):
            for seed in range(300):
                chance = random.Random(seed)
                payload = chance.choice([noise, bent])(chance)
                kind = chance.choice(["events_api", "interactive", "slash_commands", "hemligt", 7, None])
                frame: Any = {"envelope_id": f"env-{seed}", "type": kind, "payload": payload, "hemligt": "hemligt"}
                await rig.server.inject(chance.choice([frame, json.dumps(frame)[:-9], json.dumps(payload)]))
            await (await rig.alva.write("hej")).answer()
        assert "hej" in [event.text for event in rig.desk.committed]
        assert "hemligt" not in caplog.text
        assert [record for record in caplog.records if record.exc_info] == []
