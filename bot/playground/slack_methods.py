"""The methods of the Web API that act on messages, conversations, people and pins."""

from __future__ import annotations

import re
from collections.abc import Callable

from bot.playground.slack_model import Account, Conversation, Refused, Sent
from bot.playground.slack_text import Json
from bot.playground.slack_workspace import POST_TEXT, Workspace, invalid

Method = Callable[[Workspace, Json], Json]

TIMESTAMP = re.compile(r"\d{1,12}\.\d{6}")

UPDATE_LIMIT = 4_000


def text_of(params: Json, key: str) -> str:
    """A required argument that is a string."""
    value = params.get(key)
    if value is None or value == "":
        raise invalid(f"missing required field: {key}")
    if not isinstance(value, str):
        raise invalid(f"must be a string [json-pointer:/{key}]")
    return value


def api_test(space: Workspace, params: Json) -> Json:
    """Say back what was said."""
    if params.get("error"):
        raise Refused(str(params["error"]), args=params)
    return {"args": params} if params else {}


def auth_test(space: Workspace, params: Json) -> Json:
    """Who the bot is."""
    return {
        "url": f"https://{space.domain}.slack.com/",
        "team": "Fiktiv kommun",
        "team_id": space.team,
        "user": space.bot.name,
        "user_id": space.bot.id,
        "bot_id": space.bot_id,
        "is_enterprise_install": False,
    }


def open_connection(space: Workspace, params: Json) -> Json:
    """The address of a new socket; it can be used once."""
    ticket = space.new_event_id("ticket-")
    space.sockets.tickets.add(ticket)
    address = space.base_url.replace("http", "ws", 1).removesuffix("api/")
    return {"url": f"{address}link/?ticket={ticket}&app_id={space.app_id}"}


def post_message(space: Workspace, params: Json) -> Json:
    """Post as the bot."""
    conversation = _addressee(space, text_of(params, "channel"))
    text, blocks = space.content(params, POST_TEXT)
    if not text and not blocks:
        raise Refused("no_text")
    thread = _root(conversation, params)
    space.pace(conversation)
    broadcast = flag(params, "reply_broadcast") and thread is not None
    sent = space.post(conversation, space.bot, text or "", blocks or [], thread_ts=thread, broadcast=broadcast)
    return {"channel": conversation.id, "ts": sent.ts, "message": space.message(sent)}


def post_ephemeral(space: Workspace, params: Json) -> Json:
    """Post what one person sees."""
    conversation = _writable(_conversation(space, text_of(params, "channel")), space)
    reader = space.accounts.get(text_of(params, "user"))
    text, blocks = space.content(params, POST_TEXT)
    if not text and not blocks:
        raise Refused("no_text")
    if reader is None or reader.id not in conversation.members:
        raise Refused("user_not_in_channel")
    space.pace(conversation)
    sent = space.post(conversation, space.bot, text or "", blocks or [], thread_ts=_thread(params), to=reader)
    return {"message_ts": sent.ts}


def update_message(space: Workspace, params: Json) -> Json:
    """Change the bot's own message; text without blocks takes the blocks away."""
    conversation = _conversation(space, text_of(params, "channel"))
    text, blocks = space.content(params, UPDATE_LIMIT)
    if not text and not blocks:
        raise Refused("no_text")
    sent = _message(conversation, text_of(params, "ts"))
    if sent.author != space.bot.id:
        raise Refused("cant_update_message")
    if conversation.archived:
        raise Refused("is_inactive")
    space.revise(conversation, sent, sent.text if text is None else text, blocks or [])
    return {"channel": conversation.id, "ts": sent.ts, "text": sent.text, "message": space.message(sent)}


def delete_message(space: Workspace, params: Json) -> Json:
    """Delete the bot's own message."""
    conversation = _conversation(space, text_of(params, "channel"))
    sent = _message(conversation, text_of(params, "ts"))
    if sent.author != space.bot.id:
        raise Refused("cant_delete_message")
    space.remove(conversation, sent)
    return {"channel": conversation.id, "ts": sent.ts}


