"""What must fit together across the tables of the risk guide's file: where it does not, and why."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import get_args

from bot.risk.guide import LEVELS, SORT, SQUARES, Axis
from bot.risk.rows import File, StatementRow, ThirdTable

Place = tuple[str | int, ...]  # as pydantic says it: a table, its number among those of the name (from 0), and a key
Fault = tuple[Place, str]
MOST_SECOND, MOST_THIRD = 12, 20  # statements


def faults(found: File) -> Iterator[Fault]:
    """Everything that does not fit, in the order in which to mend it."""
    yield from _twice(found)
    yield from _left_out(found)
    yield from _statements(found)
    yield from _weights(found)
    yield from _second_limits(found)
    yield from _third_limits(found)


def _twice(found: File) -> Iterator[Fault]:
    yield from _repeated("role", "key", [row.key for row in found.role])
    yield from _repeated("group", "key", [row.key for row in found.group])
    yield from _repeated("statement", "key", [row.key for row in found.statement])
    yield from _repeated("result", "level", [row.level for row in found.result])
    yield from _repeated("square", "key", [row.key for row in found.square])
    yield from _repeated("measure", "key", [row.key for row in found.measure])


def _repeated(table: str, key: str, values: Sequence[str]) -> Iterator[Fault]:
    for n, value in enumerate(values):
        if value in values[:n]:
            yield (table, n, key), f"{value} is there twice"


def _left_out(found: File) -> Iterator[Fault]:
    yield from _missing("result", LEVELS, {row.level for row in found.result})
    yield from _missing("square", SQUARES, {row.key for row in found.square})
    yield from _missing("measure", LEVELS, {row.level for row in found.measure})


def _missing(table: str, wanted: Iterable[str], there: set[str]) -> Iterator[Fault]:
    for one in wanted:
        if one not in there:
            yield (table,), f"there is none for {one}"


def _statements(found: File) -> Iterator[Fault]:
    groups = {row.key for row in found.group}
    for n, row in enumerate(found.statement):
        if row.key == SORT:
            yield ("statement", n, "key"), f"{SORT} is the name of step 1's answer: take another"
        if row.group not in groups:
            yield ("statement", n, "group"), f"there is no group {row.group}"
        if (row.step == 3) != (row.axis is not None):
            yield ("statement", n, "axis"), "complexity or conflict in step 3, and nothing in step 2"
    for step, most in ((2, MOST_SECOND), (3, MOST_THIRD)):
        places = [n for n, row in enumerate(found.statement) if row.step == step]
        if not places:
            yield ("statement",), f"there is none of step {step}"
        if len(places) > most:
            yield ("statement", places[most]), f"there are more than {most} of step {step}"
    for axis in get_args(Axis):
        if not found.of_axis(axis):
            yield ("statement",), f"there is none of {axis}"


def _weights(found: File) -> Iterator[Fault]:
    by = found.weights
    if by.moderate < by.low:
        yield ("weights", "moderate"), "not less than low"
    if by.high < by.moderate:
        yield ("weights", "high"), "not less than moderate"
    if by.high <= by.low:
        yield ("weights", "high"), "more than low"
    if not by.low <= by.unknown <= by.high:
        yield ("weights", "unknown"), "between low and high"


def _second_limits(found: File) -> Iterator[Fault]:
    statements, limits = found.of_step(2), found.limits.step2
    yield from _reached(found, "step2", limits, [statements])
    for key, value in (("one", limits.one), ("many", limits.many)):
        if value > len(statements):
            yield ("limits", "step2", key), f"0 to {len(statements)}, as many as there are statements"


def _third_limits(found: File) -> Iterator[Fault]:
    axes = [found.of_axis(axis) for axis in get_args(Axis)]
    yield from _reached(found, "step3", found.limits.step3, axes)


def _reached(found: File, step: str, limits: ThirdTable, sums: Sequence[Sequence[StatementRow]]) -> Iterator[Fault]:
    """Each level can be the result: of step 2's one sum, and of both of step 3's."""
    least = max(len(rows) for rows in sums) * found.weights.low
    most = min(len(rows) for rows in sums) * found.weights.high
    if limits.moderate <= least:
        yield ("limits", step, "moderate"), f"more than {least}, what answers of low alone come to"
    if limits.high <= limits.moderate:
        yield ("limits", step, "high"), "more than moderate"
    if limits.high > most:
        yield ("limits", step, "high"), f"at most {most}, what answers of high alone come to"
