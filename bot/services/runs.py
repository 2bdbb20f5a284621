"""Checklists being ticked off: begun, ticked, noted on, signed. Each keeps the version that it began with."""

from __future__ import annotations

from typing import Any

from sqlmodel import col, or_, select

from bot.advice.piece import Advice, to_json
from bot.commands import NoteStep, StartTogether, UntickStep
from bot.flows.checklist import OneStep, SomeStep, Together
from bot.messages import Button, Words, clip
from bot.services import advice, alerts, evidence, meeting_entries, meetings, occasions, people, rights, sending, talks
from bot.services.doing import Already, NotFound, on_number, on_run, performs
from bot.services.people import Actor
from bot.services.rights import Right
from bot.services.work import Work
from bot.tokens import Act
from storage.tables import Evidence, Meeting, Person, Post, Run, RunEntry, RunMember, Tick

SHOWN = 12  # open runs that are offered


# What is there


def steps_of(run: Run, language: str) -> list[list[str]]:
    """The steps of each section, in this language or the first that the list was written in."""
    return [section[1] for section in words_of(run, language)["sections"]]


def words_of(run: Run, language: str) -> dict[str, Any]:
    """The frozen list's title and sections."""
    words: dict[str, Any] = run.content["words"]
    return dict(words.get(language) or next(iter(words.values())))


def ticks(work: Work, run: Run) -> dict[int, Tick]:
    """What is done, by step."""
    return {tick.step: tick for tick in work.session.exec(select(Tick).where(Tick.run_id == run.id))}


def member(work: Work, run: Run, person: int) -> RunMember | None:
    """The person's part in it."""
    return work.session.exec(select(RunMember).where(RunMember.run_id == run.id, RunMember.person_id == person)).first()


def open_of(work: Work, actor: Actor, *, joined: bool = False) -> list[Run]:
    """What the person has under way; for the unit also what others of it have, and can be joined."""
    mine = select(RunMember.run_id).where(RunMember.person_id == actor.id)
    others = [col(Run.shared).is_(True)] if actor.unit and not joined else []
    query = select(Run).where(Run.state == "open", or_(col(Run.id).in_(mine), *others))
    found = work.session.exec(query.order_by(col(Run.id).desc()).limit(SHOWN))
    return [run for run in found if rights.takes_part(work.session, actor, run)]


def button(work: Work, actor: Actor, run: Run) -> Button:
    """Goes on with it."""
    words = work.voice(actor.person).word("run.go_on", number=run.id)
    return Button(words, str(Act("run_show", id_of(run))))


def line(work: Work, actor: Actor, run: Run) -> str:
    """Which it is, and how far: "Lista 3: Bevara bevis, 2 av 8 klara"."""
    title = words_of(run, actor.person.language)["title"]
    total = sum(map(len, steps_of(run, "")))
    facts = {"number": run.id, "title": title, "done": len(ticks(work, run)), "total": total}
    return work.voice(actor.person).word("run.under_way", **facts)


def id_of(run: Run) -> int:
    """Its number."""
    assert run.id is not None
    return run.id


# Begun


@on_number("run", Right.LINKED)
def begin(work: Work, actor: Actor, _: int, slug: str) -> None:
    """ "Bocka av": alone. One that is under way goes on."""
    one = _runnable(work, actor, slug)
    mine = (Run.slug == slug, Run.started_by == actor.id, Run.state == "open", col(Run.shared).is_(False))
    run = work.session.exec(select(Run).where(*mine)).first()
    _post(work, actor, run or _start(work, actor, one))


def _runnable(work: Work, actor: Actor, slug: str) -> Advice:
    one = advice.piece(work, actor, slug)
    if not one.facts.runs:
        raise NotFound
    return one


def _start(work: Work, actor: Actor, one: Advice, about: str = "", meeting: int | None = None, *,
           shared: bool = False) -> Run:  # fmt: skip
    run = Run(
        slug=one.slug, content=to_json(one), about=about, shared=shared, meeting_id=meeting,
        started_by=actor.id, started_at=work.now,
    )  # fmt: skip
    work.session.add(run)
    work.session.flush()
    note(work, run, "started", actor.person)
    _join(work, run, actor)
    return run


def _join(work: Work, run: Run, actor: Actor) -> RunMember:
    known = member(work, run, actor.id)
    if known is None:
        known = RunMember(run_id=id_of(run), person_id=actor.id, joined_at=work.now)
        work.session.add(known)
        work.session.flush()
    return known


def note(work: Work, run: Run, kind: str, author: Person, step: int = 0, **body: Any) -> RunEntry:
    """Write one line more of what happened."""
    entry = RunEntry(run_id=id_of(run), at=work.now, kind=kind, step=step, author_id=author.id, body=body)
    work.session.add(entry)
    work.session.flush()
    return entry


