"""`/risk`: step 1, all cases of a meeting sorted on one message, several at once; and how each stands."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

from sqlmodel import col, select

from bot.catalogue import Voice
from bot.commands import AddCases
from bot.flows.risk import Sorter
from bot.messages import Button, Fields, Line, Message, Paragraph, Part, Words
from bot.risk import guide as guides
from bot.risk.guide import LEVELS, SORT, in_
from bot.services import (
    meetings,
    occasions,
    outgoing,
    planner,
    risk_cases,
    risk_levels,
    risk_views,
    sending,
    talks,
    titles,
)
from bot.services.doing import Already, on_number, performs
from bot.services.people import Actor
from bot.services.rights import Right
from bot.services.risk_cases import RAISED
from bot.services.work import Work
from bot.tokens import Act
from storage.tables import Meeting, RiskCase

AHEAD = timedelta(days=60)  # meetings whose cases can be sorted
PAGE, MEETINGS = 5, 6  # cases to sort on one message, each a row of three buttons; meetings to choose among
LISTED = 8  # cases with a button each in the overview
LETTERS = "ABCDE"  # a digit is a button's number where it is typed
LABEL = 20


@on_number("risk", Right.UNIT)
def begin(work: Work, actor: Actor, number: int, start: str) -> None:
    """ "Bedöm ärendena" of a meeting; without one, which."""
    if not number:
        first = int(start) if start.isdecimal() and len(start) < 4 else 0
        sending.to_account(work, actor.account, _start(work, actor, first), "answer")
        return
    meeting = _meeting(work, actor, number)
    cases = risk_cases.bring_in(work, actor, meeting)
    voice = work.voice(actor.person)
    if not cases:
        button = voice.button("button.agenda", str(Act("agenda", number)))
        said = voice.say("risk.no_cases", button, what=occasions.line(voice, meeting))
        sending.to_account(work, actor.account, said, "answer")
        return
    if not any(risk_cases.newest(work, case) for case in cases):
        _prompts(work, actor)
    sending.to_account(work, actor.account, _page(work, actor, meeting, cases, _first_left(work, cases)), "answer")


def _meeting(work: Work, actor: Actor, number: int) -> Meeting:
    """A meeting that takes place. Raises Already."""
    meeting = occasions.find(work, actor, number)
    if meeting.cancelled_at is not None:
        raise Already("risk.cancelled")
    return meeting


def _start(work: Work, actor: Actor, start: int) -> Message:
    """The meetings that have cases, then what belongs to none."""
    voice = work.voice(actor.person)
    coming = occasions.coming(work, work.now - occasions.UNDER_WAY, work.now + AHEAD)
    coming = [row for row in coming if occasions.of_municipality(row) and not row.whole_day]
    found, bare = coming[start : start + MEETINGS], work.terse(actor.account)
    labels = [voice.short_day(row.starts_at) if bare else occasions.label(voice, row) for row in found]
    levels = [_level(voice, risk_cases.level_of(work, row)) for row in found]
    parts: list[Part] = [voice.title("risk.which" if found else "risk.no_meetings")]
    parts += [Fields(tuple(zip(labels, levels, strict=True)))] if found else []
    buttons: list[tuple[Button, ...]] = [
        (Button(label, str(Act("risk", row.id or 0))),) for label, row in zip(labels, found, strict=True)
    ]
    if start + MEETINGS < len(coming):
        buttons.append((voice.button("button.later_ones", str(Act("risk", 0, str(start + MEETINGS)))),))
    if work.session.exec(select(RiskCase.id).where(col(RiskCase.meeting_id).is_(None)).limit(1)).first() is not None:
        buttons.append((voice.button("button.risk_alone", str(Act("risk_over", 0))),))
    buttons.append((voice.button("button.risk_new", str(Act("risk_new", 0))),))
    names = ("watch_list", "measure_list")
    buttons.append(tuple(voice.button(f"button.{name}", str(Act(name, 0))) for name in names))
    return Message(tuple(parts), tuple(buttons))


def _level(voice: Voice, level: str) -> Line:
    return voice.line(f"risk.level.{level or 'none'}")


def _prompts(work: Work, actor: Actor) -> None:
    """What to think of, once: it is no question."""
    voice = work.voice(actor.person)
    lines = [Paragraph((f"– {in_(said, voice.language)}",)) for said in work.house.guides.guide.prompts]
    message = Message((voice.title("risk.think"), *lines, voice.paragraph("risk.unsure")))
    sending.to_account(work, actor.account, message, "answer")


def _first_left(work: Work, cases: list[RiskCase]) -> int:
    """Where the page begins that has the first case which nobody has sorted; the first page when all are."""
    left = next((place for place, case in enumerate(cases) if not case.level), 0)
    return left - left % PAGE


@on_number("risk_page", Right.UNIT)
def turn(work: Work, actor: Actor, number: int, start: str) -> None:
    """Other cases of the same meeting, in their place."""
    meeting, cases = _listed(work, actor, number)
    first = int(start) if start.isdecimal() and int(start) < len(cases) else 0
    sending.replace_pressed(work, actor.account, _page(work, actor, meeting, cases, first))


def _listed(work: Work, actor: Actor, number: int) -> tuple[Meeting | None, list[RiskCase]]:
    meeting = _meeting(work, actor, number) if number else None
    return meeting, risk_cases.of_meeting(work, meeting) if meeting is not None else risk_cases.by_itself(work)


def _page(work: Work, actor: Actor, meeting: Meeting | None, cases: list[RiskCase], start: int) -> Message:
    """Some cases, each with what it is, and three buttons of its own."""
    voice, shown = work.voice(actor.person), cases[start : start + PAGE]
    number, left = (meeting.id or 0 if meeting is not None else 0), sum(not case.level for case in cases)
    head = voice.title("risk.sort" if left else "risk.sorted", left=left, all=len(cases))
    parts: list[Part] = [head, *([Paragraph(occasions.line(voice, meeting))] if meeting is not None else [])]
    parts += [Paragraph(_line(work, voice, letter, case)) for letter, case in zip(LETTERS, shown, strict=False)]
    rows = [tuple(_choices(work, voice, letter, case)) for letter, case in zip(LETTERS, shown, strict=False)]
    others = [(start - PAGE, "button.risk_before"), (start + PAGE, "button.risk_next")]
    turns = tuple(
        voice.button(key, str(Act("risk_page", number, str(at)))) for at, key in others if 0 <= at < len(cases)
    )
    rows += [turns] if turns else []
    return Message(tuple(parts), (*rows, (voice.button("button.risk_over", str(Act("risk_over", number))),)))


def _line(work: Work, voice: Voice, letter: str, case: RiskCase) -> Line:
    """ "A. Ny skola: HÖG", and that some see it otherwise."""
    newest = risk_cases.newest(work, case)
    split = newest is not None and SORT in risk_cases.differing(newest)
    meeting = work.session.get(Meeting, case.meeting_id) if case.meeting_id is not None else None
    off = meeting is not None and risk_cases.is_off(work, case, meeting)
    tail = voice.word("risk.split_short") * split + voice.word("risk.off_short") * off
    return (f"{letter}. ", Words(case.title), ": ", *_level(voice, case.level), tail)


def _choices(work: Work, voice: Voice, letter: str, case: RiskCase) -> list[Button]:
    """The three levels; of a case whose statements are answered, the way to it."""
    newest = risk_cases.newest(work, case)
    if newest is not None and newest.level:
        return [Button(voice.word("risk.open", letter=letter), str(Act("risk_case", risk_cases.id_of(case))))]
    return [
        Button(f"{letter} {voice.word(f'risk.short.{level}')}", str(Act("risk_sort", risk_cases.id_of(case), level)))
        for level in LEVELS
    ]


@on_number("risk_sort", Right.UNIT)
def sort(work: Work, actor: Actor, number: int, level: str) -> None:
    """One case is given a level by one person; where another said otherwise, the higher counts."""
    case = risk_cases.find(work, number)
    give(work, actor, case, level)
    meeting, cases = _listed(work, actor, case.meeting_id or 0)
    place = next(at for at, one in enumerate(cases) if one.id == case.id)
    sending.replace_pressed(work, actor.account, _page(work, actor, meeting, cases, place - place % PAGE))


@on_number("risk_level", Right.UNIT)
def sort_one(work: Work, actor: Actor, number: int, level: str) -> None:
    """The same on the case's own card."""
    case = risk_cases.find(work, number)
    give(work, actor, case, level)
    sending.replace_pressed(work, actor.account, risk_views.card(work, actor, case))


