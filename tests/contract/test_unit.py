"""Point 4: the unit is told, somebody takes it, and both sides write to each other."""

from __future__ import annotations

import asyncio

import pytest

from bot.playground.seat import Seat, SlackSeat
from storage.tables import SharedPlace
from tests.contract.conftest import House, Place

SECRETS = ("Det brinner", "Skolgatan", "Alva", "Berg", "Bokpartiet", "70 174", "70-174")


async def flag_with_words(town: House) -> None:
    """An incident that holds everything that a notice must not show."""
    await town.contact.write("Det brinner på Skolgatan")
    await town.contact.press("Händer nu")
    await town.contact.write("Skolgatan 5")
    await town.contact.press("Ja, jag har ringt")
    await town.contact.write("070-174 06 05")


def leaks(text: str) -> list[str]:
    """What a text gives away."""
    return [secret for secret in SECRETS if secret in text]


async def test_everybody_in_the_unit_gets_a_neutral_notice_at_once(town: House) -> None:
    await flag_with_words(town)
    for seat in (town.chief, town.officer):
        notice = seat.last
        assert notice.text.startswith("Ärende 1 · Händer nu")
        assert notice.labels == ("Jag tar den", "Visa")
        assert not leaks(notice.text)
        if isinstance(seat, SlackSeat):  # what a locked screen shows
            assert notice.native.text == "Ärende 1 · Händer nu"
    for seat in (town.deputy, town.official, town.neighbour, town.loner):
        assert not seat.messages
    await town.officer.press("Visa")
    assert town.officer.has("Det brinner på Skolgatan") and town.officer.has("Alva Berg (säkerhetsansvarig")


async def test_the_notices_to_the_reporter_are_neutral_too(town: House) -> None:
    await flag_with_words(town)
    await town.answer(town.officer, "Det brinner inte längre")
    notice = town.contact.find("Säkerhetsenheten har svarat")
    assert not leaks(notice.text)
    await town.close(town.officer, "Det brinner inte längre")
    assert not leaks(town.contact.find("Säkerhetsenheten har avslutat").text)


async def test_the_first_press_wins_and_everybody_sees_who(town: House) -> None:
    await town.flag_now(town.contact)
    card = town.chief.last
    await town.officer.press("Jag tar den")
    assert (await town.incident()).taken_by == 2
    assert "Omar Lind tog det kl. 10.00" in town.chief.last.text
    assert "Jag tar den" not in town.chief.last.labels
    assert "Omar Lind på säkerhetsenheten tog ärende 1 kl. 10.00" in town.contact.last.text
    before = await town.rows()
    told = await town.told(town.chief, town.forge(town.chief, "a.take.1", card))
    assert "Omar Lind har redan tagit det" in told
    assert (await town.incident()).taken_by == 2
    assert await town.rows() == before | {"seenevent": before["seenevent"] + 1}


async def test_two_presses_at_the_same_time_never_both_win(town: House) -> None:
    await town.flag_now(town.contact)
    one, other = town.officer, town.chief
    await asyncio.gather(
        one.human.press(one.last.native, "Jag tar den"), other.human.press(other.last.native, "Jag tar den")
    )
    await town.quiet()
    await town.officer.command("arende", "1")
    await town.officer.press("Läs allt")
    assert town.officer.last.text.count("tog ärendet") == 1


PROMISES = [
    ("Inom 15 minuter", "kl. 10.15", {"minutes": 10}, {"minutes": 5}),
    ("Inom 1 timme", "kl. 11.00", {"minutes": 50}, {"minutes": 10}),
    ("I morgon kl. 9.00", "i morgon kl. 9.00", {"hours": 22, "minutes": 30}, {"minutes": 30}),
]


