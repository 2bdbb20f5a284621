"""The risk guide's file: whole, in easy words, or refused with its line and why; and what answers come to."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import config
from bot.advice.reading import BadAdvice
from bot.rereading import Rereading
from bot.risk import guide as guides
from bot.risk.guide import LEVELS, SQUARES, UNSURE, Guide, Limits, Said, weight
from bot.risk.reading import read
from bot.risk.shelf import FILE, Guides, digest
from tests.test_catalogue import lix

OURS = (Path(config.__file__).parent / "content" / FILE).read_text(encoding="utf-8")
GUIDE = Guides().guide
ANSWERS = (*LEVELS, UNSURE)
SECOND = [one.key for one in GUIDE.second]
COMPLEXITY, CONFLICT = ([one.key for one in GUIDE.third if one.axis == axis] for axis in ("complexity", "conflict"))
STEP_3 = 'step = 3\naxis = "complexity"\nkey = "x1"\n'


def write(folder: Path, text: str) -> Path:
    """A municipality's own guide."""
    file = folder / FILE
    file.write_text(text, encoding="utf-8")
    return file


def refused(folder: Path, text: str) -> BadAdvice:
    """Why, and where, that text is not read."""
    with pytest.raises(BadAdvice) as bad:
        read(write(folder, text), FILE)
    assert bad.value.file == FILE
    return bad.value


# The content


def every_text(guide: Guide) -> Iterator[Said]:
    """Everything that somebody reads."""
    yield guide.about
    yield from guide.prompts
    yield from (said for _, said in (*guide.roles, *guide.groups, *guide.results))
    yield from (one.said for one in (*guide.second, *guide.third))
    yield from (one.said for one in guide.measures)
    for square in guide.squares:
        yield from (square.called, square.advice)


def test_ours_has_everything_in_both_languages() -> None:
    assert GUIDE.version == "2026-11-26"
    assert GUIDE.link == "https://riskguideforebyggakonflikt.skr.se/assessment"
    assert [len(GUIDE.prompts), len(GUIDE.second), len(GUIDE.third), len(GUIDE.squares)] == [4, 8, 12, 9]
    assert len(COMPLEXITY) == len(CONFLICT) == 6
    assert [one.key for one in (*GUIDE.second, *GUIDE.third) if one.highest] == ["p1", "k6"]
    assert (GUIDE.second_limits, GUIDE.third_limits) == (Limits(4, 9, 1, 3), Limits(5, 9))
    assert dict(GUIDE.weights) == {"low": 0, "moderate": 1, "high": 2, "unknown": 1}
    assert "".join(square.key for square in GUIDE.squares) == SQUARES
    assert tuple(level for level, _ in GUIDE.results) == LEVELS
    for level, fewest in (("low", 4), ("moderate", 5), ("high", 5)):
        assert fewest <= len([one for one in GUIDE.measures if one.level == level]) <= 7
    for said in every_text(GUIDE):
        assert [language for language, _ in said] == ["sv", "en"]
        assert len({words.count("\n") for _, words in said}) == 1, said


def test_its_lines_are_few_and_it_says_that_it_is_not_skrs() -> None:
    assert "inte SKR:s" in guides.in_(GUIDE.about, "sv") and "not SKR's" in guides.in_(GUIDE.about, "en")
    for square in GUIDE.squares:
        assert 3 <= guides.in_(square.advice, "sv").count("\n") + 1 <= 7
        if square.key in "CFI":
            assert "112" in guides.in_(square.advice, "sv").split("\n")[0], "danger first"
    for said in every_text(GUIDE):
        for _, words in said:
            assert "†" not in words and not words.endswith(" "), words


def test_its_words_are_easy() -> None:
    texts = [line for said in every_text(GUIDE) for line in guides.in_(said, "sv").split("\n")]
    assert lix([line if line.endswith((".", "?")) else f"{line}." for line in texts]) <= 35
    for square in GUIDE.squares:
        assert lix(guides.in_(square.advice, "sv").split("\n")) <= 35, square.key


def test_it_never_says_how_a_place_is_guarded() -> None:
    how = ("kamera", "larm", "antal", "ordningsvakt", "väktare", "vakter", "genomsök", "dörr", "entré", "camera",
           "alarm", "number of", "guards at", "door", "entrance")  # fmt: skip
    for said in every_text(GUIDE):
        for _, words in said:
            assert not [word for word in how if word in words.casefold()], words


# What a file may be


