"""What only one of several processes may do, such as sending for one bot token, whose limits belong to the token.

A process that dies stops renewing; after `LENGTH` at most another one takes over. A process that lives and cannot
renew stops before that. SQLite has one process (`tryggvag run` sees to it), which holds everything at once.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta

from bot.logs import trail
from storage import leases
from storage.database import Database

log = logging.getLogger(__name__)

LENGTH = 5.0  # seconds; others go on within ten after a kill
REMEMBERED = timedelta(days=1)

Change = Callable[[bool], Awaitable[None]]


class Leases:
    """The leases that this process holds or wants. `length` in seconds; renewed five times as often."""

    def __init__(
        self,
        database: Database,
        holder: str,
        length: float = LENGTH,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.holder = holder
        self._database, self._length, self._monotonic = database, length, monotonic
        self._every = length / 5
        self._until: dict[str, float] = {}  # by the monotonic clock; earlier than what the others see
        self._changes: dict[str, Change] = {}
        self._told: dict[str, bool] = {}
        self._looking = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Take what is free, and try for the rest until `stop`."""
        if self._database.shared:
            await self._database.aside(leases.forget, REMEMBERED)
            await self.want(f"process:{self.holder}")  # who holds nothing at all is taken for dead
            self._task = asyncio.create_task(self._keep())

    async def stop(self) -> None:
        """Let go of everything, so that others need not wait."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._until.clear()
            try:
                await self._database.aside(leases.release, self.holder)
            except Exception as error:
                log.warning("the leases end by themselves: %s", trail(error))

    async def want(self, name: str, change: Change | None = None) -> None:
        """Try for it from now on; `change` is awaited when it is gained (True) and lost (False)."""
        self._until.setdefault(name, 0.0)
        if change is not None:
            self._changes[name] = change
        await self._look()

    def held(self, name: str) -> bool:
        """Whether nobody but this process may do it now."""
        return name in self._until and (not self._database.shared or self._monotonic() < self._until[name])

    async def _keep(self) -> None:
        while True:
            await asyncio.sleep(self._every)
            await self._look()

    async def _look(self) -> None:
        async with self._looking:
            if self._database.shared:
                await self._renew()
            for name, change in self._changes.items():
                if self._told.get(name, False) != (held := self.held(name)):
                    self._told[name] = held
                    await self._tell(name, change, held)

    async def _renew(self) -> None:
        asked, length = self._monotonic(), timedelta(seconds=self._length)
        try:
            async with asyncio.timeout(2 * self._every):  # a database that is silent must not hide that time is up
                mine = await self._database.aside(leases.take_all, list(self._until), self.holder, length)
        except Exception as error:
            log.warning("the leases could not be renewed: %s", trail(error))
            return
        for name in self._until:
            self._until[name] = asked + self._length - self._every if name in mine else 0.0

    async def _tell(self, name: str, change: Change, held: bool) -> None:
        log.info("%s %s", name, "is this process's now" if held else "is another process's now")
        try:
            await change(held)
        except Exception as error:
            log.error("%s could not change hands and is tried again: %s", name, trail(error))
            self._told[name] = not held
