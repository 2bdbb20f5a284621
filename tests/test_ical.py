"""Calendar files: what is read of them, what is refused and why, and that no file can hang or break the reading."""

from __future__ import annotations

import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.ical import REASONS, BadCalendar, Calendar, Found, read
from bot.ical.meeting import MOST
from bot.ical.series import AHEAD

STOCKHOLM = ZoneInfo("Europe/Stockholm")
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
SECOND = 30.0  # not how fast it is, but that it does not hang

DRAWN = """BEGIN:VTIMEZONE
TZID:{name}
BEGIN:STANDARD
DTSTART:16010101T030000
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:16010101T020000
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3
END:DAYLIGHT
END:VTIMEZONE"""


def event(*lines: str, uid: str = "a", title: str = "Kommunstyrelsen") -> str:
    return "\n".join(["BEGIN:VEVENT", f"UID:{uid}", f"SUMMARY:{title}", *lines, "END:VEVENT"])


def file(*parts: str) -> bytes:
    return "\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", *parts, "END:VCALENDAR", ""]).replace("\n", "\r\n").encode()


def calendar(*parts: str, now: datetime = NOW) -> Calendar:
    return read(file(*parts), zone=STOCKHOLM, now=now)


def found(*parts: str) -> tuple[Found, ...]:
    return calendar(*parts).found


def starts(*parts: str) -> list[str]:
    """In the municipality's time."""
    return [f"{one.starts_at.astimezone(STOCKHOLM):%m-%d %H:%M}" for one in found(*parts)]


def refused(data: bytes, now: datetime = NOW) -> BadCalendar:
    with pytest.raises(BadCalendar) as caught:
        read(data, zone=STOCKHOLM, now=now)
    assert caught.value.reason in REASONS
    return caught.value


EVENING = "DTSTART;TZID=Europe/Stockholm:20261130T180000"
WEEKLY = event(EVENING, "DTEND;TZID=Europe/Stockholm:20261130T210000", "RRULE:FREQ=WEEKLY;COUNT=4")


# One event


def test_an_event_gives_all_that_a_meeting_has() -> None:
    lines = (
        "DTEND;TZID=Europe/Stockholm:20261130T210000",
        "LOCATION:Rådhuset\\, sal A",
        "DESCRIPTION:1. Val\\n2. Budget",
    )
    assert found(event(EVENING, *lines)) == (
        Found(
            uid="a",
            series="a",
            title="Kommunstyrelsen",
            starts_at=datetime(2026, 11, 30, 17, tzinfo=UTC),
            ends_at=datetime(2026, 11, 30, 20, tzinfo=UTC),
            place="Rådhuset, sal A",
            agenda=("Val", "Budget"),
            cancelled=False,
            whole_day=False,
        ),
    )


def test_a_time_in_utc_stays_and_one_without_zone_is_the_municipalitys() -> None:
    assert starts(event("DTSTART:20261130T170000Z", uid="z"), event("DTSTART:20261130T183000", uid="f")) == [
        "11-30 18:00",
        "11-30 18:30",
    ]


def test_a_time_without_zone_is_in_the_zone_that_the_calendar_says() -> None:
    helsinki = "X-WR-TIMEZONE:Europe/Helsinki"
    assert starts(helsinki, event("DTSTART:20261130T190000")) == ["11-30 18:00"]
    assert starts("X-WR-TIMEZONE:Narnia", event("DTSTART:20261130T190000")) == ["11-30 19:00"]


def test_a_z_counts_more_than_a_zone_beside_it() -> None:
    assert starts(event("DTSTART;TZID=Europe/Stockholm:20261130T170000Z")) == ["11-30 18:00"]


