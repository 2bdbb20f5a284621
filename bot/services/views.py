"""Draws the messages about an incident from its state: the neutral notice, and the card behind "Visa"."""

from __future__ import annotations

from datetime import timedelta

from bot.catalogue import Voice
from bot.commands import RoleKind
from bot.messages import Button, Fields, Line, Message, Paragraph, Part, Quote, Title, clip, part_text, plain
from bot.services import (
    alert_board,
    alert_phones,
    alert_views,
    draft_views,
    evidence_views,
    linked,
    linked_views,
    occasions,
    people,
    phone_list,
    police,
    rights,
    run_views,
    support_views,
    terse,
    timeline,
)
from bot.services.escalation_plan import Elapsed, Promise, due
from bot.services.people import Actor
from bot.services.work import Work
from bot.tokens import Act
from storage.tables import Account, Incident, Meeting, Person, Post

LATE = timedelta(minutes=2)  # a flag that took longer to reach us says so to both sides
QUOTED, NAMED = 500, 300  # UTF-16 units of each longer text, and of each fact, on a card, which must never split
ELSEWHERE = ("answered", "closed", "recorded", "passed")  # notices of words that are read somewhere else
UNTAKEN = (  # notices that hold until somebody has taken it
    "untaken", "untaken_next", "untaken_some", "untaken_unit", "untaken_chief", "unreached",
    "again", "turn", "call_round",
)  # fmt: skip
DETAILS = ("category", "what", "where", "when", "affected", "called_112", "number")


def draw(work: Work, post: Post) -> Message:
    """The message as it should be now."""
    if post.alert_id is not None:
        draws = {"board": alert_board.draw, "phones": alert_phones.draw, "preview": draft_views.draw}
        return draws.get(post.view, alert_views.draw)(work, post)
    if post.run_id is not None:
        return run_views.draw(work, post)
    if post.call_id is not None:
        return support_views.draw(work, post)
    incident = work.session.get_one(Incident, post.incident_id)
    if post.account_id is None:
        return _place_notice(work, incident, post.reason)
    account = work.session.get_one(Account, post.account_id)
    actor = people.actor(work.session, account)
    voice = work.voice(actor.person)
    if account.state != "active" or not rights.sees(actor, incident):
        return voice.say("rights.not_found")
    if post.folded:
        return _folded(work, actor, incident, post)
    if post.view == "card":
        return terse_card(work, actor, incident) if work.terse(account) else card(work, actor, incident)
    return notice(work, actor, incident, post.reason)


def _folded(work: Work, actor: Actor, incident: Incident, post: Post) -> Message:
    """What is left of a message when a newer one says more: what it told the reporter, and nothing to press."""
    voice = work.voice(actor.person)
    told = notice(work, actor, incident, post.reason)
    if post.view == "card" or actor.unit or incident.status == "closed" or post.reason in UNTAKEN:
        return Message((Title(headline(voice, incident)), voice.paragraph("card.folded")))
    return Message(told.parts, notice=told.notice)


def headline(voice: Voice, incident: Incident) -> Line:
    """Number and imminence: all that a locked screen may show."""
    return voice.line("card.title", number=incident.id, imminence=kind(voice, incident))


def kind(voice: Voice, incident: Incident) -> str:
    """How near it is, and what it is about where that is known."""
    words = voice.word(f"imminence.{incident.imminence}")
    if incident.category in ("", "unknown"):
        return words
    return f"{words} · {plain(timeline.detail_line(voice, 'category', incident.category))}"


