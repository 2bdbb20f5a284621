"""The people who play, the same on both platforms: what they see, what they do, and whether it was taken in."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar

from bot.playground.slack import Delivery, SlackPlayground
from bot.playground.slack import Human as SlackHuman
from bot.playground.telegram import Human as TelegramHuman
from bot.playground.telegram import TelegramPlayground


class Act(ABC):
    """One thing that a person did once."""

    @abstractmethod
    def accepted(self) -> bool:
        """Whether the bot has told the platform that it has it."""

    @abstractmethod
    def refused(self) -> bool:
        """Whether the platform has told the person that it did not work."""


@dataclass
class Update(Act):
    """Telegram keeps what was done until the bot confirms it, so that the person never sees an error."""

    server: TelegramPlayground
    number: int

    def accepted(self) -> bool:
        return self.number in self.server.confirmed

    def refused(self) -> bool:
        return False


@dataclass
class Sending(Act):
    """Slack delivers an event again; a command or a press that nobody acknowledges shows the person an error."""

    server: SlackPlayground
    delivery: Delivery

    def accepted(self) -> bool:
        return self.delivery.acked.is_set()

    def refused(self) -> bool:
        if self.accepted():
            return False
        holder, again = self.delivery.holder, self.delivery.kind == "events_api"
        # The socket that carried it is gone: Slack says so after three seconds, which need not be waited for.
        cut = holder is not None and holder not in self.server.space.sockets.open
        return self.delivery.given_up or (cut and not again)


@dataclass(frozen=True)
class Seen:
    """A message as it stands now; `said` is all that it ever said. `rows` are the outbox rows in its buttons."""

    ref: str
    text: str
    labels: tuple[str, ...]
    said: tuple[str, ...]
    rows: tuple[int, ...]
    native: Any

    def about(self, number: int) -> bool:
        """Whether it names the incident, now or before."""
        return any(re.search(rf"[Ää]rende {number}\b", text) for text in self.said)


@dataclass
class Player(ABC):
    """Somebody at a phone; `person` is their id in the database."""

    name: str
    person: int
    server: Any
    human: Any
    _from: int = 0
    platform: ClassVar[str]

    def __str__(self) -> str:
        return f"{self.name} on {self.platform.capitalize()}"

    @abstractmethod
    async def write(self, text: str) -> Act:
        """Write to the bot."""

    @abstractmethod
    async def command(self, name: str) -> Act:
        """Give a command, without its slash."""

    @abstractmethod
    async def press(self, seen: Seen, label: str) -> Act:
        """Press a button."""

    @abstractmethod
    def reachable(self) -> bool:
        """Whether there is any use in trying again."""

    @abstractmethod
    def _natives(self) -> list[Any]: ...

    @abstractmethod
    def _see(self, native: Any) -> Seen: ...

    def turn_page(self) -> None:
        """From here on only look at what comes."""
        self._from = len(self._natives())

    @property
    def everything(self) -> list[Seen]:
        """All that the bot ever sent, oldest first."""
        return [self._see(native) for native in self._natives()]

    def find(self, words: str, label: str = "") -> Seen | None:
        """The newest message of the page with these words (a pattern) and this button."""
        for native in reversed(self._natives()[self._from :]):
            seen = self._see(native)
            if re.search(words, seen.text) and (not label or label in seen.labels):
                return seen
        return None


class TelegramPlayer(Player):
    """Somebody on Telegram."""

    platform = "telegram"
    server: TelegramPlayground
    human: TelegramHuman

    async def write(self, text: str) -> Act:
        return Update(self.server, await self.human.write(text))

    async def command(self, name: str) -> Act:
        return await self.write(f"/{name}")

    async def press(self, seen: Seen, label: str) -> Act:
        await self.human.press(seen.native, label)
        return Update(self.server, next(reversed(self.server.sent_at)))

    def reachable(self) -> bool:
        return True

    def _natives(self) -> list[Any]:
        return list(self.human.messages)

    def _see(self, native: Any) -> Seen:
        data = [button.data or "" for line in native.buttons for button in line]
        ref, said = f"{native.chat_id}:{native.message_id}", (*native.history, native.text)
        return Seen(ref, native.text, tuple(native.labels), said, rows_in(data), native)


class SlackPlayer(Player):
    """Somebody on Slack."""

    platform = "slack"
    server: SlackPlayground
    human: SlackHuman

    async def write(self, text: str) -> Act:
        return Sending(self.server, await self.human.write(text))

    async def command(self, name: str) -> Act:
        return Sending(self.server, await self.human.command(f"/{name}"))

    async def press(self, seen: Seen, label: str) -> Act:
        return Sending(self.server, await self.human.press(seen.native, label))

    def reachable(self) -> bool:
        return self.server.connections > 0

    def _natives(self) -> list[Any]:
        return [message for message in self.human.messages if not message.ephemeral]

    def _see(self, native: Any) -> Seen:
        elements = [e for block in native.blocks if block["type"] == "actions" for e in block["elements"]]
        data = [str(element.get("value", "")) for element in elements]
        ref, said = f"{native.channel}:{native.ts}", (*native.history, native.plain)
        return Seen(ref, native.plain, tuple(native.labels), said, rows_in(data), native)


def rows_in(data: list[str]) -> tuple[int, ...]:
    """The outbox rows that these buttons say they came with."""
    return tuple(int(value.rpartition("~")[2]) for value in data if "~" in value)
