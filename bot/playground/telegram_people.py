"""What people do in the playground's Telegram: write, press, block, and let the bot into their groups."""

from __future__ import annotations

import re

from bot.playground.telegram_inline import chosen, look
from bot.playground.telegram_model import Heard, Json, Look, Press, Room, Sent
from bot.playground.telegram_rules import CAPTION_UNITS, TEXT_UNITS, command_entities, units
from bot.playground.telegram_sharing import Sharer
from bot.playground.telegram_world import BESIDE_TEXT, World, standing

PAYLOAD = re.compile(r"[A-Za-z0-9_-]{0,64}", re.ASCII)


class Human(Sharer):
    """One person with a Telegram account, and their private chat with the bot."""

    def __init__(self, world: World, card: Json) -> None:
        self.world = world
        self.shelf = world.shelf
        self.card = card
        self.id: int = card["id"]
        chat: Json = {key: card[key] for key in ("id", "first_name", "last_name", "username") if key in card}
        chat["type"] = "private"
        self.room = Room(self.id, "private", chat, {self.id: "member"})
        world.people[self.id] = card
        world.rooms[self.id] = self.room

    @property
    def messages(self) -> list[Sent]:
        """The bot's messages in the private chat, oldest first, deleted ones too; the list itself."""
        return self.room.sent

    @property
    def last(self) -> Sent:
        """The newest message from the bot."""
        assert self.room.sent, f"the bot has not written to {self.card['first_name']}"
        return self.room.sent[-1]

    async def write(self, text: str, *, reply_to: Sent | None = None) -> int:
        """Write to the bot; returns the update id."""
        assert not self.room.blocked, "a client does not write to a bot that its user has blocked"
        self.room.opened = True
        return say(self.world, self.room, self, text, reply_to)

    async def share(self, shown: Json, caption: str = "") -> int:
        """Send a file, a place or a forwarded message to the bot; returns the update id."""
        assert not self.room.blocked, "a client does not write to a bot that its user has blocked"
        self.room.opened = True
        return share(self.world, self.room, self, shown, caption)

    async def start(self, payload: str = "") -> int:
        """Press Start, or open a link `t.me/bot?start=payload`; this unblocks too."""
        assert PAYLOAD.fullmatch(payload), f"Telegram opens no link with the payload {payload!r}"
        if self.room.blocked:
            self.unblock()
        return await self.write(f"/start {payload}".strip())

    async def press(self, message: Sent, label: str) -> Press:
        """Press the button that bears this label now."""
        return press_label(self.world, self, message, label)

    async def press_data(self, message: Sent, data: str) -> Press:
        """Press with any callback data, as a forged or outdated client can."""
        return press(self.world, self, message, data)

    async def look(self, words: str, group: Group | None = None) -> Look:
        """Write `@the_bot words` in a group, or in the chat with the bot; the list is there when it is answered."""
        room = group.room if group else self.room
        assert self.id in room.members, f"{self.card['first_name']} is not in the group"
        return look(self.world, self.card, room, words)

    async def choose(self, found: Look, title: str) -> int:
        """Send what stands under this title in the list; the update's id, 0 when the bot does not get to see it."""
        content = chosen(self.world, found, title)
        found.room.opened = found.room.opened or found.room is self.room
        return share(self.world, found.room, self, content, content.pop("text"))

    async def follow(self, found: Look) -> int:
        """Press the button above the list, which opens the chat with the bot; the update's id."""
        assert found.button is not None, "there is no button above the list"
        return await self.start(found.button[1])

    def block(self) -> None:
        """Block the bot."""
        self._block(blocked=True)

    def unblock(self) -> None:
        """Unblock the bot."""
        self._block(blocked=False)

    def _block(self, *, blocked: bool) -> None:
        if self.room.blocked == blocked:
            return
        self.room.blocked = blocked
        # Telegram tells a bot about its place in a private chat only when it is blocked or unblocked.
        before, after = ("member", "kicked") if blocked else ("kicked", "member")
        self.world.membership(self.room, self.id, standing(before), standing(after))

    def deactivate(self) -> None:
        """Delete the account; the bot learns it when it writes."""
        self.room.deactivated = True