def notice(work: Work, actor: Actor, incident: Incident, reason: str) -> Message:
    """What is asked, without a word of what was written."""
    voice = work.voice(actor.person)
    side = "unit" if actor.unit and not people.is_reporter(incident, actor.id) else "reporter"
    reason = _still(incident, reason)
    alone = reason == "joined" and actor.id not in {one.taken_by for one in linked.held_with(work.session, incident)}
    if alone or not voice.catalogue.has(f"notice.{side}.{reason}"):
        reason = "asked"  # the person's part in it has changed since the notice was sent, or is two parts
    lines = voice.split(f"notice.{side}.{reason}", **_facts(work, voice, incident), **_names(work, incident, reason))
    bare = work.terse(actor.account)
    if bare and side == "reporter" and reason in ELSEWHERE:
        lines = [lines[0], terse.where(work, voice, actor.person)]
    parts: list[Part] = [Title(lines[0]), *(Paragraph(line) for line in lines[1:])]
    if reason == "call_round" and side == "unit":
        parts.append(phone_list.of_incident(work, actor, incident))
    if side == "unit" or reason in ("asked", "passed"):
        parts.append(Paragraph(status(work, voice, incident)))
    parts += _together(work, actor, incident)
    buttons = [*_taking(work, actor, incident), voice.button("button.show", str(Act("show", _id(incident))))]
    if side == "reporter" and incident.status == "closed":
        buttons.append(voice.button("button.not_done", str(Act("not_done", _id(incident)))))
    elif side == "reporter" and bare:
        buttons.append(voice.button("button.call_me", str(Act("call_me", _id(incident)))))
    return Message(tuple(parts), _rows(buttons), notice=lines[0])


def _place_notice(work: Work, incident: Incident, reason: str) -> Message:
    voice = work.house.voice(work.house.languages[0], work.now)
    lines = voice.split(f"notice.unit.{_still(incident, reason)}", **_facts(work, voice, incident))
    parts = (*(Paragraph(line) for line in lines[1:]), Paragraph(status(work, voice, incident)))
    show = voice.button("button.show", str(Act("show", _id(incident))))
    taking = [_take_button(voice, incident)] if _waits(incident) else []
    return Message((Title(lines[0]), *parts), _rows([*taking, show]), notice=lines[0])


def card(work: Work, actor: Actor, incident: Incident) -> Message:
    """Everything that matters at a glance, for who may see it."""
    voice = work.voice(actor.person)
    parts: list[Part] = [Title(headline(voice, incident)), Paragraph(status(work, voice, incident))]
    parts += _together(work, actor, incident)
    if late(incident):
        parts.append(Paragraph(late_line(voice, incident)))
    parts.append(Fields(tuple(_fields(work, voice, actor, incident))))
    if words := incident.details.get("words"):
        parts.append(Quote(clip(words, QUOTED)))
    said = [entry for entry in timeline.of(work, incident, *timeline.SAID) if actor.unit or not entry.body.get("unit")]
    for entry in said[-2:]:
        head, *quote = timeline.drawn(work, voice, entry)
        parts += [head, *(Quote(clip(part_text(q), QUOTED)) for q in quote)]
    return Message(tuple(parts), _rows(_card_buttons(work, actor, incident)), notice=headline(voice, incident))


def terse_card(work: Work, actor: Actor, incident: Incident) -> Message:
    """What may be shown where no words pass: how it stands, the times, and what can be pressed."""
    voice = work.voice(actor.person)
    unit = actor.unit and not people.is_reporter(incident, actor.id)
    parts: list[Part] = [Title(headline(voice, incident)), Paragraph(status(work, voice, incident))]
    parts += _together(work, actor, incident)
    if late(incident):
        parts.append(Paragraph(late_line(voice, incident)))
    rows: list[tuple[str, Line]] = [(voice.word("field.raised"), (voice.time(incident.raised_at),))]
    for name in ("called_112", "number") if unit else ():
        if value := incident.details.get(name):
            rows.append((voice.word(f"field.{name}"), timeline.detail_line(voice, name, value)))
    if told := police.line(work, voice, incident):
        rows.append((voice.word("field.police"), told))
    parts += [Fields(tuple(rows)), Paragraph(terse.where(work, voice, actor.person, unit=unit))]
    buttons = terse.pressable(_card_buttons(work, actor, incident))
    if not _closed(incident) and rights.allows(actor, rights.Right.WRITE, incident):
        buttons.insert(0, voice.button("button.call_me", str(Act("call_me", _id(incident)))))
    return Message(tuple(parts), _rows(buttons), notice=headline(voice, incident))


def _together(work: Work, actor: Actor, incident: Incident) -> list[Part]:
    """What it is one event with, for the unit alone."""
    line = linked_views.line(work, actor, incident)
    return [Paragraph(line)] if line else []