@pytest.mark.parametrize(
    ("old", "new", "shift", "reason"),
    [
        ('version = "2026-11-26"', "", None, "version: is missing"),
        ('version = "2026-11-26"', "version = 2026-11-26", 0, "version: Input should be a valid string"),
        ('version = "2026-11-26"', 'version = "2026-11-26', 0, "line"),
        ('version = "2026-11-26"', 'version = "1"\nfarg = "röd"', 1, "farg: is not known here"),
        ('link = "https://', 'link = "http://', 0, "link: an address that begins with https://"),
        ("assessment\"", "assess ment\"", 0, "link: an address"),
        ('sv = "Påståendena och', 'sw = "Påståendena och', -1, "about.sv: is missing"),
        ("unknown = 1", "", -4, "weights.unknown: is missing"),
        ("unknown = 1", "unknown = 3", 0, "weights.unknown: between low and high"),
        ("unknown = 1", "unknown = true", 0, "weights.unknown: Input should be a valid integer"),
        ("moderate = 1", "moderate = 3", 1, "weights.high: not less than moderate"),
        ("low = 0", "low = 2", 1, "weights.moderate: not less than low"),
        ("low = 0\nmoderate = 1", "low = 2\nmoderate = 2", 2, "weights.high: more than low"),
        ("low = 0", "low = -1", 0, "weights.low: Input should be greater"),
        ("low = 0", "low = 1", 8, "limits.step2.moderate: more than 8"),
        ("moderate = 4\nhigh = 9", "moderate = 9\nhigh = 9", 1, "limits.step2.high: more than moderate"),
        ("moderate = 4\nhigh = 9", "moderate = 4\nhigh = 17", 1, "limits.step2.high: at most 16"),
        ("moderate = 4", "moderate = 0", 0, "limits.step2.moderate: more than 0"),
        ("many = 3", "many = 9", 0, "limits.step2.many: 0 to 8"),
        ("many = 3", "many = 9\n[limits]", 0, "limits.step2.many: 0 to 8"),
        ("moderate = 5\nhigh = 9", "moderate = 5\nhigh = 13", 1, "limits.step3.high: at most 12"),
        ("moderate = 5\nhigh = 9", "moderate = 5\nhigh = 9\none = 1", 2, "limits.step3.one: is not known here"),
        ('en = "Security chief"', "", -3, "role.en: is missing"),
        ('sv = "Säkerhetschefen"', f'sv = "{"x" * 21}"', 0, "role.sv: at most 20 characters, not 21"),
        ('key = "unit"', 'key = "chief"', 0, "role.key: chief is there twice"),
        ('key = "unit"', 'key = "Enheten"', 0, "role.key: 1 to 16 of a-z"),
        ('key = "p2"', 'key = "p1"', 0, "statement.key: p1 is there twice"),
        ('key = "x1"', 'key = "p1"', 0, "statement.key: p1 is there twice"),
        ('key = "p2"', 'key = "sort"', 0, "statement.key: sort is the name"),
        ('key = "p2"\ngroup = "issue"', 'key = "p2"\ngroup = "isue"', 1, "statement.group: there is no group isue"),
        ("step = 2", "step = 1", 0, "statement.step: Input should be 2 or 3"),
        ("step = 2", "step = 3", -1, "statement.axis: complexity or conflict in step 3"),
        (STEP_3, STEP_3.replace("3", "2"), 1, "statement.axis: complexity or conflict in step 3"),
        (STEP_3, STEP_3.replace("complexity", "annat"), 1, "statement.axis: Input should be 'complexity'"),
        ("highest = true\nsv", 'highest = "ja"\nsv', 0, "statement.highest: Input should be a valid boolean"),
        ('sv = "Grupper eller', f'sv = "{"x" * 90}Grupper eller', 0, "statement.sv: at most 120 characters"),
        ('sv = "Grupper eller', 'sv = "{Grupper} eller', 0, "statement.sv: one line with words, without braces"),
        ('sv = "Grupper eller', 'sv = "Grupper\\neller', 0, "statement.sv: one line"),
        ('sv = "Grupper eller', 'sv = "Grupper\\u202eeller', 0, "statement.sv: no characters that cannot be seen"),
        ('level = "low"\nsv = [', 'level = "none"\nsv = [', 0, "result.level: Input should be 'low'"),
        ('level = "moderate"\nsv = [', 'level = "low"\nsv = [', 0, "result.level: low is there twice"),
        ('    "Gör steg 3.",', '    "Ett.",\n    "Gör steg 3.",', -1, "result.sv: List should have at most 3"),
        ('    "Gör steg 3.",', '    "",', -1, "result.sv: one line with words"),
        ('key = "B"', 'key = "A"', 0, "square.key: A is there twice"),
        ('key = "I"', 'key = "J"', 0, "square.key: Input should be 'A'"),
        ('    "Ge frågan tid.",', f'    "{"tid " * 30}.",', 0, "square.sv: at most 110 characters"),
        ('{ sv = "Inte', f'{{ sv = "{"x" * 50}Inte', 0, "square.called.sv: at most 60 characters"),
        ('level = "low"\nsv = "', 'level = "lagom"\nsv = "', 0, "measure.level: Input should be 'low'"),
        ('sv = "Följ tonen', f'sv = "{"x" * 50}Följ tonen', 0, "measure.sv: at most 60 characters"),
    ],
)  # fmt: skip
def test_a_file_that_is_wrong_is_refused_with_its_line_and_why(
    tmp_path: Path, old: str, new: str, shift: int | None, reason: str
) -> None:
    assert old in OURS
    bad = refused(tmp_path, OURS.replace(old, new, 1))
    assert reason in bad.reason
    changed = OURS[: OURS.index(old)].count("\n") + 1
    assert bad.line == (1 if shift is None else changed + shift), bad


