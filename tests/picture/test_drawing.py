"""What the picture shows, that a phone shows it sharply, and that it can be read by whoever sees badly."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations
from typing import Any

import pytest
from matplotlib.font_manager import get_font

from bot.picture.chart import Chart, checked, from_json, to_json
from bot.picture.drawing import FONTS, measured, png
from bot.picture.layout import HEAD, PAPER, WIDTH, Box, Plan, Text, planned
from bot.picture.wrapping import broken
from tests.picture.charts import KINDS, LONG, SHAPES, WEEKS

AA = 4.5  # WCAG 2: the contrast that text of any size must have


def every_shape() -> pytest.MarkDecorator:
    return pytest.mark.parametrize("chart", SHAPES.values(), ids=SHAPES)


def plan_of(chart: Chart) -> Plan:
    return planned(chart, measured)


def said(plan: Plan) -> list[str]:
    return [text.words for text in plan.texts]


def chunks(picture: bytes) -> Iterator[tuple[str, bytes]]:
    """The parts of a PNG: name and content."""
    place = 8
    while place < len(picture):
        length = int.from_bytes(picture[place : place + 4], "big")
        yield picture[place + 4 : place + 8].decode(), picture[place + 8 : place + 8 + length]
        place += 12 + length


def area(text: Text) -> tuple[float, float, float, float]:
    """Left, top, right and bottom of what a text covers, its letters' height above the baseline."""
    wide, high = measured(text.words, text.size, text.bold), text.size * 0.73
    if text.turned:
        return text.x - high, text.y - wide, text.x, text.y
    left = text.x - wide / 2 if text.anchor == "center" else text.x
    return left, text.y - high, left + wide, text.y


def under(plan: Plan, text: Text) -> str:
    """The colour that a text really stands on."""
    left, top, right, bottom = area(text)
    x, y = (left + right) / 2, (top + bottom) / 2
    there = [b for b in plan.boxes if b.x <= x <= b.x + b.wide and b.y <= y <= b.y + b.high]
    return there[-1].colour if there else PAPER


