"""Briefings come by themselves: to the right people, once, late where it helps; and the unit has them in its hands."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.playground.seat import Seat
from storage.tables import Alert, Briefing, Deadline, Incident, Meeting, Receipt
from tests.contract.conftest import House
from tests.contract.test_compose import own_words
from tests.contract.test_meetings import called, event, open_card

ZONE = ZoneInfo("Europe/Stockholm")
EXITS = "Före mötet: se var utgångarna är"
COUNCIL = ("Fullmäktige", "Fullmäktige")


async def council(town: House, when: str = "30 november 18") -> None:
    """A council meeting, for every party's contacts and elected officials."""
    await called(town, "Fullmäktige", when, "Förtroendevalda med", kind="Fullmäktige", place="Stadshuset")


async def at(town: House, month: int, day: int, hour: int, minute: int = 0) -> None:
    """Let it be that time in Sweden, and everything happen on the way when it is due."""
    await town.live_to(datetime(2026, month, day, hour, minute, tzinfo=ZONE))


async def steps(town: House, number: int = 0) -> dict[str, str]:
    """How the steps of the first council meeting stand."""
    meetings = await town.all(Meeting)
    wanted = number or next(row.id for row in meetings if row.kind == "council")
    return {row.step: row.state for row in await town.all(Briefing) if row.meeting_id == wanted}


async def step(town: House, key: str) -> Briefing:
    """One of them."""
    return next(row for row in await town.all(Briefing) if row.step == key)


async def open_step(town: House, who: Seat, title: str) -> None:
    """Open one step from the list of what goes out."""
    await who.command("kalender")
    await who.press("Vad går ut")
    lines = who.last.text.split("\n")
    line = next(line for line in lines if title in line)
    number = line.split(".")[0].strip()
    await who.press(f"Visa {number}")


async def test_two_hours_before_the_council_each_partys_contact_is_told_where_when_and_what(town: House) -> None:
    await council(town)
    await at(town, 11, 30, 15, 59)
    assert not town.contact.has(EXITS)
    await at(town, 11, 30, 16, 0)
    said = town.contact.find(EXITS)
    assert "Fullmäktige, i dag kl. 18.00, Stadshuset" in said.text
    assert "112" in said.text
    assert "Säkerhetsenheten" in said.text
    assert said.labels[0] == "Läst"
    assert "Något oroar mig" in said.labels
    assert town.neighbour.has(EXITS)
    for seat in (town.deputy, town.official, town.loner, town.officer):
        assert not seat.has(EXITS)


async def test_the_checklist_is_a_press_away_and_a_worry_is_a_flag_about_that_meeting(town: House) -> None:
    await council(town)
    await at(town, 11, 30, 16)
    said = town.contact.find(EXITS)
    await town.contact.press(
        next(label for label in said.labels if label not in ("Läst", "Något oroar mig", "Skicka vidare"))
    )
    assert "112" in town.contact.last.text
    await town.contact.press("Något oroar mig", EXITS)
    await town.contact.press("Händer nu")
    incident = (await town.all(Incident))[0]
    assert incident.meeting_id == next(row.id for row in await town.all(Meeting) if row.kind == "council")
    await town.officer.command("arende", "1")
    assert "Gäller: Fullmäktige, i dag kl. 18.00, Stadshuset" in town.officer.last.text


async def test_who_has_read_it_shows_party_by_party_and_no_board_comes_by_itself(town: House) -> None:
    await council(town)
    await at(town, 11, 30, 16)
    assert not town.chief.has("Läst")
    await town.contact.press("Läst", EXITS)
    await open_card(town.chief, "Fullmäktige 30/11")
    assert "1 av 2 har läst" in town.chief.last.text
    await town.chief.press("Förberedelser")
    await town.chief.press("Visa senare")
    number = next(line.split(".")[0] for line in town.chief.last.text.split("\n") if EXITS in line)
    await town.chief.press(f"Visa {number}")
    await town.chief.press("Visa svaren")
    assert "1 av 2 partier och 1 av 2 personer har läst" in town.chief.last.text
    await town.chief.press("Visa tabellen") if "Visa tabellen" in town.chief.last.labels else None
    receipts = await town.all(Receipt)
    assert sorted(row.answer for row in receipts) == ["", "read"]


