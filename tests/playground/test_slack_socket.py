"""The Slack playground's Socket Mode delivers, retries and gives up as Slack does."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from slack_bolt.async_app import AsyncAck, AsyncSay

from bot.playground.slack import Human, SlackPlayground
from tests.playground.slack_rig import (
    BOT_TOKEN,
    Clock,
    Json,
    Socket,
    actions,
    bolt,
    button,
    client,
    connect,
    running,
    section,
    socket_of,
)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def server(clock: Clock) -> AsyncIterator[SlackPlayground]:
    async with SlackPlayground(clock=clock, echo=False) as server:
        yield server


@pytest.fixture
def user(server: SlackPlayground) -> Human:
    return server.person("Alva Berg")


@pytest.fixture
async def socket(server: SlackPlayground) -> AsyncIterator[Socket]:
    async with socket_of(server) as socket:
        yield socket


def event_id(envelope: Json) -> str:
    return str(envelope["payload"]["event_id"])


async def test_bolt_hears_a_message_and_answers(server: SlackPlayground, user: Human) -> None:
    """The real framework connects, gets what a person wrote, and its answer is read."""
    app = bolt(server)

    @app.event("message")
    async def heard(event: Json, say: AsyncSay) -> None:
        await say(f"hörde {event['text']} i {event['channel_type']}")

    async with running(server, app):
        delivery = await user.write("hej & <hej>")
        await delivery.answer()
        assert server.acked == [delivery.event_id]
    assert user.last.text == "hörde hej &amp; &lt;hej&gt; i im"
    assert user.last.plain == "hörde hej & <hej> i im"
    assert user.last.received_at > delivery.sent_at > 0


async def test_bolt_answers_commands_and_presses(server: SlackPlayground, user: Human) -> None:
    """Both carry what an adapter needs, and both acknowledgements are noticed."""
    app, seen = bolt(server), dict[str, Any]()

    @app.command("/flagga")
    async def flag(command: Json, ack: AsyncAck) -> None:
        seen["command"] = command
        await ack("Vad händer?")

    @app.action("take")
    async def take(body: Json, ack: AsyncAck) -> None:
        seen["press"] = body
        await ack()

    async with running(server, app):
        command = await user.command("/flagga", "ett bråk")
        assert await command.answer() == {"text": "Vad händer?"}
        blocks = [section("Ärende 7"), actions(button("Jag tar den", "take", value="7"))]
        await client(server).chat_postMessage(channel=user.id, text="ärende", blocks=blocks)
        press = await user.press(user.last, "Jag tar den")
        await press.answer()
    assert (user.messages[0].plain, user.messages[0].ephemeral) == ("Vad händer?", True)
    assert (seen["command"]["text"], seen["command"]["channel_name"]) == ("ett bråk", "directmessage")
    assert seen["press"]["actions"][0].items() >= {"action_id": "take", "value": "7", "block_id": "acts"}.items()
    assert seen["press"]["message"]["ts"] == seen["press"]["container"]["message_ts"] == user.last.ts
    assert seen["press"]["user"]["team_id"] == "T0FIKTIV"
    assert server.acked == [command.event_id, press.event_id]


async def test_bolt_comes_back_when_asked_to(server: SlackPlayground, user: Human) -> None:
    """After `disconnect` the app opens a new socket, and what is written then reaches it."""
    app = bolt(server)

    @app.event("message")
    async def heard() -> None: ...

    async with running(server, app):
        before = server.space.sockets.open[0]
        await server.disconnect()
        await server.wait_for(
            lambda: server.connections == 1 and server.space.sockets.open[0] is not before,
            what="a new socket",
        )
        await (await user.write("hej")).answer()


async def test_a_socket_that_is_to_be_replaced_gets_nothing_more(
    server: SlackPlayground, user: Human, socket: Socket
) -> None:
    """A warning leaves it in use; after `refresh_requested` events wait for the next socket."""
    await server.disconnect("warning")
    await user.write("ännu")
    assert (await socket.next())["reason"] == "warning"
    assert (await socket.next())["payload"]["event"]["text"] == "ännu"
    await server.disconnect()
    await user.write("sedan")
    async with socket_of(server) as other:
        assert (await other.next())["payload"]["event"]["text"] == "sedan"


async def test_the_bots_own_messages_come_back_marked(user: Human, server: SlackPlayground) -> None:
    """A subscribed app is told of its own messages too, with `bot_id`."""
    server.space.echo = True
    async with socket_of(server) as socket:
        await client(server).chat_postEphemeral(channel=user.dm, user=user.id, text="tyst")
        await client(server).chat_postMessage(channel=user.id, text="hej")
        event = (await socket.next())["payload"]["event"]
        assert (event["type"], event["bot_id"], event["channel"]) == ("message", "B0FIKTIV", user.dm)
        assert event["text"] == "hej"
        await client(server).chat_update(channel=user.dm, ts=user.last.ts, text="nytt")
        changed = (await socket.next())["payload"]["event"]
        assert (changed["subtype"], changed["message"]["text"]) == ("message_changed", "nytt")


async def test_a_reply_names_its_thread(server: SlackPlayground, user: Human, socket: Socket) -> None:
    """What is written in a message's thread carries that message's ts."""
    await client(server).chat_postMessage(channel=user.id, text="hej")
    await user.write("svar", thread=user.last)
    event = (await socket.next())["payload"]["event"]
    assert (event["thread_ts"], event["text"], event["user"]) == (user.last.ts, "svar", user.id)


async def test_an_event_is_retried_three_times_and_then_lost(
    server: SlackPlayground, user: Human, socket: Socket
) -> None:
    """https://docs.slack.dev/apis/events-api#retries: up to three times, always under the same event id."""
    delivery = await user.write("hej")
    first = await socket.next()
    for attempt in (1, 2, 3):
        await server.retry_unacked()
        again = await socket.next()
        assert (event_id(again), again["retry_attempt"]) == (event_id(first), attempt)
        assert again["envelope_id"] != first["envelope_id"]
    await server.retry_unacked()
    assert (server.lost, server.unacked) == ([delivery], 0)


