"""What looks after the bot: health, the watchdog, the heartbeat, and loops that are never left dead."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import aiohttp
import pytest
from aiohttp import web
from sqlalchemy.exc import OperationalError

from bot import health as healths
from bot import watchdog as watchdogs
from bot.channels import Channel
from bot.events import Platform
from bot.health import Health, Readiness
from bot.heartbeat import Heartbeat
from bot.loops import kept
from bot.network import Network
from bot.watchdog import Watchdog
from storage import migrate
from storage.database import Database
from tests.storage.conftest import KEY

SECRET = "hemlig-nyckel"


@dataclass
class Seconds:
    """A monotonic clock that is moved."""

    at: float = 1000.0

    def __call__(self) -> float:
        return self.at


@dataclass
class Line:
    """A way in, as far as the watchdog sees it."""

    platform: Platform = Platform.SLACK
    heard_at: float | None = 1000.0
    revivals: list[float] = field(default_factory=list)
    seconds: Seconds = field(default_factory=Seconds)
    error: Exception | None = None
    hangs: bool = False

    async def revive(self) -> None:
        """Connect anew."""
        self.revivals.append(self.seconds.at)
        if self.error is not None:
            raise self.error
        if self.hangs:
            await asyncio.Event().wait()


@dataclass
class Rig:
    """A bot's health on a real database, with ways in that are told what to do."""

    database: Database
    seconds: Seconds = field(default_factory=Seconds)
    up: dict[Platform, Line] = field(default_factory=dict)
    counted: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        up = cast("dict[Platform, Channel]", self.up)
        self.health = Health(self.database, ("telegram", "slack"), up, self.seconds)
        self.watchdog = Watchdog(up.values, self.health, self.counted.append, self.seconds)

    def line(self, platform: Platform = Platform.SLACK, **more: Any) -> Line:
        """One that is up, heard just now."""
        line = Line(platform, seconds=self.seconds, **{"heard_at": self.seconds.at, **more})
        self.up[platform] = line
        return line


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("alive") / "bot.db"
    migrate.upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture
async def rig(file: Path) -> AsyncIterator[Rig]:
    rig = Rig(Database(f"sqlite:///{file}", [KEY]))
    yield rig
    await rig.health.stop()
    rig.database.close()


@pytest.fixture
def stuck(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], None]]:
    """Makes the database's thread stand still, until the test is over."""
    monkeypatch.setattr(healths, "PATIENCE", 0.02)
    gate = threading.Event()

    def still() -> None:
        rig.database._thread.submit(gate.wait, 30)

    yield still
    gate.set()


# Health


async def test_ready_means_the_database_answers_now_and_every_platform_is_up_and_heard(rig: Rig) -> None:
    assert not (await rig.health.ready()).ready
    rig.line(Platform.TELEGRAM, heard_at=None)  # it calls us
    slack = rig.line(Platform.SLACK)
    assert await rig.health.ready() == Readiness("ok", "current", {"telegram": "ok", "slack": "ok"})
    rig.seconds.at += 60
    assert (await rig.health.ready()).ready
    rig.seconds.at += 1
    found = await rig.health.ready()
    assert not found.ready and found.platforms == {"telegram": "ok", "slack": "silent"}
    slack.heard_at = rig.seconds.at
    assert (await rig.health.ready()).ready
    del rig.up[Platform.TELEGRAM]
    assert (await rig.health.ready()).platforms == {"telegram": "not up", "slack": "ok"}


@pytest.mark.parametrize(("revision", "age"), [("0001", "older"), ("9999", "newer")])
async def test_tables_of_another_version_are_not_ready(rig: Rig, revision: str, age: str) -> None:
    rig.line(Platform.TELEGRAM), rig.line(Platform.SLACK)
    with rig.database.engine.begin() as connection:
        before = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar_one()
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = ?", (revision,))
    try:
        found = await rig.health.ready()
    finally:
        with rig.database.engine.begin() as connection:
            connection.exec_driver_sql("UPDATE alembic_version SET version_num = ?", (before,))
    assert (found.ready, found.database, found.migrations) == (False, "ok", age)


async def test_a_database_that_stands_still_is_unready_at_once_and_dead_after_half_a_minute(
    rig: Rig, stuck: Callable[[], None], caplog: pytest.LogCaptureFixture
) -> None:
    rig.line(Platform.TELEGRAM), rig.line(Platform.SLACK)
    await rig.watchdog.look()
    stuck()
    found = await rig.health.ready()
    assert (found.ready, found.database, found.migrations) == (False, "does not answer", "unknown")
    assert rig.health.alive
    rig.seconds.at += 31
    await rig.watchdog.look()
    assert not rig.health.alive and not caplog.records
    rig.seconds.at += 30
    for line in rig.up.values():
        line.heard_at = rig.seconds.at
    for _ in range(3):
        await rig.watchdog.look()
    assert [record.getMessage() for record in caplog.records] == ["the database has not answered for 61 s"]


async def test_a_database_that_answers_again_is_alive_again(rig: Rig) -> None:
    rig.seconds.at += 100
    assert not rig.health.alive
    await rig.watchdog.look()
    assert rig.health.alive


