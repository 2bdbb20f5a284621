"""A message's text as the page draws it: paragraphs and quotes of stretches, some of them bold or pressable."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator
from typing import Any

from bot.playground.slack_text import mrkdwn

Json = dict[str, Any]
Block = dict[str, Any]  # {"kind": "text" | "quote", "spans": [{"text": …, "style": "" | "bold" | "link"}]}
PRESSABLE = re.compile(r"\+\d[\d ]{6,}\d|https?://[^\s]+")
MARKED = re.compile(r"<([^<>]*)>|\*([^*\n]+)\*")


def span(text: str, style: str = "") -> Json:
    """One stretch."""
    return {"text": text, "style": style}


def telegram_blocks(text: str, entities: Iterable[Json]) -> list[Block]:
    """Text with entities, whose places are in UTF-16 units."""
    raw = text.encode("utf-16-le", "surrogatepass")
    blocks: list[Block] = []
    place = 0
    for entity in sorted(entities, key=lambda entity: int(entity["offset"])):
        start, end = int(entity["offset"]), int(entity["offset"]) + int(entity["length"])
        if start < place or entity["type"] not in ("bold", "blockquote"):
            continue
        _add(blocks, "text", _linked(_cut(raw, place, start)))
        words = _cut(raw, start, end)
        if entity["type"] == "blockquote":
            _add(blocks, "quote", [span(words)])
        else:
            _add(blocks, "text", [span(words, "bold")])
        place = end
    _add(blocks, "text", _linked(_cut(raw, place, len(raw) // 2)))
    return [block for block in map(_stripped, blocks) if block["spans"]]


def slack_blocks(message_blocks: list[Json], text: str) -> list[Block]:
    """Sections, headers, contexts and quotes; the fallback text only where there are no blocks."""
    if not message_blocks:
        return [{"kind": "text", "spans": [span(mrkdwn(text))]}] if text else []
    blocks: list[Block] = []
    for block in message_blocks:
        if block["type"] == "rich_text":
            _add(blocks, "quote", [span(_rich(block))], joined=False)
        elif block["type"] in ("section", "header", "context"):
            for words in _texts(block):
                _add(blocks, "text", list(_styled(words)), joined=False)
    return blocks


def first_line(blocks: list[Block]) -> str:
    """The first line, for a reply's head or a pin."""
    whole = "".join(part["text"] for block in blocks[:1] for part in block["spans"]).strip()
    return whole.splitlines()[0] if whole else ""


def _cut(raw: bytes, start: int, end: int) -> str:
    return raw[start * 2 : end * 2].decode("utf-16-le", "replace")


def _linked(text: str) -> list[Json]:
    spans: list[Json] = []
    place = 0
    for found in PRESSABLE.finditer(text):
        spans += [span(text[place : found.start()]), span(found[0], "link")]
        place = found.end()
    spans.append(span(text[place:]))
    return [part for part in spans if part["text"]]


def _add(blocks: list[Block], kind: str, spans: list[Json], *, joined: bool = True) -> None:
    if joined and blocks and blocks[-1]["kind"] == kind == "text":
        blocks[-1]["spans"] += spans
    elif spans:
        blocks.append({"kind": kind, "spans": spans})


def _stripped(block: Block) -> Block:
    """Without the empty lines around it, which the page's own spacing stands for."""
    spans: list[Json] = [dict(part) for part in block["spans"]]
    if spans:
        spans[0]["text"] = spans[0]["text"].lstrip("\n")
        spans[-1]["text"] = spans[-1]["text"].rstrip("\n")
    return {"kind": block["kind"], "spans": [part for part in spans if part["text"]]}


def _texts(block: Json) -> Iterator[Json]:
    if block.get("text"):
        yield block["text"]
    yield from block.get("fields") or ()
    yield from (part for part in block.get("elements") or () if "text" in part)


def _styled(text: Json) -> Iterator[Json]:
    if text["type"] == "plain_text":
        yield span(text["text"])
        return
    place, words = 0, text["text"]
    for found in MARKED.finditer(words):
        yield from _bare(words[place : found.start()])
        if found[2] is None:
            target, _, label = found[1].partition("|")
            yield span(html.unescape(label or target), "link")
        else:
            yield span(mrkdwn(found[2]), "bold")
        place = found.end()
    yield from _bare(words[place:])


def _bare(text: str) -> Iterator[Json]:
    if text:
        yield span(html.unescape(text))


def _rich(part: Json) -> str:
    if part.get("type") == "text":
        return str(part.get("text", ""))
    return "".join(_rich(inner) for inner in part.get("elements") or ())
