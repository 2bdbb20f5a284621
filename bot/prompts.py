"""What a conversation can ask, and how an answer is read. A flow says `value = yield from Text("what")`."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Generator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, Generic, TypeVar
from zoneinfo import ZoneInfo

import phonenumbers

from bot import moments, quiet
from bot.messages import Phone

T = TypeVar("T")
E = TypeVar("E", bound=StrEnum)
Stored = str | None  # what is written down of an answer; None is a question that was skipped


class Rejected(Exception):
    """An answer that cannot be used; `args[0]` names the catalogue's text that says why and what to write."""

    def __init__(self, reason: str, **values: Any) -> None:
        super().__init__(reason)
        self.reason = reason
        self.values = values


@dataclass(frozen=True)
class Reading:
    """What an answer is read by: the moment it came, and the person's zone, language and words for the options.

    `pressed` when the answer is an option's value, not words that somebody typed.
    """

    now: datetime
    zone: ZoneInfo
    language: str
    pressed: bool = field(default=False, kw_only=True)
    label: Callable[[Prompt[Any], Option], str] = lambda _, option: option.label or option.value


@dataclass(frozen=True)
class Option:
    """One thing to choose; without a label the catalogue has the words."""

    value: str
    label: str = ""


@dataclass(frozen=True)
class Prompt(ABC, Generic[T]):
    """A question. `key` is its name in the stored answers: a changed meaning takes a new key.

    `quote` is what it is about, in somebody's own words. `called` is what its answer is shown with, where the
    catalogue's short name says too little. `like` is the key whose texts it shares, where the same is
    asked several times.
    """

    key: str
    optional: bool = field(default=False, kw_only=True)
    like: str = field(default="", kw_only=True)
    quote: str = field(default="", kw_only=True)
    called: str = field(default="", kw_only=True)
    form: Form[Any] | None = field(default=None, kw_only=True, repr=False, compare=False)

    def __iter__(self) -> Generator[Prompt[Any], Any, T]:
        answer: T = yield self
        return answer

    @property
    def topic(self) -> str:
        """The name of its texts."""
        return self.like or self.key

    @property
    def options(self) -> tuple[Option, ...]:
        """What can be pressed."""
        return ()

    @property
    def likely(self) -> Stored:
        """An answer that fits, to look ahead with: how many questions are left?"""
        if self.optional:
            return None
        return self.options[0].value if self.options else "?"

    @abstractmethod
    def read(self, text: str, reading: Reading) -> Stored:
        """What to store of a typed or pressed answer. Raises Rejected."""

    @abstractmethod
    def value(self, stored: Stored) -> T:
        """What the flow gets. Raises Rejected when what was stored no longer fits the question."""


def chosen(prompt: Prompt[Any], text: str, reading: Reading) -> str | None:
    """The option that is meant; None when none is, or two.

    A press gives its value. What is typed is its number, its label, its first word or how it begins.
    """
    values = [option.value for option in prompt.options]
    if reading.pressed:
        return text if text in values else None
    wanted = text.strip().rstrip(".!").casefold()
    if wanted.isdecimal():
        return values[int(wanted) - 1] if len(wanted) < 4 and 0 < int(wanted) <= len(values) else None
    labels = [(option.value, reading.label(prompt, option).casefold()) for option in prompt.options]
    whole = [value for value, label in labels if wanted in (label, value.casefold())]
    firsts = [value for value, label in labels if label.split(" ")[0].rstrip(",") == wanted]
    begun = [value for value, label in labels if len(wanted) > 2 and label.startswith(wanted)]
    meant = whole or firsts or begun
    return meant[0] if len(meant) == 1 else None


@dataclass(frozen=True)
class Text(Prompt[str]):
    """Free words, or None when skipped."""

    longest: int = field(default=4000, kw_only=True)

    def read(self, text: str, reading: Reading) -> Stored:
        words = text.strip()
        if not words:
            raise Rejected("engine.empty")
        if len(words) > self.longest:
            raise Rejected("engine.too_long", most=self.longest, count=len(words))
        return words

    def value(self, stored: Stored) -> str:
        if stored is None and not self.optional:
            raise Rejected("engine.empty")
        return stored or ""


@dataclass(frozen=True)
class Choosing(Prompt[T]):
    """A question that only its options answer."""

    def read(self, text: str, reading: Reading) -> Stored:
        found = chosen(self, text, reading)
        if found is None:
            raise Rejected("engine.choose")
        return found


@dataclass(frozen=True)
class Pick(Choosing[str]):
    """One of some options that come from data; the flow gets the value, or "" when skipped."""

    among: tuple[Option, ...] = ()

    @property
    def options(self) -> tuple[Option, ...]:
        return self.among

    def value(self, stored: Stored) -> str:
        if stored is None and self.optional:
            return ""
        if stored not in {option.value for option in self.options}:
            raise Rejected("engine.choose")
        return str(stored)


@dataclass(frozen=True)
class Choice(Choosing[E]):
    """One member of an enumeration; the catalogue has a word for each."""

    among: type[E]
    leaving_out: tuple[E, ...] = ()

    @property
    def options(self) -> tuple[Option, ...]:
        return tuple(Option(member.value) for member in self.among if member not in self.leaving_out)

    def value(self, stored: Stored) -> E:
        if stored not in {option.value for option in self.options}:
            raise Rejected("engine.choose")
        return self.among(str(stored))


