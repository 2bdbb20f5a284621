"""One running bot for each SQLite file: two would send everything twice. PostgreSQL is for several."""

from __future__ import annotations

import fcntl
from contextlib import AbstractContextManager, nullcontext

from storage.database import sqlite_file


class RunsAlready(Exception):
    """Another process runs the bot on this file."""


def hold(url: str) -> AbstractContextManager[object]:
    """Hold the file until the end of the `with`; a process that is killed lets go of it too. Raises RunsAlready."""
    file = sqlite_file(url)
    if file is None:
        return nullcontext()
    held = file.with_name(f"{file.name}.running").open("a")
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        held.close()
        raise RunsAlready from None
    return held
