"""The bot that is measured, in a process of its own: the whole program, without pacing, or a bare bot."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import psutil

from tests.bench.municipality import Municipality, until

WHOLE = ("-c", "from bot.cli import main; main()", "run")
UNPACED = ("-m", "tests.bench.unpaced")
BARE = ("-m", "tests.bench.bare")
AsyncContext = AbstractAsyncContextManager[asyncio.subprocess.Process]


async def spawn(town: Municipality, command: tuple[str, ...]) -> asyncio.subprocess.Process:
    """Start it, with the settings in its environment."""
    environment = {**os.environ, **town.environment}
    out = asyncio.subprocess.DEVNULL
    return await asyncio.create_subprocess_exec(sys.executable, *command, env=environment, stdout=out, stderr=out)


async def end(process: asyncio.subprocess.Process) -> None:
    """Ask it to stop, and wait until it has."""
    if process.returncode is None:
        process.terminate()
    try:
        await asyncio.wait_for(process.wait(), 15)
    except TimeoutError:
        process.kill()
        await process.wait()


@asynccontextmanager
async def _running(town: Municipality, command: tuple[str, ...]) -> AsyncIterator[asyncio.subprocess.Process]:
    polls = town.polls
    process = await spawn(town, command)
    try:
        await until(lambda: town.polls > polls or process.returncode is not None, "the first poll")
        assert process.returncode is None, f"{command} ended with {process.returncode}"
        yield process
    finally:
        await end(process)


def whole_program(town: Municipality) -> AsyncContext:
    """`tryggvag run`."""
    return _running(town, WHOLE)


def unpaced_bot(town: Municipality) -> AsyncContext:
    """The bot as it runs, but sending as fast as it can."""
    return _running(town, UNPACED)


def bare_bot(town: Municipality) -> AsyncContext:
    """python-telegram-bot alone: one answer to each message, nothing kept."""
    return _running(town, BARE)


def cpu_seconds(process: asyncio.subprocess.Process) -> float:
    """How much processor time it has used."""
    used = psutil.Process(process.pid).cpu_times()
    return float(used.user + used.system)
