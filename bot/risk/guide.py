"""The risk guide's content, and what answers come to. The levels of SKR's three steps; the limits are the file's own.

When somebody is unsure, or two answer differently, the higher counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any, Literal

from pydantic import TypeAdapter

Level = Literal["low", "moderate", "high"]
LEVELS: tuple[Level, ...] = ("low", "moderate", "high")
UNSURE = "unknown"  # an answer of steps 2 and 3; it weighs as much as the file says
SORT = "sort"  # the key of step 1 among the answers
Axis = Literal["complexity", "conflict"]
SQUARES = "ABCDEFGHI"  # three of the same complexity together, the least conflict first
Said = tuple[tuple[str, str], ...]  # by language


def in_(said: Said, language: str) -> str:
    """The words in that language, or in the first one that there is."""
    return dict(said).get(language) or said[0][1]


@dataclass(frozen=True)
class Statement:
    """One statement of step 2 or 3. `axis` is "" in step 2. `highest` alone makes the result high (step 2), or its axis
    (step 3): at the highest answer in step 2, at any answer that weighs more than low in step 3.
    """

    key: str
    group: str  # the key of its heading
    said: Said
    axis: str = ""
    highest: bool = False


@dataclass(frozen=True)
class Square:
    """A result of step 3: what it is called, and what to do, one thing a line."""

    key: str
    called: Said
    advice: Said


@dataclass(frozen=True)
class Suggestion:
    """A measure to choose, for cases of this level or a higher one."""

    key: str
    level: Level
    said: Said


@dataclass(frozen=True)
class Limits:
    """From how much on a sum is moderate, or high; and how many of the highest answer are high by themselves.

    `one` of the highest answer is never low (only step 2; 0 where that does not count).
    """

    moderate: int
    high: int
    one: int = 0
    many: int = 0


@dataclass(frozen=True)
class Guide:
    """One version of the whole. Every text is by language; `weights` is what each answer weighs."""

    version: str
    about: Said  # that the statements and limits are local, and not SKR's
    link: str  # SKR's own tool
    prompts: tuple[Said, ...]  # what to think of in step 1
    roles: tuple[tuple[str, Said], ...]  # who may take part
    groups: tuple[tuple[str, Said], ...]  # the headings of the statements
    second: tuple[Statement, ...]
    third: tuple[Statement, ...]
    weights: tuple[tuple[str, int], ...]  # low, moderate, high, unknown
    second_limits: Limits
    third_limits: Limits
    results: tuple[tuple[Level, Said], ...]  # what to do at each level of step 2
    squares: tuple[Square, ...]
    measures: tuple[Suggestion, ...]

    def statement(self, key: str) -> Statement | None:
        """The statement of that key."""
        return next((one for one in (*self.second, *self.third) if one.key == key), None)

    def square(self, key: str) -> Square | None:
        """The square of that letter."""
        return next((square for square in self.squares if square.key == key), None)


@dataclass(frozen=True)
class Second:
    """The result of step 2: the level, the sum, and of how much at most."""

    level: Level
    points: int
    most: int


@dataclass(frozen=True)
class Third:
    """The result of step 3: the square, and for each axis its level (0 to 2) and its sum."""

    square: str
    complexity: int
    conflict: int
    complexity_points: int
    conflict_points: int


def weight(guide: Guide, answer: str) -> int:
    """What an answer weighs."""
    return dict(guide.weights)[answer]


def counted(guide: Guide, given: Iterable[str]) -> str:
    """Of several people's answers the one that counts: what weighs most, and of equals the higher, or a known one."""
    return max(given, key=lambda answer: (weight(guide, answer), (UNSURE, *LEVELS).index(answer)))


def second(guide: Guide, answers: Mapping[str, str]) -> Second | None:
    """What step 2 comes to, each statement with the answer that counts; None while one is missing."""
    given = [answers.get(one.key) for one in guide.second]
    if None in given:
        return None
    top = max(weight for _, weight in guide.weights)
    weights = [weight(guide, answer) for answer in given if answer is not None]
    points, highest = sum(weights), sum(w == top for w in weights)
    limits = guide.second_limits
    alone = any(one.highest and w == top for one, w in zip(guide.second, weights, strict=True))
    level: Level = "low"
    if points >= limits.moderate or (limits.one and highest >= limits.one):
        level = "moderate"
    if points >= limits.high or alone or (limits.many and highest >= limits.many):
        level = "high"
    return Second(level, points, top * len(weights))


def third(guide: Guide, answers: Mapping[str, str]) -> Third | None:
    """What step 3 comes to; None while an answer is missing."""
    if any(one.key not in answers for one in guide.third):
        return None
    complexity, of_complexity = _axis(guide, answers, "complexity")
    conflict, of_conflict = _axis(guide, answers, "conflict")
    return Third(SQUARES[complexity * 3 + conflict], complexity, conflict, of_complexity, of_conflict)


def _axis(guide: Guide, answers: Mapping[str, str], axis: Axis) -> tuple[int, int]:
    mine = [(one, weight(guide, answers[one.key])) for one in guide.third if one.axis == axis]
    points, limits = sum(w for _, w in mine), guide.third_limits
    alone = any(one.highest and w > weight(guide, "low") for one, w in mine)
    return (2 if alone or points >= limits.high else 1 if points >= limits.moderate else 0), points


def higher(first: str, other: str) -> str:
    """The higher of two levels; "" is none."""
    order = ("", *LEVELS)
    return max(first, other, key=order.index)


def to_json(guide: Guide) -> dict[str, Any]:
    """Plain values, to be kept with what was assessed by it."""
    return asdict(guide)


def from_json(data: dict[str, Any]) -> Guide:
    """The guide that `to_json` wrote down. Raises ValidationError for anything else."""
    return _adapter().validate_python(data)


@lru_cache(maxsize=1)  # making it takes longer than using it
def _adapter() -> TypeAdapter[Guide]:
    return TypeAdapter(Guide)
