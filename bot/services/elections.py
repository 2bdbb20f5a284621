"""The elections that are known: which day, and what they are called. Data, never code."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from importlib import resources
from pathlib import Path

KINDS = ("ordinary", "european", "extra", "referendum")
LANGUAGES = ("sv", "en")
DAYS = {"early": "early", "council": "mandate_council", "committees": "mandate_committees"}  # key: kind of day
KEYS = ("day", "kind", *LANGUAGES, *DAYS)
FILE = "elections.toml"


@dataclass(frozen=True)
class Election:
    """One election; `names` is what each language calls it.

    `others` are the days that hang on it, by kind: early voting begins, the council's and the committees' new mandates.
    """

    day: date
    kind: str
    names: tuple[tuple[str, str], ...]
    others: tuple[tuple[str, date], ...] = ()

    def name(self, language: str) -> str:
        """What it is called."""
        return dict(self.names).get(language, self.names[0][1])


@dataclass(frozen=True)
class Day:
    """A day that the calendar knows by itself: of an election, what hangs on it, or a survey."""

    kind: str
    day: date


def for_folder(own: Path | None) -> Path | None:
    """The municipality's own file where there is one, else None for ours."""
    return own / FILE if own is not None and (own / FILE).exists() else None


@cache
def days(path: Path | None = None) -> tuple[Day, ...]:
    """Every day of the file. Raises ValueError as `load` does."""
    elections = load(path)
    found = [Day(election.kind, election.day) for election in elections]
    found += [Day(kind, day) for election in elections for kind, day in election.others]
    found += [Day("survey", day) for day in _surveys(_document(path))]
    return tuple(sorted(found, key=lambda one: (one.day, one.kind)))


@cache
def load(path: Path | None = None) -> tuple[Election, ...]:
    """Those in the file, or the shipped ones, the earliest first; a ValueError is one line: file, key and reason."""
    name = path.name if path is not None else FILE
    document = _document(path)
    try:
        found = _elections(document)
        _surveys(document)
    except ValueError as problem:
        raise ValueError(f"{name}: {' '.join(str(problem).split())}") from problem
    return found


def _document(path: Path | None) -> Mapping[str, object]:
    source = path or resources.files("config").joinpath("content", FILE)
    try:
        return tomllib.loads(source.read_text(encoding="utf-8"))
    except OSError as problem:
        raise ValueError(f"{source.name}: cannot be read ({problem.strerror})") from problem
    except ValueError as problem:
        raise ValueError(f"{source.name}: {' '.join(str(problem).split())}") from problem


def _surveys(document: Mapping[str, object]) -> list[date]:
    rows = document.get("survey", [])
    if not isinstance(rows, list):
        raise ValueError("survey: write [[survey]] above each of them")
    found: list[date] = []
    for number, row in enumerate(rows, 1):
        if not isinstance(row, Mapping) or set(row) != {"day"}:
            raise ValueError(f"survey {number}: write day, and nothing else")
        found.append(_day(row["day"], f"survey {number}.day"))
    return found


def _day(value: object, where: str) -> date:
    if not isinstance(value, date) or isinstance(value, datetime):
        raise ValueError(f"{where}: must be a date such as 2030-09-08, without quotes")
    return value


def _elections(document: Mapping[str, object]) -> tuple[Election, ...]:
    if unknown := sorted(set(document) - {"election", "survey"}):
        raise ValueError(f"the file: does not know the key {unknown[0]}")
    rows = document.get("election", [])
    if not isinstance(rows, list):
        raise ValueError("election: write [[election]] above each of them")
    found = [_election(row, f"election {number}") for number, row in enumerate(rows, 1)]
    for number, election in enumerate(found, 1):
        if election.day in {other.day for other in found[: number - 1]}:
            raise ValueError(f"election {number}.day: {election.day} is there twice")
    return tuple(sorted(found, key=lambda election: election.day))


def _election(row: object, where: str) -> Election:
    if not isinstance(row, Mapping):
        raise ValueError(f"{where}: write [[election]] above it")
    if unknown := sorted(set(row) - set(KEYS)):
        raise ValueError(f"{where}: does not know the key {unknown[0]}")
    day, kind = _day(row.get("day"), f"{where}.day"), row.get("kind")
    if kind not in KINDS:
        raise ValueError(f"{where}.kind: must be one of {', '.join(KINDS)}")
    names = tuple((language, _name(row, language, where)) for language in LANGUAGES)
    others = tuple((DAYS[key], _day(row[key], f"{where}.{key}")) for key in DAYS if key in row)
    return Election(day, str(kind), names, others)


def _name(row: Mapping[str, object], language: str, where: str) -> str:
    name = row.get(language)
    if not isinstance(name, str) or not name.strip():
        raise ValueError(f"{where}.{language}: must be what the election is called")
    return name.strip()
