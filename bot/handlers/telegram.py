"""Telegram: receives by long polling, and lets an update go only when what came of it is committed."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from telegram import Bot, Update
from telegram.error import Conflict, InvalidToken, RetryAfter
from telegram.ext import (
    Application,
    ApplicationBuilder,
    BaseHandler,
    CallbackQueryHandler,
    ChatMemberHandler,
    MessageHandler,
    TypeHandler,
    filters,
)

from bot.channels import Answer, BadLogin, Door, File, Request
from bot.events import Event, Outcome, Platform
from bot.handlers import telegram_files as files
from bot.handlers import telegram_sending as sending
from bot.handlers.telegram_answers import Answers
from bot.handlers.telegram_events import Reader
from bot.handlers.telegram_transport import READ_SECONDS, Transport
from bot.messages import Message
from bot.network import Network

log = logging.getLogger(__name__)
# The library prints whole calls and updates when it debugs, with what people wrote.
logging.getLogger("telegram").setLevel(logging.WARNING)

Raw = dict[str, Any]
App = Application[Any, Any, Any, Any, Any, Any]

TELEGRAM = "https://api.telegram.org"
POLL_SECONDS = 25
GRACE_SECONDS = 2.0
WANTED = ("message", "edited_message", "callback_query", "my_chat_member")


@dataclass
class Turn:
    """How far one update came. The library swallows a handler's exception, so it is written down here."""

    handled: bool = False
    event: Event | None = None
    outcome: Outcome | None = None
    error: Exception | None = None


