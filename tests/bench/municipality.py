"""An invented municipality with many linked safety contacts, on local servers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from cryptography.fernet import Fernet
from sqlmodel import Session

from bot.playground.slack import SlackPlayground
from bot.playground.telegram import TelegramPlayground
from bot.playground.telegram_people import Human
from storage import migrate
from storage.database import Database
from storage.tables import Account, Party, Person, Role
from storage.tables import Municipality as MunicipalityRow

PARTIES = 9
PATIENCE = 180.0


@dataclass
class Municipality:
    """Use it as `async with`. The bot is a child process, so that the servers share no event loop with it."""

    folder: Path
    size: int  # reporters
    key: str = field(default_factory=lambda: Fernet.generate_key().decode())
    telegram: TelegramPlayground = field(default_factory=lambda: TelegramPlayground(token="123456:bench"))
    slack: SlackPlayground = field(default_factory=SlackPlayground)
    reporters: list[Human] = field(default_factory=list)
    content: Path | None = None  # the municipality's own

    async def __aenter__(self) -> Self:
        await self.telegram.start()
        await self.slack.start()
        self.chief = self._human("Siv")
        self.reporters = [self._human(f"Kontakt {n}") for n in range(self.size)]
        await asyncio.to_thread(self._found)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.telegram.stop()
        await self.slack.stop()

    @property
    def file(self) -> Path:
        """The database."""
        return self.folder / "bench.db"

    @property
    def environment(self) -> dict[str, str]:
        """The settings, as an administrator would set them."""
        return {
            "TRYGGVAG_DATABASE_URL": f"sqlite:///{self.file}",
            "TRYGGVAG_ENCRYPTION_KEYS": self.key,
            "TRYGGVAG_TELEGRAM__TOKEN": self.telegram.token,
            "TRYGGVAG_TELEGRAM__BASE_URL": self.telegram.base_url,
            "TRYGGVAG_SLACK__BOT_TOKEN": self.slack.bot_token,
            "TRYGGVAG_SLACK__APP_TOKEN": self.slack.app_token,
            "TRYGGVAG_SLACK__BASE_URL": self.slack.base_url,
            **({"TRYGGVAG_CONTENT_DIR": str(self.content)} if self.content is not None else {}),
        }

    @property
    def polls(self) -> int:
        """How often the bot has asked for updates."""
        return sum(call.method == "getUpdates" for call in self.telegram.calls)

    def _human(self, name: str) -> Human:
        human = self.telegram.person(name)
        human.room.opened = True
        return human

    def _found(self) -> None:
        url = self.environment["TRYGGVAG_DATABASE_URL"]
        migrate.upgrade(url)
        database = Database(url, [self.key])
        with database.transaction() as session:
            self._fill(session, datetime.now(UTC))
        database.close()

    def _fill(self, session: Session, now: datetime) -> None:
        session.add(
            MunicipalityRow(
                name="Lönnköping", timezone="Europe/Stockholm", languages=["sv", "en"],
                public_number="+46846500410", staffed="dygnet runt", created_at=now,
            )
        )  # fmt: skip
        parties = [Party(name=f"Parti {n + 1}", created_at=now) for n in range(PARTIES)]
        session.add_all(parties)
        session.flush()
        self._let_in(session, now, self.chief, "chief", None)
        for number, human in enumerate(self.reporters):
            self._let_in(session, now, human, "contact", parties[number % PARTIES].id)

    def _let_in(self, session: Session, now: datetime, human: Human, role: str, party: int | None) -> None:
        person = Person(name=human.card["first_name"], language="sv", created_at=now)
        session.add(person)
        session.flush()
        assert person.id is not None
        session.add(Role(person_id=person.id, kind=role, party_id=party, since=now))
        session.add(
            Account(
                person_id=person.id,
                platform="telegram",
                team="",
                user=str(human.id),
                state="active",
                linked_at=now,
            )
        )


async def until(condition: Callable[[], bool], what: str, look: float = 0.02) -> None:
    """Return once the condition holds. Looking seldom leaves the processor to what is measured."""
    try:
        async with asyncio.timeout(PATIENCE):
            while not condition():  # noqa: ASYNC110 -- waking at each change would cost what is measured
                await asyncio.sleep(look)
    except TimeoutError:
        raise AssertionError(f"waited {PATIENCE:g} s in vain for {what}") from None
