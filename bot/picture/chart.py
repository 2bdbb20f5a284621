"""What a picture shows. Every word comes in the reader's language; nothing here knows what it is about."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

MOST_ROWS, MOST_COLUMNS, MOST_LINES = 40, 24, 20
LONGEST = 4000  # characters of any one text
LARGEST = 999_999_999


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


def to_json(chart: Chart) -> dict[str, Any]:
    """Plain values."""
    return asdict(chart)


def from_json(data: dict[str, Any]) -> Chart:
    """The chart that `to_json` wrote down, as it was."""
    rows = tuple((name, tuple(cells)) for name, cells in data["rows"])
    lists = {name: tuple(data[name]) for name in ("columns", "totals", "lines")}
    return Chart(**data | lists | {"rows": rows})


def checked(data: Any) -> Chart:
    """The chart in values from elsewhere, if it can be drawn. Raises ValueError, in none of its words."""
    if not isinstance(data, dict) or not {"title", "columns", "rows", "words"} <= set(data) <= set(FIELDS):
        raise ValueError("not a chart")
    columns = tuple(_text(name) for name in _list(data["columns"], MOST_COLUMNS))
    rows = tuple(_row(row, len(columns)) for row in _list(data["rows"], MOST_ROWS))
    totals = _counts(data.get("totals", ()))
    if totals and len(totals) != len(columns):
        raise ValueError("a total for each column, or none")
    lines = tuple(_text(line) for line in _list(data.get("lines", ()), MOST_LINES))
    named = {name: _text(data.get(name, "")) for name in ("title", "words", "sum_name", "few")}
    return Chart(columns=columns, rows=rows, totals=totals, lines=lines, **named)


FIELDS = tuple(Chart.__dataclass_fields__)


def _row(data: Any, columns: int) -> tuple[str, tuple[int | None, ...]]:
    pair = _list(data, 2)
    counts = _counts(pair[1]) if len(pair) == 2 else ()
    if len(counts) != columns or not pair:
        raise ValueError("a name, and a cell for each column")
    return _text(pair[0]), counts


def _counts(data: Any) -> tuple[int | None, ...]:
    found = _list(data, MOST_COLUMNS)
    if not all(one is None or (type(one) is int and 0 <= one <= LARGEST) for one in found):
        raise ValueError("a cell is a count, or nothing")
    return tuple(found)


def _list(data: Any, most: int) -> list[Any]:
    if not isinstance(data, list | tuple) or len(data) > most:
        raise ValueError("a list is missing, or too long")
    return list(data)


def _text(data: Any) -> str:
    if not isinstance(data, str) or len(data) > LONGEST:
        raise ValueError("a text is missing, or too long")
    return data
