"""An alert to many people beside what others would write: messages a second, processor time, the platform's limit."""

from __future__ import annotations

import asyncio
import os
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import psutil
from cryptography.fernet import Fernet
from sqlmodel import Session, select

from bot.catalogue import Catalogue
from bot.commands import Audience, Level
from bot.services import alerts, audience, escalation_plan, menus
from bot.services.work import Work, read_house
from storage import migrate
from storage.database import Database
from storage.tables import Account, Alert, Municipality, Outbox, Party, Person, Role
from tests.bench.process import UNPACED, WHOLE, end

PEERS = Path(".venv-bench/bin/python")  # `make bench` makes it
TOKEN = "123456789:AAbbCCddEEffGGhhIIjjKKllMMnnOOppQQr"
FIRST = 6_100_000_000
PATIENCE = 600.0


@dataclass
class Sink:
    """The local server that everybody sends to."""

    port: int
    client: aiohttp.ClientSession

    @property
    def base_url(self) -> str:
        """As the settings name it."""
        return f"http://127.0.0.1:{self.port}/bot"

    async def begin(self, limit: int = 0) -> None:
        """Forget what came; hold the sender to so many a second."""
        async with self.client.post(f"http://127.0.0.1:{self.port}/limit/{limit}"):
            pass

    async def seen(self) -> dict[str, Any]:
        """When each chat got what, and how many were refused."""
        async with self.client.get(f"http://127.0.0.1:{self.port}/seen") as answer:
            return dict(await answer.json())


@asynccontextmanager
async def sink() -> AsyncIterator[Sink]:
    """The server, in a process of its own."""
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", "tests.bench.sink", stdout=PIPE)
    assert process.stdout is not None
    port = int((await process.stdout.readline()).decode())
    async with aiohttp.ClientSession() as client:
        try:
            yield Sink(port, client)
        finally:
            await end(process)


