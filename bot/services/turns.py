"""Whom a step of an incident's chain asks. Never nobody, as long as anybody can be reached."""

from __future__ import annotations

from bot.commands import RoleKind
from bot.services import duty, people, timeline
from bot.services.steps import Step
from bot.services.work import Work
from storage.tables import Incident, Person


def whom(work: Work, incident: Incident, step: Step) -> list[Person]:
    """Those whom the step names; if they have all been asked, whoever of the unit has not been as well."""
    unit = [person for person in people.unit_people(work.session) if _can_be_asked(work, incident, person)]
    already = asked(work, incident)
    named = [person for person in _named(work, step, unit, already) if person in unit]
    if all(person.id in already for person in named):
        named += [person for person in unit if person.id not in already and person not in named]
    return named or unit


def asked(work: Work, incident: Incident) -> set[int]:
    """Who was asked since it was last untaken. That everybody was told at the beginning is nobody's turn."""
    found: set[int] = set()
    for entry in timeline.of(work, incident, "asked", "taken", "not_done", "withdrawn"):
        found = found | set(entry.body["people"]) if entry.kind == "asked" else set()
    return found


def _named(work: Work, step: Step, unit: list[Person], already: set[int]) -> list[Person]:
    match step.who:
        case "unit":
            return unit
        case "officers":
            return people.people_with(work.session, (RoleKind.OFFICER,))
        case "chief":
            return people.chiefs(work.session)
        case "duty" if (person := duty.on_duty(work)) in unit and person is not None:
            return [person]
    turn = [person for person in duty.in_turn(work) if person in unit] or unit
    return [next((person for person in turn if person.id not in already), turn[0])] if turn else []


def _can_be_asked(work: Work, incident: Incident, person: Person) -> bool:
    """Not who flagged it, and nobody without an account that the bot reaches."""
    flagged = people.is_reporter(incident, person.id or 0)
    return not flagged and bool(people.accounts_of(work.session, person))
