"""The calendar in chat: meetings, a party's own events, cases; who sees what; what is moved and cancelled."""

from __future__ import annotations

from datetime import timedelta

from bot.playground.seat import Seat
from storage.tables import Briefing, Meeting
from tests.contract.conftest import House
from tests.contract.test_compose import own_words

URGENT = ("Akut", "Ny lokal", "Hoppa över")


async def called(town: House, title: str = "Fullmäktige", when: str = "i morgon 18", *who: str,
                 kind: str = "Annat möte", place: str = "") -> None:  # fmt: skip
    """The officer notes one."""
    await town.officer.command("kalender")
    await town.officer.press("Skapa möte")
    await town.officer.press(kind)
    await town.officer.write(title)
    await town.officer.write(when)
    await (town.officer.write(place) if place else town.officer.press("Hoppa över"))
    for label in who or ("Vissa partier", "Bokpartiet", "Klart", "Förtroendevalda med"):
        await town.officer.press(label)


async def open_card(who: Seat, label: str) -> None:
    """Open one of the calendar."""
    await who.command("kalender")
    await who.press(label)


async def event(
    who: Seat, what: str = "Torgmöte", when: str = "19 december 11", support: str = "Nej, det behövs inte"
) -> None:
    """A contact puts the party's own event in."""
    await who.command("kalender")
    await who.press("Lägg in händelse")
    await who.press(what)
    await who.write(when)
    await who.write("Stortorget")
    await who.press(support)


async def number_of(town: House, kind: str) -> int:
    """The id of the first meeting of that kind."""
    return next(row.id or 0 for row in await town.all(Meeting) if row.kind == kind)


async def test_a_broadcast_goes_to_those_of_a_meeting(town: House) -> None:
    await called(town)
    assert "Sparat: Fullmäktige, i morgon kl. 18.00." in town.officer.last.text
    await own_words(town, *URGENT, "De på ett möte", "Fullmäktige 24/11", "Skicka till 3 personer")
    for seat in (town.contact, town.deputy, town.official):
        assert seat.has("Ny lokal")
    assert not town.neighbour.has("Ny lokal")


async def test_nobody_is_told_of_a_meeting_by_its_being_noted_moved_or_cancelled_before_anybody_was_briefed(
    town: House,
) -> None:
    await called(town, kind="Fullmäktige")
    await open_card(town.chief, "Fullmäktige 24/11")
    await town.chief.press("Flytta")
    await town.chief.write("25 november 18")
    assert "Flyttat: Fullmäktige är nu onsdag 25 november kl. 18.00." in town.chief.last.text
    await open_card(town.chief, "Fullmäktige 25/11")
    await town.chief.press("Ställ in")
    await town.chief.press("Ja, ställ in")
    assert "Inställt: Fullmäktige" in town.chief.find("Inställt").text
    for seat in (town.contact, town.deputy, town.official):
        assert not seat.messages
    number = await number_of(town, "council")
    told = await town.told(town.chief, town.forge(town.chief, f"a.cancel_meeting.{number}"))
    assert "redan inställt" in told
    assert {row.state for row in await town.all(Briefing) if row.meeting_id == number} == {"cancelled"}


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
    await open_card(town.officer, "Fullmäktige 24/11")
    await town.officer.press("Ställ in")
    await town.officer.press("Ja, ställ in")
    await own_words(town, *URGENT)
    assert "De på ett möte" not in town.officer.last.labels
    await town.officer.press("Avbryt")
    await town.officer.command("kalender")
    await town.officer.press("Skapa möte")
    await town.officer.press("Nämnd, styrelse")
    await town.officer.write("Nämnd")
    await town.officer.write("i går 18")
    assert "Den tiden har redan varit" in town.officer.last.text


async def test_who_is_not_meant_neither_sees_nor_changes_a_meeting(town: House) -> None:
    await called(town)
    number = await number_of(town, "other")
    acts = ("occasion", "move_meeting", "cancel_meeting", "worried", "agenda")
    await town.neighbour.command("kalender")
    assert not town.neighbour.has("Fullmäktige")
    for token in (f"a.{act}.{number}" for act in acts):
        assert "Fullmäktige" not in await town.told(town.neighbour, town.forge(town.neighbour, token))
    await open_card(town.contact, "Fullmäktige 24/11")
    assert "Ställ in" not in town.contact.last.labels
    forged = (f"a.move_meeting.{number}", f"a.cancel_meeting.{number}.yes", f"a.agenda.{number}")
    for token in (*forged, "a.new_meeting.0", "a.outgoing.0"):
        await town.told(town.contact, town.forge(town.contact, token))
    row = next(row for row in await town.all(Meeting) if row.kind == "other")
    assert row.cancelled_at is None
    told = await town.told(town.officer, town.forge(town.officer, "a.cancel_meeting.99"))
    assert "Fullmäktige" not in told