@dataclass
class Crowd:
    """A municipality with many contacts on Telegram, and what waits to be sent to them."""

    folder: Path
    size: int
    few: int = 300  # of them are elected officials too, whom an emergency is for
    key: str = field(default_factory=lambda: Fernet.generate_key().decode())

    def __post_init__(self) -> None:
        migrate.upgrade(self.url)
        self.database = Database(self.url, [self.key])
        with self.database.transaction() as session:
            self._fill(session, datetime.now(UTC))

    @property
    def url(self) -> str:
        """The database."""
        return f"sqlite:///{self.folder / 'fanout.db'}"

    @property
    def chats(self) -> list[str]:
        """Everybody's chat."""
        return [str(FIRST + number) for number in range(self.size)]

    def environment(self, base_url: str) -> dict[str, str]:
        """The settings of the bot that sends."""
        return {
            "TRYGGVAG_DATABASE_URL": self.url, "TRYGGVAG_ENCRYPTION_KEYS": self.key,
            "TRYGGVAG_TELEGRAM__TOKEN": TOKEN, "TRYGGVAG_TELEGRAM__BASE_URL": base_url,
        }  # fmt: skip

    def _fill(self, session: Session, now: datetime) -> None:
        session.add(
            Municipality(name="Lönnköping", timezone="Europe/Stockholm", languages=["sv", "en"],
                         public_number="+46846500410", staffed="dygnet runt", created_at=now)
        )  # fmt: skip
        parties = [Party(name=f"Parti {number}", created_at=now) for number in range(9)]
        people = [Person(name=f"Kontakt {number}", language="sv", created_at=now) for number in range(self.size)]
        author = Person(name="Siv", language="sv", created_at=now)
        session.add_all([*parties, *people, author])
        session.flush()
        session.add(Role(person_id=author.id or 0, kind="chief", since=now))
        for number, person in enumerate(people):
            party = parties[number % len(parties)].id
            if number % (self.size // self.few or 1) == 0:
                session.add(Role(person_id=person.id or 0, kind="official", party_id=party, since=now))
            session.add(Role(person_id=person.id or 0, kind="contact", party_id=party, since=now))
            session.add(
                Account(person_id=person.id or 0, platform="telegram", team="", user=str(FIRST + number),
                        state="active", linked_at=now)
            )  # fmt: skip
        self.author = author.id or 0
        session.flush()
        self._menus(session, now)

    def _menus(self, session: Session, now: datetime) -> None:
        """Everybody has the menu of commands since long ago, so that no start has to set it."""
        work = Work(session, now, read_house(session, Catalogue(), escalation_plan.load()))
        for account in session.exec(select(Account)).all():
            session.add(
                Outbox(created_at=now, not_before=now, platform="telegram", team="", chat=account.user,
                       account_id=account.id, act="menu", purpose="info", priority=5, state="delivered",
                       ref=menus.reference(account, menus.entries(work, account)), settled_at=now)
            )  # fmt: skip

    def alert(self, level: Level, headline: str, role: str = "contact") -> None:
        """Send a broadcast; what does not fit in the first transaction is left to the bot."""
        with self.database.transaction() as session:
            work = Work(session, datetime.now(UTC), read_house(session, Catalogue(), escalation_plan.load()))
            alert = Alert(
                level=level, headline=headline, text="Gå inte dit. Polisen är på plats.", ask="read", minutes=15,
                audience=audience.to_json(Audience(roles=(role,))), author_id=self.author, created_at=work.now,
            )  # fmt: skip
            session.add(alert)
            session.flush()
            alerts.send(work, alert)


@dataclass(frozen=True)
class Result:
    """How fast it went: messages a second from the first to the last, and processor seconds for each."""

    rate: float
    cpu: float
    refused: int = 0


async def ours(place: Sink, crowd: Crowd) -> Result:
    """The bot, durable as always: it starts, finds what waits, and sends it as fast as it can."""
    await place.begin()
    crowd.alert(Level.WARNING, "Skolgatan är avspärrad")
    async with bot(place, crowd, UNPACED) as process:
        return await _measured(place, process, crowd.size)


async def within_limit(place: Sink, crowd: Crowd, limit: int) -> Result:
    """The bot as it runs, at a server that refuses what is above the limit."""
    await place.begin(limit)
    crowd.alert(Level.WARNING, "Skolgatan är avspärrad")
    async with bot(place, crowd, WHOLE) as process:
        return await _measured(place, process, crowd.size)


async def overtaking(place: Sink, crowd: Crowd, limit: int) -> list[int]:
    """How many of an emergency's readers have it in each second since the first, while thousands wait for less."""
    await place.begin(limit)
    crowd.alert(Level.INFORMATION, "Inför valet")
    async with bot(place, crowd, WHOLE) as process:
        await _until(place, process, lambda seen: len(seen["came"]) >= min(limit, crowd.size // 2))
        crowd.alert(Level.EMERGENCY, "Utrym stadshuset", "official")
        await _until(place, process, lambda seen: len(_emergencies(seen)) >= crowd.few)
        times = _emergencies(await place.seen())
    began = times[0]
    return [sum(second <= at - began < second + 1 for at in times) for second in range(int(times[-1] - began) + 1)]


def _emergencies(seen: dict[str, Any]) -> list[float]:
    return sorted(at for messages in seen["came"].values() for at, text in messages if "AKUT" in text)


@asynccontextmanager
async def bot(place: Sink, crowd: Crowd, command: tuple[str, ...]) -> AsyncIterator[Process]:
    """The bot, in a process of its own."""
    environment = {**os.environ, **crowd.environment(place.base_url)}
    process = await asyncio.create_subprocess_exec(
        sys.executable, *command, env=environment, stdout=asyncio.subprocess.DEVNULL
    )
    try:
        yield process
    finally:
        await end(process)


async def peer(place: Sink, crowd: Crowd, kind: str, at_once: int) -> Result:
    """Another library, with nothing kept."""
    await place.begin()
    file = crowd.folder / "chats"
    file.write_text("\n".join(crowd.chats))
    arguments = ("tests/bench/peer.py", kind, place.base_url, TOKEN, str(file), str(at_once))
    process = await asyncio.create_subprocess_exec(str(PEERS), *arguments)
    try:
        return await _measured(place, process, crowd.size)
    finally:
        await end(process)


async def _measured(place: Sink, process: Process, size: int) -> Result:
    """Wait until everybody has it. The processor time of the start, before the first message, does not count."""
    watched = psutil.Process(process.pid)
    await _until(place, process, lambda seen: bool(seen["came"]), look=0.05)
    began = used = _cpu(watched)

    def over(seen: dict[str, Any]) -> bool:
        nonlocal used
        used = max(used, _cpu(watched))
        return len(seen["came"]) >= size

    seen = await _until(place, process, over)
    times = sorted(at for messages in seen["came"].values() for at, _ in messages)
    return Result((len(times) - 1) / (times[-1] - times[0]), (used - began) / len(times), seen["refused"])


async def _until(
    place: Sink, process: Process, condition: Callable[[dict[str, Any]], bool], look: float = 0.5
) -> dict[str, Any]:
    """What the server has seen, once the condition holds of it. Looking seldom leaves the processor to the others."""
    async with asyncio.timeout(PATIENCE):
        while True:
            ended = process.returncode is not None
            seen = await place.seen()
            if condition(seen):
                return seen
            assert not ended, f"it ended with {process.returncode} when {len(seen['came'])} had it"
            await asyncio.sleep(look)


def _cpu(process: psutil.Process) -> float:
    try:
        used = process.cpu_times()
    except psutil.Error:
        return 0.0
    return float(used.user + used.system)
