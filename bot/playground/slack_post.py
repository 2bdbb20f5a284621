"""Signed HTTP: what Slack tells an app that has a request address instead of a socket."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
from typing import Any
from urllib.parse import urlencode

import aiohttp

from bot.playground.slack_socket import EVENTS, Delivery
from bot.playground.slack_text import Json
from bot.playground.slack_workspace import Workspace

JSON, FORM = "application/json", "application/x-www-form-urlencoded"
PAUSES = (0.0, 0.05, 0.1)  # seconds before each of the three retries; at Slack nothing, a minute, five minutes


class Poster:
    """Posts every envelope's payload to one address, and takes the answer as its acknowledgement."""

    def __init__(self, space: Workspace, url: str, secret: str) -> None:
        self.space = space
        self.url = url
        self.secret = secret
        self.held: dict[str, Delivery] = {}
        self.answers: list[int] = []  # the status of each, as they came
        self._session = aiohttp.ClientSession()
        self._tasks: set[asyncio.Task[None]] = set()

    def put(self, text: str) -> None:
        """Post an envelope; a text that is none is posted as it is."""
        task = asyncio.create_task(self._deliver(text))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def verify(self) -> bool:
        """Ask the app to say a word again, as Slack does when the address is entered."""
        challenge = self.space.new_event_id("challenge-")
        body = json.dumps({"token": "fiktiv", "type": "url_verification", "challenge": challenge}).encode()
        status, media, text = await self.post(body, JSON)
        return status == 200 and (challenge == text or (media == JSON and json.loads(text)["challenge"] == challenge))

    async def post(self, body: bytes, media: str, attempt: int = 0) -> tuple[int, str, str]:
        """Post one signed body; status, type and text of the answer."""
        return await self.send(body, {"Content-Type": media, **self.signed(body), **retry_headers(attempt)})

    async def send(self, body: bytes, headers: dict[str, str]) -> tuple[int, str, str]:
        """Post one body with just these headers."""
        async with self._session.post(self.url, data=body, headers=headers, allow_redirects=False) as answer:
            self.answers.append(answer.status)
            return answer.status, answer.content_type, await answer.text()

    def signed(self, body: bytes) -> dict[str, str]:
        """The headers that prove that it is Slack who posts."""
        stamp = str(int(self.space.clock().timestamp()))
        digest = hmac.new(self.secret.encode(), f"v0:{stamp}:".encode() + body, hashlib.sha256).hexdigest()
        return {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={digest}"}

    async def close(self) -> None:
        """Stop posting."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._session.close()

    async def _deliver(self, text: str) -> None:
        envelope_id, body, media, attempt = unpacked(text)
        try:
            status, kind, said = await self.post(body, media, attempt)
        except (aiohttp.ClientError, OSError):
            status, kind, said = 0, "", ""
        if status != 200:
            self.space.sockets.refused(envelope_id)
            return
        answer: Json = {"envelope_id": envelope_id}
        if said:
            answer["payload"] = json.loads(said) if kind == JSON else {"text": said}
        self.space.sockets.acknowledge(json.dumps(answer))


def unpacked(text: str) -> tuple[str, bytes, str, int]:
    """The id, body, type and attempt of an envelope: events as JSON, the rest as forms."""
    try:
        envelope: Any = json.loads(text)
    except (ValueError, RecursionError):
        envelope = None
    if not isinstance(envelope, dict) or "payload" not in envelope:
        return "", text.encode(), JSON, 0
    payload, kind = envelope["payload"], envelope.get("type")
    known = str(envelope.get("envelope_id") or "")
    if kind == EVENTS or not isinstance(payload, dict):
        return known, json.dumps(payload).encode(), JSON, int(envelope.get("retry_attempt") or 0)
    fields = payload if kind == "slash_commands" else {"payload": json.dumps(payload)}
    return known, urlencode(fields).encode(), FORM, 0


def retry_headers(attempt: int) -> dict[str, str]:
    """What tells a repeated event from its first delivery."""
    return {"x-slack-retry-num": str(attempt), "x-slack-retry-reason": "http_error"} if attempt else {}
