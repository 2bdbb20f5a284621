"""Reads a plan from its file, or says what is wrong and where."""

from __future__ import annotations

import re
import tomllib
from datetime import time
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from bot.advice.reading import BadAdvice
from bot.plans.plan import KINDS, Only, Plan, Said, Step, To, Workday

NAME = re.compile(r"[a-z0-9_-]{1,32}")
MOST_BYTES = 64 * 1024
LINES, LINE = 3, 110  # lines of a step's text, and characters of each


def _one_line(text: str) -> str:
    if not text.strip() or "\n" in text.strip() or "{" in text or "}" in text:
        raise ValueError("one line with words, without braces")
    return " ".join(text.split())


def _few_lines(text: str) -> str:
    lines = [line.strip() for line in text.strip().split("\n")]
    if not all(lines) or len(lines) > LINES or max(map(len, lines)) > LINE or "{" in text or "}" in text:
        raise ValueError(f"1 to {LINES} lines of 1 to {LINE} characters, without braces")
    return "\n".join(lines)


def _clock(text: str) -> time:
    if not (found := re.fullmatch(r"([01]\d|2[0-3]):([0-5]\d)", text)):
        raise ValueError('a time of day such as "08:00"')
    return time(int(found[1]), int(found[2]))


def _time_of_day(text: str) -> str:
    _clock(text)
    return text


def _kind(text: str) -> str:
    if text not in KINDS:
        raise ValueError(f"one of {', '.join(KINDS)}")
    return text


Line = Annotated[str, AfterValidator(_one_line)]


class _Words(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    title: Annotated[Line, Field(max_length=70)]
    text: Annotated[str, AfterValidator(_few_lines)]
    button: Annotated[Line, Field(max_length=20)] | None = None


class _Step(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)
    key: Annotated[str, Field(pattern=r"^[a-z_]{1,16}$")]
    to: To
    sv: _Words
    en: _Words
    days: Annotated[int, Field(ge=-400, le=400)] | None = None
    at: Annotated[str, AfterValidator(_time_of_day)] | None = None
    hours: Annotated[int, Field(ge=-240, le=240)] | None = None
    workday: Workday = ""
    until: Annotated[int, Field(ge=-400, le=400)] | None = None
    ask: Literal["done", "read", "nothing"] = "nothing"
    alone: bool = False
    only: Only = ""
    budget: Literal["may", "must", "asked"] = "may"
    checklist: Annotated[str, Field(pattern=r"^[a-z0-9-]{0,32}$")] = ""
    opens: Literal["", "risk", "look_back", "day"] = ""
    reasons: bool = False

    @model_validator(mode="after")
    def _fits(self) -> _Step:
        if (self.hours is None) == (self.days is None) or (self.days is None) != (self.at is None):
            raise ValueError("say when: days with at, or hours")
        if self.workday and self.days is None:
            raise ValueError("workday: only with days")
        if self.ask == "done" and (self.to != "unit" or self.alone):
            raise ValueError("ask: done is for what the unit does from its morning post")
        if self.opens and (self.to != "unit" or self.alone):
            raise ValueError("opens: for what the unit does from its morning post")
        if self.alone and self.to != "unit":
            raise ValueError("alone: only for the unit")
        if (self.ask == "done") != (self.sv.button is not None) or (self.sv.button is None) != (self.en.button is None):
            raise ValueError('button: with ask = "done" in both languages, and only there')
        return self


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    kinds: Annotated[tuple[Annotated[str, AfterValidator(_kind)], ...], Field(alias="for", min_length=1)]
    sv: Annotated[Line, Field(max_length=60)]
    en: Annotated[Line, Field(max_length=60)]
    step: Annotated[tuple[_Step, ...], Field(min_length=1, max_length=60)]

    @model_validator(mode="after")
    def _keys_differ(self) -> _File:
        keys = [step.key for step in self.step]
        if len(set(keys)) < len(keys):
            raise ValueError(f"key: {next(key for key in keys if keys.count(key) > 1)} is there twice")
        return self


def read(file: Path, name: str) -> Plan:
    """The plan in the file, which messages call `name`. Raises BadAdvice."""
    if not NAME.fullmatch(file.stem):
        raise BadAdvice(name, 1, "the file's name is 1 to 32 of a-z, 0-9, - and _")
    text, data = toml(file, name)
    try:
        found = _File.model_validate(data)
    except ValidationError as error:
        raise BadAdvice(name, *_where(error, text)) from error
    steps = tuple(_step(row) for row in found.step)
    return Plan(file.stem, tuple(found.kinds), (("sv", found.sv), ("en", found.en)), steps)


def toml(file: Path, name: str) -> tuple[str, dict[str, Any]]:
    """What the file says, as it stands and as values. Raises BadAdvice."""
    text = _text(file, name)
    try:
        return text, tomllib.loads(text)
    except ValueError as error:  # or a figure that is too long to be one
        line = re.search(r"line (\d+)", str(error))
        raise BadAdvice(name, int(line[1]) if line else text.count("\n") + 1, str(error)) from error
    except RecursionError as error:
        raise BadAdvice(name, 1, "has lists within lists without end") from error


def _text(file: Path, name: str) -> str:
    try:
        with file.open("rb") as stream:
            raw = stream.read(MOST_BYTES + 1)
        text = raw.decode("utf-8-sig").replace("\r\n", "\n")
    except OSError as error:
        raise BadAdvice(name, 1, f"cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise BadAdvice(name, 1, "is no text in UTF-8") from error
    if len(raw) > MOST_BYTES:
        raise BadAdvice(name, 1, f"is larger than {MOST_BYTES // 1024} KB")
    return text


def _where(error: ValidationError, text: str) -> tuple[int, str]:
    """In which line the step with the first fault begins, and what the fault is."""
    first = error.errors(include_url=False, include_input=False)[0]
    path = first["loc"]
    said = first["msg"].removeprefix("Value error, ")
    step = next((part for part in path if isinstance(part, int)), None) if path[:1] == ("step",) else None
    heads = [n for n, line in enumerate(text.split("\n"), 1) if line.strip().startswith("[[step]]")]
    line = heads[step] if step is not None and step < len(heads) else 1
    field = ".".join(str(part) for part in path if not isinstance(part, int) and part != "step")
    return line, f"{field}: {said}" if field else said


def _step(row: _Step) -> Step:
    facts: dict[str, Any] = row.model_dump(exclude={"sv", "en", "at", "days"})
    said = tuple((language, _said(words)) for language, words in (("sv", row.sv), ("en", row.en)))
    return Step(**facts, days=row.days or 0, at=_clock(row.at) if row.at is not None else None, said=said)


def _said(words: _Words) -> Said:
    return Said(words.title, words.text, words.button or "")
