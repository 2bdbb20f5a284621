"""Words and things that nobody asked for: kept, and asked what they are."""

from __future__ import annotations

from bot.commands import AddWords, AttachTo, Nothing, ReplyToAlert, SendAnswer
from bot.flows.flag import Reporter, flag, urgent
from bot.prompts import Confirm, Flow, Option, Pick

NOW, FLAG, DROP = "now", "flag", "drop"


def words(me: Reporter) -> Flow:
    """It happens now; send it to the unit; it answers a broadcast; it belongs to an incident; or throw it away."""
    mine = tuple(Option(f"more{number}") for number in me.incidents)
    theirs = tuple(Option(f"answer{number}") for number in me.answering)
    heard = tuple(Option(f"alert{number}") for number in me.alerts if me.words)
    options = (Option(NOW), Option(FLAG), *heard, *mine, *theirs, Option(DROP))
    key = "what_words" if me.words or not me.attached else "what_attached"
    what = yield from Pick(key, among=options, quote=me.words)
    if what == NOW:
        return (yield from urgent(me))
    if what == FLAG:
        return (yield from flag(me))
    if what.startswith("alert"):
        return ReplyToAlert(int(what.removeprefix("alert")), me.words)
    if what != DROP and not me.words:
        return AttachTo(int(what.removeprefix("more").removeprefix("answer")))
    if what.startswith("more"):
        return AddWords(int(what.removeprefix("more")), me.words)
    if what.startswith("answer"):
        yield from Confirm("send_words", quote=me.words)
        return SendAnswer(int(what.removeprefix("answer")), me.words)
    return Nothing("words.dropped")
