"""Measures are promises: an owner and a day, reminded, done, moved, given back, and in the chief's post when late."""

from __future__ import annotations

from datetime import UTC, datetime

from bot.playground.seat import Seat
from storage.tables import Measure
from tests.contract.conftest import House
from tests.contract.test_meetings import open_card
from tests.contract.test_risk import CASES, MEETING, council, sorting

DO = "Utse en till som svarar utåt"


async def raised(town: House) -> None:
    """A council meeting with a case of high risk, which the officer has open."""
    await council(town, *CASES)
    await sorting(town, town.officer)
    for label in ("A Hög", "Visa läget", "Ny skola i Norrby"):
        await town.officer.press(label)


async def promised(who: Seat, owner: str, when: str = "fredag 12", text: str = DO) -> None:
    """Whoever has a case, an issue or a meeting open adds a measure in their own words."""
    await who.press("Lägg till åtgärd")
    if "Något annat" in who.last.labels:
        await who.press("Något annat")
    await who.write(text)
    await who.press(owner)
    await who.write(when)
    await who.press("Ja, lova det")


async def measure(town: House) -> Measure:
    """The only one."""
    (row,) = await town.all(Measure)
    return row


async def test_a_measure_goes_to_its_owner_as_a_promise_and_is_done_with_one_press(town: House) -> None:
    await raised(town)
    await promised(town.officer, "Siv Almgren")
    assert "Siv Almgren får veta det och påminns" in town.officer.last.text
    asked = town.chief.last
    assert f"Gör det här senast fredag 27 november kl. 12.00: {DO}." in asked.text
    assert "Ny skola i Norrby" in asked.text
    await town.chief.press("Klart")
    assert (await measure(town)).state == "done"
    assert f"Siv Almgren är klar med: {DO}." in town.officer.last.text
    told = await town.told(town.chief, town.forge(town.chief, f"a.measure_done.{(await measure(town)).id}", asked))
    assert "tryckte redan Klart" in told or town.platform == "slack"
    assert len([1 for seen in town.officer.messages if "är klar med" in seen.text]) == 1
    await town.forge(town.officer, "a.risk_case.1")
    assert "Åtgärder: 1 av 1 är klara." in town.officer.last.text


async def test_the_guides_own_measures_for_the_level_are_offered_first(town: House) -> None:
    await raised(town)
    await town.officer.press("Lägg till åtgärd")
    high = [one for one in town.app.house.guides.guide.measures if one.level == "high"]
    assert town.officer.last.labels[: len(high)] == tuple(dict(one.said)["sv"] for one in high)
    await town.officer.press(town.officer.last.labels[0])
    await town.officer.press("Omar Lind")
    await town.officer.press(next(label for label in town.officer.last.labels if "4 december" in label))
    await town.officer.press("Ja, lova det")
    assert "Du har lovat" in town.officer.last.text
    assert (await measure(town)).text == dict(high[0].said)["sv"]


async def test_the_owner_is_reminded_that_morning_and_when_the_time_is_up_and_then_the_chiefs_post_says_it(
    town: House,
) -> None:
    await raised(town)
    await promised(town.officer, "Omar Lind")
    await town.live_to(datetime(2026, 11, 27, 7, 30, tzinfo=UTC))
    assert town.officer.has(f"Snart dags: {DO}.")
    assert f"Ska vara klart i dag: {DO} (Omar Lind)." in town.chief.last.text
    await town.live_to(datetime(2026, 11, 27, 11, 30, tzinfo=UTC))
    assert town.officer.has(f"Tiden är ute: {DO}.")
    await town.live_to(datetime(2026, 11, 30, 7, 30, tzinfo=UTC))
    assert f"Försenat: {DO} (Omar Lind)." in town.chief.find("Försenat").text
    await town.chief.press(DO[:19] + "…")
    await town.chief.press("Klart")
    await town.live_to(datetime(2026, 12, 1, 7, 30, tzinfo=UTC))
    assert "Försenat" not in town.chief.last.text


async def test_an_owner_who_needs_more_time_or_cannot_says_so_and_nobody_forgets_it(town: House) -> None:
    await raised(town)
    await promised(town.officer, "Siv Almgren")
    await town.chief.press("Ny tid")
    await town.chief.write("måndag 9")
    assert "ska vara klart måndag 30 november kl. 9.00" in town.chief.last.text
    assert "Ny tid för" in town.officer.last.text
    assert "Siv Almgren ändrade" in town.officer.last.text
    await town.live_to(datetime(2026, 11, 27, 12, tzinfo=UTC))
    assert not town.chief.has("Tiden är ute"), "the former time counts no longer"
    await town.chief.press("Jag kan inte")
    assert "Omar Lind har fått tillbaka det" in town.chief.find("tillbaka").text
    assert "Ta över, eller ge till någon annan" in town.officer.last.text
    row = await measure(town)
    assert (row.state, row.owner_id) == ("open", row.made_by)


