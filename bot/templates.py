"""Templates of broadcasts: content of the municipality's, read from a file and refused where they are wrong."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

LONGEST = {"title": 20, "headline": 80, "text": 1000}  # characters; a title stands on a button
LEVELS = ("information", "warning", "emergency", "allclear")
ASKS = ("nothing", "read", "safe")
KEY = re.compile(r"[a-z_]{1,16}")  # it is carried by a button
FACTS = ("key", "level", "ask", "minutes", "exercise")


@dataclass(frozen=True)
class Template:
    """A broadcast that only needs to be looked at and sent. `words` has language, part and text of each."""

    key: str
    level: str
    ask: str
    minutes: int
    exercise: bool
    words: tuple[tuple[str, str, str], ...]


def read(file: Path, languages: Sequence[str]) -> dict[str, Template]:
    """By key, in the order of the file. Raises ValueError with the file, the key and the reason."""
    try:
        rows = tomllib.loads(file.read_text(encoding="utf-8")).get("template", [])
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ValueError(f"{file.name}: {error}") from error
    found: dict[str, Template] = {}
    for number, row in enumerate(rows, 1):
        if not isinstance(row, dict):
            raise ValueError(f"{file.name}: write each one below a line [[template]]")
        name = row.get("key") or f"template {number}"
        for problem in _problems(row, languages):
            raise ValueError(f"{file.name}: {name}: {problem}")
        if name in found:
            raise ValueError(f"{file.name}: {name}: the key is there twice")
        words = tuple((language, part, row[language][part].strip()) for language in languages for part in LONGEST)
        facts = (row["key"], row["level"], row["ask"], row.get("minutes", 0), row.get("exercise", False))
        found[name] = Template(*facts, words)
    return found


def _problems(row: dict[str, Any], languages: Sequence[str]) -> Iterator[str]:
    if not isinstance(row.get("key"), str) or not KEY.fullmatch(row["key"]):
        yield "key: 1 to 16 characters of a-z and _"
    if row.get("level") not in LEVELS:
        yield f"level: one of {', '.join(LEVELS)}"
    if row.get("ask") not in ASKS:
        yield f"ask: one of {', '.join(ASKS)}"
    minutes = row.get("minutes", 0)
    if type(minutes) is not int or not (minutes == 0 if row["ask"] == "nothing" else 0 < minutes <= 10080):
        yield "minutes: 1 to 10080 where an answer is asked for, and none where not"
    if not isinstance(row.get("exercise", False), bool):
        yield "exercise: true or false"
    if unknown := set(row) - {*FACTS, *languages}:
        yield f"{min(unknown)}: is not known"
    for language in languages:
        yield from _of_words(language, row.get(language))


def _of_words(language: str, words: Any) -> Iterator[str]:
    if not isinstance(words, dict) or set(words) != set(LONGEST):
        yield f"{language}: write {', '.join(LONGEST)}"
        return
    for part, most in LONGEST.items():
        text = words[part].strip() if isinstance(words[part], str) else ""
        if not 0 < len(text) <= most:
            yield f"{language}.{part}: 1 to {most} characters"
        if part != "text" and "\n" in text:
            yield f"{language}.{part}: one line"
        if "{" in text or "}" in text:
            yield f"{language}.{part}: no braces"
