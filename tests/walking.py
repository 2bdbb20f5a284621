"""Somebody who walks through a flow at random: answers, skips, goes back, changes, and gets it wrong."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, fields, is_dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from bot import conversation as engine
from bot.catalogue import LANGUAGES, Catalogue, Voice
from bot.commands import (
    RaiseIncident,
)
from bot.conversation import DONE, Asking, Finished, Start, State
from bot.flows import FLOWS, plain_inputs
from bot.flows.about import FirstContact
from bot.flows.alerting import Following, Replying
from bot.flows.answer import Closing, Writing
from bot.flows.broadcast import Changing, Composer
from bot.flows.called import Switchboard
from bot.flows.checklist import Ending as RunEnding
from bot.flows.checklist import OneStep, SomeStep, Together
from bot.flows.criticism import Asked
from bot.flows.duty import Absences, Ending, HandingOver, Leave, Roster, Swapping
from bot.flows.flag import Reporter
from bot.flows.helping import Helping
from bot.flows.linking import Everybody, Leading, Linking
from bot.flows.meeting import Hosting, Inviting, OneBriefing, OneMeeting
from bot.flows.meeting_day import Checking, Declining, LookingBack, Ordering
from bot.flows.number import PhoneBook
from bot.flows.people import Register, Speaker
from bot.flows.planning import Planning
from bot.flows.promising import Called, Handing, Looking, Promising, Putting, Watching
from bot.flows.quiet import Sleeper
from bot.flows.risk import Judging, Sorter
from bot.flows.support import Calling, Directory
from bot.messages import Message
from bot.prompts import Command, Do, Moment, Option, PhoneNumber, Prompt, QuietHours, Reading, Rejected
from bot.services import asking

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


@st.composite
def switchboards(draw: st.DrawFn) -> Switchboard:
    """Parties, and contacts who are of one of them."""
    unique = (lambda pair: pair[0], lambda pair: pair[1].casefold())
    parties = draw(st.lists(st.tuples(numbers, names), max_size=5, unique_by=unique))
    of = st.sampled_from([number for number, _ in parties] or [0])
    unlike = (lambda contact: contact[0], lambda contact: contact[2].casefold())
    contacts = draw(st.lists(st.tuples(numbers, of, names), max_size=6, unique_by=unlike))
    return Switchboard(tuple(parties), tuple(contacts))


few = st.lists(
    st.tuples(st.integers(1, 99), names), max_size=4, unique_by=(lambda row: row[0], lambda row: row[1].casefold())
).map(tuple)


def named(least: int = 1) -> st.SearchStrategy[tuple[tuple[int, str], ...]]:
    """Some things by number and name."""
    unlike = (lambda pair: pair[0], lambda pair: pair[1].casefold())
    return st.lists(st.tuples(numbers, names), min_size=least, max_size=5, unique_by=unlike).map(tuple)


@st.composite
def swappings(draw: st.DrawFn) -> Swapping:
    """Shifts that are somebody's of the unit, each at its own time."""
    people = draw(named(2))
    owners = st.sampled_from([number for number, _ in people])
    unlike = (lambda shift: shift[0], lambda shift: shift[2].casefold())
    shifts = draw(st.lists(st.tuples(numbers, owners, names), min_size=1, max_size=5, unique_by=unlike))
    return Swapping(tuple(shifts), people)


