"""Telegram's inline mode: who is told of a look, what an answer may hold, and what a chosen result becomes."""

from __future__ import annotations

from typing import Any

import pytest
from telegram import Bot

from bot.playground.telegram import Group, Human, Look, TelegramPlayground
from tests.playground.telegram_api.tools import KINDS, Call, Clock, Json, button, keyboard, why

ANY: list[Json] = []


def article(key: str = "1", title: str = "Hotfullt samtal", text: str = "Lägg på.", **more: Any) -> Json:
    content = {"message_text": text, **more.pop("content", {})}
    return {"type": "article", "id": key, "title": title, "input_message_content": content, **more}


@pytest.fixture
async def look(bot: Bot, alva: Human) -> Look:
    """A look of Alva's that the bot has been told of."""
    await bot.get_updates(allowed_updates=[*KINDS, "inline_query"])
    return await alva.look("hot")


async def answer(call: Call, look: Look, results: Any = ANY, **more: Any) -> Json:
    return await call("answerInlineQuery", inline_query_id=look.id, results=results, **more)


async def refusal(call: Call, look: Look, results: Any = ANY, **more: Any) -> str:
    assert not look.answered
    return await why(call, "answerInlineQuery", inline_query_id=look.id, results=results, **more)


async def test_a_look_is_told_with_its_words_and_the_kind_of_chat_only(bot: Bot, alva: Human, unit: Group) -> None:
    """https://core.telegram.org/bots/api#inlinequery: "up to 256 characters"; no chat's id."""
    await bot.get_updates(allowed_updates=["inline_query"])
    await alva.look("å" * 300, unit)
    await alva.look("")
    first, second = [update.inline_query for update in await bot.get_updates(allowed_updates=["inline_query"])][-2:]
    assert first is not None and second is not None
    assert (first.from_user.id, first.chat_type, first.query) == (alva.id, "supergroup", "å" * 256)
    assert (second.chat_type, second.query, second.offset) == ("sender", "", "")
    assert first.id != second.id


async def test_who_did_not_ask_for_looks_is_not_told(server: TelegramPlayground, bot: Bot, alva: Human) -> None:
    """https://core.telegram.org/bots/api#getupdates: allowed_updates."""
    await bot.get_updates(allowed_updates=KINDS)
    look = await alva.look("hot")
    assert (look.update_id, server.unanswered_looks) == (0, [])
    assert all(update.inline_query is None for update in await bot.get_updates(allowed_updates=KINDS))


async def test_without_inline_mode_nobody_can_look(
    server: TelegramPlayground, bot: Bot, call: Call, look: Look
) -> None:
    """td: "Bot doesn't support inline queries"; answering says USER_BOT_INVALID
    (https://github.com/tdlib/telegram-bot-api/issues/568)."""
    assert (await bot.get_me()).supports_inline_queries is True
    server.inline = False
    assert (await bot.get_me()).supports_inline_queries is False
    with pytest.raises(AssertionError, match="inline mode is off"):
        await server.person("Bo").look("hot")
    assert await refusal(call, look) == "USER_BOT_INVALID"


async def test_results_are_shown_and_the_chosen_one_comes_into_the_chat_by_the_bot(
    server: TelegramPlayground, bot: Bot, call: Call, alva: Human, unit: Group
) -> None:
    """https://core.telegram.org/bots/api#message: via_bot; a bot in the chat sees it, in privacy mode too."""
    await bot.get_updates(allowed_updates=[*KINDS, "inline_query"])
    server.privacy = True
    look = await alva.look("hot", unit)
    assert server.unanswered_looks == [look]
    bold = {"type": "bold", "offset": 0, "length": 4}
    results = [article(description="Nu", content={"entities": [bold]}), article("2", "Paket", "Rör det inte.")]
    assert (await answer(call, look, results))["ok"]
    assert (look.titles, look.results[0].about, server.unanswered_looks) == (["Hotfullt samtal", "Paket"], "Nu", [])
    assert await alva.choose(look, "Hotfullt samtal") != 0
    assert (unit.everything[-1].text, unit.messages) == ("Lägg på.", [])
    message = (await bot.get_updates(allowed_updates=KINDS))[-1].message
    assert message is not None and message.from_user is not None and message.via_bot is not None
    assert (message.text, message.from_user.id, message.via_bot.id) == ("Lägg på.", alva.id, 123)
    assert [entity.type for entity in message.entities] == ["bold"]
    with pytest.raises(AssertionError, match=r"there are \['Hotfullt samtal', 'Paket'\]"):
        await alva.choose(look, "Vapen")


async def test_the_bot_does_not_see_what_is_chosen_where_it_is_not(
    server: TelegramPlayground, call: Call, look: Look, alva: Human
) -> None:
    group = server.group("Bokpartiet", [alva])
    look = await alva.look("hot", group)
    await answer(call, look, [article()])
    assert await alva.choose(look, "Hotfullt samtal") == 0
    assert group.everything[-1].text == "Lägg på."
    with pytest.raises(AssertionError, match="not in the group"):
        await server.person("Bo").look("hot", group)


