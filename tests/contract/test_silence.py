"""Point 5: nobody waits in silence."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from bot.playground.faults import Misbehaviour
from bot.playground.seat import Seat, SlackSeat, TelegramSeat
from storage.tables import Deadline
from tests.contract.conftest import NIGHT, PUBLIC, House, bare, swedish

AGAIN = "någon behöver ta det nu"
TURN = "Ta ärende 1, det är din tur"
NUMBER = "070-174 06 05"
UNTAKEN = "Ingen har svarat på ärende 1 än."
UNREACHED = "Jag når ingen på säkerhetsenheten om ärende 1."


def block(seat: Seat) -> None:
    """The bot no longer reaches this account."""
    if isinstance(seat, SlackSeat):
        seat.human.deactivate()
    else:
        assert isinstance(seat, TelegramSeat)
        seat.human.deactivate()


def hears_the_truth(seat: Seat, asked: str) -> bool:
    """Whether the newest message is what is true now: a number first, that nobody has answered, who is asked."""
    text = bare(seat.last.text)
    return text.startswith(f"Ring {PUBLIC}. {UNTAKEN}") and "ring 112" in text and asked in text


async def test_after_three_minutes_it_is_the_next_officers_turn_and_the_reporter_hears_the_truth(town: House) -> None:
    await town.flag_now(town.contact)
    assert "Har ingen tagit det kl. 10.03 säger jag till" in town.contact.find("Ärende 1 är sparat").text
    await town.advance(minutes=3, seconds=-1)
    assert not town.officer.has(TURN) and not town.contact.has(UNTAKEN)
    await town.advance(seconds=1)
    assert TURN in town.officer.last.text and "Jag tar den" in town.officer.last.labels
    assert not town.chief.has(TURN) and not town.chief.has(AGAIN)
    assert hears_the_truth(town.contact, "Nästa i tur på säkerhetsenheten får frågan nu")


async def test_after_six_minutes_all_officers_are_asked_and_the_reporter_hears_the_truth(town: House) -> None:
    olle, stig = await town.linked("Olle Vakt", "officer"), await town.linked("Stig Sol", "officer")
    await town.flag_now(town.contact)
    await town.advance(minutes=3)
    seats = (town.officer, olle, stig, town.chief)
    assert [seat.has(TURN) for seat in seats] == [True, False, False, False]
    await town.advance(minutes=3)
    assert [seat.has(AGAIN) for seat in seats] == [True, True, True, False]
    assert hears_the_truth(town.contact, "Flera på säkerhetsenheten får frågan igen nu")


async def test_after_ten_minutes_the_chief_has_every_number_to_call(town: House) -> None:
    await town.flag_now(town.contact)
    await town.contact.press("Hoppa över")
    await town.contact.press("Nej, inte än")
    await town.contact.write(NUMBER)
    await town.advance(minutes=10)
    text = town.chief.last.text.replace("+46 70 ", "070-")
    assert text.startswith("Ring runt: ingen har tagit ärende 1")
    assert f"Alva Berg (flaggade): {NUMBER}" in text and "Omar Lind: inget nummer" in text and "Siv" not in text
    assert "Jag tar den" in town.chief.last.labels
    assert not town.officer.has("Ring runt")
    assert hears_the_truth(town.contact, "Säkerhetschefen får frågan igen nu")


async def test_of_what_the_reporter_is_told_only_the_newest_stands(town: House) -> None:
    await town.flag_now(town.contact)
    for minutes in (3, 3, 4):
        await town.advance(minutes=minutes)
        [told] = [message for message in town.contact.messages if UNTAKEN in message.text]
        assert told.labels and told.text == town.contact.last.text
    assert len([message for message in town.contact.messages if "Det senaste står längre ner" in message.text]) == 2


async def test_a_step_that_would_ask_nobody_new_asks_whoever_is_left(town: House) -> None:
    """Omar is the only officer, and was asked at three minutes: at six the chief is asked as well."""
    await town.flag_now(town.contact)
    await town.advance(minutes=6)
    assert AGAIN in town.officer.last.text and AGAIN in town.chief.last.text
    assert hears_the_truth(town.contact, "Alla på säkerhetsenheten får frågan igen nu")


async def test_a_chief_alone_is_asked_at_every_step(town: House) -> None:
    block(town.officer)
    await town.flag_now(town.contact)
    for number, (minutes, said) in enumerate(((3, TURN), (3, AGAIN), (4, "Ring runt")), 2):
        await town.advance(minutes=minutes)
        assert said in town.chief.last.text
        assert len([message for message in town.chief.messages if "rende 1" in message.text]) == number


async def test_an_officer_who_flags_is_not_asked_to_take_it(town: House) -> None:
    await town.flag_now(town.officer)
    await town.advance(minutes=3)
    assert TURN in town.chief.last.text and not town.officer.has(TURN)


async def test_whoever_was_asked_is_on_the_timeline(town: House) -> None:
    await town.flag_now(town.contact)
    await town.advance(minutes=3)
    await town.chief.command("arende", "1")
    await town.chief.press("Läs allt")
    assert "10.03 · Ingen hade tagit ärendet. Omar Lind fick frågan." in town.chief.last.text


async def test_nothing_more_comes_when_somebody_has_taken_it(town: House) -> None:
    await town.flag_now(town.contact)
    await town.officer.press("Jag tar den")
    await town.officer.press("Inom 1 timme")
    await town.advance(minutes=11)
    assert not town.officer.has(TURN) and not town.officer.has(AGAIN) and not town.contact.has(UNTAKEN)
    assert {row.state for row in await town.all(Deadline) if row.kind == "chain"} == {"void"}


async def test_more_words_on_what_nobody_has_taken_reach_everybody_also_after_the_last_step(town: House) -> None:
    await town.flag_now(town.contact)
    for answer in ("Hoppa över", "Nej, inte än", "Hoppa över"):
        await town.contact.press(answer)
    await town.advance(minutes=11)
    await town.contact.write("De slår sönder dörren")
    for seat in (town.chief, town.officer):
        assert "Nytt i ärende 1" in seat.last.text and "Jag tar den" in seat.last.labels


async def test_a_restart_forgets_no_promise(town: House) -> None:
    await town.flag_now(town.contact)
    await town.app.stop()
    town.clock.at += timedelta(minutes=6)
    await town.open()
    await town.quiet()
    assert town.officer.has(AGAIN) and town.contact.has(UNTAKEN)


DUE = [
    ("På gång", swedish(11, 23, 10), swedish(11, 23, 12), "kl. 12.00"),
    ("På gång", swedish(11, 23, 16), swedish(11, 24, 9), "i morgon kl. 9.00"),  # an hour today, an hour tomorrow
    ("På gång", swedish(11, 28, 10), swedish(11, 30, 10), "måndag"),  # a Saturday
    ("Rykte", swedish(11, 23, 10), swedish(11, 24, 12), "i morgon kl. 12.00"),
    ("Har hänt", swedish(11, 27, 10), swedish(11, 30, 12), "måndag"),  # a Friday
    ("Rykte", swedish(12, 23, 10), swedish(12, 28, 12), "måndag"),  # Christmas
]


@pytest.mark.parametrize(("label", "at", "due", "said"), DUE)
async def test_the_others_have_the_clock_that_the_receipt_promises(
    town: House, label: str, at: datetime, due: datetime, said: str
) -> None:
    await town.move_to(at)
    await town.flag_later(town.contact, label)
    assert said in town.contact.last.text
    await town.move_to(due - timedelta(seconds=1))
    assert not town.officer.has(AGAIN) and not town.contact.has(UNTAKEN)
    await town.move_to(due)
    assert town.officer.has(AGAIN)
    assert bare(town.contact.last.text).startswith(f"Ring {PUBLIC}. {UNTAKEN}")


async def test_outside_staffed_hours_the_first_answer_says_that_nobody_is_on_duty_and_whom_to_call(
    town: House,
) -> None:
    await town.move_to(swedish(11, 23, 22))
    await town.flag_now(town.contact)
    assert f"Ingen är i tjänst just nu. Ring {NIGHT}" in bare(town.contact.find("Ärende 1 är sparat").text)
    await town.flag_later(town.neighbour)
    assert f"Ingen är i tjänst just nu. Ring {NIGHT}" in bare(town.neighbour.last.text)
    await town.advance(minutes=6)
    assert bare(town.contact.last.text).startswith(f"Ring {NIGHT}")


async def test_within_staffed_hours_nobody_is_said_to_be_off_duty(town: House) -> None:
    await town.flag_now(town.contact)
    assert not town.contact.has("Ingen är i tjänst")


async def test_without_a_night_number_the_answer_names_112_and_the_police(town: House) -> None:
    town.app.house.night_number = None
    await town.move_to(swedish(11, 23, 22))
    await town.flag_now(town.contact)
    assert "Ring 112 vid fara, annars polisen på 114 14" in town.contact.find("Ärende 1 är sparat").text


async def test_a_unit_that_cannot_be_reached_at_all_is_told_the_reporter_at_once(town: House) -> None:
    block(town.chief)
    block(town.officer)
    await town.flag_now(town.contact)
    assert bare(town.contact.find(UNREACHED).text).startswith(f"Ring {PUBLIC} nu.")
    assert (await town.account(town.officer)).state == "blocked"


async def test_one_officer_who_cannot_be_reached_is_no_reason_to_say_so(town: House) -> None:
    block(town.officer)
    await town.flag_now(town.contact)
    assert town.chief.has("Ärende 1") and not town.contact.has(UNREACHED)


async def test_a_flag_when_nobody_of_the_unit_has_an_account_says_so_in_the_receipt(town: House) -> None:
    block(town.chief)
    block(town.officer)
    await town.flag_now(town.contact)
    await town.flag_now(town.neighbour)
    assert bare(town.neighbour.find("Ärende 2 är sparat").text).startswith(f"Ring {PUBLIC} nu")
    assert "jag når ingen på säkerhetsenheten" in town.neighbour.find("Ärende 2 är sparat").text


# Two platforms


async def two_accounts(both: House) -> tuple[Seat, Seat]:
    """Siv's and Omar's accounts on the other platform."""
    siv = await both.linked("Siv Almgren", "chief", on=both.platforms[1])
    return siv, await both.linked("Omar Lind", "officer", on=both.platforms[1])


async def test_whose_turn_it_is_is_asked_on_all_accounts(both: House) -> None:
    siv, omar = await two_accounts(both)
    await both.flag_now(both.contact)
    assert both.officer.has("Ärende 1") and both.chief.has("Ärende 1")
    assert not siv.messages and not omar.messages
    await both.advance(minutes=3)
    assert TURN in both.officer.last.text and TURN in omar.last.text and not siv.messages
    await both.advance(minutes=3)
    assert all(AGAIN in seat.last.text for seat in (both.officer, omar, both.chief, siv))
    await omar.press("Jag tar den")
    assert both.contact.has("Omar Lind på säkerhetsenheten tog ärende 1")


async def test_a_notice_that_fails_goes_to_the_other_account_at_once(both: House) -> None:
    _, omar = await two_accounts(both)
    block(both.officer)
    await both.flag_now(both.contact)
    assert omar.has("Ärende 1 · Händer nu")
    await omar.press("Jag tar den")
    assert both.contact.has("Omar Lind på säkerhetsenheten tog ärende 1")


async def test_a_whole_unit_that_is_out_of_reach_on_both_platforms_is_told_at_once(both: House) -> None:
    for seat in (both.chief, both.officer, *await two_accounts(both)):
        block(seat)
    await both.flag_now(both.contact)
    assert bare(both.contact.find(UNREACHED).text).startswith(f"Ring {PUBLIC} nu.")


async def test_the_reporters_failed_notice_goes_to_the_reporters_other_account(both: House) -> None:
    second = await both.linked("Alva Berg", "contact", on=both.platforms[1])
    await both.flag_now(both.contact)
    block(both.contact)
    await both.officer.press("Jag tar den")
    assert second.has("Omar Lind på säkerhetsenheten tog ärende 1")


async def test_who_blocked_the_bot_and_writes_again_is_reached_again(town: House) -> None:
    method = {"telegram": "sendMessage", "slack": "chat.postMessage"}[town.platform]
    server: Any = getattr(town, town.platform)
    server.faults.plan(method, Misbehaviour.BLOCKED)
    await town.loner.command("mina")
    assert (await town.account(town.loner)).state == "blocked"
    await town.loner.command("mina")
    assert (await town.account(town.loner)).state == "active"
    assert "inga öppna ärenden" in town.loner.last.text


async def test_a_platform_that_is_down_when_somebody_flags_loses_nothing(both: House) -> None:
    server: Any = getattr(both, both.platforms[0])
    method = {"telegram": "sendMessage", "slack": "chat.postMessage"}[both.platforms[0]]
    officer = await both.linked("Olle Vakt", "officer", on=both.platforms[1])
    server.faults.plan(method, Misbehaviour.SERVER_ERROR, times=6)
    await both.contact.command("flagga")
    await both.contact.write("händer nu")
    assert officer.has("Ärende 1 · Händer nu")
    server.faults.clear()
    await both.advance(seconds=70)
    assert both.contact.has("Ärende 1 är sparat") and both.officer.has("Ärende 1 · Händer nu")
