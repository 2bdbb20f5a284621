"""Write on a broadcast: the unit adds to it or answers somebody, a reader writes back."""

from __future__ import annotations

from dataclasses import dataclass

from bot.commands import AnswerReply, FollowAlert, ReplyToAlert
from bot.prompts import Flow, Text

LONGEST = 1000  # characters: a preview for a colleague is one message


@dataclass(frozen=True)
class Following:
    """What is added to which broadcast: update, correction or allclear."""

    alert: int
    change: str


@dataclass(frozen=True)
class Replying:
    """On which broadcast, and for the unit: which reply is answered (0 for a reader who writes)."""

    alert: int
    entry: int = 0


def following(me: Following) -> Flow:
    """The words; an all clear may go without any of its own."""
    text = yield from Text(f"follow_{me.change}", optional=me.change == "allclear", longest=LONGEST)
    return FollowAlert(me.alert, me.change, text)


def replying(me: Replying) -> Flow:
    """A reader writes to the unit, or the unit to that reader."""
    if me.entry:
        text = yield from Text("reply_answer", longest=2000)
        return AnswerReply(me.alert, me.entry, text)
    text = yield from Text("alert_reply", longest=2000)
    return ReplyToAlert(me.alert, text)
