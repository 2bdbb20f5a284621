"""Telegram refuses chats that the bot may not reach and messages that it may not touch.

Words of the "Bot API server" are in its published source (github.com/tdlib/telegram-bot-api),
those of "td" in the library under it (github.com/tdlib/td).
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from bot.playground.telegram import Group, Human, TelegramPlayground
from tests.playground.telegram_api.tools import Call, Clock, button, keyboard, sent, why

# Chats


@pytest.mark.parametrize("chat_id", [404, "@ingen_alls", "abc", [], 10**40])
async def test_an_unknown_chat_is_not_found(call: Call, chat_id: Any) -> None:
    """https://core.telegram.org/bots/api#sendmessage, `chat_id`; "Bad Request: chat not found"."""
    assert await why(call, "sendMessage", chat_id=chat_id, text="hej") == "chat not found"


async def test_a_chat_must_be_named(call: Call) -> None:
    """https://core.telegram.org/bots/api#sendmessage, `chat_id` is required; Bot API server:
    "chat_id is empty"."""
    assert await why(call, "sendMessage", text="hej") == "chat_id is empty"


async def test_a_bot_cannot_write_first(call: Call, server: TelegramPlayground) -> None:
    """https://core.telegram.org/bots/faq: bots cannot start a conversation;
    403 "can't initiate conversation"."""
    stranger = server.person("Bo", last_name="Påhittad")
    answer = await call("sendMessage", chat_id=stranger.id, text="hej")
    assert answer["error_code"] == 403
    assert answer["description"] == "Forbidden: bot can't initiate conversation with a user"
    await stranger.start()
    await sent(call, stranger)


async def test_who_blocked_the_bot_is_not_reached(call: Call, alva: Human) -> None:
    """Bot API server: USER_IS_BLOCKED is 403 "bot was blocked by the user"."""
    alva.block()
    answer = await call("sendMessage", chat_id=alva.id, text="hej")
    assert (answer["error_code"], answer["description"]) == (403, "Forbidden: bot was blocked by the user")
    alva.unblock()
    await sent(call, alva)


async def test_a_deleted_account_is_not_reached(call: Call, alva: Human) -> None:
    """Bot API server: 403 "Forbidden: user is deactivated"."""
    alva.deactivate()
    answer = await call("sendMessage", chat_id=alva.id, text="hej")
    assert (answer["error_code"], answer["description"]) == (403, "Forbidden: user is deactivated")


@pytest.mark.parametrize("kind", ["group", "supergroup"])
async def test_a_bot_that_was_kicked_is_out(call: Call, server: TelegramPlayground, alva: Human, kind: Any) -> None:
    """Bot API server, check_chat_access: 403 "bot was kicked from the group chat"."""
    group = server.group("Påhittade gruppen", [alva], kind=kind)
    await group.add_bot(by=alva)
    await sent(call, group)
    await group.kick_bot(by=alva)
    answer = await call("sendMessage", chat_id=group.id, text="hej")
    assert answer["error_code"] == 403
    assert answer["description"] == f"Forbidden: bot was kicked from the {kind} chat"


async def test_a_bot_that_left_is_out(call: Call, unit: Group) -> None:
    """Bot API server, check_chat_access: 403 "bot is not a member of the supergroup chat"."""
    assert (await call("leaveChat", chat_id=unit.id))["ok"]
    answer = await call("sendMessage", chat_id=unit.id, text="hej")
    assert answer["error_code"] == 403
    assert answer["description"] == "Forbidden: bot is not a member of the supergroup chat"


async def test_a_group_the_bot_never_was_in_is_not_found(call: Call, server: TelegramPlayground, alva: Human) -> None:
    """https://core.telegram.org/bots/api#getchat; "Bad Request: chat not found"."""
    other = server.group("Annan påhittad grupp", [alva])
    assert await why(call, "getChat", chat_id=other.id) == "chat not found"


async def test_a_bot_cannot_leave_a_private_chat(call: Call, alva: Human) -> None:
    """https://core.telegram.org/bots/api#leavechat: "leave a group, supergroup or channel"."""
    reason = await why(call, "leaveChat", chat_id=alva.id)
    assert reason == "chat member status can't be changed in private chats"


async def test_an_upgraded_group_names_its_new_id(call: Call, server: TelegramPlayground, alva: Human) -> None:
    """https://core.telegram.org/bots/api#responseparameters: `migrate_to_chat_id`."""
    group = server.group("Påhittade gruppen", [alva], kind="group")
    await group.add_bot(by=alva)
    old = group.id
    new = group.migrate()
    answer = await call("sendMessage", chat_id=old, text="hej")
    assert answer["description"] == "Bad Request: group chat was upgraded to a supergroup chat"
    assert answer["parameters"] == {"migrate_to_chat_id": new}
    assert (await call("sendMessage", chat_id=new, text="hej"))["ok"]


