"""Removes what is over and old: in groups, each one transaction, what points at a row before the row.

The newest row of a kind that buttons name by number always stays, so that no number is ever given twice; where a table
sees to that by itself (`NEVER_TWICE`), it goes too.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, exists, func, or_, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from bot.admin.purge_meetings import meetings
from bot.admin.purge_risk import risk
from bot.admin.purge_rows import Counts, but_newest, gone, ids, pointing_at, portions
from bot.admin.terminal import Told
from bot.admin.transact import transact
from bot.services import (
    alert_chain,
    approvals,
    calm,
    coverage_table,
    drafts,
    duty_plan,
    escalation,
    morning,
    quarterly,
    support,
)
from bot.services import alerts as broadcasts
from bot.services import rounds as days
from storage import held
from storage.database import Database
from storage.evidence import unsealed
from storage.tables import (
    Absence,
    Account,
    AdviceMissed,
    AdviceOpened,
    Alert,
    AlertEntry,
    Conversation,
    Deadline,
    Entry,
    Evidence,
    EvidenceChunk,
    Held,
    Incident,
    Invitation,
    KeptEvent,
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

SHORTEST = timedelta(days=30)  # what is younger may still be asked for, sent again or pressed
SAID = "_said"  # marks that the audit has told of a chain or a promise of this kind
HAPPEN_TO_INCIDENTS = (escalation.CHAIN, *escalation.PROMISES)  # kinds of deadlines, by what their number is of
HAPPEN_TO_ALERTS = (
    broadcasts.DEADLINE, broadcasts.BOARD, broadcasts.EXERCISE, broadcasts.CHAIN, alert_chain.MORE, drafts.PLANNED,
    approvals.DEADLINE,
)  # fmt: skip
OF_INCIDENTS = (*HAPPEN_TO_INCIDENTS, *(kind + SAID for kind in HAPPEN_TO_INCIDENTS))
OF_ALERTS = (*HAPPEN_TO_ALERTS, broadcasts.CHAIN + SAID)
ROUNDS = (calm.ROUND, coverage_table.ROUND, morning.ROUND, morning.REPLAN, quarterly.ROUND)
TOLD = (calm.ASKED, days.QUARTER_SENT)  # by the person's number: what came that nobody had asked for
SETTLED = ("delivered", "failed", "uncertain")
_AGE = re.compile(r"(\d{1,4}) ?(y|år|m|mån|d)")


def cutoff(age: str, now: datetime) -> datetime:
    """The moment that lies so long ago: "2y", "18m" or "90d". Raises Told."""
    found = _AGE.fullmatch(age.strip().casefold())
    if found is None:
        raise Told("cli.purge_age", age=age)
    number, unit = int(found[1]), found[2]
    try:
        before = (
            now - timedelta(days=number)
            if unit == "d"
            else _months_before(now, number * (12 if unit in ("y", "år") else 1))
        )
    except (ValueError, OverflowError):
        raise Told("cli.purge_age", age=age) from None
    if now - before < SHORTEST:
        raise Told("cli.purge_young", days=SHORTEST.days)
    return before


def _months_before(now: datetime, months: int) -> datetime:
    year, month = divmod(now.year * 12 + now.month - 1 - months, 12)
    return now.replace(year=year, month=month + 1, day=min(now.day, 28))


def look(database: Database, before: datetime) -> Counts:
    """What would go: everything is done, counted and undone."""
    counts: Counts = Counter()
    with database.transaction() as session:
        for group in GROUPS:
            counts += group(session, before)
        session.rollback()
    return counts


def purge(database: Database, before: datetime) -> Counts:
    """Remove it; the rows that are gone, by table."""
    counts: Counts = Counter()
    for group in GROUPS:
        counts += transact(database, _overwriting, group, before)
    return counts


def _overwriting(session: Session, group: Callable[[Session, datetime], Counts], before: datetime) -> Counts:
    """On SQLite what is removed is overwritten with zeros, in the journal too."""
    connection = session.connection()
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA secure_delete=ON")
        connection.exec_driver_sql("PRAGMA journal_size_limit=0")
    return group(session, before)


def shrink(database: Database) -> bool:
    """Give the room back to the disk; False when the bot keeps the database too busy for it."""
    raw = database.engine.raw_connection()
    try:
        native: Any = raw.driver_connection
        if database.engine.dialect.name == "sqlite":
            for statement in ("PRAGMA journal_size_limit=0", "VACUUM", "PRAGMA wal_checkpoint(TRUNCATE)"):
                native.execute(statement)
        else:
            native.autocommit = True
            native.execute("VACUUM")
            native.autocommit = False
    except (OperationalError, native.__class__.OperationalError):
        return False
    finally:
        raw.close()
    return True


# The groups


def incidents(session: Session, before: datetime) -> Counts:
    """Closed incidents with all that belongs to them, unless something about them is still to be sent or answered."""
    unsent = exists().where(col(Outbox.incident_id) == Incident.id, col(Outbox.state).not_in(SETTLED))
    talking = exists().where(col(Conversation.incident_id) == Incident.id, col(Conversation.state) == "open")
    newest = [_has_newest(Conversation), _has_newest(Evidence), _has_newest_held()]
    old = select(Incident.id).where(
        Incident.status == "closed", col(Incident.closed_at) < before, ~unsent, ~talking, *(~e for e in newest)
    )
    counts: Counts = Counter()
    for numbers in portions(but_newest(session, Incident, old)):
        counts += _one_portion(session, numbers)
    return counts


def alerts(session: Session, before: datetime) -> Counts:
    """Broadcasts with all that followed them, once the last of it is old; also what was never sent.

    What is planned or waits for a second officer stays, and so does a broadcast of which something is to be sent.
    """
    member = aliased(Alert)
    of_it = or_(col(member.id) == Alert.id, col(member.follows) == Alert.id)
    unsent = exists().where(col(Outbox.alert_id) == member.id, col(Outbox.state).not_in(SETTLED))
    young = func.coalesce(col(member.sent_at), col(member.created_at)) >= before
    newest = col(member.id) == select(func.max(Alert.id)).scalar_subquery()
    waiting = col(member.state).in_(("asked", "scheduled"))
    needed = exists().where(of_it, or_(young, waiting, newest, unsent))
    counts: Counts = Counter()
    for firsts in portions(ids(session, select(Alert.id).where(col(Alert.follows).is_(None), ~needed))):
        later = ids(session, select(Alert.id).where(col(Alert.follows).in_(firsts)))
        counts += _alerts(session, later) + _alerts(session, firsts)
    return counts


def _alerts(session: Session, numbers: Sequence[int]) -> Counts:
    posts = ids(session, select(Post.id).where(col(Post.alert_id).in_(numbers)))
    counts = _sent(session, or_(col(Outbox.alert_id).in_(numbers), col(Outbox.post_id).in_(posts)), posts)
    counts += gone(session, Deadline, and_(col(Deadline.kind).in_(OF_ALERTS), col(Deadline.subject).in_(numbers)))
    for table in (Receipt, AlertEntry):
        counts += gone(session, table, col(table.alert_id).in_(numbers))
    return counts + gone(session, Alert, col(Alert.id).in_(numbers))


def _sent(session: Session, rows: Any, posts: Sequence[int] = ()) -> Counts:
    """Rows of the outbox and posts, with what was held back of them."""
    digests = col(Held.row_id).in_(select(Outbox.id).where(rows))
    session.execute(update(Held).where(digests).values(row_id=None).execution_options(synchronize_session=False))
    counts = gone(session, Held, col(Held.post_id).in_(posts)) + gone(session, Outbox, rows)
    return counts + gone(session, Post, col(Post.id).in_(posts))


def runs(session: Session, before: datetime) -> Counts:
    """Checklists that ended long ago, with what was attached to their steps. One that is under way stays."""
    unsent = exists().where(col(Outbox.run_id) == Run.id, col(Outbox.state).not_in(SETTLED))
    last = select(func.max(Evidence.id)).scalar_subquery()
    newest = exists().where(col(Evidence.run_id) == Run.id, col(Evidence.id) == last)
    old = select(Run.id).where(Run.state != "open", col(Run.ended_at) < before, ~unsent, ~newest)
    counts: Counts = Counter()
    for numbers in portions(ids(session, old)):
        posts = ids(session, select(Post.id).where(col(Post.run_id).in_(numbers)))
        files = ids(session, select(Evidence.id).where(col(Evidence.run_id).in_(numbers)))
        of_it = (col(Outbox.run_id).in_(numbers), col(Outbox.post_id).in_(posts), col(Outbox.evidence_id).in_(files))
        counts += _sent(session, or_(*of_it), posts) + _evidence(session, files)
        for table in (Tick, RunMember, RunEntry):
            counts += gone(session, table, col(table.run_id).in_(numbers))
        counts += gone(session, Run, col(Run.id).in_(numbers))
    return counts


def support_calls(session: Session, before: datetime) -> Counts:
    """Support that was asked for and is over, who no longer stands in the directory, and what was read long ago."""
    taken = and_(col(SupportCall.state) == "taken", col(SupportCall.taken_at) < before)
    over = or_(col(SupportCall.ended_at) < before, taken)
    counts: Counts = Counter()
    for numbers in portions(ids(session, select(SupportCall.id).where(over))):
        posts = ids(session, select(Post.id).where(col(Post.call_id).in_(numbers)))
        counts += _sent(session, col(Outbox.post_id).in_(posts), posts)
        rung = and_(col(Deadline.kind) == support.DEADLINE, col(Deadline.subject).in_(numbers))
        counts += gone(session, Deadline, rung)
        counts += gone(session, SupportAsked, col(SupportAsked.call_id).in_(numbers))
        counts += gone(session, SupportCall, col(SupportCall.id).in_(numbers))
    counts += gone(session, Supporter, col(Supporter.ended_at) < before)
    month = before.strftime("%Y-%m")
    for table in (AdviceOpened, AdviceMissed):
        counts += gone(session, table, col(table.month) < month)
    return counts


def _has_newest(table: type[Conversation] | type[Evidence]) -> Any:
    newest = select(func.max(table.id)).scalar_subquery()
    return exists().where(col(table.incident_id) == Incident.id, col(table.id) == newest)


def _has_newest_held() -> Any:
    newest = select(func.max(Held.id)).scalar_subquery()
    return exists().where(
        col(Post.incident_id) == Incident.id, col(Held.post_id) == col(Post.id), col(Held.id) == newest
    )


def _one_portion(session: Session, numbers: Sequence[int]) -> Counts:
    files = ids(session, select(Evidence.id).where(col(Evidence.incident_id).in_(numbers)))
    posts = ids(session, select(Post.id).where(col(Post.incident_id).in_(numbers)))
    talks = ids(session, select(Conversation.id).where(col(Conversation.incident_id).in_(numbers)))
    of_it = or_(
        col(Outbox.incident_id).in_(numbers), col(Outbox.post_id).in_(posts), col(Outbox.evidence_id).in_(files)
    )
    counts = _sent(session, of_it, posts)
    counts += _evidence(session, files) + gone(session, Entry, col(Entry.incident_id).in_(numbers))
    counts += _talks(session, talks)
    following = col(Incident.linked_to).in_(numbers)  # they stay, and stand for themselves
    session.execute(
        update(Incident).where(following).values(linked_to=None).execution_options(synchronize_session=False)
    )
    due = and_(col(Deadline.kind).in_(OF_INCIDENTS), col(Deadline.subject).in_(numbers))
    for table in (Alert, Receipt, SupportCall):  # what was sent or asked for because of it stays, and no longer says so
        session.execute(update(table).where(col(table.incident_id).in_(numbers)).values(incident_id=None))
    return counts + gone(session, Deadline, due) + gone(session, Incident, col(Incident.id).in_(numbers))


def _evidence(session: Session, numbers: Sequence[int]) -> Counts:
    session.execute(update(Outbox).where(col(Outbox.evidence_id).in_(numbers)).values(evidence_id=None))
    with unsealed(session):
        counts = gone(session, EvidenceChunk, col(EvidenceChunk.evidence_id).in_(numbers))
        return counts + gone(session, Evidence, col(Evidence.id).in_(numbers))


def _talks(session: Session, numbers: Sequence[int]) -> Counts:
    """Conversations; one in which evidence came that belongs to something else stays, without its incident."""
    elsewhere = exists().where(col(Evidence.conversation_id) == Conversation.id)
    which = col(Conversation.id).in_(numbers)
    counts = gone(session, Conversation, and_(which, ~elsewhere))
    session.execute(update(Conversation).where(which).values(incident_id=None))
    return counts


def conversations(session: Session, before: datetime) -> Counts:
    """Finished conversations, with what was attached in them and never came to an incident."""
    closed = exists().where(col(Incident.id) == Conversation.incident_id, col(Incident.status) == "closed")
    has_place = or_(col(Evidence.incident_id).is_not(None), col(Evidence.run_id).is_not(None))
    needed = exists().where(col(Evidence.conversation_id) == Conversation.id, has_place)
    old = select(Conversation.id).where(
        Conversation.state != "open",
        col(Conversation.updated_at) < before,
        or_(col(Conversation.incident_id).is_(None), closed),
        ~needed,
    )
    counts: Counts = Counter()
    for numbers in portions(but_newest(session, Conversation, old)):
        homeless = select(Evidence.id).where(col(Evidence.conversation_id).in_(numbers))
        counts += _evidence(session, ids(session, homeless)) + _talks(session, numbers)
    return counts


def waited(session: Session, before: datetime) -> Counts:
    """What waited for quiet hours or a flood to end, has come, and could be shown until now."""
    old = select(Held.id).where(col(Held.settled_at) < before)
    counts: Counts = Counter()
    for numbers in portions(but_newest(session, Held, old)):
        counts += gone(session, Held, col(Held.id).in_(numbers))
    over = (col(Deadline.kind) == held.DEADLINE, col(Deadline.state) != "waiting", col(Deadline.due_at) < before)
    return counts + gone(session, Deadline, and_(*over))


def messages(session: Session, before: datetime) -> Counts:
    """Settled messages that belong to no incident and to no broadcast, and that nothing which waited came in."""
    of = (Outbox.incident_id, Outbox.alert_id, Outbox.post_id, Outbox.evidence_id, Outbox.run_id)
    of_nothing = (col(column).is_(None) for column in of)
    needed = exists().where(col(Held.row_id) == Outbox.id)
    old = and_(col(Outbox.state).in_(SETTLED), col(Outbox.settled_at) < before, ~needed, *of_nothing)
    return gone(session, Outbox, old)


def events(session: Session, before: datetime) -> Counts:
    """The ids of events that were seen, and the events that met an error."""
    return gone(session, SeenEvent, col(SeenEvent.at) < before) + gone(session, KeptEvent, col(KeptEvent.at) < before)


def codes(session: Session, before: datetime) -> Counts:
    """Invitations that ran out long ago."""
    old = but_newest(session, Invitation, select(Invitation.id).where(col(Invitation.expires_at) < before))
    counts: Counts = Counter()
    for numbers in portions(old):
        counts += gone(session, Invitation, col(Invitation.id).in_(numbers))
    return counts


def duty(session: Session, before: datetime) -> Counts:
    """Shifts and absences that are over, orders of the duty list that have ended, and the bells that have rung."""
    ended = and_(col(Rota.ended_at).is_not(None), col(Rota.ended_at) < before)
    rung = and_(
        col(Deadline.kind).in_(duty_plan.KINDS), col(Deadline.state) != "waiting", col(Deadline.due_at) < before
    )
    old_shifts, old_absences = col(Shift.ends_at) < before, col(Absence.ends_at) < before
    counts = gone(session, Shift, old_shifts) + gone(session, Absence, old_absences)
    return counts + gone(session, Rota, ended) + gone(session, Deadline, rung)


def persons(session: Session, before: datetime) -> Counts:
    """People whose last role ended long ago and whom nothing that stays speaks of, with their roles and accounts."""
    lately = exists().where(
        col(Role.person_id) == Person.id, or_(col(Role.ended_at).is_(None), col(Role.ended_at) >= before)
    )
    spoken_of = [exists().where(column == Person.id) for column in pointing_at("person", "role", "account")]
    in_use = [
        exists().where(column == Account.id, col(Account.person_id) == Person.id) for column in pointing_at("account")
    ]
    old = select(Person.id).where(col(Person.created_at) < before, ~lately, *(~e for e in (*spoken_of, *in_use)))
    counts: Counts = Counter()
    for numbers in portions(but_newest(session, Person, old)):
        roles = ids(session, select(Role.id).where(col(Role.person_id).in_(numbers)))
        counts += gone(session, Deadline, and_(col(Deadline.kind) == "role_ends", col(Deadline.subject).in_(roles)))
        counts += gone(session, Deadline, and_(col(Deadline.kind).in_(TOLD), col(Deadline.subject).in_(numbers)))
        accounts = ids(session, select(Account.id).where(col(Account.person_id).in_(numbers)))
        counts += gone(session, Deadline, and_(col(Deadline.kind) == "unreached", col(Deadline.subject).in_(accounts)))
        counts += gone(session, Role, col(Role.id).in_(roles))
        counts += gone(session, Account, col(Account.person_id).in_(numbers))
        counts += gone(session, Person, col(Person.id).in_(numbers))
    return counts


def rounds(session: Session, before: datetime) -> Counts:
    """The days on which the bot said something by itself, whom it asked whether all was calm, and who got figures."""
    over = (col(Deadline.kind).in_((*ROUNDS, *TOLD)), Deadline.state != "waiting", col(Deadline.due_at) < before)
    counts: Counts = Counter()
    for numbers in portions(but_newest(session, Deadline, select(Deadline.id).where(*over))):
        counts += gone(session, Deadline, col(Deadline.id).in_(numbers))
    return counts


GROUPS = (alerts, runs, support_calls, risk, meetings, incidents, conversations, waited, messages, events, codes,
          rounds, duty, persons)  # fmt: skip
