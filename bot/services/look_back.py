"""The look back after a meeting: what went well, what went less well, what is to change. The unit's own."""

from __future__ import annotations

from datetime import timedelta

from bot.catalogue import Voice
from bot.commands import LookBack
from bot.flows.meeting_day import LookingBack
from bot.messages import Button, Message, Paragraph, Part, Words
from bot.plans.plan import Step
from bot.services import meeting_entries, meeting_status, occasions, outgoing, planner, sending, talks
from bot.services.doing import Already, on_number, performs
from bot.services.meeting_entries import LOOK_BACK
from bot.services.people import Actor
from bot.services.rights import Right
from bot.services.work import Work
from bot.tokens import Act
from storage.tables import Meeting

AFTER = timedelta(hours=2)  # from its start, where nobody has said that it is over
QUESTIONS = ("well", "badly", "change")


def is_time(work: Work, meeting: Meeting) -> bool:
    """Whether there is something to look back on."""
    over = meeting_status.name(meeting_status.present(work, meeting)) == "ended"
    return occasions.of_municipality(meeting) and (over or meeting.starts_at + AFTER <= work.now)


@on_number("look_back", Right.UNIT)
def begin(work: Work, actor: Actor, number: int, _: str) -> None:
    """ "Se tillbaka"."""
    _over(work, actor, number)
    talks.start(work, actor, "look_back", LookingBack(number))


def _over(work: Work, actor: Actor, number: int) -> Meeting:
    meeting = occasions.find(work, actor, number)
    if not is_time(work, meeting):
        raise Already("back.early")
    return meeting


@performs(LookBack, Right.UNIT)
def keep(work: Work, actor: Actor, command: LookBack) -> None:
    """Beside what was written before; the plan's step is done."""
    meeting = _over(work, actor, command.meeting)
    said = {name: getattr(command, name).strip() for name in QUESTIONS}
    if not any(said.values()):
        raise Already("back.empty")
    meeting_entries.add(work, meeting, LOOK_BACK, actor.id, **said)
    for row in planner.of(work, meeting):
        step = planner.step_of(work, row)
        if step is not None and step.ask == "done" and _is_this(step) and row.state in ("planned", "open"):
            outgoing.finish(work, actor, row)
    voice = work.voice(actor.person)
    buttons = (_measure(voice, command.meeting), *reading(work, voice, meeting))
    kept = voice.say("back.kept", *buttons, meeting=occasions.short(voice, meeting))
    sending.to_account(work, actor.account, kept, "answer")


def _is_this(step: Step) -> bool:
    return LOOK_BACK in (step.key, step.opens)


def _measure(voice: Voice, meeting: int) -> Button:
    return voice.button("button.measure_new", str(Act("measure_new", meeting, "meeting")))


def reading(work: Work, voice: Voice, meeting: Meeting) -> list[Button]:
    """ "Läs genomgången", where there is one."""
    if not meeting_entries.of(work, meeting, LOOK_BACK):
        return []
    return [voice.button("button.look_read", str(Act("look_read", occasions.id_of(meeting))))]


@on_number("look_read", Right.UNIT)
def read(work: Work, actor: Actor, number: int, _: str) -> None:
    """All that was written of the meeting, each with who and when."""
    meeting, voice = occasions.find(work, actor, number), work.voice(actor.person)
    rows = meeting_entries.of(work, meeting, LOOK_BACK)
    if not rows:
        raise Already("back.nothing")
    parts: list[Part] = [voice.title("back.title", meeting=occasions.short(voice, meeting))]
    for row in rows:
        parts.append(voice.paragraph("back.by", who=meeting_entries.who(work, row), time=voice.when(row.at)))
        parts += [
            Paragraph(voice.line(f"back.{name}", words=(Words(" ".join(row.body[name].split())),)))
            for name in QUESTIONS
            if row.body[name]
        ]
    message = Message(tuple(parts), ((_measure(voice, number),),))
    sending.to_account(work, actor.account, message, "answer")
