"""A person's conversations: started, advanced by each answer, interrupted and found again on any platform.

The newest open one is the current one; when it ends, the one before it goes on.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pydantic import ValidationError
from sqlmodel import col, select

from bot import conversation as engine
from bot.catalogue import Voice
from bot.conversation import Asking, Finished, Start, State, Stranded
from bot.events import Outcome
from bot.flows import FLOWS, plain_inputs
from bot.messages import Message, Paragraph, plain
from bot.prompts import Choosing, Command, PhoneNumber, Rejected, Text, chosen, phone_number
from bot.services import advising, asking, evidence, people, sending, terse
from bot.services.doing import Already, NotAllowed, NotFound, perform
from bot.services.people import Actor
from bot.services.rights import Right, require
from bot.services.work import Work
from bot.tokens import Act, Reply
from storage.tables import Conversation

CHIEFS = ("party", "invite", "people", "about", "number", "duty_rota", "duty_end", "support_add",
          "support_out", "support_first")  # fmt: skip
UNITS = ("answer", "close", "called", "helping", "following", "broadcast", "changing", "planning", "meeting",
         "agenda", "brief_move", "brief_words", "order_no", "look_back",
         "risk_cases", "risk_judge", "measure", "watch", "watch_look",
         "retitle", "hand",
         "link", "apart", "write_all", "run_together", "duty_swap", "duty_away", "duty_back", "duty_hand")  # fmt: skip
MOST = 8  # incidents to choose among
Kept = Callable[[Work, Actor, Conversation], Message]
ON_CANCEL: dict[str, Kept] = {}  # flows that keep what was answered when they are broken off, and what is said then
TELLING = ("flag", "words")  # once they have raised an incident, what is left of them adds to it


def start(work: Work, actor: Actor, flow: str, inputs: Any, answers: dict[str, Any] | None = None) -> None:
    """Begin a conversation; `answers` are known already. Raises NotAllowed, Already where no words are taken."""
    go_on(work, actor, prepare(work, actor, flow, inputs, answers))


def prepare(work: Work, actor: Actor, flow: str, inputs: Any, answers: dict[str, Any] | None = None) -> Conversation:
    """A conversation that has asked nothing yet: `go_on` lets it. Raises NotAllowed, Already."""
    _allow(actor, flow)
    if flow not in terse.FLOWS and work.terse(actor.account):
        raise Already("terse.not_here")
    row = Conversation(
        person_id=actor.id,
        flow=flow,
        inputs=plain_inputs(inputs),
        answers=answers or {},
        aside={},
        updated_at=work.now,
    )
    work.session.add(row)
    work.session.flush()
    return row


def go_on(work: Work, actor: Actor, row: Conversation) -> None:
    """Let a prepared conversation ask its first question, or do what it has come to."""
    _go_on(work, actor, row, _state(row))


def _allow(actor: Actor, flow: str, incident: int | None = None) -> None:
    """Raises NotAllowed. Who only has an open incident left may still tell more of it, which is checked there."""
    if flow != "more" and not (incident and flow in TELLING):
        require(actor, Right.CHIEF if flow in CHIEFS else Right.UNIT if flow in UNITS else Right.LINKED)


def current(work: Work, actor: Actor) -> Conversation | None:
    """The conversation that a typed answer belongs to."""
    query = select(Conversation).where(Conversation.person_id == actor.id, Conversation.state == "open")
    return work.session.exec(query.order_by(col(Conversation.id).desc()).with_for_update()).first()


def press(work: Work, actor: Actor, token: Reply) -> Outcome:
    """A button of a question. Raises NotFound for another's, Already for one that was answered."""
    row = work.session.get(Conversation, token.conversation, with_for_update=True)
    if row is None or row.person_id != actor.id:
        raise NotFound
    if row.state != "open" or row.revision != token.revision:
        raise Already("engine.already")
    _allow(actor, row.flow, row.incident_id)
    if _stranded(work, actor, row):
        return Outcome()
    if token.option == "-form":
        return _open_form(work, actor, row)
    if token.option == "-cancel":
        cancel(work, actor, row)
        return Outcome()
    if engine.asking(_start(row), _state(row)).prompt.key != token.key:  # a question was put in before it since
        raise Already("engine.already")
    change = _engine_change(token.option)
    _change(work, actor, row, change or _answering(work, actor, token.option, pressed=True))
    return Outcome()


