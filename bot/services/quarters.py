"""A quarter of the year, and what may be shown of it to who is not of the unit. Pure.

Five is the fewest that is shown. What is left out can be reckoned from nothing that stands beside it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, Self

FEWEST = 5


@dataclass(frozen=True, order=True)
class Quarter:
    """Three months."""

    year: int
    number: int

    @classmethod
    def of(cls, day: date) -> Self:
        """The one that the day is in."""
        return cls(day.year, (day.month + 2) // 3)

    @property
    def before(self) -> Quarter:
        """The one before."""
        return Quarter(self.year, self.number - 1) if self.number > 1 else Quarter(self.year - 1, 4)

    @property
    def next(self) -> Quarter:
        """The one after."""
        return Quarter(self.year, self.number + 1) if self.number < 4 else Quarter(self.year + 1, 1)

    @property
    def first(self) -> date:
        """Its first day."""
        return date(self.year, 3 * self.number - 2, 1)

    def __str__(self) -> str:
        return f"{self.year}-Q{self.number}"


@dataclass(frozen=True)
class Shown:
    """What everybody may know of a quarter. None, and a kind that is not there: too few, or none at all.

    `rest` are the kinds with fewer than five together. Without them there is no `total` either, for then it would
    tell how many they are. Half of those taken were taken within `minutes`; `reported` of the total are reported to the
    police.
    """

    kinds: tuple[tuple[str, int], ...] = ()
    rest: int | None = None
    total: int | None = None
    minutes: int | None = None
    reported: int | None = None

    @property
    def empty(self) -> bool:
        """Whether there is nothing to show."""
        return not self.kinds and self.rest is None

    def to_json(self) -> dict[str, Any]:
        """Plain values to be kept."""
        return {**asdict(self), "kinds": [list(kind) for kind in self.kinds]}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        """What was kept."""
        return cls(**{**data, "kinds": tuple((kind, count) for kind, count in data["kinds"])})


def shown(counts: Mapping[str, int], known: Sequence[str], *, taken: int, minutes: int | None, reported: int) -> Shown:
    """What may be shown of these counts, of which the `known` kinds are such as everybody knows of."""
    kinds = tuple((kind, counts[kind]) for kind in known if counts.get(kind, 0) >= FEWEST)
    names = {kind for kind, _ in kinds}
    left = sum(count for kind, count in counts.items() if kind not in names)
    rest = left if _hides_its_parts(left, len(known) - len(kinds)) else None
    complete = rest is not None or (left == 0 and len(kinds) == len(known))
    total = sum(count for _, count in kinds) + left if complete else None
    result = Shown(kinds, rest, total)
    if result.empty:
        return result
    share = reported if total is not None and min(reported, total - reported) >= FEWEST else None
    return Shown(kinds, rest, total, minutes if taken >= FEWEST else None, share)


def _hides_its_parts(left: int, kinds: int) -> bool:
    """Whether a sum tells of none of its kinds, each fewer than five, that there is any of it.

    Eight of two kinds would be four of each. A sum is shown only when each kind alone could be none of it.
    """
    return FEWEST <= left <= (FEWEST - 1) * (kinds - 1)
