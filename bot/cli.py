"""The command line: set up, run, and look after the bot."""

from __future__ import annotations

import asyncio
import gc
import logging
import signal
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer
from cryptography.fernet import Fernet
from sqlmodel import Session, col, select

from bot import logs
from bot.admin import commands
from bot.admin.reach import telegram_name
from bot.admin.terminal import AGES
from bot.admin.terminal import fail as _fail
from bot.admin.terminal import guarded as _guarded
from bot.admin.terminal import in_database as _in_database
from bot.admin.terminal import say as _say
from bot.admin.terminal import settings as _settings
from bot.admin.terminal import voice as _voice
from bot.catalogue import LANGUAGES
from bot.prompts import phone_number
from bot.services import people
from bot.services.hours import StaffedHours
from bot.services.invitations import VALID, issue
from bot.services.work import NoMunicipality
from config.settings import Settings
from storage import alone, migrate
from storage.database import make_engine
from storage.outbox import lost
from storage.tables import Invitation, Municipality, Outbox, Person

if TYPE_CHECKING:
    from bot.app import Seams

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False,
                  help="Tryggväg: one way in and one way out between the parties and the security unit.")  # fmt: skip
commands.register(app)


def _newest_tables(url: str, *, new: bool = False) -> Path | None:
    """Migrate a SQLite file, and return its copy. PostgreSQL may be in use: only a `new` database gets its tables."""
    engine = make_engine(url)
    try:
        age = "" if engine.dialect.name == "sqlite" else migrate.age(engine)
    finally:
        engine.dispose()
    if not age or (new and age == "empty"):
        return migrate.upgrade(url)
    return _fail(AGES[age]) if age != "current" else None


def _number(text: str) -> str:
    return phone_number(text) or _fail("cli.bad_number", number=text)


def _hours(text: str) -> str:
    try:
        return str(StaffedHours.parse(text))
    except ValueError as error:
        _fail("cli.bad_hours", problem=error)


def _zone(name: str) -> str:
    try:
        return ZoneInfo(name).key
    except (KeyError, ValueError, OSError):
        _fail("cli.bad_zone", zone=name)


def _languages(text: str) -> list[str]:
    wanted = [part.strip() for part in text.split(",") if part.strip()]
    if not wanted or set(wanted) - set(LANGUAGES):
        _fail("cli.bad_language", language=text)
    return list(dict.fromkeys(wanted))


@app.command()
def init(
    name: Annotated[str, typer.Option(prompt="Kommun / Municipality", help="The municipality's name")],
    public_number: Annotated[str, typer.Option(prompt="Säkerhetsenhetens nummer / The unit's public number")],
    chief: Annotated[str, typer.Option(prompt="Säkerhetschefens namn / The chief's name")],
    staffed: Annotated[str, typer.Option(help="When the unit is on duty")] = "mån-fre 08:00-17:00",
    night_number: Annotated[str, typer.Option(help="Whom to call when nobody is on duty; leave out for none")] = "",
    languages: Annotated[str, typer.Option(help="sv, en or both; the first is the default")] = "sv,en",
    timezone: Annotated[str, typer.Option(help="Default: TRYGGVAG_TIMEZONE")] = "",
) -> None:
    """Create the municipality, and print the security chief's one-time invitation."""
    settings = _settings()
    if not " ".join(name.split()) or not " ".join(chief.split()):
        _fail("cli.bad_name")
    row = Municipality(
        name=" ".join(name.split()),
        timezone=_zone(timezone or settings.timezone),
        languages=_languages(languages),
        public_number=_number(public_number),
        night_number=_number(night_number) if night_number.strip() else None,
        staffed=_hours(staffed),
        created_at=datetime.now(UTC),
    )
    _guarded(lambda: _newest_tables(settings.database_url, new=True))
    code = _in_database(settings, lambda session: _create(session, row, " ".join(chief.split())))
    _say("cli.created", name=row.name)
    _print_code(settings, code)


def _create(session: Session, row: Municipality, chief: str) -> str:
    if session.exec(select(Municipality)).first() is not None:
        _fail("cli.exists")
    session.add(row)
    return _chief_code(session, chief, row.languages[0])


def _chief_code(session: Session, name: str, language: str) -> str:
    person = Person(name=name, language=language, created_at=datetime.now(UTC))
    session.add(person)
    session.flush()
    assert person.id is not None
    return issue(session, datetime.now(UTC), person.id, role="chief")


def _print_code(settings: Settings, code: str) -> None:
    """The code; and where the bot's name on Telegram can be had, the link, also for a telephone's camera."""
    voice = _voice()
    _say("cli.chief", until=voice.time(voice.now + VALID))
    _say("cli.chief_code", code=code)
    if settings.telegram is not None and (name := telegram_name(settings)):
        from bot.admin.letters import deep_link, picture

        _say("cli.chief_link", link=deep_link(name, code))
        typer.echo(picture(deep_link(name, code)))


