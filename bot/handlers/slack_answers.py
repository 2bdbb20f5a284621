"""What Slack shows at once beside what was committed. When it fails, nothing is lost."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient

from bot.channels import Refused, Undelivered
from bot.events import Event, Kind, Outcome
from bot.handlers import slack_blocks
from bot.handlers.slack_errors import translated
from bot.handlers.slack_events import Back
from bot.messages import Message

Json = dict[str, Any]

WHISPERED: Json = {"response_type": "ephemeral", "replace_original": False}
ALOUD: Json = {"response_type": "in_channel", "replace_original": False}
NOT_OURS = ("channel_not_found", "not_in_channel")  # a command can be given where we are not
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

    async def tell(self, event: Event, back: Back, outcome: Outcome, late: bool) -> None:
        """Say what the door answered, where it was asked.

        Slack has no toast: in a direct message the message itself shows what became of a press, unless it was
        refused; then, and in a channel, the presser alone is told. A command has its answer in the
        acknowledgement, unless that came first.
        """
        told = event.kind is Kind.COMMAND and not late
        there = bool(back.url) and (back.fleeting or not event.chat.private)
        if outcome.toast and back.url and (there or outcome.refused) and not told:
            await _quietly(event.uid, self._respond(back, text=slack_blocks.escaped(outcome.toast), **WHISPERED))
        if outcome.direct is not None and there:
            await _quietly(event.uid, self._show(back, outcome.direct, aloud=outcome.aloud))
        elif outcome.direct is not None:
            await _quietly(event.uid, self._write(event, back, outcome.direct))
        if outcome.leave:
            await _quietly(event.uid, self._leave(event.chat.id))

    async def _show(self, back: Back, message: Message, *, aloud: bool) -> None:
        """In place of what was pressed, if only the presser saw that; or for all, and then that has done its work."""
        text, blocks = slack_blocks.rendered(message)
        if not aloud:
            said = WHISPERED | {"replace_original": back.fleeting}
            await self._respond(back, text=text, blocks=blocks, **said)
        elif await self._respond(back, text=text, blocks=blocks, **ALOUD) and back.fleeting:
            await self._respond(back, delete_original=True)

    async def _write(self, event: Event, back: Back, message: Message) -> None:
        """In the direct message with us; what was asked in one with somebody else is answered there, to the asker."""
        try:
            await self._send(event.chat.id if event.chat.private else event.sender.user, message)
        except Refused as refused:
            if refused.args[0] not in NOT_OURS or not back.url:
                raise
            text, blocks = slack_blocks.rendered(message)
            await self._respond(back, text=text, blocks=blocks, **WHISPERED)

    async def _respond(self, back: Back, **said: Any) -> bool:
        """Answer by the `response_url`, which needs no membership; whether Slack took it."""
        client = self._client
        hook = AsyncWebhookClient(
            back.url, ssl=client.ssl, session=client.session, logger=client.logger, retry_handlers=[]
        )
        hook.proxy = client.proxy
        answer = await hook.send(**said)
        if answer.status_code != 200:
            log.warning("an answer was not shown: http %s", answer.status_code)
        return answer.status_code == 200


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
