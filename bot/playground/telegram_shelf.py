"""The files that the playground's Telegram keeps, and how each kind of message shows them."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.playground.telegram_model import File, Json, bad_request

DOWNLOAD_BYTES = 20 * 1024 * 1024  # what a bot can fetch
PATH_LIVES = timedelta(hours=1)  # "guaranteed to be valid for at least 1 hour"; here for no longer
FOLDERS = {"photo": "photos", "voice": "voice", "audio": "music", "video": "videos", "video_note": "video_notes"}
SIZES = ((90, 68, 16), (320, 240, 4), (1280, 960, 1))  # width, height, and the part of the content that it keeps


@dataclass(slots=True, eq=False)
class Stored:
    """One file; `path` is where it can be fetched until `fetchable`, once the bot has asked for it."""

    id: str
    unique_id: str
    file: File
    folder: str
    path: str = ""
    fetchable: datetime | None = None
    gone: bool = False

    @property
    def card(self) -> Json:
        """What every kind of file has."""
        return {"file_id": self.id, "file_unique_id": self.unique_id, "file_size": len(self.file.content)}


@dataclass
class Shelf:
    """Every file that somebody sent, by its id and, once asked for, by its path."""

    clock: Callable[[], datetime]
    by_id: dict[str, Stored] = field(default_factory=dict)
    by_path: dict[str, Stored] = field(default_factory=dict)

    def put(self, kind: str, file: File) -> Stored:
        """Keep a file under ids of its own; they are no secrets, but nothing can be read from them."""
        stored = Stored(secrets.token_urlsafe(40), secrets.token_hex(8), file, FOLDERS.get(kind, "documents"))
        self.by_id[stored.id] = stored
        return stored

    def get(self, file_id: str) -> Json:
        """The file's card with the path to fetch it by, or Telegram's refusal."""
        if not file_id:
            raise bad_request("file_id not specified")
        stored = self.by_id.get(file_id)
        if stored is None:
            raise bad_request("invalid file_id")
        if stored.gone:
            raise bad_request("wrong file_id or the file is temporarily unavailable")
        if len(stored.file.content) > DOWNLOAD_BYTES:
            raise bad_request("file is too big")
        if not stored.path:
            ending = stored.file.name.rpartition(".")[2] if "." in stored.file.name else "bin"
            stored.path = f"{stored.folder}/file_{len(self.by_path)}.{ending}"
            self.by_path[stored.path] = stored
        stored.fetchable = self.clock() + PATH_LIVES
        return {**stored.card, "file_path": stored.path}

    def content(self, path: str) -> bytes | None:
        """What can be fetched at a path now; None when there is nothing."""
        stored = self.by_path.get(path)
        if stored is None or stored.gone or stored.fetchable is None or self.clock() > stored.fetchable:
            return None
        return stored.file.content

    def expire(self) -> None:
        """Let Telegram lose every file that it has."""
        for stored in self.by_id.values():
            stored.gone = True

    # As a message shows them

    def photo(self, file: File) -> Json:
        """A photo in its sizes, smallest first; the small ones are the beginning of the content, not drawn anew."""
        sizes = []
        for width, height, part in SIZES:
            stored = self.put("photo", File(file.name, file.media, file.content[: max(1, len(file.content) // part)]))
            sizes.append({**stored.card, "width": width, "height": height})
        return {"photo": sizes}

    def document(self, file: File) -> Json:
        """A document, with what its sender's client claims about it."""
        stored = self.put("document", file)
        return {"document": {"file_name": file.name, "mime_type": file.media, **stored.card}}

    def voice(self, file: File, seconds: int) -> Json:
        """A voice note."""
        return {"voice": {"duration": seconds, "mime_type": file.media, **self.put("voice", file).card}}

    def audio(self, file: File, seconds: int) -> Json:
        """A sound file."""
        stored = self.put("audio", file)
        return {"audio": {"duration": seconds, "file_name": file.name, "mime_type": file.media, **stored.card}}

    def video(self, file: File, seconds: int) -> Json:
        """A film."""
        stored = self.put("video", file)
        shown: Json = {"width": 1280, "height": 720, "duration": seconds, "file_name": file.name}
        return {"video": {**shown, "mime_type": file.media, **stored.card}}

    def video_note(self, file: File, seconds: int) -> Json:
        """A round film, which has neither name nor type."""
        return {"video_note": {"length": 384, "duration": seconds, **self.put("video_note", file).card}}
