"""The engine of every chain: steps that are frozen on what they watch over, each a deadline, until it is stopped.

What a chain watches over, when it is no longer needed and what its steps do is told by a `Sort`. Only a press ends the
waiting, never "delivered".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.services.after import due
from bot.services.steps import Timed
from bot.services.work import Work
from storage import deadlines

Frozen = list[dict[str, Any]]  # each step as its data say it, and `due`: when it runs


@dataclass(frozen=True)
class Sort:
    """One sort of chain: `kind` is that of its deadlines, whose subject is the number of what it watches over."""

    kind: str
    frozen: Callable[[Work, int], Frozen]
    waits: Callable[[Work, int], bool]  # whether what would stop it has not come yet
    run: Callable[[Work, int, int, dict[str, Any]], None]  # the subject, the step's place and its data
    subjects: Callable[[Work], Iterable[int]]  # everything whose chain still waits


SORTS: dict[str, Sort] = {}


def register(sort: Sort) -> None:
    """Let chains of this sort be run and looked after."""
    SORTS[sort.kind] = sort


def start(work: Work, kind: str, subject: int, steps: Iterable[Timed], base: datetime) -> Frozen:
    """Begin a chain, counted from `base`; returns what is to be frozen on its subject. A running one is stopped."""
    stop(work, kind, subject)
    frozen: Frozen = []
    for number, step in enumerate(steps):
        at = due(step.after, base, work.house.hours, work.house.zone)
        deadlines.promise(work.session, kind, subject, str(number), at)
        frozen.append({**step.to_json(), "due": at.isoformat()})
    return frozen


def stop(work: Work, kind: str, subject: int) -> None:
    """What it waited for has come."""
    work.session.flush()
    deadlines.call_off(work.session, subject, kind)


def step_due(work: Work, kind: str, subject: int, step: str) -> None:
    """A step's time has come: it runs, unless what the chain waited for has come meanwhile; then the rest is over."""
    sort = SORTS[kind]
    if not sort.waits(work, subject):
        stop(work, kind, subject)
        return
    frozen, number = sort.frozen(work, subject), int(step)
    if number < len(frozen):  # else it is of an earlier, longer chain
        sort.run(work, subject, number, bare(frozen[number]))


def bare(step: dict[str, Any]) -> dict[str, Any]:
    """A frozen step as its data said it."""
    return {key: value for key, value in step.items() if key != "due"}


def due_at(step: dict[str, Any]) -> datetime | None:
    """When a frozen step runs; None for one that an older version of the program froze."""
    return datetime.fromisoformat(step["due"]) if "due" in step else None
