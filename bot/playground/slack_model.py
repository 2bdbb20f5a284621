"""What a Slack workspace keeps: people, conversations, messages, modals, and what was asked of it."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import quote

from bot.playground.slack_text import Json, buttons, plain


class Refused(Exception):
    """Slack answers `{"ok": false, "error": …}`; `details` is added to the answer."""

    def __init__(self, error: str, **details: Any) -> None:
        super().__init__(error)
        self.error = error
        self.details = details


class Limited(Exception):
    """Slack answers 429 and says how many seconds to wait."""

    def __init__(self, seconds: int) -> None:
        super().__init__("ratelimited")
        self.seconds = seconds


@dataclass
class Call:
    """One request to the Web API; `ok` says whether it took effect, `error` what was answered instead."""

    method: str
    params: Json
    at: datetime
    ok: bool
    error: str | None


@dataclass(eq=False)
class SlackFile:
    """One file. `mode` is hosted, external (then `link` is where it is), hidden_by_limit or tombstone.

    `content` is None as long as the bytes of an upload have not come; `shares` tells in which conversation each
    message of it stands.
    """

    id: str
    name: str
    media: str
    content: bytes | None
    user: str
    made: float
    mode: str = "hosted"
    link: str = ""
    length: int = 0
    token: str = ""
    complete: bool = False
    alt: str = ""  # what a picture shows, for screen readers
    shares: dict[str, str] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """How many bytes it has."""
        return len(self.content or b"")

    def card(self, root: str, team: str, user_team: str) -> Json:
        """The file as events and answers show it; what is hidden or deleted has only its id."""
        if self.mode in ("tombstone", "hidden_by_limit"):
            return {"id": self.id, "mode": self.mode}
        seconds, external, name = int(self.made), self.mode == "external", quote(self.name)
        stem = f"{root}files-pri/{team}-{self.id}"
        links = (
            {"url_private": self.link}
            if external
            else {
                "url_private": f"{stem}/{name}",
                "url_private_download": f"{stem}/download/{name}",
            }
        )
        return {
            "id": self.id,
            "created": seconds,
            "timestamp": seconds,
            "name": self.name,
            "title": self.name,
            "mimetype": self.media,
            "filetype": self.name.rpartition(".")[2].lower() or "binary",
            "user": self.user,
            "user_team": user_team,
            "editable": False,
            "size": self.size,
            "mode": self.mode,
            "is_external": external,
            "external_type": "gdrive" if external else "",
            "is_public": False,
            "public_url_shared": False,
            "file_access": "visible",
            "permalink": f"{root}files/{self.user}/{self.id}/{name}",
            **({"alt_txt": self.alt} if self.alt else {}),
            **links,
        }


@dataclass(eq=False)
class Sent:
    """One message as it stands now. `author` is the bot or the person who wrote it."""

    channel: str
    ts: str
    text: str
    blocks: list[Json]
    at: datetime
    author: str
    thread_ts: str | None = None
    broadcast: bool = False  # an answer in a thread that is shown in the conversation too
    to: str | None = None  # the only person who sees it, when it is ephemeral
    edited: int = 0
    pinned: bool = False
    deleted: bool = False
    files: tuple[SlackFile, ...] = ()
    quoted: tuple[Json, ...] = ()  # other messages that were shared in it, as attachments
    history: list[str] = field(default_factory=list)  # what it said before, oldest first
    received_at: float = field(default_factory=time.perf_counter)
    changed_at: float = 0.0
    _plain: str | None = None

    @property
    def ephemeral(self) -> bool:
        """Whether only one person sees it, until the next reload."""
        return self.to is not None

    @property
    def plain(self) -> str:
        """All text of the message as a person reads it."""
        if self._plain is None:
            self._plain = plain(self.blocks, self.text)
        return self._plain

    @property
    def labels(self) -> list[str]:
        """What its buttons say, in reading order."""
        return [element["text"]["text"] for _, element in buttons(self.blocks)]

    def revise(self, text: str, blocks: list[Json]) -> None:
        """Replace the content and remember what it said."""
        self.history.append(self.plain)
        self.text, self.blocks, self._plain = text, blocks, None
        self.edited += 1
        self.changed_at = time.perf_counter()


@dataclass(eq=False)
class Conversation:
    """A channel or a direct message; `messages` are the bot's that are still there, oldest first."""

    id: str
    name: str
    kind: str  # im, private or public
    members: dict[str, None] = field(default_factory=dict)  # ordered, and found in constant time
    ext_shared: bool = False
    archived: bool = False
    messages: list[Sent] = field(default_factory=list)
    by_ts: dict[str, Sent] = field(default_factory=dict)
    allowance: float = 0.0
    allowed_at: float = 0.0

    @property
    def is_im(self) -> bool:
        """Whether it is a direct message."""
        return self.kind == "im"

    @property
    def everything(self) -> list[Sent]:
        """What anybody has written and not deleted, oldest first."""
        return list(self.by_ts.values())

    @property
    def event_kind(self) -> str:
        """The `channel_type` of its message events."""
        return {"im": "im", "private": "group", "public": "channel"}[self.kind]


@dataclass(eq=False)
class Modal:
    """One open view. `errors` holds what the bot said about the last submission, by input label."""

    id: str
    raw: Json
    hash: str
    root: str
    previous: str | None = None
    values: dict[str, Json] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """What its head says."""
        return str(self.raw["title"]["text"])

    @property
    def blocks(self) -> list[Json]:
        """Its blocks as last opened or updated."""
        blocks: list[Json] = self.raw["blocks"]
        return blocks

    @property
    def callback_id(self) -> str:
        """What the bot calls it."""
        return str(self.raw.get("callback_id") or "")

    @property
    def private_metadata(self) -> str:
        """What the bot hid in it."""
        return str(self.raw.get("private_metadata") or "")

    @property
    def fields(self) -> list[Json]:
        """Its input blocks, in reading order."""
        return [block for block in self.blocks if block["type"] == "input"]

    @property
    def inputs(self) -> list[str]:
        """The labels of its inputs, in reading order."""
        return [block["label"]["text"] for block in self.fields]

    @property
    def labels(self) -> list[str]:
        """What the buttons inside it say."""
        return [element["text"]["text"] for _, element in buttons(self.blocks)]

    @property
    def plain(self) -> str:
        """All text of the view as a person reads it."""
        return plain(self.blocks, "")


@dataclass(eq=False)
class Account:
    """A person in a workspace; `stack` holds the open views, the top one last."""

    id: str
    name: str
    team: str
    tz: str = "Europe/Stockholm"
    is_bot: bool = False
    deactivated: bool = False
    dm: Conversation | None = None
    stack: list[Modal] = field(default_factory=list)


@dataclass(eq=False)
class Trigger:
    """The short right to open a modal for one person."""

    account: Account
    made: datetime
    spent: bool = False


@dataclass(eq=False)
class Hook:
    """A `response_url`: five uses within half an hour."""

    account: Account
    conversation: Conversation
    source: Sent | None
    made: datetime
    uses: int = 0


@dataclass(frozen=True)
class Refusal:
    """An acknowledgement whose payload Slack could not use, so that the person sees an error."""

    event_id: str
    payload: Json
    problems: tuple[str, ...]
