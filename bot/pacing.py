"""Token buckets: as fast as a platform allows and no faster."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass


@dataclass
class Bucket:
    """Lets `rate` calls a second through, and `burst` at once after a rest. Times are monotonic seconds."""

    rate: float
    burst: float
    level: float | None = None
    filled: float = 0.0

    def wait(self, now: float) -> float:
        """Take one; how many seconds until it may be used."""
        level = self.burst if self.level is None else self.level + (now - self.filled) * self.rate
        self.level, self.filled = min(self.burst, level) - 1, now
        return max(0.0, -self.level / self.rate)


@dataclass(frozen=True)
class Limits:
    """A platform's limits in messages a second; documented by both (see docs/decisions)."""

    overall: float
    chat: float = 1.0
    chat_burst: float = 3.0


LIMITS = {"telegram": Limits(overall=30.0), "slack": Limits(overall=50.0)}
FORGET = 10_000  # chats remembered before those at rest are let go


class Pace:
    """Each platform's limit, in all and for each chat."""

    def __init__(self, limits: dict[str, Limits], monotonic: Callable[[], float]) -> None:
        self._limits = limits
        self._now = monotonic
        self._all = {name: Bucket(limit.overall, limit.overall) for name, limit in limits.items()}
        self._chats: dict[tuple[str, str], Bucket] = {}

    async def turn(self, platform: str, chat: str) -> None:
        """Wait until one more message may go to this chat."""
        limit = self._limits.get(platform)
        if limit is None:
            return
        if len(self._chats) > FORGET:
            self._chats = {k: b for k, b in self._chats.items() if self._now() - b.filled < 60}
        bucket = self._chats.setdefault((platform, chat), Bucket(limit.chat, limit.chat_burst))
        if (pause := bucket.wait(self._now())) > 0:
            await asyncio.sleep(pause)
        if (pause := self._all[platform].wait(self._now())) > 0:
            await asyncio.sleep(pause)
