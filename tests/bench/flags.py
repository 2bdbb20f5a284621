"""From the press of "Händer nu" until the chief has the notice."""

from __future__ import annotations

import asyncio
import random
import sqlite3
import time
from collections.abc import Iterator
from dataclasses import dataclass

from bot.playground.telegram_model import Sent
from bot.playground.telegram_people import Human
from tests.bench.municipality import Municipality, until

BUTTON = "Händer nu"
PLACE = """
    SELECT account.user, post.ref FROM incident
    JOIN account ON account.person_id = incident.reporter_id
    JOIN post ON post.incident_id = incident.id
    JOIN account AS chief ON chief.id = post.account_id
    WHERE chief.user = ? AND post.reason = 'raised' ORDER BY incident.id
"""


@dataclass(frozen=True)
class Handover:
    """One press: who, and when the server had it."""

    reporter: Human
    pressed_at: float

    @staticmethod
    def times(town: Municipality, rounds: list[list[Handover]]) -> Iterator[float]:
        """Seconds from each press until its own notice reached the chief, by the database's references."""
        with sqlite3.connect(town.file) as database:
            rows = database.execute(PLACE, (str(town.chief.id),)).fetchall()
        came = {f"{m.chat_id}:{m.message_id}": m.received_at for m in town.chief.messages}
        notices: dict[str, list[float]] = {}
        for user, ref in rows:
            notices.setdefault(user, []).append(came[ref])
        for number, presses in enumerate(rounds):
            for press in presses:
                yield notices[str(press.reporter.id)][number] - press.pressed_at


async def flag(town: Municipality, rate: float) -> list[Handover]:
    """Every reporter flags once, `rate` a second at random moments; returns when the chief knows of all."""
    questions = await ask(town, town.reporters)
    before = notices(town)
    presses = []
    dice = random.Random(20)
    due = time.perf_counter()
    for human, question in questions:
        await asyncio.sleep(due - time.perf_counter())
        await human.press(question, BUTTON)
        presses.append(Handover(human, pressed_at=newest(town)))
        due += dice.expovariate(rate)
    await until(lambda: notices(town) >= before + len(presses), "the chief's notices")
    await quiet(town)
    return presses


async def ask(town: Municipality, reporters: list[Human]) -> list[tuple[Human, Sent]]:
    """Everybody writes /flagga and gets the question with the button."""
    known = {human.id: len(human.messages) for human in reporters}
    for human in reporters:
        await human.write("/flagga")
    await until(lambda: all(asked(human, known[human.id]) for human in reporters), "the questions")
    await quiet(town)
    return [(human, asked(human, known[human.id])[-1]) for human in reporters]


def asked(human: Human, since: int) -> list[Sent]:
    """The questions with the button that came since."""
    return [message for message in human.messages[since:] if BUTTON in message.labels]


def notices(town: Municipality) -> int:
    """How many messages the chief has."""
    return len(town.chief.messages)


def newest(town: Municipality) -> float:
    """When the newest update came into the server's queue."""
    return next(reversed(town.telegram.sent_at.values()))


async def quiet(town: Municipality) -> None:
    """Return when the bot has called for nothing in half a second, but to poll."""
    calls = -1
    while calls != (calls := len(town.telegram.calls)):  # noqa: ASYNC110 -- there is nothing to wait on
        await asyncio.sleep(0.5)