def test_a_whole_day_starts_at_midnight_in_the_municipality() -> None:
    (one,) = found("X-WR-TIMEZONE:America/New_York", event("DTSTART;VALUE=DATE:20261130", "DTEND;VALUE=DATE:20261201"))
    assert one.whole_day
    assert (one.starts_at, one.ends_at) == (
        datetime(2026, 11, 29, 23, tzinfo=UTC),
        datetime(2026, 11, 30, 23, tzinfo=UTC),
    )


def test_a_length_says_the_end_as_well_as_an_end_does() -> None:
    (one,) = found(event(EVENING, "DURATION:PT2H30M"))
    assert one.ends_at == datetime(2026, 11, 30, 19, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "end", ["DTSTAMP:20261101T000000Z", "DTEND:20261130T120000Z", "DURATION:PT0S", "DURATION:-PT1H"]
)
def test_no_end_or_one_before_the_start_is_no_end(end: str) -> None:
    (one,) = found(event(EVENING, end))
    assert (one.starts_at, one.ends_at) == (datetime(2026, 11, 30, 17, tzinfo=UTC), None)


def test_a_meeting_over_the_hour_that_comes_twice_keeps_its_start() -> None:
    (one,) = found(event("DTSTART:20271031T003000Z", "DTEND:20271031T011500Z"), "X-WR-TIMEZONE:Europe/Stockholm")
    assert one.starts_at == datetime(2027, 10, 31, 0, 30, tzinfo=UTC)
    night = ("DTSTART;TZID=Europe/Stockholm:20271031T023000", "DTEND:20271031T011500Z")
    (one,) = found(event(*night))
    assert (one.starts_at, one.ends_at) == (datetime(2027, 10, 31, 0, 30, tzinfo=UTC), None)


def test_the_agenda_is_the_numbered_and_bulleted_lines() -> None:
    lines = [
        "Välkomna!",
        "1. Val",
        "2) Budget",
        "§ 12 Skolan",
        "- Vatten",
        "• Vägar",
        "* Övrigt",
        "-----",
        "2026 blir bra",
    ]
    (one,) = found(event(EVENING, "DESCRIPTION:" + "\\n".join(lines)))
    assert one.agenda == ("Val", "Budget", "Skolan", "Vatten", "Vägar", "Övrigt")


def test_long_texts_are_cut() -> None:
    description = "DESCRIPTION:" + "\\n".join(f"{number}. {'x' * 300}" for number in range(100))
    (one,) = found(event(EVENING, description, f"LOCATION:{'y' * 500}", title="z" * 500))
    assert (len(one.title), len(one.place), len(one.agenda)) == (120, 120, 60)
    assert {len(line) for line in one.agenda} == {200}


def test_title_and_place_are_one_line_without_controls_and_turned_text() -> None:
    (one,) = found(event(EVENING, "LOCATION:Sal\\nA\x07\u2028B", title="Möte\\n\\n om\x00\x1b \u202evatten\x85"))
    assert (one.title, one.place) == ("Möte om vatten", "Sal A B")


def test_a_missing_title_is_an_empty_one() -> None:
    (one,) = found(event(EVENING).replace("SUMMARY:Kommunstyrelsen\n", ""))
    assert one.title == ""


def test_a_line_that_is_folded_in_the_middle_of_a_letter_is_read() -> None:
    data = file(event(EVENING, title="Råd")).replace("Råd".encode(), b"R\xc3\r\n \xa5d")
    assert read(data, zone=STOCKHOLM, now=NOW).found[0].title == "Råd"


def test_an_event_without_uid_keeps_the_same_one_and_a_long_uid_becomes_short() -> None:
    nameless = event(EVENING).replace("UID:a\n", "")
    assert found(nameless)[0].uid == found(nameless)[0].uid != ""
    assert len(found(event(EVENING, uid="u" * 5000))[0].uid) == 64


def test_an_event_without_start_is_passed_over() -> None:
    assert len(found(event(uid="b"), event(EVENING))) == 1
    assert refused(file(event())).reason == "empty"