@app.command()
def invite_chief(
    name: Annotated[str, typer.Option(help="A new chief's name; leave out for the same one")] = "",
) -> None:
    """Print a new one-time invitation for the security chief; an unused earlier one stops working."""
    settings = _settings()
    _print_code(settings, _in_database(settings, lambda session: _chief_again(session, " ".join(name.split()))))


def _chief_again(session: Session, name: str) -> str:
    house = session.exec(select(Municipality)).first()
    if house is None:
        raise NoMunicipality
    _void_unused(session)
    if name:
        return _chief_code(session, name, house.languages[0])
    chiefs = people.chiefs(session)
    person = chiefs[0] if chiefs else session.exec(select(Person).order_by(col(Person.id))).first()
    assert person is not None
    assert person.id is not None
    return issue(session, datetime.now(UTC), person.id, role="chief")


def _void_unused(session: Session) -> None:
    unused = (
        Invitation.role == "chief",
        col(Invitation.used_at).is_(None),
        col(Invitation.settled_at).is_(None),
    )
    for invitation in session.exec(select(Invitation).where(*unused)):
        invitation.settled_at = datetime.now(UTC)


@app.command()
def run() -> None:
    """Run the bot on the platforms that are set up. One alone is fine; webhooks only where they are set."""
    settings = _settings()
    if settings.telegram is None and settings.slack is None:
        _fail("cli.no_platform")
    with _guarded(lambda: alone.hold(settings.database_url)):
        copy = _guarded(lambda: _newest_tables(settings.database_url))
        if copy is not None:
            _say("cli.copied", file=copy)
        logs.set_up(settings.log_format)
        status = asyncio.run(serve(settings))
    sys.exit(status)


@app.command(name="migrate")
def migrate_database() -> None:
    """Bring the database to this version of the program: for PostgreSQL, which `run` leaves alone."""
    settings = _settings()
    copy = _guarded(lambda: migrate.upgrade(settings.database_url))
    if copy is not None:
        _say("cli.copied", file=copy)
    _say("cli.migrated")


async def serve(settings: Settings, seams: Seams | None = None) -> int:
    """Run the bot until it is asked to stop; the exit status."""
    from bot.app import App
    from bot.channels import BadLogin
    from bot.web import BadPort

    bot = _guarded(lambda: App(settings, seams))
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    try:
        await bot.start()
    except BadLogin as error:
        typer.echo(_voice().word("cli.login", platform=error.args[1], problem=error.args[0]), err=True)
        await bot.stop()
        return 2
    except BadPort as error:
        typer.echo(_voice().word("cli.bad_port", address=error.args[0], problem=error.args[1]), err=True)
        await bot.stop()
        return 2
    gc.collect()
    gc.freeze()  # what lives as long as the process is not looked through again and again: shorter pauses
    if bot.web is not None:
        _say("cli.listening", address=bot.web.address)
    up = [str(platform) for platform in bot.delivery.channels]
    if up:
        _say("cli.running", name=bot.house.name, platforms=", ".join(up))
    if late := [platform for platform in bot.house.platforms if platform not in up]:
        _say("cli.waiting", platforms=", ".join(late))
    await stopped.wait()
    await bot.stop()
    return 0


@app.command()
def undelivered() -> None:
    """List what failed, or may not have arrived, and is not carried on by another row; newest first."""

    def rows(session: Session) -> list[Outbox]:
        query = select(Outbox).where(*lost())
        return list(session.exec(query.order_by(col(Outbox.id).desc()).limit(200)))

    found = _in_database(_settings(), rows)
    for row in found:
        time = _voice().time(row.settled_at) if row.settled_at else ""
        _say(
            "cli.undelivered",
            time=time,
            **{n: getattr(row, n) for n in ("id", "state", "platform", "purpose", "reason")},
        )
    if not found:
        _say("cli.undelivered_none")


@app.command()
def new_key() -> None:
    """Print a new encryption key for TRYGGVAG_ENCRYPTION_KEYS."""
    typer.echo(Fernet.generate_key().decode())


@app.command()
def demo(
    play: Annotated[bool, typer.Option("--play", help="Play the story and print its transcript instead")] = False,
    port: Annotated[
        int | None, typer.Option(help="Default 8765, or a free one if it is taken; 0 for a free one")
    ] = None,
    folder: Annotated[Path | None, typer.Option(help="Where the database is; default a temporary folder")] = None,
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Open the page in the browser")] = True,
) -> None:
    """Open a local page where anybody can be tried; with --play, exits 1 if a step of the story did not happen."""
    if play:
        from bot.playground.story import main as play_story

        sys.exit(play_story())
    from bot.playground.page.server import FolderUsed, PortTaken, run

    logging.basicConfig(level=logging.ERROR, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    try:
        asyncio.run(run(port, folder, browser=browser, say=lambda key, address: _say(key, address=address)))
    except PortTaken as taken:
        _fail("demo.cli.port", port=taken.args[0])
    except FolderUsed as used:
        _fail("demo.cli.folder", folder=used.args[0])


def main() -> None:
    """The `tryggvag` command."""
    app()