async def test_a_meeting_has_a_place_and_cases_which_whoever_it_is_for_can_read(town: House) -> None:
    await called(town, place="Stadshuset, sal A")
    await open_card(town.officer, "Fullmäktige 24/11")
    await town.officer.press("Skriv ärenden")
    await town.officer.write("Ny skola i Norrby\nTaxor för vatten\n\nVal av revisorer")
    assert "Antal ärenden: 3" in town.officer.last.text
    await open_card(town.official, "Fullmäktige 24/11")
    said = town.official.last.text
    assert "Stadshuset, sal A" in said
    assert "1. Ny skola i Norrby" in said
    assert "3. Val av revisorer" in said


async def test_a_contact_adds_the_own_partys_event_which_the_party_and_the_unit_see_and_nobody_else(
    town: House,
) -> None:
    await event(town.contact)
    assert "Sparat: Torgmöte, lördag 19 december kl. 11.00." in town.contact.last.text
    await open_card(town.official, "Torgmöte 19/12")
    assert "Stortorget" in town.official.last.text
    await town.chief.command("kalender")
    assert "Torgmöte (Bokpartiet), Stortorget" in town.chief.last.text
    await town.neighbour.command("kalender")
    assert not town.neighbour.has("Torgmöte")
    number = await number_of(town, "square")
    assert "Stortorget" not in await town.told(town.neighbour, town.forge(town.neighbour, f"a.occasion.{number}"))


async def test_the_unit_is_asked_for_support_and_the_party_hears_who_answered_what(town: House) -> None:
    await event(town.contact, support="Ja, fråga dem")
    assert "tillfrågad" in town.contact.last.text
    asked = town.chief.find("Kan ni vara där? Bokpartiet frågar.")
    assert "Torgmöte, lördag 19 december kl. 11.00, Stortorget" in asked.text
    await town.chief.press("Vi är där")
    assert "Siv Almgren svarade" in town.contact.find("Säkerhetsenheten är där").text
    assert not town.neighbour.has("Säkerhetsenheten är där")
    number = await number_of(town, "square")
    await town.officer.command("kalender")
    await town.neighbour.command("kalender")
    told = await town.told(town.officer, town.forge(town.officer, f"a.event_support.{number}.coming"))
    assert "Siv Almgren har redan svarat" in told
    assert (await town.told(town.neighbour, town.forge(town.neighbour, f"a.event_support.{number}.call"))) != ""
    assert next(row.support for row in await town.all(Meeting) if row.id == number) == "coming"


async def test_a_contact_cancels_the_own_event_and_an_official_cannot_add_one(town: House) -> None:
    await event(town.contact)
    await open_card(town.contact, "Torgmöte 19/12")
    await town.contact.press("Ställ in")
    await town.contact.press("Ja, ställ in")
    assert "Inställt: Torgmöte" in town.contact.find("Inställt").text
    await town.official.command("kalender")
    assert "Lägg in händelse" not in town.official.last.labels
    await town.told(town.official, town.forge(town.official, "a.new_event.0"))
    assert len([row for row in await town.all(Meeting) if row.kind == "square"]) == 1


async def test_the_calendar_knows_the_elections_days_by_itself_and_everybody_sees_them(town: House) -> None:
    await town.loner.command("kalender")
    said = town.loner.last.text
    assert "1 januari" in said
    assert "Nya nämnder" in said
    assert "Trygghetsmätningen börjar" in said
    before = len(await town.all(Meeting))
    await town.restart()
    await town.quiet()
    assert len(await town.all(Meeting)) == before
    number = await number_of(town, "survey")
    await town.chief.command("kalender")
    for token in (f"a.cancel_meeting.{number}", f"a.move_meeting.{number}"):
        await town.told(town.chief, town.forge(town.chief, token))
    assert not [row for row in await town.all(Meeting) if row.cancelled_at]


async def test_a_long_calendar_is_turned_over_and_loses_nothing(town: House) -> None:
    for day in range(1, 10):
        await called(town, f"Möte {day}", f"{day} december 18", "Alla som har boten")
    await town.contact.command("kalender")
    shown = [label for label in town.contact.last.labels if label.startswith("Möte")]
    await town.contact.press("Visa senare")
    shown += [label for label in town.contact.last.labels if label.startswith("Möte")]
    assert len(set(shown)) == 9


async def test_a_meeting_that_has_begun_still_shows_for_half_a_day(town: House) -> None:
    await called(town)
    await town.move_to(town.clock.at + timedelta(hours=35))
    await town.contact.command("kalender")
    assert "Fullmäktige 24/11" in town.contact.last.labels
    await town.advance(hours=12)
    await town.contact.command("kalender")
    assert "Fullmäktige 24/11" not in town.contact.last.labels
