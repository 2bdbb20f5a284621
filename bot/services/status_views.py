"""What those who are at a meeting read when it starts, is disturbed, breaks off, is evacuated, goes on or ends."""

from __future__ import annotations

from bot.catalogue import Voice
from bot.commands import Level
from bot.messages import Button, Line, Paragraph, Part
from bot.services import alerts, occasions, people
from bot.services.work import Work
from bot.tokens import Act
from storage.tables import Alert, Meeting, Person, Receipt

DANGER = ("disturbed", "evacuated")  # 112 stands before all else
LEADS_TO = {"disturbed": ("now",), "evacuated": ()}  # what can be pressed beside the answer; else a word to the unit


def text_of(voice: Voice, alert: Alert) -> tuple[str, str]:
    """What to do now, and what comes next; in the reader's language."""
    return voice.word(f"day.do.{alert.change}"), voice.word(f"day.next.{alert.change}")


def marked(voice: Voice, alert: Alert, line: Line) -> Line:
    """With the word of its level, where it is more than information."""
    if alert.level == Level.INFORMATION:
        return line
    return (voice.word(f"alert.level.{alert.level}"), " · ", *line)


def notice(voice: Voice, alert: Alert) -> Line:
    """What may show on a locked screen."""
    return marked(voice, alert, voice.line("day.notice"))


def parts(work: Work, voice: Voice, alert: Alert) -> list[Part]:
    """What follows on the first line: 112 where there is danger, what comes next, which meeting, who says so, when."""
    meeting = work.session.get(Meeting, alert.meeting_id) if alert.meeting_id is not None else None
    lines = [voice.line("alert.danger")] if alert.change in DANGER else []
    lines.append(voice.line(f"day.next.{alert.change}"))
    lines += [occasions.line(voice, meeting)] if meeting is not None else []
    lines.append(_from(work, voice, alert))
    return [Paragraph(line) for line in lines]


def _from(work: Work, voice: Voice, alert: Alert) -> Line:
    author, at = work.session.get_one(Person, alert.author_id), alert.sent_at or work.now
    unit = any(role.kind in people.UNIT for role in people.roles_of(work.session, alert.author_id))
    return voice.line("day.from_unit" if unit else "day.from_chair", who=author.name, time=voice.when(at))


def buttons(voice: Voice, alert: Alert, receipt: Receipt | None) -> list[Button]:
    """What it leads to; and that one is not there, or is after all, where the alert asks nothing else."""
    found = []
    for name in LEADS_TO.get(alert.change, ("worried",)):
        subject = alert.meeting_id or 0 if name == "worried" else 0
        found.append(voice.button(f"button.{name}", str(Act(name, subject))))
    away = receipt is not None and receipt.answer == alerts.AWAY
    if not alerts.musters(alert) or (away and alert.ended_at is not None):
        name = "here" if away else "away"
        found.append(voice.button(f"button.{name}", str(Act(name, alerts.id_of(alert)))))
    return found
