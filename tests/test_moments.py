"""Times are said as people say them, and what people write is understood or refused, never a crash."""

import subprocess
import sys
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.moments import LONGEST, PARTS, clock_time, from_wall, read, say

ZONE = ZoneInfo("Europe/Stockholm")
NOW = datetime(2026, 11, 22, 15, 30, tzinfo=ZONE)  # a Sunday


def local(*when: int) -> datetime:
    return datetime(*when, tzinfo=ZONE)  # type: ignore[arg-type,misc]


def understood(text: str, now: datetime = NOW, language: str = "sv") -> datetime | None:
    return read(text, now=now, zone=ZONE, language=language)


@pytest.mark.parametrize(
    ("at", "swedish", "english"),
    [
        (local(2026, 11, 22, 18, 30), "i dag kl. 18.30", "today at 18:30"),
        (local(2026, 11, 23, 9), "i morgon kl. 9.00", "tomorrow at 09:00"),
        (local(2026, 11, 21, 0, 5), "i går kl. 0.05", "yesterday at 00:05"),
        (local(2026, 11, 24, 18, 30), "tisdag 24 november kl. 18.30", "Tuesday 24 November at 18:30"),
        (local(2027, 1, 5, 8), "tisdag 5 januari 2027 kl. 8.00", "Tuesday 5 January 2027 at 08:00"),
    ],
)
def test_a_time_is_said_with_the_day_people_would_name(at: datetime, swedish: str, english: str) -> None:
    assert say(at, now=NOW, zone=ZONE, language="sv") == swedish
    assert say(at.astimezone(UTC), now=NOW.astimezone(UTC), zone=ZONE, language="en") == english


def test_today_is_the_day_of_the_place_and_not_of_utc() -> None:
    now = datetime(2026, 11, 22, 23, 30, tzinfo=UTC)
    assert say(now, now=now, zone=ZONE, language="sv") == "i dag kl. 0.30"
    assert say(now - timedelta(hours=1), now=now, zone=ZONE, language="sv") == "i går kl. 23.30"


def test_tomorrow_is_tomorrow_also_over_a_night_of_another_length() -> None:
    for evening in (local(2026, 3, 28, 23), local(2026, 10, 24, 23)):
        nine = from_wall(datetime.combine(evening.date() + timedelta(days=1), time(9)), ZONE)
        assert say(nine, now=evening, zone=ZONE, language="sv") == "i morgon kl. 9.00"


def test_a_clock_time_is_written_as_in_the_language() -> None:
    assert clock_time(local(2026, 11, 22, 18, 42), ZONE, "sv") == "18.42"
    assert clock_time(local(2026, 11, 22, 9, 5), ZONE, "en") == "09:05"


