"""The Slack playground stays itself when requests are malformed, too many, or meant to go wrong."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator

import aiohttp
import pytest
from slack_sdk.webhook.async_client import AsyncWebhookClient

from bot.playground.faults import Misbehaviour
from bot.playground.slack import Human, SlackPlayground
from tests.playground.slack_rig import BOT_TOKEN, Clock, Json, client, error_of, posted, raw, socket_of


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def server(clock: Clock) -> AsyncIterator[SlackPlayground]:
    async with SlackPlayground(clock=clock) as server:
        yield server


@pytest.fixture
def user(server: SlackPlayground) -> Human:
    return server.person("Alva Berg")


@pytest.mark.parametrize(
    ("request_", "error"),
    [
        ({"data": b"{", "headers": {"Content-Type": "application/json"}}, "invalid_json"),
        ({"data": b"[" * 200_000, "headers": {"Content-Type": "application/json"}}, "invalid_json"),
        ({"json": ["hej"]}, "json_not_object"),
        (
            {"data": b"\xff=%ff", "headers": {"Content-Type": "application/x-www-form-urlencoded"}},
            "invalid_form_data",
        ),
        ({"data": b"x", "headers": {"Content-Type": "image/png"}}, "invalid_post_type"),
        ({"data": b"x" * 1_000_001, "headers": {"Content-Type": "application/json"}}, "invalid_arguments"),
        ({"json": {"token": BOT_TOKEN, "channel": 5}}, "invalid_arguments"),
        ({"json": {"token": BOT_TOKEN, "channel": {}, "text": []}}, "invalid_arguments"),
        ({"json": {"token": [], "channel": "D"}}, "not_authed"),
        ({"data": {"token": BOT_TOKEN, "channel": "D", "blocks": "{"}}, "invalid_blocks_format"),
    ],
)
async def test_a_malformed_request_is_answered_in_json(server: SlackPlayground, request_: Json, error: str) -> None:
    """https://docs.slack.dev/reference/methods/chat.postMessage#errors: never a 500."""
    status, answer = await raw(server, "chat.postMessage", **request_)
    assert (status, answer["ok"], answer["error"]) == (200, False, error)


async def test_more_than_a_message_a_second_is_limited(clock: Clock) -> None:
    """https://docs.slack.dev/apis/web-api/rate-limits: 1 a second and channel, in short bursts."""
    async with SlackPlayground(limits=True, clock=clock) as server:
        alva, bo = server.person("Alva Berg"), server.person("Bo Ek")
        for _ in range(3):
            await posted(server, alva.id)
        call = {"token": BOT_TOKEN, "channel": alva.id, "text": "hej"}
        async with (
            aiohttp.ClientSession() as session,
            session.post(server.base_url + "chat.postMessage", data=call) as response,
        ):
            assert (response.status, response.headers["Retry-After"]) == (429, "1")
            assert await response.json() == {"ok": False, "error": "ratelimited"}
        await posted(server, bo.id)
        clock.forward(1)
        await posted(server, alva.id)
        assert len(alva.messages) == 4


@pytest.mark.parametrize(
    ("kind", "status", "arrives"),
    [
        (Misbehaviour.TOO_MANY, 429, 0),
        (Misbehaviour.SERVER_ERROR, 502, 0),
        (Misbehaviour.DELAY, 200, 1),
        (Misbehaviour.BLOCKED, 200, 0),
        (Misbehaviour.DROP_BEFORE, None, 0),
        (Misbehaviour.DROP_AFTER, None, 1),
    ],
)
async def test_each_misbehaviour_does_what_it_says(
    server: SlackPlayground, user: Human, kind: Misbehaviour, status: int | None, arrives: int
) -> None:
    """What the caller sees, whether the message came anyway, and that the next call is answered well."""
    server.faults.plan("chat.postMessage", kind, seconds=0)
    call = {"token": BOT_TOKEN, "channel": user.id, "text": "hej"}
    async with aiohttp.ClientSession() as session:
        seen: int | None
        try:
            async with session.post(server.base_url + "chat.postMessage", data=call) as response:
                seen = response.status
        except aiohttp.ClientConnectionError:
            seen = None
    assert (seen, len(user.messages)) == (status, arrives)
    call_made = server.calls[-1]
    assert (call_made.method, call_made.ok) == ("chat.postMessage", bool(arrives))
    assert call_made.error == (None if kind is Misbehaviour.DELAY else kind.value)
    await posted(server, user.id)


