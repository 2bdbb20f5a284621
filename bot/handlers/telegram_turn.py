"""One update's way through the library: read into an event, and through the door."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from telegram import Bot, Update
from telegram.ext import (
    Application,
    ApplicationBuilder,
    BaseHandler,
    CallbackQueryHandler,
    ChatMemberHandler,
    InlineQueryHandler,
    MessageHandler,
    TypeHandler,
    filters,
)

from bot.channels import Door
from bot.events import Event, Outcome
from bot.handlers.telegram_events import Reader
from bot.handlers.telegram_transport import Transport

log = logging.getLogger(__name__)

Raw = dict[str, Any]
Keep = Callable[[Raw, str], Awaitable[None]]
App = Application[Any, Any, Any, Any, Any, Any]

TELEGRAM = "https://api.telegram.org"


@dataclass
class Turn:
    """How far one update came. The library swallows a handler's exception, so it is written down here."""

    handled: bool = False
    event: Event | None = None
    outcome: Outcome | None = None
    error: Exception | None = None


class Turns:
    """Takes one update at a time; `door` commits an event, `keep` stores an update that none can be made of."""

    def __init__(self, application: App, reader: Callable[[], Reader], door: Door, keep: Keep) -> None:
        self._application = application
        self._reader, self._door, self._keep = reader, door, keep
        self._turn = Turn()
        application.add_handlers(self._handlers())
        application.add_error_handler(self._note)

    async def attempt(self, raw: Raw) -> Turn:
        """Raises what may pass: the database could not take the event, or the update to keep."""
        turn = self._turn = Turn()
        bot: Bot = self._application.bot
        try:
            update = Update.de_json(raw, bot)
        except Exception as error:
            turn.error = error
        else:
            try:
                await self._application.process_update(update)
            except Exception as error:  # the library's own; what the door raises it hands to `_note`
                turn.error = turn.error or (None if turn.handled else error)
        if turn.event is not None and turn.error is not None:
            raise turn.error
        if not turn.handled:
            reason = type(turn.error).__name__ if turn.error else "Unhandled"
            log.warning("telegram: update %s cannot be read: %s", raw["update_id"], reason)
            await self._keep(raw, reason)
        return turn

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
            InlineQueryHandler(self._reads(Reader.look)),
            ChatMemberHandler(self._reads(Reader.membership), ChatMemberHandler.MY_CHAT_MEMBER),
            TypeHandler(Update, self._reads(Reader.nothing)),
        ]

    def _reads(
        self, read: Callable[[Reader, Update], Event | None]
    ) -> Callable[[Update, Any], Coroutine[Any, Any, None]]:
        async def handle(update: Update, _: object) -> None:
            turn = self._turn
            turn.event = read(self._reader(), update)
            if turn.event is not None:
                turn.outcome = await self._door(turn.event)
            turn.handled = True

        return handle

    async def _note(self, _: object, context: Any) -> None:
        self._turn.error = context.error


def application(token: str, base_url: str | None, calls: Transport, polls: Transport) -> App:
    """The library's application, which neither polls nor keeps time by itself."""
    root = (base_url or TELEGRAM).rstrip("/").removesuffix("/bot")
    builder = ApplicationBuilder().token(token).base_url(f"{root}/bot").base_file_url(f"{root}/file/bot")
    # The library's own updater confirms what is only in memory; its job queue would be a second clock.
    builder = builder.updater(None).job_queue(None)  # type: ignore[arg-type]  # documented as allowed
    return builder.request(calls).get_updates_request(polls).build()
