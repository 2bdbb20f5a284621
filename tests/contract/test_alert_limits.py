"""With the platforms' limits on, a broadcast and its board never make a platform say that we send too much."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot import pacing
from bot.playground.telegram_limits import Limits, full
from bot.playground.town import MovableClock, until
from bot.seams import Seams
from storage.tables import Outbox
from tests.contract.conftest import PLATFORMS, House
from tests.contract.test_alerts import broadcast

CROWD, RATE, ROUNDS = 12, 5, 6


class Wall(MovableClock):
    """The limits are of real seconds, and so is the pace."""

    def now(self) -> datetime:
        return datetime.now(UTC)


@pytest.mark.parametrize("name", PLATFORMS)
async def test_no_platform_ever_says_that_we_send_too_much(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(pacing.LIMITS, "telegram", pacing.Limits(overall=RATE))
    async with House(tmp_path, platforms=(name,), clock=Wall(at=datetime.now(UTC)), seams=Seams(paced=True)) as town:
        overall = full(RATE, RATE, town.clock.now().timestamp())
        town.telegram.world.limits, town.slack.space.limits = Limits(overall), True
        town.chief = await town.linked("Siv Almgren", "chief")
        crowd = [await town.linked(f"Kontakt {number}", "contact", f"Parti {number % 5}") for number in range(CROWD)]
        await broadcast(town)
        await until(lambda: all(seat.has("Skolgatan") for seat in crowd), "the broadcast")
        for seat in crowd:
            await seat.press("Läst")
        for _ in range(ROUNDS):  # as fast as somebody can ask
            await town.forge(town.chief, "a.table.1", town.chief.find("Utskick 1"))
        await until(lambda: town.chief.has(f"{CROWD} av {CROWD} personer har läst."), "the board")
        assert [call.method for call in town.telegram.calls if not call.ok and call.method != "getUpdates"] == []
        assert not [call for call in town.slack.calls if call.error]
        assert {row.state for row in await town.all(Outbox)} == {"delivered"}
