"""The Socket Mode line to Slack: kept open, replaced when it has died, closed with nothing left behind."""

from __future__ import annotations

import asyncio
import logging
import time
from contextlib import suppress
from typing import Any

import aiohttp
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.adapter.socket_mode.async_internals import send_async_response
from slack_bolt.async_app import AsyncApp
from slack_sdk.socket_mode.request import SocketModeRequest

from bot.channels import NotSent
from bot.handlers.slack_events import Malformed
from bot.handlers.slack_inbound import Inbound

Json = dict[str, Any]

EVERY = 10.0  # seconds between two pings, and between two looks at the socket
MISSES = 3  # looks that find it closed
SILENT = 3.5  # times EVERY without a frame or a pong
CONNECT_WITHIN = 20.0
CLOSE_WITHIN = 2.0

log = logging.getLogger(__name__)


class Line:
    """The connection of one app, which hands on what comes to `inbound`."""

    def __init__(self, inbound: Inbound, app_token: str) -> None:
        self._inbound = inbound
        self._app_token = app_token
        self._handler: _Handler | None = None
        self._watch: asyncio.Task[None] | None = None
        self._replacing = asyncio.Lock()
        self._closing = False
        self.busy: set[asyncio.Task[Any]] = set()

    @property
    def heard_at(self) -> float | None:
        """When the socket last carried anything to us, in monotonic seconds; None before it opened."""
        return self._handler.heard_at if self._handler is not None else None

    async def open(self, url: str) -> None:
        """Connect to an address that Slack gave, and stay connected."""
        self._handler = await self._connected(url)
        self._watch = asyncio.create_task(self._keep_open())

    def refuse(self) -> None:
        """Take nothing more in: Slack sends the events that come now again, at the next start."""
        self._closing = True

    async def close(self) -> None:
        """End the connection and everything that served it."""
        self._closing = True
        if self._watch is not None:
            self._watch.cancel()
            await asyncio.gather(self._watch, return_exceptions=True)
        if self._handler is not None:
            await _close(self._handler)

    async def take(self, handler: _Handler, request: SocketModeRequest) -> None:
        """Let bolt act on one payload, and send its acknowledgement."""
        task = asyncio.current_task()
        if self._closing or task is None:
            return
        self.busy.add(task)
        task.add_done_callback(self.busy.discard)
        reply = await self._inbound.take(request.payload)
        await send_async_response(handler.client, request, reply, time.time())

    async def take_shapeless(self, client: Any, envelope: Json, raw: str | None = None) -> None:
        """Acknowledge what the SDK passes to nobody: an envelope whose payload is no object."""
        envelope_id, payload = envelope.get("envelope_id"), envelope.get("payload")
        if self._closing or not isinstance(envelope_id, str) or isinstance(payload, dict | str):
            return
        reply = await self._inbound.rescue(envelope, Malformed("payload"))
        if reply.status == 200:
            await client.send_socket_mode_response({"envelope_id": envelope_id})

    async def replace(self) -> None:
        """Hang up and connect anew; when that fails the old socket stays, and the next look tries again."""
        async with self._replacing:
            if self._closing or self._handler is None:
                return
            try:
                fresh = await self._connected(None)
            except NotSent as error:
                log.warning("the socket to Slack was not replaced: %s", error.args[0])
                return
            dead, self._handler = self._handler, fresh
            await _close(dead)

    async def _connected(self, url: str | None) -> _Handler:
        handler = await _Handler.made(self, self._inbound.app, self._app_token)
        handler.client.wss_uri = url
        try:
            # The SDK tries for ever, and with the same address, which can be used once.
            await asyncio.wait_for(handler.connect_async(), CONNECT_WITHIN)  # type: ignore[no-untyped-call]
        except BaseException as error:
            await _close(handler)
            if isinstance(error, TimeoutError):
                raise NotSent("no socket to Slack") from None
            raise
        return handler

    async def _keep_open(self) -> None:
        """Replace a socket that stayed dead although the SDK had its chances, or that is open and silent."""
        misses = 0
        while True:
            await asyncio.sleep(EVERY)
            assert self._handler is not None
            misses = 0 if await self._handler.client.is_connected() else misses + 1
            if misses < MISSES and time.monotonic() - self._handler.heard_at < SILENT * EVERY:
                continue
            log.warning("the socket to Slack is dead; opening another")
            await self.replace()
            misses = 0


class _Handler(AsyncSocketModeHandler):
    """One socket; `heard_at` is when it last carried anything, a pong too."""

    def __init__(self, line: Line, app: AsyncApp, app_token: str) -> None:
        super().__init__(app, app_token, logger=app.logger, web_client=app.client, ping_interval=EVERY)
        self.line = line
        self.heard_at = time.monotonic()
        self.client.proxy = app.client.proxy  # the SDK would take one from the environment
        self.client.message_listeners.append(line.take_shapeless)

    @classmethod
    async def made(cls, line: Line, app: AsyncApp, app_token: str) -> _Handler:
        """A handler whose sockets tell it whatever they carry: the SDK itself notes only its own pings."""
        handler = cls(line, app, app_token)

        class Heard(aiohttp.ClientWebSocketResponse):
            async def receive(self, timeout: float | None = None) -> aiohttp.WSMessage:  # noqa: ASYNC109
                message = await super().receive(timeout)
                if message.type in (aiohttp.WSMsgType.TEXT, aiohttp.WSMsgType.PING, aiohttp.WSMsgType.PONG):
                    handler.heard_at = time.monotonic()
                return message

        await handler.client.aiohttp_client_session.close()
        handler.client.aiohttp_client_session = aiohttp.ClientSession(ws_response_class=Heard)
        return handler

    async def handle(self, client: Any, req: SocketModeRequest) -> None:
        await self.line.take(self, req)


async def _close(handler: _Handler) -> None:
    """The SDK cancels its tasks without waiting for them, which leaves them to be destroyed while pending."""
    client = handler.client
    tasks = [client.message_processor, client.current_session_monitor, client.message_receiver]
    with suppress(Exception):
        await asyncio.wait_for(client.close(), CLOSE_WITHIN)  # type: ignore[no-untyped-call]
    running = [task for task in tasks if task is not None]
    for task in running:
        task.cancel()
    await asyncio.gather(*running, return_exceptions=True)
    await client.aiohttp_client_session.close()
