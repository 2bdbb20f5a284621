"""The town behind the page: its clock ticks, nobody waits for the bot, and its platforms can be made to fail."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import TracebackType
from zoneinfo import ZoneInfo

from sqlmodel import Session, select

from bot.playground.page.cast import Chair, settle
from bot.playground.page.trace import Trace
from bot.playground.page.trouble import Switch, Trouble
from bot.playground.town import MONDAY, MovableClock, Town
from bot.services import menus
from bot.services.work import Work
from storage import deadlines
from storage.tables import Person

ZONE = ZoneInfo("Europe/Stockholm")
MORNING = 8  # o'clock
BREATH, BREATHS = 0.02, 100  # how often, and how many times, a step of the clock looks whether the bot is at rest


class TickingClock(MovableClock):
    """A clock that runs with the wall's, ahead of it or behind."""

    def __init__(self, at: datetime = MONDAY) -> None:
        self._ahead = at - datetime.now(UTC)

    @property
    def at(self) -> datetime:
        """The time in town now, UTC; set it to move the clock."""
        return datetime.now(UTC) + self._ahead

    @at.setter
    def at(self, at: datetime) -> None:
        self._ahead = at - datetime.now(UTC)


@dataclass
class Village(Town):
    """Use it as `async with Village(folder) as village`, then `await village.people()`."""

    clock: MovableClock = field(default_factory=TickingClock)
    chairs: dict[str, Chair] = field(default_factory=dict)
    trace: Trace = field(default_factory=Trace)
    switches: dict[str, Switch] = field(default_factory=dict)
    _moving: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def people(self) -> None:
        """Let everybody in, and begin to watch."""
        self.chairs = {chair.key: chair for chair in await settle(self)}
        self.telegram.faults = self.switches["telegram"] = Switch()
        self.slack.faults = self.switches["slack"] = Switch()
        await self.trace.watch(self)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            await super().__aexit__(kind, error, trace)
        finally:
            self.trace.stop()

    async def make_trouble(self, platform: str, trouble: Trouble) -> None:
        """Let a platform fail like this from now on; `Trouble.NONE` mends it."""
        self.switches[platform].trouble = trouble
        if platform == "slack" and trouble is Trouble.AWAY:
            await self.slack.drop_connections()
        self.app.delivery.wake()

    async def forward(self, amount: timedelta) -> None:
        """Let time pass, and what is promised in it happen one thing after the other."""
        async with self._moving:
            target = self.clock.at + amount
            while (due := await self._next_promise()) is not None and self.clock.at < due < target:
                await self._be(due)
            await self._be(max(target, self.clock.at))

    async def morning(self) -> None:
        """Let it be the next eight o'clock in the municipality."""
        now = self.clock.at.astimezone(ZONE)
        at = now.replace(hour=MORNING, minute=0, second=0, microsecond=0)
        at += timedelta(days=0 if now < at else 1)
        await self.forward(at.astimezone(UTC) - self.clock.at)

    async def _next_promise(self) -> datetime | None:
        return await self.app.database.run(deadlines.nearest)

    async def _be(self, at: datetime) -> None:
        self.clock.at = at
        self.app.clock.ring()
        self.app.delivery.wake()
        for _ in range(BREATHS):  # a platform that does not answer must not stop the clock
            await asyncio.sleep(BREATH)
            if self._at_rest():
                return

    async def speak(self, language: str) -> None:
        """Let the bot speak this language with everybody from now on."""
        await self.app.database.run(self._speak, language)
        self.app.delivery.wake()

    def _speak(self, session: Session, language: str) -> None:
        work = Work(session, self.clock.now(), self.app.house)
        for person in session.exec(select(Person)):
            person.language = language
            menus.set_for_person(work, person)
