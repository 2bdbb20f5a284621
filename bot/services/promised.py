"""What the chief's morning post says of promises: measures due or late, issues to look at, who stands alone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from sqlmodel import col, select

from bot.catalogue import Voice
from bot.messages import Button, Line, Words
from bot.services import measures, watch_list
from bot.services.work import Work
from bot.tokens import Act
from storage.tables import Measure, Person, Watch

SHOWN = 4  # of a kind; more are counted


@dataclass
class Promises:
    """What is due before a moment."""

    look: list[Watch] = field(default_factory=list)
    measures: list[Measure] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.look or self.measures)

    def __len__(self) -> int:
        return len(self.look) + len(self.measures)


def due(work: Work, before: datetime) -> Promises:
    """The issues to look at, and the measures to be done, before then."""
    look = [row for row in watch_list.watched(work) if row.look_at < before]
    query = select(Measure).where(Measure.state == "open", col(Measure.due_at) < before)
    return Promises(look, list(work.session.exec(query.order_by(col(Measure.due_at), col(Measure.id)))))


def lines(work: Work, voice: Voice, promises: Promises) -> Iterable[Line]:
    """A line each: what is late first, then what to look at, and where somebody stands alone."""
    for row in promises.measures[:SHOWN]:
        key = "promised.late" if row.due_at <= work.now else "promised.measure"
        yield voice.line(key, text=(Words(row.text),), who=_name(work, row.owner_id))
    for watch in promises.look[:SHOWN]:
        yield voice.line("promised.look", title=(Words(watch.title),), who=_name(work, watch.owner_id))
        if watch.faces == "one":
            yield voice.line("promised.alone", title=(Words(watch.title),))
    left = len(promises) - len(promises.measures[:SHOWN]) - len(promises.look[:SHOWN])
    if left:
        yield voice.line("promised.more", count=left)


def _name(work: Work, person: int) -> str:
    return work.session.get_one(Person, person).name


def buttons(voice: Voice, promises: Promises) -> Iterable[tuple[Button, ...]]:
    """To each of them."""
    for row in promises.measures[:SHOWN]:
        yield (measures.button(row),)
    for watch in promises.look[:SHOWN]:
        yield (Button(watch_list.label(watch), str(Act("watch", watch_list.id_of(watch)))),)
    for name, found in (("measure_list", promises.measures), ("watch_list", promises.look)):
        if len(found) > SHOWN:
            yield (voice.button(f"button.{name}", str(Act(name, 0))),)