async def test_the_button_above_opens_the_chat_with_its_parameter(call: Call, look: Look, alva: Human) -> None:
    """https://core.telegram.org/bots/api#inlinequeryresultsbutton: "the /start message"."""
    await answer(call, look, [], button={"text": "Öppna", "start_parameter": "lista_paket-1"})
    assert look.button == ("Öppna", "lista_paket-1")
    await alva.follow(look)
    assert list(alva.room.by_id.values())[-1].text == "/start lista_paket-1"


@pytest.mark.parametrize(
    ("results", "reason"),
    [
        ("{", "can't parse JSON encoded inline query results"),
        ({}, "expected an Array of inline query results"),
        ([7], "can't parse InlineQueryResult: Inline query result must be an object"),
        ([{"type": "article", "title": "x"}], "can't parse InlineQueryResult: Can't find field \"id\""),
        (
            [{"type": "photo", "id": "1", "title": "x"}],
            'can\'t parse InlineQueryResult: type "photo" is unsupported for the inline query result',
        ),
        (
            [{"type": "article", "id": "1", "title": "x"}],
            "can't parse InlineQueryResult: Input message content is not specified",
        ),
        ([article(text="")], "message text is empty"),
        ([article(text="a" * 4097)], "MESSAGE_TOO_LONG"),
        ([article(content={"entities": [{"type": "bold", "offset": 9, "length": 1}]})], "entity begins after the end"),
        ([article(content={"parse_mode": "HTML"})], "can't parse entities"),
        ([article(reply_markup=keyboard([button(callback_data="x" * 65)]))], "BUTTON_DATA_INVALID"),
        ([article("")], "RESULT_ID_INVALID"),
        ([article("å" * 33)], "RESULT_ID_INVALID"),
        ([article(), article()], "RESULT_ID_DUPLICATE"),
        ([article(title=" ")], "ARTICLE_TITLE_EMPTY"),
        ([article(str(number)) for number in range(51)], "RESULTS_TOO_MUCH"),
    ],
)
async def test_one_result_that_cannot_be_used_refuses_them_all(
    call: Call, look: Look, results: Any, reason: str
) -> None:
    """https://core.telegram.org/bots/api#inlinequeryresultarticle: "1-64 Bytes"; #answerinlinequery: "No more than 50
    results"; Bot API server: get_inline_query_results; messages.setInlineBotResults lists the words in capitals."""
    assert (await refusal(call, look, results)).startswith(reason)
    assert (await answer(call, look, [article(str(number)) for number in range(50)]))["ok"]


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (7, "InlineQueryResultsButton must be an Object"),
        ({"text": " ", "start_parameter": "x"}, "SWITCH_PM_TEXT_EMPTY"),
        ({"text": "Öppna"}, "InlineQueryResultsButton must have exactly one optional field"),
        ({"text": "Öppna", "start_parameter": ""}, "can't use empty start_parameter"),
        ({"text": "Öppna", "start_parameter": "x" * 65}, "too long start_parameter specified"),
        ({"text": "Öppna", "start_parameter": "ö"}, "unallowed characters in start_parameter are used"),
    ],
)
async def test_a_button_that_opens_nothing_is_refused(call: Call, look: Look, given: Any, reason: str) -> None:
    """https://core.telegram.org/bots/api#inlinequeryresultsbutton: "1-64 characters, only A-Z, a-z, 0-9, _ and -";
    td: answer_inline_query."""
    assert await refusal(call, look, [], button=given) == reason


async def test_an_offset_has_64_bytes(call: Call, look: Look) -> None:
    """https://core.telegram.org/bots/api#answerinlinequery: "Offset length can't exceed 64 bytes"."""
    assert await refusal(call, look, next_offset="x" * 65) == "NEXT_OFFSET_INVALID"


async def test_an_unknown_a_late_and_a_second_answer_are_refused(
    call: Call, look: Look, alva: Human, clock: Clock
) -> None:
    """Bot API server: QUERY_ID_INVALID, "query is too old and response timeout expired or query ID is invalid"."""
    old = "query is too old and response timeout expired or query ID is invalid"
    assert await why(call, "answerInlineQuery", inline_query_id="1") == old
    assert (await answer(call, look))["ok"]
    assert await why(call, "answerInlineQuery", inline_query_id=look.id) == old
    late = await alva.look("paket")
    clock.advance(seconds=11)
    assert await refusal(call, late) == old


async def test_what_is_cached_is_shown_without_asking_the_bot(
    server: TelegramPlayground, call: Call, look: Look, alva: Human, clock: Clock
) -> None:
    """https://core.telegram.org/bots/api#answerinlinequery: cache_time "Defaults to 300"; to anybody who writes the
    same, unless is_personal."""
    bo = server.person("Bo")
    await answer(call, look, [article()])
    again, other = await alva.look("hot"), await bo.look("hot")
    assert (again.update_id, again.titles, other.titles) == (0, ["Hotfullt samtal"], ["Hotfullt samtal"])
    assert (await alva.look("hotf")).update_id != 0
    clock.advance(seconds=301)
    mine = await alva.look("hot")
    assert mine.update_id != 0
    await answer(call, mine, [], cache_time=5, is_personal=True)
    assert (await alva.look("hot")).answered
    assert not (await bo.look("hot")).answered
    clock.advance(seconds=6)
    fresh = await alva.look("hot")
    await answer(call, fresh, [], cache_time=0)
    assert not (await alva.look("hot")).answered