def open_conversation(space: Workspace, params: Json) -> Json:
    """Open the direct message with one person."""
    if params.get("channel"):
        return {"channel": {"id": _conversation(space, text_of(params, "channel")).id}}
    named = text_of(params, "users").split(",")
    if len(named) > 1:
        raise Refused("not_supported")  # a group of people is of no use to this project
    account = space.accounts.get(named[0])
    if account is None:
        raise Refused("user_not_found")
    if account.deactivated:
        raise Refused("user_disabled")
    known = account.dm is not None
    return {"channel": {"id": space.dm(account).id}, "no_op": known, "already_open": known}


def conversation_info(space: Workspace, params: Json) -> Json:
    """What a conversation is."""
    found = _conversation(space, text_of(params, "channel"))
    info: Json = {
        "id": found.id,
        "name": found.name,
        "is_channel": not found.is_im,
        "is_group": False,
        "is_im": found.is_im,
        "is_mpim": False,
        "is_private": found.kind == "private",
        "is_archived": found.archived,
        "is_member": space.bot.id in found.members,
        "is_shared": found.ext_shared,
        "is_ext_shared": found.ext_shared,
        "is_org_shared": False,
        "context_team_id": space.team,
        "num_members": len(found.members),
    }
    if found.is_im:
        info["user"] = next(member for member in found.members if member != space.bot.id)
        del info["name"], info["num_members"]
    return {"channel": info}


def conversation_members(space: Workspace, params: Json) -> Json:
    """Who is in a conversation, a page at a time."""
    members = list(_conversation(space, text_of(params, "channel")).members)
    limit, cursor = str(params.get("limit") or 100), str(params.get("cursor") or 0)
    if len(limit) > 4 or not limit.isdecimal() or not 0 < int(limit) <= 1000:
        raise Refused("invalid_limit")
    if len(cursor) > 9 or not cursor.isdecimal() or int(cursor) > len(members):
        raise Refused("invalid_cursor")
    end = int(cursor) + int(limit)
    following = str(end) if end < len(members) else ""
    return {"members": members[int(cursor) : end], "response_metadata": {"next_cursor": following}}


def leave_conversation(space: Workspace, params: Json) -> Json:
    """Take the bot out of a channel."""
    found = _conversation(space, text_of(params, "channel"))
    if found.is_im:
        raise Refused("method_not_supported_for_channel_type")
    if found.archived:
        raise Refused("is_archived")
    if space.bot.id not in found.members:
        return {"not_in_channel": True}
    leave(space, found, space.bot)
    return {}


def leave(space: Workspace, found: Conversation, actor: Account) -> None:
    """The bot is no longer in the channel, and is told so."""
    found.members.pop(space.bot.id)
    kind = "group_left" if found.kind == "private" else "channel_left"
    space.tell({"type": kind, "channel": found.id, "actor_id": actor.id}, found)


def user_info(space: Workspace, params: Json) -> Json:
    """Who somebody is."""
    account = space.accounts.get(text_of(params, "user"))
    if account is None:
        raise Refused("user_not_found")
    names = {"real_name": account.name, "display_name": account.name, "team": account.team}
    user = {
        "id": account.id,
        "team_id": account.team,
        "name": handle(account),
        "real_name": account.name,
        "deleted": account.deactivated,
        "is_bot": account.is_bot,
        "is_stranger": account.team != space.team,
        "profile": names,
    }
    return {"user": user if account.deactivated else {**user, "tz": account.tz}}


def handle(account: Account) -> str:
    """A person's user name."""
    return account.name.lower().replace(" ", ".")


def add_pin(space: Workspace, params: Json) -> Json:
    """Pin a message."""
    sent = _pinnable(space, params)
    if sent.pinned:
        raise Refused("already_pinned")
    sent.pinned = True
    space.changed()
    return {}


def remove_pin(space: Workspace, params: Json) -> Json:
    """Take a pin away."""
    sent = _pinnable(space, params)
    if not sent.pinned:
        raise Refused("no_pin")
    sent.pinned = False
    space.changed()
    return {}


