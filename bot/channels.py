"""What delivery asks of a platform's adapter, and the ways in which a platform says no."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from bot.events import Event, Outcome, Platform
from bot.messages import Message

Door = Callable[[Event], Awaitable[Outcome]]  # intake's: returns when the event is committed


@dataclass(frozen=True)
class File:
    """A file to send. `content` is the whole of it; `media` its type, such as image/jpeg.

    With `alt`, which says what it shows to who cannot see it, it is a picture of ours, and shown as one.
    """

    name: str
    media: str
    content: bytes
    alt: str = ""


@dataclass(frozen=True)
class Request:
    """What a platform posted to our web server; the headers' names are in lower case."""

    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Answer:
    """What the web server answers a platform."""

    status: int
    body: bytes = b""
    media: str = "text/plain"


class Channel(Protocol):
    """One platform. A reference (`ref`) names a message for good: "chat:message". `chat` is where to send.

    `heard_at` is when the platform last answered on the way in, in monotonic seconds; None where it calls us.
    `busy` tells whether something beside the outbox is still on its way to somebody.
    """

    platform: Platform
    team: str

    @property
    def heard_at(self) -> float | None: ...

    @property
    def busy(self) -> bool: ...

    async def start(self) -> None:
        """Log in and begin to receive."""

    async def listen(self, on: bool) -> None:
        """Begin or stop to receive, where only one process may."""

    async def stop(self) -> None:
        """Stop receiving, finish what is under way, close the connections."""

    async def send(self, chat: str, message: Message, hangs_on: str = "") -> str:
        """Send; returns the new message's reference. It is an answer to the message `hangs_on`, if that is there."""

    async def edit(self, chat: str, ref: str, message: Message) -> str:
        """Replace a message. An unchanged one is a success. Raises Gone when it no longer is there."""

    async def pin(self, chat: str, ref: str) -> str:
        """Pin a message; one that is pinned already is a success."""

    async def leave(self, chat: str) -> None:
        """Leave a channel or group; having left already is a success."""

    async def menu(self, chat: str, entries: tuple[tuple[str, str], ...], language: str) -> str:
        """Offer these commands (name, what it does) in a chat, or with no chat to whoever has no other menu.

        With a language, such as "sv", only to those whose app speaks it. No entries: as if none were ever set.
        """

    async def send_file(self, chat: str, file: File, message: Message) -> str:
        """Send a file with a message below it; returns the reference that proves its arrival."""

    def fetch(self, remote: str) -> AsyncIterator[bytes]:
        """The bytes of a file that somebody attached, in pieces. Raises Gone, NotSent, Refused, Wait."""

    async def revive(self) -> None:
        """Hang up on the way in and connect anew: it has been silent for too long."""

    async def deliver(self, request: Request) -> Answer:
        """Take what the platform posted: 401 unless it is signed, and 200 only once it is committed."""


class Undelivered(Exception):
    """The base of what follows; `args[0]` is the platform's own reason, never a person's words."""


class Wait(Undelivered):
    """The platform asks for patience: nothing was sent, and this never counts as a failure."""

    def __init__(self, reason: str, seconds: float) -> None:
        super().__init__(reason)
        self.seconds = seconds


class NotSent(Undelivered):
    """Nothing left this machine, or the platform said that it failed: try again.

    With `doubtful` it failed on the way, and may have done it all the same: the next one says that it is a repeat.
    """

    def __init__(self, reason: str, *, doubtful: bool = False) -> None:
        super().__init__(reason)
        self.doubtful = doubtful


class Unsure(Undelivered):
    """The connection ended after the request left: it may have arrived."""


class Refused(Undelivered):
    """It will never arrive like this. With `account_ended` the person cannot be reached there any more."""

    def __init__(self, reason: str, *, account_ended: bool = False) -> None:
        super().__init__(reason)
        self.account_ended = account_ended


class Moved(Undelivered):
    """The chat has a new id; nothing was sent."""

    def __init__(self, reason: str, chat: str) -> None:
        super().__init__(reason)
        self.chat = chat


class Gone(Undelivered):
    """The message to edit or pin is no longer there."""


class PlatformDown(Undelivered):
    """The platform will take nothing from us until somebody mends the token or the scopes."""


class BadLogin(Exception):
    """A platform did not accept the token at start; `args[0]` is its reason, `args[1]` (from App) which platform."""
