"""How a meeting stands while people are at it: what can come next, and who hears of it at once."""

from __future__ import annotations

from datetime import timedelta

from sqlmodel import col, select

from bot.commands import Ask, Audience, Level, RoleKind, Task
from bot.messages import Message, Paragraph, Title
from bot.services import alerts, audience, chair_steps, duty, meeting_entries, occasions, people, sending
from bot.services.audience import Reader
from bot.services.doing import Already, NotFound
from bot.services.people import Actor
from bot.services.rights import receipt_of
from bot.services.work import Work
from bot.tokens import Act
from storage.tables import Alert, Meeting, MeetingEntry, Receipt

UNDER_WAY = ("disturbed", "adjourned", "evacuated", "ended")
NEXT: dict[str, tuple[str, ...]] = {
    "": ("started",),
    "started": UNDER_WAY,
    "resumed": UNDER_WAY,
    "disturbed": ("resumed", "adjourned", "evacuated", "ended"),
    "adjourned": ("resumed", "evacuated", "ended"),
    "evacuated": ("resumed", "ended", "evacuated"),  # once the danger is over; it may come back
    "ended": ("resumed", "evacuated"),  # for a while: somebody pressed wrong, or people are on their way out
}
LEVELS = {"disturbed": Level.WARNING, "adjourned": Level.WARNING, "evacuated": Level.EMERGENCY}
LINGER = timedelta(hours=2)  # how long after it ended people may be there
GATHER = timedelta(hours=1)  # how long before it begins people may be in the room, and have to leave it
FORGOTTEN = timedelta(days=2)  # after its start nobody is at it any more, whatever was last said of it
TOLD = ("disturbed", "adjourned", "resumed", "ended")  # what the unit hears of; a muster has its board
OUT_WITHIN = 5  # minutes until somebody who has not answered is looked for


def present(work: Work, meeting: Meeting) -> MeetingEntry | None:
    """How it stands now; None before it has begun."""
    rows = meeting_entries.statuses(work, meeting)
    return rows[-1] if rows else None


def name(row: MeetingEntry | None) -> str:
    """The status in a word; "" before it has begun."""
    return str(row.body["status"]) if row is not None else ""


def is_on(work: Work, meeting: Meeting) -> bool:
    """Whether it is the meeting's day: today, or it has begun lately, or is not over yet."""
    if meeting.whole_day or not occasions.of_municipality(meeting):
        return False
    day, today = (at.astimezone(work.house.zone).date() for at in (meeting.starts_at, work.now))
    since = work.now - meeting.starts_at
    begun = timedelta() <= since < occasions.UNDER_WAY
    return day == today or begun or (since < FORGOTTEN and name(present(work, meeting)) not in ("", "ended"))


def ways(work: Work, meeting: Meeting) -> tuple[str, ...]:
    """What can be said of it next. People have to leave a room also before the meeting begins."""
    now = present(work, meeting)
    if name(now) == alerts.MUSTER and not is_clear(work, now):
        return ()
    if now is not None and name(now) == "ended" and work.now - now.at > LINGER:
        return ()
    gathered = now is None and work.now >= meeting.starts_at - GATHER
    return (*NEXT[name(now)], *((alerts.MUSTER,) if gathered else ()))


def possible(work: Work, actor: Actor, meeting: Meeting) -> tuple[str, ...]:
    """What this person can say of it next: that it goes on after an evacuation is the unit's to say."""
    if meeting.cancelled_at is not None or not is_on(work, meeting):
        return ()
    units = name(present(work, meeting)) == alerts.MUSTER and not actor.unit
    return tuple(way for way in ways(work, meeting) if not (units and way == "resumed"))


def muster(work: Work, row: MeetingEntry | None) -> Alert | None:
    """The broadcast that asks who is out, where that is how it stands."""
    if row is None or name(row) != alerts.MUSTER:
        return None
    return work.session.get(Alert, row.body["alert"])


def is_clear(work: Work, row: MeetingEntry | None) -> bool:
    """Whether the unit has said that the danger is over; where nobody could be asked, there is nothing to wait for."""
    asked = muster(work, row)
    return asked is None or asked.ended_at is not None


def readers(work: Work, actor: Actor, meeting: Meeting, status: str = "") -> list[Reader]:
    """Whom the meeting is for, who chairs it and who guards it; neither who is not there, nor who says so now.

    An evacuation is for all of them: who says so may be in the room too, and who was not there may have come since.
    """
    meant = audience.readers(work, Audience((), (), occasions.id_of(meeting)))
    helping = audience.readers(work, Audience((RoleKind.HELPER,), tasks=(Task.CHAIR, Task.GUARD)))
    found = {reader.person: reader for reader in (*helping, *meant)}
    gone = set() if status == alerts.MUSTER else away(work, meeting) | {actor.id}
    return [found[person] for person in sorted(found.keys() - gone)]


