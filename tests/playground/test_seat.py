"""Somebody at a phone looks for advice in any chat, on Telegram and on Slack, with the bot's door as a test has it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bot.events import Event, Kind, Outcome, Suggestion
from bot.handlers.slack import SlackChannel
from bot.handlers.telegram import TelegramChannel
from bot.messages import Button, Message, Paragraph, Title
from bot.playground.seat import SlackSeat, TelegramSeat
from bot.playground.town import Town
from bot.seams import Seams

LIST = Message(
    (Title(("Hotfullt samtal",)), Paragraph(("Lägg på.",))),
    ((Button("Efteråt", "after"), Button("Visa för alla", "aloud")),),
)
AFTER = Message((Title(("Efteråt",)),))


def answers(event: Event) -> Outcome:
    """What a service may answer: suggestions, a list, what stands behind its first button, and it aloud."""
    if event.kind is Kind.INLINE:
        found = Suggestion("hot", "Hotfullt samtal", "Lägg på", LIST) if "hot" in event.text else None
        return Outcome(suggestions=(found,) if found else (), toast="" if found else "Öppna boten")
    if event.kind is Kind.COMMAND and event.command == "checklista":
        return Outcome(direct=LIST)
    return Outcome(direct=AFTER if event.token == "after" else LIST, aloud=event.token == "aloud")


async def door(event: Event) -> Outcome:
    return answers(event)


class Telegram(TelegramChannel):
    """Its door answers so, in place of the services."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**{**given, "door": door})


class Slack(SlackChannel):
    """Its door answers so, in place of the services."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**{**given, "door": door})


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    async with Town(tmp_path, seams=Seams(paced=False, telegram=Telegram, slack=Slack)) as town:
        yield town


async def test_somebody_looks_chooses_and_follows_on_telegram(town: Town) -> None:
    alva, mira = town.seat("Alva Berg", "telegram"), town.seat("Mira Ek", "telegram")
    assert isinstance(alva, TelegramSeat)
    party = town.place("Bokpartiet", "telegram", [alva, mira])
    found = await alva.look("hotfullt", party)
    assert (found.titles, found.button) == (["Hotfullt samtal"], None)
    await alva.choose(found, "Hotfullt samtal")
    assert party.everything == ["Hotfullt samtal\n\nLägg på."]
    assert party.messages == []
    nothing = await alva.look("cykel")
    assert (nothing.titles, nothing.button) == ([], ("Öppna boten", "inline"))


async def test_somebody_asks_in_a_channel_on_slack_and_says_it_aloud(town: Town) -> None:
    nils, siv = town.seat("Nils Tallmo", "slack"), town.seat("Siv Almgren", "slack")
    assert isinstance(nils, SlackSeat) and isinstance(siv, SlackSeat)
    square = town.place("Torget", "slack", [nils, siv])
    await nils.command_in(square, "checklista", "hot")
    assert [seen.labels for seen in nils.whispers(square)] == [("Efteråt", "Visa för alla")]
    assert (siv.whispers(square), square.everything) == ([], [])
    await nils.press_in(square, "Visa för alla")
    assert (nils.whispers(square), square.everything) == ([], ["Hotfullt samtal\nLägg på."])
    with pytest.raises(AssertionError, match=r"sees no \[Efteråt\] there"):
        await nils.press_in(square, "Efteråt")