async def test_a_database_that_fails_is_unready_and_the_next_question_is_asked_anew(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    rig.line(Platform.TELEGRAM), rig.line(Platform.SLACK)

    async def failing(*_: Any) -> None:
        raise OperationalError("SELECT", {}, Exception("gone"))

    with monkeypatch.context() as patch:
        patch.setattr(rig.database, "run", failing)
        assert (await rig.health.ready()).database == "does not answer"
    assert (await rig.health.ready()).ready


async def test_however_many_ask_the_database_is_asked_once_at_a_time(
    rig: Rig, stuck: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, run = 0, rig.database.run

    async def counted(*arguments: Any) -> Any:
        nonlocal asked
        asked += 1
        return await run(*arguments)

    monkeypatch.setattr(rig.database, "run", counted)
    stuck()
    await asyncio.gather(*(rig.health.ready() for _ in range(50)))
    assert asked == 1


# The watchdog


async def test_a_way_in_that_is_heard_is_left_alone_and_so_is_one_that_calls_us(rig: Rig) -> None:
    heard, posts = rig.line(Platform.TELEGRAM), rig.line(Platform.SLACK, heard_at=None)
    for _ in range(20):
        rig.seconds.at += 5
        heard.heard_at = rig.seconds.at - 40
        await rig.watchdog.look()
    assert not heard.revivals and not posts.revivals and not rig.counted


async def test_a_silent_way_in_is_replaced_within_a_minute_and_again_every_fifteen_seconds(
    rig: Rig, caplog: pytest.LogCaptureFixture
) -> None:
    line, began = rig.line(), rig.seconds.at
    for _ in range(18):
        rig.seconds.at += watchdogs.LOOK
        await rig.watchdog.look()
    assert [at - began for at in line.revivals] == [50, 65, 80]
    assert rig.counted == ["slack"] * 3
    assert caplog.records[0].getMessage() == "nothing heard from slack for 50 s; connecting anew"
    line.heard_at = rig.seconds.at
    rig.seconds.at += 40
    await rig.watchdog.look()
    assert len(line.revivals) == 3


async def test_one_that_cannot_be_replaced_is_logged_and_tried_again_and_holds_up_nobody(
    rig: Rig, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(watchdogs, "REVIVE_WITHIN", 0.02)
    hangs = rig.line(Platform.TELEGRAM, hangs=True)
    fails = rig.line(Platform.SLACK, error=OSError(SECRET))
    for _ in range(2):
        rig.seconds.at += 50
        await asyncio.wait_for(rig.watchdog.look(), 2)
    assert len(hangs.revivals) == len(fails.revivals) == 2
    assert "TimeoutError" in caplog.text and "OSError" in caplog.text and SECRET not in caplog.text


# Loops


async def test_a_loop_that_ends_is_started_again_and_said(caplog: pytest.LogCaptureFixture) -> None:
    lives = 0
    died: list[str] = []

    async def work() -> None:
        nonlocal lives
        lives += 1
        if lives == 1:
            raise ZeroDivisionError(SECRET)
        if lives > 2:
            await asyncio.Event().wait()

    task = asyncio.create_task(kept("the pump", work, died.append, rest=0))
    for _ in range(10):
        await asyncio.sleep(0)
    assert lives == 3 and died == ["the pump", "the pump"] and not task.done()
    first, second = (record.getMessage() for record in caplog.records)
    assert first.startswith("the pump ended by an error and is started again: ZeroDivisionError at test_alive.py")
    assert second == "the pump ended and is started again" and SECRET not in caplog.text
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert task.cancelled()


# The heartbeat


@dataclass
class Outside:
    """Somebody who listens for the heartbeat."""

    status: int = 200
    beats: list[str] = field(default_factory=list)

    async def hear(self, request: web.Request) -> web.Response:
        """One beat."""
        self.beats.append(request.method)
        return web.Response(status=self.status)


@pytest.fixture
async def outside() -> AsyncIterator[tuple[Outside, str]]:
    listener, app = Outside(), web.Application()
    app.router.add_route("*", "/{tail:.*}", listener.hear)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield listener, f"http://127.0.0.1:{runner.addresses[0][1]}/{SECRET}"
    await runner.cleanup()


def readiness(*answers: bool) -> Callable[[], Awaitable[Readiness]]:
    """One answer after the other; the last one stays."""
    left = list(answers)

    async def ready() -> Readiness:
        now = left.pop(0) if len(left) > 1 else left[0]
        return Readiness("ok" if now else "does not answer", "current", {})

    return ready


async def test_the_heartbeat_is_a_get_while_ready_and_silence_when_not(outside: tuple[Outside, str]) -> None:
    listener, url = outside
    heart = Heartbeat(url, Network(), readiness(True, False, True))
    async with aiohttp.ClientSession() as session:
        assert [await heart.beat(session) for _ in range(3)] == [True, False, True]
    assert listener.beats == ["GET", "GET"]


async def test_it_beats_every_minute_and_looks_sooner_while_not_ready(
    outside: tuple[Outside, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    rests: list[float] = []

    async def rest(seconds: float) -> None:
        rests.append(seconds)
        if len(rests) == 3:
            raise asyncio.CancelledError

    monkeypatch.setattr(asyncio, "sleep", rest)
    with pytest.raises(asyncio.CancelledError):
        await Heartbeat(outside[1], Network(), readiness(False, True)).run()
    assert rests == [5, 60, 60] and len(outside[0].beats) == 2


@pytest.mark.parametrize("status", [404, 500])
async def test_a_heartbeat_that_is_refused_is_logged_without_the_address(
    outside: tuple[Outside, str], status: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    outside[0].status = status
    async with aiohttp.ClientSession() as session:
        assert await Heartbeat(outside[1], Network(), readiness(True)).beat(session)
    said = [record.getMessage() for record in caplog.records if record.name == "bot.heartbeat"]
    assert said == [f"the heartbeat was answered with {status}"]
    assert SECRET not in caplog.text and outside[0].beats == ["GET"]


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/" + SECRET, "http://" + SECRET + ".invalid/", "http://[" + SECRET])
async def test_a_heartbeat_that_cannot_be_sent_is_logged_without_the_address(
    url: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with aiohttp.ClientSession() as session:
        assert await Heartbeat(url, Network(), readiness(True)).beat(session)
    assert "the heartbeat did not arrive" in caplog.text and SECRET not in caplog.text