def away(work: Work, meeting: Meeting) -> set[int]:
    """Who has answered that they are not there."""
    query = select(Receipt.person_id).where(col(Receipt.alert_id).in_(_sent(work, meeting)))
    return set(work.session.exec(query.where(Receipt.answer == alerts.AWAY)))


def _sent(work: Work, meeting: Meeting) -> list[int]:
    rows = meeting_entries.statuses(work, meeting)
    return [row.body["alert"] for row in rows if row.body["alert"]]


def comes_back(work: Work, actor: Actor, alert: Alert) -> Alert | None:
    """Somebody is there after all. Returns the newest broadcast where it went out meanwhile. Raises Already."""
    meeting = work.session.get(Meeting, alert.meeting_id) if alert.meeting_id is not None else None
    if meeting is None:
        raise NotFound
    sent = [one for number in _sent(work, meeting) if (one := work.session.get(Alert, number)) is not None]
    over = [one for one in sent if not alerts.musters(one) or one.ended_at is not None]
    mine = [(one, receipt_of(work.session, one.id, actor.id)) for one in over]
    left = [(one, receipt) for one, receipt in mine if receipt is not None and receipt.answer == alerts.AWAY]
    if not left:
        raise Already("engine.already")
    for one, receipt in left:
        alerts.take_back(work, one, receipt)
    missed = sent and receipt_of(work.session, sent[-1].id, actor.id) is None
    return sent[-1] if missed else None


def say(work: Work, actor: Actor, meeting: Meeting, status: str) -> int:
    """It stands like this from now on, and everybody who is there hears so. Returns how many."""
    found, gone = readers(work, actor, meeting, status), away(work, meeting)
    reached = sum(reader.account is not None for reader in found)
    musters = status == alerts.MUSTER and bool(found)  # who cannot be reached has to be looked for
    alert = _broadcast(work, actor, meeting, status) if reached or musters else None
    if alert is not None:
        alerts.send(work, alert, found)
        for person in sorted(gone & {reader.person for reader in found}):
            alerts.answer(work, alert, person, alerts.AWAY)  # as they said before, until they say otherwise
    number = alerts.id_of(alert) if alert is not None else 0
    meeting_entries.add(work, meeting, meeting_entries.STATUS, actor.id, status=status, alert=number)
    if status == "disturbed":
        chair_steps.send(work, away(work, meeting))
    if status in TOLD or alert is None:
        _tell_unit(work, actor, meeting, status)
    return reached


def _tell_unit(work: Work, actor: Actor, meeting: Meeting, status: str) -> None:
    """Whoever is on duty and the chiefs know at once, and come with one press to where it is led."""
    on_duty = duty.on_duty(work)
    found = [*([on_duty] if on_duty is not None else []), *people.chiefs(work.session)]
    for person in {one.id: one for one in found if one.id != actor.id}.values():
        voice = work.voice(person)
        said = voice.line("day.said", status=voice.word(f"day.is.{status}"), who=actor.person.name,
                          time=voice.when(work.now))  # fmt: skip
        button = voice.button("button.day", str(Act("day", occasions.id_of(meeting))))
        parts = (Title(said), Paragraph(occasions.line(voice, meeting)))
        for account in people.accounts_of(work.session, person)[:1]:
            sending.at_once(work, account, Message(parts, ((button,),), notice=voice.line("day.notice")), "notice")


def _broadcast(work: Work, actor: Actor, meeting: Meeting, status: str) -> Alert:
    voice = work.house.voice("", work.now)
    whom = audience.to_json(Audience((), (), occasions.id_of(meeting)))
    asks = status == alerts.MUSTER
    row = Alert(
        level=LEVELS.get(status, Level.INFORMATION), headline=voice.word(f"day.do.{status}"),
        text=voice.word(f"day.next.{status}"), audience=whom, ask=Ask.SAFE if asks else Ask.NOTHING,
        minutes=OUT_WITHIN if asks else 0, meeting_id=meeting.id, change=status, author_id=actor.id,
        created_at=work.now,
    )  # fmt: skip
    work.session.add(row)
    work.session.flush()
    return row


def moved(work: Work, meeting: Meeting, day_before: object) -> None:
    """On another day it begins anew: what was said of the first one holds no more, nor who was not there."""
    day = meeting.starts_at.astimezone(work.house.zone).date()
    now = present(work, meeting)
    if name(now) == alerts.MUSTER and not is_clear(work, now):
        return  # people stand outside: that comes first
    if day != day_before and now is not None:
        meeting_entries.add(work, meeting, meeting_entries.STATUS, None, status="", alert=0)
