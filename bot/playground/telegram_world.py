"""Everything the playground's Telegram knows, and who may reach which chat."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Callable
from datetime import datetime

from bot.playground.telegram_limits import Limits
from bot.playground.telegram_model import Heard, Json, Look, Press, Refused, Room, Sent, bad_request, forbidden
from bot.playground.telegram_rules import integer
from bot.playground.telegram_shelf import Shelf
from bot.playground.telegram_updates import Updates
from bot.playground.telegram_webhook import Hook

# What a message may have and still be one of words.
BESIDE_TEXT = {"forward_origin", "via_bot", "entities", "reply_markup"}
UPGRADED = "Bad Request: group chat was upgraded to a supergroup chat"


class World:
    """The state behind one playground server: its people, chats, presses, updates and command menus."""

    def __init__(self, bot: Json, clock: Callable[[], datetime], *, limits: bool) -> None:
        self.bot = bot
        self.clock = clock
        self.limits = Limits() if limits else None
        self.privacy = False
        self.inline = True
        self.people: dict[int, Json] = {}
        self.rooms: dict[int, Room] = {}
        self.presses: list[Press] = []
        self.press_by_id: dict[str, Press] = {}
        self.looks: list[Look] = []
        self.look_by_id: dict[str, Look] = {}
        self.commands: dict[tuple[str, str], list[Json]] = {}
        self.updates = Updates(clock)
        self.shelf = Shelf(clock)
        self.hook: Hook | None = None
        self.numbers = itertools.count(1)
        self._waiters: list[asyncio.Future[None]] = []

    def date(self) -> int:
        """Now, as Telegram writes it."""
        return int(self.clock().timestamp())

    def changed(self) -> None:
        """Wake everybody who waits for something to happen."""
        if self._waiters:
            waiters, self._waiters = self._waiters, []
            for waiter in waiters:
                if not waiter.done():
                    waiter.set_result(None)

    async def change(self) -> None:
        """Return at the next thing that happens."""
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiters.append(waiter)
        await waiter

    def emit(self, kind: str, content: Json) -> int:
        """Queue an update for the bot."""
        update_id = self.updates.emit(kind, content)
        self.changed()
        return update_id

    def room(self, params: Json, *, write: bool = False) -> Room:
        """The chat that a call names, refused unless the bot may see it, or write there."""
        raw = params.get("chat_id")
        if raw is None or raw == "":
            raise bad_request("chat_id is empty")
        room = self.rooms.get(integer(params, "chat_id"))
        if room is None or (room.id < 0 and room.bot_status == "unknown"):
            raise bad_request("chat not found")
        check_group(room) if room.id < 0 else check_private(room, write=write)
        return room

    def say(self, room: Room, sent: Sent) -> None:
        """Put a message from the bot into the chat."""
        room.by_id[sent.message_id] = sent
        room.sent.append(sent)

    def hear(self, room: Room, person: int, text: str, shown: Json | None = None) -> Heard:
        """Put a message from a person into the chat."""
        heard = Heard(room.id, room.next_id(), text, person, self.clock(), shown=shown or {})
        room.by_id[heard.message_id] = heard
        return heard

    def new_sent(self, room: Room, text: str, entities: list[Json]) -> Sent:
        """A message from the bot with the chat's next id, not yet in the chat."""
        return Sent(room.id, room.next_id(), text, entities, self.clock(), time.perf_counter())

    def message(self, room: Room, message: Sent | Heard, *, nested: bool = False) -> Json:
        """A message as the API shows it; the one it replies to is shown without its own."""
        shown: Json = {
            "message_id": message.message_id,
            "from": self.bot if isinstance(message, Sent) else self.people[message.by],
            "chat": room.card,
            "date": int(message.at.timestamp()),
            **message.shown,
        }
        captioned = bool(message.shown.keys() - BESIDE_TEXT)
        if message.text or not captioned:
            shown["caption" if captioned else "text"] = message.text
        if isinstance(message, Sent):
            self._show_sent(room, message, shown, nested=nested)
        return shown

    def _show_sent(self, room: Room, sent: Sent, shown: Json, *, nested: bool) -> None:
        if sent.entities:
            shown["caption_entities" if sent.file else "entities"] = sent.entities
        if sent.markup:
            shown["reply_markup"] = sent.markup
        if sent.edited_at is not None:
            shown["edit_date"] = int(sent.edited_at.timestamp())
        if sent.extras:
            shown.update(sent.extras)
        if sent.reply_to is not None and not nested:
            replied = room.find(sent.reply_to)
            if replied is not None:
                shown["reply_to_message"] = self.message(room, replied, nested=True)

    def membership(self, room: Room, by: int, before: Json, after: Json) -> int:
        """Tell the bot that its own place in a chat changed."""
        content = {
            "chat": room.card,
            "from": self.people.get(by, self.bot),
            "date": self.date(),
            "old_chat_member": {"user": self.bot, **before},
            "new_chat_member": {"user": self.bot, **after},
        }
        return self.emit("my_chat_member", content)


def check_private(room: Room, *, write: bool) -> None:
    """Refuse what the person does not let the bot do."""
    if not write:
        if not room.opened:
            raise bad_request("chat not found")
        return
    if room.deactivated:
        raise forbidden("user is deactivated")
    if not room.opened:
        raise forbidden("bot can't initiate conversation with a user")
    if room.blocked:
        raise forbidden("bot was blocked by the user")


def check_group(room: Room) -> None:
    """Refuse a group that the bot is not in, or that has become another chat."""
    if room.migrated_to is not None:
        raise Refused(400, UPGRADED, {"migrate_to_chat_id": room.migrated_to})
    if room.bot_status == "kicked":
        raise forbidden(f"bot was kicked from the {room.kind} chat")
    if room.bot_status == "left":
        raise forbidden(f"bot is not a member of the {room.kind} chat")


RIGHTS = [
    "can_be_edited",
    "is_anonymous",
    "can_manage_chat",
    "can_delete_messages",
    "can_manage_video_chats",
    "can_restrict_members",
    "can_promote_members",
    "can_change_info",
    "can_invite_users",
    "can_post_stories",
    "can_edit_stories",
    "can_delete_stories",
    "can_pin_messages",
]
GRANTED = frozenset({"can_manage_chat", "can_delete_messages", "can_pin_messages", "can_invite_users"})


def standing(status: str) -> Json:
    """The fields of a ChatMember beside its user."""
    if status == "kicked":
        return {"status": status, "until_date": 0}
    if status == "creator":
        return {"status": status, "is_anonymous": False}
    if status == "administrator":
        return {"status": status, **{right: right in GRANTED for right in RIGHTS}}
    return {"status": "left" if status == "unknown" else status}
