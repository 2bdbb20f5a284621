"""The bot's lives: each ends at the boundary that the plan says, and the next one begins at once."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from asyncio.subprocess import PIPE, Process
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Protocol

from tests.prove.child import DYING, UP
from tests.prove.stage import Stage

# How many hits of the boundary a life may last at most. Every look at the outbox is a commit, hence the many.
BOUNDARIES = {
    "before commit": 20,
    "between commit and acknowledgement": 5,
    "between acknowledgement and send": 12,
    "between send and settle": 12,
}
ROOT = Path(__file__).parents[2]
SHORT_LEASE = 0.5  # seconds


@dataclass(frozen=True)
class Order:
    """Where a life ends, and at which hit; at 0 it does not."""

    boundary: str
    at: int


LIVE_ON = Order("", 0)


def plan(kills: int, random: Random, boundaries: tuple[str, ...] = tuple(BOUNDARIES)) -> list[Order]:
    """As many kills at each boundary, in any order."""
    names = [boundaries[number % len(boundaries)] for number in range(kills)]
    random.shuffle(names)
    return [Order(name, random.randint(1, BOUNDARIES[name])) for name in names]


class Running(Protocol):
    """The bot, as one process after the other or as several at once; `hits` counts each row's kills while claimed."""

    hits: Counter[int]
    kills: Counter[str]
    restarts: list[float]
    faults: list[str]
    over: bool

    @property
    def up(self) -> bool: ...

    async def run(self) -> None:
        """Live, be killed as planned, and then live on until `end`."""

    def cut_short(self) -> None:
        """Skip the kills that are left."""

    def end(self) -> None:
        """Let the last life end as a service is stopped."""

    def abort(self) -> None:
        """Leave no process behind."""


async def born(stage: Stage, log: Path, words: list[str]) -> Process:
    """A process that is the bot; `words` are its arguments."""
    with log.open("ab") as errors:
        return await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.prove.child", *words,
            cwd=ROOT, env={**os.environ, **stage.environment}, stdin=PIPE, stdout=PIPE, stderr=errors,
        )  # fmt: skip


@dataclass
class Lives:
    """Starts the bot again and again. `hits` counts for each outbox row the kills while it was claimed."""

    stage: Stage
    orders: list[Order]
    hasty: bool = False
    kills: Counter[str] = field(default_factory=Counter)
    hits: Counter[int] = field(default_factory=Counter)
    restarts: list[float] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    up: bool = False
    over: bool = False  # no more kills are to come
    _enough: bool = False
    _ended: bool = False
    _process: Process | None = None
    _dead_at: float = 0.0

    async def run(self) -> None:
        """Live as the plan says, and then once more until `end`."""
        for order in self.orders:
            if not (self._enough or self.faults):
                await self._live(order)
        self.over = True
        await self._live(LIVE_ON)

    def cut_short(self) -> None:
        """End this life as a service is stopped, and skip the kills that are left."""
        self._enough = True
        self._let_go()

    def end(self) -> None:
        """Let the last life end as a service is stopped."""
        self._ended = True
        self._let_go()

    def abort(self) -> None:
        """Leave no process behind."""
        if self._process is not None and self._process.returncode is None:
            self.faults.append("the last life had to be killed")
            self._process.kill()

    def _let_go(self) -> None:
        if self._process is not None and self._process.stdin is not None:
            self._process.stdin.close()

    async def _live(self, order: Order) -> None:
        process = self._process = await self._born(order)
        if self._ended or (self._enough and not self.over):
            self._let_go()
        dying = False
        assert process.stdout is not None
        async for line in process.stdout:
            if line.decode().startswith(UP):
                self._rose()
            dying = dying or line.decode().strip() == DYING
        self._dead_at, self.up = time.perf_counter(), False
        self.hits.update(self.stage.store.claimed())
        code = await process.wait()
        if dying and code == -signal.SIGKILL:
            self.kills[order.boundary] += 1
        elif code != 0 or not (self._enough or self._ended):
            self.faults.append(f"a life ended by itself, with {code}: {self._log.read_text()[-500:]}")

    async def _born(self, order: Order) -> Process:
        # The next life begins at once, and must not wait for as long as machines that share a database would.
        words = [order.boundary, str(order.at), str(SHORT_LEASE), *(["hasty"] if self.hasty else [])]
        return await born(self.stage, self._log, words)

    def _rose(self) -> None:
        self.up = True
        if self._dead_at:
            self.restarts.append(time.perf_counter() - self._dead_at)

    @property
    def _log(self) -> Path:
        return self.stage.folder / "bot.log"
