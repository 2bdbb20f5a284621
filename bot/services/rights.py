"""Who may do what. The one place: every command, press and flow asks here, each time."""

from __future__ import annotations

from enum import StrEnum

from sqlmodel import Session, select

from bot.services.people import Actor
from storage.tables import Alert, Evidence, Incident, Receipt, Run, RunMember, SupportAsked, SupportCall


class Right(StrEnum):
    """What it takes."""

    LINKED = "linked"  # a role of any kind
    UNIT = "unit"
    CONTACT = "contact"  # of the unit, or a party's contact or deputy
    CHIEF = "chief"
    SEE = "see"  # may see the incident
    REPORTER = "reporter"  # flagged the incident
    WRITE = "write"  # reporter, or a contact of the party that it is shared with
    RECEIVED = "received"  # the broadcast went to the person
    CALLED = "called"  # was asked for support
    TAKES_PART = "takes_part"  # in a checklist that is ticked off


class NotFound(Exception):
    """There is no such thing, or it is not for this person: the same words for both, so that nothing leaks."""


class NotAllowed(Exception):
    """The person's role does not do this."""


def sees(actor: Actor, incident: Incident) -> bool:
    """The reporter sees the own incident, the unit sees all, a party's contacts those that its people shared."""
    if incident.reporter_id == actor.id:
        return bool(actor.roles) or incident.status != "closed"
    if actor.unit:
        return True
    return _for_party(actor, incident)


def _for_party(actor: Actor, incident: Incident) -> bool:
    return incident.party_sees and incident.party_id is not None and incident.party_id in actor.contact_of


def opens(actor: Actor, incident: Incident, evidence: Evidence) -> bool:
    """Whoever sees the incident opens what is on it; what the unit put there for itself only the unit does."""
    return sees(actor, incident) and (actor.unit or not evidence.facts.get("unit"))


def allows(actor: Actor, right: Right, incident: Incident | None = None) -> bool:
    """Whether the person has the right now."""
    match right:
        case Right.LINKED:
            return bool(actor.roles)
        case Right.UNIT:
            return actor.unit
        case Right.CONTACT:
            return actor.unit or bool(actor.contact_of)
        case Right.CHIEF:
            return actor.chief
        case Right.SEE:
            return incident is not None and sees(actor, incident)
        case Right.RECEIVED | Right.TAKES_PART | Right.CALLED:
            return False  # only of a certain broadcast, run or call: see `alert_for`, `run_for`, `call_for`
        case Right.REPORTER:
            return incident is not None and incident.reporter_id == actor.id
        case Right.WRITE:
            return incident is not None and (incident.reporter_id == actor.id or _for_party(actor, incident))


def require(actor: Actor, right: Right, incident: Incident | None = None) -> None:
    """Raises NotFound for an incident that the person may not see, NotAllowed for what the role does not do."""
    if incident is not None and not sees(actor, incident):
        raise NotFound
    if not allows(actor, right, incident):
        raise NotAllowed


def incident_for(session: Session, actor: Actor, right: Right, number: int) -> Incident:
    """The incident, if the person has this right to it. Raises NotFound, NotAllowed."""
    incident = session.get(Incident, number) if 0 < number < 2**31 else None
    if incident is None:
        raise NotFound
    require(actor, right, incident)
    return incident


def receipt_of(session: Session, alert: int | None, person: int | None) -> Receipt | None:
    """The person's place in a broadcast, if it went to them."""
    return session.exec(select(Receipt).where(Receipt.alert_id == alert, Receipt.person_id == person)).first()


def alert_for(session: Session, actor: Actor, right: Right, number: int) -> Alert:
    """The broadcast, if the person has this right to it. Raises NotFound, NotAllowed.

    What was not sent to somebody who is not of the unit does not exist for them.
    """
    alert = session.get(Alert, number) if 0 < number < 2**31 else None
    received = alert is not None and alert.state == "sent" and receipt_of(session, alert.id, actor.id) is not None
    if alert is None or not (received or actor.unit):
        raise NotFound
    if not (received if right is Right.RECEIVED else allows(actor, right)):
        raise NotAllowed
    return alert


def takes_part(session: Session, actor: Actor, run: Run) -> bool:
    """Whoever ticks a list alone has it alone; a shared one is the unit's, and who leaves the unit leaves it too.

    What only the unit reads it also ticks alone only for as long as somebody is of it.
    """
    if run.shared:
        return actor.unit
    if not actor.roles or (run.content.get("closed") and not actor.unit):
        return False
    part = select(RunMember.id).where(RunMember.run_id == run.id, RunMember.person_id == actor.id)
    return session.exec(part).first() is not None


def run_for(session: Session, actor: Actor, right: Right, number: int) -> Run:
    """The run, if the person takes part in it. Raises NotFound, NotAllowed."""
    run = session.get(Run, number) if 0 < number < 2**31 else None
    if run is None or not takes_part(session, actor, run):
        raise NotFound
    if right is not Right.TAKES_PART:
        require(actor, right)
    return run


def was_asked(session: Session, actor: Actor, call: SupportCall) -> bool:
    """Whether the person was asked for this support."""
    asked = select(SupportAsked.id).where(SupportAsked.call_id == call.id, SupportAsked.person_id == actor.id)
    return bool(actor.roles) and session.exec(asked).first() is not None


def has_call(session: Session, actor: Actor, call: SupportCall) -> bool:
    """Who asks for support, who is asked, and the chief read it; nobody else."""
    mine = call.asked_by == actor.id
    return bool(actor.roles) and (mine or actor.chief or was_asked(session, actor, call))


def call_for(session: Session, actor: Actor, right: Right, number: int) -> SupportCall:
    """The call for support, if the person has this right to it. Raises NotFound."""
    call = session.get(SupportCall, number, with_for_update=True) if 0 < number < 2**31 else None
    asked = call is not None and was_asked(session, actor, call)
    if call is None or not (asked if right is Right.CALLED else has_call(session, actor, call)):
        raise NotFound
    return call
