"""What is done with checklists that are ticked off, and with support."""

from __future__ import annotations

from dataclasses import dataclass

from bot.prompts import Command


@dataclass(frozen=True)
class StartTogether(Command):
    """Begin a checklist that several tick off, for a meeting or for what `about` says. `people` are asked to join."""

    slug: str
    about: str
    meeting: int
    people: tuple[int, ...]


@dataclass(frozen=True)
class NoteStep(Command):
    """A note on a step of a run, and what was attached with it."""

    run: int
    step: int
    text: str


@dataclass(frozen=True)
class UntickStep(Command):
    """A step was not done after all."""

    run: int
    step: int


@dataclass(frozen=True)
class SignRun(Command):
    """Whoever signs says that it was done as it stands; then nothing of it changes. `left` was read as not done."""

    run: int
    left: tuple[int, ...] = ()


@dataclass(frozen=True)
class DropRun(Command):
    """It is not done to its end, and what was ticked counts for nothing."""

    run: int


@dataclass(frozen=True)
class CallSupport(Command):
    """Ask for support of a kind, in words that whoever is called reads."""

    kind: str
    why: str
    slug: str
    about: int  # the incident that it belongs to, 0 for none
    phone: str = ""


@dataclass(frozen=True)
class AddSupporter(Command):
    """Let a person be called when support of this kind is asked for."""

    kind: str
    person: int


@dataclass(frozen=True)
class RemoveSupporter(Command):
    """Let a person no longer be called for this."""

    supporter: int


@dataclass(frozen=True)
class PutFirst(Command):
    """Let a person be called first for this."""

    supporter: int


@dataclass(frozen=True)
class OpenAdvice(Command):
    """Show a piece of advice, and say why this one: `why` names the text."""

    slug: str
    why: str
