"""A person at a phone, the same on both platforms: writes, presses, reads."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from bot.playground.slack import Human as SlackHuman
from bot.playground.slack import Modal, SlackPlayground
from bot.playground.telegram import Look, TelegramPlayground
from bot.playground.telegram_people import Human as TelegramHuman

Rest = Callable[[], Awaitable[None]]


@dataclass(frozen=True)
class Seen:
    """One message as the person sees it now; `native` is the server's own."""

    text: str
    labels: tuple[str, ...]
    native: Any

    def __str__(self) -> str:
        lines = self.text.splitlines() or [""]
        return "\n".join([*lines, *(f"[{label}]" for label in self.labels)])


@dataclass(frozen=True)
class Picture:
    """A picture that the bot sent: the words below it, and what a screen reader says of it, where a platform asks."""

    content: bytes
    text: str
    alt: str


class Shared(Protocol):
    """A channel or group; `native` is the server's own."""

    @property
    def native(self) -> Any: ...


@dataclass
class Seat(ABC):
    """Acts, and waits each time until the bot is at rest. `diary` gets a line for all that happens."""

    name: str
    server: Any
    human: Any
    rest: Rest
    diary: Callable[[str], None] = field(default=lambda _: None)
    platform: str = ""
    _known: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return f"{self.name} ({self.platform.capitalize()})"

    team: str = ""
    user: str = ""

    @abstractmethod
    def __post_init__(self) -> None: ...

    @abstractmethod
    def open_chat(self) -> None:
        """Let the chat with the bot have been opened before, where a platform asks for that."""

    @abstractmethod
    async def redeem(self, code: str) -> None:
        """Use an invitation or a link code, the way it is done on this platform."""

    @property
    @abstractmethod
    def messages(self) -> list[Seen]:
        """What the bot has written in the private chat and not deleted, oldest first, as it stands now."""

    @abstractmethod
    async def _write(self, text: str, reply_to: Any) -> None: ...

    @abstractmethod
    async def _press(self, message: Any, label: str) -> None: ...

    @abstractmethod
    async def _command(self, name: str, text: str) -> None: ...

    @abstractmethod
    async def _attach(self, name: str, content: bytes, media: str, text: str) -> None: ...

    @abstractmethod
    async def _pass_on(self, text: str, author: str, at: datetime) -> None: ...

    @property
    @abstractmethod
    def files(self) -> list[tuple[str, str, bytes]]:
        """The files that the bot sent here: name, type, content; oldest first."""

    @property
    @abstractmethod
    def pictures(self) -> list[Picture]:
        """What the bot sent here that is shown as a picture, oldest first."""

    @property
    def last(self) -> Seen:
        """The newest message."""
        return self.messages[-1]

    async def write(self, text: str, reply_to: Seen | None = None) -> None:
        """Write to the bot, or answer one of its messages."""
        where = f" som svar på «{reply_to.text.splitlines()[0]}»" if reply_to else ""
        self.diary(f"{self} skriver{where}: {text}")
        await self._write(text, reply_to.native if reply_to else None)
        await self.rest()

    async def attach(self, name: str, content: bytes, media: str, text: str = "") -> None:
        """Send the bot a file, with or without words."""
        self.diary(f"{self} skickar {name}" + (f": {text}" if text else ""))
        await self._attach(name, content, media, text)
        await self.rest()

    async def pass_on(self, text: str, author: str, at: datetime) -> None:
        """Give the bot words that somebody else wrote: forwarded, or flagged where they stand."""
        self.diary(f"{self} skickar vidare det som {author} skrev: {text}")
        await self._pass_on(text, author, at)
        await self.rest()

    async def command(self, name: str, text: str = "") -> None:
        """Give a command, without its slash."""
        self.diary(f"{self} skriver: /{name} {text}".rstrip())
        await self._command(name, text)
        await self.rest()

    async def press(self, label: str, containing: str = "") -> None:
        """Press the newest button with this label, on a message with these words. Raises AssertionError."""
        message = self.find(containing, label)
        self.diary(f"{self} trycker: [{label}]")
        await self._press(message.native, label)
        await self.rest()

    def find(self, text: str, label: str = "") -> Seen:
        """The newest message with this text and this button. Raises AssertionError that shows what there is."""
        for seen in reversed(self.messages):
            if text in seen.text and (not label or label in seen.labels):
                return seen
        shown = "\n---\n".join(map(str, self.messages[-6:]))
        raise AssertionError(f"{self} has no message with «{text}» and [{label}]; the newest are:\n{shown}")

    def has(self, text: str) -> bool:
        """Whether any message has this text now."""
        return any(text in seen.text for seen in self.messages)

    def news(self) -> list[str]:
        """The messages that are new or changed since the last call, as printed."""
        now = [str(seen) for seen in self.messages]
        found = []
        for number, text in enumerate(now):
            if number >= len(self._known):
                found.append(text)
            elif text != self._known[number]:
                found.append(f"(ändrat) {text}")
        self._known = now
        return found


