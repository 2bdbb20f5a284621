"""What each person has on the screen now, as plain values for the page."""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import cache
from typing import Any

from bot.catalogue import Catalogue
from bot.playground.page.cast import Chair
from bot.playground.page.words import first_line, slack_blocks, span, telegram_blocks
from bot.playground.seat import SharedSeat
from bot.playground.slack_model import Conversation, Modal
from bot.playground.slack_model import Sent as SlackSent
from bot.playground.slack_people import Channel
from bot.playground.slack_people import Human as SlackHuman
from bot.playground.slack_text import buttons, choices, mrkdwn
from bot.playground.telegram_model import Heard, Room
from bot.playground.telegram_model import Sent as TelegramSent
from bot.playground.telegram_people import Group
from bot.playground.telegram_people import Human as TelegramHuman
from bot.services.menus import COMMANDS

Json = dict[str, Any]
MOST = 80  # messages of one conversation; older ones have scrolled away


def chair_view(chair: Chair, language: str) -> Json:
    """One seat: its conversations, and what lies on top of them."""
    human = chair.seat.human
    shown: Json = {"key": chair.key, "language": language, "modal": None, "toast": None, "late": 0, "look": None}
    if isinstance(human, TelegramHuman):
        return shown | _telegram(chair, human)
    assert isinstance(human, SlackHuman)
    return shown | _slack(chair, human) | {"commands": _slack_commands(language)}


def files(human: Any, message: Any) -> list[Any]:
    """The files of a message that still are there, on either platform: name, media and content."""
    if isinstance(human, SlackHuman):
        return [file for file in message.files if file.content is not None]
    if isinstance(message, TelegramSent):
        return [message.file] if message.file is not None else []
    shown = message.shown
    cards = [shown[kind] for kind in ("document", "voice", "audio", "video") if kind in shown]
    cards += shown.get("photo", [])[-1:]  # the largest is the last
    stored = [human.shelf.by_id.get(card["file_id"]) for card in cards]
    return [one.file for one in stored if one is not None]


def find(chair: Chair, chat: str, number: str) -> Any:
    """The message with this id on the person's screen. Raises LookupError."""
    human = chair.seat.human
    found: Any
    if isinstance(human, TelegramHuman):
        found = room(chair, chat).by_id.get(int(number)) if number.isdigit() else None
    else:
        found = _conversation(chair, chat).by_ts.get(number)
    if found is None or found.deleted:
        raise LookupError("there is no such message")
    return found


def _conversation(chair: Chair, chat: str) -> Conversation:
    human = chair.seat.human
    own = human.space.dm(human.account)
    for conversation in (own, *(place.native.conversation for place in chair.places)):
        if conversation.id == chat or (not chat and conversation is own):
            found: Conversation = conversation
            return found
    raise LookupError("there is no such conversation")


def channel(chair: Chair, chat: str) -> Channel | None:
    """The channel with this id, None for the direct message with the bot. Raises LookupError."""
    found = _conversation(chair, chat)
    return next((place.native for place in chair.places if place.native.id == found.id), None)


# Telegram


def group(chair: Chair, chat: str) -> Group | None:
    """The group with this id, None for the chat with the bot. Raises LookupError."""
    for place in chair.places if chat else ():
        if isinstance(place.native, Group) and str(place.native.id) == chat:
            return place.native
    if chat:
        raise LookupError("there is no such conversation")
    return None


def room(chair: Chair, chat: str) -> Room:
    """A group's, or that of the chat with the bot. Raises LookupError."""
    there = group(chair, chat)
    found: Room = there.room if there is not None else chair.seat.human.room
    return found


def _telegram(chair: Chair, human: TelegramHuman) -> Json:
    mine = [press for press in human.world.presses if press.id.startswith(str(human.id)) and press.toast]
    toast = {"id": mine[-1].id, "text": mine[-1].toast} if mine else None
    groups = [place.native for place in chair.places if isinstance(place.native, Group)]
    chats = [_telegram_chat(human, human.room, ""), *(_telegram_chat(human, g.room, str(g.id)) for g in groups)]
    shown = {"open": human.room.opened, "chats": chats, "toast": toast, "commands": _telegram_commands(human)}
    return shown | {"bot": human.world.bot["username"], "look": _look(human)}


def _telegram_chat(human: TelegramHuman, room: Room, chat: str) -> Json:
    last = list(room.by_id.values())[-MOST:]
    messages = [_telegram_message(human, room, message) for message in last if not message.deleted]
    shown = [message for message in messages if message["blocks"] or message["files"]]
    return {"id": chat, "title": room.card["title"] if chat else "", "messages": shown}


def _look(human: TelegramHuman) -> Json | None:
    """The newest look for something to send, with its list once that is there."""
    mine = next((look for look in reversed(human.world.looks) if look.by == human.id), None)
    if mine is None:
        return None
    chat = "" if mine.room is human.room else str(mine.room.id)
    found = [{"title": result.title, "about": result.about} for result in mine.results]
    button = mine.button[0] if mine.button else ""
    return {
        "id": mine.id, "chat": chat, "words": mine.query, "answered": mine.answered, "found": found, "button": button,
    }  # fmt: skip


