"""Point 6: an officer records a caller's flag in 20 seconds, and whoever called has it as an own one."""

from __future__ import annotations

import pytest

from bot.playground.seat import Seat
from storage.tables import Incident
from tests.contract.conftest import BOOKS, CONES, PUBLIC, House, bare


async def recorded(
    town: House, *, party: str = BOOKS, caller: str = "Alva Berg", near: str = "På gång", said: str = "De samlas igen"
) -> None:
    """Let the officer write down a call."""
    await town.officer.command("ringde")
    await town.officer.press(party)
    if caller:
        await town.officer.press(caller)
    await town.officer.press(near)
    await town.officer.write(said)


async def test_a_call_is_recorded_with_four_presses_and_one_text(town: House, monkeypatch: pytest.MonkeyPatch) -> None:
    acts: list[str] = []
    plain_press, plain_write = Seat.press, Seat.write

    async def press(seat: Seat, label: str, containing: str = "") -> None:
        acts.append("press")
        await plain_press(seat, label, containing)

    async def write(seat: Seat, text: str, reply_to: object = None) -> None:
        acts.append("text")
        await plain_write(seat, text)

    await town.officer.command("meny")
    monkeypatch.setattr(Seat, "press", press)
    monkeypatch.setattr(Seat, "write", write)
    await town.officer.press("Skriv upp ett samtal")
    await town.officer.press(BOOKS)
    await town.officer.press("Alva Berg")
    await town.officer.press("Händer nu")
    await town.officer.write("Någon bankar på dörren")
    assert (await town.incident()).status == "open"
    assert acts == ["press"] * 4 + ["text"]


async def test_the_caller_and_the_unit_have_it_and_nobody_else_in_the_party(town: House) -> None:
    await recorded(town)
    incident = await town.incident()
    omar, alva = await town.account(town.officer), await town.account(town.contact)
    assert (incident.reporter_id, incident.recorded_by) == (alva.person_id, omar.person_id)
    assert not incident.party_sees
    assert "Omar Lind på säkerhetsenheten har skrivit upp det du ringde om. Det är ärende 1" in town.contact.last.text
    assert "De samlas igen" not in town.contact.last.text + town.chief.last.text
    assert town.chief.has("Ärende 1 · På gång") and "Jag tar den" in town.chief.last.labels
    assert not town.deputy.messages and not town.neighbour.messages
    await town.deputy.command("arende", "1")
    assert "hittar jag inte" in town.deputy.last.text


async def test_the_card_says_who_wrote_it_down_and_the_timeline_too(town: House) -> None:
    await recorded(town)
    await town.chief.press("Visa")
    assert town.chief.has("uppskrivet av Omar Lind efter samtal") and town.chief.has("Alva Berg")
    assert town.chief.has("De samlas igen")
    await town.chief.press("Läs allt")
    assert "Omar Lind skrev upp det efter samtal" in town.chief.last.text


async def test_the_caller_finds_it_corrects_it_and_can_take_it_back(town: House) -> None:
    await recorded(town)
    await town.contact.command("mina")
    await town.contact.press("Ärende 1")
    await town.contact.press("Skriv mer")
    await town.contact.write("Det är fem personer")
    await town.officer.command("arende", "1")
    assert "Det är fem personer" in town.officer.last.text
    await town.contact.command("arende", "1")
    await town.contact.press("Ångra")
    assert (await town.incident()).status == "withdrawn"
    assert town.chief.has("Ärende 1 är återtaget")


async def test_the_officer_takes_it_on_the_receipt_and_the_caller_is_told(town: House) -> None:
    await recorded(town)
    receipt = town.officer.find("Ärende 1 är uppskrivet")
    assert "Jag tar den" in receipt.labels
    await town.officer.press("Jag tar den")
    assert town.contact.has("Omar Lind på säkerhetsenheten tog ärende 1")
    await town.officer.press("Inom 15 minuter")
    await town.advance(minutes=6)
    assert not town.chief.has("Påminnelse")


async def test_the_chain_runs_unless_somebody_takes_it(town: House) -> None:
    await recorded(town, near="Händer nu")
    await town.advance(minutes=6)
    assert town.officer.has("någon behöver ta det nu") and town.chief.has("någon behöver ta det nu")
    assert bare(town.contact.last.text).startswith(f"Ring {PUBLIC}")


async def test_somebody_else_in_the_party_leaves_the_incident_with_the_unit(town: House) -> None:
    await recorded(town, caller="Någon annan")
    incident = await town.incident()
    assert incident.reporter_id == incident.recorded_by and incident.party_id
    assert not town.contact.messages and not town.deputy.messages
    await town.chief.press("Visa")
    assert town.chief.has(f"någon för {BOOKS}, uppskrivet av Omar Lind efter samtal")
    await town.officer.press("Jag tar den")
    await town.officer.press("Inom 15 minuter")
    await town.officer.command("arende", "1")
    assert {"Skriv mer", "Avsluta"} <= set(town.officer.last.labels)
    assert not {"Svara", "Ångra", "Bara enheten"} & set(town.officer.last.labels)
    await town.close(town.officer, "Jag har ringt tillbaka")
    assert (await town.incident()).status == "closed"
    assert "Ring den som ringde" in town.officer.last.text and await town.nothing_kept()


async def test_a_call_that_nobody_here_made_tells_nobody_that_they_wait(town: House) -> None:
    await recorded(town, caller="Någon annan", near="Händer nu")
    await town.advance(minutes=6)
    assert town.officer.has("någon behöver ta det nu") and not town.officer.has("Ingen har svarat på ärende")


async def test_a_caller_of_no_party_is_asked_for_no_name(town: House) -> None:
    await recorded(town, party="Inget parti", caller="")
    incident = await town.incident()
    assert (incident.party_id, incident.reporter_id) == (None, incident.recorded_by)
    await town.chief.press("Visa")
    assert town.chief.has("någon utan konto, uppskrivet av Omar Lind efter samtal")


async def test_only_contacts_of_the_party_are_offered(town: House) -> None:
    await town.officer.command("called")
    await town.officer.press(CONES)
    assert town.officer.last.labels[:2] == ("Kim Holm", "Någon annan")


async def test_who_is_no_longer_a_contact_when_it_is_sent_gets_nothing(town: House) -> None:
    await town.officer.command("ringde")
    await town.officer.press(BOOKS)
    await town.officer.press("Alva Berg")
    await town.officer.press("Händer nu")
    await town.end_role(town.contact)
    before = len(town.contact.messages)
    await town.officer.write("Någon bankar på dörren")
    incident = await town.incident()
    assert incident.reporter_id == incident.recorded_by and len(town.contact.messages) == before


async def test_nobody_but_the_unit_records_a_call(town: House) -> None:
    for who in (town.contact, town.official, town.loner):
        assert "ingår inte i ditt uppdrag" in await town.told(who, who.command("ringde"))
        assert "ingår inte i ditt uppdrag" in await town.told(who, town.forge(who, "a.called.0"))
    assert not await town.all(Incident)
