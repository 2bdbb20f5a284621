"""From a query until its list is handed over, with many lists loaded."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Iterator
from pathlib import Path

from bot.advice.library import Library
from tests.advice.pieces import write
from tests.bench.flags import newest
from tests.bench.municipality import Municipality, until

QUERIES = Path(__file__).parents[1] / "advice" / "queries.tsv"
WORDS = (
    "buss",
    "skola",
    "parkering",
    "bibliotek",
    "badhus",
    "vinter",
    "nyckel",
    "larm",
    "kassa",
    "resa",
    "växel",
    "kiosk",
)


def fill(folder: Path, lists: int) -> int:
    """A municipality's own lists beside ours, so many in all. Returns how many there are."""
    dice = random.Random(5)
    for number in range(lists - len(list(Library().every))):
        first, second, third = dice.sample(WORDS, 3)
        title, said = f"{first} {second} {number}", f"{first} {second} {third}"
        write(folder, f"egen-{number}", title=title, button=f"Egen {number}", tags=third, synonym=said, when=said)
    return len(list(Library(folder).every))


def queries() -> Iterator[str]:
    """What people type, over and over."""
    lines = [line.split("\t")[0] for line in QUERIES.read_text("utf-8").splitlines() if not line.startswith("#")]
    while True:
        yield from lines


async def search(town: Municipality, rounds: int, rate: float) -> list[float]:
    """Everybody looks for something, `rate` a second at random moments; seconds until each has the list."""
    dice, words, took = random.Random(20), queries(), list[float]()
    first = town.reporters[0]  # the lists are read by then
    await first.write("/checklista drev")
    await until(lambda: bool(first.messages), "the first list")
    due = time.perf_counter()
    for _ in range(rounds):
        pressed = []
        for human in town.reporters:
            await asyncio.sleep(due - time.perf_counter())
            known = len(human.messages)
            await human.write(f"/checklista {next(words)}")
            pressed.append((human, known, newest(town)))
            due += dice.expovariate(rate)
        await until(lambda: all(len(human.messages) > known for human, known, _ in pressed), "the lists")  # noqa: B023
        took += [human.messages[known].received_at - at for human, known, at in pressed]
    return took
