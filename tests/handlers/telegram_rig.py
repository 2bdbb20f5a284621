"""One channel against one playground server, and a door that a test can hold shut."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from bot.channels import Channel
from bot.events import Event, Outcome
from bot.handlers.telegram import TelegramChannel
from bot.playground.telegram import Human, TelegramPlayground

TOKEN = "123:abc"
SLOW = "Vänta på kvittens."


@dataclass
class Desk:
    """What stands behind the door: it notes what comes, fails as often as told, and answers."""

    answer: Callable[[Event], Outcome] = lambda event: Outcome()
    failures: list[Exception] = field(default_factory=list)
    kept: list[tuple[dict[str, Any], str]] = field(default_factory=list)
    keeping_failures: list[Exception] = field(default_factory=list)
    probes: list[str] = field(default_factory=list)
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

    async def next(self) -> Event:
        """The next event that came to the door."""
        async with asyncio.timeout(5):
            return await self.came.get()


@dataclass
class Rig:
    server: TelegramPlayground
    desk: Desk
    channel: TelegramChannel
    alva: Human

    async def settled(self) -> None:
        """Return when Telegram has every update confirmed."""
        await self.server.wait_for(lambda: self.server.pending == 0, what="every update confirmed")

    def calls(self, method: str) -> list[dict[str, Any]]:
        """The parameters of each call of a method."""
        return [call.params for call in self.server.calls if call.method == method]


def channel_to(
    server: TelegramPlayground,
    desk: Desk,
    *,
    kind: type[TelegramChannel] = TelegramChannel,
    token: str = TOKEN,
    **more: Any,
) -> TelegramChannel:
    """A channel that is not started yet."""
    channel = kind(
        token=token,
        base_url=server.base_url,
        door=desk.door,
        now=lambda: datetime.now(UTC),
        slow_text=SLOW,
        probe=desk.probes.append,
        keep=desk.keep,
        **more,
    )
    channel.first_rest = 0.01
    return channel


def as_channel(channel: TelegramChannel) -> Channel:
    """Delivery knows no more of it than this; mypy checks that it fits."""
    return channel


@asynccontextmanager
async def telegram_rig(kind: type[TelegramChannel] = TelegramChannel) -> AsyncIterator[Rig]:
    """A started channel whose door stands open, and a person who has opened the chat."""
    async with TelegramPlayground(token=TOKEN, username="tryggvag_bot") as server:
        desk = Desk()
        desk.open.set()
        rig = Rig(server, desk, channel_to(server, desk, kind=kind), server.person("Alva", username="alva"))
        rig.alva.room.opened = True
        await rig.channel.start()
        try:
            yield rig
        finally:
            await rig.channel.stop()