async def test_when_the_meeting_is_cancelled_the_owner_is_asked_whether_it_is_needed_all_the_same(town: House) -> None:
    await raised(town)
    await promised(town.officer, "Siv Almgren")
    await open_card(town.officer, MEETING)
    await town.officer.press("Ställ in")
    await town.officer.press("Ja, ställ in")
    assert f"Mötet är inställt. Behövs det här ändå: {DO}?" in town.chief.find("Behövs det här").text
    await town.chief.press("Ja, det behövs")
    assert "Det står kvar" in town.chief.last.text
    assert (await measure(town)).state == "open"
    await town.forge(town.chief, f"a.measure.{(await measure(town)).id}")
    await town.chief.press("Behövs inte")
    assert (await measure(town)).state == "dropped"


async def test_what_somebody_has_promised_is_among_their_own_open_matters(town: House) -> None:
    await raised(town)
    await promised(town.officer, "Siv Almgren")
    await town.chief.command("mina")
    assert f"{DO}: Siv Almgren, senast fredag 27 november kl. 12.00" in town.chief.last.text
    await town.chief.press(DO[:19] + "…")
    assert "Det gäller: Ny skola i Norrby." in town.chief.last.text


async def test_a_helper_can_own_a_measure_and_sees_that_one_and_nothing_else(town: House) -> None:
    helper = await town.linked("Eva Lund", "helper")
    await raised(town)
    await promised(town.officer, "Eva Lund")
    assert DO in helper.last.text
    await helper.command("mina")
    assert DO in helper.last.text
    told = await town.told(helper, town.forge(helper, "a.risk_case.1"))
    assert "Ny skola" not in told
    await helper.press("Klart", DO)
    assert (await measure(town)).state == "done"


async def test_nobody_but_the_unit_and_the_owner_sees_moves_or_ends_a_measure(town: House) -> None:
    await raised(town)
    await promised(town.officer, "Siv Almgren")
    number = (await measure(town)).id
    for seat in (town.contact, town.official, town.neighbour, town.loner):
        await seat.command("meny")
        for act in ("measure", "measure_done", "measure_drop", "measure_move", "measure_cannot"):
            told = await town.told(seat, town.forge(seat, f"a.{act}.{number}", seat.messages[0]))
            assert DO not in told
    assert (await measure(town)).state == "open"


async def test_somebody_else_gets_it_and_both_hear_so(town: House) -> None:
    helper = await town.linked("Eva Lund", "helper")
    await raised(town)
    await promised(town.officer, "Siv Almgren")
    await town.forge(town.officer, f"a.measure.{(await measure(town)).id}")
    await town.officer.press("Ge till någon annan")
    await town.officer.press("Eva Lund")
    assert "Eva Lund har det nu" in town.officer.last.text
    assert "Eva Lund gör det nu" in town.chief.last.text
    assert f"Gör det här senast fredag 27 november kl. 12.00: {DO}." in helper.last.text


async def test_who_leaves_the_unit_keeps_no_promise_and_hears_of_it_no_more(town: House) -> None:
    await raised(town)
    await promised(town.officer, "Omar Lind")
    await town.end_role(town.officer)
    row = await measure(town)
    assert row.owner_id != row.made_by
    assert f"Ta över, eller ge till någon annan: {DO}." in town.chief.find("Ta över").text
    before = len(town.officer.messages)
    await town.live_to(datetime(2026, 11, 27, 12, tzinfo=UTC))
    assert len(town.officer.messages) == before
    told = await town.told(town.officer, town.forge(town.officer, f"a.measure.{row.id}", town.officer.messages[0]))
    assert DO not in told


async def test_every_measure_that_waits_is_in_one_list_and_on_its_meetings_card(town: House) -> None:
    await raised(town)
    await promised(town.officer, "Siv Almgren")
    await town.officer.command("risk")
    await town.officer.press("Alla åtgärder")
    assert "Åtgärder som inte är klara: 1" in town.officer.last.text
    await open_card(town.officer, MEETING)
    assert "Åtgärder: 0 av 1 är klara." in town.officer.last.text
    assert f"{DO}: Siv Almgren, senast fredag 27 november kl. 12.00" in town.officer.last.text


async def test_a_meeting_that_moves_before_a_measure_asks_its_owner_for_another_time(town: House) -> None:
    await raised(town)
    await promised(town.officer, "Siv Almgren")
    await open_card(town.officer, MEETING)
    await town.officer.press("Flytta")
    await town.officer.write("26 november 18")
    assert "Mötet är flyttat, och det här blir klart först efter" in town.chief.find("blir klart först").text