def test_a_broken_line_that_nobody_needs_harms_nothing() -> None:
    alarm = "BEGIN:VALARM\nTRIGGER:nonsense\nEND:VALARM"
    assert (
        len(found(event(EVENING, "GEO:x", "ATTENDEE;CN=", "no colon here", "SEQUENCE:x", alarm), "BEGIN:X\nEND:X")) == 1
    )


def test_words_in_a_text_are_never_taken_for_properties() -> None:
    (one,) = found(event(EVENING, title="Möte\\nRRULE:FREQ=DAILY\\nEND:VEVENT\rSTATUS:CANCELLED"))
    assert (one.uid, one.cancelled) == ("a", False)


def test_a_property_that_is_there_twice_counts_as_it_is_first() -> None:
    assert starts(event(EVENING, "DTSTART:20270101T120000Z", "UID:other")) == ["11-30 18:00"]


# Order, and which version counts


def test_the_order_is_by_start_and_then_by_uid() -> None:
    late = event("DTSTART:20261201T170000Z", uid="a")
    assert [one.uid for one in found(late, event(EVENING, uid="c"), event(EVENING, uid="b"))] == ["b", "c", "a"]


def test_of_two_with_the_same_uid_the_higher_sequence_counts() -> None:
    new, old = event(EVENING, "SEQUENCE:10", title="new"), event(EVENING, "SEQUENCE:9", title="old")
    assert [one.title for one in found(new, old)] == [one.title for one in found(old, new)] == ["new"]


def test_of_two_with_the_same_uid_and_sequence_the_later_in_the_file_counts() -> None:
    assert [one.title for one in found(event(EVENING, title="old"), event(EVENING, title="new"))] == ["new"]


def test_the_same_file_gives_the_same_twice() -> None:
    parts = (WEEKLY, event(EVENING).replace("UID:a\n", ""), DRAWN.format(name="Here"))
    assert calendar(*parts) == calendar(*parts)


def test_what_a_file_calls_a_zone_is_forgotten_when_the_next_is_read() -> None:
    one = event("DTSTART;TZID=Here:20261130T180000")
    east = DRAWN.format(name="Here").replace("+0100", "+0500").replace("+0200", "+0600")
    assert starts(DRAWN.format(name="Here"), one) == ["11-30 18:00"]
    assert starts(east, one) == ["11-30 14:00"]
    assert refused(file(one)).reason == "unknown_zone"


# Series


def test_an_occurrence_is_named_by_its_series_and_its_start_in_utc() -> None:
    first, second, *_ = found(WEEKLY)
    assert (first.uid, second.uid) == ("a/20261130T170000Z", "a/20261207T170000Z")
    assert {one.series for one in found(WEEKLY)} == {"a"}
    assert second.ends_at == datetime(2026, 12, 7, 20, tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "drawn"),
    [
        ("Europe/Stockholm", ""),
        ("W. Europe Standard Time", ""),
        ("/example.org/2026/Europe/Stockholm", ""),
        ('"(UTC+01:00) Stockholm, Rome"', DRAWN.format(name="(UTC+01:00) Stockholm, Rome")),
    ],
)
def test_a_weekly_meeting_keeps_its_hour_over_both_changes_of_the_clock(zone: str, drawn: str) -> None:
    weekly = event(f"DTSTART;TZID={zone}:20261130T180000", "RRULE:FREQ=WEEKLY;UNTIL=20271231T225959Z")
    local = starts(drawn, weekly) if drawn else starts(weekly)
    assert {one.split()[1] for one in local} == {"18:00"}
    assert len(local) == 57
    hours = [one.starts_at.hour for one in found(*filter(None, (drawn, weekly)))]
    assert (hours[0], hours[30], hours[-1]) == (17, 16, 17)


def test_a_weekly_meeting_without_zone_keeps_its_hour_too() -> None:
    weekly = event("DTSTART:20261130T180000", "RRULE:FREQ=WEEKLY;COUNT=50")
    assert {one.split()[1] for one in starts(weekly)} == {"18:00"}


