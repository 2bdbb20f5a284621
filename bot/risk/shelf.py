"""The risk guide that is in force: ours, or the municipality's own in its place. Read again when the file changes."""

from __future__ import annotations

import hashlib
import json
from functools import lru_cache
from pathlib import Path

import config
from bot.advice.reading import BadAdvice
from bot.risk.guide import Guide, to_json
from bot.risk.reading import read

FILE = "risk.toml"
Stamp = tuple[int, int]


class Guides:
    """Of an own file that is broken the last good version stays for as long as the program runs; before there is one,
    ours. Read by any thread; refreshed by one.
    """

    def __init__(self, own: Path | None = None) -> None:
        self._file = own / FILE if own is not None else None
        self._ours = _ours()
        self._seen: Stamp | None = None
        self._good: Guide | None = None
        self._problems: tuple[BadAdvice, ...] = ()
        self.refresh()

    def refresh(self) -> bool:
        """Read the municipality's file if it has changed. Returns whether it had."""
        if self._file is None or (stamp := _stamp(self._file)) == self._seen:
            return False
        said = _said(self._file, stamp) if stamp is not None else None
        self._seen = stamp
        self._problems = (said,) if isinstance(said, BadAdvice) else ()
        if not isinstance(said, BadAdvice):
            self._good = said
        return True

    @property
    def guide(self) -> Guide:
        """What is asked and counted by now."""
        return self._good or self._ours

    @property
    def problems(self) -> tuple[BadAdvice, ...]:
        """Why the municipality's file cannot be used as it is now, if it cannot."""
        return self._problems


@lru_cache(maxsize=16)  # every press asks for it
def digest(guide: Guide) -> str:
    """What tells this guide from every other one, whatever version it calls itself."""
    plain = json.dumps(to_json(guide), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(plain.encode()).hexdigest()[:32]


def _ours() -> Guide:
    file = Path(config.__file__).parent / "content" / FILE
    said = _said(file, _stamp(file))
    if isinstance(said, BadAdvice):
        raise said
    return said


@lru_cache(maxsize=64)  # a file as it was at one moment says the same to every house of the process
def _said(file: Path, _: Stamp | None) -> Guide | BadAdvice:
    try:
        return read(file, FILE)
    except BadAdvice as bad:
        return bad


def _stamp(file: Path) -> Stamp | None:
    try:
        about = file.stat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError:
        return 0, 0  # reading it will say why
    return about.st_mtime_ns, about.st_size
