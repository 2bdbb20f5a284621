"""Rings for the other processes on the same database, and hears them. They also look by themselves, once a second."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress

from sqlalchemy.exc import SQLAlchemyError

from storage import bell
from storage.database import Database

log = logging.getLogger(__name__)

REST = 1.0  # seconds before it listens again, when the server was gone


class Bell:
    """`heard` is called when there may be something new. On SQLite there is nobody to ring for."""

    def __init__(self, database: Database, heard: Callable[[], None]) -> None:
        self._database, self._heard = database, heard
        self._ringing: asyncio.Task[None] | None = None

    async def run(self) -> None:
        """Listen until cancelled."""
        while True:
            try:
                await bell.listen(self._database.engine, self._heard)
            except bell.Gone as error:
                log.warning("the other processes cannot be heard (%s); trying again", error.args[0])
            await asyncio.sleep(REST)

    def ring(self) -> None:
        """Let the others look; rings that come together are one."""
        if self._database.shared and (self._ringing is None or self._ringing.done()):
            self._ringing = asyncio.create_task(self._ring())

    async def _ring(self) -> None:
        with suppress(SQLAlchemyError):  # then the others look by themselves
            await self._database.aside(bell.ring)

    async def stop(self) -> None:
        """Let the last ring end."""
        if self._ringing is not None:
            await asyncio.gather(self._ringing, return_exceptions=True)
