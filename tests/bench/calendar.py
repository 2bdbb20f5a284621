"""The calendar's plans: a year of them made, a wake-up among a million promises, two years with a thousand restarts."""

from __future__ import annotations

import random
import sqlite3
import time
from collections import Counter
from collections.abc import Coroutine, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import cycle, islice
from pathlib import Path
from statistics import median
from zoneinfo import ZoneInfo

from cryptography.fernet import Fernet
from sqlalchemy import func, update
from sqlmodel import Session, col, select

from bot.advice.library import Library
from bot.catalogue import Catalogue
from bot.clock import STANDING, happen
from bot.commands import Audience, RoleKind
from bot.plans import plan as plans
from bot.services import audience, calm, escalation_plan, morning, occasions, planner
from bot.services.work import House, Work, read_house
from storage import deadlines, migrate
from storage.database import Database
from storage.tables import Account, AgendaItem, Alert, Briefing, Meeting, Municipality, Party, Person, Post, Role

ZONE = ZoneInfo("Europe/Stockholm")
BEGIN = datetime(2026, 1, 1, tzinfo=ZONE).astimezone(UTC)
KEY = Fernet.generate_key().decode()
EVERYBODY = audience.to_json(Audience((RoleKind.CONTACT, RoleKind.DEPUTY, RoleKind.OFFICIAL)))
PARTIES = 8
LATER = timedelta(seconds=315)  # between two of a million promises, which so fill ten years
HOUR, OUTAGE = timedelta(hours=1), timedelta(minutes=20)
# Of twenty restarts: ten in a transaction, eight between two, one outage, one with the clock an hour behind meanwhile.
RESTARTS = ("torn",) * 8 + ("torn_start",) * 2 + ("between",) * 8 + ("outage", "behind")


class Torn(Exception):
    """The bot died in a transaction."""


def found(folder: Path, name: str, people: int = 0) -> str:
    """A municipality of these people, most of them officials. Returns the URL of its database."""
    url = f"sqlite:///{folder / name}"
    migrate.upgrade(url)
    database = Database(url, [KEY])
    with database.transaction() as session:
        session.add(
            Municipality(
                name="Lönnköping", timezone=ZONE.key, languages=["sv"], public_number="+46846500410",
                staffed="mån-fre 08:00-17:00", created_at=BEGIN,
            )
        )  # fmt: skip
        session.add_all([Party(name=f"Parti {n + 1}", created_at=BEGIN) for n in range(PARTIES)])
        session.flush()
        kinds = [RoleKind.CONTACT] * PARTIES + [RoleKind.DEPUTY] * PARTIES + [RoleKind.OFFICIAL] * people
        for number, kind in enumerate(kinds[:people]):
            _let_in(session, kind, party=number % PARTIES + 1)
    database.close()
    return url


def _let_in(session: Session, kind: str, party: int | None = None, task: str = "") -> None:
    person = Person(name="Kim", language="sv", created_at=BEGIN)
    session.add(person)
    session.flush()
    assert person.id is not None
    session.add(Role(person_id=person.id, kind=kind, party_id=party, task=task, since=BEGIN))
    session.add(
        Account(
            person_id=person.id, platform="telegram", team="", user=str(person.id), state="active",
            linked_at=BEGIN, seen_at=BEGIN,
        )
    )  # fmt: skip


def _house(session: Session, catalogue: Catalogue, library: Library | None = None) -> House:
    return read_house(session, catalogue, escalation_plan.load(), library)


def _meeting(kind: str, starts_at: datetime, number: int) -> Meeting:
    party = number % PARTIES + 1 if kind in plans.EVENTS else None
    whom = audience.to_json(Audience((RoleKind.CONTACT,), (party,))) if party else EVERYBODY
    return Meeting(
        title=f"{kind} {number}", kind=kind, starts_at=starts_at, audience=whom, party_id=party, created_at=BEGIN
    )


# A year's plans


def plan_year(folder: Path, meetings: int, people: int) -> tuple[float, int]:
    """Seconds to plan these meetings, as many in a transaction as the bot takes; and how many steps that makes."""
    database = Database(found(folder, "plan.db", people), [KEY])
    with database.transaction() as session:
        house = _house(session, Catalogue())
        for number, kind in enumerate(islice(cycle(("council", "committee", "square")), meetings)):
            session.add(_meeting(kind, BEGIN + timedelta(days=365) * (number + 1) / meetings, number))
    began, last = time.perf_counter(), 0
    while True:
        with database.transaction() as session:
            last = planner.everything(Work(session, BEGIN, house), last)
        if not last:
            break
    took = time.perf_counter() - began
    with database.transaction() as session:
        rows = session.exec(select(func.count()).select_from(Briefing)).one()
    database.close()
    return took, rows


