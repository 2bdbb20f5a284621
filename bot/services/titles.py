"""What people call things that others read: one line each, and never a person's name."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.messages import Words
from bot.services import sending
from bot.services.people import Actor
from bot.services.work import Work
from bot.tokens import Act

LONGEST = 200  # characters of one
# Two words with capitals after each other are most often somebody's name; a place is asked about too, and stays.
_WORD = r"[^\W\d_](?:[^\W\d_]|['’-])+"
_NAME = re.compile(rf"(?:{_WORD}|[^\W\d_]\.)(?: (?:av|af|von|de|da|bin|el|al))?(?: [^\W\d_]\.)* {_WORD}", re.UNICODE)


def lines(text: str) -> list[str]:
    """Each line that has words, with single spaces."""
    return [" ".join(line.split())[:LONGEST] for line in text.split("\n") if line.strip()]


def names_in(titles: list[str]) -> list[str]:
    """What looks like a person's name in them."""
    return [name for title in titles for name in _names(title)]


def _names(title: str) -> Iterator[str]:
    at = 0
    while found := _NAME.search(title, at):
        first, *_, last = found[0].split()
        if first[0].isupper() and last[0].isupper():
            yield found[0]
            at = found.end()
        else:
            at = found.start() + len(first)


def warn(work: Work, actor: Actor, titles: list[str], change: Act | None = None) -> None:
    """Say that a name may be read by anybody, where one seems to be there; `change` is where to put it right."""
    found = names_in(titles)
    if not found:
        return
    voice = work.voice(actor.person)
    buttons = (voice.button("button.change_title", str(change)),) if change is not None else ()
    names = ", ".join(dict.fromkeys(found))
    said = voice.say("title.name", *buttons, name=(Words(names),))
    sending.to_account(work, actor.account, said, "answer")
