"""Draws a case of the risk guide: its level and what to do, every answer, and what is otherwise than before."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from bot.catalogue import Voice
from bot.messages import Button, Fields, Line, Message, Paragraph, Part, Words
from bot.risk import guide as guides
from bot.risk.guide import LEVELS, SORT, Guide, Statement, in_
from bot.services import measures, occasions, risk_cases
from bot.services.people import Actor
from bot.services.risk_cases import RAISED
from bot.services.work import Work
from bot.tokens import Act
from storage.tables import Assessment, Meeting, Person, RiskCase

ADVICE, MEASURES = 2, 2  # lines of advice, and measures, on the card


def card(work: Work, actor: Actor, case: RiskCase) -> Message:
    """What counts now, what to do first, who has promised what; then what can be pressed."""
    voice, newest = work.voice(actor.person), risk_cases.newest(work, case)
    row = risk_cases.in_force(work, case)
    meeting = work.session.get(Meeting, case.meeting_id) if case.meeting_id is not None else None
    parts: list[Part] = [voice.title(f"risk.head.{case.level or 'none'}", title=(Words(case.title),))]
    if meeting is not None:
        parts.append(Paragraph(occasions.line(voice, meeting)))
    if meeting is not None and meeting.cancelled_at is not None:
        parts.append(voice.paragraph("risk.cancelled"))
    if newest is not None and row is not None and newest.id != row.id:
        parts.append(voice.paragraph("risk.anew"))
    if row is not None:
        parts += [Paragraph(line) for line in (_steps(work, voice, row), *_standing(work, voice, case, row)) if line]
        parts += [Paragraph(line) for line in _advice(voice, risk_cases.guide_of(work, row), row)[:ADVICE]]
    parts += [Paragraph(line) for line in measures.lines(work, voice, MEASURES, case=risk_cases.id_of(case))]
    if row is not None and row.level:
        parts.append(voice.paragraph("risk.local", link=risk_cases.guide_of(work, row).link))
    buttons = _buttons(work, voice, case, newest, meeting)
    return Message(tuple(parts), buttons)


def _steps(work: Work, voice: Voice, row: Assessment) -> Line:
    """The result of each step that is done."""
    guide, given = risk_cases.guide_of(work, row), risk_cases.counting(work, row)
    found: list[Line] = []
    if row.sorted:
        found.append(voice.line("risk.first", level=_low(voice, row.sorted)))
    if (second := guides.second(guide, given)) is not None:
        values = {"level": _low(voice, second.level), "points": second.points, "most": second.most}
        found.append(voice.line("risk.second", **values))
    if (square := guide.square(row.square)) is not None:
        found.append(voice.line("risk.third", square=square.key, called=in_(square.called, voice.language)))
    return tuple(span for place, line in enumerate(found) for span in (*((" ",) if place else ()), *line))


def _low(voice: Voice, level: str) -> str:
    return voice.word(f"risk.level.{level}").lower()


def _standing(work: Work, voice: Voice, case: RiskCase, row: Assessment) -> Iterator[Line]:
    """Whether the steps, or people, saw it differently; and how it was before."""
    if row.level and row.sorted and row.level != row.sorted:
        yield voice.line("risk.second_counts")
    if split := risk_cases.differing(row):
        yield voice.line("risk.split", count=len(split))
    before = _before(work, case, row)
    if before is not None:
        level = voice.word(f"risk.level.{before.level or before.sorted or 'none'}")
        yield voice.line("risk.before", day=voice.day(risk_cases.decided_at(before)), level=level)


def _before(work: Work, case: RiskCase, row: Assessment) -> Assessment | None:
    return next((old for old in risk_cases.assessments(work, case) if old.id != row.id), None)


def _advice(voice: Voice, guide: Guide, row: Assessment) -> list[Line]:
    """What to do, by step 3 where it is done, else by step 2."""
    square = guide.square(row.square)
    said = square.advice if square is not None else dict(guide.results).get(row.level)  # type: ignore[call-overload]
    return [(f"– {line}",) for line in in_(said, voice.language).split("\n")] if said is not None else []


def _local(voice: Voice, guide: Guide) -> list[Part]:
    return [Paragraph((in_(guide.about, voice.language),)), voice.paragraph("risk.link", link=guide.link)]


def _buttons(work: Work, voice: Voice, case: RiskCase, row: Assessment | None,
             meeting: Meeting | None) -> tuple[tuple[Button, ...], ...]:  # fmt: skip
    number = risk_cases.id_of(case)
    if meeting is not None and meeting.cancelled_at is not None:
        return ((voice.button("button.risk_answers", str(Act("risk_answers", number))),),) if row is not None else ()
    if row is None or not (row.sorted or row.level):
        levels = tuple(
            Button(voice.word(f"risk.short.{level}"), str(Act("risk_level", number, level))) for level in LEVELS
        )
        return (levels, *_more(work, voice, number, case, row))
    rows: list[tuple[Button, ...]] = []
    if row.sorted in RAISED or row.level:
        rows.append((go_on(voice, case, 2, done=bool(row.level)),))
    if row.level:
        rows.append((go_on(voice, case, 3, done=bool(row.square)),))
    return (*rows, *_more(work, voice, number, case, row))


def go_on(voice: Voice, case: RiskCase, step: int, *, done: bool = False) -> Button:
    """To step 2 or 3; one that is done can be answered by another person too."""
    key = f"button.risk_too_{step}" if done else f"button.risk_step_{step}"
    return voice.button(key, str(Act("risk_judge", risk_cases.id_of(case), str(step))))


def can_go(work: Work, case: RiskCase) -> bool:
    """Whether it may leave its meeting, whose agenda has it no longer; or go, when nobody has said anything of it."""
    meeting = work.session.get(Meeting, case.meeting_id) if case.meeting_id is not None else None
    if meeting is None:
        return risk_cases.newest(work, case) is None
    return risk_cases.is_off(work, case, meeting)


def _more(work: Work, voice: Voice, number: int, case: RiskCase,
          row: Assessment | None) -> Iterator[tuple[Button, ...]]:  # fmt: skip
    if case.level:
        yield (voice.button("button.measure_new", str(Act("measure_new", number, "case"))),)
    if case.level in RAISED:
        yield (voice.button("button.watch_case", str(Act("watch_new", number))),)
    last = [voice.button("button.retitle", str(Act("retitle", number, "case")))]
    if row is not None:
        last.insert(0, voice.button("button.risk_answers", str(Act("risk_answers", number))))
    if row is not None and row.decided_at is not None:
        last.append(voice.button("button.risk_anew", str(Act("risk_anew", number))))
    if row is not None and not row.answers:
        last.append(voice.button("button.risk_unanew", str(Act("risk_unanew", number))))
    if can_go(work, case):
        last.append(voice.button("button.risk_off", str(Act("risk_off", number))))
    yield from (tuple(last[n : n + 2]) for n in range(0, len(last), 2))


def all_answers(work: Work, actor: Actor, case: RiskCase) -> Message:
    """The whole result: who took part, each answer and whose differ, the measures, the version and its limits."""
    voice, row = work.voice(actor.person), risk_cases.in_force(work, case)
    parts: list[Part] = [voice.title("risk.result", title=(Words(case.title),))]
    if row is None:
        return Message(tuple(parts))
    guide = risk_cases.guide_of(work, row)
    parts += [Paragraph(line) for line in (_steps(work, voice, row), *_standing(work, voice, case, row)) if line]
    parts.append(_took_part(work, voice, guide, row))
    if SORT in row.answers:
        parts.append(Fields(((voice.word("risk.step_1"), _answer(work, voice, guide, row, SORT)),)))
    for statements in (guide.second, guide.third):
        parts += _headed(work, voice, guide, row, statements)
    parts += [Paragraph(line) for line in _advice(voice, guide, row)]
    parts += [Paragraph(line) for line in measures.lines(work, voice, 100, case=risk_cases.id_of(case))]
    parts += [*_local(voice, guide), voice.paragraph("risk.version", version=guide.version)]
    changed = voice.button("button.risk_changes", str(Act("risk_changes", risk_cases.id_of(case))))
    return Message(tuple(parts), ((changed,),) if _before(work, case, row) is not None else ())


def _took_part(work: Work, voice: Voice, guide: Guide, row: Assessment) -> Part:
    known = dict(guide.roles)
    roles = [in_(known[key], voice.language) for key in row.roles if key in known]
    day = voice.day(risk_cases.decided_at(row))
    if not roles:
        return voice.paragraph("risk.nobody_named", day=day)
    return voice.paragraph("risk.took_part", roles=", ".join(roles), day=day)


def _headed(work: Work, voice: Voice, guide: Guide, row: Assessment, statements: Sequence[Statement]) -> Iterator[Part]:
    """The answered statements below their headings."""
    for group, heading in guide.groups:
        some = [one for one in statements if one.group == group and one.key in row.answers]
        if some:
            yield Paragraph((in_(heading, voice.language),))
            yield Fields(
                tuple(
                    (in_(one.said, voice.language).rstrip("."), _answer(work, voice, guide, row, one.key))
                    for one in some
                )
            )


def _answer(work: Work, voice: Voice, guide: Guide, row: Assessment, key: str) -> Line:
    """ "Hög"; where they differ also who said what."""
    given: Mapping[str, str] = row.answers[key]
    counts = risk_cases.counting(work, row)[key]
    family = answer_words(guide, key)
    if len(set(given.values())) == 1:
        return voice.line(f"{family}.{counts}")
    each = ", ".join(
        f"{_name(work, int(person))}: {voice.word(f'{family}.{said}').lower()}" for person, said in given.items()
    )
    return voice.line("risk.each", counts=voice.word(f"{family}.{counts}"), each=each)


def _name(work: Work, number: int) -> str:
    """Who answered; somebody who is gone for good is no more than that."""
    person = work.session.get(Person, number)
    return person.name if person is not None else "–"


def answer_words(guide: Guide, key: str) -> str:
    """The family of texts that a question's answers belong to."""
    statement = guide.statement(key)
    return "risk.level" if statement is None else "risk_third" if statement.axis else "risk_second"


