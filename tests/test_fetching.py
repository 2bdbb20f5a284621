"""The pump that fetches files: once each, three at a time, again after trouble, and never a half one."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest
from sqlmodel import Session, select

from bot.channels import Channel, Gone, NotSent, PlatformDown, Refused, Wait
from bot.events import Platform
from bot.fetching import AT_ONCE, PIECE, Fetching
from bot.playground.town import Town, until
from storage import evidence as stored
from storage import migrate
from storage.tables import Account, Evidence, EvidenceChunk, Incident, Outbox, Person

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
PNG = b"\x89PNG\r\n\x1a\n" + bytes(30)


@dataclass
class Shelf:
    """A platform that has files; what is asked for more often than there are answers is given the last again."""

    answers: dict[str, list[bytes | Exception]]
    step: int = 1000
    asked: list[str] = field(default_factory=list)
    at_once: int = 0
    most: int = 0
    hold: asyncio.Event | None = None

    async def fetch(self, remote: str) -> AsyncIterator[bytes]:
        self.asked.append(remote)
        self.at_once += 1
        self.most = max(self.most, self.at_once)
        try:
            if self.hold is not None:
                await self.hold.wait()
            answers = self.answers[remote]
            answer = answers.pop(0) if len(answers) > 1 else answers[0]
            if isinstance(answer, Exception):
                raise answer
            for start in range(0, len(answer), self.step):
                yield answer[start : start + self.step]
                await asyncio.sleep(0)
        finally:
            self.at_once -= 1


@dataclass
class Pump:
    """The pump on the database of a town whose platforms say nothing."""

    town: Town
    shelf: Shelf
    fetching: Fetching

    async def put(self, *remotes: str, name: str = "", **more: Any) -> None:
        """Files that wait."""

        def write(session: Session) -> None:
            for remote in remotes:
                number = len(session.exec(select(Evidence)).all()) + 1
                times = {"sent_at": NOW, "received_at": NOW, "not_before": NOW}
                facts = {"number": number, **({"name": name} if name else {})}
                who = {"incident_id": 1, "person_id": 2, "account_id": 1}
                session.add(
                    Evidence(**{**who, "medium": "document", "remote": remote, "facts": facts, **times, **more})
                )

        await self.town.app.database.run(write)

    async def rows(self) -> list[Evidence]:
        return await self.town.app.database.run(lambda session: list(session.exec(select(Evidence))))

    async def chunks(self) -> int:
        return await self.town.app.database.run(lambda session: len(session.exec(select(EvidenceChunk)).all()))

    async def content(self, number: int = 1) -> bytes:
        return await self.town.app.database.run(
            lambda session: b"".join(stored.read(session, session.get_one(Evidence, number)))
        )

    async def settle(self) -> None:
        """Until there is nothing more to fetch now."""
        self.fetching.wake()
        await until(lambda: self.fetching.resting, "the pump to rest")

    async def later(self, seconds: float) -> None:
        self.town.clock.at += timedelta(seconds=seconds)
        await self.settle()


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("empty") / "town.db"
    migrate.upgrade(f"sqlite:///{file}")
    return file


@pytest.fixture
async def pump(tmp_path: Path, empty: Path) -> AsyncIterator[Pump]:
    shutil.copy(empty, tmp_path / "town.db")
    async with Town(tmp_path, platforms=("telegram",)) as town:
        await town.app.fetching.stop()
        town.app._tasks[1].cancel()
        await town.app.database.run(_somebody)
        shelf = Shelf({})
        channels = {Platform.TELEGRAM: cast(Channel, shelf)}
        fetching = Fetching(town.app.database, town.app.house, town.clock.now, town.app.delivery.wake, channels)
        task = asyncio.create_task(fetching.run())
        yield Pump(town, shelf, fetching)
        task.cancel()
        await fetching.stop()


def _somebody(session: Session) -> None:
    session.add(Person(name="Alva", language="sv", created_at=NOW))
    session.flush()
    session.add(Account(person_id=2, platform="telegram", team="", user="77", state="active", linked_at=NOW))
    session.add(Incident(imminence="now", reporter_id=2, details={}, raised_at=NOW, sent_at=NOW))


async def test_a_file_is_cut_into_even_pieces_whatever_it_comes_in(pump: Pump) -> None:
    data = PNG + bytes(range(256)) * 2500
    for step in (999, PIECE, 3 * PIECE):
        pump.shelf.step = step
        pump.shelf.answers[str(step)] = [data]
        await pump.put(str(step))
        await pump.settle()
    assert [row.state for row in await pump.rows()] == ["kept"] * 3
    assert await pump.chunks() == 9
    for number in (1, 2, 3):
        assert await pump.content(number) == data


async def test_no_more_than_three_are_fetched_at_a_time(pump: Pump) -> None:
    pump.shelf.hold = asyncio.Event()
    names = [str(number) for number in range(8)]
    pump.shelf.answers = {name: [PNG] for name in names}
    await pump.put(*names)
    pump.fetching.wake()
    await until(lambda: pump.shelf.at_once >= AT_ONCE, "three fetches")
    await asyncio.sleep(0.05)
    assert pump.shelf.asked == names[:AT_ONCE] and not pump.fetching.resting
    pump.shelf.hold.set()
    await pump.settle()
    assert pump.shelf.most == AT_ONCE and pump.shelf.asked == names
    assert {row.state for row in await pump.rows()} == {"kept"}


async def test_pauses_grow_and_are_never_longer_than_an_hour(pump: Pump) -> None:
    pump.shelf.answers = {"a": [NotSent("down")]}
    await pump.put("a")
    await pump.settle()
    pauses = []
    for _ in range(15):
        (row,) = await pump.rows()
        pauses.append((row.not_before - pump.town.clock.at).total_seconds())
        await pump.later(pauses[-1])
    assert pauses[:6] == [1, 2, 4, 8, 16, 32] and max(pauses) == 3600 and pauses == sorted(pauses)


async def test_after_a_day_of_trouble_it_is_given_up(pump: Pump) -> None:
    pump.shelf.answers = {"a": [NotSent("down")]}
    await pump.put("a")
    await pump.settle()
    await pump.later(23 * 3600)
    assert (await pump.rows())[0].state == "waiting"
    await pump.later(3600)
    (row,) = await pump.rows()
    assert (row.state, row.reason, row.claimed_by) == ("failed", "unreachable", "")


async def test_patience_is_no_failure(pump: Pump) -> None:
    pump.shelf.answers = {"a": [Wait("429", 30), PlatformDown("401"), PNG]}
    await pump.put("a")
    await pump.settle()
    await pump.later(29)
    assert len(pump.shelf.asked) == 1
    await pump.later(1)
    await pump.later(60)
    (row,) = await pump.rows()
    assert (row.state, row.attempts, len(pump.shelf.asked)) == ("kept", 0, 3)


@pytest.mark.parametrize(
    ("problem", "state", "reason"),
    [
        (Gone("expired"), "failed", "gone"),
        (Refused("no access"), "failed", "gone"),
        (Refused("too big"), "refused", "too_big"),
    ],
)
async def test_what_will_never_come_is_not_asked_for_again(
    pump: Pump, problem: Exception, state: str, reason: str
) -> None:
    pump.shelf.answers = {"a": [problem]}
    await pump.put("a")
    await pump.settle()
    await pump.later(7200)
    (row,) = await pump.rows()
    assert (row.state, row.reason, len(pump.shelf.asked)) == (state, reason, 1)


async def test_an_error_that_nobody_foresaw_is_tried_a_few_times(pump: Pump) -> None:
    pump.shelf.answers = {"a": [RuntimeError("odd")]}
    await pump.put("a")
    for _ in range(9):
        await pump.later(60)
    (row,) = await pump.rows()
    assert (row.state, row.reason, len(pump.shelf.asked)) == ("failed", "unreachable", 6)


@pytest.mark.parametrize(
    ("data", "reason"),
    [(b"", "empty"), (b"MZ" + bytes(99), "program"), (b"<html>log in</html>", "page"), (bytes(21 * 2**20), "too_big")],
)
async def test_what_is_not_taken_leaves_no_piece(pump: Pump, data: bytes, reason: str) -> None:
    pump.shelf.answers, pump.shelf.step = {"a": [data]}, PIECE
    await pump.put("a")
    await pump.settle()
    (row,) = await pump.rows()
    assert (row.state, row.reason, await pump.chunks()) == ("refused", reason, 0)


async def test_exactly_twenty_megabytes_are_taken(pump: Pump) -> None:
    pump.shelf.answers, pump.shelf.step = {"a": [bytes(20 * 2**20)]}, PIECE
    await pump.put("a")
    await pump.settle()
    assert [(row.state, row.size) for row in await pump.rows()] == [("kept", 20 * 2**20)]
    assert await pump.chunks() == 80


async def test_a_connection_that_ends_midway_starts_the_file_again(pump: Pump) -> None:
    data = PNG + bytes(3 * PIECE)

    class Breaks(Shelf):
        async def fetch(self, remote: str) -> AsyncIterator[bytes]:
            self.asked.append(remote)
            for start in range(0, len(data), PIECE):
                if len(self.asked) == 1 and start >= 2 * PIECE:
                    raise NotSent("the connection ended")
                yield data[start : start + PIECE]

    pump.fetching._channels = {Platform.TELEGRAM: cast(Channel, Breaks({}))}
    await pump.put("a")
    await pump.settle()
    assert await pump.chunks() == 2
    await pump.later(1)
    assert await pump.chunks() == 4 and await pump.content() == data


async def test_what_is_dropped_meanwhile_is_not_written_on(pump: Pump) -> None:
    pump.shelf.hold = asyncio.Event()
    pump.shelf.answers = {"a": [PNG]}
    await pump.put("a", incident_id=None)
    pump.fetching.wake()
    await until(lambda: pump.shelf.at_once > 0, "the fetch to begin")
    await pump.town.app.database.run(lambda session: stored.drop(session, session.exec(select(Evidence)).all()))
    pump.shelf.hold.set()
    await pump.settle()
    assert await pump.rows() == [] and await pump.chunks() == 0


async def test_another_process_that_took_it_over_is_not_disturbed(pump: Pump) -> None:
    pump.shelf.hold = asyncio.Event()
    pump.shelf.answers = {"a": [PNG]}
    await pump.put("a")
    pump.fetching.wake()
    await until(lambda: pump.shelf.at_once > 0, "the fetch to begin")

    def take_over(session: Session) -> None:
        stored.release(session, "bot")
        assert stored.claim(session, ["telegram"], NOW, 1, "other")

    await pump.town.app.database.run(take_over)
    pump.shelf.hold.set()
    await pump.settle()
    (row,) = await pump.rows()
    assert (row.state, row.claimed_by, await pump.chunks()) == ("waiting", "other", 0)


async def test_a_stop_midway_lets_the_next_life_begin_again_at_once(pump: Pump) -> None:
    pump.shelf.hold = asyncio.Event()
    pump.shelf.answers = {"a": [PNG]}
    await pump.put("a")
    pump.fetching.wake()
    await until(lambda: pump.shelf.at_once > 0, "the fetch to begin")
    await pump.fetching.stop()
    (row,) = await pump.rows()
    assert (row.state, row.claimed_by, row.attempts) == ("waiting", "", 0)
    pump.shelf.hold = None
    await pump.settle()
    assert (await pump.rows())[0].state == "kept"


async def test_a_database_that_does_not_answer_loses_no_outcome(pump: Pump, monkeypatch: pytest.MonkeyPatch) -> None:
    real: Callable[..., Any] = Fetching._settle_and_claim
    broken: list[bool] = []

    def sometimes(self: Fetching, session: Session, ended: list[Any], room: int) -> list[Any]:
        if ended and not broken:
            broken.append(True)
            raise OSError("disk")
        found: list[Any] = real(self, session, ended, room)
        return found

    monkeypatch.setattr("bot.fetching.LOOK", 0.01)
    monkeypatch.setattr(Fetching, "_settle_and_claim", sometimes)
    pump.shelf.answers = {"a": [PNG]}
    await pump.put("a")
    await pump.settle()
    assert broken and [row.state for row in await pump.rows()] == ["kept"] and pump.shelf.asked == ["a"]


async def test_no_words_of_anybody_are_logged(pump: Pump, caplog: pytest.LogCaptureFixture) -> None:
    pump.shelf.answers = {"hemlig-adress": [Gone("expired")], "b": [RuntimeError("hemligt fel")], "c": [b"MZ\0"]}
    await pump.put("hemlig-adress", "b", "c", name="hemligt-namn.pdf")
    await pump.settle()
    assert caplog.records and "hemlig" not in caplog.text


async def test_a_file_row_of_the_outbox_is_sent_with_the_opened_content(pump: Pump) -> None:
    pump.shelf.answers = {"a": [PNG]}
    await pump.put("a")
    await pump.settle()

    human = pump.town.telegram.person("Alva")

    def send(session: Session) -> None:
        session.get_one(Account, 1).user = str(human.id)
        body = {"parts": [["title", ["Ärende 1"]]], "buttons": [], "notice": []}
        times: dict[str, Any] = {"created_at": NOW, "not_before": NOW}
        session.add(Outbox(platform="telegram", team="", chat=str(human.id), account_id=1, act="file", purpose="answer",
                           priority=0, body=body, evidence_id=1, incident_id=1, **times))  # fmt: skip

    human.room.opened = True
    await pump.town.app.database.run(send)
    pump.town.app.delivery.wake()
    await until(lambda: bool(human.messages), "the file")
    sent = human.messages[0]
    assert sent.file is not None and sent.file.content == PNG
