"""Quiet: the hours of the day when what can wait does not come."""

from __future__ import annotations

from dataclasses import dataclass

from bot.commands import SetQuiet
from bot.prompts import Flow, QuietHours


@dataclass(frozen=True)
class Sleeper:
    """Who wants quiet: there is nothing that the conversation needs to know."""


def quiet(_: Sleeper) -> Flow:
    """Between which hours."""
    hours = yield from QuietHours("quiet_hours")
    return SetQuiet(hours)
