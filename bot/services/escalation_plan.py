"""The plan for when nobody answers: which steps run when, and which times can be promised."""

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from importlib import resources
from itertools import pairwise
from pathlib import Path
from typing import Literal, Self, assert_never, cast
from zoneinfo import ZoneInfo

from bot.moments import from_wall
from bot.services.hours import StaffedHours, after_staffed, next_working_day

Accounts = Literal["preferred", "other", "all"]
Table = Mapping[str, object]

CHAINS = ("now", "brewing", "rumour", "past")
_ACCOUNTS = ("preferred", "other", "all")
_WHEN = ("after", "within", "at")  # one of them, whichever reads best
_CLOCK = r"(?P<hour>\d{1,2})[:.](?P<minute>\d{2})"
_FORMS = {
    "elapsed": re.compile(r"(?P<number>\d{1,4}) ?(?P<unit>min|h)"),
    "staffed": re.compile(r"(?P<number>\d{1,4}) staffed (?P<unit>minute|hour)s?"),
    "working_day": re.compile(rf"next working day {_CLOCK}"),
    "tomorrow": re.compile(rf"tomorrow {_CLOCK}"),
}


@dataclass(frozen=True)
class Elapsed:
    """Time on the clock."""

    amount: timedelta

    def __str__(self) -> str:
        return _say_amount(self.amount, "min", "h")


@dataclass(frozen=True)
class Staffed:
    """Time when the unit is on duty."""

    amount: timedelta

    def __str__(self) -> str:
        return _say_amount(self.amount, "staffed minutes", "staffed hours")


@dataclass(frozen=True)
class WorkingDay:
    """A time of day on the next working day, never today."""

    clock: time

    def __str__(self) -> str:
        return f"next working day {_say_clock(self.clock)}"


@dataclass(frozen=True)
class Tomorrow:
    """A time of day tomorrow, a holiday too."""

    clock: time

    def __str__(self) -> str:
        return f"tomorrow {_say_clock(self.clock)}"


After = Elapsed | Staffed | WorkingDay | Tomorrow


def parse_after(text: str) -> After:
    """Reads "3 min", "2 staffed hours", "next working day 12:00" or "tomorrow 9:00"; `str()` writes it."""
    for kind, form in _FORMS.items():
        if found := form.fullmatch(text.strip()):
            return _after(kind, found)
    raise ValueError(f'"{text}" is not "3 min", "1 h", "2 staffed hours", "next working day 12:00" or "tomorrow 9:00"')


def due(after: After, start: datetime, hours: StaffedHours, zone: ZoneInfo) -> datetime:
    """The UTC moment that `after` means for something that started at `start`."""
    match after:
        case Elapsed(amount):
            return start.astimezone(UTC) + amount
        case Staffed(amount):
            return after_staffed(hours, zone, start, amount)
        case WorkingDay(clock):
            return next_working_day(zone, start, clock)
        case Tomorrow(clock):
            day = start.astimezone(zone).date() + timedelta(days=1)
            return from_wall(datetime.combine(day, clock), zone)
        case _:
            assert_never(after)


@dataclass(frozen=True)
class Step:
    """One round of asking the unit, and whether the reporter is told that nobody has answered."""

    after: After
    accounts: Accounts
    tell_reporter: bool

    def to_json(self) -> dict[str, object]:
        return {"after": str(self.after), "accounts": self.accounts, "tell_reporter": self.tell_reporter}

    @classmethod
    def from_json(cls, data: object, where: str = "step") -> Self:
        table = _table(data, where, {*_WHEN, "who", "accounts", "tell_reporter"})
        when = [key for key in _WHEN if key in table]
        if len(when) != 1:
            raise ValueError(f'{where}: say when with one of "after", "within" or "at"')
        if table.get("who", "unit") != "unit":
            raise ValueError(f'{where}.who: can only be "unit"')
        if table.get("accounts") not in _ACCOUNTS:
            raise ValueError(f"{where}.accounts: must be one of {', '.join(_ACCOUNTS)}")
        if not isinstance(tell := table.get("tell_reporter"), bool):
            raise ValueError(f"{where}.tell_reporter: must be true or false")
        return cls(_read_after(table[when[0]], f"{where}.{when[0]}"), cast(Accounts, table["accounts"]), tell)


@dataclass(frozen=True)
class Chain:
    """Steps in the order they run; frozen as JSON on what it watches over when that starts."""

    steps: tuple[Step, ...]

    def to_json(self) -> dict[str, object]:
        return {"steps": [step.to_json() for step in self.steps]}

    @classmethod
    def from_json(cls, data: object, where: str = "chain") -> Self:
        table = _table(data, where, {"steps"})
        listed = _list(table.get("steps"), f"{where}.steps")
        steps = [Step.from_json(step, f"{where}.steps[{number}]") for number, step in enumerate(listed, 1)]
        for number, (one, other) in enumerate(pairwise(step.after for step in steps), 2):
            if isinstance(one, Elapsed | Staffed) and type(one) is type(other) and one.amount >= other.amount:
                raise ValueError(f"{where}.steps[{number}]: must come later than the step before it")
        return cls(tuple(steps))


