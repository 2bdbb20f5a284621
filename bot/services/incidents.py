"""Incidents: flagged, taken, answered, closed; and whose eyes they are for."""

from __future__ import annotations

from sqlmodel import select

from bot.catalogue import Voice
from bot.commands import (
    AddDetail,
    AddWords,
    CloseIncident,
    Details,
    RaiseIncident,
    RoleKind,
    SendAnswer,
    ShareWithParty,
)
from bot.messages import Button, Message, Paragraph, Quote, Title
from bot.services import advising, escalation, linked, notices, people, sending, taking, terse, timeline, views
from bot.services.doing import Already, on_incident, performs
from bot.services.people import Actor
from bot.services.rights import Right
from bot.services.work import Work
from bot.tokens import Act
from storage.tables import Conversation, Incident, Person, Post


@performs(RaiseIncident, Right.LINKED)
def raise_incident(work: Work, actor: Actor, command: RaiseIncident) -> int:
    """Flag: store it, tell the unit, promise the reporter what will happen. Returns its number (0 in practice)."""
    if command.practice:
        _reply(work, actor, work.voice(actor.person).say("receipt.practice"))
        return 0
    incident = Incident(
        imminence=command.imminence,
        category=command.details.category if command.details else "",
        reporter_id=actor.id,
        party_id=actor.party,
        party_sees=command.party_sees,
        meeting_id=command.meeting or None,
        details={**({"words": command.words} if command.words else {}), **_plain(command.details)},
        raised_at=work.now,
        sent_at=work.event.sent_at if work.event else work.now,
    )
    work.session.add(incident)
    work.session.flush()
    timeline.add(work, incident, "raised", actor.person, text=command.words)
    escalation.start(work, incident, command.imminence)
    reached = notices.to_unit(work, incident, "raised")
    _reply(work, actor, _receipt(work, actor, incident, reached > 0), incident)
    if not reached:
        timeline.add(work, incident, "told_untaken")
    if command.party_sees and not actor.contact_of:
        notices.to_party(work, incident, "shared")
    return number_of(incident)


def _plain(details: Details | None) -> dict[str, str]:
    if details is None:
        return {}
    told = {
        "category": details.category,
        "what": details.what,
        "where": details.where,
        "when": details.when.isoformat() if details.when else "",
        "affected": details.affected,
    }
    return {name: str(value) for name, value in told.items() if value}


def _receipt(work: Work, actor: Actor, incident: Incident, reached: bool) -> Message:
    """What the reporter may count on: only what the program will see to."""
    voice = work.voice(actor.person)
    staffed = work.house.staffed(work.now)
    which = "now" if incident.imminence == "now" else "later"
    key = f"receipt.{which}" if reached else "receipt.nobody"
    told = escalation.told_at(incident)
    until = voice.when(told)
    message = voice.say(key, number=number_of(incident), phone=work.house.number_at(work.now), until=until)
    parts = list(message.parts)
    if views.late(incident):
        parts.append(Paragraph(views.late_line(voice, incident)))
    if not staffed:
        parts.append(_nobody_on_duty(work, voice))
    names = ["undo", "unit_only"] if incident.party_sees else ["undo"]
    names = ["call_me", *names] if work.terse(actor.account) else names
    receipt = Message(tuple(parts), _buttons(voice, incident, names))
    said = " ".join(str(incident.details.get(name, "")) for name in ("words", "what"))
    return advising.after_flag(work, actor, receipt, incident.category, said)


def _buttons(voice: Voice, incident: Incident, names: list[str]) -> tuple[tuple[Button, ...], ...]:
    return tuple((voice.button(f"button.{name}", str(Act(name, number_of(incident)))),) for name in names)


def _nobody_on_duty(work: Work, voice: Voice) -> Paragraph:
    night = work.house.night_number
    return voice.paragraph("receipt.night", phone=night) if night else voice.paragraph("receipt.no_night")


@performs(AddDetail, Right.REPORTER)
def add_detail(work: Work, actor: Actor, command: AddDetail) -> None:
    """One answer more; it goes on as it comes."""
    if command.practice:
        return
    incident = work.session.get_one(Incident, command.incident)
    incident.details = {**incident.details, command.name: str(command.value)}
    if command.name == "category":
        incident.category = command.value
    timeline.add(work, incident, "detail", actor.person, name=command.name, value=str(command.value))
    if command.name == "number":
        actor.person.phone = command.value
        work.session.add(actor.person)
    sending.refresh(work, command.incident)


