"""Inline mode: what people look for in any chat, and answerInlineQuery.

Of the results that Telegram knows this takes articles only. Its words are those of the Bot API server, of the
library under it, and, in capitals, of Telegram itself (https://core.telegram.org/method/messages.setInlineBotResults).
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

from bot.playground.telegram_messages import TOO_OLD, read_preview
from bot.playground.telegram_model import Json, Look, Room, Suggested, bad_request
from bot.playground.telegram_rules import (
    boolean,
    integer,
    read_markup,
    read_text,
    string,
    structure,
)
from bot.playground.telegram_world import World

RESULTS = 50
ID_BYTES = OFFSET_BYTES = PARAMETER_CHARACTERS = 64
QUERY_CHARACTERS = 256
CACHED_SECONDS = 300
# Telegram does not document how long a query can be answered; callers report "around 5-10 seconds"
# (https://github.com/eternnoir/pyTelegramBotAPI/issues/1615).
ANSWERABLE = timedelta(seconds=10)
PARAMETER = re.compile(r"[A-Za-z0-9_-]+", re.ASCII)
CHAT_TYPES = {"private": "sender", "group": "group", "supergroup": "supergroup"}  # our private chats are the bot's own


def look(world: World, card: Json, room: Room, words: str) -> Look:
    """Somebody looks for something to send in this chat, where the bot need not be."""
    assert world.inline, "the client shows nothing: the bot's inline mode is off"
    query = words[:QUERY_CHARACTERS]
    found = Look(f"{card['id']}{next(world.numbers):08d}", query, card["id"], room, world.clock())
    world.looks.append(found)
    earlier = _cached(world, found)
    if earlier is not None:
        found.answered, found.results, found.button = True, earlier.results, earlier.button
        return found
    world.look_by_id[found.id] = found
    shown = {"id": found.id, "from": card, "chat_type": CHAT_TYPES[room.kind], "query": query, "offset": ""}
    found.update_id = world.emit("inline_query", shown)
    return found


def _cached(world: World, asked: Look) -> Look | None:
    """The newest answer to the same words that Telegram still may show without asking the bot."""
    now = world.clock()
    for earlier in reversed(world.looks[:-1]):
        same = earlier.query == asked.query and (not earlier.personal or earlier.by == asked.by)
        if same and earlier.cached_until is not None and now < earlier.cached_until:
            return earlier
    return None


def answer_inline_query(world: World, params: Json) -> bool:
    """https://core.telegram.org/bots/api#answerinlinequery; here a query is answered once."""
    results, button = read_results(params), read_button(params)
    seconds = integer(params, "cache_time", CACHED_SECONDS)
    if len(string(params, "next_offset").encode()) > OFFSET_BYTES:
        raise bad_request("NEXT_OFFSET_INVALID")
    if not world.inline:
        raise bad_request("USER_BOT_INVALID")
    asked = world.look_by_id.get(string(params, "inline_query_id"))
    if asked is None or asked.answered or world.clock() - asked.at > ANSWERABLE:
        raise bad_request(TOO_OLD)
    asked.answered, asked.results, asked.button = True, results, button
    asked.personal, asked.cached_until = boolean(params, "is_personal"), world.clock() + timedelta(seconds=seconds)
    return True


def read_results(params: Json) -> list[Suggested]:
    """The results, none when there are none; one that cannot be used refuses them all."""
    raw = structure(params, "results", "can't parse JSON encoded inline query results")
    if raw is None:
        return []
    if not isinstance(raw, list):
        raise bad_request("expected an Array of inline query results")
    found = [read_result(one) for one in raw]
    if len(found) > RESULTS:
        raise bad_request("RESULTS_TOO_MUCH")
    if len({one.id for one in found}) < len(found):
        raise bad_request("RESULT_ID_DUPLICATE")
    return found


def read_result(raw: Any) -> Suggested:
    """One article."""
    complaint = "can't parse InlineQueryResult: "
    if not isinstance(raw, dict):
        raise bad_request(complaint + "Inline query result must be an object")
    for name in ("type", "id", "title"):
        if not isinstance(raw.get(name), str):
            raise bad_request(f'{complaint}Can\'t find field "{name}"')
    if raw["type"] != "article":
        raise bad_request(f'{complaint}type "{raw["type"]}" is unsupported for the inline query result')
    content = raw.get("input_message_content")
    if not isinstance(content, dict):
        raise bad_request(complaint + "Input message content is not specified")
    said = {"text": content.get("message_text", ""), "entities": content.get("entities")}
    text, entities = read_text({**said, "parse_mode": content.get("parse_mode", "")}, too_long="MESSAGE_TOO_LONG")
    read_preview(content)
    markup = read_markup(raw, inline_only=True)
    if not 0 < len(raw["id"].encode()) <= ID_BYTES:
        raise bad_request("RESULT_ID_INVALID")
    if not raw["title"].strip():
        raise bad_request("ARTICLE_TITLE_EMPTY")
    return Suggested(raw["id"], raw["title"], string(raw, "description"), text, entities, markup)


def read_button(params: Json) -> tuple[str, str] | None:
    """The button above the results: its text, and what opening the private chat by it hands to the bot."""
    raw = structure(params, "button", "can't parse inline query results button JSON object")
    if raw is None:
        return None
    if not isinstance(raw, dict):
        raise bad_request("InlineQueryResultsButton must be an Object")
    if not string(raw, "text").strip():
        raise bad_request("SWITCH_PM_TEXT_EMPTY")
    if "start_parameter" not in raw or "web_app" in raw:  # a web app is of no use to this project
        raise bad_request("InlineQueryResultsButton must have exactly one optional field")
    parameter = string(raw, "start_parameter")
    if not parameter:
        raise bad_request("can't use empty start_parameter")
    if len(parameter) > PARAMETER_CHARACTERS:
        raise bad_request("too long start_parameter specified")
    if not PARAMETER.fullmatch(parameter):
        raise bad_request("unallowed characters in start_parameter are used")
    return raw["text"], parameter


def chosen(world: World, found: Look, title: str) -> Json:
    """What the message of a chosen result has beside its text, and the text under "text"."""
    for result in found.results:
        if result.title == title:
            shown: Json = {"text": result.text, "via_bot": world.bot}
            shown |= {"entities": result.entities} if result.entities else {}
            return shown | ({"reply_markup": result.markup} if result.markup else {})
    raise AssertionError(f"no suggestion {title!r} to choose; there are {[one.title for one in found.results]}")
