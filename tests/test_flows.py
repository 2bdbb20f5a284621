"""What holds for every registered flow, whatever people answer, take back, change or get wrong."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, fields, is_dataclass, replace
from datetime import UTC, datetime
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from bot import conversation as engine
from bot import tokens
from bot.catalogue import LANGUAGES, Catalogue, Voice
from bot.commands import (
    AddDetail,
    AddWords,
    CloseIncident,
    Details,
    Imminence,
    Invite,
    Nothing,
    RaiseIncident,
    RoleKind,
    SendAnswer,
    ShareWithParty,
)
from bot.conversation import DONE, Asking, Finished, Start, State
from bot.flows import FLOWS, plain_inputs
from bot.flows.answer import Writing
from bot.flows.flag import Reporter
from bot.flows.people import Register, Speaker
from bot.messages import LONGEST, Message, part_text, split, units
from bot.prompts import Command, Confirm, Do, Moment, Option, PhoneNumber, Prompt, Reading, Rejected
from bot.services import asking
from bot.tokens import Reply, with_row

NOW = datetime(2026, 11, 22, 15, 30, tzinfo=UTC)
ZONE = ZoneInfo("Europe/Stockholm")
VOICES = {language: Voice(Catalogue(), language, ZONE, NOW) for language in LANGUAGES}
SLOW_END = 60  # answers within which every walk must be over
INCIDENT = 7  # what RaiseIncident gives
CONVERSATION, ROW = 9_999_999, 999_999_999
LABEL, TOKEN, TITLE = 30, 64, 24  # characters of a button, bytes of its token, characters of a window's title

CATEGORIES = ("threat", "pile_on", "unknown")

names = st.text("abcåäö ABC-", min_size=1, max_size=60).map(str.strip).filter(bool)
numbers = st.integers(1, 9999)
incidents = st.lists(numbers, max_size=8, unique=True).map(tuple)


def reading(language: str = "sv", *, pressed: bool = False) -> Reading:
    voice = VOICES[language]
    words = lambda prompt, option: asking.label(voice, prompt, option)  # noqa: E731
    return Reading(NOW, ZONE, language, words, pressed=pressed)


def given_as(prompt: Prompt[Any], text: str) -> Reading:
    """An option's value is a press; anything else was typed."""
    return reading(pressed=text in {option.value for option in prompt.options})


@st.composite
def registers(draw: st.DrawFn) -> Register:
    """Parties and persons whose ids are in another order than their names; somebody is always there."""
    unique = (lambda pair: pair[0], lambda pair: pair[1].casefold())
    pairs = st.tuples(st.integers(1, 9), names)  # low ids are those that are like the number of a button
    parties = draw(st.lists(pairs, max_size=6, unique_by=unique))
    people = draw(st.lists(pairs, min_size=1, max_size=6, unique_by=unique))
    owners = st.sampled_from([number for number, _ in people])
    roles = draw(st.lists(st.tuples(numbers, owners, names), max_size=5, unique_by=lambda role: role[0]))
    return Register(tuple(parties), tuple(people), tuple(roles))


LANGUAGE_NAMES = (("sv", "Svenska"), ("en", "English"))
INPUTS: dict[type[Any], st.SearchStrategy[Any]] = {
    Reporter: st.builds(
        Reporter,
        categories=st.just(CATEGORIES),
        phone=st.sampled_from(["", "+46701740605"]),
        words=st.sampled_from(["", "De står utanför"]),
        ask_party=st.booleans(),
        party_sees=st.booleans(),
        practice=st.booleans(),
        incidents=incidents,
        answering=incidents,
    ),
    Writing: st.builds(Writing, numbers, st.sampled_from(["", "Vi kommer"])),
    Register: registers(),
    Speaker: st.sampled_from([Speaker(LANGUAGE_NAMES), Speaker(LANGUAGE_NAMES[:1])]),
}
KINDS = ("answer", "answer", "answer", "answer", "answer", "wrong", "skip", "back", "edit", "fill", "bad fill")
moves = st.lists(st.tuples(st.sampled_from(KINDS), st.integers(0, 99)), max_size=12)
every_flow = pytest.mark.parametrize("name", sorted(FLOWS))
tries = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def begin(name: str, inputs: Any) -> Start:
    """The flow as it is stored and found again."""
    return FLOWS[name].start(json.loads(json.dumps(plain_inputs(inputs))))


