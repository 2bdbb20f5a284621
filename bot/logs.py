"""What a log may say of an error: its kind and where, never its words, for they may be a person's."""

from __future__ import annotations

import traceback
from pathlib import Path


def trail(error: BaseException) -> str:
    """The kind of the error and of its causes, and the last places that it came through."""
    frames = traceback.extract_tb(error.__traceback__)[-6:]
    places = " < ".join(f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in reversed(frames))
    cause = error.__cause__ or error.__context__
    return f"{type(error).__name__} at {places}" + (f"; because of {trail(cause)}" if cause is not None else "")
