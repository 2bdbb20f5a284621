"""What everybody reads first: the chief changes it, or takes the program's own back."""

from __future__ import annotations

from dataclasses import dataclass

from bot.commands import SetAbout
from bot.prompts import Confirm, Flow, Option, Pick, Text

CHANGE, RESET = "change", "reset"


@dataclass(frozen=True)
class FirstContact:
    """The text of each language as it is now, which are the municipality's own, and what stands for each place."""

    languages: tuple[tuple[str, str], ...] = ()
    texts: tuple[tuple[str, str], ...] = ()
    own: tuple[str, ...] = ()
    places: tuple[tuple[str, str], ...] = ()


def about(me: FirstContact) -> Flow:
    """Which language; the new text, shown as it will be; and a yes."""
    language = me.languages[0][0]
    if len(me.languages) > 1:
        language = yield from Pick("about_language", among=tuple(Option(code, name) for code, name in me.languages))
    if language in me.own and (yield from Pick("about_what", among=(Option(CHANGE), Option(RESET)))) == RESET:
        yield from Confirm("reset_about")
        return SetAbout(language, "")
    text = yield from Text("about_text", longest=3000, quote=filled(dict(me.texts)[language], me.places))
    yield from Confirm("set_about", quote=filled(text, me.places))
    return SetAbout(language, text)


def filled(text: str, places: tuple[tuple[str, str], ...]) -> str:
    """The text with its places filled; any other brace is just a brace."""
    for name, value in places:
        text = text.replace(f"{{{name}}}", value)
    return text
