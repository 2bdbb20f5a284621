"""Quiet hours by the clock on the wall: over midnight, over both changes of the clocks, and as people write them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import quiet

ZONE = ZoneInfo("Europe/Stockholm")
START = datetime(2026, 1, 1, tzinfo=UTC)
SPRING, AUTUMN = datetime(2026, 3, 29, 1, tzinfo=UTC), datetime(2026, 10, 25, 1, tzinfo=UTC)  # when the clocks change

clocks = st.integers(0, 24 * 12 - 1).map(lambda n: f"{n // 12:02}:{n % 12 * 5:02}")
hours = st.tuples(clocks, clocks).filter(lambda pair: pair[0] != pair[1]).map("-".join)
anytime = st.integers(0, 2 * 365 * 24 * 12).map(lambda n: START + timedelta(minutes=5 * n))
near_a_change = st.tuples(st.sampled_from([SPRING, AUTUMN]), st.integers(-30 * 12, 30 * 12)).map(
    lambda pair: pair[0] + timedelta(minutes=5 * pair[1])
)
moments = anytime | near_a_change


def wall(at: datetime) -> str:
    return f"{at.astimezone(ZONE):%H:%M}"


def shown(hours: str, at: datetime) -> bool:
    """Whether the clock on the wall stands within the hours, by comparing what it shows and nothing else."""
    start, end = hours.split("-")
    return start <= wall(at) < end if start < end else not end <= wall(at) < start


def repeats(at: datetime) -> bool:
    """Whether it is in the hour that autumn has twice."""
    return abs(at - AUTUMN) <= timedelta(hours=1) or abs(at - AUTUMN.replace(2027, 10, 31)) <= timedelta(hours=1)


@given(hours, moments)
def test_it_is_quiet_when_the_wall_says_so_and_only_the_repeated_hour_adds_to_that(hours: str, at: datetime) -> None:
    end = quiet.until(hours, at, ZONE)
    if end is None:
        assert not shown(hours, at)
    elif not repeats(at):
        assert shown(hours, at)


@given(hours, moments)
def test_it_ends_at_its_end_by_the_wall_and_not_before(hours: str, at: datetime) -> None:
    end = quiet.until(hours, at, ZONE)
    if end is None:
        return
    assert at < end <= at + timedelta(hours=25)
    skipped = end == SPRING or end == SPRING.replace(2027, 3, 28)
    assert wall(end) == hours.split("-")[1] or skipped
    assert quiet.until(hours, end, ZONE) is None, "it was not over when it ended"
    assert quiet.until(hours, end - timedelta(minutes=1), ZONE) == end


@given(hours, moments)
def test_who_asks_later_in_the_same_quiet_hears_the_same_end(hours: str, at: datetime) -> None:
    steps = [at + timedelta(minutes=5 * n) for n in range(12 * 26)]
    for (now, end), (_, after) in pairwise((step, quiet.until(hours, step, ZONE)) for step in steps):
        if end is not None and after is not None:
            assert now < end and (after == end or after >= end + timedelta(minutes=5))


@pytest.mark.parametrize(
    ("hours", "at", "end"),
    [
        ("22:00-07:00", datetime(2026, 11, 23, 20, 59, tzinfo=UTC), None),
        ("22:00-07:00", datetime(2026, 11, 23, 21, 0, tzinfo=UTC), datetime(2026, 11, 24, 6, tzinfo=UTC)),
        ("22:00-07:00", datetime(2026, 11, 24, 5, 59, tzinfo=UTC), datetime(2026, 11, 24, 6, tzinfo=UTC)),
        ("22:00-07:00", datetime(2026, 11, 24, 6, 0, tzinfo=UTC), None),
        ("12:00-13:30", datetime(2026, 7, 1, 10, 0, tzinfo=UTC), datetime(2026, 7, 1, 11, 30, tzinfo=UTC)),
        ("22:00-07:00", datetime(2026, 3, 28, 22, 0, tzinfo=UTC), datetime(2026, 3, 29, 5, tzinfo=UTC)),  # 8 hours
        ("22:00-07:00", datetime(2026, 10, 24, 21, 0, tzinfo=UTC), datetime(2026, 10, 25, 6, tzinfo=UTC)),  # 10 hours
        ("22:00-02:30", datetime(2026, 3, 28, 23, 0, tzinfo=UTC), SPRING),  # there is no 2.30 that night
        ("22:00-02:30", datetime(2026, 10, 24, 23, 0, tzinfo=UTC), datetime(2026, 10, 25, 1, 30, tzinfo=UTC)),
        ("02:15-02:45", datetime(2026, 3, 29, 0, 59, tzinfo=UTC), None),  # nor is there any of this
        ("02:15-02:45", SPRING, None),
    ],
)
def test_ends_that_are_known(hours: str, at: datetime, end: datetime | None) -> None:
    assert quiet.until(hours, at, ZONE) == end


def test_who_has_none_is_never_quiet() -> None:
    assert quiet.until("", START, ZONE) is None


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("22-7", "22:00-07:00"),
        ("22–07", "22:00-07:00"),
        ("22:00-07:00", "22:00-07:00"),
        ("22.30 - 6.15", "22:30-06:15"),
        ("Mellan 22 och 7", "22:00-07:00"),
        ("från kl. 21 till kl. 06.30.", "21:00-06:30"),
        ("2230-0600", "22:30-06:00"),
        ("24-7", "00:00-07:00"),
        ("21-24", "21:00-00:00"),
        ("10 pm to 7 am", "22:00-07:00"),
        ("from 10pm until 6:30 a.m.", "22:00-06:30"),
        ("12am-8am", "00:00-08:00"),
        ("7-7", "07:00-07:00"),
        ("22", None),
        ("25-7", None),
        ("22.75-7", None),
        ("13 pm-7", None),
        ("när jag sover", None),
        ("", None),
        ("22-7" + " " * 100, None),
    ],
)
def test_what_people_write(text: str, meant: str | None) -> None:
    assert quiet.read(text) == meant


@given(hours)
def test_what_is_said_is_read_back_as_the_same(hours: str) -> None:
    assert quiet.read(hours) == quiet.read(quiet.say(hours, "sv")) == quiet.read(quiet.say(hours, "en")) == hours


def test_hours_that_end_when_they_begin_are_empty() -> None:
    assert quiet.is_empty("07:00-07:00") and not quiet.is_empty("22:00-07:00")
    assert quiet.say("22:00-07:00", "sv") == "22–07" and quiet.say("22:30-07:00", "sv") == "22.30–07.00"