async def test_a_delayed_answer_is_late_but_right(server: SlackPlayground, user: Human) -> None:
    """The effect is there before the answer is."""
    server.faults.plan("chat.postMessage", Misbehaviour.DELAY, seconds=0.2)
    began = time.perf_counter()
    call = asyncio.create_task(posted(server, user.id))
    await server.wait_for(lambda: len(user.messages) == 1, what="the message")
    assert not call.done()
    assert (await call) is user.last
    assert time.perf_counter() - began >= 0.2


async def test_a_response_url_answers_replaces_and_wears_out(
    server: SlackPlayground, user: Human, clock: Clock
) -> None:
    """https://docs.slack.dev/interactivity/handling-user-interaction#message_responses: 5 in 30 minutes."""
    message = await posted(server, user.id)
    hook = AsyncWebhookClient(server.space.new_hook(user.account, user.space.dm(user.account), message))
    await hook.send(text="tack", replace_original=True)
    assert (message.plain, message.edited) == ("tack", 1)
    for _ in range(3):
        await hook.send(text="bara du")
    assert [sent.ephemeral for sent in user.messages] == [False, True, True, True]
    await hook.send(delete_original=True)
    assert message.deleted
    assert (await hook.send(text="sjätte")).status_code == 404
    other = AsyncWebhookClient(server.space.new_hook(user.account, user.space.dm(user.account), message))
    clock.forward(1801)
    assert (await other.send(text="sent")).status_code == 404
    assert [call.error for call in server.calls[-2:]] == ["used_url", "expired_url"]


async def test_a_response_url_speaks_to_all_where_the_app_is_not_a_member(server: SlackPlayground, user: Human) -> None:
    """https://docs.slack.dev/interactivity/handling-user-interaction#publishing_ephemeral_response: `in_channel`; the
    way to answer in a private channel without the app (https://github.com/getsentry/sentry/pull/7798), of which the
    app then hears nothing."""
    market = server.channel("torget", members=[user])
    hook = AsyncWebhookClient(server.space.new_hook(user.account, market.conversation, None))
    await hook.send(text="till alla", response_type="in_channel")
    await hook.send(text="till dig")
    assert [(sent.plain, sent.to) for sent in market.messages] == [("till alla", None), ("till dig", user.id)]
    async with socket_of(server) as socket:
        await user.write("hej")
        assert (await socket.next())["payload"]["event"]["text"] == "hej"


async def test_a_message_for_one_is_replaced_and_deleted_by_its_own_press_only(
    server: SlackPlayground, user: Human
) -> None:
    """A command's own address replaces nothing (https://github.com/slackapi/bolt-js/issues/2287)."""
    market = server.channel("torget", members=[user])
    command = AsyncWebhookClient(server.space.new_hook(user.account, market.conversation, None))
    await command.send(text="ett")
    await command.send(text="två", replace_original=True)
    first, second = market.messages
    press = AsyncWebhookClient(server.space.new_hook(user.account, market.conversation, first))
    await press.send(text="tre", replace_original=True)
    assert (first.plain, first.to, second.plain) == ("tre", user.id, "två")
    await press.send(delete_original=True)
    assert market.messages == [second]


async def test_between_two_people_the_app_can_only_be_asked(server: SlackPlayground, user: Human) -> None:
    """`channel_not_found` for what it posts there by itself (https://github.com/slackapi/python-slack-sdk/issues/734)."""
    between = server.direct(user, server.person("Bo Ek"))
    command = await user.command("/checklista", "hot", between)
    assert (command.payload["channel_id"], command.payload["channel_name"]) == (between.id, "directmessage")
    refused = await error_of(client(server).chat_postMessage(channel=between.id, text="x"))
    assert refused["error"] == "channel_not_found"
