"""Fetches what people attached: claim a row, stream it, seal it piece by piece, settle. The only place that does."""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from bot.channels import Channel, Gone, NotSent, PlatformDown, Refused, Unsure, Wait
from bot.events import Platform
from bot.logs import trail
from bot.services import calendar_files, evidence
from bot.services.filekinds import Screen
from bot.services.work import House, Work
from storage import evidence as stored
from storage import leases
from storage.database import Database, Probe
from storage.tables import Account, Evidence
from storage.types import keyring

log = logging.getLogger(__name__)

AT_ONCE = 3  # files fetched at a time
PIECE = 256 * 1024  # bytes sealed at a time
LOOK = 1.0  # seconds between looks for what is due, or was written by another process
LONGEST_PAUSE = 3600.0  # seconds between tries
GIVE_UP = timedelta(hours=24)  # Telegram keeps a way to the file for about as long
ODD = 5  # tries of a file that meets an error nobody foresaw


@dataclass(frozen=True)
class Job:
    """One claimed file."""

    number: int
    platform: Platform
    remote: str
    name: str


@dataclass(frozen=True)
class Whole:
    """All of it is stored, sealed."""

    media: str
    size: int
    sha256: str


class NotTaken(Exception):
    """It is too big, empty, or of a kind that is not taken; `args[0]` says which."""


class NotOurs(Exception):
    """It was dropped meanwhile, or another process fetches it now."""


class Fetching:
    """Fetches files through the channels that are up. `wake` is called when there may be something to send.

    `name` is this process's: what it has claimed no other touches.
    """

    def __init__(
        self,
        database: Database,
        house: House,
        now: Callable[[], datetime],
        wake: Callable[[], None],
        channels: Mapping[Platform, Channel],
        probe: Probe = lambda _: None,
        name: str = "bot",
    ) -> None:
        self._database, self._house, self._now, self._probe = database, house, now, probe
        self._wake_delivery, self._channels, self._name = wake, channels, name
        self._wake = asyncio.Event()
        self._ended: list[tuple[Job, Whole | Exception]] = []
        self._under_way: set[asyncio.Task[None]] = set()
        self._empty = False

    def wake(self) -> None:
        """There may be something to fetch."""
        self._wake.set()

    @property
    def resting(self) -> bool:
        """Whether nothing is under way and the last look found nothing to fetch."""
        return self._empty and not (self._wake.is_set() or self._under_way or self._ended)

    async def run(self) -> None:
        """Pump until cancelled."""
        if not self._database.shared:  # whoever claimed anything on a file is an earlier life of ours
            await self._database.run(stored.release_dead, set())
        while True:
            self._empty = False
            self._wake.clear()
            try:
                await self._turn()
            except Exception as error:
                log.error("what is to be fetched could not be read; trying again: %s", trail(error))
                await asyncio.sleep(LOOK)
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK):  # Python 3.11's wait_for may swallow a cancellation
                    await self._wake.wait()

    async def stop(self) -> None:
        """Break off what is under way: it starts again at the next start."""
        for task in self._under_way:
            task.cancel()
        await asyncio.gather(*self._under_way, return_exceptions=True)
        ended, self._ended = self._ended, []
        await self._database.run(self._settle_and_claim, ended, 0)
        await self._database.run(stored.release, self._name)

    async def _turn(self) -> None:
        ended, self._ended = self._ended, []
        room = AT_ONCE - len(self._under_way)
        try:
            jobs = await self._database.run(self._settle_and_claim, ended, room)
        except BaseException:
            self._ended = ended + self._ended
            raise
        if ended:
            self._wake_delivery()
        self._empty = not jobs
        for job in jobs:
            task = asyncio.create_task(self._one(job))
            self._under_way.add(task)
            task.add_done_callback(self._finished)

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._under_way.discard(task)
        self._wake.set()

    def _settle_and_claim(self, session: Session, ended: list[tuple[Job, Whole | Exception]], room: int) -> list[Job]:
        work = Work(session, self._now(), self._house)
        for job, end in ended:
            if (row := stored.held(session, job.number, self._name)) is not None:
                self._settle(work, row, end)
        session.flush()
        if self._database.shared:
            stored.release_dead(session, leases.holders(session))
        if room <= 0 or not self._channels:
            return []
        rows = stored.claim(session, [str(name) for name in self._channels], work.now, room, self._name)
        return [_job(session, row) for row in rows]

    async def _one(self, job: Job) -> None:
        try:
            end: Whole | Exception = await self._fetch(job)
        except NotOurs:
            return
        except Exception as problem:
            end = problem
        self._ended.append((job, end))

    async def _fetch(self, job: Job) -> Whole:
        """Stream it into sealed pieces. Memory holds two pieces at most, however big the file is."""
        digest, screen, size, pieces = hashlib.sha256(), Screen(job.name), 0, 0
        buffer = bytearray()
        source = self._channels[job.platform].fetch(job.remote)
        try:
            async for part in source:
                size += len(part)
                if size > evidence.LIMIT:
                    raise NotTaken("too_big")
                buffer += part
                while len(buffer) >= PIECE:
                    await self._store(job, pieces, bytes(buffer[:PIECE]), digest, screen)
                    del buffer[:PIECE]
                    pieces += 1
        finally:
            if isinstance(source, AsyncGenerator):
                await source.aclose()  # the connection must not outlive a file that is not taken
        if size == 0:
            raise NotTaken("empty")
        if buffer:
            await self._store(job, pieces, bytes(buffer), digest, screen)
        self._probe("between fetch and settle")
        return Whole(screen.media, size, digest.hexdigest())

    async def _store(self, job: Job, number: int, piece: bytes, digest: hashlib._Hash, screen: Screen) -> None:
        digest.update(piece)
        if reason := screen.feed(piece):
            raise NotTaken(reason)
        sealed = await asyncio.to_thread(keyring.seal, piece)
        self._probe("between pieces")
        if not await self._database.run(stored.put, job.number, self._name, number, sealed):
            raise NotOurs

    def _settle(self, work: Work, row: Evidence, end: Whole | Exception) -> None:
        match end:
            case Whole(media=media, size=size, sha256=sha256):
                evidence.kept(work, row, media, size, sha256)
                calendar_files.kept(work, row)
            case NotTaken():
                log.warning("evidence %s is not taken: %s", row.id, end)
                evidence.lost(work, row, "refused", str(end))
            case Wait(seconds=seconds):
                evidence.later(row, work.now + timedelta(seconds=seconds), failed=False)
            case PlatformDown():
                evidence.later(row, work.now + timedelta(seconds=60), failed=False)
            case Gone() | Refused():
                log.warning("evidence %s cannot be fetched: %s", row.id, end)
                big = "too big" in str(end)
                evidence.lost(work, row, "refused" if big else "failed", "too_big" if big else "gone")
            case NotSent() | Unsure():
                _try_again(work, row, GIVE_UP)
            case _:
                log.error("evidence %s met %s", row.id, trail(end))
                _try_again(work, row, GIVE_UP if row.attempts < ODD else timedelta(0))


def _job(session: Session, row: Evidence) -> Job:
    assert row.id is not None
    account = session.get_one(Account, row.account_id)
    return Job(row.id, Platform(account.platform), row.remote or "", row.facts.get("name", ""))


def _try_again(work: Work, row: Evidence, give_up: timedelta) -> None:
    """After growing pauses, until it has gone on for too long."""
    if work.now - row.received_at >= give_up:
        evidence.lost(work, row, "failed", "unreachable")
    else:
        evidence.later(row, work.now + timedelta(seconds=min(2.0**row.attempts, LONGEST_PAUSE)), failed=True)
