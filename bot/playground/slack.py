"""A local server that behaves as Slack's Web API with Socket Mode, and the people who use it.

It shares nothing with the adapters: what it refuses follows docs.slack.dev, so that a test against it fails
where Slack would.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from types import TracebackType
from typing import Self

from aiohttp import web

from bot.playground.faults import SPOILT, Faults
from bot.playground.slack_files import METHODS as FILES
from bot.playground.slack_files import SCOPES as FILE_SCOPES
from bot.playground.slack_files import FileServer
from bot.playground.slack_http import (
    after_effect,
    arguments,
    before_effect,
    given_token,
    refusal,
    reply,
    too_many,
)
from bot.playground.slack_methods import METHODS, UNASKED, needed
from bot.playground.slack_methods import SCOPES as METHOD_SCOPES
from bot.playground.slack_modals import VIEWS
from bot.playground.slack_model import (
    Account,
    Call,
    Conversation,
    Limited,
    Modal,
    Refusal,
    Refused,
    Sent,
    SlackFile,
)
from bot.playground.slack_people import Channel, Human
from bot.playground.slack_post import PAUSES, Poster
from bot.playground.slack_socket import Delivery
from bot.playground.slack_text import Json
from bot.playground.slack_workspace import POST_TEXT, Workspace

__all__ = ["Call", "Channel", "Delivery", "Human", "Modal", "Refusal", "Sent", "SlackFile", "SlackPlayground"]

LARGEST_BODY = 1_000_000
SCOPES = METHOD_SCOPES | FILE_SCOPES


def _now() -> datetime:
    return datetime.now(UTC)


class SlackPlayground:
    """One workspace with one app, served on a loopback port."""

    def __init__(
        self,
        bot_token: str = "xoxb-fiktiv",  # noqa: S107 -- an invented token
        app_token: str = "xapp-fiktiv",  # noqa: S107
        team: str = "T0FIKTIV",
        *,
        limits: bool = False,
        echo: bool = True,
        clock: Callable[[], datetime] = _now,
    ) -> None:
        self.bot_token = bot_token
        self.app_token = app_token
        self.scopes: set[str] | None = None  # None grants every scope
        self.space = Workspace(team, clock, limits=limits, echo=echo)
        self.faults = Faults()
        self.calls: list[Call] = []
        self._methods = {**METHODS, **VIEWS, **FILES}
        self.file_server = FileServer(self.space, self.faults, self._may_read)
        self._runner: web.AppRunner | None = None
        self._poster: Poster | None = None

    async def start(self) -> None:
        """Listen on a port that the operating system chooses."""
        app = web.Application(client_max_size=LARGEST_BODY)
        app.router.add_route("*", "/api/{method:.*}", self._api)
        app.router.add_post("/response/{token}", self._respond)
        files = self.file_server
        app.router.add_post("/upload/v1/{token}", files.upload)
        app.router.add_get("/files-pri/{file}/{name:.*}", files.download)
        app.router.add_get("/", files.login)
        app.router.add_get("/link/", self.space.sockets.serve)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        port = self._runner.addresses[0][1]
        self.space.base_url = f"http://127.0.0.1:{port}/api/"

    async def stop(self) -> None:
        """Cut every connection and close the port."""
        self.space.sockets.drop()
        self.space.sockets.stop()
        if self._poster is not None:
            await self._poster.close()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    @property
    def base_url(self) -> str:
        """What `AsyncWebClient(base_url=…)` takes."""
        return self.space.base_url

    @property
    def connections(self) -> int:
        """How many sockets are open."""
        return len(self.space.sockets.open)

    @property
    def unacked(self) -> int:
        """How many deliveries the app has yet to acknowledge."""
        return len(self.space.sockets.unacked)

    @property
    def acked(self) -> list[str]:
        """The event and trigger ids that the app has acknowledged, in that order."""
        return self.space.sockets.acked

    @property
    def timeouts(self) -> list[Delivery]:
        """The commands and interactions that were answered too late, so that the person saw an error."""
        return self.space.sockets.timeouts

    @property
    def lost(self) -> list[Delivery]:
        """The events that Slack gave up after the third retry."""
        return self.space.sockets.lost

    @property
    def refused_acks(self) -> list[Refusal]:
        """The acknowledgements whose payload Slack could not use."""
        return self.space.refused_acks

    @property
    def ack_within(self) -> float:
        """How many seconds the app has to acknowledge; 3 at Slack, shorter where a test must see it pass."""
        return self.space.sockets.ack_within

    @ack_within.setter
    def ack_within(self, seconds: float) -> None:
        self.space.sockets.ack_within = seconds

    def person(self, name: str, team: str | None = None, tz: str = "Europe/Stockholm") -> Human:
        """A new person in this workspace or, through Slack Connect, in another."""
        account = Account(self.space.new_id("U"), name, team or self.space.team, tz)
        self.space.accounts[account.id] = account
        return Human(self.space, account)

    def channel(
        self,
        name: str,
        *,
        private: bool = True,
        ext_shared: bool = False,
        members: Iterable[Human] = (),
    ) -> Channel:
        """A new channel without the bot."""
        kind = "private" if private else "public"
        joined = dict.fromkeys(user.id for user in members)
        conversation = Conversation(self.space.new_id("C"), name, kind, joined, ext_shared)
        self.space.conversations[conversation.id] = conversation
        return Channel(self.space, conversation)

    def direct(self, *members: Human) -> Channel:
        """A direct message between people, where the bot is not, but its commands can be given."""
        conversation = Conversation(self.space.new_id("D"), "", "im", dict.fromkeys(user.id for user in members))
        self.space.conversations[conversation.id] = conversation
        return Channel(self.space, conversation)

    async def wait_for(
        self,
        condition: Callable[[], object],
        timeout: float = 5.0,  # noqa: ASYNC109 -- the name that tests know
        what: str = "what was waited for",
    ) -> None:
        """Return once the condition holds, looking whenever something changes; AssertionError with `what`."""
        await self.space.wait_for(condition, timeout, what)

    async def inject(self, envelope: Json | str) -> Delivery:
        """Send any envelope as it is, also one that is not even JSON."""
        text = envelope if isinstance(envelope, str) else json.dumps(envelope)
        envelope_id = envelope.get("envelope_id") if isinstance(envelope, dict) else None
        known = envelope_id if isinstance(envelope_id, str) else None
        delivery = Delivery(known or "", "injected")
        self.space.sockets.raw(text, delivery, known)
        return delivery

    async def post_to(self, url: str, secret: str, pauses: tuple[float, ...] = PAUSES) -> bool:
        """Post everything to this address, signed, and use no sockets; whether the app knew the challenge.

        An event that is not answered with 200 is posted again after each of the pauses, in seconds.
        """
        if self._poster is not None:
            await self._poster.close()
        self._poster = Poster(self.space, url, secret)
        self.space.sockets.poster, self.space.sockets.retry_after = self._poster, pauses
        return await self._poster.verify()

    def duplicate_next(self, times: int = 1) -> None:
        """Deliver the next event `times` times too often, under the same event id."""
        self.space.sockets.copies = times

    def reorder_next(self) -> None:
        """Deliver the next two events in reverse order."""
        self.space.sockets.reorder = True

    async def drop_connections(self) -> None:
        """Cut every socket abruptly."""
        self.space.sockets.drop()
        await asyncio.sleep(0)

    def remove_file(self, file: SlackFile) -> None:
        """Delete a file, as whoever owns it may."""
        file.mode, file.content = "tombstone", None
        self.space.changed()

    def silence(self) -> None:
        """Let the sockets that are open stay open and carry nothing more, not even a pong."""
        for connection in self.space.sockets.open:
            connection.silent = True

    async def disconnect(self, reason: str = "refresh_requested") -> None:
        """Ask the app to reconnect, as Slack does now and then; with `warning` it has ten seconds left."""
        self.space.sockets.disconnect(reason)

    async def retry_unacked(self) -> None:
        """Deliver every unacknowledged event once more now."""
        self.space.sockets.retry_all()

    async def retry_due(self) -> None:
        """Deliver the unacknowledged events that are due by the clock."""
        self.space.sockets.retry_due()

    async def _api(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        return await self._handle(request, method, lambda params: self._perform(request, method, params))

    async def _respond(self, request: web.Request) -> web.StreamResponse:
        token = request.match_info["token"]
        return await self._handle(request, "response_url", lambda params: _reply(self.space, token, params))

    async def _handle(self, request: web.Request, method: str, act: Callable[[Json], Json]) -> web.StreamResponse:
        fault = self.faults.next(method)
        try:
            params = await arguments(request)
        except Refused as refused:
            self._note(method, {}, ok=False, error=refused.error)
            return refusal(refused)
        early = await before_effect(request, fault, method)
        if fault is not None and early is not None:
            self._note(method, params, ok=False, error=fault.kind.value)
            return early
        answer = self._answer(method, params, act)
        if fault is not None and fault.kind in SPOILT:
            self.calls[-1].error = fault.kind.value
        return await after_effect(request, fault, answer)

    def _answer(self, method: str, params: Json, act: Callable[[Json], Json]) -> web.Response:
        try:
            answer = {"ok": True, **act(params)}
        except Refused as refused:
            self._note(method, params, ok=False, error=refused.error)
            return refusal(refused)
        except Limited as limited:
            self._note(method, params, ok=False, error="ratelimited")
            return too_many(limited.seconds)
        self._note(method, params, ok=True, error=None)
        return reply(answer, scopes=",".join(sorted(self._granted())))

    def _perform(self, request: web.Request, method: str, params: Json) -> Json:
        token = given_token(request, params)
        act = self._methods.get(method)
        if act is None:
            raise Refused("unknown_method", req_method=method)
        if method != "api.test":
            self._admit(method, token, params)
        return act(self.space, params)

    def _admit(self, method: str, token: str | None, params: Json) -> None:
        if not token:
            raise Refused("not_authed")
        if token not in (self.bot_token, self.app_token):
            raise Refused("invalid_auth")
        if (token == self.app_token) != (method == "apps.connections.open"):
            raise Refused("not_allowed_token_type")
        scope = FILE_SCOPES.get(method) or needed(self.space, method, params)
        if scope is not None and scope not in self._granted():
            raise Refused("missing_scope", needed=scope, provided=",".join(sorted(self._granted())))

    def _may_read(self, token: str | None) -> bool:
        return token == self.bot_token and "files:read" in self._granted()

    def _granted(self) -> set[str]:
        return UNASKED | {*SCOPES.values()} if self.scopes is None else self.scopes

    def _note(self, method: str, params: Json, *, ok: bool, error: str | None) -> None:
        self.calls.append(Call(method, params, self.space.clock(), ok, error))
        self.space.changed()


def _reply(space: Workspace, token: str, params: Json) -> Json:
    """Do what was posted to a `response_url`: answer, or replace or delete the message that was pressed."""
    hook = space.use_hook(token)
    source = hook.source if hook.source is not None and not hook.source.deleted else None
    if params.get("delete_original") is True and source is not None:
        space.remove(hook.conversation, source)
        return {}
    text, blocks = space.content(params, POST_TEXT)
    if not text and not blocks:
        raise Refused("no_text")
    if params.get("replace_original") is True and source is not None:
        space.revise(hook.conversation, source, text or "", blocks or [])
        return {}
    to = None if params.get("response_type") == "in_channel" else hook.account
    space.post(hook.conversation, space.bot, text or "", blocks or [], to=to)
    return {}
