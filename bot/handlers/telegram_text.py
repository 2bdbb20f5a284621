"""A message as Telegram takes it: text with entities beside it, so that nothing in it is read as markup."""

from __future__ import annotations

from typing import NamedTuple

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, MessageEntity

from bot.messages import Button, Fields, Line, Message, Paragraph, Part, Quote, Title, units

TOKEN_BYTES = 64


class Rendered(NamedTuple):
    """What `sendMessage` wants, in its own words."""

    text: str
    entities: list[MessageEntity]
    markup: InlineKeyboardMarkup | None


class Piece(NamedTuple):
    """A stretch of text and the entity that covers it, if any."""

    text: str
    entity: str = ""


def render(message: Message) -> Rendered:
    """The message as Telegram takes it."""
    pieces: list[Piece] = []
    for place, part in enumerate(message.parts):
        if place:
            pieces.append(Piece(between(message.parts[place - 1], part)))
        pieces.extend(part_pieces(part))
    text, entities = joined(pieces)
    return Rendered(text, entities, keyboard(message.buttons))


def between(above: Part, below: Part) -> str:
    """A title and a quote stand by themselves; everything else follows on the next line."""
    alone = Title | Quote
    return "\n\n" if isinstance(above, alone) or isinstance(below, alone) else "\n"


def part_pieces(part: Part) -> list[Piece]:
    """One part in stretches of text."""
    match part:
        case Title(line):
            return [Piece(words(line), MessageEntity.BOLD)]
        case Paragraph(line):
            return [Piece(words(line))]
        case Quote(text):
            return [Piece(clean(text), MessageEntity.BLOCKQUOTE)]
        case Fields(rows):
            return [
                piece
                for place, (name, line) in enumerate(rows)
                for piece in (
                    Piece("\n" if place else ""),
                    Piece(clean(name), MessageEntity.BOLD),
                    Piece(f": {words(line)}"),
                )
            ]


def words(line: Line) -> str:
    """The line's text. Telegram's apps make a number pressable only if it begins with the country's code."""
    return "".join(clean(span) if isinstance(span, str) else span.international for span in line)


def clean(text: str) -> str:
    """The text without halves of UTF-16 pairs, which neither Telegram nor a database takes."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def joined(pieces: list[Piece]) -> tuple[str, list[MessageEntity]]:
    """The whole text, and the entities at their places in UTF-16 units."""
    entities: list[MessageEntity] = []
    place = 0
    for text, entity in pieces:
        length = units(text)
        if entity and length:
            entities.append(MessageEntity(entity, place, length))
        place += length
    return "".join(piece.text for piece in pieces), entities


def keyboard(rows: tuple[tuple[Button, ...], ...]) -> InlineKeyboardMarkup | None:
    """The buttons. Telegram has no windows, so those that open a form are left out."""
    kept = [[button for button in row if not button.form] for row in rows]
    drawn = [[drawn_button(button) for button in row] for row in kept if row]
    return InlineKeyboardMarkup(drawn) if drawn else None


def drawn_button(button: Button) -> InlineKeyboardButton:
    """One button; its token is ours, so a long one is a mistake of ours."""
    assert len(button.token.encode()) <= TOKEN_BYTES, "a token is longer than Telegram carries"
    return InlineKeyboardButton(button.label, callback_data=button.token)
