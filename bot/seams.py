"""What tests, the demo and the durability proof put in place of the machine's own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from bot.handlers.slack import SlackChannel
from bot.handlers.telegram import TelegramChannel
from bot.leases import LENGTH
from bot.picture.child import Draw, Drawer
from storage.database import Probe


def wall() -> datetime:
    """The time by the machine's clock, UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Seams:
    """The machine's own, unless something else is put in place."""

    now: Callable[[], datetime] = wall
    probe: Probe = lambda _: None
    paced: bool = True
    telegram: type[TelegramChannel] = TelegramChannel
    slack: type[SlackChannel] = SlackChannel
    lease: float = LENGTH  # seconds until another process takes over what a dead one did alone
    draw: Draw = field(default_factory=lambda: Drawer().draw)
