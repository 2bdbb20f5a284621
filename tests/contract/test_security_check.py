"""The chair's decision on a security check: only after the police, only where the law allows it; with who and when."""

from __future__ import annotations

from bot.playground.seat import Seat
from storage.tables import MeetingEntry
from tests.contract.conftest import House, swedish
from tests.contract.test_meeting_day import day, tonight
from tests.contract.test_meetings import number_of
from tests.contract.test_runs import whispered

YES = ("Ja", "i dag 9.30", "Någons liv", "Någons frihet", "Inget mer", "Kontroll ska göras")


async def decide(who: Seat, *answers: str, writer: str = "Åt ordföranden") -> None:
    """From the message of the day."""
    await day(who)
    await who.press("Säkerhetskontroll")
    for answer in (*(answers or YES), writer):
        await (who.press if answer in who.last.labels else who.write)(answer)
    await who.press("Ja, skriv in")


async def decisions(town: House) -> list[MeetingEntry]:
    """What was written down."""
    return [row for row in await town.all(MeetingEntry) if row.kind == "decision"]


async def test_the_chair_writes_down_the_decision_and_the_unit_reads_it(town: House) -> None:
    await tonight(town)
    await decide(town.chair, writer="Jag är ordförande")
    assert "Polisen leder den." in town.chair.find("Inskrivet: säkerhetskontroll ska göras.").text
    [row] = await decisions(town)
    assert row.body["yes"] is True and row.body["by_chair"] is True
    assert row.body["grounds"] == ["life", "liberty"]
    assert row.body["police_at"].startswith("2026-11-23T08:30:00")
    assert town.chief.has("Läs beslutet om säkerhetskontroll."), "whoever is on duty hears that there is one"
    await town.chief.press("Mötesdagen")
    for seat in (town.chief, town.chair):
        await day(seat)
        said = seat.last.text
        assert "Säkerhetskontroll ska göras. Polisen leder den." in said
        assert "Polisen tillfrågad kl. 9.30. Fara för: liv, frihet." in said
        assert "Beslutat av ordföranden. Cia Stol skrev in det kl. 10.00." in said


async def test_the_summary_shows_each_answer_before_it_is_kept(town: House) -> None:
    await tonight(town)
    await day(town.officer)
    await town.officer.press("Säkerhetskontroll")
    assert "Polisen leder kontrollen." in town.officer.last.text
    for answer in YES:
        await (town.officer.press if answer in town.officer.last.labels else town.officer.write)(answer)
    assert "Jag är ordförande" not in town.officer.last.labels, "the unit writes for the chair"
    await town.officer.press("Åt ordföranden")
    for words in ("i dag kl. 9.30", "Någons liv", "Någons frihet", "Kontroll ska göras", "Åt ordföranden"):
        assert words in town.officer.last.text
    assert not await decisions(town)


async def test_a_new_decision_takes_the_place_of_the_former_and_both_stay(town: House) -> None:
    await tonight(town)
    await decide(town.chair, writer="Jag är ordförande")
    await town.advance(minutes=30)
    await decide(town.officer, "Ja", "Nyss", "Någons hälsa", "Inget mer", "Ingen kontroll")
    await day(town.chair)
    said = town.chair.last.text
    assert "Beslutat av ordföranden. Omar Lind skrev in det åt ordföranden kl. 10.30." in said
    assert "Polisen tillfrågad kl. 10.30. Fara för: hälsa." in said and "liv, frihet" not in said
    assert "10.00: Beslut om säkerhetskontroll: ja, Cia Stol" in said
    assert len(await decisions(town)) == 2


async def test_without_the_police_nothing_is_written_down(town: House) -> None:
    await tonight(town)
    await day(town.chair)
    await town.chair.press("Säkerhetskontroll")
    await town.chair.press("Nej, inte än")
    assert "Tala med polisen först: 114 14. Inget är inskrivet." in town.chair.last.text
    assert not await decisions(town)


async def test_without_a_danger_that_the_law_names_none_is_allowed(town: House) -> None:
    await tonight(town)
    await day(town.chair)
    await town.chair.press("Säkerhetskontroll")
    await town.chair.press("Ja")
    await town.chair.press("Nyss")
    await town.chair.press("Inget av det här")
    assert "Då får ingen säkerhetskontroll göras, enligt lagen. Inget är inskrivet." in town.chair.last.text
    assert not await decisions(town)


async def test_a_time_that_has_not_been_is_asked_for_again(town: House) -> None:
    await tonight(town)
    await day(town.chair)
    await town.chair.press("Säkerhetskontroll")
    await town.chair.press("Ja")
    await town.chair.write("i dag 17")
    assert "Den tiden har inte varit än." in town.chair.last.text
    await town.chair.write("i dag 8")
    assert "Någons liv" in town.chair.last.labels


async def test_nobody_else_decides_or_reads_it(town: House) -> None:
    await tonight(town)
    await decide(town.chair, writer="Jag är ordförande")
    number = await number_of(town, "council")
    for seat in (town.contact, town.deputy, town.official, town.neighbour, town.loner, town.guard):
        await seat.command("kalender")
        for act in ("check", "day"):
            told = await town.told(seat, town.forge(seat, f"a.{act}.{number}"))
            assert "Säkerhetskontroll" not in told + whispered(seat) and "polisen" not in told
    assert len(await decisions(town)) == 1


async def test_a_meeting_that_is_over_or_cancelled_meanwhile_takes_no_decision(town: House) -> None:
    await tonight(town)
    await town.move_to(swedish(11, 23, 18))
    await day(town.chair)
    await town.chair.press("Säkerhetskontroll")
    for answer in ("Ja", "Nyss", "Någons liv", "Inget mer", "Kontroll ska göras", "Jag är ordförande"):
        await town.chair.press(answer)
    await town.officer.command("kalender")
    await town.officer.press("Fullmäktige 23/11")
    await town.officer.press("Ställ in")
    await town.officer.press("Ja, ställ in")
    await town.chair.press("Ja, skriv in")
    assert (
        town.chair.has("Mötet är inställt kl. 18.00.")
        or "Mötet är inställt" in whispered(town.chair)
        or any("Mötet är inställt" in (press.toast or "") for press in town.telegram.presses)
    )
    assert not await decisions(town)


async def test_the_chair_hears_what_is_written_down_in_the_chairs_name(town: House) -> None:
    await tonight(town)
    await decide(town.officer)
    assert town.chair.has("Läs beslutet om säkerhetskontroll.")