def status(work: Work, voice: Voice, incident: Incident) -> Line:
    """Who has it, in one sentence."""
    if incident.status == "closed":
        return voice.line("status.closed", **_facts(work, voice, incident))
    if incident.taken_by is None:
        return voice.line("status.withdrawn" if incident.status == "withdrawn" else "status.untaken")
    key = "answered" if incident.answered_at else "promised" if incident.promised_at else "taken"
    return voice.line(f"status.{key}", **_facts(work, voice, incident))


def late(incident: Incident) -> bool:
    """Whether the flag was long on its way."""
    return incident.raised_at - incident.sent_at > LATE


def late_line(voice: Voice, incident: Incident) -> Line:
    """When it was sent and when it came."""
    return voice.line("card.late", sent=voice.when(incident.sent_at), came=voice.when(incident.raised_at))


def _facts(work: Work, voice: Voice, incident: Incident) -> dict[str, object]:
    taker = work.session.get(Person, incident.taken_by) if incident.taken_by else None
    closed = incident.closed_at
    return {
        "number": incident.id,
        "imminence": kind(voice, incident),
        "who": taker.name if taker else "",
        "taken": voice.when(incident.taken_at) if incident.taken_at else "",
        "promised": voice.when(incident.promised_at) if incident.promised_at else "",
        "closed": voice.when(closed) if closed else "",
        "answered": voice.when(incident.answered_at) if incident.answered_at else "",
        "phone": work.house.number_at(work.now),
    }


def _names(work: Work, incident: Incident, reason: str) -> dict[str, object]:
    """Who wrote a call down, who answered a request for help, and whom somebody took over from."""
    if reason not in ("recorded", "help_yes", "help_no", "passed"):
        return {}
    officer = work.session.get(Person, incident.recorded_by) if incident.recorded_by else None
    answers = timeline.of(work, incident, "help_yes", "help_no")
    helper = work.session.get(Person, answers[-1].author_id) if answers else None
    passed = timeline.of(work, incident, "passed")
    return {
        "recorder": officer.name if officer else "",
        "helper": helper.name if helper else "",
        "before": passed[-1].body["before"] if passed else "",
    }


def _from(work: Work, voice: Voice, actor: Actor, incident: Incident) -> Line:
    """Who flagged it; of a call, also who wrote it down."""
    reporter = work.session.get_one(Person, incident.reporter_id)
    who = people.described(work, actor.person, reporter)
    officer = work.session.get(Person, incident.recorded_by) if incident.recorded_by else None
    if officer is None:
        return (who,)
    if people.is_reporter(incident, incident.reporter_id):
        return voice.line("called.from", who=who, recorder=officer.name)
    party = people.party_name(work.session, incident.party_id)
    if party:
        return voice.line("called.from_party", party=party, recorder=officer.name)
    return voice.line("called.from_nobody", recorder=officer.name)


def _fields(work: Work, voice: Voice, actor: Actor, incident: Incident) -> list[tuple[str, Line]]:
    rows: list[tuple[str, Line]] = [
        (voice.word("field.from"), _from(work, voice, actor, incident)),
        (voice.word("field.raised"), (voice.time(incident.raised_at),)),
    ]
    for name in DETAILS:
        if value := incident.details.get(name):
            shown = clip(value, QUOTED if name == "what" else NAMED)
            rows.append((voice.word(f"field.{name}"), timeline.detail_line(voice, name, shown)))
    meeting = work.session.get(Meeting, incident.meeting_id) if incident.meeting_id is not None else None
    if meeting is not None:
        rows.append((voice.word("field.meeting"), occasions.line(voice, meeting)))
    if there := evidence_views.on_card(work, actor, incident):
        rows.append((voice.word("field.evidence"), there))
    if told := police.line(work, voice, incident):
        rows.append((voice.word("field.police"), told))
    seen = "field.seen.party" if incident.party_sees else "field.seen.unit"
    party = people.party_name(work.session, incident.party_id)
    return [*rows, (voice.word("field.seen"), voice.line(seen, party=party))] if party else rows


