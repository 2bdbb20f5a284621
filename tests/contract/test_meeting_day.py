"""The day of a meeting: how it stands reaches those who are there at once, once, and nobody else."""

from __future__ import annotations

import asyncio
from functools import partial

from sqlmodel import Session, select

from bot.playground.seat import Seat
from storage.tables import Alert, Held, Incident, Meeting, MeetingEntry, Person, Receipt, Role
from tests.contract.conftest import House, swedish
from tests.contract.test_briefings import council
from tests.contract.test_meetings import called, event, number_of, open_card
from tests.contract.test_resting import rests
from tests.contract.test_runs import whispered

BEGUN, DISTURBED = "Mötet har börjat. Ha telefonen nära dig.", "Mötet störs. Sitt kvar och följ ordföranden."
CARD = "Fullmäktige 23/11"
ACTS = ("day", "day_status", "order", "check", "look_back", "look_read", "order_show", "order_yes", "order_no", "away",
        "here")  # fmt: skip


async def helper(town: House, name: str, task: str) -> Seat:
    """Somebody who helps with that task."""
    seat = await town.linked(name, "helper")
    await town.look(partial(_give_task, name=name, task=task))
    return seat


def _give_task(session: Session, name: str, task: str) -> None:
    for role in session.exec(select(Role).where(Role.kind == "helper")):
        if session.get_one(Person, role.person_id).name == name:
            role.task = task


async def tonight(town: House) -> None:
    """A council meeting today at six, of all parties; Cia chairs it and Gun guards it."""
    town.chair, town.guard = await helper(town, "Cia Stol", "chair"), await helper(town, "Gun Vakt", "guard")
    await council(town, "i dag 18")


async def day(who: Seat, label: str = CARD) -> None:
    """Open the message of the day."""
    await open_card(who, label)
    await who.press("Mötesdagen")


async def under_way(town: House) -> None:
    """It is six o'clock, and the officer says that the meeting has begun."""
    await tonight(town)
    await town.move_to(swedish(11, 23, 18))
    await day(town.officer)
    await town.officer.press("Mötet har börjat")


async def status(town: House) -> list[str]:
    """What was said of it, in order."""
    return [row.body["status"] for row in await town.all(MeetingEntry) if row.kind == "status"]


def there(town: House) -> tuple[Seat, ...]:
    """Who is at the meeting, and does not lead it from the unit."""
    return (town.contact, town.deputy, town.official, town.neighbour, town.loner, town.chair, town.guard)


async def test_that_it_has_begun_reaches_everybody_whom_it_is_for_and_who_chairs_and_guards_it(town: House) -> None:
    await under_way(town)
    for seat in there(town):
        said = seat.find(BEGUN)
        assert said.text.startswith(BEGUN)
        assert "Fullmäktige, i dag kl. 18.00, Stadshuset" in said.text
        assert "Omar Lind på säkerhetsenheten, kl. 18.00." in said.text
        assert [label for label in said.labels if label != "Skicka vidare"] == ["Något oroar mig", "Jag är inte där"]
    assert not town.officer.has(BEGUN), "who says it knows it"
    assert not town.chief.has(BEGUN), "the meeting is not for the unit, which has the day's message"
    assert "Mötet har börjat. Omar Lind sa det kl. 18.00." in town.officer.last.text


async def test_the_message_of_the_day_offers_what_makes_sense_next(town: House) -> None:
    await tonight(town)
    await day(town.chief)
    assert "Mötet har inte börjat." in town.chief.last.text
    ways = {"Mötet har börjat", "Mötet störs", "Paus", "Utrym", "Mötet fortsätter", "Mötet är slut"}

    def offered() -> list[str]:
        return [label for label in town.chief.last.labels if label in ways]

    assert offered() == ["Mötet har börjat"]
    for press, after in (
        ("Mötet har börjat", ["Mötet störs", "Paus", "Utrym", "Mötet är slut"]),
        ("Mötet störs", ["Mötet fortsätter", "Paus", "Utrym", "Mötet är slut"]),
        ("Paus", ["Mötet fortsätter", "Utrym", "Mötet är slut"]),
        ("Mötet fortsätter", ["Mötet störs", "Paus", "Utrym", "Mötet är slut"]),
        ("Mötet är slut", ["Mötet fortsätter", "Utrym"]),
    ):
        await town.chief.press(press)
        assert offered() == after
    log = town.chief.last.text
    assert log.count("Siv Almgren") >= 6, "who and when, for each"
    assert await status(town) == ["started", "disturbed", "adjourned", "resumed", "ended"]
    await town.advance(hours=3)
    await day(town.chief)
    assert offered() == [], "nobody is there any more"


