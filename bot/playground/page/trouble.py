"""A switch for each platform: how it lets the bot down until somebody switches it back."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bot.playground.faults import Fault, Faults, Misbehaviour

# How the bot hears of people: these go on while the platform only fails at sending.
WAY_IN = frozenset({"getUpdates", "getMe", "apps.connections.open", "auth.test"})


class Trouble(StrEnum):
    """What is wrong with a platform."""

    NONE = "none"
    SLOW = "slow"
    LOST = "lost"
    BUSY = "busy"
    BROKEN = "broken"
    AWAY = "away"


FAULTS = {
    Trouble.SLOW: Fault(Misbehaviour.DELAY, 2.0),
    Trouble.LOST: Fault(Misbehaviour.DROP_AFTER),
    Trouble.BUSY: Fault(Misbehaviour.TOO_MANY, 3.0),
    Trouble.BROKEN: Fault(Misbehaviour.SERVER_ERROR),
    Trouble.AWAY: Fault(Misbehaviour.DROP_BEFORE),
}


@dataclass
class Switch(Faults):
    """Planned faults come first; else every call meets the trouble that is switched on."""

    trouble: Trouble = Trouble.NONE
    met: Fault | None = None  # what the latest call met

    def next(self, method: str) -> Fault | None:
        """The misbehaviour that this call meets; None when it is answered well."""
        standing = FAULTS.get(self.trouble)
        if self.trouble is not Trouble.AWAY and method in WAY_IN:
            standing = None
        self.met = super().next(method) or standing
        return self.met
