"""How times are said to people, and read from what they write."""

import re
import unicodedata
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

WEEKDAYS = (
    ("mån", "mon"),
    ("tis", "tue"),
    ("ons", "wed"),
    ("tor", "thu"),
    ("fre", "fri"),
    ("lör", "sat"),
    ("sön", "sun"),
)

# What a part of the day means when no clock time is given, and "noon" for a day without either.
PARTS = {
    "morning": time(8),
    "forenoon": time(10),
    "noon": time(12),
    "afternoon": time(15),
    "evening": time(19),
    "night": time(23),
}
SMALL_HOURS = time(2)  # "i natt" said before noon: the night that just was
FARTHEST = timedelta(days=731)
LONGEST = 80

_SAID = {
    "sv": {"on": "{day} kl. {clock}", 0: "i dag", 1: "i morgon", -1: "i går"},
    "en": {"on": "{day} at {clock}", 0: "today", 1: "tomorrow", -1: "yesterday"},
}


def from_wall(wall: datetime, zone: ZoneInfo) -> datetime:
    """The UTC moment when clocks in the zone show the naive time `wall`.

    A time that the spring change skips is the moment of the change; one that autumn repeats is the first of
    the two.
    """
    local = wall.replace(tzinfo=zone, fold=0)
    while local.astimezone(UTC).astimezone(zone) != local:
        local = local.replace(second=0, microsecond=0) + timedelta(minutes=1)
    return local.astimezone(UTC)


def clock_time(at: datetime, zone: ZoneInfo, language: str) -> str:
    """The local time of day: 18.42 in Swedish, 18:42 in English."""
    local = at.astimezone(zone)
    return f"{local.hour}.{local:%M}" if _known(language) == "sv" else f"{local:%H:%M}"


def say(at: datetime, *, now: datetime, zone: ZoneInfo, language: str) -> str:
    """The moment as people say it: a day by its name only when it is next to today."""
    words = _SAID[_known(language)]
    day, today = at.astimezone(zone).date(), now.astimezone(zone).date()
    name = words.get((day - today).days) or _date(day, today, _known(language))
    return words["on"].format(day=name, clock=clock_time(at, zone, language))


def say_day(at: datetime, *, now: datetime, zone: ZoneInfo, language: str) -> str:
    """The bare date of a moment: "24 november", with the year when it is another."""
    from babel.dates import format_date

    day, today = at.astimezone(zone).date(), now.astimezone(zone).date()
    return format_date(day, "d MMMM" if day.year == today.year else "d MMMM y", locale=_known(language))


def short_day(at: datetime, zone: ZoneInfo, language: str) -> str:
    """The local day in few letters, for a list: "mån 30 nov"."""
    from babel.dates import format_date

    return format_date(at.astimezone(zone).date(), "EEE d MMM", locale=_known(language)).rstrip(".")


def _known(language: str) -> str:
    return "sv" if language.startswith("sv") else "en"


def _date(day: date, today: date, language: str) -> str:
    from babel.dates import format_date

    shape = "EEEE d MMMM" if day.year == today.year else "EEEE d MMMM y"
    return format_date(day, shape, locale=language)


def read(text: str, *, now: datetime, zone: ZoneInfo, language: str) -> datetime | None:
    """The UTC moment that a person means, or None when it cannot be told.

    Both languages are understood, `language` first. A clock time alone is today; a weekday is the coming one;
    a date without a year is the nearest one; a day without a time of day is its noon. A lone digit is not a
    time: it may be the number of a button.
    """
    if len(text) > LONGEST:
        return None
    try:
        moment = _read(_canonical(text), now, zone, _known(language))
    except (ValueError, OverflowError):
        return None
    return moment if moment and abs(moment - now) <= FARTHEST else None


def _read(words: str, now: datetime, zone: ZoneInfo, language: str) -> datetime | None:
    if words == "now":
        return now.astimezone(UTC)
    if _AMOUNT.fullmatch(words):
        return _elapsed(words, now, zone, language)
    day, rest = _split(words)
    clock = _CLOCK.fullmatch(rest)
    if not words or clock is None:
        return None
    today = now.astimezone(zone).replace(tzinfo=None)
    wall = _of_night(clock, today) if not day else None
    if wall is None:
        wall = _wall(day, clock, today, language)
    return from_wall(wall, zone) if wall else None


# Reading: everything is rewritten to one small vocabulary, then a day is cut out, and the rest is a clock.

# Swedish numerals that dateparser lacks; it knows "en" and "två".
_TRE_TO_TOLV = ("tre", "fyra", "fem", "sex", "sju", "åtta", "nio", "tio", "elva", "tolv")
_NUMBERS = {word: number for number, word in enumerate(_TRE_TO_TOLV, 3)}
_NUMBERS |= {"femton": 15, "tjugo": 20, "trettio": 30, "fyrtio": 40, "fyrtiofem": 45}