def test_a_wall_clock_in_the_skipped_hour_is_the_change_and_in_the_repeated_hour_the_first() -> None:
    assert from_wall(datetime.combine(date(2026, 3, 29), time(2, 30)), ZONE) == datetime(2026, 3, 29, 1, tzinfo=UTC)
    assert from_wall(datetime.combine(date(2026, 10, 25), time(2, 30)), ZONE) == datetime(
        2026, 10, 25, 0, 30, tzinfo=UTC
    )


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("18.30", local(2026, 11, 22, 18, 30)),
        ("18:30", local(2026, 11, 22, 18, 30)),
        ("9.15", local(2026, 11, 22, 9, 15)),
        ("kl 18", local(2026, 11, 22, 18)),
        ("Kl. 9", local(2026, 11, 22, 9)),
        ("18", local(2026, 11, 22, 18)),
        ("1830", local(2026, 11, 22, 18, 30)),
        ("nu", NOW),
        ("Just nu!", NOW),
        ("i morgon", local(2026, 11, 23, 12)),
        ("i morgon 9", local(2026, 11, 23, 9)),
        ("9 i morgon", local(2026, 11, 23, 9)),
        ("imorgon kl 9.30", local(2026, 11, 23, 9, 30)),
        ("i morgon bitti", local(2026, 11, 23, 8)),
        ("i övermorgon kl 14", local(2026, 11, 24, 14)),
        ("igår kväll", local(2026, 11, 21, 19)),
        ("i går kväll kl 7", local(2026, 11, 21, 19)),
        ("i dag 14", local(2026, 11, 22, 14)),
        ("i morse", local(2026, 11, 22, 8)),
        ("i kväll 20", local(2026, 11, 22, 20)),
        ("på eftermiddagen", local(2026, 11, 22, 15)),
        ("på fredag 18", local(2026, 11, 27, 18)),
        ("fredag", local(2026, 11, 27, 12)),
        ("fredag kväll", local(2026, 11, 27, 19)),
        ("i fredags", local(2026, 11, 20, 12)),
        ("i söndags kl 14", local(2026, 11, 15, 14)),
        ("söndag 18", local(2026, 11, 22, 18)),
        ("söndag 14", local(2026, 11, 29, 14)),
        ("förra tisdagen", local(2026, 11, 17, 12)),
        ("nästa fredag 18.00", local(2026, 11, 27, 18)),
        ("24 november 18.30", local(2026, 11, 24, 18, 30)),
        ("den 24:e november kl. 18", local(2026, 11, 24, 18)),
        ("tisdag 24 november kl. 18.30", local(2026, 11, 24, 18, 30)),
        ("24/11 kl 18", local(2026, 11, 24, 18)),
        ("2026-11-24 18:30", local(2026, 11, 24, 18, 30)),
        ("2026-11-24T18:30", local(2026, 11, 24, 18, 30)),
        ("7 januari", local(2027, 1, 7, 12)),
        ("20 september", local(2026, 9, 20, 12)),
        ("om en timme", local(2026, 11, 22, 16, 30)),
        ("om 20 minuter", local(2026, 11, 22, 15, 50)),
        ("om tjugo minuter", local(2026, 11, 22, 15, 50)),
        ("om en kvart", local(2026, 11, 22, 15, 45)),
        ("om en halvtimme", local(2026, 11, 22, 16)),
        ("om tre dagar", local(2026, 11, 25, 15, 30)),
        ("för en timme sedan", local(2026, 11, 22, 14, 30)),
        ("för tio min sen", local(2026, 11, 22, 15, 20)),
        ("för två dagar sedan", local(2026, 11, 20, 15, 30)),
    ],
)
def test_swedish_is_understood_in_either_language(text: str, moment: datetime) -> None:
    assert understood(text) == moment
    assert understood(text, language="en") == moment


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("now", NOW),
        ("tomorrow at 9", local(2026, 11, 23, 9)),
        ("tomorrow morning", local(2026, 11, 23, 8)),
        ("tonight at 8", local(2026, 11, 22, 20)),
        ("yesterday evening", local(2026, 11, 21, 19)),
        ("in 20 minutes", local(2026, 11, 22, 15, 50)),
        ("in half an hour", local(2026, 11, 22, 16)),
        ("an hour ago", local(2026, 11, 22, 14, 30)),
        ("two days ago", local(2026, 11, 20, 15, 30)),
        ("last Tuesday", local(2026, 11, 17, 12)),
        ("Friday 6pm", local(2026, 11, 27, 18)),
        ("Wednesday at 12 a.m.", local(2026, 11, 25)),
        ("Tuesday 24 November at 18:30", local(2026, 11, 24, 18, 30)),
        ("November 24th 6pm", local(2026, 11, 24, 18)),
    ],
)
def test_english_is_understood_in_either_language(text: str, moment: datetime) -> None:
    assert understood(text) == moment
    assert understood(text, language="en") == moment


@pytest.mark.parametrize("number", range(7))
def test_every_weekday_is_understood_in_all_its_forms(number: int) -> None:
    day = datetime.combine(date(2026, 11, 23) + timedelta(days=number), time(18))  # Monday first
    swedish = ("måndag", "tisdag", "onsdag", "torsdag", "fredag", "lördag", "söndag")[number]
    english = f"{day:%A}"
    coming = from_wall(day if number < 6 else day - timedelta(days=7), ZONE)
    for name in (swedish, swedish[:3], f"{swedish}en", english, english[:3], english.upper()):
        assert understood(f"{name} 18") == coming
    for name in (f"i {swedish}s", f"förra {swedish}en", f"last {english}"):
        assert understood(f"{name} 18") == from_wall(day - timedelta(days=14 if number == 6 else 7), ZONE)


