"""A meeting that people can be told of."""

from __future__ import annotations

from dataclasses import dataclass

from bot.commands import CallMeeting
from bot.flows.broadcast import whom
from bot.prompts import Flow, Moment, Text


@dataclass(frozen=True)
class Inviting:
    """Whose people may be there: the parties, names by id."""

    parties: tuple[tuple[int, str], ...] = ()


def meeting(me: Inviting) -> Flow:
    """What, when, for whom."""
    title = yield from Text("meeting_title", longest=60)
    at = yield from Moment("meeting_when", ahead=True)
    assert at is not None
    audience = yield from whom(me.parties)
    return CallMeeting(title, at, audience)
