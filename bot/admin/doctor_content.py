"""Looks at the files that a municipality puts in place of the shipped ones."""

from __future__ import annotations

from collections.abc import Iterator

from bot import platforms
from bot.admin.findings import Finding, fault, ok
from bot.advice.library import Library
from bot.plans.plans import Plans
from bot.risk.shelf import Guides
from bot.services import elections, escalation_plan
from config.settings import Settings


def look(chosen: Settings) -> Iterator[Finding]:
    """The plan for when nobody answers: with one that cannot be used the bot does not start. And advice: it does."""
    try:
        escalation_plan.load_for(chosen.content_dir, platforms.gateways(chosen))
    except escalation_plan.BadPlan as problem:
        yield fault("cli.doctor_plan_bad", "content", problem=problem)
        return
    own = chosen.content_dir is not None and (chosen.content_dir / escalation_plan.FILE).exists()
    yield ok("cli.doctor_plan_own" if own else "cli.doctor_plan", "content")
    library = Library(chosen.content_dir)
    try:
        elections.days(elections.for_folder(chosen.content_dir))
    except ValueError as problem:
        yield fault("cli.doctor_plan_bad", "content", problem=problem)
    for bad in (*library.problems, *Plans(chosen.content_dir).problems, *Guides(chosen.content_dir).problems):
        yield fault("cli.doctor_advice_bad", "content", problem=bad)
    if not library.problems:
        yield ok("cli.doctor_advice", "content", count=len(list(library.every)))
