"""The plans that are in force: ours, and over them the municipality's own. Read again when the files change."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

import config
from bot.advice.reading import BadAdvice
from bot.plans.plan import Plan
from bot.plans.reading import read

FOLDER = "plans"
Stamp = tuple[int, int]


class Plans:
    """A file in the municipality's own folder takes the place of ours of the same name, and a new name adds one.

    Of a file that is broken the last good version stays for as long as the program runs; before there is one, ours of
    the same name.
    """

    def __init__(self, own: Path | None = None) -> None:
        ours = Path(config.__file__).parent / "content" / FOLDER
        self._folders = (ours, own / FOLDER) if own is not None else (ours,)
        self._seen: Mapping[Path, Stamp] = {}
        self._good: dict[Path, Plan] = {}
        self._plans: Mapping[str, Plan] = {}
        self._problems: tuple[BadAdvice, ...] = ()
        self.refresh()

    def refresh(self) -> bool:
        """Read what has changed in the folders. Returns whether anything had."""
        found = dict(_listed(self._folders))
        if found == self._seen:
            return False
        self._good = {path: plan for path, plan in self._good.items() if path in found}
        problems: list[BadAdvice] = [bad for bad in self._problems if not self._changed(bad, found)]
        for path in [path for path, stamp in found.items() if self._seen.get(path) != stamp]:
            said = _said(path, found[path])
            if isinstance(said, BadAdvice):
                problems.append(said)
            else:
                self._good[path] = said
        self._seen, self._problems = found, tuple(sorted(problems, key=lambda bad: (bad.file, bad.line)))
        self._plans = {path.stem: self._good[path] for path in found if path in self._good}
        return True

    def _changed(self, bad: BadAdvice, found: Mapping[Path, Stamp]) -> bool:
        """Whether a file of that name is gone, or is another one now."""
        same = [path for path in self._seen if _name(path) == bad.file]
        return any(found.get(path) != self._seen[path] for path in same)

    @property
    def problems(self) -> tuple[BadAdvice, ...]:
        """The files that cannot be used as they are now."""
        return self._problems

    @property
    def every(self) -> Iterable[Plan]:
        """All plans, in the order of their names."""
        return [self._plans[name] for name in sorted(self._plans)]

    def get(self, name: str) -> Plan | None:
        """The plan of that name."""
        return self._plans.get(name)

    def of(self, kind: str) -> list[Plan]:
        """What prepares for occasions of this kind."""
        return [plan for plan in self.every if kind in plan.kinds]


@lru_cache(maxsize=256)  # a file as it was at one moment says the same to every house of the process
def _said(path: Path, _: Stamp) -> Plan | BadAdvice:
    try:
        return read(path, _name(path))
    except BadAdvice as bad:
        return bad


def _listed(folders: Iterable[Path]) -> Iterator[tuple[Path, Stamp]]:
    for path in (path for folder in folders for path in sorted(folder.glob("*.toml"))):
        with suppress(FileNotFoundError):  # it went away while we looked
            about = path.stat()
            yield path, (about.st_mtime_ns, about.st_size)


def _name(path: Path) -> str:
    return "/".join(path.parts[-2:])