async def test_retries_wait_for_nothing_a_minute_and_five(
    server: SlackPlayground, user: Human, socket: Socket, clock: Clock
) -> None:
    """https://docs.slack.dev/apis/events-api#retries: nearly immediately, after 1 minute, after 5 minutes."""
    server.ack_within = 0.01
    delivery = await user.write("hej")
    assert [(await socket.next())["retry_attempt"] for _ in range(2)] == [0, 1]
    for wait, attempt in ((60, 2), (300, 3)):
        await server.wait_for(lambda: delivery.retry_at, what="the wait for the next retry")
        await server.retry_due()
        clock.forward(wait - 1)
        await server.retry_due()
        assert delivery.attempt == attempt - 1
        clock.forward(1)
        await server.retry_due()
        assert (await socket.next())["retry_attempt"] == attempt


async def test_an_acknowledged_event_is_not_retried(server: SlackPlayground, user: Human, socket: Socket) -> None:
    """Once acknowledged it is settled."""
    delivery = await user.write("hej")
    await socket.ack(await socket.next())
    await delivery.answer()
    await server.retry_unacked()
    await user.write("nästa")
    assert (await socket.next())["payload"]["event"]["text"] == "nästa"


async def test_a_late_command_shows_an_error_and_is_not_retried(
    server: SlackPlayground, user: Human, socket: Socket
) -> None:
    """https://docs.slack.dev/interactivity/implementing-slash-commands: an answer is due within 3000 ms."""
    assert server.ack_within == 3.0
    server.ack_within = 0.01
    delivery = await user.command("/flagga")
    late = await socket.next()
    await server.wait_for(lambda: server.timeouts == [delivery], what="the error")
    await socket.ack(late, {"text": "för sent"})
    await server.retry_unacked()
    await user.write("hej")
    assert (await socket.next())["type"] == "events_api"
    assert (server.acked, user.messages) == ([], [])


async def test_a_command_without_an_app_fails_at_once(server: SlackPlayground, user: Human) -> None:
    """https://docs.slack.dev/apis/events-api/using-socket-mode: somebody must be connected."""
    delivery = await user.command("/flagga")
    assert server.timeouts == [delivery]


async def test_what_a_dropped_socket_held_goes_to_the_next(server: SlackPlayground, user: Human) -> None:
    """Events that were not acknowledged are delivered again, in order; acknowledged ones are not."""
    first = await connect(server)
    for text in ("ett", "två", "tre"):
        await user.write(text)
    done = await first.next()
    await first.ack(done)
    await server.wait_for(lambda: server.acked == [event_id(done)], what="the acknowledgement")
    await server.drop_connections()
    assert server.connections == 0
    async with socket_of(server) as second:
        texts = [(await second.next())["payload"]["event"]["text"] for _ in range(2)]
    await first.close()
    assert texts == ["två", "tre"]


async def test_an_event_waits_for_the_first_connection(server: SlackPlayground, user: Human) -> None:
    """What was written while no app was connected is not lost."""
    delivery = await user.write("hej")
    assert (server.unacked, delivery.sent_at) == (1, 0.0)
    await (await connect(server)).close()
    await server.wait_for(lambda: server.connections == 0, what="the end of the first connection")
    for _ in range(5):
        await server.retry_unacked()
    assert server.lost == []
    async with socket_of(server) as socket:
        assert event_id(await socket.next()) == delivery.event_id