@dataclass(frozen=True)
class Promise:
    """A time within which an officer can promise to be back; `key` names the choice."""

    key: str
    due: After
    remind_before: timedelta

    def to_json(self) -> dict[str, object]:
        return {"key": self.key, "due": str(self.due), "remind_before": str(Elapsed(self.remind_before))}

    @classmethod
    def from_json(cls, data: object, where: str = "promise") -> Self:
        table = _table(data, where, {"key", "due", "remind_before"})
        before = _read_elapsed(table.get("remind_before"), f"{where}.remind_before")
        promise = cls(str(table.get("key")), _read_after(table.get("due"), f"{where}.due"), before)
        _check_reminder(promise, where)
        return promise


@dataclass(frozen=True)
class Plan:
    """One chain for each imminence, the promises in the order of their buttons."""

    chains: dict[str, Chain]
    promises: tuple[Promise, ...]
    ask_again_after: timedelta

    def to_json(self) -> dict[str, object]:
        return {
            "chains": {name: chain.to_json() for name, chain in self.chains.items()},
            "promises": [promise.to_json() for promise in self.promises],
            "ask_again_after": str(Elapsed(self.ask_again_after)),
        }

    @classmethod
    def from_json(cls, data: object, where: str = "plan") -> Self:
        table = _table(data, where, {"chains", "promises", "ask_again_after"})
        chains = _table(table.get("chains"), f"{where}.chains", set(CHAINS))
        promises = _list(table.get("promises"), f"{where}.promises")
        return cls(
            {name: Chain.from_json(chains.get(name), name) for name in CHAINS},
            tuple(Promise.from_json(promise, f"{where}.promises") for promise in promises),
            _read_elapsed(table.get("ask_again_after"), f"{where}.ask_again_after"),
        )


def load(path: Path | None = None) -> Plan:
    """The plan in the file, or the shipped one; a ValueError is one line: file, key and reason."""
    source = path or resources.files("config").joinpath("content", "escalation.toml")
    try:
        return _plan(tomllib.loads(source.read_text(encoding="utf-8")))
    except OSError as problem:
        raise ValueError(f"{source.name}: cannot be read ({problem.strerror})") from problem
    except ValueError as problem:
        raise ValueError(f"{source.name}: {' '.join(str(problem).split())}") from problem


def _plan(document: Table) -> Plan:
    _table(document, "the file", {*CHAINS, "promise"})
    promise = _table(document.get("promise"), "promise", {"choices", "remind_before", "ask_again_after"})
    choices = _list(promise.get("choices"), "promise.choices")
    reminders = _list(promise.get("remind_before"), "promise.remind_before")
    if len(choices) != len(reminders):
        raise ValueError("promise.remind_before: must have one time for each of the choices")
    if len(set(map(str, choices))) != len(choices):
        raise ValueError("promise.choices: the same choice is there twice")
    return Plan(
        {name: Chain.from_json(document.get(name), name) for name in CHAINS},
        tuple(_promise(*pair, number) for number, pair in enumerate(zip(choices, reminders, strict=True), 1)),
        _read_elapsed(promise.get("ask_again_after"), "promise.ask_again_after"),
    )


def _promise(choice: object, reminder: object, number: int) -> Promise:
    after = _read_after(choice, f"promise.choices[{number}]")
    before = _read_elapsed(reminder, f"promise.remind_before[{number}]")
    promise = Promise(str(choice), after, before)
    _check_reminder(promise, f"promise.choices[{number}]")
    return promise


def _check_reminder(promise: Promise, where: str) -> None:
    if isinstance(promise.due, Elapsed) and promise.remind_before >= promise.due.amount:
        raise ValueError(f"{where}: the reminder would come before the promise is made")


def _after(kind: str, found: re.Match[str]) -> After:
    if kind in ("working_day", "tomorrow"):
        clock = time(int(found["hour"]), int(found["minute"]))
        return WorkingDay(clock) if kind == "working_day" else Tomorrow(clock)
    number = int(found["number"])
    if not number:
        raise ValueError("the time must be longer than nothing")
    amount = timedelta(hours=number) if found["unit"] in ("h", "hour") else timedelta(minutes=number)
    return Elapsed(amount) if kind == "elapsed" else Staffed(amount)


def _read_after(value: object, where: str) -> After:
    if not isinstance(value, str):
        raise ValueError(f'{where}: must be a text such as "3 min"')
    try:
        return parse_after(value)
    except ValueError as problem:
        raise ValueError(f"{where}: {problem}") from None


def _read_elapsed(value: object, where: str) -> timedelta:
    after = _read_after(value, where)
    if not isinstance(after, Elapsed):
        raise ValueError(f'{where}: must be a length of time such as "5 min"')
    return after.amount


def _table(value: object, where: str, known: Iterable[str]) -> Table:
    if not isinstance(value, Mapping):
        raise ValueError(f"{where}: is missing or is not a table")
    if unknown := sorted(set(value) - set(known)):
        raise ValueError(f"{where}: does not know the key {unknown[0]}")
    return value


def _list(value: object, where: str) -> list[object]:
    if not isinstance(value, list) or not value:
        raise ValueError(f"{where}: must be a list with at least one entry")
    return value


def _say_amount(amount: timedelta, minutes: str, hours: str) -> str:
    number = round(amount / timedelta(minutes=1))
    return f"{number} {minutes}" if number % 60 else f"{number // 60} {hours}"


def _say_clock(clock: time) -> str:
    return f"{clock.hour}:{clock.minute:02}"
