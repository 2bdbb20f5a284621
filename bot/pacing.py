"""Buckets and windows: as fast as a platform allows and no faster."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field


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

    def take(self, now: float) -> bool:
        """Take one only if it may be used now."""
        before = self.level, self.filled
        if self.wait(now) <= 0:
            return True
        self.level, self.filled = before
        return False


@dataclass
class Window:
    """Lets at most `count` calls through in any second, whatever has gone before; evenly once there is a queue.

    A bucket that is full would let twice as many through in its first second. Times are monotonic seconds.
    """

    count: int
    times: deque[float] = field(default_factory=deque)

    def wait(self, now: float) -> float:
        """Take one; how many seconds until it may be used."""
        at = max(now, self.times[-1]) if self.times else now
        if len(self.times) == self.count:
            at = max(at, self.times[0] + SECOND)
            if at > now:  # there is a queue
                at = max(at, self.times[-1] + SECOND / self.count)
            self.times.popleft()
        self.times.append(at)
        return at - now


@dataclass(frozen=True)
class Limits:
    """A platform's limits in messages a second; documented by both (see docs/decisions)."""

    overall: int
    chat: float = 1.0
    chat_burst: float = 3.0


LIMITS = {"telegram": Limits(overall=30), "slack": Limits(overall=50), "sms": Limits(overall=10)}
SECOND = 1.005  # a little more than one: what we send evenly may come to the platform less so
FORGET = 10_000  # chats remembered before those at rest are let go


class Pace:
    """Each platform's limit, in all and for each chat."""

    def __init__(self, limits: dict[str, Limits], monotonic: Callable[[], float]) -> None:
        self._limits = limits
        self._now = monotonic
        self._all = {name: Window(limit.overall) for name, limit in limits.items()}
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

    def done(self, platform: str, chat: str, took: float) -> None:
        """A call to this chat was on its way for so long: nobody knows when in that time the platform counted it.

        So that time gives nothing back; else a slow call and a quick one after it would come too close there.
        """
        if (bucket := self._chats.get((platform, chat))) is not None:
            bucket.filled += took


@dataclass
class Strangers:
    """Keeps a flood from people whom nobody invited from using up the platform's limit. Forgotten at a restart."""

    each: dict[str, Bucket] = field(default_factory=dict)
    together: Bucket = field(default_factory=lambda: Bucket(rate=5.0, burst=50.0))

    def may_be_answered(self, who: str, now: float) -> bool:
        """Whether this stranger is answered now, or has to wait some seconds; `now` in seconds."""
        if len(self.each) > FORGET:
            self.each.clear()
        mine = self.each.setdefault(who, Bucket(rate=0.2, burst=20.0))
        return mine.take(now) and self.together.take(now)
