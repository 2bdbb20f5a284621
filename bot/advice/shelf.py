"""All advice: ours, and over it the municipality's own. Files are read again when they change."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import config
from bot.advice.piece import Advice
from bot.advice.reading import BadAdvice, Read, read

FOLDER = "advice"
Stamp = tuple[int, int]


@dataclass
class _File:
    """What a file said when it was last whole, and what is wrong with it now."""

    stamp: Stamp
    good: Read | None = None
    problem: BadAdvice | None = None


@dataclass
class Shelf:
    """Reads the folders; `look` again finds what has changed since.

    A piece in the municipality's own folder takes the place of ours of the same name, in all languages. Of a file that
    is broken the last good version stays for as long as the program runs.
    """

    own: Path | None
    languages: Sequence[str]
    advice: Mapping[str, Advice] = field(default_factory=dict)
    problems: tuple[BadAdvice, ...] = ()
    _files: dict[Path, _File] = field(default_factory=dict)
    _paired: dict[tuple[Path, str], Advice] = field(default_factory=dict)

    @property
    def folders(self) -> tuple[Path, ...]:
        """Where advice lies, the one that gives way first."""
        ours = Path(config.__file__).parent / "content" / FOLDER
        return (ours, self.own / FOLDER) if self.own is not None else (ours,)

    def look(self) -> bool:
        """Read what is new or changed. Returns whether anything was."""
        found = {path: stamp for folder in self.folders for path, stamp in _listed(folder, self.languages)}
        changed = {path: stamp for path, stamp in found.items() if self._stamp(path) != stamp}
        gone = self._files.keys() - found.keys()
        for path in gone:
            del self._files[path]
        for path, stamp in changed.items():
            self._read(path, stamp)
        if changed or gone:
            self._gather()
        return bool(changed or gone)

    def _stamp(self, path: Path) -> Stamp | None:
        file = self._files.get(path)
        return file.stamp if file else None

    def _read(self, path: Path, stamp: Stamp) -> None:
        file = self._files.setdefault(path, _File(stamp))
        file.stamp = stamp
        found = _said(path, stamp)
        if isinstance(found, BadAdvice):
            file.problem = found
        else:
            file.good, file.problem = found, None

    def _gather(self) -> None:
        advice: dict[str, Advice] = {}
        problems = [file.problem for file in self._files.values() if file.problem]
        for folder in self.folders:
            own: dict[str, Advice] = {}
            for slug in sorted({path.stem for path in self._files if path.parent.parent == folder}):
                if (one := self._pair(folder, slug, problems)) is not None:
                    own[slug] = one
            advice |= own
            self._clash(folder, own, problems)
        self.advice = advice
        self.problems = tuple(sorted(problems, key=lambda bad: (bad.file, bad.line)))

    def _pair(self, folder: Path, slug: str, problems: list[BadAdvice]) -> Advice | None:
        """A piece in the languages that it is written in. They must say the same; else what was good stays."""
        paths = {language: folder / language / f"{slug}.md" for language in self.languages}
        there = {language: self._files[path].good for language, path in paths.items() if path in self._files}
        good = {language: one for language, one in there.items() if one is not None}
        if not good:
            return None
        (first, leads), *others = good.items()
        for language, one in others:
            if difference := _difference(leads, one):
                reason = f"{difference} must be the same as in {_name(paths[first])}"
                problems.append(BadAdvice(_name(paths[language]), 2, reason))
                return self._paired.get((folder, slug), Advice(slug, leads.facts, ((first, leads.words),)))
        advice = Advice(slug, leads.facts, tuple((language, one.words) for language, one in good.items()))
        self._paired[folder, slug] = advice
        return advice

    def _clash(self, folder: Path, own: Mapping[str, Advice], problems: list[BadAdvice]) -> None:
        """Two buttons with the same words: nobody could tell them apart."""
        for language in self.languages:
            seen: dict[str, str] = {}
            for slug, advice in own.items():
                label = advice.in_(language).button.casefold()
                if label in seen and language in dict(advice.words):
                    name = _name(folder / language / f"{slug}.md")
                    problems.append(BadAdvice(name, 2, f"button: {seen[label]} has the same"))
                seen[label] = slug


@lru_cache(maxsize=2048)  # a file as it was at one moment says the same to every shelf of the process
def _said(path: Path, _: Stamp) -> Read | BadAdvice:
    try:
        return read(path, _name(path))
    except BadAdvice as bad:
        return bad


def _listed(folder: Path, languages: Iterable[str]) -> Iterable[tuple[Path, Stamp]]:
    for language in languages:
        for path in sorted((folder / language).glob("*.md")):
            try:
                about = path.stat()
            except FileNotFoundError:  # it went away while we looked
                continue
            yield path, (about.st_mtime_ns, about.st_size)


def _name(path: Path) -> str:
    """As people know it: advice/sv/drev.md."""
    return "/".join(path.parts[-3:])


def _difference(one: Read, other: Read) -> str:
    for name in ("kind", "audience", "moments", "categories", "danger", "version", "approved"):
        if getattr(one.facts, name) != getattr(other.facts, name):
            return name
    return "" if one.facts.shape == other.facts.shape else "the number of sections and of steps"
