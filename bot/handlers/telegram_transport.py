"""How the library's calls travel: over aiohttp, which tells what never left from what may have."""

from __future__ import annotations

from typing import Any

import aiohttp
from telegram._utils.defaultvalue import DefaultValue
from telegram._utils.types import ODVInput
from telegram.error import NetworkError
from telegram.request import BaseRequest, RequestData

CONNECT_SECONDS = 5.0
READ_SECONDS = 15.0
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


NEVER_LEFT = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.ClientHttpProxyError)


class NotConnected(NetworkError):
    """No connection, so nothing was sent."""


class Interrupted(NetworkError):
    """The answer never came; what was asked may have been done."""


class ServerFailed(NetworkError):
    """Telegram said that it failed."""


class Transport(BaseRequest):
    """The library's own transport spends most of the CPU in its connection pool; this one does not.

    The errors name only their kind: aiohttp's texts hold the address, and the address holds the token.
    """

    def __init__(self) -> None:
        self._session: aiohttp.ClientSession | None = None

    @property
    def read_timeout(self) -> float:
        """Seconds to wait for an answer where the call names none."""
        return READ_SECONDS

    async def initialize(self) -> None:
        """Open the pool. Pacing is delivery's, so the pool has no limit of its own."""
        if self._session is None:
            self._session = aiohttp.ClientSession(  # a proxy or `trust_env` goes here
                connector=aiohttp.TCPConnector(limit=0), cookie_jar=aiohttp.DummyCookieJar()
            )

    async def shutdown(self) -> None:
        """Close every connection."""
        if self._session is not None:
            session, self._session = self._session, None
            await session.close()

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
        options: dict[str, Any] = {
            "timeout": aiohttp.ClientTimeout(connect=CONNECT_SECONDS, sock_read=reading),
            "allow_redirects": False,
        }
        if request_data is not None:
            assert not request_data.contains_files, "files are not sent yet"
            options |= {"data": request_data.url_encoded_parameters().encode(), "headers": FORM}
        try:
            async with self._session.request(method, url, **options) as answer:
                if answer.status >= 500:
                    raise ServerFailed(f"HTTP {answer.status}")
                return answer.status, await answer.read()
        except (
            aiohttp.ClientConnectorError,
            aiohttp.ConnectionTimeoutError,
            aiohttp.ClientHttpProxyError,
        ) as error:
            raise NotConnected(type(error).__name__) from None
        except (aiohttp.ClientError, TimeoutError) as error:
            raise Interrupted(type(error).__name__) from None
