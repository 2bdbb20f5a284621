"""Issue 4, point 4: who does not answer an alert is reminded, their deputy, their other account, and then called."""

from __future__ import annotations

from typing import Any

import pytest
from sqlmodel import Session

from bot.commands import Audience
from bot.playground.seat import Seat
from bot.services import alerts
from storage.tables import Account, Alert, AlertEntry, Deadline, Person, Receipt
from tests.contract.conftest import BOOKS, House
from tests.contract.test_alerts import EVERYBODY, broadcast, count

CONTACTS = Audience(roles=("contact",))
NUDGE = "Läs utskick 1: säkerhetsenheten väntar på ditt svar."
LIST = "Ring dem som inte har svarat på utskick 1."
ALVAS = "070-174 06 05"


async def steps(town: House) -> list[Any]:
    """The steps that ran, as they were written down."""
    return [entry.body["do"] for entry in await town.all(AlertEntry) if entry.kind == "chain"]


async def states(town: House) -> set[str]:
    return {row.state for row in await town.all(Deadline) if row.kind == "alert_chain"}


async def has_number(town: House, seat: Seat, number: str) -> None:
    """Let the person's telephone number be known."""
    person = (await town.account(seat)).person_id

    def write(session: Session) -> None:
        session.get_one(Person, person).phone = number

    await town.look(write)


async def test_who_has_not_answered_when_it_is_due_is_nudged_and_nobody_else(town: House) -> None:
    await broadcast(town, CONTACTS)
    await town.neighbour.press("Läst")
    await town.advance(minutes=15, seconds=-1)
    assert not town.contact.has(NUDGE)
    await town.advance(seconds=1)
    assert town.contact.last.text.startswith(NUDGE) and town.contact.last.labels == ("Läst",)
    assert "Gå inte dit" not in town.contact.last.text, "a nudge is short"
    assert not town.neighbour.has(NUDGE)


async def test_the_nudges_own_button_answers_and_both_messages_show_it(town: House) -> None:
    await broadcast(town, CONTACTS)
    await town.advance(minutes=15)
    await town.contact.press("Läst")
    assert "Tack, du har svarat på utskick 1." in town.contact.last.text and not town.contact.last.labels
    assert "Läst" not in town.contact.find("Gå inte dit").labels
    assert (await count(town)).answered == 1


async def test_of_a_party_in_which_no_contact_has_answered_the_deputy_gets_the_alert_too(town: House) -> None:
    await broadcast(town, CONTACTS)
    await town.advance(minutes=17)
    assert "Gå inte dit." in town.deputy.last.text and "Läst" in town.deputy.last.labels
    assert f"Du får det här för att ingen i {BOOKS} har svarat än." in town.deputy.last.text
    await town.deputy.press("Läst")
    found = await count(town)
    assert (found.people, found.answered, found.parties_answered) == (3, 1, 1)


async def test_of_a_party_in_which_a_contact_has_answered_the_deputy_is_left_alone(town: House) -> None:
    await broadcast(town, CONTACTS)
    await town.contact.press("Läst")
    await town.advance(minutes=60)
    assert not town.deputy.messages


async def test_one_contact_who_has_answered_is_enough_for_the_party(town: House) -> None:
    await town.linked("Stig Sol", "contact", BOOKS)
    await broadcast(town, CONTACTS)
    await town.contact.press("Läst")
    await town.advance(minutes=60)
    assert not town.deputy.messages and "Nådd: Stig Sol" in town.officer.last.labels


async def test_who_still_has_not_answered_gets_it_on_the_other_platform(both: House) -> None:
    alva = await both.linked("Alva Berg", "contact", on=both.platforms[1])
    kim = await both.linked("Kim Holm", "contact", on=both.platforms[1])
    await broadcast(both, CONTACTS)
    await both.neighbour.press("Läst")
    await both.advance(minutes=19, seconds=-1)
    assert not alva.messages
    await both.advance(seconds=1)
    assert "Gå inte dit." in alva.last.text and not kim.messages
    assert len([message for message in both.contact.messages if "Gå inte dit." in message.text]) == 1
    await alva.press("Läst")
    assert "Du läste det" in both.contact.find("Gå inte dit.").text, "both platforms show the one answer"


async def test_whoever_has_not_answered_is_on_a_list_to_be_called(town: House) -> None:
    await has_number(town, town.contact, ALVAS)
    await broadcast(town, CONTACTS)
    await town.advance(minutes=21)
    text = town.officer.last.text.replace("+46 70 ", "070-")
    assert text.startswith(LIST)
    assert f"Alva Berg (säkerhetsansvarig, {BOOKS}): {ALVAS}" in text
    assert "Kim Holm (säkerhetsansvarig, Kottepartiet): inget nummer" in text
    assert town.officer.last.labels == ("Nådd: Alva Berg", "Nådd: Dag Ek", "Nådd: Kim Holm")
    assert town.chief.has(LIST), "who sent it has the list too"


async def test_a_press_on_the_list_counts_as_told_and_every_list_shows_it(town: House) -> None:
    await broadcast(town, CONTACTS)
    await town.advance(minutes=21)
    await town.officer.press("Nådd: Alva Berg")
    await town.advance(seconds=3)
    for seat in (town.officer, town.chief):
        seen = seat.find(LIST)
        assert "nådd kl. 10.21" in seen.text and seen.labels == ("Nådd: Dag Ek", "Nådd: Kim Holm")
    assert "Omar Lind har nått dig" in town.contact.find("Gå inte dit").text
    [told] = [receipt for receipt in await town.all(Receipt) if receipt.answer == "told"]
    assert told.told_by == (await town.account(town.officer)).person_id
    await town.neighbour.press("Läst")
    await town.deputy.press("Läst")
    await town.advance(seconds=3)
    assert town.officer.has("Alla här har svarat på utskick 1 eller är nådda.")