def _card_buttons(work: Work, actor: Actor, incident: Incident) -> list[Button]:
    voice = work.voice(actor.person)
    number = _id(incident)
    buttons = _taking(work, actor, incident)
    if people.is_reporter(incident, actor.id):
        buttons += _reporter_buttons(voice, actor, incident)
    elif actor.unit and incident.status != "closed":
        buttons += _unit_buttons(work, actor, incident)
    elif not actor.unit and rights.allows(actor, rights.Right.WRITE, incident):
        name = "not_done" if _closed(incident) else "more"
        buttons.append(voice.button(f"button.{name}", str(Act(name, number))))
    if evidence_views.shown(work, actor, incident):
        buttons.append(voice.button("button.evidence", str(Act("evidence", number))))
    buttons += police.button(work, actor, incident)
    return [*buttons, voice.button("button.whole", str(Act("whole", number)))]


def _unit_buttons(work: Work, actor: Actor, incident: Incident) -> list[Button]:
    voice = work.voice(actor.person)
    names = ["more" if incident.reporter_id == actor.id else "answer"]  # there is nobody to answer on one's own notes
    names += ["take_over"] if incident.taken_by not in (None, actor.id) else []
    names += ["help"] if people.people_with(work.session, (RoleKind.HELPER,)) else []
    names += linked_views.buttons(work, incident)
    return [voice.button(f"button.{name}", str(Act(name, _id(incident)))) for name in (*names, "alert_from", "close")]


def _reporter_buttons(voice: Voice, actor: Actor, incident: Incident) -> list[Button]:
    number = _id(incident)
    if incident.status == "closed":
        return [voice.button("button.not_done", str(Act("not_done", number)))]
    buttons = [voice.button("button.more", str(Act("more", number)))]
    if incident.party_id is not None and incident.party_sees:
        buttons.append(voice.button("button.unit_only", str(Act("unit_only", number))))
    elif incident.party_id is not None:
        buttons.append(voice.button("button.share", str(Act("share", number))))
    if incident.status == "open":
        buttons.append(voice.button("button.undo", str(Act("undo", number))))
    return buttons


def _taking(work: Work, actor: Actor, incident: Incident) -> list[Button]:
    voice = work.voice(actor.person)
    if not actor.unit:
        return []
    if _waits(incident):
        return [_take_button(voice, incident)]
    asked = incident.promised_at is None and incident.answered_at is None
    return (
        promise_buttons(work, voice, incident)
        if asked and incident.taken_by == actor.id and not _closed(incident)
        else []
    )


def promise_buttons(work: Work, voice: Voice, incident: Incident) -> list[Button]:
    """ "När hör du av dig?", with the times of the plan."""
    choices = enumerate(work.house.plan.promises)
    return [Button(_within(work, voice, p), str(Act("promise", _id(incident), str(n)))) for n, p in choices]


def _within(work: Work, voice: Voice, promise: Promise) -> str:
    """ "Inom 15 minuter", "I morgon kl. 9.00"."""
    if isinstance(promise.due, Elapsed):
        minutes = int(promise.due.amount.total_seconds()) // 60
        hours, rest = divmod(minutes, 60)
        if rest:
            return voice.word("promise.minutes", count=minutes)
        return voice.word("promise.hour") if hours == 1 else voice.word("promise.hours", count=hours)
    words = voice.time(due(promise.due, work.now, work.house.hours, work.house.zone))
    return words[0].upper() + words[1:]


def _take_button(voice: Voice, incident: Incident) -> Button:
    return voice.button("button.take", str(Act("take", _id(incident))))


def _waits(incident: Incident) -> bool:
    return incident.taken_by is None and not _closed(incident)


def _closed(incident: Incident) -> bool:
    return incident.status == "closed"


def _still(incident: Incident, reason: str) -> str:
    """Why the notice was sent, or "asked" (number and state only) where that no longer holds."""
    passed = {
        "taken": incident.taken_by is None,
        "promised": incident.promised_at is None,
        "promise_soon": incident.promised_at is None,
        "ask_promise": incident.promised_at is not None or incident.answered_at is not None,
        "promise_broken": incident.taken_by is None,
        **dict.fromkeys(UNTAKEN, incident.taken_by is not None),
        "not_done": incident.taken_by is not None,
        "withdrawn": incident.status != "withdrawn",
        "closed": incident.status != "closed",
    }
    return "asked" if passed.get(reason) or (_closed(incident) and reason != "closed") else reason


def _id(incident: Incident) -> int:
    assert incident.id is not None
    return incident.id


def _rows(buttons: list[Button]) -> tuple[tuple[Button, ...], ...]:
    return tuple((button,) for button in buttons)