def test_a_changed_occurrence_keeps_its_name_and_has_its_new_time_and_title() -> None:
    new = ("RECURRENCE-ID;TZID=Europe/Stockholm:20261207T180000", "DTSTART;TZID=Europe/Stockholm:20261208T190000")
    second = found(WEEKLY, event(*new, title="Extra"))[1]
    assert (second.uid, second.title) == ("a/20261207T170000Z", "Extra")
    assert second.starts_at == datetime(2026, 12, 8, 18, tzinfo=UTC)
    assert starts(WEEKLY, event(*new)) == ["11-30 18:00", "12-08 19:00", "12-14 18:00", "12-21 18:00"]


def test_a_changed_occurrence_may_be_named_in_utc_or_by_its_day() -> None:
    for name in ("RECURRENCE-ID:20261207T170000Z", "RECURRENCE-ID;VALUE=DATE:20261207"):
        changed = event(name, "DTSTART:20261208T180000Z", "SEQUENCE:3")
        assert [one.uid for one in found(changed, WEEKLY)][1] == "a/20261207T170000Z"
        assert len(found(changed, WEEKLY)) == 4


def test_a_change_of_this_and_all_later_ones_moves_them_all_and_keeps_their_names() -> None:
    later = event("RECURRENCE-ID;RANGE=THISANDFUTURE:20261214T170000Z", "DTSTART:20261215T180000Z", title="Nytt")
    assert starts(WEEKLY, later) == ["11-30 18:00", "12-07 18:00", "12-15 19:00", "12-22 19:00"]
    assert [one.uid for one in found(WEEKLY, later)][2:] == ["a/20261214T170000Z", "a/20261221T170000Z"]
    assert [one.title for one in found(WEEKLY, later)][2:] == ["Nytt", "Nytt"]


def test_a_cancelled_occurrence_is_found_and_says_so() -> None:
    off = event("RECURRENCE-ID:20261207T170000Z", "DTSTART:20261207T170000Z", "STATUS:CANCELLED")
    assert [one.cancelled for one in found(WEEKLY, off)] == [False, True, False, False]


def test_a_cancelled_event_and_all_in_a_file_that_cancels_say_so() -> None:
    assert [one.cancelled for one in found(event(EVENING, "STATUS:CANCELLED"))] == [True]
    assert [one.cancelled for one in found("METHOD:CANCEL", WEEKLY)] == [True] * 4


def test_a_change_without_its_series_is_found() -> None:
    (one,) = found(event("RECURRENCE-ID:20261207T170000Z", "DTSTART:20261208T170000Z", "RRULE:FREQ=DAILY"))
    assert (one.uid, one.starts_at.day) == ("a/20261207T170000Z", 8)


def test_what_is_taken_out_is_not_found() -> None:
    without = ("EXDATE;TZID=Europe/Stockholm:20261207T180000,20261221T180000", "EXDATE;VALUE=DATE:20261214")
    assert starts(event(EVENING, "RRULE:FREQ=WEEKLY;COUNT=5", *without)) == ["11-30 18:00", "12-28 18:00"]


def test_what_is_added_is_found_with_its_own_length() -> None:
    more = ("RDATE;TZID=Europe/Stockholm:20261202T190000", "RDATE;VALUE=PERIOD:20261203T170000Z/PT1H")
    third = found(event(EVENING, "DURATION:PT3H", *more))[2]
    assert starts(event(EVENING, *more)) == ["11-30 18:00", "12-02 19:00", "12-03 18:00"]
    assert third.ends_at == datetime(2026, 12, 3, 18, tzinfo=UTC)
    assert third.uid == "a/20261203T170000Z"


