"""Three bots on one database, and the death of the one on whom most depends: the others go on."""

from __future__ import annotations

import asyncio
import time
from asyncio.subprocess import Process
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from bot.leases import LENGTH
from tests.prove.child import UP
from tests.prove.lives import born
from tests.prove.stage import Stage
from tests.prove.stores import PostgresqlDatabase

SIZE = 3
# Whom to kill: who fetches from Telegram, who sends there, who sends on Slack.
ROLES = ("receive:telegram", "send:telegram", "send:slack")
AT_MOST = 10.0  # seconds until the others must go on
PATIENCE = 30.0


@dataclass
class Member:
    """One process. The name is empty until it is up."""

    process: Process
    name: str = ""


@dataclass
class Company:
    """Keeps three processes running and kills the holder of each lease in `deaths`; `handovers` in seconds."""

    stage: Stage
    store: PostgresqlDatabase
    deaths: list[str]
    random: Random
    hits: Counter[int] = field(default_factory=Counter)
    kills: Counter[str] = field(default_factory=Counter)
    restarts: list[float] = field(default_factory=list)
    handovers: list[float] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    over: bool = False
    _members: list[Member] = field(default_factory=list)
    _enough: bool = False
    _ended: asyncio.Event = field(default_factory=asyncio.Event)
    _readers: set[asyncio.Task[None]] = field(default_factory=set)

    @property
    def up(self) -> bool:
        """Whether anybody is."""
        return any(member.name for member in self._members)

    async def run(self) -> None:
        """Three are up; one dies, the others take over, and a new one joins them."""
        await asyncio.gather(*(self._join() for _ in range(SIZE)))
        for lease in self.deaths:
            if self._enough or self.faults:
                break
            await asyncio.sleep(self.random.uniform(0.5, 2.0))  # somewhere in the story
            await self._bereave(lease)
            await self._join()
        self.over = True
        await self._ended.wait()
        for member in self._members:
            assert member.process.stdin is not None
            member.process.stdin.close()
        for member in self._members:
            if (code := await member.process.wait()) != 0:
                self.faults.append(f"a bot ended with {code}: {self._log.read_text()[-500:]}")

    def cut_short(self) -> None:
        """Skip the deaths that are left."""
        self._enough = True

    def end(self) -> None:
        """Let all end as services are stopped."""
        self._ended.set()

    def abort(self) -> None:
        """Leave no process behind."""
        for member in self._members:
            if member.process.returncode is None:
                self.faults.append("a bot had to be killed at the end")
                member.process.kill()

    async def _join(self) -> None:
        started = time.perf_counter()
        member = Member(await born(self.stage, self._log, ["", "0", str(LENGTH)]))
        self._members.append(member)
        reader = asyncio.create_task(self._read(member))
        self._readers.add(reader)
        reader.add_done_callback(self._readers.discard)
        if await self._until(lambda: bool(member.name), "a bot to come up"):
            self.restarts.append(time.perf_counter() - started)

    async def _read(self, member: Member) -> None:
        assert member.process.stdout is not None
        async for line in member.process.stdout:
            if line.decode().startswith(UP):
                member.name = line.decode().split()[1]

    async def _bereave(self, lease: str) -> None:
        """Kill whoever holds the lease, and see another one take all that it held."""
        await self._until(lambda: self._named(self.store.holder(lease)) is not None, f"a holder of {lease}")
        victim = self._named(self.store.holder(lease))
        if victim is None:
            return
        victim.process.kill()
        killed = time.monotonic()
        self._members.remove(victim)
        await victim.process.wait()
        self.kills[lease] += 1
        self.hits.update(self.store.claimed(victim.name))
        if await self._until(lambda: all(self._named(self.store.holder(name)) for name in ROLES), "the others"):
            self.handovers.append(time.monotonic() - killed)
        await self._until(self.stage.at_rest, "rest after a death")  # so that nobody waits through two of them

    def _named(self, name: str) -> Member | None:
        return next((member for member in self._members if name and member.name == name), None)

    async def _until(self, condition: Callable[[], bool], what: str) -> bool:
        """Whether it came; it is a fault if it did not."""
        started = time.monotonic()
        while not condition():
            if time.monotonic() - started > PATIENCE:
                self.faults.append(f"waited in vain for {what}: {self._log.read_text()[-500:]}")
                return False
            await asyncio.sleep(0.02)
        return True

    @property
    def _log(self) -> Path:
        return self.stage.folder / "bot.log"
