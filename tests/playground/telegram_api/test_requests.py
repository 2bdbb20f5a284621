"""Telegram refuses late answers, odd menus, too many messages and requests that it cannot read.

Words of the "Bot API server" are in its published source (github.com/tdlib/telegram-bot-api),
those of "td" in the library under it (github.com/tdlib/td).
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from bot.playground.telegram import Group, Human, TelegramPlayground
from tests.playground.telegram_api.tools import Call, Clock, Json, button, keyboard, sent, why

# Presses, commands, actions


async def test_an_unknown_press_cannot_be_answered(call: Call) -> None:
    """Bot API server: QUERY_ID_INVALID, "query is too old and response timeout expired or query ID is
    invalid"."""
    reason = await why(call, "answerCallbackQuery", callback_query_id="1")
    assert reason == "query is too old and response timeout expired or query ID is invalid"


async def test_a_press_cannot_be_answered_late(
    call: Call, server: TelegramPlayground, alva: Human, clock: Clock
) -> None:
    """Bot API server: QUERY_ID_INVALID, "query is too old and response timeout expired or query ID is
    invalid"."""
    message = await sent(call, alva, reply_markup=keyboard([button()]))
    press = await alva.press(message, "Läst")
    clock.advance(seconds=16)
    reason = await why(call, "answerCallbackQuery", callback_query_id=press.id)
    assert "query is too old" in reason
    assert server.unanswered == [press]


async def test_a_toast_has_200_characters(call: Call, alva: Human) -> None:
    """https://core.telegram.org/bots/api#answercallbackquery: "0-200 characters"; answers MESSAGE_TOO_LONG
    (https://github.com/eternnoir/pyTelegramBotAPI/issues/500)."""
    press = await alva.press_data(await sent(call, alva), "x")
    assert await why(call, "answerCallbackQuery", callback_query_id=press.id, text="å" * 201) == "MESSAGE_TOO_LONG"
    assert (await call("answerCallbackQuery", callback_query_id=press.id, text="å" * 200))["ok"]


@pytest.mark.parametrize(
    ("command", "description", "reason"),
    [
        ("hjälp", "Hjälp", "BOT_COMMAND_INVALID"),
        ("Flagga", "Flagga", "BOT_COMMAND_INVALID"),
        ("", "Flagga", "command must be non-empty"),
        ("a" * 33, "Flagga", "command length must not exceed 32"),
        ("flagga", "", "command description must be non-empty"),
        ("flagga", "a" * 257, "command description length must not exceed 256"),
    ],
)
async def test_a_command_that_no_client_can_show_is_refused(
    call: Call, server: TelegramPlayground, command: str, description: str, reason: str
) -> None:
    """https://core.telegram.org/bots/api#botcommand: 1-32 of a-z, 0-9 and _; description 1-256;
    td, BotCommand.cpp."""
    commands = [{"command": command, "description": description}]
    assert await why(call, "setMyCommands", commands=commands) == reason
    assert server.commands == {}


async def test_a_menu_has_at_most_100_commands(call: Call) -> None:
    """https://core.telegram.org/bots/api#setmycommands: "At most 100 commands"; BOT_COMMANDS_TOO_MUCH."""
    commands = [{"command": f"c{number}", "description": "a"} for number in range(101)]
    assert await why(call, "setMyCommands", commands=commands) == "BOT_COMMANDS_TOO_MUCH"
    assert (await call("setMyCommands", commands=commands[:100]))["ok"]


@pytest.mark.parametrize(
    ("params", "reason"),
    [
        ({"commands": "["}, "can't parse commands JSON object"),
        ({"commands": {}}, "expected an Array of BotCommand"),
        ({"commands": [3]}, "can't parse BotCommand: expected an Object"),
        ({"language_code": "swe"}, "invalid language code specified"),
        ({"scope": {"type": "moon"}}, "can't parse BotCommandScope: Unsupported type specified"),
        ({"scope": {"type": "chat"}}, "can't parse BotCommandScope: Empty chat_id specified"),
        ({"scope": {"type": "chat", "chat_id": 404}}, "chat not found"),
    ],
)
async def test_a_menu_for_nobody_is_refused(call: Call, params: Json, reason: str) -> None:
    """https://core.telegram.org/bots/api#botcommandscope; Bot API server: get_bot_command_scope."""
    assert await why(call, "setMyCommands", **params) == reason


async def test_an_unknown_action_is_refused(call: Call, alva: Human) -> None:
    """https://core.telegram.org/bots/api#sendchataction; Bot API server:
    "wrong parameter action in request"."""
    reason = await why(call, "sendChatAction", chat_id=alva.id, action="dancing")
    assert reason == "wrong parameter action in request"


# Limits


@pytest.fixture
async def strict(clock: Clock) -> AsyncIterator[TelegramPlayground]:
    async with TelegramPlayground(limits=True, clock=clock) as server:
        yield server


async def until_refused(server: TelegramPlayground, *chats: Human | Group) -> tuple[int, Json]:
    """How many messages got through before the first refusal, and that refusal."""
    async with aiohttp.ClientSession() as session:
        for count in range(100):
            params = {"chat_id": chats[count % len(chats)].id, "text": str(count)}
            async with session.post(f"{server.base_url}123:abc/sendMessage", json=params) as response:
                answer = await response.json()
            if not answer["ok"]:
                return count, answer
    raise AssertionError("nothing was refused")


