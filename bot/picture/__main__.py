"""The child process: a chart as JSON on stdin, its picture as PNG on stdout.

What goes wrong is said on stderr in none of the chart's words: they would end in a log.
"""

from __future__ import annotations

import json
import os
import sys
import warnings
from contextlib import suppress

from bot.picture.chart import Chart, checked

BAD, FAILED = 65, 70  # exit statuses, as sysexits.h has them: the input is none, or it could not be drawn
NICE = 10  # whoever waits for an answer goes first
MEMORY, SECONDS = 1 << 30, 20  # address space, of which drawing takes a quarter; and time of the processor
MOST = 2_000_000  # bytes of a chart


def main() -> int:
    """Draw one picture; returns the exit status."""
    modest()
    try:
        given = json.loads(sys.stdin.buffer.read(MOST))
    except (ValueError, RecursionError):  # in its own words it would quote what it read
        return refuse(BAD, "not a chart")
    try:
        chart = checked(given)
    except ValueError as error:
        return refuse(BAD, str(error))
    try:
        picture = drawn(chart)
    except Exception as error:
        return refuse(FAILED, type(error).__name__)
    sys.stdout.buffer.write(picture)
    return 0


def modest() -> None:
    """Take little of the machine, and leave no memory image behind. Where there are no such limits there are none."""
    with suppress(AttributeError, OSError):
        os.nice(NICE)
    try:
        import resource
    except ImportError:
        return
    limits = ((resource.RLIMIT_AS, MEMORY), (resource.RLIMIT_CPU, SECONDS), (resource.RLIMIT_CORE, 0))
    for what, most in limits:
        with suppress(ValueError, OSError):
            resource.setrlimit(what, (most, most))


def drawn(chart: Chart) -> bytes:
    """The picture. What draws it is loaded first here: a chart that is none needs nothing of it."""
    warnings.simplefilter("ignore")  # a letter that the font has not is drawn as a box, and not named
    from bot.picture.drawing import png

    return png(chart)


def refuse(status: int, reason: str) -> int:
    """Say why there is no picture."""
    sys.stderr.write(f"{reason}\n")
    return status


if __name__ == "__main__":
    sys.exit(main())