def test_two_meetings_of_a_series_an_hour_apart_are_told_from_each_other() -> None:
    """18:00 and 19:00 here are 17:00 and 18:00 in UTC, which recurring-ical-events would mix up."""
    two = event(EVENING, "RRULE:FREQ=DAILY;COUNT=4;BYHOUR=18,19", "EXDATE:20261130T180000Z")
    assert starts(two) == ["11-30 18:00", "12-01 18:00", "12-01 19:00"]


def test_a_series_of_whole_days_is_found_and_can_be_changed() -> None:
    days = event("DTSTART;VALUE=DATE:20270326", "RRULE:FREQ=DAILY;UNTIL=20270329", "EXDATE;VALUE=DATE:20270327")
    timed = event("RECURRENCE-ID;VALUE=DATE:20270329", "DTSTART:20270329T080000Z")
    assert starts(days, timed) == ["03-26 00:00", "03-28 00:00", "03-29 10:00"]
    assert [one.whole_day for one in found(days, timed)] == [True, True, False]
    assert found(days, timed)[2].uid == "a/20270328T220000Z"


@pytest.mark.parametrize("until", ["20261214", "20261214T180000", "20261214T170000Z", "20261220T000000Z"])
def test_the_last_of_a_series_is_found_however_its_end_is_written(until: str) -> None:
    assert starts(event(EVENING, f"RRULE:FREQ=WEEKLY;UNTIL={until}")) == ["11-30 18:00", "12-07 18:00", "12-14 18:00"]


def test_the_first_monday_of_each_month_is_what_it_is_for_people() -> None:
    rule = "RRULE:FREQ=MONTHLY;BYDAY=1MO;COUNT=3"
    assert starts(event("DTSTART:20261207T170000Z", rule)) == ["12-07 18:00", "01-04 18:00", "02-01 18:00"]
    yearly = "RRULE:FREQ=YEARLY;BYDAY=2MO;COUNT=1"  # of the year, for there is no month
    assert starts(event("DTSTART:20270111T170000Z", yearly)) == ["01-11 18:00"]


# Time


def test_what_has_started_is_counted_and_left_out() -> None:
    read_later = calendar(WEEKLY, now=datetime(2026, 12, 7, 17, tzinfo=UTC))
    assert ([one.starts_at.day for one in read_later.found], read_later.past) == ([14, 21], 2)


def test_what_is_later_than_two_years_is_left_out() -> None:
    last = NOW + AHEAD
    near, far = (event(f"DTSTART:{at:%Y%m%dT%H%M%SZ}", uid=f"{at}") for at in (last - timedelta(hours=1), last))
    assert [one.uid for one in found(near, far)] == [f"{last - timedelta(hours=1)}"]
    for until in ("99991231", "99991231T235959", "99991231T235959Z"):
        assert len(found(event(EVENING, f"RRULE:FREQ=YEARLY;UNTIL={until}"))) == 2


def test_a_file_in_which_all_has_started_is_refused() -> None:
    over = read(file(WEEKLY), zone=STOCKHOLM, now=datetime(2027, 1, 1, tzinfo=UTC))
    assert over.found == ()
    assert over.past > 0


def test_a_file_of_which_all_is_too_far_ahead_is_refused_as_empty() -> None:
    assert refused(file(event("DTSTART:20991130T170000Z"))).reason == "empty"


# Refused


def test_a_big_file_is_refused_before_it_is_read() -> None:
    with pytest.raises(BadCalendar) as caught:
        read(b"x" * 11, zone=STOCKHOLM, now=NOW, most_bytes=10)
    assert (caught.value.reason, caught.value.values) == ("too_big", {"most": 10})


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"hello",
        b"\xff\xfe\x00",
        b"<html><body>Sign in</body></html>",
        b"PK\x03\x04 a zip",
        event(EVENING).encode(),
        file(event(EVENING))[:-20],
        file(event(EVENING, title="Råd")).replace("å".encode(), b"\xe5"),
        file(event(EVENING), "END:VEVENT"),
        b"BEGIN:VCALENDAR\r\n" * 2 + b"END:VCALENDAR\r\n" * 2,
    ],
)
def test_what_is_no_calendar_is_refused(data: bytes) -> None:
    assert refused(data).reason == "not_calendar"