def reloaded(state: State) -> State:
    """The state as it is after a restart."""
    return State(**json.loads(json.dumps(asdict(state))))


def steps(start: Start, state: State) -> list[Prompt[Any] | Do[Any]]:
    """All that the flow asks and does with these answers, found without the engine."""
    found: list[Prompt[Any] | Do[Any]] = []
    flow = start()
    try:
        step = next(flow)
        while True:
            found.append(step)
            key = step.key if isinstance(step, Prompt) else DONE + step.key
            if key not in state.answers:
                return found
            stored = state.answers[key]
            step = flow.send(step.value(stored) if isinstance(step, Prompt) else stored)
    except (StopIteration, Rejected):
        return found


def good_answer(prompt: Prompt[Any], pick: int, unique: str) -> str:
    """An answer that fits: an option, or words that nobody has written before."""
    if isinstance(prompt, Moment):
        return ("18.30", "i morgon 9", *(option.value for option in prompt.options))[pick % (2 + len(prompt.options))]
    if isinstance(prompt, PhoneNumber):
        return f"070-174 06 {pick:02}"
    return prompt.options[pick % len(prompt.options)].value if prompt.options else f"ord {unique}"


def bad_answer(prompt: Prompt[Any]) -> str:
    """An answer that fits no question of this kind."""
    return "hjortron" if prompt.options or isinstance(prompt, Moment | PhoneNumber) else "   "


@dataclass
class Walk:
    """Somebody in a conversation. `told` is what they last answered to each question; None is a skip."""

    start: Start
    between: Callable[[State], State] = lambda state: state
    state: State = field(default_factory=State)
    performed: list[Command] = field(default_factory=list)
    told: dict[str, str | None] = field(default_factory=dict)
    replaced: set[str] = field(default_factory=set)
    count: int = 0

    def __post_init__(self) -> None:
        self._go_on(self.state)

    def _perform(self, command: Command) -> int | None:
        self.performed.append(command)
        return INCIDENT if isinstance(command, RaiseIncident) else None

    def _go_on(self, state: State) -> None:
        self.state, self.place = engine.advance(self.start, self.between(state), self._perform)

    @property
    def here(self) -> Asking:
        assert isinstance(self.place, Asking)
        return self.place

    @property
    def over(self) -> bool:
        return isinstance(self.place, Finished)

    @property
    def command(self) -> Command | None:
        assert isinstance(self.place, Finished)
        return self.place.command

    def tell(self, text: str | None) -> None:
        """Answer the question that waits, or skip it."""
        key = self.here.prompt.key
        if text is None:
            self._go_on(engine.skip(self.start, self.state))
        else:
            self._go_on(engine.answer(self.start, self.state, text, given_as(self.here.prompt, text)))
        self._note({key: text})

    def _note(self, told: dict[str, str | None]) -> None:
        for key, text in told.items():
            if (before := self.told.get(key)) is not None and before != text:
                self.replaced.add(before)
            self.told[key] = text

    def answer(self, pick: int) -> None:
        self.count += 1
        self.tell(good_answer(self.here.prompt, pick, str(self.count)))

    def wrong(self, _: int) -> None:
        before = reloaded(self.state)
        with pytest.raises(Rejected):
            engine.answer(self.start, self.state, bad_answer(self.here.prompt), reading())
        assert self.state == before

    def skip(self, _: int) -> None:
        if self.here.prompt.optional:
            self.tell(None)
        else:
            with pytest.raises(Rejected):
                engine.skip(self.start, self.state)

    def back(self, _: int) -> None:
        if self.here.path:
            self._go_on(engine.back(self.start, self.state))

    def edit(self, pick: int) -> None:
        if self.here.path:
            key = self.here.path[pick % len(self.here.path)].prompt.key
            self._go_on(engine.edit(self.start, self.state, key))

    def fill(self, pick: int) -> None:
        if (form := self.here.form) is not None:
            self.count += 1
            values = {p.key: good_answer(p, pick + n, f"{self.count}-{n}") for n, p in enumerate(form.fields)}
            state, wrong = engine.fill(self.start, self.state, values, reading())
            assert not wrong
            self._go_on(state)
            self._note({**values})

    def bad_fill(self, pick: int) -> None:
        if (form := self.here.form) is not None:
            values = {p.key: good_answer(p, pick, "never") for p in form.fields}
            bad = form.fields[pick % len(form.fields)]
            state, wrong = engine.fill(self.start, self.state, values | {bad.key: "hjortron \n" * 500}, reading())
            assert set(wrong) == {bad.key}
            assert state is self.state

    def move(self, kind: str, pick: int) -> None:
        """One turn of the person's."""
        getattr(self, kind.replace(" ", "_"))(pick)

    def go(self, turns: list[tuple[str, int]]) -> None:
        """As many turns as there is a question for."""
        for kind, pick in turns:
            if self.over:
                return
            self.move(kind, pick)

    def finish(self, script: dict[str, str | None] | None = None) -> None:
        """Answer until it is over: as the script has it where that fits, else the first thing that does."""
        for _ in range(SLOW_END):
            if self.over:
                return
            prompt = self.here.prompt
            try:
                self.tell((script or {})[prompt.key])
            except (KeyError, Rejected):
                self.tell(good_answer(prompt, 0, prompt.key))
        raise AssertionError(f"not over after {SLOW_END} answers")


