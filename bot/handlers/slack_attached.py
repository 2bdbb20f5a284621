"""What came with a message on Slack: files, and other people's messages. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from bot.events import Attached, Medium

Json = dict[str, Any]

MOST = 50  # things attached to one message; Slack's own clients stop at ten files
MEDIA = {"image": Medium.PHOTO, "audio": Medium.VOICE, "video": Medium.VIDEO}
ANGLE = re.compile(r"<([^<>]*)>")


class Malformed(Exception):
    """The payload lacks what every such payload has; `args[0]` says what, never what somebody wrote."""


def attached(message: Json) -> tuple[Attached, ...]:
    """The files of a message, and the messages that were shared in it or linked to."""
    return tuple([*files(message), *(thing for quoted in shares(message) for thing in quotation(quoted))][:MOST])


def flagged(message: Json) -> tuple[Attached, ...]:
    """A message that stands somewhere else, with all that came with it; its author's name is yet to be asked for."""
    author = said(message, "user") or said(message, "username") or said(message, "bot_id")
    own = _message(message, typed(said(message, "text")), author)
    return tuple([*own, *(thing for quoted in shares(message) for thing in quotation(quoted))][:MOST])


def files(message: Json) -> Iterator[Attached]:
    """Each file, by its id: addresses change, and an id can be asked about again."""
    found = message.get("files")
    if found is not None and not isinstance(found, list):
        raise Malformed("files")
    yield from (_file(card) for card in found or ())


def shares(message: Json) -> list[Json]:
    """The attachments of a message that are messages: shared ones, and those that a link leads to."""
    found = message.get("attachments")
    cards = [card for card in found if isinstance(card, dict)] if isinstance(found, list) else []
    return [card for card in cards if card.get("is_share") is True or card.get("is_msg_unfurl") is True]


def quotation(quoted: Json) -> Iterator[Attached]:
    """Somebody's message as it was passed on, with its files."""
    author = said(quoted, "author_name") or said(quoted, "author_subname") or said(quoted, "author_id")
    yield from _message(quoted, typed(said(quoted, "text") or said(quoted, "fallback")), author)


def _message(card: Json, text: str, author: str) -> Iterator[Attached]:
    made_at = written_at(said(card, "ts"))
    yield Attached(Medium.MESSAGE, text=text, author=author, made_at=made_at)
    yield from (replace(file, author=author, made_at=made_at) for file in files(card))


def _file(card: Any) -> Attached:
    if not isinstance(card, dict) or not said(card, "id"):
        raise Malformed("files.id")
    name = said(card, "name") or said(card, "title")
    if card.get("is_external") is True or card.get("mode") == "external":
        # Slack has no bytes of it: what there is, is where it lies.
        return Attached(Medium.MESSAGE, text="\n".join(filter(None, (name, said(card, "url_private")))))
    media, size = said(card, "mimetype").lower(), card.get("size")
    return Attached(
        MEDIA.get(media.partition("/")[0], Medium.DOCUMENT),
        remote=said(card, "id"),
        name=name,
        media=media,
        size=size if isinstance(size, int) and size > 0 else 0,
    )


def written_at(ts: str) -> datetime | None:
    """The time in a timestamp of Slack's; None when it cannot be read."""
    try:
        return datetime.fromtimestamp(float(ts), UTC)
    except (ValueError, OverflowError, OSError):
        return None


def typed(text: str) -> str:
    """What was typed, from Slack's markup of it: entities as signs, links and mentions as words."""
    bare = ANGLE.sub(lambda found: _words(found[1]), text)
    return bare.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def said(body: Any, *path: str) -> str:
    """The text there; nothing when there is none."""
    for key in path:
        body = body.get(key) if isinstance(body, dict) else None
    return clean(body) if isinstance(body, str) else ""


def clean(text: str) -> str:
    """The text without halves of UTF-16 pairs and zeroes, which a database does not take."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").replace("\0", "\ufffd")


def _words(inner: str) -> str:
    target, _, label = inner.partition("|")
    if target[:1] in ("@", "#", "!"):
        sign = "#" if target[0] == "#" else "@"
        return sign + (label.lstrip("@#") or target[1:].partition("^")[0])
    # A link that was written out has its own address as label; one behind other words must not lose it.
    return label or target if not label or target.endswith(label) else f"{label} ({target})"
