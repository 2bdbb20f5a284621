"""The command line: set up, run, and look after the bot."""

from __future__ import annotations

import asyncio
import gc
import logging
import signal
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer
from cryptography.fernet import Fernet
from sqlmodel import Session, col, select

from bot.admin import commands
from bot.admin.reach import telegram_name
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
from storage import migrate
from storage.tables import Invitation, Municipality, Outbox, Person

if TYPE_CHECKING:
    from bot.app import Seams

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False,
                  help="Tryggväg: one way in and one way out between the parties and the security unit.")  # fmt: skip
commands.register(app)


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
    _guarded(lambda: migrate.upgrade(settings.database_url))
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
    """Run the bot: Telegram by long polling, Slack by Socket Mode. One platform alone is fine."""
    settings = _settings()
    if settings.telegram is None and settings.slack is None:
        _fail("cli.no_platform")
    copy = _guarded(lambda: migrate.upgrade(settings.database_url))
    if copy is not None:
        _say("cli.copied", file=copy)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    for name in ("apscheduler", "slack_bolt", "slack_sdk", "telegram", "httpx", "alembic"):
        logging.getLogger(name).setLevel(logging.WARNING)  # their lower levels print what people wrote
    sys.exit(asyncio.run(serve(settings)))


async def serve(settings: Settings, seams: Seams | None = None) -> int:
    """Run the bot until it is asked to stop; the exit status."""
    from bot.app import App
    from bot.channels import BadLogin

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
    gc.collect()
    gc.freeze()  # what lives as long as the process is not looked through again and again: shorter pauses
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