def without(table: str, sign: str) -> str:
    """Our file without the tables of that name in which the sign stands."""
    tables = [one for one in OURS.split("\n\n") if not (f"[[{table}]]" in one and sign in one)]
    return "\n\n".join(tables)


@pytest.mark.parametrize(
    ("table", "sign", "reason"),
    [
        ("prompt", "", "prompt: is missing"),
        ("square", "", "square: is missing"),
        ("square", 'key = "H"', "square: there is none for H"),
        ("result", "high", "result: there is none for high"),
        ("measure", 'level = "moderate"', "measure: there is none for moderate"),
        ("statement", "step = 2", "statement: there is none of step 2"),
        ("statement", "step = 3", "statement: there is none of step 3"),
        ("statement", 'axis = "conflict"', "statement: there is none of conflict"),
    ],
)
def test_what_is_left_out_is_named(tmp_path: Path, table: str, sign: str, reason: str) -> None:
    bad = refused(tmp_path, without(table, sign))
    assert (bad.line, bad.reason) == (1, reason)


@pytest.mark.parametrize(("step", "there", "most"), [(2, 8, 12), (3, 12, 20)])
def test_there_are_not_more_statements_than_one_can_answer(tmp_path: Path, step: int, there: int, most: int) -> None:
    axis = '\naxis = "conflict"' if step == 3 else ""
    rows = [
        f'\n[[statement]]\nstep = {step}{axis}\nkey = "more{n}"\ngroup = "issue"\nsv = "Mer."\nen = "More."\n'
        for n in range(most - there + 1)
    ]
    read(write(tmp_path, OURS + "".join(rows[:-1])), FILE)
    text = OURS + "".join(rows)
    bad = refused(tmp_path, text)
    assert bad.reason == f"statement: there are more than {most} of step {step}"
    assert bad.line == text[: text.rindex("[[statement]]")].count("\n") + 1


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"\xff\xfe", "is no text in UTF-8"),
        (OURS.encode() + b"#" * 64 * 1024, "is larger than 64 KB"),
        (b"version = " + b"[" * 20_000, "lists within lists"),
        (b"version = " + b"1" * 20_000, "limit"),
    ],
)
def test_what_is_no_such_file_at_all_is_refused(tmp_path: Path, content: bytes, reason: str) -> None:
    (tmp_path / FILE).write_bytes(content)
    with pytest.raises(BadAdvice, match=reason):
        read(tmp_path / FILE, FILE)


@given(st.integers(0, len(OURS)), st.integers(0, 200), st.text(max_size=20))
def test_whatever_is_done_to_the_file_it_is_read_or_refused(at: int, cut: int, put: str) -> None:
    text = OURS[:at] + put + OURS[at + cut :]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / FILE
        file.write_bytes(text.encode("utf-8", "surrogatepass"))
        check(file, text)


def check(file: Path, text: str) -> None:
    """It is read and can be counted by, or it is refused with a line that there is."""
    said = said_of(file)
    if isinstance(said, Guide):
        assert guides.third(said, {one.key: "high" for one in said.third}) is not None
    else:
        assert 1 <= said.line <= text.count("\n") + 1 and said.reason


def said_of(file: Path) -> Guide | BadAdvice:
    """What is in it, or why not."""
    try:
        return read(file, FILE)
    except BadAdvice as bad:
        return bad


# Whose file


