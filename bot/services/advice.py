"""Advice for a person: which pieces they may read, which fit them now, and what fits their words."""

from __future__ import annotations

from datetime import timedelta

from sqlmodel import col, select

from bot.advice.piece import Advice
from bot.advice.search import LONGEST, folded
from bot.commands import RoleKind
from bot.services import people
from bot.services.people import Actor
from bot.services.rights import NotFound
from bot.services.work import Work
from storage.tables import AdviceMissed, AdviceOpened, Meeting

FEW, DANGERS = 5, 2  # pieces that are offered at a glance; of them for whoever is in danger now, whatever the moment
BESIDE = 2  # others that are offered below the one that fits best
AFTER_FLAG, LOOKED_AT = 2, 10
ELECTION_SOON, TERM_IS_NEW = timedelta(days=60), timedelta(days=120)  # before an election, and after one
TIMES = {"meeting", "election", "term"}  # what is for one of these is for no other time
READERS = {
    RoleKind.OFFICIAL: "official",
    RoleKind.CONTACT: "contact",
    RoleKind.DEPUTY: "contact",
    RoleKind.HELPER: "helper",
    RoleKind.OFFICER: "unit",
    RoleKind.CHIEF: "unit",
}


def reads(actor: Actor | None, advice: Advice) -> bool:
    """Whether the person may read it: nothing is secret but what is for the unit alone. None is a stranger."""
    return not advice.facts.closed or (actor is not None and actor.unit)


def piece(work: Work, actor: Actor | None, slug: str) -> Advice:
    """The piece of that name. Raises NotFound, also for one that is not for this person."""
    advice = work.house.library.get(slug)
    if advice is None or not reads(actor, advice):
        raise NotFound
    return advice


def find(work: Work, actor: Actor | None, words: str, most: int = 1 + BESIDE) -> list[Advice]:
    """What fits the words, best first."""
    return work.house.library.find(words, most, lambda advice: reads(actor, advice))


def of_kind(work: Work, actor: Actor | None, kind: str, language: str) -> list[Advice]:
    """All pieces of a kind, by title."""
    found = [one for one in work.house.library.every if one.facts.kind == kind and reads(actor, one)]
    return sorted(found, key=lambda one: one.in_(language).title.casefold())


def few(work: Work, actor: Actor | None) -> list[Advice]:
    """Those that fit the role and the moment."""
    mine = {READERS[RoleKind(role.kind)] for role in actor.roles} if actor is not None else set()
    now = _moments(work, actor)

    def rank(advice: Advice) -> tuple[int, int, str]:
        facts = advice.facts
        fits = 4 * bool(now.intersection(facts.moments)) + 2 * facts.danger + bool(mine.intersection(facts.audience))
        fits -= 3 * (bool(TIMES.intersection(facts.moments)) and not now.intersection(facts.moments))
        return -fits, -len(advice.words[0][1].synonyms), advice.slug  # what has many names is asked for often

    found = [one for one in work.house.library.every if one.facts.runs and _is_for(one, mine) and reads(actor, one)]
    ranked = sorted(found, key=rank)
    fit = ranked[: FEW - DANGERS]
    danger = [one for one in ranked if one.facts.danger and one not in fit]
    return [*fit, *danger[:DANGERS]]


def _is_for(advice: Advice, readers: set[str]) -> bool:
    return "all" in advice.facts.audience or bool(readers.intersection(advice.facts.audience))


def after_flag(work: Work, actor: Actor, category: str, words: str) -> list[Advice]:
    """Those for what was flagged, what its words are about first; where the kind is not known, for whatever it is."""
    wanted = category or "unknown"
    about = [one.slug for one in find(work, actor, words, LOOKED_AT)]
    found = [one for one in work.house.library.every if wanted in one.facts.categories and reads(actor, one)]

    def rank(one: Advice) -> tuple[int, bool, int]:
        place = about.index(one.slug) if one.slug in about else LOOKED_AT
        return place, not one.facts.danger, -len(one.words[0][1].synonyms)

    return sorted(found, key=rank)[:AFTER_FLAG]


def _moments(work: Work, actor: Actor | None) -> set[str]:
    """What is going on: a meeting today, an incident of the person's own, an election soon, a new term."""
    today = work.now.astimezone(work.house.zone).date()
    days = [(election.day - today, election.kind) for election in work.house.elections]
    found = {
        "meeting": _meets_today(work),
        "incident": actor is not None and bool(people.own_open(work.session, actor.id)),
        "election": any(timedelta() <= left <= ELECTION_SOON for left, _ in days),
        "term": any(-TERM_IS_NEW <= left < timedelta() and kind == "ordinary" for left, kind in days),
    }
    return {name for name, holds in found.items() if holds}


def _meets_today(work: Work) -> bool:
    local = work.now.astimezone(work.house.zone)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    today = (col(Meeting.starts_at) >= midnight, col(Meeting.starts_at) < midnight + timedelta(days=1))
    query = select(Meeting.id).where(col(Meeting.cancelled_at).is_(None), *today)
    return work.session.exec(query.limit(1)).first() is not None


def note_opened(work: Work, advice: Advice) -> None:
    """Count it: by month alone, and without who."""
    work.session.add(AdviceOpened(slug=advice.slug, month=month(work)))


def note_missed(work: Work, words: str) -> None:
    """Keep what nothing was found for. Figures are left out: a number may be somebody's own."""
    kept = " ".join(word for word in folded(words[:LONGEST]) if not any(letter.isdigit() for letter in word))
    if kept:
        work.session.add(AdviceMissed(words=kept[:60], month=month(work)))


def month(work: Work) -> str:
    """The month of now, as it is counted by: "2026-11"."""
    return work.now.astimezone(work.house.zone).strftime("%Y-%m")
