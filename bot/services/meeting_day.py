"""The day of a meeting in one message: how it stands, what can come next, and what else there is to do."""

from __future__ import annotations

from collections.abc import Iterator

from bot.catalogue import Voice
from bot.messages import Button, Fields, Line, Message, Paragraph, Part, Title
from bot.services import (
    alerts,
    look_back,
    meeting_entries,
    meeting_status,
    occasions,
    order_book,
    order_views,
    security_check,
    sending,
    support_orders,
    sweeps,
)
from bot.services.doing import Already, on_number
from bot.services.meeting_entries import DECISION, STATUS
from bot.services.people import Actor
from bot.services.rights import Right
from bot.services.work import Work
from bot.tokens import Act
from storage.tables import Meeting, MeetingEntry

LOG = 8  # of what happened, the newest
_ = support_orders  # its actions are registered by being imported


@on_number("day", Right.LINKED)
def show(work: Work, actor: Actor, number: int, where: str) -> None:
    """ "Mötesdagen"; in place of the message that was pressed where it says so."""
    message = card(work, actor, occasions.led(work, actor, number))
    if where == "here":
        sending.replace_pressed(work, actor.account, message)
    else:
        sending.to_account(work, actor.account, message, "answer")


def card(work: Work, actor: Actor, meeting: Meeting, told: str = "") -> Message:
    """How it stands first; then what came of the press, where there was one."""
    voice, now = work.voice(actor.person), meeting_status.present(work, meeting)
    parts: list[Part] = [Title(_now(work, voice, meeting, now)), Paragraph(occasions.line(voice, meeting))]
    parts[1:1] = [Paragraph((told,))] if told else []
    parts += [Paragraph(line) for line in _lines(work, actor, meeting, now)]
    rows = tuple(_logged(work, voice, row) for row in meeting_entries.of(work, meeting, STATUS, DECISION)[-LOG:])
    parts += [Fields(rows)] if rows else []
    return Message(tuple(parts), tuple(_buttons(work, actor, meeting, now)))


def _now(work: Work, voice: Voice, meeting: Meeting, now: MeetingEntry | None) -> Line:
    if meeting.cancelled_at is not None:
        return voice.line("day.cancelled", time=voice.when(meeting.cancelled_at))
    if now is None:
        return voice.line("day.not_begun")
    return _said(work, voice, now)


def _said(work: Work, voice: Voice, row: MeetingEntry) -> Line:
    """ "Mötet störs. Siv Almgren, kl. 18.42." """
    status = voice.word(f"day.is.{meeting_status.name(row)}")
    return voice.line("day.said", status=status, who=meeting_entries.who(work, row), time=voice.when(row.at))


def _lines(work: Work, actor: Actor, meeting: Meeting, now: MeetingEntry | None) -> Iterator[Line]:
    """What has to be waited for, how the lists stand, what was ordered, what the chair decided."""
    voice = work.voice(actor.person)
    if meeting_status.name(now) == alerts.MUSTER:
        clear = meeting_status.is_clear(work, now)
        yield voice.line("day.clear" if clear else "day.wait_unit" if actor.unit else "day.wait")
    if meeting_status.name(now) in meeting_status.LEVELS:
        return  # what is to be done now, and nothing else
    if actor.unit:
        yield from sweeps.lines(work, voice, meeting)
    yield from order_views.lines(work, actor, meeting)
    yield from security_check.lines(work, voice, meeting)


def _logged(work: Work, voice: Voice, row: MeetingEntry) -> tuple[str, Line]:
    decided = security_check.in_short(voice, row) if row.kind == DECISION else ""
    what = decided or voice.word(f"day.is.{meeting_status.name(row) or 'moved'}")
    who = meeting_entries.who(work, row)
    return voice.clock(row.at), (what, *((f", {who}",) if who else ()))


def _buttons(work: Work, actor: Actor, meeting: Meeting, now: MeetingEntry | None) -> Iterator[tuple[Button, ...]]:
    """What is said of it each in a row of its own, for they are pressed in haste; the rest in pairs."""
    voice, number = work.voice(actor.person), occasions.id_of(meeting)
    for way in meeting_status.possible(work, actor, meeting):
        yield (voice.button(f"button.status_{way}", _to_status(meeting, now, way)),)
    asked = meeting_status.muster(work, now)
    if asked is not None and asked.ended_at is None and actor.unit:
        yield (voice.button("button.follow.allclear", str(Act("follow", asked.id or 0, "allclear"))),)
    if asked is not None and asked.ended_at is None:
        yield (voice.button("button.day_again", str(Act("day", number, "here"))),)
    rest = list(_rest(work, actor, meeting))
    yield from (tuple(rest[n : n + 2]) for n in range(0, len(rest), 2))


