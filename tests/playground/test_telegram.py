"""The playground's Telegram, driven from one side by python-telegram-bot and from the other by its people."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
import telegram
from telegram import Bot
from telegram.error import BadRequest, Conflict, Forbidden, NetworkError

from bot.playground.telegram import Human, TelegramPlayground
from tests.playground.telegram_api.tools import TAKE, poll

START = datetime(2026, 11, 24, 18, 30, tzinfo=UTC)


@pytest.fixture
async def server() -> AsyncIterator[TelegramPlayground]:
    async with TelegramPlayground() as server:
        yield server


@pytest.fixture
async def bot(server: TelegramPlayground) -> AsyncIterator[Bot]:
    async with Bot(server.token, base_url=server.base_url) as bot:
        yield bot


@pytest.fixture
async def alva(server: TelegramPlayground) -> Human:
    return server.person("Alva", last_name="Påhittad", username="alva_pahittad", language="sv")


# Messages


async def test_a_message_reaches_its_reader_as_it_was_sent(bot: Bot, alva: Human) -> None:
    await alva.start()
    bold = telegram.MessageEntity("bold", 0, 5)
    message = await bot.send_message(
        alva.id,
        "AKUT · Påhittade torget avspärrat",
        entities=[bold],
        reply_markup=TAKE,
        disable_notification=True,
        link_preview_options=telegram.LinkPreviewOptions(is_disabled=True),
        protect_content=True,
        message_thread_id=7,
    )
    sent = alva.last
    assert message.text == "AKUT · Påhittade torget avspärrat"
    assert (sent.text, sent.silent, sent.labels) == (
        "AKUT · Påhittade torget avspärrat",
        True,
        ["Jag tar den"],
    )
    assert sent.entities == [{"type": "bold", "offset": 0, "length": 5}]
    assert (message.chat.id, message.message_id) == (alva.id, sent.message_id)
    assert (message.entities, message.reply_markup) == ((bold,), TAKE)
    assert message.from_user is not None and message.from_user.id == 123
    assert (message.has_protected_content, message.message_thread_id) == (True, 7)


async def test_what_a_person_writes_comes_as_a_message(server: TelegramPlayground, bot: Bot, alva: Human) -> None:
    update_id = await alva.write("hej")
    (update,) = await poll(bot)
    assert update.update_id == update_id
    assert update.message is not None and update.message.from_user is not None
    assert update.message.from_user.language_code == "sv"
    assert (update.message.text, update.message.chat.id, update.message.chat.type) == (
        "hej",
        alva.id,
        "private",
    )
    assert 0 <= time.perf_counter() - server.sent_at[update_id] < 60


@pytest.mark.parametrize(
    ("text", "commands"),
    [
        ("/flagga nu", ["/flagga"]),
        ("😀 /flagga@tryggvag_bot nu", ["/flagga@tryggvag_bot"]),
        ("/meny /mina", ["/meny", "/mina"]),
        ("och/eller, http://exempel.se/flagga, /hjälp, //", []),
    ],
)
async def test_commands_are_marked_as_telegram_marks_them(
    bot: Bot, alva: Human, text: str, commands: list[str]
) -> None:
    await alva.write(text)
    (update,) = await poll(bot)
    assert update.message is not None
    assert list(update.message.parse_entities(["bot_command"]).values()) == commands


async def test_a_start_link_carries_its_payload(bot: Bot, alva: Human) -> None:
    await alva.start("inbjudan_1-2")
    (update,) = await poll(bot)
    assert update.message is not None and update.message.text == "/start inbjudan_1-2"
    with pytest.raises(AssertionError, match="opens no link"):
        await alva.start("å")


async def test_replies_point_at_their_message_both_ways(bot: Bot, alva: Human) -> None:
    await alva.start()
    question = await bot.send_message(alva.id, "Var?")
    await alva.write("Påhittade torget", reply_to=alva.last)
    update = (await poll(bot))[-1]
    assert update.message is not None and update.message.reply_to_message is not None
    assert update.message.reply_to_message.text == "Var?"
    answer = await bot.send_message(
        alva.id, "Tack", reply_parameters=telegram.ReplyParameters(update.message.message_id)
    )
    assert answer.reply_to_message is not None and answer.reply_to_message.text == "Påhittade torget"
    assert alva.last.reply_to == update.message.message_id
    assert question.reply_to_message is None


async def test_an_edit_changes_the_message_in_its_place(bot: Bot, alva: Human) -> None:
    await alva.start()
    message = await bot.send_message(alva.id, "Nytt ärende", reply_markup=TAKE)
    sent = alva.last
    changed = await bot.edit_message_text("Alva har ärendet", alva.id, message.message_id)
    assert isinstance(changed, telegram.Message) and changed.edit_date is not None
    assert (sent.text, sent.labels, sent.edited, sent.history) == ("Alva har ärendet", [], 1, ["Nytt ärende"])
    await bot.edit_message_reply_markup(alva.id, message.message_id, reply_markup=TAKE)
    assert (sent.labels, sent.edited, sent.history) == (["Jag tar den"], 2, ["Nytt ärende"])
    assert alva.messages == [sent]


async def test_a_deleted_message_is_gone_and_its_button_with_it(bot: Bot, alva: Human) -> None:
    await alva.start()
    await bot.send_message(alva.id, "Nytt ärende", reply_markup=TAKE)
    await bot.pin_chat_message(alva.id, alva.last.message_id)
    await bot.delete_message(alva.id, alva.last.message_id)
    assert (alva.last.deleted, alva.last.pinned) == (True, False)
    with pytest.raises(AssertionError, match="deleted"):
        await alva.press(alva.last, "Jag tar den")
    await alva.press_data(alva.last, "take:1")
    update = (await poll(bot))[-1]
    assert update.callback_query is not None
    assert update.callback_query.message is not None and not update.callback_query.message.is_accessible


async def test_pins_come_and_go(bot: Bot, alva: Human) -> None:
    await alva.start()
    for text in ("ett", "två", "tre"):
        message = await bot.send_message(alva.id, text)
        await bot.pin_chat_message(alva.id, message.message_id, disable_notification=True)
    pinned = (await bot.get_chat(alva.id)).pinned_message
    assert pinned is not None and pinned.text == "tre"
    await bot.unpin_chat_message(alva.id)
    await bot.unpin_chat_message(alva.id, alva.messages[0].message_id)
    assert [sent.pinned for sent in alva.messages] == [False, True, False]
    await bot.unpin_all_chat_messages(alva.id)
    assert not any(sent.pinned for sent in alva.messages)
    assert (await bot.get_chat(alva.id)).pinned_message is None


# Presses


async def test_a_press_is_unanswered_until_the_bot_answers_it(
    server: TelegramPlayground, bot: Bot, alva: Human
) -> None:
    await alva.start()
    await bot.send_message(alva.id, "Nytt ärende", reply_markup=TAKE)
    press = await alva.press(alva.last, "Jag tar den")
    assert server.unanswered == [press]
    query = (await poll(bot))[-1].callback_query
    assert query is not None and query.message is not None
    assert (query.id, query.data, query.from_user.id) == (press.id, "take:1", alva.id)
    assert query.message.message_id == alva.last.message_id
    await bot.answer_callback_query(query.id, "Klart", show_alert=True)
    assert (press.answered, press.toast, press.alert) == (True, "Klart", True)
    assert (server.unanswered, server.presses) == ([], [press])


async def test_a_button_that_is_not_there_cannot_be_pressed(bot: Bot, alva: Human) -> None:
    await alva.start()
    message = await bot.send_message(alva.id, "Nytt ärende", reply_markup=TAKE)
    with pytest.raises(AssertionError, match="Jag tar den"):
        await alva.press(alva.last, "Läst")
    await bot.edit_message_reply_markup(alva.id, message.message_id)
    with pytest.raises(AssertionError, match="no button 'Jag tar den'"):
        await alva.press(alva.last, "Jag tar den")


async def test_any_data_can_be_forged(bot: Bot, alva: Human) -> None:
    await alva.start()
    await bot.send_message(alva.id, "Nytt ärende", reply_markup=TAKE)
    press = await alva.press_data(alva.last, "grant:chief")
    query = (await poll(bot))[-1].callback_query
    assert query is not None and (query.id, query.data) == (press.id, "grant:chief")


# Getting updates


async def test_updates_come_again_until_an_offset_confirms_them(
    server: TelegramPlayground, bot: Bot, alva: Human
) -> None:
    ids = [await alva.write(text) for text in ("ett", "två", "tre")]
    assert ids == [ids[0], ids[0] + 1, ids[0] + 2]
    assert [update.update_id for update in await poll(bot, limit=2)] == ids[:2]
    assert [update.update_id for update in await poll(bot)] == ids
    assert (server.pending, server.confirmed) == (3, [])
    assert [update.update_id for update in await poll(bot, offset=ids[1])] == ids[1:]
    assert (server.pending, server.confirmed) == (2, ids[:1])


async def test_a_negative_offset_forgets_all_but_the_newest(server: TelegramPlayground, bot: Bot, alva: Human) -> None:
    ids = [await alva.write(text) for text in ("ett", "två", "tre")]
    assert [update.update_id for update in await poll(bot, offset=-1)] == ids[2:]
    assert server.confirmed == ids[:2]


async def test_a_long_poll_returns_when_somebody_writes(server: TelegramPlayground, bot: Bot, alva: Human) -> None:
    waiting = asyncio.create_task(poll(bot, timeout=50))
    await server.wait_for(lambda: server.calls[-1].method == "getUpdates", what="the poll")
    await asyncio.wait([waiting], timeout=0)
    assert not waiting.done()
    update_id = await alva.write("hej")
    assert [update.update_id for update in await waiting] == [update_id]


async def test_a_second_poll_ends_the_first(server: TelegramPlayground, bot: Bot, alva: Human) -> None:
    first = asyncio.create_task(bot.get_updates(timeout=50))
    await server.wait_for(lambda: server.calls[-1].method == "getUpdates", what="the first poll")
    async with Bot(server.token, base_url=server.base_url) as twin:
        assert await twin.get_updates(timeout=0) == ()
    with pytest.raises(Conflict, match="terminated by other getUpdates request"):
        await first


async def test_only_wanted_kinds_of_updates_come(server: TelegramPlayground, bot: Bot, alva: Human) -> None:
    await bot.get_updates(allowed_updates=["callback_query"])
    assert await alva.write("hej") == 0
    await bot.get_updates(allowed_updates=[])
    assert await alva.write("hej") != 0
    assert server.pending == 1


async def test_an_update_is_kept_for_24_hours(alva: Human) -> None:
    now = START

    async with TelegramPlayground(clock=lambda: now) as server:
        cia = server.person("Cia")
        await cia.write("hej")
        now += timedelta(hours=25)
        young = await cia.write("hej igen")
        async with Bot(server.token, base_url=server.base_url) as bot:
            (update,) = await poll(bot)
    assert update.update_id == young
    assert update.message is not None and update.message.date == now


# The account


async def test_the_bot_knows_itself(bot: Bot) -> None:
    me = await bot.get_me()
    assert (me.id, me.username, me.is_bot) == (123, "tryggvag_bot", True)


async def test_menus_differ_by_chat_and_language(server: TelegramPlayground, bot: Bot, alva: Human) -> None:
    await alva.start()
    scope = telegram.BotCommandScopeChat(alva.id)
    await bot.set_my_commands([("flagga", "Flagga något")], scope=scope, language_code="sv")
    await bot.set_my_commands([("flag", "Flag something")])
    assert [c.command for c in await bot.get_my_commands(scope, "sv")] == ["flagga"]
    assert [c.command for c in await bot.get_my_commands()] == ["flag"]
    assert await bot.get_my_commands(scope) == ()
    assert await bot.delete_my_commands(scope, "sv")
    assert list(server.commands) == [("default", "")]


async def test_there_is_no_webhook(server: TelegramPlayground, bot: Bot, alva: Human) -> None:
    await alva.write("hej")
    info = await bot.get_webhook_info()
    assert (info.url, info.pending_update_count) == ("", 1)
    assert await bot.delete_webhook()
    assert server.pending == 1
    assert await bot.delete_webhook(drop_pending_updates=True)
    assert server.pending == 0


async def test_typing_is_shown_only_to_who_can_be_reached(bot: Bot, alva: Human) -> None:
    with pytest.raises(Forbidden, match="initiate conversation"):
        await bot.send_chat_action(alva.id, "typing")
    await alva.start()
    assert await bot.send_chat_action(alva.id, "typing")


# Looking on


async def test_calls_are_kept_in_order_with_typed_values(server: TelegramPlayground, bot: Bot, alva: Human) -> None:
    await alva.start()
    await bot.send_message(alva.id, "hej", reply_markup=TAKE)
    with pytest.raises(BadRequest):
        await bot.send_message(404, "hej")
    assert [(call.method, call.ok) for call in server.calls] == [
        ("getMe", True),
        ("sendMessage", True),
        ("sendMessage", False),
    ]
    assert server.calls[1].params["chat_id"] == alva.id
    assert server.calls[1].params["reply_markup"] == TAKE.to_dict()


async def test_waiting_in_vain_says_for_what(server: TelegramPlayground, alva: Human) -> None:
    with pytest.raises(AssertionError, match="in vain for an answer to Alva"):
        await server.wait_for(lambda: alva.last, timeout=0.01, what="an answer to Alva")


async def test_waiting_ends_when_what_is_awaited_happens(server: TelegramPlayground, bot: Bot, alva: Human) -> None:
    await alva.start()
    waiting = asyncio.create_task(server.wait_for(lambda: alva.last.text == "hej", what="the message"))
    await bot.send_message(alva.id, "hej")
    await waiting
    assert alva.last.received_at <= time.perf_counter()


async def test_a_stopped_server_is_gone_and_a_started_one_remembers(server: TelegramPlayground, alva: Human) -> None:
    update_id = await alva.write("hej")
    async with Bot(server.token, base_url=server.base_url) as bot:
        await server.stop()
        with pytest.raises(NetworkError):
            await poll(bot)
    await server.start()
    async with Bot(server.token, base_url=server.base_url) as bot:
        assert [update.update_id for update in await poll(bot)] == [update_id]
