"""A piece of advice: a checklist, or a card of rules, of texts to copy, or of questions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

KINDS = ("checklist", "rules", "template", "discussion")
READERS = ("all", "official", "contact", "helper", "unit")
MOMENTS = ("meeting", "incident", "election", "term")


@dataclass(frozen=True)
class Step:
    """One line. `local` when it is common practice, which the municipality's own chief is to approve."""

    text: str
    sources: tuple[str, ...] = ()
    local: bool = False


@dataclass(frozen=True)
class Section:
    """Steps that belong together; the heading is a button too."""

    heading: str
    steps: tuple[Step, ...]


@dataclass(frozen=True)
class Facts:
    """What is the same in every language. `danger`: the first section is for the one who is in it now."""

    kind: str
    audience: tuple[str, ...]
    moments: tuple[str, ...]
    categories: tuple[str, ...]
    danger: bool
    version: date
    approved: bool
    shape: tuple[int, ...]  # how many steps each section has

    @property
    def closed(self) -> bool:
        """Whether only the unit reads it."""
        return set(self.audience) == {"unit"}

    @property
    def runs(self) -> bool:
        """Whether it is something to tick off."""
        return self.kind == "checklist"


@dataclass(frozen=True)
class Words:
    """What it says in one language. `button` is its title in at most 20 characters; `when` is when it is for."""

    title: str
    button: str
    when: str
    tags: tuple[str, ...]
    synonyms: tuple[str, ...]
    sources: tuple[tuple[str, str], ...]
    sections: tuple[Section, ...]


@dataclass(frozen=True)
class Advice:
    """One piece in every language that it is written in; the first is the one that others fall back to."""

    slug: str
    facts: Facts
    words: tuple[tuple[str, Words], ...]

    def in_(self, language: str) -> Words:
        """In this language, or the first that there is."""
        return dict(self.words).get(language) or self.words[0][1]

    @property
    def steps(self) -> int:
        """How many there are."""
        return sum(self.facts.shape)


def to_json(advice: Advice) -> dict[str, Any]:
    """What a run keeps of the version that it started with."""
    return {
        "slug": advice.slug,
        "version": advice.facts.version.isoformat(),
        "closed": advice.facts.closed,
        "words": {
            language: {
                "title": words.title,
                "sections": [[part.heading, [step.text for step in part.steps]] for part in words.sections],
            }
            for language, words in advice.words
        },
    }
