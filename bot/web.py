"""The one kept web server: what platforms post to us, health, readiness and metrics. Without a port there is none."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import socket
from collections.abc import Awaitable, Callable, Iterator, Mapping
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.requests import Request as Posted
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from bot.channels import Answer, Request
from bot.health import Health
from bot.logs import quiet, trail
from bot.metrics import MEDIA

log = logging.getLogger(__name__)

LARGEST = 1024 * 1024  # bytes of a body; platforms post far less
BODY_WITHIN = 10.0  # seconds for the whole of it
IDLE = 10.0  # seconds that a connection may stay without a whole request
FINISH_WITHIN = 0.5  # seconds for requests under way when the server stops

Deliver = Callable[[Request], Awaitable[Answer]]
Hang = {"connection": "close"}


class BadPort(Exception):
    """The address cannot be listened at; `args[0]` is the address, `args[1]` why."""


class TooLarge(Exception):
    """The body is longer than anything that a platform posts."""


def site(
    hooks: Mapping[str, Deliver],
    health: Health,
    metrics: Callable[[], Awaitable[bytes]],
    refused: Callable[[str], None] = lambda _: None,
    body_within: float = BODY_WITHIN,
) -> ASGIApp:
    """The application. `hooks` has a platform's name for each that posts to us; `refused` counts the 401s."""

    def hook(name: str, deliver: Deliver) -> Route:
        async def post(posted: Posted) -> Response:
            return await _post(posted, name, deliver, refused, body_within)

        return Route(f"/{name}", post, methods=["POST"])

    async def healthz(_: Posted) -> Response:
        return _json({"alive": health.alive}, health.alive)

    async def readyz(_: Posted) -> Response:
        found = await health.ready()
        parts = {"database": found.database, "migrations": found.migrations, "platforms": dict(found.platforms)}
        return _json({"ready": found.ready, **parts}, found.ready)

    async def figures(_: Posted) -> Response:
        return Response(await metrics(), media_type=MEDIA)

    routes = [hook(name, deliver) for name, deliver in hooks.items()]
    routes += [Route("/healthz", healthz), Route("/readyz", readyz), Route("/metrics", figures)]
    app = Starlette(routes=routes, exception_handlers={HTTPException: _plain, 500: _plain})
    app.router.redirect_slashes = False
    return _guarded(app)


async def _post(posted: Posted, name: str, deliver: Deliver, refused: Callable[[str], None], within: float) -> Response:
    try:
        async with asyncio.timeout(within):
            body = await _body(posted)
    except TooLarge:
        return Response(status_code=413, headers=Hang)
    except TimeoutError:
        return Response(status_code=408, headers=Hang)
    except ClientDisconnect:
        return Response(status_code=400, headers=Hang)
    answer = await deliver(Request(dict(posted.headers), body))
    if answer.status == 401:
        refused(name)
    return Response(answer.body, answer.status, media_type=answer.media)


async def _body(posted: Posted) -> bytes:
    """The whole body. Raises TooLarge as soon as that is known, and reads no further."""
    claimed = posted.headers.get("content-length", "0")
    if len(claimed) > 9 or (claimed.isdecimal() and int(claimed) > LARGEST):
        raise TooLarge
    body = bytearray()
    async for piece in posted.stream():
        body += piece
        if len(body) > LARGEST:
            raise TooLarge
    return bytes(body)


def _json(content: dict[str, Any], good: bool) -> Response:
    return Response(json.dumps(content), 200 if good else 503, media_type="application/json")


async def _plain(_: Posted, error: Exception) -> Response:
    """A refusal says its number and nothing else."""
    if isinstance(error, HTTPException):
        return Response(status_code=error.status_code, headers=error.headers)
    return Response(status_code=500)


def _guarded(app: ASGIApp) -> ASGIApp:
    """No answer is stored on the way, and no error gets out: it is logged by its trail."""

    async def guard(scope: Scope, receive: Receive, send: Send) -> None:
        async def uncached(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", []), (b"cache-control", b"no-store")]
            await send(message)

        if scope["type"] != "http":
            return
        try:
            await app(scope, receive, uncached)
        except Exception as error:  # the answer, an empty 500, has been sent
            log.error("a web request met an unexpected error: %s", trail(error))

    return guard


class Web:
    """Listens at one address, in the loop that starts it. Port 0 takes a free one."""

    def __init__(self, app: ASGIApp, host: str, port: int, idle: float = IDLE) -> None:
        self.app, self._host, self._port, self._idle = app, host, port, idle
        self._server: _Server | None = None
        self._running: asyncio.Task[None] | None = None
        self.address = ""

    async def start(self) -> None:
        """Listen. Raises BadPort when the address is taken or is none."""
        listening = await self._listen()
        quiet()
        config = uvicorn.Config(
            self.app, http=_protocol(self._idle), ws="none", lifespan="off", log_config=None, access_log=False,
            server_header=False, proxy_headers=False,
        )  # fmt: skip
        self._server = _Server(config)
        self._running = asyncio.create_task(self._server.serve([listening]))
        host, port = listening.getsockname()[:2]
        self.address = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"

    async def _listen(self) -> socket.socket:
        try:
            found = await asyncio.get_running_loop().getaddrinfo(
                self._host, self._port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
            )
            family, _, _, _, where = found[0]
            return socket.create_server(where[:2], family=family, backlog=2048)
        except (OSError, UnicodeError) as error:
            raise BadPort(f"{self._host}:{self._port}", _reason(error)) from None

    async def stop(self) -> None:
        """Take no more requests, let those under way end within half a second, and free the port."""
        if self._server is None or self._running is None:
            return
        self._server.should_exit = True
        await asyncio.wait({self._running}, timeout=FINISH_WITHIN)
        self._server.force_exit = True
        for task in list(self._server.server_state.tasks):
            task.cancel()
        for connection in list(self._server.server_state.connections):
            if connection.transport is not None:
                connection.transport.close()
        await asyncio.gather(self._running, return_exceptions=True)
        self._server = self._running = None


def _reason(error: OSError | UnicodeError) -> str:
    if isinstance(error, OSError) and error.errno is not None and error.errno > 0:
        return os.strerror(error.errno)  # asyncio's own text repeats the address
    return getattr(error, "strerror", None) or type(error).__name__


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """The signals are the program's own: it stops everything in order."""
        yield


def _protocol(idle: float) -> type[asyncio.Protocol]:
    """HTTP/1.1 that hangs up on a connection over which no whole request comes."""

    class Impatient(H11Protocol):
        seen: object = None

        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
            super().connection_made(transport)
            self._look()

        def _look(self) -> None:
            if not self.transport.is_closing():
                self.loop.call_later(idle, self._judge)

        def _judge(self) -> None:
            at_rest = self.cycle is None or self.cycle.response_complete
            if at_rest and self.seen is self.cycle:
                self.transport.close()
                return
            self.seen = self.cycle
            self._look()

    return Impatient
