"""What runs for as long as the process: a loop that ends by an error is started again, never left dead."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from bot.logs import trail

log = logging.getLogger(__name__)
REST = 1.0  # seconds before a loop that ended is started again


async def kept(
    name: str, work: Callable[[], Awaitable[None]], died: Callable[[str], None] = lambda _: None, rest: float = REST
) -> None:
    """Do `work` until cancelled. It should never return; `died` hears the name each time that it did."""
    while True:
        try:
            await work()
        except Exception as error:
            log.error("%s ended by an error and is started again: %s", name, trail(error))
        else:
            log.error("%s ended and is started again", name)
        died(name)
        await asyncio.sleep(rest)
