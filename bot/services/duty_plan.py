"""Keeps the duty list whole: shifts made ahead, nobody on duty who is away or gone, and a bell at each change."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from sqlmodel import col, select

from bot import turns
from bot.moments import from_wall
from bot.services import duty
from bot.services.work import Work
from bot.turns import NOBODY, Turn
from storage import deadlines
from storage.tables import Deadline, Rota, Shift

AHEAD = timedelta(weeks=8)
TOP_UP, CHANGE, REMIND, OFFER, ASKED = "duty_top_up", "duty_change", "duty_remind", "duty_offer", "duty_over"
KINDS = (TOP_UP, CHANGE, REMIND, OFFER, ASKED)  # the deadlines of the duty list
AT_NIGHT, IN_THE_AFTERNOON = time(3, 30), time(15)


def make(work: Work, rota: Rota, until: datetime) -> None:
    """Make the shifts of a rota up to a time, on from the last that there is."""
    last = next(iter(reversed(_made(work, rota))), None)
    since = last.ends_at if last else max(rota.starts_at, work.now)
    coming = turns.reckoned(
        rota.people, rota.days, rota.starts_at, work.house.zone,
        since=since, before=last.person_id if last else None, here=duty.members(work),
    )  # fmt: skip
    for turn in coming:
        if turn.starts_at >= until:
            break
        add(work, turn.person, turn.starts_at, turn.ends_at, "rota")
    work.session.flush()


def add(work: Work, person: int, starts_at: datetime, ends_at: datetime, cause: str) -> Shift:
    """A shift, above all that cover the same time."""
    row = Shift(person_id=person, starts_at=starts_at, ends_at=ends_at, cause=cause, created_at=work.now)
    work.session.add(row)
    work.session.flush()
    return row


def _made(work: Work, rota: Rota) -> list[Shift]:
    """The shifts that came of this rota, in order; what an earlier one had was cut where this one began."""
    query = select(Shift).where(
        Shift.cause == "rota", Shift.starts_at >= rota.starts_at, Shift.created_at >= rota.created_at
    )
    return list(work.session.exec(query.order_by(col(Shift.starts_at))))


def skip_gone(work: Work, rota: Rota) -> None:
    """From the first coming turn of somebody who has left on, the turns go on without them."""
    here = duty.members(work)
    before, changed = None, False
    for row in _made(work, rota):
        changed = changed or (row.starts_at > work.now and row.person_id not in here)
        if changed:
            row.person_id = turns.follower(rota.people, before, here) or row.person_id
        before = row.person_id
    work.session.flush()


def forget_gone(work: Work, rota: Rota) -> None:
    """Who has left is listed no more, and does not come back by a new role alone."""
    here = duty.members(work)
    rota.people = [person for person in rota.people if person in here]


def end(work: Work, rota: Rota) -> None:
    """No duty list from now on."""
    rota.ended_at = work.now
    deadlines.call_off(work.session, rota.id or 0, TOP_UP)
    cut(work, work.now)


def cut(work: Work, at: datetime) -> None:
    """Nothing that was planned from this time on holds any more; what is under way then ends then."""
    for row in work.session.exec(select(Shift).where(Shift.ends_at > at)).all():
        if row.starts_at < at:
            row.ends_at = at
            continue
        deadlines.call_off(work.session, row.id or 0, OFFER, ASKED)
        work.session.delete(row)
    work.session.flush()


@dataclass(frozen=True)
class Mended:
    """What was done for whom: by person the new shifts of who covers, and the times for which there is nobody."""

    covers: list[tuple[int, Shift]]
    lacking: list[Turn]


def mend(work: Work) -> Mended:
    """Let nobody be on duty who is away, and no time of the list be nobody's: who is next in turn covers.

    Everybody may take the shift instead.
    """
    rota = duty.rota(work)
    made: list[tuple[int, Shift]] = []
    lacking: list[Turn] = []
    while rota is not None and (hole := _hole(work, rota, lacking)) is not None:
        asked = candidates(work, rota, hole.person)
        for part in turns.covered(hole.starts_at, hole.ends_at, asked, duty.absences(work)):
            if part.person == NOBODY:
                lacking.append(replace(part, person=hole.person))
            else:
                shift = add(work, part.person, part.starts_at, part.ends_at, "cover")
                offer(work, shift, NOBODY)
                made.append((hole.person, shift))
    return Mended(made, lacking)


def _hole(work: Work, rota: Rota, lacking: list[Turn]) -> Turn | None:
    """The first time that is nobody's, or of somebody who is away then, but for those where there is nobody else."""
    held, away = duty.held(work), duty.absences(work)
    mine = ((turn, gone) for turn in held for gone in away if gone.person == turn.person)
    found = [part for turn, gone in mine if (part := turn.within(gone.starts_at, gone.ends_at))]
    made = _made(work, rota)
    had = duty.held(work, also_gone=True)
    for gap in turns.gaps(held, max(work.now, rota.starts_at), made[-1].ends_at) if made else ():
        before = turns.at(had, gap.starts_at)
        found.append(replace(gap, person=before.person if before else NOBODY))
    known = [hole for hole in found if not any(hole == hole.within(t.starts_at, t.ends_at) for t in lacking)]
    return min(known, key=lambda hole: hole.starts_at, default=None)


