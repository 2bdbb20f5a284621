"""What comes from Slack, by socket or by HTTP: through bolt to its listener, and through the door."""

from __future__ import annotations

import logging
import re
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any, Protocol

from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse
from slack_sdk.web.async_client import AsyncWebClient

from bot.channels import Door
from bot.events import Chat, Event, Kind, Outcome
from bot.handlers import slack_blocks, slack_events
from bot.handlers.slack_answers import Answers, placed
from bot.handlers.slack_client import tokenless
from bot.handlers.slack_events import Back, Foreign, Here, Malformed
from bot.handlers.slack_names import Names
from bot.handlers.slack_scopes import SHORTCUT

Json = dict[str, Any]
Work = Coroutine[Any, Any, Outcome]
Acknowledge = Callable[[Outcome | None], Awaitable[None]]  # None: the door has not returned yet
Respond = Callable[[Outcome, bool], Coroutine[Any, Any, None]]  # True: it was acknowledged before the door returned

log = logging.getLogger(__name__)


class Unsettled(Exception):
    """The event was not committed, so it must not be acknowledged."""


class Settle(Protocol):
    """The channel's: one act through the door, acknowledged after the commit."""

    async def __call__(
        self, work: Work, acknowledge: Acknowledge, respond: Respond, *, patient: bool = False
    ) -> None: ...


@dataclass(frozen=True)
class Office:
    """What stands behind the listeners. `keep` stores a payload that cannot be read."""

    door: Door
    now: Callable[[], datetime]
    slow_text: str
    wants_name: Callable[[str], bool]
    keep: Callable[[Json, str], Awaitable[None]]
    settle: Settle
    spawn: Callable[[Coroutine[Any, Any, Any]], object]


class Inbound:
    """The listeners of one workspace; `bot` is who we are there."""

    def __init__(self, office: Office, client: AsyncWebClient, answers: Answers, team: str, bot: str) -> None:
        self._office, self._answers, self._team, self._bot = office, answers, team, bot
        self._names = Names(client)
        self.app = self._app(client)

    async def take(self, payload: Any) -> BoltResponse:
        """Let bolt act on one payload that is known to be Slack's, and say what to answer."""
        try:
            reply = await self.app.async_dispatch(AsyncBoltRequest(mode="socket_mode", body=payload))
        except Exception as error:  # a payload of a shape that bolt itself stumbles over
            return await self.rescue(payload, error)
        return await self.rescue(payload, None) if reply.status == 404 else reply

    def _app(self, client: AsyncWebClient) -> AsyncApp:
        # Bolt's own way to authorize asks Slack at the first event, and acknowledges that event unread when
        # Slack says no. Its filters fall over payloads of a strange shape before a listener can keep them.
        who = AuthorizeResult(enterprise_id=None, team_id=self._team, bot_user_id=self._bot)

        async def authorize() -> AuthorizeResult:
            return who

        app = AsyncApp(
            name="tryggvag",
            logger=client.logger,
            client=tokenless(client),
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
        app.message_shortcut(SHORTCUT)(self._shortcut)
        app.error(self._failed)
        return app

    async def _message(self, body: Json, ack: AsyncAck) -> None:
        event = slack_events.message(self._here(), body)
        if event is not None and self._office.wants_name(event.text):
            event = replace(event, sender_name=await self._names.person(event.sender.user))
        await self._happened(event, ack)

    async def _membership(self, body: Json, ack: AsyncAck) -> None:
        event = slack_events.membership(self._here(), body)
        if event is not None and event.kind is Kind.ADDED:
            event = replace(event, chat=await self._names.channel(event.chat))
        await self._happened(event, ack)

    async def _happened(self, event: Event | None, ack: AsyncAck) -> None:
        async def acknowledge(_: Outcome | None) -> None:
            await ack()

        if event is None:
            await ack()
        else:
            answer = partial(self._answers.tell, event, Back())
            await self._through(self._enter(event), acknowledge, answer, patient=True)

    async def _command(self, body: Json, ack: AsyncAck) -> None:
        event = slack_events.command(self._here(), body)

        async def acknowledge(outcome: Outcome | None) -> None:
            said = "" if event.chat.private or outcome is None else outcome.toast
            await ack(slack_blocks.escaped(self._office.slow_text if outcome is None else said))

        answer = partial(self._answers.tell, event, slack_events.back(body))
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
        await self._through(work, acknowledge, partial(self._answers.tell, event, slack_events.back(body)))

    async def _submission(self, body: Json, ack: AsyncAck) -> None:
        event = slack_events.submission(self._here(), body)

        async def acknowledge(outcome: Outcome | None) -> None:
            errors = placed(outcome.errors, list(event.values)) if outcome else {}
            if outcome is None:
                await ack(response_action="update", view=self._answers.note(self._office.slow_text))
            elif errors:
                await ack(response_action="errors", errors=errors)
            else:
                await ack(response_action="clear")

        async def respond(outcome: Outcome, late: bool) -> None:
            if late and outcome.errors:  # the fields are gone, but not what was wrong with them
                await self._answers.fill(body["view"]["id"], Outcome(toast="\n".join(outcome.errors.values())))
            await self._answers.tell(event, Back(), outcome, late)

        await self._through(self._enter(event), acknowledge, respond)

    async def _shortcut(self, body: Json, ack: AsyncAck) -> None:
        event = slack_events.shortcut(self._here(), body)
        # Where it stood nobody else may see the answer, and the bot itself need not be there.
        asked = replace(event, chat=Chat(slack_events.place(body), private=False))

        async def acknowledge(_: Outcome | None) -> None:
            await ack()

        answer = partial(self._answers.tell, asked, slack_events.back(body))
        await self._through(self._flagged(event), acknowledge, answer)

    async def _flagged(self, event: Event) -> Outcome:
        """Slack tells a message's author by id alone."""
        author = event.attached[0].author
        name = await self._names.person(author) if author else ""
        named = tuple(replace(thing, author=name) if thing.author == author else thing for thing in event.attached)
        return await self._enter(replace(event, attached=named))

    async def _enter(self, event: Event) -> Outcome:
        return await self._office.door(event)

    async def _in_window(self, event: Event, trigger_id: str) -> Outcome:
        view_id = await self._answers.open(trigger_id)
        try:
            outcome = await self._office.door(event)
        except Exception:
            self._office.spawn(self._answers.fill(view_id, Outcome()))  # a window must not load for ever
            raise
        self._office.spawn(self._answers.fill(view_id, outcome, event.chat.id if event.chat.private else ""))
        return replace(outcome, toast="") if view_id else outcome

    async def _through(self, work: Work, acknowledge: Acknowledge, respond: Respond, *, patient: bool = False) -> None:
        try:
            await self._office.settle(work, acknowledge, respond, patient=patient)
        except Exception as error:
            raise Unsettled from error

    async def rescue(self, body: Json, error: Exception | None) -> BoltResponse:
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
            await self._office.keep(body, f"malformed: {what}")
        except Exception as failed:
            log.error("a malformed payload could not be kept: %s", type(failed).__name__)
            return None
        return BoltResponse(status=200)

    def _here(self) -> Here:
        return Here(self._team, self._bot, self._office.now())
