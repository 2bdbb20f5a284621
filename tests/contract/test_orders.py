"""Support that is ordered for a meeting: whoever is on duty answers, who asked hears it, and nobody else sees it."""

from __future__ import annotations

import asyncio

from bot.playground.seat import Seat
from bot.services import duty
from storage.tables import MeetingEntry, Person
from tests.contract.conftest import House, swedish
from tests.contract.test_meeting_day import CARD, day, helper, tonight
from tests.contract.test_meetings import called, event, number_of, open_card
from tests.contract.test_runs import whispered

WHY = "Någon skrev att mötet ska stoppas"
ASKED = "Stöd till ett möte: väktare."


async def order(who: Seat, what: str = "Väktare", why: str = WHY, card: str = CARD) -> None:
    """Order it from the meeting's card."""
    await open_card(who, card)
    await who.press("Beställ stöd")
    await who.press(what)
    await (who.write(why) if why else who.press("Hoppa över"))
    await who.press("Ja, beställ")


async def entries(town: House, *kinds: str) -> list[MeetingEntry]:
    """What there is of these kinds."""
    return [row for row in await town.all(MeetingEntry) if row.kind in kinds]


async def test_a_contact_orders_and_the_chief_reads_who_what_and_why(town: House) -> None:
    await tonight(town)
    await order(town.contact)
    said = town.contact.find("Beställt: väktare.").text
    assert "Fullmäktige, i dag kl. 18.00, Stadshuset" in said and "svarar dig här" in said and "465 004 10" in said
    asked = town.chief.find(ASKED)
    assert "Alva Berg (säkerhetsansvarig, Bokpartiet) bad om det kl. 10.00." in asked.text
    assert f"Varför: {WHY}" in asked.text and asked.labels == ("Ordnat", "Går inte")
    assert not town.officer.has(ASKED), "the chiefs are asked where nobody is on duty"
    if town.platform == "slack":
        assert not [m.text for m in town.chief.human.messages if WHY in m.text]


async def test_the_question_begins_with_112_and_warns_of_what_must_not_be_written(town: House) -> None:
    await tonight(town)
    await open_card(town.contact, CARD)
    await town.contact.press("Beställ stöd")
    assert "112" in town.contact.last.text.split("\n")[0]
    assert town.contact.last.labels[:5] == ("Enheten på plats", "Väktare", "Kontakt med polisen",
                                            "Sällskap dit och hem", "Något annat")  # fmt: skip
    await town.contact.press("Något annat")
    assert "utan namn" in town.contact.last.text and "Skriv aldrig hur en plats vaktas." in town.contact.last.text
    assert "Hoppa över" not in town.contact.last.labels, "what else it is has to be said"


async def test_arranged_reaches_who_asked_with_who_answered_and_a_number(town: House) -> None:
    await tonight(town)
    await order(town.contact)
    await town.chief.press("Ordnat", ASKED)
    said = town.contact.find("Ordnat: väktare.").text
    assert "Siv Almgren på säkerhetsenheten svarade." in said and "465 004 10" in said and "Stadshuset" in said
    assert "Ordnat: väktare. Siv Almgren, kl. 10.00." in town.chief.find(ASKED).text
    assert "Ordnat" not in town.chief.find(ASKED).labels
    await open_card(town.contact, CARD)
    assert "Ordnat: väktare. Siv Almgren, kl. 10.00." in town.contact.last.text


async def test_not_possible_asks_why_and_says_to_call(town: House) -> None:
    await tonight(town)
    await order(town.contact, "Sällskap dit och hem", "")
    await town.chief.press("Går inte")
    await town.chief.write("Vi har bara en bil i kväll")
    said = town.contact.find("Går inte: sällskap till och från mötet.").text
    assert "Ring oss" in said and "465 004 10" in said
    assert "Vi har bara en bil i kväll" in said and "Siv Almgren" in said
    assert "Går inte: sällskap till och från mötet. Siv Almgren" in town.chief.last.text
    await order(town.contact, "Väktare", "")
    await town.chief.press("Går inte", ASKED)
    await town.chief.press("Hoppa över")
    assert "Ring oss" in town.contact.find("Går inte: väktare.").text


