"""An evacuation asks who is out, and the unit sees at once who is not."""

from __future__ import annotations

import asyncio
import time
from functools import partial

from sqlmodel import Session, select

from bot.events import Address, Chat, Event, Kind, Platform
from bot.playground.seat import Seat
from storage.tables import Account, Alert, Incident, Meeting, Receipt
from tests.contract.conftest import House, swedish
from tests.contract.test_meeting_day import BEGUN, day, status, there, tonight, under_way
from tests.contract.test_meetings import number_of
from tests.contract.test_resting import rests
from tests.contract.test_runs import whispered

OUT = "AKUT · Utrymning: gå ut nu"

CROWD = 300


async def evacuated(town: House, people: int = 7) -> None:
    """The officer lets everybody leave the room."""
    await under_way(town)
    await town.officer.press("Utrym")
    await town.officer.press(f"Ja, utrym: {people} personer")


async def board(town: House, who: Seat | None = None) -> str:
    """What the chief's board says once it is current."""
    await town.advance(seconds=3)
    return (who or town.chief).find("Inte ute än:").text


async def all_clear(town: House) -> None:
    """The officer says that the danger is over."""
    await town.officer.press("Faran över", OUT)
    await town.officer.press("Hoppa över")
    await town.officer.press(next(label for label in town.officer.last.labels if label.startswith("Skicka till")))


async def test_it_asks_once_more_and_names_how_many_it_reaches(town: House) -> None:
    await under_way(town)
    await town.contact.press("Jag är inte där", BEGUN)
    await town.officer.press("Utrym")
    assert "112" in town.officer.last.text
    assert town.officer.last.labels == ("Ja, utrym: 7 personer", "Nej, tillbaka")
    assert not town.deputy.has(OUT) and await status(town) == ["started"]
    await town.officer.press("Nej, tillbaka")
    assert "Mötet har börjat. Omar Lind" in town.officer.last.text
    await town.officer.press("Utrym")
    await town.officer.press("Ja, utrym: 7 personer")
    assert await status(town) == ["started", "evacuated"]
    assert town.deputy.has(OUT)


async def test_who_was_not_there_hears_of_an_evacuation_all_the_same_and_counts_as_before(town: House) -> None:
    await under_way(town)
    await town.contact.press("Jag är inte där", BEGUN)
    await town.officer.press("Utrym")
    await town.officer.press("Ja, utrym: 7 personer")
    said = town.contact.find(OUT)
    assert "Du är inte där, svarade du" in said.text
    assert "0 av 7 är ute. Inte där: 1. Inte ute än: 6." in town.chief.find("Inte ute än:").text
    await town.contact.press("Jag är ute", OUT)
    assert "1 av 7 är ute. Inte där: 0. Inte ute än: 6." in await board(town)


async def test_the_chair_who_lets_everybody_leave_is_asked_too_and_hears_that_it_is_over(town: House) -> None:
    await under_way(town)
    await day(town.chair)
    await town.chair.press("Utrym")
    await town.chair.press("Ja, utrym: 7 personer")
    assert "Cia Stol" in town.chief.find("Inte ute än:").text
    await town.chair.press("Jag är ute", OUT)
    await town.chief.press("Faran över", "Inte ute än:")
    await town.chief.press("Hoppa över")
    await town.chief.press(next(label for label in town.chief.last.labels if label.startswith("Skicka till")))
    assert town.chair.has("FARAN ÖVER")


async def test_everybody_can_be_let_out_again_after_the_all_clear_and_after_the_end(town: House) -> None:
    await evacuated(town)
    await all_clear(town)
    await day(town.officer)
    await town.officer.press("Utrym")
    await town.officer.press("Ja, utrym: 7 personer")
    assert await status(town) == ["started", "evacuated", "evacuated"]
    assert len([1 for seen in town.contact.messages if seen.text.startswith(OUT)]) == 2


