"""What is coming, as people call it: its name, when and where; whom it concerns; and the days of the data file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta

from sqlmodel import col, select

from bot.catalogue import Voice
from bot.commands import Audience, RoleKind, Task
from bot.messages import Line, Words
from bot.moments import from_wall
from bot.plans.plan import DATA, EVENTS, MEETINGS
from bot.services import audience, people
from bot.services.doing import Already
from bot.services.people import Actor
from bot.services.work import Work
from storage.tables import AgendaItem, Alert, Meeting, Receipt

OPENS = time(8)  # of a day that the data file knows: polling stations open at eight
LABEL = 20  # characters of a title on a button
EVERYBODY = tuple(RoleKind)
HORIZON = timedelta(days=400)  # how far ahead the data file's days come into the calendar; the longest plan has 180
CORRECTED = timedelta(days=180)  # a day of the same kind so near is the same one, corrected
UNDER_WAY = timedelta(hours=12)  # what has begun is still shown for so long


def title(voice: Voice, meeting: Meeting) -> str:
    """What it is called: the words of whoever wrote it down, or the catalogue's for what needs none."""
    if meeting.kind in EVENTS or (meeting.uid or "").startswith("data:"):
        return voice.word(f"occasion.{meeting.kind}")
    return Words(meeting.title) if meeting.title else voice.word(f"occasion.{meeting.kind}")


def when(voice: Voice, meeting: Meeting) -> str:
    """ "i morgon kl. 18.00"; of a whole day its date alone."""
    return voice.day(meeting.starts_at) if meeting.whole_day else voice.time(meeting.starts_at)


def line(voice: Voice, meeting: Meeting) -> Line:
    """Name, time and place in one line."""
    place = (", ", Words(meeting.place)) if meeting.place else ()
    return (title(voice, meeting), ", ", when(voice, meeting), *place)


def short(voice: Voice, meeting: Meeting) -> Line:
    """Name and day: "Fullmäktige 7 december"."""
    return (title(voice, meeting), " ", voice.day(meeting.starts_at))


def label(voice: Voice, meeting: Meeting) -> str:
    """ "Fullmäktige 30/11" for a button: the day tells those of the same name apart."""
    day = meeting.starts_at.astimezone(voice.zone)
    name = title(voice, meeting)
    end = f" {day.day}/{day.month}"
    whole = f"{name if len(name) + len(end) <= LABEL else name[: LABEL - 1 - len(end)].rstrip() + '…'}{end}"
    return Words(whole) if isinstance(name, Words) else whole


def sees(actor: Actor, meeting: Meeting) -> bool:
    """The unit sees all; a party's event its own people; an election everybody; a meeting those whom it is for.

    Whoever chairs sees the municipality's meetings.
    """
    if actor.unit or (of_municipality(meeting) and is_chair(actor)):
        return True
    if meeting.party_id is not None:
        return any(role.party_id == meeting.party_id for role in actor.roles)
    if meeting.kind in DATA:
        return bool(actor.roles)
    asked = audience.from_json({"meeting": 0, **meeting.audience})
    return any(
        role.kind in asked.roles and (not asked.parties or role.party_id in asked.parties) for role in actor.roles
    )


def of_municipality(meeting: Meeting) -> bool:
    """Whether people sit in a room together for it, and it is no party's own."""
    return meeting.party_id is None and meeting.kind in MEETINGS


def is_chair(actor: Actor) -> bool:
    """Whether the person helps by chairing."""
    return any(role.kind == RoleKind.HELPER and role.task == Task.CHAIR for role in actor.roles)


def leads(actor: Actor, meeting: Meeting) -> bool:
    """Whether the person leads it on its day: the unit, and whoever chairs. Never a party's event, nor a whole day."""
    return of_municipality(meeting) and not meeting.whole_day and (actor.unit or is_chair(actor))


def led(work: Work, actor: Actor, number: int, *, to_change: bool = False) -> Meeting:
    """A meeting that the person leads. Raises Already, with the same words for what is not there."""
    meeting = work.session.get(Meeting, number, with_for_update=to_change)
    if meeting is None or not leads(actor, meeting):
        raise Already("calendar.not_found")
    return meeting


def runs(actor: Actor, meeting: Meeting) -> bool:
    """Whether the person may change it: the unit, and of a party's event the party's contacts. Never an election."""
    if meeting.kind in DATA and (meeting.uid or "").startswith("data:"):
        return False
    return actor.unit or (meeting.party_id is not None and meeting.party_id in actor.contact_of)


