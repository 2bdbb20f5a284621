"""Take help: an officer asks a helper, in words of the officer's own."""

from __future__ import annotations

from dataclasses import dataclass

from bot.commands import AskHelp
from bot.prompts import Confirm, Flow, Option, Pick, Text


@dataclass(frozen=True)
class Helping:
    """For which incident, and who can help: the helper's role, with the task and the name."""

    incident: int
    helpers: tuple[tuple[int, str], ...] = ()


def helping(me: Helping) -> Flow:
    """Whom to ask, and the words that the helper gets: those and nothing else."""
    role = yield from Pick("helper", among=tuple(Option(str(number), words) for number, words in me.helpers))
    text = yield from Text("help_words", longest=1500)
    yield from Confirm("ask_help")
    return AskHelp(me.incident, int(role), text)