@st.composite
def walks(draw: st.DrawFn, name: str) -> Walk:
    """Somebody in the middle of this flow: where they were before the turn that would have ended it."""
    walk = Walk(begin(name, draw(INPUTS[FLOWS[name].inputs])))
    for turn in draw(moves):
        before = replace(walk, performed=[*walk.performed], told={**walk.told}, replaced={*walk.replaced})
        walk.go([turn])
        if walk.over:
            return before
    return walk


def texts_in(value: Any) -> set[str]:
    """Every piece of text in a command."""
    if isinstance(value, str):
        return {str(value)}
    if is_dataclass(value):
        return set().union(*(texts_in(getattr(value, f.name)) for f in fields(value)))
    return set()


def test_every_flows_inputs_are_generated_here() -> None:
    assert {conversing.inputs for conversing in FLOWS.values()} == set(INPUTS)


@every_flow
@tries
@given(st.data())
def test_any_walk_ends(name: str, data: st.DataObject) -> None:
    walk = data.draw(walks(name))
    walk.finish()
    assert walk.over


@every_flow
@tries
@given(st.data())
def test_the_stored_state_says_the_same_place_each_time_it_is_played(name: str, data: st.DataObject) -> None:
    walk = data.draw(walks(name))
    stored = reloaded(walk.state)
    assert engine.play(walk.start, walk.state) == engine.play(walk.start, stored) == walk.place
    assert stored == walk.state


@every_flow
@tries
@given(st.data())
def test_a_restart_between_all_turns_changes_nothing(name: str, data: st.DataObject) -> None:
    inputs, turns = data.draw(INPUTS[FLOWS[name].inputs]), data.draw(moves)
    steady, restarted = Walk(begin(name, inputs)), Walk(begin(name, inputs), between=reloaded)
    for walk in (steady, restarted):
        walk.go(turns)
        walk.finish()
    assert restarted.state == steady.state
    assert (restarted.command, restarted.performed) == (steady.command, steady.performed)


@every_flow
@tries
@given(st.data())
def test_no_key_is_used_twice_on_any_path(name: str, data: st.DataObject) -> None:
    walk = data.draw(walks(name))
    walk.finish()
    keys = [(type(step) is Do, step.key) for step in steps(walk.start, walk.state)]
    assert len(keys) == len(set(keys))


