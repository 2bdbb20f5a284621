"""A broadcast that meets every kind of trouble: nobody lost, nothing doubled unmarked, every row ended in time."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from sqlmodel import Session, select

from bot.commands import Audience
from bot.handlers import telegram_transport
from bot.messages import Message, Title
from bot.playground.faults import SPOILT, Misbehaviour
from bot.playground.seat import Seat
from bot.services import sending
from bot.services.work import Work
from storage import outbox
from storage.tables import Account, Outbox, Person, Post
from tests.contract.conftest import PLATFORMS, House
from tests.contract.test_alerts import broadcast, count
from tests.contract.test_faults import REPEATED, SEND, copies

TEXT = "Skolgatan är avspärrad."
CROWD = 21
ENDED = (Misbehaviour.BLOCKED, Misbehaviour.DEACTIVATED, Misbehaviour.NOT_FOUND)
DOWN = (Misbehaviour.TOKEN_REVOKED, Misbehaviour.TOKEN_GONE)
# Nobody can know whether it arrived: half an answer, none, or one that is not to be read.
DOUBTFUL = SPOILT | {Misbehaviour.DROP_BEFORE, Misbehaviour.PAGE, Misbehaviour.GARBAGE}
ENDLESS = (Misbehaviour.STALL, Misbehaviour.SLOW_HEADERS)
PATIENCE = 1.0  # seconds that the adapters wait for an answer here


@pytest.fixture
def impatient(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where an answer never ends, the adapters give up on it soon."""
    if getattr(request.node, "callspec", None) and request.node.callspec.params.get("kind") in ENDLESS:
        monkeypatch.setattr(telegram_transport, "READ_SECONDS", PATIENCE)
        monkeypatch.setattr(telegram_transport, "CONNECT_SECONDS", PATIENCE)
        monkeypatch.setattr("bot.handlers.slack.TIMEOUT", aiohttp.ClientTimeout(total=2 * PATIENCE))


class Crowd:
    """Twenty-one people and the chief: every person but each third also has an account on the other platform."""

    def __init__(self, town: House) -> None:
        self.town = town
        self.first: list[Seat] = []
        self.second: dict[int, Seat] = {}

    async def gather(self) -> None:
        town = self.town
        town.chief = await town.linked("Siv Almgren", "chief")
        self.chiefs_other = await town.linked("Siv Almgren", "chief", on=town.platforms[1])
        for number in range(CROWD):
            self.first.append(await town.linked(f"Person {number}", "official"))
            if number % 3 != 2:
                self.second[number] = await town.linked(f"Person {number}", "official", on=town.platforms[1])

    def plan(self, kind: Misbehaviour, times: int = 3, on: str = "", seconds: float = 0.05) -> None:
        platform = on or self.town.platform
        server: Any = getattr(self.town, platform)
        server.faults.plan(SEND[platform], kind, seconds=seconds, times=times)

    async def broadcast(self, purpose: str = "alert") -> None:
        town = self.town

        def send(session: Session) -> None:
            work = Work(session, town.clock.now(), town.app.house)
            users = {seat.user for seat in self.first}
            for account in session.exec(select(Account).order_by(Account.id)):  # type: ignore[arg-type]
                if account.user in users:
                    sending.to_account(work, account, Message((Title((TEXT,)),)), purpose)

        await town.app.database.run(send)
        town.app.delivery.wake()
        await town.quiet()

    async def ledger(self) -> list[Outbox]:
        """Every row of the broadcast, and those that carry it on."""
        return [row for row in await self.town.all(Outbox) if row.purpose in ("alert", "emergency")]

    def found(self, number: int, words: str = TEXT) -> list[str]:
        """All copies that a person has, on whichever account."""
        seats = [self.first[number], *([self.second[number]] if number in self.second else [])]
        return [text for seat in seats for text in copies(seat.messages, words)]


@pytest.fixture
async def crowd(platform: str, tmp_path: Path, impatient: None) -> AsyncIterator[Crowd]:
    other = next(name for name in PLATFORMS if name != platform)
    async with House(tmp_path, platforms=(platform, other)) as house:
        crowd = Crowd(house)
        await crowd.gather()
        yield crowd


