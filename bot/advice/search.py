"""Finds advice by a few words, as people type them: SQLite's full-text search over stems, in memory.

A word that no piece has is taken apart as a compound, completed, or read as the nearest word that one has.
"""

from __future__ import annotations

import re
import sqlite3
import threading
import unicodedata
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import snowballstemmer
from rapidfuzz import process
from rapidfuzz.distance import OSA

import config
from bot.advice.piece import Advice, Words

LONGEST, MOST_WORDS = 300, 30  # characters of a query, and words of it, that are looked at
NEAR = ((5, 1), (8, 2))  # from how many letters on a word may be so many slips away
MOST_NEAR = 5
SHORTEST_PART = 3  # letters of a part of a compound
WORD = re.compile(r"[^\W_]+")
STEMMERS = {"sv": "swedish", "en": "english"}
TABLES = {"named": 1.0, "said": 0.5}  # what the whole text counts beside the one name that fits best
OF_FORMS, OF_GUESSES = 0.8, 0.5  # what a compound's part, and a word that was misspelled, count beside one as written
ROOT, ENDING = 5, 2  # letters that two words of the same root share at least, and that one may have more
LIKELY = {"checklist": 1.0, "rules": 0.95, "template": 0.95, "discussion": 0.95}
NEARBY = 0.4  # of the best one's score: what fits worse is none of what was meant
IN_DANGER = 1.08  # who is in danger has no time to look again
EMPTY = frozenset(  # words that say nothing of what it is about
    word
    for line in (Path(config.__file__).parent / "content" / "empty_words.txt").read_text("utf-8").splitlines()
    if not line.startswith("#")
    for word in line.split()
)


def folded(text: str) -> list[str]:
    """The words of a text in small letters, without dots and rings: "Hatstorm på FB" is hatstorm, pa, fb."""
    bare = unicodedata.normalize("NFKD", text.casefold())
    return WORD.findall("".join(letter for letter in bare if not unicodedata.combining(letter)))


@lru_cache(maxsize=50_000)
def stem(language: str, word: str) -> str:
    """The part of a word that its forms share."""
    return str(_stemmer(language).stemWord(word))


@lru_cache
def _stemmer(language: str) -> Any:
    return snowballstemmer.stemmer(STEMMERS[language])


def _stems(word: str) -> Iterator[str]:
    """As it may stand in the index: nobody says in which language they write."""
    for language in STEMMERS:
        yield stem(language, word)


