"""A risk guide in one sitting: cases sorted, then every statement of raised ones; from each press to its answer."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from itertools import cycle

from bot.playground.telegram_people import Human
from tests.bench.flags import newest
from tests.bench.municipality import Municipality, until

LEVELS = cycle(("Låg", "Hög", "Måttlig"))
STILL = 0.15  # seconds without a change, after which nothing more is expected
DEEP = 5  # the raised cases whose statements are all answered
SECOND, THIRD = ("Låg", "Måttlig", "Hög", "Vet inte"), ("Stämmer inte", "Stämmer delvis", "Stämmer helt", "Vet inte")


async def sitting(town: Municipality, cases: int) -> list[float]:
    """The chief sorts and assesses so many cases, press by press; the seconds that each took to be answered."""
    chief, took = town.chief, list[float]()
    await chief.write("/risk")
    await until(lambda: bool(chief.messages), "the start of the risk guide")
    await _pressed(town, chief, "Ärende utan möte")
    known = len(chief.messages)
    await chief.write("\n".join(f"Bänk nummer {number} i parken" for number in range(cases)))
    await until(lambda: len(chief.messages) > known + 1, "the cases")
    await _settled(chief)
    for label in _sorting(cases):
        took.append(await _pressed(town, chief, label))
    took.append(await _pressed(town, chief, "Visa läget"))
    board = chief.messages[-1]
    for label in [one for one in board.labels if one.startswith("Bänk")][: min(DEEP, cases // 3)]:
        await chief.press(board, label)
        await _settled(chief)
        took += [await _pressed(town, chief, label) for label in _statements("Gör steg 2", SECOND, 8, roles=True)]
        took += [await _pressed(town, chief, label) for label in _statements("Gör steg 3", THIRD, 12, roles=False)]
    return took


def _sorting(cases: int) -> Iterator[str]:
    for number in range(cases):
        if number and number % 5 == 0:
            yield "Nästa sida"
        yield f"{'ABCDE'[number % 5]} {next(LEVELS)}"


def _statements(begin: str, answers: tuple[str, ...], count: int, *, roles: bool) -> Iterator[str]:
    yield begin
    choice = cycle(answers)
    for _ in range(count):
        yield next(choice)
    if roles:
        yield from ("Säkerhetschefen", "Inga fler")
    yield "Ja, räkna ihop"


async def _pressed(town: Municipality, chief: Human, label: str) -> float:
    """Seconds from the press until all that it leads to stands in the chat: the answer, and what it replaces."""
    message = next(m for m in reversed(chief.messages) if label in m.labels)
    before = _seen(chief)
    await chief.press(message, label)
    at = newest(town)
    await until(lambda: _seen(chief) != before, label, look=0.001)
    return await _settled(chief) - at


async def _settled(chief: Human) -> float:
    """Return when nothing has come or changed for a while: the moment of the last change, as `time.perf_counter`."""
    seen, since = _seen(chief), time.perf_counter()
    while time.perf_counter() - since < STILL:
        await asyncio.sleep(0.001)
        if seen != (seen := _seen(chief)):
            since = time.perf_counter()
    return since


def _seen(chief: Human) -> tuple[int, int]:
    return len(chief.messages), sum(message.edited for message in chief.messages)
