"""Reads one piece of advice from a Markdown file, or says in which line what is wrong."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from markdown_it import MarkdownIt
from markdown_it.token import Token
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from bot.advice.piece import Facts, Section, Step, Words

SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?")  # it is carried by a button
MOST_BYTES = 64 * 1024
FIRST, MOST_STEPS, MOST_SECTIONS = 5, 8, 6  # steps at a glance; steps in a section; sections
LONGEST = {"heading": 18, "step": 200, "template": 800}  # characters; a template is a text to copy
MARKED = re.compile(r"\s*(\[[^\[\]]+\]|†)\s*$")
LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the one in C is ten times as fast
MARKDOWN = MarkdownIt("commonmark", {"html": False})
WRITE = "write headings (## Nu) and numbered steps (1. …), one line each"


class BadAdvice(ValueError):
    """A file that cannot be used: which, in which line, and why."""

    def __init__(self, file: str, line: int, reason: str) -> None:
        super().__init__(f"{file}:{line}: {reason}")
        self.file, self.line, self.reason = file, line, reason


@dataclass(frozen=True)
class Read:
    """What a file says."""

    facts: Facts
    words: Words


def _one_line(text: str) -> str:
    if not text.strip() or "\n" in text.strip():
        raise ValueError("one line with words")
    return " ".join(text.split())


Line = Annotated[str, AfterValidator(_one_line)]
Short = Annotated[Line, Field(max_length=60)]
Many = Annotated[tuple[Short, ...], Field(max_length=40)]


class _Front(BaseModel):
    """The front matter. Values are of their own kind: a number is no text."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    title: Short
    button: Annotated[Line, Field(max_length=20)]
    kind: Literal["checklist", "rules", "template", "discussion"] = "checklist"
    when: Annotated[Line, Field(max_length=120)]
    audience: Annotated[tuple[Literal["all", "official", "contact", "helper", "unit"], ...], Field(min_length=1)]
    moments: tuple[Literal["meeting", "incident", "election", "term"], ...] = ()
    categories: tuple[Annotated[str, Field(pattern=r"^[a-z_]{1,16}$")], ...] = ()
    danger: bool = False
    tags: Many = ()
    synonyms: Many = ()
    sources: dict[Annotated[str, Field(pattern=r"^[\w ]{1,20}$")], Annotated[Line, Field(max_length=400)]] = {}
    version: date
    approved: bool = False

    @model_validator(mode="after")
    def _all_alone(self) -> _Front:
        if "all" in self.audience and len(self.audience) > 1:
            raise ValueError("audience: all stands alone")
        return self


def read(file: Path, name: str) -> Read:
    """The file, which messages call `name`. Raises BadAdvice."""
    if not SLUG.fullmatch(file.stem):
        raise BadAdvice(name, 1, "the file's name is 1 to 32 of a-z, 0-9 and -")
    text = _text(file, name)
    head, body, offset = _parted(text, name)
    front = _front(head, name)
    sections = tuple(_sections(body, offset, name))
    _check(front, sections, name, offset)
    facts = Facts(
        front.kind, front.audience, front.moments, front.categories, front.danger, front.version, front.approved,
        tuple(len(section.steps) for section, _ in sections),
    )  # fmt: skip
    sources = tuple(front.sources.items())
    words = (front.title, front.button, front.when, front.tags, front.synonyms, sources)
    return Read(facts, Words(*words, tuple(section for section, _ in sections)))


def _text(file: Path, name: str) -> str:
    try:
        with file.open("rb") as stream:
            raw = stream.read(MOST_BYTES + 1)
    except OSError as error:
        raise BadAdvice(name, 1, f"cannot be read: {error.strerror}") from error
    if len(raw) > MOST_BYTES:
        raise BadAdvice(name, 1, f"is larger than {MOST_BYTES // 1024} KB")
    try:
        return raw.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise BadAdvice(name, line, "is no text in UTF-8") from error


def _parted(text: str, name: str) -> tuple[str, str, int]:
    """The front matter, what follows, and in which line that begins (from 0)."""
    lines = text.split("\n")
    if lines[0].strip() != "---":
        raise BadAdvice(name, 1, "begin with a line --- and the title, when, audience … below it")
    for number, line in enumerate(lines[1:], 1):
        if line.strip() == "---":
            return "\n".join(lines[1:number]), "\n".join(lines[number + 1 :]), number + 1
    raise BadAdvice(name, len(lines), "the line --- that ends the front matter is missing")


def _front(head: str, name: str) -> _Front:
    try:
        data, lines = _loaded(head)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        raise BadAdvice(name, (mark.line if mark else 0) + 2, error.problem or "is no YAML") from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise BadAdvice(name, 2, "the front matter is no YAML") from error
    if not isinstance(data, dict):
        raise BadAdvice(name, 2, "write the front matter as  title: …  and so on, one a line")
    try:
        return _Front.model_validate(data)
    except ValidationError as error:
        problem = error.errors()[0]
        key = str(problem["loc"][0]) if problem["loc"] else ""
        reason = problem["msg"].removeprefix("Value error, ")
        raise BadAdvice(name, lines.get(key, 1), f"{key}: {reason}" if key else reason) from None


