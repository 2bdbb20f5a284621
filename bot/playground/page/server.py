"""The web server of the demo: loopback only, for this page only."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import sys
import tempfile
import webbrowser
from collections.abc import AsyncIterator, Callable, Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import quote

import uvicorn
from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from bot.catalogue import LANGUAGES, Catalogue
from bot.playground.page import acts, views
from bot.playground.page.state import State
from bot.playground.page.village import Village

LOOPBACK = "127.0.0.1"
PORT = 8765
HEADER = "x-tryggvag-page"  # no other site can add it to a post without asking, and nobody answers
LARGEST_ACT = 64_000  # bytes
LARGEST_FILE = 25_000_000
LONGEST_NAME = 200
SHOWN = ("demo.", "platform.")  # the texts that the page needs
STATIC = {"/": ("index.html", "text/html"), "/app.js": ("app.js", "text/javascript"),
          "/chat.js": ("chat.js", "text/javascript"), "/trace.js": ("trace.js", "text/javascript"),
          "/looking.js": ("looking.js", "text/javascript"), "/modal.js": ("modal.js", "text/javascript"),
          "/tools.js": ("tools.js", "text/javascript"),
          "/style.css": ("style.css", "text/css")}  # fmt: skip
SAFE = {
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self' data: blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
    "cross-origin-resource-policy": "same-origin",
}


class PortTaken(Exception):
    """Somebody else listens on the port that was asked for."""


class FolderUsed(Exception):
    """There is a database in the folder that was asked for, and its key is nobody's any more."""


class Guard:
    """Refuses what does not come from this page: another host's name, another site's post."""

    def __init__(self, app: ASGIApp, port: int) -> None:
        self._app = app
        self._hosts = {f"{name}:{port}" for name in (LOOPBACK, "localhost")}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the request through, or refuse it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        refusal = self._refusal(Request(scope))
        if refusal:
            await PlainTextResponse(refusal, 403, SAFE)(scope, receive, send)
            return

        async def safely(message: Any) -> None:
            if message["type"] == "http.response.start":
                message["headers"] += [(name.encode(), value.encode()) for name, value in SAFE.items()]
            await send(message)

        await self._app(scope, receive, safely)

    def _refusal(self, request: Request) -> str:
        if request.headers.get("host", "") not in self._hosts:
            return "this page answers only to its own address"
        origin = request.headers.get("origin")
        if origin is not None and origin not in {f"http://{host}" for host in self._hosts}:
            return "another site may not come here"
        if request.method not in ("GET", "HEAD") and request.headers.get(HEADER) != "1":
            return "only the page itself may post"
        return ""


class Page:
    """The routes of one village."""

    def __init__(self, village: Village) -> None:
        self.village = village
        self.state = State(village)
        self._under_way: set[asyncio.Task[None]] = set()

    def app(self, port: int) -> ASGIApp:
        """The whole application, as it answers on this port."""
        routes = [Route(path, _static(name, media)) for path, (name, media) in STATIC.items()]
        routes += [
            Route("/texts.json", self._texts),
            Route("/events", self._events),
            Route("/file", self._file),
            Route("/act", self._act, methods=["POST"]),
            Route("/attach", self._attach, methods=["POST"]),
        ]
        return Guard(Starlette(routes=routes), port)

    async def _texts(self, _: Request) -> Response:
        catalogue = Catalogue()
        return JSONResponse(
            {
                language: {key: text for key, text in catalogue.texts(language).items() if key.startswith(SHOWN)}
                for language in LANGUAGES
            }
        )

    async def _events(self, _: Request) -> Response:
        return StreamingResponse(self.state.stream(), media_type="text/event-stream")

    async def _file(self, request: Request) -> Response:
        asked = request.query_params
        chair = self.village.chairs.get(asked.get("seat", ""))
        try:
            if chair is None:
                raise LookupError
            message = views.find(chair, asked.get("chat", ""), asked.get("message", ""))
            file = views.files(chair.seat.human, message)[int(asked.get("number", "0"))]
        except (LookupError, ValueError):
            return PlainTextResponse("there is no such file", 404)
        # Whatever it is, it is only ever saved, never run as a page of ours; a picture is drawn by an img.
        named = {"content-disposition": f"attachment; filename*=UTF-8''{quote(file.name or 'file')}"}
        return Response(file.content, media_type=file.media or "application/octet-stream", headers=named)

    async def _act(self, request: Request) -> Response:
        body = await _body(request, LARGEST_ACT)
        if body is None:
            return PlainTextResponse("that is too large", 413)
        try:
            act = acts.READ.validate_json(body)
        except ValidationError as error:
            return PlainTextResponse(_why(error), 422)
        if isinstance(act, acts.Forward):  # what is promised meanwhile happens one by one, which takes its time
            task = asyncio.create_task(self._perform(act))
            self._under_way.add(task)
            task.add_done_callback(self._under_way.discard)
            return Response(status_code=204)
        return await self._done(acts.perform(self.village, act))

    async def _attach(self, request: Request) -> Response:
        asked = request.query_params
        seat, name = asked.get("seat", ""), Path(asked.get("name", "")).name
        if not name or len(name) > LONGEST_NAME:
            return PlainTextResponse("a file needs a name", 422)
        content = await _body(request, LARGEST_FILE)
        if not content:
            return PlainTextResponse("that is too large, or nothing", 413)
        media = request.headers.get("content-type") or "application/octet-stream"
        return await self._done(acts.attach(self.village, seat, name, media, content, asked.get("text", "")[:1000]))

    async def _perform(self, act: Any) -> None:
        await acts.perform(self.village, act)
        self.state.acts += 1

    async def _done(self, act: Any) -> Response:
        try:
            await act
        except LookupError as problem:
            return PlainTextResponse(str(problem), 404)
        except acts.Impossible as problem:
            return PlainTextResponse(str(problem), 409)
        finally:
            self.state.acts += 1
        return Response(status_code=204)

    async def stop(self) -> None:
        """Let the streams end, and what is under way too."""
        self.state.stopping.set()
        for task in self._under_way:
            task.cancel()
        await asyncio.gather(*self._under_way, return_exceptions=True)


