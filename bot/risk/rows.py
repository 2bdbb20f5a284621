"""The shape of the risk guide's file, table by table. What must fit together across tables is for `checks`."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from bot.plans.reading import Line
from bot.risk.guide import Axis, Level


def _plain(text: str) -> str:
    if not text.isprintable():
        raise ValueError("no characters that cannot be seen")
    return text


def _key(text: str) -> str:
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,15}", text):
        raise ValueError("1 to 16 of a-z, 0-9 and _, and first a letter")
    return text


def _link(text: str) -> str:
    if not re.fullmatch(r"https://[^\s/@]+\.[^\s/@]+(/\S*)?", text):
        raise ValueError("an address that begins with https://")
    return text


def _within(most: int) -> Callable[[str], str]:
    def fits(text: str) -> str:
        if len(text) > most:
            raise ValueError(f"at most {most} characters, not {len(text)}")
        return text

    return fits


Plain = Annotated[Line, AfterValidator(_plain)]
Key = Annotated[str, AfterValidator(_key)]
About = Annotated[Plain, AfterValidator(_within(200))]
Claim = Annotated[Plain, AfterValidator(_within(120))]
Advice = Annotated[Plain, AfterValidator(_within(110))]
Name = Annotated[Plain, AfterValidator(_within(60))]
Button = Annotated[Plain, AfterValidator(_within(20))]
Version = Annotated[Plain, AfterValidator(_within(20))]
Link = Annotated[Plain, AfterValidator(_link), AfterValidator(_within(200))]
Weight = Annotated[int, Field(ge=0, le=9)]
Points = Annotated[int, Field(ge=0, le=999)]
Squares = Literal["A", "B", "C", "D", "E", "F", "G", "H", "I"]


class _Row(BaseModel):
    """Values are of their own kind: a number is no text, and yes is no number."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class AboutRow(_Row):
    """What is said of the whole."""

    sv: About
    en: About


class PromptRow(_Row):
    """What to think of in step 1."""

    sv: Advice
    en: Advice


class RoleRow(_Row):
    """Who may take part."""

    key: Key
    sv: Button
    en: Button


class NameRow(_Row):
    """What something is called."""

    sv: Name
    en: Name


class GroupRow(NameRow):
    """A heading of statements."""

    key: Key


class StatementRow(_Row):
    """A statement of step 2, or of an axis of step 3."""

    step: Literal[2, 3]
    key: Key
    group: Key
    axis: Axis | None = None
    highest: bool = False
    sv: Claim
    en: Claim


class ResultRow(_Row):
    """What to do at a level of step 2."""

    level: Level
    sv: Annotated[list[Advice], Field(min_length=1, max_length=3)]
    en: Annotated[list[Advice], Field(min_length=1, max_length=3)]


class SquareRow(_Row):
    """A result of step 3."""

    key: Squares
    called: NameRow
    sv: Annotated[list[Advice], Field(min_length=1, max_length=7)]
    en: Annotated[list[Advice], Field(min_length=1, max_length=7)]


class MeasureRow(NameRow):
    """A measure to choose."""

    key: Key
    level: Level


class WeightsTable(_Row):
    """What each answer weighs."""

    low: Weight
    moderate: Weight
    high: Weight
    unknown: Weight


class ThirdTable(_Row):
    """The limits of each axis of step 3."""

    moderate: Points
    high: Points


class SecondTable(ThirdTable):
    """The limits of step 2."""

    one: Points = 0
    many: Points = 0


class LimitsTable(_Row):
    """The limits of both."""

    step2: SecondTable
    step3: ThirdTable


class File(_Row):
    """The whole."""

    version: Version
    link: Link
    about: AboutRow
    weights: WeightsTable
    limits: LimitsTable
    prompt: Annotated[list[PromptRow], Field(min_length=1, max_length=6)]
    role: Annotated[list[RoleRow], Field(min_length=1, max_length=12)]
    group: Annotated[list[GroupRow], Field(min_length=1, max_length=20)]
    statement: Annotated[list[StatementRow], Field(min_length=1)]
    result: Annotated[list[ResultRow], Field(min_length=1)]
    square: Annotated[list[SquareRow], Field(min_length=1)]
    measure: Annotated[list[MeasureRow], Field(min_length=1, max_length=60)]

    def of_step(self, step: int) -> list[StatementRow]:
        """The statements of that step."""
        return [row for row in self.statement if row.step == step]

    def of_axis(self, axis: Axis) -> list[StatementRow]:
        """The statements of that axis."""
        return [row for row in self.of_step(3) if row.axis == axis]
