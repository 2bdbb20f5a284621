"""Reads the risk guide from its file, or says what is wrong and where."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from pydantic import ValidationError

from bot.advice.reading import BadAdvice
from bot.plans.reading import toml
from bot.risk.checks import Place, faults
from bot.risk.guide import Guide, Limits, Said, Square, Statement, Suggestion
from bot.risk.rows import AboutRow, File, NameRow, PromptRow, ResultRow, RoleRow, SquareRow, StatementRow

PLAINLY = {"missing": "is missing", "extra_forbidden": "is not known here"}
HEAD = re.compile(r"\s*(\[\[?)\s*([\w.-]+)\s*\]")
SETS = re.compile(r"\s*([\w-]+)\s*=")


def read(file: Path, name: str) -> Guide:
    """The guide in the file, which messages call `name`. Raises BadAdvice."""
    text, data = toml(file, name)
    try:
        found = File.model_validate(data)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        said = PLAINLY.get(first["type"], first["msg"].removeprefix("Value error, "))
        raise BadAdvice(name, *_told(text, first["loc"], said, first["input"])) from None
    if fault := next(faults(found), None):
        raise BadAdvice(name, *_told(text, *fault))
    return _guide(found)


def _told(text: str, place: Place, why: str, given: object = None) -> tuple[int, str]:
    """In which line what is wrong stands, and what it is: first the last table or key that has a name."""
    line, lines = _line(text, place), text.split("\n")
    if isinstance(given, str) and given:  # one of several lines of advice, perhaps
        line = next((n for n, one in enumerate(lines[line - 1 :], line) if given in one), line)
    field = ".".join(part for part in place if isinstance(part, str))
    return line, f"{field}: {why}" if field else why


def _line(text: str, place: Place) -> int:
    """Where the place is set, or else the nearest table that it would be in."""
    line, depth = 1, 0
    for n, here in _places(text):
        if len(here) > depth and place[: len(here)] == here:
            line, depth = n, len(here)
    return line


def _places(text: str) -> Iterator[tuple[int, Place]]:
    """Every line that begins a table or sets a key, and what it is."""
    table: Place = ()
    begun: dict[str, int] = {}
    for n, line in enumerate(text.split("\n"), 1):
        if head := HEAD.match(line):
            table = tuple(head[2].split("."))
            if head[1] == "[[":
                begun[head[2]] = begun.get(head[2], -1) + 1
                table = (*table, begun[head[2]])
            yield n, table
        elif key := SETS.match(line):
            yield n, (*table, key[1])


def _guide(found: File) -> Guide:
    by, second, third = found.weights, found.limits.step2, found.limits.step3
    return Guide(
        version=found.version,
        about=_said(found.about),
        link=found.link,
        prompts=tuple(_said(row) for row in found.prompt),
        roles=tuple((row.key, _said(row)) for row in found.role),
        groups=tuple((row.key, _said(row)) for row in found.group),
        second=tuple(_statement(row) for row in found.of_step(2)),
        third=tuple(_statement(row) for row in found.of_step(3)),
        weights=(("low", by.low), ("moderate", by.moderate), ("high", by.high), ("unknown", by.unknown)),
        second_limits=Limits(second.moderate, second.high, second.one, second.many),
        third_limits=Limits(third.moderate, third.high),
        results=tuple((row.level, _lines(row)) for row in found.result),
        squares=tuple(Square(row.key, _said(row.called), _lines(row)) for row in found.square),
        measures=tuple(Suggestion(row.key, row.level, _said(row)) for row in found.measure),
    )


def _statement(row: StatementRow) -> Statement:
    return Statement(row.key, row.group, _said(row), row.axis or "", row.highest)


def _said(row: AboutRow | PromptRow | RoleRow | NameRow | StatementRow) -> Said:
    return (("sv", row.sv), ("en", row.en))


def _lines(row: ResultRow | SquareRow) -> Said:
    return (("sv", "\n".join(row.sv)), ("en", "\n".join(row.en)))
