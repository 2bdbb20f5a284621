"""The shipped escalation plan says what was decided, and a bad file says what is wrong with it."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.services.after import due, later, parse_after
from bot.services.escalation_plan import BadPlan, Chain, Plan, Promise, load, load_for
from bot.services.hours import StaffedHours
from bot.services.steps import Step

ZONE = ZoneInfo("Europe/Stockholm")
OFFICE = StaffedHours.parse("mån-fre 08:00-17:00")

GOOD = """
[now]
steps = [{ after = "3 min", who = "unit", accounts = "other", tell_reporter = false },
         { after = "6 min", who = "unit", accounts = "all", tell_reporter = true }]
[brewing]
steps = [{ within = "2 staffed hours", accounts = "all", tell_reporter = true }]
[rumour]
steps = [{ at = "next working day 12:00", accounts = "all", tell_reporter = true }]
[past]
steps = [{ at = "next working day 12:00", accounts = "all", tell_reporter = true }]
[alert.warning]
steps = [{ after = "0 min", do = "nudge" }, { after = "20 min", do = "phone_list" }]
[promise]
choices = ["15 min", "tomorrow 9:00"]
remind_before = ["5 min", "30 min"]
ask_again_after = "5 min"
"""


def local(*when: int) -> datetime:
    return datetime(*when, tzinfo=ZONE)  # type: ignore[arg-type,misc]


def test_the_shipped_plan_asks_the_next_then_all_officers_then_the_chief_about_what_happens_now() -> None:
    three, six, ten = load().chains["now"].steps
    assert three == Step(parse_after("3 min"), "all", tell_reporter=True, who="next")
    assert six == Step(parse_after("6 min"), "all", tell_reporter=True, who="officers")
    assert ten == Step(parse_after("10 min"), "all", tell_reporter=True, who="chief", do="phone_list")


def test_the_shipped_plan_waits_for_staffed_hours_or_the_next_noon_otherwise() -> None:
    chains = load().chains
    assert chains["brewing"] == Chain(asked("2 staffed hours", "3 staffed hours"))
    assert chains["rumour"] == chains["past"] == Chain(asked("next working day 12:00", "next working day 14:00"))


def asked(unit: str, chief: str) -> tuple[Step, Step]:
    """The whole unit, then the chief with everybody's number."""
    whole = Step(parse_after(unit), "all", tell_reporter=True)
    return whole, Step(parse_after(chief), "all", tell_reporter=True, who="chief", do="phone_list")


def test_the_shipped_plan_has_a_chain_for_warnings_and_a_quicker_one_for_emergencies() -> None:
    alerts = load().alerts
    acts = ["nudge", "deputy", "other", "phone_list"]
    assert {level: [step.do for step in chain.steps] for level, chain in alerts.items()} == {
        "warning": acts,
        "emergency": acts,
    }
    quick = [str(step.after) for step in alerts["emergency"].steps]
    assert quick == ["0 min", "2 min", "4 min", "6 min"]
    slow = (step.after for step in alerts["warning"].steps)
    assert all(
        later(parse_after(fast, at_once=True), step) for fast, step in zip(quick[1:], list(slow)[1:], strict=True)
    )


def test_the_shipped_plan_has_three_promises_and_asks_again_after_five_minutes() -> None:
    plan = load()
    reminders = {promise.key: promise.remind_before for promise in plan.promises}
    assert list(reminders) == ["15 min", "1 h", "tomorrow 9:00"]
    assert list(reminders.values()) == [timedelta(minutes=minutes) for minutes in (5, 10, 30)]
    assert plan.ask_again_after == timedelta(minutes=5)


@pytest.mark.parametrize(
    ("after", "start", "moment"),
    [
        ("3 min", local(2026, 11, 21, 23, 59), local(2026, 11, 22, 0, 2)),
        ("1 h", local(2026, 11, 22, 15), local(2026, 11, 22, 16)),
        ("2 staffed hours", local(2026, 11, 20, 16), local(2026, 11, 23, 9)),
        ("30 staffed minutes", local(2026, 11, 22, 16), local(2026, 11, 23, 8, 30)),
        ("next working day 12:00", local(2026, 6, 18, 9), local(2026, 6, 22, 12)),
        ("tomorrow 9:00", local(2026, 12, 23, 22), local(2026, 12, 24, 9)),
        ("3 min", datetime(2026, 3, 29, 0, 58, tzinfo=UTC), datetime(2026, 3, 29, 1, 1, tzinfo=UTC)),
        ("tomorrow 2:30", local(2026, 3, 28, 12), datetime(2026, 3, 29, 1, tzinfo=UTC)),
        ("tomorrow 9:00", local(2026, 10, 24, 12), datetime(2026, 10, 25, 8, tzinfo=UTC)),
    ],
)
def test_when_a_step_is_due(after: str, start: datetime, moment: datetime) -> None:
    found = due(parse_after(after), start, OFFICE, ZONE)
    assert found == moment
    assert found.tzinfo is UTC


afters = st.one_of(
    st.builds(
        "{} {}".format,
        st.integers(1, 9999),
        st.sampled_from(["min", "h", "staffed hours", "staffed minutes"]),
    ),
    st.builds(
        "{} {}:{:02}".format,
        st.sampled_from(["next working day", "tomorrow"]),
        st.integers(0, 23),
        st.integers(0, 59),
    ),
).map(parse_after)
steps = st.builds(
    Step,
    afters,
    st.sampled_from(["preferred", "other", "all"]),
    st.booleans(),
    st.sampled_from(["duty", "next", "officers", "chief", "unit"]),
    st.sampled_from(["ask", "phone_list"]),
)