@performs(ShareWithParty, Right.REPORTER)
def share_with_party(work: Work, actor: Actor, command: ShareWithParty) -> None:
    """The reporter says whether the own party's contacts see it."""
    if not command.practice:
        _share(work, actor, work.session.get_one(Incident, command.incident), command.shared)


@on_incident("unit_only", Right.REPORTER)
def unit_only(work: Work, actor: Actor, incident: Incident, _: str) -> None:
    """ "Bara säkerhetsenheten"."""
    _share(work, actor, incident, False)
    _tell_shared(work, actor, incident, "toast.unit_only")


@on_incident("share", Right.REPORTER)
def share(work: Work, actor: Actor, incident: Incident, _: str) -> None:
    """Let the own party's contacts see it after all."""
    _share(work, actor, incident, True)
    _tell_shared(work, actor, incident, "toast.shared")


def _tell_shared(work: Work, actor: Actor, incident: Incident, key: str) -> None:
    """A card shows it by itself; the receipt is replaced, and offers what can be pressed now."""
    voice = work.voice(actor.person)
    work.toast = voice.word(key)
    if _pressed_post(work, actor) is None:
        parts = (voice.title(key), voice.paragraph("receipt.stands", number=number_of(incident)))
        names = [*(["undo"] if incident.status == "open" else []), "unit_only" if incident.party_sees else "share"]
        sending.replace_pressed(work, actor.account, Message(parts, _buttons(voice, incident, names)))


def _share(work: Work, actor: Actor, incident: Incident, shared: bool) -> None:
    if incident.party_sees == shared or incident.party_id is None:
        return
    incident.party_sees = shared
    timeline.add(work, incident, "shared" if shared else "unit_only", actor.person)
    if shared:
        notices.to_party(work, incident, "shared")
    sending.refresh(work, number_of(incident))


@performs(AddWords, Right.WRITE)
def add_words(work: Work, actor: Actor, command: AddWords) -> None:
    """The reporter's side writes more: on the timeline, and to whoever has it, or to everybody while nobody has."""
    incident = work.session.get_one(Incident, command.incident)
    timeline.add(work, incident, "words", actor.person, text=command.text)
    if incident.status == "closed":
        open_again(work, incident)
    elif incident.taken_by is not None:
        notices.to_person(work, incident, incident.taken_by, "words")
    else:
        notices.to_unit(work, incident, "words")
    sending.refresh(work, command.incident)
    voice = work.voice(actor.person)
    key = "receipt.words_taken" if incident.taken_by else "receipt.words"
    button = voice.button("button.now", str(Act("now", 0)))
    _reply(work, actor, voice.say(key, button, number=command.incident, who=_taker(work, incident)), incident)


@on_incident("call_me", Right.WRITE)
def call_me(work: Work, actor: Actor, incident: Incident, _: str) -> None:
    """ "Ring mig": whoever has it is told, or everybody while nobody has; once, until the unit has done something."""
    if incident.status == "closed":
        raise Already("already.closed", number=number_of(incident))
    steps = timeline.of(work, incident, "call_me", "taken", "promised", "answer")
    if steps and steps[-1].kind == "call_me":
        raise Already("terse.asked_already")
    timeline.add(work, incident, "call_me", actor.person)
    if incident.taken_by is not None:
        notices.to_person(work, incident, incident.taken_by, "call_me")
    else:
        notices.to_unit(work, incident, "call_me")
    work.toast = work.voice(actor.person).word("toast.call_me")


@on_incident("take", Right.UNIT)
def take(work: Work, actor: Actor, incident: Incident, _: str) -> None:
    """ "Jag tar den": the first press wins, everybody sees who. What is one event with it comes along."""
    voice = work.voice(actor.person)
    if incident.status == "closed":
        raise Already("already.closed", number=number_of(incident))
    if incident.taken_by is not None and incident.taken_by != actor.id:
        raise Already("already.taken", who=_taker(work, incident))
    if incident.taken_by is None:
        taking.take(work, actor.person, linked.untaken(work.session, incident))
    if work.event and not work.event.chat.private:
        notices.to_person(work, incident, actor.id, "ask_promise")
    work.toast = voice.word("toast.taken")


