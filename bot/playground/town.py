"""An invented municipality on local servers, with the real bot in it: for the demo, the story and the tests."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Self

from cryptography.fernet import Fernet
from sqlmodel import Session, select

from bot.app import App, Seams
from bot.playground.elks import ElksPlayground
from bot.playground.seat import Seat, SharedSeat, SlackSeat, TelegramSeat
from bot.playground.slack import SlackPlayground
from bot.playground.telegram import TelegramPlayground
from bot.services.hours import StaffedHours
from bot.services.invitations import issue
from config.settings import Gateway, Settings, Slack, Telegram
from storage import deadlines, migrate
from storage.database import Database
from storage.tables import Account, Municipality, Party, Person, Role

PATIENCE = 10.0  # seconds for the bot to come to rest before a step is said not to have happened
UNIT_NUMBER, NIGHT_NUMBER = "+46846500410", "+46846500499"
GATEWAY_NUMBER, RECORDING = "+46766860000", "https://lonnkoping.example/ring.mp3"
TOKEN = "123456:playground"  # noqa: S105 -- an invented token
MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)  # 10.00 in Sweden, a working day


def new_database(folder: Path) -> str:
    """Where a town is stored that nobody says it of; the tests say it of all."""
    return f"sqlite:///{folder / 'town.db'}"


@dataclass
class MovableClock:
    """A clock that stands where it is put, and moves on when it is told."""

    at: datetime = MONDAY

    def now(self) -> datetime:
        """The time in town, UTC."""
        return self.at


@dataclass
class Town:
    """Lönnköping, which does not exist. Use it as `async with Town(folder) as town`."""

    folder: Path
    platforms: tuple[str, ...] = ("telegram", "slack")
    staffed: str = "mån-fre 08:00-17:00"
    night_number: str | None = NIGHT_NUMBER
    languages: tuple[str, ...] = ("sv", "en")
    clock: MovableClock = field(default_factory=MovableClock)
    seams: Seams = field(default_factory=lambda: Seams(paced=False))
    key: str = field(default_factory=lambda: Fernet.generate_key().decode())
    database_url: str = ""
    gateway: bool = False
    content: Path | None = None  # the municipality's own
    open_advice: bool = False
    seats: list[Seat] = field(default_factory=list)
    places: list[SharedSeat] = field(default_factory=list)

    async def __aenter__(self) -> Self:
        self.telegram = TelegramPlayground(token=TOKEN, username="tryggvag_bot", clock=self.clock.now)
        self.slack = SlackPlayground(clock=self.clock.now)
        self.elks = ElksPlayground()
        await self.telegram.start()
        await self.slack.start()
        if self.gateway:
            await self.elks.start()
        self.database_url = self.database_url or new_database(self.folder)
        self.chief_code = await asyncio.to_thread(self._found)
        await self.open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.app.stop()
        await self.telegram.stop()
        await self.slack.stop()
        await self.elks.stop()

    def _found(self) -> str:
        """Create the municipality and the chief's invitation, as `tryggvag init` does."""
        migrate.upgrade(self.database_url)
        database = Database(self.database_url, [self.key])
        with database.transaction() as session:
            session.add(
                Municipality(
                    name="Lönnköping",
                    timezone="Europe/Stockholm",
                    languages=list(self.languages),
                    public_number=UNIT_NUMBER,
                    night_number=self.night_number,
                    staffed=str(StaffedHours.parse(self.staffed)),
                    created_at=self.clock.now(),
                )
            )
            chief = Person(name="Siv Almgren", language=self.languages[0], created_at=self.clock.now())
            session.add(chief)
            session.flush()
            assert chief.id is not None
            code = issue(session, self.clock.now(), chief.id, role="chief")
        database.close()
        return code

    @property
    def settings(self) -> Settings:
        """What the bot is run with here."""
        telegram = Telegram.model_validate({"token": TOKEN, "base_url": self.telegram.base_url})
        slack = Slack.model_validate(
            {
                "bot_token": self.slack.bot_token,
                "app_token": self.slack.app_token,
                "base_url": self.slack.base_url,
            }
        )
        return Settings.model_validate(
            {
                "database_url": self.database_url,
                "encryption_keys": self.key,
                "gateway": self._gateway() if self.gateway else None,
                "content_dir": self.content,
                "checklists": {"open": self.open_advice},
                "telegram": telegram if "telegram" in self.platforms else None,
                "slack": slack if "slack" in self.platforms else None,
            }
        )

    def _gateway(self) -> Gateway:
        return Gateway.model_validate(
            {
                "user": self.elks.user,
                "password": self.elks.password,
                "sender": GATEWAY_NUMBER,
                "base_url": self.elks.base_url,
                "voice": True,
                "recording": RECORDING,
            }
        )

    async def open(self) -> None:
        """Start the bot."""
        self.app = App(self.settings, replace(self.seams, now=self.clock.now))
        await self.app.start()

    async def restart(self) -> None:
        """Stop the bot and start a new one on the same database."""
        await self.app.stop()
        await self.open()

    def seat(self, name: str, platform: str) -> Seat:
        """Somebody at a phone, with nothing to do with the bot yet."""
        first, _, last = name.partition(" ")
        if platform == "telegram":
            human = self.telegram.person(first, last_name=last or None)
            seat: Seat = TelegramSeat(name, self.telegram, human, self.rest, self.diary)
        else:
            seat = SlackSeat(name, self.slack, self.slack.person(name), self.rest, self.diary)
        self.seats.append(seat)
        return seat

    def place(self, title: str, platform: str, members: list[Seat]) -> SharedSeat:
        """A private channel or group with these members, and without the bot."""
        people = [seat.human for seat in members]
        if platform == "telegram":
            native: object = self.telegram.group(title, members=people)
        else:
            native = self.slack.channel(title.lower(), private=True, members=people)
        place = SharedSeat(title, native, self.rest, self.diary)
        self.places.append(place)
        return place

    async def member(self, name: str, platform: str, role: str, party: str = "", *, language: str = "") -> Seat:
        """Somebody who was let in before the story begins."""
        [seat] = await self.members([(name, platform, role, party)], language=language)
        return seat

    async def members(self, people: Sequence[tuple[str, str, str, str]], *, language: str = "") -> list[Seat]:
        """Several at once: name, platform, role and party of each."""
        seats = [self.seat(name, platform) for name, platform, _, _ in people]

        def let_in(session: Session) -> None:
            for seat, (_, _, role, party) in zip(seats, people, strict=True):
                self._let_in(session, seat, role, party, language or self.languages[0])

        for seat in seats:
            seat.open_chat()
        await self.app.database.run(let_in)
        return seats

    def _let_in(self, session: Session, seat: Seat, role: str, party: str, language: str) -> None:
        now = self.clock.now()
        person = self._person(session, seat.name, language)
        account = Account(person_id=_id(person), platform=seat.platform, team=seat.team, user=seat.user,
                          state="active", linked_at=now)  # fmt: skip
        session.add(account)
        session.flush()
        person.preferred = person.preferred or account.id
        number = self.party(session, party) if party else None
        kind, _, task = role.partition(":")  # "helper:chair"
        if not session.exec(select(Role).where(Role.person_id == person.id, Role.kind == kind)).first():
            session.add(Role(person_id=_id(person), kind=kind, party_id=number, task=task, since=now))

    def _person(self, session: Session, name: str, language: str) -> Person:
        known = [person for person in session.exec(select(Person)) if person.name == name]
        person = known[0] if known else Person(name=name, language=language, created_at=self.clock.now())
        session.add(person)
        session.flush()
        return person

    def party(self, session: Session, name: str) -> int:
        """The number of a party, which is founded if it is not there."""
        party = session.exec(select(Party).where(Party.name == name)).first()
        party = party or Party(name=name, created_at=self.clock.now())
        session.add(party)
        session.flush()
        assert party.id is not None
        return party.id

    async def advance(self, **amount: float) -> None:
        """Let time pass: `advance(minutes=3)`; what becomes due happens."""
        await self.move_to(self.clock.at + timedelta(**amount))

    async def move_to(self, at: datetime) -> None:
        """Let it be this time."""
        self.clock.at = at
        self.app.clock.ring()
        self.app.delivery.wake()
        self.app.fetching.wake()
        await self.rest()

    async def live_to(self, end: datetime) -> None:
        """Let the days pass, and everything happen when it is due."""
        while (due := await self.app.database.run(deadlines.nearest)) is not None and due < end:
            self.clock.at = max(due, self.clock.at)
            self.app.clock.ring()
            await self.quiet()
        await self.move_to(end)

    async def rest(self) -> None:
        """What every act waits for; a stage may do more."""
        await self.quiet()

    def diary(self, line: str) -> None:
        """Gets a line for everything that people do."""

    async def quiet(self) -> None:
        """Return when the bot has done all that it will do for now. Raises AssertionError if it never rests."""
        await until(self._at_rest, "the bot to come to rest")

    def _at_rest(self) -> bool:
        telegram = "telegram" not in self.platforms or not _telegram_waits(self.telegram)
        slack = "slack" not in self.platforms or not self.slack.unacked
        app = self.app
        told = not any(channel.busy for channel in app.channels)  # what is shown at once, beside the outbox
        return telegram and slack and told and app.clock.resting and app.fetching.resting and app.delivery.resting


def _telegram_waits(server: TelegramPlayground) -> bool:
    """Whether the bot has an update yet to confirm, or somebody sees a spinning button or no list yet."""
    return bool(server.pending or server.unanswered or server.unanswered_looks)


def _id(person: Person) -> int:
    assert person.id is not None
    return person.id


async def until(condition: Callable[[], bool], what: str) -> None:
    """Return once the condition has held at three looks in a row, for one thing leads to the next."""
    held = 0
    try:
        async with asyncio.timeout(PATIENCE):
            while held < 3:
                await asyncio.sleep(0.003)
                held = held + 1 if condition() else 0
    except TimeoutError:
        raise AssertionError(f"waited {PATIENCE:g} s in vain for {what}") from None
