"""What a picture shows. Every word comes in the reader's language; nothing here knows what it is about."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Chart:
    """A table of figures, drawn as one: rows by columns, and some lines below.

    A cell is a count, or None where there are too few to show, which is drawn as `few`. `totals` stand below the
    columns (() for none); `sum_name` names that row. `words` says the same for who cannot see the picture.
    """

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[int | None, ...]], ...]
    words: str
    sum_name: str = ""
    totals: tuple[int | None, ...] = ()
    few: str = ""
    lines: tuple[str, ...] = ()
