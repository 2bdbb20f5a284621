"""Tells somebody outside that the bot is ready, as long as it is: when the calls stop, they sound the alarm."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

import aiohttp

from bot.health import Readiness
from bot.network import Network

log = logging.getLogger(__name__)

EVERY = 60.0
SOON = 5.0  # seconds until the next look while not ready
WITHIN = aiohttp.ClientTimeout(total=10)


class Heartbeat:
    """Fetches `url`, which never reaches the log: it may hold a secret."""

    def __init__(self, url: str, network: Network, ready: Callable[[], Awaitable[Readiness]]) -> None:
        self._url, self._network, self._ready = url, network, ready

    async def run(self) -> None:
        """Beat until cancelled."""
        async with self._network.session(WITHIN) as session:
            while True:
                beaten = await self.beat(session)
                await asyncio.sleep(EVERY if beaten else SOON)

    async def beat(self, session: aiohttp.ClientSession) -> bool:
        """One call, if the bot is ready. Returns whether it was; that the call failed is only logged."""
        if not (await self._ready()).ready:
            return False
        try:
            async with session.get(self._url) as answer:
                if answer.status >= 400:
                    log.warning("the heartbeat was answered with %d", answer.status)
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:
            log.warning("the heartbeat did not arrive: %s", type(error).__name__)
        return True
