"""Write on an incident: the unit to the reporter, the reporter to the unit, and the unit's last sentence."""

from __future__ import annotations

from dataclasses import dataclass

from bot.commands import AddWords, CloseIncident, CloseTogether, SendAnswer
from bot.prompts import Asked, Confirm, Flow, Option, Pick, Text


@dataclass(frozen=True)
class Writing:
    """On which incident; `words` that are written already only need a yes."""

    incident: int
    words: str = ""


@dataclass(frozen=True)
class Closing:
    """Which incident, and the open ones that are one event with it."""

    incident: int
    others: tuple[int, ...] = ()


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


def close(me: Closing) -> Flow:
    """The unit closes, with a sentence that the reporter gets; what is one event perhaps all at once."""
    text = yield from Text("sentence", longest=1000)
    if me.others and (yield from _all_of_them(me)):
        yield from Confirm("close_all")
        return CloseTogether(me.incident, me.others, text)
    yield from Confirm("close")
    return CloseIncident(me.incident, text)


def _all_of_them(me: Closing) -> Asked[bool]:
    every, one = f"all{len(me.others) + 1}", f"one{me.incident}"
    return (yield from Pick("close_which", among=(Option(every), Option(one)))) == every
