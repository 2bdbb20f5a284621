"""How much may come that nobody asked for: an official one message a month, a contact two (docs/decisions/0025).

What the unit and helpers get is their work and is not counted. A month is the calendar's, in the municipality's zone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from datetime import datetime, time, timedelta

from sqlalchemy import func
from sqlmodel import col, select

from bot.commands import RoleKind
from bot.moments import from_wall
from bot.services import people, risk_levels, rounds
from bot.services.work import Work
from storage.tables import Alert, Briefing, Deadline, Receipt, Role

CONTACT, OFFICIAL, UNCOUNTED = 2, 1, 1_000_000  # messages a month
ADDRESSED = {  # which roles a step goes to
    "contacts": people.PARTY_CONTACTS,
    "officials": (*people.PARTY_CONTACTS, RoleKind.OFFICIAL),
    "election": (RoleKind.HELPER,),
    "chair": (RoleKind.HELPER,),
}


def spare(work: Work, persons: Collection[int]) -> dict[int, int]:
    """How many messages more each may get this month, when what must come yet has been set aside."""
    kinds = _kinds(work, persons)
    used, ahead = _used(work), _must_come(work)
    found: dict[int, int] = {}
    for person in persons:
        mine = kinds.get(person, set())
        if mine & set(people.UNIT) or not mine & set(ADDRESSED["officials"]):
            found[person] = UNCOUNTED
            continue
        most = CONTACT if mine & set(people.PARTY_CONTACTS) else OFFICIAL
        found[person] = most - used[person] - sum(bool(mine & set(to)) for to in ahead)
    return found


def _kinds(work: Work, persons: Collection[int]) -> dict[int, set[str]]:
    found: dict[int, set[str]] = {}
    for role in work.session.exec(select(Role).where(col(Role.ended_at).is_(None))):
        if role.person_id in persons:
            found.setdefault(role.person_id, set()).add(role.kind)
    return found


def _used(work: Work) -> Counter[int]:
    """How many each has got this month: briefings, the question whether all is calm, a quarter's figures."""
    since, until = _month(work)
    query = (
        select(Receipt.person_id, func.count())
        .join(Alert, col(Alert.id) == col(Receipt.alert_id))
        .join(Briefing, col(Briefing.id) == col(Alert.briefing_id))
        .where(col(Briefing.counts).is_(True), col(Alert.sent_at) >= since)
        .group_by(col(Receipt.person_id))
    )
    asked = (Deadline.kind == rounds.CALM_ASKED, col(Deadline.due_at) >= since + rounds.ANSWER_WITHIN)
    calm = select(Deadline.subject).where(*asked, col(Deadline.due_at) < until + rounds.ANSWER_WITHIN)
    figures = select(Deadline.subject).where(Deadline.kind == rounds.QUARTER_SENT, col(Deadline.done_at) >= since)
    briefed = Counter(dict(work.session.exec(query).all()))
    return briefed + Counter(work.session.exec(calm).all()) + Counter(work.session.exec(figures).all())


def _must_come(work: Work) -> list[Iterable[str]]:
    """Whom each of this month's steps is for that must come and has not come yet."""
    _, until = _month(work)
    query = select(Briefing).where(col(Briefing.state).in_(("planned", "held")), col(Briefing.due_at) < until)
    found: list[Iterable[str]] = []
    for row in work.session.exec(query.where(col(Briefing.due_at) > work.now)):
        plan = work.house.plans.get(row.plan)
        step = plan.step(row.step) if plan is not None else None
        if step is None or step.budget != "must" or step.to not in ADDRESSED:
            continue
        if risk_levels.may_come(work, step, row):
            found.append(ADDRESSED[step.to])
    return found


def _month(work: Work) -> tuple[datetime, datetime]:
    first = work.now.astimezone(work.house.zone).date().replace(day=1)
    following = (first + timedelta(days=32)).replace(day=1)
    since, until = (from_wall(datetime.combine(day, time()), work.house.zone) for day in (first, following))
    return since, until
