"""SMS and calls by 46elks. https://46elks.se/docs"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import aiohttp

from bot.channels import NotSent, PlatformDown, Refused, Unsure, Wait
from bot.network import NEVER_LEFT, Network

TIMEOUT = aiohttp.ClientTimeout(total=15, connect=5)
WAIT = 1.0  # seconds, when 46elks does not say
UNTAKEN = {400, 422}  # the number, or what is sent to it
FAILED = {408, *range(500, 600)}


class Elks:
    """A client of 46elks, or of a server of one's own at `base_url`. It opens its connections when it is first used.

    `recording` is the address of a sound: 46elks reads no words aloud, so a call plays that.
    Errors name only their kind, for 46elks' own words about a number may hold the number.
    """

    def __init__(
        self, *, user: str, password: str, sender: str, base_url: str, recording: str | None, network: Network
    ) -> None:
        self._headers = {"Authorization": aiohttp.encode_basic_auth(user, password)}
        self._sender, self._recording, self._network = sender, recording, network
        self._base = f"{base_url.rstrip('/')}/a1"
        self._session: aiohttp.ClientSession | None = None

    async def text(self, number: str, words: str) -> str:
        """Send an SMS. 46elks is asked not to keep the words."""
        form = {"from": self._sender, "to": number, "message": words, "dontlog": "message"}
        return _reference(await self._ask("POST", "sms", form))

    async def call(self, number: str, words: str) -> str:
        """Ring, and play the recording to who answers."""
        if self._recording is None:
            raise Refused("there is no recording to play")
        start = json.dumps({"play": self._recording})
        return _reference(await self._ask("POST", "calls", {"from": self._sender, "to": number, "voice_start": start}))

    async def account(self) -> dict[str, Any]:
        """What 46elks says of our account: among others `currency`, and `balance` in ten-thousandths of it."""
        return await self._ask("GET", "me")

    async def close(self) -> None:
        """Close the connections."""
        if self._session is not None:
            session, self._session = self._session, None
            await session.close()

    async def _ask(self, method: str, path: str, form: Mapping[str, str] | None = None) -> dict[str, Any]:
        """One call, never repeated here: neither by a redirect nor on a dropped connection."""
        self._session = self._session or self._network.session(TIMEOUT)
        try:
            async with self._session.request(
                method, f"{self._base}/{path}", data=form, headers=self._headers, timeout=TIMEOUT, allow_redirects=False
            ) as answer:
                return _judged(answer.status, answer.headers, await answer.read())
        except NEVER_LEFT as error:
            raise NotSent(type(error).__name__) from error
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise Unsure(type(error).__name__) from error


def _judged(status: int, headers: Mapping[str, str], body: bytes) -> dict[str, Any]:
    """What the answer says, or what it means that it says no."""
    reason = f"http {status}"
    if status == 429:
        raise Wait(reason, _seconds(headers))
    if status in FAILED:
        raise NotSent(reason)
    if status in UNTAKEN:
        raise Refused(f"{reason}: the number is not taken")
    if not 200 <= status < 300:  # the login, the money, or an address that is none of 46elks'
        raise PlatformDown(reason)
    try:
        said = json.loads(body)
    except ValueError:
        said = None
    if not isinstance(said, dict):
        raise Unsure("an answer that cannot be read")
    return said


def _reference(said: Mapping[str, Any]) -> str:
    if said.get("status") == "failed" or said.get("state") == "failed":
        raise Refused("46elks could not send it")
    if not isinstance(found := said.get("id"), str) or not found:
        raise Unsure("an answer without an id")
    return found


def _seconds(headers: Mapping[str, str]) -> float:
    asked = headers.get("Retry-After", "")
    return float(asked) if asked.isascii() and asked.isdigit() else WAIT
