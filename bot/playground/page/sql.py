"""What a transaction did, seen from outside: rows written by table, and what became of the outbox."""

from __future__ import annotations

import re
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, event
from sqlmodel import Session

from bot.events import Event
from storage.database import Database
from storage.tables import Deadline, Outbox

R = TypeVar("R")
WRITES = re.compile(r'\s*(INSERT INTO|UPDATE|DELETE FROM)\s+"?(\w+)', re.IGNORECASE)


@dataclass(frozen=True)
class Row:
    """One row of the outbox as the transaction left it."""

    id: int
    platform: str
    chat: str
    act: str
    purpose: str
    state: str
    attempts: int
    repeat: bool
    post: bool  # a message that stays current: drawn from the state at sending, as a new one or as an edit


@dataclass
class Transaction:
    """One transaction; `event` is what caused it, if anybody did, `due` the deadlines that it settled."""

    began: float
    event: Event | None = None
    writes: Counter[tuple[str, str]] = field(default_factory=Counter)
    created: list[Row] = field(default_factory=list)
    changed: list[Row] = field(default_factory=list)
    due: list[str] = field(default_factory=list)
    milliseconds: float = 0.0
    committed: bool = False


class Watch:
    """Listens to one engine, in whichever thread works; `told` gets each transaction that has ended."""

    def __init__(self, engine: Engine, told: Callable[[Transaction], None]) -> None:
        self._engine, self._told, self._local = engine, told, threading.local()
        self._listeners: list[tuple[Any, str, Callable[..., None]]] = [
            (engine, "begin", self._begin),
            (engine, "commit", self._commit),
            (engine, "rollback", self._rollback),
            (engine, "after_cursor_execute", self._executed),
            (Outbox, "after_insert", self._outbox_created),
            (Outbox, "after_update", self._outbox_changed),
            (Deadline, "after_update", self._deadline_changed),
        ]
        for target, name, listener in self._listeners:
            event.listen(target, name, listener)

    def stop(self) -> None:
        """Listen no more."""
        for target, name, listener in self._listeners:
            event.remove(target, name, listener)

    def caused_by(self, cause: Event) -> None:
        """From inside the work: this event is what the transaction is about."""
        if (open_one := self._open) is not None:
            open_one.event = cause

    @property
    def _open(self) -> Transaction | None:
        found: Transaction | None = getattr(self._local, "open", None)
        return found

    def _begin(self, _: Connection) -> None:
        self._local.open = Transaction(time.perf_counter())

    def _commit(self, _: Connection) -> None:
        self._end(committed=True)

    def _rollback(self, _: Connection) -> None:
        self._end(committed=False)

    def _end(self, *, committed: bool) -> None:
        ended = self._open
        if ended is None:
            return
        self._local.open = None
        ended.committed = committed
        ended.milliseconds = (time.perf_counter() - ended.began) * 1000
        self._told(ended)

    def _executed(self, _: Connection, cursor: Any, statement: str, *__: Any) -> None:
        found = WRITES.match(statement)
        if found is None or (open_one := self._open) is None:
            return
        verb, table = found[1].split()[0].upper(), found[2]
        # SQLite counts no rows where the statement returns them; then they are the values' own.
        open_one.writes[verb, table] += cursor.rowcount if cursor.rowcount > 0 else statement.count("), (") + 1

    def _outbox_created(self, _: Any, connection: Connection, row: Outbox) -> None:
        if connection.engine is self._engine and (open_one := self._open) is not None:
            open_one.created.append(_row(row))

    def _outbox_changed(self, _: Any, connection: Connection, row: Outbox) -> None:
        if connection.engine is self._engine and (open_one := self._open) is not None:
            open_one.changed.append(_row(row))

    def _deadline_changed(self, _: Any, connection: Connection, row: Deadline) -> None:
        if connection.engine is self._engine and row.state == "done" and (open_one := self._open) is not None:
            open_one.due.append(f"{row.kind} {row.step}".strip())


def _row(row: Outbox) -> Row:
    assert row.id is not None
    return Row(row.id, row.platform, row.chat, row.act, row.purpose, row.state, row.attempts, row.repeat,
               row.post_id is not None)  # fmt: skip


class Watched:
    """The database as intake uses it: each event's transaction gets to know its event."""

    def __init__(self, database: Database, watch: Watch) -> None:
        self._database, self._watch = database, watch

    async def run(self, work: Callable[..., R], *arguments: Any) -> R:
        """Do the work as the database does it."""
        cause = next((given for given in arguments if isinstance(given, Event)), None)
        if cause is None:
            return await self._database.run(work, *arguments)
        return await self._database.run(self._noted, work, cause, *arguments)

    def _noted(self, session: Session, work: Callable[..., R], cause: Event, *arguments: Any) -> R:
        session.connection()  # the transaction begins here, so that it can be told what it is about
        self._watch.caused_by(cause)
        return work(session, *arguments)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._database, name)
