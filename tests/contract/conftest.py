"""The town of every contract test: everybody is let in already, on one platform or on both."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import pytest
from sqlalchemy import func, inspect
from sqlmodel import Session, SQLModel, select

from bot.handlers.slack import SlackChannel
from bot.handlers.telegram import TelegramChannel
from bot.playground.seat import Seat, Seen, SlackSeat, TelegramSeat
from bot.playground.slack_people import Channel
from bot.playground.telegram_people import Group
from bot.playground.town import Town
from storage.tables import Account, Incident, KeptEvent, Outbox

T = TypeVar("T")
PLATFORMS = ("telegram", "slack")
CODE = re.compile(r"\b[A-Z2-9]{4}-[A-Z2-9]{4}-[A-Z2-9]{4}\b")
PUBLIC, NIGHT = "08-465 004 10", "08-465 004 99"
BOOKS, CONES = "Bokpartiet", "Kottepartiet"


@dataclass
class House(Town):
    """The unit is Siv and Omar; Alva, Dag and Oda are of Bokpartiet, Kim of Kottepartiet, Ida of no party."""

    chair: Seat = field(init=False, repr=False)  # of the council's meeting, in the tests that have one
    guard: Seat = field(init=False, repr=False)

    async def everybody(self) -> None:
        """Let everybody in, on the first platform."""
        here = self.platform
        seats = await self.members(
            [
                ("Siv Almgren", here, "chief", ""),
                ("Omar Lind", here, "officer", ""),
                ("Alva Berg", here, "contact", BOOKS),
                ("Dag Ek", here, "deputy", BOOKS),
                ("Oda Ros", here, "official", BOOKS),
                ("Kim Holm", here, "contact", CONES),
                ("Ida Sten", here, "official", ""),
            ]
        )
        self.chief, self.officer, self.contact, self.deputy, self.official, self.neighbour, self.loner = seats

    @property
    def everyone(self) -> tuple[Seat, ...]:
        """Whom `everybody` let in."""
        first = (self.chief, self.officer, self.contact, self.deputy)
        return (*first, self.official, self.neighbour, self.loner)

    @property
    def platform(self) -> str:
        """The first platform of the town."""
        return self.platforms[0]

    async def linked(self, name: str, role: str, party: str = "", *, on: str = "", language: str = "") -> Seat:
        """Somebody who has been let in; the same name again is the same person's next account."""
        return await self.member(name, on or self.platform, role, party, language=language)

    def newcomer(self, name: str, *, on: str = "") -> Seat:
        """Somebody whom the bot has never heard of."""
        return self.seat(name, on or self.platform)

    def _at_rest(self) -> bool:
        return super()._at_rest() and not any(map(busy, self.app.channels))

    # What people do

    async def flag_now(self, who: Seat) -> None:
        """Raise an incident that happens now, and answer none of the questions."""
        await who.command("flagga")
        await who.press("Händer nu")

    async def flag_attempt(self, who: Seat) -> None:
        """Try everything that a person without rights may think of."""
        await who.write("Hjälp, någon är här")
        await who.command("flagga")
        await self.forge(who, "a.now.0")

    async def flag_later(self, who: Seat, imminence: str = "På gång", what: str = "Klotter på dörren") -> None:
        """Flag the thorough way, and send it."""
        await self.flag_up_to_summary(who, imminence, what)
        await who.press("Skicka till enheten")

    async def flag_up_to_summary(self, who: Seat, imminence: str, what: str, party: str = "Bara enheten") -> None:
        """Answer everything but the summary; an official of a party also says who sees it."""
        await who.command("flagga")
        await who.press(imminence)
        if imminence == "Har hänt":
            await who.press("Nej")
        await who.press("Vet inte")
        await who.write(what)
        for _ in range(3):
            await who.press("Hoppa över")
        if who is self.official:
            await who.press(party)

    async def end_role(self, who: Seat) -> None:
        """Let the chief end the person's only role, from chat."""
        await self.chief.command("personer")
        await self.chief.press(who.name)
        await self.chief.press(next(label for label in self.chief.last.labels if label.startswith("Avsluta:")))
        await self.chief.press("Ja, gör det")

    async def shut_out(self, who: Seat) -> None:
        """Let the chief shut the person's accounts out, from chat."""
        await self.chief.command("personer")
        await self.chief.press(who.name)
        await self.chief.press("Stäng ute konton")
        await self.chief.press("Ja, gör det")

    async def close(self, who: Seat, sentence: str, number: int = 1) -> None:
        """Let an officer close an incident with a sentence."""
        await who.command("arende", str(number))
        await who.press("Avsluta")
        await who.write(sentence)
        await who.press("Ja, avsluta")

    async def answer(self, who: Seat, words: str, number: int = 1) -> None:
        """Let an officer write to the reporter through "Svara"."""
        await who.command("arende", str(number))
        await who.press("Svara")
        await who.write(words)

    async def forge(self, who: Seat, token: str, on: Seen | None = None) -> None:
        """Press a button that nobody drew for this person."""
        message = (on or who.last).native
        if isinstance(who, SlackSeat):
            await who.human.press_value(message, "press:0", token)
        else:
            assert isinstance(who, TelegramSeat)
            await who.human.press_data(message, token)
        await who.rest()

    async def told(self, who: Seat, act: Awaitable[None]) -> str:
        """All that the person is shown because of it: messages, new or changed, and what a press answers."""
        who.news()
        before = len(self.telegram.presses)
        await act
        toasts = [press.toast or "" for press in self.telegram.presses[before:]]
        return "\n".join([*who.news(), *toasts])

    async def shared(self, *members: Seat, public: bool = False) -> Place:
        """A private channel or group without the bot; the first member owns it."""
        if isinstance(members[0], SlackSeat):
            channel = self.slack.channel("vakten", private=not public, members=[m.human for m in members])
            return Place(self, channel)
        name = "alla_kan_se" if public else None
        return Place(self, self.telegram.group("vakten", [m.human for m in members], username=name))

    # What is stored

    async def look(self, at: Callable[[Session], T]) -> T:
        """Read in the bot's own database."""
        return await self.app.database.run(at)

    async def rows(self) -> dict[str, int]:
        """How many rows each table has."""
        return await self.look(count_rows)

    async def incident(self, number: int = 1) -> Incident:
        """An incident as it is stored now."""
        return await self.look(lambda session: session.get_one(Incident, number))

    async def all(self, table: type[T]) -> list[T]:
        """Every row of a table, in the order of their keys."""
        return await self.look(lambda session: list(session.exec(select(table).order_by(*inspect(table).primary_key))))

    async def account(self, seat: Seat) -> Account:
        """The stored account behind a seat."""
        return next(a for a in await self.all(Account) if (a.platform, a.user) == (seat.platform, seat.user))

    async def unsettled(self) -> list[Outbox]:
        """What should have been sent and is not known to have arrived."""
        return [row for row in await self.all(Outbox) if row.state != "delivered"]

    async def nothing_kept(self) -> bool:
        """Whether no event met an unexpected error."""
        return not await self.all(KeptEvent)