async def test_a_locked_screen_says_what_to_do_and_the_words_are_those_of_an_evacuation(town: House) -> None:
    await rests(town, town.contact, "17:00-23:00")
    await evacuated(town)
    for seat in there(town):
        said = seat.find(OUT)
        lines = [line for line in said.text.split("\n") if line]
        assert lines[0] == OUT and "112" in lines[1]
        assert "Tryck Jag är ute när du är ute, senast kl. 18.05." in said.text
        assert said.labels[:3] == ("Jag är ute", "Jag behöver hjälp", "Jag är inte där")
        assert "trygg" not in said.text
    if town.platform == "slack":
        assert OUT in [m.text for m in town.contact.human.messages]
    [alert] = [row for row in await town.all(Alert) if row.change == "evacuated"]
    assert (alert.level, alert.ask, alert.minutes) == ("emergency", "safe", 5)


async def test_the_unit_sees_at_once_who_is_out_who_is_not_there_and_who_is_not_out(town: House) -> None:
    await evacuated(town)
    assert "0 av 7 är ute. Inte där: 0. Inte ute än: 7." in town.chief.find("Inte ute än:").text
    await town.contact.press("Jag är ute", OUT)
    await town.deputy.press("Jag är inte där", OUT)
    await town.official.press("Jag behöver hjälp", OUT)
    text = await board(town)
    assert "1 av 7 är ute. Inte där: 1. Inte ute än: 4." in text
    assert "Behöver hjälp: Oda Ros." in text
    assert "Inte ute än: Kim Holm, Ida Sten, Cia Stol, Gun Vakt." in text
    assert "trygg" not in text and "har svarat" not in text
    assert await board(town, town.officer) == text
    for seat in there(town):
        assert not seat.has("Inte ute än:"), "names are the unit's"


async def test_the_answer_can_be_changed_and_each_counts_once(town: House) -> None:
    await evacuated(town)
    await town.contact.press("Jag är inte där", OUT)
    assert "Du är inte där, svarade du kl. 18.00." in town.contact.find(OUT).text
    await town.advance(minutes=2)
    await town.contact.press("Jag är ute", OUT)
    assert "Du är ute, svarade du kl. 18.02." in town.contact.find(OUT).text
    assert "1 av 7 är ute. Inte där: 0." in await board(town)
    await town.contact.press("Jag är inte där", OUT)
    assert "0 av 7 är ute. Inte där: 1." in await board(town)
    await town.contact.press("Jag behöver hjälp", OUT)
    assert "Behöver hjälp: Alva Berg." in await board(town)
    assert town.officer.has("Ärende 1 · Händer nu")
    [incident] = await town.all(Incident)
    assert incident.meeting_id == await number_of(town, "council")
    await town.contact.press("Avbryt")
    await town.contact.press("Jag är ute", OUT)
    assert "1 av 7 är ute. Inte där: 0." in await board(town)
    assert len([row for row in await town.all(Receipt) if row.answer]) == 1


async def test_a_late_answer_says_so_in_words_of_an_evacuation(town: House) -> None:
    await evacuated(town)
    await town.advance(minutes=6)
    assert town.contact.has("Är du ute? Säkerhetsenheten väntar på ditt svar"), "who has not answered is reminded"
    await town.contact.press("Jag är ute", OUT)
    assert "Du är ute, svarade du kl. 18.06, efter kl. 18.05. Det räknas." in town.contact.find(OUT).text
    await town.official.press("Jag är inte där", OUT)
    assert "Du är inte där, svarade du kl. 18.06, efter kl. 18.05." in town.official.find(OUT).text


async def test_no_deputy_is_called_to_a_room_that_they_are_not_in(town: House) -> None:
    await town.linked("Ulf Nord", "deputy", "Kottepartiet")
    await tonight(town)
    await town.look(_only_contacts)
    await town.move_to(swedish(11, 23, 18))
    await day(town.officer)
    await town.officer.press("Utrym")
    await town.officer.press("Ja, utrym: 4 personer")
    await town.live_to(swedish(11, 23, 18, 20))
    assert all(not seat.has(OUT) for seat in town.seats if seat.name in ("Ulf Nord", "Dag Ek"))
    assert town.chief.has("Ring dem som inte har svarat") or town.officer.has("Ring"), "the unit is told whom to call"


