"""Draws a checklist that is being ticked off: a section, who did what, and what there is to press."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from bot.catalogue import Voice
from bot.messages import LONGEST, Button, Line, Message, Paragraph, Part, Quote, Title, Words, clip, part_text, units
from bot.services import advice_views, evidence_views, people, rights, run_ends, runs
from bot.services.people import Actor
from bot.services.work import Work
from bot.tokens import Act
from storage.tables import Account, Person, Post, Run, Tick

NOTED = 100  # UTF-16 units of a note on the message, which must never split; all of it is in the file
A_ROW, NARROW = 3, 20  # steps beside each other; characters of what fits beside another in a phone
UNDONE = 8  # steps that a list which has ended names


def draw(work: Work, post: Post) -> Message:
    """The message as it should be now, for whoever's it is."""
    run = work.session.get_one(Run, post.run_id)
    account = work.session.get_one(Account, post.account_id)
    actor = people.actor(work.session, account)
    voice = work.voice(actor.person)
    if account.state != "active" or not rights.takes_part(work.session, actor, run):
        return voice.say("rights.not_found")
    head = _head(voice, run)
    if post.folded:
        title = str(runs.words_of(run, voice.language)["title"])
        return Message((Title((title,)), voice.paragraph("run.folded")))
    notice = voice.line("run.notice")
    if run.state != "open":
        return Message(tuple(_ended(work, voice, run, head)), _file_button(work, actor, voice, run), notice)
    place = runs.member(work, run, actor.id)
    section = place.section if place is not None else 0
    parts = (Title(advice_views.first_line(voice)), Paragraph(head), *_section(work, voice, run, section))
    return Message(_whole(parts), _buttons(work, actor, run, section), notice)


def _whole(parts: tuple[Part, ...]) -> tuple[Part, ...]:
    """As it is, or without what the notes say where it would be more than one message."""
    if sum(units(part_text(part)) + 2 for part in parts) <= LONGEST:
        return parts
    return tuple(part for part in parts if not isinstance(part, Quote))


def _head(voice: Voice, run: Run) -> Line:
    title = runs.words_of(run, voice.language)["title"]
    if not run.about:
        return (title,)
    return voice.line("run.head", title=title, about=(Words(run.about),))


def _section(work: Work, voice: Voice, run: Run, section: int) -> Iterator[Part]:
    heading, steps = runs.words_of(run, voice.language)["sections"][section]
    done = runs.ticks(work, run)
    total = sum(map(len, runs.steps_of(run, voice.language)))
    yield voice.paragraph("run.progress", done=len(done), total=total, part=heading)
    before = sum(map(len, runs.steps_of(run, voice.language)[:section]))
    noted = _noted(work, voice, run)
    for number, words in enumerate(steps, 1):
        tick = done.get(before + number)
        yield Paragraph(_step(work, voice, run, number, words, tick))
        yield from noted.get(before + number, ())


def _step(work: Work, voice: Voice, run: Run, number: int, words: str, tick: Tick | None) -> Line:
    if tick is None:
        return (f"{number}. ", *advice_views.spans(words))
    who = work.session.get_one(Person, tick.person_id).name
    key = "run.done_by" if run.shared else "run.done"
    return (f"{number}. ", *voice.line(key, who=who, time=voice.clock(tick.at)), " ", *advice_views.spans(words))


def _noted(work: Work, voice: Voice, run: Run) -> dict[int, list[Part]]:
    """The newest note on each step, and how much is attached."""
    found: dict[int, list[Part]] = {}
    notes = runs.notes(work, run)
    count = Counter(entry.step for entry in notes)
    for entry in notes:
        who = work.session.get_one(Person, entry.author_id).name
        key = "run.note_by" if count[entry.step] == 1 else "run.note_newest"
        head = voice.paragraph(key, who=who, time=voice.clock(entry.at), count=count[entry.step])
        found[entry.step] = [head, Quote(clip(entry.body["text"], NOTED))]
    things = runs.attached(work, run)
    for step in {one.step for one in things}:
        rows = [one for one in things if one.step == step and one.state in ("kept", "waiting")]
        if rows:
            said = voice.paragraph("run.attached", what=evidence_views.counted(voice, rows))
            found[step] = [*found.get(step, []), said]
    return found