def find(work: Work, actor: Actor, number: int, *, to_run: bool = False) -> Meeting:
    """The meeting, for who may see it, or change it. Raises Already, with the same words for what is not there."""
    meeting = work.session.get(Meeting, number, with_for_update=to_run)
    if meeting is None or not (runs(actor, meeting) if to_run else sees(actor, meeting) or told(work, actor, meeting)):
        raise Already("calendar.not_found")
    return meeting


def told(work: Work, actor: Actor, meeting: Meeting) -> bool:
    """Whether something about it went to the person, who has a role still."""
    mine = select(Receipt.id).join(Alert).where(Alert.meeting_id == meeting.id, Receipt.person_id == actor.id)
    return bool(actor.roles) and work.session.exec(mine.limit(1)).first() is not None


def coming(work: Work, since: datetime | None = None, until: datetime | None = None) -> list[Meeting]:
    """What takes place from then (else now) on, the next one first."""
    query = select(Meeting).where(col(Meeting.cancelled_at).is_(None), col(Meeting.starts_at) >= (since or work.now))
    if until is not None:
        query = query.where(col(Meeting.starts_at) < until)
    return list(work.session.exec(query.order_by(col(Meeting.starts_at), col(Meeting.id))))


def agenda(work: Work, meeting: Meeting) -> list[str]:
    """Its cases, in their order."""
    query = select(AgendaItem).where(AgendaItem.meeting_id == meeting.id).order_by(col(AgendaItem.place))
    return [item.title for item in work.session.exec(query)]


def set_agenda(work: Work, meeting: Meeting, titles: Sequence[str]) -> None:
    """These cases and no others."""
    known = list(
        work.session.exec(select(AgendaItem).where(AgendaItem.meeting_id == meeting.id).order_by(col(AgendaItem.place)))
    )
    for place, words in enumerate(titles, 1):
        row = known[place - 1] if place <= len(known) else AgendaItem(meeting_id=id_of(meeting), place=place)
        if row.title != words:
            row.title = words
            work.session.add(row)
    for row in known[len(titles) :]:
        work.session.delete(row)
    work.session.flush()


@dataclass
class Changed:
    """What the data file says otherwise than the calendar does."""

    gone: list[Meeting] = field(default_factory=list)
    moved: list[tuple[Meeting, datetime]] = field(default_factory=list)


def sync(work: Work) -> Changed:
    """Let the calendar have the days of the data file that are not over. Returns those that are gone or moved."""
    today = work.now.astimezone(work.house.zone).date()
    known = {row.uid: row for row in work.session.exec(select(Meeting).where(col(Meeting.uid).startswith("data:")))}
    wanted = {f"data:{day.kind}:{day.day}": day for day in work.house.days}
    coming_up = {uid: day for uid, day in wanted.items() if today <= day.day <= today + HORIZON}
    changed = Changed()
    left = [row for uid, row in known.items() if uid not in wanted and row.starts_at > work.now]
    for uid, day in coming_up.items():
        at, row = from_wall(datetime.combine(day.day, OPENS), work.house.zone), known.get(uid)
        near = (other for other in left if other.kind == day.kind and abs(other.starts_at - at) < CORRECTED)
        earlier = next(near, None)
        if row is None and earlier is not None:
            left.remove(earlier)
            earlier.uid = uid
            work.session.add(earlier)
            changed.moved.append((earlier, at))
        elif row is None:
            work.session.add(_of_day(work, uid, day.kind, at))
        elif row.cancelled_at is not None:
            row.cancelled_at = None
            work.session.add(row)
    work.session.flush()
    changed.gone = [row for row in left if row.cancelled_at is None]
    return changed


def _of_day(work: Work, uid: str, kind: str, at: datetime) -> Meeting:
    everybody = audience.to_json(Audience(EVERYBODY))
    voice = work.house.voice("", work.now)
    return Meeting(
        title=voice.word(f"occasion.{kind}"), kind=kind, starts_at=at, whole_day=True, audience=everybody, uid=uid,
        created_at=work.now,
    )  # fmt: skip


def named_party(work: Work, meeting: Meeting) -> str:
    """Whose event it is; nothing for a meeting."""
    return people.party_name(work.session, meeting.party_id)


def id_of(meeting: Meeting) -> int:
    """Its number."""
    assert meeting.id is not None
    return meeting.id
