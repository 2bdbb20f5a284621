"""Files to and from Telegram."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any
from urllib.parse import quote

from telegram import Bot, InputFile
from telegram.error import TelegramError

from bot.channels import File, Gone, NotSent, PlatformDown, Refused, Undelivered, Unsure, Wait
from bot.handlers.telegram_sending import says, undelivered
from bot.handlers.telegram_text import clean, render
from bot.handlers.telegram_transport import NotGiven, Transport
from bot.messages import Message as Words
from bot.messages import units

CAPTION_UNITS = 1024
SENDABLE = 50 * 1024 * 1024
UPLOAD_SECONDS = 120.0  # the wait for the answer runs while the file is still on its way out
LEAST_WAIT = 1.0

EXPIRED = ("invalid file_id", "wrong file_id", "temporarily unavailable", "wrong remote file")
TOO_BIG = ("file is too big",)


async def send_file(bot: Bot, chat: str, file: File, words: Words) -> str:
    """Send a file with the words below it, which must fit a caption; returns the reference.

    As a document: a picture sent as one would come out smaller, and show itself on a locked screen. Only one of ours,
    which is drawn for that, is shown at once; Telegram has no place for what it shows in words.
    """
    if len(file.content) > SENDABLE:
        raise Refused("too big")
    text, entities, markup = render(words)
    assert units(text) <= CAPTION_UNITS, "a file's message is longer than a caption"
    call: dict[str, Any] = {
        "chat_id": chat,
        "caption": text,
        "caption_entities": entities,
        "reply_markup": markup,
        "read_timeout": UPLOAD_SECONDS,
    }
    try:
        if file.alt:
            sent = await bot.send_photo(photo=attached(file), **call)
        else:
            sent = await bot.send_document(document=attached(file), **call)
    except Exception as error:
        raise undelivered(error) from error
    return f"{sent.chat_id}:{sent.message_id}"


def attached(file: File) -> InputFile:
    """The file under its own name and type; a name may not break out of its header."""
    name = "".join(letter if letter.isprintable() else "_" for letter in clean(file.name))
    attachment = InputFile(file.content, filename=name or "file")
    attachment.mimetype = file.media
    return attachment


async def fetch(bot: Bot, transport: Transport, remote: str) -> AsyncGenerator[bytes, None]:
    """The bytes of a file, in pieces. Raises Gone, NotSent, Refused, Wait, PlatformDown.

    The address holds the token, so it never gets into an error: nothing here is raised with its cause.
    """
    try:
        # The library's own `get_file` takes a path that this machine has for a file of its own.
        found = await bot._post("getFile", {"file_id": remote})
        path = found.get("file_path") if isinstance(found, dict) else None
        if not isinstance(path, str) or not path:
            raise Refused("no path to the file")
        async with aclosing(transport.stream(f"{bot.base_file_url}/{quote(path)}")) as pieces:
            async for piece in pieces:
                yield piece
    except TelegramError as error:
        raise unfetched(error) from None


def unfetched(error: TelegramError) -> Undelivered:
    """Why the file did not come. To fetch changes nothing, so what may have happened can be asked for again."""
    if isinstance(error, NotGiven):
        return not_given(error)
    if says(error, EXPIRED):
        return Gone("the file is no longer there")
    if says(error, TOO_BIG):
        return Refused("too big")
    reason = undelivered(error)
    return NotSent(reason.args[0]) if isinstance(reason, Unsure) else reason


def not_given(error: NotGiven) -> Undelivered:
    """What the status means where files are fetched."""
    if error.status == 404:
        return Gone("the file is no longer there")
    if error.status == 429:
        return Wait("HTTP 429", max(LEAST_WAIT, error.seconds))
    if error.status == 401:
        return PlatformDown("Unauthorized")
    return Refused(f"HTTP {error.status}")
