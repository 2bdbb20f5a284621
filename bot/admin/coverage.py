"""The coverage table in a terminal: the same as the chief gets in chat, also as JSON."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import typer
from sqlmodel import Session

from bot.admin.terminal import in_database, say, show_json, voice
from bot.catalogue import Catalogue, Voice
from bot.messages import plain
from bot.services import coverage, coverage_table, escalation_plan
from bot.services.coverage import Group
from bot.services.work import Work, read_house
from config.settings import Settings


def run_coverage(chosen: Settings, *, as_json: bool) -> None:
    """Print it. Exit status 1 when there is something to put right."""
    platforms = tuple(name for name in ("telegram", "slack") if getattr(chosen, name) is not None)

    def look(session: Session) -> tuple[Voice, tuple[Group, ...]]:
        house = read_house(session, Catalogue(), escalation_plan.load())
        house.platforms = platforms
        work = Work(session, datetime.now(UTC), house)
        return replace(voice(house.zone.key), catalogue=house.catalogue), coverage.table(work)

    speaker, groups = in_database(chosen, look)
    count = coverage.to_do(groups)
    if as_json:
        show_json({"to_do": count, "groups": coverage_table.rows(speaker, groups)})
    else:
        _show(speaker, groups)
        say("cli.coverage_count" if count else "cli.coverage_fine", count=count)
    raise typer.Exit(1 if count else 0)


def _show(speaker: Voice, groups: tuple[Group, ...]) -> None:
    """Three columns: whose, what stands in the way, what to do."""
    rows: list[tuple[str, str, str]] = []
    for group in groups:
        rows.append((group.party or speaker.word("coverage.unit"), plain(coverage_table.reached(speaker, group)), ""))
        for finding in group.findings:
            what, do = coverage_table.says(speaker, finding), coverage_table.do(speaker, finding)
            rows.append(("", plain(what), plain(do)))
    widths = [max(len(row[column]) for row in rows) for column in (0, 1)]
    for name, said, remedy in rows:
        typer.echo(f"{name:<{widths[0]}}  {said:<{widths[1]}}  {remedy}".rstrip())