def contrast(one: str, other: str) -> float:
    """As WCAG 2 reckons it, from 1 to 21."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    parts = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_contrast_is_reckoned_as_wcag_does() -> None:
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast("#767676", "#FFFFFF") == pytest.approx(4.54, abs=0.01)


@every_shape()
def test_every_text_can_be_read_on_what_it_stands_on(chart: Chart) -> None:
    plan = plan_of(chart)
    for text in plan.texts:
        assert under(plan, text) == text.on, text
        assert contrast(text.colour, text.on) >= AA, text


@every_shape()
def test_everything_is_inside_and_nothing_covers_anything(chart: Chart) -> None:
    plan = plan_of(chart)
    areas = [(text, area(text)) for text in plan.texts]
    for text, (left, top, right, bottom) in areas:
        assert left >= 40 and right <= WIDTH - 40 + 1, text
        assert top >= 30 and bottom <= plan.high - 30, text
    for (one, a), (other, b) in combinations(areas, 2):
        apart = a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] or b[3] <= a[1]
        assert apart, f"{one.words!r} and {other.words!r}"


@every_shape()
def test_it_is_a_picture_of_a_phones_width_with_nothing_else_in_it(chart: Chart) -> None:
    """No time, no name of a program, no text: only the size and the points."""
    picture = png(chart)
    parts = dict(chunks(picture))
    assert picture.startswith(b"\x89PNG\r\n\x1a\n") and set(parts) == {"IHDR", "pHYs", "IDAT", "IEND"}
    wide, high = int.from_bytes(parts["IHDR"][:4], "big"), int.from_bytes(parts["IHDR"][4:8], "big")
    assert (wide, high) == (WIDTH, plan_of(chart).high)
    assert wide + high <= 10_000 and len(picture) < 1_000_000  # what Telegram takes as a photo, and then some


def test_the_same_chart_is_the_same_picture_and_another_is_another() -> None:
    chart = SHAPES["whole"]
    assert png(chart) == png(replace(chart)) != png(replace(chart, title="Läget vecka 35–46"))


def test_the_whole_table_is_upright_and_its_smallest_text_is_large() -> None:
    plan = plan_of(SHAPES["whole"])
    assert 1.3 * WIDTH < plan.high < 2 * WIDTH
    assert min(text.size for text in plan.texts) == HEAD == 30


@pytest.mark.parametrize("name", ["whole", "one row", "one column", "hundreds", "few", "months", "long names"])
def test_every_cell_has_its_figure(name: str) -> None:
    chart = SHAPES[name]
    shown = said(plan_of(chart))
    for counts in (*(cells for _, cells in chart.rows), chart.totals):
        for cell in counts:
            words = chart.few if cell is None else str(cell)
            assert words in shown
            shown.remove(words)


def test_a_cell_with_none_is_calm_and_says_nought() -> None:
    plan = plan_of(Chart("Läget", ("v. 46", "v. 47"), (("Hot", (0, 7)),), ""))
    none, seven = (next(text for text in plan.texts if text.words == words) for words in ("0", "7"))
    assert none.on == PAPER and not none.bold
    assert seven.on != PAPER and seven.bold


def test_more_is_darker_and_a_lone_figure_is_no_blaze() -> None:
    def ground(*cells: int) -> list[float]:
        plan = plan_of(Chart("Läget", WEEKS[: len(cells)], (("Hot", cells),), ""))
        return [luminance(next(t for t in plan.texts if t.words == str(cell) and t.bold).on) for cell in cells]

    steps = ground(10, 40, 100, 200, 400)
    assert steps == sorted(steps, reverse=True) and len(set(steps)) == 5
    (alone,), (_, *_, darkest) = ground(1), steps
    assert alone > 0.5 > darkest


def test_too_few_to_show_is_said_and_coloured_apart() -> None:
    chart = Chart("Läget", ("okt", "nov", "dec"), (("Hot", (None, 0, 9)),), "", "Alla", (None, 0, 9), few="<5")
    plan = plan_of(chart)
    hidden = [text for text in plan.texts if text.words == "<5"]
    assert len(hidden) == 2 and len({text.on for text in plan.texts if text.words in ("<5", "0", "9")}) == 3


@every_shape()
def test_names_and_lines_are_whole(chart: Chart) -> None:
    """Broken where there is room, never cut."""
    shown = "".join(said(plan_of(chart))).replace("-", "").replace(" ", "")
    for words in (chart.title, *(name for name, _ in chart.rows), *chart.lines):
        assert words.replace("-", "").replace(" ", "") in shown


def test_a_long_name_stands_in_lines_beside_its_cells() -> None:
    plan = plan_of(SHAPES["whole"])
    assert {"Skadegörelse", "på partilokal"} <= set(said(plan))


def test_names_stand_above_where_the_figures_need_the_width() -> None:
    plan = plan_of(SHAPES["hundreds"])
    assert KINDS[3] in said(plan)
    assert min(text.x for text in plan.texts if text.anchor == "center") < WIDTH / 8


def test_columns_are_named_whole_in_lines_or_upwards() -> None:
    assert {"v.", "36", "47"} <= set(said(plan_of(SHAPES["whole"])))
    assert broken("2026-11", 30, 100, measured) == ["2026-", "11"]
    for chart in (SHAPES["months"], SHAPES["dates"]):
        assert [text.words for text in plan_of(chart).texts if text.turned] == list(chart.columns)
    assert not [text for text in plan_of(SHAPES["one column"]).texts if text.turned]


@pytest.mark.parametrize("name", ["empty", "bare"])
def test_without_rows_there_is_no_table(name: str) -> None:
    chart = SHAPES[name]
    plan = plan_of(chart)
    assert said(plan) == [chart.title, *chart.lines]
    assert all(isinstance(box, Box) and box.high <= 3 for box in plan.boxes)


@pytest.mark.parametrize("name", ["DejaVuSans.ttf", "DejaVuSans-Bold.ttf"])
def test_the_font_that_comes_along_has_our_letters(name: str) -> None:
    font = get_font(str(FONTS / name))
    assert [letter for letter in "åäöÅÄÖéÉüø–…<·’”0123456789" if not font.get_char_index(ord(letter))] == []


@pytest.mark.filterwarnings("ignore:Glyph")
def test_a_dollar_sign_is_no_formula_and_a_strange_letter_no_error() -> None:
    assert measured("$a$", 30, False) > measured("a", 30, False)
    odd = Chart("$x^2$ \\frac{", ("🙂\n",), (("a\x00\u202eb\tc", (3,)),), "", lines=("{}", "\ud83d"))
    assert png(odd)
    assert said(plan_of(odd)) == ["$x^2$ \\frac{", "🙂", "a b c", "3", "{}", ""]


def test_what_is_too_much_for_one_picture_is_refused() -> None:
    with pytest.raises(ValueError, match="too much"):
        plan_of(replace(SHAPES["empty"], lines=(LONG * 30,) * 20))


# A chart as plain values


@every_shape()
def test_a_chart_survives_as_plain_values(chart: Chart) -> None:
    assert from_json(to_json(chart)) == checked(to_json(chart)) == chart


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("title", 7), ("title", None), ("title", "x" * 5000), ("columns", "v. 47"), ("columns", ["v."] * 25),
        ("rows", [["Hot"]]), ("rows", [["Hot", [1, 2]]]), ("rows", [["Hot", [-1]]]), ("rows", [["Hot", [True]]]),
        ("rows", [["Hot", [1.5]]]), ("rows", [["Hot", ["1"]]]), ("rows", [["Hot", [10**12]]]), ("rows", [[7, [1]]]),
        ("rows", {"Hot": [1]}), ("rows", [["Hot", [1]]] * 41), ("rows", [[]]), ("totals", [1, 2]), ("lines", "x"),
        ("lines", [None]), ("colour", "red"),
    ],
)  # fmt: skip
def test_what_is_no_chart_is_refused_in_none_of_its_words(name: str, wrong: Any) -> None:
    right = {"title": "Läget", "columns": ["v. 47"], "rows": [["Hot", [1]]], "words": "Hot 1."}
    assert checked(right).rows == (("Hot", (1,)),)
    with pytest.raises(ValueError) as refused:
        checked(right | {name: wrong})
    assert not any(words in str(refused.value) for words in ("Hot", "Läget", "v. 47", "red"))


@pytest.mark.parametrize("wrong", [None, [], "x", 7, {}, {"title": "x"}])
def test_what_is_not_even_like_a_chart_is_refused(wrong: Any) -> None:
    with pytest.raises(ValueError, match="not a chart"):
        checked(wrong)
