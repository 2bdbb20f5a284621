"""A meeting is noted, listed, cancelled; and a broadcast goes to those of one."""

from __future__ import annotations

from storage.tables import Meeting
from tests.contract.conftest import House
from tests.contract.test_compose import own_words

URGENT = ("Akut", "Ny lokal", "Hoppa över")


async def called(town: House, title: str = "Fullmäktige", when: str = "i morgon 18", *who: str) -> None:
    """The officer notes one."""
    await town.officer.command("mote")
    if "Skapa möte" in town.officer.last.labels:
        await town.officer.press("Skapa möte")
    await town.officer.write(title)
    await town.officer.write(when)
    for label in who or ("Vissa partier", "Bokpartiet", "Klart", "Förtroendevalda med"):
        await town.officer.press(label)


async def test_a_broadcast_goes_to_those_of_a_meeting(town: House) -> None:
    await called(town)
    assert "Sparat: Fullmäktige, i morgon kl. 18.00." in town.officer.last.text
    await own_words(town, *URGENT, "De på ett möte", "Fullmäktige 24/11", "Skicka till 3 personer")
    for seat in (town.contact, town.deputy, town.official):
        assert seat.has("Ny lokal")
    assert not town.neighbour.has("Ny lokal")


async def test_nobody_is_told_of_a_meeting_by_its_being_noted_or_cancelled(town: House) -> None:
    await called(town)
    await town.chief.command("mote")
    await town.chief.press("Ställ in 1")
    assert "Inställt: Fullmäktige" in town.chief.find("Inställt").text
    for seat in (town.contact, town.deputy, town.official):
        assert not seat.messages
    told = await town.told(town.chief, town.forge(town.chief, "a.cancel_meeting.1"))
    assert "redan inställt" in told
    assert len([row for row in await town.all(Meeting) if row.cancelled_at]) == 1


async def test_only_meetings_of_half_a_day_ago_to_two_weeks_ahead_are_offered(town: House) -> None:
    await called(town, "Nära", "i morgon 18")
    await called(town, "Fjärran", "24 december 12")
    await own_words(town, *URGENT, "De på ett möte")
    assert [label for label in town.officer.last.labels if "/" in label] == ["Nära 24/11"]
    await town.officer.press("Avbryt")
    await town.advance(hours=43)  # eleven hours after it began
    await own_words(town, *URGENT, "De på ett möte")
    await town.officer.press("Avbryt")
    await town.advance(hours=2)
    await own_words(town, *URGENT)
    assert "De på ett möte" not in town.officer.last.labels


async def test_a_cancelled_meeting_is_not_offered_and_a_past_time_is_refused(town: House) -> None:
    await called(town)
    await town.officer.command("mote")
    await town.officer.press("Ställ in 1")
    await own_words(town, *URGENT)
    assert "De på ett möte" not in town.officer.last.labels
    await town.officer.command("mote")
    await town.officer.write("Nämnd")
    await town.officer.write("i går 18")
    assert "Den tiden har redan varit" in town.officer.last.text


async def test_the_unit_alone_has_meetings(town: House) -> None:
    await called(town)
    await town.contact.command("mina")
    for token in ("a.meeting.0", "a.cancel_meeting.1", "a.new_meeting.0"):
        assert "Fullmäktige" not in await town.told(town.contact, town.forge(town.contact, token))
    assert not [row for row in await town.all(Meeting) if row.cancelled_at]
    told = await town.told(town.officer, town.forge(town.officer, "a.cancel_meeting.99"))
    assert "Fullmäktige" not in told
