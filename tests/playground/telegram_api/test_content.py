"""Telegram refuses texts, entities and keyboards that it cannot show.

Words of the "Bot API server" are in its published source (github.com/tdlib/telegram-bot-api),
those of "td" in the library under it (github.com/tdlib/td).
"""

from __future__ import annotations

from typing import Any

import pytest

from bot.playground.telegram import Human
from tests.playground.telegram_api.tools import Call, Json, button, keyboard, sent, why

# Text


@pytest.mark.parametrize("text", [{}, {"text": ""}])
async def test_an_empty_text_is_refused(call: Call, alva: Human, text: Json) -> None:
    """https://core.telegram.org/bots/api#sendmessage: "1-4096 characters"; Bot API server:
    "Message text is empty"."""
    assert await why(call, "sendMessage", chat_id=alva.id, **text) == "message text is empty"
    assert alva.messages == []


async def test_a_text_of_spaces_is_refused(call: Call, alva: Human) -> None:
    """Bot API server's library (MessageEntity.cpp):
    "Text must be non-empty" once the space around it is off."""
    assert await why(call, "sendMessage", chat_id=alva.id, text=" \n ") == "text must be non-empty"


async def test_a_text_is_measured_in_utf_16(call: Call, alva: Human) -> None:
    """https://core.telegram.org/bots/api#sendmessage: "1-4096 characters after entities parsing"."""
    await sent(call, alva, "😀" * 2048)
    too_long = await why(call, "sendMessage", chat_id=alva.id, text="😀" * 2048 + "a")
    assert too_long == "message is too long"
    assert len(alva.messages) == 1


async def test_the_space_around_a_text_does_not_count(call: Call, alva: Human) -> None:
    """Bot API server's library trims text: the 4096 are what is left, and entities move along."""
    bold = {"type": "bold", "offset": 2, "length": 9}
    message = await sent(call, alva, "  " + "a" * 4096 + "  ", entities=[bold])
    assert (len(message.text), message.entities) == (4096, [{"type": "bold", "offset": 0, "length": 9}])


async def test_an_edit_to_a_too_long_text_has_another_description(call: Call, alva: Human) -> None:
    """https://github.com/teloxide/teloxide/issues/430: editing answers "Bad Request: MESSAGE_TOO_LONG"."""
    message = await sent(call, alva)
    edit = {"chat_id": alva.id, "message_id": message.message_id, "text": "a" * 4097}
    assert await why(call, "editMessageText", **edit) == "MESSAGE_TOO_LONG"
    assert message.text == "hej"


async def test_an_unknown_parse_mode_is_refused(call: Call, alva: Human) -> None:
    """https://core.telegram.org/bots/api#formatting-options; Bot API server: "Unsupported parse_mode"."""
    assert await why(call, "sendMessage", chat_id=alva.id, text="a", parse_mode="RTF") == "unsupported parse_mode"


async def test_markup_languages_are_not_read(call: Call, alva: Human) -> None:
    """https://core.telegram.org/bots/api#formatting-options: errors start "can't parse entities";
    all are refused."""
    assert "can't parse entities" in await why(call, "sendMessage", chat_id=alva.id, text="a", parse_mode="HTML")


async def test_half_a_character_is_refused(call: Call, alva: Human) -> None:
    """https://core.telegram.org/bots/api#making-requests: "All queries must be made using UTF-8"."""
    reason = await why(call, "sendMessage", chat_id=alva.id, text="hej \ud83d")
    assert reason == "strings must be encoded in UTF-8"


# Entities


@pytest.mark.parametrize(
    ("entity", "reason"),
    [
        ({"offset": 5, "length": 1}, "entity begins after the end of the text at UTF-16 offset 5"),
        (
            {"offset": 1, "length": 9},
            "entity beginning at UTF-16 offset 1 ends after the end of the text at UTF-16 offset 10",
        ),
        ({"offset": -1, "length": 1}, "receive an entity with incorrect offset -1"),
        ({"offset": 0, "length": -1}, "receive an entity with incorrect length -1"),
        ({"offset": 2, "length": 1}, "entity begins in a middle of a UTF-16 symbol at byte offset 5"),
        (
            {"offset": 0, "length": 2},
            "entity beginning at UTF-16 offset 0 ends in a middle of a UTF-16 symbol at byte offset 5",
        ),
        ({"offset": "a", "length": 1}, "can't parse MessageEntity: Can't find field \"offset\""),
    ],
)
async def test_an_entity_outside_the_text_is_refused(call: Call, alva: Human, entity: Json, reason: str) -> None:
    """https://core.telegram.org/bots/api#messageentity: offsets "in UTF-16 code units";
    td, MessageEntity.cpp."""
    given = [{"type": "bold", **entity}]
    assert await why(call, "sendMessage", chat_id=alva.id, text="a😀bc", entities=given) == reason


async def test_the_same_span_within_the_text_is_accepted(call: Call, alva: Human) -> None:
    """https://core.telegram.org/bots/api#messageentity: the emoji is two units wide."""
    message = await sent(call, alva, "a😀bc", entities=[{"type": "bold", "offset": 1, "length": 2}])
    assert message.entities == [{"type": "bold", "offset": 1, "length": 2}]


