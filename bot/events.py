"""What comes in, neutral of platform, and what the platform is answered at once."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from bot.messages import Message, Sheet


class Platform(StrEnum):
    """Where a person writes."""

    TELEGRAM = "telegram"
    SLACK = "slack"


class Kind(StrEnum):
    """What a person did."""

    COMMAND = "command"
    TEXT = "text"
    PRESS = "press"
    FORM = "form"  # sent a filled-in window
    ADDED = "added"  # put the bot into a channel or group
    REMOVED = "removed"  # took it out
    EVIDENCE = "evidence"  # files, a place, or somebody else's message, with or without words of one's own
    INLINE = "inline"  # looks for something to send, while writing in any chat
    OTHER = "other"  # something that cannot be read, such as a poll


@dataclass(frozen=True)
class Address:
    """An account as its platform names it; `team` is empty on Telegram."""

    platform: Platform
    team: str
    user: str


@dataclass(frozen=True)
class Chat:
    """Where it was written; `id` is what the platform wants for an answer there."""

    id: str
    private: bool
    title: str = ""
    public: bool = False  # anybody could join, or people of other organisations are in it


class Medium(StrEnum):
    """What was attached."""

    PHOTO = "photo"
    DOCUMENT = "document"
    VOICE = "voice"
    VIDEO = "video"
    PLACE = "place"
    MESSAGE = "message"  # somebody else's words, forwarded or flagged where they stood


@dataclass(frozen=True)
class Attached:
    """One thing that came with an event.

    `remote` is what the adapter fetches it by later, empty where there is nothing to fetch: then `text` is all of
    it (a place as "59.32932, 18.06858", a message's words). `name`, `media` and `size` (bytes, 0 when unknown) are
    what the platform claims. `author` and `made_at` (aware) are of the original, where it is somebody else's.
    """

    medium: Medium
    remote: str = ""
    text: str = ""
    name: str = ""
    media: str = ""
    size: int = 0
    author: str = ""
    made_at: datetime | None = None


@dataclass(frozen=True)
class Event:
    """One native update.

    `uid` is unique for the platform's act: the same act delivered again has the same uid. `message` is the
    platform's reference to the message whose button was pressed, `reply_to` to the one that was answered.
    `sent_at` and `received_at` are aware; `sent_at` is by the platform's clock.
    """

    uid: str
    sender: Address
    chat: Chat
    kind: Kind
    sent_at: datetime
    received_at: datetime
    command: str = ""
    text: str = ""
    token: str = ""
    values: dict[str, str] = field(default_factory=dict)
    message: str = ""
    reply_to: str = ""
    sender_name: str = ""
    attached: tuple[Attached, ...] = ()


@dataclass(frozen=True)
class Suggestion:
    """Something that the person may send into the chat where it was looked for. `id` has at most 64 characters.

    The message has no buttons: whoever is in that chat reads it.
    """

    id: str
    title: str
    about: str
    message: Message


@dataclass(frozen=True)
class Outcome:
    """What the platform wants inside its own answer. It promises nothing: it is derived from stored state.

    `toast` is shown where the button was pressed; with `refused` nothing but it tells that the press did nothing.
    `direct` answers a person of whom nothing is stored; `sheet` fills the window that a press opened; `errors`
    sends a form back, a text for each field's key; `leave` makes the bot leave a group that nobody bound.
    `suggestions` answer an INLINE event. With `aloud` everybody in the channel sees `direct`, not the asker alone.
    """

    toast: str = ""
    refused: bool = False
    direct: Message | None = None
    sheet: Sheet | None = None
    errors: dict[str, str] = field(default_factory=dict)
    leave: bool = False
    suggestions: tuple[Suggestion, ...] = ()
    aloud: bool = False