async def in_time(crowd: Crowd) -> list[Outbox]:
    """Let five minutes pass, a little at a time; every row that was tried has ended within them."""
    began = crowd.town.clock.at
    steps = (1, 1, 2, 4, 8, 16, 30, 60, 60, 60, 58)
    for seconds in steps:
        await crowd.town.advance(seconds=seconds)
        now = crowd.town.clock.at
        for row in await crowd.ledger():
            assert row.state != "waiting" or row.tried_at is None or now - row.tried_at < outbox.WITHIN
    assert crowd.town.clock.at - began == timedelta(minutes=5)
    rows = await crowd.ledger()
    for row in rows:
        if row.settled_at and row.tried_at:
            assert row.settled_at - row.tried_at <= outbox.WITHIN
        assert row.state in ("delivered", "failed", "uncertain"), row
        assert (row.ref is not None) == (row.state == "delivered") and (row.reason or row.state == "delivered")
    return rows


def lost(rows: Iterable[Outbox]) -> list[Outbox]:
    return [row for row in rows if row.state in ("failed", "uncertain") and row.carried_by is None]


@pytest.mark.parametrize("kind", list(Misbehaviour))
async def test_a_broadcast_meets_it_and_nobody_is_lost(crowd: Crowd, kind: Misbehaviour) -> None:
    crowd.plan(kind, seconds=4 * PATIENCE if kind in ENDLESS else 0.05)
    await crowd.broadcast()
    met = {number for number in range(CROWD) if not copies(crowd.first[number].messages, TEXT)}
    if kind in ENDED or kind in DOWN or kind is Misbehaviour.TOO_LONG:
        assert len(met) == 3 and all(crowd.found(number) for number in met & set(crowd.second)), "not at once"
    rows = await in_time(crowd)
    for number in range(CROWD):
        texts = crowd.found(number)
        if number in met and number not in crowd.second and (kind in ENDED or kind is Misbehaviour.TOO_LONG):
            assert not texts
            continue
        extra = 1 if kind in DOUBTFUL else 0
        assert 1 <= len(texts) <= 1 + extra, (number, texts)
        assert all(REPEATED in text for text in texts[1:]), "doubled, and does not say so"
    await check_the_chief(crowd, kind, met, rows)


async def check_the_chief(crowd: Crowd, kind: Misbehaviour, met: set[int], rows: list[Outbox]) -> None:
    """Whoever is nowhere to be reached is somebody to call; nothing else is listed as lost."""
    nowhere = met - set(crowd.second)
    if kind in ENDED:
        assert len(lost(rows)) == len(nowhere)
        told = crowd.town.chief.find("personer nås inte som förut").text
        for number in met:
            said = f"Person {number} nås inte " + ("längre på" if number in crowd.second else "alls")
            assert said in told
        assert len(copies(crowd.town.chief.messages, "nås inte som förut")) == 1
    else:
        assert not crowd.town.chief.has("nås inte")
        assert len(lost(rows)) == (len(nowhere) if kind is Misbehaviour.TOO_LONG else 0)
    if kind in DOWN:
        assert len(copies(crowd.chiefs_other.messages, "Jag kan inte skicka på")) == 1


async def test_all_kinds_at_once_on_both_platforms(crowd: Crowd) -> None:
    """Also those who are switched over meet trouble there."""
    for kind in Misbehaviour:
        if kind not in (*ENDLESS, *ENDED, Misbehaviour.TOO_LONG):
            crowd.plan(kind, times=1)
            crowd.plan(kind, times=1, on=crowd.town.platforms[1])
    await crowd.broadcast("emergency")
    rows = await in_time(crowd)
    listed = {row.chat for row in lost(rows)}
    for number in range(CROWD):
        assert crowd.found(number) or crowd.first[number].user in listed, "neither there nor said to be missing"
        assert len(crowd.found(number)) <= 3, "each trouble may cost one more copy, and nobody met more than two"
    assert all(row.state == "uncertain" for row in lost(rows)), "only what nobody can know is left"


async def test_a_platform_that_is_away_sends_what_matters_the_other_way_and_the_rest_when_it_is_back(
    crowd: Crowd,
) -> None:
    crowd.plan(Misbehaviour.UNAVAILABLE, times=10_000)
    await crowd.broadcast()
    for seconds in (1, 1, 2, 4, 8, 16, 30, 60, 60, 60, 58):
        await crowd.town.advance(seconds=seconds)
    assert all(len(crowd.found(number)) == (number in crowd.second) for number in range(CROWD))
    rows = await crowd.ledger()
    owed = [row for row in rows if row.state == "waiting"]
    assert len(owed) == CROWD - len(crowd.second) and all(row.owed_since for row in owed)
    assert not lost(rows)
    server: Any = getattr(crowd.town, crowd.town.platform)
    server.faults.clear()
    await crowd.town.advance(seconds=60)
    for number in range(CROWD):
        [text] = crowd.found(number)
        assert ("Det här skrevs kl. 10.00." in text) is (number not in crowd.second or "skrevs" in text)
    assert all(row.state != "waiting" for row in await crowd.ledger())


