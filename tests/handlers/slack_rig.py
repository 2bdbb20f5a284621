"""One channel against one playground workspace, and a door that a test can hold shut."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from bot.channels import Channel, Request
from bot.events import Event, Outcome
from bot.handlers.slack import SlackChannel
from bot.network import Network
from bot.playground.slack import Human, SlackPlayground

BOT, APP, TEAM, SECRET = "xoxb-fiktiv", "xapp-fiktiv", "T0FIKTIV", "8f742231b10e8888abcd99yyyzzz85a5"
SLOW = "Vänta på kvittens."
LOADING = ("Ett ögonblick", "Stäng", "Frågorna kommer.")
CODE = "12345678"


@dataclass
class Desk:
    """What stands behind the door: it notes what comes, fails as often as told, and answers."""

    answer: Callable[[Event], Outcome] = lambda event: Outcome()
    failures: list[Exception] = field(default_factory=list)
    kept: list[tuple[dict[str, Any], str]] = field(default_factory=list)
    keeping_failures: list[Exception] = field(default_factory=list)
    probes: list[str] = field(default_factory=list)
    crashes: list[Exception] = field(default_factory=list)
    open: asyncio.Event = field(default_factory=asyncio.Event)
    came: asyncio.Queue[Event] = field(default_factory=asyncio.Queue)
    committed: list[Event] = field(default_factory=list)

    async def door(self, event: Event) -> Outcome:
        self.came.put_nowait(event)
        await self.open.wait()
        if self.failures:
            raise self.failures.pop(0)
        self.committed.append(event)
        return self.answer(event)

    async def keep(self, raw: dict[str, Any], reason: str) -> None:
        if self.keeping_failures:
            raise self.keeping_failures.pop(0)
        self.kept.append((raw, reason))

    def probe(self, where: str) -> None:
        self.probes.append(where)
        if self.crashes:
            raise self.crashes.pop(0)

    async def next(self) -> Event:
        """The next event that came to the door."""
        async with asyncio.timeout(5):
            return await self.came.get()


@dataclass
class Rig:
    server: SlackPlayground
    desk: Desk
    channel: SlackChannel
    alva: Human

    def calls(self, method: str) -> list[dict[str, Any]]:
        """The parameters of each call of a method."""
        return [call.params for call in self.server.calls if call.method == method]

    async def called(self, method: str, times: int = 1) -> list[dict[str, Any]]:
        """The calls of a method, once there are so many."""
        await self.server.wait_for(lambda: len(self.calls(method)) >= times, what=f"{method} was called")
        return self.calls(method)


def channel_to(
    server: SlackPlayground,
    desk: Desk,
    *,
    kind: type[SlackChannel] = SlackChannel,
    tokens: tuple[str, str | None] = (BOT, APP),
    network: Network | None = None,
    signing_secret: str | None = None,
) -> SlackChannel:
    """A channel that is not started yet."""
    return kind(
        bot_token=tokens[0],
        app_token=tokens[1],
        base_url=server.base_url,
        door=desk.door,
        now=lambda: datetime.now(UTC),
        slow_text=SLOW,
        loading=LOADING,
        wants_name=lambda text: text == CODE,
        keep=desk.keep,
        probe=desk.probe,
        signing_secret=signing_secret,
        network=network,
    )


def as_channel(channel: SlackChannel) -> Channel:
    """Delivery knows no more of it than this; mypy checks that it fits."""
    return channel


@asynccontextmanager
async def slack_rig(kind: type[SlackChannel] = SlackChannel) -> AsyncIterator[Rig]:
    """A started channel whose door stands open, and a person in the workspace."""
    async with SlackPlayground(bot_token=BOT, app_token=APP, team=TEAM) as server:
        desk = Desk()
        desk.open.set()
        rig = Rig(server, desk, channel_to(server, desk, kind=kind), server.person("Alva Berg"))
        await rig.channel.start()
        try:
            yield rig
        finally:
            await rig.channel.stop()


@asynccontextmanager
async def served(channel: SlackChannel) -> AsyncIterator[str]:
    """A web server that hands what is posted on to the channel; its address."""

    async def serve(request: web.Request) -> web.Response:
        headers = {name.lower(): value for name, value in request.headers.items()}
        answer = await channel.deliver(Request(headers, await request.read()))
        return web.Response(status=answer.status, body=answer.body, headers={"Content-Type": answer.media})

    app = web.Application()
    app.router.add_post("/slack", serve)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/slack"
    finally:
        await runner.cleanup()


@asynccontextmanager
async def http_rig() -> AsyncIterator[Rig]:
    """A started channel that Slack posts to."""
    async with SlackPlayground(bot_token=BOT, app_token=APP, team=TEAM) as server:
        desk = Desk()
        desk.open.set()
        channel = channel_to(server, desk, tokens=(BOT, None), signing_secret=SECRET)
        rig = Rig(server, desk, channel, server.person("Alva Berg"))
        await channel.start()
        async with served(channel) as url:
            assert await server.post_to(url, SECRET)
            try:
                yield rig
            finally:
                await channel.stop()