async def test_what_the_unit_is_to_do_is_in_the_chiefs_morning_post_until_it_is_done(town: House) -> None:
    await council(town)
    await at(town, 11, 24, 8)
    post = town.chief.find("God morgon")
    assert "Gå igenom ärendena till fullmäktige" in post.text
    assert "Kolla att kallelsen är ute" in post.text
    number = next(line.split(".")[0] for line in post.text.split("\n") if "Gå igenom ärendena" in line)
    await town.advance(hours=2)
    await town.chief.press(f"Klart {number}", "God morgon")
    assert (await steps(town))["sort"] == "done"
    assert f"{number}. Gjort: Gå igenom ärendena" in town.chief.find("God morgon").text
    await town.chief.press(f"Ångra {number}", "God morgon")
    assert (await steps(town))["sort"] == "open"
    await town.chief.press(f"Klart {number}", "God morgon")
    await at(town, 11, 25, 8)
    assert "Gå igenom ärendena" not in town.chief.find("God morgon").text
    assert not town.officer.has("God morgon")


async def test_the_post_is_not_sent_when_there_is_nothing_to_say_nor_on_a_day_off(town: House) -> None:
    before = len(town.chief.messages)
    await at(town, 11, 24, 9)
    assert len(town.chief.messages) == before
    await council(town, "30 november 18")
    await at(town, 11, 27, 9)
    posts = sum("God morgon" in message.text for message in town.chief.messages)
    await at(town, 11, 29, 23)  # Saturday and Sunday
    assert sum("God morgon" in message.text for message in town.chief.messages) == posts


async def test_a_meeting_that_is_moved_moves_its_steps_and_tells_who_was_briefed(town: House) -> None:
    await council(town)
    await at(town, 11, 30, 16)
    await open_card(town.chief, "Fullmäktige 30/11")
    await town.chief.press("Flytta")
    await town.chief.write("7 december 18")
    assert not town.contact.has("Ny tid")
    await town.chief.press("Ja, flytta (2)")
    assert "Antal: 2" in town.chief.last.text
    for seat in (town.contact, town.neighbour):
        assert (
            "Nu gäller: Fullmäktige, måndag 7 december kl. 18.00, Stadshuset" in seat.find("Ny tid för ett möte").text
        )
    assert not town.official.has("Ny tid")
    assert (await steps(town))["exits"] == "sent"
    late = await step(town, "look_back")
    assert late.due_at.astimezone(ZONE) == datetime(2026, 12, 8, 8, tzinfo=ZONE)
    await at(town, 12, 7, 18)
    assert sum(EXITS in message.text for message in town.contact.messages) == 1


async def test_a_meeting_that_is_cancelled_asks_first_and_tells_who_was_briefed(town: House) -> None:
    await council(town)
    await at(town, 11, 30, 16)
    await open_card(town.chief, "Fullmäktige 30/11")
    await town.chief.press("Ställ in")
    assert "Antal: 2" in town.chief.last.text
    assert not town.contact.has("inställt")
    await town.chief.press("Ja, ställ in")
    assert "Inställt: Fullmäktige" in town.contact.find("Ett möte är inställt").text
    assert not town.loner.has("inställt")
    states = await steps(town)
    assert states["exits"] == "sent"
    assert states["look_back"] == "cancelled"


async def test_what_goes_out_is_one_list_with_when_to_whom_and_why(town: House) -> None:
    await council(town)
    await town.chief.command("kalender")
    await town.chief.press("Vad går ut")
    shown = town.chief.last.text
    while "Visa senare" in town.chief.last.labels:
        await town.chief.press("Visa senare")
        shown += town.chief.last.text
    assert EXITS in shown
    assert "Till säkerhetsansvariga (2)." in shown
    assert "För Fullmäktige 30 november, planen Fullmäktige." in shown
    assert "I chefens morgonpost." in shown


async def test_a_step_is_previewed_as_each_recipient_will_see_it(town: House) -> None:
    await town.linked("Eve Hall", "contact", "Engelska partiet", language="en")
    await council(town)
    await open_step(town, town.chief, EXITS)
    await town.chief.press("Så ser den ut")
    swedish, english = town.chief.find("Så ser den ut på svenska (antal: 2)"), town.chief.find("på engelska")
    assert "Fullmäktige, måndag 30 november kl. 18.00, Stadshuset" in swedish.text
    assert "Before the meeting: see where the exits are" in english.text
    assert "Läst" in swedish.text
    assert not town.contact.messages


async def test_a_step_is_held_and_let_go_left_out_and_taken_back(town: House) -> None:
    await council(town)
    await open_step(town, town.chief, EXITS)
    await town.chief.press("Håll kvar")
    await at(town, 11, 30, 17)
    assert not town.contact.has(EXITS)
    await open_step(town, town.chief, EXITS)
    await town.chief.press("Hoppa över den")
    assert (await steps(town))["exits"] == "skipped"
    await town.chief.press("Låt den gå")
    assert town.contact.has(EXITS), "its time has come, and it still helps"
    told = await town.told(town.officer, town.forge(town.officer, f"a.brief_back.{(await step(town, 'exits')).id}"))
    assert "redan gått ut" in told


