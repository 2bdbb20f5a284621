"""Wakes what is due. A due deadline is one more event: one transaction each. APScheduler only rings the bell."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from sqlmodel import Session

from bot.intake import forget_seen
from bot.logs import trail
from bot.services import escalation, places, register
from bot.services.work import House, Work
from storage import deadlines
from storage.database import Database
from storage.tables import Deadline, Incident, SharedPlace

log = logging.getLogger(__name__)
LOOK = 5  # seconds between looks for deadlines that another process wrote


class Clock:
    """One date job for the nearest deadline, and a daily one for tidying. `now` may run ahead of the wall."""

    def __init__(self, database: Database, house: House, now: Callable[[], datetime], wake: Callable[[], None]) -> None:
        self._database, self._house, self._now, self._wake = database, house, now, wake
        self._scheduler = AsyncIOScheduler(
            timezone=UTC, job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
        )
        self._rung = asyncio.Event()
        self._busy = False
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to watch the time."""
        self._scheduler.add_job(self.ring, "interval", seconds=LOOK)
        self._scheduler.add_job(self._tidy, "cron", hour=3, minute=15)
        self._scheduler.start()
        self._task = asyncio.create_task(self._watch())
        self.ring()

    async def stop(self) -> None:
        """Stop between two deadlines, never inside one."""
        self._scheduler.shutdown(wait=False)
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    @property
    def resting(self) -> bool:
        """Whether everything due has happened."""
        return not self._rung.is_set() and not self._busy

    def ring(self) -> None:
        """A deadline may be nearer than was thought, or be due."""
        self._rung.set()

    async def _watch(self) -> None:
        while True:
            await self._rung.wait()
            self._busy = True
            self._rung.clear()
            try:
                await self._catch_up()
            except Exception as error:
                log.error("the deadlines could not be read; trying again: %s", trail(error))
                await asyncio.sleep(LOOK)
            finally:
                self._busy = False

    async def _catch_up(self) -> None:
        while (nearest := await self._database.run(deadlines.nearest)) is not None and nearest <= self._now():
            await self._one()
            self._wake()
        if nearest is not None:
            at = datetime.now(UTC) + max(nearest - self._now(), timedelta(0))
            self._scheduler.add_job(self.ring, "date", run_date=at, id="nearest", replace_existing=True)

    async def _one(self) -> None:
        """Let the earliest due deadline happen."""
        row = await self._database.run(deadlines.due, self._now())
        if row is None:  # another process was quicker
            return
        try:
            await self._database.run(self._happen, row.id)
        except Exception as error:
            log.error("deadline %s met an unexpected error and is tried again: %s", row.id, trail(error))
            await self._database.run(self._put_off, row.id)

    def _happen(self, session: Session, number: int) -> None:
        row = session.get_one(Deadline, number)
        if row.state == "waiting":
            happen(Work(session, self._now(), self._house), row)
            deadlines.done(row, self._now())

    def _put_off(self, session: Session, number: int) -> None:
        deadlines.failed(session.get_one(Deadline, number), self._now())

    async def _tidy(self) -> None:
        await self._database.run(forget_seen, self._now())


def happen(work: Work, row: Deadline) -> None:
    """What a deadline of each kind means."""
    if row.kind == "unbound":
        place = work.session.get(SharedPlace, row.subject)
        if place is not None and place.state == "asked":
            places.leave(work, place)
        return
    if row.kind == "role_ends":
        register.end_due(work, row.subject)
        return
    incident = work.session.get_one(Incident, row.subject)
    if row.kind == "chain":
        escalation.step_due(work, incident, row.step)
    else:
        escalation.promise_due(work, incident, row.kind)
