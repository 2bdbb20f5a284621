"""The way in by signed HTTP: what Slack posts to our web server."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl

from slack_bolt.response import BoltResponse
from slack_sdk.signature import Clock, SignatureVerifier

from bot.channels import Answer, Request
from bot.handlers.slack_attached import Malformed
from bot.handlers.slack_inbound import Inbound

Json = dict[str, Any]

FORM = "application/x-www-form-urlencoded"
MOST_FIELDS = 100
UNSIGNED, FAILED = Answer(401, b"unauthorized"), Answer(500, b"not committed")

log = logging.getLogger(__name__)


class Postbox:
    """Takes what is signed with `secret`, and hands it on to `inbound`. It never raises."""

    def __init__(self, inbound: Inbound, secret: str, now: Callable[[], datetime]) -> None:
        self._inbound = inbound
        self._verifier = SignatureVerifier(secret, _Ours(now))

    async def take(self, request: Request) -> Answer:
        """401 unless it is signed, 200 once it is committed or kept, else 500, so that Slack sends an event again."""
        if not self._signed(request):
            return UNSIGNED
        try:
            return await self._read(request)
        except Exception as error:
            log.error("what Slack posted was not taken: %s", type(error).__name__)
            return FAILED

    def _signed(self, request: Request) -> bool:
        # The verifier raises on odd timestamps, signatures that are not ASCII and bodies that are not UTF-8.
        try:
            return self._verifier.is_valid_request(request.body, dict(request.headers))
        except Exception:
            return False

    async def _read(self, request: Request) -> Answer:
        try:
            payload = body(request)
        except (ValueError, RecursionError):
            raw = {"body": request.body.decode("utf-8", "replace")}
            return answered(await self._inbound.rescue(raw, Malformed("body")))
        if not isinstance(payload, dict):
            return answered(await self._inbound.rescue({"body": payload}, Malformed("payload")))
        if payload.get("type") == "url_verification":
            return Answer(200, str(payload.get("challenge") or "").encode("utf-8", "replace"))
        if "ssl_check" in payload:
            return Answer(200)
        return answered(await self._inbound.take(payload))


def body(request: Request) -> Any:
    """What was posted: JSON, or a form that either is a command or holds JSON. Raises ValueError, RecursionError."""
    text = request.body.decode()
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != FORM:
        return json.loads(text)
    fields = dict(parse_qsl(text, keep_blank_values=True, max_num_fields=MOST_FIELDS, errors="strict"))
    if not fields:
        raise ValueError("an empty form")
    return json.loads(fields["payload"]) if "payload" in fields else fields


def answered(reply: BoltResponse) -> Answer:
    """Bolt's reply as an answer; whatever is not 200 has not been committed."""
    if reply.status != 200:
        return FAILED
    media = reply.headers.get("content-type", ["text/plain"])[0]
    return Answer(200, (reply.body or "").encode("utf-8", "replace"), media)


class _Ours(Clock):
    """The verifier's clock, by ours."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now

    def now(self) -> float:
        return self._now().timestamp()