async def test_the_unit_hears_at_once_what_the_chair_says_of_it(town: House) -> None:
    await under_way(town)
    await rests(town, town.chief, "17:00-23:00")
    await day(town.chair)
    await town.chair.press("Mötet störs")
    told = town.chief.last
    assert told.text.startswith("Mötet störs. Cia Stol sa det kl. 18.00.")
    assert not town.officer.has("Mötet störs. Cia Stol"), "nobody but whoever is on duty, and the chiefs"
    await town.chief.press("Mötesdagen")
    await town.chief.press("Paus")
    assert await status(town) == ["started", "disturbed", "adjourned"]


async def test_people_may_have_to_leave_the_room_before_it_has_begun(town: House) -> None:
    await tonight(town)
    await town.move_to(swedish(11, 23, 17, 30))
    await day(town.chief)
    assert "Utrym" in town.chief.last.labels


async def test_each_status_says_first_what_to_do_and_a_locked_screen_says_nothing_of_it(town: House) -> None:
    await under_way(town)
    await town.officer.press("Mötet störs")
    said = town.contact.find(DISTURBED)
    lines = [line for line in said.text.split("\n") if line]
    assert lines[0] == f"VARNING · {DISTURBED}" and "112" in lines[1]
    assert said.labels[:2] == ("Händer nu", "Jag är inte där")
    notice = {row.change: row for row in await town.all(Alert)}
    assert notice["disturbed"].level == "warning" and notice["started"].level == "information"
    if town.platform == "slack":
        shown = [m.text for m in town.contact.human.messages]
        assert "VARNING · Nytt om ett möte" in shown and not any("störs" in text for text in shown)


async def test_it_happens_now_and_a_worry_are_a_press_away(town: House) -> None:
    await under_way(town)
    await town.contact.press("Något oroar mig", BEGUN)
    await town.contact.press("Händer nu")
    assert (await town.all(Incident))[0].meeting_id == await number_of(town, "council")
    await town.officer.press("Mötet störs", "Mötet har börjat")
    await town.neighbour.press("Händer nu", DISTURBED)
    assert len(await town.all(Incident)) == 2


async def test_who_is_not_there_hears_no_more_of_it_until_they_are(town: House) -> None:
    await under_way(town)
    await town.contact.press("Jag är inte där", BEGUN)
    said = town.contact.find(BEGUN)
    assert "Du är inte där, svarade du kl. 18.00." in said.text and "Jag är inte där" not in said.labels
    await town.officer.press("Mötet störs")
    assert not town.contact.has(DISTURBED) and town.deputy.has(DISTURBED)
    await town.contact.press("Jag är där", BEGUN)
    assert town.contact.has(DISTURBED), "what was said meanwhile comes at once"
    await town.officer.press("Mötet fortsätter")
    assert town.contact.has("Mötet fortsätter. Gå till din plats.")
    assert "svarade du" not in town.contact.find(BEGUN).text
    again = await town.told(town.contact, town.forge(town.contact, "a.here.1"))
    assert "redan" in again.lower() + whispered(town.contact).lower()


async def test_it_comes_at_once_in_quiet_hours_too(town: House) -> None:
    for seat in (town.contact, town.official):
        await rests(town, seat, "17:00-23:00")
    await under_way(town)
    await town.officer.press("Mötet störs")
    for seat in (town.contact, town.official):
        assert seat.has(BEGUN) and seat.has(DISTURBED)
    assert not [row for row in await town.all(Held) if row.post_id is not None]


async def test_two_officers_press_the_same_and_it_happens_once(town: House) -> None:
    await under_way(town)
    await day(town.chief)
    await town.officer.press("Mötet störs")
    await town.advance(minutes=2)
    told = await town.told(town.chief, town.chief.press("Mötet störs"))
    assert "Mötet störs. Omar Lind sa det kl. 18.00." in told + whispered(town.chief)
    assert await status(town) == ["started", "disturbed"]
    assert sum(DISTURBED in seen.text for seen in town.contact.messages) == 1