@pytest.mark.parametrize(
    "line",
    [
        "RRULE:FREQ=SOMETIMES;COUNT=2",
        "RRULE:COUNT=2",
        "RRULE:FREQ=WEEKLY;INTERVAL=0;COUNT=2",
        "RRULE:FREQ=WEEKLY;COUNT=x",
        "EXDATE:tomorrow",
        "DTEND:20261330T180000Z",
        "RDATE:99999999",
        "DURATION:P9999999999D",
        "RECURRENCE-ID:PT1H",
    ],
)
def test_an_event_that_cannot_be_read_refuses_the_file_and_is_named(line: str) -> None:
    bad = refused(file(event(EVENING, line, title="Nämnden"), event(EVENING, uid="b")))
    assert (bad.reason, bad.values) == ("not_calendar", {"event": "Nämnden"})


@pytest.mark.parametrize("start", ["DTSTART:120000", "DTSTART:PT1H", "DTSTART:2026-11-30 18:00", "DTSTART:", "DTSTART"])
def test_a_start_that_cannot_be_read_refuses_the_file(start: str) -> None:
    assert refused(file(event(start), event(EVENING, uid="b"))).reason == "not_calendar"


def test_a_file_without_events_is_refused() -> None:
    assert refused(file()).reason == refused(file("BEGIN:VTODO\nUID:a\nEND:VTODO")).reason == "empty"


@pytest.mark.parametrize("rule", ["FREQ=WEEKLY", "FREQ=WEEKLY;COUNT=0", "FREQ=WEEKLY;COUNT=-1", "FREQ=SECONDLY"])
def test_a_series_without_end_is_refused_and_named(rule: str) -> None:
    bad = refused(file(event(EVENING, f"RRULE:{rule}", title="Nämnden")))
    assert (bad.reason, bad.values) == ("endless", {"event": "Nämnden"})


def test_an_unknown_zone_is_refused_and_named() -> None:
    for line in ("DTSTART;TZID=Narnia:20261130T180000", 'DTSTART;TZID="Narnia":20261130T180000'):
        bad = refused(file(event(line)))
        assert (bad.reason, bad.values) == ("unknown_zone", {"zone": "Narnia"})
    assert refused(file(event(EVENING, "EXDATE;TZID=Narnia:20261130T180000"))).reason == "unknown_zone"
    assert refused(file(event("DTSTART;TZID=../../etc/passwd:20261130T180000"))).reason == "unknown_zone"


@pytest.mark.parametrize(
    ("drawn", "instead"),
    [
        ("BYMONTH=10", "BYMONTH=10;BYHOUR=3"),
        ("BYMONTH=10", "BYMONTHDAY=31;BYMONTH=2"),
        ("FREQ=YEARLY", "FREQ=SECONDLY"),
        ("BYDAY=-1SU", "BYDAY=9SU"),
        ("RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10", "RDATE:x"),
        ("TZOFFSETTO:+0100", "TZOFFSETTO:x"),
        ("TZOFFSETTO:+0100\n", ""),
        ("DTSTART:16010101T030000\n", ""),
        ("STANDARD", "OTHER"),
    ],
)
def test_a_zone_that_no_place_has_is_unknown(drawn: str, instead: str) -> None:
    zone, one = DRAWN.format(name="Here"), event("DTSTART;TZID=Here:20261130T180000")
    assert starts(zone, one) == ["11-30 18:00"]
    if drawn == "STANDARD":
        zone = zone.replace("DAYLIGHT", "ANOTHER")
    assert drawn in zone
    assert refused(file(zone.replace(drawn, instead), one)).reason == "unknown_zone"