def _to_status(meeting: Meeting, now: MeetingEntry | None, way: str, sure: str = "") -> str:
    seen = meeting_entries.id_of(now) if now is not None else 0
    return str(Act("day_status", occasions.id_of(meeting), f"{way}-{seen}" + sure))


def _rest(work: Work, actor: Actor, meeting: Meeting) -> Iterator[Button]:
    voice, number = work.voice(actor.person), occasions.id_of(meeting)
    open_ = meeting.cancelled_at is None and not order_book.is_over(work, meeting)
    yield from order_views.buttons(work, actor, meeting)
    if actor.unit and open_:
        yield from sweeps.buttons(work, voice, meeting)
    if open_:
        yield voice.button("button.check", str(Act("check", number)))
    if actor.unit and meeting.cancelled_at is None and look_back.is_time(work, meeting):
        yield voice.button("button.look_back", str(Act("look_back", number)))
    if actor.unit:
        yield from look_back.reading(work, voice, meeting)


@on_number("day_status", Right.LINKED)
def press(work: Work, actor: Actor, number: int, said: str) -> None:
    """ "Mötet störs" and the like: once, whoever else presses it too; an evacuation asks once more."""
    meeting = occasions.led(work, actor, number, to_change=True)
    status, _, drawn = said.partition("-")
    seen, _, sure = drawn.partition("-")
    now = meeting_status.present(work, meeting)
    _refuse(work, actor, meeting, now, status)
    if _changed_since(work, meeting, status, int(seen) if seen.isdecimal() else 0, now):
        _redraw(work, actor, meeting, work.voice(actor.person).word("day.changed"))
    elif status == alerts.MUSTER and not sure:
        sending.replace_pressed(work, actor.account, _ask(work, actor, meeting, now))
    else:
        reached = meeting_status.say(work, actor, meeting, status)
        key = "day.told" if reached else "day.told_nobody"
        _redraw(work, actor, meeting, work.voice(actor.person).word(key, count=reached))


def _redraw(work: Work, actor: Actor, meeting: Meeting, told: str) -> None:
    work.toast = told
    sending.replace_pressed(work, actor.account, card(work, actor, meeting, told))


def _refuse(work: Work, actor: Actor, meeting: Meeting, now: MeetingEntry | None, status: str) -> None:
    """Raises Already, with who said what and when."""
    voice, present = work.voice(actor.person), meeting_status.name(now)
    if meeting.cancelled_at is not None:
        raise Already("day.cancelled", time=voice.when(meeting.cancelled_at))
    again = status in meeting_status.ways(work, meeting)
    if now is not None and present in (status, "ended") and not again:
        words = voice.word(f"day.is.{present}")
        raise Already("day.said", status=words, who=meeting_entries.who(work, now), time=voice.when(now.at))
    if not meeting_status.is_on(work, meeting):
        raise Already("day.other_day", at=occasions.when(voice, meeting))
    if present == alerts.MUSTER and not meeting_status.is_clear(work, now):
        raise Already("day.wait_unit" if actor.unit else "day.wait")
    if present == alerts.MUSTER and status == "resumed" and not actor.unit:
        raise Already("day.unit_resumes")


def _changed_since(work: Work, meeting: Meeting, status: str, seen: int, now: MeetingEntry | None) -> bool:
    """Whether the button was drawn when it stood otherwise. To leave the room is not held up by what comes between."""
    if status not in meeting_status.ways(work, meeting):
        return True
    if status == alerts.MUSTER:
        rows = meeting_entries.statuses(work, meeting)
        return any(meeting_status.name(row) == status and meeting_entries.id_of(row) > seen for row in rows)
    return seen != (meeting_entries.id_of(now) if now is not None else 0)


def _ask(work: Work, actor: Actor, meeting: Meeting, now: MeetingEntry | None) -> Message:
    """How many it reaches."""
    voice = work.voice(actor.person)
    found = meeting_status.readers(work, actor, meeting, alerts.MUSTER)
    count = sum(reader.account is not None for reader in found)
    label = voice.word("day.evacuate_one" if count == 1 else "day.evacuate_yes", count=count)
    yes = Button(label, _to_status(meeting, now, alerts.MUSTER, "-yes"), danger=True)
    no = voice.button("button.day_back", str(Act("day", occasions.id_of(meeting), "here")))
    return voice.say("day.evacuate_sure", yes, no)
