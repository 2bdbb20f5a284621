"""One run of the proof: the stage, the story and the lives together, and the verdict."""

from __future__ import annotations

import asyncio
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from random import Random

from tests.prove.evidence import Verdict, judge
from tests.prove.ledger import Ledger, read
from tests.prove.lives import BOUNDARIES, Lives, plan
from tests.prove.stage import Stage
from tests.prove.story import Story

# Kills at each boundary; with fewer in all, an even share.
LEAST = 10
LAST_WORDS = 10.0  # seconds for the last life to end


@dataclass(frozen=True)
class Proof:
    """What a run came to."""

    seed: int
    kills: int
    verdict: Verdict
    lives: Lives
    cases: int
    seconds: float

    @property
    def holds(self) -> bool:
        """Whether everything is as it must be."""
        return not self.verdict.wrong

    def __str__(self) -> str:
        return "\n".join([*self._kills(), "", *self._counts(), "", *self._end()])

    def _kills(self) -> list[str]:
        head = (
            f"{sum(self.lives.kills.values())} kills in {self.cases} incidents, {self.seconds:.0f} s, seed {self.seed}"
        )
        return [head, "", *(f"{name:<38}{self.lives.kills[name]:>6} kills" for name in BOUNDARIES)]

    def _counts(self) -> list[str]:
        verdict, restarts = self.verdict, self.lives.restarts or [0.0]
        names = {"flag": "flags", "answer": "answers", "press": "presses"}
        lines = [f"{names[s]:<38}{verdict.accepted[s]:>6} accepted {verdict.found[s]:>6} found" for s in names]
        return [
            *lines,
            f"{'notices':<38}{verdict.notices:>6} due      {verdict.delivered:>6} delivered",
            f"{'messages':<38}{verdict.messages:>6} in all   {verdict.extra:>6} extra copies,"
            f" at most {verdict.most} of one",
            f"{'restart':<38}{max(restarts):>6.2f} s longest {sorted(restarts)[len(restarts) // 2]:>5.2f} s median",
        ]

    def _end(self) -> list[str]:
        wrong = self.verdict.wrong
        return [f"NOT PROVED, {len(wrong)} wrong:", *wrong] if wrong else ["Nothing accepted was lost."]


async def prove(kills: int, seed: int, *, hasty: bool = False) -> Proof:
    """Play the story through so many kills, or until it stalls for good.

    A hasty bot acknowledges before it commits, and dies in between.
    """
    started = time.perf_counter()
    boundaries = ("before commit",) if hasty else tuple(BOUNDARIES)
    with tempfile.TemporaryDirectory(prefix="prove-") as folder:
        async with Stage(Path(folder)) as stage:
            lives = Lives(stage, plan(kills, Random(seed), boundaries), hasty)
            ledger = Ledger()
            await _run(Story(stage, lives, ledger))
            verdict = _judged(stage, lives, ledger)
            if not hasty:
                verdict.faults += _short(lives, kills // len(boundaries))
            return Proof(seed, kills, verdict, lives, len(ledger.cases), time.perf_counter() - started)


async def _run(story: Story) -> None:
    living = asyncio.create_task(story.lives.run())
    try:
        await story.play()
        story.lives.end()
        await asyncio.wait({living}, timeout=LAST_WORDS)
    finally:
        story.lives.abort()
        living.cancel()
        await asyncio.gather(living, return_exceptions=True)


def _judged(stage: Stage, lives: Lives, ledger: Ledger) -> Verdict:
    database = stage.open()
    with database.transaction() as session:
        records = read(session)
    database.close()
    verdict = judge(ledger, records, stage, lives.hits)
    verdict.faults += lives.faults
    return verdict


def _short(lives: Lives, share: int) -> list[str]:
    """The boundaries that were not tried often enough."""
    least = min(LEAST, share)
    return [f"only {lives.kills[name]} kills {name}" for name in BOUNDARIES if lives.kills[name] < least]
