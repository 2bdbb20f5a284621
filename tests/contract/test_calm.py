""" "Allt lugnt?": asked once of a contact after thirty silent days, never in July, and never again until heard of."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from bot.playground.seat import Seat
from bot.services import calm
from storage import deadlines
from storage.tables import Deadline
from tests.contract.conftest import House
from tests.contract.test_resting import rests

ASK, YES, NO = "Allt lugnt?", "Allt är lugnt", "Något är på gång"
STOCKHOLM = ZoneInfo("Europe/Stockholm")


def at(*when: int) -> datetime:
    """A moment by the clocks of Sweden."""
    return datetime(*when, tzinfo=STOCKHOLM).astimezone(UTC)  # type: ignore[misc, arg-type]


async def until(town: House, end: datetime) -> None:
    """Let time pass, and everything happen when it is due."""
    while (due := await town.look(deadlines.nearest)) is not None and due < end:
        await town.move_to(max(due, town.clock.at))
    await town.move_to(end)


def asks(seat: Seat) -> int:
    """How many of the questions stand in the person's chat, answered or not."""
    return sum(ASK in seen.text for seen in seat.messages)


async def asked(town: House) -> list[Deadline]:
    """Every time that somebody was asked, the first first."""
    return [row for row in await town.all(Deadline) if row.kind == calm.ASKED]


async def test_a_contact_is_asked_after_thirty_days_at_ten_on_a_working_day_and_nobody_else_is(town: House) -> None:
    """Linked on 23 November at ten; the thirtieth day is 23 December, the day before the holidays."""
    await until(town, at(2026, 12, 23, 9, 59))
    assert not town.contact.has(ASK)
    await town.move_to(at(2026, 12, 23, 10))
    assert [asks(seat) for seat in (town.contact, town.neighbour)] == [1, 1]
    others = (town.chief, town.officer, town.deputy, town.official, town.loner)
    assert [asks(seat) for seat in others] == [0] * 5, "the deputy has a contact beside"
    assert town.contact.find(ASK).labels == (YES, NO)


async def test_the_press_is_noted_shown_and_has_no_effect_twice(town: House) -> None:
    await until(town, at(2026, 12, 23, 10))
    question = town.contact.find(ASK)
    await town.advance(minutes=12)
    await town.contact.press(YES)
    shown = town.contact.last
    assert "Allt är lugnt, sa du kl. 10.12." in shown.text and shown.labels == (), "it does not show who said what when"
    await town.advance(minutes=5)
    (ask, _) = sorted(await asked(town), key=lambda row: row.state != "void")
    told = await town.told(town.contact, town.forge(town.contact, f"a.calm.{ask.id}", question))
    assert "10.17" not in told and not any("10.17" in seen.text for seen in town.contact.messages)
    assert not town.chief.has("lugnt"), "nobody is told that nothing happened"
    account = await town.account(town.contact)
    assert account.seen_at == at(2026, 12, 23, 10, 12), "the answer is not noted, or more often than each hour"


async def test_something_is_brewing_starts_the_questions_of_a_flag(town: House) -> None:
    await until(town, at(2026, 12, 23, 10))
    await town.contact.press(NO)
    assert town.contact.has("Något är på gång, sa du kl. 10.00.")
    await town.contact.press("Händer nu")
    assert town.chief.has("Ärende 1 · Händer nu")


async def test_it_can_be_answered_in_words_and_the_buttons_go_away_then_too(town: House) -> None:
    await until(town, at(2026, 12, 23, 10))
    await town.contact.write("Allt är lugnt")
    assert all(YES not in seen.labels for seen in town.contact.messages)
    assert "sa du kl. 10.00" in town.contact.last.text


async def test_another_persons_question_cannot_be_answered(town: House) -> None:
    await until(town, at(2026, 12, 23, 10))
    alva = (await town.account(town.contact)).person_id
    (mine,) = [row for row in await asked(town) if row.subject == alva]
    for token in (f"a.calm.{mine.id}", f"a.not_calm.{mine.id}", "a.calm.1", "a.calm.99999"):
        await town.forge(town.neighbour, token)
    assert [row.state for row in await asked(town)] == ["waiting", "waiting"]
    assert await town.nothing_kept()


async def test_who_does_anything_at_all_is_not_silent(town: House) -> None:
    """A command is enough, on the last day; the neighbour did nothing."""
    await until(town, at(2026, 12, 22, 12))
    await town.contact.command("meny")
    await until(town, at(2026, 12, 23, 10))
    assert (asks(town.contact), asks(town.neighbour)) == (0, 1)
    await until(town, at(2027, 1, 21, 11))
    assert asks(town.contact) == 0, "the thirtieth day is not over before noon"
    await until(town, at(2027, 1, 22, 10))
    assert asks(town.contact) == 1


async def test_what_is_done_on_either_platform_counts(both: House) -> None:
    """Only on the second platform was the contact heard of."""
    second = await both.linked("Alva Berg", "contact", "Bokpartiet", on=both.platforms[1])
    await until(both, at(2026, 12, 10, 12))
    await second.command("meny")
    await until(both, at(2026, 12, 30, 10))
    assert (asks(both.contact), asks(second), asks(both.neighbour)) == (0, 0, 1)


async def test_it_is_noted_once_an_hour_and_not_at_every_event(town: House) -> None:
    await town.contact.command("meny")
    first = (await town.account(town.contact)).seen_at
    assert first == town.clock.at
    await town.advance(minutes=59)
    await town.contact.command("meny")
    assert (await town.account(town.contact)).seen_at == first
    await town.advance(minutes=1)
    await town.contact.command("meny")
    assert (await town.account(town.contact)).seen_at == town.clock.at