async def test_what_was_owed_for_a_day_is_listed_as_lost(crowd: Crowd) -> None:
    crowd.plan(Misbehaviour.UNAVAILABLE, times=100_000)
    crowd.first = crowd.first[2:3]
    await crowd.broadcast()
    for _ in range(30):
        await crowd.town.advance(hours=1)
    rows = await crowd.ledger()
    assert [row.state for row in rows] == ["failed"] * len(rows)
    [last] = lost(rows)
    assert last.id == rows[0].id and last.owed_since == last.created_at
    assert last.settled_at is not None and last.settled_at - last.created_at >= timedelta(hours=24)


async def test_what_waits_behind_one_that_does_not_get_through_goes_the_other_way_too(crowd: Crowd) -> None:
    crowd.plan(Misbehaviour.UNAVAILABLE, times=10_000)
    crowd.first = crowd.first[:1]

    def ask(session: Session) -> None:
        work = Work(session, crowd.town.clock.now(), crowd.town.app.house)
        account = session.exec(select(Account).where(Account.user == crowd.first[0].user)).one()
        sending.to_account(work, account, Message((Title(("En fråga",)),)), "question")

    await crowd.town.app.database.run(ask)
    await crowd.broadcast()
    for _ in range(7):
        await crowd.town.advance(seconds=60)
    assert len(crowd.found(0)) == 1
    getattr(crowd.town, crowd.town.platform).faults.clear()
    await crowd.town.advance(seconds=60)
    assert len(crowd.found(0)) == 1 and crowd.first[0].has("En fråga"), "the question was lost, or the alert doubled"


async def test_a_wait_that_is_longer_than_five_minutes_goes_the_other_way_at_once(crowd: Crowd) -> None:
    crowd.plan(Misbehaviour.TOO_MANY, seconds=3600)
    await crowd.broadcast()
    assert all(crowd.found(number) for number in crowd.second)
    alone = [row for row in await crowd.ledger() if row.state == "waiting"]
    assert [row.not_before for row in alone] == [crowd.town.clock.at + timedelta(hours=1)] * len(alone)
    await crowd.town.advance(minutes=59)
    assert len([row for row in await crowd.ledger() if row.state == "waiting"]) == len(alone) == 1
    await crowd.town.advance(minutes=1)
    assert all(len(crowd.found(number)) == 1 for number in range(CROWD))


# Who is told


async def test_the_chief_is_told_whom_to_call_within_a_minute_and_once(crowd: Crowd) -> None:
    town = crowd.town

    def phone(session: Session) -> None:
        person = next(one for one in session.exec(select(Person)) if one.name == "Person 2")
        person.phone = "+46701740605"

    await town.app.database.run(phone)
    crowd.first = crowd.first[2:3]
    crowd.plan(Misbehaviour.BLOCKED, times=1)
    await crowd.broadcast()
    assert not town.chief.has("nås inte")
    await town.advance(seconds=30)
    assert "Person 2 nås inte alls. Ring" in town.chief.last.text and "70" in town.chief.last.text
    await crowd.broadcast()
    await town.advance(minutes=2)
    assert len(copies(town.chief.messages, "nås inte alls")) == 1


async def test_a_chief_whose_own_account_ended_is_told_on_the_other(crowd: Crowd) -> None:
    crowd.first = [crowd.town.chief]
    crowd.plan(Misbehaviour.BLOCKED, times=1)
    await crowd.broadcast()
    assert copies(crowd.chiefs_other.messages, TEXT)
    await crowd.town.advance(seconds=30)
    assert crowd.chiefs_other.has("Du nås inte längre på")


async def test_who_is_back_before_the_chief_is_told_is_not_told_of(crowd: Crowd) -> None:
    crowd.first = crowd.first[2:3]
    crowd.plan(Misbehaviour.BLOCKED, times=1)
    await crowd.broadcast()
    await crowd.first[0].command("mina")
    await crowd.town.advance(seconds=60)
    assert not crowd.town.chief.has("nås inte")
    assert (await crowd.town.account(crowd.first[0])).state == "active"


# Emergencies, and what hangs on an earlier message


