"""An outgoing message, neutral of platform: parts and buttons. Adapters render it; nothing here is markup."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import phonenumbers

# A message longer than this is sent as several (UTF-16 units, as Telegram counts; its limit is 4096, and a
# title added at a repeat, "upprepat", must still fit).
LONGEST = 3500


@dataclass(frozen=True)
class Phone:
    """A number that can be pressed where the platform allows it: E.164, or a short number such as 112."""

    number: str

    @property
    def national(self) -> str:
        """As Swedes write it: 08-465 004 10, 114 14."""
        if not self.number.startswith("+"):
            return "114 14" if self.number == "11414" else self.number
        parsed = phonenumbers.parse(self.number)
        style = phonenumbers.PhoneNumberFormat
        form = style.NATIONAL if parsed.country_code == 46 else style.INTERNATIONAL
        return phonenumbers.format_number(parsed, form)

    @property
    def international(self) -> str:
        """With the country code, which Telegram's apps need to make a number pressable."""
        if not self.number.startswith("+"):
            return self.national
        parsed = phonenumbers.parse(self.number)
        return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


class Words(str):
    """A span that somebody wrote, so that it can be told from the catalogue's own."""

    __slots__ = ()


Span = str | Phone
Line = tuple[Span, ...]


def plain(line: Line) -> str:
    """The line as bare text."""
    return "".join(span if isinstance(span, str) else span.national for span in line)


@dataclass(frozen=True)
class Title:
    """The first line: what to do or know now."""

    line: Line


@dataclass(frozen=True)
class Paragraph:
    """One thought."""

    line: Line


@dataclass(frozen=True)
class Fields:
    """Named facts, most important first."""

    rows: tuple[tuple[str, Line], ...]


@dataclass(frozen=True)
class Quote:
    """Words that somebody wrote: never read as markup."""

    text: str


Part = Title | Paragraph | Fields | Quote


@dataclass(frozen=True)
class Button:
    """A press; `form` opens the form as a window, and is left out where a platform has none."""

    label: str
    token: str
    form: bool = False
    danger: bool = False


@dataclass(frozen=True)
class Message:
    """Parts and rows of buttons; `notice` is what a locked screen may show (else the first part is harmless)."""

    parts: tuple[Part, ...]
    buttons: tuple[tuple[Button, ...], ...] = ()
    notice: Line = ()

    @property
    def fallback(self) -> str:
        """One line for notifications and screen readers."""
        if self.notice:
            return plain(self.notice)
        first = self.parts[0]
        return plain(first.line) if isinstance(first, Title | Paragraph) else ""


@dataclass(frozen=True)
class Field:
    """One question of a form in a window."""

    key: str
    label: str
    options: tuple[tuple[str, str], ...] = ()
    optional: bool = False
    value: str = ""
    hint: str = ""
    long: bool = False


@dataclass(frozen=True)
class Sheet:
    """A form in a window; `token` comes back with what was filled in."""

    title: str
    submit: str
    close: str
    token: str
    fields: tuple[Field, ...]