@dataclass
class Place:
    """A channel or group, the same on both platforms."""

    town: House
    native: Channel | Group

    def join(self, who: Seat) -> None:
        """Let somebody in who has had nothing to do with the bot."""
        human: Any = who.human
        self.native.join(human)
        who.open_chat()

    async def add_bot(self, by: Seat) -> None:
        """Put the bot in."""
        await self.native.add_bot(by.human)
        await self.town.quiet()

    async def write(self, who: Seat, text: str) -> None:
        """Write in the place."""
        await self.native.write(who.human, text)
        await self.town.quiet()

    async def press(self, who: Seat, label: str) -> None:
        """Press a button of the newest message in the place."""
        await self.native.press(who.human, self.messages[-1].native, label)
        await self.town.quiet()

    @property
    def has_bot(self) -> bool:
        """Whether the bot is in it."""
        if isinstance(self.native, Channel):
            return self.native.has_bot
        return self.native.room.bot_status in ("member", "administrator")

    @property
    def messages(self) -> list[Seen]:
        """What the bot wrote for everybody there."""
        if isinstance(self.native, Channel):
            return [Seen(m.plain, tuple(m.labels), m) for m in self.native.messages if not m.ephemeral]
        return [Seen(m.text, tuple(m.labels), m) for m in self.native.messages]


def busy(channel: Any) -> bool:
    """Whether an adapter is still telling somebody something beside the outbox."""
    if isinstance(channel, SlackChannel):
        return channel.busy
    assert isinstance(channel, TelegramChannel)
    return bool(channel._answers._tasks)


def count_rows(session: Session) -> dict[str, int]:
    """How many rows each table has."""
    tables = SQLModel.metadata.sorted_tables
    return {t.name: session.execute(select(func.count()).select_from(t)).scalar_one() for t in tables}


def code_in(seen: Seen) -> str:
    """The code in a letter of invitation."""
    found = CODE.search(seen.text)
    assert found, seen.text
    return found[0]


def swedish(month: int, day: int, hour: int, minute: int = 0) -> datetime:
    """A time of the winter of 2026 by the clocks of Sweden."""
    return datetime(2026, month, day, hour - 1, minute, tzinfo=UTC)


def bare(text: str) -> str:
    """The text with every number written in one way, for the platforms write them differently."""
    return text.replace("+46 8 ", "08-").replace("+468", "08-").replace("\xa0", " ")


Build = Callable[..., AsyncIterator[House]]


@pytest.fixture(params=PLATFORMS)
def platform(request: pytest.FixtureRequest) -> str:
    """Each test once on Telegram and once on Slack."""
    return str(request.param)


@pytest.fixture
async def town(platform: str, tmp_path: Path) -> AsyncIterator[House]:
    """Everybody on one platform."""
    async with House(tmp_path, platforms=(platform,)) as house:
        await house.everybody()
        yield house


@pytest.fixture
async def both(platform: str, tmp_path: Path) -> AsyncIterator[House]:
    """A town with both platforms; everybody is on the first one, whichever it is."""
    other = next(name for name in PLATFORMS if name != platform)
    async with House(tmp_path, platforms=(platform, other)) as house:
        await house.everybody()
        yield house
