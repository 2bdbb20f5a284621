"""The command line: set up, run, and look after the bot."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn
from zoneinfo import ZoneInfo

import typer
from cryptography.fernet import Fernet
from sqlalchemy.exc import DatabaseError
from sqlmodel import Session, col, select

from bot import logs
from bot.catalogue import LANGUAGES, Catalogue, Voice
from bot.prompts import phone_number
from bot.services import people
from bot.services.hours import StaffedHours
from bot.services.invitations import VALID, issue
from bot.services.work import NoMunicipality, try_keys
from config.settings import BadSettings, Settings, read_settings
from storage import alone, migrate
from storage.database import ArgumentError, Database, make_engine
from storage.tables import Invitation, Municipality, Outbox, Person
from storage.types import WrongKey

if TYPE_CHECKING:
    from bot.app import Seams

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False,
                  help="Tryggväg: one way in and one way out between the parties and the security unit.")  # fmt: skip
Work = Callable[[Session], Any]
_AGES = {"empty": "cli.no_municipality", "older": "cli.schema", "newer": "cli.newer"}


def _voice(zone: str = "Europe/Stockholm") -> Voice:
    """The command line speaks English where the terminal does, Swedish everywhere else."""
    language = "en" if os.environ.get("LANG", "").startswith("en") else "sv"
    return Voice(Catalogue(), language, ZoneInfo(zone), datetime.now(UTC))


def _fail(key: str, **values: Any) -> NoReturn:
    """One clear line, and exit status 2."""
    typer.echo(_voice().word(key, **values), err=True)
    raise typer.Exit(2)


def _say(key: str, **values: Any) -> None:
    typer.echo(_voice().word(key, **values))


def _settings() -> Settings:
    try:
        return read_settings()
    except BadSettings as error:
        _fail("cli.settings", problem=error)


def _one_line(error: BaseException) -> str:
    return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__


def _guarded(job: Callable[[], Any]) -> Any:
    """Do it; what an administrator can mend is one line, never a traceback."""
    try:
        return job()
    except WrongKey as error:
        _fail("cli.keys", problem=error)
    except NoMunicipality:
        _fail("cli.no_municipality")
    except migrate.TooNew:
        _fail("cli.newer")
    except alone.RunsAlready:
        _fail("cli.runs_already")
    except (DatabaseError, ArgumentError, ImportError, OSError) as error:
        _fail("cli.database", problem=_one_line(getattr(error, "orig", None) or error))


def _in_database(settings: Settings, work: Work) -> Any:
    def job() -> Any:
        database = Database(settings.database_url, settings.keys)
        try:
            if (age := migrate.age(database.engine)) != "current":
                _fail(_AGES[age])
            with database.transaction() as session:
                try_keys(session)
                return work(session)
        finally:
            database.close()

    return _guarded(job)


def _newest_tables(url: str, *, new: bool = False) -> Path | None:
    """Migrate a SQLite file, and return its copy. PostgreSQL may be in use: only a `new` database gets its tables."""
    engine = make_engine(url)
    try:
        age = "" if engine.dialect.name == "sqlite" else migrate.age(engine)
    finally:
        engine.dispose()
    if not age or (new and age == "empty"):
        return migrate.upgrade(url)
    return _fail(_AGES[age]) if age != "current" else None


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
    _print_code(code)


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


def _print_code(code: str) -> None:
    voice = _voice()
    _say("cli.chief", until=voice.time(voice.now + VALID))
    _say("cli.chief_code", code=code)


@app.command()
def invite_chief(
    name: Annotated[str, typer.Option(help="A new chief's name; leave out for the same one")] = "",
) -> None:
    """Print a new one-time invitation for the security chief; an unused earlier one stops working."""
    settings = _settings()
    _print_code(_in_database(settings, lambda session: _chief_again(session, " ".join(name.split()))))


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
    """List what failed, or may not have arrived, newest first."""

    def rows(session: Session) -> list[Outbox]:
        query = select(Outbox).where(col(Outbox.state).in_(("failed", "uncertain")))
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
    play: Annotated[bool, typer.Option("--play", help="Play the story and print its transcript")] = False,
) -> None:
    """Play the whole story through the real adapters against local servers; exits 1 if a step did not happen."""
    if not play:
        _fail("cli.play_only")
    from bot.playground.story import main as play_story

    sys.exit(play_story())


def main() -> None:
    """The `tryggvag` command."""
    app()
