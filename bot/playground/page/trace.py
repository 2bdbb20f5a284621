"""What just happened: event → transaction → outbox → platform. Holds no words of anybody's, no tokens and no codes."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar, cast

from sqlmodel import Session

from bot.playground.faults import Fault, Misbehaviour
from bot.playground.page.sql import Row, Transaction, Watch, Watched
from bot.playground.page.trouble import WAY_IN
from storage.database import Database

if TYPE_CHECKING:
    from bot.playground.page.village import Village

C = TypeVar("C")
MOST_GROUPS = 40
MOST_STEPS = 60
# What the pump itself writes, and what processes write of themselves: shown as the states of rows instead.
QUIET = frozenset({"outbox", "post", "account", "process", "lease", "deadline"})
ANSWERS: dict[str, str] = {
    Misbehaviour.TOO_MANY: "busy",
    Misbehaviour.SERVER_ERROR: "broken",
    Misbehaviour.DROP_BEFORE: "cut",
    Misbehaviour.DROP_AFTER: "lost",
    Misbehaviour.DELAY: "slow",
    Misbehaviour.BLOCKED: "refused",
}


@dataclass
class Step:
    """One thing that happened. `key` and `values` make its sentence; `code` is the same for a machine."""

    kind: str  # event, transaction, outbox or platform
    key: str
    values: dict[str, str | int] = field(default_factory=dict)
    code: str = ""
    well: bool = True
    rows: list[dict[str, str | int]] = field(default_factory=list)


@dataclass
class Group:
    """Everything that one event led to."""

    number: int
    at: datetime
    steps: list[Step] = field(default_factory=list)
    version: int = 0

    def shown(self) -> dict[str, Any]:
        """As the page gets it."""
        return {"number": self.number, "at": self.at.timestamp(), "steps": [asdict(step) for step in self.steps]}


class Noticed(list[C]):
    """A list of calls that tells of each one that is added."""

    def __init__(self, earlier: list[C], told: Callable[[C], object]) -> None:
        super().__init__(earlier)
        self._told = told

    def append(self, call: C) -> None:
        """Add it and tell."""
        super().append(call)
        self._told(call)


class Trace:
    """Watches a village from outside: its database, its intake and its platforms' servers."""

    def __init__(self) -> None:
        self.groups: deque[Group] = deque(maxlen=MOST_GROUPS)
        self.version = 0
        self._rows: dict[int, tuple[Group, dict[str, str | int]]] = {}
        self._sending: dict[tuple[str, str], int] = {}
        self._latest: dict[str, Group] = {}
        self._watch: Watch | None = None

    async def watch(self, village: Village) -> None:
        """Begin, in the running event loop."""
        self._village = village
        loop = asyncio.get_running_loop()

        def told(transaction: Transaction) -> None:
            loop.call_soon_threadsafe(self._ended, transaction)

        app = village.app

        def listen(_: Session) -> Watch:
            return Watch(app.database.engine, told)

        # In the database's own thread: a listener that comes or goes while others are called breaks their transaction.
        watch = self._watch = await app.database.run(listen)
        app.intake.database = cast(Database, Watched(app.database, watch))
        village.telegram.calls = Noticed(
            village.telegram.calls, lambda call: loop.call_soon(self._called, "telegram", call)
        )
        village.slack.calls = Noticed(village.slack.calls, lambda call: loop.call_soon(self._called, "slack", call))

    def stop(self) -> None:
        """Watch no more; only when nothing is written any longer."""
        if self._watch is not None:
            self._watch.stop()
            self._watch = None

    # Transactions

    def _ended(self, done: Transaction) -> None:
        group = self._group(done)
        if group is not None:
            if done.event is not None:
                self._latest[done.event.sender.platform] = group
            group.steps.append(_written(done))
            if done.created and done.committed:
                group.steps.append(self._outbox(group, done.created))
            self._touch(group)
        if done.committed:
            for row in done.changed:
                self._settle(row)

    def _group(self, done: Transaction) -> Group | None:
        """A new group for what began with this transaction; None for the pump's own book-keeping."""
        if done.event is not None:
            event = done.event
            who = {"who": self._name(event.sender.platform, event.sender.user), "platform": str(event.sender.platform)}
            return self._begin(Step("event", f"event.{event.kind}", dict(who), f"{event.sender.platform} {event.kind}"))
        if done.due:
            return self._begin(Step("event", "event.deadline", {"count": len(done.due)}, ", ".join(done.due)))
        if {table for _, table in done.writes} - QUIET == {"person"}:  # what no event does
            return self._begin(Step("event", "event.visitor"))
        if done.created and any(row.state in ("failed", "uncertain") for row in done.changed):
            return self._begin(Step("event", "event.detour", well=False))
        if done.created or {table for _, table in done.writes} - QUIET:
            return self._begin(Step("event", "event.background"))
        return None

    def _begin(self, first: Step) -> Group:
        number = self.groups[-1].number + 1 if self.groups else 1
        group = Group(number, self._village.clock.now(), [first])
        self.groups.append(group)
        return group

    def _outbox(self, group: Group, created: list[Row]) -> Step:
        step = Step("outbox", "outbox", {"count": len(created)})
        for row in created:
            shown: dict[str, str | int] = {
                "id": row.id, "act": "post" if row.post else row.act, "purpose": row.purpose, "platform": row.platform,
                "who": self._name(row.platform, row.chat), "state": row.state,
            }  # fmt: skip
            step.rows.append(shown)
            self._rows[row.id] = (group, shown)
        return step

    def _settle(self, row: Row) -> None:
        place = row.platform, self._home(row.platform, row.chat)
        if row.state == "claimed":
            self._sending[place] = row.id
        if row.id not in self._rows:
            return
        group, shown = self._rows[row.id]
        shown["state"] = "again" if row.state == "waiting" and row.attempts else row.state
        if row.repeat and row.state == "waiting":
            shown["state"] = "repeat"
        self._touch(group)

    # Calls

    def _called(self, platform: str, call: Any) -> None:
        if call.method in WAY_IN:
            return
        answer = _answer(call, self._village.switches[platform].met)
        chat = str(call.params.get("chat_id") or call.params.get("channel") or "")
        row = self._sending.get((platform, self._home(platform, chat))) if chat else None
        group = self._rows[row][0] if row in self._rows else self._latest.get(platform)
        if group is None or len(group.steps) >= MOST_STEPS:
            return
        values: dict[str, str | int] = {"platform": platform, "method": call.method}
        code = call.method if row is None else f"{call.method} · {row}"
        group.steps.append(Step("platform", f"call.{answer}", values, code, answer in ("ok", "slow")))
        self._touch(group)

    # Names

    def _home(self, platform: str, chat: str) -> str:
        """One name for a chat, whether it is called by its person or by its own id."""
        for chair in self._village.chairs.values():
            if chair.seat.platform == platform and chat in (chair.seat.user, getattr(chair.seat.human, "dm", "")):
                return chair.key
        return chat

    def _name(self, platform: str, chat: str) -> str:
        chair = self._village.chairs.get(self._home(platform, chat))
        if chair is not None:
            return chair.part.name
        return next((place.title for place in self._village.places if str(place.native.id) == chat), "?")

    def _touch(self, group: Group) -> None:
        self.version += 1
        group.version = self.version


def _written(done: Transaction) -> Step:
    code = " · ".join(f"{verb} {table} {count}" for (verb, table), count in sorted(done.writes.items()))
    if not done.committed:
        return Step("transaction", "transaction.back", {}, code, well=False)
    if not done.writes:
        return Step("transaction", "transaction.empty")
    time = f"{done.milliseconds:.1f}"
    return Step("transaction", "transaction", {"count": sum(done.writes.values()), "ms": time}, code)


def _answer(call: Any, met: Fault | None) -> str:
    """How the call went. Slack's server writes it down; Telegram's answers before it takes the next call."""
    if hasattr(call, "error"):
        return ANSWERS.get(call.error) or ("ok" if call.ok else "refused")
    if met is not None:
        return ANSWERS.get(met.kind, "broken")
    return "ok" if call.ok else "refused"