def _engine_change(option: str) -> Callable[[Start, State], State] | None:
    if option == "-back":
        return engine.back
    if option == "-skip":
        return engine.skip
    if option.startswith("-e."):
        return lambda start, state: engine.edit(start, state, option.removeprefix("-e."))
    return None


def _answering(work: Work, actor: Actor, text: str, *, pressed: bool = False) -> Callable[[Start, State], State]:
    read = asking.reading(work, work.voice(actor.person), pressed=pressed)
    return lambda start, state: engine.answer(start, state, text, read)


def takes(work: Work, actor: Actor, row: Conversation, text: str) -> bool:
    """Whether what was typed is one of the question's answers, a number to call, or a word to us: not free words."""
    voice = work.voice(actor.person)
    word = text.strip().rstrip(".").casefold()
    if any(word in voice.word(f"engine.{name}_words").split("|") for name in ("cancel", "back", "skip")):
        return True
    try:
        place = engine.play(_start(row), _state(row))
    except Stranded:
        return False
    if not isinstance(place, Asking):
        return False
    numbered = isinstance(place.prompt, PhoneNumber) and phone_number(text) is not None
    return numbered or chosen(place.prompt, text, asking.reading(work, voice)) is not None


def typed(work: Work, actor: Actor, row: Conversation, text: str) -> bool:
    """Words typed while a question waits. False when they were not meant for it; then nothing has changed."""
    if _stranded(work, actor, row):
        return False
    voice = work.voice(actor.person)
    word = text.strip().rstrip(".").casefold()
    if word in voice.word("engine.cancel_words").split("|"):
        cancel(work, actor, row)
        return True
    change = _answering(work, actor, text)
    if word in voice.word("engine.back_words").split("|"):
        change = engine.back
    elif word in voice.word("engine.skip_words").split("|"):
        change = _skipping(work, actor, text)
    try:
        _change(work, actor, row, change)
    except Rejected as rejected:
        if _meant_otherwise(row, text):
            return False
        _ask(work, actor, row, asking.rejection(voice, rejected))
    return True


def _skipping(work: Work, actor: Actor, text: str) -> Callable[[Start, State], State]:
    """ "Vet inte" leaves a question out, unless it is one of the answers."""

    def change(start: Start, state: State) -> State:
        try:
            return _answering(work, actor, text)(start, state) if _chooses(start, state) else engine.skip(start, state)
        except Rejected:
            return engine.skip(start, state)

    return change


def _chooses(start: Start, state: State) -> bool:
    return bool(engine.asking(start, state).prompt.options)


def _meant_otherwise(row: Conversation, text: str) -> bool:
    place = engine.play(_start(row), _state(row))
    if not isinstance(place, Asking) or isinstance(place.prompt, Text):  # a text that is too long is still the answer
        return False
    return isinstance(place.prompt, Choosing) or len(text.split()) > 3


def fill(work: Work, actor: Actor, token: Reply, values: dict[str, str]) -> Outcome:
    """A form that was sent in. Errors go back to the window, and then nothing has changed."""
    row = work.session.get(Conversation, token.conversation, with_for_update=True)
    if row is None or row.person_id != actor.id:
        raise NotFound
    if row.state != "open" or row.revision != token.revision:
        raise Already("engine.already")
    _allow(actor, row.flow, row.incident_id)
    if _stranded(work, actor, row):
        return Outcome()
    voice = work.voice(actor.person)
    state, wrong = engine.fill(_start(row), _state(row), values, asking.reading(work, voice, pressed=True))
    if wrong:
        return Outcome(errors={key: plain(asking.rejection(voice, rejected)) for key, rejected in wrong.items()})
    asked = row.question_row
    _go_on(work, actor, row, state)
    _leave(work, actor, row, asked, Message((voice.paragraph("engine.filled"),)))
    return Outcome()