async def test_two_presses_at_the_same_moment_are_one(town: House) -> None:
    await under_way(town)
    await day(town.chief)
    number, entry = await number_of(town, "council"), (await town.all(MeetingEntry))[-1].id
    token = f"a.day_status.{number}.adjourned-{entry}"
    await asyncio.gather(town.forge(town.chief, token), town.forge(town.officer, token))
    assert await status(town) == ["started", "adjourned"]
    assert await town.nothing_kept()


async def test_a_press_on_what_has_changed_since_changes_nothing_and_shows_how_it_stands(town: House) -> None:
    await under_way(town)
    await day(town.chief)
    await town.officer.press("Mötet störs")
    told = await town.told(town.chief, town.chief.press("Mötet är slut"))
    assert "Någon hann före." in told + whispered(town.chief)
    assert "Mötet störs. Omar Lind sa det" in town.chief.last.text
    assert await status(town) == ["started", "disturbed"]
    await town.chief.press("Mötet är slut")
    assert await status(town) == ["started", "disturbed", "ended"]


async def test_a_meeting_that_has_ended_says_so(town: House) -> None:
    await under_way(town)
    await day(town.chief)
    await town.officer.press("Mötet är slut")
    told = await town.told(town.chief, town.chief.press("Paus"))
    assert "Mötet är slut. Omar Lind sa det kl. 18.00." in told + whispered(town.chief)
    assert await status(town) == ["started", "ended"]
    assert town.contact.find("Mötet är slut. Gå gärna flera tillsammans.")


async def test_a_meeting_that_is_cancelled_midway_says_so_and_tells_who_heard_of_it(town: House) -> None:
    await under_way(town)
    await open_card(town.chief, CARD)
    await town.chief.press("Ställ in")
    await town.chief.press("Ja, ställ in")
    told = await town.told(town.officer, town.officer.press("Mötet störs"))
    assert "Mötet är inställt kl. 18.00." in told + whispered(town.officer)
    assert await status(town) == ["started"]
    for seat in there(town):
        assert seat.has("Ett möte är inställt"), seat.name
    number = await number_of(town, "council")
    for act in ("check", "order"):
        told = await town.told(town.officer, town.forge(town.officer, f"a.{act}.{number}"))
        assert "Mötet är inställt" in told + whispered(town.officer)


async def test_it_goes_on_after_a_restart_where_it_stood(town: House) -> None:
    await under_way(town)
    await town.restart()
    await town.officer.press("Mötet störs")
    assert town.contact.has(DISTURBED)
    await town.contact.press("Jag är inte där", DISTURBED)
    await town.restart()
    await town.officer.press("Mötet fortsätter")
    assert not town.contact.has("Gå till din plats") and town.deputy.has("Gå till din plats")


async def test_on_another_day_it_begins_anew(town: House) -> None:
    await under_way(town)
    await town.contact.press("Jag är inte där", BEGUN)
    await open_card(town.chief, CARD)
    await town.chief.press("Flytta")
    await town.chief.write("24 november 18")
    await town.chief.press(next(label for label in town.chief.last.labels if label.startswith("Ja, flytta")))
    told = await town.told(town.officer, town.officer.press("Mötet störs"))
    assert "det går att säga hur det står först den dagen" in (told + whispered(town.officer)).lower()
    await town.live_to(swedish(11, 24, 18))
    await day(town.officer, "Fullmäktige 24/11")
    assert "Mötet har inte börjat." in town.officer.last.text
    await town.officer.press("Mötet har börjat")
    assert sum(BEGUN in seen.text for seen in town.contact.messages) == 2, "who was not there the first day is asked"


async def test_the_chair_leads_the_meeting_and_reads_nothing_of_the_units(town: House) -> None:
    await tonight(town)
    await town.move_to(swedish(11, 23, 18))
    await town.chair.command("kalender")
    assert CARD in town.chair.last.labels
    await town.chair.press(CARD)
    assert "Förberedelser" not in town.chair.last.labels and "Det här förbereds" not in town.chair.last.text
    await town.chair.press("Mötesdagen")
    assert "Lokalen" not in town.chair.last.text and "Se tillbaka" not in town.chair.last.labels
    await town.chair.press("Mötet har börjat")
    said = town.contact.find(BEGUN)
    assert "Cia Stol, som leder mötet, kl. 18.00." in said.text
    assert not town.chair.has(BEGUN) and town.guard.has(BEGUN)


