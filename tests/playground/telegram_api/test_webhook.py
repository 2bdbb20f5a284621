"""The local Telegram posts what happens to a webhook, as Telegram does."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiohttp import web
from telegram import Bot
from telegram.error import BadRequest, Conflict

from bot.playground.telegram import Human, TelegramPlayground
from tests.playground.telegram_api.tools import poll

SECRET = "ett-hemligt-ord-som-ingen-vet"


@dataclass
class Receiver:
    """A web server that answers as it is told, 200 when it is told nothing more."""

    url: str = ""
    statuses: list[int] = field(default_factory=list)
    bodies: list[dict[str, Any]] = field(default_factory=list)
    secrets: list[str | None] = field(default_factory=list)
    open: asyncio.Event = field(default_factory=asyncio.Event)
    came: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(0))

    async def take(self, request: web.BaseRequest) -> web.Response:
        self.secrets.append(request.headers.get("X-Telegram-Bot-Api-Secret-Token"))
        self.bodies.append(json.loads(await request.read()))
        self.came.release()
        await self.open.wait()
        return web.Response(status=self.statuses.pop(0) if self.statuses else 200)

    @property
    def texts(self) -> list[str]:
        return [body["message"]["text"] for body in self.bodies]


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    receiver = Receiver()
    receiver.open.set()
    runner = web.ServerRunner(web.Server(receiver.take, access_log=None), shutdown_timeout=0.01)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    receiver.url = f"http://127.0.0.1:{runner.addresses[0][1]}/telegram"
    yield receiver
    receiver.open.set()
    await runner.cleanup()


@pytest.fixture
async def bo(server: TelegramPlayground) -> Human:
    """Somebody who has not written yet; nothing waits for the bot."""
    return server.person("Bo")


async def emptied(server: TelegramPlayground) -> None:
    await server.wait_for(lambda: server.pending == 0, what="every update taken")


async def test_what_waits_and_what_comes_is_posted_with_the_secret(
    server: TelegramPlayground, bot: Bot, bo: Human, receiver: Receiver
) -> None:
    first = await bo.write("före")
    await bot.set_webhook(receiver.url, secret_token=SECRET, max_connections=20)
    second = await bo.write("efter")
    await emptied(server)
    assert receiver.texts == ["före", "efter"]
    assert receiver.secrets == [SECRET, SECRET]
    assert server.confirmed == [first, second]


async def test_an_update_is_posted_again_until_it_is_taken(
    server: TelegramPlayground, bot: Bot, bo: Human, receiver: Receiver
) -> None:
    """What is of the same chat waits for it; the failure can be read in getWebhookInfo."""
    receiver.statuses = [503, 500, 302]
    await bot.set_webhook(receiver.url)
    await bo.write("ett")
    await bo.write("två")
    await emptied(server)
    assert receiver.texts == ["ett", "ett", "ett", "ett", "två"]
    info = await bot.get_webhook_info()
    assert info.last_error_message == "Wrong response from the webhook: 302 Found"
    assert (info.url, info.pending_update_count, receiver.secrets[0]) == (receiver.url, 0, None)


async def test_different_chats_are_posted_side_by_side_up_to_the_number_of_connections(
    server: TelegramPlayground, bot: Bot, receiver: Receiver
) -> None:
    await bot.set_webhook(receiver.url, max_connections=2)
    receiver.open.clear()
    for name in ("Bo", "Ebba", "Nils"):
        await server.person(name).write(name)
    async with asyncio.timeout(5):
        await receiver.came.acquire()
        await receiver.came.acquire()
    assert server.webhook is not None
    assert len(server.webhook.busy) == 2
    receiver.open.set()
    await emptied(server)
    assert sorted(receiver.texts) == ["Bo", "Ebba", "Nils"]


async def test_a_planned_duplicate_is_posted_twice_at_once(
    server: TelegramPlayground, bot: Bot, bo: Human, receiver: Receiver
) -> None:
    await bot.set_webhook(receiver.url)
    server.duplicate_next()
    await bo.write("hej")
    await emptied(server)
    assert receiver.texts == ["hej", "hej"]


async def test_nothing_can_be_fetched_while_there_is_a_webhook(
    server: TelegramPlayground, bot: Bot, bo: Human, receiver: Receiver
) -> None:
    """Whoever waits is thrown out; without the webhook what was not taken can be fetched."""
    await poll(bot, timeout=0)
    waiting = asyncio.create_task(poll(bot, timeout=20))
    await server.wait_for(lambda: [c.method for c in server.calls].count("getUpdates") == 2, what="the poll")
    receiver.statuses = [500] * 50
    await bot.set_webhook(receiver.url)
    with pytest.raises(Conflict, match="terminated by setWebhook"):
        await waiting
    await bo.write("hej")
    with pytest.raises(Conflict, match="webhook is active"):
        await poll(bot)
    await bot.delete_webhook(drop_pending_updates=False)
    assert [update.message.text for update in await poll(bot) if update.message] == ["hej"]


async def test_a_dead_address_is_tried_again(server: TelegramPlayground, bot: Bot, bo: Human) -> None:
    await bot.set_webhook("http://127.0.0.1:9/nobody")
    await bo.write("hej")
    await server.wait_for(lambda: server.webhook is not None and server.webhook.failure, what="a failure")
    assert server.pending == 1


async def test_a_webhook_that_makes_no_sense_is_refused(server: TelegramPlayground, bot: Bot) -> None:
    with pytest.raises(BadRequest, match="https url must be provided"):
        await bot.set_webhook("ftp://example.org")
    with pytest.raises(BadRequest, match="unallowed characters"):
        await bot.set_webhook("https://example.org/x", secret_token="å" * 20)
    assert server.webhook is None
    assert await bot.set_webhook("https://example.org/x", drop_pending_updates=True)
    assert await bot.set_webhook("")
    assert server.webhook is None