# One wake-up among many promises


class Waiting:
    """A database in which so many promises wait for later years."""

    def __init__(self, folder: Path, count: int) -> None:
        name = f"{count}.db"
        url = found(folder, name)
        first = BEGIN + timedelta(days=30)
        rows = (("briefing", n, "", _written(first + n * LATER), "waiting", 0) for n in range(count))
        file = sqlite3.connect(folder / name)
        file.execute("PRAGMA synchronous=OFF")
        with file:
            names = "kind, subject, step, due_at, state, attempts"
            file.executemany(f"INSERT INTO deadline ({names}) VALUES (?, ?, ?, ?, ?, ?)", rows)
        file.close()
        self.database, self.took = Database(url, [KEY]), list[float]()
        with self.database.transaction() as session:
            self._house, self._now = _house(session, Catalogue()), BEGIN

    async def wake(self, number: int) -> None:
        """Something is due: it happens, nothing more is due, and when the next one is, as the clock goes about it."""
        self._now += timedelta(seconds=1)
        await self.database.run(deadlines.promise, calm.ASKED, number, "", self._now)
        began = time.perf_counter()
        while await self.database.run(self._happen):
            pass
        nearest = await self.database.run(deadlines.nearest)
        self.took.append(time.perf_counter() - began)
        assert nearest is not None and nearest > self._now

    def _happen(self, session: Session) -> bool:
        row = deadlines.due(session, self._now)
        if row is None:
            return False
        happen(Work(session, self._now, self._house), row)
        deadlines.done(row, self._now)
        return True


def _written(at: datetime) -> str:
    """As SQLAlchemy writes it."""
    return at.strftime("%Y-%m-%d %H:%M:%S.%f")


async def wakeups(folder: Path, many: int, few: int, rounds: int) -> tuple[float, float]:
    """Median seconds of a wake-up among many promises and among few, in turn."""
    both = [Waiting(folder, many), Waiting(folder, few)]
    for number in range(1, rounds + 1):
        for one in both if number % 2 else both[::-1]:
            await one.wake(number)
    for one in both:
        one.database.close()
    return median(both[0].took), median(both[1].took)


# Two years with restarts


