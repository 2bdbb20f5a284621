"""One transaction for a piece of an administrator's work, done anew when the bot was quicker."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, TypeVar

from sqlalchemy.exc import DBAPIError

from storage.database import Database

R = TypeVar("R")
OVERTAKEN = ("40001", "40P01")  # PostgreSQL's words for it: a serialization failure, a deadlock
TRIES = 10


def transact(database: Database, work: Callable[..., R], *arguments: Any) -> R:
    """Do `work(session, *arguments)` in one transaction. Raises what the database says when it never gets through."""
    for number in range(TRIES):
        try:
            with database.transaction() as session:
                return work(session, *arguments)
        except DBAPIError as error:
            if getattr(error.orig, "sqlstate", "") not in OVERTAKEN or number == TRIES - 1:
                raise
        time.sleep(0.01 * 2**number)
    raise AssertionError("the last try returns or raises")
