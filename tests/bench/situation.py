"""The situation of many incidents: reckoned by the database, drawn beside the bot, while people press as ever."""

from __future__ import annotations

import asyncio
import json
import random
import sqlite3
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import cycle
from pathlib import Path

from bot.catalogue import Catalogue
from bot.playground.telegram_people import Human
from bot.services import escalation_plan, figures
from bot.services.work import Work, read_house
from storage.database import Database
from storage.types import keyring
from tests.bench.flags import newest
from tests.bench.municipality import Municipality, until

KINDS = ("threat", "hate", "pile_on", "pressure", "meeting", "violence", "other", "unknown", "")
LINES = ("raised", "detail", "detail", "detail", "taken", "promised", "answer", "words", "answer", "close")
IMMINENCES = ("now", "brewing", "rumour")
SPAN = timedelta(weeks=7)  # all of it is in the eight weeks that are shown
BUTTON = "Checklistor"
INCIDENT = """
    INSERT INTO incident (id, imminence, category, reporter_id, party_sees, status, details, raised_at, sent_at, chain,
                          taken_by, taken_at) VALUES (?, ?, ?, 1, 0, ?, ?, ?, ?, '[]', 1, ?)
"""
ENTRY = "INSERT INTO entry (incident_id, at, kind, author_id, body) VALUES (?, ?, ?, 1, ?)"


class Desk:
    """The database of a municipality that has had so many incidents in eight weeks, each with its timeline."""

    def __init__(self, file: Path, key: str, count: int) -> None:
        self._file, self._now, self._dice = file, datetime.now(UTC), random.Random(7)
        keyring.use([key])
        self._body = keyring.seal(json.dumps({"text": "Någon ropade utanför lokalen. " * 5}).encode())
        self._number = 0
        self.add(count)

    def add(self, count: int) -> None:
        """So many more."""
        database = sqlite3.connect(self._file, timeout=30)
        with database:
            for number in range(self._number + 1, self._number + count + 1):
                at = self._now - SPAN * self._dice.random()
                imminence, status = self._dice.choice(IMMINENCES), self._dice.choice(("open", "closed"))
                times = (_written(at),) * 3
                row = (number, imminence, self._dice.choice(KINDS), status, self._body, *times)
                database.execute(INCIDENT, row)
                database.executemany(ENTRY, self._timeline(number, at))
            self._number += count
        database.close()

    def _timeline(self, number: int, at: datetime) -> Iterator[tuple[int, str, str, bytes]]:
        for kind in (*LINES, *(("police",) if self._dice.random() < 0.3 else ())):
            at += timedelta(minutes=30 * self._dice.random())
            yield number, _written(at), kind, self._body


def _written(at: datetime) -> str:
    """As SQLAlchemy writes it."""
    return at.strftime("%Y-%m-%d %H:%M:%S.%f")


async def reckoned(file: Path, key: str, rounds: int) -> list[float]:
    """Seconds of the database's thread for all figures, sorted."""
    database, took = Database(f"sqlite:///{file}", [key]), list[float]()
    with database.transaction() as session:
        house = read_house(session, Catalogue(), escalation_plan.load())
    for _ in range(rounds):
        began = time.perf_counter()
        await database.run(lambda session: figures.gather(Work(session, datetime.now(UTC), house)))
        took.append(time.perf_counter() - began)
    database.close()
    return sorted(took)


@dataclass
class Measured:
    """Seconds until each picture came; until each press was answered while one was drawn, and while none was."""

    pictures: list[float] = field(default_factory=list)
    presses: list[float] = field(default_factory=list)
    quiet: list[float] = field(default_factory=list)


class Crowd:
    """The reporters, who press a button of their menus in turn, so many a second at random moments."""

    def __init__(self, reporters: list[Human], rate: float) -> None:
        self._turn, self._rate, self._dice = cycle(reporters), rate, random.Random(20)
        self._menus = {human.id: human.messages[-1] for human in reporters}

    async def press(self, town: Municipality, goes_on: Callable[[], bool]) -> list[float]:
        """Press for as long as that; seconds until each press was answered."""
        pressed = list[tuple[Human, int, float]]()
        while goes_on():
            human = next(self._turn)
            known = len(human.messages)
            await human.press(self._menus[human.id], BUTTON)
            pressed.append((human, known, newest(town)))
            await asyncio.sleep(self._dice.expovariate(self._rate))
        await until(lambda: all(len(human.messages) > known for human, known, _ in pressed), "the answers")
        return [human.messages[known].received_at - at for human, known, at in pressed]


async def drawn(town: Municipality, desk: Desk, pictures: int, rate: float) -> Measured:
    """The chief asks again and again how things stand, and never twice the same; meanwhile the others press."""
    found = Measured()
    for human in town.reporters:
        await human.write("/meny")
    await until(lambda: all(BUTTON in (h.messages[-1].labels if h.messages else ()) for h in town.reporters), "menus")
    crowd = Crowd(town.reporters, rate)
    for _ in range(pictures):
        await asyncio.to_thread(desk.add, 1)
        had = _pictures(town.chief)
        await town.chief.write("/lage")
        asked = newest(town)
        found.presses += await crowd.press(town, lambda: _pictures(town.chief) == had)  # noqa: B023
        found.pictures.append(_newest_picture(town.chief) - asked)
        end = time.perf_counter() + found.pictures[-1]
        found.quiet += await crowd.press(town, lambda: time.perf_counter() < end)  # noqa: B023
    return found


def _pictures(chief: Human) -> int:
    return sum(bool(message.file) for message in chief.messages)


def _newest_picture(chief: Human) -> float:
    return next(message.received_at for message in reversed(chief.messages) if message.file)
