"""Plans are files: read, refused with file, line and reason, put in place of ours; and when each step is due."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.advice.library import Library
from bot.advice.reading import BadAdvice
from bot.plans import plan as plans
from bot.plans.plan import Said, Step
from bot.plans.plans import Plans
from bot.plans.reading import read
from bot.services import elections
from tests.test_catalogue import lix

ZONE = ZoneInfo("Europe/Stockholm")
SAID = (("sv", Said("Titel", "Text")),)
STEP = """
[[step]]
key = "one"
days = -1
at = "09:00"
to = "contacts"
sv = { title = "Titel", text = "Text." }
en = { title = "Title", text = "Words." }
"""
HEAD = """for = ["council"]
sv = "Fullmäktige"
en = "Council"
"""


def at(month: int, day: int, hour: int, minute: int = 0, year: int = 2026) -> datetime:
    """A time on the wall in Sweden."""
    return datetime(year, month, day, hour, minute, tzinfo=ZONE)


def write(folder: Path, text: str, name: str = "council") -> Path:
    """A municipality's own plan."""
    (folder / "plans").mkdir(exist_ok=True)
    file = folder / "plans" / f"{name}.toml"
    file.write_text(text, encoding="utf-8")
    return file


@pytest.mark.parametrize(
    ("change", "line", "reason"),
    [
        (("key =", "kee ="), 4, "key"),
        (('to = "contacts"', 'to = "everybody"'), 4, "to"),
        (('at = "09:00"\n', ""), 4, "say when"),
        (('at = "09:00"', 'at = "9"'), 4, "time of day"),
        (("days = -1", "days = -1\nhours = 2"), 4, "say when"),
        (('to = "contacts"', 'to = "contacts"\nask = "done"'), 4, "done"),
        (('to = "contacts"', 'to = "contacts"\nalone = true'), 4, "alone"),
        (('for = ["council"]', 'for = ["kyrkoråd"]'), 1, "one of council"),
        (('text = "Text."', 'text = "{Text}"'), 4, "without braces"),
        (('text = "Text."', 'text = "En\\nTvå\\nTre\\nFyra"'), 4, "1 to 3 lines"),
        (('en = { title = "Title", text = "Words." }', ""), 4, "en"),
        (('key = "one"', 'key = "one'), 5, ""),
    ],
)
def test_a_file_that_is_wrong_is_refused_with_its_line_and_why(
    tmp_path: Path, change: tuple[str, str], line: int, reason: str
) -> None:
    assert change[0] in HEAD + STEP
    file = write(tmp_path, (HEAD + STEP).replace(*change))
    with pytest.raises(BadAdvice) as bad:
        read(file, "plans/council.toml")
    assert bad.value.file == "plans/council.toml"
    assert abs(bad.value.line - line) <= 1, bad.value
    assert reason in bad.value.reason


def test_a_key_that_is_there_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadAdvice, match="twice"):
        read(write(tmp_path, HEAD + STEP + STEP), "plans/council.toml")


def test_the_municipalitys_file_takes_the_place_of_ours_and_a_new_name_adds_one(tmp_path: Path) -> None:
    write(tmp_path, HEAD + STEP)
    write(tmp_path, HEAD.replace("council", "committee") + STEP, "own")
    found = Plans(tmp_path)
    assert [step.key for plan in found.of("council") for step in plan.steps] == ["one"]
    assert [plan.name for plan in found.of("committee")] == ["committee", "own"]
    assert found.get("ordinary") is not None


def test_a_change_is_read_again_and_a_broken_file_leaves_the_last_good_version(tmp_path: Path) -> None:
    file = write(tmp_path, HEAD + STEP)
    found = Plans(tmp_path)
    assert not found.refresh()
    file.write_text("nonsense", encoding="utf-8")
    assert found.refresh()
    assert [bad.file for bad in found.problems] == ["plans/council.toml"]
    assert [plan.steps[0].key for plan in found.of("council")] == ["one"]
    file.write_text((HEAD + STEP).replace('"one"', '"another"'), encoding="utf-8")
    assert found.refresh()
    assert found.problems == ()
    assert [plan.steps[0].key for plan in found.of("council")] == ["another"]
    file.unlink()
    assert found.refresh()
    assert len(found.of("council")[0].steps) > 1, "ours is back"


def test_every_shipped_plan_can_be_read_its_lists_are_there_and_its_words_are_easy() -> None:
    found, library = Plans(), Library()
    assert found.problems == ()
    kinds = {kind for plan in found.every for kind in plan.kinds}
    assert kinds >= {"council", "committee", "square", "stall", "doors", "ordinary", "early", "european",
                     "mandate_council", "mandate_committees", "survey"}  # fmt: skip
    for plan in found.every:
        for step in plan.steps:
            assert not step.checklist or library.get(step.checklist) is not None, (plan.name, step.key)
        texts = [line for step in plan.steps for line in step.in_("sv").text.split("\n")]
        assert lix(texts) <= 35, plan.name


