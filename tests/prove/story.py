"""The story, again and again, and how people act in it: they look, and when Slack shows an error they try again."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial

from tests.prove.ledger import Claim, Ledger
from tests.prove.lives import Running
from tests.prove.persons import Act, Player
from tests.prove.scenes import play
from tests.prove.stage import Stage

GLANCE = 0.01  # seconds between two looks at a screen
STILL = 1.0  # seconds at rest with an answer missing, before it is said to be lost
NEVER = 90.0  # seconds for one step, whatever happens
ENOUGH = 3  # stalled cases that end the play

Try = Callable[[], Awaitable[Act | None]]  # None: there is nothing to do it with just now
Done = Callable[[], object]


class Stalled(Exception):
    """The bot has done all that it will do, and what the person waits for is not there."""


@dataclass
class Story:
    """Plays cases until the lives of the plan are over."""

    stage: Stage
    lives: Running
    ledger: Ledger
    longest: float = 0.0  # seconds that somebody waited for an answer

    async def play(self) -> None:
        """Round after round, at least one with the last life; in each, both contacts flag."""
        try:
            while not self.lives.over:
                await self._round()
                if self.lives.faults or len(self.ledger.stalled) >= ENOUGH:
                    self.lives.cut_short()
                    break
            await self.until(lambda: self.lives.over and self.at_rest(), "rest at the end")
        except Stalled as stalled:
            self.ledger.stalled.append(str(stalled))

    async def _round(self) -> None:
        for player in [*self.stage.unit, *self.stage.contacts]:
            player.turn_page()
        unit = self.stage.unit if len(self.ledger.cases) % 4 else self.stage.unit[::-1]
        await asyncio.gather(*map(self._case, self.stage.contacts, unit))

    async def _case(self, reporter: Player, unit: Player) -> None:
        case = self.ledger.open(reporter, unit)
        try:
            await play(self, case)
            case.complete = True
        except Stalled as stalled:
            self.ledger.stalled.append(f"{case}: waited in vain for {stalled}")

    def at_rest(self) -> bool:
        """Whether the bot has nothing more to do."""
        return self.lives.up and self.stage.at_rest()

    async def step(
        self, player: Player, act: Try, done: Done, what: str, claim: Claim | None = None, *, impatient: bool = False
    ) -> None:
        """Do it until it is seen to have worked. Who is impatient presses again before looking."""
        while not done():
            tried = await act()
            if tried is None:
                await self.until(done, what)
                return
            if claim is not None:
                claim.tries.append(tried)
            await self.until(partial(_either, done, tried.refused), what)
            if not done():
                await self.until(player.reachable if impatient else self.at_rest, "the bot to come back")

    async def until(self, condition: Done, what: str) -> None:
        """Return when it is so. Raises Stalled when it will never be."""
        started = rested = time.monotonic()
        while not condition():
            await asyncio.sleep(GLANCE)
            now = time.monotonic()
            if now - started < STILL or not self.at_rest():
                rested = now
            self.longest = max(self.longest, now - started)
            if now - rested > STILL or now - started > NEVER or self.lives.faults:
                raise Stalled(what)


def _either(one: Done, other: Done) -> bool:
    return bool(one() or other())
