"""Slack through slack-bolt and Socket Mode: payload to event, message to call.

Bolt runs with `process_before_response`: a payload is acknowledged when its listener returns, which is when
the door has returned and the event is committed, and not at all when the listener raises. Slack then sends an
event again; the person who pressed or gave a command sees Slack's own error.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

import aiohttp
from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.response import BoltResponse
from slack_sdk.web.async_client import AsyncWebClient

from bot.channels import Answer, BadLogin, Door, File, PlatformDown, Refused, Request
from bot.events import Chat, Event, Kind, Outcome, Platform
from bot.handlers import slack_blocks, slack_events
from bot.handlers.slack_answers import Answers, placed
from bot.handlers.slack_errors import translated
from bot.handlers.slack_events import Foreign, Here, Malformed
from bot.handlers.slack_socket import Line
from bot.messages import Message
from bot.network import Network

Json = dict[str, Any]
Work = Coroutine[Any, Any, Outcome]
Acknowledge = Callable[[Outcome | None], Awaitable[None]]  # None: the door has not returned yet
Respond = Callable[[Outcome, bool], Coroutine[Any, Any, None]]  # True: it was acknowledged before the door returned

SLACK = "https://slack.com/api/"
TIMEOUT = aiohttp.ClientTimeout(total=15, connect=5)
NAME_WITHIN = 1.0  # seconds; a name is only a courtesy, and the event waits for it
FINISH_WITHIN = 3.0
SHARED = ("is_shared", "is_ext_shared", "is_org_shared", "is_pending_ext_shared")

log = logging.getLogger(__name__)
# Bolt and the SDK print whole payloads when they debug or warn, with what people wrote.
library = logging.getLogger(f"{__name__}.library")
library.setLevel(logging.ERROR)


class Unsettled(Exception):
    """The event was not committed, so it must not be acknowledged."""


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
        self._signing_secret, self._network = signing_secret, network or Network()
        self._tokens = (bot_token, app_token or "")
        self._base_url = base_url or SLACK
        self._door = door
        self._now = now
        self._slow_text = slow_text
        self._loading = loading
        self._wants_name = wants_name
        self._keep = keep
        self._probe = probe
        self._bot = ""
        self._names: dict[str, str] = {}
        self._session: aiohttp.ClientSession | None = None
        self._line: Line | None = None
        self._tasks: set[asyncio.Task[Any]] = set()

    async def start(self) -> None:
        """Log in and begin to receive; raises BadLogin when Slack refuses a token."""
        self._session = aiohttp.ClientSession(timeout=TIMEOUT)
        try:
            self._client = self._web(self._tokens[0])
            self._answers = Answers(self._client, self.send, self.leave, self._loading)
            url = await self._log_in()
            self._line = Line(self._app(), self._tokens[1], self._rescue)
            await self._line.open(url)
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """Take nothing more in, let what is under way be committed and acknowledged, and disconnect."""
        if self._line is not None:
            self._line.refuse()
            await self._finish(self._line.busy)
        await self._finish(self._tasks)
        if self._line is not None:
            await self._line.close()
        if self._session is not None:
            await self._session.close()

    async def listen(self, on: bool) -> None:
        """Nothing to do: each process may have a socket of its own, and Slack spreads what comes."""

    async def menu(self, chat: str, entries: object, language: str) -> str:
        """Slack has no menu of a person's own: its commands are in the app's manifest."""
        return "menu:"

    async def send(self, chat: str, message: Message) -> str:
        """Post a message; the reference has the channel that Slack chose, also when `chat` is a person."""
        text, blocks = slack_blocks.rendered(message)
        with translated():
            posted = await self._client.chat_postMessage(
                channel=chat, text=text, blocks=blocks, unfurl_links=False, unfurl_media=False
            )
        return f"{posted['channel']}:{posted['ts']}"

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

    # To be filled in
    @property
    def heard_at(self) -> float | None:
        """When the platform last answered on the way in, in monotonic seconds; None where it calls us."""
        raise NotImplementedError

    @property
    def busy(self) -> bool:
        """Whether something beside the outbox is still on its way."""
        raise NotImplementedError

    async def send_file(self, chat: str, file: File, message: Message) -> str:
        """Send a file with a message below it."""
        raise NotImplementedError

    def fetch(self, remote: str) -> AsyncIterator[bytes]:
        """The bytes of a file that somebody attached."""
        raise NotImplementedError

    async def revive(self) -> None:
        """Hang up on the way in and connect anew."""
        raise NotImplementedError

    async def deliver(self, request: Request) -> Answer:
        """Take what the platform posted."""
        raise NotImplementedError

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

    def _web(self, token: str | None) -> AsyncWebClient:
        client = AsyncWebClient(token, self._base_url, session=self._session, logger=library, retry_handlers=[])
        if self._base_url.startswith("http://"):
            client.proxy = None  # the SDK knows HTTP_PROXY but not NO_PROXY; a local server needs neither
        return client

    async def _log_in(self) -> str:
        try:
            with translated():
                me = await self._client.auth_test()
                line = await self._client.apps_connections_open(app_token=self._tokens[1])
        except (PlatformDown, Refused) as refused:
            raise BadLogin(refused.args[0]) from None
        self.team, self._bot = me["team_id"], me["user_id"]
        return str(line["url"])

    def _app(self) -> AsyncApp:
        # Bolt's own way to authorize asks Slack at the first event, and acknowledges that event unread when
        # Slack says no. Its filters fall over payloads of a strange shape before a listener can keep them.
        who = AuthorizeResult(enterprise_id=None, team_id=self.team, bot_user_id=self._bot)

        async def authorize() -> AuthorizeResult:
            return who

        app = AsyncApp(
            name="tryggvag",
            logger=library,
            client=self._web(None),
            authorize=authorize,
            process_before_response=True,
            request_verification_enabled=False,
            ignoring_self_events_enabled=False,
            ssl_check_enabled=False,
            url_verification_enabled=False,
            attaching_function_token_enabled=False,
            attaching_conversation_kwargs_enabled=False,
        )
        app.event("message")(self._message)
        app.event(slack_events.MEMBERSHIP)(self._membership)
        app.command(re.compile(""))(self._command)
        app.block_action(re.compile(""))(self._press)
        app.view("form")(self._submission)
        app.error(self._failed)
        return app

    async def _message(self, body: Json, ack: AsyncAck) -> None:
        event = slack_events.message(self._here(), body)
        if event is not None and self._wants_name(event.text):
            event = replace(event, sender_name=await self._name(event.sender.user))
        await self._happened(event, ack)

    async def _membership(self, body: Json, ack: AsyncAck) -> None:
        event = slack_events.membership(self._here(), body)
        if event is not None and event.kind is Kind.ADDED:
            event = replace(event, chat=await self._described(event.chat))
        await self._happened(event, ack)

    async def _happened(self, event: Event | None, ack: AsyncAck) -> None:
        async def acknowledge(_: Outcome | None) -> None:
            await ack()

        if event is None:
            await ack()
        else:
            await self._through(self._enter(event), acknowledge, partial(self._answers.tell, event, ""), patient=True)

    async def _command(self, body: Json, ack: AsyncAck) -> None:
        event = slack_events.command(self._here(), body)

        async def acknowledge(outcome: Outcome | None) -> None:
            said = "" if event.chat.private or outcome is None else outcome.toast
            await ack(slack_blocks.escaped(self._slow_text if outcome is None else said))

        answer = partial(self._answers.tell, event, body.get("response_url") or "")
        await self._through(self._enter(event), acknowledge, answer)

    async def _press(self, body: Json, ack: AsyncAck) -> None:
        event = slack_events.press(self._here(), body)

        async def acknowledge(_: Outcome | None) -> None:
            await ack()

        if event is None:
            await ack()
            return
        wants_form = body["actions"][0]["action_id"].startswith("form:")
        work = self._in_window(event, body["trigger_id"]) if wants_form else self._enter(event)
        await self._through(work, acknowledge, partial(self._answers.tell, event, body.get("response_url") or ""))

    async def _submission(self, body: Json, ack: AsyncAck) -> None:
        event = slack_events.submission(self._here(), body)

        async def acknowledge(outcome: Outcome | None) -> None:
            errors = placed(outcome.errors, list(event.values)) if outcome else {}
            if outcome is None:
                await ack(response_action="update", view=self._answers.note(self._slow_text))
            elif errors:
                await ack(response_action="errors", errors=errors)
            else:
                await ack(response_action="clear")

        async def respond(outcome: Outcome, late: bool) -> None:
            if late and outcome.errors:  # the fields are gone, but not what was wrong with them
                await self._answers.fill(body["view"]["id"], Outcome(toast="\n".join(outcome.errors.values())))
            await self._answers.tell(event, "", outcome, late)

        await self._through(self._enter(event), acknowledge, respond)

    async def _enter(self, event: Event) -> Outcome:
        return await self._door(event)

    async def _in_window(self, event: Event, trigger_id: str) -> Outcome:
        view_id = await self._answers.open(trigger_id)
        try:
            outcome = await self._door(event)
        except Exception:
            self.spawn(self._answers.fill(view_id, Outcome()))  # a window must not load for ever
            raise
        self.spawn(self._answers.fill(view_id, outcome, event.chat.id if event.chat.private else ""))
        return replace(outcome, toast="") if view_id else outcome

    async def _through(self, work: Work, acknowledge: Acknowledge, respond: Respond, *, patient: bool = False) -> None:
        try:
            await self.settle(work, acknowledge, respond, patient=patient)
        except Exception as error:
            raise Unsettled from error

    async def _name(self, user: str) -> str:
        if user not in self._names:
            try:
                async with asyncio.timeout(NAME_WITHIN):
                    found: Json = (await self._client.users_info(user=user))["user"]
            except Exception as error:
                log.warning("the name of %s is not known: %s", user, type(error).__name__)
                return user
            profile = found.get("profile") or {}
            self._names[user] = profile.get("display_name") or profile.get("real_name") or user
        return self._names[user]

    async def _described(self, chat: Chat) -> Chat:
        try:
            async with asyncio.timeout(NAME_WITHIN):
                found: Json = (await self._client.conversations_info(channel=chat.id))["channel"]
        except Exception as error:
            # What cannot be looked at is not trusted with anybody's incident.
            log.warning("channel %s cannot be looked at: %s", chat.id, type(error).__name__)
            return replace(chat, public=True)
        public = not found.get("is_private") or any(found.get(sign) for sign in SHARED)
        return replace(chat, title=str(found.get("name") or ""), public=public)

    async def _rescue(self, body: Json, error: Exception | None) -> BoltResponse:
        """The answer to what reached no listener: of no use here, or malformed."""
        if error is None and slack_events.ignorable(body):
            return BoltResponse(status=200)
        return await self._failed(error or Malformed("type"), body) or BoltResponse(status=500)

    async def _failed(self, error: Exception, body: Json) -> BoltResponse | None:
        """Acknowledge what will never be read better, once it is kept; None is no acknowledgement."""
        if isinstance(error, Unsettled):
            log.error("not committed, so not acknowledged: %s", type(error.__cause__).__name__)
            return None
        if isinstance(error, Foreign):
            log.warning("refused a payload of the workspace %.20s", error.args[0])
            return BoltResponse(status=200)
        what = error.args[0] if isinstance(error, Malformed) else type(error).__name__
        try:
            await self._keep(body, f"malformed: {what}")
        except Exception as failed:
            log.error("a malformed payload could not be kept: %s", type(failed).__name__)
            return None
        return BoltResponse(status=200)

    def _here(self) -> Here:
        return Here(self.team, self._bot, self._now())
