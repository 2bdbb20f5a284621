"""The administrator's commands. What each needs is imported when it runs, so that starting the bot stays quick."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from bot.admin.terminal import fail, guarded, opened, say, settings, show_json, voice
from config.settings import Settings

Json = Annotated[bool, typer.Option("--json", help="Print what a machine reads")]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show what would happen, and change nothing")]


def register(app: typer.Typer) -> None:
    """Put these commands on the command line."""
    for command in (doctor, coverage, situation, backup, restore, export, rotate_keys, purge, slack_manifest):
        app.command()(command)
    people = typer.Typer(no_args_is_help=True, help="The people who are let in")
    people.command("import")(people_import)
    app.add_typer(people, name="people")
    content = typer.Typer(no_args_is_help=True, help="The municipality's own content")
    content.command("check")(content_check)
    app.add_typer(content, name="content")
    app.command()(checklist)
    calendar = typer.Typer(no_args_is_help=True, help="What is coming: meetings and elections")
    calendar.command("import")(calendar_import)
    app.add_typer(calendar, name="calendar")


def doctor(
    offline: Annotated[bool, typer.Option("--offline", help="Do not ask the platforms")] = False,
    as_json: Json = False,
) -> None:
    """Look at everything that must be right, and say what to do about what is not. Exits 1 when there is a fault."""
    from bot.admin.doctor import run_doctor

    run_doctor(offline=offline, as_json=as_json)


def coverage(as_json: Json = False) -> None:
    """Show who can be reached in the unit and each party, and what to do about the others; exits 1 if any."""
    from bot.admin.coverage import run_coverage

    run_coverage(settings(), as_json=as_json)


def situation(
    to: Annotated[str, typer.Option("--csv", help="Write the table to this new file, or to - for the terminal")] = "",
    weeks: Annotated[int, typer.Option(help="So many, this week the last one")] = 8,
    as_json: Json = False,
) -> None:
    """Show the figures of the situation picture: cases by kind and week, answers, risk, what is watched, coverage."""
    from bot.admin.situation import MOST, run_situation

    if not 1 <= weeks <= MOST:
        fail("cli.situation_weeks", most=MOST)
    run_situation(settings(), to, weeks, as_json=as_json)


def backup(
    file: Annotated[Path, typer.Argument(help="A new file")],
    as_json: Json = False,
) -> None:
    """Write everything to one encrypted file, while the bot may run. The file opens with the first encryption key."""
    from bot.admin import backup as backups
    from storage import migrate
    from storage.database import Database

    chosen, now = settings(), datetime.now(UTC)

    def job() -> backups.Backup:
        made = backups.make(chosen.database_url, chosen.keys, file, now)
        database = Database(chosen.database_url, chosen.keys)
        try:
            if migrate.age(database.engine) == "current":
                backups.remember(database, now)
        finally:
            database.close()
        return made

    made = guarded(job)
    if as_json:
        show_json(backups.said(made))
        return
    say("cli.backup_made", file=file, count=sum(made.counts.values()))
    say("cli.backup_sha256", sha256=made.sha256)


def restore(
    file: Annotated[Path, typer.Argument(help="A file that `tryggvag backup` made")], as_json: Json = False
) -> None:
    """Fill an empty database from a backup. A database with anything in it is left as it is."""
    from bot.admin import backup as backups

    chosen = settings()
    found = guarded(lambda: backups.restore(chosen.database_url, chosen.keys, file))
    if as_json:
        show_json(backups.said(found))
        return
    for table, count in found.counts.items():
        typer.echo(f"{count:>8}  {table}")
    say("cli.restored", count=sum(found.counts.values()), time=found.created_at)
    say("cli.backup_sha256", sha256=found.sha256)
    if found.waiting:
        say("cli.restored_waiting", count=found.waiting)


def rotate_keys(
    check: Annotated[bool, typer.Option("--check", help="Only count what an older key is still needed for")] = False,
    as_json: Json = False,
) -> None:
    """Seal everything anew with the first encryption key, while the bot may run; stopped, it can be run again."""
    from bot.admin.rotation import Rotation, rotate

    chosen, now = settings(), datetime.now(UTC)
    found: Rotation = opened(chosen, lambda database: rotate(database, chosen.keys, now, check=check))
    if as_json:
        show_json({**vars(found), "codes_until": found.codes_until.isoformat() if found.codes_until else None})
    else:
        _tell_rotation(found, len(chosen.keys))
    raise typer.Exit(1 if found.older or found.unreadable else 0)


def _tell_rotation(found: Any, keys: int) -> None:
    say("cli.rotated", renewed=found.renewed)
    if found.unreadable:
        say("cli.rotate_unreadable", count=found.unreadable)
    if found.older:
        say("cli.rotate_older", count=found.older)
    if keys == 1 or found.older or found.unreadable:
        return
    if found.codes:
        say("cli.rotate_codes", count=found.codes, until=voice().time(found.codes_until))
    say("cli.rotate_done")


def people_import(
    file: Annotated[Path, typer.Argument(help="CSV or XLSX: namn, parti, roll, slutdatum; språk, telefon, uppgift")],
    dry_run: DryRun = False,
    yes: Yes = False,
    new_parties: Annotated[bool, typer.Option("--new-parties", help="Create parties that are not there")] = False,
    letters: Annotated[Path | None, typer.Option(help="A new folder for the invitations, one for each person")] = None,
) -> None:
    """Take in people from a file: see what changes first; a mistake anywhere changes nothing."""
    from bot.admin.importing import run_import

    run_import(settings(), file, dry_run=dry_run, yes=yes, new_parties=new_parties, folder=letters)


def content_check(
    folder: Annotated[Path | None, typer.Argument(help="Default: TRYGGVAG_CONTENT_DIR")] = None, as_json: Json = False
) -> None:
    """Read the content as the bot does, and say of each file that cannot be used where and why; exits 1 if any."""
    from bot.admin.content import run_check
    from config.settings import read_content_dir

    run_check(folder or read_content_dir(), as_json=as_json)


def checklist(
    words: Annotated[list[str], typer.Argument(help="What it is about, in any words")], as_json: Json = False
) -> None:
    """Find a checklist, and print it as the bot would show it. With --json: what was found, best first."""
    from bot.admin.content import run_checklist
    from config.settings import read_content_dir

    run_checklist(read_content_dir(), " ".join(words), as_json=as_json)


def calendar_import(
    file: Annotated[Path, typer.Argument(help="An iCalendar file (.ics)")],
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Put the meetings of an iCalendar file into the calendar; the same file again changes only what has changed."""
    from bot.admin.calendar_import import run_import

    run_import(settings(), file, dry_run=dry_run, as_json=as_json)


