"""What a person did in Telegram, as an event. Reading is pure; what no event comes of is None."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

import telegram
from telegram import ChatMember, Update, User
from telegram.constants import ChatType

from bot.events import Address, Chat, Event, Kind, Platform
from bot.handlers import telegram_attached
from bot.handlers.telegram_attached import named
from bot.handlers.telegram_text import clean

PRESENT = (ChatMember.OWNER, ChatMember.ADMINISTRATOR, ChatMember.MEMBER)


@dataclass(frozen=True)
class Reader:
    """Reads for one bot, known by its number and its name, at one moment."""

    number: int
    username: str
    now: datetime

    def nothing(self, update: Update) -> None:
        """What the bot sees but has no use for, such as that somebody joined a group."""

    def command(self, update: Update) -> Event | None:
        """A command; one that is meant for another bot in the same group is none of ours."""
        message = message_of(update)
        text, length = clean(message.text or ""), message.entities[0].length
        name, _, bot = text[1:length].partition("@")
        if bot and bot.lower() != self.username.lower():
            return None
        return self._said(message, Kind.COMMAND, text[length:].strip(), command=name.lower())

    def writing(self, update: Update) -> Event | None:
        """Words of one's own, evidence, or something that cannot be read with the words below it."""
        message = message_of(update)
        words, attached = telegram_attached.read(message)
        if attached:
            event = self._said(message, Kind.EVIDENCE, words)
            return event and replace(event, attached=attached)
        if message.text is not None:
            return self._said(message, Kind.TEXT, clean(message.text))
        return self._said(message, Kind.OTHER, words)

    def edit(self, update: Update) -> Event | None:
        """An edit; what it now says is not read, for what it said before may have been acted on."""
        message = message_of(update)
        event = self._said(message, Kind.OTHER, command="edited")
        if event is None:
            return None
        at = message.edit_date or message.date
        # An edit is an act of its own: under the message's uid it would be taken for the same message again.
        act = f"e:{message.chat.id}:{message.message_id}:{at.timestamp():.0f}"
        return replace(event, uid=self._uid(act), sent_at=at)

    def migration(self, update: Update) -> Event | None:
        """A group that became a supergroup; the note in the new chat says the same and is left out."""
        message = message_of(update)
        if message.migrate_to_chat_id is None:
            return None
        act = f"m:{message.chat.id}:{message.message_id}"
        event = self._event(act, Kind.OTHER, message.from_user, chat_of(message.chat), message.date)
        return replace(event, command="migrated", text=str(message.migrate_to_chat_id))

    def press(self, update: Update) -> Event:
        """A press; it counts also where Telegram no longer shows the message: old, deleted or inline."""
        query = update.callback_query
        assert query is not None
        shown = query.message
        chat = chat_of(shown.chat) if shown else Chat(str(query.from_user.id), private=True)
        event = self._event(f"c:{query.id}", Kind.PRESS, query.from_user, chat, self.now)
        ref = f"{shown.chat.id}:{shown.message_id}" if shown and shown.is_accessible else ""
        return replace(event, token=clean(query.data or ""), message=ref)

    def look(self, update: Update) -> Event:
        """Words after the bot's name in any chat. Which chat Telegram does not tell; the bot need not be there."""
        query = update.inline_query
        assert query is not None
        chat = Chat(clean(str(query.from_user.id)), private=True)
        event = self._event(f"q:{query.id}", Kind.INLINE, query.from_user, chat, self.now)
        return replace(event, text=clean(query.query))

    def membership(self, update: Update) -> Event | None:
        """The bot came into a chat or went out of it; in a private chat: it was unblocked or blocked."""
        change = update.my_chat_member
        assert change is not None
        before, after = present(change.old_chat_member), present(change.new_chat_member)
        if before == after:
            return None
        act, kind = f"u:{update.update_id}", Kind.ADDED if after else Kind.REMOVED
        return self._event(act, kind, change.from_user, chat_of(change.chat), change.date)

    def _said(self, message: telegram.Message, kind: Kind, text: str = "", *, command: str = "") -> Event | None:
        # A channel's post and an anonymous administrator's message have no person behind them to answer.
        if message.from_user is None or message.from_user.is_bot or message.sender_chat is not None:
            return None
        if self._ours(message):
            return None
        act = f"m:{message.chat.id}:{message.message_id}"
        event = self._event(act, kind, message.from_user, chat_of(message.chat), message.date)
        answered = message.reply_to_message
        reply_to = f"{answered.chat.id}:{answered.message_id}" if answered else ""
        return replace(event, command=command, text=text, reply_to=reply_to)

    def _ours(self, message: telegram.Message) -> bool:
        """Whether it is a suggestion of ours that was chosen: nobody's own words. Passed on, it is evidence."""
        via = message.via_bot
        return via is not None and via.id == self.number and message.forward_origin is None

    def _event(self, act: str, kind: Kind, who: User | None, chat: Chat, sent_at: datetime) -> Event:
        return Event(
            uid=self._uid(act),
            sender=Address(Platform.TELEGRAM, "", clean(str(who.id)) if who else ""),
            chat=chat,
            kind=kind,
            sent_at=sent_at,
            received_at=self.now,
            sender_name=name_of(who) if who else "",
        )

    def _uid(self, act: str) -> str:
        return clean(f"telegram:{self.number}:{act}")


def message_of(update: Update) -> telegram.Message:
    """The message, new or edited, that the update's handler saw in it."""
    message = update.message or update.edited_message
    assert message is not None
    return message


def name_of(user: User) -> str:
    """As the unit is to see it: First Last (@username)."""
    return named(user.full_name, user.username)


def chat_of(chat: telegram.Chat) -> Chat:
    """The chat; one that has a username can be found and joined by anybody."""
    private = chat.type == ChatType.PRIVATE
    return Chat(clean(str(chat.id)), private, clean(chat.title or ""), public=not private and bool(chat.username))


def present(member: ChatMember) -> bool:
    """Whether the bot is in the chat; restricted members may be in or out."""
    return member.status in PRESENT or bool(getattr(member, "is_member", False))
