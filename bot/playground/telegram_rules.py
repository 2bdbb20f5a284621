"""Reads and validates what the bot asks for, and refuses it in Telegram's own words.

The words are those of Telegram's published Bot API server and its library (github.com/tdlib/telegram-bot-api
and github.com/tdlib/td). Where this is stricter than Telegram, the function says so.
"""

from __future__ import annotations

import json
import re
from typing import Any

from bot.playground.telegram_model import Json, bad_request

TEXT_UNITS = 4096
CAPTION_UNITS = 1024
TOAST_CHARACTERS = 200
BUTTONS = 100
BUTTONS_PER_ROW = 8
DATA_BYTES = 64
COMMANDS = 100

INTEGER = re.compile(r"-?[0-9]{1,18}", re.ASCII)
COMMAND = re.compile(r"[a-z0-9_]{1,32}", re.ASCII)
LANGUAGE = re.compile(r"[a-z]{2}", re.ASCII)
BOT_COMMAND = re.compile(r"(?<![\w/<>])/[A-Za-z0-9_]{1,64}(?:@[A-Za-z0-9_]{3,32})?(?![\w/<>])")
WEB_URL = re.compile(r"(?:https?://)?[^\s/?#:@]+\.[^\s/?#:@]+(?:[/?#:].*)?|https?://localhost\S*", re.IGNORECASE)
TELEGRAM_URL = re.compile(r"(?:tg|ton|tonsite)://\S+", re.IGNORECASE)
SCHEME = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)

PLAIN_ENTITIES = frozenset(
    [
        "bold",
        "italic",
        "underline",
        "strikethrough",
        "spoiler",
        "code",
        "pre",
        "blockquote",
        "expandable_blockquote",
    ]
)
FOUND_ENTITIES = frozenset(
    ["mention", "hashtag", "cashtag", "bot_command", "url", "email", "phone_number", "bank_card_number"]
)
REQUIRED_FIELD = {"text_link": "url", "text_mention": "user", "custom_emoji": "custom_emoji_id"}
OTHER_BUTTONS = frozenset(
    [
        "web_app",
        "login_url",
        "switch_inline_query",
        "switch_inline_query_current_chat",
        "switch_inline_query_chosen_chat",
        "copy_text",
        "callback_game",
        "pay",
    ]
)
ACTIONS = frozenset(
    [
        "typing",
        "upload_photo",
        "record_video",
        "upload_video",
        "record_voice",
        "upload_voice",
        "upload_document",
        "choose_sticker",
        "find_location",
        "record_video_note",
        "upload_video_note",
    ]
)


def units(text: str) -> int:
    """The length in UTF-16 code units, the way Telegram counts."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def integer(params: Json, name: str, default: int = 0) -> int:
    """A whole number, from JSON or from a form; what is no number is the default, as in Telegram."""
    value = params.get(name)
    if isinstance(value, str) and INTEGER.fullmatch(value):
        value = params[name] = int(value)
    return value if type(value) is int and abs(value) < 2**63 else default


def boolean(params: Json, name: str) -> bool:
    """A yes or no, from JSON or from a form."""
    value = params.get(name)
    return value is True or (isinstance(value, str) and value.lower() in ("true", "yes", "1"))


def string(params: Json, name: str) -> str:
    """A text parameter, empty when it is missing; a number is its digits."""
    value = params.get(name, "")
    if type(value) is int:
        return str(value)
    if not isinstance(value, str):
        raise bad_request(f'field "{name}" must be of type String')
    try:
        value.encode()
    except UnicodeEncodeError:
        raise bad_request("strings must be encoded in UTF-8") from None
    return value


def structure(params: Json, name: str, complaint: str) -> Any:
    """A parameter that is JSON, or JSON inside a string; None when it is missing or empty."""
    value = params.get(name)
    if value is None or value == "":
        return None
    if isinstance(value, str):
        try:
            value = params[name] = json.loads(value)
        except (ValueError, RecursionError):
            raise bad_request(complaint) from None
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise bad_request("strings must be encoded in UTF-8") from None
    except RecursionError:
        raise bad_request(complaint) from None
    return value


def read_text(params: Json, *, too_long: str) -> tuple[str, list[Json]]:
    """The text and its entities, trimmed; `too_long` differs between sending and editing."""
    text = string(params, "text")
    if not text:
        raise bad_request("message text is empty")
    check_parse_mode(params)
    entities = read_entities(params, text)
    text, entities = trimmed(text, entities) if text != text.strip() else (text, entities)
    if not text:
        raise bad_request("text must be non-empty")
    if units(text) > TEXT_UNITS:
        raise bad_request(too_long)
    return text, entities


def read_caption(params: Json) -> tuple[str, list[Json]]:
    """A file's caption, which may be empty, and its entities."""
    text = string(params, "caption")
    check_parse_mode(params)
    entities = read_entities(params, text, "caption_entities")
    text, entities = trimmed(text, entities) if text != text.strip() else (text, entities)
    if units(text) > CAPTION_UNITS:
        raise bad_request("message caption is too long")
    return text, entities