def purge(
    older_than: Annotated[str, typer.Option(help="For example 2y, 18m or 90d")],
    dry_run: DryRun = False,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Remove closed incidents and all else that is over and older than this, for good. Nothing open is touched."""
    from bot.admin import purge as purging

    chosen = settings()
    before = guarded(lambda: purging.cutoff(older_than, datetime.now(UTC)))
    seen = opened(chosen, lambda database: purging.look(database, before))
    if as_json and (dry_run or not seen):
        show_json({"would_remove" if dry_run else "removed": seen})
        return
    if not as_json:
        say("cli.purge_what", time=voice().time(before))
        for table, count in sorted(seen.items()):
            typer.echo(f"{count:>8}  {table}")
    if not seen:
        say("cli.purge_nothing")
    elif dry_run or not (yes or typer.confirm(voice().word("cli.purge_sure"), err=as_json)):
        say("cli.purge_dry")
    else:
        _purge(chosen, before, as_json=as_json)


def _purge(chosen: Settings, before: datetime, *, as_json: bool) -> None:
    from bot.admin import purge as purging

    gone = opened(chosen, lambda database: purging.purge(database, before))
    shrunk = opened(chosen, purging.shrink)
    if as_json:
        show_json({"removed": gone})
        return
    say("cli.purged", count=sum(gone.values()))
    if not shrunk:
        say("cli.purge_busy")


def slack_manifest(
    url: Annotated[str, typer.Option(help="Where Slack reaches the bot, https://…; leave out for Socket Mode")] = "",
) -> None:
    """Print the manifest to create the Slack app from, as JSON, with Swedish descriptions."""
    from dataclasses import replace

    from bot.admin.manifest import manifest

    if url and not re.fullmatch(r"https://[^\s/?#]+[^\s?#]*", url):
        fail("cli.manifest_url")
    show_json(manifest(replace(voice(), language="sv"), url))


def export(
    to: Annotated[Path, typer.Argument(help="A new folder, or a new file that ends in .zip")],
    incident: Annotated[int | None, typer.Option(help="One incident, by its number")] = None,
    person: Annotated[
        str | None, typer.Option(help="All about one person, by name: for an extract of the register")
    ] = None,
) -> None:
    """Write everything about one incident, about one person, or all there is, as files that anybody can read."""
    from bot.admin import export as exporting

    if incident is not None and person is not None:
        fail("cli.export_one")
    chosen, now, language = settings(), datetime.now(UTC), voice().language

    def job(_: object) -> tuple[int, list[int]]:
        url, keys = chosen.database_url, chosen.keys
        return exporting.export(url, keys, to, now, incident=incident, person=person, language=language)

    count, altered = opened(chosen, job)
    say("cli.exported", count=count, to=to)
    say("cli.export_plain")
    if altered:
        say("cli.export_altered", numbers=", ".join(map(str, altered)))
        raise typer.Exit(1)
