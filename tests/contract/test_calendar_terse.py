"""With notices only, Telegram has the calendar and the briefings without a word that somebody wrote."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import Session

from bot.commands import Audience, RoleKind
from bot.services import audience, meetings, occasions
from bot.services.work import Work
from storage.tables import Incident, Meeting
from tests.contract.test_briefings import EXITS, at
from tests.contract.test_notices_only import Terse

ZONE = ZoneInfo("Europe/Stockholm")
SECRET, HALL, CASE = "Hemliga rådet", "Källaren", "Ärendet om Norrby"


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Terse]:
    async with Terse(tmp_path) as house:
        await house.everybody()

        def call(session: Session) -> None:
            work = Work(session, house.clock.now(), house.app.house)
            everybody = Audience((RoleKind.CONTACT, RoleKind.DEPUTY, RoleKind.OFFICIAL))
            row = Meeting(title=SECRET, kind="council", starts_at=datetime(2026, 11, 30, 18, tzinfo=ZONE), place=HALL,
                          audience=audience.to_json(everybody), created_at=work.now)  # fmt: skip
            meetings.keep(work, row)
            occasions.set_agenda(work, row, [CASE])

        await house.look(call)
        yield house


def words(town: Terse) -> str:
    """All that anybody was shown on Telegram."""
    there = [seat for seat in town.seats if seat.platform == "telegram"]
    return "\n".join(f"{message.text} {message.labels}" for seat in there for message in seat.messages)


async def test_a_briefing_comes_with_its_time_and_its_presses_and_nobodys_words(town: Terse) -> None:
    await at(town, 11, 30, 16)
    said = town.contact.find(EXITS)
    assert "i dag kl. 18.00" in said.text
    assert "112" in said.text
    await town.contact.press("Läst", EXITS)
    await town.contact.press("Något oroar mig", EXITS)
    await town.contact.press("Händer nu")
    assert (await town.all(Incident))[0].meeting_id is not None
    for part in (SECRET, HALL, CASE):
        assert part not in words(town)
    assert await town.nothing_kept()


async def test_the_calendar_and_what_goes_out_are_there_by_presses_and_show_no_words(town: Terse) -> None:
    await town.contact.command("kalender")
    assert "mån 30 nov" in town.contact.last.labels
    await town.contact.press("mån 30 nov")
    assert "kl. 18.00" in town.contact.last.text
    assert "Lägg in händelse" not in town.contact.last.labels
    await town.chief_there.command("kalender")
    assert "Skapa möte" not in town.chief_there.last.labels
    await town.chief_there.press("Vad går ut")
    await town.chief_there.press("Visa 1")
    assert "Ändra orden" not in town.chief_there.last.labels
    await at(town, 12, 1, 9)
    assert town.chief.has("God morgon")
    for part in (SECRET, HALL, CASE):
        assert part not in words(town)
