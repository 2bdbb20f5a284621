"""Draws a question, a summary and a form in a person's language."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime

from bot import quiet
from bot.catalogue import Voice
from bot.conversation import Answered, Asking, State
from bot.messages import (
    Button,
    Field,
    Fields,
    Line,
    Message,
    Paragraph,
    Part,
    Phone,
    Quote,
    Sheet,
    Title,
    Words,
    clip,
)
from bot.prompts import Confirm, Form, Moment, Option, PhoneNumber, Prompt, QuietHours, Reading, Rejected, Stored, Text
from bot.services.work import Work
from bot.tokens import Reply

MOST = 20  # options that are shown as buttons; the others are written
SHOWN = 900  # UTF-16 units of one answer in a summary
_NUMBERED = re.compile(r"([a-z]+)(\d+)")


def short(voice: Voice, prompt: Prompt[object]) -> str:
    """What the question is called where its answer is shown."""
    return voice.word(f"short.{prompt.topic}", **_nth(prompt))


def called(voice: Voice, prompt: Prompt[object]) -> str:
    """The same at full length, where it has more to say."""
    return prompt.called or short(voice, prompt)


def _nth(prompt: Prompt[object]) -> dict[str, object]:
    """Which it is of those that are asked in the same words: "who__2" is the second."""
    return {"count": prompt.key.rpartition("__")[2]}


def label(voice: Voice, prompt: Prompt[object], option: Option) -> str:
    """An option's words: its own, or the catalogue's; "more7" is the text "more" with the number 7."""
    if option.label:
        return option.label
    if found := _NUMBERED.fullmatch(option.value):
        return voice.word(f"{prompt.topic}.{found[1]}", number=found[2])
    return voice.word(f"{prompt.topic}.{option.value}")


def reading(work: Work, voice: Voice, *, pressed: bool = False) -> Reading:
    """How this person's answers are read."""

    def words(prompt: Prompt[object], option: Option) -> str:
        return label(voice, prompt, option)

    return Reading(work.now, work.house.zone, voice.language, words, pressed=pressed)


def shown(voice: Voice, prompt: Prompt[object], stored: Stored) -> Line:
    """An answer as its person reads it back."""
    if stored is None:
        return voice.line("engine.skipped")
    if isinstance(prompt, Moment):
        at = prompt.value(stored)
        return (voice.time(at),) if at else ()
    if isinstance(prompt, PhoneNumber):
        return (Phone(stored),)
    if isinstance(prompt, QuietHours):
        return (quiet.say(stored, voice.language),)
    options = {option.value: option for option in prompt.options}
    told = f"shown.{prompt.topic}.{stored}"  # a press may read otherwise as an answer: "Klart", "ingen fler"
    if stored in options and voice.catalogue.has(told):
        return voice.line(told)
    return (label(voice, prompt, options[stored]) if stored in options else Words(clip(stored, SHOWN)),)


def question(voice: Voice, conversation: int, state: State, asking: Asking, steps: tuple[int, int],
             values: dict[str, object]) -> Message:  # fmt: skip
    """The question with everything that can be pressed. `values` are for the text's places."""
    prompt = asking.prompt
    lines = voice.split(f"ask.{prompt.topic}", **values, **_nth(prompt))
    parts: list[Part] = [Title(lines[0]), *(Paragraph(line) for line in lines[1:])]
    if isinstance(prompt, Confirm):
        rows = [(called(voice, a.prompt), shown(voice, a.prompt, a.stored)) for a in asking.path]
        rows += [(f"{voice.short_day(start)}–{voice.short_day(end)}", (whose,)) for start, end, whose in prompt.times]
        parts += [Fields(tuple(rows))] if rows else []
    if len(prompt.options) > MOST:
        parts.append(voice.paragraph("engine.more_options"))
    if prompt.quote:
        parts.append(Quote(prompt.quote))
    if not isinstance(prompt, Confirm) and steps[1] > 1:
        parts.append(voice.paragraph("engine.progress", step=steps[0], steps=steps[1]))

    def token(option: str) -> str:
        return str(Reply(conversation, state.revision, prompt.key, option))

    return Message(tuple(parts), _buttons(voice, asking, token))


def _buttons(voice: Voice, asking: Asking, token: Callable[[str], str]) -> tuple[tuple[Button, ...], ...]:
    prompt = asking.prompt
    rows: list[tuple[Button, ...]] = [
        (Button(label(voice, prompt, option), token(option.value)),) for option in prompt.options[:MOST]
    ]
    if asking.form is not None:
        rows.insert(0, (voice.button("engine.fill", token("-form"), form=True),))
    if isinstance(prompt, Confirm):
        edits = [_edit_button(voice, answered, token) for answered in asking.path]
        rows += [tuple(edits[n : n + 2]) for n in range(0, len(edits), 2)]
    engine = [voice.button("engine.back", token("-back"))] if asking.path else []
    if prompt.optional:
        engine.append(voice.button("engine.skip", token("-skip")))
    return (*rows, (*engine, voice.button("engine.cancel", token("-cancel"))))


def _edit_button(voice: Voice, answered: Answered, token: Callable[[str], str]) -> Button:
    words = voice.word("engine.edit", what=short(voice, answered.prompt).lower())
    return Button(words, token(f"-e.{answered.prompt.key}"))


def answered(voice: Voice, asking: Asking, stored: Stored) -> Message:
    """What stands where a question was, when it has its answer: nothing to press any more."""
    prompt = asking.prompt
    confirmed = isinstance(prompt, Confirm)
    facts = asking.path if confirmed else (Answered(prompt, stored),)
    rows = tuple((called(voice, a.prompt), shown(voice, a.prompt, a.stored)) for a in facts)
    if not confirmed:
        return Message((Fields(rows),))
    pressed = voice.paragraph("engine.pressed", what=shown(voice, prompt, stored))
    return Message((Fields(rows), pressed) if rows else (pressed,))


def rejection(voice: Voice, rejected: Rejected) -> Line:
    """Why an answer could not be used, and what to write instead."""
    values = {name: voice.when(v) if isinstance(v, datetime) else v for name, v in rejected.values.items()}
    return voice.line(rejected.reason, **values)


def sheet(voice: Voice, conversation: int, state: State, form: Form[object]) -> Sheet:
    """The whole form as one window, with what is answered already."""
    token = str(Reply(conversation, state.revision, form.key, "-fill"))
    fields = tuple(_field(voice, prompt, state) for prompt in form.fields)
    words = {name: voice.word(f"sheet.{name}") for name in ("submit", "close")}
    return Sheet(voice.word(f"sheet.{form.key}"), words["submit"], words["close"], token, fields)


def _field(voice: Voice, prompt: Prompt[object], state: State) -> Field:
    pressed = not isinstance(prompt, Moment | PhoneNumber)
    options = tuple((o.value, label(voice, prompt, o)) for o in prompt.options) if pressed else ()
    stored = state.answers.get(prompt.key)
    value = (
        "" if not isinstance(stored, str) else stored if options else "".join(map(str, shown(voice, prompt, stored)))
    )
    hint = voice.word("sheet.hint_time") if isinstance(prompt, Moment) else ""
    is_long = isinstance(prompt, Text) and prompt.longest > 500
    return Field(prompt.key, short(voice, prompt), options, prompt.optional, value, hint, is_long)