@every_flow
@tries
@given(st.data())
def test_every_effect_happens_once_however_often_the_flow_is_replayed(name: str, data: st.DataObject) -> None:
    walk = Walk(begin(name, data.draw(INPUTS[FLOWS[name].inputs])), between=reloaded)
    for kind, pick in data.draw(moves):
        walk.go([(kind, pick)])
        for _ in range(2):
            engine.play(walk.start, walk.state)
            engine.advance(walk.start, walk.state, walk._perform)
    walk.finish()
    done = [step.command for step in steps(walk.start, walk.state) if isinstance(step, Do)]
    assert walk.performed == done


@every_flow
@tries
@given(st.data())
def test_an_answer_that_does_not_fit_changes_nothing(name: str, data: st.DataObject) -> None:
    walk = data.draw(walks(name))
    before = reloaded(walk.state)
    with pytest.raises(Rejected) as found:
        engine.answer(walk.start, walk.state, bad_answer(walk.here.prompt), reading())
    assert walk.state == before and engine.play(walk.start, walk.state) == walk.place
    for voice in VOICES.values():
        assert asking.rejection(voice, found.value)


@every_flow
@tries
@given(st.data())
def test_back_and_the_same_answer_again_is_where_one_was(name: str, data: st.DataObject) -> None:
    walk = data.draw(walks(name))
    if not walk.here.path:
        return
    before, place = walk.state, walk.place
    last = walk.here.path[-1].prompt.key
    walk.back(0)
    assert walk.here.prompt.key == last and last not in walk.state.answers
    walk.tell(walk.told[last])
    assert walk.state.answers == before.answers
    assert walk.place == place


@every_flow
@tries
@given(st.data())
def test_there_is_a_way_back_exactly_as_far_as_the_last_effect(name: str, data: st.DataObject) -> None:
    walk = data.draw(walks(name))
    done = len(walk.performed)
    path = walk.here.path
    for answered in reversed(path):
        walk.back(0)
        assert walk.here.prompt.key == answered.prompt.key
    with pytest.raises(Rejected):
        engine.back(walk.start, walk.state)
    before = steps(walk.start, walk.state)[:-1]
    assert not before or isinstance(before[-1], Do)
    assert len(walk.performed) == done


@every_flow
@tries
@given(st.data())
def test_an_edit_is_as_good_as_a_fresh_run_with_the_changed_answer(name: str, data: st.DataObject) -> None:
    walk = data.draw(walks(name))
    if not walk.here.path:
        return
    key = data.draw(st.sampled_from([answered.prompt.key for answered in walk.here.path]))
    walk.go([("edit", [answered.prompt.key for answered in walk.here.path].index(key))])
    assert walk.here.prompt.key == key
    walk.tell(good_answer(walk.here.prompt, data.draw(st.integers(0, 99)), "ändrat"))
    script = dict(walk.told)
    walk.finish(script)
    fresh = Walk(walk.start)
    fresh.finish(script)
    assert (walk.command, walk.performed) == (fresh.command, fresh.performed)


@every_flow
@tries
@given(st.data())
def test_only_answers_on_the_path_reach_a_command_and_none_that_was_taken_back(name: str, data: st.DataObject) -> None:
    inputs = data.draw(INPUTS[FLOWS[name].inputs])
    walk = Walk(begin(name, inputs))
    walk.go(data.draw(moves))
    walk.finish()
    on_path = {step.key for step in steps(walk.start, walk.state) if isinstance(step, Prompt)}
    off_path = {text for key, text in walk.told.items() if key not in on_path and text is not None}
    free = {text for text in walk.replaced | off_path if text.startswith("ord ")}
    sent = set().union(*(texts_in(command) for command in [*walk.performed, walk.command]))
    assert not sent & free
    assert not sent & {str(text) for key, text in walk.state.aside.items() if str(text).startswith("ord ")}


