"""The Bot API methods about the bot itself, its chats and its command menus, and the table of them all."""

from __future__ import annotations

import json
from collections.abc import Callable

from bot.playground import telegram_files as files
from bot.playground import telegram_inline as inline
from bot.playground import telegram_messages as messages
from bot.playground import telegram_webhook
from bot.playground.telegram_model import Json, Room, bad_request
from bot.playground.telegram_rules import integer, read_commands, read_language, structure
from bot.playground.telegram_world import World, standing

CHAT_SCOPES = frozenset({"chat", "chat_administrators", "chat_member"})
WIDE_SCOPES = frozenset({"default", "all_private_chats", "all_group_chats", "all_chat_administrators"})
GIFTS = ["unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription", "gifts_from_channels"]
PERMISSIONS = [
    "can_send_messages",
    "can_send_audios",
    "can_send_documents",
    "can_send_photos",
    "can_send_videos",
    "can_send_video_notes",
    "can_send_voice_notes",
    "can_send_polls",
    "can_send_other_messages",
    "can_add_web_page_previews",
    "can_invite_users",
]


def get_me(world: World, params: Json) -> Json:
    """https://core.telegram.org/bots/api#getme"""
    return {
        **world.bot,
        "can_join_groups": True,
        "can_read_all_group_messages": not world.privacy,
        "supports_inline_queries": world.inline,
        "can_connect_to_business": False,
        "has_main_web_app": False,
    }


def get_chat(world: World, params: Json) -> Json:
    """https://core.telegram.org/bots/api#getchat"""
    room = world.room(params)
    shown: Json = {
        **room.card,
        "accent_color_id": 0,
        "max_reaction_count": 11,
        "accepted_gift_types": dict.fromkeys(GIFTS, False),
    }
    if room.id < 0:
        allowed = dict.fromkeys(PERMISSIONS, True)
        shown["permissions"] = {**allowed, "can_change_info": False, "can_pin_messages": room.members_may_pin}
    if room.pins:
        shown["pinned_message"] = world.message(room, room.by_id[room.pins[-1]])
    return shown


def member(world: World, room: Room, user_id: int) -> Json:
    """One user's place in a chat."""
    if user_id == world.bot["id"]:
        return {"user": world.bot, **standing("member" if room.id > 0 else room.bot_status)}
    return {"user": world.people[user_id], **standing(room.members.get(user_id, "left"))}


def get_chat_member(world: World, params: Json) -> Json:
    """https://core.telegram.org/bots/api#getchatmember"""
    room = world.room(params)
    user_id = integer(params, "user_id")
    if user_id <= 0:
        raise bad_request("invalid user_id specified")
    if user_id not in world.people and user_id != world.bot["id"]:
        raise bad_request("PARTICIPANT_ID_INVALID")
    if room.id > 0 and user_id not in (room.id, world.bot["id"]):
        raise bad_request("member not found")
    return member(world, room, user_id)


def get_chat_administrators(world: World, params: Json) -> list[Json]:
    """https://core.telegram.org/bots/api#getchatadministrators"""
    room = world.room(params)
    if room.id > 0:
        raise bad_request("there are no administrators in the private chat")
    leading = [u for u, status in room.members.items() if status in ("creator", "administrator")]
    if room.bot_status == "administrator":
        leading.append(world.bot["id"])
    return [member(world, room, user_id) for user_id in leading]


def leave_chat(world: World, params: Json) -> bool:
    """https://core.telegram.org/bots/api#leavechat"""
    room = world.room(params)
    if room.id > 0:
        raise bad_request("chat member status can't be changed in private chats")
    before, room.bot_status = room.bot_status, "left"
    world.membership(room, world.bot["id"], standing(before), standing("left"))
    return True


def read_scope(world: World, params: Json) -> str:
    """Whose command menu is meant, as one string."""
    scope = structure(params, "scope", "can't parse BotCommandScope JSON object")
    if scope is None:
        return "default"
    complaint = "can't parse BotCommandScope: "
    if not isinstance(scope, dict):
        raise bad_request(complaint + "BotCommandScope must be an Object")
    kind = scope.get("type")
    if not isinstance(kind, str):
        raise bad_request(complaint + 'Can\'t find field "type"')
    if kind in WIDE_SCOPES:
        return kind
    if kind not in CHAT_SCOPES:
        raise bad_request(complaint + "Unsupported type specified")
    if scope.get("chat_id") in (None, ""):
        raise bad_request(complaint + "Empty chat_id specified")
    if kind == "chat_member" and integer(scope, "user_id") <= 0:
        raise bad_request(complaint + "Invalid user_id specified")
    world.room(scope)
    return json.dumps(scope, sort_keys=True)


def set_my_commands(world: World, params: Json) -> bool:
    """https://core.telegram.org/bots/api#setmycommands"""
    key = read_scope(world, params), read_language(params)
    commands = read_commands(params)
    if commands:
        world.commands[key] = commands
    else:
        world.commands.pop(key, None)
    return True


def delete_my_commands(world: World, params: Json) -> bool:
    """https://core.telegram.org/bots/api#deletemycommands"""
    world.commands.pop((read_scope(world, params), read_language(params)), None)
    return True


def get_my_commands(world: World, params: Json) -> list[Json]:
    """https://core.telegram.org/bots/api#getmycommands"""
    return world.commands.get((read_scope(world, params), read_language(params)), [])


METHODS: dict[str, Callable[[World, Json], object]] = {
    "getMe": get_me,
    "sendMessage": messages.send_message,
    "sendDocument": files.send_document,
    "sendPhoto": files.send_photo,
    "getFile": files.get_file,
    "editMessageCaption": files.edit_message_caption,
    "editMessageText": messages.edit_message_text,
    "editMessageReplyMarkup": messages.edit_message_reply_markup,
    "deleteMessage": messages.delete_message,
    "answerCallbackQuery": messages.answer_callback_query,
    "answerInlineQuery": inline.answer_inline_query,
    "pinChatMessage": messages.pin_chat_message,
    "unpinChatMessage": messages.unpin_chat_message,
    "unpinAllChatMessages": messages.unpin_all_chat_messages,
    "sendChatAction": messages.send_chat_action,
    "getChat": get_chat,
    "getChatMember": get_chat_member,
    "getChatAdministrators": get_chat_administrators,
    "leaveChat": leave_chat,
    "setMyCommands": set_my_commands,
    "deleteMyCommands": delete_my_commands,
    "getMyCommands": get_my_commands,
    "setWebhook": telegram_webhook.set_webhook,
    "deleteWebhook": telegram_webhook.delete_webhook,
    "getWebhookInfo": telegram_webhook.get_webhook_info,
}
