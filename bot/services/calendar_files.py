"""A calendar file that the unit sends in the chat, or that the administrator reads in: shown first, then put in.

What an imported meeting is known by is the calendar's own uid: the same file again changes what has changed, and
doubles nothing.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from sqlmodel import col, select

from bot import ical
from bot.commands import Audience, RoleKind
from bot.events import Attached, Medium
from bot.ical import BadCalendar, Calendar, Found
from bot.messages import Button, Fields, Line, Message, Part, Words
from bot.services import audience, briefings, evidence, meetings, occasions, people, planner, sending
from bot.services.doing import Already, on_number
from bot.services.evidence import Home
from bot.services.people import Actor
from bot.services.rights import NotFound, Right
from bot.services.work import Work
from bot.tokens import Act
from storage import deadlines
from storage import evidence as stored
from storage.tables import Account, Conversation, Evidence, Meeting

DEADLINE, FLOW = "calendar_file", "calendar"
IN_CHAT = 500_000  # bytes: a press must not wait for an archive; `tryggvag calendar import` reads ten times as much
NAMED = 6  # meetings named before they are put in
KINDS = (  # by which words in its title a meeting of a file is known; a new title may be another kind
    ("council", re.compile(r"fullmäktige|\bcouncil\b", re.I)),
    ("committee", re.compile(r"nämnd|styrelse|utskott|beredning|committee|\bboard\b", re.I)),
    ("dialogue", re.compile(r"dialog|samråd|consultation", re.I)),
)
OFFICIALS = Audience((RoleKind.CONTACT, RoleKind.DEPUTY, RoleKind.OFFICIAL))


@dataclass
class Change:
    """What a file would do to the calendar."""

    new: list[Found] = field(default_factory=list)
    changed: list[tuple[Meeting, Found]] = field(default_factory=list)
    cancelled: list[Meeting] = field(default_factory=list)
    sources: dict[str | None, str] = field(default_factory=dict)  # what the file says of each, by its uid
    same: int = 0
    past: int = 0

    @property
    def nothing(self) -> bool:
        """Whether the calendar says the same already."""
        return not (self.new or self.changed or self.cancelled)


def kind_of(title: str) -> str:
    """What kind of meeting a title speaks of."""
    return next((kind for kind, words in KINDS if words.search(title)), "other")


def compare(work: Work, calendar: Calendar) -> Change:
    """The file beside the calendar. What it says as it did the last time stays as it was changed by hand since.

    An occurrence that its series no longer has is cancelled, where the file has the series itself and not only a change
    of it. Raises BadCalendar where nothing in the file is still to come, and nothing of it is in the calendar.
    """
    change = Change(past=calendar.past, sources={found.uid: source_of(found) for found in calendar.found})
    uids = [found.uid for found in calendar.found]
    which = col(Meeting.uid).in_(uids) | (col(Meeting.series).in_(calendar.whole) & (col(Meeting.starts_at) > work.now))
    known = {row.uid: row for row in work.session.exec(select(Meeting).where(which).order_by(col(Meeting.id)))}
    for found in calendar.found:
        row = known.pop(found.uid, None)
        if row is None and not found.cancelled:
            change.new.append(found)
        elif row is None or row.source == change.sources[found.uid]:
            change.same += 1
        elif found.cancelled:
            change.cancelled += [row] if row.cancelled_at is None else []
        else:
            change.changed.append((row, found))
    change.cancelled += [row for row in known.values() if row.cancelled_at is None]
    if not calendar.found and change.nothing:
        raise BadCalendar("all_past")
    return change


def source_of(found: Found) -> str:
    """A digest of what a file says of a meeting."""
    return hashlib.sha256(repr(found).encode()).hexdigest()[:16]


def apply(work: Work, change: Change, by: int | None) -> int:
    """Put it in: new ones with what prepares for them, changed and cancelled ones with who was briefed told.

    Returns how many people were told. New meetings are for the contacts and elected officials of every party.
    """
    told = 0
    rows = [_new(work, found, by) for found in change.new]
    work.session.add_all(rows)
    work.session.flush()
    for row, found in zip(rows, change.new, strict=True):
        if found.agenda:
            occasions.set_agenda(work, row, found.agenda)
    planner.of_meetings(work, rows)
    for row, found in change.changed:
        told += _changed(work, row, found)
    for row in change.cancelled:
        row.source = change.sources.get(row.uid, "")
        meetings.cancel(work, row)
    return told


def _new(work: Work, found: Found, by: int | None) -> Meeting:
    return Meeting(
        title=found.title, kind=kind_of(found.title), starts_at=found.starts_at, ends_at=found.ends_at,
        whole_day=found.whole_day, place=found.place or None, audience=audience.to_json(OFFICIALS), uid=found.uid,
        series=found.series, source=source_of(found), created_by=by, created_at=work.now,
    )  # fmt: skip


def _changed(work: Work, row: Meeting, found: Found) -> int:
    """As the file has it now. Returns how many were told of another time or place, or that it takes place after all."""
    if row.title != found.title:
        row.kind = kind_of(found.title)
    off, elsewhere = row.cancelled_at is not None, (row.place or "") != found.place
    row.title, row.place, row.whole_day = found.title, found.place or None, found.whole_day
    row.source, row.starts_at = source_of(found), found.starts_at if off else row.starts_at
    work.session.add(row)
    if found.agenda:
        occasions.set_agenda(work, row, found.agenda)
    told = meetings.again(work, row) if off else meetings.change(work, row, found.starts_at)
    if elsewhere and not told:
        told = briefings.tell(work, row, "moved")
    row.ends_at = found.ends_at
    planner.of_meeting(work, row)
    return told


# In the chat


def is_calendar(attached: Iterable[Attached]) -> bool:
    """Whether what came is calendar files and nothing else."""
    some = list(attached)
    return bool(some) and all(one.medium not in (Medium.MESSAGE, Medium.PLACE) and _named(one) for one in some)


def _named(one: Attached) -> bool:
    return one.name.casefold().endswith(".ics") or one.media.split(";")[0].strip() == "text/calendar"


def take(work: Work, actor: Actor, attached: tuple[Attached, ...]) -> None:
    """Keep each file until it has been read; nothing is in the calendar before somebody has said yes."""
    for one in attached:
        talk = Conversation(person_id=actor.id, flow=FLOW, inputs={}, answers={}, aside={}, state="done",
                            updated_at=work.now)  # fmt: skip
        work.session.add(talk)
        work.session.flush()
        evidence.arrive(work, actor, Home(talk=talk), (one,))


def kept(work: Work, row: Evidence) -> None:
    """The file is here: it is read in a transaction of its own."""
    talk = work.session.get(Conversation, row.conversation_id) if row.conversation_id is not None else None
    if talk is not None and talk.flow == FLOW and row.id is not None:
        deadlines.promise(work.session, DEADLINE, row.id, "", work.now)


def read_due(work: Work, number: int) -> None:
    """Say what would change, or why the file cannot be used."""
    row = work.session.get(Evidence, number)
    account = work.session.get(Account, row.account_id) if row is not None else None
    if row is None or account is None or account.state != "active":
        return
    actor = people.actor(work.session, account)
    message = _refused_or_shown(work, actor, row)
    sending.to_account(work, account, message, "answer")


def _refused_or_shown(work: Work, actor: Actor, row: Evidence) -> Message:
    voice = work.voice(actor.person)
    try:
        change = compare(work, _read(work, row))
    except BadCalendar as bad:
        _forget(work, actor, row)
        return voice.say(f"ical.{bad.reason}", **bad.values)
    if change.nothing:
        _forget(work, actor, row)
        return voice.say("ical.nothing", count=change.same)
    return _shown(work, actor, row, change)


def _read(work: Work, row: Evidence) -> Calendar:
    """Raises BadCalendar."""
    if row.size > IN_CHAT:
        raise BadCalendar("too_big")
    content = b"".join(stored.read(work.session, row))
    return ical.read(content, zone=work.house.zone, now=work.now, most_bytes=IN_CHAT)


def _shown(work: Work, actor: Actor, row: Evidence, change: Change) -> Message:
    voice = work.voice(actor.person)
    counts = {"new": len(change.new), "changed": len(change.changed), "cancelled": len(change.cancelled)}
    parts: list[Part] = [voice.title("ical.found", **counts)]
    rows = [(voice.time(found.starts_at), _line(found.title, found.place)) for found in change.new[:NAMED]]
    rows += [(voice.time(found.starts_at), _line(found.title, found.place)) for _, found in change.changed[:NAMED]]
    parts += [Fields(tuple((at[0].upper() + at[1:], line) for at, line in rows))] if rows else []
    shown = len(rows)
    if len(change.new) + len(change.changed) > shown:
        parts.append(voice.paragraph("ical.more", count=len(change.new) + len(change.changed) - shown))
    parts += [voice.paragraph("ical.off", what=occasions.line(voice, gone)) for gone in change.cancelled[:NAMED]]
    parts += [voice.paragraph("ical.past", count=change.past)] if change.past else []
    names = (("calendar_take", "ical_yes"), ("calendar_leave", "ical_no"))
    buttons = tuple((voice.button(f"button.{words}", str(Act(action, row.id or 0))),) for action, words in names)
    return Message(tuple(parts), buttons)


def _line(title: str, place: str) -> Line:
    return (Words(title), *((", ", Words(place)) if place else ()))


@on_number("calendar_take", Right.UNIT)
def put_in(work: Work, actor: Actor, number: int, _: str) -> None:
    """ "Lägg in": compared anew, for the calendar may be another since."""
    row = _mine(work, actor, number)
    try:
        change = compare(work, _read(work, row))
    except BadCalendar as bad:
        raise Already(f"ical.{bad.reason}", **bad.values) from bad
    told = apply(work, change, actor.id)
    _forget(work, actor, row)
    voice = work.voice(actor.person)
    counts = {"new": len(change.new), "changed": len(change.changed), "cancelled": len(change.cancelled)}
    show: list[Button] = [voice.button("button.calendar", str(Act("calendar", 0)))]
    sending.replace_pressed(work, actor.account, voice.say("ical.put_in", *show, told=told, **counts))


@on_number("calendar_leave", Right.UNIT)
def leave(work: Work, actor: Actor, number: int, _: str) -> None:
    """ "Kasta filen"."""
    _forget(work, actor, _mine(work, actor, number))
    sending.replace_pressed(work, actor.account, work.voice(actor.person).say("ical.left"))


def _mine(work: Work, actor: Actor, number: int) -> Evidence:
    row = work.session.get(Evidence, number)
    talk = work.session.get(Conversation, row.conversation_id) if row is not None and row.conversation_id else None
    if talk is None or talk.flow != FLOW or talk.person_id != actor.id:
        raise NotFound
    if row is None or row.state != "kept":
        raise Already("engine.already")
    return row


def _forget(work: Work, actor: Actor, row: Evidence) -> None:
    """The file has done its work."""
    talk = work.session.get(Conversation, row.conversation_id)
    if talk is not None:
        evidence.drop(work, actor, talk, "ical.forgotten")