@dataclass(frozen=True)
class Moment(Prompt[datetime | None]):
    """A time, aware, or None when skipped; "18.30", "i morgon 9" and the like are understood.

    With `ahead` it must be still to come when it is answered, with `past` it must have been, with `after` later than
    that. `offers` are times that can be pressed, each with its words.
    """

    quick: tuple[str, ...] = ()
    ahead: bool = field(default=False, kw_only=True)
    past: bool = field(default=False, kw_only=True)
    offers: tuple[tuple[datetime, str], ...] = field(default=(), kw_only=True)
    after: datetime | None = field(default=None, kw_only=True)

    @property
    def options(self) -> tuple[Option, ...]:
        offered = ((at, words) for at, words in self.offers if self.after is None or at > self.after)
        named = (Option(name) for name in self.quick)
        return (*named, *(Option(str(int(at.timestamp())), words) for at, words in offered))

    @property
    def likely(self) -> Stored:
        if self.optional:
            return None
        return (self.after + timedelta(hours=1)).isoformat() if self.after else "2026-01-01T12:00:00+00:00"

    def read(self, text: str, reading: Reading) -> Stored:
        found = chosen(self, text, reading)
        at: datetime | None
        if found is not None and found not in self.quick:
            at = datetime.fromtimestamp(int(found), UTC)
        else:
            at = moments.read(found or text, now=reading.now, zone=reading.zone, language=reading.language)
        if at is None:
            raise Rejected("engine.no_time")
        if self.ahead and at <= reading.now:
            raise Rejected("engine.past_time")
        if self.past and at > reading.now:
            raise Rejected("engine.future_time")
        return at.isoformat()

    def value(self, stored: Stored) -> datetime | None:
        if stored is None and not self.optional:
            raise Rejected("engine.no_time")
        try:
            at = datetime.fromisoformat(stored) if stored else None
        except ValueError as error:
            raise Rejected("engine.no_time") from error
        if at is not None and self.after is not None and at <= self.after:
            raise Rejected("engine.too_early", time=self.after)
        return at


@dataclass(frozen=True)
class QuietHours(Prompt[str]):
    """A stretch of every day, such as "22:00-07:00"; "22-7" and the like are understood."""

    @property
    def likely(self) -> Stored:
        return "22:00-07:00"

    def read(self, text: str, reading: Reading) -> Stored:
        found = quiet.read(text)
        if found is None:
            raise Rejected("quiet.not_understood")
        if quiet.is_empty(found):
            raise Rejected("quiet.no_length")
        return found

    def value(self, stored: Stored) -> str:
        if stored is None or quiet.read(stored) != stored or quiet.is_empty(stored):
            raise Rejected("quiet.not_understood")
        return stored


@dataclass(frozen=True)
class PhoneNumber(Prompt[str]):
    """A telephone number, E.164, or "" when skipped; `known` is offered as a press."""

    known: str = ""

    @property
    def options(self) -> tuple[Option, ...]:
        return (Option(self.known, national(self.known)),) if self.known else ()

    def read(self, text: str, reading: Reading) -> Stored:
        found = chosen(self, text, reading) or phone_number(text)
        if found is None:
            raise Rejected("engine.no_number")
        return found

    def value(self, stored: Stored) -> str:
        if stored is None and not self.optional:
            raise Rejected("engine.no_number")
        return stored or ""


def phone_number(text: str) -> str | None:
    """The telephone number in a text as E.164, read as a Swedish one where it has no country code."""
    try:
        parsed = phonenumbers.parse(text.strip()[:60], "SE")
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(parsed) or (parsed.country_code == 46 and parsed.italian_leading_zero):
        return None  # no Swedish number has a nought behind the country code: written out it would be another one
    return str(phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164))


def national(number: str) -> str:
    """A number as people in Sweden write it."""
    return Phone(number).national


@dataclass(frozen=True)
class Form(Generic[T]):
    """Several questions that can be filled in at once where the platform has windows; one by one elsewhere.

    `make` gets an argument for each field, named by the field's key.
    """

    key: str
    make: Callable[..., T]
    fields: tuple[Prompt[Any], ...]

    def __iter__(self) -> Generator[Prompt[Any], Any, T]:
        answers = {}
        for prompt in self.fields:
            answers[prompt.key] = yield replace(prompt, form=self)
        return self.make(**answers)


@dataclass(frozen=True)
class Confirm(Choosing[None]):
    """A summary of the answers, each with its own "ändra", and the press that lets it happen.

    `count` is how many it reaches, which the press names. `times` are what it will lead to: from when, to when, and
    whose it is.
    """

    count: int = field(default=0, kw_only=True)
    times: tuple[tuple[datetime, datetime, str], ...] = field(default=(), kw_only=True)

    @property
    def options(self) -> tuple[Option, ...]:
        return (Option(f"yes{self.count or ''}"),)

    def value(self, stored: Stored) -> None:
        if stored != self.options[0].value:
            raise Rejected("engine.choose")


class Command:
    """What a flow asks to have done. Its subclasses are plain values; services perform them."""


@dataclass(frozen=True)
class Do(Generic[T]):
    """An effect in the middle of a flow: performed once, in the transaction that records its result."""

    key: str
    command: Command

    def __iter__(self) -> Generator[Do[Any], Any, T]:
        result: T = yield self
        return result


Asked = Generator[Prompt[Any] | Do[Any], Any, T]  # a part of a flow that several share
Flow = Generator[Prompt[Any] | Do[Any], Any, Command | None]
