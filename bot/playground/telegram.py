"""A local server that behaves as Telegram's Bot API, and the people on the other side of it.

It shares no code with the bot's own adapter, so that a misunderstanding in one is seen in the other.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import math
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Literal, Self

from aiohttp import web

from bot.playground.broken import hang_up, instead, spoilt
from bot.playground.faults import SPOILT, Fault, Faults, Misbehaviour
from bot.playground.telegram_account import METHODS
from bot.playground.telegram_http import read_params, refusal, send_content
from bot.playground.telegram_inline import ANSWERABLE
from bot.playground.telegram_limits import too_many
from bot.playground.telegram_model import (
    Button,
    Call,
    File,
    Json,
    Look,
    Press,
    Refused,
    Room,
    Sent,
    bad_request,
    forbidden,
)
from bot.playground.telegram_people import Group, Human
from bot.playground.telegram_rules import integer, structure
from bot.playground.telegram_updates import WEBHOOK
from bot.playground.telegram_webhook import Hook, Poster
from bot.playground.telegram_world import World

__all__ = ["Button", "Call", "File", "Group", "Human", "Look", "Press", "Sent", "TelegramPlayground"]

NAMES = {name.lower(): name for name in (*METHODS, "getUpdates")}
LONGEST_POLL = 50
FIRST_PERSON = 6_100_000_001
FIRST_GROUP = 4_100_000_001


def now() -> datetime:
    """The time in the real world."""
    return datetime.now(UTC)


class TelegramPlayground:
    """One bot's Telegram on a loopback port of its own."""

    def __init__(
        self,
        token: str = "123:abc",  # noqa: S107  # opens nothing but this server
        username: str = "tryggvag_bot",
        limits: bool = False,
        clock: Callable[[], datetime] = now,
    ) -> None:
        self.token = token
        number = int(token.split(":")[0])
        card: Json = {"id": number, "is_bot": True, "first_name": "Tryggväg", "username": username}
        self.world = World(card, clock, limits=limits)
        self.faults = Faults()
        self.calls: list[Call] = []
        self.base_url = ""
        self._people = itertools.count(FIRST_PERSON)
        self._groups = itertools.count(FIRST_GROUP)
        self._runner: web.ServerRunner | None = None
        self._poster = Poster(self.world)

    async def start(self) -> None:
        """Listen on a loopback port that the operating system chooses."""
        # A time-out of 0 would mean to wait for ever, for a long poll or a delayed answer too.
        self._runner = web.ServerRunner(web.Server(self._answer, access_log=None), shutdown_timeout=0.01)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.base_url = f"http://127.0.0.1:{self._runner.addresses[0][1]}/bot"
        self._poster.start()

    async def stop(self) -> None:
        """Close the port and every connection; what the world knows stays."""
        await self._poster.stop()
        if self._runner is not None:
            runner, self._runner = self._runner, None
            await runner.cleanup()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *reason: object) -> None:
        await self.stop()

    # People

    def person(
        self,
        first_name: str,
        *,
        last_name: str | None = None,
        username: str | None = None,
        language: str | None = None,
    ) -> Human:
        """A new person, who has not opened the chat with the bot yet."""
        card: Json = {"id": next(self._people), "is_bot": False, "first_name": first_name}
        optional = {"last_name": last_name, "username": username, "language_code": language}
        card.update({key: value for key, value in optional.items() if value})
        return Human(self.world, card)

    def group(
        self,
        title: str,
        members: list[Human],
        *,
        kind: Literal["supergroup", "group"] = "supergroup",
        username: str | None = None,
    ) -> Group:
        """A new group without the bot; the first member owns it, and a `username` makes it public."""
        number = -next(self._groups)
        card: Json = {"id": number - 1_000_000_000_000 if kind == "supergroup" else number, "title": title}
        card["type"] = kind
        if username:
            card["username"] = username
        return Group(self.world, Room(card["id"], kind, card, {}), members)

    # What happened

    @property
    def username(self) -> str:
        """The bot's name, without the sign."""
        return str(self.world.bot["username"])

    @property
    def privacy(self) -> bool:
        """Telegram's privacy mode: the bot misses what is not meant for it in groups. Off until set."""
        return self.world.privacy

    @privacy.setter
    def privacy(self, on: bool) -> None:
        self.world.privacy = on

    @property
    def inline(self) -> bool:
        """Whether BotFather has the bot's inline mode on. On until set."""
        return self.world.inline

    @inline.setter
    def inline(self, on: bool) -> None:
        self.world.inline = on

    @property
    def presses(self) -> list[Press]:
        """Every press, oldest first."""
        return self.world.presses

    @property
    def unanswered(self) -> list[Press]:
        """The presses whose sender still sees a spinning button."""
        return [press for press in self.world.presses if not press.answered]

    @property
    def looks(self) -> list[Look]:
        """Every look for something to send in a chat, oldest first."""
        return self.world.looks

    @property
    def unanswered_looks(self) -> list[Look]:
        """The looks that the bot knows of and may still answer; who looks sees no list yet, not even an empty one."""
        since = self.world.clock() - ANSWERABLE
        return [look for look in self.world.looks if look.update_id and not look.answered and look.at >= since]

    @property
    def commands(self) -> dict[tuple[str, str], list[Json]]:
        """The command menus by scope (its type, or its JSON when it names a chat) and language."""
        return self.world.commands

    @property
    def webhook(self) -> Hook | None:
        """The webhook that the bot has set."""
        return self.world.hook

    @property
    def pending(self) -> int:
        """How many updates the bot has not confirmed."""
        return len(self.world.updates.queue)

    @property
    def confirmed(self) -> list[int]:
        """The ids of the updates that an offset confirmed, in order."""
        return self.world.updates.confirmed

    @property
    def sent_at(self) -> dict[int, float]:
        """The `time.perf_counter` at which each update was queued."""
        return self.world.updates.sent_at

    async def wait_for(
        self,
        condition: Callable[[], object],
        timeout: float = 5.0,  # noqa: ASYNC109  # the failure says what was waited for
        what: str = "the condition",
    ) -> None:
        """Return once the condition holds, looking again whenever something happened.

        A condition that asks for the last message before there is one does not hold yet.
        """
        try:
            async with asyncio.timeout(timeout):
                while not holds(condition):
                    await self.world.change()
        except TimeoutError:
            raise AssertionError(f"waited {timeout:g} s in vain for {what}") from None

    # Faults of the queue

    async def inject(self, update: Json) -> int:
        """Queue any update, malformed ones too; it gets an update id unless it has one."""
        update_id = self.world.updates.add(update)
        self.world.changed()
        return update_id

    def duplicate_next(self, times: int = 1, *, new_id: bool = False) -> None:
        """Hand each of the next `times` updates over twice, the copy under the same id or a new one."""
        self.world.updates.duplicates.extend([new_id] * times)

    def reorder_next(self) -> None:
        """Hand the next two updates over in reverse order; the first waits for the second."""
        self.world.updates.reorders += 1

    # The API

    async def _answer(self, request: web.BaseRequest) -> web.StreamResponse:
        path = request.path
        if path.startswith("/file/bot"):
            return await self._download(request)
        if not path.startswith("/bot") or path.count("/") != 2:
            return refusal(Refused(404, "Not Found"))
        token, _, name = path.removeprefix("/bot").partition("/")
        if token != self.token:
            return refusal(Refused(401, "Unauthorized"))
        method = NAMES.get(name.lower())
        if method is None:
            return refusal(Refused(404, "Not Found"))
        try:
            params = await read_params(request)
        except Refused as refused:
            return refusal(refused)
        return await self._call(request, method, params)

    async def _download(self, request: web.BaseRequest) -> web.StreamResponse:
        # https://core.telegram.org/bots/api#getfile; a fault is planned for it as `download`
        token, _, path = request.path.removeprefix("/file/bot").partition("/")
        if token != self.token:
            return refusal(Refused(401, "Unauthorized"))
        self.calls.append(Call("download", {"path": path}, self.world.clock()))
        fault = self.faults.next("download")
        if fault is not None and fault.kind is Misbehaviour.DROP_BEFORE:
            return hang_up(request)
        try:
            check_fault(fault, {})
        except Refused as refused:
            return refusal(refused)
        content = self.world.shelf.content(path)
        if content is None:
            return refusal(Refused(404, "Not Found"))
        self.calls[-1].ok = True
        if fault is not None and fault.kind is Misbehaviour.DELAY:
            await asyncio.sleep(fault.seconds)
        dropped = fault is not None and fault.kind is Misbehaviour.DROP_AFTER
        return await send_content(request, content, half=dropped)

    async def _call(self, request: web.BaseRequest, method: str, params: Json) -> web.StreamResponse:
        call = Call(method, params, self.world.clock())
        self.calls.append(call)
        self.world.changed()
        fault = self.faults.next(method)
        early = await instead(request, fault)
        if early is not None:
            return early
        try:
            check_fault(fault, params)
            encoded = await self._perform(method, params)
        except Refused as refused:
            self.world.changed()
            return refusal(refused, said=fault is None or fault.kind is not Misbehaviour.TOO_MANY_UNSAID)
        call.ok = True
        self.world.changed()
        if fault is not None and fault.kind in (Misbehaviour.INTERNAL, Misbehaviour.FATAL):
            return refusal(Refused(500, "Internal Server Error"))
        answer = web.Response(body=f'{{"ok":true,"result":{encoded}}}'.encode(), content_type="application/json")
        return await spoilt(request, fault, answer)

    async def _perform(self, method: str, params: Json) -> str:
        if method == "getUpdates":
            return await self._get_updates(params)
        return json.dumps(METHODS[method](self.world, params))

    async def _get_updates(self, params: Json) -> str:
        # https://core.telegram.org/bots/api#getupdates
        updates = self.world.updates
        if self.world.hook is not None:
            raise Refused(409, WEBHOOK)
        updates.limit_to(structure(params, "allowed_updates", "can't parse allowed updates JSON object"))
        offset = integer(params, "offset")
        if offset:
            updates.confirm(offset)
            self.world.changed()
        limit = max(1, min(100, integer(params, "limit", 100)))
        await updates.wait(min(LONGEST_POLL, integer(params, "timeout")))
        return f"[{','.join(updates.take(limit))}]"


