"""What the app asks of Slack: scopes by the methods that are called, and the events it listens to."""

from __future__ import annotations

METHOD_SCOPES: dict[str, tuple[str, ...]] = {
    "auth.test": (),
    "apps.connections.open": (),  # by the app-level token, whose scope is connections:write
    "chat.postMessage": ("chat:write",),
    "chat.update": ("chat:write",),
    "conversations.info": ("channels:read", "groups:read"),
    "conversations.leave": ("channels:manage", "groups:write"),
    "conversations.open": ("im:write",),
    "files.completeUploadExternal": ("files:write",),
    "files.getUploadURLExternal": ("files:write",),
    "files.info": ("files:read",),
    "pins.add": ("pins:write",),
    "users.info": ("users:read",),
    "views.open": (),
    "views.update": (),
}
EVENT_SCOPES: dict[str, tuple[str, ...]] = {
    "channel_archive": ("channels:read",),
    "channel_deleted": ("channels:read",),
    "channel_left": ("channels:read",),
    "group_archive": ("groups:read",),
    "group_deleted": ("groups:read",),
    "group_left": ("groups:read",),
    "member_joined_channel": ("channels:read", "groups:read"),
    "message.im": ("im:history",),
}
ALWAYS = ("commands",)  # slash commands, and the shortcut on a message

BOT_EVENTS = sorted(EVENT_SCOPES)
BOT_SCOPES = sorted({*ALWAYS, *(s for scopes in (METHOD_SCOPES | EVENT_SCOPES).values() for s in scopes)})
SHORTCUT = "flag_message"  # the callback id of "Flagga detta meddelande"