async def test_who_was_told_can_still_answer_and_is_not_told_twice(town: House) -> None:
    await broadcast(town, CONTACTS)
    await town.advance(minutes=21)
    await town.contact.press("Läst", "Gå inte dit")
    before = [(r.person_id, r.answer) for r in await town.all(Receipt)]
    await town.forge(town.officer, f"a.told.1.{(await town.account(town.contact)).person_id}")
    assert before == [(r.person_id, r.answer) for r in await town.all(Receipt)]


async def test_only_the_unit_says_that_somebody_was_reached(town: House) -> None:
    await broadcast(town, CONTACTS)
    number = (await town.account(town.neighbour)).person_id
    for seat in (town.contact, town.loner):
        await seat.command("mina")
        await town.forge(seat, f"a.told.1.{number}")
    for nobody in ("0", "999", "x"):
        await town.officer.command("mina")
        await town.forge(town.officer, f"a.told.1.{nobody}")
    assert {receipt.answer for receipt in await town.all(Receipt)} == {""} and await town.nothing_kept()


async def test_a_list_of_many_comes_in_several_messages_of_eight(town: House) -> None:
    for number in range(9):
        await town.linked(f"Person {number}", "contact", f"Parti {number}")
    await broadcast(town, CONTACTS)
    await town.advance(minutes=21)
    lists = [message for message in town.officer.messages if message.text.startswith(LIST)]
    assert [len(message.labels) for message in lists] == [8, 4]
    assert all(len(label) <= 20 for message in lists for label in message.labels)


async def test_a_list_says_how_many_more_there_are(town: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.services.alert_phones.MOST", 2)
    await broadcast(town)
    await town.advance(minutes=21)
    assert "Och 3 till: se tavlan." in town.officer.last.text and len(town.officer.last.labels) == 2


async def test_when_everybody_has_answered_the_chain_is_called_off(town: House) -> None:
    await broadcast(town, CONTACTS)
    await town.contact.press("Läst")
    assert await states(town) == {"waiting"}
    await town.neighbour.press("Läst")
    assert await states(town) == {"void"}
    await town.advance(hours=2)
    assert await steps(town) == []


async def test_what_is_over_reminds_nobody(town: House) -> None:
    await broadcast(town, CONTACTS)

    def end(session: Session) -> None:
        session.get_one(Alert, 1).ended_at = town.clock.at

    await town.look(end)
    await town.advance(hours=2)
    assert await steps(town) == [] and not town.contact.has(NUDGE)
    assert "waiting" not in await states(town)


async def test_that_it_was_delivered_stops_nothing(town: House) -> None:
    await broadcast(town, CONTACTS)
    assert not await town.unsettled()
    await town.advance(minutes=21)
    assert await steps(town) == ["nudge", "deputy", "other", "phone_list"]


@pytest.mark.parametrize(("level", "ask", "frozen"), [("information", "read", 0), ("emergency", "nothing", 0),
                                                      ("warning", "safe", 4)])  # fmt: skip
async def test_only_what_asks_for_an_answer_and_has_a_chain_for_its_level_is_followed_up(
    town: House, level: str, ask: str, frozen: int
) -> None:
    await broadcast(town, CONTACTS, level=level, ask=ask)
    [alert] = await town.all(Alert)
    assert len(alert.chain) == len([row for row in await town.all(Deadline) if row.kind == "alert_chain"]) == frozen


async def test_every_message_of_an_exercises_chain_says_so(town: House) -> None:
    await broadcast(town, CONTACTS, exercise=True)
    await town.advance(minutes=21)
    for seat in (town.contact, town.deputy, town.officer):
        assert seat.messages and all(message.text.startswith("ÖVNING · ") for message in seat.messages)


async def test_a_restart_between_all_steps_changes_nothing(town: House) -> None:
    await broadcast(town, CONTACTS)
    for minutes in (15, 2, 2, 2):
        await town.restart()
        await town.advance(minutes=minutes)
    assert await steps(town) == ["nudge", "deputy", "other", "phone_list"]
    assert len([message for message in town.contact.messages if message.text.startswith(NUDGE)]) == 1


async def test_a_step_for_more_than_fit_in_one_transaction_reaches_each_once(
    town: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    await broadcast(town, EVERYBODY)
    monkeypatch.setattr(alerts, "AT_ONCE", 2)
    await town.advance(minutes=15)
    for seat in (town.contact, town.deputy, town.official, town.neighbour, town.loner):
        assert len([message for message in seat.messages if message.text.startswith(NUDGE)]) == 1


async def test_who_has_no_account_any_more_is_on_the_list(town: House) -> None:
    await broadcast(town, CONTACTS)
    account = await town.account(town.contact)

    def block(session: Session) -> None:
        session.get_one(Account, account.id).state = "blocked"

    await town.look(block)
    await town.advance(minutes=21)
    assert not town.contact.has(NUDGE) and "Nådd: Alva Berg" in town.officer.last.labels
