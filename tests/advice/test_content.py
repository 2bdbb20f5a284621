"""What we ship can be read aloud to somebody with shaking hands, and says where it comes from."""

from __future__ import annotations

import re
from pathlib import Path

import config
from bot.advice.library import Library
from bot.advice.piece import Advice, Words

LIBRARY = Library()
FOLDER = Path(config.__file__).parent / "content" / "advice"
WORD = re.compile(r"[^\W\d_]+")


def lix(words: Words) -> float:
    """Words to a sentence, and of a hundred those with more than six letters."""
    steps = [step.text for section in words.sections for step in section.steps]
    found = [word for step in steps for word in WORD.findall(step)]
    sentences = sum(max(1, len(re.findall(r"[.:?](?:\s|$)", step))) for step in steps)
    return len(found) / sentences + 100 * sum(len(word) > 6 for word in found) / len(found)


def test_all_of_it_can_be_used_and_is_complete_in_both_languages() -> None:
    assert LIBRARY.problems == ()
    assert len(list(LIBRARY.every)) >= 41
    for one in LIBRARY.every:
        assert [language for language, _ in one.words] == ["sv", "en"], one.slug
        assert (FOLDER / "sv" / f"{one.slug}.md").exists()


def test_lists_for_danger_have_now_and_afterwards() -> None:
    danger = [one for one in LIBRARY.every if one.facts.danger]
    assert len(danger) >= 9
    for one in danger:
        for language, headings in (("sv", ["Nu", "Efteråt"]), ("en", ["Now", "Afterwards"])):
            assert headings[0] == one.in_(language).sections[0].heading
            assert headings[1] in [section.heading for section in one.in_(language).sections]
        assert one.facts.shape[0] <= 5


def test_swedish_is_plain() -> None:
    lists = [one for one in LIBRARY.every if one.facts.kind == "checklist"]
    hard = {one.slug: round(lix(one.in_("sv"))) for one in lists if lix(one.in_("sv")) > HARDEST}
    assert not hard
    assert sum(lix(one.in_("sv")) for one in lists) / len(lists) <= 35


HARDEST = 45  # of a single list: words such as säkerhetsansvarige and polisanmäl are long, and are what they are called


def test_no_shouting_no_labels_and_no_words_of_ours_in_place_of_the_police() -> None:
    for one in LIBRARY.every:
        for language, words in one.words:
            for section in words.sections:
                for step in section.steps:
                    assert "!" not in step.text, (one.slug, language)
                    assert "rättshaverist" not in step.text.casefold()
                    assert not re.search(r"(?<!om )\bdet är (ett )?brott\b|(?<!whether )it is a crime", step.text)


def test_every_source_is_used_and_every_step_has_one_or_says_that_it_is_ours() -> None:
    for one in LIBRARY.every:
        for _, words in one.words:
            used = {key for section in words.sections for step in section.steps for key in step.sources}
            assert used == dict(words.sources).keys(), one.slug


def test_every_category_leads_somewhere() -> None:
    categories = {name for one in LIBRARY.every for name in one.facts.categories}
    assert categories == {"threat", "hate", "pile_on", "pressure", "meeting", "violence", "other", "unknown"}


def test_what_is_for_the_unit_never_says_how() -> None:
    closed: list[Advice] = [one for one in LIBRARY.every if one.facts.closed]
    assert {one.slug for one in closed} == {"lokalgenomgang", "bevakning"}
    for one in closed:
        assert "aldrig hur" in one.in_("sv").when
