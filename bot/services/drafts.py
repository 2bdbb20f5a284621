"""A broadcast before it goes out."""

from __future__ import annotations

from bot.services import alerts
from bot.services.people import Actor
from bot.services.work import Work
from storage.tables import Alert


def prepare(work: Work, actor: Actor, alert: Alert) -> None:
    """Let it go out."""
    alerts.send(work, alert)
