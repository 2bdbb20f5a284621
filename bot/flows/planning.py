"""When a broadcast goes out."""

from __future__ import annotations

from dataclasses import dataclass

from bot.commands import PlanDraft
from bot.prompts import Flow, Moment


@dataclass(frozen=True)
class Planning:
    """Which broadcast."""

    alert: int


def planning(me: Planning) -> Flow:
    """A time that is still to come."""
    at = yield from Moment("alert_when", ahead=True)
    assert at is not None
    return PlanDraft(me.alert, at)
