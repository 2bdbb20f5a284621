"""Who fetches for a bot on Telegram, and how one that has gone silent begins anew."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from bot.messages import Button, Message, Title
from bot.playground.telegram import TelegramPlayground
from tests.handlers.telegram_rig import TOKEN, Desk, Rig, channel_to, telegram_rig

QUESTION = Message((Title(("Läst?",)),), ((Button("Läst", "token-1"),),))


@pytest.fixture
async def rig() -> AsyncIterator[Rig]:
    async with telegram_rig() as rig:
        yield rig


async def test_who_does_not_listen_fetches_nothing_until_it_is_told() -> None:
    """Of several processes one fetches: a second would throw the first out."""
    async with TelegramPlayground(token=TOKEN) as server:
        first, second = Desk(), Desk()
        first.open.set()
        second.open.set()
        one, other = channel_to(server, first), channel_to(server, second, listening=False)
        alva = server.person("Alva")
        await one.start()
        await other.start()
        await alva.write("ett")
        assert (await first.next()).text == "ett"
        assert (one.heard_at is None, other.heard_at) == (False, None)
        await one.listen(False)
        await other.listen(True)
        await other.listen(True)
        await alva.write("två")
        await server.wait_for(lambda: server.pending == 0, what="confirmation")
        assert [event.text for event in first.committed] == ["ett"]
        assert [event.text for event in second.committed][-1] == "två"
        assert (one.heard_at, other.heard_at is None) == (None, False)
        await one.listen(True)
        await alva.write("tre")
        await server.wait_for(lambda: server.pending == 0, what="confirmation")
        await one.stop()
        await other.stop()


async def test_who_stops_listening_finishes_the_commit_under_way_and_leaves_the_rest(rig: Rig) -> None:
    """And can still send."""
    rig.desk.open.clear()
    await rig.alva.write("ett")
    await rig.desk.next()
    await rig.alva.write("två")
    stopping = asyncio.create_task(rig.channel.listen(False))
    await asyncio.sleep(0.01)
    rig.desk.open.set()
    await stopping
    assert [event.text for event in rig.desk.committed] == ["ett"]
    assert rig.server.pending == 2
    await rig.channel.send(str(rig.alva.id), QUESTION)
    await rig.channel.listen(True)
    await rig.settled()
    assert [event.text for event in rig.desk.committed] == ["ett", "ett", "två"]


async def test_a_wedged_poll_is_replaced(rig: Rig) -> None:
    """It asks over new connections, and what came meanwhile is received."""
    await rig.server.wait_for(lambda: len(rig.calls("getUpdates")) == 1, what="the first poll")
    before = rig.channel._polls._session
    rig.server.world.updates._poll = None  # this poll is never answered
    await rig.alva.write("hej")
    assert rig.server.pending == 1
    heard = rig.channel.heard_at
    await rig.channel.revive()
    await rig.settled()
    assert rig.channel._polls._session is not before
    assert before is not None
    assert before.closed
    assert heard is not None and rig.channel.heard_at is not None
    assert rig.channel.heard_at > heard


async def test_a_commit_under_way_is_no_silence(rig: Rig) -> None:
    """Reviving leaves it alone, so that it happens once."""
    rig.desk.open.clear()
    await rig.alva.write("hej")
    await rig.desk.next()
    await rig.channel.revive()
    rig.desk.open.set()
    await rig.settled()
    assert len(rig.desk.committed) == 1
    assert rig.desk.came.empty()


async def test_who_does_not_listen_is_not_revived_to_fetch() -> None:
    async with TelegramPlayground(token=TOKEN) as server:
        channel = channel_to(server, Desk(), listening=False)
        await channel.start()
        await channel.revive()
        assert channel.heard_at is None
        await channel.stop()
        assert all(call.method != "getUpdates" for call in server.calls)


async def test_somebody_who_waits_for_an_answer_keeps_the_channel_busy(rig: Rig) -> None:
    """What is beside the outbox counts too."""
    await rig.channel.send(str(rig.alva.id), QUESTION)
    assert not rig.channel.busy
    rig.desk.open.clear()
    press = await rig.alva.press(rig.alva.last, "Läst")
    await rig.desk.next()
    assert rig.channel.busy
    rig.desk.open.set()
    await rig.server.wait_for(lambda: press.answered, what="an answer")
    await rig.channel._answers.finish(5)
    assert not rig.channel.busy
