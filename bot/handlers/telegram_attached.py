"""What came with a message in Telegram beside words. Sizes, names and types are only what is claimed."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

import telegram
from telegram import (
    MessageOriginChannel,
    MessageOriginChat,
    MessageOriginHiddenUser,
    MessageOriginUser,
)

from bot.events import Attached, Medium
from bot.handlers.telegram_text import clean

# The first that a message has is taken: an animation is shown as a document too.
FILES = (
    ("animation", Medium.DOCUMENT, "video/mp4"),
    ("document", Medium.DOCUMENT, ""),
    ("voice", Medium.VOICE, "audio/ogg"),
    ("audio", Medium.VOICE, "audio/mpeg"),
    ("video", Medium.VIDEO, "video/mp4"),
    ("video_note", Medium.VIDEO, "video/mp4"),
)


def read(message: telegram.Message) -> tuple[str, tuple[Attached, ...]]:
    """The sender's own words, and what came with them; nothing when the message is no evidence.

    Words below a forwarded file are its author's, not the sender's, so they are attached too.
    """
    thing, words = attachment(message), clean(message.caption or "")
    if message.forward_origin is None:
        return words, (thing,) if thing else ()
    if thing is None and message.text is None:
        return words, ()
    words = clean(message.text) if message.text is not None else words
    said = (Attached(Medium.MESSAGE, text=words),) if words else ()
    author, at = origin(message.forward_origin)
    things = ((thing,) if thing else ()) + said
    return "", tuple(replace(one, author=author, made_at=at) for one in things)


def attachment(message: telegram.Message) -> Attached | None:
    """The file or the place in a message."""
    if message.photo:
        largest = max(message.photo, key=lambda size: (size.width * size.height, size.file_size or 0))
        return Attached(Medium.PHOTO, largest.file_id, media="image/jpeg", size=claimed(largest.file_size))
    for name, medium, media in FILES:
        file = getattr(message, name)
        if file is not None:
            return of_file(file, medium, media)
    return place(message)


def of_file(file: Any, medium: Medium, media: str) -> Attached:
    """A file; `media` is its type where Telegram says none."""
    return Attached(
        medium,
        file.file_id,
        name=clean(getattr(file, "file_name", None) or ""),
        media=clean(getattr(file, "mime_type", None) or media),
        size=claimed(file.file_size),
    )


def place(message: telegram.Message) -> Attached | None:
    """A place on the map, with its name if it has one."""
    where = message.location or (message.venue.location if message.venue else None)
    if where is None:
        return None
    name = clean(message.venue.title) if message.venue else ""
    return Attached(Medium.PLACE, text=f"{where.latitude:.5f}, {where.longitude:.5f}", name=name)


def claimed(size: object) -> int:
    """The size in bytes, 0 when there is none that makes sense."""
    return size if isinstance(size, int) and size > 0 else 0


def origin(of: telegram.MessageOrigin) -> tuple[str, datetime]:
    """Who wrote what was forwarded, and when; a hidden account shows only a name."""
    match of:
        case MessageOriginUser(sender_user=user):
            return named(user.full_name, user.username), of.date
        case MessageOriginHiddenUser(sender_user_name=name):
            return clean(name), of.date
        case MessageOriginChat(sender_chat=chat, author_signature=signature):
            return signed(chat, signature), of.date
        case MessageOriginChannel(chat=chat, author_signature=signature):
            return signed(chat, signature), of.date
    return "", of.date


def named(name: str, username: str | None) -> str:
    """As the unit is to see it: First Last (@username)."""
    return f"{clean(name)} (@{username})" if username else clean(name)


def signed(chat: telegram.Chat, signature: str | None) -> str:
    """A group or a channel, and who signed for it."""
    title = named(chat.title or "", chat.username)
    return f"{title}, {clean(signature)}" if signature else title
