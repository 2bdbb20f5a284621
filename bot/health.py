"""Is the bot alive, and is it ready? For the web server, the watchdog and the heartbeat."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sqlmodel import Session, text

from bot.channels import Channel
from bot.events import Platform
from storage import migrate
from storage.database import Database

log = logging.getLogger(__name__)

ANSWERS_WITHIN = 30.0  # seconds without an answer after which the database's thread is taken for stuck
STUCK = 60.0  # and after which that is logged
HEARD_WITHIN = 60.0
PATIENCE = 3.0  # seconds that a check waits for the database


@dataclass(frozen=True)
class Readiness:
    """What works now, part by part, in words without secrets."""

    database: str
    migrations: str
    platforms: Mapping[str, str]

    @property
    def ready(self) -> bool:
        """Whether everything does."""
        parts = (self.database == "ok", self.migrations == "current", all(s == "ok" for s in self.platforms.values()))
        return all(parts)


class Health:
    """`wanted` are the platforms that are set up, `up` those that have logged in; `seconds` is a monotonic clock."""

    def __init__(
        self,
        database: Database,
        wanted: tuple[str, ...],
        up: Mapping[Platform, Channel],
        seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        self._database, self._wanted, self._up, self._seconds = database, wanted, up, seconds
        self._answered = seconds()
        self._asking: asyncio.Task[str] | None = None
        self._said = False

    @property
    def alive(self) -> bool:
        """Whether the database's thread has answered lately."""
        return self._seconds() - self._answered <= ANSWERS_WITHIN

    @property
    def heard(self) -> dict[str, float]:
        """Seconds since each platform that we ask was last heard."""
        times = {str(name): channel.heard_at for name, channel in self._up.items()}
        return {name: max(self._seconds() - at, 0.0) for name, at in times.items() if at is not None}

    async def ready(self) -> Readiness:
        """Look at everything now."""
        migrations = await self.ask()
        heard, up = self.heard, {str(name) for name in self._up}
        platforms = {name: _standing(name in up, heard.get(name, 0.0)) for name in self._wanted}
        return Readiness("ok" if migrations else "does not answer", migrations or "unknown", platforms)

    async def ask(self) -> str:
        """The age of the database's tables, from the database's own thread; nothing when it does not answer."""
        if self._asking is None or self._asking.done():  # however many wait, one question is on its way
            self._asking = asyncio.create_task(self._ask())
        done, _ = await asyncio.wait({self._asking}, timeout=PATIENCE)
        if not done or self._asking.exception() is not None:
            self._complain()
            return ""
        return self._asking.result()

    async def _ask(self) -> str:
        at = await self._database.run(_revision)
        self._answered, self._said = self._seconds(), False
        return migrate.compared(at)

    def _complain(self) -> None:
        silent = self._seconds() - self._answered
        if silent > STUCK and not self._said:
            self._said = True
            log.error("the database has not answered for %.0f s", silent)

    async def stop(self) -> None:
        """Forget a question that nobody answered."""
        if self._asking is not None:
            self._asking.cancel()
            await asyncio.gather(self._asking, return_exceptions=True)


def _revision(session: Session) -> str | None:
    found = session.connection().execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()
    return str(found) if found is not None else None


def _standing(up: bool, silent: float) -> str:
    if not up:
        return "not up"
    return "ok" if silent <= HEARD_WITHIN else "silent"
