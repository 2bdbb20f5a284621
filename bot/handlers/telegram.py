"""Telegram: receives by long polling or by webhook, and lets an update go only when what came of it is committed."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import datetime

from telegram import Bot
from telegram.error import Conflict, InvalidToken, RetryAfter

from bot.channels import Answer, BadLogin, Door, File, Request
from bot.events import Outcome, Platform
from bot.handlers import telegram_files as files
from bot.handlers import telegram_sending as sending
from bot.handlers import telegram_webhook as webhooks
from bot.handlers.telegram_answers import Answers, query_in
from bot.handlers.telegram_events import Reader
from bot.handlers.telegram_transport import READ_SECONDS, Transport
from bot.handlers.telegram_turn import Keep, Raw, Turn, Turns, application
from bot.messages import Message
from bot.network import Network

log = logging.getLogger(__name__)
# The library prints whole calls and updates when it debugs, with what people wrote.
logging.getLogger("telegram").setLevel(logging.WARNING)

POLL_SECONDS = 25
GRACE_SECONDS = 2.0
WANTED = ("message", "edited_message", "callback_query", "inline_query", "my_chat_member")


class TelegramChannel:
    """One bot. `door` commits an event; `keep` stores an update that no event can be made of.

    With a `webhook` (its address and secret) Telegram posts, and nothing is fetched. Where several processes share
    a bot only one may fetch: the others are made with `listening` off and told by `listen`.
    """

    platform: Platform = Platform.TELEGRAM
    team: str = ""
    patience = 2.0  # seconds until a press or a look that is not committed is answered, and a post told to come again
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
        keep: Keep,
        webhook: tuple[str, str] | None = None,
        network: Network | None = None,
        listening: bool = True,
    ) -> None:
        if not token:
            raise BadLogin("there is no token")
        self.username = ""
        self.last_poll = time.monotonic()
        self._webhook, self._listening = webhook, listening
        self._calls, self._polls = Transport(network or Network()), Transport(network or Network())
        self.application = application(token, base_url, self._calls, self._polls)
        self._turns = Turns(self.application, lambda: Reader(self.bot.id, self.username, self._now()), door, keep)
        self._keep, self._now, self._probe = keep, now, probe
        self._answers = Answers(self.bot, slow_text)
        self._offset: int | None = None
        self._polling: asyncio.Task[None] | None = None
        self._posted: set[asyncio.Task[bool]] = set()
        self._order = asyncio.Lock()
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
        self._stopping = False
        if self._webhook is not None:
            await webhooks.set_up(self.bot, *self._webhook, WANTED)
        elif self._listening:
            self._begin()

    async def stop(self) -> None:
        """Finish the commit that is under way, confirm what is committed and nothing else, and hang up."""
        await self._hush()
        if self._posted:
            await asyncio.wait(self._posted, timeout=GRACE_SECONDS)
        await self._answers.finish(GRACE_SECONDS)
        with contextlib.suppress(Exception):  # what stays unconfirmed comes again and is known by its uid
            async with asyncio.timeout(GRACE_SECONDS):
                await self.confirm()
        await self.application.shutdown()
        await self.bot.shutdown()

    async def listen(self, on: bool) -> None:
        """Begin or stop to fetch; a webhook needs no turns.

        What is committed is not confirmed at the end, for that would cut off who fetches next: it comes again
        there and is known by its uid.
        """
        self._listening = on
        if self._webhook is not None:
            return
        if on and self._polling is None:
            self._begin()
        elif not on:
            await self._hush()
            self._offset, self._stopping = None, False

    async def revive(self) -> None:
        """Hang up on the way in and connect anew. A commit that is under way is not silence, and is left alone."""
        if self._webhook is not None:
            with contextlib.suppress(Exception):
                await webhooks.set_up(self.bot, *self._webhook, WANTED)
        elif self._polling is not None and not self._committing:
            heard = self.last_poll
            try:
                await self._hush()
                await self._polls.renew()
            finally:  # whoever gives up waiting for this must not leave nobody fetching
                self._stopping = False
                self._begin()
                self.last_poll = heard  # only an answer is a sign of life

    async def send(self, chat: str, message: Message, hangs_on: str = "") -> str:
        """Send, as an answer to an earlier message if there is one; returns the new one's reference."""
        return await sending.send(self.bot, chat, message, hangs_on)

    async def edit(self, chat: str, ref: str, message: Message) -> str:
        """Replace a message."""
        return await sending.edit(self.bot, chat, ref, message)

    async def pin(self, chat: str, ref: str) -> str:
        """Pin a message."""
        return await sending.pin(self.bot, chat, ref)

    async def leave(self, chat: str) -> None:
        """Leave a group."""
        await sending.leave(self.bot, chat)

    async def menu(self, chat: str, entries: tuple[tuple[str, str], ...], language: str) -> str:
        """Set the commands that the app offers."""
        return await sending.menu(self.bot, chat, entries, language)

    async def send_file(self, chat: str, file: File, message: Message) -> str:
        """Send a file with a message of at most 1024 UTF-16 units below it; returns the reference."""
        return await files.send_file(self.bot, chat, file, message)

    def fetch(self, remote: str) -> AsyncIterator[bytes]:
        """The bytes of a file that somebody attached, in pieces."""
        return files.fetch(self.bot, self._calls, remote)

    @property
    def heard_at(self) -> float | None:
        """When the platform last answered on the way in, in monotonic seconds; None where it calls us."""
        return None if self._polling is None else self.last_poll

    @property
    def busy(self) -> bool:
        """Whether something beside the outbox is still on its way."""
        return self._answers.busy

    async def deliver(self, request: Request) -> Answer:
        """Take what the platform posted: 401 unless it is signed, 503 when it cannot be committed in time."""
        if self._webhook is None or not webhooks.signed(request.headers, self._webhook[1]):
            log.debug("telegram: a post without the secret")
            return Answer(401)
        raw = webhooks.read(request.body)
        if raw is None:
            return Answer(400)
        until = time.monotonic() + self.patience
        try:
            async with asyncio.timeout(self.patience):
                await self._order.acquire()
        except TimeoutError:
            return Answer(503)
        # Not cancelled when time is out: what is about to be committed is let finish, and is known when it comes again.
        task = asyncio.create_task(self._post(raw, until))
        self._posted.add(task)
        task.add_done_callback(self._let_next)
        await asyncio.wait({task}, timeout=max(0.0, until - time.monotonic()))
        return Answer(200 if task.done() and task.result() else 503)

    def _let_next(self, task: asyncio.Task[bool]) -> None:
        self._posted.discard(task)
        self._order.release()

    async def _post(self, raw: Raw, until: float) -> bool:
        """Whether the update is committed, or kept because nothing can be made of it."""
        if self._stopping:
            return False
        try:
            if webhooks.numbered(raw):
                await self._process(raw, until)
            else:
                await self._keep(raw, "NoNumber")
        except Exception as error:
            log.error("telegram: a post waits: %s", type(error).__name__)
            return False
        return True

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

    def _begin(self) -> None:
        self.last_poll = time.monotonic()
        self._polling = asyncio.create_task(self._poll())

    async def _hush(self) -> None:
        """Stop fetching, once the commit that is under way is done."""
        self._stopping = True
        if self._polling is not None:
            polling, self._polling = self._polling, None
            if not self._committing:
                polling.cancel()
            await asyncio.wait({polling}, timeout=GRACE_SECONDS)
            polling.cancel()
            await asyncio.gather(polling, return_exceptions=True)

    async def _poll(self) -> None:
        rests, alone = self._rests(), False
        while not self._stopping:
            try:
                if not alone:
                    await webhooks.take_down(self.bot)
                    alone = True
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

    async def _process(self, raw: Raw, until: float | None = None) -> None:
        """Returns when the update is committed, as an event or as one that failed; tries until it is.

        With `until`, in monotonic seconds, raises what stood in the way when that time has come.
        """
        query = query_in(raw)
        if query is not None:
            self._answers.expect(query, self.patience)
        turn = await self._committed(raw, until)
        if turn.event is not None:
            self._probe("between commit and acknowledgement")
        self._answers.give(query, turn.event, turn.outcome or Outcome())

    async def _committed(self, raw: Raw, until: float | None) -> Turn:
        for rest in self._rests():
            try:
                self._committing = True
                return await self._turns.attempt(raw)
            except Exception as error:
                if self._stopping or (until is not None and time.monotonic() + rest > until):
                    raise
                log.error("telegram: update %s waits: %s", raw["update_id"], type(error).__name__)
            finally:
                self._committing = False
            await asyncio.sleep(rest)
        raise AssertionError("there is always another try")

    def _rests(self) -> Iterator[float]:
        rest = self.first_rest
        while True:
            yield rest
            rest = min(rest * 2, self.longest_rest)


def complaint(error: Exception) -> str:
    """For the log: never the library's own words, which may hold the token."""
    match error:
        case Conflict():
            return "another process receives for this bot"
        case InvalidToken():
            return "Telegram no longer accepts the token"
    return type(error).__name__
