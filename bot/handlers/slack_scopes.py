"""What the app asks of Slack: scopes by the methods that are called, and the events it listens to."""

from __future__ import annotations

from bot.channels import BadLogin, PlatformDown, Refused
from bot.handlers.slack_client import TIMEOUT, web_client
from bot.handlers.slack_errors import translated
from bot.network import Network

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


async def scopes_of(token: str, base_url: str | None, network: Network) -> tuple[str, set[str]]:
    """The workspace's name and the scopes that the token has. Raises BadLogin, NotSent, Unsure, Wait."""
    async with network.session(TIMEOUT) as session:
        try:
            with translated():
                me = await web_client(token, base_url, network, session).auth_test()
        except (PlatformDown, Refused) as refused:
            raise BadLogin(refused.args[0]) from None
        listed = me.headers.get("x-oauth-scopes", "")
        return str(me["team"]), {scope.strip() for scope in listed.split(",") if scope.strip()}
