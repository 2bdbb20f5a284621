"""Point 3: a contact's open matters pass on."""

from __future__ import annotations

from bot.playground.seat import Seat
from storage.tables import Entry
from tests.contract.conftest import BOOKS, CONES, House
from tests.contract.test_letting_in import let_in

WHAT = "Klotter på dörren"


async def passed(town: House) -> None:
    """Alva's matter is Dag's now."""
    await town.flag_later(town.contact, what=WHAT)
    await town.end_role(town.contact)


async def entries(town: House, kind: str = "passed") -> list[Entry]:
    return [entry for entry in await town.all(Entry) if entry.kind == kind]


async def test_an_open_matter_that_the_party_sees_passes_to_who_is_left(town: House) -> None:
    await passed(town)
    assert "Du tar över ärende 1 efter Alva Berg" in town.deputy.last.text and WHAT not in town.deputy.last.text
    await town.deputy.press("Visa")
    assert WHAT in town.deputy.last.text
    await town.officer.command("arende", "1")
    await town.officer.press("Läs allt")
    assert "Dag Ek tog över efter Alva Berg" in town.officer.last.text


async def test_who_took_over_writes_on_it_and_is_told_what_the_unit_says(town: House) -> None:
    await passed(town)
    await town.officer.press("Jag tar den")
    assert town.deputy.has("Omar Lind på säkerhetsenheten tog ärende 1")
    await town.deputy.write("De är kvar")
    assert "Tillagt i ärende 1" in town.deputy.last.text
    await town.answer(town.officer, "Vi kommer")
    await town.deputy.press("Visa", containing="har svarat")
    assert town.deputy.has("Vi kommer")
    await town.close(town.officer, "Nu är det lugnt")
    await town.deputy.press("Inte klart än")
    assert (await town.incident()).status == "open"


async def test_who_left_keeps_the_own_thread_until_it_is_closed(town: House) -> None:
    await passed(town)
    await town.contact.write("En sak till")
    assert "Tillagt i ärende 1" in town.contact.last.text
    alva = await town.account(town.contact)
    assert (await town.incident()).reporter_id == alva.person_id
    await town.close(town.officer, "Klart nu")
    assert town.contact.has("Klart nu")


async def test_what_is_for_the_unit_alone_stays_with_who_left(town: House) -> None:
    await town.flag_now(town.contact)
    await town.contact.press("Bara enheten")
    await town.end_role(town.contact)
    assert not await entries(town) and not town.deputy.has("Du tar över")
    await town.deputy.command("arende", "1")
    assert "hittar jag inte" in town.deputy.last.text
    assert not town.chief.has("har ingen kontakt")


async def test_what_is_closed_passes_to_nobody(town: House) -> None:
    await town.flag_later(town.contact)
    await town.close(town.officer, "Klart")
    await town.end_role(town.contact)
    assert not await entries(town)


async def test_the_next_contact_before_the_deputy_and_the_oldest_first(town: House) -> None:
    newer = await let_in(town, "Säkerhetsansvarig", BOOKS, "Nya Nilsson")
    newest = await let_in(town, "Säkerhetsansvarig", BOOKS, "Yngst Persson")
    await passed(town)
    assert newer.has("Du tar över ärende 1")
    assert not town.deputy.has("Du tar över") and not newest.has("Du tar över")


async def test_it_passes_on_again_when_the_next_one_leaves(town: House) -> None:
    newer = await let_in(town, "Säkerhetsansvarig", BOOKS, "Nya Nilsson")
    await passed(town)
    await town.end_role(newer)
    assert "Du tar över ärende 1 efter Nya Nilsson" in town.deputy.last.text
    before = len(newer.messages)
    await newer.write("Hej?")
    assert "Du behöver en inbjudan" in newer.messages[before].text


async def test_with_nobody_left_the_chief_hears_it_and_the_next_contact_gets_it_at_arrival(town: House) -> None:
    await town.flag_later(town.neighbour, what=WHAT)
    await town.end_role(town.neighbour)
    notice = town.chief.find("Ärende 1 har ingen kontakt i partiet längre")
    assert CONES in notice.text and "Visa" in notice.labels
    nya = await let_in(town, "Säkerhetsansvarig", CONES, "Nya Nilsson")
    assert nya.has("Du tar över ärende 1 efter Kim Holm")
    await nya.press("Visa", containing="Du tar över")
    assert nya.has(WHAT)


async def test_the_first_contact_hears_of_what_an_official_of_the_party_shares(town: House) -> None:
    await town.flag_up_to_summary(town.official, "Rykte", WHAT, party="Mitt partis kontakt")
    await town.official.press("Skicka till enheten")
    for seat in (town.contact, town.deputy):
        await town.end_role(seat)
    assert not town.chief.has("har ingen kontakt"), "Oda still has it"
    nya = await let_in(town, "Säkerhetsansvarig", BOOKS, "Nya Nilsson")
    assert nya.has("Ärende 1 i ditt parti") and not nya.has("Du tar över")


async def test_a_second_contact_of_a_party_is_told_of_nothing_at_arrival(town: House) -> None:
    await town.flag_later(town.contact)
    nya = await let_in(town, "Ersättare", BOOKS, "Nya Nilsson")
    assert not nya.has("Ärende 1")


async def test_a_contact_given_another_role_of_the_party_keeps_it(town: House) -> None:
    await town.flag_later(town.contact)
    await give(town, town.contact, "Ersättare", BOOKS)
    await town.chief.command("personer")
    for label in ("Alva Berg", f"Avsluta: säkerhetsansvarig, {BOOKS}", "Ja, gör det"):
        await town.chief.press(label)
    assert not await entries(town)


async def give(town: House, who: Seat, role: str, party: str) -> None:
    """Let the chief give somebody who is here a role of a party."""
    await town.chief.command("personer")
    for label in (who.name, "Ge nytt uppdrag", role, party, "Ja, gör det"):
        await town.chief.press(label)


async def test_somebody_who_is_here_and_becomes_contact_gets_what_was_left(town: House) -> None:
    await town.flag_later(town.neighbour, what=WHAT)
    await town.end_role(town.neighbour)
    await give(town, town.loner, "Säkerhetsansvarig", CONES)
    assert town.loner.has("Du tar över ärende 1 efter Kim Holm")


async def test_another_contact_of_the_party_may_write_on_what_it_sees_and_another_party_may_not(town: House) -> None:
    await town.flag_later(town.contact)
    await town.deputy.command("arende", "1")
    await town.deputy.press("Skriv mer")
    await town.deputy.write("Jag var också där")
    await town.officer.command("arende", "1")
    assert "Jag var också där" in town.officer.last.text and "Dag Ek skrev" in town.officer.last.text
    await town.contact.press("Bara enheten")
    assert "hittar jag inte" in await town.told(town.deputy, town.forge(town.deputy, "a.more.1"))
