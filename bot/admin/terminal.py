"""How the command line speaks: one clear line, and an exit status; never a traceback, never a secret."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, NoReturn
from zoneinfo import ZoneInfo

import typer
from sqlalchemy.exc import DatabaseError
from sqlmodel import Session

from bot.admin.transact import transact
from bot.catalogue import Catalogue, Voice
from bot.services.escalation_plan import BadPlan
from bot.services.work import NoMunicipality, try_keys
from config.settings import BadSettings, Settings, read_settings
from storage import alone, migrate
from storage.database import ArgumentError, Database
from storage.types import WrongKey

Work = Callable[[Session], Any]
AGES = {"empty": "cli.no_municipality", "older": "cli.schema", "newer": "cli.newer"}


class Told(Exception):
    """What an administrator can mend: the catalogue's key of the line that says so, and its values."""

    def __init__(self, key: str, **values: Any) -> None:
        super().__init__(key)
        self.key, self.values = key, values


def voice(zone: str = "Europe/Stockholm") -> Voice:
    """The command line speaks English where the terminal does, Swedish everywhere else."""
    language = "en" if os.environ.get("LANG", "").startswith("en") else "sv"
    return Voice(Catalogue(), language, ZoneInfo(zone), datetime.now(UTC))


def fail(key: str, **values: Any) -> NoReturn:
    """One clear line, and exit status 2."""
    typer.echo(voice().word(key, **values), err=True)
    raise typer.Exit(2)


def say(key: str, **values: Any) -> None:
    """One line from the catalogue."""
    typer.echo(voice().word(key, **values))


def show_json(value: Any) -> None:
    """The answer as a machine reads it."""
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2))


def settings() -> Settings:
    """The settings, or one line about the wrong one."""
    try:
        return read_settings()
    except BadSettings as error:
        fail("cli.settings", problem=error)


def one_line(error: BaseException) -> str:
    """An error's first line."""
    return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__


def guarded(job: Callable[[], Any]) -> Any:
    """Do it; what an administrator can mend is one line, never a traceback."""
    try:
        return job()
    except Told as told:
        fail(told.key, **told.values)
    except WrongKey as error:
        fail("cli.keys", problem=error)
    except NoMunicipality:
        fail("cli.no_municipality")
    except BadPlan as error:
        fail("cli.content", problem=error)
    except migrate.TooNew:
        fail("cli.newer")
    except alone.RunsAlready:
        fail("cli.runs_already")
    except (DatabaseError, ArgumentError, ImportError, OSError) as error:
        fail("cli.database", problem=one_line(getattr(error, "orig", None) or error))


def opened(chosen: Settings, job: Callable[[Database], Any]) -> Any:
    """Do something with the database, which must be of this version and readable with these keys."""

    def checked() -> Any:
        database = Database(chosen.database_url, chosen.keys)
        try:
            if (age := migrate.age(database.engine)) != "current":
                fail(AGES[age])
            with database.transaction() as session:
                try_keys(session)
            return job(database)
        finally:
            database.close()

    return guarded(checked)


def in_database(chosen: Settings, work: Work) -> Any:
    """Do it in one transaction."""

    return opened(chosen, lambda database: transact(database, work))
