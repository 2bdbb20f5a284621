"""What a playground server can be told to do wrong, per method, so that the bot's handling of it can be seen."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from enum import StrEnum


class Misbehaviour(StrEnum):
    """One way in which a platform lets its caller down."""

    TOO_MANY = "429"  # answers 429 with `seconds` as Retry-After; no effect
    SERVER_ERROR = "5xx"  # answers 502; no effect
    DROP_BEFORE = "drop before"  # closes the connection before the effect
    DROP_AFTER = "drop after"  # does what was asked, then closes the connection without an answer
    DELAY = "delay"  # answers correctly, `seconds` late
    BLOCKED = "blocked"  # answers as when the person has blocked the bot; no effect
    # The platform says no, in one of its own ways; no effect.
    TOO_MANY_UNSAID = "429 unsaid"  # 429 without a word about how long
    TOO_MANY_INSIDE = "429 inside"  # says only in the answer's body that it is too much
    DEACTIVATED = "deactivated"  # the person's account is no more
    NOT_FOUND = "not found"  # there is no such chat or person
    TOKEN_REVOKED = "token revoked"  # noqa: S105 -- a kind of fault
    TOKEN_GONE = "token gone"  # noqa: S105 -- whose token it was no longer exists
    TOO_LONG = "too long"  # the message is longer than the platform takes
    MIGRATED = "migrated"  # the chat has a new id, or the workspace is being moved
    # The platform itself fails, and may have done it or not: here it has.
    INTERNAL = "internal error"
    FATAL = "fatal error"
    # Something on the way answers instead; no effect.
    CRASHED = "500"
    UNAVAILABLE = "503"
    FORBIDDEN_PAGE = "403 page"
    NOT_FOUND_PAGE = "404 page"
    REDIRECT = "redirect"  # to where one logs in to the network
    PAGE = "page"  # 200 with a page instead of an answer
    GARBAGE = "garbage"  # bytes that are not HTTP
    # Does what was asked, and then the answer is broken.
    GATEWAY_TIMEOUT = "504"
    CUT_JSON = "cut json"
    EMPTY = "empty"
    BARE_OK = "bare ok"  # well, but does not say what was sent
    WRONG_TYPE = "wrong type"  # JSON that is called something else
    NOT_UTF8 = "not utf-8"
    DROP_MIDDLE = "drop middle"  # the connection ends in the middle of the answer
    SLOW_HEADERS = "slow headers"  # one line of headers at a time, for `seconds`, and then no more
    STALL = "stall"  # half of the answer, and then silence for `seconds`


# What lets the effect happen before the answer is spoilt.
SPOILT = frozenset({
    Misbehaviour.DROP_AFTER, Misbehaviour.GATEWAY_TIMEOUT, Misbehaviour.CUT_JSON, Misbehaviour.EMPTY,
    Misbehaviour.BARE_OK, Misbehaviour.WRONG_TYPE, Misbehaviour.NOT_UTF8, Misbehaviour.DROP_MIDDLE,
    Misbehaviour.SLOW_HEADERS, Misbehaviour.STALL, Misbehaviour.INTERNAL, Misbehaviour.FATAL,
})  # fmt: skip


@dataclass(frozen=True)
class Fault:
    """One planned misbehaviour; `seconds` is the Retry-After or the delay."""

    kind: Misbehaviour
    seconds: float = 1.0


@dataclass
class Faults:
    """The planned misbehaviours of one server: first in, first out for each method, `*` for any method."""

    planned: dict[str, deque[Fault]] = field(default_factory=dict)

    def plan(self, method: str, kind: Misbehaviour, *, seconds: float = 1.0, times: int = 1) -> None:
        """Let the next `times` calls of `method` (or of any, with `*`) meet this misbehaviour."""
        queue = self.planned.setdefault(method, deque())
        queue.extend(Fault(kind, seconds) for _ in range(times))

    def next(self, method: str) -> Fault | None:
        """The misbehaviour that this call meets, taken off the plan; None when it is to be answered well."""
        for name in (method, "*"):
            queue = self.planned.get(name)
            if queue:
                return queue.popleft()
        return None

    def clear(self) -> None:
        """Forget every plan."""
        self.planned.clear()
