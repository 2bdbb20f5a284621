"""Nobody waits in silence: what happens when nobody takes an incident, or a promise is not kept.

A chain is frozen on the incident when it starts. Only a press stops it, never "delivered".
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from sqlalchemy import func
from sqlmodel import col, select

from bot.services import chains, notices, people, timeline, turns
from bot.services.after import due
from bot.services.notices import Reason
from bot.services.steps import Step
from bot.services.work import Work
from storage import deadlines
from storage.tables import Held, Incident, Outbox, Person, Post

CHAIN = "chain"
PROMISES = ("ask_promise", "promise_soon", "promise_broken")
Untaken = Literal["untaken", "untaken_next", "untaken_some", "untaken_unit", "untaken_chief", "unreached"]


def start(work: Work, incident: Incident, imminence: str) -> None:
    """Begin the chain of this imminence, from now."""
    steps = work.house.plan.chains[imminence].steps
    incident.chain = list(chains.start(work, CHAIN, _id(incident), steps, work.now))
    work.session.add(incident)


def told_at(incident: Incident) -> datetime:
    """When the reporter hears that nobody has taken an incident whose chain has just begun."""
    step = next(step for step in incident.chain if step["tell_reporter"])
    return datetime.fromisoformat(step["due"])


def stop(work: Work, incident: Incident) -> None:
    """Somebody has it."""
    chains.stop(work, CHAIN, _id(incident))


def waits(incident: Incident) -> bool:
    """Whether somebody has to take it."""
    return incident.taken_by is None and incident.status != "closed"


def _frozen(work: Work, number: int) -> chains.Frozen:
    return list(work.session.get_one(Incident, number).chain)


def _waits(work: Work, number: int) -> bool:
    incident = work.session.get(Incident, number)
    return incident is not None and waits(incident)


def _untaken(work: Work) -> list[int]:
    query = select(Incident.id).where(col(Incident.taken_by).is_(None), Incident.status != "closed")
    return [number for number in work.session.exec(query.order_by(col(Incident.id))) if number is not None]


def _run(work: Work, number: int, place: int, data: dict[str, Any]) -> None:
    """A step: those whose turn it is are asked, and the reporter hears what is true now."""
    incident, step = work.session.get_one(Incident, number), Step.from_json(data)
    group = turns.whom(work, incident, step)
    names = ", ".join(person.name for person in group)
    timeline.add(work, incident, "asked", step=place, people=[person.id for person in group], names=names)
    reached = notices.to_people(work, incident, group, _reason(step, group), step.accounts)
    if step.who in ("unit", "officers") and step.accounts == "all":
        reached += notices.to_places(work, incident, "again")
    if step.tell_reporter:
        tell_reporter(work, incident, _truth(work, group) if reached else "unreached")


def _reason(step: Step, group: list[Person]) -> Reason:
    if step.do == "phone_list":
        return "call_round"
    return "turn" if step.who in ("duty", "next") and len(group) == 1 else "again"


def _truth(work: Work, group: list[Person]) -> Untaken:
    """Who is asked now, as the reporter is told it."""
    asked = {person.id for person in group}
    if asked >= {person.id for person in people.unit_people(work.session)}:
        return "untaken_unit"
    if asked <= {person.id for person in people.chiefs(work.session)}:
        return "untaken_chief"
    return "untaken_next" if len(asked) == 1 else "untaken_some"


chains.register(chains.Sort(CHAIN, _frozen, _waits, _run, _untaken))


def tell_reporter(work: Work, incident: Incident, why: Untaken) -> None:
    """The truth, and a number to call."""
    if not people.is_reporter(incident, incident.reporter_id):
        return  # the officer who wrote down the call is reminded with the rest of the unit
    timeline.add(work, incident, "told_untaken")
    notices.to_reporter(work, incident, why)


def promise(work: Work, incident: Incident, choice: int) -> datetime:
    """Somebody said when they will be back; both the reminder and the breach are set. Returns the time."""
    kept = work.house.plan.promises[choice]
    at = due(kept.due, work.now, work.house.hours, work.house.zone)
    end_promises(work, incident)
    deadlines.promise(work.session, "promise_soon", _id(incident), "", at - kept.remind_before)
    deadlines.promise(work.session, "promise_broken", _id(incident), "", at)
    return at


def ask_promise(work: Work, incident: Incident) -> None:
    """Taken without a time: ask again soon, and then let it count as a broken promise."""
    end_promises(work, incident)
    wait = work.house.plan.ask_again_after
    deadlines.promise(work.session, "ask_promise", _id(incident), "", work.now + wait)
    deadlines.promise(work.session, "promise_broken", _id(incident), "", work.now + 2 * wait)


def end_promises(work: Work, incident: Incident) -> None:
    """The promise was kept, or there is a new one."""
    deadlines.call_off(work.session, _id(incident), *PROMISES)


def promise_due(work: Work, incident: Incident, kind: str) -> None:
    """Remind the officer before a promise is broken; say so to everybody when it is."""
    if incident.status == "closed" or incident.taken_by is None:
        return
    if kind != "promise_broken":
        notices.to_person(work, incident, incident.taken_by, "ask_promise" if kind == "ask_promise" else "promise_soon")
        return
    timeline.add(work, incident, "promise_broken")
    notices.to_unit(work, incident, "promise_broken", "all")
    notices.to_reporter(work, incident, "promise_broken")


def notice_failed(work: Work, row: Outbox) -> None:
    """A notice will arrive on none of the person's accounts: with nobody reached, tell the reporter at once."""
    post = work.session.get(Post, row.post_id) if row.post_id else None
    incident = work.session.get(Incident, row.incident_id) if row.incident_id else None
    if post is None or incident is None or post.ref is not None:
        return
    if post.person_id == incident.reporter_id:
        return  # there is nobody left to tell
    told = timeline.of(work, incident, "told_untaken")
    if incident.taken_by is None and incident.status == "open" and not told and not _on_its_way(work, incident):
        tell_reporter(work, incident, "unreached")  # the chain goes on, for an officer may be back in reach


def _on_its_way(work: Work, incident: Incident) -> bool:
    """Whether any notice to the unit has arrived or still may."""
    hopeful = (
        select(func.count())
        .select_from(Outbox)
        .join(Post, col(Post.id) == col(Outbox.post_id))
        .where(
            Post.incident_id == incident.id,
            (col(Post.person_id) != incident.reporter_id) | col(Post.person_id).is_(None),
            col(Outbox.state).in_(("waiting", "claimed", "delivered")),
        )
    )
    waits = select(Held.id).join(Post).where(Post.incident_id == incident.id, col(Held.settled_at).is_(None))
    return work.session.exec(hopeful).one() > 0 or work.session.exec(waits).first() is not None


def _id(incident: Incident) -> int:
    assert incident.id is not None
    return incident.id