SINCE = (NOW - timedelta(minutes=1)).isoformat()
TIMES = tuple(((NOW + timedelta(days=days)).isoformat(), f"Om {days}") for days in (1, 8, 15))
LANGUAGE_NAMES = (("sv", "Svenska"), ("en", "English"))
STATEMENTS = (("p1", "Ny skola\nProcessen\nEtt påstående."), ("p2", "Ny skola\nProcessen\nEtt till."))
ROLES = (("chief", "Säkerhetschef"), ("secretary", "Kommunsekreterare"))
MEASURES = (("faces", "Utse en till som svarar utåt"), ("early", "Informera tidigt"))
KINDS_OF_SUPPORT = ("communications", "hr", "law", "security")
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
        alerts=st.sampled_from([(), (3,)]),
        attached=st.booleans(),
        terse=st.booleans(),
    ),
    Writing: st.builds(Writing, numbers, st.sampled_from(["", "Vi kommer"])),
    Following: st.builds(Following, numbers, st.sampled_from(["update", "correction", "allclear"])),
    Replying: st.builds(Replying, numbers, st.sampled_from([0, 7])),
    Closing: st.builds(Closing, numbers, incidents),
    Linking: st.builds(
        Linking,
        numbers,
        st.lists(st.tuples(numbers, names), min_size=1, max_size=6, unique_by=(lambda o: o[0], lambda o: o[1])).map(
            tuple
        ),
        st.booleans(),
    ),
    Leading: st.builds(Leading, numbers),
    Everybody: st.builds(Everybody, numbers, incidents, st.integers(2, 9999)),
    Register: registers(),
    Switchboard: switchboards(),
    FirstContact: st.builds(
        FirstContact,
        st.sampled_from([LANGUAGE_NAMES, LANGUAGE_NAMES[:1]]),
        st.just((("sv", "{municipality} ansvarar."), ("en", "{municipality} is responsible."))),
        st.sampled_from([(), ("sv",), ("en", "sv")]),
        st.just((("municipality", "Lönnköping"),)),
    ),
    Composer: st.builds(Composer, few, few, st.sampled_from([0, 7])),
    Changing: st.builds(
        Changing, numbers, st.just("Rubrik"), st.just("Text"), few, few, follows=st.booleans(), terse=st.booleans()
    ),
    Planning: st.builds(Planning, numbers),
    Inviting: st.builds(Inviting, few),
    Hosting: st.builds(
        Hosting,
        st.lists(st.tuples(numbers, names), min_size=1, max_size=3, unique_by=(lambda p: p[0], lambda p: p[1])).map(
            tuple
        ),
    ),
    OneMeeting: st.builds(OneMeeting, numbers, st.just("Ny skola"), st.integers(0, 3)),
    OneBriefing: st.builds(OneBriefing, numbers, st.just("Rubrik"), st.just("Text")),
    Ordering: st.builds(Ordering, numbers, st.booleans()),
    Declining: st.builds(Declining, numbers),
    Checking: st.builds(Checking, numbers, st.booleans()),
    LookingBack: st.builds(LookingBack, numbers),
    Sorter: st.just(Sorter()),
    Judging: st.builds(
        Judging,
        numbers,
        numbers,
        st.sampled_from([2, 3]),
        st.just(STATEMENTS),
        st.sampled_from([ROLES, ()]),
        st.booleans(),
    ),
    Called: st.builds(Called, st.sampled_from(["case", "watch"]), numbers, st.just("Ny skola")),
    Handing: st.builds(Handing, st.sampled_from(["measure", "watch"]), numbers, named()),
    Promising: st.builds(
        Promising,
        st.sampled_from(["case", "watch", "meeting"]),
        numbers,
        st.sampled_from([MEASURES, ()]),
        named(),
        st.sampled_from([TIMES, ()]),
    ),
    Putting: st.builds(Putting, numbers, st.sampled_from([TIMES, ()])),
    Watching: st.one_of(
        st.builds(Watching, named(), st.sampled_from([TIMES, ()])),
        st.builds(Watching, named(), st.just(TIMES), numbers, st.just("Ny skola"), st.just("high")),
    ),
    Looking: st.builds(Looking, numbers, st.sampled_from([TIMES, ()])),
    Helping: st.builds(
        Helping,
        numbers,
        st.lists(st.tuples(numbers, names), min_size=1, max_size=6, unique_by=(lambda h: h[0], lambda h: h[1])).map(
            tuple
        ),
    ),
    PhoneBook: st.lists(
        st.tuples(numbers, names), min_size=1, max_size=9, unique_by=(lambda p: p[0], lambda p: p[1].casefold())
    )
    .map(tuple)
    .map(PhoneBook),
    Roster: st.builds(Roster, named(), st.sampled_from([TIMES, ()]), st.just(SINCE), st.just(ZONE.key)),
    Swapping: swappings(),
    Leave: st.builds(Leave, named(), st.sampled_from([TIMES, ()]), st.just(SINCE)),
    Absences: st.builds(Absences, named()),
    HandingOver: st.builds(HandingOver, numbers, named()),
    Ending: st.builds(Ending, numbers),
    Together: st.builds(Together, st.just("lokalgenomgang"), few, named(), st.booleans()),
    OneStep: st.builds(OneStep, numbers, st.integers(1, 40), st.just("Ring 112."), st.just(True), st.booleans()),
    SomeStep: st.builds(SomeStep, numbers, named()),
    RunEnding: st.builds(RunEnding, numbers, st.sampled_from(["", "Salen 1. Stolarna är gångna igenom."])),
    Calling: st.builds(
        Calling,
        st.sampled_from([KINDS_OF_SUPPORT, KINDS_OF_SUPPORT[3:]]),
        st.sampled_from(["", "drev"]),
        incidents,
        st.sampled_from(["", "+46701740605"]),
        st.booleans(),
    ),
    Directory: st.builds(Directory, st.just(KINDS_OF_SUPPORT), named(), named()),
    Asked: st.just(Asked()),
    Speaker: st.sampled_from([Speaker(LANGUAGE_NAMES), Speaker(LANGUAGE_NAMES[:1])]),
    Sleeper: st.just(Sleeper()),
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
        later = [f"{(prompt.after or NOW) + timedelta(days=days):%Y-%m-%d %H:%M}" for days in (1, 2)]
        typed = later if prompt.after is not None else ["18.30", "i morgon 9"]
        typed = ["i dag 9", "i går 18.30"] if prompt.past else typed
        return (*typed, *(option.value for option in prompt.options))[pick % (2 + len(prompt.options))]
    if isinstance(prompt, PhoneNumber):
        return f"070-174 06 {pick:02}"
    if isinstance(prompt, QuietHours):
        return f"{pick % 24}-{(pick + 9) % 24}"
    return prompt.options[pick % len(prompt.options)].value if prompt.options else f"ord {unique}"


