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
from bot.loops import kept
from bot.services import (
    absence,
    alert_chain,
    alerts,
    approvals,
    briefings,
    calendar_files,
    calm,
    chain_audit,
    chains,
    coverage_table,
    digest,
    drafts,
    duty_hand,
    duty_plan,
    duty_rota,
    ended_accounts,
    escalation,
    exercises,
    linked,
    measures,
    morning,
    places,
    planned,
    planner,
    quarterly,
    register,
    support,
    watch_list,
)
from bot.services.work import House, Work
from storage import deadlines, held
from storage.database import Database
from storage.tables import Alert, Deadline, Incident, SharedPlace

log = logging.getLogger(__name__)
LOOK = 5  # seconds between looks for deadlines that another process wrote
AUDIT = 60  # seconds between looks for what should have moved
PATIENCE = 100  # looks, before the audit, whether what is due at that moment has happened
LOOK_SHARED = 1  # the same where other processes run, and one of them may have died
IN_OTHER_HANDS = timedelta(milliseconds=50)  # between looks at one that is due and that another process is at


class Clock:
    """One date job for the nearest deadline, and a daily one for tidying. `now` may run ahead of the wall."""

    def __init__(self, database: Database, house: House, now: Callable[[], datetime], wake: Callable[[], None]) -> None:
        self._database, self._house, self._now, self._wake = database, house, now, wake
        self._scheduler = AsyncIOScheduler(
            timezone=UTC, job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
        )
        self._look = LOOK_SHARED if database.shared else LOOK
        self._rung = asyncio.Event()
        self._busy = False
        self.died: Callable[[str], None] = lambda _: None  # hears that the watching had to be started again
        self.found: Callable[[str], None] = lambda _: None  # hears what the audit found
        self._at: int | None = None  # the deadline that is happening
        self._task: asyncio.Task[None] | None = None
        self._nearest: datetime | None = None  # the deadline that the scheduler rings for
        self._kept = False  # whether what happens again and again has a row that waits

    def start(self) -> None:
        """Begin to watch the time."""
        self._scheduler.add_job(self.ring, "interval", seconds=self._look)
        self._scheduler.add_job(self._look_after, "interval", seconds=AUDIT)
        self._scheduler.add_job(self._tidy, "cron", hour=3, minute=15)
        self._scheduler.start()
        self._task = asyncio.create_task(kept("the clock", self._watch, self.died))
        self.ring()

    async def stop(self) -> None:
        """Stop between two deadlines, never inside one."""
        if self._scheduler.running:  # a start that failed on the way is stopped too
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

    def promised(self, at: datetime) -> None:
        """A deadline was set. Only one that is nearer than what is waited for needs a look."""
        if self._busy or self._nearest is None or at < self._nearest:
            self.ring()

    async def _watch(self) -> None:
        while True:
            await self._rung.wait()
            self._busy = True
            self._rung.clear()
            try:
                await self._catch_up()
            except Exception as error:
                log.error("the deadlines could not be read; trying again: %s", trail(error))
                await asyncio.sleep(self._look)
                self.ring()
            finally:
                self._busy = False

    async def _catch_up(self) -> None:
        if not self._kept:
            await self._database.run(self._keep)
            self._kept = True
        while await self._one():
            self._wake()
        nearest = self._nearest = await self._database.run(deadlines.nearest)
        if nearest is not None:
            at = datetime.now(UTC) + max(nearest - self._now(), IN_OTHER_HANDS)
            self._scheduler.add_job(self.ring, "date", run_date=at, id="nearest", replace_existing=True)

    async def _one(self) -> bool:
        """Let the earliest due deadline happen. False when there is none."""
        self._at = None
        try:
            return await self._database.run(self._happen)
        except Exception as error:
            if self._at is None:
                raise
            log.error("deadline %s met an unexpected error and is tried again: %s", self._at, trail(error))
            await self._database.run(self._put_off, self._at)
            return True

    def _happen(self, session: Session) -> bool:
        """One transaction from the lock to the end, so that no two processes let the same happen."""
        row = deadlines.due(session, self._now())
        if row is None:
            return False
        self._at = row.id
        happen(Work(session, self._now(), self._house), row)
        deadlines.done(row, self._now())
        return True

    def _keep(self, session: Session) -> None:
        work = Work(session, self._now(), self._house)
        for keep in STANDING:
            keep(work)

    def _put_off(self, session: Session, number: int) -> None:
        row = session.get_one(Deadline, number)
        if row.state == "waiting":
            deadlines.failed(row, self._now())

    async def _look_after(self) -> None:
        """Let what is due happen first, if it can; then look whether it did."""
        self.ring()
        for _ in range(PATIENCE):
            if self.resting:
                break
            await asyncio.sleep(IN_OTHER_HANDS.total_seconds())
        await self.audit()

    async def audit(self) -> None:
        """Find what should have moved and did not, and say so: no deadline itself, for it is these that may stand."""
        try:
            for finding in await self._database.run(self._findings):
                if await self._database.run(self._tell, finding):
                    log.error("%s: %s of %s, step %s", finding.what, finding.kind, finding.subject, finding.step or "-")
                    self.found(finding.what)
                    self._wake()
        except Exception as error:
            log.error("the chains could not be looked after; trying again: %s", trail(error))

    def _findings(self, session: Session) -> list[chain_audit.Finding]:
        return chain_audit.find(Work(session, self._now(), self._house))

    def _tell(self, session: Session, finding: chain_audit.Finding) -> bool:
        return chain_audit.tell(Work(session, self._now(), self._house), finding)

    async def _tidy(self) -> None:
        await self._database.run(forget_seen, self._now())


