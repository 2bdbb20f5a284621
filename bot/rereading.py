"""Looks now and then whether the municipality's own content has changed, and says which files cannot be used."""

from __future__ import annotations

import asyncio
import logging
from typing import Protocol

from bot.advice.reading import BadAdvice

log = logging.getLogger(__name__)

LOOK = 5.0  # seconds; somebody who writes a list wants to see it at once


class Content(Protocol):
    """Files that are read again when they have changed."""

    @property
    def problems(self) -> tuple[BadAdvice, ...]:
        """The files that cannot be used as they are now."""

    def refresh(self) -> bool:
        """Read what has changed. Returns whether anything had."""


class Rereading:
    """Reads in a thread of its own: nobody who asks for advice waits for a file."""

    def __init__(self, *contents: Content) -> None:
        self._contents = contents
        self.complain()

    async def run(self) -> None:
        """Until it is cancelled."""
        while True:
            await asyncio.sleep(LOOK)
            await self.look()

    async def look(self) -> bool:
        """Read what has changed. Returns whether anything had."""
        changed = [await asyncio.to_thread(content.refresh) for content in self._contents]
        if any(changed):
            log.info("content was read anew")
            self.complain()
        return any(changed)

    def complain(self) -> None:
        """Which files cannot be used, in which line, and why; what they said before still holds."""
        for problem in (problem for content in self._contents for problem in content.problems):
            log.error("content: %s", problem)