def _conversation(space: Workspace, channel: str) -> Conversation:
    found = space.conversations.get(channel)
    hidden = found is None or (found.kind != "public" and space.bot.id not in found.members)
    if found is None or hidden or (found.is_im and _reader(space, found).deactivated):
        raise Refused("channel_not_found")
    return found


def _reader(space: Workspace, dm: Conversation) -> Account:
    return space.accounts[next(iter(dm.members))]


def _addressee(space: Workspace, channel: str) -> Conversation:
    account = space.accounts.get(channel)
    if account is not None and not account.deactivated and account is not space.bot:
        return space.dm(account)
    return _writable(_conversation(space, channel), space)


def _writable(found: Conversation, space: Workspace) -> Conversation:
    if found.archived:
        raise Refused("is_archived")
    if space.bot.id not in found.members:
        raise Refused("not_in_channel")
    return found


def _message(conversation: Conversation, ts: str) -> Sent:
    sent = conversation.by_ts.get(ts)
    if sent is None or sent.ephemeral:
        raise Refused("message_not_found")
    return sent


def _pinnable(space: Workspace, params: Json) -> Sent:
    conversation = _conversation(space, text_of(params, "channel"))
    if not params.get("timestamp"):
        raise Refused("no_item_specified")
    if not TIMESTAMP.fullmatch(text_of(params, "timestamp")):
        raise Refused("bad_timestamp")
    return _message(conversation, text_of(params, "timestamp"))


def _root(conversation: Conversation, params: Json) -> str | None:
    """The message whose thread is answered in: its first, which must be there."""
    given = _thread(params)
    if given is None:
        return None
    if not TIMESTAMP.fullmatch(given):
        raise invalid("must be a timestamp [json-pointer:/thread_ts]")
    found = conversation.by_ts.get(given)
    if found is None or found.ephemeral:
        raise Refused("cannot_reply_to_message")
    return found.thread_ts or found.ts


def flag(params: Json, key: str) -> bool:
    """An argument that is a boolean; a form writes it as a word or a figure."""
    value = params.get(key)
    if value in (None, False, "false", "0", ""):
        return False
    if value in (True, "true", "1"):
        return True
    raise invalid(f"must be a boolean [json-pointer:/{key}]")


def _thread(params: Json) -> str | None:
    thread = params.get("thread_ts")
    return thread if isinstance(thread, str) and thread else None


METHODS: dict[str, Method] = {
    "api.test": api_test,
    "auth.test": auth_test,
    "apps.connections.open": open_connection,
    "chat.postMessage": post_message,
    "chat.postEphemeral": post_ephemeral,
    "chat.update": update_message,
    "chat.delete": delete_message,
    "conversations.open": open_conversation,
    "conversations.info": conversation_info,
    "conversations.members": conversation_members,
    "conversations.leave": leave_conversation,
    "users.info": user_info,
    "pins.add": add_pin,
    "pins.remove": remove_pin,
}
KINDS = {"public": "channels", "private": "groups", "im": "im"}
BY_KIND = {  # the scope depends on what kind of conversation it is
    "conversations.info": "read",
    "conversations.members": "read",
    "conversations.leave": "write",
}
UNASKED = {  # what no method here asks for, but events, commands and other kinds of conversations
    "channels:manage", "channels:read", "commands", "connections:write", "groups:read", "groups:write", "im:history",
    "im:read", "team:read",
}  # fmt: skip


def needed(space: Workspace, method: str, params: Json) -> str | None:
    """The scope that a call needs."""
    if method not in BY_KIND:
        return SCOPES.get(method)
    found = space.conversations.get(str(params.get("channel")))
    scope = f"{KINDS[found.kind if found else 'public']}:{BY_KIND[method]}"
    return "channels:manage" if scope == "channels:write" else scope  # so a bot's scope is called


SCOPES: dict[str, str] = {
    "chat.postMessage": "chat:write",
    "chat.postEphemeral": "chat:write",
    "chat.update": "chat:write",
    "chat.delete": "chat:write",
    "conversations.open": "im:write",
    "users.info": "users:read",
    "pins.add": "pins:write",
    "pins.remove": "pins:write",
}