def holds(condition: Callable[[], object]) -> bool:
    """Whether the condition is true; one that cannot be looked at yet is not."""
    try:
        return bool(condition())
    except AssertionError:
        return False


def check_fault(fault: Fault | None, params: Json) -> None:
    """Refuse the call if that is its planned misbehaviour."""
    if fault is None or fault.kind in SPOILT:
        return
    if fault.kind in (Misbehaviour.TOO_MANY, Misbehaviour.TOO_MANY_UNSAID, Misbehaviour.TOO_MANY_INSIDE):
        raise too_many(max(1, math.ceil(fault.seconds)))
    if fault.kind is Misbehaviour.SERVER_ERROR:
        raise Refused(502, "Bad Gateway")
    if fault.kind is Misbehaviour.MIGRATED:
        raise Refused(
            400,
            "Bad Request: group chat was upgraded to a supergroup chat",
            {"migrate_to_chat_id": integer(params, "chat_id")},
        )
    if fault.kind in REFUSALS:
        raise REFUSALS[fault.kind]


REFUSALS = {
    Misbehaviour.BLOCKED: forbidden("bot was blocked by the user"),
    Misbehaviour.DEACTIVATED: forbidden("user is deactivated"),
    Misbehaviour.NOT_FOUND: bad_request("chat not found"),
    Misbehaviour.TOO_LONG: bad_request("message is too long"),
    Misbehaviour.TOKEN_REVOKED: Refused(401, "Unauthorized"),
    Misbehaviour.TOKEN_GONE: Refused(404, "Not Found"),
}