@every_flow
@tries
@given(st.data())
def test_a_stored_answer_that_no_longer_fits_is_asked_for_again_and_the_others_stay(
    name: str, data: st.DataObject
) -> None:
    walk = data.draw(walks(name))
    fixed = [a.prompt.key for a in walk.here.path if a.prompt.options and not isinstance(a.prompt, PhoneNumber)]
    if not fixed:
        return
    key = data.draw(st.sampled_from(fixed))
    state = State({**walk.state.answers, key: "an option that is gone"}, walk.state.aside, walk.state.revision)
    again = Walk(walk.start, state=state)
    assert again.here.prompt.key == key
    again.tell(walk.told[key])
    assert again.state.answers == walk.state.answers and again.place == walk.place


@every_flow
@tries
@given(st.data())
def test_a_question_that_was_inserted_later_is_the_only_one_that_is_asked(name: str, data: st.DataObject) -> None:
    walk = data.draw(walks(name))
    if not walk.here.path:
        return
    key = data.draw(st.sampled_from([answered.prompt.key for answered in walk.here.path]))
    without = {name: value for name, value in walk.state.answers.items() if name != key}
    later = Walk(walk.start, state=State(without, {}, walk.state.revision))
    assert later.here.prompt.key == key
    later.tell(walk.told[key])
    assert later.place == walk.place


@every_flow
@tries
@given(st.data())
def test_progress_never_says_more_than_there_is(name: str, data: st.DataObject) -> None:
    walk = data.draw(walks(name))
    step, total = engine.progress(walk.start, walk.state)
    questions = [s for s in steps(walk.start, walk.state) if isinstance(s, Prompt) and not isinstance(s, Confirm)]
    if isinstance(walk.here.prompt, Confirm):
        assert step == len(questions) + 1, "a summary is no question, but comes after them all"
    else:
        assert step == len(questions)
    assert step <= total


def drawn(walk: Walk, voice: Voice) -> Message:
    """The question as its person sees it."""
    total = engine.progress(walk.start, walk.state)
    return asking.question(voice, CONVERSATION, walk.state, walk.here, total, {"number": 1_234_567})


@every_flow
@tries
@given(st.data())
def test_every_question_can_be_asked_in_every_language_within_every_limit(name: str, data: st.DataObject) -> None:
    walk = data.draw(walks(name))
    for voice in VOICES.values():
        message = drawn(walk, voice)
        assert split(message) == [message]
        assert sum(units(part_text(part)) + 2 for part in message.parts) <= LONGEST
        assert all(part_text(part) for part in message.parts)
        own = {option.label for option in walk.here.prompt.options if option.label}
        for button in (button for row in message.buttons for button in row):
            assert button.label and (button.label in own or len(button.label) <= LABEL)
            assert len(with_row(button.token, ROW).encode()) <= TOKEN


@every_flow
@tries
@given(st.data())
def test_every_button_of_a_question_does_what_it_says(name: str, data: st.DataObject) -> None:
    walk = data.draw(walks(name))
    pressed = [button.token for row in drawn(walk, VOICES["sv"]).buttons for button in row]
    found = set()
    for token in pressed:
        reply, row = tokens.read(with_row(token, ROW))
        assert isinstance(reply, Reply) and row == ROW
        assert (reply.conversation, reply.revision, reply.key) == (
            CONVERSATION,
            walk.state.revision,
            walk.here.prompt.key,
        )
        found.add(reply.option)
    options = walk.here.prompt.options
    assert {option.value for option in options} <= found
    assert ("-back" in found) == bool(walk.here.path)
    assert ("-skip" in found) == walk.here.prompt.optional
    assert ("-form" in found) == (walk.here.form is not None)
    assert "-cancel" in found
    edits = {answered.prompt.key for answered in walk.here.path} if isinstance(walk.here.prompt, Confirm) else set()
    assert {option.removeprefix("-e.") for option in found if option.startswith("-e.")} == edits


