"""Slack's form of a message and of a form in a window: blocks, views, and a locked screen's line.

Nothing that somebody wrote may act as markup. Quotes are rich text, which has none. Elsewhere `&`, `<` and
`>` are escaped, and the few signs that Slack would still read as style (`*`, `_`, `~`, a back-tick,
a `:name:` of an emoji, a `>` that begins a line) become letters that look the same. A sign inside a word
styles nothing and stays, so that an address such as `anna_berg@example.se` can be copied.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any

from bot.messages import (
    Button,
    Field,
    Fields,
    Line,
    Message,
    Paragraph,
    Part,
    Phone,
    Quote,
    Sheet,
    Span,
    Title,
)

Json = dict[str, Any]

MOST_BLOCKS = 50
MOST_SECTION = 3000
MOST_TEXT = 12_000  # over about 13,200 in all Slack answers msg_blocks_too_long; the limit is not documented
MOST_IN_ROW = 25
MOST_FALLBACK = 300
FALLBACK = "Tryggväg"  # a message that begins with a quote says nothing on a locked screen

STYLE = re.compile(r"(?<![A-Za-z0-9])[*_~]|[*_~](?![A-Za-z0-9])|`")
EMOJI = re.compile(r":(?!\d+:)(?=[\w+'-]{1,100}:)")
QUOTED = re.compile(r"^([^\S\n]*)>", re.MULTILINE)
ALIKE = str.maketrans({"*": "∗", "_": "ˍ", "~": "∼", "`": "ˋ"})
ESCAPED = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
TIGHT = str.maketrans({"&": "＆", "<": "‹", ">": "›"})


def rendered(message: Message) -> tuple[str, list[Json]]:
    """The fallback text and the blocks."""
    return fallback(message), blocks(message)


def fallback(message: Message) -> str:
    """What a notification shows and a screen reader reads."""
    line = " ".join(message.fallback.split()) or FALLBACK
    return escaped(line if len(line) <= MOST_FALLBACK else line[:MOST_FALLBACK] + "…")


def blocks(message: Message) -> list[Json]:
    """The parts, then one row of buttons a block; joined where there would be more than Slack takes."""
    found = list(_content(message.parts, tight=False))
    if len(found) + len(message.buttons) > MOST_BLOCKS or _size(found) > MOST_TEXT:
        found = list(_content(message.parts, tight=True))
    return found + _rows(message.buttons, MOST_BLOCKS - len(found))


def words(message: Message) -> str:
    """The parts as one text, for where Slack takes no blocks."""
    return "\n".join(line for part in message.parts for line in _lines(part, tight=False))


def view(sheet: Sheet, chat: str = "") -> Json:
    """The window of a form. With its token goes the direct message it came from, which Slack leaves out."""
    return {
        "type": "modal",
        "callback_id": "form",
        "private_metadata": f"{sheet.token} {chat}".rstrip(),
        "title": _plain(sheet.title, 24),
        "submit": _plain(sheet.submit, 24),
        "close": _plain(sheet.close, 24),
        "blocks": [_input(field) for field in sheet.fields],
    }


def note(title: str, close: str, text: str) -> Json:
    """A window with a text and nothing to fill in."""
    section = {"type": "section", "text": _plain(text, MOST_SECTION)}
    return {"type": "modal", "title": _plain(title, 24), "close": _plain(close, 24), "blocks": [section]}


def escaped(text: str) -> str:
    """Slack's three entities; nothing in the text is then a link or a mention."""
    return text.translate(ESCAPED)


def safe(text: str, *, tight: bool = False) -> str:
    """The text as it reads, without any power. Tight, no sign takes more room than it had."""
    text = STYLE.sub(lambda found: found[0].translate(ALIKE), text)
    text = QUOTED.sub(r"\1›", EMOJI.sub("꞉", text))
    return text.translate(TIGHT if tight else ESCAPED)


def _content(parts: Iterable[Part], *, tight: bool) -> Iterator[Json]:
    for kind, group in groupby(parts, lambda part: None if tight else type(part)):
        if kind is Quote:
            yield from (_quote(part.text) for part in group if isinstance(part, Quote) and part.text.strip())
        else:
            yield from _sections(line for part in group for line in _lines(part, tight))


