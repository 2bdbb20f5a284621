"""Socket Mode: connections, envelopes, acknowledgements, and what happens when they stay out."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol
from uuid import uuid4

from aiohttp import WSMsgType, web

from bot.playground.slack_text import Json

EVENTS = "events_api"
MOST_CONNECTIONS = 10
ACK_WITHIN = 3.0  # seconds; then Slack shows the person an error, or sends an event again
RETRY_AFTER = (0.0, 60.0, 300.0)


@dataclass(eq=False)
class Delivery:
    """One thing that Slack tells the app; `acked` is set when the app has acknowledged it."""

    event_id: str
    kind: str = EVENTS
    payload: Json = field(default_factory=dict)
    on_ack: Callable[[Json], None] | None = None
    sent_at: float = 0.0  # perf_counter; 0.0 as long as it has not left
    acked: asyncio.Event = field(default_factory=asyncio.Event)
    acked_at: float = 0.0
    response: Json | None = None
    attempt: int = 0
    retry_at: datetime | None = None
    timer: asyncio.TimerHandle | None = None
    holder: Way | None = None
    given_up: bool = False

    async def answer(self, within: float = 5.0) -> Json:
        """The payload of the acknowledgement, once it is there; AssertionError when it stays out."""
        try:
            async with asyncio.timeout(within):
                await self.acked.wait()
        except TimeoutError:
            raise AssertionError(f"{self.kind} {self.event_id} was not acknowledged") from None
        return self.response or {}

    def envelope(self, envelope_id: str) -> Json:
        """What goes over the socket; only events carry retry data."""
        sent: Json = {
            "envelope_id": envelope_id,
            "type": self.kind,
            "payload": self.payload,
            "accepts_response_payload": self.kind != EVENTS,
        }
        if self.kind == EVENTS:
            sent["retry_attempt"] = self.attempt
            sent["retry_reason"] = "timeout" if self.attempt else ""
        return sent

    def disarm(self) -> None:
        """Stop waiting."""
        if self.timer is not None:
            self.timer.cancel()
            self.timer = None


class Way(Protocol):
    """Where deliveries go: a socket, or an address that they are posted to. `held` are on their way."""

    held: dict[str, Delivery]

    def put(self, text: str) -> None:
        """Send an envelope."""


class Connection:
    """One open socket. A writer task drains its queue, so that telling never waits for the app."""

    def __init__(self, socket: web.WebSocketResponse, transport: asyncio.Transport | None) -> None:
        self.socket = socket
        self.transport = transport
        self.silent = False
        self.retiring = False
        self.held: dict[str, Delivery] = {}
        self._queue: asyncio.Queue[str] = asyncio.Queue()

    def put(self, text: str) -> None:
        """Send this unless the socket has gone silent."""
        if not self.silent:
            self._queue.put_nowait(text)

    async def write(self) -> None:
        """Send what is queued until the socket closes."""
        while True:
            text = await self._queue.get()
            try:
                await self.socket.send_str(text)
            except ConnectionError:
                return

    def abort(self) -> None:
        """Cut it, without a close frame."""
        self.silent = True
        if self.transport is not None:
            self.transport.abort()


class Sockets:
    """All connections of one app, and every delivery that has not been acknowledged."""

    def __init__(self, app_id: str, clock: Callable[[], datetime], changed: Callable[[], None]) -> None:
        self.app_id = app_id
        self.clock = clock
        self.changed = changed
        self.ack_within = ACK_WITHIN
        self.open: list[Connection] = []
        self.tickets: set[str] = set()
        self.unacked: dict[str, Delivery] = {}
        self.acked: list[str] = []
        self.timeouts: list[Delivery] = []
        self.lost: list[Delivery] = []
        self.copies = 0
        self.reorder = False
        self.retry_after: tuple[float, ...] = RETRY_AFTER
        self.poster: Way | None = None  # in place of every socket
        self._held: Delivery | None = None
        self._waiting: dict[str, Delivery] = {}
        self._envelopes: dict[str, Delivery] = {}
        self._turn = 0

    def tell(self, delivery: Delivery, *, from_person: bool = True) -> Delivery:
        """Hand a delivery to one connection; what a test asked to double or swap is what people did."""
        self.unacked[delivery.event_id] = delivery
        if delivery.kind != EVENTS or not from_person:
            self._send(delivery)
        elif self.reorder:
            self.reorder, self._held = False, delivery
        else:
            self._send(delivery)
            for _ in range(self.copies):
                self._send(delivery)
            self.copies = 0
            if self._held is not None:
                held, self._held = self._held, None
                self._send(held)
        self.changed()
        return delivery

    def raw(self, text: str, delivery: Delivery, envelope_id: str | None) -> None:
        """Send a text as it is; an acknowledgement of its envelope id, if it has one, is noticed."""
        if envelope_id is not None:
            self._envelopes[envelope_id] = delivery
        connection = self._pick()
        delivery.sent_at = time.perf_counter()
        if connection is not None:
            connection.put(text)

    def retry_all(self) -> None:
        """Deliver every unacknowledged event once more now, or give it up after its third retry."""
        for delivery in list(self.unacked.values()):
            if delivery.kind == EVENTS and delivery.sent_at and delivery.event_id not in self._waiting:
                self._retry(delivery)

    def retry_due(self) -> None:
        """Deliver the unacknowledged events whose waiting time has passed by the clock."""
        now = self.clock()
        for delivery in [d for d in self.unacked.values() if d.retry_at and d.retry_at <= now]:
            self._retry(delivery)

    def disconnect(self, reason: str) -> None:
        """Ask each connection to make way for a new one; only a warning leaves it in use."""
        for connection in self.open:
            connection.put(json.dumps({"type": "disconnect", "reason": reason, "debug_info": {}}))
            connection.retiring = reason != "warning"

    def drop(self) -> None:
        """Cut every connection at once."""
        for connection in list(self.open):
            connection.abort()
            self._closed(connection)

    def stop(self) -> None:
        """Forget every timer."""
        for delivery in self.unacked.values():
            delivery.disarm()

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """One connection, from hello until it closes."""
        ticket = request.query.get("ticket", "")
        if ticket not in self.tickets:
            return web.Response(status=404)
        self.tickets.discard(ticket)
        socket = web.WebSocketResponse(autoping=False)
        await socket.prepare(request)
        connection = Connection(socket, request.transport)
        writer = asyncio.create_task(connection.write())
        try:
            if self._admit(connection):
                await self._read(connection)
            else:
                await asyncio.wait_for(socket.receive(), self.ack_within)
        except (TimeoutError, ConnectionError):
            pass
        finally:
            writer.cancel()
            self._closed(connection)
        return socket

    def _admit(self, connection: Connection) -> bool:
        if len(self.open) >= MOST_CONNECTIONS:
            connection.put(json.dumps({"type": "disconnect", "reason": "too_many_websockets"}))
            return False
        self.open.append(connection)
        connection.put(json.dumps(self._hello()))
        waiting, self._waiting = self._waiting, {}
        for delivery in waiting.values():
            self._send(delivery)
        self.changed()
        return True

    def _hello(self) -> Json:
        return {
            "type": "hello",
            "num_connections": len(self.open),
            "connection_info": {"app_id": self.app_id},
            "debug_info": {"host": "applink-fiktiv", "build_number": 1, "approximate_connection_time": 18060},
        }

    async def _read(self, connection: Connection) -> None:
        async for message in connection.socket:
            if message.type is WSMsgType.PING and not connection.silent:
                await connection.socket.pong(message.data)
            elif message.type is WSMsgType.TEXT:
                self.acknowledge(message.data)

    def refused(self, envelope_id: str) -> None:
        """The app answered with an error: an event comes again, and a person sees Slack's own error."""
        delivery = self._envelopes.pop(envelope_id, None)
        if delivery is not None and not delivery.acked.is_set() and not delivery.given_up:
            delivery.disarm()
            self._late(delivery)

    def acknowledge(self, text: str) -> None:
        """Take the app's answer to an envelope."""
        try:
            said: Any = json.loads(text)
        except (ValueError, RecursionError):
            return
        envelope_id = said.get("envelope_id") if isinstance(said, dict) else None
        delivery = self._envelopes.pop(envelope_id, None) if isinstance(envelope_id, str) else None
        if delivery is None or delivery.acked.is_set() or delivery.given_up:
            return
        payload = said.get("payload")
        delivery.response = payload if isinstance(payload, dict) else {}
        self._settle(delivery)

    def _settle(self, delivery: Delivery) -> None:
        self._release(delivery)
        delivery.acked_at = time.perf_counter()
        self.acked.append(delivery.event_id)
        if delivery.on_ack is not None:
            delivery.on_ack(delivery.response or {})
        delivery.acked.set()
        self.changed()

    def _release(self, delivery: Delivery) -> None:
        delivery.disarm()
        self.unacked.pop(delivery.event_id, None)
        self._waiting.pop(delivery.event_id, None)
        if delivery.holder is not None:
            delivery.holder.held.pop(delivery.event_id, None)

    def _give_up(self, delivery: Delivery, on: list[Delivery]) -> None:
        self._release(delivery)
        delivery.given_up = True
        on.append(delivery)
        self.changed()

    def _pick(self) -> Way | None:
        if self.poster is not None:
            return self.poster
        used = [c for c in self.open if not c.retiring]
        able = [c for c in used if not c.silent] or used
        if not able:
            return None
        self._turn += 1
        return able[self._turn % len(able)]

    def _send(self, delivery: Delivery) -> None:
        connection = self._pick()
        delivery.disarm()
        delivery.retry_at = None
        if connection is None and delivery.kind == EVENTS:
            self._waiting[delivery.event_id] = delivery
            return
        delivery.sent_at = delivery.sent_at or time.perf_counter()
        if connection is None:
            self._late(delivery)  # Slack shows the error at once when no app is connected
            return
        envelope_id = str(uuid4())
        self._envelopes[envelope_id] = delivery
        delivery.holder = connection
        connection.held[delivery.event_id] = delivery
        connection.put(json.dumps(delivery.envelope(envelope_id)))
        delivery.timer = asyncio.get_running_loop().call_later(self.ack_within, self._late, delivery)

    def _late(self, delivery: Delivery) -> None:
        delivery.timer = None
        if delivery.kind != EVENTS:
            self._give_up(delivery, self.timeouts)
        elif delivery.attempt < len(self.retry_after):
            wait = self.retry_after[delivery.attempt]
            delivery.retry_at = self.clock() + timedelta(seconds=wait)
            delivery.timer = asyncio.get_running_loop().call_later(wait, self._retry, delivery)
            self.changed()
        else:
            self._retry(delivery)

    def _retry(self, delivery: Delivery) -> None:
        delivery.disarm()
        if delivery.attempt >= len(self.retry_after):
            self._give_up(delivery, self.lost)
            return
        delivery.attempt += 1
        self._send(delivery)

    def _closed(self, connection: Connection) -> None:
        if connection not in self.open:
            return
        self.open.remove(connection)
        held, connection.held = connection.held, {}
        for delivery in held.values():
            if delivery.kind == EVENTS and delivery.holder is connection:
                self._send(delivery)
        self.changed()
