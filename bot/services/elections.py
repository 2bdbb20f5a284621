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
KEYS = ("day", "kind", *LANGUAGES)


@dataclass(frozen=True)
class Election:
    """One election; `names` is what each language calls it."""

    day: date
    kind: str
    names: tuple[tuple[str, str], ...]

    def name(self, language: str) -> str:
        """What it is called."""
        return dict(self.names).get(language, self.names[0][1])


@cache
def load(path: Path | None = None) -> tuple[Election, ...]:
    """Those in the file, or the shipped ones, the earliest first; a ValueError is one line: file, key and reason."""
    source = path or resources.files("config").joinpath("content", "elections.toml")
    try:
        return _elections(tomllib.loads(source.read_text(encoding="utf-8")))
    except OSError as problem:
        raise ValueError(f"{source.name}: cannot be read ({problem.strerror})") from problem
    except ValueError as problem:
        raise ValueError(f"{source.name}: {' '.join(str(problem).split())}") from problem


def _elections(document: Mapping[str, object]) -> tuple[Election, ...]:
    if unknown := sorted(set(document) - {"election"}):
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
    day, kind = row.get("day"), row.get("kind")
    if not isinstance(day, date) or isinstance(day, datetime):
        raise ValueError(f"{where}.day: must be a date such as 2030-09-08, without quotes")
    if kind not in KINDS:
        raise ValueError(f"{where}.kind: must be one of {', '.join(KINDS)}")
    return Election(day, str(kind), tuple((language, _name(row, language, where)) for language in LANGUAGES))


def _name(row: Mapping[str, object], language: str, where: str) -> str:
    name = row.get(language)
    if not isinstance(name, str) or not name.strip():
        raise ValueError(f"{where}.{language}: must be what the election is called")
    return name.strip()
