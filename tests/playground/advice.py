"""Advice for the tests of the demo's page: what the door answers to whoever looks, in place of the services."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from bot.events import Event, Kind, Outcome, Suggestion
from bot.intake import Intake
from bot.messages import Message, Paragraph, Title

TITLES = ("Hotfullt samtal", "Hot mot kollega")
Handle = Callable[[Intake, Event], Awaitable[Outcome]]


def suggestions(words: str) -> tuple[Suggestion, ...]:
    """The lists with these words in their titles."""
    found = [title for title in TITLES if words.casefold() in title.casefold()]
    return tuple(Suggestion(title, title, "Nu, i fem steg", _list(title)) for title in found)


def _list(title: str) -> Message:
    return Message((Title((title,)), Paragraph(("Lägg på. Ring 112.",))))


def put(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every intake that is made from now on answer so; all but looks goes on as before."""
    usual: Handle = Intake.handle

    async def handle(self: Intake, event: Event) -> Outcome:
        if event.kind is not Kind.INLINE:
            return await usual(self, event)
        found = suggestions(event.text)
        return Outcome(suggestions=found, toast="" if found else "Öppna boten")

    monkeypatch.setattr(Intake, "handle", handle)
