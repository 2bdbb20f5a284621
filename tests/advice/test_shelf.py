"""The municipality's own advice lies over ours, and changes are found; what is broken leaves what was good."""

from __future__ import annotations

import os
from pathlib import Path

from bot.advice.library import Library
from tests.advice.pieces import TWO, write

LATER = [0]


def touched(file: Path) -> None:
    """A change within the same tick of the disk's clock must be seen too."""
    LATER[0] += 1
    at = 2_000_000_000 + LATER[0]
    os.utime(file, (at, at))


def test_a_new_name_adds_and_the_same_name_replaces(tmp_path: Path) -> None:
    shipped = Library()
    write(tmp_path)
    write(tmp_path, "drev", title="Vår egen lista", button="Egen lista")
    library = Library(tmp_path)
    assert library.problems == ()
    assert len(list(library.every)) == len(list(shipped.every)) + 1
    drev = library.get("drev")
    assert drev is not None
    assert drev.in_("sv").title == "Vår egen lista"
    assert drev.in_("en").title == "Vår egen lista", "ours in English would say something else than theirs in Swedish"


def test_a_change_is_picked_up_and_a_broken_one_leaves_the_last_good(tmp_path: Path) -> None:
    file = write(tmp_path)
    library = Library(tmp_path)
    assert not library.refresh()
    file.write_text(file.read_text("utf-8").replace("Ring 112", "Ring genast 112"), "utf-8")
    touched(file)
    assert library.refresh()
    hiss = library.get("hissen")
    assert hiss is not None and hiss.in_("sv").sections[0].steps[0].text == "Ring genast 112."
    file.write_text("ingen lista", "utf-8")
    touched(file)
    assert library.refresh()
    assert [(bad.file, bad.line) for bad in library.problems] == [("advice/sv/hissen.md", 1)]
    assert library.get("hissen") == hiss
    assert [one.slug for one in library.find("fast mellan våningar", 1, lambda _: True)] == ["hissen"]
    write(tmp_path)
    touched(file)
    assert library.refresh()
    assert library.problems == ()


def test_a_file_that_goes_away_gives_ours_back(tmp_path: Path) -> None:
    file = write(tmp_path, "drev", title="Vår egen lista")
    library = Library(tmp_path)
    file.unlink()
    assert library.refresh()
    drev = library.get("drev")
    assert drev is not None and drev.in_("sv").title == "Hat och drev i sociala medier"


def test_two_languages_must_say_the_same(tmp_path: Path) -> None:
    write(tmp_path)
    write(tmp_path, language="en", sections=(TWO[0],))
    library = Library(tmp_path)
    [bad] = library.problems
    assert bad.file == "advice/en/hissen.md"
    assert "the number of sections and of steps must be the same as in advice/sv/hissen.md" in bad.reason
    hiss = library.get("hissen")
    assert hiss is not None and [language for language, _ in hiss.words] == ["sv"]


def test_two_pieces_with_the_same_button_are_told(tmp_path: Path) -> None:
    write(tmp_path)
    write(tmp_path, "hissen-igen")
    assert [bad.reason for bad in Library(tmp_path).problems] == ["button: hissen has the same"]


def test_a_folder_that_is_empty_or_not_there_adds_nothing(tmp_path: Path) -> None:
    assert Library(tmp_path / "none").problems == ()
    assert len(list(Library(tmp_path).every)) == len(list(Library().every))
