"""A few words as people type them find the right piece."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.advice.library import Library
from tests.advice.pieces import write

HERE = Path(__file__).parent
LIBRARY = Library()
LINES = [line.split("\t") for line in (HERE / "queries.tsv").read_text("utf-8").splitlines()]
QUERIES = [line for line in LINES if not line[0].startswith("#") and len(line) > 1]
NONSENSE = (HERE / "nonsense.txt").read_text("utf-8").splitlines()
NEARLY = 4  # lines of nonsense with a word that some piece has in another sense: "users", "best"


def found(query: str, *, unit: bool = False) -> list[str]:
    return [one.slug for one in LIBRARY.find(query, 3, lambda one: unit or not one.facts.closed)]


def test_the_right_piece_is_first_for_95_of_100_and_among_three_for_98() -> None:
    """How they did at the first try, before synonyms were added for what missed, is said in the file."""
    assert len(QUERIES) >= 120
    results = [(query, slug, found(query, unit=bool(unit))) for query, slug, *unit in QUERIES]
    first = sum(best[:1] == [slug] for _, slug, best in results)
    among = sum(slug in best for _, slug, best in results)
    assert first >= 0.95 * len(results), [one for one in results if one[2][:1] != [one[1]]]
    assert among >= 0.98 * len(results)


def test_every_piece_is_looked_for_by_somebody() -> None:
    assert {slug for _, slug, *_ in QUERIES} == {one.slug for one in LIBRARY.every}


def test_what_is_for_the_unit_is_found_by_nobody_else() -> None:
    for query, slug, *unit in QUERIES:
        if unit:
            assert slug in found(query, unit=True)
            assert slug not in found(query)


def test_nonsense_finds_nothing() -> None:
    answered = [line for line in NONSENSE if found(line, unit=True)]
    assert len(NONSENSE) == 25
    assert len(answered) <= NEARLY, answered


@given(st.text(max_size=400))
def test_no_words_are_too_strange(words: str) -> None:
    assert len(found(words)) <= 3


def test_a_huge_query_is_answered_from_its_beginning() -> None:
    assert found("hatstorm på facebook " + "x" * 100_000)[0] == "drev"


@pytest.mark.parametrize(
    ("query", "slug"),
    [
        ("hatstrom", "drev"),
        ("polisanmälen", "polisanmalan"),
        ("dörr knackning", "dorrknackning"),
        ("hotmejlen", "hot-i-skrift"),
        ("paketen", "forsandelse"),
        ("suspicous parcle", "forsandelse"),
        ("PAKET MED SLADD!!!", "forsandelse"),
    ],
)
def test_slips_inflections_and_compounds(query: str, slug: str) -> None:
    assert found(query)[0] == slug


def test_while_a_word_is_typed_it_is_completed() -> None:
    assert "drev" in found("hatsto")


def test_a_municipalitys_own_words_are_found_at_once(tmp_path: Path) -> None:
    library = Library(tmp_path)
    assert library.get("hissen") is None
    write(tmp_path)
    library.refresh()
    assert [one.slug for one in library.find("hissen har fastnat", 1, lambda _: True)] == ["hissen"]