async def test_members_are_asked_for_where_there_are_some(call: Call, alva: Human, unit: Group) -> None:
    """https://core.telegram.org/bots/api#getchatmember and #getchatadministrators;
    words of the Bot API server."""
    assert await why(call, "getChatMember", chat_id=unit.id, user_id=0) == "invalid user_id specified"
    assert await why(call, "getChatMember", chat_id=unit.id, user_id=1) == "PARTICIPANT_ID_INVALID"
    reason = await why(call, "getChatAdministrators", chat_id=alva.id)
    assert reason == "there are no administrators in the private chat"


# Editing, deleting, pinning, replying


async def test_an_edit_that_changes_nothing_is_refused(call: Call, alva: Human) -> None:
    """Bot API server: MESSAGE_NOT_MODIFIED, "message is not modified: …"."""
    markup = keyboard([button()])
    message = await sent(call, alva, reply_markup=markup)
    where = {"chat_id": alva.id, "message_id": message.message_id}
    reason = await why(call, "editMessageText", **where, text="hej ", reply_markup=markup)
    assert reason == (
        "message is not modified: specified new message content and reply markup are exactly the same as a "
        "current content and reply markup of the message"
    )
    again = await why(call, "editMessageReplyMarkup", **where, reply_markup=markup)
    assert (again, message.edited) == (reason, 0)


async def test_a_message_that_is_gone_cannot_be_edited(call: Call, alva: Human) -> None:
    """Bot API server: "message to edit not found"."""
    message = await sent(call, alva)
    where = {"chat_id": alva.id, "message_id": message.message_id}
    assert (await call("deleteMessage", **where))["ok"]
    assert await why(call, "editMessageText", **where, text="nytt") == "message to edit not found"
    assert await why(call, "editMessageText", chat_id=alva.id, text="nytt") == "message identifier is not specified"


async def test_somebody_elses_message_cannot_be_edited(call: Call, server: TelegramPlayground, alva: Human) -> None:
    """https://core.telegram.org/bots/api#editmessagetext edits the bot's own; "message can't be edited"."""
    theirs = await newest_message_id(call, alva)
    reason = await why(call, "editMessageText", chat_id=alva.id, message_id=theirs, text="nytt")
    assert reason == "message can't be edited"


async def newest_message_id(call: Call, user: Human) -> int:
    await user.write("mitt eget")
    updates = (await call("getUpdates"))["result"]
    return int(updates[-1]["message"]["message_id"])


async def test_a_message_can_be_deleted_for_48_hours(call: Call, alva: Human, clock: Clock) -> None:
    """https://core.telegram.org/bots/api#deletemessage: "only … if it was sent less than 48 hours ago"."""
    old, young = await sent(call, alva), await sent(call, alva)
    young.at += timedelta(minutes=2)
    clock.advance(hours=48, minutes=1)
    reason = await why(call, "deleteMessage", chat_id=alva.id, message_id=old.message_id)
    assert (reason, old.deleted) == ("message can't be deleted for everyone", False)
    assert (await call("deleteMessage", chat_id=alva.id, message_id=young.message_id))["ok"]
    assert young.deleted
    reason = await why(call, "deleteMessage", chat_id=alva.id, message_id=young.message_id)
    assert reason == "message to delete not found"


async def test_a_member_cannot_delete_what_others_wrote(call: Call, alva: Human, unit: Group) -> None:
    """https://core.telegram.org/bots/api#deletemessage: administrators "can delete any message there"."""
    await unit.write(alva, "hej alla")
    theirs = (await call("getUpdates"))["result"][-1]["message"]["message_id"]
    delete = {"chat_id": unit.id, "message_id": theirs}
    assert await why(call, "deleteMessage", **delete) == "message can't be deleted"
    await unit.add_bot(by=alva, admin=True)
    assert (await call("deleteMessage", **delete))["ok"]


async def test_only_what_is_there_can_be_pinned(call: Call, alva: Human) -> None:
    """https://core.telegram.org/bots/api#pinchatmessage; "message to pin not found"."""
    assert await why(call, "pinChatMessage", chat_id=alva.id, message_id=77) == "message to pin not found"
    assert await why(call, "unpinChatMessage", chat_id=alva.id) == "message to unpin not found"


async def test_pinning_takes_the_right_to(call: Call, unit: Group) -> None:
    """https://core.telegram.org/bots/api#pinchatmessage:
    an administrator "with the 'can_pin_messages' right"."""
    message = await sent(call, unit)
    unit.room.members_may_pin = False
    reason = await why(call, "pinChatMessage", chat_id=unit.id, message_id=message.message_id)
    assert (reason, message.pinned) == ("not enough rights to manage pinned messages in the chat", False)


async def test_a_reply_needs_its_message(call: Call, alva: Human) -> None:
    """https://core.telegram.org/bots/api#replyparameters: "allow_sending_without_reply"."""
    reply = {"message_id": 77}
    reason = await why(call, "sendMessage", chat_id=alva.id, text="a", reply_parameters=reply)
    assert reason == "message to be replied not found"
    reply["allow_sending_without_reply"] = True
    assert (await sent(call, alva, reply_parameters=reply)).reply_to is None
