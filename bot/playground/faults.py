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
