"""Files: the bytes of what somebody attached, and what the bot sends."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Any

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient
from yarl import URL

from bot.channels import File, Gone, NotSent, PlatformDown, Refused, Undelivered, Unsure, Wait
from bot.handlers import slack_blocks
from bot.handlers.slack_errors import seconds, translated
from bot.messages import Message, clip

Json = dict[str, Any]

PIECE = 256 * 1024
PATIENCE = aiohttp.ClientTimeout(total=600, connect=5, sock_read=15)  # a file may be large, but never stand still
LOOKS = (0.0, 0.2, 0.5, 1.0, 2.0, 4.0)  # seconds between looks for the message of an upload, which comes late
MOST_ALT = 1000  # characters of what a picture shows; Slack refuses the whole file for more
DELETED = {"file_not_found", "file_deleted"}


class Files:
    """The files of one workspace, by their ids."""

    def __init__(self, client: AsyncWebClient) -> None:
        self._client = client

    async def pieces(self, remote: str) -> AsyncIterator[bytes]:
        """The bytes of a file. Raises Gone, NotSent, Refused, Wait."""
        with _fetching():
            card = await self._card(remote)
            url = self._ours(card)
            async with self._session.get(
                url,
                headers={"Authorization": f"Bearer {self._client.token}"},
                allow_redirects=False,
                timeout=PATIENCE,
                **self._way,
            ) as answer:
                _admitted(answer, str(card.get("mimetype") or ""))
                async for piece in answer.content.iter_chunked(PIECE):
                    yield piece

    async def send(self, chat: str, file: File, message: Message) -> str:
        """Upload a file and show it with a message. Until the last step nobody sees anything of it."""
        assert not message.buttons, "Slack hangs no buttons on a file"
        with _unseen():
            channel = await self._opened(chat)
            started = await self._client.files_getUploadURLExternal(
                filename=file.name, length=len(file.content), alt_txt=clip(file.alt, MOST_ALT) or None
            )
            await self._upload(started["upload_url"], file)
        with translated():
            await self._client.files_completeUploadExternal(
                files=[{"id": started["file_id"], "title": file.name}],
                channel_id=channel,
                initial_comment=slack_blocks.words(message),
            )
        await self._confirmed(started["file_id"], channel)
        return f"file:{started['file_id']}"

    @property
    def _session(self) -> aiohttp.ClientSession:
        assert self._client.session is not None
        return self._client.session

    @property
    def _way(self) -> Json:
        return {"proxy": self._client.proxy, "ssl": self._client.ssl or True}

    async def _card(self, remote: str) -> Json:
        try:
            card: Json = (await self._client.files_info(file=remote))["file"]
        except Exception as error:
            reason = getattr(getattr(error, "response", None), "data", None)
            if isinstance(reason, dict) and reason.get("error") in DELETED:
                raise Gone(reason["error"]) from None
            raise
        if card.get("mode") == "tombstone":
            raise Gone("tombstone")
        if card.get("mode") in ("external", "hidden_by_limit") or card.get("is_external"):
            raise Refused(str(card.get("mode")))
        return card

    def _ours(self, card: Json) -> URL:
        """The file's address, if it is Slack's: our token is shown to nobody else."""
        base = URL(self._client.base_url)
        try:
            url = URL(str(card.get("url_private_download") or card.get("url_private") or ""))
        except ValueError:
            raise Refused("a strange address") from None
        host, home = url.host or "", base.host or ""
        near = host == home or host.endswith(f".{home}")
        if not near or (url.scheme, url.port) != (base.scheme, base.port) or url.user or url.password:
            raise Refused("a strange address")
        return url

    async def _opened(self, chat: str) -> str:
        """The channel to show it in: files, unlike messages, cannot be sent to a person."""
        if chat[:1] not in ("U", "W"):
            return chat
        return str((await self._client.conversations_open(users=chat))["channel"]["id"])

    async def _upload(self, url: str, file: File) -> None:
        headers = {"Content-Type": file.media}
        async with self._session.post(url, data=file.content, headers=headers, timeout=PATIENCE, **self._way) as answer:
            if answer.status == 429:
                raise Wait("ratelimited", seconds(answer.headers))
            if answer.status != 200:
                raise NotSent(f"http {answer.status}")

    async def _confirmed(self, file_id: str, channel: str) -> None:
        """Return once the file's message stands in the channel; Unsure when it never does."""
        for pause in LOOKS:
            await asyncio.sleep(pause)
            try:
                with translated():
                    card: Json = (await self._client.files_info(file=file_id))["file"]
            except (NotSent, Unsure, Wait) as error:
                reason = error.args[0]
                continue
            except Undelivered as error:
                raise Unsure(f"the upload cannot be looked at: {error.args[0]}") from error
            shares = card.get("shares") or {}
            if any(channel in (shares.get(kind) or {}) for kind in ("private", "public")):
                return
            reason = "not shown"
        raise Unsure(f"the upload is not confirmed: {reason}")


def _admitted(answer: aiohttp.ClientResponse, media: str) -> None:
    """Raise unless the answer is the file. Whoever may not have it is sent to a page to log in."""
    status = answer.status
    if status == 429:
        raise Wait("ratelimited", seconds(answer.headers))
    if status >= 500:
        raise NotSent(f"http {status}")
    if status in (404, 410):
        raise Gone(f"http {status}")
    if status != 200 or (answer.content_type == "text/html" and media != "text/html"):
        raise Refused("no access")


@contextmanager
def _unseen() -> Iterator[None]:
    """Whatever fails in here has shown nobody anything, and can be done again."""
    try:
        with translated():
            yield
    except Unsure as error:
        raise NotSent(*error.args) from error


@contextmanager
def _fetching() -> Iterator[None]:
    """Fetching fails only as its caller knows it: to fetch once more harms nothing."""
    try:
        with translated():
            yield
    except (Unsure, PlatformDown) as error:
        raise NotSent(*error.args) from error