def _post(work: Work, actor: Actor, run: Run) -> None:
    """The list as a message of this account that stays current; older ones of the person fold."""
    for old in work.session.exec(select(Post).where(Post.run_id == run.id, Post.person_id == actor.id)):
        if not old.folded:
            old.folded = True
            sending.refresh_post(work, old)
    sending.post_of_run(work, actor.account, id_of(run))


@on_number("run_together", Right.UNIT)
def ask_together(work: Work, actor: Actor, meeting: int, slug: str) -> None:
    """ "Gör tillsammans": what for, and with whom. One that there is for a meeting goes on, or is shown."""
    one = for_meeting(work, meeting, slug, "open", "signed")
    if one is not None and not is_stale(work, one):
        show(work, actor, one, "")
        return
    _runnable(work, actor, slug)
    if meeting:
        occasions.find(work, actor, meeting)
    unit = tuple((one.id or 0, one.name) for one in people.unit_people(work.session) if one.id != actor.id)
    coming = meetings.choices(work, actor) if not meeting else ()
    talks.start(work, actor, "run_together", Together(slug, coming, unit, work.terse(actor.account), meeting))


def is_stale(work: Work, run: Run) -> bool:
    """Whether it was signed before everybody left the meeting's room, or for another day: it is to be done again."""
    meeting = work.session.get(Meeting, run.meeting_id) if run.meeting_id is not None else None
    if meeting is None or run.ended_at is None:
        return False
    rows = meeting_entries.of(work, meeting, meeting_entries.STATUS)
    since = [row.at for row in rows if row.body["status"] in ("", alerts.MUSTER)]
    return bool(since) and run.ended_at <= since[-1]


def for_meeting(work: Work, meeting: int, slug: str, *states: str) -> Run | None:
    """The newest shared list of this kind for a meeting, in one of these states."""
    mine = (Run.meeting_id == meeting, Run.slug == slug, col(Run.shared).is_(True), col(Run.state).in_(states))
    return work.session.exec(select(Run).where(*mine).order_by(col(Run.id).desc()).limit(1)).first()


@performs(StartTogether, Right.UNIT)
def start_together(work: Work, actor: Actor, command: StartTogether) -> None:
    """Begin it, and ask the others to join."""
    one = _runnable(work, actor, command.slug)
    meeting = work.session.get(Meeting, command.meeting, with_for_update=True) if command.meeting else None
    there = for_meeting(work, command.meeting, command.slug, "open") if meeting is not None else None
    if there is not None:  # somebody else was faster
        show(work, actor, there, "")
        return
    about = meeting.title if meeting is not None else command.about
    run = _start(work, actor, one, about, meeting.id if meeting else None, shared=True)
    unit = {person.id: person for person in people.unit_people(work.session)}
    for number in command.people:
        if (person := unit.get(number)) is not None:
            _invite(work, actor, run, person)
    _post(work, actor, run)


def _invite(work: Work, actor: Actor, run: Run, person: Person) -> None:
    voice = work.voice(person)
    title = words_of(run, voice.language)["title"]
    join = voice.button("button.run_join", str(Act("run_show", id_of(run))))
    about = (Words(run.about),) if run.about else ()
    key = "run.invited" if run.about else "run.invited_bare"
    said = voice.say(key, join, who=actor.person.name, title=title, about=about)
    sending.to_person(work, person, said, "info")


@on_run("run_show", Right.TAKES_PART)
def show(work: Work, actor: Actor, run: Run, _: str) -> None:
    """Go on with it here; somebody of the unit joins what is shared."""
    if run.state == "open" and member(work, run, actor.id) is None:
        _join(work, run, actor)
        note(work, run, "joined", actor.person)
    _post(work, actor, run)


@on_run("run_part", Right.TAKES_PART)
def turn(work: Work, actor: Actor, run: Run, which: str) -> None:
    """Another section, in the person's own message."""
    place = member(work, run, actor.id)
    if place is None or not which.isdecimal() or int(which) >= len(steps_of(run, "")):
        raise NotFound
    place.section = int(which)
    work.session.add(place)
    refresh(work, run, Post.person_id == actor.id)


def refresh(work: Work, run: Run, *which: Any) -> None:
    """Let the messages about it be drawn anew."""
    sending.refresh_run(work, id_of(run), *which)


# Ticked


def still_open(run: Run) -> None:
    """Raises Already for one that has ended."""
    if run.state != "open":
        raise Already(f"run.is_{ending(run)}")


def ending(run: Run) -> str:
    """How it ended, as its texts are called: who is alone with a list finishes it, rather than signs for it."""
    return "finished" if run.state == "signed" and not run.shared else run.state


