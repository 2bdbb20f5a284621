"""PostgreSQL's own bell: a process hears at once that another one has committed something for it."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Engine, text
from sqlmodel import Session

from storage.database import connection_arguments

CHANNEL = "tryggvag"


class Gone(Exception):
    """The server does not answer any more; `args[0]` is the driver's kind of error."""


async def listen(engine: Engine, heard: Callable[[], None]) -> None:
    """Call `heard` each time another process rings, until cancelled. Raises Gone."""
    import psycopg  # 9 MB, which a bot on SQLite does without

    try:
        async with await psycopg.AsyncConnection.connect(**connection_arguments(engine), autocommit=True) as connection:
            await connection.execute(f"LISTEN {CHANNEL}".encode())
            heard()  # what was rung while nobody listened
            async for _ in connection.notifies():
                heard()
    except psycopg.Error as error:
        raise Gone(type(error).__name__) from error


def ring(session: Session) -> None:
    """Let all who listen look, this process too."""
    session.execute(text(f"NOTIFY {CHANNEL}"))
