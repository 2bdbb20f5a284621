"""Draws advice: a section at a time, numbers to call first, and what leads on from it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

import phonenumbers

from bot.advice.piece import Advice, Section, Words
from bot.catalogue import POLICE, SOS, Voice
from bot.messages import Button, Fields, Line, Message, Paragraph, Part, Phone, Span, Title
from bot.services import advice as shelf
from bot.services.doing import has_action
from bot.services.people import Actor
from bot.services.work import Work
from bot.tokens import Act

Rows = tuple[tuple[Button, ...], ...]
PAGE = 8  # pieces of a kind in one message
SHORT = re.compile(r"(?<![\d-])(112|114 ?14)(?![\d-])")
POLICE_REPORT = "polisanmalan"


@lru_cache(maxsize=4096)
def spans(text: str) -> Line:
    """A step with its telephone numbers pressable."""
    found: list[tuple[int, int, Phone]] = []
    for match in SHORT.finditer(text):
        found.append((match.start(), match.end(), SOS if match[1] == "112" else POLICE))
    if sum(letter.isdigit() for letter in text) > 5:  # looking for numbers takes long, and few steps have one
        for one in phonenumbers.PhoneNumberMatcher(text, "SE"):
            number = phonenumbers.format_number(one.number, phonenumbers.PhoneNumberFormat.E164)
            found.append((one.start, one.end, Phone(number)))
    line: list[Span] = []
    at = 0
    for start, end, phone in sorted(found, key=lambda one: one[0]):
        if start >= at:
            line += [text[at:start], phone]
            at = end
    return tuple(span for span in (*line, text[at:]) if span)


def first_line(voice: Voice) -> Line:
    """112 and 114 14: they stand first on every list."""
    return voice.line("advice.numbers")


def section(work: Work, voice: Voice, reader: Actor | None, advice: Advice, number: int,
            others: Sequence[Advice] = ()) -> Message:  # fmt: skip
    """One section, with the way to the others. `others` are pieces that fit too."""
    words = advice.in_(voice.language)
    number = min(max(number, 0), len(words.sections) - 1)
    part = words.sections[number]
    parts: list[Part] = [Title(first_line(voice)), Paragraph(_head(voice, words, part)), *_steps(advice, part)]
    if others:
        parts.append(voice.paragraph("advice.others"))
    buttons = _lead_on(work, voice, reader, advice, number) + tuple((_button(voice, one),) for one in others)
    return Message(tuple(parts), buttons)


def _head(voice: Voice, words: Words, part: Section) -> Line:
    return voice.line("advice.head", title=words.title, part=part.heading)


def _steps(advice: Advice, part: Section) -> Iterator[Part]:
    """Steps in their order; what is to be copied or asked stands bare."""
    for number, step in enumerate(part.steps, 1):
        yield Paragraph(spans(step.text) if advice.facts.kind == "template" else (f"{number}. ", *spans(step.text)))


def whole(voice: Voice, advice: Advice, bot: str = "") -> Message:
    """All of it without a button, for everybody in a chat; `bot` is where more can be had."""
    words = advice.in_(voice.language)
    parts: list[Part] = [Title(first_line(voice))]
    for part in words.sections:
        parts += [Paragraph(_head(voice, words, part)), *_steps(advice, part)]
    if bot:
        parts.append(voice.paragraph("advice.more_from", bot=f"@{bot}"))
    return Message(tuple(parts))


def _lead_on(work: Work, voice: Voice, reader: Actor | None, advice: Advice, number: int) -> Rows:
    """The other sections, then what one press leads to; the likeliest first."""
    words = advice.in_(voice.language)
    parts = [
        Button(part.heading, str(Act("part", n, advice.slug))) for n, part in enumerate(words.sections) if n != number
    ]
    rows = _in_pairs(parts)
    if reader is None:
        return rows
    if work.event is not None and not work.event.chat.private:
        shown = () if advice.facts.closed else (voice.button("button.aloud", str(Act("aloud", 0, advice.slug))),)
        return (*rows, shown, (voice.button("button.flag", str(Act("flag", 0))),)) if shown else rows
    return (*rows, *_in_private(work, voice, reader, advice))


def _in_private(work: Work, voice: Voice, reader: Actor, advice: Advice) -> Rows:
    facts = advice.facts
    bare = work.terse(reader.account)
    names = ["speak"] if facts.danger and not bare else []
    names += ["run_together" if facts.closed else "run"] if facts.runs else []
    names += ["support"] if facts.kind in ("checklist", "rules") else []
    names += ["to_group"] if facts.kind == "discussion" and reader.unit else []
    lead = [voice.button(f"button.{name}", str(Act(name, 0, advice.slug))) for name in names if has_action(name)]
    if facts.runs and not facts.closed:
        lead.append(voice.button("button.flag", str(Act("flag", 0))))
        report = work.house.library.get(POLICE_REPORT)
        lead += [_button(voice, report)] if report is not None and report.slug != advice.slug else []
    lead.append(voice.button("button.sources", str(Act("sources", 0, advice.slug))))
    return _in_pairs(lead)


def _in_pairs(buttons: list[Button]) -> Rows:
    return tuple(tuple(buttons[n : n + 2]) for n in range(0, len(buttons), 2))


def _button(voice: Voice, advice: Advice) -> Button:
    return Button(advice.in_(voice.language).button, str(Act("list", 0, advice.slug)))


def buttons(voice: Voice, pieces: Sequence[Advice]) -> Rows:
    """A button for each."""
    return tuple((_button(voice, one),) for one in pieces)


def overview(work: Work, voice: Voice, reader: Actor | None, *, missed: bool = False,
             under_way: tuple[tuple[str, Button], ...] = ()) -> Message:  # fmt: skip
    """The few that fit now, and the way to all. When nothing was found that is said, with whom to call.

    `under_way` is what the person is ticking off: in words, and the button to go on.
    """
    key = "advice.nothing" if missed else "advice.few"
    lines = voice.split(key, phone=work.house.number_at(work.now))
    kinds = [("all_lists", "checklist"), ("all_rules", "rules"), ("all_templates", "template")]
    kinds += [("all_cards", "discussion")]
    more = [voice.button(f"button.{name}", str(Act("shelf", 0, kind))) for name, kind in kinds]
    more += [voice.button("button.guide", str(Act("guide", 0)))] if reader is not None and has_action("guide") else []
    more += (
        [voice.button("button.advice_use", str(Act("advice_use", 0)))] if reader is not None and reader.chief else []
    )
    going = (Paragraph((words,)) for words, _ in under_way)
    parts: tuple[Part, ...] = (Title(first_line(voice)), *going, *(Paragraph(line) for line in lines))
    first = tuple((button,) for _, button in under_way)
    return Message(parts, (*first, *buttons(voice, shelf.few(work, reader)), *_in_pairs(more)))


def of_kind(work: Work, voice: Voice, reader: Actor | None, kind: str, page: int) -> Message:
    """All of a kind, a page at a time."""
    found = shelf.of_kind(work, reader, kind, voice.language)
    pages = max(1, -(-len(found) // PAGE))
    page = min(page, pages - 1)
    parts: list[Part] = [Title(first_line(voice)), voice.paragraph(f"advice.kind.{kind}", count=len(found))]
    if pages > 1:
        parts.append(voice.paragraph("advice.page", page=page + 1, pages=pages))
    turn = [Button(voice.word(f"button.{name}"), str(Act("shelf", to, kind)))
            for name, to in (("earlier_page", page - 1), ("next_page", page + 1)) if 0 <= to < pages]  # fmt: skip
    shown = buttons(voice, found[page * PAGE : (page + 1) * PAGE])
    return Message(tuple(parts), (*shown, *_in_pairs(turn)))


def sources(work: Work, voice: Voice, advice: Advice) -> Message:
    """Whose advice it is, which version, and what the municipality's chief has not approved yet."""
    words = advice.in_(voice.language)
    rows = tuple((key, (text,)) for key, text in words.sources)
    parts: list[Part] = [voice.title("advice.sources", title=words.title)]
    parts += [Fields(rows)] if rows else []
    parts.append(voice.paragraph("advice.version", day=advice.facts.version.isoformat()))
    local = [f"{part.heading} {n}" for part in words.sections for n, step in enumerate(part.steps, 1) if step.local]
    if advice.facts.approved:
        parts.append(voice.paragraph("advice.approved", municipality=work.house.name))
    elif local:
        parts.append(voice.paragraph("advice.unapproved", municipality=work.house.name, steps=", ".join(local)))
    return Message(tuple(parts), ((Button(words.button, str(Act("list", 0, advice.slug))),),))