def test_the_municipalitys_file_takes_the_place_of_ours(tmp_path: Path) -> None:
    write(tmp_path, OURS.replace("2026-11-26", "vår egen"))
    found = Guides(tmp_path)
    assert found.guide.version == "vår egen" and not found.problems
    assert digest(found.guide) != digest(GUIDE)
    assert Guides().guide == GUIDE


def test_a_broken_file_leaves_the_last_good_version_and_before_there_is_one_ours(tmp_path: Path) -> None:
    file = write(tmp_path, "nonsense")
    found = Guides(tmp_path)
    assert found.guide == GUIDE
    assert [(bad.file, bad.line) for bad in found.problems] == [(FILE, 1)]
    assert not found.refresh()
    write(tmp_path, OURS.replace("2026-11-26", "egen 1"))
    assert found.refresh() and not found.refresh()
    assert found.guide.version == "egen 1" and not found.problems
    write(tmp_path, OURS.replace('version = "2026-11-26"', "version ="))
    assert found.refresh()
    assert found.guide.version == "egen 1" and len(found.problems) == 1
    write(tmp_path, OURS.replace("2026-11-26", "egen nummer 2"))
    assert found.refresh()
    assert found.guide.version == "egen nummer 2" and not found.problems
    file.unlink()
    assert found.refresh()
    assert found.guide == GUIDE, "ours is back"
    write(tmp_path, "broken")
    assert found.refresh()
    assert found.guide == GUIDE, "what is gone is gone"


def test_a_folder_in_the_files_place_is_said_and_changes_nothing(tmp_path: Path) -> None:
    (tmp_path / FILE).mkdir()
    found = Guides(tmp_path)
    assert found.guide == GUIDE
    assert "cannot be read" in found.problems[0].reason


