"""Templates are content: whoever edits them wrongly is told which file, which template and what to write."""

from __future__ import annotations

from pathlib import Path

import pytest

import config
from bot import templates
from bot.catalogue import LANGUAGES

GOOD = """
[[template]]
key = "leave"
level = "emergency"
ask = "safe"
minutes = 15
sv = { title = "Utrym", headline = "Utrym nu", text = "Gå ut." }
en = { title = "Leave", headline = "Leave now", text = "Walk out." }
"""


def read(tmp_path: Path, text: str) -> dict[str, templates.Template]:
    file = tmp_path / "alerts.toml"
    file.write_text(text, encoding="utf-8")
    return templates.read(file, LANGUAGES)


def test_the_programs_own_templates_begin_with_what_is_most_urgent() -> None:
    found = templates.read(Path(config.__file__).parent / "content" / "alerts.toml", LANGUAGES)
    levels = [template.level for template in found.values() if not template.exercise]
    order = ["emergency", "warning", "information", "allclear"]
    assert levels == sorted(levels, key=order.index) and len(found) >= 8
    assert any(template.exercise for template in found.values())


def test_a_template_has_its_words_in_every_language(tmp_path: Path) -> None:
    found = read(tmp_path, GOOD)["leave"]
    assert (found.level, found.ask, found.minutes, found.exercise) == ("emergency", "safe", 15, False)
    assert ("en", "headline", "Leave now") in found.words and len(found.words) == 6


@pytest.mark.parametrize(
    ("before", "after", "reason"),
    [
        ('key = "leave"', 'key = "Leave it"', "Leave it: key: 1 to 16"),
        ('key = "leave"', 'key = "leave_the_building_now"', "key: 1 to 16"),
        ('key = "leave"', "", "template 1: key"),
        ('"emergency"', '"urgent"', "leave: level: one of"),
        ('ask = "safe"', 'ask = "yes"', "leave: ask: one of"),
        ('ask = "safe"', "", "leave: ask: one of"),
        ("minutes = 15", "", "leave: minutes"),
        ("minutes = 15", "minutes = true", "leave: minutes"),
        ('ask = "safe"', 'ask = "nothing"', "leave: minutes"),
        ("minutes = 15", 'minutes = 15\nexercise = "no"', "leave: exercise"),
        ("minutes = 15", 'minutes = 15\ncolour = "red"', "leave: colour: is not known"),
        ('title = "Utrym"', 'title = "Utrym lokalen genast nu"', "leave: sv.title: 1 to 20"),
        ('headline = "Utrym nu"', 'headline = ""', "leave: sv.headline: 1 to 80"),
        ('headline = "Utrym nu"', 'headline = "a\\nb"', "leave: sv.headline: one line"),
        ('text = "Gå ut."', 'text = "Gå {ut}."', "leave: sv.text: no braces"),
        ('text = "Gå ut."', 'text = 7', "leave: sv.text: 1 to"),
        (', text = "Walk out."', "", "leave: en: write title, headline, text"),
        ("[[template]]", "[[template", "alerts.toml: "),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_by_file_template_and_reason(
    tmp_path: Path, before: str, after: str, reason: str
) -> None:
    assert before in GOOD
    with pytest.raises(ValueError) as found:
        read(tmp_path, GOOD.replace(before, after, 1))
    assert str(found.value).startswith("alerts.toml: ") and reason in str(found.value)


def test_a_key_that_is_there_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="leave: the key is there twice"):
        read(tmp_path, GOOD + GOOD)


def test_something_that_is_no_template_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="write each one below"):
        read(tmp_path, 'template = ["leave"]')