def test_chat_never_says_how_a_place_is_guarded() -> None:
    how = ("kamera", "larmknapp", "antal vakter", "ordningsvakter vid", "camera", "alarm button", "number of guards")
    for plan in Plans().every:
        for step in plan.steps:
            for _, said in step.said:
                assert not [word for word in how if word in f"{said.title} {said.text}".casefold()], step.key


def test_an_election_is_prepared_from_half_a_year_before_to_a_month_after() -> None:
    [plan] = Plans().of("ordinary")
    days = [step.days for step in plan.steps]
    assert min(days) == -180
    assert max(days) == 30
    to = {step.to for step in plan.steps}
    assert {"contacts", "officials", "election", "unit"} <= to
    assert len([step for step in plan.steps if step.days == 0 and step.alone]) >= 4, "hour by hour"


def test_days_are_the_municipalitys_and_keep_their_hour_over_both_changes_of_the_clock() -> None:
    step = Step("a", "contacts", SAID, days=-14, at=time(9))
    assert plans.due(step, at(11, 2, 18), ZONE) == at(10, 19, 9)
    assert plans.due(step, at(4, 5, 18), ZONE) == at(3, 22, 9)
    hours = Step("a", "contacts", SAID, hours=-2)
    assert plans.due(hours, datetime(2026, 3, 29, 2, 0, tzinfo=UTC), ZONE) == datetime(2026, 3, 29, 0, 0, tzinfo=UTC)


def test_a_time_that_the_spring_change_skips_is_the_moment_of_the_change() -> None:
    step = Step("a", "contacts", SAID, days=0, at=time(2, 30))
    assert plans.due(step, at(3, 29, 18), ZONE) == datetime(2026, 3, 29, 1, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("days", "workday", "expected"),
    [
        (0, "before", date(2026, 12, 23)),  # Christmas Eve is a day off
        (0, "after", date(2026, 12, 28)),
        (0, "", date(2026, 12, 24)),
        (-1, "before", date(2026, 12, 23)),
        (8, "after", date(2027, 1, 4)),
        (13, "after", date(2027, 1, 7)),  # Epiphany is the sixth
    ],
)
def test_a_step_is_moved_to_a_working_day_where_it_says_so(days: int, workday: str, expected: date) -> None:
    step = Step("a", "unit", SAID, days=days, at=time(8), workday=workday)  # type: ignore[arg-type]
    assert plans.due(step, at(12, 24, 18), ZONE).astimezone(ZONE).date() == expected


def test_until_when_a_step_helps() -> None:
    start = at(11, 30, 18)
    before = Step("a", "contacts", SAID, days=-7, at=time(9))
    assert plans.helps_until(before, start, ZONE) == start
    assert plans.helps_until(Step("a", "contacts", SAID, days=-7, at=time(9), until=-3), start, ZONE) == at(11, 28, 0)
    assert plans.helps_until(Step("a", "contacts", SAID, days=0, at=time(20)), start, ZONE) == at(12, 1, 0)
    assert plans.helps_until(Step("a", "contacts", SAID, days=1, at=time(9)), start, ZONE) == at(12, 8, 9)


def test_the_data_file_has_the_elections_with_the_days_that_hang_on_them() -> None:
    found = {(day.kind, day.day) for day in elections.days()}
    assert {("ordinary", date(2026, 9, 13)), ("early", date(2026, 8, 26)), ("mandate_council", date(2026, 10, 15)),
            ("mandate_committees", date(2027, 1, 1)), ("ordinary", date(2030, 9, 8))} <= found  # fmt: skip


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('[[survey]]\nday = "2027-02-01"', "survey 1.day"),
        ("[[survey]]\nday = 2027-02-01\nkind = 1", "survey 1"),
        ('[[election]]\nday = 2030-09-08\nkind = "ordinary"\nsv = "V"\nen = "E"\nearly = 3', "election 1.early"),
    ],
)
def test_a_wrong_day_in_the_data_file_is_named(tmp_path: Path, text: str, reason: str) -> None:
    file = tmp_path / "elections.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=reason):
        elections.days(file)


def test_the_municipalitys_own_days_take_the_place_of_ours(tmp_path: Path) -> None:
    assert elections.for_folder(tmp_path) is None
    (tmp_path / "elections.toml").write_text("[[survey]]\nday = 2027-03-01", encoding="utf-8")
    assert [day.kind for day in elections.days(elections.for_folder(tmp_path))] == ["survey"]
