"""A process does alone only what it surely holds, stops before its time is up, and is told when that changes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any, TypeVar

import pytest
from cryptography.fernet import Fernet
from sqlalchemy.exc import OperationalError

from bot.leases import Leases
from bot.playground.town import until
from storage.database import Database
from tests.conftest import Fresh

R = TypeVar("R")
SEND = "send:telegram"


class Time:
    """Seconds that pass when they are told to."""

    at = 1000.0

    def __call__(self) -> float:
        return self.at


class Shaky(Database):
    """A database that sometimes does not answer, or not in time."""

    broken = silent = False

    async def aside(self, work: Callable[..., R], *arguments: Any) -> R:
        if self.silent:
            await asyncio.sleep(60)
        if self.broken:
            raise OperationalError("", {}, Exception("the server is gone"))
        return await super().aside(work, *arguments)


@pytest.fixture
def url(tmp_path: Path, fresh: Fresh) -> str:
    return fresh(tmp_path)


@pytest.fixture
async def database(url: str) -> AsyncIterator[Shaky]:
    opened = Shaky(url, [Fernet.generate_key().decode()])
    yield opened
    opened.close()


async def held_by(leases: Leases) -> list[bool]:
    """Let this process want the lease; what it is told."""
    told: list[bool] = []

    async def change(held: bool) -> None:
        told.append(held)

    await leases.start()
    await leases.want(SEND, change)
    return told


@pytest.mark.sqlite
async def test_on_sqlite_the_only_process_holds_everything_for_good(database: Shaky) -> None:
    time = Time()
    leases = Leases(database, "alva", 5, time)
    assert not leases.held(SEND)
    assert await held_by(leases) == [True]
    time.at += 1_000_000
    assert leases.held(SEND)
    await leases.stop()


@pytest.mark.postgresql
async def test_the_first_holds_it_and_the_second_gets_it_when_the_first_stops(database: Shaky) -> None:
    first, second = Leases(database, "alva", 0.5), Leases(database, "bo", 0.5)
    assert (await held_by(first), first.held(SEND)) == ([True], True)
    told = await held_by(second)
    assert (told, second.held(SEND)) == ([], False)
    await first.stop()
    assert not first.held(SEND)
    await until(lambda: told == [True], "the second to be told")
    assert second.held(SEND)
    await second.stop()


@pytest.mark.postgresql
async def test_who_renews_keeps_it_for_longer_than_it_lasts(database: Shaky) -> None:
    first, second = Leases(database, "alva", 0.4), Leases(database, "bo", 0.4)
    told, other = await held_by(first), await held_by(second)
    await asyncio.sleep(1.0)
    assert (told, other) == ([True], []) and first.held(SEND)
    await first.stop()
    await second.stop()


@pytest.mark.postgresql
@pytest.mark.parametrize("how", ["broken", "silent"])
async def test_who_cannot_renew_stops_before_another_may_begin_and_is_told(
    database: Shaky, url: str, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    healthy = Database(url, [Fernet.generate_key().decode()])
    first, second = Leases(database, "alva", 0.5), Leases(healthy, "bo", 0.5)
    told = await held_by(first)
    monkeypatch.setattr(database, how, True)
    other = await held_by(second)
    both = []
    for _ in range(150):
        await asyncio.sleep(0.01)
        both.append(first.held(SEND) and second.held(SEND))
    assert not any(both), "two did it at the same time"
    assert (told, other) == ([True, False], [True]) and second.held(SEND)
    monkeypatch.setattr(database, how, False)
    await second.stop()
    await until(lambda: told == [True, False, True], "the first to get it back")
    await first.stop()
    healthy.close()


@pytest.mark.postgresql
async def test_what_could_not_change_hands_is_tried_again(database: Shaky) -> None:
    tries: list[bool] = []

    async def change(held: bool) -> None:
        tries.append(held)
        if len(tries) == 1:
            raise ConnectionError

    leases = Leases(database, "alva", 0.2)
    await leases.start()
    await leases.want(SEND, change)
    await until(lambda: tries == [True, True], "another try")
    await leases.stop()