async def test_an_emergency_overtakes_what_waits_in_the_chat(crowd: Crowd) -> None:
    crowd.first = crowd.first[2:3]
    crowd.plan(Misbehaviour.TOO_MANY, times=1, seconds=30)
    await crowd.broadcast("alert")
    await crowd.broadcast("alert")
    await crowd.broadcast("emergency")
    assert len(crowd.found(2 - 2)) == 1
    [urgent] = [row for row in await crowd.ledger() if row.purpose == "emergency"]
    assert urgent.state == "delivered"
    await crowd.town.advance(seconds=30)
    assert len(crowd.found(0)) == 3


@pytest.mark.parametrize("arrived", [True, False])
async def test_what_hangs_on_an_earlier_message_is_an_answer_to_it_if_that_arrived(crowd: Crowd, arrived: bool) -> None:
    crowd.first = crowd.first[2:3]
    if not arrived:
        crowd.plan(Misbehaviour.TOO_LONG, times=1)
    await crowd.broadcast()
    [first] = await crowd.ledger()

    def follow(session: Session) -> None:
        work = Work(session, crowd.town.clock.now(), crowd.town.app.house)
        account = session.get_one(Account, first.account_id)
        row = sending.to_account(work, account, Message((Title(("Faran är över",)),)), "alert")
        assert row is not None
        row.target_row = first.id

    await crowd.town.app.database.run(follow)
    crowd.town.app.delivery.wake()
    await crowd.town.quiet()
    last = crowd.first[0].last
    assert last.text == "Faran är över"
    hook = last.native.reply_to if crowd.town.platform == "telegram" else last.native.thread_ts
    expected = (first.ref or "").rpartition(":")[2] if arrived else None
    assert (str(hook) if hook is not None else None) == expected
    if crowd.town.platform == "slack":
        assert last.native.broadcast is arrived


async def test_what_hangs_on_a_message_that_was_deleted_comes_by_itself(crowd: Crowd) -> None:
    crowd.first = crowd.first[2:3]
    await crowd.broadcast()
    [first] = await crowd.ledger()
    native = crowd.first[0].last.native
    if crowd.town.platform == "telegram":
        native.deleted = True
    else:
        crowd.town.slack.space.remove(crowd.town.slack.space.conversations[native.channel], native)
    channel = next(one for one in crowd.town.app.channels if one.platform == crowd.town.platform)
    await channel.send(first.chat, Message((Title(("Faran är över",)),)), first.ref or "")
    assert [m.text for m in crowd.first[0].messages] == ["Faran är över"]


# The real broadcast


async def sent(crowd: Crowd, **more: Any) -> int:
    """A broadcast of the chief's to everybody here; its number."""
    return await broadcast(crowd.town, Audience(roles=("official",)), **more)


HERE = "Gå inte dit."


@pytest.mark.parametrize(
    "kind", [Misbehaviour.BLOCKED, Misbehaviour.TOKEN_REVOKED, Misbehaviour.CUT_JSON, Misbehaviour.FORBIDDEN_PAGE]
)
@pytest.mark.parametrize("platform", ["telegram"], indirect=True)
async def test_an_alert_of_the_chiefs_meets_it_and_the_board_bears_it_out(crowd: Crowd, kind: Misbehaviour) -> None:
    crowd.plan(kind, times=4)
    await sent(crowd)
    await in_time(crowd)
    everywhere = [
        [*crowd.first[n].messages, *(crowd.second[n].messages if n in crowd.second else [])] for n in range(CROWD)
    ]
    missing = [n for n, messages in enumerate(everywhere) if not copies(messages, HERE)]
    assert all(len(copies(messages, HERE)) <= 1 + (kind in DOUBTFUL) for messages in everywhere)
    assert set(missing) <= set(range(CROWD)) - set(crowd.second)
    figures = await count(crowd.town)
    assert figures.people == CROWD and figures.unreached == len(missing) == (1 if kind in ENDED else 0)


@pytest.mark.parametrize("platform", ["telegram", "slack"], indirect=True)
async def test_an_update_hangs_on_the_first_message_and_on_the_account_where_that_came(crowd: Crowd) -> None:
    crowd.plan(Misbehaviour.TOO_LONG, times=1)
    first = await sent(crowd, level="warning")
    await sent(crowd, level="warning", follows=first, change="update", ask="")
    posts = {(post.account_id, post.alert_id): post.ref for post in await crowd.town.all(Post) if post.view == "alert"}
    hung = 0
    for seat in crowd.first:
        account = await crowd.town.account(seat)
        earlier = posts.get((account.id, first))
        last = seat.find("NYTT · ").native
        hook = last.reply_to if crowd.town.platform == "telegram" else last.thread_ts
        assert str(hook) == (earlier.rpartition(":")[2] if earlier else "None")
        hung += hook is not None
    assert hung >= CROWD - 2