_REWRITES = tuple(
    (re.compile(pattern), to)
    for pattern, to in (
        (r"[–—]", "-"),
        (r"(?<=\d)t(?=\d)", " "),  # 2026-11-24T18:30
        (r"\b(just )?(nu|now)\b", "now"),
        (r"\bi ?morgon bitti\b", "tomorrow morning"),
        (r"\bi ?morgon\b", "tomorrow"),
        (r"\bi ?dag\b", "today"),
        (r"\bi ?går\b", "yesterday"),
        (r"\bi ?övermorgon\b|\bday after tomorrow\b", "overmorrow"),
        (r"\bi ?förrgår\b|\bday before yesterday\b", "ereyesterday"),
        (r"\bi ?morse\b", "today morning"),
        (r"\blast night\b", "yesterday night"),
        (r"\btonight\b", "evening"),
        (r"\b(?:i ?|in the |in )?(?:morgon(?:en)?|morning)\b", "morning"),
        (r"\b(?:i ?)?förmiddag(?:en|s)?\b", "forenoon"),
        (r"\b(?:i ?|in the )?(?:eftermiddag(?:en|s)?|afternoon)\b", "afternoon"),
        (r"\b(?:i ?|in the )?(?:kväll(?:en)?|evening)\b", "evening"),
        (r"\b(?:i ?)?natt(?:en)?\b", "night"),
        (r"\b(?:vid )?lunch(?:tid)?\b|\bmidday\b", "noon"),
        (r"\bhalv ?timme\b", "halvtimme"),
        (r"\ben halvtimme\b", "30 minuter"),
        (r"\ben kvart\b", "15 minuter"),
        (r"\bhalf an hour\b", "30 minutes"),
        (r"\b(?:a )?quarter of an hour\b", "15 minutes"),
        (r"\bett dygn\b", "1 dag"),
        (r"\bdygn\b", "dagar"),
        (r"\bsen\b", "sedan"),
        (r"\b(?:klockan|kl|at)\b\.? ?(\d{1,2})(?![\d:./]| ?[ap]\.?m)", r"\1:00"),
        (r"\b(?:klockan|kl|at|on|på|den|the|this|of|cirka|circa|ca|omkring|vid)\b\.?", " "),
        (r"(?<![\d./-])(\d{1,2})\.(\d{2})(?![\d./-])", r"\1:\2"),
        (r"\b([ap])\.?m\b\.?", r"\1m"),
        (r",", " "),
        (r"\s+", " "),
    )
)

_MONTH = r"(?:jan|feb|mar|apr|ma[jy]|jun|jul|aug|sep|o[kc]t|nov|dec)[a-zåäö]*\.?"
_WEEKDAY = "|".join(rf"{short}s?(?:dag(?:en|s)?)?|{english}(?:s|nes|rs|ur)?(?:day)?" for short, english in WEEKDAYS)
_NAMED = {"ereyesterday": -2, "yesterday": -1, "today": 0, "tomorrow": 1, "overmorrow": 2}
_DATE = re.compile(
    r"\b(?:\d{4}-\d{1,2}-\d{1,2}"
    r"|\d{1,2}/\d{1,2}(?:[/ ]\d{4})?"
    r"|\d{1,2}\.\d{1,2}\.\d{4}"
    rf"|\d{{1,2}}(?:st|nd|rd|th|:[ae])? ?{_MONTH}(?: \d{{4}}(?! ?[:.]))?"
    rf"|{_MONTH} \d{{1,2}}(?:st|nd|rd|th)?(?: \d{{4}})?)(?![\w:/-])"
)
_DAY = re.compile(
    rf"\b(?:(?P<named>{'|'.join(_NAMED)})"
    rf"|(?:(?P<which>förra|last|i|nästa|next|nu|now) )?(?P<weekday>{_WEEKDAY})\.?)(?!\w)"
)
_CLOCK = re.compile(
    rf"(?P<part>{'|'.join(PARTS)})?"
    r" ?(?:(?P<hour>\d{1,2})(?: ?:(?P<minute>\d{2}))?|(?P<digits>\d{4}))?"
    rf" ?(?P<half>[ap]m)?(?: ?(?P<after>{'|'.join(PARTS)}))?"
)
_AMOUNT = re.compile(r"(?:om|in) .+|.+ (?:sedan|ago)")


def _canonical(text: str) -> str:
    words = unicodedata.normalize("NFC", text).casefold().strip(" \t\r\n.!?")
    for pattern, to in _REWRITES:
        words = pattern.sub(to, words)
    return words.strip()


