"""Replaces a way in that has gone silent: a wedged poll or a socket that stays open and says nothing."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Iterable

from bot.channels import Channel
from bot.health import Health
from bot.logs import trail

log = logging.getLogger(__name__)

LOOK = 5.0  # seconds between looks
SILENT = 45.0  # after so many seconds a way in is replaced, so that with the rest it takes less than 60
AGAIN = 15.0  # seconds until the next try while it stays silent
REVIVE_WITHIN = 12.0


class Watchdog:
    """Watches the channels that are up, and asks the database for a sign of life. `seconds` is a monotonic clock."""

    def __init__(
        self,
        channels: Callable[[], Iterable[Channel]],
        health: Health,
        revived: Callable[[str], None],
        seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        self._channels, self._health, self._revived, self._seconds = channels, health, revived, seconds
        self._tried: dict[str, float] = {}

    async def run(self) -> None:
        """Look every few seconds, until cancelled."""
        while True:
            await self.look()
            await asyncio.sleep(LOOK)

    async def look(self) -> None:
        """One look at everything; no channel waits for another's."""
        await asyncio.gather(self._health.ask(), *(self._watch(channel) for channel in list(self._channels())))

    async def _watch(self, channel: Channel) -> None:
        heard, now = channel.heard_at, self._seconds()
        if heard is None or now - heard <= SILENT:
            return
        name = str(channel.platform)
        if now - self._tried.get(name, float("-inf")) < AGAIN:
            return
        self._tried[name] = now
        log.warning("nothing heard from %s for %.0f s; connecting anew", name, now - heard)
        self._revived(name)
        try:
            async with asyncio.timeout(REVIVE_WITHIN):
                await channel.revive()
        except Exception as error:
            log.warning("%s could not be connected anew: %s", name, trail(error))
