"""The figures of the situation picture in a terminal: the same as the unit gets in chat, as a table and as JSON too."""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import typer
from sqlmodel import Session

from bot.admin.terminal import Told, guarded, in_database, say, show_json, voice
from bot.catalogue import Catalogue, Voice
from bot.messages import plain
from bot.services import escalation_plan, figures, situation_table, situation_views
from bot.services.figures import Figures
from bot.services.work import Work, read_house
from config.settings import Settings

MOST = 104  # weeks


def run_situation(chosen: Settings, to: str, weeks: int, *, as_json: bool) -> None:
    """Print the figures, or write their table."""

    def look(session: Session) -> tuple[Voice, Figures]:
        house = read_house(session, Catalogue(), escalation_plan.load())
        work = Work(session, datetime.now(UTC), house)
        return replace(voice(house.zone.key), catalogue=house.catalogue), figures.gather(work, weeks)

    speaker, found = in_database(chosen, look)
    if to == "-":
        sys.stdout.buffer.write(situation_table.as_csv(speaker, found))
    elif to:
        guarded(lambda: _write(Path(to), situation_table.as_csv(speaker, found)))
        say("cli.situation_kept", file=to)
    elif as_json:
        show_json(_plain(found))
    else:
        _show(speaker, found)


def _write(file: Path, table: bytes) -> None:
    """Only its owner reads it; what is there already stays. Raises Told."""
    try:
        with file.open("xb") as new:
            file.chmod(0o600)
            new.write(table)
    except FileExistsError:
        raise Told("cli.file_exists", file=file) from None
    except OSError as error:
        raise Told("cli.file_write", file=file, problem=error.strerror or type(error).__name__) from None


def _plain(found: Figures) -> dict[str, Any]:
    weeks = ["{}-W{:02}".format(*monday.isocalendar()[:2]) for monday in found.weeks]
    kinds = {kind: dict(zip(weeks, counts, strict=True)) for kind, counts in found.flagged.counts.items()}
    return {"weeks": weeks, "total": found.flagged.total, "kinds": kinds, **situation_table.numbers(found)}


def _show(speaker: Voice, found: Figures) -> None:
    """Kinds by weeks, and the lines."""
    rows = [[str(cell) for cell in row] for row in situation_table.weeks(speaker, found)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    typer.echo(speaker.word("cli.situation_head", time=speaker.time(speaker.now)))
    for first, *others in rows:
        cells = [f"{cell:>{wide}}" for cell, wide in zip(others, widths[1:], strict=True)]
        typer.echo("  ".join([f"{first:<{widths[0]}}", *cells]))
    for line in situation_views.lines(speaker, found):
        typer.echo(plain(line))
