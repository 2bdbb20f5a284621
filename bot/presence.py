"""This process among others: it beats while it lives, and says so when nobody was here for a while."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session

from bot.logs import trail
from bot.services import absence
from bot.services.work import House, Work
from storage import processes
from storage.database import Database

log = logging.getLogger(__name__)

BEAT = 10.0  # seconds
NOTICED = timedelta(minutes=2)  # a shorter stop is nobody's concern


def awake() -> float:
    """Seconds since the machine started, the time asleep included where the system can tell."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


class Presence:
    """`name` is this process's own. `now` may be moved; how long this process was away is told by `seconds`."""

    def __init__(
        self,
        database: Database,
        house: House,
        name: str,
        now: Callable[[], datetime],
        told: Callable[[], None] = lambda: None,
        seconds: Callable[[], float] = awake,
    ) -> None:
        self._database, self._house, self.name = database, house, name
        self._now, self._told, self._seconds = now, told, seconds
        self._last: float | None = None

    async def beat(self) -> None:
        """Be known to live. After more than two minutes without anybody, those whom it concerns are told."""
        away = self._seconds() - self._last if self._last is not None else None
        since = await self._database.run(self._beat, away)
        if since is not None:
            log.warning("nobody was here for %.0f s", (self._now() - since).total_seconds())
            self._told()
        self._last = self._seconds()

    async def run(self) -> None:
        """Beat until cancelled. A database that does not answer is tried again."""
        while True:
            await asyncio.sleep(BEAT)
            try:
                await self.beat()
            except SQLAlchemyError as error:
                log.warning("this process could not beat: %s", trail(error))

    async def stop(self) -> None:
        """Leave in good order."""
        try:
            await self._database.run(processes.stopped, self.name, self._now())
        except SQLAlchemyError as error:
            log.warning("this process could not say that it stops: %s", trail(error))

    def _beat(self, session: Session, away: float | None) -> datetime | None:
        """Since when nobody was here, if it fell to this process to say so."""
        now = self._now()
        since = self._nobody_since(session, now, away)
        processes.beat(session, self.name, now)
        if away is None:
            processes.forget(session, now)
        if since is None or not processes.claim_absence(session, since, now):
            return None
        absence.say(Work(session, now, self._house), since)
        return since

    def _nobody_since(self, session: Session, now: datetime, away: float | None) -> datetime | None:
        """When the last one was here, if that is too long ago; None otherwise, and for the very first."""
        if processes.alive(session, now) - {self.name}:
            return None
        last = processes.last_seen(session, self.name)
        if away is not None:
            mine = now - timedelta(seconds=away)
            last = max(last, mine) if last is not None else mine
        return last if last is not None and now - last > NOTICED else None
