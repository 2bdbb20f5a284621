"""The lists of a meeting's day, the room and its guards: by whom and when each is signed for, never how it was done."""

from __future__ import annotations

from collections.abc import Iterator

from bot.catalogue import Voice
from bot.messages import Button, Line
from bot.services import briefing_views, occasions, outgoing, planner, runs
from bot.services.people import Actor
from bot.services.work import Work
from bot.tokens import Act
from storage.tables import Briefing, Meeting, Person, Run

LISTS = {"lokalgenomgang": "sweep", "bevakning": "guard"}  # the pieces of advice, and what their texts are called
SIGNED = "signed"  # why a step of a plan is done


def lines(work: Work, voice: Voice, meeting: Meeting) -> Iterator[Line]:
    """How each stands: who and when."""
    for slug, name in _there(work):
        run = runs.for_meeting(work, occasions.id_of(meeting), slug, "open", "signed")
        if run is not None and runs.is_stale(work, run):
            run = None
        if run is None:
            yield voice.line(f"day.{name}.none")
        elif run.state == "open":
            total = sum(map(len, runs.steps_of(run, "")))
            yield voice.line(f"day.{name}.open", done=len(runs.ticks(work, run)), total=total)
        else:
            who = work.session.get_one(Person, run.ended_by).name
            yield voice.line(f"day.{name}.signed", who=who, time=voice.when(run.ended_at or work.now))


def buttons(work: Work, voice: Voice, meeting: Meeting) -> Iterator[Button]:
    """Begin each, go on with it, or read it."""
    for slug, name in _there(work):
        yield voice.button(f"button.{name}", str(Act("run_together", occasions.id_of(meeting), slug)))


def _there(work: Work) -> list[tuple[str, str]]:
    """Those that the municipality has."""
    return [(slug, name) for slug, name in LISTS.items() if work.house.library.get(slug) is not None]


def signed(work: Work, actor: Actor, run: Run) -> None:
    """Somebody has signed: what the plan says of the same is done too."""
    meeting = work.session.get(Meeting, run.meeting_id) if run.meeting_id is not None else None
    for row in planner.of(work, meeting) if meeting is not None else ():
        step = planner.step_of(work, row)
        mine = step is not None and (step.checklist, step.ask) == (run.slug, "done")
        if step is not None and mine and (row.state == "open" or (row.state == "planned" and not step.only)):
            outgoing.finish(work, actor, row)
            row.reason = SIGNED
            work.session.add(row)


def post_lines(work: Work, voice: Voice, rows: list[Briefing]) -> Iterator[Line]:
    """In the morning post: what is done because somebody signed."""
    for row in rows:
        what = briefing_views.saying(work, voice, row).title
        meeting = occasions.short(voice, work.session.get_one(Meeting, row.meeting_id))
        who, at = work.session.get_one(Person, row.acted_by).name, voice.when(row.acted_at or work.now)
        yield voice.line("morning.signed", what=what, meeting=meeting, who=who, time=at)