@pytest.mark.parametrize("part", PARTS)
def test_a_part_of_the_day_is_a_documented_clock_time(part: str) -> None:
    found = understood(f"tomorrow {part}", language="en")
    assert found == from_wall(datetime.combine(date(2026, 11, 23), PARTS[part]), ZONE)


def test_tonight_in_swedish_is_the_night_that_was_or_the_night_that_comes() -> None:
    morning = local(2026, 11, 22, 8)
    assert understood("i natt", now=morning) == local(2026, 11, 22, 2)
    assert understood("i natt kl 3", now=morning) == local(2026, 11, 22, 3)
    assert understood("i natt") == local(2026, 11, 22, 23)
    assert understood("i natt kl 3") == local(2026, 11, 23, 3)
    assert understood("i natt 23.30") == local(2026, 11, 22, 23, 30)


def test_hours_pass_and_days_keep_their_clock_when_the_clocks_change() -> None:
    spring, autumn = local(2026, 3, 28, 23), local(2026, 10, 24, 23)
    assert understood("om 4 timmar", now=spring) == local(2026, 3, 29, 4)
    assert understood("om 4 timmar", now=autumn) == local(2026, 10, 25, 2, 0).replace(fold=1).astimezone(UTC)
    assert understood("om två dagar", now=spring) == local(2026, 3, 30, 23)
    assert understood("i morgon 9", now=autumn) == local(2026, 10, 25, 9)
    assert understood("i morgon 2.30", now=spring) == local(2026, 3, 29, 3)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "   ",
            "hej",
            "Skolgatan 3",
            "9",
            "25.00",
            "12.99",
            "24.11",
            "31 februari",
            "29 februari",
            "13/13",
        ),
        *("maj", "kl", "om", "om hjälp sedan", "pm", "13pm", "kanske fredag", "18.30 18.30", "fredag fredag"),
        *("natt 99", "2031-01-01 12:00", "2020-01-01 12:00", "om 900 dagar", "om 99999999999 dagar"),
        *("för 3 år sedan", "18.30" * LONGEST, "1" * 10_000, "\x00", "١٢:٩٩"),
    ],
)
def test_what_is_not_a_time_or_too_far_away_is_refused(text: str) -> None:
    assert understood(text) is None


WORDS = (
    "om för sedan ago in i på förra last kl at 24 9 18.30 11/12 2026-02-30 fredag natt kväll am pm "
    "november maj 29 februari en två timme dagar minuter h % ( [ \\ 0 99 : . / -"
)
words = st.sampled_from(WORDS.split())


@given(st.one_of(st.text(), st.lists(words, max_size=8).map(" ".join)), st.sampled_from(["sv", "en", "", "xx"]))
def test_any_text_is_a_moment_in_utc_within_two_years_or_nothing(text: str, language: str) -> None:
    found = understood(text, language=language)
    assert found is None or (found.tzinfo is UTC and abs(found - NOW) <= timedelta(days=731))


@given(st.integers(-150 * 24 * 60, 150 * 24 * 60), st.integers(0, 364), st.sampled_from(["sv", "en"]))
def test_what_the_bot_says_it_also_understands(minutes: int, day: int, language: str) -> None:
    now = datetime(2026, 1, 1, 11, 30, tzinfo=UTC) + timedelta(days=day)
    at = now + timedelta(minutes=minutes)
    found = understood(say(at, now=now, zone=ZONE, language=language), now=now, language=language)
    assert found is not None
    # Autumn's repeated hour is said in the same words both times: only the clock on the wall can come back.
    assert found.astimezone(ZONE).replace(tzinfo=None) == at.astimezone(ZONE).replace(tzinfo=None, fold=0)


def test_the_slow_libraries_are_not_imported_with_the_module() -> None:
    code = (
        "import sys, bot.moments, bot.services.hours, bot.services.escalation_plan;"
        "sys.exit(bool({'dateparser', 'babel', 'holidays'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