@pytest.mark.parametrize(("label", "said", "soon", "broken"), PROMISES)
async def test_a_promise_is_told_the_reporter_and_reminded_of_before_it_is_broken(
    town: House, label: str, said: str, soon: dict[str, float], broken: dict[str, float]
) -> None:
    await town.flag_now(town.contact)
    await town.officer.press("Jag tar den")
    assert {"Inom 15 minuter", "Inom 1 timme", "I morgon kl. 9.00"} <= set(town.officer.last.labels)
    await town.officer.press(label)
    assert f"Omar Lind hör av sig senast {said}" in town.contact.last.text
    seen, told = len(town.officer.messages), len(town.contact.messages)
    await town.advance(**{**soon, "seconds": -1})
    assert (len(town.officer.messages), len(town.contact.messages)) == (seen, told)
    await town.advance(seconds=1)
    assert "Hör av dig i ärende 1" in town.officer.last.text and len(town.contact.messages) == told
    await town.advance(**broken)
    assert "har inte fått svar i tid" in town.chief.last.text
    assert "Omar Lind har inte hört av sig i tid" in town.contact.last.text
    assert town.contact.last.text.startswith("Ring ")


async def test_a_promise_that_was_kept_reminds_nobody(town: House) -> None:
    await town.flag_now(town.contact)
    await town.officer.press("Jag tar den")
    await town.officer.press("Inom 15 minuter")
    await town.answer(town.officer, "Vi är på väg")
    seen = [len(seat.messages) for seat in town.everyone]
    await town.advance(hours=20)
    assert [len(seat.messages) for seat in town.everyone] == seen


async def test_who_takes_it_without_saying_when_is_asked_again_and_then_everybody_hears(town: House) -> None:
    await town.flag_now(town.contact)
    await town.officer.press("Jag tar den")
    await town.advance(minutes=5)
    assert town.officer.last.text.startswith("När hör du av dig i ärende 1?")
    await town.advance(minutes=5)
    assert "har inte fått svar i tid" in town.chief.last.text
    assert town.contact.last.text.startswith("Ring ")


async def test_another_officer_can_take_over_and_the_reporter_hears_who(town: House) -> None:
    await town.flag_now(town.contact)
    await town.officer.press("Jag tar den")
    await town.chief.command("arende", "1")
    await town.chief.press("Jag tar över")
    assert (await town.incident()).taken_by == 1
    assert "Siv Almgren på säkerhetsenheten tog ärende 1" in town.contact.last.text


async def test_the_unit_and_the_reporter_write_and_all_of_it_is_the_timeline(town: House) -> None:
    await flag_with_words(town)
    await town.answer(town.officer, "Lås dörren, vi kommer")
    await town.contact.press("Visa", containing="Säkerhetsenheten har svarat")
    assert town.contact.has("Lås dörren, vi kommer")
    await town.contact.write("De har gått nu")
    assert "Omar Lind får veta det nu" in town.contact.last.text
    assert "Nytt i ärende 1" in town.officer.last.text
    await town.close(town.officer, "Tack, polisen är på plats")
    for reader in (town.officer, town.contact):
        await reader.command("arende", "1")
        await reader.press("Läs allt")
        whole = reader.last.text
        story = ["Det brinner på Skolgatan", "Skolgatan 5", "Ja, jag har ringt", "Nummer: ", "tog ärendet",
                 "Lås dörren, vi kommer", "De har gått nu", "Tack, polisen är på plats"]  # fmt: skip
        places = [whole.find(line) for line in story]
        assert -1 not in places and places == sorted(places)


async def test_a_reply_in_the_thread_of_a_message_goes_to_that_incident(town: House) -> None:
    await town.flag_later(town.contact, what="Första")
    first = town.contact.find("Ärende 1 är sparat")
    await town.flag_later(town.contact, what="Andra")
    await town.contact.write("Det var en blå bil", reply_to=first)
    await town.officer.command("arende", "1")
    assert "Det var en blå bil" in town.officer.last.text
    await town.officer.command("arende", "2")
    assert "Det var en blå bil" not in town.officer.last.text


