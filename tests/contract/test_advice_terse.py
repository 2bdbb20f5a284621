"""With notices only, Telegram still gives the list and takes the ticks: no word of anybody's passes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from storage.tables import AdviceMissed, Run, SupportCall, Tick
from tests.contract.test_notices_only import Terse


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Terse]:
    async with Terse(tmp_path) as house:
        await house.everybody()
        yield house


async def test_a_list_is_found_and_ticked_by_presses(town: Terse) -> None:
    await town.official.command("checklista", "hotad i telefon")
    assert "Hotfullt telefonsamtal · Nu" in town.official.last.text
    assert "Prata in vad som sas" not in town.official.last.labels
    await town.official.press("Bocka av")
    assert "Anteckna" not in town.official.last.labels
    await town.official.press("Klart 1")
    await town.official.press("Steg 1")
    assert "Anteckna" not in town.official.last.labels
    await town.official.press("Inte klart ändå")
    await town.official.press("Klart 2")
    assert [tick.step for tick in await town.all(Tick)] == [2]
    await town.official.press("Klar")
    await town.official.press("Avsluta ändå")
    assert (await town.all(Run))[0].state == "signed"
    assert await town.nothing_kept()


async def test_what_is_typed_into_a_search_there_is_not_kept(town: Terse) -> None:
    await town.official.command("checklista", "pizza hawaii")
    assert await town.all(AdviceMissed) == []
    assert "pizza" not in await town.stored()


async def test_what_a_sweep_is_for_does_not_pass_telegram(town: Terse) -> None:
    await town.chief.command("checklista", "lokalgenomgång")
    await town.chief.press("Gör tillsammans")
    await town.chief.write("Kvällen i aulan")
    await town.chief.press("Omar Lind")
    await town.officer.press("Gå med")
    await town.officer_slack.command("checklista")
    await town.officer_slack.press("Fortsätt lista 1")
    assert town.officer_slack.has("Kvällen i aulan")
    await town.officer.command("checklista")
    await town.officer.press("Fortsätt lista 1")
    await town.officer.press("Klart 1")
    assert not town.officer.has("aulan")
    assert town.chief.has("Kvällen i aulan")
    assert [tick.step for tick in await town.all(Tick)] == [1]


async def test_support_is_called_by_presses_alone(town: Terse) -> None:
    await town.official.command("stod")
    await town.official.press("Säkerhetsenheten")
    await town.official.press("Hoppa över")
    await town.official.press("Kalla in")
    [call] = await town.all(SupportCall)
    assert call.why == ""
    assert town.chief.has("Någon ber om ditt stöd: säkerhet") or town.officer_slack.has("Någon ber om ditt stöd")


async def test_criticism_or_a_pile_on_needs_no_words(town: Terse) -> None:
    await town.official.command("checklista")
    await town.official.press("Kritik eller drev?")
    await town.official.press("Ja, i skrift")
    assert "Hot i mejl, sms eller brev · Nu" in town.official.last.text


async def test_a_sweep_is_signed_by_presses_and_names_no_step_that_would_be_left_out(town: Terse) -> None:
    await town.officer.command("checklista", "lokalgenomgång")
    await town.officer.press("Gör tillsammans")
    await town.officer.press("Börja nu")
    await town.officer.press("Signera")
    assert "Listan visar vad som är kvar." in town.officer.last.text
    assert "visas inte på Telegram" not in town.officer.last.text
    await town.officer.press("Signera ändå")
    ended = town.officer.find("Signerad av Omar Lind")
    assert "Inte klart:" in ended.text and "… och 6 till." in ended.text
    assert "Hämta som fil" not in ended.labels
    assert await town.nothing_kept()


async def test_a_note_from_slack_is_not_shown_on_telegram(town: Terse) -> None:
    await town.chief.command("checklista", "lokalgenomgång")
    await town.chief.press("Gör tillsammans")
    await town.chief.press("Hoppa över")
    await town.chief.press("Omar Lind")
    await town.officer_slack.command("checklista")
    await town.officer_slack.press("Fortsätt lista 1")
    await town.officer_slack.press("Anteckna")
    await town.officer_slack.press("Steg 1")
    await town.officer_slack.write("HEMLIGT om låset")
    await town.officer.command("checklista")
    await town.officer.press("Fortsätt lista 1")
    assert "Anteckning" in town.officer.last.text and "HEMLIGT" not in town.sent
    assert "HEMLIGT om låset" in town.chief.find("", "Signera").text
