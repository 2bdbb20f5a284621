"""Staffed hours, holidays and working days, also on the days when the clocks change."""

import contextlib
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.services.hours import (
    StaffedHours,
    after_staffed,
    is_staffed,
    is_working_day,
    next_staffed,
    next_working_day,
)

ZONE = ZoneInfo("Europe/Stockholm")
OFFICE = StaffedHours.parse("mån-fre 08:00-17:00; lör 10:00-14:00")
ALWAYS = StaffedHours.parse("dygnet runt")
NEVER = StaffedHours.parse("aldrig")
SUNDAY_NIGHT = StaffedHours.parse("sön 00:00-04:00")

minutes_of_two_years = st.integers(0, 2 * 365 * 24 * 60)
moments = minutes_of_two_years.map(lambda minutes: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes))
amounts = st.integers(0, 60 * 60).map(lambda minutes: timedelta(minutes=minutes))
quarters = st.integers(0, 96).map(lambda quarter: quarter * 15)


@st.composite
def written_hours(draw: st.DrawFn) -> str:
    days = draw(st.lists(st.sampled_from(["mån", "tis-tors", "fre", "sat", "sön-mon"]), min_size=1, unique=True))
    starts = draw(st.lists(quarters, min_size=2, max_size=2, unique=True).map(sorted))
    span = "-".join(f"{minutes // 60:02}:{minutes % 60:02}" for minutes in starts)
    return "; ".join(f"{day} {span}" for day in days)