def check_parse_mode(params: Json) -> None:
    """Refuse every parse mode: the bot marks its text with entities, so no markup language is read here."""
    mode = string(params, "parse_mode").lower()
    if mode in ("html", "markdown", "markdownv2"):
        raise bad_request("can't parse entities: the playground reads `entities` only")
    if mode and mode != "none":
        raise bad_request("unsupported parse_mode")


def read_entities(params: Json, text: str, name: str = "entities") -> list[Json]:
    """The valid entities, outermost first, at most 100.

    Stricter than Telegram: it ignores entities that are no JSON array and sends the text unmarked.
    """
    raw = structure(params, name, "can't parse entities JSON object")
    if raw is None:
        return []
    if not isinstance(raw, list):
        raise bad_request("expected an Array of MessageEntity")
    for entity in raw:
        check_entity(entity)
    entities = sorted((e for e in raw if e["length"]), key=lambda e: (e["offset"], -e["length"]))
    check_spans(text, entities)
    return entities[:100]


def check_entity(entity: Any) -> None:
    """Refuse an entity that is no object, of no known type, or that lacks what its type needs."""
    if not isinstance(entity, dict):
        raise bad_request("can't parse MessageEntity: expected an Object")
    for name in ("offset", "length"):
        if type(entity.get(name)) is not int:
            raise bad_request(f"can't parse MessageEntity: Can't find field \"{name}\"")
        if not 0 <= entity[name] <= 1_000_000:
            raise bad_request(f"receive an entity with incorrect {name} {entity[name]}")
    kind = entity.get("type")
    if not isinstance(kind, str):
        raise bad_request("can't parse MessageEntity: Can't find field \"type\"")
    if kind in PLAIN_ENTITIES or kind in FOUND_ENTITIES:
        return
    field = REQUIRED_FIELD.get(kind)
    if field is None:
        raise bad_request("can't parse MessageEntity: Unsupported type specified")
    if field not in entity:
        raise bad_request(f"can't parse MessageEntity: Can't find field \"{field}\"")
    if kind == "text_link":
        check_url(entity["url"], "entity URL")


def check_spans(text: str, entities: list[Json]) -> None:
    """Refuse an entity that begins or ends outside the text or inside a character."""
    length = units(text)
    halves = middles(text)
    for entity in entities:
        start, end = entity["offset"], entity["offset"] + entity["length"]
        if start >= length:
            raise bad_request(f"entity begins after the end of the text at UTF-16 offset {start}")
        if start in halves:
            raise bad_request(f"entity begins in a middle of a UTF-16 symbol at byte offset {halves[start]}")
        if end > length:
            raise bad_request(
                f"entity beginning at UTF-16 offset {start} ends after the end of the text at UTF-16 offset {end}"
            )
        if end in halves:
            raise bad_request(
                f"entity beginning at UTF-16 offset {start} ends in a middle of a UTF-16 symbol"
                f" at byte offset {halves[end]}"
            )


def middles(text: str) -> dict[int, int]:
    """Each UTF-16 offset that splits a character, with the byte offset after that character."""
    if text.isascii() or max(text) <= "\uffff":
        return {}
    found = {}
    unit = byte = 0
    for character in text:
        byte += len(character.encode())
        if character > "\uffff":
            found[unit + 1] = byte
            unit += 1
        unit += 1
    return found


def trimmed(text: str, entities: list[Json]) -> tuple[str, list[Json]]:
    """The text without the space around it, as Telegram stores it, and its entities moved along."""
    lead = len(text) - len(text.lstrip())
    lead = min([lead, *(entity["offset"] for entity in entities)])
    text = text[lead:].rstrip()
    end = units(text)
    moved = []
    for entity in entities:
        offset = entity["offset"] - lead
        length = min(entity["length"], end - offset)
        if length > 0:
            moved.append({**entity, "offset": offset, "length": length})
    return text, moved