def units(text: str) -> int:
    """The length as Telegram counts it, in UTF-16 units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def part_text(part: Part) -> str:
    """The words of one part, as bare text."""
    match part:
        case Title(line) | Paragraph(line):
            return plain(line)
        case Fields(rows):
            return "\n".join(f"{name}: {plain(line)}" for name, line in rows)
        case Quote(text):
            return text


def clip(text: str, most: int) -> str:
    """The beginning of a text for a card that must not split; the whole stays behind a button."""
    if units(text) <= most:
        return text
    room = 2 * max(most - 2, 0)  # bytes; what is left of a pair that the cut went through is dropped
    return text.encode("utf-16-le", "surrogatepass")[:room].decode("utf-16-le", "ignore").rstrip() + " …"


def pieces(text: str, most: int = LONGEST) -> list[str]:
    """The text in pieces of at most `most` UTF-16 units, cut at white space where there is any."""
    found: list[str] = []
    rest = text
    while units(rest) > most:
        cut = most if units(rest[:most]) <= most else most // 2
        space = max(rest.rfind(" ", cut // 2, cut), rest.rfind("\n", cut // 2, cut))
        cut = space + 1 if space > 0 else cut
        found.append(rest[:cut])
        rest = rest[cut:]
    return [*found, rest]


def split(message: Message, most: int = LONGEST) -> list[Message]:
    """The message as one or several that fit every platform; the buttons follow the last. Nothing is cut."""
    groups: list[list[Part]] = [[]]
    size = 0
    for part in [small for whole in message.parts for small in _small(whole, most)]:
        length = units(part_text(part)) + 2
        if groups[-1] and size + length > most:
            groups.append([])
            size = 0
        groups[-1].append(part)
        size += length
    messages = [Message(tuple(group), notice=message.notice) for group in groups]
    return [*messages[:-1], replace(messages[-1], buttons=message.buttons)]


def _small(part: Part, most: int) -> list[Part]:
    if units(part_text(part)) + 2 <= most:
        return [part]
    match part:
        case Quote(text):
            return [Quote(piece) for piece in pieces(text, most - 2)]
        case Fields(rows):
            return [small for row in rows for small in _small_row(row, most)]
        case _:
            return [Paragraph((_like(piece, part.line),)) for piece in pieces(part_text(part), most - 2)]


def _small_row(row: tuple[str, Line], most: int) -> list[Part]:
    name, line = row
    if units(name) + units(plain(line)) + 4 <= most:
        return [Fields((row,))]
    return [Fields(((name, (_like(piece, line),)),)) for piece in pieces(plain(line), most - units(name) - 4)]


def _like(piece: str, line: Line) -> str:
    """A piece of a line is somebody's words where any of the line is."""
    return Words(piece) if any(isinstance(span, Words) for span in line) else piece


def to_json(message: Message) -> dict[str, Any]:
    """Plain values for the outbox."""
    return {
        "parts": [_part_json(part) for part in message.parts],
        "buttons": [[_button_json(button) for button in row] for row in message.buttons],
        "notice": _line_json(message.notice),
    }


def from_json(data: dict[str, Any]) -> Message:
    """The message that `to_json` wrote down."""
    return Message(
        tuple(_part(part) for part in data["parts"]),
        tuple(tuple(_button(button) for button in row) for row in data["buttons"]),
        _line(data["notice"]),
    )


def _line_json(line: Line) -> list[Any]:
    return [_span_json(span) for span in line]


def _line(data: list[Any]) -> Line:
    return tuple(span if isinstance(span, str) else _span(span) for span in data)


def _span_json(span: Span) -> Any:
    if isinstance(span, Phone):
        return {"tel": span.number}
    return {"said": str(span)} if isinstance(span, Words) else span


def _span(data: dict[str, str]) -> Span:
    return Phone(data["tel"]) if "tel" in data else Words(data["said"])


def _button_json(button: Button) -> dict[str, Any]:
    data: dict[str, Any] = {"label": _span_json(button.label), "token": button.token}
    return data | {name: True for name in ("form", "danger") if getattr(button, name)}


def _button(data: dict[str, Any]) -> Button:
    return Button(**{**data, "label": _name(data["label"])})


def _name(data: Any) -> str:
    """A label or a field's name: somebody's words stay known as such."""
    return data if isinstance(data, str) else Words(data["said"])


def _part_json(part: Part) -> list[Any]:
    match part:
        case Title(line):
            return ["title", _line_json(line)]
        case Paragraph(line):
            return ["paragraph", _line_json(line)]
        case Fields(rows):
            return ["fields", [[_span_json(name), _line_json(line)] for name, line in rows]]
        case Quote(text):
            return ["quote", text]


def _part(data: list[Any]) -> Part:
    kind, value = data
    match kind:
        case "title":
            return Title(_line(value))
        case "paragraph":
            return Paragraph(_line(value))
        case "fields":
            return Fields(tuple((_name(name), _line(line)) for name, line in value))
        case _:
            return Quote(value)