class Years:
    """A municipality and its bot, which is restarted again and again; the clock is ours."""

    def __init__(self, folder: Path, days: int, restarts: int) -> None:
        self._url = found(folder, "years.db", 4 * PARTIES)
        self._days, self._restarts, self._dice = days, restarts, random.Random(2026)
        self._catalogue, self._library = Catalogue(), Library()
        self._now, self._dies = BEGIN, False

    async def live(self) -> None:
        """All of it."""
        await self._open()
        await self._database.run(self._fill)
        kinds = list(islice(cycle(RESTARTS), self._restarts))
        self._dice.shuffle(kinds)
        doings = {"torn": self._torn, "torn_start": self._torn_start, "between": self._again, "outage": self._outage,
                  "behind": self._behind}  # fmt: skip
        for at, kind in zip(await self._database.run(self._moments), kinds, strict=True):
            await self._until(at)
            await doings[kind]()
        await self._until(BEGIN + timedelta(days=self._days))

    def _fill(self, session: Session) -> None:
        """The council every second week, two committees with a case, now and then a party in a square."""
        work = Work(session, self._now, self._house)
        for task in ("election",) * 4 + ("chair",):
            _let_in(session, RoleKind.HELPER, task=task)
        for kind in (RoleKind.CHIEF, RoleKind.OFFICER):
            _let_in(session, kind)
        rows = [_meeting(kind, at, number) for number, (kind, at) in enumerate(_calendar(self._days))]
        session.add_all(rows)
        session.flush()
        for row in rows:
            if row.kind == "committee":
                session.add(AgendaItem(meeting_id=occasions.id_of(row), place=1, title="Skolan läggs ner"))
        planner.of_meetings(work, rows)

    def _moments(self, session: Session) -> Sequence[datetime]:
        """When it is restarted: half at any time, half just before a message is due."""
        end = BEGIN + timedelta(days=self._days)
        due = [row.due_at for row in session.exec(select(Briefing)) if self._is_message(row) and row.due_at < end]
        any_time = [BEGIN + (end - BEGIN) * self._dice.random() for _ in range(self._restarts // 2)]
        rest = range(self._restarts - len(any_time))
        return sorted(any_time + [self._dice.choice(due) - OUTAGE * self._dice.random() for _ in rest])

    def _is_message(self, row: Briefing) -> bool:
        plan = self._house.plans.get(row.plan)
        step = plan.step(row.step) if plan is not None else None
        return step is not None and not step.posted

    def _probe(self, _: str) -> None:
        if self._dies:
            self._dies = False
            raise Torn

    async def _open(self, *, dies: bool = False) -> None:
        """A start of the bot; and what became due while it was away. It may die in its first work."""
        self._database = Database(self._url, [KEY], self._probe)
        self._house = await self._database.run(_house, self._catalogue, self._library)
        self._dies = dies
        await self._database.run(self._keep)
        while await self._one():
            pass

    def _keep(self, session: Session) -> None:
        work = Work(session, self._now, self._house)
        for keep in STANDING:
            keep(work)

    async def _one(self) -> bool:
        """One transaction, as the clock's; and the chief does what the morning's post says."""
        kind = await self._database.run(self._happen)
        if kind == morning.ROUND:
            await self._database.run(self._press)
        return kind is not None

    def _happen(self, session: Session) -> str | None:
        row = deadlines.due(session, self._now)
        if row is None:
            return None
        happen(Work(session, self._now, self._house), row)
        deadlines.done(row, self._now)
        return row.kind

    def _press(self, session: Session) -> None:
        session.execute(update(Briefing).where(col(Briefing.state) == "open").values(state="done", acted_at=self._now))

    async def _nearest(self) -> datetime:
        nearest = await self._database.run(deadlines.nearest)
        assert nearest is not None, "something always waits: the next morning"
        return nearest

    async def _until(self, moment: datetime) -> None:
        """Let everything happen when it is due, up to this moment."""
        while (nearest := await self._nearest()) <= moment:
            self._now = max(self._now, nearest)
            await self._one()
        self._now = max(self._now, moment)

    async def _again(self) -> None:
        self._database.close()
        await self._open()

    async def _torn(self) -> None:
        """It dies when it has done all but the commit of what is due next."""
        self._now = max(self._now, await self._nearest())
        self._dies = True
        await self._dying(self._one())

    async def _torn_start(self) -> None:
        self._database.close()
        await self._dying(self._open(dies=True))

    async def _dying(self, doing: Coroutine[object, object, object]) -> None:
        try:
            await doing
        except Torn:
            await self._again()
        else:
            raise AssertionError("it should have died")

    async def _outage(self) -> None:
        """It is away for up to twenty minutes, mostly just when something is due."""
        await self._until(max(self._now, await self._nearest() - OUTAGE * self._dice.random()))
        self._now += OUTAGE * self._dice.random()
        await self._again()

    async def _behind(self) -> None:
        """When something has happened the clock falls an hour back, and is put right an hour later."""
        await self._until(await self._nearest())
        right = self._now
        self._now -= HOUR
        await self._again()
        await self._until(right)
        self._now = right + HOUR
        await self._again()

    async def result(self) -> dict[str, int]:
        """What went out, what did not and should have, and what went out twice."""
        found = await self._database.run(self._counted)
        self._database.close()
        return found

    def _counted(self, session: Session) -> dict[str, int]:
        rows = list(session.exec(select(Briefing)))
        alerts = Counter(session.exec(select(Alert.briefing_id).where(col(Alert.briefing_id).is_not(None))).all())
        posts = Counter(session.exec(select(Post.alert_id, Post.person_id).where(Post.view == "alert")).all())
        over = [row for row in rows if self._is_message(row) and row.helps_until <= self._now]
        never = sum(row.state in ("planned", "missed") for row in over)
        unplanned = set(self._wanted(session)) - {(row.meeting_id, row.plan, row.step) for row in rows}
        return {
            "briefings_sent": len(alerts),
            "briefings_missed": never + len(unplanned),
            "briefings_doubled": sum(count > 1 for count in (*alerts.values(), *posts.values())),
        }

    def _wanted(self, session: Session) -> Iterator[tuple[int, str, str]]:
        """Every message that the plans have for what is in the calendar, and that could still help."""
        for meeting in session.exec(select(Meeting)):
            for plan in self._house.plans.of(meeting.kind):
                for step in plan.steps:
                    if not step.posted and plans.helps_until(step, meeting.starts_at, ZONE) > meeting.created_at:
                        yield occasions.id_of(meeting), plan.name, step.key


def _calendar(days: int) -> Iterator[tuple[str, datetime]]:
    for day in range(4, days, 14):
        for kind, after in (("council", 0), ("committee", 1), ("committee", 2), *((("square", 5),) * (day % 4 == 0))):
            yield kind, (BEGIN.astimezone(ZONE) + timedelta(days=day + after)).replace(hour=18).astimezone(UTC)


async def restarted(folder: Path, days: int, restarts: int) -> dict[str, int]:
    """How many briefings went out in these days, were missed, and went out twice, with so many restarts."""
    years = Years(folder, days, restarts)
    await years.live()
    return await years.result()