def test_two_thousand_occurrences_are_read_and_one_more_is_refused() -> None:
    assert len(found(event(EVENING, f"RRULE:FREQ=HOURLY;COUNT={MOST}"))) == MOST
    bad = refused(file(event(EVENING, f"RRULE:FREQ=HOURLY;COUNT={MOST + 1}")))
    assert (bad.reason, bad.values["most"]) == ("too_many", MOST)


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=SECONDLY;COUNT=1000000",
        "FREQ=SECONDLY;UNTIL=99991231T000000Z",
        "FREQ=MINUTELY;BYHOUR=3;COUNT=5",
        "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30;COUNT=5",
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30;UNTIL=20270101T000000Z",
        "FREQ=YEARLY;BYWEEKNO=99;COUNT=5",
        "FREQ=DAILY;INTERVAL=7;BYDAY=TU;COUNT=5",
        "FREQ=YEARLY;COUNT=999999;BYHOUR=" + ",".join(["1"] * 9999),
        "FREQ=YEARLY;BYSETPOS=" + ",".join(map(str, range(1, 366))) + ";BYDAY=MO;COUNT=99999",
        "FREQ=HOURLY;COUNT=5;BYMONTH=2;BYMONTHDAY=31",
    ],
)
@pytest.mark.parametrize("start", [EVENING, "DTSTART:19700105T170000Z"])
def test_a_rule_without_measure_is_refused_quickly(rule: str, start: str) -> None:
    began = time.perf_counter()
    bad = refused(file(event(start, f"RRULE:{rule}", title="Nämnden")))
    assert (bad.reason, time.perf_counter() - began < SECOND) == ("too_many", True)


@pytest.mark.parametrize(
    "parts",
    [
        ["BEGIN:VEVENT\n" * 100_000],
        [event(EVENING, "BEGIN:VALARM\n" * 50 + "END:VALARM\n" * 50)],
        [event(EVENING, "RDATE:" + ",".join(["20261130T180000Z"] * 200_000))],
        [event("DTSTART:20200101T000000Z", uid=str(number)) for number in range(20_000)],
        [event(EVENING, *["RDATE:20261130T180000Z"] * 50_000, *["DTSTART:20261130T180000Z"] * 50_000)],
        [event('DTSTART;X="' + "a;" * 1_000_000 + ":20261130T180000")],
        [
            event(EVENING, *["RRULE:FREQ=YEARLY;COUNT=1;BYHOUR=" + ",".join("1" * 99)] * 5, uid=str(n))
            for n in range(3000)
        ],
        [event(EVENING, "SUMMARY" + ";A=1" * 500_000 + ":x", "DTEND" + ';"' * 500_000)],
    ],
)
def test_nonsense_is_refused_and_does_not_hang(parts: list[str]) -> None:
    began = time.perf_counter()
    assert refused(file(*parts)).reason in ("not_calendar", "too_many")
    assert time.perf_counter() - began < 3 * SECOND


def test_many_rules_together_are_refused_before_they_take_long() -> None:
    rule = "RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29;COUNT=50"
    began = time.perf_counter()
    bad = refused(file(*(event("DTSTART:19200229T170000Z", rule, uid=str(number)) for number in range(3_000))))
    assert (bad.reason, time.perf_counter() - began < 4 * SECOND) == ("too_many", True)


def test_many_long_series_are_read() -> None:
    weekly = ("DTSTART;TZID=Europe/Stockholm:20160104T180000", "RRULE:FREQ=WEEKLY;BYDAY=MO;UNTIL=20261224")
    together = calendar(*(event(*weekly, uid=str(number)) for number in range(200)))
    assert (len(together.found), together.past) == (200 * 5, 200 * 568)


def test_the_name_of_a_zone_may_be_as_long_as_the_file() -> None:
    assert refused(file(event("DTSTART;TZID=/" + "a/" * 2_000_000 + ":20261130T180000"))).reason == "unknown_zone"


