"""What only one process may do at a time. Times are by the database's own clock: machines' clocks differ."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, text
from sqlmodel import Session, col, select

from storage.tables import Lease


def clock(session: Session) -> datetime:
    """The database's time. A SQLite file has no clock but its only machine's."""
    if session.get_bind().dialect.name == "sqlite":
        return datetime.now(UTC)
    now: datetime = session.execute(text("SELECT clock_timestamp()")).scalar_one()
    return now.astimezone(UTC)


def take(session: Session, name: str, holder: str, length: timedelta) -> bool:
    """Take the lease, or keep it for another `length`. False while another holder has it."""
    row, now = session.get(Lease, name), clock(session)
    if row is None:
        session.add(Lease(name=name, holder=holder, until=now + length))
    elif row.holder == holder or row.until <= now:
        row.holder, row.until = holder, now + length
    else:
        return False
    session.flush()
    return True


def take_all(session: Session, names: Iterable[str], holder: str, length: timedelta) -> set[str]:
    """Take or keep as many of these as nobody else has; which they are."""
    return {name for name in names if take(session, name, holder, length)}


def release(session: Session, holder: str) -> None:
    """Let go of all that this holder has, so that nobody waits for it."""
    session.execute(delete(Lease).where(col(Lease.holder) == holder))


def holders(session: Session) -> set[str]:
    """Who has any lease in force."""
    return set(session.exec(select(Lease.holder).where(col(Lease.until) > clock(session))))


def forget(session: Session, ended: timedelta) -> None:
    """Let go of the leases that nobody has renewed for so long."""
    session.execute(delete(Lease).where(col(Lease.until) < clock(session) - ended))
