"""A local server that behaves as 46elks' HTTP API, and remembers which telephones rang.

It shares no code with the bot's own client, so that a misunderstanding in one is seen in the other.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import math
import re
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from aiohttp import web

from bot.playground.faults import Fault, Faults, Misbehaviour

NUMBER = re.compile(r"\+[1-9][0-9]{6,14}")
SENDER = re.compile(r"\+[1-9][0-9]{6,14}|[A-Za-z][A-Za-z0-9]{0,10}")
COST = 5200  # ten-thousandths of a krona, for each part


@dataclass(frozen=True)
class Sms:
    """What a telephone received."""

    id: str
    sender: str
    to: str
    words: str
    kept: bool  # whether the words stay in the log of the account


@dataclass(frozen=True)
class Ring:
    """A call to a telephone, and the address of the sound that is played."""

    id: str
    sender: str
    to: str
    sound: str


class Refused(Exception):
    """The status and the words that the server answers with."""

    def __init__(self, status: int, words: str, wait: float = 0) -> None:
        super().__init__(words)
        self.status, self.words, self.wait = status, words, wait


class ElksPlayground:
    """One account's 46elks on a loopback port of its own.

    Faults are planned for `sms`, `calls` and `me`; BLOCKED is a number that cannot be reached.
    """

    def __init__(self, user: str = "u5a9566", password: str = "hemligt") -> None:  # noqa: S107  # opens only this
        self.user, self.password = user, password
        self.faults = Faults()
        self.texts: list[Sms] = []
        self.rings: list[Ring] = []
        self.asked: list[str] = []  # what was asked for, in order, whatever came of it
        self.balance = 9_670_500
        self.base_url = ""
        self._ids = itertools.count(1)
        self._runner: web.ServerRunner | None = None

    async def start(self) -> None:
        """Listen on a loopback port that the operating system chooses."""
        self._runner = web.ServerRunner(web.Server(self._answer, access_log=None), shutdown_timeout=0.01)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.base_url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    async def stop(self) -> None:
        """Close the port and every connection; what was received stays."""
        if self._runner is not None:
            runner, self._runner = self._runner, None
            await runner.cleanup()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *reason: object) -> None:
        await self.stop()

    async def _answer(self, request: web.BaseRequest) -> web.StreamResponse:
        name = request.path.removeprefix("/a1/").lower()
        self.asked.append(name)
        form = {key: str(value) for key, value in (await request.post()).items()}
        fault = self.faults.next(name)
        if fault is not None and fault.kind is Misbehaviour.DROP_BEFORE:
            return hang_up(request)
        try:
            self._let_in(request)
            check(fault)
            said = self._perform(request.method, name, form)
        except Refused as refused:
            headers = {"Retry-After": str(math.ceil(refused.wait))} if refused.wait else None
            return web.Response(status=refused.status, text=refused.words, headers=headers)
        if fault is not None and fault.kind is Misbehaviour.DROP_AFTER:
            return hang_up(request)
        if fault is not None and fault.kind is Misbehaviour.DELAY:
            await asyncio.sleep(fault.seconds)
        return web.json_response(said)

    def _let_in(self, request: web.BaseRequest) -> None:
        wanted = b64encode(f"{self.user}:{self.password}".encode()).decode()
        if request.headers.get("Authorization") != f"Basic {wanted}":
            raise Refused(401, "Unauthorized")

    def _perform(self, method: str, name: str, form: Mapping[str, str]) -> dict[str, object]:
        match method, name:
            case "GET", "me":  # https://46elks.se/docs/update-account
                return {"id": self.user, "displayname": "Lönnköping", "currency": "SEK", "balance": self.balance}
            case "POST", "sms":
                return self._sms(form)
            case "POST", "calls":
                return self._call(form)
            case _:
                raise Refused(404, "Not found")

    def _sms(self, form: Mapping[str, str]) -> dict[str, object]:
        # https://46elks.se/docs/send-sms
        words = form.get("message", "")
        if not words:
            raise Refused(400, 'Missing key "message"')
        kept = form.get("dontlog") != "message"
        sms = Sms(f"s{next(self._ids):032x}", form.get("from", ""), form.get("to", ""), words, kept)
        parts = self._pay(sms.sender, sms.to, SENDER, math.ceil(len(words) / 153) if len(words) > 160 else 1)
        self.texts.append(sms)
        said: dict[str, object] = {
            "status": "created",
            "direction": "outgoing",
            "from": sms.sender,
            "to": sms.to,
            "id": sms.id,
        }
        return said | {"parts": parts, "cost": parts * COST} | ({"message": words} if kept else {})

    def _call(self, form: Mapping[str, str]) -> dict[str, object]:
        # https://46elks.se/docs/make-call, https://46elks.se/docs/voice-play
        try:
            sound = json.loads(form.get("voice_start", ""))["play"]
        except (ValueError, KeyError, TypeError):
            raise Refused(400, "voice_start is neither an address nor an action") from None
        ring = Ring(f"c{next(self._ids):032x}", form.get("from", ""), form.get("to", ""), sound)
        self._pay(ring.sender, ring.to, NUMBER, 1)
        self.rings.append(ring)
        return {"state": "ongoing", "direction": "outgoing", "from": ring.sender, "to": ring.to, "id": ring.id}

    def _pay(self, sender: str, to: str, senders: re.Pattern[str], parts: int) -> int:
        if not senders.fullmatch(sender):
            raise Refused(400, f"Invalid from: {sender}")
        if not NUMBER.fullmatch(to):
            raise Refused(400, f"Invalid to number: {to}")
        if self.balance < parts * COST:
            raise Refused(403, "Not enough credits")
        self.balance -= parts * COST
        return parts


def check(fault: Fault | None) -> None:
    """Refuse the call if that is its planned misbehaviour."""
    if fault is None:
        return
    if fault.kind is Misbehaviour.TOO_MANY:
        raise Refused(429, "Too many requests", fault.seconds)
    if fault.kind is Misbehaviour.SERVER_ERROR:
        raise Refused(502, "Bad gateway")
    if fault.kind is Misbehaviour.BLOCKED:
        raise Refused(400, "Invalid to number")


def hang_up(request: web.BaseRequest) -> web.StreamResponse:
    """Close the connection; the answer that the framework wants meets a closed door."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()