async def test_a_step_is_sent_now_once_with_other_words_for_this_once(town: House) -> None:
    await council(town)
    await open_step(town, town.officer, EXITS)
    await town.officer.press("Ändra orden")
    await town.officer.write("Kom en halvtimme tidigare")
    await town.officer.write("Ingången är på baksidan i dag.")
    await town.officer.press("Skicka till 2 personer")
    said = town.contact.find("Kom en halvtimme tidigare")
    assert "Ingången är på baksidan i dag." in said.text
    assert "Det här skulle ha kommit" not in said.text
    await town.chief.command("kalender")
    told = await town.told(town.chief, town.forge(town.chief, f"a.brief_send.{(await step(town, 'exits')).id}"))
    assert "redan gått ut" in told
    await at(town, 11, 30, 18)
    assert not town.contact.has(EXITS)
    assert len([row for row in await town.all(Alert) if row.briefing_id]) == 1


async def test_a_step_is_moved_by_hand_and_stays_there_when_the_plans_are_looked_at_again(town: House) -> None:
    await council(town)
    await open_step(town, town.chief, EXITS)
    await town.chief.press("Flytta")
    await town.chief.write("30 november 12")
    await town.restart()
    await town.quiet()
    await at(town, 11, 30, 12)
    assert town.contact.has(EXITS)


async def test_after_an_outage_a_step_that_still_helps_comes_late_and_says_so(town: House) -> None:
    await council(town)
    await town.app.stop()
    town.clock.at = datetime(2026, 11, 30, 17, 0, tzinfo=ZONE)
    await town.open()
    await town.quiet()
    said = town.contact.find(EXITS)
    assert "Det här skulle ha kommit i dag kl. 16.00." in said.text
    assert sum(EXITS in message.text for message in town.contact.messages) == 1


async def test_after_an_outage_a_step_that_no_longer_helps_is_left_out_and_listed(town: House) -> None:
    await council(town)
    await town.app.stop()
    town.clock.at = datetime(2026, 11, 30, 19, 0, tzinfo=ZONE)
    await town.open()
    await town.quiet()
    assert not town.contact.has(EXITS)
    assert (await steps(town))["exits"] == "missed"
    await at(town, 12, 1, 8)
    assert f"Blev inte av: {EXITS}" in town.chief.find("God morgon").text
    await at(town, 12, 2, 8)
    assert sum("Blev inte av" in message.text for message in town.chief.messages) == 1


async def test_a_contact_who_has_had_two_this_month_reads_the_third_in_the_calendar(town: House) -> None:
    for day in (2, 9, 16):
        await council(town, f"{day} december 18")
    for day in (2, 9, 16):
        await at(town, 12, day, 16)
    assert sum(EXITS in message.text for message in town.contact.messages) == 2
    rows = [row for row in await town.all(Briefing) if row.step == "exits"]
    assert [(row.state, row.reason) for row in rows] == [("sent", ""), ("sent", ""), ("skipped", "budget")]
    await open_card(town.contact, "Fullmäktige 16/12")
    assert f"Att läsa: {EXITS}" in town.contact.last.text
    await open_card(town.chief, "Fullmäktige 16/12")
    assert "alla hade fått nog den månaden" in town.chief.last.text


async def test_a_partys_event_briefs_its_own_contacts_only_and_is_not_counted(town: House) -> None:
    await event(town.contact, when="5 december 11")
    await at(town, 12, 4, 10)
    assert town.contact.has("Före er aktivitet")
    for seat in (town.neighbour, town.official, town.loner):
        assert not seat.has("Före er aktivitet")
    row = next(row for row in await town.all(Briefing) if row.step == "briefing")
    assert (row.state, row.counts) == ("sent", False)


async def test_nobody_but_the_unit_has_a_step_in_hand(town: House) -> None:
    await council(town)
    number = (await step(town, "exits")).id
    await town.contact.command("kalender")
    for action in ("brief", "brief_show", "brief_send", "brief_hold", "brief_skip", "brief_words", "brief_move"):
        told = await town.told(town.contact, town.forge(town.contact, f"a.{action}.{number}"))
        assert EXITS not in told
    await town.told(town.contact, town.forge(town.contact, f"a.morning_done.{number}"))
    assert (await steps(town))["exits"] == "planned"
    assert not [row for row in await town.all(Alert) if row.briefing_id]


