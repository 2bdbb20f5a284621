"""What is over and old goes, with all that belongs to it; nothing open, nothing recent, nothing that is needed."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session, SQLModel, col, select

from bot.admin import backup, purge, rows
from bot.admin.terminal import Told
from bot.clock import HAPPENINGS
from bot.services import absence, calendar_files, calm, duty_plan, measures, planner, support, watch_list
from storage import held
from storage.database import Database
from storage.evidence import Sealed, unsealed
from storage.tables import (
    Absence,
    AdviceMissed,
    AdviceOpened,
    AgendaItem,
    Alert,
    AlertEntry,
    Briefing,
    Conversation,
    Deadline,
    Evidence,
    EvidenceChunk,
    Held,
    Incident,
    Invitation,
    KeptEvent,
    Meeting,
    MeetingEntry,
    Outbox,
    Person,
    Post,
    Receipt,
    Role,
    Rota,
    Run,
    RunEntry,
    RunMember,
    SeenEvent,
    Shift,
    SupportAsked,
    SupportCall,
    Supporter,
    Tick,
)
from tests.admin.conftest import (
    KEY,
    LONG_AGO,
    NOW,
    account_of,
    alert,
    briefing,
    call,
    called_in,
    done,
    incident,
    meeting,
    outbox,
    person,
    photo,
    refused,
    run,
)

BEFORE = NOW - timedelta(days=2 * 365)
RECENT = NOW - timedelta(days=100)


def counts(house: Database) -> dict[str, int]:
    with backup.snapshot(house.url) as connection:
        found: dict[str, int] = {}
        list(rows.dumped(connection, found))
        return found


def content(house: Database) -> list[bytes]:
    with backup.snapshot(house.url) as connection:
        return list(rows.dumped(connection, {}))


def all_holds(house: Database) -> None:
    """Nothing points at a row that is not there."""
    with house.engine.begin() as connection:
        assert connection.exec_driver_sql("PRAGMA foreign_key_check").all() == []


def filled(house: Database) -> None:
    """Old and closed, old and open, and new; the newest of everything is new."""
    with house.transaction() as session:
        alva = person(session, "Alva Berg", "contact", 1)
        incident(session, alva)
        incident(session, alva)
        incident(session, alva, closed=False)
        incident(session, alva, at=RECENT)
        incident(session, alva, at=RECENT, closed=False)


def test_closed_and_old_incidents_go_with_all_that_is_theirs(house: Database) -> None:
    filled(house)
    before = counts(house)
    gone = purge.purge(house, BEFORE)
    after = counts(house)
    with house.transaction() as session:
        assert session.exec(select(Incident.id)).all() == [3, 4, 5]
    for table in ("entry", "evidence", "evidencechunk", "post", "outbox", "conversation", "deadline"):
        assert after[table] * 5 == before[table] * 3, table
        assert gone[table] == before[table] - after[table]
    assert gone["incident"] == 2 and after["person"] == before["person"]
    all_holds(house)


def test_looking_first_tells_exactly_what_goes_and_changes_nothing(house: Database) -> None:
    filled(house)
    before = content(house)
    seen = purge.look(house, BEFORE)
    assert content(house) == before
    assert purge.purge(house, BEFORE) == seen
    assert purge.purge(house, BEFORE) == {}


def test_the_words_are_gone_from_the_file_itself(house: Database, tmp_path: Path) -> None:
    with house.transaction() as session:
        alva = person(session, "Alva Berg", "contact", 1)
        incident(session, alva)
        incident(session, alva, at=RECENT)
        sealed = session.exec(select(EvidenceChunk.sealed).where(EvidenceChunk.evidence_id == 1)).first()
    assert sealed is not None

    def found() -> bool:
        return any(sealed[100:160] in file.read_bytes() for file in tmp_path.glob("bot.db*"))

    assert found()
    purge.purge(house, BEFORE)
    assert purge.shrink(house)
    assert not found()


@pytest.mark.parametrize(
    "keeps",
    [
        lambda session, row: session.add(outbox(incident_id=row.id, state="waiting")),
        lambda session, row: session.add(
            Conversation(person_id=2, flow="more", inputs={}, answers={}, aside={}, incident_id=row.id, updated_at=NOW)
        ),
    ],
    ids=["a message that is still to be sent", "a conversation that is open"],
)
def test_an_incident_that_something_is_under_way_about_stays(
    house: Database, keeps: Callable[[Session, Incident], Any]
) -> None:
    with house.transaction() as session:
        alva = person(session, "Alva Berg", "contact", 1)
        row = incident(session, alva)
        keeps(session, row)
        incident(session, alva, at=RECENT)
    purge.purge(house, BEFORE)
    with house.transaction() as session:
        assert session.exec(select(Incident.id)).all() == [1, 2]


def test_no_number_is_ever_given_twice(house: Database) -> None:
    with house.transaction() as session:
        alva = person(session, "Alva Berg", "contact", 1)
        incident(session, alva)
        incident(session, alva)
    purge.purge(house, BEFORE)
    with house.transaction() as session:
        assert incident(session, session.get_one(Person, 2)).id == 3


def test_what_else_is_old_goes_and_what_is_recent_stays(house: Database) -> None:
    with house.transaction() as session:
        alva = person(session, "Alva Berg", "contact", 1)
        account = account_of(session, alva)
        for at in (LONG_AGO, RECENT):
            session.add(SeenEvent(uid=f"telegram:{at}", at=at))
            session.add(KeptEvent(uid=f"telegram:{at}", at=at, body={}, error="KeyError"))
            session.add(outbox(account, state="failed", reason="gone", settled_at=at))
            session.add(
                Invitation(selector=f"A{at:%y}", secret_hash="", person_id=1, role="", created_at=at, expires_at=at)
            )
            talk = Conversation(person_id=2, flow="flag", inputs={}, answers={}, aside={}, state="cancelled",
                                updated_at=at)  # fmt: skip
            session.add(talk)
            session.flush()
            photo(session, None, 2, account, at, talk.id)
        session.add(outbox(account, body={"text": "väntar"}, created_at=LONG_AGO))
        session.add(Conversation(person_id=2, flow="flag", inputs={}, answers={}, aside={}, updated_at=LONG_AGO))
        session.add(
            Conversation(person_id=2, flow="flag", inputs={}, answers={}, aside={}, state="done", updated_at=NOW)
        )
    purge.purge(house, BEFORE)
    left = counts(house)
    assert (left["seenevent"], left["keptevent"], left["invitation"], left["outbox"]) == (1, 1, 1, 2)
    assert (left["conversation"], left["evidence"], left["evidencechunk"]) == (3, 1, 2)
    with house.transaction() as session:
        assert {row.state for row in session.exec(select(Outbox))} == {"failed", "waiting"}
    all_holds(house)


def test_a_conversation_whose_evidence_an_open_incident_has_stays(house: Database) -> None:
    with house.transaction() as session:
        alva = person(session, "Alva Berg", "contact", 1)
        first = incident(session, alva)
        second = incident(session, alva, closed=False)
        photo(session, second.id, 2, account_of(session, alva), LONG_AGO, first.id)
        incident(session, alva, at=RECENT)
    purge.purge(house, BEFORE)
    with house.transaction() as session:
        assert session.get_one(Conversation, 1).incident_id is None
        assert session.get(Incident, 1) is None
    all_holds(house)


def test_people_go_when_their_last_role_ended_long_ago_and_nothing_speaks_of_them(house: Database) -> None:
    with house.transaction() as session:
        gone, lately, reporter, invited = (
            person(session, name, role, 1 if role else None)
            for name, role in (("Gå", "contact"), ("Nyss", "deputy"), ("Skrev", "contact"), ("Bjuden", ""))
        )
        person(session, "Sist", "contact", 1)
        for row, ended in ((gone, LONG_AGO), (lately, RECENT), (reporter, LONG_AGO)):
            role = session.exec(select(Role).where(Role.person_id == row.id)).one()
            role.ended_at = ended
            session.add(Deadline(kind="role_ends", subject=role.id or 0, step="", due_at=ended, state="done"))
        incident(session, reporter, closed=False)
        incident(session, reporter, at=RECENT)
        session.add(Invitation(selector="ABCD", secret_hash="", person_id=invited.id or 0, role="contact", party_id=1,
                               created_at=NOW, expires_at=NOW + timedelta(days=1)))  # fmt: skip
    purge.purge(house, BEFORE)
    with house.transaction() as session:
        assert [row.name for row in session.exec(select(Person))] == ["Siv Almgren", "Nyss", "Skrev", "Bjuden", "Sist"]
        assert {row.subject for row in session.exec(select(Deadline).where(Deadline.kind == "role_ends"))} == {3, 4}
    all_holds(house)


def test_whom_the_bot_asked_long_ago_goes_and_an_incident_of_the_same_number_takes_nothing_with_it(
    house: Database,
) -> None:
    """A day's round and an ask are about nobody's incident, though they have numbers like one."""
    with house.transaction() as session:
        alva = person(session, "Alva Berg", "contact", 1)
        for number in range(3):
            incident(session, alva, at=LONG_AGO if number < 2 else RECENT)
        asked = alva.id or 0
        for step, due, state in (("7", LONG_AGO, "done"), ("8", RECENT, "void"), ("9", LONG_AGO, "waiting")):
            session.add(Deadline(kind="calm_asked", subject=asked, step=step, due_at=due, state=state))
        for kind in ("calm_round", "coverage_round"):
            session.add(Deadline(kind=kind, subject=0, step="2023-11-22", due_at=LONG_AGO, state="done"))
            session.add(Deadline(kind=kind, subject=0, step="2026-11-20", due_at=RECENT, state="done"))
    purge.purge(house, BEFORE)
    with house.transaction() as session:
        rows = session.exec(select(Deadline).where(Deadline.kind != "chain").order_by(Deadline.id)).all()  # type: ignore[arg-type]
        kept = [(row.kind, row.step) for row in rows if row.kind in ("calm_asked", "calm_round", "coverage_round")]
    assert kept == [
        ("calm_asked", "8"),
        ("calm_asked", "9"),
        ("calm_round", "2026-11-20"),
        ("coverage_round", "2026-11-20"),
    ]
    all_holds(house)


def test_what_waited_goes_when_it_came_long_ago_and_stays_while_it_waits(house: Database) -> None:
    with house.transaction() as session:
        alva = person(session, "Alva Berg", "contact", 1)
        account = account_of(session, alva)
        incident(session, alva)
        incident(session, alva, at=RECENT)
        for at in (LONG_AGO, RECENT):
            row = outbox(account, state="delivered", ref=f"7:{at}", settled_at=at)
            session.add(row)
            session.flush()
            session.add(Held(account_id=account, purpose="info", body={"a": 1}, created_at=at, until=at, settled_at=at,
                             row_id=row.id))  # fmt: skip
        session.add(Held(account_id=account, purpose="notice", post_id=1, created_at=LONG_AGO, until=LONG_AGO,
                         settled_at=LONG_AGO, row_id=1))  # fmt: skip
        session.add(Held(account_id=account, purpose="info", body={"a": 1}, created_at=LONG_AGO, until=LONG_AGO))
        for step, state, at in (("quiet", "done", LONG_AGO), ("flood", "waiting", LONG_AGO), ("old", "done", RECENT)):
            session.add(
                Deadline(kind="digest", subject=1 if step == "old" else account, step=step, due_at=at, state=state)
            )
    seen = purge.look(house, BEFORE)
    assert purge.purge(house, BEFORE) == seen and seen["held"] == 2
    with house.transaction() as session:
        left = session.exec(select(Held)).all()
        assert [row.settled_at for row in left] == [RECENT, None]
        kept = {row.step for row in session.exec(select(Deadline).where(Deadline.kind == "digest"))}
        assert kept == {"flood", "old"}, "an incident of the same number as an account has no part in its digest"
    all_holds(house)


def test_what_followed_an_incident_that_goes_stands_for_itself(house: Database) -> None:
    with house.transaction() as session:
        alva = person(session, "Alva Berg", "contact", 1)
        incident(session, alva)
        for at, closed, lead in ((LONG_AGO, True, 1), (RECENT, True, 1), (RECENT, False, 1), (RECENT, False, 4)):
            incident(session, alva, at=at, closed=closed).linked_to = lead
    purge.purge(house, BEFORE)
    with house.transaction() as session:
        rows = session.exec(select(Incident).order_by(Incident.id)).all()  # type: ignore[arg-type]
        assert [(row.id, row.linked_to) for row in rows] == [(3, None), (4, None), (5, 4)]
    all_holds(house)


def test_shifts_absences_and_lists_go_when_they_are_over_and_their_numbers_never_come_again(house: Database) -> None:
    with house.transaction() as session:
        pia = person(session, "Pia Nord", "officer")
        people: dict[str, Any] = {"person_id": pia.id, "created_at": LONG_AGO}
        for at in (RECENT, LONG_AGO):
            span: dict[str, Any] = {"starts_at": at, "ends_at": at + timedelta(days=7)}
            session.add_all([Shift(**people, **span, cause="rota"), Absence(**people, **span)])
            session.add(Rota(people=[pia.id], days=7, starts_at=at, ended_at=at, created_by=pia.id or 0, created_at=at))
            session.add(Deadline(kind="duty_offer", subject=1, step=f"{at}", due_at=at, state="void"))
            session.flush()
        role = session.exec(select(Role).where(Role.person_id == pia.id)).one()
        role.ended_at = LONG_AGO
    gone = purge.purge(house, BEFORE)
    assert {table: gone[table] for table in ("shift", "absence", "rota", "deadline")} == {
        "shift": 1, "absence": 1, "rota": 1, "deadline": 1}  # fmt: skip
    all_holds(house)
    with house.transaction() as session:
        assert session.exec(select(Shift.id)).all() == [1] and session.get(Person, 2) is not None
        row = Shift(person_id=2, starts_at=NOW, ends_at=NOW + timedelta(days=1), cause="rota", created_at=NOW)
        session.add(row)
        session.flush()
        assert row.id == 3, "an old button would name it"


def test_an_incidents_end_does_not_take_a_bell_of_the_duty_list_of_the_same_number(house: Database) -> None:
    with house.transaction() as session:
        alva = person(session, "Alva Berg", "contact", 1)
        incident(session, alva)
        incident(session, alva, at=RECENT)
        session.add(Deadline(kind="duty_offer", subject=1, step="0", due_at=NOW))
    purge.purge(house, BEFORE)
    with house.transaction() as session:
        assert session.get(Incident, 1) is None
        assert session.exec(select(Deadline.state).where(Deadline.kind == "duty_offer")).all() == ["waiting"]


def test_every_pointer_at_an_incident_is_thought_of() -> None:
    """A new table that points at an incident, a conversation or evidence must be purged with it."""
    known = {
        "conversation.incident_id", "entry.incident_id", "evidence.incident_id", "outbox.incident_id",
        "post.incident_id", "evidence.conversation_id", "evidencechunk.evidence_id", "outbox.evidence_id",
        "outbox.post_id", "alert.incident_id", "receipt.incident_id", "held.post_id", "held.row_id",
        "incident.linked_to", "supportcall.incident_id",
    }  # fmt: skip
    pointing = {
        f"{table.name}.{key.parent.name}"
        for table in SQLModel.metadata.sorted_tables
        for key in table.foreign_keys
        if key.column.table.name in ("incident", "conversation", "evidence", "post", "outbox", "entry")
    }
    assert pointing == known


def test_every_kind_of_deadline_is_of_something_that_is_known() -> None:
    """A number is of an incident, of a broadcast or of something else: what is purged takes only its own with it."""
    of_others = {"unbound", "role_ends", "unreached", absence.DEADLINE, calm.ASKED, held.DEADLINE, support.DEADLINE,
                 planner.DEADLINE, calendar_files.DEADLINE, measures.DEADLINE, watch_list.DEADLINE, *purge.ROUNDS,
                 *duty_plan.KINDS}  # fmt: skip
    assert set(HAPPENINGS) == {*purge.HAPPEN_TO_INCIDENTS, *purge.HAPPEN_TO_ALERTS, *of_others}
    assert not set(purge.OF_INCIDENTS) & {*purge.OF_ALERTS, *of_others}


def test_a_broadcast_goes_with_what_followed_it_when_the_last_of_it_is_old(house: Database) -> None:
    with house.transaction() as session:
        alva = person(session, "Alva Berg", "contact", 1)
        old = alert(session, alva)
        alert(session, alva, follows=old.id, change="allclear")
        lately = alert(session, alva)
        alert(session, alva, at=RECENT, follows=lately.id, change="update")
        alert(session, alva, state="draft")
        alert(session, alva, state="scheduled", send_at=NOW)
        alert(session, alva, state="asked")
        unsent = alert(session, alva)
        session.add(outbox(account_of(session, alva), alert_id=unsent.id))
        alert(session, alva)  # the newest: its number stays taken
    gone = purge.purge(house, BEFORE)
    with house.transaction() as session:
        assert session.exec(select(Alert.id)).all() == [3, 4, 6, 7, 8, 9]
        for table in (Receipt, AlertEntry):
            assert set(session.exec(select(table.alert_id))) == {3, 4, 6, 7, 8, 9}
        assert {d.subject for d in session.exec(select(Deadline))} == {3, 4, 6, 7, 8, 9}
        assert session.exec(select(Held.post_id)).all() == [4, 9], "what waited long ago is gone, but the newest"
    assert gone["alert"] == 3 and gone["post"] == 3
    all_holds(house)


def test_an_incident_that_goes_leaves_the_broadcast_that_was_written_from_it(house: Database) -> None:
    with house.transaction() as session:
        alva = person(session, "Alva Berg", "contact", 1)
        first = incident(session, alva)
        incident(session, alva)
        row = alert(session, alva, at=RECENT, incident_id=first.id)
        session.exec(select(Receipt)).one().incident_id = first.id
        session.add(Deadline(kind="alert_planned", subject=first.id or 0, step="", due_at=NOW))
        number = row.id
    purge.purge(house, BEFORE)
    with house.transaction() as session:
        assert session.get(Incident, 1) is None
        assert session.get_one(Alert, number).incident_id is None
        assert session.exec(select(Receipt)).one().incident_id is None
        assert session.exec(select(Deadline).where(Deadline.kind == "alert_planned")).all(), "a promise was lost"
    all_holds(house)


def test_a_meeting_that_is_long_over_goes(house: Database) -> None:
    with house.transaction() as session:
        alva = person(session, "Alva Berg", "contact", 1)
        old = meeting(session)
        step = briefing(session, old)
        alert(session, alva, at=RECENT, meeting_id=old.id, briefing_id=step.id)
        briefing(session, meeting(session, RECENT))
    purge.purge(house, BEFORE)
    with house.transaction() as session:
        assert session.exec(select(Meeting.id)).all() == [2]
        assert session.exec(select(Briefing.meeting_id)).all() == [2]
        assert session.exec(select(AgendaItem.meeting_id)).all() == [2]
        assert session.exec(select(MeetingEntry.meeting_id)).all() == [2]
        assert session.exec(select(Deadline.subject).where(Deadline.kind == planner.DEADLINE)).all() == [2]
        sent = session.exec(select(Alert)).one()
        assert (sent.meeting_id, sent.briefing_id) == (None, None)
    all_holds(house)


def test_a_checklist_that_ended_long_ago_goes_with_all_of_it_and_one_under_way_stays(house: Database) -> None:
    with house.transaction() as session:
        alva = person(session, "Alva Berg", "contact", 1)
        first = run(session, alva)
        picture = session.exec(select(Evidence.id).where(Evidence.run_id == first.id)).one()
        session.add(outbox(account_of(session, alva), act="file", evidence_id=picture))  # nobody can send it any more
        run(session, alva, RECENT)
        run(session, alva, open_=True)
        incident(session, alva, at=RECENT)  # the newest evidence stays, so that its number is not lent
    purge.purge(house, BEFORE)
    with house.transaction() as session:
        assert session.exec(select(Run.id).order_by(col(Run.id))).all() == [2, 3]
        for table in (Tick, RunMember, RunEntry):
            assert set(session.exec(select(table.run_id))) == {2, 3}, table
        assert set(session.exec(select(Post.run_id).where(col(Post.run_id).is_not(None)))) == {2, 3}
        assert set(session.exec(select(Evidence.run_id).where(col(Evidence.run_id).is_not(None)))) == {2, 3}
        assert not session.exec(select(Outbox).where(Outbox.act == "file", col(Outbox.run_id).is_(None))).all()
    all_holds(house)


def test_support_that_is_over_goes_and_what_was_read_is_forgotten(house: Database) -> None:
    with house.transaction() as session:
        alva = person(session, "Alva Berg", "contact", 1)
        called_in(session, alva)
        called_in(session, alva, RECENT)
        called_in(session, alva, state="open")
    purge.purge(house, BEFORE)
    with house.transaction() as session:
        assert session.exec(select(SupportCall.id).order_by(col(SupportCall.id))).all() == [2, 3]
        assert set(session.exec(select(SupportAsked.call_id))) == {2, 3}
        assert len(session.exec(select(Supporter)).all()) == 1
        assert set(session.exec(select(AdviceOpened.month))) == {RECENT.strftime("%Y-%m")}
        assert set(session.exec(select(AdviceMissed.month))) == {RECENT.strftime("%Y-%m")}
        assert set(session.exec(select(Deadline.subject).where(Deadline.kind == "support"))) == {2, 3}
    all_holds(house)


def test_kept_evidence_is_still_sealed_to_everybody_else(house: Database) -> None:
    filled(house)
    with house.transaction() as session:
        session.delete(session.get_one(Evidence, 1))
        with pytest.raises(Sealed):
            session.flush()
        session.rollback()
    with house.transaction() as session, unsealed(session):
        assert session.get_one(Evidence, 1).state == "kept"


@pytest.mark.parametrize(
    ("age", "before"),
    [
        ("2y", datetime(2024, 11, 22, 12, tzinfo=UTC)),
        ("2 år", datetime(2024, 11, 22, 12, tzinfo=UTC)),
        ("18m", datetime(2025, 5, 22, 12, tzinfo=UTC)),
        ("90d", datetime(2026, 8, 24, 12, tzinfo=UTC)),
    ],
)
def test_an_age_is_read_as_it_is_said(age: str, before: datetime) -> None:
    assert purge.cutoff(age, NOW) == before


@pytest.mark.parametrize("age", ["", "två år", "2", "-2y", "9999y", "0d", "29d", "0y"])
def test_an_age_that_is_none_or_too_young_is_refused(house: Database, age: str) -> None:
    filled(house)
    before = content(house)
    with pytest.raises(Told):
        purge.cutoff(age, NOW)
    assert re.search("Inget är borttaget|äldre än 30 dagar", refused(call("purge", "--yes", f"--older-than={age}")))
    assert content(house) == before


def test_the_command_shows_what_goes_and_asks(house: Database) -> None:
    filled(house)
    before = content(house)
    said = done(call("purge", "--older-than", "2y", "--dry-run"))
    assert "2  incident" in said and "Inget är borttaget" in said
    assert "Inget är borttaget" in done(call("purge", "--older-than", "2y", answers="n\n"))
    assert content(house) == before
    assert "2  incident" in done(call("purge", "--older-than", "2y", answers="y\n"))
    assert "Inget är så gammalt" in done(call("purge", "--older-than", "2y"))
    assert json.loads(done(call("purge", "--older-than", "2y", "--json", "--yes"))) == {"removed": {}}


def test_it_is_the_same_on_postgresql(house: Database, empty_postgres: str, tmp_path: Path) -> None:
    filled(house)
    backup.make(house.url, [KEY], tmp_path / "copy", NOW)
    backup.restore(empty_postgres, [KEY], tmp_path / "copy")
    there = Database(empty_postgres, [KEY])
    seen = purge.look(there, BEFORE)
    assert purge.purge(there, BEFORE) == seen == purge.look(house, BEFORE)
    assert purge.shrink(there)
    with there.transaction() as session:
        assert session.exec(select(Incident.id).order_by(Incident.id)).all() == [3, 4, 5]  # type: ignore[arg-type]
    there.close()
