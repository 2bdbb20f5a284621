"""What the tests of the Slack playground share: a clock, blocks to send, a bare socket and a Bolt app."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.playground.slack import Sent, SlackPlayground

Json = dict[str, Any]

BOT_TOKEN = "xoxb-fiktiv"
APP_TOKEN = "xapp-fiktiv"


class Clock:
    """A clock that moves when it is told to."""

    def __init__(self) -> None:
        self.moment = datetime(2026, 9, 1, 8, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.moment

    def forward(self, seconds: float) -> None:
        self.moment += timedelta(seconds=seconds)


def client(server: SlackPlayground, token: str = BOT_TOKEN) -> AsyncWebClient:
    """Slack's own client, which does not try again by itself."""
    return AsyncWebClient(token=token, base_url=server.base_url, retry_handlers=[])


async def error_of(call: Any) -> Json:
    """What Slack's client was answered when it was refused."""
    try:
        await call
    except SlackApiError as refused:
        data = refused.response.data if hasattr(refused.response, "data") else refused.response
        assert isinstance(data, dict)
        return data
    raise AssertionError("the call was not refused")


def plain(text: str) -> Json:
    """A plain_text object."""
    return {"type": "plain_text", "text": text}


def mrkdwn(text: str) -> Json:
    """A mrkdwn object."""
    return {"type": "mrkdwn", "text": text}


def section(text: str = "hej") -> Json:
    """A section block."""
    return {"type": "section", "text": mrkdwn(text)}


def button(text: str = "Läst", action_id: str = "read", **more: Any) -> Json:
    """A button."""
    return {"type": "button", "text": plain(text), "action_id": action_id, **more}


def actions(*elements: Json) -> Json:
    """An actions block."""
    return {"type": "actions", "block_id": "acts", "elements": list(elements)}


def options(number: int, text: str = "val") -> list[Json]:
    """Options of a menu."""
    return [{"text": plain(f"{text} {index}"), "value": str(index)} for index in range(number)]


def menu(**more: Any) -> Json:
    """A menu with two options."""
    return {"type": "static_select", "action_id": "kind", "options": options(2), **more}


def field(label: str = "Vad hände?", block_id: str = "what", **element: Any) -> Json:
    """An input block with a text field, or another element."""
    inside = {"type": "plain_text_input", "action_id": "text", **element}
    return {"type": "input", "block_id": block_id, "label": plain(label), "element": inside}


def view(*blocks: Json, **more: Any) -> Json:
    """A modal."""
    return {
        "type": "modal",
        "title": plain("Flagga"),
        "submit": plain("Skicka"),
        "blocks": list(blocks),
        **more,
    }


async def raw(server: SlackPlayground, method: str, **request: Any) -> tuple[int, Json]:
    """One request without Slack's client."""
    async with (
        aiohttp.ClientSession() as session,
        session.post(server.base_url + method, **request) as response,
    ):
        answer: Json = await response.json()
        return response.status, answer


async def posted(server: SlackPlayground, channel: str, **content: Any) -> Sent:
    """A message of the bot's."""
    answer = await client(server).chat_postMessage(channel=channel, **({"text": "hej"} | content))
    return server.space.conversations[str(answer["channel"])].by_ts[str(answer["ts"])]


class Socket:
    """A bare Socket Mode connection that acknowledges nothing by itself."""

    def __init__(self, session: aiohttp.ClientSession, link: aiohttp.ClientWebSocketResponse, address: str) -> None:
        self.session = session
        self.link = link
        self.address = address

    async def next(self) -> Json:
        """The next message from Slack."""
        data = await self.link.receive_str(timeout=5)
        message: Json = json.loads(data)
        return message

    async def ack(self, envelope: Json, payload: Json | None = None) -> None:
        """Acknowledge an envelope."""
        answer: Json = {"envelope_id": envelope["envelope_id"]}
        await self.link.send_json(answer if payload is None else {**answer, "payload": payload})

    async def close(self) -> None:
        """Hang up."""
        await self.link.close()
        await self.session.close()


async def connect(server: SlackPlayground) -> Socket:
    """A bare connection that has said hello."""
    opened = await client(server).apps_connections_open(app_token=APP_TOKEN)
    session = aiohttp.ClientSession()
    address = str(opened["url"])
    socket = Socket(session, await session.ws_connect(address, autoping=False), address)
    hello = await socket.next()
    assert hello["type"] == "hello", hello
    return socket


@asynccontextmanager
async def socket_of(server: SlackPlayground) -> AsyncIterator[Socket]:
    """A bare connection for the length of a block."""
    socket = await connect(server)
    try:
        yield socket
    finally:
        await socket.close()


@asynccontextmanager
async def running(server: SlackPlayground, app: AsyncApp) -> AsyncIterator[None]:
    """A Bolt app that is connected for the length of a block."""
    handler = AsyncSocketModeHandler(app, APP_TOKEN)
    await handler.connect_async()  # type: ignore[no-untyped-call]
    await server.wait_for(lambda: server.connections == 1, what="the app's connection")
    try:
        yield
    finally:
        await handler.close_async()  # type: ignore[no-untyped-call]
        await asyncio.sleep(0)


def bolt(server: SlackPlayground) -> AsyncApp:
    """A Bolt app that answers before it acknowledges, as ours does."""
    return AsyncApp(token=BOT_TOKEN, client=client(server), process_before_response=True)
