"""Advice of the tests' own, written into a folder as a municipality would."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

HEAD = """---
title: {title}
button: {button}
kind: {kind}
when: {when}
audience: [{audience}]
moments: [{moments}]
categories: [{categories}]
danger: {danger}
tags: [{tags}]
synonyms:
  - {synonym}
sources:
  G1: Göteborgs Stad https://goteborg.se/
version: 2026-11-26
approved: {approved}
---
"""
FACTS = {
    "title": "Trasig hiss",
    "button": "Trasig hiss",
    "kind": "checklist",
    "when": "Någon sitter fast.",
    "audience": "all",
    "moments": "",
    "categories": "",
    "danger": "false",
    "tags": "hiss",
    "synonym": "fast mellan två våningar",
    "approved": "false",
}
Sections = Sequence[tuple[str, Sequence[str]]]
TWO: Sections = (("Nu", ("Ring 112. [G1]", "Prata genom dörren. †")), ("Efteråt", ("Skriv upp när det hände. [G1]",)))


def text(sections: Sections = TWO, **facts: str) -> str:
    """A file's whole text."""
    body = "".join(
        f"\n## {heading}\n\n" + "".join(f"{n}. {step}\n" for n, step in enumerate(steps, 1))
        for heading, steps in sections
    )
    return HEAD.format(**{**FACTS, **facts}) + body


def write(folder: Path, slug: str = "hissen", language: str = "sv", sections: Sections = TWO, **facts: str) -> Path:
    """Put a piece into a municipality's folder. Returns the file."""
    file = folder / "advice" / language / f"{slug}.md"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text(sections, **facts), encoding="utf-8")
    return file
