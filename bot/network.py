"""How the adapters reach the world: through a proxy, and trusting a certificate authority of one's own."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import aiohttp

# What ends before anything was asked; every other way to lose a connection leaves open whether it was done.
NEVER_LEFT = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.ClientHttpProxyError)


@dataclass(frozen=True)
class Network:
    """`proxy` is an address such as http://proxy.kommun.se:8080; `ca_file` holds certificates in PEM."""

    proxy: str | None = None
    ca_file: Path | None = None

    def context(self) -> ssl.SSLContext:
        """Trusts what the machine trusts, and the own authority too. Raises OSError for a file that is none."""
        return _context(self.ca_file)

    def session(self, timeout: aiohttp.ClientTimeout | None = None) -> aiohttp.ClientSession:
        """A session that goes this way. Pacing is delivery's, so the pool has no limit of its own."""
        return aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, ssl=self.context()),
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=timeout or aiohttp.ClientTimeout(),
            proxy=self.proxy,
        )


@cache  # reading what the machine trusts takes 15 ms, and there are several sessions
def _context(ca_file: Path | None) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if ca_file is not None:
        context.load_verify_locations(ca_file)
    return context