def give(work: Work, actor: Actor, case: RiskCase, level: str) -> None:
    """Let this person's level of the case count. Raises Already."""
    meeting = _meeting(work, actor, case.meeting_id) if case.meeting_id is not None else None
    row = risk_cases.newest(work, case) or risk_cases.begin(work, actor, case)
    if row.level or level not in LEVELS:
        raise Already("risk.judged_already")
    risk_cases.answer(work, actor, row, {SORT: level})
    risk_cases.settle(work, actor, case, row)
    voice = work.voice(actor.person)
    key = "risk.sorted_toast" if row.sorted == level else "risk.split_toast"
    work.toast = voice.word(key, level=voice.word(f"risk.level.{row.sorted}"))
    if meeting is not None:
        risk_levels.changed(work, meeting)
        _finish(work, actor, meeting, risk_cases.of_meeting(work, meeting))


def _finish(work: Work, actor: Actor, meeting: Meeting, cases: list[RiskCase]) -> None:
    """When all are sorted, what the unit was to do about it is done."""
    for row in planner.of(work, meeting) if not risk_cases.unsorted(work, meeting) and cases else ():
        step = planner.step_of(work, row)
        if step is not None and step.opens == "risk" and row.state in ("planned", "open"):
            toast = work.toast
            outgoing.finish(work, actor, row)
            work.toast = toast