async def test_what_an_officer_writes_in_a_thread_goes_to_the_reporter_after_a_yes(town: House) -> None:
    await town.flag_now(town.contact)
    notice = town.officer.last
    await town.officer.write("Är någon skadad?", reply_to=notice)
    assert not town.contact.has("har svarat")
    await town.officer.press("Ja, skicka")
    await town.contact.press("Visa", containing="har svarat")
    assert town.contact.has("Är någon skadad?")


async def test_what_an_officer_writes_out_of_turn_is_never_sent_as_the_latest(town: House) -> None:
    await town.flag_now(town.contact)
    await town.officer.press("Jag tar den")
    seen = len(town.contact.messages)
    await town.officer.write("Ska vi äta lunch?")
    assert len(town.contact.messages) == seen
    assert "Jag har sparat det du skrev" in town.officer.last.text


async def test_closing_needs_a_sentence_and_the_reporter_can_say_not_yet(town: House) -> None:
    await town.flag_now(town.contact)
    for answer in ("Hoppa över", "Nej, inte än", "Hoppa över"):
        await town.contact.press(answer)
    await town.officer.command("arende", "1")
    await town.officer.press("Avsluta")
    await town.officer.write("   ") if town.platform == "slack" else None
    assert (await town.incident()).status == "open"
    await town.officer.write("Vi har talat med polisen")
    assert (await town.incident()).status == "open"
    await town.officer.press("Ja, avsluta")
    assert (await town.incident()).status == "closed"
    assert "Inte klart än" in town.contact.last.labels
    await town.contact.press("Visa")
    assert "Vi har talat med polisen" in town.contact.last.text
    await town.contact.press("Inte klart än")
    incident = await town.incident()
    assert (incident.status, incident.taken_by) == ("open", None)
    assert "Ärende 1 är inte klart" in town.officer.last.text and "Jag tar den" in town.chief.last.labels
    await town.advance(minutes=6)
    assert town.contact.last.text.startswith("Ring ")


async def test_mine_shows_what_is_mine(town: House) -> None:
    await town.contact.command("mina")
    assert "Du har inga öppna ärenden" in town.contact.last.text
    await town.flag_now(town.contact)
    await town.flag_later(town.neighbour)
    await town.chief.press("Jag tar den", containing="Ärende 1")
    for seat, numbers in ((town.contact, [1]), (town.neighbour, [2]), (town.chief, [1, 2]), (town.officer, [2])):
        await seat.command("mina")
        assert seat.last.labels == tuple(f"Ärende {n}" for n in numbers)
    await town.contact.command("mina")
    assert "Siv Almgren tog det" in town.contact.last.text
    await town.close(town.chief, "Klart")
    await town.contact.command("mina")
    assert "Du har inga öppna ärenden" in town.contact.last.text


# The unit's channel or group


async def bound(town: House) -> Place:
    """The unit's place, with the bot in it, bound by the chief."""
    place = await town.shared(town.chief, town.officer)
    await place.add_bot(town.chief)
    assert "Ska notiser visas i vakten?" in town.chief.last.text and not place.messages
    await town.chief.press("Ja, visa där")
    return place


async def test_a_bound_place_shows_number_imminence_and_buttons_and_nothing_else(town: House) -> None:
    place = await bound(town)
    await flag_with_words(town)
    notice = place.messages[-1]
    assert notice.text.split() == ["Ärende", "1", "·", "Händer", "nu", "Ingen", "har", "tagit", "det", "än."]
    assert notice.labels == ("Jag tar den", "Visa")
    seen = len(place.messages)
    await place.press(town.officer, "Visa")
    assert town.officer.has("Det brinner på Skolgatan")
    await place.press(town.officer, "Jag tar den")
    assert (await town.incident()).taken_by == 2
    assert "Omar Lind tog det" in place.messages[-1].text and len(place.messages) == seen
    assert "När hör du av dig" in town.officer.last.text
    assert not [m for m in place.messages if leaks(m.text)]


