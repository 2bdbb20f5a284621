"""A local Telegram that costs next to nothing, in a process of its own: so that the sender is measured, not the server.

It answers every sending at once, remembers when each chat got how many messages, and can hold the sender to Telegram's
limit of messages a second, with 429 for what is above it. `GET /seen` gives it all; `POST /limit/30` sets the limit.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from dataclasses import dataclass, field
from itertools import count
from typing import Any
from urllib.parse import parse_qsl

from aiohttp import web

from bot.playground.telegram_limits import Bucket, full

TOO_MANY = {
    "ok": False, "error_code": 429, "description": "Too Many Requests: retry after 1", "parameters": {"retry_after": 1},
}  # fmt: skip
BOT = {"id": 123456, "is_bot": True, "first_name": "Bench", "username": "bench_bot"}


@dataclass
class Sink:
    """What came, and when; times are of the monotonic clock, in seconds."""

    bucket: Bucket | None = None  # Telegram's limit, where there is one
    numbers: Any = field(default_factory=lambda: count(1))
    came: dict[str, list[tuple[float, str]]] = field(default_factory=dict)
    refused: int = 0

    async def call(self, request: web.Request) -> web.Response:
        """Any method of the bot's."""
        method = request.match_info["method"].lower()
        if method == "sendmessage":
            return self._send(await _fields(request))
        if method == "getupdates":
            await asyncio.sleep(0.2)
            return _ok([])
        return _ok(BOT if method == "getme" else True)

    def _send(self, fields: dict[str, Any]) -> web.Response:
        now = time.monotonic()
        if self.bucket is not None and self.bucket.wait(now):
            self.refused += 1
            return web.json_response(TOO_MANY, status=429)
        if self.bucket is not None:
            self.bucket.tokens -= 1
        chat, text = str(fields["chat_id"]), str(fields.get("text", ""))
        self.came.setdefault(chat, []).append((now, text[:24]))
        message = {
            "message_id": next(self.numbers),
            "date": 1,
            "chat": {"id": int(chat), "type": "private"},
            "text": text,
        }
        return _ok(message)

    async def seen(self, _: web.Request) -> web.Response:
        """All that came, by chat, and how many were refused."""
        return web.json_response({"came": self.came, "refused": self.refused})

    async def set_limit(self, request: web.Request) -> web.Response:
        """Forget what came, and hold the sender to this from now on."""
        limit, self.refused = int(request.match_info["limit"]), 0
        self.bucket = full(limit, limit, time.monotonic()) if limit else None
        self.came.clear()
        return web.Response()


async def _fields(request: web.Request) -> dict[str, Any]:
    body = await request.read()
    if request.content_type == "application/json":
        return dict(json.loads(body))
    if request.content_type == "application/x-www-form-urlencoded":
        return dict(parse_qsl(body.decode()))
    return dict(await request.post())


def _ok(result: Any) -> web.Response:
    return web.json_response({"ok": True, "result": result})


async def _serve() -> None:
    sink, app = Sink(), web.Application()
    app.router.add_route("*", "/bot{token}/{method}", sink.call)
    app.router.add_get("/seen", sink.seen)
    app.router.add_post("/limit/{limit}", sink.set_limit)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    print(runner.addresses[0][1], flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    sys.exit(asyncio.run(_serve()))
