"""A checklist that is ticked off: with whom, what there is to say of a step, and the end of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from itertools import islice

from bot.commands import DropRun, NoteStep, SignRun, StartTogether, UntickStep
from bot.prompts import Choice, Confirm, Flow, Option, Pick, Text

OTHER, DONE, EVERYBODY, MOST = "other", "done", "all", 8
Named = tuple[tuple[int, str], ...]


class StepAct(StrEnum):
    """What can be done with a step that is done."""

    NOTE = "note"
    UNTICK = "untick"


@dataclass(frozen=True)
class Together:
    """Which list; the meetings it may be for, or the one it is for; and who of the unit can be asked.

    No words are taken where `terse`.
    """

    slug: str
    meetings: Named = ()
    people: Named = ()
    terse: bool = False
    meeting: int = 0


@dataclass(frozen=True)
class OneStep:
    """A step of a run, in its own words, and whether it can be taken back."""

    run: int
    step: int
    words: str = ""
    ticked: bool = False
    terse: bool = False


@dataclass(frozen=True)
class SomeStep:
    """The steps that a note may be for, each with its number in its section."""

    run: int
    steps: Named = ()


@dataclass(frozen=True)
class Ending:
    """A run, and the steps that are not done: in words, and by number. `alone` nobody else signs for it."""

    run: int
    left: str = ""
    steps: tuple[int, ...] = ()
    alone: bool = False
    terse: bool = False


def together(me: Together) -> Flow:
    """What it is for, then who does it too."""
    meeting, about = str(me.meeting or OTHER), ""
    if me.meetings and not me.meeting:
        known = tuple(Option(str(number), words) for number, words in me.meetings)
        meeting = yield from Pick("run_meeting", among=(*known, Option(OTHER)))
    if meeting == OTHER and not me.terse:
        about = yield from Text("run_about", longest=60, optional=True)
    people: list[int] = []
    left = dict(me.people)
    for number in islice(range(1, 100), MOST):
        if not left:
            break
        first = (Option(EVERYBODY),) if number == 1 else ()
        named = tuple(Option(str(person), name) for person, name in left.items())
        chosen = yield from Pick(f"run_who__{number}", among=(*first, *named, Option(DONE)), like="run_who")
        if chosen == EVERYBODY:
            people = list(left)
        if chosen in (EVERYBODY, DONE):
            break
        people.append(int(chosen))
        del left[int(chosen)]
    return StartTogether(me.slug, about, 0 if meeting == OTHER else int(meeting), tuple(people))


def one_step(me: OneStep) -> Flow:
    """A note, or take the tick back."""
    leaving_out = () if me.ticked else (StepAct.UNTICK,)
    leaving_out = (*leaving_out, StepAct.NOTE) if me.terse else leaving_out
    act = yield from Choice("step_act", StepAct, leaving_out, quote=me.words)
    if act is StepAct.UNTICK:
        return UntickStep(me.run, me.step)
    text = yield from Text("step_note", longest=1000, optional=True, quote=me.words)
    return NoteStep(me.run, me.step, text)


def some_step(me: SomeStep) -> Flow:
    """Which step, then the note."""
    step = yield from Pick("which_step", among=tuple(Option(str(step), words) for step, words in me.steps))
    text = yield from Text("step_note", longest=1000, optional=True)
    return NoteStep(me.run, int(step), text)


def sign(me: Ending) -> Flow:
    """What is not done is read once more before it is signed."""
    key = "run_end" if me.alone else "run_sign"
    if me.left and me.terse:  # the steps stand in the list itself
        yield from Confirm(f"{key}_bare")
    else:
        yield from Confirm(f"{key}_part" if me.left else key, quote=me.left)
    return SignRun(me.run, me.steps)


def drop(me: Ending) -> Flow:
    """Once more, for it cannot be undone."""
    yield from Confirm("run_drop")
    return DropRun(me.run)