class TelegramSeat(Seat):
    """Somebody on Telegram."""

    server: TelegramPlayground
    human: TelegramHuman

    def __post_init__(self) -> None:
        self.platform = "telegram"
        self.user = str(self.human.id)

    def open_chat(self) -> None:
        self.human.room.opened = True

    @property
    def messages(self) -> list[Seen]:
        return [Seen(m.text, tuple(m.labels), m) for m in self.human.messages if not m.deleted]

    @property
    def files(self) -> list[tuple[str, str, bytes]]:
        found = [m.file for m in self.human.messages if m.file is not None and not m.deleted]
        return [(file.name, file.media, file.content) for file in found]

    @property
    def pictures(self) -> list[Picture]:
        found = [m for m in self.human.messages if "photo" in m.shown and not m.deleted]
        return [Picture(m.file.content, m.text, "") for m in found if m.file is not None]

    async def _attach(self, name: str, content: bytes, media: str, text: str) -> None:
        if media.startswith("image/"):
            await self.human.photo(content, text)
        elif media.startswith("audio/"):
            await self.human.voice(content, media=media, caption=text)
        else:
            await self.human.document(name, content, media, text)

    async def _pass_on(self, text: str, author: str, at: datetime) -> None:
        await self.human.forward(text, author, at)

    async def place(self, latitude: float, longitude: float) -> None:
        """Send where one is."""
        self.diary(f"{self} skickar en plats: {latitude}, {longitude}")
        await self.human.location(latitude, longitude)
        await self.rest()

    async def look(self, words: str, where: Shared | None = None) -> Look:
        """Write the bot's name and these words in a group, or to the bot; the list that shows, with `titles`."""
        self.diary(f"{self} letar med @{self.server.username}: {words}")
        found = await self.human.look(words, where.native if where else None)
        await self.rest()
        assert found.answered, f"{self} was shown no list for «{words}»"
        return found

    async def choose(self, found: Look, title: str) -> None:
        """Send what stands under this title to the chat where it was looked for."""
        self.diary(f"{self} väljer i listan: [{title}]")
        await self.human.choose(found, title)
        await self.rest()

    async def follow(self, found: Look) -> None:
        """Press the button above the list, which opens the chat with the bot."""
        self.diary(f"{self} trycker över listan: [{found.button[0] if found.button else ''}]")
        await self.human.follow(found)
        await self.rest()

    async def _write(self, text: str, reply_to: Any) -> None:
        await self.human.write(text, reply_to=reply_to)

    async def _press(self, message: Any, label: str) -> None:
        await self.human.press(message, label)

    async def _command(self, name: str, text: str) -> None:
        await self.human.write(f"/{name} {text}".rstrip())

    async def redeem(self, code: str) -> None:
        """Open the deep link with the code."""
        self.diary(f"{self} öppnar länken med koden")
        await self.human.start(code)
        await self.rest()


