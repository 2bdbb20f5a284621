"""Words that nobody asked for: kept, and asked what they are."""

from __future__ import annotations

from bot.commands import AddWords, Nothing, SendAnswer
from bot.flows.flag import Reporter, flag, urgent
from bot.prompts import Confirm, Flow, Option, Pick

NOW, FLAG, DROP = "now", "flag", "drop"


def words(me: Reporter) -> Flow:
    """It happens now; send it to the unit; it belongs to an incident; or throw it away."""
    mine = tuple(Option(f"more{number}") for number in me.incidents)
    theirs = tuple(Option(f"answer{number}") for number in me.answering)
    options = (Option(NOW), Option(FLAG), *mine, *theirs, Option(DROP))
    what = yield from Pick("what_words", among=options, quote=me.words)
    if what == NOW:
        return (yield from urgent(me))
    if what == FLAG:
        return (yield from flag(me))
    if what.startswith("more"):
        return AddWords(int(what.removeprefix("more")), me.words)
    if what.startswith("answer"):
        yield from Confirm("send_words", quote=me.words)
        return SendAnswer(int(what.removeprefix("answer")), me.words)
    return Nothing("words.dropped")