class TelegramChannel:
    """One bot. `door` commits an event; `keep` stores an update that no event can be made of."""

    platform: Platform = Platform.TELEGRAM
    team: str = ""
    patience = 2.0  # seconds until a press that is not committed is told to wait for its receipt
    first_rest = 0.5  # seconds before the second try of anything, doubled until the longest
    longest_rest = 10.0

    def __init__(
        self,
        *,
        token: str,
        base_url: str | None,
        door: Door,
        now: Callable[[], datetime],
        slow_text: str,
        probe: Callable[[str], None] = lambda _: None,
        keep: Callable[[Raw, str], Awaitable[None]],
        webhook: tuple[str, str] | None = None,
        network: Network | None = None,
    ) -> None:
        if not token:
            raise BadLogin("there is no token")
        self.username = ""
        self.last_poll = time.monotonic()
        self._webhook = webhook
        self._calls, self._polls = Transport(network or Network()), Transport(network or Network())
        self.application = self._build(token, base_url)
        self._door, self._keep, self._now, self._probe = door, keep, now, probe
        self._answers = Answers(self.bot, slow_text)
        self._turn = Turn()
        self._offset: int | None = None
        self._polling: asyncio.Task[None] | None = None
        self._committing = self._stopping = False

    @property
    def bot(self) -> Bot:
        """The library's bot, for what is not part of every channel."""
        bot: Bot = self.application.bot
        return bot

    async def start(self) -> None:
        """Log in and begin to receive. After any failure it may be called again."""
        try:
            await self.application.initialize()
        except InvalidToken as error:
            await self.bot.shutdown()
            # The library's own text holds the token; its cause is what Telegram said.
            raise BadLogin(str(error.__cause__ or "Unauthorized")) from None
        except BaseException:
            await self.bot.shutdown()
            raise
        self.username = self.bot.username
        self.last_poll = time.monotonic()
        self._stopping = False
        self._polling = asyncio.create_task(self._poll())

    async def stop(self) -> None:
        """Finish the commit that is under way, confirm what is committed and nothing else, and hang up."""
        self._stopping = True
        if self._polling is not None:
            polling, self._polling = self._polling, None
            if not self._committing:
                polling.cancel()
            await asyncio.wait({polling}, timeout=GRACE_SECONDS)
            polling.cancel()
            await asyncio.gather(polling, return_exceptions=True)
        await self._answers.finish(GRACE_SECONDS)
        with contextlib.suppress(Exception):  # what stays unconfirmed comes again and is known by its uid
            async with asyncio.timeout(GRACE_SECONDS):
                await self.confirm()
        await self.application.shutdown()
        await self.bot.shutdown()

    async def send(self, chat: str, message: Message) -> str:
        """Send; returns the new message's reference."""
        return await sending.send(self.bot, chat, message)

    async def edit(self, chat: str, ref: str, message: Message) -> str:
        """Replace a message."""
        return await sending.edit(self.bot, chat, ref, message)

    async def pin(self, chat: str, ref: str) -> str:
        """Pin a message."""
        return await sending.pin(self.bot, chat, ref)

    async def leave(self, chat: str) -> None:
        """Leave a group."""
        await sending.leave(self.bot, chat)

    async def send_file(self, chat: str, file: File, message: Message) -> str:
        """Send a file with a message of at most 1024 UTF-16 units below it; returns the reference."""
        return await files.send_file(self.bot, chat, file, message)

    def fetch(self, remote: str) -> AsyncIterator[bytes]:
        """The bytes of a file that somebody attached, in pieces."""
        return files.fetch(self.bot, self._calls, remote)

    @property
    def heard_at(self) -> float | None:
        """When the platform last answered on the way in, in monotonic seconds; None where it calls us."""
        return None if self._webhook else self.last_poll

    @property
    def busy(self) -> bool:
        """Whether something beside the outbox is still on its way."""
        return self._answers.busy

    # To be filled in

    async def revive(self) -> None:
        """Hang up on the way in and connect anew."""
        raise NotImplementedError

    async def deliver(self, request: Request) -> Answer:
        """Take what the platform posted."""
        raise NotImplementedError

    # Receiving

    async def take(self, updates: list[Raw]) -> None:
        """One at a time, in order: first the commit, then the acknowledgement."""
        for raw in sorted(updates, key=lambda raw: raw["update_id"]):
            if self._stopping:
                return
            await self._process(raw)
            self._acknowledge(raw["update_id"])

    async def confirm(self) -> None:
        """Tell Telegram at once what is acknowledged; it else learns it from the next poll."""
        if self._offset is not None:
            await self._fetch(seconds=0, limit=1)

    def _acknowledge(self, update_id: int) -> None:
        # Never the highest so far: after a quiet week Telegram begins again at a number of its own choice.
        self._offset = update_id + 1

    async def _poll(self) -> None:
        rests = self._rests()
        while not self._stopping:
            try:
                updates = await self._fetch(seconds=POLL_SECONDS, limit=100)
                self.last_poll = time.monotonic()
                rests = self._rests()
                if not updates:
                    self._offset = None  # Telegram has it all confirmed, and may begin again at a lower number
                await self.take(updates)
            except Exception as error:
                log.warning("telegram: polling failed: %s", complaint(error))
                asked = sending.seconds_of(error) if isinstance(error, RetryAfter) else 0.0
                await asyncio.sleep(max(asked, next(rests)))

    async def _fetch(self, *, seconds: int, limit: int) -> list[Raw]:
        # `Bot.get_updates` parses all of them at once, so that one it cannot read would hold up the others.
        wanted = {"offset": self._offset, "limit": limit, "timeout": seconds, "allowed_updates": WANTED}
        found: list[Raw] = await self.bot._post("getUpdates", wanted, read_timeout=seconds + READ_SECONDS)
        return found

    async def _process(self, raw: Raw) -> None:
        """Returns when the update is committed, as an event or as one that failed; tries until it is."""
        query = press_in(raw)
        if query:
            self._answers.expect(query, self.patience)
        turn = await self._committed(raw)
        if turn.event is not None:
            self._probe("between commit and acknowledgement")
        self._answers.give(query, turn.event, turn.outcome or Outcome())

    async def _committed(self, raw: Raw) -> Turn:
        for rest in self._rests():
            try:
                self._committing = True
                return await self._attempt(raw)
            except Exception as error:
                if self._stopping:
                    raise
                log.error("telegram: update %s waits: %s", raw["update_id"], type(error).__name__)
            finally:
                self._committing = False
            await asyncio.sleep(rest)
        raise AssertionError("there is always another try")

    async def _attempt(self, raw: Raw) -> Turn:
        """Raises what may pass: the database could not take the event, or the update to keep."""
        turn = self._turn = Turn()
        try:
            update = Update.de_json(raw, self.bot)
        except Exception as error:
            turn.error = error
        else:
            await self.application.process_update(update)
        if turn.event is not None and turn.error is not None:
            raise turn.error
        if not turn.handled:
            reason = type(turn.error).__name__ if turn.error else "Unhandled"
            log.warning("telegram: update %s cannot be read: %s", raw["update_id"], reason)
            await self._keep(raw, reason)
        return turn

    # Through the library

    def _build(self, token: str, base_url: str | None) -> App:
        root = (base_url or TELEGRAM).rstrip("/").removesuffix("/bot")
        builder = ApplicationBuilder().token(token).base_url(f"{root}/bot").base_file_url(f"{root}/file/bot")
        # The library's own updater confirms what is only in memory; its job queue would be a second clock.
        builder = builder.updater(None).job_queue(None)  # type: ignore[arg-type]  # documented as allowed
        application = builder.request(self._calls).get_updates_request(self._polls).build()
        application.add_handlers(self._handlers())
        application.add_error_handler(self._note)
        return application

    def _handlers(self) -> list[BaseHandler[Any, Any, Any]]:
        """The first that fits takes the update. Of what is written in groups only commands get in."""
        new, edited = filters.UpdateType.MESSAGE, filters.UpdateType.EDITED_MESSAGE
        private, moving = filters.ChatType.PRIVATE, filters.LOCATION  # a shared place is edited as it moves
        return [
            MessageHandler(new & filters.StatusUpdate.MIGRATE, self._reads(Reader.migration)),
            MessageHandler(new & filters.StatusUpdate.ALL, self._reads(Reader.nothing)),
            # What somebody else wrote is evidence, whatever it says; it commands nothing.
            MessageHandler(new & private & filters.FORWARDED, self._reads(Reader.writing)),
            MessageHandler(new & filters.COMMAND & ~filters.FORWARDED, self._reads(Reader.command)),
            MessageHandler(new & private, self._reads(Reader.writing)),
            MessageHandler(edited & private & ~moving, self._reads(Reader.edit)),
            CallbackQueryHandler(self._reads(Reader.press)),
            ChatMemberHandler(self._reads(Reader.membership), ChatMemberHandler.MY_CHAT_MEMBER),
            TypeHandler(Update, self._reads(Reader.nothing)),
        ]

    def _reads(
        self, read: Callable[[Reader, Update], Event | None]
    ) -> Callable[[Update, Any], Coroutine[Any, Any, None]]:
        async def handle(update: Update, _: object) -> None:
            turn = self._turn
            turn.event = read(Reader(self.bot.id, self.username, self._now()), update)
            if turn.event is not None:
                turn.outcome = await self._door(turn.event)
            turn.handled = True

        return handle

    async def _note(self, _: object, context: Any) -> None:
        self._turn.error = context.error

    def _rests(self) -> Iterator[float]:
        rest = self.first_rest
        while True:
            yield rest
            rest = min(rest * 2, self.longest_rest)


def press_in(raw: Raw) -> str:
    """The press that the update is about, also when the rest of it cannot be read."""
    query = raw.get("callback_query")
    return str(query.get("id", "")) if isinstance(query, dict) else ""


def complaint(error: Exception) -> str:
    """For the log: never the library's own words, which may hold the token."""
    match error:
        case Conflict():
            return "another process receives for this bot"
        case InvalidToken():
            return "Telegram no longer accepts the token"
    return type(error).__name__
