"""What Telegram is told at once, beside the outbox: a press's toast, suggestions, a stranger's answer, leaving a group.

It goes out in the background, so that the next update need not wait. What fails is only logged: it promised
nothing.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any, NamedTuple

from telegram import Bot

from bot.events import Event, Outcome
from bot.handlers.telegram_inline import suggest
from bot.handlers.telegram_sending import leave, send
from bot.handlers.telegram_text import clean, render
from bot.messages import Message, pieces, units

log = logging.getLogger(__name__)

TOAST_UNITS = 200
GLANCE = 60  # characters that can be read before a toast fades; more stays until it is closed


class Query(NamedTuple):
    """What a person waits at for one answer: a press or, `inline`, a look for something to send."""

    id: str
    inline: bool = False


def query_in(raw: dict[str, Any]) -> Query | None:
    """The query that the update is about, also when the rest of it cannot be read."""
    for kind in ("callback_query", "inline_query"):
        query = raw.get(kind)
        number = clean(str(query.get("id", ""))) if isinstance(query, dict) else ""
        if number:
            return Query(number, inline=kind == "inline_query")
    return None


class Answers:
    """Every query is answered once: with its outcome, or after `patience` seconds with the slow text or nothing."""

    def __init__(self, bot: Bot, slow_text: str) -> None:
        self._bot = bot
        self._slow_text = slow_text
        self._waiting: dict[Query, asyncio.TimerHandle] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def busy(self) -> bool:
        """Whether somebody still waits for an answer, or one is on its way."""
        return bool(self._waiting or self._tasks)

    def expect(self, query: Query, patience: float) -> None:
        """A query came in; it may have come before, and then the time counts anew."""
        loop = asyncio.get_running_loop()
        if query in self._waiting:
            self._waiting.pop(query).cancel()
        self._waiting[query] = loop.call_later(patience, self._tell_slow, query)

    def give(self, query: Query | None, event: Event | None, outcome: Outcome) -> None:
        """The update was dealt with; `query` is what to answer, None when nobody waits at anything."""
        timer = self._waiting.pop(query, None) if query is not None else None
        if timer is not None:
            timer.cancel()
        if query is not None and query.inline:
            # Whoever looks is not written to: nobody asked for a message, and each letter is a look.
            if timer is not None:
                self._suggest(query.id, outcome)
            return
        self._give(query if timer is not None else None, event, outcome)

    def _give(self, press: Query | None, event: Event | None, outcome: Outcome) -> None:
        """Tell what came of an act; `press` is the button that still spins."""
        toast, public = outcome.toast, event is not None and not event.chat.private
        if outcome.direct is not None and event is not None:
            if press is not None and public:
                toast = toast or spoken(outcome.direct)
            else:
                # A person's private chat has the person's number.
                self._spawn(send(self._bot, event.sender.user, outcome.direct), f"answer to {event.uid}")
        if press is not None:
            self._answer(press.id, toast, alert=public or len(toast) > GLANCE)
        if outcome.leave and event is not None:
            self._spawn(leave(self._bot, event.chat.id), f"leaving {event.chat.id}")

    async def finish(self, grace: float) -> None:
        """Let what is under way arrive; who still waits is answered when the update comes again."""
        for timer in self._waiting.values():
            timer.cancel()
        self._waiting.clear()
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=grace)
            for task in late:
                task.cancel()

    def _tell_slow(self, query: Query) -> None:
        del self._waiting[query]
        if query.inline:
            self._suggest(query.id, Outcome())
        else:
            self._answer(query.id, self._slow_text, alert=len(self._slow_text) > GLANCE)

    def _answer(self, press: str, text: str, *, alert: bool) -> None:
        call = self._bot.answer_callback_query(press, clipped(text) or None, show_alert=bool(text) and alert)
        self._spawn(call, f"answer to press {press}")

    def _suggest(self, look: str, outcome: Outcome) -> None:
        self._spawn(suggest(self._bot, look, outcome), f"answer to look {look}")

    def _spawn(self, call: Coroutine[Any, Any, object], what: str) -> None:
        task = asyncio.create_task(quietly(call, what))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


async def quietly(call: Coroutine[Any, Any, object], what: str) -> None:
    """Make the call; a failure is a line in the log with ids alone."""
    try:
        await call
    except Exception as error:
        log.warning("telegram: %s failed: %s", what, type(error).__name__)


def spoken(message: Message) -> str:
    """A message for a window over the chat, where only its reader sees it."""
    text = render(message).text
    return f"{message.fallback}\n{text}" if message.notice else text


def clipped(text: str) -> str:
    """As much as fits in an answer to a press."""
    text = clean(text)
    return text if units(text) <= TOAST_UNITS else pieces(text, TOAST_UNITS - 2)[0].rstrip() + " …"
