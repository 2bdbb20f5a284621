"""Looks now and then whether the municipality's own content has changed, and says which files cannot be used."""

from __future__ import annotations

import asyncio
import logging

from bot.advice.library import Library

log = logging.getLogger(__name__)

LOOK = 5.0  # seconds; somebody who writes a list wants to see it at once


class Rereading:
    """Reads in a thread of its own: nobody who asks for advice waits for a file."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self.complain()

    async def run(self) -> None:
        """Until it is cancelled."""
        while True:
            await asyncio.sleep(LOOK)
            await self.look()

    async def look(self) -> bool:
        """Read what has changed. Returns whether anything had."""
        changed = await asyncio.to_thread(self._library.refresh)
        if changed:
            log.info("content was read anew")
            self.complain()
        return changed

    def complain(self) -> None:
        """Which files cannot be used, in which line, and why; what they said before still holds."""
        for problem in self._library.problems:
            log.error("content: %s", problem)