class Group:
    """One group chat; the first of its members owns it."""

    def __init__(self, world: World, room: Room, members: list[Human]) -> None:
        self.world = world
        self.room = room
        self.rooms = [room]
        for place, human in enumerate(members):
            room.members[human.id] = "member" if place else "creator"
        world.rooms[room.id] = room

    @property
    def id(self) -> int:
        """The chat's id, another one after a migration."""
        return self.room.id

    @property
    def messages(self) -> list[Sent]:
        """The bot's messages, oldest first, those from before a migration too."""
        return self.room.sent if len(self.rooms) == 1 else [sent for room in self.rooms for sent in room.sent]

    @property
    def last(self) -> Sent:
        """The newest message from the bot."""
        assert self.messages, f"the bot has not written in {self.room.card['title']}"
        return self.messages[-1]

    @property
    def everything(self) -> list[Sent | Heard]:
        """What anybody has written and not deleted, oldest first, service messages too."""
        return [message for message in self.room.by_id.values() if not message.deleted]

    def join(self, user: Human, *, admin: bool = False) -> None:
        """Let a person into the group, or make a member its administrator."""
        self.room.members[user.id] = "administrator" if admin else "member"

    async def add_bot(self, by: Human, *, admin: bool = False) -> int:
        """Add the bot; returns the update id of the service message."""
        before = self.room.bot_status
        self.room.bot_status = "administrator" if admin else "member"
        self.world.membership(self.room, by.id, standing(before), standing(self.room.bot_status))
        return service(self.world, self.room, by, {"new_chat_members": [self.world.bot]})

    async def kick_bot(self, by: Human) -> int:
        """Remove the bot and keep it out; returns the update id."""
        before, self.room.bot_status = self.room.bot_status, "kicked"
        return self.world.membership(self.room, by.id, standing(before), standing("kicked"))

    async def write(self, user: Human, text: str, *, reply_to: Sent | None = None) -> int:
        """Write in the group; returns the update id, 0 when the bot does not get to see the message."""
        assert user.id in self.room.members, f"{user.card['first_name']} is not in the group"
        return say(self.world, self.room, user, text, reply_to)

    async def share(self, user: Human, shown: Json, caption: str = "") -> int:
        """Send a file or a place in the group; returns the update id, 0 when the bot does not get to see it."""
        assert user.id in self.room.members, f"{user.card['first_name']} is not in the group"
        return share(self.world, self.room, user, shown, caption)

    async def press(self, user: Human, message: Sent, label: str) -> Press:
        """Press the button that bears this label now."""
        return press_label(self.world, user, message, label)

    def migrate(self) -> int:
        """Turn a basic group into a supergroup; returns its new id, as service messages and refusals do."""
        old = self.room
        assert old.kind == "group", "only a basic group becomes a supergroup"
        card = {**old.card, "id": -1_000_000_000_000 + old.id, "type": "supergroup"}
        new = Room(card["id"], "supergroup", card, dict(old.members), bot_status=old.bot_status)
        self.world.rooms[new.id] = new
        self.rooms.append(new)
        self.room = new
        owner = self.world.people[next(iter(old.members))]
        send_service(self.world, old, owner, {"migrate_to_chat_id": new.id})
        send_service(self.world, new, owner, {"migrate_from_chat_id": old.id})
        old.migrated_to = new.id
        return new.id


def say(world: World, room: Room, user: Human, text: str, reply_to: Sent | None) -> int:
    """A person's message, and the update about it if the bot gets to see it."""
    assert not user.room.deactivated, "a deleted account writes nothing"
    assert 0 < units(text) <= TEXT_UNITS, "a client sends no empty message and splits a long one"
    heard = world.hear(room, user.id, text)
    content = world.message(room, heard)
    entities = command_entities(text)
    if entities:
        content["entities"] = entities
    if reply_to is not None:
        content["reply_to_message"] = world.message(room, reply_to, nested=True)
    return world.emit("message", content) if sees(world, room, text, entities, reply_to is not None) else 0


def share(world: World, room: Room, user: Human, shown: Json, text: str) -> int:
    """A person's message with more than words in it, and the update about it if the bot gets to see it."""
    assert not user.room.deactivated, "a deleted account writes nothing"
    alone, ours = not shown.keys() - BESIDE_TEXT, "via_bot" in shown
    assert units(text) <= (TEXT_UNITS if alone else CAPTION_UNITS), "a client shortens a long caption"
    content = world.message(room, world.hear(room, user.id, text, shown))
    entities = [*shown.get("entities", ()), *command_entities(text)]
    if entities:
        content["entities" if alone else "caption_entities"] = entities
    return world.emit("message", content) if sees(world, room, text, [], ours) else 0


def sees(world: World, room: Room, text: str, entities: list[Json], ours: bool) -> bool:
    """Whether the bot gets a message: all of them, or in groups by https://core.telegram.org/bots/features#privacy-mode

    What answers the bot, or was sent by its inline mode, is `ours`.
    """
    if room.id > 0:
        return True
    if room.bot_status not in ("member", "administrator"):
        return False
    if not world.privacy or room.bot_status == "administrator" or ours:
        return True
    name = f"@{world.bot['username']}".lower()
    return name in text.lower() or any(e["offset"] == 0 and "@" not in text.split()[0] for e in entities)


def service(world: World, room: Room, by: Human, what: Json) -> int:
    """A service message, such as that somebody joined."""
    return send_service(world, room, by.card, what)


def send_service(world: World, room: Room, card: Json, what: Json) -> int:
    """A service message in the name of this user."""
    heard = Heard(room.id, room.next_id(), "", card["id"], world.clock())
    room.by_id[heard.message_id] = heard
    content = {"message_id": heard.message_id, "from": card, "chat": room.card, "date": world.date(), **what}
    return world.emit("message", content)


def press_label(world: World, user: Human, message: Sent, label: str) -> Press:
    """Press by label; a message without that button lists those it has."""
    for row in message.buttons:
        for button in row:
            if button.text == label and button.data is not None:
                assert not message.deleted, "the message was deleted"
                return press(world, user, message, button.data)
    raise AssertionError(f"no button {label!r} to press; the message has {message.labels}")


def press(world: World, user: Human, message: Sent, data: str) -> Press:
    """Press with this data, and the update about it."""
    room = world.rooms[message.chat_id]
    assert user.id in room.members, f"{user.card['first_name']} does not see that message"
    pressed = Press(f"{user.id}{next(world.numbers):08d}", data, world.clock())
    world.presses.append(pressed)
    world.press_by_id[pressed.id] = pressed
    if message.deleted:
        shown: Json = {"chat": room.card, "message_id": message.message_id, "date": 0}
    else:
        shown = world.message(room, message)
    content = {
        "id": pressed.id,
        "from": user.card,
        "message": shown,
        "chat_instance": str(room.id),
        "data": data,
    }
    world.emit("callback_query", content)
    return pressed
