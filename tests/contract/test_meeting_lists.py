"""The room and its guards on a meeting's day: one list each, signed for by somebody at a time, never how."""

from __future__ import annotations

import asyncio

from bot.playground.seat import Seat
from storage.tables import Briefing, Run
from tests.contract.conftest import House, swedish
from tests.contract.test_briefings import council, steps
from tests.contract.test_meeting_day import CARD, day, helper, tonight
from tests.contract.test_meetings import number_of, open_card

SWEEP = "Gå igenom lokalen"


async def begin(who: Seat, *others: str, button: str = SWEEP, card: str = CARD) -> None:
    """From the message of the day; the meeting is known."""
    await day(who, card)
    await who.press(button)
    for name in others or ("Börja nu",):
        await who.press(name)
    if others and "Börja nu" in who.last.labels:
        await who.press("Börja nu")


async def sign(who: Seat) -> None:
    """Sign for it as it stands."""
    await who.press("Signera")
    await who.press("Signera ändå")


async def test_a_press_begins_the_list_for_this_meeting_without_asking_which(town: House) -> None:
    await tonight(town)
    await day(town.officer)
    assert "Lokalen: inte påbörjad." in town.officer.last.text
    assert "Bevakningen: inte påbörjad." in town.officer.last.text
    await town.officer.press(SWEEP)
    assert "Siv Almgren" in town.officer.last.labels and CARD not in town.officer.last.labels
    await town.officer.press("Siv Almgren")
    assert town.chief.has("Omar Lind ber dig vara med på Lokalgenomgång")
    [run] = await town.all(Run)
    assert (run.slug, run.meeting_id, run.shared) == ("lokalgenomgang", await number_of(town, "council"), True)


async def test_the_day_says_how_far_it_has_come_and_then_who_signed_and_when(town: House) -> None:
    await tonight(town)
    await begin(town.officer)
    await town.officer.press("Klart 1")
    await town.officer.press("Anteckna")
    await town.officer.press("Steg 2")
    await town.officer.write("Låset till sidodörren kärvar")
    await day(town.chief)
    assert "Lokalen: 1 av 14 klara." in town.chief.last.text
    await town.chief.press(SWEEP)
    assert "Lokalgenomgång" in town.chief.last.text and "Klart 2" in town.chief.last.labels, "it goes on, by both"
    await town.advance(minutes=20)
    await sign(town.officer)
    await day(town.chief)
    assert "Lokalen: signerad av Omar Lind kl. 10.20." in town.chief.last.text
    assert "sidodörren" not in town.chief.last.text
    await town.chief.press(SWEEP)
    assert "Signerad av Omar Lind" in town.chief.last.text, "what is signed for is shown"
    assert len(await town.all(Run)) == 1


async def test_two_who_begin_at_once_have_one_list(town: House) -> None:
    await tonight(town)
    for seat in (town.officer, town.chief):
        await day(seat)
        await seat.press(SWEEP)
    await asyncio.gather(town.officer.press("Börja nu"), town.chief.press("Börja nu"))
    assert len(await town.all(Run)) == 1
    assert town.officer.has("Lokalgenomgång") and town.chief.has("0 av 14 klara")
    assert await town.nothing_kept()


async def test_what_is_dropped_is_begun_anew(town: House) -> None:
    await tonight(town)
    await begin(town.officer)
    await town.officer.press("Avbryt listan")
    await town.officer.press("Avbryt listan", "Den går inte")
    await day(town.officer)
    assert "Lokalen: inte påbörjad." in town.officer.last.text
    await town.officer.press(SWEEP)
    await town.officer.press("Börja nu")
    assert [run.state for run in await town.all(Run)] == ["dropped", "open"]