def _only_contacts(session: Session) -> None:
    row = session.exec(select(Meeting).where(Meeting.kind == "council")).one()
    row.audience = {**row.audience, "roles": ["contact"]}


async def test_the_table_and_the_file_say_out_and_not_there(town: House) -> None:
    await evacuated(town)
    await town.contact.press("Jag är ute", OUT)
    await town.deputy.press("Jag är inte där", OUT)
    await town.chief.press("Visa alla", "Inte ute än:")
    text = town.chief.last.text
    assert "ute kl. 18.00" in text and "inte där kl. 18.00" in text and "inte än" in text
    await town.chief.press("Hämta som fil", "Inte ute än:")
    content = town.chief.files[-1][2].decode("utf-8-sig")
    rows = {line.split(";")[1]: line.split(";")[2] for line in content.splitlines()[2:]}
    assert (rows["Alva Berg"], rows["Dag Ek"], rows["Oda Ros"]) == ("ute", "inte där", "")


async def test_who_has_a_place_but_no_account_shows_as_before(town: House) -> None:
    account = await town.account(town.contact)
    await under_way(town)
    await town.look(partial(_block, number=account.id or 0))
    await town.officer.press("Utrym")
    await town.officer.press("Ja, utrym: 6 personer")
    text = await board(town)
    assert "0 av 7 är ute. Inte där: 0. Inte ute än: 6." in text
    assert "Når jag inte: Alva Berg (har stängt av boten)." in text


def _block(session: Session, number: int) -> None:
    session.get_one(Account, number).state = "blocked"


async def test_the_meeting_goes_on_only_after_the_units_all_clear(town: House) -> None:
    await evacuated(town)
    await day(town.chair)
    assert "Säkerhetsenheten säger till när faran är över." in town.chair.last.text
    assert "Mötet fortsätter" not in town.chair.last.labels and "Faran över" not in town.chair.last.labels
    number = await number_of(town, "council")
    entry = len(await status(town))
    for seat, words in ((town.chair, "Säkerhetsenheten säger till"), (town.officer, "Tryck Faran över")):
        for way in ("resumed", "ended"):
            token = f"a.day_status.{number}.{way}-{entry}"
            told = await town.told(seat, town.forge(seat, token))
            assert words in told + whispered(seat)
    assert await status(town) == ["started", "evacuated"]
    await all_clear(town)
    assert "Du får veta här när mötet fortsätter." in town.contact.find("FARAN ÖVER").text
    assert "Jag är ute" not in town.contact.find(OUT).labels
    told = await town.told(town.chair, town.forge(town.chair, f"a.day_status.{number}.resumed-{entry}"))
    assert "säger säkerhetsenheten när mötet fortsätter" in told + whispered(town.chair)
    await town.chair.press("Se läget nu")
    labels = town.chair.find("Utrymning. Omar Lind sa det").labels
    assert "Mötet är slut" in labels and "Mötet fortsätter" not in labels
    await town.advance(seconds=3)
    await town.officer.press("Mötesdagen", OUT)
    await town.officer.press("Mötet fortsätter")
    assert await status(town) == ["started", "evacuated", "resumed"]
    for seat in there(town):
        assert seat.has("Mötet fortsätter. Gå till din plats.")


async def test_who_said_they_are_not_there_does_not_hear_that_it_goes_on_and_who_is_helped_does(town: House) -> None:
    await evacuated(town)
    await town.deputy.press("Jag är inte där", OUT)
    await town.official.press("Jag behöver hjälp", OUT)
    await all_clear(town)
    await town.restart()
    await day(town.officer)
    await town.officer.press("Mötet fortsätter")
    assert not town.deputy.has("Gå till din plats") and town.official.has("Gå till din plats")


async def test_a_restart_in_the_middle_loses_no_answer(town: House) -> None:
    await evacuated(town)
    await town.contact.press("Jag är ute", OUT)
    await town.restart()
    await town.official.press("Jag är ute", OUT)
    assert "2 av 7 är ute." in await board(town)
    await all_clear(town)
    await day(town.officer)
    assert "Mötet är slut" in town.officer.last.labels
    await town.officer.press("Mötet är slut")
    assert await status(town) == ["started", "evacuated", "ended"]


