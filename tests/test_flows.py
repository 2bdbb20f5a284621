"""What holds for every registered flow, whatever people answer, take back, change or get wrong."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from bot import conversation as engine
from bot import tokens
from bot.catalogue import LANGUAGES
from bot.commands import (
    AddDetail,
    AddWords,
    Ask,
    AskHelp,
    Audience,
    ChangeDraft,
    CloseIncident,
    Compose,
    Details,
    Imminence,
    Invite,
    Level,
    Nothing,
    PlanDraft,
    RaiseIncident,
    RecordCall,
    RoleKind,
    SendAnswer,
    SetAbout,
    ShareWithParty,
)
from bot.conversation import State
from bot.flows import FLOWS
from bot.flows.about import FirstContact
from bot.flows.answer import Writing
from bot.flows.broadcast import Changing, Composer
from bot.flows.called import Switchboard
from bot.flows.flag import Reporter
from bot.flows.helping import Helping
from bot.flows.people import Register
from bot.flows.planning import Planning
from bot.messages import LONGEST, part_text, split, units
from bot.prompts import Confirm, Do, Moment, PhoneNumber, Prompt, Rejected, Text
from bot.services import asking
from bot.tokens import Reply, with_row
from tests.walking import (
    CATEGORIES,
    CONVERSATION,
    INCIDENT,
    INPUTS,
    LABEL,
    ROW,
    TITLE,
    TOKEN,
    VOICES,
    Walk,
    all_prompts,
    bad_answer,
    begin,
    drawn,
    every_flow,
    good_answer,
    moves,
    reading,
    reloaded,
    run,
    steps,
    texts_in,
    tries,
    walks,
)


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
            assert asking.short(voice, answered.prompt)
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
            assert voice.word(f"ask.{prompt.topic}", number=1, count=1)


@pytest.mark.parametrize("name", sorted(name for name, flow in FLOWS.items() if fields(flow.inputs)))
def test_inputs_that_were_stored_by_another_version_are_refused_and_not_guessed(name: str) -> None:
    first = fields(FLOWS[name].inputs)[0].name
    with pytest.raises(ValidationError):
        FLOWS[name].start({first: {"not": "what it was"}})


# What the flows are for, one path at a time


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


@tries
@given(st.data())
def test_where_no_words_are_taken_a_flag_asks_for_none_and_is_raised_at_the_first_press(data: st.DataObject) -> None:
    inputs = data.draw(INPUTS[Reporter].map(lambda me: replace(me, terse=True)))
    walk = Walk(begin("flag", inputs))
    walk.go(data.draw(moves))
    walk.finish()
    asked = [step for step in steps(walk.start, walk.state) if isinstance(step, Prompt)]
    assert not [prompt for prompt in asked if isinstance(prompt, Text | Moment | Confirm)]
    assert {prompt.key for prompt in asked} <= {"imminence", "soon", "called_112", "number", "category", "party_sees"}
    assert isinstance(walk.performed[0], RaiseIncident) and not walk.performed[0].words


def test_where_no_words_are_taken_the_number_and_the_kind_follow_the_flag() -> None:
    me = Reporter(terse=True, phone="+46701740605", categories=CATEGORIES)
    walk = run("flag", me, "now", "yes", "+46701740605", "threat")
    assert walk.performed == [
        RaiseIncident(Imminence.NOW),
        AddDetail(INCIDENT, "called_112", "yes"),
        AddDetail(INCIDENT, "number", "+46701740605"),
        AddDetail(INCIDENT, "category", "threat"),
    ]
    assert run("flag", me, "past", "unknown").performed == [RaiseIncident(Imminence.NOW)]
    assert run("flag", me, "past", "no", None, None).performed == [RaiseIncident(Imminence.PAST)]


def test_a_call_is_written_down_in_three_presses_and_a_text() -> None:
    board = Switchboard(((3, "Bokpartiet"), (4, "Kottepartiet")), ((9, 3, "Alva Berg"),))
    assert run("called", board, "3", "9", "now", "De är här").command == RecordCall(3, 9, Imminence.NOW, "De är här")
    assert run("called", board, "4", "past", "Klotter").command == RecordCall(4, 0, Imminence.PAST, "Klotter")
    assert run("called", board, "0", "rumour", "Hört").command == RecordCall(0, 0, Imminence.RUMOUR, "Hört")
    assert run("called", Switchboard(), "now", "Nu").command == RecordCall(0, 0, Imminence.NOW, "Nu")


def test_a_helper_is_asked_only_after_a_yes() -> None:
    walk = run("helping", Helping(7, ((5, "Jurist: Vera"),)), "5", "Läs avtalet")
    assert isinstance(walk.here.prompt, Confirm) and not walk.performed
    walk.tell("yes")
    assert walk.command == AskHelp(7, 5, "Läs avtalet")


def test_the_first_contacts_text_is_shown_as_it_is_and_as_it_will_be() -> None:
    texts = (("sv", "{municipality} ansvarar."), ("en", "{municipality} is responsible."))
    me = FirstContact((("sv", "Svenska"), ("en", "English")), texts, ("sv",), (("municipality", "Lönnköping"),))
    walk = run("about", me, "en")
    assert walk.here.prompt.quote == "Lönnköping is responsible."
    walk.tell("{municipality} {x}")
    assert walk.here.prompt.quote == "Lönnköping {x}"
    walk.tell("yes")
    assert walk.command == SetAbout("en", "{municipality} {x}")
    assert run("about", me, "sv", "reset", "yes").command == SetAbout("sv", "")
    assert run("about", FirstContact(me.languages[:1], texts), "Ny", "yes").command == SetAbout("sv", "Ny")


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
    assert [option.value for option in none.here.prompt.options] == ["officer", "official", "helper"]
    register = Register(((8, "Alfapartiet"), (3, "Bokpartiet")), ((1, "Siv"),))
    walk = run("invite", register, "contact", "2", "Alva Berg", "yes")
    assert walk.command == Invite(RoleKind.CONTACT, 3, "Alva Berg")


def test_nobody_is_invited_as_security_chief_from_a_chat() -> None:
    for register in (Register(), Register(((8, "Alfapartiet"),))):
        walk = Walk(begin("invite", register))
        with pytest.raises(Rejected):
            walk.tell("chief")


def test_a_broadcast_that_is_urgent_asks_for_four_things_and_has_the_rest_by_itself() -> None:
    walk = run("broadcast", Composer(incident=7), "emergency", "Lås", None, "contacts")
    assert walk.command == Compose(Level.EMERGENCY, "Lås", "", Audience(), Ask.SAFE, 15, False, 7)


def test_a_broadcast_can_be_for_several_parties_one_after_the_other() -> None:
    me = Composer(((1, "Bokpartiet"), (2, "Kottepartiet"), (3, "Alfapartiet")))
    start = ("information", "Hej", "Text", "parties", "3", "1")
    walk = run("broadcast", me, *start, "done", "officials", "read", "day", "exercise")
    audience = Audience(("contact", "deputy", "official"), (3, 1))
    assert walk.command == Compose(Level.INFORMATION, "Hej", "Text", audience, Ask.READ, 1440, True)
    whole = run("broadcast", me, *start, "2", "contacts", "nothing", "real").command
    assert isinstance(whole, Compose) and whole.audience == Audience(("contact",), (3, 1, 2))


def test_a_broadcast_can_be_for_roles_or_for_those_of_a_meeting() -> None:
    me = Composer(meetings=((4, "Fullmäktige 30/11"),))
    walk = run("broadcast", me, "allclear", "Lugnt", "Text", "roles", "unit", "deputy", "done")
    assert isinstance(walk.command, Compose) and walk.command.audience == Audience(("chief", "officer", "deputy"))
    walk = run("broadcast", me, "emergency", "Lås", None, "meeting", "4")
    assert isinstance(walk.command, Compose) and walk.command.audience == Audience((), (), 4)


def test_what_follows_a_broadcast_keeps_its_level_and_its_readers_and_where_no_words_pass_none_are_asked_for() -> None:
    def offered(me: Changing) -> set[str]:
        return {option.value for option in Walk(begin("changing", me)).here.prompt.options}

    assert offered(Changing(1, "Rubrik", "Text")) == {"headline", "text", "level", "whom", "ask", "real"}
    assert offered(Changing(1, "Rubrik", "Text", follows=True)) == {"headline", "text", "ask", "real"}
    assert offered(Changing(1, "", "", terse=True)) == {"level", "whom", "ask", "real"}
    assert run("changing", Changing(1, "Rubrik", "Text"), "ask", "nothing").command == ChangeDraft(
        1, ask=Ask.NOTHING, minutes=0
    )


def test_a_time_that_has_passed_cannot_be_planned_for() -> None:
    walk = Walk(begin("planning", Planning(3)))
    with pytest.raises(Rejected):
        walk.tell("i går 9")
    walk.tell("i morgon 9")
    assert isinstance(walk.command, PlanDraft) and walk.command.alert == 3
