"""Where something that was attached belongs: decided as for words, and the words that came with it follow."""

from __future__ import annotations

from bot.events import Attached, Medium
from bot.flows.answer import Writing
from bot.services import calendar_files, evidence, menu, rights, talks
from bot.services.evidence import Home
from bot.services.people import Actor
from bot.services.work import Work
from storage.tables import Conversation, Outbox

HOLDING = ("flag", "words", "answer", "close", "run_step", "run_note")  # their evidence goes where their command goes
WHERE = ("where", "where_now", "where_happened")  # questions that a place answers


def take(work: Work, actor: Actor, attached: tuple[Attached, ...], caption: str, replied: Outbox | None) -> str:
    """Take in what came, with its caption. Returns the words that are still to be dealt with."""
    talk = talks.current(work, actor)
    if actor.unit and replied is None and talk is None and calendar_files.is_calendar(attached):
        calendar_files.take(work, actor, attached)
        return caption
    if talk is not None and talk.inputs.get("practice"):
        evidence.say(work, actor, "evidence.practice")
        return caption if talks.asks_words(work, actor, talk) else ""
    if talk is not None and not _meant(talk, replied):
        talk = None
    if talk is not None:
        return _in_talk(work, actor, talk, attached, caption)
    number = replied.incident_id if replied is not None else None
    if number is None:
        return _out_of_turn(work, actor, attached, caption)
    return _on_incident(work, actor, number, attached, caption)


def _meant(talk: Conversation, replied: Outbox | None) -> bool:
    """Whether it belongs to the conversation: not in a chief's register, nor in the thread of another incident."""
    about = _incident_of(talk)
    if talk.flow not in (*HOLDING, "more"):
        return False
    return replied is None or replied.id == talk.question_row or replied.incident_id in (None, about)


def _incident_of(talk: Conversation) -> int | None:
    return talk.incident_id or talk.inputs.get("incident")


def _in_talk(work: Work, actor: Actor, talk: Conversation, attached: tuple[Attached, ...], caption: str) -> str:
    """Held by the conversation, or at once on the incident that it is about; its words may be the answer."""
    asked = talks.asks_words(work, actor, talk)
    words = _said(asked, attached, caption)
    number = None if talk.flow in ("answer", "close") else _incident_of(talk)
    home = Home(talk=talk)
    if number is not None:
        home = Home(rights.incident_for(work.session, actor, rights.Right.SEE, number), talk)
    arrived = evidence.arrive(work, actor, home, attached, "" if asked else caption)
    caption = words if asked or not arrived.taken else ""
    if arrived.first and not caption:
        talks.ask_again(work, actor, talk)
    return caption


def _said(asked: str, attached: tuple[Attached, ...], caption: str) -> str:
    """The answer that came with it: the caption, and for a question of where the place itself."""
    places = [one.text for one in attached if one.medium is Medium.PLACE] if asked in WHERE else []
    return ". ".join(filter(None, [*places, caption]))


def _on_incident(work: Work, actor: Actor, number: int, attached: tuple[Attached, ...], caption: str) -> str:
    """In the thread of an incident. What the unit writes there is sent after a yes, and this goes with it."""
    incident = rights.incident_for(work.session, actor, rights.Right.SEE, number)
    if caption and actor.unit and incident.reporter_id != actor.id:
        talk = talks.prepare(work, actor, "answer", Writing(number, caption))
        evidence.arrive(work, actor, Home(talk=talk), attached)
        talks.go_on(work, actor, talk)
        return ""
    taken = evidence.arrive(work, actor, Home(incident=incident), attached, caption).taken
    return "" if taken else caption


def _out_of_turn(work: Work, actor: Actor, attached: tuple[Attached, ...], caption: str) -> str:
    """On the only open own incident, else the bot asks what it is."""
    mine = menu.writes_on(work, actor, withdrawn=not actor.roles)
    if len(mine) == 1 and not actor.unit:
        taken = evidence.arrive(work, actor, Home(incident=mine[0]), attached, caption).taken
        return "" if taken else caption
    if not actor.roles:
        menu.which(work, actor, "evidence.which")  # nothing is kept before one is chosen, and that is said
        return ""
    talk = talks.prepare(work, actor, "words", menu.reporter(work, actor, words=caption, attached=True))
    if evidence.arrive(work, actor, Home(talk=talk), attached).taken or caption:
        talks.go_on(work, actor, talk)
    else:
        talk.state = "done"  # there is nothing to ask about
    return ""
