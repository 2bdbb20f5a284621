"""The municipality's own content in a terminal: is it right, and what does it answer?"""

from __future__ import annotations

from pathlib import Path

import typer

from bot.admin.terminal import fail, say, show_json, voice
from bot.advice.library import Library
from bot.advice.piece import Advice
from bot.advice.reading import BadAdvice
from bot.messages import part_text
from bot.plans.plans import Plans
from bot.risk.shelf import Guides
from bot.services import advice_views, elections, escalation_plan

FOUND = 3  # pieces that are named; the bot shows as many


def run_check(folder: Path | None, *, as_json: bool) -> None:
    """Say of each file that cannot be used where and why. Exits 1 when there is one."""
    if folder is not None and not folder.is_dir():
        fail("cli.content_folder", folder=folder)
    library = Library(folder)
    plans = Plans(folder)
    problems = [*_plan(folder), *_elections(folder), *library.problems, *plans.problems, *_unknown(plans, library)]
    problems += Guides(folder).problems
    if as_json:
        show_json([{"file": bad.file, "line": bad.line, "reason": bad.reason} for bad in problems])
    elif problems:
        for bad in problems:
            typer.echo(str(bad))
    else:
        say("cli.content_good", count=len(list(library.every)), plans=len(list(plans.every)))
    raise typer.Exit(1 if problems else 0)


def _plan(folder: Path | None) -> list[BadAdvice]:
    try:
        escalation_plan.load_for(folder, ("sms", "voice"))  # which gateways there are is the doctor's to say
    except escalation_plan.BadPlan as bad:
        return [BadAdvice(escalation_plan.FILE, 1, str(bad).removeprefix(f"{escalation_plan.FILE}: "))]
    return []


def _elections(folder: Path | None) -> list[BadAdvice]:
    try:
        elections.days(elections.for_folder(folder))
    except ValueError as bad:
        return [BadAdvice(elections.FILE, 1, str(bad).removeprefix(f"{elections.FILE}: "))]
    return []


def _unknown(plans: Plans, library: Library) -> list[BadAdvice]:
    """Steps that name a checklist which is not there: they would go out without one."""
    named = ((plan, step) for plan in plans.every for step in plan.steps if step.checklist)
    return [
        BadAdvice(f"plans/{plan.name}.toml", 1, f"{step.key}: there is no checklist {step.checklist}")
        for plan, step in named
        if library.get(step.checklist) is None
    ]


def run_checklist(folder: Path | None, words: str, *, as_json: bool) -> None:
    """Find as the bot does for somebody who is not of the unit, and print the best."""
    spoken = voice()
    found = Library(folder).find(words, FOUND, lambda one: not one.facts.closed)
    if as_json:
        show_json([{"slug": one.slug, "title": one.in_(spoken.language).title} for one in found])
        return
    if not found:
        say("cli.checklist_none")
        return
    for part in advice_views.whole(spoken, found[0]).parts:
        typer.echo(part_text(part))
    _others(found[1:], spoken.language)


def _others(found: list[Advice], language: str) -> None:
    if found:
        say("cli.checklist_others", titles=", ".join(one.in_(language).title for one in found))
