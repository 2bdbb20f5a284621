"""The Bot API methods about files: getFile, sendDocument, sendPhoto; and how an upload is read."""

from __future__ import annotations

from collections.abc import Callable

import aiohttp
from aiohttp import web

from bot.playground.telegram_messages import edited, own_message, read_extras, read_reply
from bot.playground.telegram_model import File, Json, Refused, bad_request
from bot.playground.telegram_rules import boolean, read_caption, read_markup, string
from bot.playground.telegram_world import World

UPLOAD_BYTES = 50 * 1024 * 1024
PHOTO_BYTES = 10 * 1024 * 1024
PHOTO_SIDES, PHOTO_RATIO = 10_000, 20
PIECE = 256 * 1024
PICTURES = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"RIFF", b"GIF8")
TOO_LARGE = Refused(413, "Request Entity Too Large")


def get_file(world: World, params: Json) -> Json:
    """https://core.telegram.org/bots/api#getfile"""
    return world.shelf.get(string(params, "file_id"))


def send_document(world: World, params: Json) -> Json:
    """https://core.telegram.org/bots/api#senddocument"""
    return send_file(world, params, uploaded(params, "document"), world.shelf.document)


def send_photo(world: World, params: Json) -> Json:
    """https://core.telegram.org/bots/api#sendphoto"""
    file = uploaded(params, "photo")
    if len(file.content) > PHOTO_BYTES:
        raise bad_request("too big for a photo")
    if not file.content.startswith(PICTURES):
        raise bad_request("IMAGE_PROCESS_FAILED")
    check_size(file.content)
    return send_file(world, params, file, world.shelf.photo)


def check_size(content: bytes) -> None:
    """Refuse a PNG that is no photo: "width and height must not exceed 10000 in total", nor their ratio 20."""
    if content[12:16] != b"IHDR":
        return
    wide, high = (int.from_bytes(content[start : start + 4], "big") for start in (16, 20))
    if not (0 < wide + high <= PHOTO_SIDES and max(wide, high) <= PHOTO_RATIO * min(wide, high)):
        raise bad_request("PHOTO_INVALID_DIMENSIONS")


def send_file(world: World, params: Json, file: File, shape: Callable[[File], Json]) -> Json:
    """Put a message with this file into the chat; what it is shown as is made only when nothing refuses it."""
    caption, entities = read_caption(params)
    markup, extras = read_markup(params), read_extras(params)
    room = world.room(params, write=True)
    reply_to = read_reply(params, room)
    if world.limits is not None:
        world.limits.charge(room.id, world.clock().timestamp())
    sent = world.new_sent(room, caption, entities)
    sent.markup, sent.reply_to, sent.extras = markup, reply_to, extras
    sent.silent = boolean(params, "disable_notification")
    sent.file, sent.shown = file, shape(file)
    world.say(room, sent)
    return world.message(room, sent)


def edit_message_caption(world: World, params: Json) -> Json:
    """https://core.telegram.org/bots/api#editmessagecaption"""
    caption, entities = read_caption(params)
    markup = read_markup(params, inline_only=True)
    room, sent = own_message(world, params)
    if sent.file is None:
        raise bad_request("there is no caption in the message to edit")
    if (sent.text, sent.entities, sent.markup) == (caption, entities, markup):
        raise bad_request("message is not modified")
    sent.history.append(sent.text)
    sent.text, sent.entities = caption, entities
    return edited(world, room, sent, markup)


def uploaded(params: Json, name: str) -> File:
    """The file in a call, refused unless it was uploaded; sending by id or address is nothing the bot does."""
    file = params.get(name)
    if not isinstance(file, File):
        raise bad_request(f"there is no {name} in the request")
    if not file.content:
        raise bad_request("file must be non-empty")
    if len(file.content) > UPLOAD_BYTES:
        raise TOO_LARGE
    return file


async def read_multipart(request: web.BaseRequest) -> Json:
    """The parts of an upload: files as File, everything else as text."""
    found: Json = {}
    room = UPLOAD_BYTES + PIECE  # for all of it, with what stands beside the file
    try:
        parts = aiohttp.MultipartReader(request.headers, request.content)
        while (part := await parts.next()) is not None:
            if not isinstance(part, aiohttp.BodyPartReader) or not part.name:
                raise bad_request("can't parse the request body")
            content = bytearray()
            while piece := await part.read_chunk(PIECE):
                room -= len(piece)
                if room < 0:
                    raise TOO_LARGE
                content += piece
            found[part.name] = read_part(part, bytes(content))
    except (ValueError, AssertionError, RuntimeError, KeyError, aiohttp.ClientError, aiohttp.http.HttpProcessingError):
        raise bad_request("can't parse the request body") from None
    return found


def read_part(part: aiohttp.BodyPartReader, content: bytes) -> File | str:
    """One part; Telegram goes by the file's name, and takes its type from there or from the part's header."""
    if part.filename is None:
        return content.decode()
    return File(part.filename, part.headers.get("Content-Type", "application/octet-stream"), content)