@every_flow
@tries
@given(st.data())
def test_an_option_is_chosen_by_its_press_its_number_or_its_words_and_never_another(
    name: str, data: st.DataObject
) -> None:
    walk = data.draw(walks(name))
    prompt = walk.here.prompt
    if isinstance(prompt, Moment):
        return  # its options are times, which depend on the clock
    for language in LANGUAGES:
        read = reading(language)
        labels = [read.label(prompt, option).casefold() for option in prompt.options]
        for number, option in enumerate(prompt.options, 1):
            ways = [(option.value, reading(language, pressed=True)), (str(number), read)]
            ways += [(labels[number - 1], read)] if labels.count(labels[number - 1]) == 1 else []
            for text, how in ways:
                state = engine.answer(walk.start, walk.state, text, how)
                assert state.answers[prompt.key] == option.value, (text, labels)


@every_flow
@tries
@given(st.data())
def test_every_answer_has_words_for_when_it_is_shown_again(name: str, data: st.DataObject) -> None:
    walk = data.draw(walks(name))
    for voice in VOICES.values():
        for answered in walk.here.path:
            key = f"short.{answered.prompt.key}"
            assert voice.word(key)
            assert asking.shown(voice, answered.prompt, answered.stored)


@every_flow
@tries
@given(st.data())
def test_every_form_has_a_window_that_fits_and_holds_what_is_answered(name: str, data: st.DataObject) -> None:
    walk = data.draw(walks(name))
    if (form := walk.here.form) is None:
        return
    for voice in VOICES.values():
        sheet = asking.sheet(voice, CONVERSATION, walk.state, form)
        assert all(0 < len(words) <= TITLE for words in (sheet.title, sheet.submit, sheet.close))
        assert [f.key for f in sheet.fields] == [prompt.key for prompt in form.fields]
        assert all(f.label and all(words for _, words in f.options) for f in sheet.fields)
        read = reading(voice.language, pressed=True)
        values = {f.key: f.value for f in sheet.fields}
        state, wrong = engine.fill(walk.start, walk.state, values, read)
        if not wrong:
            kept = {p.key: walk.state.answers.get(p.key) for p in form.fields}
            assert {key: state.answers[key] for key in kept} == kept


def test_options_that_no_walk_of_few_steps_may_meet_have_words_too() -> None:
    """Every member of every enumeration that a flow asks for."""
    for voice in VOICES.values():
        for prompt in all_prompts():
            for option in prompt.options:
                words = asking.label(voice, prompt, option)
                assert words and (option.label or len(words) <= LABEL)
            assert voice.word(f"ask.{prompt.key}", number=1)


@cache
def all_prompts() -> list[Prompt[Any]]:
    """Every question of every flow, found by taking every way through it."""
    found: dict[tuple[str, str, tuple[Option, ...]], Prompt[Any]] = {}
    full = {
        Reporter: Reporter("+46701740605", "ord", True, False, False, (1, 2), (3,), CATEGORIES),
        Writing: Writing(1),
        Register: Register(((1, "Bokpartiet"),), ((1, "Siv"), (2, "Alva")), ((5, 2, "Avsluta: kontakt"),)),
        Speaker: Speaker(LANGUAGE_NAMES),
    }
    for name, conversing in FLOWS.items():
        todo = [State()]
        while todo:
            walk = Walk(begin(name, full[conversing.inputs]), state=todo.pop())
            if walk.over:
                continue
            p = walk.here.prompt
            found[name, p.key, p.options] = p
            ways = [option.value for option in p.options] if not isinstance(p, Moment) else []
            for text in ways or [good_answer(p, 0, "x")]:
                todo.append(engine.answer(walk.start, walk.state, text, given_as(p, text)))
    return list(found.values())


@pytest.mark.parametrize("name", sorted(FLOWS))
def test_inputs_that_were_stored_by_another_version_are_refused_and_not_guessed(name: str) -> None:
    first = fields(FLOWS[name].inputs)[0].name
    with pytest.raises(ValidationError):
        FLOWS[name].start({first: {"not": "what it was"}})


# What the flows are for, one path at a time


def run(name: str, inputs: Any, *texts: str | None) -> Walk:
    """Answer these, in this order; None is a skip."""
    walk = Walk(begin(name, inputs))
    for text in texts:
        walk.tell(text)
    return walk