async def test_a_due_step_waits_as_a_row_and_no_other_process_lets_it_go_twice(town: House) -> None:
    await council(town)
    row = await step(town, "exits")
    waiting = [one for one in await town.all(Deadline) if one.kind == "briefing" and one.subject == row.id]
    assert [one.state for one in waiting] == ["waiting"]
    await at(town, 11, 30, 16)
    town.clock.at -= timedelta(hours=1)  # the clock jumps back
    town.app.clock.ring()
    await town.quiet()
    await town.restart()
    await at(town, 11, 30, 17)
    assert sum(EXITS in message.text for message in town.contact.messages) == 1


async def test_what_was_moved_by_hand_past_the_time_when_it_helps_goes_all_the_same(town: House) -> None:
    await event(town.contact, when="19 december 11")
    await open_step(town, town.chief, "Fråga polisen i tid")
    await town.chief.press("Flytta")
    await town.chief.write("17 december 10")
    await town.restart()
    await at(town, 12, 17, 10)
    assert town.contact.has("Fråga polisen i tid")


async def test_what_the_unit_promised_for_another_time_is_asked_anew_and_called_off_with_the_event(town: House) -> None:
    await event(town.contact, support="Ja, fråga dem")
    await town.chief.press("Vi är där")
    await open_card(town.contact, "Torgmöte 19/12")
    await town.contact.press("Flytta")
    await town.contact.write("20 december 12")
    assert "söndag 20 december kl. 12.00" in town.chief.find("Kan ni vara där?").text
    await open_card(town.contact, "Torgmöte 20/12")
    assert "Ingen har svarat än" in town.contact.last.text
    await town.chief.press("Vi är där")
    await open_card(town.contact, "Torgmöte 20/12")
    await town.contact.press("Ställ in")
    await town.contact.press("Ja, ställ in")
    assert "Bokpartiet har ställt in" in town.chief.find("Ni behöver inte komma").text


async def test_who_was_written_to_about_a_meeting_hears_that_it_is_moved(town: House) -> None:
    await called(town, "Fullmäktige", "30 november 18", kind="Fullmäktige")
    readers = ("De på ett möte", "Fullmäktige 30/11", "Skicka till 3 personer")
    await own_words(town, "Akut", "Ny lokal", "Hoppa över", *readers)
    await open_card(town.chief, "Fullmäktige 30/11")
    await town.chief.press("Flytta")
    await town.chief.write("1 december 18")
    await town.chief.press("Ja, flytta (3)")
    assert town.official.has("Ny tid för ett möte")


async def test_a_contact_who_has_left_hears_nothing_more(town: House) -> None:
    await council(town)
    await at(town, 11, 30, 16)
    await town.end_role(town.neighbour)
    await open_card(town.chief, "Fullmäktige 30/11")
    await town.chief.press("Flytta")
    await town.chief.write("1 december 18")
    await town.chief.press("Ja, flytta (1)")
    assert town.contact.has("Ny tid för ett möte")
    assert not town.neighbour.has("Ny tid för ett möte")


async def test_a_meeting_of_one_party_is_no_others(town: House) -> None:
    await called(town, "Gruppmöte", "30 november 18", kind="Fullmäktige")
    await at(town, 11, 30, 16)
    assert town.contact.has(EXITS)
    assert not town.neighbour.has(EXITS)


async def test_a_press_that_sends_nothing_changes_nothing(town: House) -> None:
    await council(town)
    await town.end_role(town.contact)
    await town.end_role(town.neighbour)
    await town.end_role(town.deputy)
    number = (await step(town, "exits")).id
    await town.chief.command("kalender")
    told = await town.told(town.chief, town.forge(town.chief, f"a.brief_send.{number}"))
    assert "ingen har den rollen" in told
    assert (await steps(town))["exits"] == "planned"


async def test_what_is_to_be_done_on_the_day_is_to_be_done_again_when_the_day_is_another(town: House) -> None:
    await council(town)
    await at(town, 11, 30, 8)
    post = town.chief.find("God morgon").text
    number = next(line.split(".")[0] for line in post.split("\n") if "Gå igenom lokalen" in line)
    await town.chief.press(f"Klart {number}", "God morgon")
    await open_card(town.chief, "Fullmäktige 30/11")
    await town.chief.press("Flytta")
    await town.chief.write("7 december 18")
    assert (await steps(town))["sweep"] == "planned"
    await at(town, 12, 7, 8)
    assert "Gå igenom lokalen" in town.chief.find("God morgon").text
