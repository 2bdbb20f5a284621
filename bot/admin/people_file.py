"""A file with people, as an office writes one: CSV in whatever form Excel left it, or XLSX."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from bot.admin.terminal import Told

LARGEST, MOST = 10_000_000, 5_000  # bytes, lines
HEADINGS = {
    "name": "namn name",
    "party": "parti party",
    "role": "roll role uppdrag",
    "end": "slutdatum till end enddate until",
    "language": "språk sprak language",
    "phone": "telefon telefonnummer mobil phone",
    "task": "uppgift task",
}
_MEANING = {word: field for field, words in HEADINGS.items() for word in words.split()}


@dataclass(frozen=True)
class Line:
    """One person's line, as it was written. `number` is the line's own in the file, the first being 1."""

    number: int
    name: str = ""
    party: str = ""
    role: str = ""
    end: str = ""
    language: str = ""
    phone: str = ""
    task: str = ""


def read(path: Path) -> list[Line]:
    """The lines with anything in them. Raises Told for a file that is none."""
    try:
        if path.stat().st_size > LARGEST:
            raise Told("cli.import_big", most=LARGEST // 1_000_000)
        data = path.read_bytes()
    except OSError as error:
        raise Told("cli.file_read", file=path, problem=error.strerror or type(error).__name__) from None
    table = _sheet(data, path) if data.startswith(b"PK") else _text(data, path)
    rows = [(number, cells) for number, cells in table if any(cells)]
    if not rows:
        raise Told("cli.import_empty", file=path)
    if len(rows) - 1 > MOST:
        raise Told("cli.import_long", most=MOST)
    fields = _fields(rows[0][1])
    return [Line(number, **dict(zip(fields, cells, strict=False))) for number, cells in rows[1:]]


def _fields(headings: list[str]) -> list[str]:
    """What each column means."""
    words = ["".join(heading.casefold().split()).replace("_", "") for heading in headings]
    while words and not words[-1]:
        words.pop()
    if unknown := [headings[place] for place, word in enumerate(words) if word not in _MEANING]:
        raise Told("cli.import_heading", heading=unknown[0] or "-")
    fields = [_MEANING[word] for word in words]
    if not {"name", "role"} <= set(fields) or len(set(fields)) != len(fields):
        raise Told("cli.import_headings")
    return fields


def _text(data: bytes, path: Path) -> Iterable[tuple[int, list[str]]]:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            text = data.decode("cp1252")  # what Excel writes in Swedish Windows
        except UnicodeDecodeError:
            raise Told("cli.import_not_text", file=path) from None
    first = text.partition("\n")[0]
    delimiter = max(";,\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    found = []
    try:
        for cells in reader:
            found.append((reader.line_num, [_plain(cell) for cell in cells]))
    except csv.Error:
        raise Told("cli.import_csv", line=reader.line_num) from None
    return found


def _sheet(data: bytes, path: Path) -> list[tuple[int, list[str]]]:
    from openpyxl import load_workbook

    try:
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        rows = book.worksheets[0].iter_rows(max_row=MOST + 100, values_only=True)
        return [(number, [_plain(cell) for cell in row]) for number, row in enumerate(rows, 1)]
    except Exception:  # a damaged sheet can make the library raise nearly anything
        raise Told("cli.import_sheet", file=path) from None


def _plain(cell: Any) -> str:
    """A cell's words, in one line; a date as 2026-12-31, a number without decimals where it has none."""
    if cell is None:
        return ""
    if isinstance(cell, date):
        return cell.strftime("%Y-%m-%d")
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    return " ".join(str(cell).replace("\0", " ").split())
