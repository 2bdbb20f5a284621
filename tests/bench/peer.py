"""What others would write: one text to many chats on Telegram, in a loop. Run by the peers' own Python.

`peer.py KIND BASE_URL TOKEN FILE AT_ONCE`: the file has a chat's id on each line; with 1 at a time it is the plain loop
of each library's documentation. Nothing is kept: what a crash or an error loses is lost.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

TEXT = "AKUT · Skolgatan är avspärrad\n\nGå inte dit. Polisen är på plats.\nTryck Läst senast kl. 18.57."
Send = Callable[[str], Awaitable[object]]


async def everybody(chats: list[str], send: Send, at_once: int) -> None:
    """Each chat once, so many at a time."""
    waiting = iter(chats)

    async def worker() -> None:
        for chat in waiting:
            await send(chat)

    await asyncio.gather(*(worker() for _ in range(at_once)))


async def python_telegram_bot(base_url: str, token: str, chats: list[str], at_once: int) -> None:
    """As its wiki tells to, with its own transport."""
    from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup
    from telegram.request import HTTPXRequest

    keys = InlineKeyboardMarkup([[InlineKeyboardButton("Läst", callback_data="read")]])
    async with Bot(token, base_url=base_url, request=HTTPXRequest(connection_pool_size=at_once)) as bot:
        await everybody(chats, lambda chat: bot.send_message(chat, TEXT, reply_markup=keys), at_once)


async def aiogram(base_url: str, token: str, chats: list[str], at_once: int) -> None:
    """As its example of a broadcast does, without the pause that it makes for Telegram's limit."""
    from aiogram import Bot
    from aiogram.client.session.aiohttp import AiohttpSession
    from aiogram.client.telegram import TelegramAPIServer
    from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup

    server = base_url.removesuffix("/bot")
    keys = InlineKeyboardMarkup(inline_keyboard=[[InlineKeyboardButton(text="Läst", callback_data="read")]])
    async with Bot(token, session=AiohttpSession(api=TelegramAPIServer.from_base(server))) as bot:
        await everybody(chats, lambda chat: bot.send_message(chat, TEXT, reply_markup=keys), at_once)


async def apprise(base_url: str, token: str, chats: list[str], at_once: int) -> None:
    """A notification to each; it knows no buttons."""
    from apprise import Apprise
    from apprise.plugins.telegram import NotifyTelegram

    NotifyTelegram.notify_url = base_url
    NotifyTelegram.request_rate_per_sec = 0

    async def send(chat: str) -> None:
        one = Apprise()
        one.add(f"tgram://{token}/{chat}/?detect=no&format=text")
        if not await one.async_notify(TEXT):
            raise RuntimeError(f"not sent to {chat}")

    await everybody(chats, send, at_once)


if __name__ == "__main__":
    kind, url, secret, file, number = sys.argv[1:]
    ids = Path(file).read_text().split()
    asyncio.run(
        {"ptb": python_telegram_bot, "aiogram": aiogram, "apprise": apprise}[kind](url, secret, ids, int(number))
    )