def candidates(work: Work, rota: Rota, after: int) -> list[int]:
    """Who is asked to cover for somebody: next in turn, then the other officers, then the chiefs."""
    unit = duty.members(work)
    order = list(rota.people)
    at = order.index(after) + 1 if after in order else 0
    asked = dict.fromkeys((*order[at:], *order[:at], *unit))
    return [n for n in asked if n != after and n in unit and duty.reachable(work, unit[n])]


def ring(work: Work) -> None:
    """Set the bells: the next change of who is on duty, and the reminder the day before one.

    A bell that is no longer right is left: when it rings, what holds then is said, or nothing.
    """
    held = turns.by_person(duty.held(work))
    changes = sorted({at for turn in held for at in (turn.starts_at, turn.ends_at) if at > work.now})
    if changes:
        deadlines.promise(work.session, CHANGE, 0, changes[0].isoformat(), changes[0])
    coming = [turn.starts_at for turn in held if remind_at(work, turn.starts_at) > work.now]
    if coming:
        deadlines.promise(work.session, REMIND, 0, coming[0].isoformat(), remind_at(work, coming[0]))


def remind_at(work: Work, starts_at: datetime) -> datetime:
    """In the afternoon of the day before."""
    return from_wall(datetime.combine(_day(work, starts_at) - timedelta(days=1), IN_THE_AFTERNOON), work.house.zone)


def top_up_tomorrow(work: Work, rota: Rota) -> None:
    """Look after the list once a day."""
    day = _day(work, work.now) + timedelta(days=1)
    at = from_wall(datetime.combine(day, AT_NIGHT), work.house.zone)
    deadlines.promise(work.session, TOP_UP, rota.id or 0, day.isoformat(), at)


def _day(work: Work, at: datetime) -> date:
    return at.astimezone(work.house.zone).date()


def offer(work: Work, shift: Shift, to: int) -> None:
    """Whoever is asked may take what is left of the shift, until it is over or somebody has."""
    deadlines.promise(work.session, OFFER, shift.id or 0, str(to), shift.ends_at)
    work.session.flush()


def offers(work: Work, shift: int | None = None) -> list[Deadline]:
    """The offers that are open, of one shift or of all."""
    query = select(Deadline).where(Deadline.kind == OFFER, Deadline.state == "waiting")
    if shift is not None:
        query = query.where(Deadline.subject == shift)
    return list(work.session.exec(query.order_by(col(Deadline.due_at), col(Deadline.id))))
