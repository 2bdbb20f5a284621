"""A broadcast where Telegram carries notices only: templates are sent from both, own words are written on Slack."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.contract.test_notices_only import Terse


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Terse]:
    async with Terse(tmp_path, platforms=("telegram", "slack")) as house:
        await house.everybody()
        yield house


async def test_a_template_is_sent_from_telegram_and_nothing_asks_for_words_there(town: Terse) -> None:
    await town.officer.command("utskick")
    assert "AKUT · Håll er inne" in town.officer.last.labels and "Skriv eget" not in town.officer.last.labels
    await town.officer.press("AKUT · Håll er inne")
    assert "Schemalägg" not in town.officer.last.labels
    await town.officer.press("Ändra")
    assert "Texten" not in town.officer.last.labels and "Rubriken" not in town.officer.last.labels
    await town.officer.press("Vilka som får det")
    await town.officer.press("Förtroendevalda med")
    await town.officer.press("Skicka till 3 personer")
    assert town.contact.last.text.startswith("AKUT · Håll er inne") and "Lås dörren." in town.contact.last.text
    assert "Lås dörren." in town.official.last.text, "a template is nobody's own words"


async def test_own_words_are_refused_on_telegram_however_they_are_asked_for(town: Terse) -> None:
    await town.officer.command("meny")
    for token in ("a.own_words.0", "a.new_meeting.0"):
        told = await town.told(town.officer, town.forge(town.officer, token))
        assert "Rubrik" not in told and "Vad är det för möte" not in told


async def test_the_preview_shows_what_telegram_leaves_out(town: Terse) -> None:
    """Of an author on Slack alone it is shown in words; of one on both, as it is."""
    await town.officer_slack.command("utskick")
    for answer in ("Skriv eget", "Akut"):
        await town.officer_slack.press(answer)
    for words in ("HEMLIG rubrik", "HEMLIG text"):
        await town.officer_slack.write(words)
    await town.officer_slack.press("Förtroendevalda med")
    assert town.officer_slack.has("HEMLIG text")
    assert town.officer.last.text.startswith("AKUT · …") and "HEMLIG" not in town.sent
    await town.officer_slack.press("Skicka till 3 personer")
    assert "HEMLIG" not in town.sent and town.contact.last.text.startswith("AKUT · …")


async def test_an_author_who_is_only_on_slack_sees_what_telegram_will_show(town: Terse) -> None:
    await town.linked("Eva Ny", "officer", on="slack")
    writer = town.seats[-1]
    await writer.command("utskick")
    for answer in ("Skriv eget", "Akut"):
        await writer.press(answer)
    for words in ("HEMLIG rubrik", "HEMLIG text"):
        await writer.write(words)
    await writer.press("Förtroendevalda med")
    shown = writer.find("Så ser det ut på Telegram")
    assert "På låst skärm: AKUT · …" in shown.text and "HEMLIG" not in shown.text