@pytest.mark.parametrize(
    ("entity", "reason"),
    [
        ({"type": "blinking"}, "can't parse MessageEntity: Unsupported type specified"),
        ({}, "can't parse MessageEntity: Can't find field \"type\""),
        ({"type": "text_link"}, "can't parse MessageEntity: Can't find field \"url\""),
        ({"type": "text_link", "url": ""}, "entity URL '' is invalid: URL host is empty"),
        ({"type": "text_link", "url": "nowhere"}, "entity URL 'nowhere' is invalid: Wrong HTTP URL"),
    ],
)
async def test_an_entity_of_no_use_is_refused(call: Call, alva: Human, entity: Json, reason: str) -> None:
    """https://core.telegram.org/bots/api#messageentity; Bot API server: get_text_entity."""
    given = [{"offset": 0, "length": 1, **entity}]
    assert await why(call, "sendMessage", chat_id=alva.id, text="hej", entities=given) == reason


@pytest.mark.parametrize("entities", ["{", "{}", [3]])
async def test_entities_that_are_no_list_are_refused(call: Call, alva: Human, entities: Any) -> None:
    """https://core.telegram.org/bots/api#sendmessage: "A JSON-serialized list";
    Telegram ignores some of these."""
    reason = await why(call, "sendMessage", chat_id=alva.id, text="hej", entities=entities)
    assert "MessageEntity" in reason or "can't parse entities" in reason


# Keyboards


@pytest.mark.parametrize("data", ["x" * 65, "å" * 33])
async def test_callback_data_over_64_bytes_is_refused(call: Call, alva: Human, data: str) -> None:
    """https://core.telegram.org/bots/api#inlinekeyboardbutton: "1-64 bytes"; "Bad Request:
    BUTTON_DATA_INVALID"."""
    markup = keyboard([button(callback_data=data)])
    assert await why(call, "sendMessage", chat_id=alva.id, text="a", reply_markup=markup) == "BUTTON_DATA_INVALID"


async def test_callback_data_of_64_bytes_is_accepted(call: Call, alva: Human) -> None:
    """https://core.telegram.org/bots/api#inlinekeyboardbutton: "1-64 bytes"."""
    message = await sent(call, alva, reply_markup=keyboard([button(callback_data="å" * 32)]))
    assert message.buttons[0][0].data == "å" * 32


@pytest.mark.parametrize("action", [{"callback_data": ""}, {"url": ""}, {"colour": "red"}])
async def test_a_button_that_does_nothing_is_refused(call: Call, alva: Human, action: Json) -> None:
    """https://core.telegram.org/bots/api#inlinekeyboardbutton: exactly one action;
    words of the Bot API server."""
    reason = await why(call, "sendMessage", chat_id=alva.id, text="a", reply_markup=keyboard([button(**action)]))
    unallowed = "Text buttons are unallowed in the inline keyboard"
    assert reason == f"can't parse inline keyboard button: {unallowed}"


async def test_a_button_without_words_is_refused(call: Call, alva: Human) -> None:
    """https://core.telegram.org/bots/api#inlinekeyboardbutton; td, InlineKeyboardButton.cpp."""
    markup = keyboard([button("")])
    reason = await why(call, "sendMessage", chat_id=alva.id, text="a", reply_markup=markup)
    assert reason == "inline keyboard button text must be non-empty"


async def test_a_button_to_no_web_page_is_refused(call: Call, alva: Human) -> None:
    """https://core.telegram.org/bots/api#inlinekeyboardbutton: "HTTP or tg:// URL";
    td, InlineKeyboardButton.cpp."""
    for url, reason in [("nowhere", "Wrong HTTP URL"), ("ftp://example.com", "Unsupported URL protocol")]:
        markup = keyboard([button(url=url)])
        refused = await why(call, "sendMessage", chat_id=alva.id, text="a", reply_markup=markup)
        assert refused == f"inline keyboard button URL '{url}' is invalid: {reason}"


@pytest.mark.parametrize("rows", [[[button()] * 8] * 12 + [[button()] * 5], [[button()] * 9]])
async def test_too_many_buttons_are_refused(call: Call, alva: Human, rows: list[list[Json]]) -> None:
    """python-telegram-bot's `InlineKeyboardMarkupLimit`: 100 and 8 a row; Bot API server:
    REPLY_MARKUP_TOO_LONG."""
    markup = keyboard(*rows)
    reason = await why(call, "sendMessage", chat_id=alva.id, text="a", reply_markup=markup)
    assert reason == "reply markup is too long"


async def test_a_hundred_buttons_are_accepted(call: Call, alva: Human) -> None:
    """python-telegram-bot's `InlineKeyboardMarkupLimit`: 100 and 8 a row."""
    message = await sent(call, alva, reply_markup=keyboard(*[[button()] * 8] * 12, [button()] * 4))
    assert len(message.labels) == 100


@pytest.mark.parametrize(
    ("markup", "reason"),
    [
        ("{", "can't parse reply keyboard markup JSON object"),
        ("[]", "object expected as reply markup"),
        (
            {"inline_keyboard": [3]},
            'field "inline_keyboard" of the InlineKeyboardMarkup must be an Array of Arrays',
        ),
        (keyboard([3]), "can't parse inline keyboard button: InlineKeyboardButton must be an Object"),
        (keyboard([{}]), "can't parse inline keyboard button: Can't find field \"text\""),
    ],
)
async def test_a_keyboard_that_is_none_is_refused(call: Call, alva: Human, markup: Any, reason: str) -> None:
    """https://core.telegram.org/bots/api#inlinekeyboardmarkup; Bot API server: get_reply_markup."""
    assert await why(call, "sendMessage", chat_id=alva.id, text="a", reply_markup=markup) == reason
