"""PostgreSQL's own bell: a process hears at once that another one has committed something for it."""

from __future__ import annotations

from collections.abc import Callable

import psycopg
from sqlalchemy import Engine, text
from sqlmodel import Session

from storage.database import connection_arguments

CHANNEL = "tryggvag"


async def listen(engine: Engine, heard: Callable[[], None]) -> None:
    """Call `heard` each time another process rings, until cancelled. Raises psycopg.Error when the server is gone."""
    async with await psycopg.AsyncConnection.connect(**connection_arguments(engine), autocommit=True) as connection:
        await connection.execute(f"LISTEN {CHANNEL}".encode())
        heard()  # what was rung while nobody listened
        async for _ in connection.notifies():
            heard()


def ring(session: Session) -> None:
    """Let all who listen look, this process too."""
    session.execute(text(f"NOTIFY {CHANNEL}"))
