"""The look back after a meeting: three questions, the unit's own; the plan's step is done."""

from __future__ import annotations

from bot.playground.seat import Seat
from storage.tables import MeetingEntry
from tests.contract.conftest import House, swedish
from tests.contract.test_briefings import council, steps
from tests.contract.test_meeting_day import day, tonight, under_way
from tests.contract.test_meetings import called, number_of
from tests.contract.test_runs import whispered

WELL, CHANGE = "Vakten såg det direkt", "Boka den större salen"


async def answer(who: Seat, *answers: str) -> None:
    """Write them; nothing skips."""
    for words in answers:
        await (who.write(words) if words else who.press("Hoppa över"))


async def test_the_unit_looks_back_once_it_is_over_and_the_step_is_done(town: House) -> None:
    await under_way(town)
    assert "Se tillbaka" not in town.officer.last.labels
    await town.officer.press("Mötet är slut")
    await town.officer.press("Se tillbaka")
    await answer(town.officer, WELL, "", CHANGE)
    assert "Sparat: genomgången av Fullmäktige 23 november." in town.officer.last.text
    assert town.officer.last.labels[:2] == ("Lägg till åtgärd", "Läs genomgången")
    assert (await steps(town))["look_back"] == "done"
    await town.officer.press("Läs genomgången")
    said = town.officer.last.text
    assert "Omar Lind, kl. 18.00:" in said and f"Gick bra: {WELL}" in said and f"Ändras: {CHANGE}" in said
    assert "Gick mindre bra" not in said


async def test_nobody_has_to_say_that_it_is_over(town: House) -> None:
    await tonight(town)
    await town.move_to(swedish(11, 23, 19, 59))
    await day(town.officer)
    assert "Se tillbaka" not in town.officer.last.labels
    number = await number_of(town, "council")
    told = await town.told(town.officer, town.forge(town.officer, f"a.look_back.{number}"))
    assert "Vänta tills mötet är slut." in told + whispered(town.officer)
    await town.advance(minutes=1)
    await day(town.officer)
    assert "Se tillbaka" in town.officer.last.labels


async def test_the_morning_post_asks_and_leads_there(town: House) -> None:
    await council(town, "24 november 18")
    await town.live_to(swedish(11, 25, 8, 1))
    post = town.chief.find("God morgon")
    assert "Efter mötet: vad gick bra, och vad ändrar vi?" in post.text
    await town.chief.press("Svara på frågorna", "God morgon")
    await answer(town.chief, "", "Mikrofonen dog", CHANGE)
    assert (await steps(town))["look_back"] == "done"
    await town.live_to(swedish(11, 26, 8, 1))
    assert sum("Efter mötet: vad gick bra" in seen.text for seen in town.chief.messages) == 1


async def test_not_all_questions_can_be_left_out(town: House) -> None:
    await under_way(town)
    await town.officer.press("Mötet är slut")
    await town.officer.press("Se tillbaka")
    await answer(town.officer, "", "")
    assert "Vad ändrar vi till nästa gång?" in town.officer.last.text
    assert "Hoppa över" not in town.officer.last.labels
    await town.officer.write(CHANGE)
    [row] = [row for row in await town.all(MeetingEntry) if row.kind == "look_back"]
    assert row.body == {"well": "", "badly": "", "change": CHANGE}


async def test_a_second_one_adds_to_the_first(town: House) -> None:
    await under_way(town)
    await town.officer.press("Mötet är slut")
    await town.officer.press("Se tillbaka")
    await answer(town.officer, WELL, "", "")
    await day(town.chief)
    await town.chief.press("Se tillbaka")
    await answer(town.chief, "", "", CHANGE)
    await town.chief.press("Läs genomgången")
    said = town.chief.last.text
    assert WELL in said and CHANGE in said and "Omar Lind" in said and "Siv Almgren" in said
    assert await town.nothing_kept()


async def test_nobody_but_the_unit_writes_or_reads_it(town: House) -> None:
    await under_way(town)
    await town.officer.press("Mötet är slut")
    await town.officer.press("Se tillbaka")
    await answer(town.officer, WELL, "", CHANGE)
    number = await number_of(town, "council")
    for seat in (town.chair, town.guard, town.contact, town.official, town.neighbour):
        await seat.command("meny")
        for act in ("look_back", "look_read"):
            told = await town.told(seat, town.forge(seat, f"a.{act}.{number}"))
            assert WELL not in told and "Vad gick bra?" not in told
    await day(town.chair)
    assert "Se tillbaka" not in town.chair.last.labels and "Läs genomgången" not in town.chair.last.labels


async def test_it_is_of_other_meetings_too(town: House) -> None:
    await called(town, "Samråd", "i dag 11", "Alla som har boten", kind="Medborgardialog")
    await town.move_to(swedish(11, 23, 13, 30))
    await day(town.officer, "Samråd 23/11")
    await town.officer.press("Se tillbaka")
    await answer(town.officer, "", "", CHANGE)
    assert "Sparat: genomgången av Samråd 23 november." in town.officer.last.text


async def test_the_post_leads_there_also_from_what_is_good_to_know(town: House) -> None:
    await called(town, "Byggnadsnämnden", "24 november 13", "Alla som har boten", kind="Nämnd, styrelse")
    await town.officer.press("Visa")
    await town.officer.press("Skriv ärenden")
    await town.officer.write("Ny väg i Norrby")
    await town.live_to(swedish(11, 24, 8, 1))
    await town.chief.press("Mötesdagen", "God morgon")
    assert "Mötet har inte börjat." in town.chief.last.text
    await town.live_to(swedish(11, 25, 8, 1))
    await town.chief.press("Svara på frågorna", "God morgon")
    await answer(town.chief, WELL, "", "")
    assert town.chief.has("Sparat: genomgången av Byggnadsnämnden 24 november.")
