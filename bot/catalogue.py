"""The catalogues: every word a user sees, by key and language, read from `config/locales/<language>/*.po`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from string import Formatter
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

from babel.messages.pofile import read_po

import config
from bot import moments, templates
from bot.messages import Button, Line, Message, Paragraph, Phone, Span, Title, Words, plain

LANGUAGES = ("sv", "en")
SOS = Phone("112")
POLICE = Phone("11414")
FIXED = {"sos": SOS, "police": POLICE}


class Catalogue:
    """The texts of every language, and the kinds of things that can be flagged, which are content.

    A key that is missing is a programming error: KeyError. Raises ValueError for a content file that is wrong.
    """

    def __init__(self, folder: Path | None = None) -> None:
        home = Path(config.__file__).parent
        self._folder = folder or home / "locales"
        self._texts = {language: self._read(language) for language in LANGUAGES}
        self.categories = self._read_categories(home / "content" / "categories.toml")
        self.templates = templates.read(home / "content" / "alerts.toml", LANGUAGES)
        for template in self.templates.values():
            for language, part, words in template.words:
                self._texts[language][f"template.{template.key}.{part}"] = words
        self.first_contact = {language: _content(home, f"first_contact.{language}.md") for language in LANGUAGES}

    def _read_categories(self, file: Path) -> tuple[str, ...]:
        """The keys of the categories in order; their words join the texts as `category.<key>`."""
        rows = tomllib.loads(file.read_text(encoding="utf-8")).get("category", [])
        wanted = {"key", *LANGUAGES}
        for number, row in enumerate(rows, 1):
            if set(row) != wanted or not all(isinstance(words, str) and words for words in row.values()):
                raise ValueError(f"{file.name}: category {number}: write {', '.join(sorted(wanted))}, each with words")
            for language in LANGUAGES:
                self._texts[language][f"category.{row['key']}"] = row[language]
        keys = tuple(row["key"] for row in rows)
        if "unknown" not in keys or len(set(keys)) != len(keys):
            raise ValueError(f"{file.name}: each key once, and unknown among them")
        return keys

    def _read(self, language: str) -> dict[str, str]:
        """One file a subject; a key that two files have is refused, for one of its texts would never be seen."""
        texts: dict[str, str] = {}
        for path in sorted((self._folder / language).glob("*.po")):
            found = _texts_of(path, language, path.stat().st_mtime_ns)
            if twice := texts.keys() & found.keys():
                raise ValueError(f"{language}/{path.name}: {min(twice)} is in another file too")
            texts.update(found)
        return texts

    def texts(self, language: str) -> dict[str, str]:
        """All texts of a language, by key."""
        return self._texts[language]

    def has(self, key: str) -> bool:
        """Whether there is such a text."""
        return key in self._texts[LANGUAGES[0]]

    def line(self, language: str, key: str, /, **values: Any) -> Line:
        """The text with its `{places}` filled; telephone numbers stay pressable."""
        spans: list[Span] = []
        for literal, name, _, _ in Formatter().parse(self._texts[language][key]):
            spans.append(literal)
            if name is not None:
                value = FIXED[name] if name in FIXED else values[name]
                if isinstance(value, tuple):
                    spans.extend(value)
                else:
                    spans.append(value if isinstance(value, Phone) else " ".join(str(value).split("\n")))
        return tuple(span for span in spans if span)


def _content(home: Path, name: str) -> str:
    """A text of several lines that the municipality may put its own in place of."""
    words = (home / "content" / name).read_text(encoding="utf-8").strip()
    if not words:
        raise ValueError(f"{name}: there is no text")
    return words


@cache  # parsing takes longer than everything else that a start does
def _texts_of(path: Path, language: str, _: int) -> Mapping[str, str]:
    """The texts of one file, as it was written at a time."""
    with path.open("rb") as file:
        return MappingProxyType({str(m.id): str(m.string) for m in read_po(file, locale=language) if m.id})


@dataclass(frozen=True)
class Voice:
    """The catalogue in one person's language, at one moment, in the municipality's time zone."""

    catalogue: Catalogue
    language: str
    zone: ZoneInfo
    now: datetime

    def line(self, key: str, /, **values: Any) -> Line:
        """A text with pressable numbers."""
        return self.catalogue.line(self.language, key, **values)

    def word(self, key: str, /, **values: Any) -> str:
        """A text as bare words, for a button or a toast."""
        return plain(self.line(key, **values))

    def title(self, key: str, /, **values: Any) -> Title:
        """The first line of a message."""
        return Title(self.line(key, **values))

    def paragraph(self, key: str, /, **values: Any) -> Paragraph:
        """A further line of a message."""
        return Paragraph(self.line(key, **values))

    def button(self, key: str, token: str, **more: bool) -> Button:
        """A button with the catalogue's words."""
        return Button(self.word(key), token, **more)

    def say(self, key: str, /, *buttons: Button, **values: Any) -> Message:
        """A message: each line of the text is a thought of its own; the first is the title."""
        lines = self.split(key, **values)
        return Message((Title(lines[0]), *(Paragraph(line) for line in lines[1:])), tuple((b,) for b in buttons))

    def split(self, key: str, /, **values: Any) -> list[Line]:
        """The text's lines."""
        lines: list[list[Span]] = [[]]
        for span in self.line(key, **values):
            if isinstance(span, Phone | Words):
                lines[-1].append(span)
                continue
            first, *rest = span.split("\n")
            lines[-1].append(first)
            lines.extend([more] for more in rest)
        return [tuple(span for span in line if span) for line in lines if any(line)]

    def time(self, at: datetime) -> str:
        """A time as people say it: "i dag kl. 18.30"."""
        return moments.say(at, now=self.now, zone=self.zone, language=self.language)

    def day(self, at: datetime) -> str:
        """The bare date: "24 november"."""
        return moments.say_day(at, now=self.now, zone=self.zone, language=self.language)

    def clock(self, at: datetime) -> str:
        """The bare clock time of today, "18.42"; with the day when it is another."""
        return moments.clock_time(at, self.zone, self.language) if self._today(at) else self.time(at)

    def when(self, at: datetime) -> str:
        """The same inside a sentence: "kl. 18.42", "i morgon kl. 9.00"."""
        return self.word("time.at", clock=self.clock(at)) if self._today(at) else self.time(at)

    def short_day(self, at: datetime) -> str:
        """The day in few letters, for a list: "mån 30 nov"."""
        return moments.short_day(at, self.zone, self.language)

    def hour(self, at: datetime) -> str:
        """The time of day alone: "8.00"."""
        return moments.clock_time(at, self.zone, self.language)

    def _today(self, at: datetime) -> bool:
        return at.astimezone(self.zone).date() == self.now.astimezone(self.zone).date()
