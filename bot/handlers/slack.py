"""Slack through slack-bolt, by Socket Mode or signed HTTP: payload to event, message to call.

Bolt runs with `process_before_response`: a payload is acknowledged when its listener returns, which is when
the door has returned and the event is committed, and not at all when the listener raises. Slack then sends an
event again; the person who pressed or gave a command sees Slack's own error.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import suppress
from datetime import datetime
from typing import Any

import aiohttp

from bot.channels import Answer, BadLogin, Door, File, PlatformDown, Refused, Request
from bot.events import Outcome, Platform
from bot.handlers import slack_blocks
from bot.handlers.slack_answers import Answers
from bot.handlers.slack_client import TIMEOUT, web_client
from bot.handlers.slack_errors import named, translated
from bot.handlers.slack_files import Files
from bot.handlers.slack_http import Postbox
from bot.handlers.slack_inbound import Acknowledge, Inbound, Office, Respond, Work
from bot.handlers.slack_socket import Line
from bot.messages import Message
from bot.network import Network

__all__ = ["Acknowledge", "Respond", "SlackChannel", "Work"]

Json = dict[str, Any]

FINISH_WITHIN = 3.0
NO_THREAD = ("cannot_reply_to_message", "thread_not_found", "message_not_found")
AWAY = Answer(503, b"away")

log = logging.getLogger(__name__)


class SlackChannel:
    """One workspace. `keep` stores a payload that cannot be read; `probe` hears where a crash is survived."""

    platform = Platform.SLACK
    patience = 2.0  # seconds that a press or a command waits for the door

    def __init__(
        self,
        *,
        bot_token: str,
        app_token: str | None,
        base_url: str | None,
        door: Door,
        now: Callable[[], datetime],
        slow_text: str,
        loading: tuple[str, str, str],
        wants_name: Callable[[str], bool],
        keep: Callable[[Json, str], Awaitable[None]],
        probe: Callable[[str], None] = lambda _: None,
        signing_secret: str | None = None,
        network: Network | None = None,
    ) -> None:
        self.team = ""
        self._bot_token, self._app_token, self._signing_secret = bot_token, app_token, signing_secret
        self._network, self._base_url = network or Network(), base_url
        self._loading, self._probe = loading, probe
        self._office = Office(door, now, slow_text, wants_name, keep, self.settle, self.spawn)
        self._session: aiohttp.ClientSession | None = None
        self._line: Line | None = None
        self._postbox: Postbox | None = None
        self._tasks: set[asyncio.Task[Any]] = set()

    async def start(self) -> None:
        """Log in and begin to receive; raises BadLogin when Slack refuses a token."""
        self._session = self._network.session(TIMEOUT)
        try:
            self._client = web_client(self._bot_token, self._base_url, self._network, self._session)
            self._answers = Answers(self._client, self.send, self.leave, self._loading)
            self._files = Files(self._client)
            me, url = await self._log_in()
            inbound = Inbound(self._office, self._client, self._answers, self.team, me)
            if self._app_token is not None:
                self._line = Line(inbound, self._app_token)
                await self._line.open(url)
            elif self._signing_secret is not None:
                self._postbox = Postbox(inbound, self._signing_secret, self._office.now)
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """Take nothing more in, let what is under way be committed and acknowledged, and disconnect."""
        self._postbox = None
        if self._line is not None:
            self._line.refuse()
            await self._finish(self._line.busy)
        await self._finish(self._tasks)
        if self._line is not None:
            await self._line.close()
        if self._session is not None:
            await self._session.close()

    @property
    def heard_at(self) -> float | None:
        """When the socket last carried a frame or a pong, in monotonic seconds; None where Slack calls us."""
        return self._line.heard_at if self._line is not None else None

    @property
    def busy(self) -> bool:
        """Whether something beside the outbox is still on its way."""
        return bool(self._tasks or (self._line is not None and self._line.busy))

    async def revive(self) -> None:
        """Hang up on the way in and connect anew."""
        if self._line is not None:
            await self._line.replace()

    async def listen(self, on: bool) -> None:
        """Nothing to do: each process may have a socket of its own, and Slack spreads what comes."""

    async def menu(self, chat: str, entries: object, language: str) -> str:
        """Slack has no menu of a person's own: its commands are in the app's manifest."""
        return "menu:"

    async def send(self, chat: str, message: Message, hangs_on: str = "") -> str:
        """Post a message; the reference has the channel that Slack chose, also when `chat` is a person.

        What hangs on another is in its thread, and shown in the conversation too.
        """
        if not hangs_on:
            return await self._post(chat, message)
        try:
            return await self._post(chat, message, thread_ts=hangs_on.rpartition(":")[2], reply_broadcast=True)
        except Refused as refused:
            if refused.args[0] not in NO_THREAD:
                raise
        return await self._post(chat, message)

    async def _post(self, chat: str, message: Message, **thread: Any) -> str:
        text, blocks = slack_blocks.rendered(message)
        with translated():
            posted = await self._client.chat_postMessage(
                channel=chat, text=text, blocks=blocks, unfurl_links=False, unfurl_media=False, **thread
            )
        return named(posted.get("channel"), posted.get("ts"))

    async def edit(self, chat: str, ref: str, message: Message) -> str:
        """Replace a message, its buttons too."""
        channel, _, ts = ref.partition(":")
        text, blocks = slack_blocks.rendered(message)
        with translated():
            await self._client.chat_update(channel=channel, ts=ts, text=text, blocks=blocks)
        return ref

    async def pin(self, chat: str, ref: str) -> str:
        """Pin a message."""
        channel, _, ts = ref.partition(":")
        try:
            with translated():
                await self._client.pins_add(channel=channel, timestamp=ts)
        except Refused as refused:
            if refused.args[0] != "already_pinned":
                raise
        return ref

    async def leave(self, chat: str) -> None:
        """Leave a channel. One that the bot is not in, or that was closed, it has left already."""
        try:
            with translated():
                await self._client.conversations_leave(channel=chat)
        except Refused as refused:
            if refused.args[0] not in ("not_in_channel", "channel_not_found", "is_archived"):
                raise

    async def send_file(self, chat: str, file: File, message: Message) -> str:
        """Send a file with a message that has no buttons; the reference is the file's id, "file:F…"."""
        return await self._files.send(chat, file, message)

    def fetch(self, remote: str) -> AsyncIterator[bytes]:
        """The bytes of the file with this id, in pieces of at most 256 KiB."""
        return self._files.pieces(remote)

    async def deliver(self, request: Request) -> Answer:
        """Take what Slack posted: 401 unless it is signed, 200 once it is committed, 503 when we are not here."""
        if self._postbox is None:
            return AWAY
        task = self.spawn(self._postbox.take(request))
        await asyncio.wait({task})  # whoever hangs up meanwhile does not stop a transaction half-way
        return AWAY if task.cancelled() else task.result()

    async def settle(self, work: Work, acknowledge: Acknowledge, respond: Respond, *, patient: bool = False) -> None:
        """Take one act through the door, and acknowledge it after the commit.

        What Slack sends again (`patient`) waits for its commit, however long. A press or a command comes
        once, so after `patience` it is acknowledged with what promises nothing, and the door goes on.
        """
        task = self.spawn(work)
        await asyncio.wait({task}, timeout=None if patient else self.patience)
        if not task.done():
            await acknowledge(None)
            self.spawn(self.follow(task, respond))
            return
        outcome = task.result()
        self._probe("between commit and acknowledgement")
        await acknowledge(outcome)
        self.spawn(respond(outcome, False))

    async def follow(self, work: Awaitable[Outcome], respond: Respond) -> None:
        """Finish an act that was acknowledged before its door returned."""
        try:
            outcome = await work
        except Exception as error:
            log.error("an acknowledged act was not committed: %s", type(error).__name__)
            return
        await respond(outcome, True)

    def spawn(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        """Run something that `stop` waits for."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._forget)
        return task

    def _forget(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled():
            task.exception()  # whoever waits for it has it; asyncio is not to print it as never retrieved

    async def _finish(self, tasks: set[asyncio.Task[Any]]) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(FINISH_WITHIN):
                while tasks:  # one may start another
                    await asyncio.wait(set(tasks))
        left = list(tasks)
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)

    async def _log_in(self) -> tuple[str, str]:
        """Who we are, and the address of a socket (empty where Slack calls us)."""
        url = ""
        try:
            with translated():
                me = await self._client.auth_test()
                if self._app_token is not None:
                    url = str((await self._client.apps_connections_open(app_token=self._app_token))["url"])
        except (PlatformDown, Refused) as refused:
            raise BadLogin(refused.args[0]) from None
        self.team = me["team_id"]
        return str(me["user_id"]), url