@given(afters)
def test_what_is_written_about_a_time_is_read_back_as_the_same(after: object) -> None:
    assert parse_after(str(after)) == after


@given(steps)
def test_a_chain_survives_being_kept_as_json(step: Step) -> None:
    chain = Chain((step,))
    assert Chain.from_json(json.loads(json.dumps(chain.to_json()))) == chain


def test_the_plan_and_its_promises_survive_being_kept_as_json() -> None:
    plan = load()
    assert Plan.from_json(json.loads(json.dumps(plan.to_json()))) == plan
    for promise in plan.promises:
        assert Promise.from_json(json.loads(json.dumps(promise.to_json()))) == promise


def test_a_file_of_ones_own_is_read(tmp_path: Path) -> None:
    assert len(load(_file(tmp_path, GOOD)).promises) == 2


@pytest.mark.parametrize(
    ("good", "bad", "says"),
    [
        ('"other"', '"both"', "now.steps[1].accounts: must be one of preferred, other, all"),
        ('"3 min"', '"soon"', 'now.steps[1].after: "soon" is not'),
        ('"3 min"', '"0 min"', "now.steps[1].after: the time must be longer than nothing"),
        ('"3 min"', '"9 min"', "now.steps[2]: must come later"),
        ('"3 min"', "3", "now.steps[1].after: must be a text"),
        ('"next working day 12:00"', '"tomorrow 25:00"', "rumour.steps[1].at: hour must be in 0..23"),
        ('after = "3 min", ', "", 'now.steps[1]: say when with one of "after", "within" or "at"'),
        ('"unit"', '"boss"', "now.steps[1].who: must be one of duty, next, officers, chief, unit"),
        ('who = "unit"', 'do = "nudge"', "now.steps[1].do: must be one of ask, phone_list"),
        (
            'within = "2 staffed hours", accounts = "all", tell_reporter = true',
            'within = "2 staffed hours", accounts = "all", tell_reporter = false',
            "brewing.steps: one of them must have tell_reporter = true",
        ),
        ("[alert.warning]", "[alert.allclear]", "alert: does not know the key allclear"),
        ('do = "nudge"', 'do = "shout"', "alert.warning.steps[1].do: must be one of nudge, deputy"),
        ('do = "nudge"', 'do = "nudge", who = "unit"', "alert.warning.steps[1]: does not know the key who"),
        ('"20 min"', '"0 min"', "alert.warning.steps[2]: must come later"),
        ("= false", '= "no"', "now.steps[1].tell_reporter: must be true or false"),
        ("tell_reporter = false", "tell = false", "now.steps[1]: does not know the key tell"),
        ("[rumour]", "[gossip]", "the file: does not know the key gossip"),
        ("[past]", "[promise.past]", "promise: does not know the key past"),
        ('["5 min", "30 min"]', '["5 min"]', "promise.remind_before: must have one time for each"),
        ('["5 min", "30 min"]', '["15 min", "30 min"]', "promise.choices[1]: the reminder would come before"),
        ('["5 min", "30 min"]', '["5 min", "tomorrow 9:00"]', "promise.remind_before[2]: must be a length"),
        ('["15 min", "tomorrow 9:00"]', "[]", "promise.choices: must be a list with at least one entry"),
        (
            '["15 min", "tomorrow 9:00"]',
            '["15 min", "15 min"]',
            "promise.choices: the same choice is there twice",
        ),
        ("ask_again_after", "# ", "promise.ask_again_after: must be a text"),
        ("[now]", "[now", "Expected ']'"),
    ],
)
def test_a_bad_file_is_one_line_with_file_key_and_reason(tmp_path: Path, good: str, bad: str, says: str) -> None:
    assert good in GOOD
    with pytest.raises(ValueError) as problem:
        load(_file(tmp_path, GOOD.replace(good, bad, 1)))
    assert str(problem.value).startswith("plan.toml: ")
    assert says in str(problem.value)
    assert "\n" not in str(problem.value)


def test_a_file_that_is_not_there_or_not_text_is_one_line_too(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"^nowhere\.toml: cannot be read"):
        load(tmp_path / "nowhere.toml")
    (tmp_path / "plan.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(ValueError, match=r"^plan\.toml: "):
        load(tmp_path / "plan.toml")


def test_a_step_that_an_older_version_froze_is_read() -> None:
    frozen = {"after": "3 min", "accounts": "other", "tell_reporter": False}
    assert Step.from_json(frozen) == Step(parse_after("3 min"), "other", tell_reporter=False, who="unit", do="ask")


def test_the_municipalitys_own_file_takes_the_place_of_ours_where_there_is_one(tmp_path: Path) -> None:
    assert load_for(None) == load_for(tmp_path) == load()
    _file(tmp_path, GOOD, "escalation.toml")
    assert load_for(tmp_path) == load(tmp_path / "escalation.toml") != load()
    with pytest.raises(BadPlan, match="there is no such folder"):
        load_for(tmp_path / "nowhere")


def test_a_step_that_takes_a_gateway_is_refused_where_there_is_none(tmp_path: Path) -> None:
    _file(tmp_path, GOOD.replace('do = "phone_list"', 'do = "sms"'), "escalation.toml")
    with pytest.raises(BadPlan, match=r'^escalation\.toml: alert: a step does "sms", and no gateway'):
        load_for(tmp_path)
    assert load_for(tmp_path, gateways=("sms",)).gateway_acts == ["sms"]


def _file(folder: Path, text: str, name: str = "plan.toml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path
