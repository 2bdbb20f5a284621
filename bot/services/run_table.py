"""A run as a file for the diary, and what was attached to its steps, opened one by one."""

from __future__ import annotations

import csv
from io import StringIO

from bot.catalogue import Voice
from bot.messages import Button, Fields, Line, Message, Part, Quote, Title
from bot.services import rights, runs, sending
from bot.services.doing import Already, NotFound, on_run
from bot.services.people import Actor
from bot.services.rights import Right
from bot.services.work import Work
from bot.tokens import Act
from storage import evidence as stored
from storage.tables import Evidence, Person, Run

COLUMNS = ("section", "number", "step", "done", "who", "time", "notes", "files")
AT_ONCE = 8


@on_run("run_file", Right.TAKES_PART)
def send_file(work: Work, actor: Actor, run: Run, _: str) -> None:
    """ "Hämta som fil": drawn when it is sent. Names do not pass where only notices do."""
    if work.terse(actor.account):
        raise Already("terse.no_files")
    voice = work.voice(actor.person)
    said = voice.say("run.file", title=runs.words_of(run, voice.language)["title"])
    sending.run_to_account(work, actor.account, said, runs.id_of(run))
    work.toast = voice.word("evidence.coming")


def name_of(voice: Voice, run: Run) -> str:
    """What the file is called: nothing of what it is about."""
    return voice.word("run.file_name", number=run.id)


def as_csv(work: Work, voice: Voice, run: Run) -> bytes:
    """Every step, then the sign-off, as a spreadsheet reads it."""
    out = StringIO()
    writer = csv.writer(out, delimiter=";")
    writer.writerow([_safe(_title(voice, run))])
    writer.writerow([voice.word(f"run.column.{name}") for name in COLUMNS])
    done, step = runs.ticks(work, run), 0
    for heading, steps in runs.words_of(run, voice.language)["sections"]:
        for number, words in enumerate(steps, 1):
            step += 1
            tick = done.get(step)
            who = work.session.get_one(Person, tick.person_id).name if tick else ""
            when = tick.at.astimezone(voice.zone).isoformat(sep=" ", timespec="seconds") if tick else ""
            said = voice.word("run.column.yes" if tick else "run.column.no")
            more = (_notes(work, voice, run, step), _files(work, voice, run, step))
            cells = (heading, str(number), words, said, who, when, *more)
            writer.writerow([_safe(cell) for cell in cells])
    if run.ended_at is not None:
        who = work.session.get_one(Person, run.ended_by).name
        at = run.ended_at.astimezone(voice.zone).isoformat(sep=" ", timespec="seconds")
        writer.writerow([voice.word(f"run.column.{runs.ending(run)}"), _safe(who), at])
    return out.getvalue().encode("utf-8-sig")


def _title(voice: Voice, run: Run) -> str:
    title = str(runs.words_of(run, voice.language)["title"])
    return f"{title}: {run.about}" if run.about else title


def _notes(work: Work, voice: Voice, run: Run, step: int) -> str:
    found = [entry for entry in runs.notes(work, run) if entry.step == step]
    named = ((work.session.get_one(Person, entry.author_id).name, entry) for entry in found)
    return " | ".join(f"{who} {entry.at.astimezone(voice.zone):%H:%M}: {entry.body['text']}" for who, entry in named)


def _files(work: Work, voice: Voice, run: Run, step: int) -> str:
    rows = [one for one in runs.attached(work, run) if one.step == step and one.state == "kept"]
    return ", ".join(f"{voice.word(f'evidence.{one.medium}')} {one.sha256[:12]}" for one in rows)


def _safe(cell: str) -> str:
    """A spreadsheet must not take what somebody wrote for a formula."""
    return f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell


@on_run("run_things", Right.TAKES_PART)
def things(work: Work, actor: Actor, run: Run, _: str) -> None:
    """What is attached to the steps, with a button for each that can be opened."""
    if work.terse(actor.account):
        raise Already("terse.no_files")
    voice, rows = work.voice(actor.person), runs.attached(work, run)
    if not rows:
        raise Already("run.no_things")
    shown: list[tuple[str, Line]] = []
    buttons: list[tuple[Button, ...]] = []
    for number, one in enumerate(rows[-AT_ONCE:], max(1, len(rows) - AT_ONCE + 1)):
        who = work.session.get_one(Person, one.person_id).name
        label = f"{number}. {voice.word(f'evidence.{one.medium}')}"
        facts = {"step": runs.placed(run, one.step)[1], "who": who, "time": voice.when(one.sent_at)}
        shown.append((label, voice.line("run.thing", **facts)))
        if one.state == "kept":
            opens = str(Act("run_open", runs.id_of(run), str(one.id)))
            buttons.append((Button(voice.word("evidence.open", item=number), opens),))
    title = Title(voice.line("run.things"))
    sending.to_account(work, actor.account, Message((title, Fields(tuple(shown))), tuple(buttons)), "answer")


@on_run("run_open", Right.TAKES_PART)
def open_one(work: Work, actor: Actor, run: Run, which: str) -> None:
    """One of them, in the person's own chat."""
    if work.terse(actor.account):
        raise Already("terse.no_files")
    row = work.session.get(Evidence, int(which)) if which.isdecimal() and int(which) < 2**31 else None
    if row is None or row.run_id != run.id:
        raise NotFound
    if row.state != "kept":
        raise Already("evidence.still_waiting")
    runs.note(work, run, "opened", actor.person, row.step, item=row.id)
    voice = work.voice(actor.person)
    title = voice.title("run.thing_title")
    if stored.is_file(row):
        sending.file_to_account(work, actor.account, Message((title,)), row.id or 0, None)
    else:
        parts: list[Part] = [title, Quote(row.facts["text"])]
        sending.to_account(work, actor.account, Message(tuple(parts)), "answer")
    work.toast = voice.word("evidence.coming")


def may_open(work: Work, actor: Actor, row: Evidence) -> bool:
    """Whether what is on a step may go to this person now."""
    run = work.session.get(Run, row.run_id)
    return run is not None and rights.takes_part(work.session, actor, run)