def _open_form(work: Work, actor: Actor, row: Conversation) -> Outcome:
    place = engine.asking(_start(row), _state(row))
    if place.form is None:
        raise Already("engine.already")
    return Outcome(sheet=asking.sheet(work.voice(actor.person), _id(row), _state(row), place.form))


def cancel(work: Work, actor: Actor, row: Conversation) -> None:
    """The person breaks off: nothing is sent, and what was sent before stays sent."""
    row.state = "cancelled"
    if row.flow in ON_CANCEL:
        _leave(
            work, actor, row, row.question_row, Message((work.voice(actor.person).paragraph("engine.cancelled_here"),))
        )
        sending.to_account(work, actor.account, ON_CANCEL[row.flow](work, actor, row), "answer")
        resume(work, actor)
        return
    evidence.drop(work, actor, row)
    sent = row.incident_id or evidence.sent_in(work, row)
    voice = work.voice(actor.person)
    _leave(work, actor, row, row.question_row, Message((voice.paragraph("engine.cancelled_here"),)))
    key = "engine.cancelled_sent" if sent else "engine.cancelled"
    message = voice.say("done.practice_cancelled" if row.inputs.get("practice") else key, number=sent or 0)
    if row.incident_id and work.terse(actor.account):
        message = _done_tersely(voice, row.incident_id)
    sending.to_account(work, actor.account, message, "answer", sent)
    resume(work, actor)


def resume(work: Work, actor: Actor) -> None:
    """Ask again what an interruption left unanswered; what somebody's words are, once and no more."""
    row = current(work, actor)
    if row is not None and row.flow == "words" and not row.answers:  # it may belong to what was flagged since
        mine = [incident.id for incident in people.own_open(work.session, actor.id)]
        row.inputs = {**row.inputs, "incidents": mine[:MOST]}
    if row is None or row.inputs.get("asked_again") or _stranded(work, actor, row):
        return
    if row.flow == "words":  # once is enough: the question stands where it was asked, and can be answered there
        row.inputs = {**row.inputs, "asked_again": True}
    _ask(work, actor, row, work.voice(actor.person).line("engine.resumed"))


def asks_words(work: Work, actor: Actor, row: Conversation) -> str:
    """The key of the question that waits, where free words answer it."""
    if _stranded(work, actor, row):
        return ""
    prompt = engine.asking(_start(row), _state(row)).prompt
    return prompt.key if isinstance(prompt, Text) else ""


def with_words(work: Work, actor: Actor, row: Conversation, text: str) -> bool:
    """Words that follow what was attached, before its question is answered, belong with it. False when they do not."""
    if row.flow != "words" or row.answers or not row.inputs.get("attached") or row.inputs.get("words"):
        return False
    asked = row.question_row
    row.inputs = {**row.inputs, "words": text}
    row.revision, row.updated_at = row.revision + 1, work.now
    _ask(work, actor, row)
    _leave(work, actor, row, asked, Message((work.voice(actor.person).paragraph("evidence.with_words"),)))
    return True


def ask_again(work: Work, actor: Actor, row: Conversation) -> None:
    """The question once more, where the person is now."""
    if not _stranded(work, actor, row):
        _ask(work, actor, row)


def _change(work: Work, actor: Actor, row: Conversation, change: Callable[[Start, State], State]) -> None:
    asked = row.question_row
    before = engine.asking(_start(row), _state(row))
    state = change(_start(row), _state(row))
    _go_on(work, actor, row, state)
    voice = work.voice(actor.person)
    if before.prompt.key in state.answers:
        left = asking.answered(voice, before, state.answers[before.prompt.key])
    else:
        left = Message((voice.paragraph("engine.taken_back"),))
    _leave(work, actor, row, asked, left)


def _leave(work: Work, actor: Actor, row: Conversation, asked: int | None, left: Message) -> None:
    """What stands where the question was. An exercise says there too that it is one."""
    if row.inputs.get("practice"):
        left = Message((work.voice(actor.person).paragraph("practice.mark"), *left.parts))
    sending.edit_row(work, asked, left)


