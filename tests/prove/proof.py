"""One run of the proof: the stage, the story and the lives together, and the verdict."""

from __future__ import annotations

import asyncio
import re
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from random import Random
from statistics import median

from tests.prove.company import AT_MOST, ROLES, SIZE, Company
from tests.prove.evidence import Verdict, judge
from tests.prove.ledger import Ledger, read
from tests.prove.lives import BOUNDARIES, Lives, Running, plan
from tests.prove.stage import Stage
from tests.prove.stores import postgresql_store, sqlite_store
from tests.prove.story import Story

# Kills at each boundary; with fewer in all, an even share.
LEAST = 10
LAST_WORDS = 10.0  # seconds for the last life to end


@dataclass(frozen=True)
class Proof:
    """What a run came to."""

    what: str
    seed: int
    verdict: Verdict
    lives: Running
    cases: int
    longest: float
    seconds: float

    @property
    def holds(self) -> bool:
        """Whether everything is as it must be."""
        return not self.verdict.wrong

    def __str__(self) -> str:
        return "\n".join([*self._kills(), "", *self._counts(), "", *self._end()])

    def _kills(self) -> list[str]:
        kills = self.lives.kills
        head = f"{self.what}: {sum(kills.values())} kills in {self.cases} incidents"
        names = ROLES if isinstance(self.lives, Company) else BOUNDARIES
        return [
            f"{head}, {self.seconds:.0f} s, seed {self.seed}",
            "",
            *(f"{name:<38}{kills[name]:>6} kills" for name in names),
        ]

    def _counts(self) -> list[str]:
        verdict, restarts = self.verdict, self.lives.restarts or [0.0]
        names = {"flag": "flags", "answer": "answers", "press": "presses"}
        lines = [f"{names[s]:<38}{verdict.accepted[s]:>6} accepted {verdict.found[s]:>6} found" for s in names]
        took = self.lives.handovers if isinstance(self.lives, Company) else []
        return [
            *lines,
            *([f"{'handed over':<38}{max(took):>6.2f} s longest {median(took):>5.2f} s median"] if took else []),
            f"{'wait of a person':<38}{self.longest:>6.2f} s longest",
            f"{'notices':<38}{verdict.notices:>6} due      {verdict.delivered:>6} delivered",
            f"{'messages':<38}{verdict.messages:>6} in all   {verdict.extra:>6} extra copies,"
            f" at most {verdict.most} of one",
            f"{'restart':<38}{max(restarts):>6.2f} s longest {median(restarts):>5.2f} s median",
        ]

    def _end(self) -> list[str]:
        wrong = self.verdict.wrong
        return [f"NOT PROVED, {len(wrong)} wrong:", *wrong] if wrong else ["Nothing accepted was lost."]


async def prove(kills: int, seed: int, *, hasty: bool = False, on: str = "sqlite") -> Proof:
    """Play the story through so many kills, or until it stalls for good.

    A hasty bot acknowledges before it commits, and dies in between. `on` is sqlite or postgresql.
    """
    boundaries = ("before commit",) if hasty else tuple(BOUNDARIES)
    with tempfile.TemporaryDirectory(prefix="prove-") as name:
        folder = Path(name)
        with postgresql_store() if on == "postgresql" else sqlite_store(folder) as store:
            async with Stage(folder, store) as stage:
                lives = Lives(stage, plan(kills, Random(seed), boundaries), hasty)
                proof = await _played(stage, lives, f"One bot on {on}", seed)
    if not hasty:
        proof.verdict.faults += _short(lives, kills // len(boundaries))
    return proof


async def prove_company(deaths: int, seed: int) -> Proof:
    """Play the story with three bots on one PostgreSQL, and kill so many on whom the others depend."""
    random = Random(seed)
    planned = [ROLES[number % len(ROLES)] for number in range(deaths)]
    with tempfile.TemporaryDirectory(prefix="prove-") as name, postgresql_store() as store:
        async with Stage(Path(name), store) as stage:
            company = Company(stage, store, planned, random)
            proof = await _played(stage, company, f"{SIZE} bots on one postgresql", seed)
    proof.verdict.faults += [f"the others went on after {took:.1f} s" for took in company.handovers if took > AT_MOST]
    if proof.longest > AT_MOST:
        proof.verdict.faults.append(f"somebody waited {proof.longest:.1f} s")
    if len(company.handovers) < deaths:
        proof.verdict.faults.append(f"only {len(company.handovers)} deaths of {deaths}")
    return proof


async def _played(stage: Stage, lives: Running, what: str, seed: int) -> Proof:
    started, ledger = time.perf_counter(), Ledger()
    story = Story(stage, lives, ledger)
    await _run(story)
    verdict = _judged(stage, lives, ledger)
    return Proof(what, seed, verdict, lives, len(ledger.cases), story.longest, time.perf_counter() - started)


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


def _judged(stage: Stage, lives: Running, ledger: Ledger) -> Verdict:
    database = stage.open()
    with database.transaction() as session:
        records = read(session)
    database.close()
    verdict = judge(ledger, records, stage, lives.hits + _timed_out(stage.folder / "bot.log"))
    verdict.faults += lives.faults
    return verdict


def _timed_out(log: Path) -> Counter[int]:
    """Rows of which a slow machine's bot could not tell whether they arrived: these too are sent once more."""
    return Counter(map(int, re.findall(r"outbox row (\d+) may have arrived", log.read_text())))


def _short(lives: Lives, share: int) -> list[str]:
    """The boundaries that were not tried often enough."""
    least = min(LEAST, share)
    return [f"only {lives.kills[name]} kills {name}" for name in BOUNDARIES if lives.kills[name] < least]