def _static(name: str, media: str) -> Callable[[Request], Any]:
    async def answer(_: Request) -> Response:
        content = files("bot.playground.page").joinpath("static", name).read_bytes()
        return Response(content, media_type=media)

    return answer


async def _body(request: Request, most: int) -> bytes | None:
    """The body; None when it is larger than that."""
    found = b""
    async for piece in request.stream():
        found += piece
        if len(found) > most:
            return None
    return found


def _why(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_input=False)[0]
    return f"{'.'.join(map(str, first['loc']))}: {first['msg']}"


class Server(uvicorn.Server):
    """Leaves the signals to us, so that the bot too can end in good order."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield


@contextlib.asynccontextmanager
async def served(folder: Path, port: int = 0) -> AsyncIterator[tuple[str, Village]]:
    """The demo on a loopback port (0: any that is free): its address, and the village. Raises PortTaken."""
    listening = _listen(port)
    address = f"http://{LOOPBACK}:{listening.getsockname()[1]}"
    async with Village(folder) as village:
        await village.people()
        page = Page(village)
        config = uvicorn.Config(page.app(listening.getsockname()[1]), log_level="warning", lifespan="off",
                                timeout_graceful_shutdown=2, server_header=False)  # fmt: skip
        server = Server(config)
        serving = asyncio.create_task(server.serve([listening]))
        try:
            yield address, village
        finally:
            await page.stop()
            server.should_exit = True
            await serving


def _listen(port: int) -> socket.socket:
    listening = socket.socket()
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((LOOPBACK, port))
    except OSError as error:
        listening.close()
        raise PortTaken(port) from error
    return listening


async def run(port: int | None, folder: Path | None, *, browser: bool, say: Callable[[str, str], None]) -> None:
    """Serve until Ctrl-C, on the usual port or a free one unless told. Raises PortTaken and FolderUsed."""
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)
    with tempfile.TemporaryDirectory() as spare:
        home = folder or Path(spare)
        home.mkdir(parents=True, exist_ok=True)
        if (home / "town.db").exists():
            raise FolderUsed(str(home))
        async with served(home, _port(port)) as (address, _village):
            say("demo.cli.open", address)
            if browser and _has_screen():
                await asyncio.to_thread(webbrowser.open, address)
            await stopped.wait()
            say("demo.cli.closing", address)


def _has_screen() -> bool:
    """Without one a browser in the terminal would take the place of our own words there."""
    return sys.platform in ("win32", "darwin") or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _port(wanted: int | None) -> int:
    if wanted is not None:
        return wanted
    try:
        _listen(PORT).close()
    except PortTaken:
        return 0
    return PORT


__all__ = ["HEADER", "PORT", "FolderUsed", "Page", "PortTaken", "run", "served"]