async def test_an_evacuation_is_not_held_up_by_what_was_said_meanwhile(town: House) -> None:
    await under_way(town)
    await day(town.chief)
    await town.officer.press("Utrym")
    await town.chief.press("Mötet störs")
    await town.officer.press("Ja, utrym: 7 personer")
    assert await status(town) == ["started", "disturbed", "evacuated"]
    told = await town.told(town.chief, town.chief.press("Utrym", "Mötet störs"))
    assert "Utrymning. Omar Lind sa det kl. 18.00." in told + whispered(town.chief)
    assert len([row for row in await town.all(Alert) if row.change == "evacuated"]) == 1


async def test_a_meeting_cancelled_while_people_are_out_lets_the_unit_end_the_danger(town: House) -> None:
    await evacuated(town)
    await town.chief.command("kalender")
    await town.chief.press("Fullmäktige 23/11")
    await town.chief.press("Ställ in")
    await town.chief.press("Ja, ställ in")
    await town.contact.press("Jag är ute", OUT)
    assert "1 av 7 är ute." in await board(town)
    await all_clear(town)
    assert town.contact.has("FARAN ÖVER")


async def test_a_muster_of_three_hundred_loses_no_press(town: House) -> None:
    await tonight(town)
    crowd = await town.members([(f"Ledamot {n}", town.platform, "official", "") for n in range(CROWD)])
    await town.move_to(swedish(11, 23, 18))
    await day(town.officer)
    await town.officer.press("Utrym")
    await town.officer.press(f"Ja, utrym: {CROWD + 7} personer")
    [alert] = [row.id or 0 for row in await town.all(Alert) if row.change == "evacuated"]
    said = ("need_help", *(("safe",) * 40), *(("away",) * 9))
    wanted = {seat.user: said[n % 50] for n, seat in enumerate(crowd)}
    began = time.monotonic()
    await asyncio.gather(*(town.app.intake.handle(one) for seat in crowd for one in presses(town, seat, wanted, alert)))
    await town.quiet()
    assert time.monotonic() - began < 20
    people = {row.user: row.person_id for row in await town.all(Account)}
    answers = {row.person_id: row.answer for row in await town.all(Receipt) if row.alert_id == alert}
    words = {"safe": "safe", "away": "away", "need_help": "help"}
    assert {user: answers[people[user]] for user in wanted} == {user: words[said] for user, said in wanted.items()}
    assert len(await town.all(Incident)) == CROWD // 50
    assert f"240 av {CROWD + 7} är ute. Inte där: 54. Inte ute än: 7." in await board(town)
    shown = {"safe": "Du är ute, svarade du", "away": "Du är inte där", "need_help": "Du bad om hjälp"}
    assert all(shown[wanted[seat.user]] in seat.find(OUT).text for seat in crowd)
    assert await town.nothing_kept() and await town.unsettled() == []


def presses(town: House, seat: Seat, wanted: dict[str, str], alert: int) -> list[Event]:
    """Everybody presses twice: hands shake."""
    address, now = Address(Platform(seat.platform), seat.team, seat.user), town.clock.at
    token = f"a.{wanted[seat.user]}.{alert}"
    return [
        Event(f"{seat.user}:{n}", address, Chat(seat.user, True), Kind.PRESS, now, now, token=token) for n in (1, 2)
    ]


async def test_that_somebody_has_read_it_does_not_say_that_they_are_out(town: House) -> None:
    await evacuated(town)
    [alert] = [row for row in await town.all(Alert) if row.change == "evacuated"]
    await town.forge(town.contact, f"a.read.{alert.id}", town.contact.find(OUT))
    assert "Inte ute än: 7." in await board(town)


async def test_who_pressed_wrong_at_the_muster_is_there_again_once_it_is_over(town: House) -> None:
    await evacuated(town)
    await town.contact.press("Jag är inte där", OUT)
    await all_clear(town)
    await town.contact.press("Jag är där", OUT)
    await day(town.officer)
    await town.officer.press("Mötet fortsätter")
    assert town.contact.has("Mötet fortsätter. Gå till din plats.")
