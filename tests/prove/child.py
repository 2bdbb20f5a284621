"""The bot as a process of its own, which kills itself at the boundary that its parent chose.

`python -m tests.prove.child BOUNDARY N LEASE [hasty]`: with N 0 it lives until its parent closes its standard input.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
import threading
from dataclasses import replace
from typing import Any

from bot.app import App, Seams
from bot.handlers.slack import Acknowledge, Respond, SlackChannel
from bot.handlers.slack import Work as SlackWork
from bot.handlers.telegram import TelegramChannel
from config.settings import read_settings

UP, DYING = "up", "dying"  # what the parent reads; after "up" comes the process's name


class Death:
    """A probe: the process ends at the `at`-th hit of the boundary, with nothing tidied."""

    def __init__(self, boundary: str, at: int) -> None:
        self.boundary, self.left = boundary, at

    def __call__(self, name: str) -> None:
        if name != self.boundary:
            return
        self.left -= 1
        if self.left == 0:
            say(DYING)
            os.kill(os.getpid(), signal.SIGKILL)


class HastyTelegram(TelegramChannel):
    """What the proof must see go red: it acknowledges before the commit."""

    async def take(self, updates: list[dict[str, Any]]) -> None:
        for raw in sorted(updates, key=lambda raw: raw["update_id"]):
            self._acknowledge(raw["update_id"])
            await self.confirm()
            await self._process(raw)


class HastySlack(SlackChannel):
    """The same on Slack."""

    async def settle(
        self, work: SlackWork, acknowledge: Acknowledge, respond: Respond, *, patient: bool = False
    ) -> None:
        await acknowledge(None)
        self.spawn(self._late(work, respond))

    async def _late(self, work: SlackWork, respond: Respond) -> None:
        # What bolt is told now leaves when the listener has returned: a moment later.
        await asyncio.sleep(0.005)
        await self.follow(work, respond)


def say(line: str) -> None:
    """Tell the parent, past every buffer."""
    os.write(sys.stdout.fileno(), f"{line}\n".encode())


def orphaned(loop: asyncio.AbstractEventLoop) -> asyncio.Event:
    """Set when the parent has closed our standard input, or is gone."""
    gone = asyncio.Event()

    def watch() -> None:
        sys.stdin.buffer.read()
        loop.call_soon_threadsafe(gone.set)

    threading.Thread(target=watch, daemon=True).start()
    return gone


async def live(seams: Seams) -> None:
    """Run the bot until it kills itself or its parent lets it go."""
    gone = orphaned(asyncio.get_running_loop())
    app = App(read_settings(), seams)
    await app.start()
    say(f"{UP} {app.name}")
    await gone.wait()
    await app.stop()


def main(boundary: str, at: str, lease: str, *mode: str) -> None:
    """Be the bot for one life."""
    logging.basicConfig(level=logging.WARNING, format="%(process)d %(levelname)s %(name)s: %(message)s")
    death = Death(boundary, int(at))
    seams = Seams(probe=death, paced=False, lease=float(lease))
    if mode:
        seams = replace(seams, telegram=HastyTelegram, slack=HastySlack)
    asyncio.run(live(seams))


if __name__ == "__main__":
    main(*sys.argv[1:])
