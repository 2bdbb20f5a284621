"""That an incident is reported to the police: said once, by the unit or the reporter's side, and taken back."""

from __future__ import annotations

from bot.catalogue import Voice
from bot.messages import Button, Line
from bot.services import people, sending, timeline
from bot.services.doing import Already, on_incident
from bot.services.people import Actor
from bot.services.rights import Right
from bot.services.work import Work
from bot.tokens import Act
from storage.tables import Entry, Incident, Person


def reported(work: Work, incident: Incident) -> Entry | None:
    """The line that says so, as long as nobody has taken it back."""
    lines = timeline.of(work, incident, "police", "police_undone")
    return lines[-1] if lines and lines[-1].kind == "police" else None


def line(work: Work, voice: Voice, incident: Incident) -> Line:
    """Who said so and when, for the card; nothing where nobody has."""
    said = reported(work, incident)
    if said is None:
        return ()
    author = work.session.get(Person, said.author_id)
    return voice.line("police.said", who=author.name if author else "", day=voice.day(said.at))


def button(work: Work, actor: Actor, incident: Incident) -> list[Button]:
    """What the presser can say now: one who only reads along can take back what they said themselves."""
    voice, said = work.voice(actor.person), reported(work, incident)
    if said is not None:
        back = "police.undo" if _may_undo(actor, said) else ""
        return [voice.button(back, str(Act("police_undone", incident.id or 0)))] if back else []
    own = people.is_reporter(incident, actor.id) or not actor.unit
    first_things_first = not own and incident.taken_by is None and incident.status == "open"
    if first_things_first or incident.imminence == "rumour" or incident.status == "withdrawn":
        return []
    return [voice.button("police.mine" if own else "police.unit", str(Act("police", incident.id or 0)))]


def _may_undo(actor: Actor, said: Entry) -> bool:
    return actor.unit or said.author_id == actor.id


@on_incident("police", Right.SEE)
def report(work: Work, actor: Actor, incident: Incident, _: str) -> None:
    """ "Polisanmäld", "Jag har anmält"."""
    if reported(work, incident) is not None:
        raise Already("police.already", number=incident.id)
    timeline.add(work, incident, "police", actor.person)
    _tell(work, actor, incident, "police.noted")


@on_incident("police_undone", Right.SEE)
def take_back(work: Work, actor: Actor, incident: Incident, _: str) -> None:
    """ "Inte polisanmäld": it was a mistake."""
    said = reported(work, incident)
    if said is None:
        raise Already("police.not_said", number=incident.id)
    if not _may_undo(actor, said):
        raise Already("police.others")
    timeline.add(work, incident, "police_undone", actor.person)
    _tell(work, actor, incident, "police.undone")


def _tell(work: Work, actor: Actor, incident: Incident, key: str) -> None:
    """The cards show it by themselves, and nobody is disturbed."""
    work.toast = work.voice(actor.person).word(key)
    sending.refresh(work, incident.id or 0)
