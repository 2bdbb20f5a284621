"""The situation as it reads: what the picture shows, the five lines beside it, and the same for who cannot see it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from math import ceil

from bot.catalogue import Voice
from bot.messages import Button, Line, Message, Paragraph, Part, Title, plain
from bot.picture.chart import Chart
from bot.services import figures, occasions
from bot.services.figures import Figures
from bot.tokens import Act

ROWS = 12  # kinds in the picture; more are put together
HOUR, DAY = 60, 24 * 60  # minutes
Row = tuple[str, tuple[int, ...]]


@dataclass(frozen=True)
class Situation:
    """What is said: one line on top, the lines below it, and the picture."""

    head: Line
    lines: tuple[Line, ...]
    chart: Chart


def draw(voice: Voice, found: Figures, lead: str) -> Situation:
    """All of it; `lead` names the text that the first line begins with."""
    head = (voice.word(lead), " · ", *_counted(voice, found))
    return Situation(head, tuple(lines(voice, found)), chart(voice, found, head))


def message(voice: Voice, said: Situation, *, files: bool, quarter: bool) -> Message:
    """It as a message with what leads further: a file only where files pass, a `quarter` once there is one."""
    parts: list[Part] = [Title(said.head), *(Paragraph(line) for line in said.lines)]
    return Message(tuple(parts), buttons(voice, files=files, quarter=quarter), notice=voice.line("situation.notice"))


def buttons(voice: Voice, *, files: bool, quarter: bool) -> tuple[tuple[Button, ...], ...]:
    """What leads further."""
    wanted = {
        "situation.words": "situation_words", "situation.watch": "watch_list", "button.calendar": "calendar",
        **({"situation.table": "situation_file"} if files else {}),
        **({"situation.quarter": "quarter"} if quarter else {}),
    }  # fmt: skip
    return tuple((voice.button(key, str(Act(name, 0))),) for key, name in wanted.items())


def _counted(voice: Voice, found: Figures) -> Line:
    """ "12 ärenden på åtta veckor"."""
    total = found.flagged.total
    key = "situation.count" if total > 1 else "situation.count_one" if total else "situation.count_none"
    return voice.line(key, count=total)


def lines(voice: Voice, found: Figures) -> Iterator[Line]:
    """The five: how it is answered, what the police know, what comes, what is watched, who can be reached."""
    if found.flagged.total:
        yield _answers(voice, found)
        yield _police(voice, found)
    yield _ahead(voice, found)
    yield _watched(voice, found)
    yield _parties(voice, found)


def _answers(voice: Voice, found: Figures) -> Line:
    row = found.flagged
    if not row.due:
        return (*taken(voice, row.minutes), " ", *voice.line("situation.kept_none"))
    return (*taken(voice, row.minutes), " ", *voice.line("situation.kept", kept=row.kept, due=row.due))


def taken(voice: Voice, minutes: int | None) -> Line:
    """ "Hälften togs inom 12 minuter."."""
    if minutes is None:
        return voice.line("situation.taken_none")
    return voice.line("situation.taken", time=_long(voice, minutes))


def _long(voice: Voice, minutes: int) -> str:
    """How long, never less than it was."""
    if minutes == 1:
        return voice.word("situation.minute")
    if minutes < 2 * HOUR:
        return voice.word("situation.minutes", count=minutes)
    days = minutes > 2 * DAY
    return voice.word("situation.days" if days else "situation.hours", count=ceil(minutes / (DAY if days else HOUR)))


def _police(voice: Voice, found: Figures) -> Line:
    row = found.flagged
    if not row.reportable:
        return voice.line("situation.police_none")
    return voice.line("situation.police", reported=row.reported, count=row.reportable)


def _ahead(voice: Voice, found: Figures) -> Line:
    row = found.ahead
    if not row.count:
        return voice.line("situation.ahead_none")
    said = voice.line("situation.ahead", count=row.count)
    level = next((level for level in figures.LEVELS if level in row.levels), "")
    if not row.first:
        return (*said, " ", *voice.line("situation.risk.low" if level else "situation.risk.none"))
    named: list[Line] = [occasions.short(voice, meeting) for meeting in row.first]
    what = tuple(span for place, name in enumerate(named) for span in ((", ", *name) if place else name))
    return (*said, " ", *voice.line(f"situation.risk.{level}", what=what))


def _watched(voice: Voice, found: Figures) -> Line:
    row = found.watched
    if not row.count:
        return voice.line("situation.watched_none")
    levels = [(voice.word(f"risk.level.{level or 'none'}").lower(), row.levels.get(level)) for level in LISTED]
    named = ", ".join(f"{name} {count}" for name, count in levels if count)
    key = "situation.watched_due" if row.to_look else "situation.watched"
    return voice.line(key, count=row.count, levels=named, due=row.to_look)


LISTED = (*figures.LEVELS, "")


def _parties(voice: Voice, found: Figures) -> Line:
    if not found.parties:
        return voice.line("situation.parties_none")
    key = "situation.parties" if found.reached < found.parties else "situation.parties_all"
    return voice.line(key, reached=found.reached, count=found.parties)


def rows(voice: Voice, found: Figures) -> list[Row]:
    """Every kind with what there is of it, the most first, and then those with nothing."""
    counts = dict(found.flagged.counts)
    known = voice.catalogue.categories
    none = (0,) * len(found.weeks)
    named = [(voice.word(f"category.{kind}"), counts.pop(kind, none)) for kind in known]
    named.sort(key=lambda row: -sum(row[1]))
    return [*named, _rest(voice, list(counts.values()))] if counts else named  # of a kind that was taken out since


def _rest(voice: Voice, some: list[tuple[int, ...]]) -> Row:
    return voice.word("situation.rest"), tuple(map(sum, zip(*some, strict=True)))


def chart(voice: Voice, found: Figures, head: Line) -> Chart:
    """The picture: kinds by weeks."""
    shown = rows(voice, found)
    if len(shown) > ROWS:
        shown = [*shown[:ROWS], _rest(voice, [counts for _, counts in shown[ROWS:]])]
    columns = tuple(week(voice, monday) for monday in found.weeks)
    totals = found.flagged.parts or (0,) * len(columns)
    return Chart(
        title=plain(head),
        columns=columns,
        rows=tuple(shown),
        words=_spoken(voice, columns, shown),
        sum_name=voice.word("situation.total"),
        totals=totals,
        lines=(_as_of(voice),),
    )


def _as_of(voice: Voice) -> str:
    """When, with the year: a picture is passed on."""
    local = voice.now.astimezone(voice.zone)
    return voice.word("situation.as_of", day=voice.day(voice.now), year=local.year, clock=voice.hour(voice.now))


def week(voice: Voice, monday: date) -> str:
    """ "v. 45"."""
    return voice.word("situation.week", number=monday.isocalendar().week)


def _spoken(voice: Voice, columns: tuple[str, ...], shown: list[Row]) -> str:
    """What the picture shows, in sentences, a line for each kind."""
    said = [voice.word("situation.spoken_head")]
    for name, counts in shown:
        if total := sum(counts):
            weeks = ", ".join(f"{week}: {count}" for week, count in zip(columns, counts, strict=True) if count)
            said.append(voice.word("situation.spoken", kind=name, count=total, weeks=weeks))
    if none := [name for name, counts in shown if not sum(counts)]:
        said.append(voice.word("situation.spoken_none", kinds=", ".join(none)))
    return "\n".join(said)


def in_words(said: Situation) -> Message:
    """The picture for who cannot see it."""
    first, *rest = said.chart.words.split("\n")
    return Message((Title((first,)), *(Paragraph((line,)) for line in rest)))