def step_in(run: Run, text: str) -> int:
    """A step's number. Raises NotFound for one that the list does not have."""
    step = int(text) if text.isdecimal() and len(text) < 4 else 0
    if not 0 < step <= sum(map(len, steps_of(run, ""))):
        raise NotFound
    return step


def placed(run: Run, step: int) -> tuple[int, int]:
    """Its section (from 0), and its number within it (from 1)."""
    for section, steps in enumerate(steps_of(run, "")):
        if step <= len(steps):
            return section, step
        step -= len(steps)
    raise NotFound


@on_run("tick", Right.TAKES_PART)
def tick(work: Work, actor: Actor, run: Run, which: str) -> None:
    """ "Klart 3": never a toggle, for two may press it."""
    still_open(run)
    step = step_in(run, which)
    done = ticks(work, run)
    voice = work.voice(actor.person)
    if (there := done.get(step)) is not None:
        by = {"who": work.session.get_one(Person, there.person_id).name, "time": voice.when(there.at)}
        raise Already("run.ticked_already", step=placed(run, step)[1], **by)
    if member(work, run, actor.id) is None:
        _join(work, run, actor)
    work.session.add(Tick(run_id=id_of(run), step=step, person_id=actor.id, at=work.now))
    note(work, run, "ticked", actor.person, step)
    left = sum(map(len, steps_of(run, ""))) - len(done) - 1
    work.toast = voice.word("run.ticked" if left else "run.ticked_last", step=placed(run, step)[1], left=left)
    refresh(work, run)


@performs(UntickStep, Right.TAKES_PART)
def untick(work: Work, actor: Actor, command: UntickStep) -> None:
    """Take a tick back; that it was there stays in what happened."""
    run = work.session.get_one(Run, command.run)
    still_open(run)
    there = ticks(work, run).get(command.step)
    if there is None:
        raise Already("run.not_ticked")
    work.session.delete(there)
    note(work, run, "unticked", actor.person, command.step)
    refresh(work, run)
    told(work, actor, "run.unticked", step=placed(run, command.step)[1])


def told(work: Work, actor: Actor, key: str, **values: Any) -> None:
    """Say it where it was pressed."""
    sending.to_account(work, actor.account, work.voice(actor.person).say(key, **values), "answer")


@on_run("step", Right.TAKES_PART)
def one_step(work: Work, actor: Actor, run: Run, which: str) -> None:
    """ "Steg 3": a note, or take it back."""
    still_open(run)
    step = step_in(run, which)
    section, number = placed(run, step)
    words = clip(steps_of(run, actor.person.language)[section][number - 1], 200)
    ticked = step in ticks(work, run)
    bare = work.terse(actor.account)
    if bare and not ticked:
        raise Already("terse.not_here")
    talks.start(work, actor, "run_step", OneStep(id_of(run), step, words, ticked, bare))


@on_run("run_note", Right.TAKES_PART)
def some_step(work: Work, actor: Actor, run: Run, _: str) -> None:
    """ "Anteckna": on a step of the section that is shown."""
    still_open(run)
    place = member(work, run, actor.id)
    section = place.section if place is not None else 0
    voice = work.voice(actor.person)
    before = sum(map(len, steps_of(run, "")[:section]))
    count = len(steps_of(run, "")[section])
    steps = tuple((before + n, voice.word("run.step", step=n)) for n in range(1, count + 1))
    talks.start(work, actor, "run_note", SomeStep(id_of(run), steps))


@performs(NoteStep, Right.TAKES_PART)
def note_step(work: Work, actor: Actor, command: NoteStep) -> None:
    """Words on a step; what was attached while they were asked for follows (see `evidence.follow`)."""
    run = work.session.get_one(Run, command.run)
    if run.state != "open":
        raise Already("run.note_late")  # what was written goes nowhere, and that is said
    step_in(run, str(command.step))
    talk = talks.current(work, actor)
    if not command.text and not (talk is not None and evidence.holds(work, talk)):
        raise Already("run.nothing_noted")
    if command.text:
        note(work, run, "note", actor.person, command.step, text=command.text)
    refresh(work, run)
    told(work, actor, "run.noted", step=placed(run, command.step)[1])


def notes(work: Work, run: Run) -> list[RunEntry]:
    """What was written on its steps, oldest first."""
    query = select(RunEntry).where(RunEntry.run_id == run.id, RunEntry.kind == "note").order_by(col(RunEntry.id))
    return list(work.session.exec(query))


def attached(work: Work, run: Run) -> list[Evidence]:
    """What was put on its steps, in order."""
    return list(work.session.exec(select(Evidence).where(Evidence.run_id == run.id).order_by(col(Evidence.id))))
