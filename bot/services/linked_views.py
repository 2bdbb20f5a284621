"""Draws for the unit which incidents are one event: the line on a card, its buttons, and the list of open matters."""

from __future__ import annotations

from sqlmodel import col, select

from bot.catalogue import Voice
from bot.messages import Line
from bot.services import linked
from bot.services.people import Actor
from bot.services.work import Work
from storage.tables import Incident, Person

NAMED = 20  # numbers in one line


def line(work: Work, actor: Actor, incident: Incident) -> Line:
    """ "Hör ihop med 4, 5 och 7 (3 rapportörer till)"; nothing for who is not of the unit."""
    if not actor.unit:
        return ()
    voice = work.voice(actor.person)
    if incident.linked_to is not None:
        return _following(work, voice, linked.lead_of(work.session, incident))
    rest = linked.followers(work.session, incident)
    if not rest:
        return ()
    more = len(linked.reporters(rest) - linked.reporters([incident]))
    key = "linked.lead_many" if more > 1 else "linked.lead_one" if more else "linked.lead"
    return voice.line(key, numbers=numbers(voice, rest), count=more)


def _following(work: Work, voice: Voice, lead: Incident) -> Line:
    if lead.status == "closed":
        return voice.line("linked.to_closed", number=lead.id)
    if lead.taken_by is None:
        return voice.line("linked.to_untaken", number=lead.id)
    return voice.line("linked.to_taken", number=lead.id, who=work.session.get_one(Person, lead.taken_by).name)


def numbers(voice: Voice, rows: list[Incident]) -> str:
    """Their numbers as people say them: "4, 5 och 7"."""
    said = [str(one.id) for one in rows]
    if len(said) > NAMED:
        return ", ".join([*said[:NAMED], "…"])
    return voice.word("linked.and", first=", ".join(said[:-1]), last=said[-1]) if len(said) > 1 else said[0]


def buttons(work: Work, incident: Incident) -> list[str]:
    """What the unit can do about what belongs together, by the names of the actions."""
    if incident.linked_to is not None:
        return ["apart"]
    names = ["to_all"] if len(linked.reporters(linked.answerable(work.session, incident))) > 1 else []
    names += ["together"] if _another(work, incident) else []
    return [*names, *(["apart"] if linked.followers(work.session, incident) else [])]


def _another(work: Work, incident: Incident) -> bool:
    """Whether there is an open incident that is not one event with it already."""
    query = select(Incident.id).where(Incident.status == "open", Incident.id != incident.id)
    apart = col(Incident.linked_to).is_(None) | (col(Incident.linked_to) != incident.id)
    return work.session.exec(query.where(apart).limit(1)).first() is not None


def folded(actor: Actor, rows: list[Incident]) -> list[Incident]:
    """The unit's list with one row for each event; what stands otherwise than its lead keeps a row of its own."""
    there = {one.id: one for one in rows}

    def with_lead(one: Incident) -> bool:
        lead = there.get(one.linked_to)
        return (
            lead is not None and lead.taken_by == one.taken_by and actor.id not in (one.reporter_id, lead.reporter_id)
        )

    return [one for one in rows if not (actor.unit and with_lead(one))]
