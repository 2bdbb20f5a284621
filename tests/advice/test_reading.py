"""A file of advice is read whole, or refused with the line and the reason."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from bot.advice.piece import Step
from bot.advice.reading import MOST_BYTES, BadAdvice, read
from tests.advice.pieces import text, write


def refused(tmp_path: Path, content: str | bytes, name: str = "hissen.md") -> tuple[int, str]:
    file = tmp_path / name
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    with pytest.raises(BadAdvice) as bad:
        read(file, name)
    assert str(bad.value).startswith(f"{name}:{bad.value.line}: ")
    return bad.value.line, bad.value.reason


def test_a_whole_file_is_read(tmp_path: Path) -> None:
    found = read(write(tmp_path), "hissen.md")
    assert (found.words.title, found.facts.version, found.facts.shape) == ("Trasig hiss", date(2026, 11, 26), (2, 1))
    assert found.words.sections[0].steps == (Step("Ring 112.", ("G1",)), Step("Prata genom dörren.", (), local=True))
    assert found.words.sources == (("G1", "Göteborgs Stad https://goteborg.se/"),)


def test_a_file_from_windows_is_read_too(tmp_path: Path) -> None:
    file = tmp_path / "hissen.md"
    file.write_bytes(b"\xef\xbb\xbf" + text().replace("\n", "\r\n").encode())
    assert read(file, "hissen.md").facts.shape == (2, 1)


@pytest.mark.parametrize(
    ("old", "new", "line", "reason"),
    [
        ("---\ntitle", "title", 1, "begin with a line ---"),
        ("approved: false\n---", "approved: false", 26, "that ends the front matter is missing"),
        ("title: Trasig hiss", "titel: Trasig hiss", 1, "title: Field required"),
        ("title: Trasig hiss", 'title: "Trasig', 16, "unexpected end"),
        ("tags: [hiss]", "tags: [hiss", 11, ""),
        ("kind: checklist", "kind: checklista", 4, "kind: Input should be 'checklist'"),
        ("kind: checklist", "kind: checklist\nkind: rules", 5, "kind is there twice"),
        ("audience: [all]", "audience: [all, unit]", 1, "all stands alone"),
        ("audience: [all]", "audience: []", 6, "audience"),
        ("button: Trasig hiss", "button: Hissen har stannat mellan två", 3, "at most 20"),
        ("version: 2026-11-26", "version: i går", 15, "version"),
        ("## Nu", "# Nu", 19, "second level"),
        ("## Nu\n", "", 20, "a heading (## Nu) comes before"),
        ("1. Ring 112. [G1]", "1. Ring 112.", 21, "end the step with its source"),
        ("1. Ring 112. [G1]", "1. Ring 112. [G2]", 21, "[G2] is not among the sources"),
        ("1. Ring 112. [G1]", "1. Ring 112. [G1]\n   - och igen", 22, "numbered steps"),
        ("1. Ring 112. [G1]", "1. Ring\n   112. [G1]", 21, "one line"),
        ("1. Ring 112. [G1]", "Ring 112. [G1]", 21, "numbered steps"),
        ("1. Ring 112. [G1]", "1. [G1]", 21, "without words"),
        ("1. Ring 112. [G1]", "1. ![bild](x.png) Ring 112. [G1]", 21, "neither pictures"),
        ("1. Ring 112. [G1]", "1. " + "mycket " * 40 + "[G1]", 21, "at most 200"),
        ("## Efteråt", "## Efteråt när det har lugnat sig", 26, "at most 18"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(tmp_path: Path, old: str, new: str, line: int, reason: str) -> None:
    assert old in text()
    found = refused(tmp_path, text().replace(old, new, 1))
    assert found[0] == line, found
    assert reason in found[1]


def test_what_is_no_text_no_markdown_or_too_large_is_refused(tmp_path: Path) -> None:
    assert refused(tmp_path, b"\x89PNG\r\n\x1a\n")[1] == "is no text in UTF-8"
    assert refused(tmp_path, "")[0] == 1
    assert "larger than 64 KB" in refused(tmp_path, text() + "x" * MOST_BYTES)[1]
    assert "is no text" in refused(tmp_path, text().encode() + b"\n\xff")[1]
    assert "the file's name" in refused(tmp_path, text(), "Hissen står.md")[1]
    assert "&" not in refused(tmp_path, "---\na: &a [x]\nb: [" + "*a, " * 3000 + "]\n---\n")[1]


def test_a_section_has_no_more_steps_than_can_be_seen_at_once(tmp_path: Path) -> None:
    six = tuple(f"Steg {n}. †" for n in range(6))
    assert "at most 5 steps" in refused(tmp_path, text((("Nu", six),)))[1]
    nine = tuple(f"Steg {n}. †" for n in range(9))
    assert "at most 8 steps" in refused(tmp_path, text((("Nu", six[:5]), ("Sedan", nine))))[1]
