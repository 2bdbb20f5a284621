"""How a checklist that is ticked off ends: signed for, finished, or dropped. Then nothing of it changes."""

from __future__ import annotations

from bot.commands import DropRun, SignRun
from bot.flows.checklist import Ending
from bot.messages import clip
from bot.services import runs, sweeps, talks
from bot.services.doing import Already, on_run, performs
from bot.services.people import Actor
from bot.services.rights import Right
from bot.services.work import Work
from storage.tables import Run

NAMED, AT_LENGTH = 20, 70  # steps that are named before a list is signed, and UTF-16 units of each


def left_of(work: Work, run: Run, language: str) -> list[tuple[int, str]]:
    """The steps that are not done: each with its number in the run, and its words behind where it stands."""
    done = runs.ticks(work, run)
    found = []
    step = 0
    for heading, steps in runs.words_of(run, language)["sections"]:
        for number, words in enumerate(steps, 1):
            step += 1
            if step not in done:
                found.append((step, f"{heading} {number}. {words}"))
    return found


@on_run("run_sign", Right.TAKES_PART)
def ask_sign(work: Work, actor: Actor, run: Run, _: str) -> None:
    """ "Signera": what is not done is shown first."""
    runs.still_open(run)
    left = left_of(work, run, actor.person.language)
    named = [clip(words, AT_LENGTH) for _, words in left[:NAMED]]
    if len(left) > NAMED:
        named.append(work.voice(actor.person).word("run.ended_more", count=len(left) - NAMED))
    steps = tuple(step for step, _ in left)
    inputs = Ending(runs.id_of(run), "\n".join(named), steps, not run.shared, work.terse(actor.account))
    talks.start(work, actor, "run_sign", inputs)


@performs(SignRun, Right.TAKES_PART)
def sign(work: Work, actor: Actor, command: SignRun) -> None:
    """It ends as it stands now: what was ticked meanwhile counts, what was taken back must be read first."""
    run = work.session.get_one(Run, command.run, with_for_update=True)
    runs.still_open(run)
    if {step for step, _ in left_of(work, run, "")} - set(command.left):
        raise Already("run.changed_since")
    _end(work, actor, run, "signed")
    sweeps.signed(work, actor, run)


@on_run("run_drop", Right.TAKES_PART)
def ask_drop(work: Work, actor: Actor, run: Run, _: str) -> None:
    """ "Avbryt listan": only whoever began it."""
    runs.still_open(run)
    if run.started_by != actor.id:
        raise Already("run.not_yours")
    talks.start(work, actor, "run_drop", Ending(runs.id_of(run)))


@performs(DropRun, Right.TAKES_PART)
def drop(work: Work, actor: Actor, command: DropRun) -> None:
    """It is over; what was ticked stays to be read."""
    run = work.session.get_one(Run, command.run, with_for_update=True)
    if run.started_by != actor.id:
        raise Already("run.not_yours")
    runs.still_open(run)
    _end(work, actor, run, "dropped")


def _end(work: Work, actor: Actor, run: Run, state: str) -> None:
    run.state, run.ended_by, run.ended_at = state, actor.id, work.now
    work.session.add(run)
    work.session.flush()
    runs.note(work, run, state, actor.person)
    runs.refresh(work, run)
    title = runs.words_of(run, actor.person.language)["title"]
    runs.told(work, actor, f"run.told_{runs.ending(run)}", title=title)