def test_many_drawn_zones_are_refused() -> None:
    drawn = [DRAWN.format(name=f"Here{number}") for number in range(50)]
    events = [event(f"DTSTART;TZID=Here{number}:20261130T180000", uid=str(number)) for number in range(50)]
    assert refused(file(*drawn, *events)).reason == "too_many"


# Anything

LINES = st.sampled_from(
    [
        *("DTEND:20261130T190000Z", "DTEND:99991231T225959Z", "DURATION:P1W", "DURATION:-P400000D", "SEQUENCE:7"),
        *("RRULE:FREQ=DAILY;COUNT=3", "RRULE:FREQ=YEARLY;UNTIL=00010101", "RRULE:FREQ=MONTHLY;BYDAY=9MO;COUNT=3"),
        *("RRULE:FREQ=HOURLY;UNTIL=20261207;BYHOUR=2,18", "RRULE:FREQ=WEEKLY;BYDAY=MO,SU;UNTIL=99991231T235959Z"),
        *("RDATE:20261201,20261202T000000Z/PT1H", "EXDATE:20261130", "EXDATE:20261130T170000Z", "STATUS:CANCELLED"),
        *("RECURRENCE-ID:20261130", "RECURRENCE-ID:20261201T170000Z", "RECURRENCE-ID;RANGE=THISANDFUTURE:20261202"),
        *("RECURRENCE-ID;RANGE=THISANDFUTURE:99991130T170000Z", "DESCRIPTION:1. x\\n- y", " folded", "no colon", ":"),
    ]
)
STARTS = st.sampled_from(
    [
        *(EVENING, EVENING, "DTSTART:20261130T170000Z", "DTSTART:20261025T023000", "DTSTART;VALUE=DATE:20261130"),
        *("DTSTART;TZID=Here:20261130T180000", "DTSTART:00010101T000000", "DTSTART;TZID=Here:99991231T235959"),
    ]
)
PARTS = st.sampled_from(["BEGIN:VCALENDAR", "END:VCALENDAR", "BEGIN:VEVENT", "END:VEVENT", "BEGIN:STANDARD", ";", '"'])
EVENTS = st.lists(
    st.builds(
        lambda start, lines, uid: event(start, *lines, uid=uid),
        STARTS,
        st.lists(LINES, max_size=4),
        st.sampled_from("ab"),
    ),
    min_size=1,
    max_size=4,
)
ANYTHING = st.one_of(
    EVENTS.map(lambda events: file(*events)),
    EVENTS.map(lambda events: file(DRAWN.format(name="Here"), *events)),
    st.lists(st.one_of(PARTS, STARTS, LINES, st.text(max_size=30)), max_size=30).map(
        lambda lines: "\n".join(lines).encode("utf-8", "replace")
    ),
    st.binary(max_size=500),
)


@given(ANYTHING)
@settings(max_examples=200, deadline=None)
def test_any_file_gives_a_calendar_or_is_refused_and_nothing_else(data: bytes) -> None:
    result = calendar_or_reason(data)
    if isinstance(result, str):
        assert result in REASONS
        return
    assert result == calendar_or_reason(data)
    assert len({one.uid for one in result.found}) == len(result.found)
    assert result.found or result.past
    assert all(NOW < one.starts_at <= NOW + AHEAD and one.starts_at.tzinfo is UTC for one in result.found)
    assert list(result.found) == sorted(result.found, key=lambda one: (one.starts_at, one.uid))


def calendar_or_reason(data: bytes) -> Calendar | str:
    try:
        return read(data, zone=STOCKHOLM, now=NOW)
    except BadCalendar as bad:
        return bad.reason


def test_the_libraries_are_loaded_when_a_file_is_read_and_not_before() -> None:
    code = (
        "import sys, bot.ical; print([name for name in ('icalendar', 'recurring_ical_events') if name in sys.modules])"
    )
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "[]"