def _elapsed(words: str, now: datetime, zone: ZoneInfo, language: str) -> datetime | None:
    digits = " ".join(str(_NUMBERS.get(word, word)) for word in words.split())
    parsed = _dateparsed(digits, language)
    if parsed is None:
        return None
    # Hours pass on the UTC line; days keep the clock on the wall, also over a daylight-saving change.
    if re.search(r"\d ?h\b|tim|min|sek|hour|sec", digits):
        return now.astimezone(UTC) + (parsed - _BASE)
    return from_wall(now.astimezone(zone).replace(tzinfo=None) + (parsed - _BASE), zone)


def _split(words: str) -> tuple[str, str]:
    """The words for the day (may be empty) and the rest; a weekday beside a date is dropped."""
    found = _DATE.search(words) or _DAY.search(words)
    if found is None:
        return "", words
    rest = words[: found.start()] + words[found.end() :]
    if found.re is _DATE:
        rest = _DAY.sub("", rest, count=1)
    return found[0], " ".join(rest.split())


def _wall(day: str, clock: re.Match[str], today: datetime, language: str) -> datetime | None:
    at = _clock(clock)
    named = _DAY.fullmatch(day)
    if not day:
        # One digit alone may be the number of a button; nothing at all is no time.
        told = clock[0] and not re.fullmatch(r"\d", clock[0])
        return datetime.combine(today, at) if told else None
    if named and named["named"]:
        return datetime.combine(today.date() + timedelta(days=_NAMED[named["named"]]), at)
    if named:
        return datetime.combine(_weekday(named, at, today), at)
    parsed = _dateparsed(day, language)
    return datetime.combine(_nearest(parsed.date(), today.date()), at) if parsed else None


def _clock(found: re.Match[str]) -> time:
    """The time of day; a part of the day places an hour that is said on the twelve-hour clock."""
    part = found["part"] or found["after"]
    digits = found["digits"]
    if not (found["hour"] or digits):
        if found["half"]:
            raise ValueError("am or pm of nothing")
        return PARTS[part or "noon"]
    hour, minute = (digits[:2], digits[2:]) if digits else (found["hour"], found["minute"] or "0")
    if found["half"]:
        if not 1 <= int(hour) <= 12:
            raise ValueError("not an hour of the twelve-hour clock")
        return time(int(hour) % 12 + (12 if found["half"] == "pm" else 0), int(minute))
    late = part in ("afternoon", "evening") or (part == "night" and int(hour) >= 6)
    return time(int(hour) + (12 if late and int(hour) < 12 else 0), int(minute))


def _of_night(clock: re.Match[str], today: datetime) -> datetime | None:
    """The small hours that "i natt" means: before noon the night that was, later the night that comes."""
    if "night" not in (clock["part"], clock["after"]):
        return None
    told = bool(clock["hour"] or clock["digits"])
    at = _clock(clock) if told else SMALL_HOURS
    if at.hour >= 6 or (not told and today.hour >= 12):
        return None
    return datetime.combine(today.date() + timedelta(days=1 if today.hour >= 12 else 0), at)


def _weekday(found: re.Match[str], at: time, today: datetime) -> date:
    wanted = next(n for n, names in enumerate(WEEKDAYS) if found["weekday"].startswith(names))
    ahead = (wanted - today.weekday()) % 7
    which = found["which"]
    if which in ("förra", "last", "i"):
        ahead -= 7
    elif which in ("nästa", "next"):  # of next week, as the week is printed
        ahead = wanted - today.weekday() + 7
    elif ahead == 0 and at < today.time():
        ahead = 7
    return today.date() + timedelta(days=ahead)


def _nearest(day: date, today: date) -> date:
    """A date whose year was not told is the one nearest to today."""
    if day.year != _BASE.year:
        return day
    # 29 February exists only in some of the years.
    near = [d for n in (-1, 0, 1) if (d := _in_year(day, today.year + n))]
    if not near:
        raise ValueError("no such day in these years")
    return min(near, key=lambda d: abs(d - today))


def _in_year(day: date, year: int) -> date | None:
    try:
        return day.replace(year=year)
    except ValueError:
        return None


# A leap year far from any that is meant: a parsed date in it was told without a year. One constant base keeps
# dateparser's cache of settings at one entry.
_BASE = datetime(2000, 1, 1, 12)  # noqa: DTZ001  dateparser reckons on wall clocks


def _dateparsed(words: str, language: str) -> datetime | None:
    import dateparser

    settings = {
        "RELATIVE_BASE": _BASE,
        "DATE_ORDER": "DMY",
        "REQUIRE_PARTS": ["day", "month"],
        "PARSERS": ["absolute-time", "relative-time"],
    }
    for tongue in sorted(("sv", "en"), key=lambda known: known != language):
        try:
            found: datetime | None = dateparser.parse(words, languages=[tongue], settings=settings)
        except Exception:  # it meets whatever people type, and its own failures mean the same: not understood
            found = None
        if found:
            return found.replace(tzinfo=None)
    return None