async def test_whoever_is_on_duty_is_asked_instead_of_the_chief(town: House, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    number = (await town.account(town.officer)).person_id
    monkeypatch.setattr(duty, "on_duty", lambda work: work.session.get_one(Person, number))
    await tonight(town)
    await order(town.contact)
    assert town.officer.has(ASKED) and not town.chief.has(ASKED)


async def test_two_answer_at_once_and_one_counts(town: House) -> None:
    await tonight(town)
    await order(town.contact)
    [row] = await entries(town, "order")
    await town.officer.command("meny")
    token = f"a.order_yes.{row.id}"
    await asyncio.gather(town.forge(town.chief, token), town.forge(town.officer, token))
    assert len(await entries(town, "order_yes", "order_no")) == 1
    assert sum("Ordnat: väktare." in seen.text for seen in town.contact.messages) == 1
    told = await town.told(town.officer, town.forge(town.officer, f"a.order_no.{row.id}"))
    assert "svarade redan kl. 10.00: ordnat." in told + whispered(town.officer)
    assert await town.nothing_kept()


async def test_it_waits_on_the_card_and_in_the_morning_post_with_who_and_when(town: House) -> None:
    town.chair = await helper(town, "Cia Stol", "chair")
    await called(town, "Fullmäktige", "25 november 18", "Förtroendevalda med", kind="Fullmäktige", place="Stadshuset")
    card = "Fullmäktige 25/11"
    await order(town.chair, card=card)
    await open_card(town.officer, card)
    assert "Beställt: väktare. Cia Stol, kl. 10.00. Ingen har svarat än." in town.officer.last.text
    assert "Svara: väktare" in town.officer.last.labels
    await town.live_to(swedish(11, 24, 8, 1))
    post = town.chief.find("God morgon")
    assert "Ingen har svarat: väktare till Fullmäktige, i morgon kl. 18.00, Stadshuset." in post.text
    assert "Cia Stol bad om det i går kl. 10.00." in post.text
    await town.chief.press("Svara: väktare", "God morgon")
    await town.chief.press("Ordnat", ASKED)
    assert town.chair.has("Ordnat: väktare.")
    await open_card(town.officer, card)
    assert "Svara: väktare" not in town.officer.last.labels
    await town.live_to(swedish(11, 25, 8, 1))
    assert "väktare till" not in town.chief.find("God morgon").text


async def test_the_chair_and_the_unit_order_from_the_message_of_the_day(town: House) -> None:
    await tonight(town)
    for seat in (town.chair, town.officer):
        await day(seat)
        await seat.press("Beställ stöd")
        await seat.press("Kontakt med polisen")
        await seat.press("Hoppa över")
        await seat.press("Ja, beställ")
    assert len(await entries(town, "order")) == 2
    await day(town.chair)
    assert town.chair.last.text.count("Beställt: kontakt med polisen.") == 1, "only one's own"
    await day(town.officer)
    assert town.officer.last.text.count("Beställt: kontakt med polisen.") == 2


async def test_others_neither_order_nor_see_that_somebody_has(town: House) -> None:
    await tonight(town)
    lawyer = await helper(town, "Vera Lag", "lawyer")
    await order(town.contact)
    [row] = await entries(town, "order")
    number = await number_of(town, "council")
    for seat in (town.official, town.loner, town.deputy, town.neighbour, town.chair, town.guard, lawyer):
        await seat.command("kalender")
        if CARD in seat.last.labels:
            await seat.press(CARD)
            may = seat in (town.deputy, town.neighbour, town.chair)
            assert ("Beställ stöd" in seat.last.labels) is may
            assert "Beställt" not in seat.last.text
        for act in ("order_show", "order_yes", "order_no"):
            told = await town.told(seat, town.forge(seat, f"a.{act}.{row.id}"))
            assert WHY not in told and "väktare" not in told + whispered(seat)
    for seat in (town.official, town.loner, lawyer, town.guard):
        await town.told(seat, town.forge(seat, f"a.order.{number}"))
        assert not seat.has("Vad behövs till mötet?")
    assert len(await entries(town, "order")) == 1 and not await entries(town, "order_yes", "order_no")


async def test_a_contact_whose_party_the_meeting_is_not_for_cannot_order(town: House) -> None:
    await called(town, "Internt", "i dag 18")
    number = await number_of(town, "other")
    told = await town.told(town.neighbour, _forged(town, town.neighbour, f"a.order.{number}"))
    assert "Internt" not in told and not town.neighbour.has("Vad behövs")
    await event(town.contact, when="i dag 17")
    square = await number_of(town, "square")
    await town.told(town.contact, town.forge(town.contact, f"a.order.{square}"))
    assert not town.contact.has("Vad behövs"), "a party's event has its own question"


async def _forged(town: House, seat: Seat, token: str) -> None:
    await seat.command("meny")
    await town.forge(seat, token)


async def test_a_cancelled_meeting_tells_who_asked_and_who_promised(town: House) -> None:
    await tonight(town)
    await order(town.contact)
    await order(town.neighbour, "Kontakt med polisen", "")
    await town.chief.press("Ordnat", ASKED)
    await open_card(town.officer, CARD)
    await town.officer.press("Ställ in")
    await town.officer.press("Ja, ställ in")
    off = "Stödet faller bort, för mötet är inställt: väktare."
    assert town.contact.has(off) and town.chief.has(off)
    assert town.neighbour.has("Stödet faller bort, för mötet är inställt: kontakt med polisen.")
    assert not town.neighbour.has(off)
    waiting = (await entries(town, "order"))[1]
    told = await town.told(town.chief, town.forge(town.chief, f"a.order_yes.{waiting.id}"))
    assert "Mötet är inställt kl. 10.00." in told + whispered(town.chief)
    await town.live_to(swedish(11, 24, 8, 1))
    assert not town.chief.has("Ingen har svarat")


async def test_a_moved_meeting_asks_anew(town: House) -> None:
    await tonight(town)
    await order(town.contact)
    await town.chief.press("Ordnat", ASKED)
    await open_card(town.officer, CARD)
    await town.officer.press("Flytta")
    await town.officer.write("25 november 18")
    assert "Vi frågar igen om: väktare." in town.contact.find("Mötet är flyttat").text
    asked = town.chief.find("Mötet är flyttat. Går det ändå: väktare?")
    assert "onsdag 25 november kl. 18.00" in asked.text and WHY in asked.text
    first = (await entries(town, "order"))[0]
    told = await town.told(town.chief, town.forge(town.chief, f"a.order_no.{first.id}"))
    assert "Svara på den nya frågan." in told + whispered(town.chief)
    await open_card(town.officer, "Fullmäktige 25/11")
    assert town.officer.last.text.count("väktare") == 1 and "Ingen har svarat än." in town.officer.last.text
    await town.chief.press("Ordnat", "Mötet är flyttat")
    assert sum("Ordnat: väktare." in seen.text for seen in town.contact.messages) == 2


async def test_who_asked_and_has_left_since_hears_nothing(town: House) -> None:
    await tonight(town)
    await order(town.contact)
    await town.end_role(town.contact)
    await town.chief.press("Ordnat", ASKED)
    assert not town.contact.has("Ordnat: väktare.")


async def test_a_meeting_that_is_over_takes_no_orders(town: House) -> None:
    await tonight(town)
    await order(town.contact)
    await town.move_to(swedish(11, 23, 18))
    await day(town.officer)
    await town.officer.press("Mötet har börjat")
    await town.officer.press("Mötet är slut")
    await open_card(town.contact, CARD)
    assert "Beställ stöd" not in town.contact.last.labels
    number = await number_of(town, "council")
    told = await town.told(town.contact, town.forge(town.contact, f"a.order.{number}"))
    assert "Mötet är över." in told + whispered(town.contact)
