"""The client of Slack's Web API: never tries again by itself, goes the network's way, and logs no words."""

from __future__ import annotations

import logging

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

from bot.network import Network

SLACK = "https://slack.com/api/"
TIMEOUT = aiohttp.ClientTimeout(total=15, connect=5)


def wordless(record: logging.LogRecord) -> bool:
    """Leave of a record only where it was written and which exception it tells of."""
    kind = record.exc_info[0] if record.exc_info else None
    record.msg, record.args = f"{record.funcName}: {kind.__name__ if kind else 'failed'}", ()
    record.exc_info = record.exc_text = None
    return True


# Bolt and the SDK print whole payloads when they debug or warn, with what people wrote; in errors, what met them.
library = logging.getLogger(f"{__name__}.library")
library.setLevel(logging.ERROR)
library.addFilter(wordless)


def web_client(token: str, base_url: str | None, network: Network, session: aiohttp.ClientSession) -> AsyncWebClient:
    """A client of Slack, or of a server of one's own at `base_url`."""
    address = base_url or SLACK
    client = AsyncWebClient(
        token, address, ssl=network.context(), proxy=network.proxy, session=session, logger=library, retry_handlers=[]
    )
    if network.proxy is None and address.startswith("http://"):
        client.proxy = None  # the SDK knows HTTP_PROXY but not NO_PROXY; a local server needs neither
    return client


def tokenless(client: AsyncWebClient) -> AsyncWebClient:
    """The same client without its token: bolt would otherwise ask Slack who that is."""
    bare = AsyncWebClient(
        None, client.base_url, ssl=client.ssl, session=client.session, logger=client.logger, retry_handlers=[]
    )
    bare.proxy = client.proxy
    return bare
