"""On which days the bot asks whether all is calm, and on which the chief gets the coverage table."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import islice, pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.services import elections, rounds
from bot.services.hours import is_working_day

ZONE = ZoneInfo("Europe/Stockholm")
ELECTIONS = elections.load()


def local(*when: int) -> datetime:
    """A moment by the clocks of Sweden."""
    return datetime(*when, tzinfo=ZONE).astimezone(UTC)  # type: ignore[misc, arg-type]


def tables(since: datetime, number: int, last: date | None = None) -> list[date]:
    """The days of the next tables, each known when the one before has been sent."""
    found: list[date] = []
    now = since
    for _ in range(number):
        day, now = next(rounds.next_tables(ZONE, now, ELECTIONS, last))
        found.append(day)
        last = day
    return found


def working(since: datetime) -> list[datetime]:
    """When the next three rounds are."""
    return [at for _, at in islice(rounds.slots(ZONE, since, rounds.CALM_AT, is_working_day), 3)]


# When somebody is silent


@pytest.mark.parametrize(
    ("since", "now", "silent"),
    [
        (local(2026, 4, 1, 10), local(2026, 5, 1, 10), True),
        (local(2026, 4, 1, 10, 1), local(2026, 5, 1, 10), False),
        (local(2026, 3, 10, 10), local(2026, 4, 9, 10), True),  # an hour less has passed: summer time began
        (local(2026, 3, 10, 10, 1), local(2026, 4, 9, 10), False),
        (local(2026, 10, 10, 10), local(2026, 11, 9, 10), True),  # an hour more has passed
        (local(2026, 10, 10, 10, 1), local(2026, 11, 9, 10), False),
    ],
)
def test_silence_is_thirty_days_by_the_clock_on_the_wall(since: datetime, now: datetime, silent: bool) -> None:
    assert rounds.is_silent(ZONE, since, now) is silent


def test_nobody_is_asked_in_the_july_of_the_municipality() -> None:
    assert rounds.may_ask(ZONE, local(2026, 6, 30, 10), None)
    assert not rounds.may_ask(ZONE, datetime(2026, 6, 30, 22, 30, tzinfo=UTC), None), "it is July there already"
    assert not rounds.may_ask(ZONE, local(2026, 7, 1, 10), None)
    assert not rounds.may_ask(ZONE, local(2026, 7, 31, 23, 59), None)
    assert rounds.may_ask(ZONE, datetime(2026, 7, 31, 22, 0, tzinfo=UTC), None), "it is August there already"


def test_nobody_is_asked_twice_within_thirty_days_nor_twice_in_a_month() -> None:
    asked = local(2026, 3, 1, 10)
    assert not rounds.may_ask(ZONE, local(2026, 3, 30, 10), asked)
    assert not rounds.may_ask(ZONE, local(2026, 3, 31, 10), asked), "thirty days later it is still March"
    assert rounds.may_ask(ZONE, local(2026, 4, 1, 10), asked)
    assert not rounds.may_ask(ZONE, local(2026, 4, 28, 10), local(2026, 3, 31, 10)), "another month, but 28 days"
    assert rounds.may_ask(ZONE, local(2027, 3, 2, 10), local(2026, 3, 2, 10)), "the same month, a year later"


# When it is asked


def test_a_round_is_at_ten_on_working_days_and_never_at_the_moment_that_just_was() -> None:
    friday = local(2026, 11, 27, 9)
    monday, tuesday = local(2026, 11, 30, 10), local(2026, 12, 1, 10)
    assert working(friday) == [local(2026, 11, 27, 10), monday, tuesday]
    assert working(local(2026, 11, 27, 10))[0] == monday


def test_a_round_passes_over_holidays_and_stays_at_ten_when_the_clocks_change() -> None:
    assert working(local(2026, 12, 23, 11))[0] == local(2026, 12, 28, 10), "Christmas, and a weekend"
    assert working(local(2026, 4, 2, 11))[0] == local(2026, 4, 7, 10), "Easter"
    assert working(local(2026, 6, 18, 11))[0] == local(2026, 6, 22, 10), "Midsummer Eve"
    before, after = working(local(2026, 3, 27, 9))[:2]
    assert (before.hour, after.hour) == (9, 8), "the last Sunday of March lies between"
    assert after - before == timedelta(days=3, hours=-1)


def test_what_was_meant_for_the_morning_is_not_said_in_the_evening_or_another_day() -> None:
    day = date(2026, 11, 24)
    assert rounds.in_time(ZONE, local(2026, 11, 24, 10), day)
    assert rounds.in_time(ZONE, local(2026, 11, 24, 15, 59), day)
    assert not rounds.in_time(ZONE, local(2026, 11, 24, 16), day)
    assert not rounds.in_time(ZONE, local(2026, 11, 25, 9), day)
    assert not rounds.in_time(ZONE, datetime(2026, 11, 24, 23, 30, tzinfo=UTC), day), "it is tomorrow there"


# When the chief gets the table


def test_the_table_comes_on_the_first_working_day_of_a_month() -> None:
    assert tables(local(2026, 11, 23, 10), 6) == [
        date(2026, 12, 1),
        date(2027, 1, 4),  # New Year's Day is a Friday
        date(2027, 2, 1),
        date(2027, 3, 1),
        date(2027, 4, 1),
        date(2027, 5, 3),
    ]


def test_before_the_election_of_2026_it_comes_each_monday_and_the_month_begins_within_a_week_of_its_own() -> None:
    assert tables(local(2026, 6, 30, 12), 12) == [
        date(2026, 7, 1),
        *(date(2026, 7, 20) + timedelta(weeks=week) for week in range(8)),
        date(2026, 10, 1),
        date(2026, 11, 2),
        date(2026, 12, 1),
    ]


def test_the_first_of_september_2026_has_none_for_that_weeks_came_on_the_monday() -> None:
    assert tables(local(2026, 8, 31, 8), 1, last=date(2026, 8, 31)) == [date(2026, 9, 7)]
    assert tables(local(2026, 8, 31, 8), 1) == [date(2026, 9, 1)], "unless Monday's was never sent"


def test_a_monday_that_is_a_holiday_gives_way_to_the_next_working_day() -> None:
    easter = elections.Election(date(2026, 5, 10), "extra", (("sv", "Omval"),))
    days = [day for day in days_of(2026) if rounds.is_table_day(day, (easter,))]
    spring = [day for day in days if date(2026, 3, 15) <= day <= date(2026, 5, 10)]
    assert spring == [
        date(2026, 3, 16),
        date(2026, 3, 23),
        date(2026, 3, 30),
        date(2026, 4, 1),
        date(2026, 4, 7),  # Easter Monday is the sixth
        date(2026, 4, 13),
        date(2026, 4, 20),
        date(2026, 4, 27),
        date(2026, 5, 4),
    ]


def test_the_election_that_is_coming_is_named_for_eight_weeks_and_not_on_its_day() -> None:
    assert rounds.coming(date(2026, 7, 18), ELECTIONS) is None
    assert rounds.coming(date(2026, 7, 20), ELECTIONS) == ELECTIONS[0]
    assert rounds.coming(date(2026, 9, 12), ELECTIONS) == ELECTIONS[0]
    assert rounds.coming(date(2026, 9, 13), ELECTIONS) is None


@given(st.dates(date(2026, 1, 1), date(2031, 1, 1)))
def test_wherever_one_starts_no_week_has_two_tables_and_no_month_goes_without(start: date) -> None:
    days = tables(datetime.combine(start, time(12), UTC), 14)
    weeks = [day.isocalendar()[:2] for day in days]
    assert len(set(weeks)) == len(weeks)
    assert all(is_working_day(day) for day in days)
    assert all(after - before <= timedelta(days=36) for before, after in pairwise(days))


def days_of(year: int) -> list[date]:
    return [date(year, 1, 1) + timedelta(days=ahead) for ahead in range(365)]