def happen(work: Work, row: Deadline) -> None:
    """What a deadline of each kind means."""
    HAPPENINGS[row.kind](work, row)


def _unbound(work: Work, row: Deadline) -> None:
    place = work.session.get(SharedPlace, row.subject)
    if place is not None and place.state == "asked":
        places.leave(work, place)


def _chain(work: Work, row: Deadline) -> None:
    chains.step_due(work, row.kind, row.subject, row.step)


def _alert_out(work: Work, row: Deadline) -> None:
    alerts.go_on(work, work.session.get_one(Alert, row.subject), int(row.step))


def _promise(work: Work, row: Deadline) -> None:
    incident = work.session.get_one(Incident, row.subject)
    if not linked.reminded(work.session, incident, row):
        escalation.promise_due(work, incident, row.kind)


HAPPENINGS: dict[str, Callable[[Work, Deadline], None]] = {
    "unbound": _unbound,
    **dict.fromkeys(chains.SORTS, _chain),
    alerts.DEADLINE: _alert_out,
    alerts.EXERCISE: lambda work, row: exercises.end(work, work.session.get_one(Alert, row.subject)),
    alerts.BOARD: lambda work, row: alerts.redraw_boards(work, row.subject),
    held.DEADLINE: lambda work, row: digest.due(work, row.subject, row.step),
    drafts.PLANNED: lambda work, row: planned.due(work, work.session.get_one(Alert, row.subject)),
    approvals.DEADLINE: lambda work, row: approvals.due(work, work.session.get_one(Alert, row.subject)),
    alert_chain.MORE: lambda work, row: alert_chain.go_on(work, row.subject, row.step),
    **dict.fromkeys(escalation.PROMISES, _promise),
    absence.DEADLINE: lambda work, row: absence.tell_chiefs(work, row.step),
    ended_accounts.DEADLINE: lambda work, _: ended_accounts.tell_chiefs(work),
    "role_ends": lambda work, row: register.end_due(work, row.subject),
    calm.ROUND: lambda work, row: calm.round_due(work, row.step),
    calm.ASKED: lambda work, row: None,  # nobody is nagged: from now on the coverage table says it
    coverage_table.ROUND: lambda work, row: coverage_table.round_due(work, row.step),
    duty_plan.TOP_UP: duty_rota.top_up,
    duty_plan.CHANGE: duty_rota.change,
    duty_plan.REMIND: duty_rota.remind,
    duty_plan.ASKED: duty_hand.nobody_yet,
    support.DEADLINE: support.due,
    measures.DEADLINE: measures.due,
    watch_list.DEADLINE: watch_list.due,
    planner.DEADLINE: briefings.due,
    calendar_files.DEADLINE: lambda work, row: calendar_files.read_due(work, row.subject),
    quarterly.ROUND: lambda work, row: quarterly.round_due(work, row.step),
    morning.ROUND: lambda work, row: morning.round_due(work, row.step),
    morning.REPLAN: lambda work, row: morning.replan_due(work, row.step),
    duty_plan.OFFER: lambda work, row: None,  # an offer ends with its shift
}
STANDING = (calm.keep, coverage_table.keep, morning.keep, quarterly.keep)
