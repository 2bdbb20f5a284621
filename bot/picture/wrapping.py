"""Text in the room that there is. How wide it is, it asks."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

Measure = Callable[[str, float, bool], float]  # the width of a text of this size, bold or not


def wrapped(text: str, size: float, room: float, measure: Measure, *, bold: bool = False) -> Iterator[str]:
    """The text in lines that fit; a word that is wider than all of it is broken."""
    line = ""
    for word in clean(text).split(" "):
        longer = f"{line} {word}" if line else word
        if measure(longer, size, bold) <= room:
            line = longer
            continue
        if line:
            yield line
        *full, line = _cut(word, lambda piece: measure(piece, size, bold) <= room)
        yield from full
    yield line


def _cut(word: str, fits: Callable[[str], bool]) -> list[str]:
    found = []
    while not fits(word) and len(word) > 1:
        end = next((end for end in range(len(word) - 1, 1, -1) if fits(word[:end] + "-")), 1)
        found.append(word[:end] + "-")
        word = word[end:]
    return [*found, word]


def broken(name: str, size: float, room: float, measure: Measure) -> list[str]:
    """A column's name whole if it fits, else where it can be broken: "v. 47" in two lines, "2026-11" too."""
    name = clean(name)
    return [name] if measure(name, size, False) <= room else re.findall(r"[^ ./-]+[./-]?|[./-]+", name)


def fitting(text: str, size: float, room: float, measure: Measure) -> str:
    """The text, or as much of it as there is room for."""
    text = shown = clean(text)
    while measure(shown, size, False) > room:
        text = text[:-1]
        shown = f"{text}…"
    return shown


def shrunk(text: str, size: float, room: float, measure: Measure) -> float:
    """The size at which the text fits."""
    wide = measure(text, size, True)
    return size if wide <= room else size * room / wide


def clean(text: str) -> str:
    """In one line, of letters that can be seen."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
