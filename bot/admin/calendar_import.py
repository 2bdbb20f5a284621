"""Puts an iCalendar file into the calendar, or shows what it would do."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import typer
from sqlmodel import Session

from bot import ical
from bot.admin.terminal import Told, fail, guarded, opened, say, show_json, voice
from bot.admin.transact import transact
from bot.catalogue import Catalogue
from bot.ical import BadCalendar, Calendar, Found
from bot.plans.plans import Plans
from bot.services import calendar_files, elections, escalation_plan
from bot.services.calendar_files import Change
from bot.services.work import Work, read_house
from config.settings import Settings
from storage.database import Database
from storage.tables import Meeting

LARGEST = 5_000_000  # bytes


def run_import(chosen: Settings, file: Path, *, dry_run: bool, as_json: bool) -> None:
    """Exits 2 for a file that cannot be used: then nothing has changed."""
    data = guarded(lambda: _content(file))
    try:
        found: dict[str, list[dict[str, Any]]] = opened(chosen, lambda database: _run(database, chosen, data, dry_run))
    except BadCalendar as bad:
        problem = " ".join(voice().word(f"ical.{bad.reason}", **bad.values).split())
        fail("cli.calendar_bad", file=file, problem=problem)
    if as_json:
        show_json(found)
        return
    counts = {name: len(rows) for name, rows in found.items()}
    for row in (row for rows in found.values() for row in rows):
        typer.echo(f"{row['change']:<10} {row['starts_at']}  {row['title']}")
    say("cli.calendar_would" if dry_run else "cli.calendar_done", **counts)


def _content(file: Path) -> bytes:
    try:
        with file.open("rb") as stream:
            return stream.read(LARGEST + 1)
    except OSError as error:
        raise Told("cli.file_read", file=file, problem=error.strerror) from error


def _run(database: Database, chosen: Settings, data: bytes, dry_run: bool) -> dict[str, list[dict[str, Any]]]:
    """Read outside the transaction: the bot is not to wait for a big file."""
    now = datetime.now(UTC)
    with database.transaction() as session:
        house = read_house(session, Catalogue(), escalation_plan.load())
    house.plans = Plans(chosen.content_dir)
    house.days = elections.days(elections.for_folder(chosen.content_dir))
    calendar = ical.read(data, zone=house.zone, now=now, most_bytes=LARGEST)

    def put_in(session: Session, calendar: Calendar) -> dict[str, list[dict[str, Any]]]:
        work = Work(session, now, house)
        change = calendar_files.compare(work, calendar)
        rows = _rows(work, change)
        if not dry_run:
            calendar_files.apply(work, change, None)
        return rows

    return transact(database, put_in, calendar)


def _rows(work: Work, change: Change) -> dict[str, list[dict[str, Any]]]:
    return {
        "new": [_of_file(work, found, "new") for found in change.new],
        "changed": [_of_file(work, found, "changed") for _, found in change.changed],
        "cancelled": [_of_row(work, row) for row in change.cancelled],
    }


def _of_file(work: Work, found: Found, change: str) -> dict[str, Any]:
    return {"change": change, "uid": found.uid, "title": found.title, "kind": calendar_files.kind_of(found.title),
            "starts_at": _local(work, found.starts_at), "place": found.place, "agenda": list(found.agenda)}  # fmt: skip


def _of_row(work: Work, row: Meeting) -> dict[str, Any]:
    return {"change": "cancelled", "uid": row.uid, "title": row.title, "kind": row.kind,
            "starts_at": _local(work, row.starts_at), "place": row.place or "", "agenda": []}  # fmt: skip


def _local(work: Work, at: datetime) -> str:
    return at.astimezone(work.house.zone).isoformat(timespec="minutes")
