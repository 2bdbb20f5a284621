"""The Socket Mode line to Slack: kept open, replaced when it has died, closed with nothing left behind."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.adapter.socket_mode.async_internals import run_async_bolt_app, send_async_response
from slack_bolt.async_app import AsyncApp
from slack_bolt.response import BoltResponse
from slack_sdk.socket_mode.request import SocketModeRequest

from bot.channels import NotSent
from bot.handlers.slack_events import Malformed

Json = dict[str, Any]
Rescue = Callable[[Json, Exception | None], Awaitable[BoltResponse]]

EVERY = 10.0  # seconds between two pings, and between two looks at the socket
CONNECT_WITHIN = 20.0
CLOSE_WITHIN = 2.0

log = logging.getLogger(__name__)


class Line:
    """The connection of one app. `rescue` answers for what bolt could not read, or had no listener for."""

    def __init__(self, app: AsyncApp, app_token: str, rescue: Rescue) -> None:
        self._app = app
        self._app_token = app_token
        self._rescue = rescue
        self._handler: _Handler | None = None
        self._watch: asyncio.Task[None] | None = None
        self._closing = False
        self.busy: set[asyncio.Task[Any]] = set()

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
        try:
            reply = await run_async_bolt_app(self._app, request)
        except Exception as error:  # a payload of a shape that bolt itself stumbles over
            reply = await self._rescue(request.payload, error)
        if reply.status == 404:
            reply = await self._rescue(request.payload, None)
        await send_async_response(handler.client, request, reply, time.time())

    async def take_shapeless(self, client: Any, envelope: Json, raw: str | None = None) -> None:
        """Acknowledge what the SDK passes to nobody: an envelope whose payload is no object."""
        envelope_id, payload = envelope.get("envelope_id"), envelope.get("payload")
        if self._closing or not isinstance(envelope_id, str) or isinstance(payload, dict | str):
            return
        reply = await self._rescue(envelope, Malformed("payload"))
        if reply.status == 200:
            await client.send_socket_mode_response({"envelope_id": envelope_id})

    async def _connected(self, url: str | None) -> _Handler:
        handler = _Handler(self, self._app, self._app_token)
        if self._app.client.proxy is None:
            handler.client.proxy = None
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
        """Replace a socket that stayed dead although the SDK had its chances to reconnect."""
        misses = 0
        while True:
            await asyncio.sleep(EVERY)
            assert self._handler is not None
            misses = 0 if await self._handler.client.is_connected() else misses + 1
            if misses < 3:
                continue
            log.warning("the socket to Slack is dead; opening another")
            with suppress(NotSent):
                fresh = await self._connected(None)
                dead, self._handler, misses = self._handler, fresh, 0
                await _close(dead)


class _Handler(AsyncSocketModeHandler):
    def __init__(self, line: Line, app: AsyncApp, app_token: str) -> None:
        super().__init__(app, app_token, logger=app.logger, web_client=app.client, ping_interval=EVERY)
        self.line = line
        self.client.message_listeners.append(line.take_shapeless)

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
