"""What there is to read at this moment, and how it is found. `refresh` puts a new shelf and index in place whole."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property, lru_cache
from pathlib import Path

from bot.advice.piece import Advice
from bot.advice.reading import BadAdvice
from bot.advice.search import Index
from bot.advice.shelf import Shelf

LANGUAGES = ("sv", "en")


class _Now:
    """The pieces of one moment, and their index."""

    def __init__(self, advice: Mapping[str, Advice], problems: Sequence[BadAdvice]) -> None:
        self.advice, self.problems = advice, tuple(problems)

    @cached_property
    def index(self) -> Index:
        return _index(tuple(self.advice[slug] for slug in sorted(self.advice)))


@lru_cache(maxsize=4)  # ours alone is the same for every library of the process
def _index(advice: tuple[Advice, ...]) -> Index:
    return Index({one.slug: one for one in advice})


class Library:
    """Our advice, and the municipality's own over it. Read by any thread; refreshed by one."""

    def __init__(self, own: Path | None = None) -> None:
        self._shelf = Shelf(own, LANGUAGES)
        self._shelf.look()
        self._now = _Now(self._shelf.advice, self._shelf.problems)

    def warm(self) -> None:
        """Make the index before anybody asks for something: it takes as long as many answers."""
        _ = self._now.index

    def refresh(self) -> bool:
        """Read what has changed in the folders. Returns whether anything had."""
        if not self._shelf.look():
            return False
        now = _Now(self._shelf.advice, self._shelf.problems)
        _ = now.index  # made here, so that nobody who asks waits for it
        self._now = now
        return True

    @property
    def problems(self) -> tuple[BadAdvice, ...]:
        """The files that cannot be used as they are now."""
        return self._now.problems

    @property
    def every(self) -> Iterable[Advice]:
        """All pieces, in the order of their names."""
        advice = self._now.advice
        return [advice[slug] for slug in sorted(advice)]

    def get(self, slug: str) -> Advice | None:
        """The piece of that name."""
        return self._now.advice.get(slug)

    def find(self, words: str, most: int, reads: Callable[[Advice], bool]) -> list[Advice]:
        """What fits some words, best first, of what this person reads."""
        now = self._now
        found = (now.advice[slug] for slug in now.index.find(words))
        return [advice for advice in found if reads(advice)][:most]