def test_what_happens_now_is_raised_at_once_and_each_answer_follows_as_it_comes() -> None:
    walk = run("flag", Reporter(ask_party=True, categories=CATEGORIES), "now")
    assert walk.performed == [RaiseIncident(Imminence.NOW)]
    for text in ("Skolgatan 4", "yes", "070-174 06 05"):
        walk.tell(text)
    assert walk.performed[1:] == [
        AddDetail(INCIDENT, "where", "Skolgatan 4"),
        AddDetail(INCIDENT, "called_112", "yes"),
        AddDetail(INCIDENT, "number", "+46701740605"),
    ]
    walk.tell("party")
    assert walk.command == ShareWithParty(INCIDENT, True)


def test_what_is_brewing_is_sent_only_after_a_yes_with_everything_that_was_told() -> None:
    walk = run("flag", Reporter(categories=CATEGORIES), "brewing", "threat", "Hot i brev", None, None, "ledamot")
    assert walk.performed == [] and isinstance(walk.here.prompt, Confirm)
    walk.tell("yes")
    details = Details("threat", "Hot i brev", "", None, "ledamot")
    assert walk.command == RaiseIncident(Imminence.BREWING, details)


def test_what_has_happened_and_may_lead_to_more_is_raised_as_happening_now() -> None:
    for soon in ("yes", "unknown"):
        walk = run("flag", Reporter(categories=CATEGORIES), "past", soon)
        assert walk.performed == [RaiseIncident(Imminence.NOW)]
        assert "what_happened" in {step.key for step in _finished(walk)}
    assert run("flag", Reporter(categories=CATEGORIES), "past", "no").performed == []


def _finished(walk: Walk) -> list[Prompt[Any] | Do[Any]]:
    walk.finish()
    return steps(walk.start, walk.state)


@tries
@given(st.data())
def test_nothing_of_an_exercise_is_ever_sent_for_real(data: st.DataObject) -> None:
    walk = Walk(begin("flag", data.draw(INPUTS[Reporter].map(lambda me: Reporter(**{**vars(me), "practice": True})))))
    walk.go(data.draw(moves))
    walk.finish()
    commands = [command for command in [*walk.performed, walk.command] if command is not None]
    assert commands and all(getattr(command, "practice") for command in commands)  # noqa: B009


def test_words_out_of_turn_go_where_their_writer_says() -> None:
    me = Reporter(words="De är kvar", incidents=(4,), answering=(5,), categories=CATEGORIES)
    assert run("words", me, "more4").command == AddWords(4, "De är kvar")
    assert run("words", me, "answer5", "yes").command == SendAnswer(5, "De är kvar")
    assert run("words", me, "drop").command == Nothing("words.dropped")
    assert run("words", me, "now").performed == [RaiseIncident(Imminence.NOW, words="De är kvar")]


def test_an_answer_of_the_unit_that_was_written_already_needs_only_a_yes() -> None:
    assert run("answer", Writing(7, "Vi kommer"), "yes").command == SendAnswer(7, "Vi kommer")
    assert run("answer", Writing(7), "Vi kommer").command == SendAnswer(7, "Vi kommer")


def test_a_case_is_closed_with_a_sentence_and_a_yes() -> None:
    assert run("close", Writing(7), "Polisen är där", "yes").command == CloseIncident(7, "Polisen är där")


def test_a_role_of_a_party_can_be_given_only_when_there_is_a_party() -> None:
    none = Walk(begin("invite", Register(people=((1, "Siv"),))))
    assert [option.value for option in none.here.prompt.options] == ["officer", "official"]
    register = Register(((8, "Alfapartiet"), (3, "Bokpartiet")), ((1, "Siv"),))
    walk = run("invite", register, "contact", "2", "Alva Berg", "yes")
    assert walk.command == Invite(RoleKind.CONTACT, 3, "Alva Berg")


def test_nobody_is_invited_as_security_chief_from_a_chat() -> None:
    for register in (Register(), Register(((8, "Alfapartiet"),))):
        walk = Walk(begin("invite", register))
        with pytest.raises(Rejected):
            walk.tell("chief")