def _lines(part: Part, tight: bool) -> Iterator[str]:
    match part:
        case Title(line):
            yield from (_bold(piece) for piece in _pieces(_flat(line), MOST_SECTION - 2, tight))
        case Paragraph(line):
            yield from _pieces(line, MOST_SECTION, tight)
        case Fields(rows):
            for name, line in rows:
                yield from _row(name, line, tight)
        case Quote(text):
            for line_of_it in text.splitlines():
                yield from ("&gt; " + piece for piece in _pieces((line_of_it,), MOST_SECTION - 5, tight))


def _row(name: str, line: Line, tight: bool) -> Iterator[str]:
    head = " ".join(name.split())[:200]
    start = _bold(safe(f"{head}:", tight=tight)) + " " if head else ""
    pieces = _pieces(line, MOST_SECTION - len(start), tight) or [""]
    yield start + pieces[0]
    yield from pieces[1:]


def _bold(text: str) -> str:
    return f"*{text.strip().replace('*', '∗')}*"


def _flat(line: Line) -> Line:
    """Bold does not reach over a line break."""
    return tuple(re.sub(r"\s+", " ", span) if isinstance(span, str) else span for span in line)


def _pieces(line: Line, most: int, tight: bool) -> list[str]:
    """The line as mrkdwn in pieces that fit; one piece, but for a very long line."""
    found = [""]
    for piece in (piece for span in line for piece in _slices(span, most, tight)):
        if len(found[-1]) + len(piece) > most:
            found.append("")
        found[-1] += piece
    return [piece for piece in found if piece.strip()]


def _slices(span: Span, most: int, tight: bool) -> list[str]:
    if isinstance(span, Phone):
        return [f"<tel:{span.number}|{span.national}>"]
    text = safe(span, tight=tight)
    if len(text) <= most:
        return [text]
    middle = len(span) // 2
    cut = max(span.rfind(" ", 1, middle), span.rfind("\n", 1, middle)) + 1 or middle
    return [*_slices(span[:cut], most, tight), *_slices(span[cut:], most, tight)]


def _sections(lines: Iterable[str]) -> Iterator[Json]:
    held = ""
    for line in lines:
        if held and len(held) + 1 + len(line) > MOST_SECTION:
            yield _section(held)
            held = ""
        held = f"{held}\n{line}" if held else line
    if held:
        yield _section(held)


def _section(text: str) -> Json:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text, "verbatim": True}}


def _quote(text: str) -> Json:
    words = {"type": "text", "text": text}
    return {"type": "rich_text", "elements": [{"type": "rich_text_quote", "elements": [words]}]}


def _size(found: list[Json]) -> int:
    return sum(len(block["text"]["text"]) for block in found if block["type"] == "section")


def _rows(rows: tuple[tuple[Button, ...], ...], most: int) -> list[Json]:
    numbers = iter(range(sum(len(row) for row in rows)))
    elements = [[_button(button, next(numbers)) for button in row] for row in rows]
    if len(rows) > most or any(len(row) > MOST_IN_ROW for row in rows):
        every = [element for row in elements for element in row]
        elements = [every[start : start + MOST_IN_ROW] for start in range(0, len(every), MOST_IN_ROW)]
    return [{"type": "actions", "elements": row} for row in elements if row]


def _button(button: Button, number: int) -> Json:
    shown = {"type": "button", "text": _plain(button.label, 75), "value": button.token}
    shown["action_id"] = f"{'form' if button.form else 'press'}:{number}"
    return shown | ({"style": "danger"} if button.danger else {})


def _input(field: Field) -> Json:
    block = {
        "type": "input",
        "block_id": field.key,
        "label": _plain(field.label, 2000),
        "optional": field.optional,
        "element": _menu(field) if field.options else _line_of_text(field),
    }
    return block | ({"hint": _plain(field.hint, 2000)} if field.hint else {})


def _menu(field: Field) -> Json:
    options = [{"text": _plain(label, 75), "value": value} for value, label in field.options[:100]]
    chosen = next((option for option in options if option["value"] == field.value), None)
    menu: Json = {"type": "static_select", "action_id": "answer", "options": options}
    return menu | ({"initial_option": chosen} if chosen else {})


def _line_of_text(field: Field) -> Json:
    element = {"type": "plain_text_input", "action_id": "answer", "multiline": field.long}
    return element | ({"initial_value": field.value[:3000]} if field.value else {})


def _plain(text: str, most: int) -> Json:
    shown = text if len(text) <= most else text[: most - 1] + "…"
    return {"type": "plain_text", "text": shown, "emoji": False}
