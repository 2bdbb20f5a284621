"""One server with a person and a group, and a way to call it as a bot does."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from telegram import Bot

from bot.playground.telegram import Group, Human, TelegramPlayground
from tests.playground.telegram_api.tools import Call, Clock, Json


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def server(clock: Clock) -> AsyncIterator[TelegramPlayground]:
    async with TelegramPlayground(clock=clock) as server:
        yield server


@pytest.fixture
async def call(server: TelegramPlayground) -> AsyncIterator[Call]:
    async with aiohttp.ClientSession() as session:

        async def post(method: str, **params: Any) -> Json:
            async with session.post(f"{server.base_url}123:abc/{method}", json=params) as response:
                answer: Json = await response.json()
                assert answer["ok"] or response.status == answer["error_code"]
                return answer

        yield post


@pytest.fixture
async def bot(server: TelegramPlayground) -> AsyncIterator[Bot]:
    async with Bot(server.token, base_url=server.base_url) as bot:
        yield bot


@pytest.fixture
async def alva(server: TelegramPlayground) -> Human:
    alva = server.person("Alva", last_name="Påhittad", language="sv")
    await alva.start()
    return alva


@pytest.fixture
async def unit(server: TelegramPlayground, alva: Human) -> Group:
    unit = server.group("Påhittade enheten", members=[alva])
    await unit.add_bot(by=alva)
    return unit
