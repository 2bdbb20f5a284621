"""Has pictures drawn by a child process, which gets nothing of ours but the chart: no settings, no keys, no folder.

The bot stays as light and as quick as it is: what draws weighs more than all of it, and is gone when it has drawn.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import tempfile
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from bot.picture.chart import Chart, to_json

Draw = Callable[[Chart], Awaitable[bytes]]

COMMAND = (sys.executable, "-P", "-m", "bot.picture")  # -P: nothing is loaded from the folder where it runs
ROOT = Path(__file__).parents[2]
WITHIN = 20.0  # seconds that one picture may take
KEPT = 4  # pictures remembered: the same one goes to many
FAILS_FOR = 60.0  # seconds in which what could not be drawn is not tried again
SAYS_WHY = (65, 70)
SIGNATURE = b"\x89PNG\r\n\x1a\n"


class NotDrawn(Exception):
    """There is no picture; `args[0]` says why, in none of its words."""


class Drawer:
    """Draws one picture at a time, by `command`, which is killed when it takes longer than `within` seconds."""

    def __init__(self, command: Sequence[str] = COMMAND, within: float = WITHIN) -> None:
        self._command, self._within = command, within
        self._one = asyncio.Lock()
        self._known: OrderedDict[Chart, tuple[bytes | NotDrawn, float]] = OrderedDict()

    async def draw(self, chart: Chart) -> bytes:
        """The chart as PNG. Raises NotDrawn."""
        async with self._one:
            made = self._remembered(chart)
            if made is None:
                try:
                    made = await self._drawn(chart)
                except NotDrawn as problem:
                    made = problem
                self._remember(chart, made)
        if isinstance(made, NotDrawn):
            raise NotDrawn(*made.args)
        return made

    def _remembered(self, chart: Chart) -> bytes | NotDrawn | None:
        made, at = self._known.get(chart, (None, 0.0))
        return None if isinstance(made, NotDrawn) and time.monotonic() - at > FAILS_FOR else made

    def _remember(self, chart: Chart, made: bytes | NotDrawn) -> None:
        self._known[chart] = made, time.monotonic()
        self._known.move_to_end(chart)
        while len(self._known) > KEPT:
            self._known.popitem(last=False)

    async def _drawn(self, chart: Chart) -> bytes:
        try:
            with tempfile.TemporaryDirectory(prefix="picture-") as home:
                status, made, said = await self._run(_given(chart), home)
        except TimeoutError:  # which is an OSError too
            raise NotDrawn("it took too long") from None
        except OSError as error:
            raise NotDrawn(f"the child does not start: {type(error).__name__}") from None
        if status != 0:
            why = said.decode(errors="replace").strip()[:100] if status in SAYS_WHY else ""
            raise NotDrawn(f"the child ended with {status} {why}".rstrip())
        if not made.startswith(SIGNATURE):
            raise NotDrawn("what came is no picture")
        return made

    async def _run(self, given: bytes, home: str) -> tuple[int | None, bytes, bytes]:
        """The child's exit status, and what it wrote. Whatever ends the waiting ends the child."""
        pipe = asyncio.subprocess.PIPE
        child = await asyncio.create_subprocess_exec(
            *self._command, stdin=pipe, stdout=pipe, stderr=pipe, cwd=home, env=bare(home), start_new_session=True
        )
        try:
            async with asyncio.timeout(self._within):
                made, said = await child.communicate(given)
        finally:
            if child.returncode is None:
                _kill(child)
                await child.wait()
        return child.returncode, made, said


def _given(chart: Chart) -> bytes:
    """What is drawn: not the words for who cannot see it."""
    return json.dumps(to_json(replace(chart, words=""))).encode()


def _kill(child: asyncio.subprocess.Process) -> None:
    """It, and whatever it has started."""
    with suppress(ProcessLookupError):
        if hasattr(os, "killpg"):
            os.killpg(child.pid, signal.SIGKILL)
        else:
            child.kill()


def bare(home: str) -> dict[str, str]:
    """All that the child has around it."""
    return {
        "PATH": os.defpath,
        "LANG": "C.UTF-8",
        "PYTHONPATH": str(ROOT),
        "MPLBACKEND": "Agg",
        "MPLCONFIGDIR": home,
        "OPENBLAS_NUM_THREADS": "1",  # each thread would set memory aside
    }
