"""Telegram can be told to misbehave, and does it once and exactly so."""

from __future__ import annotations

import asyncio

import aiohttp
import pytest
from telegram import Bot
from telegram.error import Forbidden, NetworkError, RetryAfter, TimedOut

from bot.playground.faults import Misbehaviour
from bot.playground.telegram import Human, TelegramPlayground
from tests.playground.telegram_api.tools import poll


@pytest.fixture
async def alva(server: TelegramPlayground) -> Human:
    """Somebody who has not opened the chat yet."""
    return server.person("Alva", last_name="Påhittad")


# Faults of the queue


async def test_an_update_can_come_twice(server: TelegramPlayground, bot: Bot, alva: Human) -> None:
    server.duplicate_next()
    update_id = await alva.write("hej")
    updates = await poll(bot)
    assert [update.update_id for update in updates] == [update_id, update_id]
    await bot.get_updates(offset=update_id + 1)
    assert server.pending == 0


async def test_an_update_can_come_twice_under_two_ids(server: TelegramPlayground, bot: Bot, alva: Human) -> None:
    server.duplicate_next(new_id=True)
    update_id = await alva.write("hej")
    first = await poll(bot)
    second = await poll(bot, offset=update_id + 1)
    assert [update.update_id for update in first + second] == [update_id, update_id + 1]
    assert first[0].message == second[0].message


async def test_two_updates_can_change_places(server: TelegramPlayground, bot: Bot, alva: Human) -> None:
    server.reorder_next()
    first = await alva.write("ett")
    assert await poll(bot) == []
    second = await alva.write("två")
    assert [update.update_id for update in await poll(bot)] == [second, first]
    assert [update.update_id for update in await poll(bot)] == [first, second]


async def test_anything_can_be_injected(server: TelegramPlayground, bot: Bot, alva: Human) -> None:
    update_id = await server.inject({"message": "not an object"})
    given = await server.inject({"update_id": update_id + 1000, "new_kind": {}})
    assert await alva.write("hej") == given + 1
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"{server.base_url}{server.token}/getUpdates?limit=2") as response,
    ):
        updates = (await response.json())["result"]
    assert updates == [
        {"update_id": update_id, "message": "not an object"},
        {"update_id": given, "new_kind": {}},
    ]
    lower = await server.inject({"update_id": 5})
    await bot.get_updates(offset=given + 1)
    assert server.confirmed == [update_id, given, lower]


# Faults of the calls


async def test_a_planned_429_says_how_long_to_wait_and_sends_nothing(
    server: TelegramPlayground, bot: Bot, alva: Human
) -> None:
    await alva.start()
    server.faults.plan("sendMessage", Misbehaviour.TOO_MANY, seconds=7)
    with pytest.raises(RetryAfter) as caught:
        await bot.send_message(alva.id, "hej")
    assert caught.value.retry_after == 7
    assert (alva.messages, server.calls[-1].ok) == ([], False)
    await bot.send_message(alva.id, "hej")
    assert (alva.last.text, server.calls[-1].ok) == ("hej", True)


@pytest.mark.parametrize(
    ("kind", "error", "arrives"),
    [
        (Misbehaviour.SERVER_ERROR, NetworkError, False),
        (Misbehaviour.DROP_BEFORE, NetworkError, False),
        (Misbehaviour.DROP_AFTER, NetworkError, True),
        (Misbehaviour.BLOCKED, Forbidden, False),
    ],
)
async def test_a_planned_failure_has_its_effect_or_not(
    server: TelegramPlayground,
    bot: Bot,
    alva: Human,
    kind: Misbehaviour,
    error: type[Exception],
    arrives: bool,
) -> None:
    await alva.start()
    server.faults.plan("*", kind)
    with pytest.raises(error):
        await bot.send_message(alva.id, "hej")
    assert [sent.text for sent in alva.messages] == (["hej"] if arrives else [])
    assert server.calls[-1].ok is arrives


async def test_a_delayed_answer_comes_after_its_effect(server: TelegramPlayground, bot: Bot, alva: Human) -> None:
    await alva.start()
    server.faults.plan("sendMessage", Misbehaviour.DELAY, seconds=3600)
    sending = asyncio.create_task(bot.send_message(alva.id, "hej", read_timeout=0.2))
    await server.wait_for(lambda: alva.last.text == "hej", what="the message")
    assert not sending.done()
    with pytest.raises(TimedOut):
        await sending
    assert len(alva.messages) == 1


async def test_an_update_survives_an_answer_that_got_lost(server: TelegramPlayground, bot: Bot, alva: Human) -> None:
    update_id = await alva.write("hej")
    server.faults.plan("getUpdates", Misbehaviour.DROP_AFTER)
    with pytest.raises(NetworkError):
        await poll(bot)
    assert [update.update_id for update in await poll(bot)] == [update_id]
