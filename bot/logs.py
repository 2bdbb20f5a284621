"""What a log may say: ids and kinds, and where; never anybody's words, for an error's text may hold them."""

from __future__ import annotations

import logging
import sys
import traceback
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Literal

from pythonjsonlogger.json import JsonFormatter

Raised = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]

# Below these levels the libraries print what people wrote, whom they asked for it, or tokens.
QUIET = {
    "aiohttp": logging.ERROR,
    "aiohttp.access": logging.CRITICAL,
    "alembic": logging.WARNING,
    "apscheduler": logging.WARNING,
    "asyncio": logging.WARNING,
    "httpcore": logging.WARNING,
    "httpx": logging.WARNING,
    "psycopg": logging.WARNING,
    "slack_bolt": logging.WARNING,
    "slack_sdk": logging.WARNING,
    "sqlalchemy": logging.WARNING,
    "telegram": logging.WARNING,
    "uvicorn": logging.ERROR,
    "uvicorn.access": logging.CRITICAL,
    "uvicorn.error": logging.CRITICAL,  # tracebacks, and whatever anybody sends that is no HTTP
}
FIELDS = {"asctime": "time", "levelname": "level", "name": "logger", "message": "message", "process": "process"}
TEXT = "%(asctime)s %(levelname)s %(name)s %(message)s"


def trail(error: BaseException) -> str:
    """The kind of the error and of its causes, and the last places that it came through."""
    frames = traceback.extract_tb(error.__traceback__)[-6:]
    places = " < ".join(f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in reversed(frames))
    cause = error.__cause__ or error.__context__
    return f"{type(error).__name__} at {places}" + (f"; because of {trail(cause)}" if cause is not None else "")


class Wordless(logging.Formatter):
    """Lines for people. An exception that somebody logs is told by its trail."""

    def formatException(self, ei: Raised) -> str:  # noqa: N802 -- the library's name
        """The trail instead of the traceback."""
        return trail(ei[1]) if ei[1] is not None else ""


class WordlessJson(JsonFormatter):
    """One JSON object a line: time (UTC), level, logger, message, process, and exc_info where there is a trail."""

    def __init__(self) -> None:
        super().__init__(list(FIELDS), rename_fields=FIELDS, json_ensure_ascii=False)

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:  # noqa: N802 -- likewise
        """UTC, to the millisecond."""
        return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")

    def formatException(self, ei: Raised) -> str:  # noqa: N802 -- the library's name
        """The trail instead of the traceback."""
        return trail(ei[1]) if ei[1] is not None else ""

    def process_log_record(self, log_data: dict[str, Any]) -> dict[str, Any]:
        """Nothing that a library hangs on its records beside the message gets out."""
        return {name: log_data[name] for name in (*FIELDS.values(), "exc_info") if name in log_data}


def quiet() -> None:
    """Let the libraries say no more than they may; what is stricter already stays so."""
    for name, level in QUIET.items():
        logger = logging.getLogger(name)
        logger.setLevel(max(level, logger.level))


def set_up(style: Literal["text", "json"]) -> None:
    """Log to standard error from here on, in this style; what somebody has set up already stays."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(WordlessJson() if style == "json" else Wordless(TEXT))
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    quiet()
