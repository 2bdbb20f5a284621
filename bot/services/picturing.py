"""A message with its picture for who can get one now, and the message alone for who cannot."""

from __future__ import annotations

from bot.messages import Message
from bot.picture.chart import Chart
from bot.services import resting, sending
from bot.services.work import Work
from storage.tables import Account


def can(work: Work, account: Account, purpose: str) -> bool:
    """Whether a picture goes to this account: not where only notices pass, and in nobody's quiet hours."""
    return not work.terse(account) and resting.wait_for(work, account, purpose) is None


def send(work: Work, account: Account, message: Message, chart: Chart, purpose: str) -> None:
    """Send words that say all that the picture does, with it where it can go. Nothing in them can be pressed."""
    if can(work, account, purpose):
        sending.picture_to_account(work, account, message, chart, purpose)
    else:
        sending.to_account(work, account, message, purpose)