class SlackSeat(Seat):
    """Somebody on Slack."""

    server: SlackPlayground
    human: SlackHuman

    def __post_init__(self) -> None:
        self.platform = "slack"
        self.team, self.user = self.server.space.team, self.human.id

    def open_chat(self) -> None:
        """Slack asks for nothing."""

    @property
    def messages(self) -> list[Seen]:
        return [Seen(m.plain, tuple(m.labels), m) for m in self.human.messages if not m.deleted]

    @property
    def files(self) -> list[tuple[str, str, bytes]]:
        found = [file for m in self.human.messages if not m.deleted for file in m.files]
        return [(file.name, file.media, file.content or b"") for file in found]

    @property
    def pictures(self) -> list[Picture]:
        found = [(file, m.plain) for m in self.human.messages if not m.deleted for file in m.files]
        return [Picture(file.content or b"", text, file.alt) for file, text in found if file.media.startswith("image/")]

    async def _attach(self, name: str, content: bytes, media: str, text: str) -> None:
        await self.human.upload(name, content, media, text)

    async def _pass_on(self, text: str, author: str, at: datetime) -> None:
        """The author writes it in a channel where this person is too, who uses the shortcut on it."""
        writer = self.server.person(author)
        channel = self.server.channel("torget", members=[writer, self.human])
        await channel.write(writer, text)
        written = channel.everything[-1]
        written.at, written.ts = at, f"{at.timestamp():.6f}"  # it has stood there since then
        await self.human.shortcut(written)

    async def _write(self, text: str, reply_to: Any) -> None:
        await self.human.write(text, thread=reply_to)

    async def _press(self, message: Any, label: str) -> None:
        await self.human.press(message, label)

    async def _command(self, name: str, text: str) -> None:
        await self.human.command(f"/{name}", text)

    async def command_in(self, where: Shared, name: str, text: str = "") -> None:
        """Give a command in a channel, where the bot need not be."""
        self.diary(f"{self} skriver i en kanal: /{name} {text}".rstrip())
        await self.human.command(f"/{name}", text, where.native)
        await self.rest()

    def whispers(self, where: Shared) -> list[Seen]:
        """What the bot shows to this person alone in a channel, oldest first, as it stands now."""
        mine = [m for m in where.native.messages if m.to == self.user and not m.deleted]
        return [Seen(m.plain, tuple(m.labels), m) for m in mine]

    async def press_in(self, where: Shared, label: str) -> None:
        """Press the newest button with this label that this person alone sees in a channel. Raises AssertionError."""
        there = self.whispers(where)
        message = next((seen for seen in reversed(there) if label in seen.labels), None)
        assert message is not None, f"{self} sees no [{label}] there, but {[seen.labels for seen in there]}"
        self.diary(f"{self} trycker i en kanal: [{label}]")
        await self.human.press(message.native, label)
        await self.rest()

    async def fill(self, values: Mapping[str, str]) -> None:
        """Fill in the open window and send it."""
        self.diary(f"{self} fyller i: " + ", ".join(f"{key}: {value}" for key, value in values.items()))
        await self.server.wait_for(self._form_is_there, what="the form to show in the window")
        filled = self.human.modal
        await self.human.submit(dict(values))
        await self.rest()
        await self.server.wait_for(lambda: self._answered(filled), what="the form to be taken")

    def _answered(self, filled: Modal | None) -> bool:
        return self.human.modal is not filled or (filled is not None and bool(filled.errors))

    def _form_is_there(self) -> bool:
        return self.human.modal is not None and bool(self.human.modal.inputs)

    async def redeem(self, code: str) -> None:
        """Write the code to the bot."""
        self.diary(f"{self} skriver koden")
        await self.human.write(code)
        await self.rest()


@dataclass
class SharedSeat:
    """A channel or group of the unit, as its members see it."""

    title: str
    native: Any
    rest: Rest
    diary: Callable[[str], None]
    _known: list[str] = field(default_factory=list)

    @property
    def everything(self) -> list[str]:
        """What anybody has written there for all, oldest first."""
        shown = [m for m in self.native.everything if getattr(m, "to", None) is None]
        return [text for m in shown if (text := getattr(m, "plain", m.text))]

    @property
    def messages(self) -> list[Seen]:
        """What the bot has written there."""
        return [Seen(getattr(m, "plain", m.text), tuple(m.labels), m) for m in self.native.messages if not m.deleted]

    @property
    def texts(self) -> str:
        """Everything that stands there now."""
        return "\n".join(str(seen) for seen in self.messages)

    async def add_bot(self, by: Seat) -> None:
        """A member puts the bot in."""
        self.diary(f"{by} lägger till boten i {self.title}")
        await self.native.add_bot(by=by.human)
        await self.rest()

    async def press(self, by: Seat, label: str) -> None:
        """A member presses the newest button with this label."""
        message = next(seen for seen in reversed(self.messages) if label in seen.labels)
        self.diary(f"{by} trycker i {self.title}: [{label}]")
        await self.native.press(by.human, message.native, label)
        await self.rest()

    def news(self) -> list[str]:
        """The messages that are new or changed since the last call."""
        now = [str(seen) for seen in self.messages]
        found = [text for number, text in enumerate(now) if number >= len(self._known) or text != self._known[number]]
        self._known = now
        return found

    def __str__(self) -> str:
        return self.title
