"""Issue 4, point 1: a broadcast can be sent later: once, to those whom it reaches then."""

from __future__ import annotations

from datetime import timedelta

from sqlmodel import Session

from storage.tables import AlertEntry, Receipt, Role
from tests.contract.conftest import House, swedish
from tests.contract.test_compose import TO_TWO, alert, block, draft, sent_token

TOMORROW = swedish(11, 24, 9)


async def planned(town: House, when: str = "i morgon 9") -> None:
    """The officer lets a template go out later."""
    await draft(town)
    await town.officer.press("Schemalägg")
    await town.officer.write(when)


async def leave(town: House, role: int) -> None:
    """This role is over; nobody was asked to do it in chat."""

    def end(session: Session) -> None:
        session.get_one(Role, role).ended_at = town.clock.at

    await town.look(end)


async def test_it_goes_out_at_its_time_to_whom_it_reaches_then(town: House) -> None:
    await planned(town)
    assert "skickas i morgon kl. 9.00" in town.officer.last.text
    new = await town.linked("Nya Ek", "contact", "Kottepartiet")
    await town.move_to(TOMORROW - timedelta(seconds=1))
    assert not town.contact.has("Håll er inne")
    await town.move_to(TOMORROW)
    for seat in (town.contact, town.neighbour, new):
        assert seat.last.text.startswith("AKUT · Håll er inne")
    assert "skickades kl. 9.00" in town.officer.find("Utskick 1 skickades").text
    assert not town.officer.has("för sent")


async def test_it_goes_out_once_whatever_restarts(town: House) -> None:
    await planned(town)
    await town.restart()
    await town.move_to(TOMORROW)
    await town.restart()
    await town.advance(minutes=10)
    assert len(await town.all(Receipt)) == 2
    assert len([seen for seen in town.contact.messages if seen.text.startswith("AKUT")]) == 1


async def test_what_goes_out_late_after_an_outage_says_so_to_its_author(town: House) -> None:
    await planned(town)
    await town.app.stop()
    town.clock.at = TOMORROW + timedelta(minutes=20)
    await town.open()
    await town.quiet()
    assert town.contact.has("Håll er inne")
    assert "gick ut nu, för sent. Det skulle ha gått i dag kl. 9.00." in town.officer.find("för sent").text


async def test_a_time_that_has_passed_is_asked_for_again(town: House) -> None:
    await planned(town, "9.30")
    assert "Den tiden har redan varit" in town.officer.last.text
    await town.officer.write("18.30")
    row = await alert(town)
    assert row.state == "scheduled" and row.send_at == swedish(11, 23, 18, 30)


async def test_what_is_planned_is_counted_listed_and_called_off_by_anybody_of_the_unit(town: House) -> None:
    await planned(town)
    await planned(town, "fredag 12")
    await town.chief.command("utskick")
    await town.chief.press("Planerade utskick: 2")
    assert "I morgon kl. 9.00: AKUT · Håll er inne" in town.chief.last.text
    await town.chief.press("Visa utskick 1")
    assert town.chief.last.labels == ("Ställ in",) and "Lås dörren." in town.chief.last.text
    await town.chief.press("Ställ in")
    assert town.officer.has("Siv Almgren ställde in ditt utskick 1")
    await town.move_to(TOMORROW)
    assert not town.contact.has("Håll er inne")
    told = await town.told(town.chief, town.forge(town.chief, "a.call_off_alert.1"))
    assert "Inget skickades" in told


async def test_it_can_be_planned_anew_sent_at_once_or_changed_and_stays_planned(town: House) -> None:
    await planned(town)
    await town.officer.press("Schemalägg")
    await town.officer.write("i morgon 12")
    await town.officer.press("Ändra")
    await town.officer.press("Rubriken")
    await town.officer.write("Mötet börjar en timme senare")
    assert "skickas i morgon kl. 12.00" in town.officer.last.text
    await town.move_to(TOMORROW)
    assert not town.contact.has("Mötet börjar")
    await town.officer.press(TO_TWO)
    assert town.contact.has("Mötet börjar")
    await town.move_to(TOMORROW + timedelta(hours=4))
    assert len([entry for entry in await town.all(AlertEntry) if entry.kind == "sent"]) == 1, "it went out twice"


async def test_a_plan_and_a_press_at_once_send_once(town: House) -> None:
    await planned(town)
    token = await sent_token(town)
    await town.move_to(TOMORROW)
    assert "Det är redan skickat." in await town.told(town.officer, town.forge(town.officer, token))
    assert len(await town.all(Receipt)) == 2


async def test_what_reaches_nobody_when_its_time_comes_is_not_sent_and_said(town: House) -> None:
    await planned(town)
    for seat in (town.contact, town.deputy, town.neighbour):
        await block(town, (await town.account(seat)).id or 0)
    await town.move_to(TOMORROW)
    assert "gick inte ut i dag kl. 9.00: ingen går att nå" in town.officer.last.text
    assert (await alert(town)).state == "draft"


async def test_what_somebody_planned_who_has_left_is_the_chiefs_to_send(town: House) -> None:
    await planned(town)
    await leave(town, 2)
    await town.move_to(TOMORROW)
    assert not town.contact.has("Håll er inne")
    assert "Omar Lind är inte längre på enheten" in town.chief.last.text
    await town.chief.press("Visa")
    await town.chief.press(TO_TWO)
    assert "Från Siv Almgren" in town.contact.last.text
