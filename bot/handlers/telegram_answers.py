"""What Telegram is told at once, beside the outbox: a press's toast, a stranger's answer, leaving a group.

It goes out in the background, so that the next update need not wait. What fails is only logged: it promised
nothing.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any

from telegram import Bot

from bot.events import Event, Outcome
from bot.handlers.telegram_sending import leave, send
from bot.handlers.telegram_text import clean, render
from bot.messages import Message, pieces, units

log = logging.getLogger(__name__)

TOAST_UNITS = 200
GLANCE = 60  # characters that can be read before a toast fades; more stays until it is closed


class Answers:
    """Every press is answered once: with its outcome, or after `patience` seconds with the slow text."""

    def __init__(self, bot: Bot, slow_text: str) -> None:
        self._bot = bot
        self._slow_text = slow_text
        self._waiting: dict[str, asyncio.TimerHandle] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def busy(self) -> bool:
        """Whether somebody still waits for an answer, or one is on its way."""
        return bool(self._waiting or self._tasks)

    def expect(self, query: str, patience: float) -> None:
        """A press came in; it may have come before, and then the time counts anew."""
        loop = asyncio.get_running_loop()
        if query in self._waiting:
            self._waiting.pop(query).cancel()
        self._waiting[query] = loop.call_later(patience, self._tell_slow, query)

    def give(self, query: str, event: Event | None, outcome: Outcome) -> None:
        """The update was dealt with; `query` is the press to answer, empty when it was none."""
        waiting = self._waiting.pop(query, None)
        toast, public = outcome.toast, event is not None and not event.chat.private
        if outcome.direct is not None and event is not None:
            if waiting is not None and public:
                toast = toast or spoken(outcome.direct)
            else:
                # A person's private chat has the person's number.
                self._spawn(send(self._bot, event.sender.user, outcome.direct), f"answer to {event.uid}")
        if waiting is not None:
            waiting.cancel()
            self._answer(query, toast, alert=public or len(toast) > GLANCE)
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

    def _tell_slow(self, query: str) -> None:
        del self._waiting[query]
        self._answer(query, self._slow_text, alert=len(self._slow_text) > GLANCE)

    def _answer(self, query: str, text: str, *, alert: bool) -> None:
        call = self._bot.answer_callback_query(query, clipped(text) or None, show_alert=bool(text) and alert)
        self._spawn(call, f"answer to press {query}")

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