@on_number("risk_over", Right.UNIT)
def overview(work: Work, actor: Actor, number: int, start: str) -> None:
    """How the cases stand, and what to go on with."""
    meeting, cases = _listed(work, actor, number)
    first = int(start) if start.isdecimal() else 0
    message = _overview(work, actor, meeting, cases, first)
    if start or (work.event is not None and work.event.message):
        sending.replace_pressed(work, actor.account, message)
    else:
        sending.to_account(work, actor.account, message, "answer")


def _overview(work: Work, actor: Actor, meeting: Meeting | None, cases: list[RiskCase], start: int) -> Message:
    voice, number = work.voice(actor.person), meeting.id or 0 if meeting is not None else 0
    some = sorted(cases, key=lambda case: -("", *LEVELS).index(case.level))
    start = start if start < len(some) else 0
    shown, counts = some[start : start + LISTED], Counter(case.level for case in cases)
    parts: list[Part] = [voice.title("risk.over", level=_level(voice, _highest(cases)))]
    parts += [Paragraph(occasions.line(voice, meeting))] if meeting is not None else []
    words = {name or "none": count for name, count in counts.items()}
    parts.append(voice.paragraph("risk.counts", **{name: words.get(name, 0) for name in (*LEVELS, "none")}))
    parts += [Fields(tuple((_label(case), _next(work, voice, case)) for case in shown))] if shown else []
    rows = [(Button(_label(case), str(Act("risk_case", risk_cases.id_of(case)))),) for case in shown]
    if start + LISTED < len(some):
        rows.append((voice.button("button.later_ones", str(Act("risk_over", number, str(start + LISTED)))),))
    rows.append((voice.button("button.risk_again", str(Act("risk_page", number, "0"))),))
    rows += [(voice.button("button.risk_new", str(Act("risk_new", 0))),)] if meeting is None else []
    return Message(tuple(parts), tuple(rows))


def _highest(cases: list[RiskCase]) -> str:
    level = ""
    for case in cases:
        level = guides.higher(level, case.level)
    return level


def _label(case: RiskCase) -> str:
    return Words(case.title if len(case.title) <= LABEL else case.title[: LABEL - 1].rstrip() + "…")


def _next(work: Work, voice: Voice, case: RiskCase) -> Line:
    """What it is, and what is to be done with it next."""
    row = risk_cases.newest(work, case)
    done = 0 if row is None else 3 if row.square else 2 if row.level else 1
    again = done == 1 and case.level in RAISED
    key = "risk.next.second" if again else "risk.next.third" if done == 2 and case.level == "high" else "risk.next.done"
    return (*_level(voice, case.level), ". ", *voice.line(key))


@on_number("risk_new", Right.UNIT)
def new(work: Work, actor: Actor, _: int, __: str) -> None:
    """ "Nytt ärende", of no meeting."""
    talks.start(work, actor, "risk_cases", Sorter())


@performs(AddCases, Right.UNIT)
def add(work: Work, actor: Actor, command: AddCases) -> None:
    """Keep them, and sort them at once."""
    words = titles.lines(command.text)[: meetings.MOST]
    if not words:
        raise Already("engine.empty")
    risk_cases.add_all(work, actor, words)
    titles.warn(work, actor, words, Act("risk_over", 0))
    _prompts(work, actor)
    cases = risk_cases.by_itself(work)
    sending.to_account(work, actor.account, _page(work, actor, None, cases, 0), "answer")
