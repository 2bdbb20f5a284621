"""The webhook: where Telegram posts, how it shows that it is Telegram, and what a body holds."""

from __future__ import annotations

import hmac
import json
import logging
from collections.abc import Mapping, Sequence
from typing import Any

from telegram import Bot
from telegram.error import BadRequest

log = logging.getLogger(__name__)

HEADER = "x-telegram-bot-api-secret-token"
CONNECTIONS = 20  # one update is taken at a time; more would only wait here instead of there
DEEPEST = 50  # levels of JSON; an update has some ten


async def set_up(bot: Bot, url: str, secret: str, wanted: Sequence[str]) -> None:
    """Tell Telegram where to post; what waits already is posted too."""
    try:
        await bot.set_webhook(url, secret_token=secret, allowed_updates=wanted, max_connections=CONNECTIONS)
    except BadRequest as error:
        log.error("telegram: the webhook's address is refused: %s", error.message)
        raise


async def take_down(bot: Bot) -> None:
    """Nothing can be fetched while there is a webhook; what waits is left for the first poll."""
    await bot.delete_webhook(drop_pending_updates=False)


def signed(headers: Mapping[str, str], secret: str) -> bool:
    """Whether the secret came along; how long it takes to say no tells nothing about it."""
    shown = headers.get(HEADER, "")
    return hmac.compare_digest(shown.encode("utf-8", "surrogatepass"), secret.encode())


def read(body: bytes) -> dict[str, Any] | None:
    """The JSON object in a body, None when there is none that anything can be made of."""
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) and not deeper(value, DEEPEST) else None


def deeper(value: object, levels: int) -> bool:
    """Whether it is nested deeper than this: who walks through it later may not have the room."""
    layer = [value]
    for _ in range(levels):
        layer = [inner for outer in layer for inner in children(outer)]
        if not layer:
            return False
    return True


def children(value: object) -> list[object]:
    """What stands inside an object or a list."""
    if isinstance(value, dict):
        return list(value.values())
    return list(value) if isinstance(value, list) else []


def numbered(raw: dict[str, Any]) -> bool:
    """Whether it has the number that every update has."""
    return type(raw.get("update_id")) is int
