"""How the library's calls travel: over aiohttp, which tells what never left from what may have."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator
from io import BytesIO
from typing import Any

import aiohttp
from telegram._utils.defaultvalue import DefaultValue
from telegram._utils.types import ODVInput
from telegram.error import NetworkError, RetryAfter, TelegramError
from telegram.request import BaseRequest, RequestData

from bot.network import NEVER_LEFT, Network

CONNECT_SECONDS = 5.0
READ_SECONDS = 15.0
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
PIECE = 256 * 1024


class NotConnected(NetworkError):
    """No connection, so nothing was sent."""


class Interrupted(NetworkError):
    """The answer never came; what was asked may have been done."""


class ServerFailed(NetworkError):
    """Telegram said that it failed; `doubtful` if that was on the way, and it may have done it all the same."""

    def __init__(self, message: str, *, doubtful: bool = False) -> None:
        super().__init__(message)
        self.doubtful = doubtful


class NotGiven(NetworkError):
    """Telegram does not give a file out; `status` is HTTP's, `seconds` how long it asks to wait, or 0."""

    def __init__(self, status: int, seconds: float) -> None:
        super().__init__(f"HTTP {status}")
        self.status = status
        self.seconds = seconds


class Transport(BaseRequest):
    """The library's own transport spends most of the CPU in its connection pool; this one does not.

    The errors name only their kind: aiohttp's texts hold the address, and the address holds the token.
    """

    def __init__(self, network: Network) -> None:
        self._network = network
        self._session: aiohttp.ClientSession | None = None

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        """What Telegram said. The library would log all of an answer that it cannot read, with what people wrote."""
        try:
            said: dict[str, Any] = json.loads(payload)
        except ValueError:
            raise TelegramError("Invalid server response") from None
        return said

    @property
    def read_timeout(self) -> float:
        """Seconds to wait for an answer where the call names none."""
        return READ_SECONDS

    async def initialize(self) -> None:
        """Open the pool."""
        if self._session is None:
            self._session = self._network.session()

    async def shutdown(self) -> None:
        """Close every connection."""
        if self._session is not None:
            session, self._session = self._session, None
            await session.close()

    async def renew(self) -> None:
        """Close every connection and open a new pool."""
        await self.shutdown()
        await self.initialize()

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: ODVInput[float] = BaseRequest.DEFAULT_NONE,
        write_timeout: ODVInput[float] = BaseRequest.DEFAULT_NONE,
        connect_timeout: ODVInput[float] = BaseRequest.DEFAULT_NONE,
        pool_timeout: ODVInput[float] = BaseRequest.DEFAULT_NONE,
    ) -> tuple[int, bytes]:
        """One call. POST is never repeated, neither by aiohttp on a dropped connection nor by a redirect."""
        if self._session is None:
            raise NotConnected("the transport is closed")
        reading = READ_SECONDS if isinstance(read_timeout, DefaultValue) else read_timeout
        try:
            async with self._session.request(
                method, url, timeout=waiting(reading, whole=True), allow_redirects=False, **body_of(request_data)
            ) as answer:
                if answer.status >= 500:
                    raise ServerFailed(f"HTTP {answer.status}", doubtful=answer.status in (500, 504))
                body = await answer.read()
                if answer.status >= 300:
                    check_refusal(answer, body)
                return answer.status, body
        except TelegramError:
            raise
        except Exception as error:  # else the library would put its words, and the token in them, into its own error
            raise broken(error) from None

    async def stream(self, url: str) -> AsyncGenerator[bytes, None]:
        """A file in pieces of at most PIECE bytes. Raises NotGiven, and what a call raises."""
        if self._session is None:
            raise NotConnected("the transport is closed")
        try:
            async with self._session.get(url, timeout=waiting(READ_SECONDS), allow_redirects=False) as answer:
                if answer.status >= 500:
                    raise ServerFailed(f"HTTP {answer.status}")
                if answer.status != 200:
                    raise NotGiven(answer.status, seconds_in(answer.headers.get("Retry-After", "")))
                async for piece in answer.content.iter_chunked(PIECE):
                    yield piece
        except TelegramError:
            raise
        except Exception as error:  # else the library would put its words, and the token in them, into its own error
            raise broken(error) from None


def check_refusal(answer: aiohttp.ClientResponse, body: bytes) -> None:
    """Raise unless it is Telegram that refuses, and says what it wants.

    The library goes by the status alone: a proxy's 403 would end every account, and its 404 the token.
    """
    try:
        said = json.loads(body)
    except ValueError:
        said = None
    telegrams = isinstance(said, dict) and "ok" in said
    patience = said.get("parameters") if isinstance(said, dict) else None
    if answer.status == 429 and not (isinstance(patience, dict) and patience.get("retry_after")):
        raise RetryAfter(max(1, int(seconds_in(answer.headers.get("Retry-After", "")))))
    if not telegrams:
        raise ServerFailed(f"HTTP {answer.status}, not from Telegram")


def waiting(reading: float | None, *, whole: bool = False) -> aiohttp.ClientTimeout:
    """How long to wait to be connected, and for each sign of life after that; or for the `whole` of an answer."""
    total = reading + CONNECT_SECONDS if whole and reading is not None else None
    return aiohttp.ClientTimeout(total=total, connect=CONNECT_SECONDS, sock_read=reading)


def body_of(data: RequestData | None) -> dict[str, Any]:
    """The call's parameters: as a form, or in parts where a file is among them."""
    if data is None:
        return {}
    if not data.contains_files:
        return {"data": data.url_encoded_parameters().encode(), "headers": FORM}
    # Telegram takes a file's name as it stands; percent signs would be shown to people.
    form = aiohttp.FormData(quote_fields=False)
    for name, value in data.json_parameters.items():
        form.add_field(name, value)
    for name, (filename, content, media) in data.multipart_data.items():
        # From a stream it is written piece by piece, and other calls get their turn between the pieces.
        stream = BytesIO(content) if isinstance(content, bytes) else content
        form.add_field(name, stream, filename=filename, content_type=media)
    return {"data": form}


def broken(error: Exception) -> NetworkError:
    """What a failed connection means for what was asked."""
    return NotConnected(type(error).__name__) if isinstance(error, NEVER_LEFT) else Interrupted(type(error).__name__)


def seconds_in(header: str) -> float:
    """The seconds of a Retry-After, 0 when it names none."""
    return float(header) if header.isascii() and header.isdigit() else 0.0
