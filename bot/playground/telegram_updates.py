"""The queue of updates that `getUpdates` reads, with the faults a queue can have."""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bot.playground.telegram_model import Json, Refused

KEPT = timedelta(hours=24)
NOT_BY_DEFAULT = frozenset({"chat_member", "message_reaction", "message_reaction_count"})
WEBHOOK = "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
HOOKED = "Conflict: terminated by setWebhook request"
CONFLICT = "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"


@dataclass(slots=True)
class Update:
    """One update as it is handed over: encoded once, so that it never changes after it happened."""

    id: int
    encoded: str
    at: datetime


class Updates:
    """What happened and was not confirmed yet, oldest first."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self.clock = clock
        self.queue: deque[Update] = deque()
        self.next_id = random.randrange(100_000_000, 900_000_000)  # noqa: S311  # an id, not a secret
        self.sent_at: dict[int, float] = {}
        self.confirmed: list[int] = []
        self.allowed: frozenset[str] | None = None
        self.duplicates: deque[bool] = deque()  # for each planned duplicate, whether it comes under a new id
        self.reorders = 0
        self._poll: asyncio.Future[None] | None = None
        self._unsorted = False

    def allows(self, kind: str) -> bool:
        """Whether the bot asked for updates of this kind; what it did not ask for never gets an id."""
        return kind not in NOT_BY_DEFAULT if self.allowed is None else kind in self.allowed

    def emit(self, kind: str, content: Json) -> int:
        """Queue what happened; returns its update id, or 0 when the bot does not want this kind."""
        return self.add({kind: content}) if self.allows(kind) else 0

    def add(self, update: Json) -> int:
        """Queue a raw update, under its own `update_id` if it brings one."""
        given = update.get("update_id")
        update_id = given if type(given) is int else self.next_id
        if self.queue and update_id < self.queue[-1].id:
            self._unsorted = True
        self.next_id = max(self.next_id, update_id + 1)
        body = update if "update_id" in update else {"update_id": update_id, **update}
        self.queue.append(Update(update_id, json.dumps(body), self.clock()))
        self.sent_at[update_id] = time.perf_counter()
        self._wake()
        return update_id

    def confirm(self, offset: int) -> None:
        """Forget every update below the offset; a negative one keeps that many of the newest."""
        if offset < 0:
            while len(self.queue) > -offset:
                self._forget(self.queue.popleft())
            return
        while self.queue and self.queue[0].id < offset:
            self._forget(self.queue.popleft())
        if self._unsorted:
            for update in [u for u in self.queue if u.id < offset]:
                self.queue.remove(update)
                self._forget(update)
            self._unsorted = bool(self.queue)

    def _forget(self, update: Update) -> None:
        self.confirmed.append(update.id)

    def take(self, limit: int) -> list[str]:
        """The oldest updates, encoded; they stay in the queue until they are confirmed."""
        if not self._ready():
            return []
        batch = [self.queue[place] for place in range(min(limit, len(self.queue)))]
        if self.reorders:
            self.reorders -= 1
            batch[:2] = [self.queue[1], self.queue[0]][: max(1, len(batch))]
        return [text for update in batch for text in self.copies(update)]

    def _ready(self) -> bool:
        # A planned reordering holds the first update back until there is a second one to change places with.
        oldest = self.clock() - KEPT
        while self.queue and self.queue[0].at < oldest:
            self.queue.popleft()
        return len(self.queue) >= (2 if self.reorders else 1)

    def posted(self, update: Update) -> None:
        """A webhook took this one."""
        if update in self.queue:
            self.queue.remove(update)
            self._forget(update)

    def copies(self, update: Update) -> list[str]:
        """What is handed over for one update: itself, or twice if that is planned."""
        if not self.duplicates:
            return [update.encoded]
        if self.duplicates.popleft():
            self.add({**json.loads(update.encoded), "update_id": self.next_id})
            return [update.encoded]
        return [update.encoded, update.encoded]

    async def wait(self, seconds: float) -> None:
        """Return when there is something to hand over or time is out; who waited before meets a conflict."""
        if self._poll is not None and not self._poll.done():
            self._poll.set_exception(Refused(409, CONFLICT))
        if seconds <= 0 or self._ready():
            return
        poll = self._poll = asyncio.get_running_loop().create_future()
        try:
            await asyncio.wait_for(poll, seconds)
        except TimeoutError:
            return
        finally:
            if self._poll is poll:
                self._poll = None

    def interrupt(self) -> None:
        """A webhook was set: who waits gets nothing more this way."""
        if self._poll is not None and not self._poll.done():
            self._poll.set_exception(Refused(409, HOOKED))

    def _wake(self) -> None:
        if self._poll is not None and not self._poll.done() and self._ready():
            self._poll.set_result(None)

    def limit_to(self, kinds: Any) -> None:
        """Remember which kinds the bot wants; an empty list means the default, anything else is ignored."""
        if isinstance(kinds, list) and all(isinstance(kind, str) for kind in kinds):
            self.allowed = frozenset(kinds) or None
