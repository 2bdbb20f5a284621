"""Issue 4, points 2 and 3: a broadcast is received and answered, and the board tells how it stands."""

from __future__ import annotations

from typing import Any

from sqlmodel import Session

from bot.commands import Audience, Level
from bot.services import alerts, audience, tally
from bot.services.work import Work
from storage.tables import Account, Alert, Incident, Receipt
from tests.contract.conftest import House

EVERYBODY = Audience(roles=("contact", "deputy", "official"))


async def broadcast(town: House, whom: Audience = EVERYBODY, **more: Any) -> int:
    """Send one from the chief, without the questions of composing. Returns its number."""
    author = (await town.account(town.chief)).person_id

    def send(session: Session) -> int:
        work = Work(session, town.clock.at, town.app.house)
        facts = {"level": Level.EMERGENCY, "ask": "read", "minutes": 15, "headline": "Skolgatan är avspärrad"}
        alert = Alert(
            text="Gå inte dit.\nPolisen är på plats.", audience=audience.to_json(whom), author_id=author,
            created_at=work.now, **{**facts, **more},
        )  # fmt: skip
        session.add(alert)
        session.flush()
        alerts.send(work, alert)
        return alerts.id_of(alert)

    number = await town.look(send)
    town.app.delivery.wake()
    await town.quiet()
    return number


async def count(town: House, number: int = 1) -> tally.Count:
    """The figures as they are stored."""

    def look(session: Session) -> tally.Count:
        return tally.counted(Work(session, town.clock.at, town.app.house), session.get_one(Alert, number))

    return await town.look(look)


async def test_everybody_whom_it_is_for_reads_it_at_once_and_nobody_else(town: House) -> None:
    await broadcast(town, Audience(roles=("contact",)))
    for seat in (town.contact, town.neighbour):
        assert seat.last.text.startswith("AKUT · Skolgatan är avspärrad")
        assert "Gå inte dit." in seat.last.text and "ring 112" in seat.last.text
        assert seat.last.labels == ("Läst", "Skicka vidare")
    for seat in (town.deputy, town.official, town.loner, town.officer):
        assert not seat.has("Skolgatan")


async def test_a_press_says_read_and_the_board_counts_it(town: House) -> None:
    await broadcast(town)
    assert "0 av 2 partier och 0 av 5 personer har läst." in town.chief.last.text
    await town.contact.press("Läst")
    assert "Du läste det kl. 10.00." in town.contact.last.text and town.contact.last.labels == ("Skicka vidare",)
    await town.advance(seconds=3)
    assert "1 av 2 partier och 1 av 5 personer har läst." in town.chief.last.text


async def test_an_answer_counts_once_for_a_person_on_two_platforms(both: House) -> None:
    second = await both.linked("Alva Berg", "contact", on=both.platforms[1])
    await broadcast(both)
    assert not second.has("Skolgatan")
    await both.contact.press("Läst")
    await both.forge(both.contact, "a.read.1")
    assert (await count(both)).answered == 1


async def test_a_late_answer_counts_and_says_that_it_is_late(town: House) -> None:
    await broadcast(town)
    await town.advance(minutes=16)
    await town.contact.press("Läst", "Skolgatan")
    assert "efter kl. 10.15. Det räknas." in town.contact.find("Du läste det").text
    found = await count(town)
    assert (found.answered, found.late) == (1, 1)


async def test_i_need_help_raises_an_incident_at_that_press(town: House) -> None:
    await broadcast(town, ask="safe")
    assert town.contact.last.labels == ("Jag är trygg", "Jag behöver hjälp", "Skicka vidare")
    await town.contact.press("Jag behöver hjälp")
    assert town.officer.has("Ärende 1 · Händer nu")
    incident = await town.incident()
    receipts = await town.all(Receipt)
    assert [r.incident_id for r in receipts if r.answer == "help"] == [incident.id]
    await town.forge(town.contact, "a.need_help.1")
    assert len(await town.all(Incident)) == 1, "a second press raised a second incident"


async def test_who_did_not_get_it_can_neither_answer_nor_learn_that_it_exists(town: House) -> None:
    await broadcast(town, Audience(roles=("contact",)))
    await town.loner.command("mina")
    told = await town.told(town.loner, town.forge(town.loner, "a.read.1"))
    assert told == await town.told(town.loner, town.forge(town.loner, "a.read.99"))
    assert "Skolgatan" not in told and (await count(town)).answered == 0


async def test_a_party_whose_contact_cannot_be_reached_is_told_through_its_deputy(town: House) -> None:
    account = await town.account(town.contact)

    def block(session: Session) -> None:
        session.get_one(Account, account.id).state = "blocked"

    await town.look(block)
    await broadcast(town, Audience(roles=("contact",)))
    assert town.deputy.has("Skolgatan")
    assert "Når jag inte: Alva Berg (har stängt av boten)." in town.chief.last.text


async def test_a_broadcast_to_more_than_fit_in_one_transaction_reaches_everybody(town: House, monkeypatch: Any) -> None:
    monkeypatch.setattr(alerts, "AT_ONCE", 2)
    await broadcast(town)
    town.app.clock.ring()
    await town.quiet()
    for seat in (town.contact, town.deputy, town.official, town.neighbour, town.loner):
        assert seat.has("Skolgatan")
    assert (await count(town)).people == 5
