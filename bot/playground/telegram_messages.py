"""The Bot API methods that act on messages: send, edit, delete, pin, and the answer to a press."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from bot.playground.telegram_model import Heard, Json, Room, Sent, bad_request
from bot.playground.telegram_rules import (
    ACTIONS,
    TOAST_CHARACTERS,
    boolean,
    integer,
    read_markup,
    read_text,
    string,
    structure,
)
from bot.playground.telegram_world import World

DELETABLE = timedelta(hours=48)
# Telegram does not document how long a press can be answered; callers report some 15 seconds.
ANSWERABLE = timedelta(seconds=15)
NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same as a "
    "current content and reply markup of the message"
)
TOO_OLD = "query is too old and response timeout expired or query ID is invalid"


def send_message(world: World, params: Json) -> Json:
    """https://core.telegram.org/bots/api#sendmessage"""
    text, entities = read_text(params, too_long="message is too long")
    markup = read_markup(params)
    extras = read_extras(params)
    room = world.room(params, write=True)
    reply_to = read_reply(params, room)
    if world.limits is not None:
        world.limits.charge(room.id, world.clock().timestamp())
    sent = world.new_sent(room, text, entities)
    sent.markup, sent.reply_to, sent.extras = markup, reply_to, extras
    sent.silent = boolean(params, "disable_notification")
    world.say(room, sent)
    return world.message(room, sent)


def read_extras(params: Json) -> Json:
    """What a message carries along without any effect here."""
    extras: Json = {}
    thread = integer(params, "message_thread_id")
    if thread:
        extras["message_thread_id"] = thread
    if boolean(params, "protect_content"):
        extras["has_protected_content"] = True
    preview = read_preview(params)
    if preview:
        extras["link_preview_options"] = preview
    return extras


def read_preview(params: Json) -> Any:
    """The link preview options, refused unless they are an object."""
    preview = structure(params, "link_preview_options", "can't parse link preview options JSON object")
    if preview is not None and not isinstance(preview, dict):
        raise bad_request("object expected as link preview options")
    return preview


def read_reply(params: Json, room: Room) -> int | None:
    """The message that is replied to, None when it is gone and the bot does not mind."""
    reply = structure(params, "reply_parameters", "can't parse reply parameters JSON object")
    if reply is None:
        # The names from before Bot API 7.0, which Telegram still takes.
        old = params.get("allow_sending_without_reply")
        reply = {"message_id": params.get("reply_to_message_id"), "allow_sending_without_reply": old}
        if not integer(reply, "message_id"):
            return None
    if not isinstance(reply, dict):
        raise bad_request("object expected as reply parameters")
    message_id = integer(reply, "message_id")
    if room.find(message_id) is not None:
        return message_id
    if boolean(reply, "allow_sending_without_reply"):
        return None
    raise bad_request("message to be replied not found")


def own_message(world: World, params: Json) -> tuple[Room, Sent]:
    """The message to edit, refused unless it is there and the bot's own."""
    room = world.room(params, write=True)
    if not integer(params, "message_id"):
        raise bad_request("message identifier is not specified")
    found = room.find(integer(params, "message_id"))
    if found is None:
        raise bad_request("message to edit not found")
    if not isinstance(found, Sent):
        raise bad_request("message can't be edited")
    return room, found


def edit_message_text(world: World, params: Json) -> Json:
    """https://core.telegram.org/bots/api#editmessagetext"""
    text, entities = read_text(params, too_long="MESSAGE_TOO_LONG")
    markup = read_markup(params, inline_only=True)
    preview = read_preview(params)
    room, sent = own_message(world, params)
    if sent.file is not None:
        raise bad_request("there is no text in the message to edit")
    if (sent.text, sent.entities, sent.markup) == (text, entities, markup):
        raise bad_request(NOT_MODIFIED)
    if preview:
        sent.extras["link_preview_options"] = preview
    sent.history.append(sent.text)
    sent.text, sent.entities = text, entities
    return edited(world, room, sent, markup)


def edit_message_reply_markup(world: World, params: Json) -> Json:
    """https://core.telegram.org/bots/api#editmessagereplymarkup"""
    markup = read_markup(params, inline_only=True)
    room, sent = own_message(world, params)
    if sent.markup == markup:
        raise bad_request(NOT_MODIFIED)
    return edited(world, room, sent, markup)


def edited(world: World, room: Room, sent: Sent, markup: Json | None) -> Json:
    """The message with its new keyboard, none if the edit brought none, and the time of the edit."""
    sent.markup = markup
    sent.edited += 1
    sent.edited_at = world.clock()
    return world.message(room, sent)


def delete_message(world: World, params: Json) -> bool:
    """https://core.telegram.org/bots/api#deletemessage"""
    room = world.room(params)
    found = room.find(integer(params, "message_id"))
    if found is None:
        raise bad_request("message to delete not found")
    if isinstance(found, Heard) and room.id < 0 and room.bot_status != "administrator":
        raise bad_request("message can't be deleted")
    if world.clock() - found.at > DELETABLE:
        raise bad_request("message can't be deleted for everyone")
    found.deleted = True
    unpin(room, found)
    return True


def pin_chat_message(world: World, params: Json) -> bool:
    """https://core.telegram.org/bots/api#pinchatmessage"""
    room = pinning_room(world, params)
    found = room.find(integer(params, "message_id"))
    if found is None:
        raise bad_request("message to pin not found")
    unpin(room, found)
    room.pins.append(found.message_id)
    found.pinned = True
    return True


def unpin_chat_message(world: World, params: Json) -> bool:
    """https://core.telegram.org/bots/api#unpinchatmessage"""
    room = pinning_room(world, params)
    message_id = integer(params, "message_id") or (room.pins[-1] if room.pins else 0)
    found = room.find(message_id)
    if found is None:
        raise bad_request("message to unpin not found")
    unpin(room, found)
    return True


def unpin_all_chat_messages(world: World, params: Json) -> bool:
    """https://core.telegram.org/bots/api#unpinallchatmessages"""
    room = pinning_room(world, params)
    for message_id in room.pins:
        room.by_id[message_id].pinned = False
    room.pins.clear()
    return True


def pinning_room(world: World, params: Json) -> Room:
    """The chat, refused when its members may not pin and the bot is one of them."""
    room = world.room(params, write=True)
    if room.id < 0 and room.bot_status != "administrator" and not room.members_may_pin:
        raise bad_request("not enough rights to manage pinned messages in the chat")
    return room


def unpin(room: Room, message: Sent | Heard) -> None:
    """Take a message off the pins, if it is there."""
    if message.pinned:
        room.pins.remove(message.message_id)
        message.pinned = False


def answer_callback_query(world: World, params: Json) -> bool:
    """https://core.telegram.org/bots/api#answercallbackquery"""
    toast = string(params, "text")
    if len(toast) > TOAST_CHARACTERS:
        raise bad_request("MESSAGE_TOO_LONG")
    press = world.press_by_id.get(string(params, "callback_query_id"))
    if press is None or world.clock() - press.at > ANSWERABLE:
        raise bad_request(TOO_OLD)
    press.answered = True
    press.toast = toast or None
    press.alert = boolean(params, "show_alert")
    return True


def send_chat_action(world: World, params: Json) -> bool:
    """https://core.telegram.org/bots/api#sendchataction"""
    if string(params, "action") not in ACTIONS:
        raise bad_request("wrong parameter action in request")
    world.room(params, write=True)
    return True
