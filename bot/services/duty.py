"""Who of the unit is asked first: the one on duty, then whoever is next in turn."""

from __future__ import annotations

from bot.commands import RoleKind
from bot.services import people
from bot.services.work import Work
from storage.tables import Person


def in_turn(work: Work) -> list[Person]:
    """Everybody of the unit in the order in which they are asked now; officers before chiefs."""
    officers = people.people_with(work.session, (RoleKind.OFFICER,))
    return [*officers, *(chief for chief in people.chiefs(work.session) if chief not in officers)]


def on_duty(work: Work) -> Person | None:
    """Who is on duty now by the duty list; None where there is none to say."""
    return None