async def test_it_is_read_again_while_the_bot_runs(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    found = Guides(tmp_path)
    rereading = Rereading(found)
    assert not await rereading.look()
    write(tmp_path, OURS.replace("step = 2", "step = 9", 1))
    assert await rereading.look()
    assert "content: risk.toml:" in caplog.text and "Input should be 2 or 3" in caplog.text
    write(tmp_path, OURS.replace("2026-11-26", "egen"))
    assert await rereading.look()
    assert found.guide.version == "egen"


# What answers come to


def second(**given: str) -> str:
    """The level of step 2 when all that is not given is low."""
    found = guides.second(GUIDE, dict.fromkeys(SECOND, "low") | given)
    assert found is not None
    return found.level


def some(keys: list[str], count: int, answer: str) -> dict[str, str]:
    """The last so many, answered so."""
    return dict.fromkeys(keys[len(keys) - count :], answer)


@pytest.mark.parametrize(
    ("given", "level"),
    [
        ({}, "low"),
        (some(SECOND, 3, "moderate"), "low"),
        (some(SECOND, 4, "moderate"), "moderate"),
        (some(SECOND, 3, UNSURE), "low"),
        (some(SECOND, 4, UNSURE), "moderate"),
        ({"p3": "high"}, "moderate"),
        ({"p1": "moderate"}, "low"),
        ({"p1": "high"}, "high"),
        ({"p3": "high", "p4": "high"}, "moderate"),
        ({"p3": "high", "p4": "high", "p8": "high"}, "high"),
        (some(SECOND, 8, "moderate"), "moderate"),  # 8
        (some(SECOND, 8, "moderate") | {"p5": "high"}, "high"),  # 9
        (some(SECOND, 8, UNSURE) | {"p5": "low"}, "moderate"),  # 7
        (some(SECOND, 6, "moderate") | {"p4": "high"}, "moderate"),  # 7
    ],
)
def test_each_limit_of_step_2_at_its_edge(given: Mapping[str, str], level: str) -> None:
    assert second(**given) == level


def test_points_are_of_how_many_at_most_and_nothing_comes_of_half_the_answers() -> None:
    found = guides.second(GUIDE, dict.fromkeys(SECOND, "high"))
    assert found is not None and (found.level, found.points, found.most) == ("high", 16, 16)
    assert guides.second(GUIDE, dict.fromkeys(SECOND[1:], "high")) is None
    assert guides.third(GUIDE, dict.fromkeys(COMPLEXITY, "high")) is None


@pytest.mark.parametrize(
    ("complexity", "conflict", "square"),
    [
        ({}, {}, "A"),
        (some(COMPLEXITY, 4, "moderate"), some(CONFLICT[:-1], 4, UNSURE), "A"),  # 4 and 4
        (some(COMPLEXITY, 5, UNSURE), {}, "D"),  # 5
        ({}, some(CONFLICT[:-1], 5, "moderate"), "B"),  # 5
        (some(COMPLEXITY, 4, "high"), some(CONFLICT[:-1], 4, "high"), "E"),  # 8 and 8
        (some(COMPLEXITY, 4, "high") | {"x1": "moderate"}, {}, "G"),  # 9
        ({}, some(CONFLICT[:-1], 4, "high") | {"k1": UNSURE}, "C"),  # 9
        (some(COMPLEXITY, 3, "high"), {"k6": "moderate"}, "F"),
        (some(COMPLEXITY, 6, "high"), {"k6": UNSURE}, "I"),
        (some(COMPLEXITY, 6, "high"), some(CONFLICT[:-1], 3, "high"), "H"),
        ({}, {"k6": "high"}, "C"),
    ],
)
def test_each_limit_of_step_3_at_its_edge(
    complexity: Mapping[str, str], conflict: Mapping[str, str], square: str
) -> None:
    found = guides.third(GUIDE, dict.fromkeys((*COMPLEXITY, *CONFLICT), "low") | {**complexity, **conflict})
    assert found is not None and found.square == square


def test_a_scale_that_begins_with_one_does_not_make_every_conflict_high() -> None:
    weights = (("low", 1), ("moderate", 2), ("high", 3), (UNSURE, 2))
    guide = replace(GUIDE, weights=weights, third_limits=Limits(11, 15))
    found = guides.third(guide, {one.key: "low" for one in guide.third})
    assert found is not None and found.square == "A"


OF_HIGHEST = st.tuples(st.integers(0, 8), st.integers(0, 8))


@st.composite
def any_guide(draw: st.DrawFn) -> Guide:
    """Ours with any weights and limits that a file may have."""
    three = st.lists(st.integers(0, 3) | st.integers(0, 9), min_size=3, max_size=3).map(sorted)
    low, moderate, high = draw(three.filter(lambda some: some[0] < some[2]))
    unknown = draw(st.integers(low, high))
    limits = []
    for statements in (8, 6):
        middle = draw(st.integers(low * statements + 1, high * statements))
        limits.append(Limits(middle, draw(st.integers(middle, high * statements)), *draw(OF_HIGHEST)))
    weights = (("low", low), ("moderate", moderate), ("high", high), (UNSURE, unknown))
    return replace(GUIDE, weights=weights, second_limits=limits[0], third_limits=limits[1])


def answered(keys: list[str]) -> st.SearchStrategy[dict[str, str]]:
    """Any answer to each."""
    return st.fixed_dictionaries({key: st.sampled_from(ANSWERS) for key in keys})


@given(any_guide(), answered(SECOND), st.sampled_from(SECOND), st.sampled_from(ANSWERS))
def test_a_higher_answer_never_lowers_the_result_of_step_2(
    guide: Guide, answers: dict[str, str], key: str, other: str
) -> None:
    before = guides.second(guide, answers)
    after = guides.second(guide, answers | {key: guides.counted(guide, (answers[key], other))})
    assert before is not None and after is not None
    assert guides.higher(before.level, after.level) == after.level and before.points <= after.points


@given(
    any_guide(), answered([*COMPLEXITY, *CONFLICT]), st.sampled_from([*COMPLEXITY, *CONFLICT]), st.sampled_from(ANSWERS)
)
def test_a_higher_answer_never_lowers_either_axis_of_step_3(
    guide: Guide, answers: dict[str, str], key: str, other: str
) -> None:
    before = guides.third(guide, answers)
    after = guides.third(guide, answers | {key: guides.counted(guide, (answers[key], other))})
    assert before is not None and after is not None
    assert before.complexity <= after.complexity and before.conflict <= after.conflict
    assert after.square == SQUARES[after.complexity * 3 + after.conflict]


@given(any_guide(), st.lists(st.sampled_from(ANSWERS), min_size=1, max_size=8))
def test_of_several_answers_the_highest_counts_in_whatever_order_they_came(guide: Guide, answers: list[str]) -> None:
    counted = guides.counted(guide, answers)
    assert counted in answers
    assert all(weight(guide, counted) >= weight(guide, answer) for answer in answers)
    assert guides.counted(guide, answers[::-1]) == guides.counted(guide, sorted(answers)) == counted


@given(any_guide())
def test_what_is_written_down_is_read_back_and_has_the_same_digest(guide: Guide) -> None:
    back = guides.from_json(json.loads(json.dumps(guides.to_json(guide))))
    assert back == guide and digest(back) == digest(guide)
    assert len(digest(guide)) == 32 and (digest(guide) == digest(GUIDE)) == (guide == GUIDE)