async def test_one_private_chat_takes_a_small_burst_and_then_one_a_second(
    strict: TelegramPlayground, clock: Clock
) -> None:
    """https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this:
    one message a second."""
    cia = strict.person("Cia", last_name="Påhittad")
    await cia.start()
    count, refusal = await until_refused(strict, cia)
    assert count == 3
    assert refusal["description"] == "Too Many Requests: retry after 1"
    assert (refusal["error_code"], refusal["parameters"]) == (429, {"retry_after": 1})
    clock.advance(seconds=1)
    assert (await until_refused(strict, cia))[0] == 1


async def test_a_group_takes_20_messages_a_minute(strict: TelegramPlayground, clock: Clock) -> None:
    """https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this:
    20 messages per minute."""
    cia = strict.person("Cia", last_name="Påhittad")
    group = strict.group("Påhittade gruppen", [cia])
    await group.add_bot(by=cia)
    count, refusal = await until_refused(strict, group)
    assert (count, refusal["parameters"]) == (20, {"retry_after": 3})
    clock.advance(minutes=1)
    assert (await until_refused(strict, group))[0] == 20


async def test_a_bot_sends_30_messages_a_second(strict: TelegramPlayground, clock: Clock) -> None:
    """https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this: about 30 a second."""
    people = [strict.person(f"Påhittad {number}") for number in range(40)]
    for person in people:
        await person.start()
    assert (await until_refused(strict, *people))[0] == 30
    clock.advance(seconds=1)
    assert (await until_refused(strict, *people))[0] == 30


# Requests


async def test_what_is_no_method_is_not_found(call: Call) -> None:
    """https://core.telegram.org/bots/api#making-requests;
    `{"ok":false,"error_code":404,"description":"Not Found"}`."""
    assert await call("sendPigeon") == {"ok": False, "error_code": 404, "description": "Not Found"}


async def test_a_wrong_token_is_unauthorized(server: TelegramPlayground) -> None:
    """https://core.telegram.org/bots/api#authorizing-your-bot; 401 "Unauthorized"."""
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{server.base_url}123:wrong/getMe") as response,
    ):
        assert (response.status, (await response.json())["description"]) == (401, "Unauthorized")


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"{", "application/json"),
        (b"[1]", "application/json"),
        (b"[" * 100_000, "application/json"),
        (b'{"text": ' + b"9" * 5000 + b"}", "application/json"),
        (b"\xff\xfe", "application/json"),
        (b"text=%ff", "application/x-www-form-urlencoded"),
        (b"\xff", "application/x-www-form-urlencoded"),
        (b"no parts", "multipart/form-data; boundary=x"),
        (b"no parts", "multipart/form-data"),
        (b"a" * 2_000_000, "application/json"),
    ],
    ids=lambda value: str(value[:20]),
)
async def test_a_body_that_cannot_be_read_is_a_bad_request(
    server: TelegramPlayground, alva: Human, body: bytes, kind: str
) -> None:
    """https://core.telegram.org/bots/api#making-requests names the four ways to pass parameters."""
    headers = {"Content-Type": kind}
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{server.base_url}123:abc/sendMessage", data=body, headers=headers) as response,
    ):
        assert response.status == 400
        assert (await response.json())["ok"] is False
    assert alva.messages == []


JUNK: list[Any] = [
    None,
    True,
    3,
    -1,
    1.5,
    10**30,
    "",
    "x",
    "{",
    "[]",
    "null",
    [],
    [[]],
    {},
    {"a": {}},
    [None],
    "\ud83d",
]
NAMES = [
    "chat_id",
    "text",
    "entities",
    "reply_markup",
    "reply_parameters",
    "link_preview_options",
    "message_id",
    "user_id",
    "action",
    "scope",
    "commands",
    "language_code",
    "callback_query_id",
    "offset",
    "limit",
    "allowed_updates",
    "message_thread_id",
    "parse_mode",
    "file_id",
    "caption",
    "caption_entities",
    "document",
    "photo",
    "url",
    "secret_token",
    "max_connections",
]
METHODS = [
    "getMe",
    "sendMessage",
    "editMessageText",
    "editMessageReplyMarkup",
    "deleteMessage",
    "answerCallbackQuery",
    "pinChatMessage",
    "unpinChatMessage",
    "unpinAllChatMessages",
    "getChat",
    "getChatMember",
    "getChatAdministrators",
    "leaveChat",
    "setMyCommands",
    "deleteMyCommands",
    "getMyCommands",
    "setWebhook",
    "deleteWebhook",
    "getWebhookInfo",
    "getFile",
    "sendDocument",
    "sendPhoto",
    "editMessageCaption",
    "sendChatAction",
    "getUpdates",
]


@pytest.mark.parametrize("method", METHODS)
async def test_junk_is_refused_or_ignored_but_never_breaks_the_server(call: Call, unit: Group, method: str) -> None:
    """https://core.telegram.org/bots/api#making-requests:
    an unsuccessful request is explained, with `ok` false."""
    for name in NAMES:
        for junk in JUNK:
            given = {"chat_id": unit.id, "message_id": 1, "user_id": 5, "text": "a", name: junk}
            answer = await call(method, **given)
            assert answer["ok"] or answer["error_code"] in (400, 403), (method, name, junk, answer)
