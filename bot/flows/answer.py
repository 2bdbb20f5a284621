"""Write on an incident: the unit to the reporter, the reporter to the unit, and the unit's last sentence."""

from __future__ import annotations

from dataclasses import dataclass

from bot.commands import AddWords, CloseIncident, SendAnswer
from bot.prompts import Confirm, Flow, Text


@dataclass(frozen=True)
class Writing:
    """On which incident; `words` that are written already only need a yes."""

    incident: int
    words: str = ""


def answer(me: Writing) -> Flow:
    """The unit answers the reporter."""
    if me.words:
        yield from Confirm("send_words", quote=me.words)
        return SendAnswer(me.incident, me.words)
    text = yield from Text("answer")
    return SendAnswer(me.incident, text)


def more(me: Writing) -> Flow:
    """The reporter tells more."""
    text = yield from Text("more")
    return AddWords(me.incident, text)


def close(me: Writing) -> Flow:
    """The unit closes, with a sentence that the reporter gets."""
    text = yield from Text("sentence", longest=1000)
    yield from Confirm("close")
    return CloseIncident(me.incident, text)