def bad_answer(prompt: Prompt[Any]) -> str:
    """An answer that fits no question of this kind."""
    return "hjortron" if prompt.options or isinstance(prompt, Moment | PhoneNumber | QuietHours) else "   "


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


def drawn(walk: Walk, voice: Voice) -> Message:
    """The question as its person sees it."""
    total = engine.progress(walk.start, walk.state)
    return asking.question(voice, CONVERSATION, walk.state, walk.here, total, {"number": 1_234_567})


@cache
def all_prompts() -> list[Prompt[Any]]:
    """Every question of every flow, found by taking every way through it."""
    found: dict[tuple[str, str, tuple[Option, ...]], Prompt[Any]] = {}
    full: dict[type[Any], Any] = {
        Reporter: Reporter("+46701740605", "ord", True, False, False, (1, 2), (3,), CATEGORIES, alerts=(4,)),
        Following: Following(1, "update"),
        Replying: Replying(1),
        Writing: Writing(1),
        Closing: Closing(1, (2, 3)),
        Linking: Linking(1, ((2, "Ärende 2"),)),
        Leading: Leading(1),
        Everybody: Everybody(1, (1, 2), 2),
        Register: Register(((1, "Bokpartiet"),), ((1, "Siv"), (2, "Alva")), ((5, 2, "Avsluta: kontakt"),)),
        PhoneBook: PhoneBook(((1, "Alva"),)),
        Speaker: Speaker(LANGUAGE_NAMES),
        Sleeper: Sleeper(),
        FirstContact: FirstContact(LANGUAGE_NAMES, (("sv", "Hej"), ("en", "Hello")), ("sv",)),
        Switchboard: Switchboard(((1, "Bokpartiet"),), ((4, 1, "Alva"),)),
        Helping: Helping(1, ((5, "Jurist: Eva"),)),
        Composer: Composer(((1, "Bokpartiet"), (2, "Kottepartiet")), ((2, "Fullmäktige 30/11"),)),
        Changing: Changing(1, "Rubrik", "Text", ((1, "Bokpartiet"),), ((2, "Fullmäktige 30/11"),)),
        Planning: Planning(1),
        Inviting: Inviting(((1, "Bokpartiet"),)),
        Hosting: Hosting(((1, "Bokpartiet"), (2, "Kottepartiet"))),
        OneMeeting: OneMeeting(1, "Ny skola", 2),
        OneBriefing: OneBriefing(1, "Rubrik", "Text"),
        Ordering: Ordering(1),
        Declining: Declining(1),
        Checking: Checking(1, True),
        LookingBack: LookingBack(1),
        Sorter: Sorter(),
        Judging: Judging(1, 1, 2, STATEMENTS, ROLES),
        Called: Called("case", 1, "Ny skola"),
        Handing: Handing("measure", 1, ((1, "Siv"),)),
        Promising: Promising("case", 1, MEASURES, ((1, "Siv"),), TIMES),
        Putting: Putting(1, TIMES),
        Watching: Watching(((1, "Siv"),), TIMES),
        Looking: Looking(1, TIMES),
        Roster: Roster(((1, "Siv"), (2, "Omar")), TIMES, SINCE, ZONE.key),
        Swapping: Swapping(((3, 1, "mån 30 nov"),), ((1, "Siv"), (2, "Omar"))),
        Leave: Leave(((1, "Siv"), (2, "Omar")), TIMES, SINCE),
        Absences: Absences(((4, "Omar tis 24 nov"),)),
        HandingOver: HandingOver(3, ((1, "Siv"),)),
        Ending: Ending(1),
        Together: Together("lokalgenomgang", ((2, "Fullmäktige 30/11"),), ((1, "Siv"), (2, "Omar"))),
        OneStep: OneStep(1, 2, "Ring 112.", True),
        SomeStep: SomeStep(1, ((1, "Steg 1"), (2, "Steg 2"))),
        RunEnding: RunEnding(1, "Salen 1. Stolarna är gångna igenom."),
        Calling: Calling(KINDS_OF_SUPPORT, "drev", (7,), "+46701740605"),
        Directory: Directory(KINDS_OF_SUPPORT, ((1, "Siv"),), ((1, "Jurist: Eva"),)),
        Asked: Asked(),
    }
    bare = replace(full[Reporter], words="", attached=True)  # the same way in, with something attached
    more = [("words", bare), ("replying", Replying(1, 7)), ("link", replace(full[Linking], leads=True))]
    more += [("run_sign", RunEnding(1, left, steps, alone, terse)) for left, steps in (("", ()), ("Salen 1.", (1,)))
             for alone in (False, True) for terse in (False, True)]  # fmt: skip
    more += [("risk_judge", Judging(1, 1, 3, STATEMENTS, ROLES))]
    more += [("following", Following(1, change)) for change in ("correction", "allclear")]
    for name, inputs in [*((name, full[conversing.inputs]) for name, conversing in FLOWS.items()), *more]:
        todo, been = [State()], set()
        while todo:
            walk = Walk(begin(name, inputs), state=todo.pop())
            if walk.over or (here := _same_place(walk)) in been:
                continue
            been.add(here)
            p = walk.here.prompt
            found[name, p.key, p.options] = p
            ways = [option.value for option in p.options] if not isinstance(p, Moment) else []
            for text in ways or [good_answer(p, 0, "x")]:
                todo.append(engine.answer(walk.start, walk.state, text, given_as(p, text)))
    return list(found.values())


def _same_place(walk: Walk) -> tuple[Any, ...]:
    """Where the walk is: the same things picked one by one in another order lead to the same place."""
    answers = walk.state.answers.items()
    picked = frozenset(text for key, text in answers if key[-1:].isdigit())
    return walk.here.prompt.key, picked, frozenset((key, text) for key, text in answers if not key[-1:].isdigit())


def run(name: str, inputs: Any, *texts: str | None) -> Walk:
    """Answer these, in this order; None is a skip."""
    walk = Walk(begin(name, inputs))
    for text in texts:
        walk.tell(text)
    return walk