async def test_a_deputy_is_asked_where_there_is_no_contact(town: House) -> None:
    await town.end_role(town.contact)
    await until(town, at(2026, 12, 23, 10))
    assert (asks(town.deputy), asks(town.contact)) == (1, 0)


async def test_who_has_an_open_case_is_left_in_peace(town: House) -> None:
    await town.flag_now(town.contact)
    await until(town, at(2026, 12, 28, 10))
    assert (asks(town.contact), asks(town.neighbour)) == (0, 1)
    await town.close(town.officer, "Klart.")
    await until(town, at(2026, 12, 29, 10))
    assert asks(town.contact) == 1


async def test_nobody_is_asked_on_an_account_that_is_shut_out(town: House) -> None:
    await town.shut_out(town.contact)
    await until(town, at(2026, 12, 23, 10))
    assert (asks(town.contact), asks(town.neighbour)) == (0, 1)


async def test_nobody_is_asked_in_july_and_then_on_its_first_working_day_after(town: House) -> None:
    town.clock.at = at(2027, 6, 10, 12)
    await town.contact.command("meny")
    await town.neighbour.command("meny")
    await until(town, at(2027, 7, 31, 23))
    assert (asks(town.contact), asks(town.neighbour)) == (0, 0)
    await until(town, at(2027, 8, 2, 9, 59))
    assert asks(town.contact) == 0
    await town.move_to(at(2027, 8, 2, 10))
    assert (asks(town.contact), asks(town.neighbour)) == (1, 1)


async def test_who_does_not_answer_is_never_asked_again_until_heard_of(town: House) -> None:
    await until(town, at(2027, 3, 15, 12))
    assert asks(town.contact) == 1
    await town.contact.command("meny")
    await until(town, at(2027, 4, 19, 12))
    assert asks(town.contact) == 2


async def test_a_bot_that_starts_anew_and_one_that_was_stopped_never_ask_twice_or_at_night(town: House) -> None:
    await until(town, at(2026, 12, 23, 9, 59))
    await town.app.stop()
    town.clock.at = at(2026, 12, 23, 22)
    await town.open()
    await town.quiet()
    assert asks(town.contact) == 0, "it came in the evening"
    await until(town, at(2026, 12, 28, 10))
    assert asks(town.contact) == 1
    for _ in range(3):
        await town.restart()
        await town.quiet()
    waiting = [row for row in await town.all(Deadline) if row.kind == calm.ROUND and row.state == "waiting"]
    assert asks(town.contact) == 1 and [row.step for row in waiting] == ["2026-12-29"]


async def test_a_clock_that_is_set_back_repeats_nothing_and_stops_nothing(town: House) -> None:
    await until(town, at(2026, 11, 24, 10))
    await town.app.stop()
    town.clock.at = at(2026, 11, 24, 9, 59)
    await town.open()
    await town.quiet()
    rows = [(row.step, row.state) for row in await town.all(Deadline) if row.kind == calm.ROUND]
    assert rows == [("2026-11-24", "done"), ("2026-11-25", "waiting")]


async def test_a_bot_that_was_late_the_same_morning_asks_then(town: House) -> None:
    await until(town, at(2026, 12, 23, 9, 59))
    await town.app.stop()
    town.clock.at = at(2026, 12, 23, 11, 30)
    await town.open()
    await town.quiet()
    assert asks(town.contact) == 1


@pytest.mark.timeout(300)
async def test_in_a_year_nobody_is_asked_more_than_twelve_times_or_twice_within_thirty_days(town: House) -> None:
    """Alva answers each time, Kim never does, and Nils of a third party looks in now and then."""
    nils = await town.linked("Nils Tall", "contact", "Almpartiet")
    end = at(2027, 11, 23, 12)
    visits = 0
    while town.clock.at < end:
        await until(town, town.clock.at + timedelta(days=5))
        if town.contact.messages and YES in town.contact.last.labels:
            await town.contact.press(YES)
        visits += 1
        if visits % 9 == 0:
            await nils.command("meny")
    when: dict[int, list[datetime]] = defaultdict(list)
    for row in await asked(town):
        when[row.subject].append((row.due_at - calm.ANSWER_WITHIN).astimezone(STOCKHOLM))
    by_name = {seat.name: when[(await town.account(seat)).person_id] for seat in (town.contact, town.neighbour, nils)}
    assert len(by_name["Alva Berg"]) in range(8, 13) and len(by_name["Kim Holm"]) == 1
    for days in when.values():
        assert len(days) <= 12
        assert all(later - earlier >= timedelta(days=30) for earlier, later in pairwise(days))
        assert len({(day.year, day.month) for day in days}) == len(days) and all(day.month != 7 for day in days)
    assert await town.nothing_kept()


@pytest.mark.parametrize("typed", [False, True])
async def test_who_sleeps_at_ten_is_asked_when_they_are_up(town: House, typed: bool) -> None:
    await rests(town, town.contact, "08:00-16:00")
    await until(town, at(2026, 12, 23, 15, 59))
    assert asks(town.neighbour) == 1 and asks(town.contact) == 0
    await town.move_to(at(2026, 12, 23, 16))
    assert asks(town.contact) == 1
    await (town.contact.write(YES) if typed else town.contact.press(YES))
    assert [row.state for row in await asked(town)] == ["void", "waiting"] and await town.nothing_kept()
    assert (town.contact.last.labels == ()) and "16.00" in town.contact.last.text