async def test_a_signature_finishes_the_plans_step_and_the_next_post_says_so(town: House) -> None:
    town.chair = await helper(town, "Cia Stol", "chair")
    await council(town, "24 november 18")
    await town.live_to(swedish(11, 24, 15))
    assert "Gå igenom lokalen före mötet" in town.chief.find("God morgon").text
    assert (await steps(town))["sweep"] == "open"
    card = "Fullmäktige 24/11"
    await begin(town.officer, card=card)
    await sign(town.officer)
    assert (await steps(town))["sweep"] == "done"
    row = next(row for row in await town.all(Briefing) if row.step == "sweep")
    assert row.acted_by == (await town.account(town.officer)).person_id
    await town.live_to(swedish(11, 25, 8, 1))
    post = town.chief.find("God morgon").text
    assert "Klart: Gå igenom lokalen före mötet (Fullmäktige 24 november). Omar Lind signerade i går kl. 15.00." in post
    await town.live_to(swedish(11, 26, 8, 1))
    assert sum("Omar Lind signerade" in seen.text for seen in town.chief.messages) == 1, "once is enough"


async def test_guards_that_are_signed_for_before_the_day_finish_their_step_too(town: House) -> None:
    await council(town)
    await town.live_to(swedish(11, 23, 11))
    number = await number_of(town, "council")
    await open_card(town.officer, "Fullmäktige 30/11")
    await town.forge(town.officer, f"a.run_together.{number}.bevakning")
    await town.officer.press("Börja nu")
    await sign(town.officer)
    assert (await steps(town))["guards"] == "done" and (await steps(town))["sweep"] == "planned"


async def test_the_post_of_the_day_leads_to_the_message_of_the_day(town: House) -> None:
    await council(town, "24 november 18")
    await town.live_to(swedish(11, 24, 8, 1))
    await town.chief.press("Mötesdagen", "God morgon")
    assert "Mötet har inte börjat." in town.chief.last.text
    await town.chief.press(SWEEP)
    await town.chief.press("Börja nu")
    await sign(town.chief)
    assert (await steps(town))["sweep"] == "done"


async def test_nobody_but_the_unit_begins_or_sees_them(town: House) -> None:
    await tonight(town)
    await begin(town.officer)
    number = await number_of(town, "council")
    for seat in (town.chair, town.guard, town.contact, town.official):
        await seat.command("meny")
        for slug in ("lokalgenomgang", "bevakning"):
            told = await town.told(seat, town.forge(seat, f"a.run_together.{number}.{slug}"))
            assert "genomgång" not in told.lower() and "klara" not in told
    await day(town.chair)
    assert "Lokalen" not in town.chair.last.text and SWEEP not in town.chair.last.labels
    assert len(await town.all(Run)) == 1


async def test_a_list_that_was_signed_before_everybody_left_the_room_is_to_be_done_again(town: House) -> None:
    await tonight(town)
    await begin(town.officer)
    await sign(town.officer)
    await town.move_to(swedish(11, 23, 18))
    await day(town.officer)
    await town.officer.press("Mötet har börjat")
    await town.officer.press("Utrym")
    await town.officer.press("Ja, utrym: 7 personer")
    await town.officer.press("Faran över")
    await town.officer.press("Hoppa över")
    await town.officer.press(next(label for label in town.officer.last.labels if label.startswith("Skicka till")))
    await day(town.officer)
    await town.officer.press("Mötet fortsätter")
    assert "Lokalen: inte påbörjad." in town.officer.last.text
    await town.officer.press(SWEEP)
    await town.officer.press("Börja nu")
    assert [run.state for run in await town.all(Run)] == ["signed", "open"]


async def test_signing_for_the_guards_does_not_settle_what_a_high_risk_would_ask_for(town: House) -> None:
    await council(town, "1 december 18")
    number = await number_of(town, "council")
    await town.officer.command("meny")
    await town.forge(town.officer, f"a.run_together.{number}.bevakning")
    await town.officer.press("Börja nu")
    await sign(town.officer)
    found = await steps(town)
    assert (found["guards"], found["more_guards"]) == ("done", "planned")