def local(*when: int) -> datetime:
    return datetime(*when, tzinfo=ZONE)  # type: ignore[arg-type,misc]


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("mån-fre 08:00-17:00; lör 10:00-14:00", "mån-fre 08:00-17:00; lör 10:00-14:00"),
        ("mon-fri 8-17", "mån-fre 08:00-17:00"),
        ("Mån, ons 8.30–12, 13:00-16:00", "mån 08:30-12:00, 13:00-16:00; ons 08:30-12:00, 13:00-16:00"),
        ("tors 08-12; tor 12-15;", "tor 08:00-15:00"),
        ("lör-mån 00:00-24:00", "mån 00:00-24:00; lör-sön 00:00-24:00"),
        ("always", "dygnet runt"),
        ("Dygnet  runt", "dygnet runt"),
        ("never", "aldrig"),
    ],
)
def test_hours_are_read_in_both_languages_and_written_in_one_way(text: str, meaning: str) -> None:
    assert str(StaffedHours.parse(text)) == meaning


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "not weekdays and hours"),
        ("mån-fre", "not weekdays and hours"),
        ("08:00-17:00", "not weekdays and hours"),
        ("mån-hej 08:00-17:00", '"hej" is not a weekday'),
        ("mån 08:00", "not a span of hours"),
        ("mån 22:00-06:00", "ends before it starts"),
        ("mån 08:00-08:00", "ends before it starts"),
        ("mån 08:60-17:00", "outside the day"),
        ("mån 08:00-25:00", "outside the day"),
    ],
)
def test_hours_that_cannot_be_read_say_why(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        StaffedHours.parse(text)


@given(written_hours())
def test_what_is_written_is_read_back_as_the_same_hours(text: str) -> None:
    hours = StaffedHours.parse(text)
    assert StaffedHours.parse(str(hours)) == hours


@given(st.text())
def test_any_text_is_hours_or_a_value_error(text: str) -> None:
    with contextlib.suppress(ValueError):
        assert StaffedHours.parse(text)


def test_nobody_is_on_duty_at_closing_time() -> None:
    assert is_staffed(OFFICE, ZONE, local(2026, 11, 23, 8))
    assert is_staffed(OFFICE, ZONE, local(2026, 11, 23, 16, 59))
    assert not is_staffed(OFFICE, ZONE, local(2026, 11, 23, 17))


def test_a_holiday_is_off_duty_unless_the_unit_is_always_on_duty() -> None:
    for day in (
        local(2026, 6, 19, 10),
        local(2026, 12, 24, 10),
        local(2026, 12, 25, 10),
        local(2026, 12, 31, 10),
    ):
        assert not is_staffed(OFFICE, ZONE, day)
        assert is_staffed(ALWAYS, ZONE, day)


def test_an_ordinary_sunday_is_no_holiday_and_easter_sunday_is() -> None:
    sundays = StaffedHours.parse("sön 10-14")
    assert is_staffed(sundays, ZONE, local(2026, 11, 22, 11))
    assert not is_staffed(sundays, ZONE, local(2026, 4, 5, 11))


def test_the_working_days_around_midsummer_christmas_and_epiphany() -> None:
    off = {date(2026, 6, 19), date(2026, 6, 20), date(2026, 12, 24), date(2026, 12, 25), date(2027, 1, 6)}
    worked = {date(2026, 6, 18), date(2026, 6, 22), date(2026, 12, 23), date(2026, 12, 28), date(2027, 1, 5)}
    assert not any(map(is_working_day, off))
    assert all(map(is_working_day, worked))


def test_the_next_staffed_moment_is_now_or_the_next_opening() -> None:
    assert next_staffed(OFFICE, ZONE, local(2026, 11, 23, 9)) == local(2026, 11, 23, 9)
    assert next_staffed(OFFICE, ZONE, local(2026, 11, 23, 17)) == local(2026, 11, 24, 8)
    assert next_staffed(OFFICE, ZONE, local(2026, 11, 21, 15)) == local(2026, 11, 23, 8)
    assert next_staffed(OFFICE, ZONE, local(2026, 12, 23, 18)) == local(2026, 12, 28, 8)
    assert next_staffed(ALWAYS, ZONE, local(2026, 12, 24, 3)) == local(2026, 12, 24, 3)
    assert next_staffed(NEVER, ZONE, local(2026, 11, 23, 9)) is None


def test_staffed_time_waits_over_the_night_the_weekend_and_the_holiday() -> None:
    two = timedelta(hours=2)
    assert after_staffed(OFFICE, ZONE, local(2026, 11, 23, 15), two) == local(2026, 11, 23, 17)
    assert after_staffed(OFFICE, ZONE, local(2026, 11, 23, 16), two) == local(2026, 11, 24, 9)
    assert after_staffed(OFFICE, ZONE, local(2026, 11, 21, 13), two) == local(2026, 11, 23, 9)
    assert after_staffed(OFFICE, ZONE, local(2026, 6, 18, 16), two) == local(2026, 6, 22, 9)
    assert after_staffed(OFFICE, ZONE, local(2026, 12, 23, 16, 30), two) == local(2026, 12, 28, 9, 30)


def test_without_anybody_ever_on_duty_plain_time_counts() -> None:
    start = local(2026, 11, 22, 3)
    assert after_staffed(NEVER, ZONE, start, timedelta(hours=2)) == start + timedelta(hours=2)
    assert after_staffed(ALWAYS, ZONE, start, timedelta(hours=2)) == start + timedelta(hours=2)


def test_spring_takes_an_hour_from_the_night_and_autumn_gives_one() -> None:
    spring, autumn = local(2026, 3, 29), local(2026, 10, 25)
    three, five = timedelta(hours=3), timedelta(hours=5)
    assert after_staffed(SUNDAY_NIGHT, ZONE, spring, three) == datetime(2026, 3, 29, 2, tzinfo=UTC)
    assert after_staffed(SUNDAY_NIGHT, ZONE, autumn, five) == datetime(2026, 10, 25, 3, tzinfo=UTC)
    assert is_staffed(SUNDAY_NIGHT, ZONE, datetime(2026, 10, 25, 1, 30, tzinfo=UTC))  # 02.30 for the second time


def test_hours_within_the_hour_that_spring_skips_do_not_exist() -> None:
    hours = StaffedHours.parse("sön 02:15-02:45")
    assert next_staffed(hours, ZONE, local(2026, 3, 29)) == datetime(2026, 4, 12, 0, 15, tzinfo=UTC)  # past Easter


def test_an_opening_within_the_skipped_hour_is_the_moment_of_the_change() -> None:
    hours = StaffedHours.parse("sön 02:30-05:00")
    assert next_staffed(hours, ZONE, local(2026, 3, 29)) == datetime(2026, 3, 29, 1, tzinfo=UTC)


def test_the_next_working_day_keeps_its_clock_over_both_changes() -> None:
    noon = time(12)
    assert next_working_day(ZONE, local(2026, 3, 27, 9), noon) == datetime(2026, 3, 30, 10, tzinfo=UTC)
    assert next_working_day(ZONE, local(2026, 10, 23, 9), noon) == datetime(2026, 10, 26, 11, tzinfo=UTC)


def test_the_next_working_day_is_counted_from_the_local_date() -> None:
    late = datetime(2026, 11, 23, 23, 30, tzinfo=UTC)  # already Tuesday in Stockholm
    assert next_working_day(ZONE, late, time(9)) == local(2026, 11, 25, 9)
    assert next_working_day(ZONE, local(2026, 6, 18, 0, 1), time(12)) == local(2026, 6, 22, 12)
    assert next_working_day(ZONE, local(2026, 12, 23, 23), time(12)) == local(2026, 12, 28, 12)


@given(written_hours().map(StaffedHours.parse), moments, amounts, amounts)
def test_staffed_time_adds_up(hours: StaffedHours, start: datetime, one: timedelta, two: timedelta) -> None:
    halfway = after_staffed(hours, ZONE, start, one)
    assert after_staffed(hours, ZONE, halfway, two) == after_staffed(hours, ZONE, start, one + two)


@given(written_hours().map(StaffedHours.parse), moments)
def test_the_next_staffed_moment_is_staffed_and_is_utc(hours: StaffedHours, at: datetime) -> None:
    found = next_staffed(hours, ZONE, at)
    assert found is not None
    assert found >= at
    assert found.tzinfo is UTC
    assert is_staffed(hours, ZONE, found)