async def test_the_chair_gets_the_steps_at_once_when_it_is_disturbed(town: House) -> None:
    await under_way(town)
    await rests(town, town.chair, "17:00-23:00")
    await town.officer.press("Mötet störs")
    steps = town.chair.find("Fullmäktige: något stör eller hotar")
    assert "112" in steps.text.split("\n")[0]
    assert "säg till först" in steps.text and "Säkerhetsenheten: " in steps.text
    assert "Bocka av" in steps.labels
    await town.chair.press("Bocka av")
    assert "Klart 1" in town.chair.last.labels
    for seat in (town.guard, town.contact):
        assert not seat.has("Fullmäktige: något stör eller hotar")


async def test_a_chair_who_says_it_is_disturbed_gets_the_steps_too_and_one_who_is_not_there_does_not(
    town: House,
) -> None:
    await under_way(town)
    other = await helper(town, "Cai Bord", "chair")
    await town.chair.press("Jag är inte där", BEGUN)
    await day(other)
    await other.press("Mötet störs")
    assert other.has("Fullmäktige: något stör eller hotar")
    assert not town.chair.has("Fullmäktige: något stör eller hotar")


async def test_the_chair_neither_sees_nor_leads_a_partys_own_event(town: House) -> None:
    await tonight(town)
    await event(town.contact, when="i dag 17")
    number = await number_of(town, "square")
    await town.chair.command("kalender")
    assert not town.chair.has("Torgmöte")
    for act in ("occasion", "day", "day_status", "check", "order"):
        argument = ".started-0" if act == "day_status" else ""
        told = await town.told(town.chair, town.forge(town.chair, f"a.{act}.{number}{argument}"))
        assert "Stortorget" not in told and "Torgmöte" not in told
    told = await town.told(town.officer, town.forge(town.officer, f"a.day.{number}"))
    assert "Stortorget" not in told, "nobody leads it in this way"
    assert await status(town) == []


async def test_the_day_is_offered_only_on_the_day_and_never_of_a_whole_day(town: House) -> None:
    await called(town, "Senare", "i morgon 18", "Alla som har boten")
    await open_card(town.chief, "Senare 24/11")
    assert "Mötesdagen" not in town.chief.last.labels
    number = await number_of(town, "other")
    await town.look(partial(_make_whole, number=number))
    await town.live_to(swedish(11, 24, 12))
    told = await town.told(town.chief, town.forge(town.chief, f"a.day.{number}"))
    assert "Senare" not in told


def _make_whole(session: Session, number: int) -> None:
    session.get_one(Meeting, number).whole_day = True


async def test_nobody_else_does_or_learns_anything_with_these_presses(town: House) -> None:
    await called(town, "Internt", "i dag 18", "Vissa partier", "Bokpartiet", "Klart", "Förtroendevalda med")
    lawyer = await helper(town, "Vera Lag", "lawyer")
    stranger = town.newcomer("Nisse Ny")
    stranger.open_chat()
    await day(town.officer, "Internt 23/11")
    await town.officer.press("Mötet har börjat")
    await open_card(town.contact, "Internt 23/11")
    await town.contact.press("Beställ stöd")
    for answer in ("Väktare", "Någon skrek", "Ja, beställ"):
        await (town.contact.press if answer in town.contact.last.labels else town.contact.write)(answer)
    order = next(row.id for row in await town.all(MeetingEntry) if row.kind == "order")
    number = await number_of(town, "other")
    before = [(row.kind, row.body) for row in await town.all(MeetingEntry)]
    answers = [(row.person_id, row.answer) for row in await town.all(Receipt)]
    for seat in (town.neighbour, town.loner, town.official, lawyer, stranger):
        if seat is stranger:
            await stranger.write("Hej")
        else:
            await seat.command("meny")
        for act in ACTS:
            subject = order if act.startswith("order_") else 99 if act in ("away", "here") else number
            for argument in ("", ".ended-1", ".evacuated-1-yes") if act == "day_status" else ("",):
                told = await town.told(seat, town.forge(seat, f"a.{act}.{subject}{argument}"))
                told += whispered(seat)
                for secret in ("Någon skrek", "väktare", "Omar Lind", "Mötet har börjat. "):
                    assert secret not in told, (seat.name, act, told)
    assert [(row.kind, row.body) for row in await town.all(MeetingEntry)] == before
    assert [(row.person_id, row.answer) for row in await town.all(Receipt)] == answers
    assert not town.neighbour.has("Internt") and not stranger.has("Internt")
    assert await town.nothing_kept()
