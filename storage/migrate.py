"""Brings a database to the newest revision; a SQLite file is copied first.

Alembic is loaded when something is migrated: most starts find nothing to do, and need not carry it.

`python -m storage.migrate` is for developers.
"""

from __future__ import annotations

import re
import sqlite3
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from sqlalchemy import Connection, Engine, inspect, text
from sqlmodel import SQLModel

from storage import tables
from storage.database import make_engine, sqlite_file

if TYPE_CHECKING:
    from alembic.config import Config

METADATA = (SQLModel.metadata, tables)[0]  # importing the tables is what fills it


class TooNew(Exception):
    """The database was written by a later version of the program."""


def _config(connection: Connection) -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def current(engine: Engine) -> str | None:
    """The revision that the database is at; None for an empty one."""
    with engine.connect() as connection:
        return revision_of(connection)


def revision_of(connection: Connection) -> str | None:
    """The same, over a connection that is open already."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()
    return found


def build(connection: Connection, revision: str) -> None:
    """Make the tables of this revision in an empty database, within the connection's transaction."""
    from alembic import command

    command.upgrade(_config(connection), revision)


def knows(revision: str) -> bool:
    """Whether this code has the revision."""
    return revision in _revisions()


def _revisions() -> dict[str, str]:
    """Each revision with the one before it, which is empty for the first: as the files say."""
    found: dict[str, str] = {}
    for file in sorted((Path(__file__).parent / "migrations" / "versions").glob("*.py")):
        said = dict(re.findall(r'^(revision|down_revision) = "(\w+)"', file.read_text("utf-8"), re.M))
        if "revision" in said:
            found[said["revision"]] = said.get("down_revision", "")
    return found


def newest() -> str | None:
    """The revision that this code wants."""
    found = _revisions()
    return next((revision for revision in found if revision not in found.values()), None)


Age = Literal["empty", "older", "current", "newer"]


def age(engine: Engine) -> Age:
    """How the database compares with this code."""
    return compared(current(engine))


def compared(at: str | None) -> Age:
    """How a revision compares with this code."""
    if at is None:
        return "empty"
    if at == newest():
        return "current"
    return "older" if knows(at) else "newer"


def upgrade(url: str, *, copy: bool = True) -> Path | None:
    """Migrate to the newest revision. Returns the copy made of a SQLite file with data in it. Raises TooNew."""
    engine = make_engine(url)
    try:
        before, how = current(engine), age(engine)
        if how == "newer":
            raise TooNew
        if how == "current":
            return None
        from alembic import command

        made = _copy(url, before) if copy and before is not None else None
        with _alone(engine) as connection:
            command.upgrade(_config(connection), "head")
        return made
    finally:
        engine.dispose()


@contextmanager
def _alone(engine: Engine) -> Iterator[Connection]:
    """One transaction for all of it. Of two processes that migrate at once, the second finds it done."""
    if engine.dialect.name == "sqlite":
        with engine.connect() as connection:
            # A table is changed by a copy that takes its place: rows that point at it must not notice.
            driver: Any = connection.connection.driver_connection
            driver.execute("PRAGMA foreign_keys=OFF")
            with connection.begin():
                yield connection
                if dangling := connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall():
                    raise ValueError(f"{len(dangling)} rows point at nothing after the migration")
        return
    # Not serializable: what the first has done must be seen after the wait for it.
    with engine.execution_options(isolation_level="READ COMMITTED").begin() as connection:
        connection.exec_driver_sql("SELECT pg_advisory_xact_lock(20261122)")
        yield connection


def _copy(url: str, revision: str) -> Path | None:
    """A copy beside the file, named after the revision that it holds."""
    file = sqlite_file(url)
    if file is None or not file.exists():
        return None
    target = file.with_name(f"{file.name}.before-{revision}")
    source, copy = sqlite3.connect(file), sqlite3.connect(target)
    with copy:
        source.backup(copy)
    source.close()
    copy.close()
    return target


def differences(url: str = "") -> list[object]:
    """What the migrations lack of the tables in the code; empty when they match. `url` is an empty database."""
    from alembic.autogenerate import compare_metadata
    from alembic.runtime.migration import MigrationContext

    with tempfile.TemporaryDirectory() as folder:
        url = url or f"sqlite:///{folder}/check.db"
        upgrade(url)
        engine = make_engine(url)
        with engine.connect() as connection:
            found = compare_metadata(MigrationContext.configure(connection), METADATA)
        engine.dispose()
    return list(found)


def _revise(message: str) -> None:
    from alembic import command

    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/revise.db"
        if newest() is not None:
            upgrade(url)
        engine = make_engine(url)
        with engine.begin() as connection:
            command.revision(_config(connection), message, autogenerate=True)
        engine.dispose()


if __name__ == "__main__":
    if sys.argv[1:2] == ["revise"] and len(sys.argv) == 3:
        _revise(sys.argv[2])
    elif sys.argv[1:] == ["check"]:
        missing = differences()
        print("\n".join(map(str, missing)) or "migrations match the tables")
        sys.exit(1 if missing else 0)
    else:
        sys.exit('usage: python -m storage.migrate check | revise "what changes"')