def _telegram_message(human: TelegramHuman, room: Room, message: TelegramSent | Heard) -> Json:
    entities = message.entities if isinstance(message, TelegramSent) else message.shown.get("entities", ())
    blocks = telegram_blocks(message.text, entities)
    if place := message.shown.get("location"):
        blocks.append({"kind": "text", "spans": [span(f"◎ {place['latitude']}, {place['longitude']}", "link")]})
    mine = isinstance(message, Heard) and message.by == human.id
    shown = _message(str(message.message_id), mine, message.at, blocks)
    if isinstance(message, Heard) and not mine:
        shown |= {"bot": False, "who": human.world.people[message.by]["first_name"]}
    shown["via"] = message.shown.get("via_bot", {}).get("username", "")
    shown |= {"files": _files(human, message), "pinned": message.pinned}
    if isinstance(message, TelegramSent):
        shown["edited"] = message.edited
        shown["buttons"] = [[_button(button.text) for button in row] for row in message.buttons]
        replied = room.find(message.reply_to) if message.reply_to else None
        shown["reply"] = replied.text.splitlines()[0] if replied and replied.text else ""
    return shown


def _telegram_commands(human: TelegramHuman) -> list[Json]:
    """The menu that the bot has set for this chat, or else for all private ones."""
    menus = {scope: commands for (scope, language), commands in human.world.commands.items() if not language}
    own = [commands for scope, commands in menus.items() if _is_for(scope, human.id)]
    found = [*own, menus.get("all_private_chats"), menus.get("default"), []]
    shown = next(commands for commands in found if commands is not None)
    return [{"name": command["command"], "about": command["description"]} for command in shown]


def _is_for(scope: str, person: int) -> bool:
    read = json.loads(scope) if scope.startswith("{") else {}
    return read.get("type") == "chat" and str(read.get("chat_id")) == str(person)


# Slack


def _slack(chair: Chair, human: SlackHuman) -> Json:
    own = human.space.dm(human.account)
    places = [_place(human, place) for place in chair.places]
    late = [delivery for delivery in human.space.sockets.timeouts if _sender(delivery.payload) == human.id]
    return {
        "open": True,
        "chats": [{"id": own.id, "title": "", "messages": _slack_messages(human, own)}, *places],
        "modal": _modal(human.modal) if human.modal else None,
        "late": len(late),
    }


@cache
def _slack_commands(language: str) -> list[Json]:
    """The app's, for everybody, by the names of one language."""
    texts = Catalogue().texts(language)
    names = [(one.swedish if language == "sv" else one.english, one.english) for one in COMMANDS]
    return [{"name": name, "about": texts[f"menus.{english}"]} for name, english in names]


def _sender(payload: Json) -> str:
    user = payload.get("user")
    return str(user.get("id")) if isinstance(user, dict) else str(payload.get("user_id", ""))


def _place(human: SlackHuman, place: SharedSeat) -> Json:
    conversation: Conversation = place.native.conversation
    return {"id": conversation.id, "title": conversation.name, "messages": _slack_messages(human, conversation)}


def _slack_messages(human: SlackHuman, conversation: Conversation) -> list[Json]:
    seen: Iterable[SlackSent] = (m for m in conversation.by_ts.values() if m.to in (None, human.id) and not m.deleted)
    return [_slack_message(human, message, conversation) for message in list(seen)[-MOST:]]


def _slack_message(human: SlackHuman, message: SlackSent, conversation: Conversation) -> Json:
    blocks = slack_blocks(message.blocks, message.text)
    blocks += [{"kind": "quote", "spans": [span(mrkdwn(str(other.get("text", ""))))]} for other in message.quoted]
    shown = _message(message.ts, message.author == human.id, message.at, blocks)
    thread = conversation.by_ts.get(message.thread_ts or "")
    bot = message.author == human.space.bot.id
    return shown | {
        "who": "" if bot else human.space.accounts[message.author].name,
        "bot": bot,
        "edited": message.edited,
        "pinned": message.pinned,
        "only": message.ephemeral,
        "files": _files(human, message),
        "buttons": _slack_rows(message.blocks),
        "reply": first_line(slack_blocks(thread.blocks, thread.text)) if thread else "",
    }


def _slack_rows(blocks: list[Json]) -> list[list[Json]]:
    rows: list[list[Json]] = []
    last: Json | None = None
    for block, element in buttons(blocks):
        if block is not last:
            rows.append([])
            last = block
        rows[-1].append(_button(element["text"]["text"], str(element.get("style", ""))))
    return rows


def _modal(modal: Modal) -> Json:
    raw = modal.raw
    return {
        "id": modal.id,
        "hash": modal.hash,
        "title": modal.title,
        "submit": raw["submit"]["text"] if raw.get("submit") else "",
        "close": raw["close"]["text"] if raw.get("close") else "",
        "blocks": slack_blocks(modal.blocks, ""),
        "fields": [_field(modal, block) for block in modal.fields],
    }


def _field(modal: Modal, block: Json) -> Json:
    element, label = block["element"], block["label"]["text"]
    options = [option["text"]["text"] for option in choices(element)]
    chosen = element.get("initial_option")
    return {
        "label": label,
        "hint": block["hint"]["text"] if block.get("hint") else "",
        "optional": bool(block.get("optional")),
        "options": options,
        "long": bool(element.get("multiline")),
        "value": chosen["text"]["text"] if chosen else str(element.get("initial_value") or ""),
        "error": modal.errors.get(label, ""),
    }


# Both


def _message(number: str, mine: bool, at: Any, blocks: list[Json]) -> Json:
    return {
        "id": number, "mine": mine, "bot": not mine, "who": "", "at": at.timestamp(), "blocks": blocks, "buttons": [],
        "files": [], "edited": 0, "pinned": False, "only": False, "reply": "",
        "via": "",
    }  # fmt: skip


def _button(label: str, style: str = "") -> Json:
    return {"label": label, "style": style}


def _files(human: Any, message: Any) -> list[Json]:
    return [_file(file) for file in files(human, message)]


def _file(file: Any) -> Json:
    """A file; of a picture also what it shows, where its sender said so."""
    alt = getattr(file, "alt", "")
    return {"name": file.name, "media": file.media, "size": len(file.content), **({"alt": alt} if alt else {})}