@on_incident("take_over", Right.UNIT)
def take_over(work: Work, actor: Actor, incident: Incident, _: str) -> None:
    """Another officer goes on with it, and with what the first had together with it; each reporter is told who."""
    if incident.status == "closed" or incident.taken_by in (None, actor.id):
        take(work, actor, incident, "")
        return
    before = incident.taken_by
    taking.take(work, actor.person, [incident, *linked.held_with(work.session, incident)])
    notices.to_person(work, incident, before, "again")
    work.toast = work.voice(actor.person).word("toast.taken")


@on_incident("promise", Right.UNIT)
def promise(work: Work, actor: Actor, incident: Incident, choice: str) -> None:
    """When the officer will be back: on this one, and on what is one event with it and was promised nothing yet."""
    if incident.taken_by != actor.id or incident.status == "closed":
        raise Already("already.not_yours", number=number_of(incident))
    if incident.promised_at is not None or choice not in {str(n) for n in range(len(work.house.plan.promises))}:
        raise Already("engine.already")  # pressed again, perhaps because Slack showed an error: one promise, told once
    for one in (incident, *linked.promised_with(work.session, incident)):
        one.answered_at = None
        one.promised_at = escalation.promise(work, one, int(choice))
        timeline.add(work, one, "promised", actor.person, at=one.promised_at.isoformat())
        notices.to_reporter(work, one, "promised")
    work.toast = work.voice(actor.person).word("toast.promised")


@performs(SendAnswer, Right.UNIT)
def send_answer(work: Work, actor: Actor, command: SendAnswer) -> None:
    """The unit writes to the reporter; whoever answers first has it."""
    incident = work.session.get_one(Incident, command.incident)
    if incident.status == "closed":
        raise Already("already.closed", number=command.incident)
    if incident.taken_by is None:
        taking.take(work, actor.person, linked.untaken(work.session, incident), answered=[incident.id])
    write(work, actor, incident, command.text)
    _reply(work, actor, work.voice(actor.person).say("receipt.answered", number=command.incident), incident)


def write(work: Work, actor: Actor, incident: Incident, text: str) -> None:
    """The unit's words to one reporter, on the own incident."""
    timeline.add(work, incident, "answer", actor.person, text=text)
    incident.promised_at, incident.answered_at = None, work.now
    escalation.end_promises(work, incident)
    notices.to_reporter(work, incident, "answered")


@performs(CloseIncident, Right.UNIT)
def close(work: Work, actor: Actor, command: CloseIncident) -> None:
    """The unit is done; the reporter gets the sentence and may say that it is not over."""
    incident = work.session.get_one(Incident, command.incident)
    if incident.status == "closed":
        raise Already("already.closed", number=command.incident)
    end(work, actor, incident, command.text)
    key = "receipt.closed" if people.is_reporter(incident, incident.reporter_id) else "called.closed"
    _reply(work, actor, work.voice(actor.person).say(key, number=command.incident), incident)


def end(work: Work, actor: Actor, incident: Incident, text: str) -> None:
    """One incident is over: its reporter gets the sentence, and nothing about it is due any more."""
    incident.status, incident.closed_at, incident.promised_at = "closed", work.now, None
    timeline.add(work, incident, "close", actor.person, text=text)
    escalation.stop(work, incident)
    escalation.end_promises(work, incident)
    _last_word(work, incident, text)
    linked.settle(work, incident)


def _last_word(work: Work, incident: Incident, text: str) -> None:
    """The closing sentence. Who has no role left can open nothing any more, and gets it as it is."""
    reporter = work.session.get_one(Person, incident.reporter_id)
    if people.roles_of(work.session, incident.reporter_id) or not people.is_reporter(incident, incident.reporter_id):
        notices.to_reporter(work, incident, "closed")
        return
    notices.to_successor(work, incident, "closed")
    said = work.voice(reporter).say(
        "receipt.last_word", number=number_of(incident), phone=work.house.number_at(work.now)
    )
    message = Message((said.parts[0], Quote(text), *said.parts[1:]), notice=(said.fallback,))
    sending.to_person(work, reporter, message, "notice", number_of(incident))
    sending.refresh(work, number_of(incident))


