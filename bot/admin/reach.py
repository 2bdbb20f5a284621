"""Calls the platforms once, to look: never a token or an address with one in what it says."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import aiohttp

from bot.network import Network
from config.settings import Settings

WITHIN = aiohttp.ClientTimeout(total=10, connect=5)
TELEGRAM, SLACK = "https://api.telegram.org", "https://slack.com/api/"


@dataclass(frozen=True)
class Heard:
    """What came back: `said` is the answer's JSON, `date` the platform's own clock, `problem` why nothing came."""

    status: int = 0
    said: dict[str, Any] = field(default_factory=dict)
    date: datetime | None = None
    problem: str = ""

    @property
    def ok(self) -> bool:
        """Whether the platform did what was asked."""
        return self.said.get("ok") is True

    @property
    def reason(self) -> str:
        """The platform's own words for why not."""
        return str(self.said.get("description") or self.said.get("error") or self.problem or f"HTTP {self.status}")


async def call(network: Network, url: str, token: str = "") -> Heard:
    """One call, without arguments. Nothing is raised."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    try:
        async with (
            network.session(WITHIN) as session,
            session.post(url, headers=headers, allow_redirects=False) as answer,
        ):
            return _heard(answer, await answer.content.read(1_000_000))
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
        return Heard(problem=type(error).__name__)  # its text may hold the address, and that the token


def _heard(answer: aiohttp.ClientResponse, body: bytes) -> Heard:
    try:
        said = json.loads(body)
    except ValueError:
        said = {}
    return Heard(answer.status, said if isinstance(said, dict) else {}, _date(answer.headers.get("Date", "")))


def _date(text: str) -> datetime | None:
    try:
        at = parsedate_to_datetime(text)
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def network_of(chosen: Settings) -> Network:
    """How these settings reach the world."""
    return Network(chosen.network.proxy, chosen.network.ca_file)


async def telegram(chosen: Settings, method: str) -> Heard:
    """A method of the bot on Telegram."""
    assert chosen.telegram is not None
    root = (chosen.telegram.base_url or TELEGRAM).rstrip("/").removesuffix("/bot")
    return await call(network_of(chosen), f"{root}/bot{chosen.telegram.token.get_secret_value()}/{method}")


async def slack(chosen: Settings, method: str, token: str) -> Heard:
    """A method of the app on Slack."""
    assert chosen.slack is not None
    return await call(network_of(chosen), f"{(chosen.slack.base_url or SLACK).rstrip('/')}/{method}", token)


def telegram_name(chosen: Settings) -> str:
    """The bot's name on Telegram; empty without a token, and where Telegram does not answer."""
    if chosen.telegram is None:
        return ""
    heard = asyncio.run(telegram(chosen, "getMe"))
    found = heard.said.get("result")
    return str(found.get("username") or "") if heard.ok and isinstance(found, dict) else ""
