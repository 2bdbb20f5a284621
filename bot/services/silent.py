"""Whom "Allt lugnt?" was asked of last, and who did not answer it."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from bot.services import rounds, seen
from storage.tables import Deadline


def asks(person: int) -> SelectOfScalar[Deadline]:
    """Each time that the person was asked, the last one first."""
    mine = (Deadline.kind == rounds.CALM_ASKED, Deadline.subject == person)
    return select(Deadline).where(*mine).order_by(col(Deadline.id).desc())


def last_ask(session: Session, person: int) -> Deadline | None:
    """The last one."""
    return session.exec(asks(person).limit(1)).first()


def asked_at(ask: Deadline) -> datetime:
    """When that was: it waits for an answer so long."""
    return ask.due_at - rounds.ANSWER_WITHIN


def unanswered(session: Session, person: int) -> bool:
    """Whether the person did not answer within a week, and has done nothing else here since."""
    ask, heard = last_ask(session, person), seen.last(session, person)
    return ask is not None and ask.state == "done" and (heard is None or heard < asked_at(ask))
