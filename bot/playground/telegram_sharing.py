"""What people send beside words in the playground's Telegram: files, places and what others wrote."""

from __future__ import annotations

from abc import ABC, abstractmethod
from datetime import datetime

from bot.playground.telegram_model import File, Json
from bot.playground.telegram_shelf import Shelf


class Sharer(ABC):
    """Somebody who sends more than words.

    Each returns the update id. `origin` makes it a forward (see `origin_of`); messages with the same `album` are
    shown as one, and come one by one.
    """

    shelf: Shelf

    @abstractmethod
    async def share(self, shown: Json, caption: str = "") -> int:
        """Send a message with this in it, as the API shows it."""

    async def photo(self, content: bytes, caption: str = "", *, origin: Json | None = None, album: str = "") -> int:
        """Send a photo; Telegram makes every photo a JPEG, without a name."""
        return await self._send(self.shelf.photo(File("photo.jpg", "image/jpeg", content)), caption, origin, album)

    async def document(
        self,
        name: str,
        content: bytes,
        media: str = "application/octet-stream",
        caption: str = "",
        *,
        origin: Json | None = None,
        album: str = "",
    ) -> int:
        """Send a file as it is, under the name and type that the client claims."""
        return await self._send(self.shelf.document(File(name, media, content)), caption, origin, album)

    async def voice(
        self,
        content: bytes,
        seconds: int = 3,
        media: str = "audio/ogg",
        caption: str = "",
        *,
        origin: Json | None = None,
    ) -> int:
        """Send a voice note."""
        return await self._send(self.shelf.voice(File("voice.oga", media, content), seconds), caption, origin)

    async def audio(self, name: str, content: bytes, media: str = "audio/mpeg", caption: str = "") -> int:
        """Send a sound file."""
        return await self._send(self.shelf.audio(File(name, media, content), 3), caption)

    async def video(self, name: str, content: bytes, media: str = "video/mp4", caption: str = "") -> int:
        """Send a film."""
        return await self._send(self.shelf.video(File(name, media, content), 3), caption)

    async def video_note(self, content: bytes) -> int:
        """Send a round film."""
        return await self._send(self.shelf.video_note(File("note.mp4", "video/mp4", content), 3))

    async def animation(self, name: str, content: bytes, media: str = "video/mp4") -> int:
        """Send a silent film that repeats; the API shows it as a document too."""
        document = self.shelf.document(File(name, media, content))["document"]
        size = {"width": 320, "height": 240, "duration": 3}
        return await self._send({"animation": {**document, **size}, "document": document})

    async def location(self, latitude: float, longitude: float, *, live: int = 0) -> int:
        """Send a place; with `live` it is shared for so many seconds, and edited as it moves."""
        place: Json = {"latitude": latitude, "longitude": longitude}
        return await self._send({"location": {**place, "live_period": live} if live else place})

    async def venue(self, title: str, address: str, latitude: float, longitude: float) -> int:
        """Send a place with a name."""
        place = {"latitude": latitude, "longitude": longitude}
        return await self._send({"location": place, "venue": {"location": place, "title": title, "address": address}})

    async def forward(self, text: str, author: str | Json, at: datetime) -> int:
        """Forward words that `author` wrote at `at`: a name, or the card of a user, a group or a channel."""
        return await self._send({}, text, origin_of(author, at))

    async def _send(self, shown: Json, caption: str = "", origin: Json | None = None, album: str = "") -> int:
        beside: Json = {"forward_origin": origin} if origin else {}
        if album:
            beside["media_group_id"] = album
        return await self.share({**beside, **shown}, caption)


def origin_of(author: str | Json, at: datetime) -> Json:
    """https://core.telegram.org/bots/api#messageorigin: a name alone is of a user whose account is hidden."""
    date = int(at.timestamp())
    if isinstance(author, str):
        return {"type": "hidden_user", "date": date, "sender_user_name": author}
    kind = author.get("type")
    if kind == "channel":
        return {"type": "channel", "date": date, "chat": author, "message_id": 1}
    if kind in ("group", "supergroup"):
        return {"type": "chat", "date": date, "sender_chat": author}
    return {"type": "user", "date": date, "sender_user": author}
