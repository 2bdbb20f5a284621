"""How an alert stands: who has answered, party by party. The board counts what the table lists, by the same rules."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, func, or_
from sqlmodel import col, select

from bot.services import alerts, people
from bot.services.work import Work
from storage.tables import Alert, Person, Receipt


@dataclass(frozen=True)
class Line:
    """One person in the table; `answer` is empty while there is none, and `unreached` while they can be reached."""

    person: int
    name: str
    party: int | None
    answer: str
    answered_at: datetime | None
    late: bool
    unreached: str
    incident: int | None


@dataclass(frozen=True)
class Count:
    """How many of how many. A party has answered when one of its people has; who cannot be reached is counted too."""

    people: int
    answered: int
    parties: int
    parties_answered: int
    late: int
    unreached: int
    help: int
    safe: int
    away: int

    @property
    def not_out(self) -> int:
        """Of those who are asked whether they are out, how many can be reached and have not said so.

        Whom somebody has reached outside the bot may still be inside.
        """
        return self.people - self.safe - self.away - self.help - self.unreached


def counted(work: Work, alert: Alert) -> Count:
    """The figures of the board, without reading thousands of names."""
    key = (col(Receipt.party_id), col(Receipt.answer), col(Receipt.unreached))
    query = select(*key, func.count()).where(Receipt.alert_id == alert.id).group_by(*key)
    groups = list(work.session.exec(query))
    answered = [group for group in groups if group[1]]

    def said(answer: str) -> int:
        return sum(group[3] for group in answered if group[1] == answer)

    return Count(
        people=sum(group[3] for group in groups),
        answered=sum(group[3] for group in answered),
        parties=len({group[0] for group in groups} - {None}),
        parties_answered=len({group[0] for group in answered} - {None}),
        late=_late(work, alert),
        unreached=sum(group[3] for group in groups if group[2] and not group[1]),
        help=said("help"),
        safe=said("safe"),
        away=said("away"),
    )


def _late(work: Work, alert: Alert) -> int:
    if alert.answer_by is None:
        return 0
    query = select(func.count()).select_from(Receipt).where(Receipt.alert_id == alert.id)
    return work.session.exec(query.where(col(Receipt.answered_at) > alert.answer_by)).one()


def table(work: Work, alert: Alert) -> list[Line]:
    """Everybody whom it went to, by party and name; who is of no party comes last."""
    query = select(Receipt, Person).join(Person, col(Person.id) == col(Receipt.person_id))
    rows = work.session.exec(query.where(Receipt.alert_id == alert.id)).all()
    names = {party.id: party.name for party in people.parties(work.session)}
    lines = [_line(alert, receipt, person) for receipt, person in rows]
    return sorted(lines, key=lambda line: (line.party is None, names.get(line.party, ""), line.name.casefold()))


def who_said(work: Work, alert: Alert, said: str, most: int) -> list[Person]:
    """The first of those who have given this answer."""
    return _some(work, alert, most, Receipt.answer == said)


def not_out(work: Work, alert: Alert, most: int) -> list[Person]:
    """The first of those whom `Count.not_out` counts."""
    unheard = and_(col(Receipt.answer) == "", col(Receipt.unreached) == "")
    return _some(work, alert, most, or_(unheard, col(Receipt.answer) == "told"))


def unanswered(work: Work, alert: Alert, most: int) -> list[Person]:
    """The first of those who have not answered and can be reached, for the board."""
    return _some(work, alert, most, Receipt.answer == "", Receipt.unreached == "")


def unreached(work: Work, alert: Alert, most: int) -> list[tuple[Person, str]]:
    """The first of those who cannot be reached, and why."""
    people = _some(work, alert, most, Receipt.answer == "", Receipt.unreached != "")
    query = select(Receipt).where(Receipt.alert_id == alert.id, col(Receipt.person_id).in_([p.id for p in people]))
    why = {receipt.person_id: receipt.unreached for receipt in work.session.exec(query)}
    return [(person, why[person.id or 0]) for person in people]


def _some(work: Work, alert: Alert, most: int, *which: Any) -> list[Person]:
    query = select(Person).join(Receipt, col(Person.id) == col(Receipt.person_id))
    return list(
        work.session.exec(query.where(Receipt.alert_id == alert.id, *which).order_by(col(Receipt.id)).limit(most))
    )


def _line(alert: Alert, receipt: Receipt, person: Person) -> Line:
    return Line(
        person=receipt.person_id,
        name=person.name,
        party=receipt.party_id,
        answer=receipt.answer,
        answered_at=receipt.answered_at,
        late=alerts.late(alert, receipt),
        unreached=receipt.unreached,
        incident=receipt.incident_id,
    )