def _go_on(work: Work, actor: Actor, row: Conversation, state: State) -> None:
    try:
        state, place = engine.advance(_start(row), state, lambda command: _do(work, actor, row, command))
        if isinstance(place, Finished) and place.command is not None:
            _do(work, actor, row, place.command)
    except Stranded:
        _park(work, actor, row)
        return
    except (Already, NotFound, NotAllowed):
        row.state = "cancelled"
        evidence.drop(work, actor, row)
        _leave(work, actor, row, row.question_row, Message((work.voice(actor.person).paragraph("engine.stopped"),)))
        raise
    _store(work, row, state)
    if isinstance(place, Asking):
        _ask(work, actor, row)
    else:
        _finish(work, actor, row, place)


def _do(work: Work, actor: Actor, row: Conversation, command: Command) -> Any:
    """Perform what the flow asks; the evidence that it holds goes with it."""
    result = perform(work, actor, command)
    evidence.follow(work, actor, row, command, result)
    return result


def _store(work: Work, row: Conversation, state: State) -> None:
    row.answers, row.aside, row.revision, row.updated_at = (
        state.answers,
        state.aside,
        state.revision,
        work.now,
    )
    row.incident_id = state.answers.get(engine.DONE + "raise") or row.incident_id
    work.session.add(row)


def _finish(work: Work, actor: Actor, row: Conversation, place: Finished) -> None:
    row.state = "done"
    practice = bool(row.inputs.get("practice"))
    if practice or (row.incident_id and place.command is None):
        message = work.voice(actor.person).say("done.practice" if practice else "done.now", number=row.incident_id)
        if row.incident_id and work.terse(actor.account):
            message = _done_tersely(work.voice(actor.person), row.incident_id)
        sending.to_account(work, actor.account, message, "answer", row.incident_id)
    resume(work, actor)


def _done_tersely(voice: Voice, incident: int) -> Message:
    return voice.say("terse.done", voice.button("button.call_me", str(Act("call_me", incident))), number=incident)


def _stranded(work: Work, actor: Actor, row: Conversation) -> bool:
    """Whether the conversation can no longer be played; then it is parked, and the person is told."""
    try:
        engine.play(_start(row), _state(row))
    except Stranded:
        _park(work, actor, row)
        return True
    return False


def _park(work: Work, actor: Actor, row: Conversation) -> None:
    row.state = "parked"
    message = work.voice(actor.person).say("engine.parked", phone=work.house.number_at(work.now))
    sending.to_account(work, actor.account, message, "answer", row.incident_id)


def _ask(work: Work, actor: Actor, row: Conversation, first: Any = None) -> None:
    voice, state = work.voice(actor.person), _state(row)
    place = engine.asking(_start(row), state)
    steps = engine.progress(_start(row), state)
    message = asking.question(voice, _id(row), state, place, steps, _values(row))
    if isinstance(place.prompt, Text) and work.terse(actor.account):  # it was begun where words are taken
        message = Message((*message.parts, voice.paragraph("terse.answer_on_slack")), message.buttons)
    if row.flow == "words" and not row.answers:
        message = advising.below(work, actor, message, str(row.inputs.get("words", "")))
    opening = [Paragraph(first)] if first else []
    if row.inputs.get("practice"):
        opening.insert(0, voice.paragraph("practice.mark"))
    if opening:
        message = Message((*opening, *message.parts), message.buttons, notice=opening[0].line)
    asked = sending.to_account(work, actor.account, message, "question", row.incident_id)
    work.session.add(row)
    work.session.flush()
    row.question_row = asked.id


def _start(row: Conversation) -> Start:
    try:
        return FLOWS[row.flow].start(row.inputs)
    except (KeyError, ValidationError) as error:
        raise Stranded(type(error).__name__) from error


def _state(row: Conversation) -> State:
    return State(dict(row.answers), dict(row.aside), row.revision)


def _values(row: Conversation) -> dict[str, object]:
    """What the texts of questions may name: the incident that is talked about."""
    return {"number": row.inputs.get("incident") or row.inputs.get("alert") or row.incident_id or ""}


def _id(row: Conversation) -> int:
    assert row.id is not None
    return row.id
