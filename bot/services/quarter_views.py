"""A finished quarter as the parties' contacts read it: de-identified, in words and as a picture."""

from __future__ import annotations

from collections.abc import Iterator

from bot.catalogue import Voice
from bot.messages import Line, Message, Paragraph, Part, Title, plain
from bot.picture.chart import Chart
from bot.services import situation_views
from bot.services.quarters import Quarter, Shown


def message(voice: Voice, quarter: Quarter, shown: Shown) -> Message:
    """The words, which say all that the picture does."""
    parts: list[Part] = [Title(_head(voice, quarter, shown)), *(Paragraph(line) for line in _lines(voice, shown))]
    return Message(tuple(parts), notice=voice.line("situation.notice"))


def name(voice: Voice, quarter: Quarter) -> str:
    """ "kvartal 3 2026"."""
    return voice.word("quarter.name", number=quarter.number, year=quarter.year)


def _head(voice: Voice, quarter: Quarter, shown: Shown) -> Line:
    key = "quarter.head" if shown.total is None else "quarter.head_total"
    return voice.line(key, quarter=name(voice, quarter), total=shown.total)


def _lines(voice: Voice, shown: Shown) -> Iterator[Line]:
    if shown.empty:
        yield voice.line("quarter.too_few")
        return
    yield (", ".join(f"{kind}: {count}" for kind, count in _rows(voice, shown) if count is not None), ".")
    if _hides(shown):
        yield voice.line("quarter.hidden")
    if shown.minutes is not None:
        yield situation_views.taken(voice, shown.minutes)
    if shown.reported is not None:
        yield voice.line("quarter.police", reported=shown.reported, total=shown.total)


def _hides(shown: Shown) -> bool:
    return shown.rest is None and shown.total is None


def _rows(voice: Voice, shown: Shown) -> list[tuple[str, int | None]]:
    """The kinds, the most first; those that are put together last, also where they are too few to be told."""
    kinds = sorted(shown.kinds, key=lambda row: -row[1])
    rows: list[tuple[str, int | None]] = [(_kind(voice, key), count) for key, count in kinds]
    together = shown.rest is not None or _hides(shown)
    return [*rows, (voice.word("situation.rest"), shown.rest)] if together else rows


def _kind(voice: Voice, key: str) -> str:
    """What it is called now; a kind may have been taken out since the quarter was reckoned."""
    text = f"category.{key}"
    return voice.word(text) if voice.catalogue.has(text) else key


def chart(voice: Voice, quarter: Quarter, shown: Shown) -> Chart:
    """The picture: a row for each kind that is shown."""
    said = message(voice, quarter, shown)
    return Chart(
        title=plain(_head(voice, quarter, shown)),
        columns=(voice.word("quarter.column", number=quarter.number, year=quarter.year),),
        rows=tuple((kind, (count,)) for kind, count in _rows(voice, shown)),
        words=" ".join(plain(part.line) for part in said.parts if isinstance(part, Title | Paragraph)),
        sum_name=voice.word("situation.total") if shown.total is not None else "",
        totals=(shown.total,) if shown.total is not None else (),
        few=voice.word("quarter.few"),
    )
