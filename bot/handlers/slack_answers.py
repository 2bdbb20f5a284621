"""What Slack shows at once beside what was committed. When it fails, nothing is lost."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient

from bot.channels import Undelivered
from bot.events import Event, Kind, Outcome
from bot.handlers import slack_blocks
from bot.handlers.slack_errors import translated
from bot.messages import Message

Json = dict[str, Any]

OPEN_WITHIN = 1.5  # seconds; a trigger lives for three, and the door must have its time too

log = logging.getLogger(__name__)


class Answers:
    """Windows, words that one person sees, and messages to people of whom nothing is stored."""

    def __init__(
        self,
        client: AsyncWebClient,
        send: Callable[[str, Message], Awaitable[str]],
        leave: Callable[[str], Awaitable[None]],
        loading: tuple[str, str, str],
    ) -> None:
        self._client = client
        self._send = send
        self._leave = leave
        self._title, self._close, self._text = loading

    async def open(self, trigger_id: str) -> str:
        """Open a window before the trigger dies; its id, or nothing when Slack did not."""
        with suppress(Undelivered, TimeoutError):
            async with asyncio.timeout(OPEN_WITHIN):
                with translated():
                    opened = await self._client.views_open(trigger_id=trigger_id, view=self.note(self._text))
                return str(opened["view"]["id"])
        log.warning("a window was not opened")
        return ""

    async def fill(self, view_id: str, outcome: Outcome, chat: str = "") -> None:
        """Show the form in an open window, or what there is to say instead of one."""
        view = self.note(outcome.toast or self._close)
        if outcome.sheet is not None:
            view = slack_blocks.view(outcome.sheet, chat)
        if view_id:
            await _quietly(view_id, self._client.views_update(view_id=view_id, view=view))

    def note(self, text: str) -> Json:
        """A window with a text."""
        return slack_blocks.note(self._title, self._close, text)

    async def tell(self, event: Event, url: str, outcome: Outcome, late: bool) -> None:
        """Say what the door answered, where it was asked.

        Slack has no toast: in a direct message the message itself shows what became of a press, unless it was
        refused; then, and in a channel, the presser alone is told. A command has its answer in the
        acknowledgement, unless that came first.
        """
        told = event.kind is Kind.COMMAND and not late
        shared = url and not event.chat.private
        if outcome.toast and url and (shared or outcome.refused) and not told:
            await _quietly(event.uid, self._whisper(url, slack_blocks.escaped(outcome.toast)))
        if outcome.direct is not None and shared:
            await _quietly(event.uid, self._whisper(url, *slack_blocks.rendered(outcome.direct)))
        elif outcome.direct is not None:
            chat = event.chat.id if event.chat.private else event.sender.user
            await _quietly(event.uid, self._send(chat, outcome.direct))
        if outcome.leave:
            await _quietly(event.uid, self._leave(event.chat.id))

    async def _whisper(self, url: str, text: str, blocks: list[Json] | None = None) -> None:
        client = self._client
        hook = AsyncWebhookClient(url, ssl=client.ssl, session=client.session, logger=client.logger, retry_handlers=[])
        hook.proxy = client.proxy
        told = await hook.send(text=text, blocks=blocks, response_type="ephemeral", replace_original=False)
        if told.status_code != 200:
            log.warning("an answer was not shown: http %s", told.status_code)


def placed(errors: dict[str, str], fields: list[str]) -> dict[str, str]:
    """The errors at fields that the window shows; Slack refuses them all for one that it does not."""
    found: dict[str, list[str]] = {}
    for key, text in errors.items() if fields else ():
        found.setdefault(key if key in fields else fields[0], []).append(text)
    return {key: " ".join(texts) for key, texts in found.items()}


async def _quietly(about: str, call: Awaitable[Any]) -> None:
    try:
        with translated():
            await call
    except Undelivered as error:
        log.warning("%s: not shown: %s", about, error.args[0])
    except Exception as error:
        log.error("%s: not shown: %s", about, type(error).__name__)
