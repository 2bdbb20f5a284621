"""How soon the program receives, and how much memory it holds."""

from __future__ import annotations

import time
from asyncio.subprocess import Process

import psutil

from tests.bench.flags import BUTTON, ask
from tests.bench.municipality import Municipality, until
from tests.bench.process import WHOLE, end, spawn

MEGABYTE = 1_000_000


async def seconds_to_first_poll(town: Municipality) -> float:
    """From the start of the process until the server has its first getUpdates."""
    polls = town.polls
    began = time.perf_counter()
    process = await spawn(town, WHOLE)
    try:
        await until(lambda: town.polls > polls or process.returncode is not None, "the first poll", look=0.002)
        seconds = time.perf_counter() - began
        assert process.returncode is None, f"the program ended with {process.returncode}"
    finally:
        await end(process)
    return seconds


async def memory_after(town: Municipality, program: Process, flags: int) -> float:
    """Megabytes resident once so many flags have receipts; the chief's notices go at Telegram's pace."""
    questions = await ask(town, town.reporters[:flags])
    known = [len(human.messages) for human, _ in questions]
    for human, question in questions:
        await human.press(question, BUTTON)
    pairs = [(human, count) for (human, _), count in zip(questions, known, strict=True)]
    await until(lambda: all(len(human.messages) > count for human, count in pairs), "the receipts")
    resident: int = psutil.Process(program.pid).memory_info().rss
    return resident / MEGABYTE