def _buttons(work: Work, actor: Actor, run: Run, section: int) -> tuple[tuple[Button, ...], ...]:
    """For each step one at its own place, so that its number typed means it; then the sections, then the end."""
    voice, number, bare = work.voice(actor.person), runs.id_of(run), work.terse(actor.account)
    sections = runs.words_of(run, voice.language)["sections"]
    done = runs.ticks(work, run)
    before = sum(len(steps) for _, steps in sections[:section])
    steps = [_step_button(voice, number, before, n, done) for n in range(1, len(sections[section][1]) + 1)]
    parts = _part_buttons(voice, run, section, done)
    end = "run_sign" if run.shared else "run_end"
    names = [("run_sign", end)] if bare else [("run_note", "run_note"), ("run_sign", end), ("run_file", "run_file")]
    names += [("run_things", "run_things")] if not bare and runs.attached(work, run) else []
    names += [("run_drop", "run_drop")] if run.started_by == actor.id else []
    ends = [voice.button(f"button.{label}", str(Act(name, number))) for name, label in names]
    wide = 2 if all(len(button.label) <= NARROW for button in parts) else 1
    return (*_rows(steps, A_ROW), *_rows(parts, wide), *_rows(ends, 2))


def _part_buttons(voice: Voice, run: Run, section: int, done: dict[int, Tick]) -> list[Button]:
    """The other sections, each with how far it is."""
    found, before = [], 0
    for at, (heading, steps) in enumerate(runs.words_of(run, voice.language)["sections"]):
        count = sum(before < step <= before + len(steps) for step in done)
        before += len(steps)
        if at != section:
            words = voice.word("run.button.part", part=heading, done=count, total=len(steps))
            found.append(Button(words, str(Act("run_part", runs.id_of(run), str(at)))))
    return found


def _step_button(voice: Voice, run: int, before: int, number: int, done: dict[int, Tick]) -> Button:
    name = "step" if before + number in done else "tick"
    return Button(voice.word(f"run.button.{name}", step=number), str(Act(name, run, str(before + number))))


def _rows(buttons: list[Button], wide: int) -> tuple[tuple[Button, ...], ...]:
    return tuple(tuple(buttons[n : n + wide]) for n in range(0, len(buttons), wide))


def _ended(work: Work, voice: Voice, run: Run, head: Line) -> Iterator[Part]:
    who = work.session.get_one(Person, run.ended_by).name
    assert run.ended_at is not None
    yield Title(head)
    yield voice.paragraph(f"run.ended_{runs.ending(run)}", who=who, time=voice.when(run.ended_at))
    left = run_ends.left_of(work, run, voice.language)
    total = sum(map(len, runs.steps_of(run, voice.language)))
    yield voice.paragraph("run.ended_count", done=total - len(left), total=total)
    if left and run.state == "signed":
        yield voice.paragraph("run.ended_left")
        for _, words in left[:UNDONE]:
            yield Paragraph(advice_views.spans(words))
        if len(left) > UNDONE:
            yield voice.paragraph("run.ended_more", count=len(left) - UNDONE)


def _file_button(work: Work, actor: Actor, voice: Voice, run: Run) -> tuple[tuple[Button, ...], ...]:
    if work.terse(actor.account):
        return ()
    rows = [voice.button("button.run_file", str(Act("run_file", runs.id_of(run))))]
    if runs.attached(work, run):
        rows.append(voice.button("button.run_things", str(Act("run_things", runs.id_of(run)))))
    return _rows(rows, 2)