async def test_nothing_written_in_a_bound_place_goes_anywhere(town: House) -> None:
    place = await bound(town)
    await town.flag_now(town.contact)
    before, seen = await town.rows(), [len(seat.messages) for seat in town.everyone]
    for who in (town.officer, town.chief):
        await place.write(who, "Vi kommer, håll ut")
        await place.write(who, "Jag tar den")
    assert [len(seat.messages) for seat in town.everyone] == seen
    assert await town.rows() == before


async def test_a_stranger_in_the_bound_place_can_press_nothing(town: House) -> None:
    place = await bound(town)
    await town.flag_now(town.contact)
    stranger = town.newcomer("Sten Okänd")
    place.join(stranger)
    before = await town.rows()
    await place.press(stranger, "Jag tar den")
    assert (await town.incident()).taken_by is None and await town.rows() == before


async def test_a_place_that_anybody_can_read_is_refused_and_left(town: House) -> None:
    place = await town.shared(town.chief, town.officer, public=True)
    await place.add_bot(town.chief)
    assert not place.has_bot
    assert "andra kan läsa där" in town.chief.last.text
    assert not await town.all(SharedPlace)


@pytest.mark.parametrize("platform", ["slack"], indirect=True)
async def test_a_channel_shared_with_another_organisation_is_refused_and_left(town: House) -> None:
    channel = town.slack.channel("delad", ext_shared=True, members=[town.chief.human])
    place = Place(town, channel)
    await place.add_bot(town.chief)
    assert not place.has_bot and "andra kan läsa där" in town.chief.last.text


@pytest.mark.parametrize("by", ["officer", "contact", "stranger"])
async def test_a_place_that_somebody_else_than_the_chief_adds_the_bot_to_is_left(town: House, by: str) -> None:
    who: Seat = town.newcomer("Sten Okänd") if by == "stranger" else getattr(town, by)
    place = await town.shared(who, town.chief)
    await place.add_bot(who)
    assert not place.has_bot
    assert not await town.all(SharedPlace) and not place.messages


async def test_a_place_that_the_chief_never_confirms_is_left_after_a_day(town: House) -> None:
    place = await town.shared(town.chief, town.officer)
    await place.add_bot(town.chief)
    await town.flag_now(town.contact)
    assert not place.messages and place.has_bot
    await town.advance(hours=24)
    assert not place.has_bot


async def test_the_chief_who_did_not_mean_it_lets_the_bot_leave(town: House) -> None:
    place = await town.shared(town.chief)
    await place.add_bot(town.chief)
    await town.chief.press("Nej, lämna")
    assert not place.has_bot


@pytest.mark.parametrize("platform", ["telegram"], indirect=True)
async def test_a_group_that_becomes_a_supergroup_goes_on_getting_notices(town: House) -> None:
    group = town.telegram.group("vakten", [town.chief.human, town.officer.human], kind="group")
    place = Place(town, group)
    await place.add_bot(town.chief)
    await town.chief.press("Ja, visa där")
    group.migrate()
    await town.quiet()
    await town.flag_now(town.contact)
    assert place.messages[-1].text.startswith("Ärende 1 · Händer nu")


async def test_a_card_of_the_longest_answers_is_shown_and_everything_is_behind_the_button(town: House) -> None:
    await town.flag_now(town.contact)
    await town.contact.write("Trappan " + "å" * 3900)
    await town.contact.press("Nej, inte än")
    await town.contact.press("Hoppa över")
    await town.contact.write("Fler " + "ö" * 3500)
    await town.answer(town.officer, "Vi kommer " + "ä" * 3500)
    await town.contact.write("Tack " + "é" * 3500)
    await town.officer.command("arende", "1")
    card = town.officer.last
    assert "Plats: Trappan" in card.text and "Tack" in card.text and "Läs allt" in card.labels
    await town.officer.press("Läs allt")
    assert "å" * 3900 in "".join(seen.text for seen in town.officer.messages).replace("\n", "")
    assert not [row for row in await town.unsettled() if row.state == "failed"]