async def test_a_silent_socket_stays_open(server: SlackPlayground, user: Human, socket: Socket) -> None:
    """Nothing comes, and a new one gets what it swallowed once it is closed."""
    server.silence()
    delivery = await user.write("hej")
    assert (server.connections, server.unacked) == (1, 1)
    async with socket_of(server) as other:
        await user.write("till den andra")
        assert (await other.next())["payload"]["event"]["text"] == "till den andra"
        await socket.link.close()
        assert event_id(await other.next()) == delivery.event_id


async def test_a_silent_socket_sends_nothing(server: SlackPlayground, user: Human, socket: Socket) -> None:
    """Between the silence and the cut there is neither an event nor an answer to a ping."""
    early = await user.write("tidigt")
    envelope = await socket.next()
    server.silence()
    await user.write("hej")
    await socket.link.ping()
    await socket.ack(envelope)
    await early.answer()
    await server.drop_connections()
    assert (await socket.link.receive(timeout=5)).type is aiohttp.WSMsgType.CLOSED


async def test_an_event_can_come_twice(server: SlackPlayground, user: Human, socket: Socket) -> None:
    """Two envelopes, one event id, and only once."""
    server.duplicate_next()
    await user.write("hej")
    await user.write("sedan")
    await user.write("sist")
    ids = [event_id(await socket.next()) for _ in range(4)]
    assert ids[0] == ids[1]
    assert len(set(ids)) == 3


async def test_two_events_can_swap_places(server: SlackPlayground, user: Human, socket: Socket) -> None:
    """The next two come in reverse order, the third as it should."""
    server.reorder_next()
    for text in ("ett", "två", "tre"):
        await user.write(text)
    texts = [(await socket.next())["payload"]["event"]["text"] for _ in range(3)]
    assert texts == ["två", "ett", "tre"]


async def test_each_envelope_goes_to_one_of_several_sockets(server: SlackPlayground, user: Human) -> None:
    """https://docs.slack.dev/apis/events-api/using-socket-mode: several connections share the payloads."""
    async with socket_of(server) as one, socket_of(server) as two:
        for text in ("ett", "två"):
            await user.write(text)
        texts = {(await link.next())["payload"]["event"]["text"] for link in (one, two)}
        assert texts == {"ett", "två"}


async def test_the_eleventh_socket_is_turned_away(server: SlackPlayground) -> None:
    """https://docs.slack.dev/apis/events-api/using-socket-mode: up to 10 connections at a time."""
    sockets = [await connect(server) for _ in range(10)]
    opened = await client(server).apps_connections_open(app_token="xapp-fiktiv")
    link = await sockets[0].session.ws_connect(str(opened["url"]))
    assert (await link.receive_json())["reason"] == "too_many_websockets"
    await link.close()
    assert server.connections == 10
    for socket in sockets:
        await socket.close()


async def test_a_socket_address_works_once(server: SlackPlayground, socket: Socket) -> None:
    """https://docs.slack.dev/reference/methods/apps.connections.open: the address is temporary and single."""
    for address in (socket.address, server.base_url.replace("/api/", "/link/?ticket=gissad")):
        async with socket.session.get(address) as response:
            assert response.status == 404


async def test_anything_can_be_injected(server: SlackPlayground, socket: Socket) -> None:
    """What is malformed is sent as it is, and an acknowledgement of it is noticed."""
    await server.inject("{")
    assert await socket.link.receive_str(timeout=5) == "{"
    delivery = await server.inject({"envelope_id": "e1", "type": "events_api", "payload": None})
    envelope = await socket.next()
    assert envelope["payload"] is None
    await socket.ack(envelope)
    await delivery.answer()


@pytest.mark.parametrize("text", ["{", "[]", '{"envelope_id": 5}', '{"envelope_id": "okänd"}', '"hej"'])
async def test_a_malformed_acknowledgement_is_ignored(
    server: SlackPlayground, user: Human, socket: Socket, text: str
) -> None:
    """The socket lives on, and nothing counts as acknowledged."""
    await socket.link.send_str(text)
    delivery = await user.write("hej")
    await socket.ack(await socket.next())
    await delivery.answer()
    assert server.acked == [delivery.event_id]


async def test_event_ids_differ_between_servers() -> None:
    """A bot that remembers ids over a restart must not take a new event for an old one."""
    ids = set[str]()
    for _ in range(2):
        async with SlackPlayground(bot_token=BOT_TOKEN) as server:
            ids.add((await server.person("Alva Berg").write("hej")).event_id)
    assert len(ids) == 2
