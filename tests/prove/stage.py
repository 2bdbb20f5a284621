"""The stage: both platforms' servers, a municipality in one database, and the people who play."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from cryptography.fernet import Fernet
from sqlmodel import Session

from bot.playground.slack import SlackPlayground
from bot.playground.telegram import TelegramPlayground
from storage import migrate
from storage.database import Database
from storage.tables import Account, Municipality, Party, Person, Role
from tests.prove.persons import Player, SlackPlayer, TelegramPlayer
from tests.prove.stores import Store

TOKEN = "123456:prove"


@dataclass
class Stage:
    """Use it as `async with Stage(folder, store) as stage`; the bot itself is not on it."""

    folder: Path
    store: Store
    key: str = field(default_factory=lambda: Fernet.generate_key().decode())

    async def __aenter__(self) -> Self:
        self.telegram = TelegramPlayground(token=TOKEN)
        self.slack = SlackPlayground()
        await self.telegram.start()
        await self.slack.start()
        await asyncio.to_thread(migrate.upgrade, self.store.url)
        self._cast()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.telegram.stop()
        await self.slack.stop()

    @property
    def environment(self) -> dict[str, str]:
        """What the bot reads its settings from."""
        return {
            "TRYGGVAG_DATABASE_URL": self.store.url,
            "TRYGGVAG_ENCRYPTION_KEYS": self.key,
            "TRYGGVAG_TELEGRAM__TOKEN": TOKEN,
            "TRYGGVAG_TELEGRAM__BASE_URL": self.telegram.base_url,
            "TRYGGVAG_SLACK__BOT_TOKEN": self.slack.bot_token,
            "TRYGGVAG_SLACK__APP_TOKEN": self.slack.app_token,
            "TRYGGVAG_SLACK__BASE_URL": self.slack.base_url,
        }

    def open(self) -> Database:
        """The database, for reading; no bot may be writing."""
        return Database(self.store.url, [self.key])

    @property
    def unit(self) -> list[Player]:
        """The security unit: one on each platform."""
        return [self.chief, self.officer]

    @property
    def contacts(self) -> list[Player]:
        """Those who flag: one on each platform, of different parties."""
        return [self.alva, self.bo]

    def at_rest(self) -> bool:
        """Whether nothing is on its way in or out."""
        sockets = self.slack.space.sockets
        # A press whose socket is gone comes to nothing; everything else still does.
        coming = [d for d in sockets.unacked.values() if d.kind == "events_api" or d.holder in sockets.open]
        return not self.telegram.pending and not coming and self.store.settled()

    def _cast(self) -> None:
        database = self.open()
        with database.transaction() as session:
            session.add(
                Municipality(
                    name="Lönnköping",
                    timezone="Europe/Stockholm",
                    languages=["sv"],
                    public_number="+46846500410",
                    staffed="dygnet runt",
                    created_at=datetime.now(UTC),
                )
            )
            self.chief = self._telegram(session, "Siv Almgren", "chief", "")
            self.officer = self._slack(session, "Nils Ek", "officer", "")
            self.alva = self._telegram(session, "Alva Berg", "contact", "Bokpartiet")
            self.bo = self._slack(session, "Bo Lind", "contact", "Cykelpartiet")
        database.close()

    def _telegram(self, session: Session, name: str, role: str, party: str) -> Player:
        human = self.telegram.person(name)
        human.room.opened = True  # they have all met the bot before
        user = str(human.id)
        return TelegramPlayer(name, enrol(session, name, role, party, "telegram", "", user), self.telegram, human)

    def _slack(self, session: Session, name: str, role: str, party: str) -> Player:
        human = self.slack.person(name)
        number = enrol(session, name, role, party, "slack", self.slack.space.team, human.id)
        return SlackPlayer(name, number, self.slack, human)


def enrol(session: Session, name: str, role: str, party: str, platform: str, team: str, user: str) -> int:
    """Store a person with a role and an account; returns the person's id."""
    now = datetime.now(UTC)
    person = Person(name=name, language="sv", created_at=now)
    its_party = Party(name=party, created_at=now) if party else None
    session.add_all([person, *([its_party] if its_party else [])])
    session.flush()
    assert person.id is not None
    session.add(Role(person_id=person.id, kind=role, party_id=its_party.id if its_party else None, since=now))
    session.add(Account(person_id=person.id, platform=platform, team=team, user=user, state="active", linked_at=now))
    session.flush()
    return person.id
