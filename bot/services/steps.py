"""The steps of a chain, as a municipality writes them down and as they are frozen on what they watch over."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from typing import Literal, Protocol, Self, TypeVar, cast

from bot.services.after import After, Elapsed, later, parse_after

Accounts = Literal["preferred", "other", "all"]
Who = Literal["duty", "next", "officers", "chief", "unit"]
Act = Literal["ask", "phone_list"]
AlertAct = Literal["nudge", "deputy", "other", "phone_list", "sms", "voice"]
Table = Mapping[str, object]

_ACCOUNTS = ("preferred", "other", "all")
_WHO = ("duty", "next", "officers", "chief", "unit")
_ACTS = ("ask", "phone_list")
ALERT_ACTS = ("nudge", "deputy", "other", "phone_list", "sms", "voice")
GATEWAY_ACTS = ("sms", "voice")  # they need a gateway
_WHEN = ("after", "within", "at")  # one of them, whichever reads best


class Timed(Protocol):
    """A step of any chain."""

    @property
    def after(self) -> After:
        """When, counted from the chain's beginning."""

    def to_json(self) -> dict[str, object]:
        """Plain values."""


T = TypeVar("T", bound=Timed)


@dataclass(frozen=True)
class Step:
    """One round of asking for an incident, and whether the reporter is told that nobody has answered.

    `do` with phone_list gives those who are asked everybody's number as well.
    """

    after: After
    accounts: Accounts
    tell_reporter: bool
    who: Who = "unit"
    do: Act = "ask"

    def to_json(self) -> dict[str, object]:
        said = {"after": str(self.after), "who": self.who, "accounts": self.accounts, "do": self.do}
        return said | {"tell_reporter": self.tell_reporter}

    @classmethod
    def from_json(cls, data: object, where: str = "step") -> Self:
        table = read_table(data, where, {*_WHEN, "who", "accounts", "do", "tell_reporter"})
        after = _read_when(table, where)
        who = _one_of(table, where, "who", _WHO, "unit")
        accounts = _one_of(table, where, "accounts", _ACCOUNTS)
        do = _one_of(table, where, "do", _ACTS, "ask")
        if not isinstance(tell := table.get("tell_reporter"), bool):
            raise ValueError(f"{where}.tell_reporter: must be true or false")
        return cls(after, cast(Accounts, accounts), tell, cast(Who, who), cast(Act, do))


@dataclass(frozen=True)
class AlertStep:
    """What is done for everybody who has not answered an alert; `after` is counted from when the answer was due."""

    after: After
    do: AlertAct

    def to_json(self) -> dict[str, object]:
        return {"after": str(self.after), "do": self.do}

    @classmethod
    def from_json(cls, data: object, where: str = "step") -> Self:
        table = read_table(data, where, {*_WHEN, "do"})
        after = _read_when(table, where, at_once=True)
        return cls(after, cast(AlertAct, _one_of(table, where, "do", ALERT_ACTS)))


def in_order(steps: Iterable[T], where: str) -> tuple[T, ...]:
    """The steps. Raises ValueError where one would not come after the one before it."""
    found = tuple(steps)
    for number, (one, other) in enumerate(pairwise(step.after for step in found), 2):
        if not later(one, other):
            raise ValueError(f"{where}.steps[{number}]: must come later than the step before it")
    return found


def read_elapsed(value: object, where: str) -> timedelta:
    """A length of time on the clock."""
    after = read_after(value, where)
    if not isinstance(after, Elapsed):
        raise ValueError(f'{where}: must be a length of time such as "5 min"')
    return after.amount


def read_after(value: object, where: str, *, at_once: bool = False) -> After:
    """A time."""
    if not isinstance(value, str):
        raise ValueError(f'{where}: must be a text such as "3 min"')
    try:
        return parse_after(value, at_once=at_once)
    except ValueError as problem:
        raise ValueError(f"{where}: {problem}") from None


def read_table(value: object, where: str, known: Iterable[str]) -> Table:
    """A table with no other keys than these."""
    if not isinstance(value, Mapping):
        raise ValueError(f"{where}: is missing or is not a table")
    if unknown := sorted(set(value) - set(known)):
        raise ValueError(f"{where}: does not know the key {unknown[0]}")
    return value


def read_list(value: object, where: str) -> list[object]:
    """A list with something in it."""
    if not isinstance(value, list) or not value:
        raise ValueError(f"{where}: must be a list with at least one entry")
    return value


def _read_when(table: Table, where: str, *, at_once: bool = False) -> After:
    when = [key for key in _WHEN if key in table]
    if len(when) != 1:
        raise ValueError(f'{where}: say when with one of "after", "within" or "at"')
    return read_after(table[when[0]], f"{where}.{when[0]}", at_once=at_once)


def _one_of(table: Table, where: str, key: str, known: tuple[str, ...], default: str | None = None) -> str:
    value = table.get(key, default)
    if value not in known:
        raise ValueError(f"{where}.{key}: must be one of {', '.join(known)}")
    return str(value)
