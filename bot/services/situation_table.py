"""The same figures as a table, for a spreadsheet: in chat, and on the command line."""

from __future__ import annotations

import csv
from io import StringIO

from bot.catalogue import Voice
from bot.services import figures, situation_views
from bot.services.figures import Figures

Cells = list[str | int]
FIGURES = (
    "taken", "minutes", "due", "kept", "reportable", "reported",
    "meetings", *(f"meetings_{level}" for level in figures.LEVELS),
    "watched", *(f"watched_{level}" for level in figures.LEVELS), "to_look", "reached", "parties",
)  # fmt: skip


def name_of(voice: Voice) -> str:
    """The file's name."""
    day = voice.now.astimezone(voice.zone).date()
    return voice.word("situation.file_name", day=day.isoformat()) + ".csv"


def as_csv(voice: Voice, found: Figures) -> bytes:
    """As a spreadsheet in Sweden opens it: semicolons, UTF-8 with its mark."""
    out = StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    for row in table(voice, found):
        writer.writerow([harmless(str(cell)) for cell in row])
    return out.getvalue().encode("utf-8-sig")


def harmless(cell: str) -> str:
    """A cell that no spreadsheet reads as a formula."""
    return "'" + cell if cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell


def table(voice: Voice, found: Figures) -> list[Cells]:
    """Kinds by weeks, then each figure in a row of its own. No names: what a meeting is called stands in the chat."""
    rows: list[Cells] = [[voice.word(f"situation.figure.{name}"), value] for name, value in numbers(found).items()]
    return [*weeks(voice, found), [], *rows]


def weeks(voice: Voice, found: Figures) -> list[Cells]:
    """Kinds by weeks, with totals."""
    columns = [f"{monday.isocalendar().year} {situation_views.week(voice, monday)}" for monday in found.weeks]
    total = voice.word("situation.total")
    rows: list[Cells] = [[voice.word("situation.kind"), *columns, total]]
    rows += [[name, *counts, sum(counts)] for name, counts in situation_views.rows(voice, found)]
    return [*rows, [total, *(found.flagged.parts or (0,) * len(columns)), found.flagged.total]]


def numbers(found: Figures) -> dict[str, int | str]:
    """Every figure beside the weeks, by its name; "" where there is nothing to reckon it from."""
    row, minutes = found.flagged, found.flagged.minutes
    values = (
        row.taken, "" if minutes is None else minutes, row.due, row.kept, row.reportable, row.reported,
        found.ahead.count, *(found.ahead.levels.get(level, 0) for level in figures.LEVELS),
        found.watched.count, *(found.watched.levels.get(level, 0) for level in figures.LEVELS), found.watched.to_look,
        found.reached, found.parties,
    )  # fmt: skip
    return dict(zip(FIGURES, values, strict=True))