@on_incident("not_done", Right.WRITE)
def not_done(work: Work, actor: Actor, incident: Incident, _: str) -> None:
    """ "Inte klart än": the unit gets it back, and the clock starts anew."""
    if incident.status != "closed":
        raise Already("already.open", number=number_of(incident))
    timeline.add(work, incident, "not_done", actor.person)
    open_again(work, incident)
    work.toast = work.voice(actor.person).word("toast.not_done")


def open_again(work: Work, incident: Incident) -> None:
    """It is not over: everybody in the unit is told, and somebody has to take it."""
    incident.status = "open"
    incident.closed_at = incident.taken_by = incident.taken_at = incident.answered_at = None
    escalation.start(work, incident, incident.imminence)
    linked.settle(work, incident)
    notices.to_unit(work, incident, "not_done")


@on_incident("undo", Right.REPORTER)
def undo(work: Work, actor: Actor, incident: Incident, _: str) -> None:
    """A mistaken press: the unit is told, and only the unit closes, for an undo may be forced."""
    if incident.status != "open":
        raise Already("already.not_open", number=number_of(incident))
    incident.status = "withdrawn"
    _end_talks(work, incident)
    timeline.add(work, incident, "withdrawn", actor.person)
    if incident.taken_by is None:
        escalation.start(work, incident, "brewing")
    notices.to_unit(work, incident, "withdrawn")
    voice = work.voice(actor.person)
    withdrawn = voice.say("receipt.withdrawn", number=number_of(incident))
    if _pressed_post(work, actor) is None:
        sending.replace_pressed(work, actor.account, withdrawn)
    else:
        _reply(work, actor, withdrawn, incident)
    work.toast = voice.word("toast.withdrawn")


def _end_talks(work: Work, incident: Incident) -> None:
    """The questions about it are pointless now."""
    open_ones = select(Conversation).where(Conversation.incident_id == incident.id, Conversation.state == "open")
    for row in work.session.exec(open_ones):
        row.state = "cancelled"
        voice = work.voice(work.session.get_one(Person, row.person_id))
        sending.edit_row(work, row.question_row, Message((voice.paragraph("engine.cancelled_here"),)))


@on_incident("show", Right.SEE)
def show(work: Work, actor: Actor, incident: Incident, _: str) -> None:
    """ "Visa": the notice opens into the card where it is; in a shared place the card comes as a direct message."""
    post = _pressed_post(work, actor)
    if post is None:
        post_card(work, actor, incident)
        return
    post.view = "card"
    sending.refresh_post(work, post)


def post_card(work: Work, actor: Actor, incident: Incident) -> None:
    """The card as a message of its own."""
    sending.post_to_account(work, actor.account, number_of(incident), "card", "asked")
    if work.event and not work.event.chat.private:
        work.toast = work.voice(actor.person).word("toast.in_dm")


def _pressed_post(work: Work, actor: Actor) -> Post | None:
    if work.event is None or not work.event.message:
        return None
    found = select(Post).where(Post.ref == work.event.message, Post.account_id == actor.account.id)
    return work.session.exec(found).first()


@on_incident("whole", Right.SEE)
def whole(work: Work, actor: Actor, incident: Incident, _: str) -> None:
    """ "Läs allt": the timeline, every word of it."""
    if work.terse(actor.account):
        voice = work.voice(actor.person)
        message = Message((Title(terse.where(work, voice, actor.person, unit=actor.unit)),))
        _reply(work, actor, message, incident)
        return
    _reply(work, actor, timeline.whole(work, work.voice(actor.person), incident, unit=actor.unit), incident)


def can_choose_party(actor: Actor) -> bool:
    """Whether an official must say if the own party's contacts are to know; for a contact it is the default."""
    return actor.party is not None and not actor.contact_of and actor.is_any(RoleKind.OFFICIAL)


def number_of(incident: Incident) -> int:
    """The incident's number."""
    assert incident.id is not None
    return incident.id


def _taker(work: Work, incident: Incident) -> str:
    return work.session.get_one(Person, incident.taken_by).name if incident.taken_by else ""


def _reply(work: Work, actor: Actor, message: Message, incident: Incident | None = None) -> None:
    number = incident.id if incident else None
    sending.to_account(work, actor.account, message, "answer", number)
