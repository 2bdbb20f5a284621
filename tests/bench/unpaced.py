"""Runs the bot as `tryggvag run` does, with the settings of the environment and without pacing."""

from __future__ import annotations

import asyncio
import logging
import sys

from bot.app import Seams
from bot.cli import serve
from config.settings import read_settings

if __name__ == "__main__":
    logging.basicConfig(level=logging.WARNING)
    sys.exit(asyncio.run(serve(read_settings(), Seams(paced=False))))
