"""Reads Slack messages as a person sees them: markup gone, entities decoded, blocks in order."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import Any

Json = dict[str, Any]

ANGLE = re.compile(r"<([^<>]*)>")
STYLED = re.compile(r"(?<![\w*_~`])([*_~`])(?=\S)([^\n]*?\S)\1(?![\w*_~`])")
CHOOSABLE = ("static_select", "multi_static_select", "radio_buttons", "checkboxes", "overflow")
URL = re.compile(r"https?://[^\s<>]+")


def plain(blocks: list[Json], fallback: str) -> str:
    """Everything a person reads in the message; the fallback text only where there are no blocks."""
    if not blocks:
        return mrkdwn(fallback)
    return "\n".join(line for block in blocks for line in _block(block) if line)


def mrkdwn(text: str) -> str:
    """Slack's markup as it shows: links by their label, mentions by sign, emphasis without its marks."""
    shown = ANGLE.sub(lambda found: _angle(found[1]), text)
    while (bare := STYLED.sub(r"\2", shown)) != shown:
        shown = bare
    return html.unescape(shown) if "&" in shown else shown


def typed(text: str) -> str:
    """What Slack sends to an app when a person types `text`: entities escaped, addresses made links."""
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return URL.sub(lambda found: f"<{found[0]}>", escaped)


def buttons(blocks: list[Json]) -> Iterator[tuple[Json, Json]]:
    """Each button with the block it stands in, in reading order."""
    return ((block, part) for block, part in interactive(blocks) if part.get("type") == "button")


def interactive(blocks: list[Json]) -> Iterator[tuple[Json, Json]]:
    """Each element that can be pressed or chosen in, with its block, in reading order."""
    for block in blocks:
        kind = block.get("type")
        if kind == "section" and isinstance(block.get("accessory"), dict):
            yield block, block["accessory"]
        elif kind == "actions":
            yield from ((block, element) for element in block["elements"])


def choices(element: Json) -> Iterator[Json]:
    """The options of a menu, a list of radio buttons or checkboxes, groups flattened."""
    if element.get("type") not in CHOOSABLE:
        return
    for group in element.get("option_groups", (element,)):
        yield from group["options"]


def _angle(inner: str) -> str:
    target, bar, label = inner.partition("|")
    if bar and label and not target.startswith("#"):
        return label
    if target.startswith("#"):
        return f"#{label or target[1:]}"
    if target.startswith("!"):
        return "@" + target[1:].partition("^")[0]
    return target.removeprefix("mailto:").removeprefix("tel:")


def _shown(text: Json) -> str:
    # A plain_text object is shown as it is written: Slack decodes nothing in it.
    return str(text["text"]) if text.get("type") == "plain_text" else mrkdwn(str(text["text"]))


def _block(block: Json) -> Iterator[str]:
    kind = block.get("type")
    if kind == "rich_text":
        yield _rich(block)
    elif kind == "markdown":
        yield str(block["text"])
    elif kind == "image":
        yield _shown(block["title"]) if block.get("title") else ""
        yield str(block["alt_text"])
    elif kind == "input":
        yield _shown(block["label"])
    elif kind == "context":
        yield " ".join(_shown(part) if "text" in part else part["alt_text"] for part in block["elements"])
    elif kind in ("section", "header"):
        yield from (_shown(text) for text in _texts(block))


def _texts(block: Json) -> Iterator[Json]:
    if block.get("text"):
        yield block["text"]
    yield from block.get("fields") or ()


def _rich(part: Json) -> str:
    kind = part.get("type")
    if kind == "text":
        return str(part.get("text", ""))
    if kind == "link":
        return str(part.get("text") or part.get("url", ""))
    if kind in ("user", "broadcast", "channel"):
        return "@" + str(part.get("user_id") or part.get("range") or part.get("channel_id"))
    if kind == "emoji":
        return f":{part.get('name')}:"
    glue = "\n" if kind in ("rich_text", "rich_text_list") else ""
    return glue.join(_rich(inner) for inner in part.get("elements") or ())
