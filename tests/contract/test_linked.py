"""Nine flags, one event: linked by the unit, taken together, answered each for itself; nobody else knows of it."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from bot.playground.seat import Seat
from storage.tables import Entry, Evidence, Incident, Post
from tests.admin.conftest import call, done
from tests.contract.conftest import House
from tests.contract.test_evidence import JPEG
from tests.contract.test_unit import bound

OURS = ("ihop", "rapportör", "alla på en gång", "de andra")  # words of the unit's that nobody else may ever read


async def flagged(town: House) -> None:
    """Alva has 1, Kim 2 and Ida 3, all happening now."""
    for who in (town.contact, town.neighbour, town.loner):
        await town.flag_now(who)


async def link(town: House, who: Seat, number: int, other: int) -> None:
    """Let one belong with another, from its card."""
    await to_the_yes(town, who, number, other)
    await who.press(next(label for label in who.last.labels if label.startswith("Ja, ")))


async def to_the_yes(town: House, who: Seat, number: int, other: int) -> None:
    await who.command("arende", str(number))
    await who.press("Hör ihop med")
    await who.press(next(label for label in who.last.labels if label.startswith(f"Ärende {other} ·")))


async def together(town: House) -> None:
    """2 and 3 belong with 1, and nobody has any of them."""
    await flagged(town)
    await link(town, town.officer, 2, 1)
    await link(town, town.officer, 3, 1)


async def links(town: House) -> list[int | None]:
    return [row.linked_to for row in await town.all(Incident)]


async def takers(town: House) -> list[int | None]:
    return [row.taken_by for row in await town.all(Incident)]


async def told(town: House, reason: str) -> list[tuple[int | None, int | None]]:
    """Which reporter was told so, and of which incident: once each, or they stand here twice."""
    posts, rows = await town.all(Post), {row.id: row.reporter_id for row in await town.all(Incident)}
    return [(p.incident_id, p.person_id) for p in posts if p.reason == reason and rows[p.incident_id] == p.person_id]


ALL_THREE = [(1, 3), (2, 6), (3, 7)]


def know_nothing(town: House) -> None:
    """Whoever is not of the unit has read of the own incident, and of no other."""
    for seat, number in ((town.contact, "1"), (town.neighbour, "2"), (town.loner, "3")):
        for seen in seat.messages:
            text = str(seen)
            assert not [word for word in OURS if word in text], text
            assert not [n for n in "123" if n != number and (f"ärende {n}" in text or f"Ärende {n}" in text)], text
    assert not town.deputy.messages


async def test_an_officer_links_two_and_both_cards_say_so(town: House) -> None:
    await flagged(town)
    await town.officer.command("arende", "2")
    await town.officer.press("Hör ihop med")
    assert "Vilket ärende hör 2 ihop med?" in town.officer.last.text
    assert town.officer.last.labels[:2] == ("Ärende 3 · Händer nu", "Ärende 1 · Händer nu")
    await town.officer.press("Ärende 1 · Händer nu")
    assert "får samma person det andra" in town.officer.last.text and await links(town) == [None, None, None]
    await town.officer.press("Ja, hör ihop")
    assert "Ärende 1 hör nu ihop med 2." in town.officer.last.text
    await link(town, town.officer, 3, 1)
    assert "Ärende 1 hör nu ihop med 2 och 3." in town.officer.last.text
    assert await links(town) == [None, 1, 1]
    await town.chief.command("arende", "1")
    assert "Hör ihop med 2 och 3 (2 rapportörer till)." in town.chief.last.text
    assert {"Skriv till alla", "Ta isär"} <= set(town.chief.last.labels)
    await town.chief.command("arende", "2")
    assert "Hör ihop med ärende 1, som ingen har tagit än." in town.chief.last.text
    assert "Ta isär" in town.chief.last.labels
    assert not {"Hör ihop med", "Skriv till alla"} & set(town.chief.last.labels)
    know_nothing(town)


async def test_who_flagged_twice_is_one_reporter(town: House) -> None:
    await town.flag_now(town.contact)
    await town.flag_now(town.contact)
    await link(town, town.officer, 2, 1)
    await town.officer.command("arende", "1")
    assert "Hör ihop med 2." in town.officer.last.text
    assert "Skriv till alla" not in town.officer.last.labels


async def test_there_is_no_such_button_where_there_is_nothing_to_link(town: House) -> None:
    await town.flag_now(town.contact)
    await town.officer.command("arende", "1")
    assert "Hör ihop med" not in town.officer.last.labels
    assert "inget annat öppet ärende" in await town.told(town.officer, town.forge(town.officer, "a.together.1"))


@pytest.mark.parametrize("number", [1, 3])
async def test_a_press_on_any_of_them_takes_them_all_and_each_reporter_hears_of_the_own(
    town: House, number: int
) -> None:
    await together(town)
    await town.chief.command("arende", str(number))
    await town.chief.press("Jag tar den")
    assert await takers(town) == [1, 1, 1]
    assert sorted(await told(town, "taken")) == ALL_THREE
    for who, own in ((town.contact, 1), (town.neighbour, 2), (town.loner, 3)):
        assert f"Siv Almgren på säkerhetsenheten tog ärende {own} kl. 10.00" in who.last.text
    entries = [(e.incident_id, e.author_id) for e in await town.all(Entry) if e.kind == "taken"]
    assert entries == [(1, 1), (2, 1), (3, 1)]
    seen = [len(seat.messages) for seat in (town.contact, town.neighbour, town.loner, town.officer)]
    await town.advance(minutes=4)
    assert [len(seat.messages) for seat in (town.contact, town.neighbour, town.loner, town.officer)] == seen
    await town.officer.command("arende", "2")
    assert "Hör ihop med ärende 1, som Siv Almgren har." in town.officer.last.text
    know_nothing(town)


async def test_a_card_that_stands_says_who_has_the_lead_when_that_changes(town: House) -> None:
    await flagged(town)
    await town.chief.press("Jag tar den", containing="Ärende 1")
    await town.officer.press("Jag tar den", containing="Ärende 2")
    await link(town, town.officer, 2, 1)
    await town.chief.command("arende", "2")
    assert "Hör ihop med ärende 1, som Siv Almgren har." in town.chief.last.text
    await town.officer.command("arende", "1")
    await town.officer.press("Jag tar över")
    assert "Hör ihop med ärende 1, som Omar Lind har." in town.chief.find("Från: Kim Holm").text


async def test_a_press_in_the_units_place_takes_them_all(town: House) -> None:
    place = await bound(town)
    await together(town)
    await place.press(town.chief, "Jag tar den")
    assert await takers(town) == [1, 1, 1]
    assert not [seen for seen in place.messages if "ihop" in seen.text]


async def test_two_officers_who_take_different_ones_at_once_never_share_the_event(town: House) -> None:
    await together(town)
    await town.officer.command("arende", "2")
    await town.chief.command("arende", "3")
    one, other = town.officer, town.chief
    await asyncio.gather(
        one.human.press(one.last.native, "Jag tar den"), other.human.press(other.last.native, "Jag tar den")
    )
    await town.quiet()
    assert len(set(await takers(town))) == 1 and None not in await takers(town)
    assert sorted(await told(town, "taken")) == ALL_THREE


async def test_what_is_linked_to_one_that_is_taken_is_taken_by_the_same_officer(town: House) -> None:
    await flagged(town)
    await town.chief.press("Jag tar den", containing="Ärende 1")
    await link(town, town.officer, 3, 1)
    assert await takers(town) == [1, None, 1]
    assert "Siv Almgren på säkerhetsenheten tog ärende 3" in town.loner.last.text
    assert town.chief.last.text.startswith("Ärende 3 · Händer nu")
    assert "Det hör ihop med ett ärende som du har." in town.chief.last.text
    assert "Inom 15 minuter" in town.chief.last.labels
    seen = len(town.loner.messages)
    await town.advance(minutes=6)
    assert len(town.loner.messages) == seen, "its chain goes on"
    know_nothing(town)


async def test_the_one_that_leads_comes_to_whoever_had_the_one_that_is_linked(town: House) -> None:
    await flagged(town)
    await town.chief.press("Jag tar den", containing="Ärende 3")
    await link(town, town.officer, 3, 1)
    assert await takers(town) == [1, None, 1]
    assert "Siv Almgren på säkerhetsenheten tog ärende 1" in town.contact.last.text


async def test_two_that_different_officers_have_stay_with_them(town: House) -> None:
    await flagged(town)
    await town.chief.press("Jag tar den", containing="Ärende 1")
    await town.officer.press("Jag tar den", containing="Ärende 2")
    before = await told(town, "taken")
    await link(town, town.officer, 2, 1)
    assert await takers(town) == [1, 2, None] and await told(town, "taken") == before
    await town.officer.command("arende", "1")
    await town.officer.press("Jag tar över")
    assert await takers(town) == [2, 2, None]


async def test_taking_over_takes_over_all_that_the_other_had_together(town: House) -> None:
    await together(town)
    await town.chief.press("Jag tar den", containing="Ärende 1")
    seen = len(town.chief.messages)
    await town.officer.command("arende", "2")
    await town.officer.press("Jag tar över")
    assert await takers(town) == [2, 2, 2]
    for who, own in ((town.contact, 1), (town.neighbour, 2), (town.loner, 3)):
        assert f"Omar Lind på säkerhetsenheten tog ärende {own}" in who.last.text
    assert len(town.chief.messages) == seen + 1, "who had them hears of it once"


async def test_a_promise_on_one_counts_for_all_that_the_officer_has(town: House) -> None:
    await together(town)
    await town.chief.press("Jag tar den", containing="Ärende 2")
    await town.chief.press("Inom 15 minuter")
    for who, own in ((town.contact, 1), (town.neighbour, 2), (town.loner, 3)):
        assert f"Siv Almgren hör av sig senast kl. 10.15 om ärende {own}." in who.last.text
    assert sorted(await told(town, "promised")) == ALL_THREE
    seen = len(town.chief.messages)
    await town.advance(minutes=10)
    assert [m.text.split(".")[0] for m in town.chief.messages[seen:]] == ["Hör av dig i ärende 1"]


async def test_who_says_nothing_is_asked_once_and_every_reporter_hears_the_truth(town: House) -> None:
    await together(town)
    await town.chief.press("Jag tar den", containing="Ärende 2")
    seen = len(town.chief.messages)
    await town.advance(minutes=5)
    assert len(town.chief.messages) == seen + 1
    await town.advance(minutes=5)
    for who, own in ((town.contact, 1), (town.neighbour, 2), (town.loner, 3)):
        assert who.last.text.startswith("Ring ") and f"ärende {own}" in who.last.text
    know_nothing(town)


async def test_what_was_answered_already_needs_no_promise(town: House) -> None:
    await together(town)
    await town.chief.press("Jag tar den", containing="Ärende 1")
    await town.answer(town.chief, "Stanna inne", 3)
    await town.chief.press("Inom 15 minuter", containing="Ärende 2")
    assert [row.promised_at is None for row in await town.all(Incident)] == [False, False, True]


async def test_an_answer_goes_to_one_reporter_and_the_others_hear_only_that_theirs_is_taken(town: House) -> None:
    await together(town)
    await town.answer(town.officer, "Bara till Kim", 2)
    assert town.neighbour.has("har svarat i ärende 2")
    await town.neighbour.press("Visa", containing="har svarat")
    assert town.neighbour.has("Bara till Kim")
    assert await takers(town) == [2, 2, 2] and await told(town, "answered") == [(2, 6)]
    assert await told(town, "taken") == [(1, 3), (3, 7)]
    for who in (town.contact, town.loner):
        await who.command("mina")
        await who.press(who.last.labels[0])
        await who.press("Läs allt")
        assert not who.has("Bara till Kim")
    know_nothing(town)


async def test_one_act_writes_to_all_and_each_has_it_on_the_own_incident(town: House) -> None:
    await together(town)
    await town.chief.press("Jag tar den", containing="Ärende 1")
    await town.officer.command("arende", "1")
    await town.officer.press("Skriv till alla")
    await town.officer.write("Polisen är på plats. Stanna inne.")
    assert "Skicka till 3 rapportörer" in town.officer.last.labels
    assert await told(town, "answered") == []
    await town.officer.press("Skicka till 3 rapportörer")
    assert "i ärende 1, 2 och 3" in town.officer.last.text
    assert await told(town, "answered") == ALL_THREE
    for who, own in ((town.contact, 1), (town.neighbour, 2), (town.loner, 3)):
        assert who.last.text.startswith(f"Säkerhetsenheten har svarat i ärende {own}.")
        await who.press("Visa")
        assert who.last.text.count("Polisen är på plats. Stanna inne.") == 1
        await who.press("Läs allt")
        assert who.last.text.count("Polisen är på plats. Stanna inne.") == 1
    answers = [(e.incident_id, e.body["text"]) for e in await town.all(Entry) if e.kind == "answer"]
    assert answers == [(n, "Polisen är på plats. Stanna inne.") for n in (1, 2, 3)]
    await town.contact.write("Tack", reply_to=town.contact.find("Ärende 1 · Händer nu"))
    assert [e.incident_id for e in await town.all(Entry) if e.kind == "words"] == [1]
    know_nothing(town)


async def test_writing_to_all_before_anybody_has_them_takes_them_and_tells_each_once(town: House) -> None:
    await together(town)
    seen = [len(seat.messages) for seat in (town.contact, town.neighbour, town.loner)]
    await town.officer.command("arende", "1")
    await town.officer.press("Skriv till alla")
    await town.officer.write("Vi kommer")
    await town.officer.press("Skicka till 3 rapportörer")
    assert await takers(town) == [2, 2, 2]
    assert await told(town, "taken") == [] and await told(town, "answered") == ALL_THREE
    assert [len(seat.messages) for seat in (town.contact, town.neighbour, town.loner)] == [n + 1 for n in seen]


async def test_only_those_that_the_yes_was_about_get_the_words(town: House) -> None:
    await together(town)
    await town.officer.command("arende", "1")
    await town.officer.press("Skriv till alla")
    await town.officer.write("Vi kommer")
    question = town.officer.last
    await town.close(town.chief, "Klart", 2)
    await town.flag_now(town.official)
    await link(town, town.chief, 4, 1)
    before = len(town.official.messages)
    await town.officer.human.press(question.native, "Skicka till 3 rapportörer")
    await town.quiet()
    assert await told(town, "answered") == [(1, 3), (3, 7)]
    assert "i ärende 1 och 3." in town.officer.last.text
    assert "Inte ärende 4" in town.officer.last.text
    assert len(town.official.messages) == before + 1 and "tog ärende 4" in town.official.last.text


async def test_who_called_is_no_reporter_that_the_bot_can_write_to(town: House) -> None:
    await flagged(town)
    await town.chief.command("ringde")
    await town.chief.press("Inget parti")
    await town.chief.press("Händer nu")
    await town.chief.write("En granne hör skrik")
    await link(town, town.officer, 4, 1)
    await link(town, town.officer, 2, 1)
    await town.officer.command("arende", "1")
    assert "Hör ihop med 2 och 4 (1 rapportör till)." in town.officer.last.text
    await town.officer.press("Skriv till alla")
    await town.officer.write("Vi kommer")
    await town.officer.press("Skicka till 2 rapportörer")
    assert await told(town, "answered") == [(1, 3), (2, 6)]
    assert "Inte ärende 4: där är allt som förut." in town.officer.last.text


async def test_closing_the_lead_asks_whether_all_are_closed_and_each_can_say_not_yet(town: House) -> None:
    await together(town)
    await town.chief.press("Jag tar den", containing="Ärende 1")
    await town.officer.command("arende", "1")
    await town.officer.press("Avsluta")
    await town.officer.write("Polisen har gripit mannen")
    assert {"Ja, alla 3", "Bara ärende 1"} <= set(town.officer.last.labels)
    await town.officer.press("Ja, alla 3")
    await town.officer.press("Ja, avsluta alla")
    assert [row.status for row in await town.all(Incident)] == ["closed"] * 3
    assert "Avslutat: ärende 1, 2 och 3." in town.officer.last.text
    assert await told(town, "closed") == [(2, 6), (3, 7), (1, 3)]
    for who, own in ((town.contact, 1), (town.neighbour, 2), (town.loner, 3)):
        assert who.last.text.startswith(f"Säkerhetsenheten har avslutat ärende {own}.")
        await who.press("Visa")
        assert "Polisen har gripit mannen" in who.last.text
    know_nothing(town)
    await town.neighbour.press("Inte klart än")
    assert [row.status for row in await town.all(Incident)] == ["closed", "open", "closed"]
    assert "Ärende 2 är inte klart" in town.officer.last.text
    assert "Hör ihop med 1 och 3" in town.officer.last.text, "the link is gone from the unit's sight"
    assert await links(town) == [2, None, 2]
    await town.contact.press("Inte klart än")
    await town.chief.press("Jag tar den", containing="Ärende 1 är inte klart")
    assert await takers(town) == [1, 1, 1]
    know_nothing(town)


async def test_the_lead_can_be_closed_alone_and_the_oldest_that_is_left_leads(town: House) -> None:
    await together(town)
    await town.officer.command("arende", "1")
    await town.officer.press("Avsluta")
    await town.officer.write("Klart hos dig")
    await town.officer.press("Bara ärende 1")
    await town.officer.press("Ja, avsluta")
    assert [row.status for row in await town.all(Incident)] == ["closed", "open", "open"]
    assert await links(town) == [2, None, 2] and await told(town, "closed") == [(1, 3)]
    await town.officer.command("arende", "2")
    assert "Hör ihop med 1 och 3" in town.officer.last.text and "Skriv till alla" in town.officer.last.labels


async def test_closing_one_that_follows_asks_about_no_other(town: House) -> None:
    await together(town)
    await town.close(town.officer, "Klart", 2)
    assert [row.status for row in await town.all(Incident)] == ["open", "closed", "open"]
    assert await links(town) == [None, 1, 1]


async def test_what_was_closed_or_taken_apart_before_the_yes_is_left_alone(town: House) -> None:
    await together(town)
    await town.officer.command("arende", "1")
    await town.officer.press("Avsluta")
    await town.officer.write("Polisen är där")
    await town.officer.press("Ja, alla 3")
    question = town.officer.last
    await town.close(town.chief, "Tidigare", 2)
    await town.chief.command("arende", "3")
    await town.chief.press("Ta isär")
    await town.officer.human.press(question.native, "Ja, avsluta alla")
    await town.quiet()
    assert [row.status for row in await town.all(Incident)] == ["closed", "closed", "open"]
    assert await told(town, "closed") == [(2, 6), (1, 3)]


async def test_one_that_follows_is_taken_apart_at_a_press_and_whoever_has_it_keeps_it(town: House) -> None:
    await together(town)
    await town.chief.press("Jag tar den", containing="Ärende 1")
    await town.officer.command("arende", "2")
    await town.officer.press("Ta isär")
    assert await links(town) == [None, None, 1] and await takers(town) == [1, 1, 1]
    assert "ihop" not in town.officer.last.text and "Hör ihop med" in town.officer.last.labels
    await town.officer.command("arende", "1")
    assert "Hör ihop med 3 (1 rapportör till)." in town.officer.last.text
    await town.officer.press("Läs allt")
    assert "Omar Lind tog isär det från ärende 2." in town.officer.last.text


async def test_taking_the_lead_apart_asks_first_and_frees_them_all(town: House) -> None:
    await together(town)
    await town.officer.command("arende", "1")
    await town.officer.press("Ta isär")
    assert await links(town) == [None, 1, 1]
    await town.officer.press("Ja, ta isär")
    assert await links(town) == [None, None, None]
    assert "Ärende 1 är taget isär från 2 och 3." in town.officer.last.text
    know_nothing(town)


async def test_two_officers_who_link_at_once_do_not_make_a_chain(town: House) -> None:
    await flagged(town)
    await to_the_yes(town, town.officer, 1, 2)
    await to_the_yes(town, town.chief, 2, 1)
    one, other = town.officer, town.chief
    await asyncio.gather(
        one.human.press(one.last.native, "Ja, hör ihop"), other.human.press(other.last.native, "Ja, hör ihop")
    )
    await town.quiet()
    assert sorted(await links(town), key=str) in ([1, None, None], [2, None, None])
    assert await town.nothing_kept()


async def test_whoever_was_quicker_to_link_it_is_not_overruled(town: House) -> None:
    await flagged(town)
    await to_the_yes(town, town.officer, 1, 2)
    await link(town, town.chief, 1, 3)
    await town.officer.press("Ja, hör ihop")
    assert await links(town) == [3, None, None]
    assert "Ärende 1 hör redan ihop med 3" in await shown(town, town.officer)


async def shown(town: House, who: Seat) -> str:
    """All that somebody was told, also as the answer to a press."""
    toasts = [press.toast or "" for press in town.telegram.presses]
    return "\n".join([*(seen.text for seen in who.messages), *toasts])


@pytest.mark.parametrize("closed", [1, 2])
async def test_one_that_is_closed_before_the_yes_is_not_linked(town: House, closed: int) -> None:
    await flagged(town)
    await to_the_yes(town, town.officer, 1, 2)
    await town.close(town.chief, "Klart", closed)
    await town.officer.press("Ja, hör ihop")
    assert await links(town) == [None, None, None]
    assert f"Ärende {closed} är redan avslutat" in await shown(town, town.officer)


async def test_one_that_was_withdrawn_can_be_linked_but_is_offered_to_none(town: House) -> None:
    await flagged(town)
    for answer in ("Hoppa över", "Nej, inte än", "Hoppa över"):
        await town.neighbour.press(answer)
    await town.neighbour.press("Ångra")
    await town.officer.command("arende", "1")
    await town.officer.press("Hör ihop med")
    assert [label for label in town.officer.last.labels if label.startswith("Ärende")] == ["Ärende 3 · Händer nu"]
    await town.officer.press("Avbryt")
    await link(town, town.officer, 2, 1)
    assert await links(town) == [None, 1, None]
    await town.officer.command("arende", "1")
    await town.officer.press("Jag tar den")
    assert await takers(town) == [2, 2, None]


@pytest.mark.parametrize("token", ["a.together.1", "a.apart.1", "a.apart.2", "a.to_all.1"])
async def test_only_the_unit_can_do_any_of_it(town: House, token: str) -> None:
    await together(town)
    await town.flag_now(town.official)
    for who in (town.contact, town.neighbour, town.official):
        before, linked = await town.rows(), await links(town)
        await town.forge(who, token)
        assert (await town.rows())["conversation"] == before["conversation"] and await links(town) == linked


async def test_whoever_leaves_the_unit_before_the_yes_links_nothing(town: House) -> None:
    await flagged(town)
    await to_the_yes(town, town.officer, 1, 2)
    question = town.officer.last
    await town.end_role(town.officer)
    await town.officer.human.press(question.native, "Ja, hör ihop")
    await town.quiet()
    assert await links(town) == [None, None, None]


async def test_an_officer_who_becomes_a_contact_no_longer_reads_what_belongs_together(town: House) -> None:
    await together(town)
    await town.officer.command("arende", "1")
    assert "ihop" in town.officer.last.text
    await town.end_role(town.officer)
    assert not [seen for seen in town.officer.messages if "rapportör" in seen.text]


async def test_mine_has_one_row_for_each_event(town: House) -> None:
    await together(town)
    await town.flag_now(town.official)
    await town.chief.command("mina")
    assert town.chief.last.labels == ("Ärende 1", "Ärende 4")
    assert "Hör ihop med 2 och 3 (2 rapportörer till)." in town.chief.last.text
    await town.chief.press("Ärende 1")
    await town.chief.press("Jag tar den")
    await town.officer.command("mina")
    assert town.officer.last.labels == ("Ärende 4",)
    await town.neighbour.command("mina")
    assert town.neighbour.last.labels == ("Ärende 2",)
    know_nothing(town)


async def test_mine_hides_nothing_that_stands_otherwise_than_its_lead(town: House) -> None:
    await flagged(town)
    await town.chief.press("Jag tar den", containing="Ärende 1")
    await town.officer.press("Jag tar den", containing="Ärende 2")
    await link(town, town.officer, 2, 1)
    await town.chief.command("mina")
    assert town.chief.last.labels == ("Ärende 1", "Ärende 3")
    await town.officer.command("mina")
    assert town.officer.last.labels == ("Ärende 2", "Ärende 3")
    assert "Hör ihop med ärende 1, som Siv Almgren har." in town.officer.last.text


async def test_a_partys_contact_who_shares_one_sees_that_and_no_more(town: House) -> None:
    await together(town)
    await town.deputy.command("arende", "1")
    assert "Ärende 1" in town.deputy.last.text
    await town.deputy.press("Läs allt")
    assert not [seen for seen in town.deputy.messages if "ihop" in str(seen) or "ärende 2" in str(seen)]


async def test_the_units_export_has_the_link_and_a_persons_has_not(
    town: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await together(town)
    await town.officer.command("arende", "1")
    await town.officer.press("Skriv till alla")
    await town.officer.write("Vi kommer")
    await town.officer.press("Skicka till 3 rapportörer")
    monkeypatch.setenv("TRYGGVAG_DATABASE_URL", town.database_url)
    monkeypatch.setenv("TRYGGVAG_ENCRYPTION_KEYS", town.key)
    done(call("export", str(tmp_path / "unit"), "--incident", "1"))
    done(call("export", str(tmp_path / "kim"), "--person", "Kim Holm"))
    written = (tmp_path / "unit" / "incident-1" / "incident.json").read_text()
    assert json.loads(written)["linked_from"] == [2, 3]
    kim = "".join(path.read_text() for path in (tmp_path / "kim").rglob("*") if path.is_file())
    assert "Vi kommer" in kim
    assert not [word for word in ('"linked_to', '"linked_from', '"linked"', "to_all", "ihop") if word in kim]


async def test_the_words_are_spoken_in_each_ones_language(town: House) -> None:
    await together(town)
    await town.chief.command("sprak")
    await town.chief.press("English")
    await town.chief.command("case", "1")
    assert "Belongs with 2 and 3 (2 more reporters)." in town.chief.last.text
    await town.chief.press("Write to all")
    await town.chief.write("We are coming")
    assert "Send to 3 reporters" in town.chief.last.labels


async def test_what_comes_with_a_sentence_to_all_is_kept_on_the_lead_alone(town: House) -> None:
    await together(town)
    await town.officer.command("arende", "1")
    await town.officer.press("Avsluta")
    await town.officer.attach("plats.jpg", JPEG, "image/jpeg", "Så ser det ut nu")
    await town.officer.press("Ja, alla 3")
    await town.officer.press("Ja, avsluta alla")
    assert [row.status for row in await town.all(Incident)] == ["closed"] * 3
    assert [(row.incident_id, row.state) for row in await town.all(Evidence)] == [(1, "kept")]
