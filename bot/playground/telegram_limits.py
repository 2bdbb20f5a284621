"""Telegram's limits on sending, as token buckets that go by the playground's clock.

The rates are in https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this; the size of
the burst that Telegram lets through in a private chat is not, and three is this playground's guess.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from bot.playground.telegram_model import Refused


@dataclass(slots=True)
class Bucket:
    """`size` messages at once, and then `rate` a second."""

    size: float
    rate: float
    tokens: float
    seen: float

    def wait(self, now: float) -> float:
        """Seconds until one message may be sent; 0 when it may be sent now."""
        self.tokens = min(self.size, self.tokens + max(0.0, now - self.seen) * self.rate)
        self.seen = now
        # Adding up fractions of a second may leave 0.9999999 of a token, which is meant as one.
        return 0.0 if self.tokens > 1 - 1e-6 else (1 - self.tokens) / self.rate


def full(size: float, rate: float, now: float) -> Bucket:
    """A bucket nothing was taken from yet."""
    return Bucket(size, rate, size, now)


@dataclass
class Limits:
    """Thirty messages a second in all, one a second in a private chat, twenty a minute in a group."""

    overall: Bucket | None = None
    chats: dict[int, Bucket] = field(default_factory=dict)

    def charge(self, chat_id: int, now: float) -> None:
        """Count one message to this chat, or refuse it with the seconds to wait."""
        if self.overall is None:
            self.overall = full(30, 30, now)
        chat = self.chats.get(chat_id)
        if chat is None:
            chat = self.chats[chat_id] = full(3, 1, now) if chat_id > 0 else full(20, 20 / 60, now)
        wait = max(self.overall.wait(now), chat.wait(now))
        if wait:
            raise too_many(math.ceil(wait))
        self.overall.tokens -= 1
        chat.tokens -= 1


def too_many(seconds: int) -> Refused:
    """The 429 that asks to wait so many whole seconds."""
    return Refused(429, f"Too Many Requests: retry after {seconds}", {"retry_after": seconds})
