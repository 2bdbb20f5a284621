"""With notices only, the day of a meeting works by presses, without a word that somebody wrote."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlmodel import Session, select

from bot.commands import Audience, RoleKind
from bot.services import audience, meetings
from bot.services.work import Work
from storage.tables import Meeting, MeetingEntry, Role
from tests.contract.conftest import swedish
from tests.contract.test_notices_only import Terse

SECRET, HALL, WHY = "Hemliga rådet", "Källaren", "Någon skrev ett brev"


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Terse]:
    """A council meeting at six; Vera chairs it, from Telegram."""
    async with Terse(tmp_path) as house:
        await house.everybody()

        def call(session: Session) -> None:
            work = Work(session, house.clock.now(), house.app.house)
            for role in session.exec(select(Role).where(Role.kind == "helper")):
                role.task = "chair"
            everybody = Audience((RoleKind.CONTACT, RoleKind.DEPUTY, RoleKind.OFFICIAL))
            row = Meeting(title=SECRET, kind="council", starts_at=swedish(11, 23, 18), place=HALL,
                          audience=audience.to_json(everybody), created_at=work.now)  # fmt: skip
            meetings.keep(work, row)

        await house.look(call)
        await house.move_to(swedish(11, 23, 18))
        yield house


def words(town: Terse) -> str:
    """All that anybody was shown on Telegram."""
    there = [seat for seat in town.seats if seat.platform == "telegram"]
    return "\n".join(f"{message.text} {message.labels}" for seat in there for message in seat.messages)


async def test_statuses_and_the_muster_go_by_presses_alone(town: Terse) -> None:
    await town.helper.command("kalender")
    await town.helper.press(next(label for label in town.helper.last.labels if "23" in label))
    await town.helper.press("Mötesdagen")
    await town.helper.press("Mötet har börjat")
    assert town.deputy.has("Mötet har börjat.") and town.official.has("Mötet har börjat.")
    await town.helper.press("Utrym")
    await town.helper.press(next(label for label in town.helper.last.labels if label.startswith("Ja, utrym")))
    await town.deputy.press("Jag är ute", "Utrymning")
    await town.official.press("Jag är inte där", "Utrymning")
    await town.advance(seconds=3)
    assert "1 av 4 är ute. Inte där: 1." in town.chief.find("Inte ute än").text
    for secret in (SECRET, HALL):
        assert secret not in words(town)
    assert await town.nothing_kept()


async def test_support_is_ordered_and_answered_without_words(town: Terse) -> None:
    await town.helper.command("kalender")
    await town.helper.press(next(label for label in town.helper.last.labels if "23" in label))
    await town.helper.press("Beställ stöd")
    assert "Något annat" not in town.helper.last.labels, "it would have to be said in words"
    await town.helper.press("Väktare")
    await town.helper.press("Ja, beställ")
    [row] = [row for row in await town.all(MeetingEntry) if row.kind == "order"]
    await town.officer.command("meny")
    await town.forge(town.officer, f"a.order_no.{row.id}")
    assert "Ring oss" in town.helper.find("Går inte: väktare.").text


async def test_what_was_written_stays_on_slack(town: Terse) -> None:
    await town.contact_slack.command("kalender")
    await town.contact_slack.press(next(label for label in town.contact_slack.last.labels if "23/11" in label))
    await town.contact_slack.press("Beställ stöd")
    await town.contact_slack.press("Väktare")
    await town.contact_slack.write(WHY)
    await town.contact_slack.press("Ja, beställ")
    [row] = [row for row in await town.all(MeetingEntry) if row.kind == "order"]
    await town.officer.command("meny")
    await town.forge(town.officer, f"a.order_show.{row.id}")
    assert town.officer.has("Stöd till ett möte: väktare.") and town.chief.has(WHY)
    for secret in (SECRET, HALL, WHY):
        assert secret not in words(town)


async def test_what_asks_for_words_is_refused(town: Terse) -> None:
    number = next(row.id for row in await town.all(Meeting) if row.kind == "council")
    await town.move_to(swedish(11, 23, 21))
    for seat, act in ((town.helper, "check"), (town.officer, "look_back")):
        await seat.command("meny")
        before = len(seat.messages)
        await town.forge(seat, f"a.{act}.{number}")
        assert len(seat.messages) == before
    assert not await town.all(MeetingEntry)
