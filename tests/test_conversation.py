"""The engine, one thing at a time, with flows of a few lines."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot import conversation as engine
from bot.conversation import Asking, Doing, Finished, Start, State, Stranded
from bot.prompts import (
    Choice,
    Command,
    Confirm,
    Do,
    Flow,
    Form,
    Moment,
    Option,
    PhoneNumber,
    Pick,
    Reading,
    Rejected,
    Text,
)

READING = Reading(datetime(2026, 11, 22, 15, 30, tzinfo=UTC), ZoneInfo("Europe/Stockholm"), "sv")


class Drink(StrEnum):
    """What to have."""

    TEA = "tea"
    COFFEE = "coffee"


@dataclass(frozen=True)
class Order(Command):
    """What the café flow ends with."""

    drink: str
    name: str
    sugar: str = ""


@dataclass(frozen=True)
class Ring(Command):
    """An effect in the middle."""

    bell: str


@dataclass(frozen=True)
class Cup:
    """What the form makes."""

    size: str
    lid: str


def cafe() -> Flow:
    """A choice, two texts of which one may be skipped, and a yes."""
    drink = yield from Choice("drink", Drink)
    name = yield from Text("name", longest=10)
    sugar = yield from Text("sugar", optional=True)
    yield from Confirm("order")
    return Order(drink, name, sugar)


def bell() -> Flow:
    """An effect between two questions."""
    which = yield from Text("which")
    rung = yield from Do[int]("ring", Ring(which))
    again = yield from Text("again")
    return Order(str(rung), again)


def cup() -> Flow:
    """A form between two questions."""
    name = yield from Text("name")
    made = yield from Form("cup", Cup, (Choice("size", Drink), Text("lid", optional=True)))
    yield from Confirm("order")
    return Order(made.size, name, made.lid)


def told(start: Start, *texts: str, state: State | None = None) -> State:
    """The state after these answers."""
    state = state or State()
    for text in texts:
        state = engine.answer(start, state, text, READING)
    return state


def asked(start: Start, state: State) -> str:
    """The key of the question that waits."""
    return engine.asking(start, state).prompt.key


def refused(act: Callable[[], object]) -> str:
    """The reason why it was rejected."""
    with pytest.raises(Rejected) as found:
        act()
    return found.value.reason


def test_a_flow_begins_with_its_first_question() -> None:
    assert asked(cafe, State()) == "drink"


def test_answers_lead_through_the_flow_to_its_command() -> None:
    state = told(cafe, "tea", "Alva", "two", "yes")
    assert engine.play(cafe, state) == Finished(Order("tea", "Alva", "two"))


def test_an_answer_is_stored_by_the_questions_key_and_raises_the_revision() -> None:
    assert told(cafe, "coffee") == State({"drink": "coffee"}, {}, 1)


def test_an_option_is_answered_by_its_number_its_value_or_the_first_word_of_its_label() -> None:
    labelled = Reading(
        READING.now,
        READING.zone,
        "sv",
        lambda _, option: {"tea": "Te, tack", "coffee": "Kaffe"}[option.value],
    )
    for text in ("1", "tea", "TEA", " te ", "Te, tack", "te."):
        assert engine.answer(cafe, State(), text, labelled).answers == {"drink": "tea"}


def test_a_first_word_that_two_labels_share_chooses_neither() -> None:
    same = Reading(READING.now, READING.zone, "sv", lambda _, option: f"ja {option.value}")
    assert refused(lambda: engine.answer(cafe, State(), "ja", same)) == "engine.choose"


def test_a_pressed_option_is_that_option_also_when_its_value_is_the_number_of_another() -> None:
    def numbered() -> Flow:
        picked = yield from Pick("which", among=(Option("2", "Alfa"), Option("1", "Beta")))
        return Ring(picked)

    pressed = engine.answer(numbered, State(), "1", replace(READING, pressed=True))
    assert engine.play(numbered, pressed) == Finished(Ring("1"))
    assert engine.play(numbered, told(numbered, "1")) == Finished(Ring("2")), "the first of them was typed"


def test_a_known_number_can_be_answered_by_its_place_and_a_new_one_by_writing_it() -> None:
    def phone() -> Flow:
        number = yield from PhoneNumber("number", known="+46701740605")
        return Ring(number)

    assert told(phone, "1").answers == {"number": "+46701740605"}
    assert told(phone, "070-174 06 06").answers == {"number": "+46701740606"}
    assert refused(lambda: told(phone, "blåbär")) == "engine.no_number"


def test_an_answer_that_does_not_fit_says_why_and_leaves_no_trace() -> None:
    state = told(cafe, "tea")
    assert refused(lambda: engine.answer(cafe, state, "   ", READING)) == "engine.empty"
    assert refused(lambda: engine.answer(cafe, state, "a" * 11, READING)) == "engine.too_long"
    assert state == State({"drink": "tea"}, {}, 1)


def test_a_question_may_be_skipped_only_where_the_flow_allows_it() -> None:
    assert refused(lambda: engine.skip(cafe, told(cafe, "tea"))) == "engine.needed"
    state = engine.skip(cafe, told(cafe, "tea", "Alva"))
    assert state.answers["sugar"] is None
    assert engine.play(cafe, told(cafe, "yes", state=state)) == Finished(Order("tea", "Alva", ""))


def test_back_asks_the_last_question_again_and_puts_its_answer_aside() -> None:
    state = engine.back(cafe, told(cafe, "tea", "Alva"))
    assert (asked(cafe, state), state.answers, state.aside) == ("name", {"drink": "tea"}, {"name": "Alva"})


def test_there_is_no_way_back_from_the_first_question() -> None:
    assert refused(lambda: engine.back(cafe, State())) == "engine.no_way_back"


def test_there_is_no_way_back_over_an_effect_but_to_what_was_answered_after_it() -> None:
    state, _ = engine.advance(bell, told(bell, "door"), lambda _: 7)
    assert refused(lambda: engine.back(bell, state)) == "engine.no_way_back"
    assert refused(lambda: engine.edit(bell, state, "which")) == "engine.already"


def test_an_edit_asks_one_question_again_and_keeps_the_answers_after_it() -> None:
    state = engine.edit(cafe, told(cafe, "tea", "Alva", "two"), "drink")
    assert asked(cafe, state) == "drink"
    state = told(cafe, "coffee", state=state)
    assert (asked(cafe, state), state.aside) == ("order", {})
    assert engine.play(cafe, told(cafe, "yes", state=state)) == Finished(Order("coffee", "Alva", "two"))


def test_only_a_question_that_was_answered_can_be_edited() -> None:
    assert refused(lambda: engine.edit(cafe, told(cafe, "tea"), "sugar")) == "engine.already"


def test_nothing_is_asked_any_more_when_the_flow_is_over() -> None:
    state = told(cafe, "tea", "Alva", "two", "yes")
    for act in (engine.back, engine.skip, engine.asking):
        assert refused(lambda act=act: act(cafe, state)) == "engine.already"  # type: ignore[misc]
    assert refused(lambda: engine.answer(cafe, state, "x", READING)) == "engine.already"


def test_an_effect_waits_until_it_is_performed_and_is_performed_once() -> None:
    performed: list[Command] = []

    def perform(command: Command) -> int:
        performed.append(command)
        return 7

    state = told(bell, "door")
    assert engine.play(bell, state) == Doing(Do("ring", Ring("door")))
    for _ in range(3):
        state, place = engine.advance(bell, state, perform)
    assert isinstance(place, Asking) and place.prompt.key == "again"
    assert performed == [Ring("door")]
    assert engine.play(bell, told(bell, "done", state=state)) == Finished(Order("7", "done"))


def test_an_effect_that_fails_records_nothing() -> None:
    def fail(_: Command) -> None:
        raise OSError

    state = told(bell, "door")
    with pytest.raises(OSError):
        engine.advance(bell, state, fail)
    assert engine.play(bell, state) == Doing(Do("ring", Ring("door")))


def test_an_effect_and_a_question_may_share_a_name() -> None:
    def both() -> Flow:
        answer = yield from Text("same")
        result = yield from Do[str]("same", Ring(answer))
        return Order(answer, result)

    _, place = engine.advance(both, told(both, "hello"), lambda _: "rung")
    assert place == Finished(Order("hello", "rung"))


def test_a_form_is_asked_field_by_field_and_each_knows_its_form() -> None:
    state = told(cup, "Alva")
    here = engine.asking(cup, state)
    assert here.prompt.key == "size" and here.form is not None and here.form.key == "cup"
    assert engine.asking(cup, told(cup, "Alva", "tea", "blue")).form is None


def test_a_form_is_filled_in_at_once_and_its_empty_optional_field_is_skipped() -> None:
    state, wrong = engine.fill(cup, told(cup, "Alva"), {"size": "coffee", "lid": "  "}, READING)
    assert not wrong and state.answers == {"name": "Alva", "size": "coffee", "lid": None}
    assert asked(cup, state) == "order"


def test_a_form_with_one_wrong_field_records_none_and_says_which() -> None:
    before = told(cup, "Alva")
    state, wrong = engine.fill(cup, before, {"size": "milk", "lid": "blue"}, READING)
    assert state is before
    assert {key: rejected.reason for key, rejected in wrong.items()} == {"size": "engine.choose"}


def test_a_field_that_is_missing_from_what_was_filled_in_is_an_empty_one() -> None:
    _, wrong = engine.fill(cup, told(cup, "Alva"), {}, READING)
    assert set(wrong) == {"size"}


def test_a_form_that_is_not_asked_cannot_be_filled_in() -> None:
    assert refused(lambda: engine.fill(cup, State(), {"size": "tea"}, READING)) == "engine.already"


def test_a_form_can_be_filled_in_anew_over_the_fields_that_were_answered_one_by_one() -> None:
    state, _ = engine.fill(cup, told(cup, "Alva", "tea"), {"size": "coffee", "lid": "red"}, READING)
    assert state.answers == {"name": "Alva", "size": "coffee", "lid": "red"}


def test_a_key_that_is_used_twice_is_a_flow_that_cannot_be_played() -> None:
    def twice() -> Flow:
        yield from Text("same")
        yield from Text("same")
        return None

    with pytest.raises(Stranded, match="same"):
        told(twice, "a", "b")


def test_an_error_in_a_flow_strands_the_run_and_keeps_the_answers() -> None:
    def broken() -> Flow:
        which = yield from Text("which")
        return Ring(str(int(which)))

    state = told(broken, "door")
    with pytest.raises(Stranded, match="ValueError"):
        engine.play(broken, state)
    assert state.answers == {"which": "door"}


def test_a_stored_answer_that_no_longer_fits_is_asked_for_again() -> None:
    for prompt in (
        Choice("which", Drink),
        Moment("which"),
        Pick("which", among=(Option("a"),)),
        Confirm("which"),
    ):
        assert asked(lambda prompt=prompt: _one(prompt), State({"which": "gone"})) == "which"  # type: ignore[misc]


def test_an_answer_that_was_skipped_is_asked_for_when_it_is_needed_now() -> None:
    for prompt in (Text("which"), Moment("which"), PhoneNumber("which"), Pick("which", among=(Option("a"),))):
        assert asked(lambda prompt=prompt: _one(prompt), State({"which": None})) == "which"  # type: ignore[misc]


def _one(prompt: Any) -> Flow:
    answer = yield from prompt
    return Ring(str(answer))


def test_a_question_that_was_inserted_later_is_asked_and_the_others_keep_their_answers() -> None:
    def later() -> Flow:
        drink = yield from Choice("drink", Drink)
        milk = yield from Text("milk")
        name = yield from Text("name")
        return Order(drink, name, milk)

    state = told(cafe, "tea", "Alva")
    assert asked(later, state) == "milk"
    assert engine.play(later, told(later, "oat", state=state)) == Finished(Order("tea", "Alva", "oat"))


def test_a_question_that_was_removed_leaves_its_answer_behind() -> None:
    def shorter() -> Flow:
        name = yield from Text("name")
        return Order("", name)

    assert engine.play(shorter, told(cafe, "tea", "Alva")) == Finished(Order("", "Alva"))


def test_progress_counts_the_questions_behind_and_those_that_are_likely_ahead() -> None:
    assert engine.progress(cafe, State()) == (1, 3)
    assert engine.progress(cafe, told(cafe, "tea", "Alva")) == (3, 3)
    assert engine.progress(bell, State()) == (1, 2)
    assert engine.progress(cup, told(cup, "Alva", "tea")) == (3, 3)


def test_progress_counts_the_answers_that_an_edit_has_kept() -> None:
    assert engine.progress(cafe, engine.edit(cafe, told(cafe, "tea", "Alva", "two"), "drink")) == (1, 3)


def test_progress_of_a_flow_without_a_foreseeable_end_is_at_least_true_of_this_question() -> None:
    def endless() -> Flow:
        for number in range(1000):
            yield from Text(f"q{number}")
        return None

    assert engine.progress(endless, State()) == (1, 1)


def test_a_flow_without_questions_is_over_at_once() -> None:
    def nothing() -> Flow:
        return Ring("now")
        yield from ()

    assert engine.advance(nothing, State(), lambda _: None) == (State(), Finished(Ring("now")))


def test_a_flow_without_a_command_ends_with_none() -> None:
    def silent() -> Flow:
        yield from Text("which")
        return None

    assert engine.play(silent, told(silent, "door")) == Finished(None)
