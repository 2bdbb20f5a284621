"""What the tests of the API share."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, Update

from bot.playground.telegram import Group, Human, Sent

Json = dict[str, Any]
Call = Callable[..., Awaitable[Json]]
KINDS = ["message", "callback_query", "my_chat_member"]
TAKE = InlineKeyboardMarkup([[InlineKeyboardButton("Jag tar den", callback_data="take:1")]])


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 24, 18, 30, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **amount: float) -> None:
        self.now += timedelta(**amount)


async def sent(call: Call, chat: Human | Group, text: str = "hej", **params: Any) -> Sent:
    answer = await call("sendMessage", chat_id=chat.id, text=text, **params)
    assert answer["ok"], answer
    return chat.last


def keyboard(*rows: list[Any]) -> Json:
    return {"inline_keyboard": list(rows)}


def button(text: str = "Läst", **action: Any) -> Json:
    return {"text": text, **(action or {"callback_data": "x"})}


async def why(call: Call, method: str, **params: Any) -> str:
    """The description of a 400, without its prefix."""
    answer = await call(method, **params)
    assert answer.get("error_code") == 400, answer
    return str(answer["description"]).removeprefix("Bad Request: ")


async def poll(bot: Bot, **params: Any) -> list[Update]:
    """What the bot gets."""
    return list(await bot.get_updates(**params, allowed_updates=KINDS))
