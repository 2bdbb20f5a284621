"""What exists in the playground's Telegram: chats, messages, buttons, presses and the calls the bot made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

Json = dict[str, Any]


class Refused(Exception):
    """Telegram's refusal of a call: its HTTP status, its own description and its `parameters`."""

    def __init__(self, code: int, description: str, parameters: Mapping[str, int] | None = None) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.parameters = parameters


def bad_request(reason: str) -> Refused:
    """A 400 with Telegram's usual prefix."""
    return Refused(400, f"Bad Request: {reason}")


def forbidden(reason: str) -> Refused:
    """A 403 with Telegram's usual prefix."""
    return Refused(403, f"Forbidden: {reason}")


@dataclass(frozen=True, slots=True)
class Button:
    """One inline button; `data` is its callback_data, `url` its link."""

    text: str
    data: str | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True)
class File:
    """The bytes that somebody sent, with the name and the type that they go by."""

    name: str
    media: str
    content: bytes


@dataclass(slots=True, eq=False)
class Sent:
    """A message from the bot as its reader sees it now; edits change it in place.

    `history` holds its earlier texts and `received_at` the `time.perf_counter` at which it came. Of a message
    with a `file`, `text` and `entities` are the caption's, and `shown` is what the API shows the file as.
    """

    chat_id: int
    message_id: int
    text: str
    entities: list[Json]
    at: datetime
    received_at: float
    markup: Json | None = None
    silent: bool = False
    reply_to: int | None = None
    pinned: bool = False
    deleted: bool = False
    edited: int = 0
    edited_at: datetime | None = None
    history: list[str] = field(default_factory=list)
    extras: Json = field(default_factory=dict)  # what is only echoed: thread, link preview, protection
    file: File | None = None
    shown: Json = field(default_factory=dict)

    @property
    def buttons(self) -> list[list[Button]]:
        """The inline keyboard, row by row."""
        rows = self.markup["inline_keyboard"] if self.markup else []
        return [[Button(b["text"], b.get("callback_data"), b.get("url")) for b in row] for row in rows]

    @property
    def labels(self) -> list[str]:
        """The texts of all its buttons, in reading order."""
        return [button.text for row in self.buttons for button in row]


@dataclass(slots=True, eq=False)
class Heard:
    """A message that somebody else than the bot wrote; `shown` is what it has instead of text, or beside it."""

    chat_id: int
    message_id: int
    text: str
    by: int
    at: datetime
    pinned: bool = False
    deleted: bool = False
    shown: Json = field(default_factory=dict)


@dataclass(slots=True, eq=False)
class Press:
    """One press of an inline button, and what the bot answered to it."""

    id: str
    data: str
    at: datetime
    answered: bool = False
    toast: str | None = None
    alert: bool = False


@dataclass(frozen=True, slots=True)
class Suggested:
    """One result of a look, as the list over the keyboard shows it, and the message that it becomes."""

    id: str
    title: str
    about: str
    text: str
    entities: list[Json]
    markup: Json | None


@dataclass(slots=True, eq=False)
class Look:
    """One look for something to send in a chat: an inline query, and what the bot answered.

    `button` is the one above the results: its text and its start parameter. `update_id` is 0 when the bot was not told.
    """

    id: str
    query: str
    by: int
    room: Room
    at: datetime
    update_id: int = 0
    answered: bool = False
    results: list[Suggested] = field(default_factory=list)
    button: tuple[str, str] | None = None
    personal: bool = False
    cached_until: datetime | None = None

    @property
    def titles(self) -> list[str]:
        """What the results are called, best first."""
        return [result.title for result in self.results]


@dataclass(slots=True, eq=False)
class Call:
    """One call the bot made; `ok` once it had its effect, so not when it was refused or never got through."""

    method: str
    params: Json
    at: datetime
    ok: bool = False


@dataclass(slots=True, eq=False)
class Room:
    """One chat as Telegram keeps it; `members` gives each user's status, the bot's own in `bot_status`."""

    id: int
    kind: str
    card: Json
    members: dict[int, str]
    bot_status: str = "unknown"
    opened: bool = False
    blocked: bool = False
    deactivated: bool = False
    members_may_pin: bool = True
    migrated_to: int | None = None
    last_id: int = 0
    by_id: dict[int, Sent | Heard] = field(default_factory=dict)
    sent: list[Sent] = field(default_factory=list)
    pins: list[int] = field(default_factory=list)

    def next_id(self) -> int:
        """The next message's id; every chat counts for itself, so ids of different chats coincide."""
        self.last_id += 1
        return self.last_id

    def find(self, message_id: int) -> Sent | Heard | None:
        """A message that has not been deleted."""
        found = self.by_id.get(message_id)
        return None if found is None or found.deleted else found
