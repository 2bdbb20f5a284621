"""Runs the bot with the settings of the environment and without pacing, until it is asked to stop."""

from __future__ import annotations

import asyncio
import logging
import signal

from bot.app import App, Seams
from config.settings import read_settings


async def run() -> None:
    """Until SIGTERM."""
    bot = App(read_settings(), Seams(paced=False))
    stopped = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopped.set)
    await bot.start()
    await stopped.wait()
    await bot.stop()


if __name__ == "__main__":
    logging.basicConfig(level=logging.WARNING)
    asyncio.run(run())