def check_url(url: Any, what: str) -> None:
    """Refuse what is no web address and no tg:// link."""
    if not isinstance(url, str):
        raise bad_request(f"{what} is invalid: URL must be of type String")
    if WEB_URL.fullmatch(url) or TELEGRAM_URL.fullmatch(url):
        return
    if not url:
        raise bad_request(f"{what} '' is invalid: URL host is empty")
    reason = "Unsupported URL protocol" if SCHEME.match(url) else "Wrong HTTP URL"
    raise bad_request(f"{what} '{url}' is invalid: {reason}")


def read_markup(params: Json, *, inline_only: bool = False) -> Json | None:
    """The inline keyboard, None when there is none; other keyboards are accepted and shown nowhere."""
    markup = structure(params, "reply_markup", "can't parse reply keyboard markup JSON object")
    if markup is None:
        return None
    if not isinstance(markup, dict):
        raise bad_request("object expected as reply markup")
    rows = markup.get("inline_keyboard")
    if rows is None:
        if inline_only and markup:
            raise bad_request("inline keyboard expected")
        return None
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise bad_request('field "inline_keyboard" of the InlineKeyboardMarkup must be an Array of Arrays')
    for row in rows:
        for button in row:
            check_button(button)
    rows = [row for row in rows if row]
    check_size(rows)
    return {"inline_keyboard": rows} if rows else None


def check_size(rows: list[list[Json]]) -> None:
    """Refuse more than 100 buttons or 8 in a row.

    Telegram documents neither limit; these are python-telegram-bot's (`constants.InlineKeyboardMarkupLimit`).
    """
    if sum(map(len, rows)) > BUTTONS or any(len(row) > BUTTONS_PER_ROW for row in rows):
        raise bad_request("reply markup is too long")


def check_button(button: Any) -> None:
    """Refuse a button without text, without an action, or with an action that is too long or no link."""
    complaint = "can't parse inline keyboard button: "
    if not isinstance(button, dict):
        raise bad_request(complaint + "InlineKeyboardButton must be an Object")
    if "text" not in button:
        raise bad_request(complaint + 'Can\'t find field "text"')
    for name in ("text", "url", "callback_data"):
        if not isinstance(button.get(name, ""), str):
            raise bad_request(f'{complaint}Field "{name}" must be of type String')
    if not button["text"].strip():
        raise bad_request("inline keyboard button text must be non-empty")
    if button.get("url"):
        check_url(button["url"], "inline keyboard button URL")
    elif button.get("callback_data"):
        if len(button["callback_data"].encode()) > DATA_BYTES:
            raise bad_request("BUTTON_DATA_INVALID")
    elif OTHER_BUTTONS.isdisjoint(button):
        raise bad_request(complaint + "Text buttons are unallowed in the inline keyboard")


def read_commands(params: Json) -> list[Json]:
    """The command menu, trimmed as Telegram does."""
    raw = structure(params, "commands", "can't parse commands JSON object")
    if raw is None:
        raw = []
    if not isinstance(raw, list):
        raise bad_request("expected an Array of BotCommand")
    commands = [read_command(command) for command in raw]
    if len(commands) > COMMANDS:
        raise bad_request("BOT_COMMANDS_TOO_MUCH")
    return commands


def read_command(raw: Any) -> Json:
    """One command of the menu."""
    complaint = "can't parse BotCommand: "
    if not isinstance(raw, dict):
        raise bad_request(complaint + "expected an Object")
    for name in ("command", "description"):
        if not isinstance(raw.get(name), str):
            raise bad_request(f'{complaint}Can\'t find field "{name}"')
    name, description = raw["command"].strip().removeprefix("/"), raw["description"].strip()
    if not name:
        raise bad_request("command must be non-empty")
    if len(name) > 32:
        raise bad_request("command length must not exceed 32")
    if not description:
        raise bad_request("command description must be non-empty")
    if len(description) > 256:
        raise bad_request("command description length must not exceed 256")
    if not COMMAND.fullmatch(name):
        raise bad_request("BOT_COMMAND_INVALID")
    return {"command": name, "description": description}


def read_language(params: Json) -> str:
    """The menu's language: two letters, or empty for everybody."""
    language = string(params, "language_code")
    if language and not LANGUAGE.fullmatch(language):
        raise bad_request("invalid language code specified")
    return language


def command_entities(text: str) -> list[Json]:
    """The commands that Telegram marks in what a person writes, `/flagga@the_bot` too."""
    if "/" not in text:
        return []
    return [
        {"type": "bot_command", "offset": units(text[: found.start()]), "length": units(found.group())}
        for found in BOT_COMMAND.finditer(text)
    ]
