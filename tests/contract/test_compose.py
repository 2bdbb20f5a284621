"""Issue 4, point 1: a broadcast is written, shown as it will be, and sent to exactly those whom it was shown for."""

from __future__ import annotations

from tests.contract.conftest import House

TO_TWO = "Skicka till 2 personer"


async def test_a_template_goes_out_in_a_command_and_two_presses(town: House) -> None:
    await town.officer.command("utskick")
    await town.officer.press("AKUT · Håll er inne")
    assert not town.contact.has("Håll er inne"), "it went out unseen"
    await town.officer.press(TO_TWO)
    for seat in (town.contact, town.neighbour):
        assert seat.last.text.startswith("AKUT · Håll er inne")
        assert seat.last.labels == ("Jag är trygg", "Jag behöver hjälp", "Skicka vidare")
    for seat in (town.deputy, town.official, town.loner):
        assert not seat.has("Håll er inne")