def _loaded(head: str) -> tuple[Any, dict[str, int]]:
    """What it says, and in which line of the file each key stands. Raises YAMLError, also for a key that is twice."""
    loader = LOADER(head)
    try:
        node = loader.get_single_node()
        found: dict[str, int] = {}
        for key, _ in node.value if isinstance(node, yaml.MappingNode) else ():
            if key.value in found:
                raise yaml.MarkedYAMLError(problem=f"{key.value} is there twice", problem_mark=key.start_mark)
            found[key.value] = key.start_mark.line + 2
        return loader.construct_document(node) if node is not None else None, found
    finally:
        loader.dispose()


Placed = tuple[Section, list[int]]  # and the line of each step


def _sections(body: str, offset: int, name: str) -> Iterator[Placed]:
    heading, steps, lines = "", list[Step](), list[int]()
    at = offset + 1
    tokens = MARKDOWN.parse(body)
    for number, token in enumerate(tokens):
        at = token.map[0] + offset + 1 if token.map else at
        if token.type == "inline" and tokens[number - 1].type == "heading_open":
            if heading:
                yield Section(heading, tuple(steps)), lines
            heading, steps, lines = _plain(token, name, at), [], []
        elif token.type == "inline":
            steps.append(_step(_plain(token, name, at), name, at))
            lines.append(at)
        _allowed(token, tokens, number, heading, name, at)
    if heading:
        yield Section(heading, tuple(steps)), lines


def _allowed(token: Token, tokens: list[Token], number: int, heading: str, name: str, at: int) -> None:
    """Nothing but headings of the second level and numbered steps of one paragraph."""
    if token.type.removesuffix("_open").removesuffix("_close") not in (
        "heading", "ordered_list", "list_item", "paragraph", "inline",
    ):  # fmt: skip
        raise BadAdvice(name, at, WRITE)
    if token.type == "heading_open" and token.tag != "h2":
        raise BadAdvice(name, at, "headings are of the second level: ## Nu")
    if token.type == "ordered_list_open" and not heading:
        raise BadAdvice(name, at, "a heading (## Nu) comes before the steps")
    if token.type == "ordered_list_open" and token.level:
        raise BadAdvice(name, at, "steps have no steps below them")
    if token.type == "paragraph_open" and tokens[number - 1].type != "list_item_open":
        raise BadAdvice(name, at, WRITE)


def _plain(token: Token, name: str, at: int) -> str:
    words: list[str] = []
    for child in token.children or ():
        if child.type in ("softbreak", "hardbreak"):
            raise BadAdvice(name, at, "a step is one line")
        if child.type in ("image", "html_inline"):
            raise BadAdvice(name, at, "neither pictures nor HTML")
        words.append(child.content)
    return "".join(words).strip()


def _step(text: str, name: str, at: int) -> Step:
    sources: list[str] = []
    local = False
    while marked := MARKED.search(text):
        if marked[1] == "†":
            local = True
        else:
            sources = [*(one.strip() for one in marked[1][1:-1].split(",")), *sources]
        text = text[: marked.start()]
    if not text:
        raise BadAdvice(name, at, "a step without words")
    return Step(text, tuple(sources), local)


def _check(front: _Front, sections: tuple[Placed, ...], name: str, offset: int) -> None:
    if not sections:
        raise BadAdvice(name, offset + 1, "there are no steps: " + WRITE)
    if len(sections) > MOST_SECTIONS:
        raise BadAdvice(name, offset + 1, f"at most {MOST_SECTIONS} sections")
    for number, (section, lines) in enumerate(sections):
        most = MOST_STEPS if number else FIRST
        if not section.steps:
            raise BadAdvice(name, offset + 1, f"{section.heading}: has no steps")
        if len(section.steps) > most:
            raise BadAdvice(name, lines[most], f"{section.heading}: at most {most} steps")
        if len(section.heading) > LONGEST["heading"]:
            raise BadAdvice(name, lines[0], f"{section.heading}: a heading has at most {LONGEST['heading']} characters")
        for step, line in zip(section.steps, lines, strict=True):
            _check_step(step, front, name, line)


def _check_step(step: Step, front: _Front, name: str, line: int) -> None:
    most = LONGEST.get(front.kind, LONGEST["step"])
    if len(step.text) > most:
        raise BadAdvice(name, line, f"a step has at most {most} characters")
    if unknown := [key for key in step.sources if key not in front.sources]:
        raise BadAdvice(name, line, f"[{unknown[0]}] is not among the sources")
    if not step.sources and not step.local:
        raise BadAdvice(name, line, "end the step with its source, as [G1], or with † where it is common practice")
