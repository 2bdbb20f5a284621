"""Each quarter the parties' contacts get the whole municipality's figures, de-identified; `/lage` shows them again.

A quarter is reckoned once, when it is over, and kept as it is shown: what changes in its incidents later shows nowhere.
"""

from __future__ import annotations

from datetime import date, datetime, time

from sqlmodel import col, select

from bot.moments import from_wall
from bot.services import attention, figures, people, picturing, quarter_views, quarters, rounds, sending, standing
from bot.services.hours import is_working_day
from bot.services.people import Actor
from bot.services.quarters import Quarter, Shown
from bot.services.work import Work
from storage import deadlines
from storage.tables import Account, Municipality, Person, QuarterFigures

ROUND = "quarter_round"
AT = time(8, 30)


def keep(work: Work) -> None:
    """Let the next quarter's morning wait."""
    standing.keep(work, ROUND, _slots(work))


def round_due(work: Work, step: str) -> None:
    """Send it. One whose morning the bot missed comes on the next working day."""
    zone = work.house.zone
    if not rounds.in_time(zone, work.now, date.fromisoformat(step)):
        standing.follow(work, ROUND, rounds.slots(zone, work.now, AT, is_working_day))
        return
    quarter = last(work)
    if quarter is not None and not of(work, quarter).empty:
        for person, account in _readers(work):
            _send(work, person, account, quarter)
    standing.follow(work, ROUND, _slots(work))


def _slots(work: Work) -> standing.Slots:
    return rounds.slots(work.house.zone, work.now, AT, rounds.opens_quarter)


def last(work: Work) -> Quarter | None:
    """The newest quarter that is over; None when the bot has not been here for the end of one."""
    quarter = Quarter.of(work.now.astimezone(work.house.zone).date()).before
    begun = work.session.exec(select(Municipality.created_at).order_by(col(Municipality.id))).first()
    return quarter if begun is not None and begun < _begins(work, quarter.next) else None


def _begins(work: Work, quarter: Quarter) -> datetime:
    return from_wall(datetime.combine(quarter.first, time()), work.house.zone)


def of(work: Work, quarter: Quarter) -> Shown:
    """What is shown of it: as it was kept, or reckoned now and kept."""
    known = work.session.exec(select(QuarterFigures).where(QuarterFigures.quarter == str(quarter))).first()
    if known is not None:
        return Shown.from_json(known.figures)
    found = figures.flagged(work, [_begins(work, quarter), _begins(work, quarter.next)])
    counts = {kind: sum(parts) for kind, parts in found.counts.items()}
    answered = {"taken": found.taken, "minutes": found.minutes, "reported": found.reported_any}
    shown = quarters.shown(counts, work.house.catalogue.categories, **answered)  # type: ignore[arg-type]
    work.session.add(QuarterFigures(quarter=str(quarter), figures=shown.to_json(), made_at=work.now))
    work.session.flush()
    return shown


def _readers(work: Work) -> list[tuple[Person, Account]]:
    """The contacts and deputies who can get one more message this month; the unit has the whole picture."""
    unit = {person.id for person in people.unit_people(work.session)}
    contacts = [p for p in people.people_with(work.session, people.PARTY_CONTACTS) if p.id not in unit]
    spare = attention.spare(work, [person.id for person in contacts if person.id is not None])
    accounts = [(p, people.accounts_of(work.session, p)) for p in contacts if spare.get(p.id or 0, 0) > 0]
    return [(person, found[0]) for person, found in accounts if found]


def _send(work: Work, person: Person, account: Account, quarter: Quarter) -> None:
    since = _begins(work, quarter.next)
    if not deadlines.note(work.session, rounds.QUARTER_SENT, account.person_id, str(quarter), since, work.now):
        return  # it came with another role
    shown, voice = of(work, quarter), work.voice(person)
    said, chart = quarter_views.message(voice, quarter, shown), quarter_views.chart(voice, quarter, shown)
    picturing.send(work, account, said, chart, "info")


def show(work: Work, actor: Actor) -> None:
    """ "/lage" for a contact: the last one, or when the first one comes."""
    voice, quarter = work.voice(actor.person), last(work)
    if quarter is None:
        first = rounds.first_working(Quarter.of(work.now.astimezone(work.house.zone).date()).next.first)
        (at,) = figures.borders(work, [first])
        sending.to_account(work, actor.account, voice.say("quarter.not_yet", day=voice.day(at)), "answer")
        return
    shown = of(work, quarter)
    said = quarter_views.message(voice, quarter, shown)
    if shown.empty:
        sending.to_account(work, actor.account, said, "answer")
    else:
        picturing.send(work, actor.account, said, quarter_views.chart(voice, quarter, shown), "answer")
