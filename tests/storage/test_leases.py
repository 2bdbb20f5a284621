"""What only one may do is one's at a time, passes on when its time is up, and at once when it is let go."""

from __future__ import annotations

from datetime import timedelta

from sqlmodel import Session

from storage import leases
from storage.database import Database
from storage.tables import Lease

LENGTH = timedelta(seconds=5)
SEND = "send:telegram"


def ends(session: Session, name: str) -> None:
    """Let the lease's time be up."""
    session.get_one(Lease, name).until = leases.clock(session) - timedelta(milliseconds=1)
    session.flush()


def test_what_one_has_taken_no_other_gets(database: Database) -> None:
    with database.transaction() as session:
        assert leases.take(session, SEND, "alva", LENGTH)
        assert not leases.take(session, SEND, "bo", LENGTH)
        assert leases.take(session, "send:slack", "bo", LENGTH)
        assert leases.holders(session) == {"alva", "bo"}


def test_who_has_it_keeps_it_for_another_while_from_now_on(database: Database) -> None:
    with database.transaction() as session:
        leases.take(session, SEND, "alva", timedelta(0))
        assert leases.take(session, SEND, "alva", LENGTH)
        left = session.get_one(Lease, SEND).until - leases.clock(session)
    assert timedelta(seconds=4) < left <= LENGTH


def test_when_its_time_is_up_the_next_one_gets_it_and_the_first_does_not_get_it_back(database: Database) -> None:
    with database.transaction() as session:
        leases.take(session, SEND, "alva", LENGTH)
        ends(session, SEND)
        assert leases.holders(session) == set()
        assert leases.take(session, SEND, "bo", LENGTH)
        assert not leases.take(session, SEND, "alva", LENGTH)
        assert leases.holders(session) == {"bo"}


def test_what_is_let_go_is_free_at_once_and_what_others_have_is_not_touched(database: Database) -> None:
    with database.transaction() as session:
        assert leases.take_all(session, [SEND, "process:alva"], "alva", LENGTH) == {SEND, "process:alva"}
        assert leases.take_all(session, [SEND, "process:bo"], "bo", LENGTH) == {"process:bo"}
        leases.release(session, "alva")
        assert leases.holders(session) == {"bo"}
        assert leases.take(session, SEND, "bo", LENGTH)


def test_the_leases_of_the_dead_are_forgotten_and_those_in_force_are_not(database: Database) -> None:
    with database.transaction() as session:
        for name in ("process:alva", "process:bo"):
            leases.take(session, name, name[8:], LENGTH)
        ends(session, "process:alva")
        leases.forget(session, timedelta(days=1))
        assert session.get(Lease, "process:alva") is not None
        leases.forget(session, timedelta(0))
        session.expire_all()
        assert session.get(Lease, "process:alva") is None and session.get(Lease, "process:bo") is not None
