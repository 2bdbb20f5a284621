"""`tryggvag people import`: shows what would change, asks, does it, and hands over the invitations."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import typer
from sqlmodel import Session

from bot import platforms
from bot.admin import letters, people_file, people_import, people_plan
from bot.admin.people_file import Line
from bot.admin.people_import import Invited
from bot.admin.people_plan import Plan
from bot.admin.reach import telegram_name
from bot.admin.terminal import Told, guarded, in_database, say, voice
from bot.catalogue import Catalogue
from bot.services import escalation_plan
from bot.services.work import Work, read_house
from config.settings import Settings


def run_import(
    chosen: Settings, file: Path, *, dry_run: bool, yes: bool, new_parties: bool, folder: Path | None
) -> None:
    """The whole command. Exit status 1 for a file with mistakes, 2 for what is no such file."""
    lines = guarded(lambda: people_file.read(file))
    if folder is not None and folder.exists():
        guarded(lambda: _refuse(folder))

    def look(session: Session) -> tuple[Plan, ZoneInfo]:
        work = _work(session, chosen)
        return people_plan.plan(work, lines, new_parties=new_parties), work.house.zone

    seen, zone = in_database(chosen, look)
    _show(seen, zone)
    if seen.mistakes:
        say("cli.import_mistakes", count=len(seen.mistakes))
        raise typer.Exit(1)
    if dry_run:
        say("cli.import_dry")
        return
    if seen.count("unchanged") == len(seen.steps):
        say("cli.import_nothing")
        return
    if not yes and not typer.confirm(voice().word("cli.import_sure")):
        say("cli.import_dry")
        return
    name = telegram_name(chosen)
    if chosen.telegram is not None and not name:
        say("cli.import_no_link")
    if folder is not None:  # before anything is changed: the codes are shown once and never again
        guarded(lambda: letters.make_folder(folder))
    written = in_database(
        chosen, lambda session: _do(_work(session, chosen), lines, seen, name, new_parties=new_parties)
    )
    say("cli.import_done", new=seen.count("new"), changed=seen.count("changed"))
    _hand_over(written, name, folder)


def _refuse(folder: Path) -> None:
    raise Told("cli.file_exists", file=folder)


def _work(session: Session, chosen: Settings) -> Work:
    # a role that ends may start a chain anew
    plan = escalation_plan.load_for(chosen.content_dir, platforms.gateways(chosen))
    return Work(session, datetime.now(UTC), read_house(session, Catalogue(), plan))


def _do(work: Work, lines: list[Line], seen: Plan, telegram: str, *, new_parties: bool) -> list[tuple[Invited, str]]:
    """Carry out what was shown, and nothing else; each new person's letter."""
    if people_plan.plan(work, lines, new_parties=new_parties) != seen:
        raise Told("cli.import_moved")
    house = work.house
    invited = people_import.carry_out(work, seen)
    return [(one, letters.text(house.voice(one.language, work.now), house.name, one, telegram)) for one in invited]


def _show(plan: Plan, zone: ZoneInfo) -> None:
    """A line for each person, and the mistakes below."""
    speaker = voice()
    for party in plan.parties:
        say("cli.import_new_party", party=party)
    for step in plan.steps:
        outcome = {"new": "cli.import_new", "changed": "cli.import_changed"}.get(step.outcome, "cli.import_unchanged")
        words = [speaker.word(outcome), step.wanted.name, people_import.in_words(speaker, step.wanted)]
        if step.wanted.ends_at:
            words.append(speaker.word("cli.import_ends", day=_last_day(zone, step.wanted.ends_at)))
        typer.echo(f"{step.wanted.number:>5}  {words[0]:<12} {', '.join(words[1:])}")
    for number, key, values in plan.mistakes:
        say("cli.import_mistake", line=number, reason=speaker.word(key, **values))


def _last_day(zone: ZoneInfo, ends_at: datetime) -> str:
    """The day at whose end it is over."""
    return str((ends_at - timedelta(seconds=1)).astimezone(zone).date())


def _hand_over(written: list[tuple[Invited, str]], telegram: str, folder: Path | None) -> None:
    if folder is not None:
        try:
            made = letters.write(folder, written, telegram)
            say("cli.import_letters", count=len(written), files=len(made), folder=folder)
            return
        except Told as told:  # the people are in: their codes must not be lost
            typer.echo(voice().word(told.key, **told.values), err=True)
    for invited, words in written:
        typer.echo(f"\n{words}")
        if telegram:
            typer.echo(letters.picture(letters.deep_link(telegram, invited.code)))
