"""Advances a flow by replaying its answers. Pure: no platform, no database, no clock.

What is stored is the answers by key. To know where a conversation is, the flow is played from the start with them:
a question inserted later is then simply the first without an answer.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from bot.prompts import Command, Confirm, Do, Flow, Form, Prompt, Reading, Rejected, Stored

Start = Callable[[], Flow]
DONE = "!"  # marks the stored result of a Do, so that no question's key can collide with it


class Stranded(Exception):
    """A run that can no longer be played: the flow changed under it. The answers are kept."""


@dataclass(frozen=True)
class State:
    """What is stored of a conversation. `aside` holds answers that were taken back: kept, never sent."""

    answers: dict[str, Any] = field(default_factory=dict)
    aside: dict[str, Any] = field(default_factory=dict)
    revision: int = 0


@dataclass(frozen=True)
class Answered:
    """A question on the path, with what was stored as its answer."""

    prompt: Prompt[Any]
    stored: Stored


@dataclass(frozen=True)
class Asking:
    """The flow waits for an answer. `path` is what was answered since the last effect: as far as one can go back."""

    prompt: Prompt[Any]
    path: tuple[Answered, ...]
    count: int  # questions answered in all

    @property
    def form(self) -> Form[Any] | None:
        """The form that the question belongs to."""
        return self.prompt.form


@dataclass(frozen=True)
class Doing:
    """The flow waits for an effect."""

    do: Do[Any]


@dataclass(frozen=True)
class Finished:
    """The flow is over, and asks for this to be done."""

    command: Command | None


Place = Asking | Doing | Finished


def play(start: Start, state: State) -> Place:
    """Where the conversation is. Raises Stranded."""
    return _play(start, state, {})[0]


def _play(start: Start, state: State, guesses: dict[str, Stored]) -> tuple[Place, int]:
    """The place, and how many questions were passed on the way to it (guesses count too)."""
    path: list[Answered] = []
    seen: set[str] = set()
    count = 0
    try:
        flow = start()
        step = next(flow)
        while True:
            key = step.key if isinstance(step, Prompt) else DONE + step.key
            if key in seen:
                raise Stranded(f"the key {key} is used twice")
            seen.add(key)
            if isinstance(step, Do):
                if key not in state.answers:
                    return Doing(step), count
                path = []
                step = flow.send(state.answers[key])
                continue
            known = state.answers if key in state.answers else guesses
            if key not in known or not _fits(step, known[key]):
                return Asking(step, tuple(path), count), count
            path.append(Answered(step, known[key]))
            count += 0 if isinstance(step, Confirm) else 1
            step = flow.send(step.value(known[key]))
    except StopIteration as end:
        return Finished(end.value), count
    except Stranded:
        raise
    except Exception as error:
        raise Stranded(type(error).__name__) from error


def _fits(prompt: Prompt[Any], stored: Stored) -> bool:
    try:
        prompt.value(stored)
    except Rejected:
        return False
    return True


def advance(start: Start, state: State, perform: Callable[[Command], Any]) -> tuple[State, Asking | Finished]:
    """Perform the effects that the flow has come to, each once, until it asks or ends. Raises Stranded."""
    place = play(start, state)
    while isinstance(place, Doing):
        result = perform(place.do.command)
        state = replace(state, answers={**state.answers, DONE + place.do.key: result})
        place = play(start, state)
    return state, place


def asking(start: Start, state: State) -> Asking:
    """The question that waits for an answer. Raises Rejected when there is none."""
    place = play(start, state)
    if not isinstance(place, Asking):
        raise Rejected("engine.already")
    return place


def answer(start: Start, state: State, text: str, reading: Reading) -> State:
    """Record an answer to the question that waits. Raises Rejected, and then nothing has changed."""
    prompt = asking(start, state).prompt
    return _put(state, {prompt.key: _read(prompt, text, reading)})


def _read(prompt: Prompt[Any], text: str, reading: Reading) -> Stored:
    stored = prompt.read(text, reading)
    prompt.value(stored)
    return stored


def _put(state: State, answers: dict[str, Stored]) -> State:
    aside = {key: value for key, value in state.aside.items() if key not in answers}
    return State({**state.answers, **answers}, aside, state.revision + 1)


def skip(start: Start, state: State) -> State:
    """Leave the question that waits without an answer. Raises Rejected where one is needed."""
    prompt = asking(start, state).prompt
    if not prompt.optional:
        raise Rejected("engine.needed")
    return _put(state, {prompt.key: None})


def fill(start: Start, state: State, values: dict[str, str], reading: Reading) -> tuple[State, dict[str, Rejected]]:
    """Answer a whole form at once. With any answer rejected nothing is recorded, and each reason is given."""
    form = asking(start, state).form
    if form is None:
        raise Rejected("engine.already")
    answers: dict[str, Stored] = {}
    wrong: dict[str, Rejected] = {}
    for prompt in form.fields:
        text = values.get(prompt.key, "")
        try:
            answers[prompt.key] = None if not text.strip() and prompt.optional else _read(prompt, text, reading)
        except Rejected as rejected:
            wrong[prompt.key] = rejected
    return (state, wrong) if wrong else (_put(state, answers), {})


def back(start: Start, state: State) -> State:
    """Take the last answer back. Raises Rejected at the start and after an effect."""
    path = asking(start, state).path
    if not path:
        raise Rejected("engine.no_way_back")
    return edit(start, state, path[-1].prompt.key)


def edit(start: Start, state: State, key: str) -> State:
    """Ask one question of the path again; the answers after it stay as they are where they still fit."""
    if key not in {answered.prompt.key for answered in asking(start, state).path}:
        raise Rejected("engine.already")
    answers = {name: value for name, value in state.answers.items() if name != key}
    return State(answers, {**state.aside, key: state.answers[key]}, state.revision + 1)


def progress(start: Start, state: State) -> tuple[int, int]:
    """Which question of how many this is, if every coming question with options gets the first of them."""
    here = asking(start, state)
    guesses: dict[str, Stored] = {}
    answers = dict(state.answers)
    for _ in range(50):
        try:
            place, count = _play(start, replace(state, answers=answers), guesses)
        except Stranded:
            return here.count + 1, here.count + 1
        if isinstance(place, Finished):
            return here.count + 1, max(count, here.count + 1)
        if isinstance(place, Doing):
            answers[DONE + place.do.key] = 0
            continue
        answers.pop(place.prompt.key, None)
        guesses[place.prompt.key] = place.prompt.likely
    return here.count + 1, here.count + 1