class Index:
    """The words of all pieces. Made anew when a piece has changed; safe to ask from any thread."""

    def __init__(self, advice: Mapping[str, Advice]) -> None:
        self._lock = threading.Lock()
        pieces = [(slug, language, words) for slug, one in advice.items() for language, words in one.words]
        texts = [" ".join(part) for _, _, words in pieces for part in (_named(words), _said(words))]
        self._base = sorted({word for text in texts for word in folded(text) if len(word) > 1} - EMPTY)
        self._whole = set(self._base)
        self._known = {one for word in self._base for one in _stems(word)}
        self._ordered = sorted(self._known)
        self._likely = {
            slug: LIKELY[one.facts.kind] * (IN_DANGER if one.facts.danger else 1) for slug, one in advice.items()
        }
        self._database = sqlite3.connect(":memory:", check_same_thread=False)
        for table, parts in (("named", _named), ("said", _said)):
            self._database.execute(f"CREATE VIRTUAL TABLE {table} USING fts5(slug UNINDEXED, words, tokenize='ascii')")
            rows = [(slug, self._indexed(text, language)) for slug, language, words in pieces for text in parts(words)]
            self._database.executemany(f"INSERT INTO {table} VALUES (?, ?)", rows)  # noqa: S608 - our own names

    def _indexed(self, text: str, language: str) -> str:
        """The stems of the words, and of what compounds are made of."""
        lead = language if language in STEMMERS else "sv"
        found: list[str] = []
        for word in folded(text):
            if word not in EMPTY:
                found.append(stem(lead, word))
                found.extend(one for part in self._parts(word) for one in _stems(part))
        return " ".join(found)

    def find(self, query: str) -> list[str]:
        """The slugs that fit, best first; none when nothing does."""
        scores: dict[str, float] = {}
        for weight, stems in self._meant(folded(query[:LONGEST])[:MOST_WORDS]):
            wanted = " OR ".join(f'"{one}"' for one in sorted(stems))
            for table, counts in TABLES.items() if wanted else ():
                for slug, score in self._scores(table, wanted).items():
                    scores[slug] = scores.get(slug, 0.0) + weight * counts * score
        scores = {slug: score * self._likely[slug] for slug, score in scores.items()}
        least = NEARBY * max(scores.values(), default=0.0)
        return sorted((slug for slug in scores if scores[slug] >= least), key=lambda slug: (-scores[slug], slug))

    def _scores(self, table: str, wanted: str) -> dict[str, float]:
        """How well each piece's best row fits; more is better."""
        found: dict[str, float] = {}
        with self._lock:
            rows = self._database.execute(f"SELECT slug, -bm25({table}) FROM {table} WHERE {table} MATCH ?", (wanted,))  # noqa: S608
            for slug, score in rows:
                found[slug] = max(score, found.get(slug, 0.0))
        return found

    def _meant(self, words: list[str]) -> list[tuple[float, set[str]]]:
        """The stems to look for, and what each kind of them counts: as written, in other forms, guessed."""
        written: set[str] = set()
        formed: set[str] = set()
        guessed: set[str] = set()
        said = heard = 0
        for first, second in zip(words, [*words, ""][1:], strict=True):
            apart = second and not EMPTY.issuperset((first, second))
            if apart and first + second in self._whole:  # "dörr knackning"
                written.update(_stems(first + second))
            if first in EMPTY:
                continue
            said += 1
            known = self._known.intersection(_stems(first))
            parts = {one for part in self._parts(first) for one in _stems(part)} & self._known
            near = (
                {one for word in self._near(first, typing=not second) for one in _stems(word)} if not known else set()
            )
            heard += bool(known or parts or near)
            written |= known
            formed |= self._longer(first) | (set() if near else parts)
            guessed |= near
        if not written and heard <= said / 2:  # a guess at one word of many is none
            return []
        return [(1.0, written), (OF_FORMS, formed - written), (OF_GUESSES, guessed - written - formed)]

    def _longer(self, word: str) -> set[str]:
        """Other words of the same root: polisanmäla is no form of polisanmälan, says the stemmer."""
        found: set[str] = set()
        for one in _stems(word):
            if len(one) >= ROOT:
                at = bisect_left(self._ordered, one)
                for longer in self._ordered[at : at + MOST_NEAR]:
                    if longer.startswith(one) and len(longer) - len(one) <= ENDING:
                        found.add(longer)
        return found

    def _parts(self, word: str) -> tuple[str, ...]:
        """What a compound is made of: hotbrev is hot and brev, valstuga val and stuga; nothing for other words."""
        for cut in range(len(word) - SHORTEST_PART, SHORTEST_PART - 1, -1):
            head, tail = word[:cut], word[cut:]
            if self._is_part(tail) and (self._is_part(head) or (head.endswith("s") and self._is_part(head[:-1]))):
                return (head if self._is_part(head) else head[:-1], tail)
        return ()

    def _is_part(self, word: str) -> bool:
        return len(word) >= SHORTEST_PART and word not in EMPTY and bool(self._known.intersection(_stems(word)))

    def _near(self, word: str, *, typing: bool) -> list[str]:
        """Words that it is a slip of; while the last one is being typed, those that begin with it."""
        if len(word) < NEAR[0][0]:
            return []
        if typing and (begun := [one for one in self._base if one.startswith(word)]):
            return begun[:MOST_NEAR]
        slips = max(most for letters, most in NEAR if len(word) >= letters)
        found = process.extract(word, self._base, scorer=OSA.distance, score_cutoff=slips, limit=MOST_NEAR)
        least = min((distance for _, distance, _ in found), default=0)
        return [one for one, distance, _ in found if distance == least]


def _named(words: Words) -> Iterator[str]:
    """What it is called, and by whom how."""
    yield from (words.title, words.button, *words.synonyms, " ".join(words.tags))


def _said(words: Words) -> Iterator[str]:
    steps = (step.text for section in words.sections for step in section.steps)
    yield " ".join((words.when, words.title, *words.synonyms, *words.tags, *steps))