def changes(work: Work, actor: Actor, case: RiskCase) -> Message | None:
    """The newest result beside the one before; None where there is only one."""
    voice, row = work.voice(actor.person), risk_cases.newest(work, case)
    before = _before(work, case, row) if row is not None else None
    if row is None or before is None:
        return None
    now, then = risk_cases.counting(work, row), risk_cases.counting(work, before)
    guide = risk_cases.guide_of(work, row)
    rows = tuple(_changed(voice, guide, key, then[key], now[key]) for key in now if then.get(key, now[key]) != now[key])
    level, old = (one.level or one.sorted or "none" for one in (row, before))
    parts: list[Part] = [voice.title("risk.changes", title=(Words(case.title),))]
    words = {"before": voice.word(f"risk.level.{old}"), "now": voice.word(f"risk.level.{level}")}
    days = {"then": voice.day(risk_cases.decided_at(before)), "day": voice.day(risk_cases.decided_at(row))}
    parts.append(voice.paragraph("risk.changed_level", **words, **days))
    if row.square and before.square and row.square != before.square:
        parts.append(voice.paragraph("risk.changed_square", before=before.square, now=row.square))
    parts += [Fields(rows)] if rows else [voice.paragraph("risk.changed_nothing")]
    if row.version_id != before.version_id:
        parts.append(voice.paragraph("risk.changed_version"))
    return Message(tuple(parts))


def _changed(voice: Voice, guide: Guide, key: str, before: str, now: str) -> tuple[str, Line]:
    statement, family = guide.statement(key), answer_words(guide, key)
    name = in_(statement.said, voice.language) if statement is not None else voice.word("risk.step_1")
    words = {"before": voice.word(f"{family}.{before}"), "now": voice.word(f"{family}.{now}")}
    return name, voice.line("risk.changed_one", **words)
