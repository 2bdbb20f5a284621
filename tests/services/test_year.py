"""A simulated year of a typical municipality: what comes by itself stays within everybody's attention."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from cryptography.fernet import Fernet
from sqlmodel import SQLModel, col, select

from bot.catalogue import Catalogue
from bot.clock import STANDING, happen
from bot.commands import Audience, RoleKind
from bot.services import alerts, audience, escalation_plan, planner
from bot.services.hours import is_working_day
from bot.services.work import House, Work, read_house
from storage import deadlines
from storage.database import Database
from storage.tables import (
    Account,
    Alert,
    Briefing,
    Meeting,
    Municipality,
    Outbox,
    Party,
    Person,
    Post,
    Receipt,
    Role,
)

pytestmark = pytest.mark.xdist_group("year")  # it is lived through once
ZONE = ZoneInfo("Europe/Stockholm")
BEGIN, END = datetime(2026, 1, 1, tzinfo=ZONE), datetime(2027, 1, 1, tzinfo=ZONE)
PARTIES, OFFICIALS = 8, 5  # and a contact and a deputy in each
COMMITTEES = ("Kommunstyrelsen", "Socialnämnden", "Barn- och utbildningsnämnden")
OFFICIAL, CONTACT = 1, 2  # messages a month that nobody asked for


class Year:
    """The municipality, and the clock of its year."""

    def __init__(self, folder: Path) -> None:
        self.database = Database(f"sqlite:///{folder / 'year.db'}", [Fernet.generate_key().decode()])
        SQLModel.metadata.create_all(self.database.engine)
        self.now = BEGIN.astimezone(UTC)
        with self.database.transaction() as session:
            session.add(Municipality(name="Lönnköping", timezone=ZONE.key, languages=["sv"],
                                     public_number="+46846500410", staffed="mån-fre 08:00-17:00",
                                     created_at=self.now))  # fmt: skip
            self._people(Work(session, self.now, None))  # type: ignore[arg-type]
        with self.database.transaction() as session:
            self.house: House = read_house(session, Catalogue(), escalation_plan.load())
            work = Work(session, self.now, self.house)
            for keep in STANDING:
                keep(work)
            self._meetings(work)

    def _people(self, work: Work) -> None:
        self._person(work, "Siv", RoleKind.CHIEF)
        self._person(work, "Omar", RoleKind.OFFICER)
        for number in range(PARTIES):
            party = Party(name=f"Parti {number}", created_at=work.now)
            work.session.add(party)
            work.session.flush()
            for role in (RoleKind.CONTACT, RoleKind.DEPUTY, *[RoleKind.OFFICIAL] * OFFICIALS):
                self._person(work, f"{role} {number}", role, party.id)
        for number in range(20):
            self._person(work, f"valarbetare {number}", RoleKind.HELPER, task="election")

    def _person(self, work: Work, name: str, role: str, party: int | None = None, task: str = "") -> None:
        person = Person(name=name, language="sv", created_at=work.now)
        work.session.add(person)
        work.session.flush()
        number = person.id or 0
        work.session.add(Role(person_id=number, kind=role, party_id=party, task=task, since=work.now))
        work.session.add(Account(person_id=number, platform="telegram", team="", user=str(number), state="active",
                                 linked_at=work.now, seen_at=work.now))  # fmt: skip
        work.session.flush()

    def _meetings(self, work: Work) -> None:
        """The council and each committee every second week, but for July."""
        everybody = audience.to_json(Audience((RoleKind.CONTACT, RoleKind.DEPUTY, RoleKind.OFFICIAL)))
        rows = []
        for week in range(0, 52, 2):
            for day, (title, kind) in enumerate(
                [("Fullmäktige", "council"), *((name, "committee") for name in COMMITTEES)]
            ):
                at = (BEGIN + timedelta(days=4 + 7 * week + day)).replace(hour=18)
                if at.month != 7:
                    rows.append(Meeting(title=title, kind=kind, starts_at=at.astimezone(UTC), audience=everybody,
                                        created_at=work.now))  # fmt: skip
        work.session.add_all(rows)
        work.session.flush()
        planner.of_meetings(work, rows)

    def live(self) -> None:
        """Let everything happen when it is due; who is asked to read something reads it."""
        while True:
            with self.database.transaction() as session:
                due = deadlines.nearest(session)
                if due is None or due >= END:
                    return
                self.now = max(self.now, due)
                row = deadlines.due(session, self.now)
                assert row is not None
                work = Work(session, self.now, self.house)
                happen(work, row)
                deadlines.done(row, self.now)
                self._read(work)

    def _read(self, work: Work) -> None:
        """Whoever got something presses Läst, and is heard of; the chief does what the post says."""
        for row in work.session.exec(select(Briefing).where(Briefing.state == "open")).all():
            row.state, row.acted_at = "done", work.now
        for receipt in work.session.exec(select(Receipt).where(Receipt.answer == "")).all():
            alert = work.session.get_one(Alert, receipt.alert_id)
            if alerts.asks(alert):
                alerts.answer(work, alert, receipt.person_id, "read")
                for account in work.session.exec(select(Account).where(Account.person_id == receipt.person_id)):
                    account.seen_at = work.now


@pytest.fixture(scope="module")
def year(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Year]:
    """The year, lived through once."""
    found = Year(tmp_path_factory.mktemp("year"))
    found.live()
    yield found
    found.database.close()


def unasked(year: Year) -> dict[str, dict[tuple[int, int], int]]:
    """By role and person and month: new messages. An edit of a message that is there is none."""
    found: dict[str, Counter[tuple[int, int]]] = defaultdict(Counter)
    with year.database.transaction() as session:
        roles = {role.person_id: role.kind for role in session.exec(select(Role))}
        accounts = {account.id: account.person_id for account in session.exec(select(Account))}
        drawn: set[int] = set()
        for row in session.exec(select(Outbox).where(Outbox.act == "send").order_by(col(Outbox.id))):
            if row.post_id is not None and row.post_id in drawn:
                continue
            drawn |= {row.post_id} if row.post_id is not None else set()
            person = accounts[row.account_id]
            found[roles[person]][person, row.created_at.astimezone(ZONE).month] += 1
    return {role: dict(counted) for role, counted in found.items()}


def test_an_official_gets_at_most_one_message_a_month_and_a_contact_two(year: Year) -> None:
    counted = unasked(year)
    assert max(counted["official"].values()) <= OFFICIAL
    assert max(counted["deputy"].values()) <= CONTACT
    assert max(counted["contact"].values()) == CONTACT, "else the year shows nothing"
    assert max(month for _, month in counted["contact"]) == 12


def test_the_chief_has_one_post_at_eight_on_working_days_and_nothing_beside_it_but_on_election_day(year: Year) -> None:
    with year.database.transaction() as session:
        chief = session.exec(select(Role.person_id).where(Role.kind == "chief")).one()
        [account] = session.exec(select(Account.id).where(Account.person_id == chief))
        mine = (Outbox.account_id == account, Outbox.act == "send")
        rows = [row.created_at.astimezone(ZONE) for row in session.exec(select(Outbox).where(*mine))]
    per_day = Counter(at.date() for at in rows)
    election = datetime(2026, 9, 13).date()  # noqa: DTZ001 -- a day
    assert per_day[election] >= 4, "hour by hour"
    for at in rows:
        if at.date() != election:
            assert (at.hour, at.minute) == (8, 0), at
            assert is_working_day(at.date()), at
    parts = [count for day, count in per_day.items() if day != election]
    assert max(parts) == 1, "a long post is one message still"
    assert len(parts) < 200, "none when there is nothing to say"


def test_election_workers_hear_before_and_on_the_day_and_at_no_other_time(year: Year) -> None:
    counted = unasked(year)["helper"]
    assert {month for _, month in counted} <= {8, 9}
    assert len({person for person, _ in counted}) == 20


def test_no_step_of_the_year_was_missed_and_none_went_twice(year: Year) -> None:
    with year.database.transaction() as session:
        rows = session.exec(select(Briefing).where(col(Briefing.due_at) < END)).all()
        sent = Counter(session.exec(select(Alert.briefing_id).where(col(Alert.briefing_id).is_not(None))).all())
        council = {row.id for row in session.exec(select(Meeting).where(Meeting.kind == "council"))}
        posts = Counter(session.exec(select(Post.alert_id, Post.person_id).where(Post.view == "alert")).all())
    assert not [row for row in rows if row.state == "planned" and row.helps_until < END - timedelta(days=4)]
    assert not [row for row in rows if row.state == "missed" and row.step in ("exits", "chair")]
    assert max(sent.values()) == 1
    assert max(posts.values()) == 1
    exits = [row for row in rows if row.meeting_id in council and row.step == "exits"]
    assert {row.state for row in exits} == {"sent", "skipped"}
    assert {row.reason for row in exits if row.state == "skipped"} == {"budget"}
