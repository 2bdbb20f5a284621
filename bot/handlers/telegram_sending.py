"""The calls that put a message before a person in Telegram, and what Telegram's refusals mean."""

from __future__ import annotations

from datetime import timedelta

from telegram import Bot, BotCommandScopeChat, BotCommandScopeDefault, LinkPreviewOptions, ReplyParameters
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Forbidden,
    InvalidToken,
    RetryAfter,
    TelegramError,
)

from bot.channels import Gone, Moved, NotSent, PlatformDown, Refused, Undelivered, Unsure, Wait
from bot.handlers.telegram_text import render
from bot.handlers.telegram_transport import NotConnected, ServerFailed
from bot.messages import Message

NO_PREVIEW = LinkPreviewOptions(is_disabled=True)

# Telegram tells these apart by their words alone, and has written them in more than one way.
UNCHANGED = ("not modified", "not_modified")
LOST = (
    "message to edit not found",
    "message to pin not found",
    "message can't be edited",
    "message_id_invalid",
)
CAPTIONED = ("no text in the message to edit",)
NOBODY = ("chat not found", "user not found", "peer_id_invalid", "deactivated")


async def send(bot: Bot, chat: str, message: Message, hangs_on: str = "") -> str:
    """Send, as an answer to an earlier message of this chat if there is one; returns the new one's reference."""
    text, entities, markup = render(message)
    hook = answering(chat, hangs_on)
    try:
        sent = await bot.send_message(
            chat, text, entities=entities, reply_markup=markup, link_preview_options=NO_PREVIEW, reply_parameters=hook
        )
    except Exception as error:
        raise undelivered(error) from error
    return f"{sent.chat_id}:{sent.message_id}"


def answering(chat: str, hangs_on: str) -> ReplyParameters | None:
    """Which message is answered, nothing if it is gone: numbers are a chat's own, so it must be of this chat."""
    where, _, number = hangs_on.rpartition(":")
    return ReplyParameters(int(number), allow_sending_without_reply=True) if where == chat else None


async def edit(bot: Bot, chat: str, ref: str, message: Message) -> str:
    """Replace a message in this chat, which may be another than its reference names if the group moved."""
    number = number_of(ref)
    try:
        await _replace(bot, chat, number, message)
    except Exception as error:
        if not says(error, UNCHANGED):
            raise undelivered(error) from error
    return f"{chat}:{number}"


async def _replace(bot: Bot, chat: str, number: int, message: Message) -> None:
    text, entities, markup = render(message)
    try:
        await bot.edit_message_text(
            text, chat, number, entities=entities, reply_markup=markup, link_preview_options=NO_PREVIEW
        )
    except BadRequest as error:
        if not says(error, CAPTIONED):
            raise
        # It came with a file: there the words are a caption.
        await bot.edit_message_caption(chat, number, caption=text, caption_entities=entities, reply_markup=markup)


async def pin(bot: Bot, chat: str, ref: str) -> str:
    """Pin a message without a sound."""
    number = number_of(ref)
    try:
        await bot.pin_chat_message(chat, number, disable_notification=True)
    except Exception as error:
        if not says(error, UNCHANGED):
            raise undelivered(error) from error
    return f"{chat}:{number}"


async def menu(bot: Bot, chat: str, entries: tuple[tuple[str, str], ...], language: str) -> str:
    """Set the commands that the app offers, in one chat or by default; without entries the wider menu shows again."""
    scope = BotCommandScopeChat(chat) if chat else BotCommandScopeDefault()
    try:
        if entries:
            await bot.set_my_commands(entries, scope, language or None)
        else:
            await bot.delete_my_commands(scope, language or None)
    except Exception as error:
        raise undelivered(error) from error
    return f"menu:{chat}"


async def leave(bot: Bot, chat: str) -> None:
    """Leave a group; one where the bot no longer is, or that no longer is there, is left already."""
    try:
        await bot.leave_chat(chat)
    except Exception as error:
        refusal = undelivered(error)
        if not (isinstance(refusal, Refused) and refusal.account_ended):
            raise refusal from error


def number_of(ref: str) -> int:
    """The message's number in its chat."""
    return int(ref.rpartition(":")[2])


def undelivered(error: Exception) -> Undelivered:
    """What delivery is to make of it. BadRequest is a NetworkError in the library, and yet a firm no."""
    if not isinstance(error, TelegramError):
        return Unsure(type(error).__name__)  # an answer that could not be read
    reason = error.message
    match error:
        case RetryAfter():
            return Wait(reason, seconds_of(error))
        case ChatMigrated():
            return Moved(reason, str(error.new_chat_id))
        case Forbidden():
            return Refused(reason, account_ended=True)
        case InvalidToken():
            return PlatformDown(reason)
        case BadRequest():
            return Gone(reason) if says(error, LOST) else Refused(reason, account_ended=says(error, NOBODY))
        case NotConnected():
            return NotSent(reason)
        case ServerFailed():
            return NotSent(reason, doubtful=error.doubtful)
    return Unsure(reason)


def seconds_of(error: RetryAfter) -> float:
    """How long Telegram asks to wait; the library is on its way from numbers to timedeltas."""
    asked = error.retry_after
    return asked.total_seconds() if isinstance(asked, timedelta) else float(asked)


def says(error: Exception, any_of: tuple[str, ...]) -> bool:
    """Whether Telegram's refusal is worded in one of these ways."""
    return isinstance(error, BadRequest) and any(words in error.message.lower() for words in any_of)
