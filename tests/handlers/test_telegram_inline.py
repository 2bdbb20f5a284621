"""What somebody looks for in any chat on Telegram, over the wire: the event, the suggestions, and what is chosen."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Callable

import pytest

from bot.events import Chat, Event, Kind, Outcome, Suggestion
from bot.messages import Button, Fields, Message, Paragraph, Phone, Title
from bot.playground.faults import Misbehaviour
from bot.playground.telegram import Look
from bot.playground.town import until
from tests.handlers.telegram_rig import Rig, telegram_rig

LIST = Message(
    (
        Title(("🌲 Hotfullt samtal",)),
        Paragraph(("Lägg på. Ring ", Phone("112"), ".")),
        Fields((("Sedan", ("Skriv upp <allt> på example.org",)),)),
    ),
    ((Button("Bocka av", "token"),),),
)


@pytest.fixture
async def rig() -> AsyncIterator[Rig]:
    async with telegram_rig() as rig:
        yield rig


def suggestion(key: str = "hotfullt-samtal", title: str = "Hotfullt samtal", message: Message = LIST) -> Suggestion:
    return Suggestion(key, title, "5 steg nu", message)


def suggests(*suggestions: Suggestion, toast: str = "") -> Callable[[Event], Outcome]:
    return lambda event: Outcome(suggestions=suggestions, toast=toast)


async def answered(rig: Rig, words: str = "hot", group: bool = False) -> Look:
    """A look of Alva's, once its list is there."""
    place = rig.server.group("Bokpartiet", members=[rig.alva]) if group else None
    look = await rig.alva.look(words, place)
    await rig.server.wait_for(lambda: look.answered, what="the list")
    return look


async def test_a_look_is_an_event_of_the_person_whatever_chat_it_is_made_in(rig: Rig) -> None:
    """Telegram does not tell which chat; the bot is not in this one."""
    look = await answered(rig, "hotfullt samtal", group=True)
    event = await rig.desk.next()
    assert (event.kind, event.text) == (Kind.INLINE, "hotfullt samtal")
    assert event.uid == f"telegram:123:q:{look.id}"
    assert event.sender.user == str(rig.alva.id)
    assert event.chat == Chat(str(rig.alva.id), private=True)
    assert event.sent_at == event.received_at
    assert event.sender_name == "Alva (@alva)"


async def test_suggestions_are_shown_and_the_chosen_one_is_sent_as_it_is_meant(rig: Rig) -> None:
    """With entities and nothing read as markup; no buttons, for whoever is in that chat reads it."""
    rig.desk.answer = suggests(suggestion(), suggestion("paket", "Misstänkt paket"))
    group = rig.server.group("Bokpartiet", members=[rig.alva])
    look = await rig.alva.look("hot", group)
    await rig.server.wait_for(lambda: look.answered, what="the list")
    assert look.titles == ["Hotfullt samtal", "Misstänkt paket"]
    assert look.results[0].about == "5 steg nu"
    assert look.button is None
    await rig.alva.choose(look, "Hotfullt samtal")
    sent = group.everything[-1]
    assert sent.text == "🌲 Hotfullt samtal\n\nLägg på. Ring 112.\nSedan: Skriv upp <allt> på example.org"
    assert [(e["type"], e["offset"], e["length"]) for e in sent.shown["entities"]] == [("bold", 0, 18), ("bold", 39, 5)]
    assert sent.shown["via_bot"]["username"] == "tryggvag_bot"
    assert "reply_markup" not in sent.shown
    content = rig.calls("answerInlineQuery")[0]["results"][0]["input_message_content"]
    assert content["link_preview_options"] == {"is_disabled": True}
    assert "parse_mode" not in content


async def test_an_answer_is_kept_by_telegram_for_nobody(rig: Rig) -> None:
    """The same words a second later are asked anew: a list may have changed, and the person's rights."""
    rig.desk.answer = suggests(suggestion())
    first = await answered(rig)
    rig.desk.answer = suggests()
    second = await answered(rig)
    assert (first.titles, second.titles) == (["Hotfullt samtal"], [])
    assert first.personal


async def test_a_toast_is_a_button_to_the_private_chat(rig: Rig) -> None:
    """Pressing it is the command start, with a word that tells where from; long words are cut, not refused."""
    rig.desk.answer = suggests(toast="Öppna boten för att läsa råden, för här finns de bara för den som är inbjuden")
    look = await answered(rig)
    assert look.titles == [] and look.button is not None
    assert look.button[0].startswith("Öppna boten för att läsa råden") and look.button[0].endswith(" …")
    assert len(look.button[0]) <= 64
    await rig.desk.next()
    await rig.alva.follow(look)
    event = await rig.desk.next()
    assert (event.kind, event.command, event.text) == (Kind.COMMAND, "start", "inline")


async def test_whoever_looks_is_not_written_to(rig: Rig) -> None:
    """A stranger who writes the bot's name in some chat did not ask for a message; each letter is a look."""
    rig.desk.answer = lambda event: Outcome(direct=LIST, toast="Öppna boten")
    look = await answered(rig)
    assert look.button is not None
    await rig.settled()
    await until(lambda: not rig.channel.busy, "all that is told at once")
    assert rig.alva.messages == []
    assert rig.calls("sendMessage") == rig.calls("answerCallbackQuery") == []


async def test_more_than_telegram_takes_is_left_out(rig: Rig) -> None:
    """The first fifty, best first."""
    rig.desk.answer = suggests(*(suggestion(str(number), f"Lista {number}") for number in range(60)))
    assert (await answered(rig)).titles == [f"Lista {number}" for number in range(50)]


async def test_one_that_telegram_would_refuse_does_not_take_the_others_with_it(
    rig: Rig, caplog: pytest.LogCaptureFixture
) -> None:
    """Too long, without words, without a title, with an id that is too long, empty or taken."""
    odd = (
        suggestion("lång", message=Message((Paragraph(("å" * 4097,)),))),
        suggestion("tom", message=Message((Paragraph((" ",)),))),
        suggestion("namnlös", title=" "),
        suggestion("å" * 33),
        suggestion(""),
        suggestion("bra", "En annan bra"),
    )
    rig.desk.answer = suggests(suggestion("bra", "Bra"), *odd, suggestion("ok", "Också bra"))
    with caplog.at_level(logging.ERROR):
        assert (await answered(rig)).titles == ["Bra", "Också bra"]
    assert len([line for line in caplog.messages if "cannot be shown" in line]) == len(odd)


async def test_nothing_found_is_answered_too(rig: Rig) -> None:
    """Else the person's app waits."""
    look = await answered(rig, "finns inte")
    assert look.titles == []


async def test_a_query_of_256_characters_and_one_of_none_come_through(rig: Rig) -> None:
    """Telegram cuts what is longer; half a character in it is replaced."""
    await answered(rig, "å" * 300)
    await answered(rig, "")
    assert [len((await rig.desk.next()).text) for _ in range(2)] == [256, 0]
    card = rig.alva.card
    await rig.server.inject({"inline_query": {"id": "9", "from": card, "query": "hot \ud83d", "offset": ""}})
    assert (await rig.desk.next()).text == "hot �"


async def test_a_late_door_is_answered_with_nothing_once(rig: Rig) -> None:
    """What it finds afterwards is not shown, and holds up nobody."""
    rig.channel.patience = 0.01
    rig.desk.answer = suggests(suggestion())
    rig.desk.open.clear()
    look = await answered(rig)
    assert (look.titles, rig.desk.committed) == ([], [])
    rig.desk.open.set()
    await rig.settled()
    assert len(rig.desk.committed) == 1
    assert len(rig.calls("answerInlineQuery")) == 1


async def test_a_door_that_keeps_failing_is_late_too(rig: Rig) -> None:
    """The two seconds count from the first try."""
    rig.channel.patience, rig.channel.first_rest = 0.05, 0.2
    rig.desk.failures = [OSError("database")]
    rig.desk.answer = suggests(suggestion())
    assert (await answered(rig)).titles == []
    await rig.settled()


async def test_a_query_that_cannot_be_read_is_answered_and_kept_and_the_next_goes_on(rig: Rig) -> None:
    """Without a sender, without an id, or no object at all."""
    await rig.server.inject({"inline_query": {"id": "77", "query": "x", "offset": ""}})
    await rig.server.inject({"inline_query": {"query": "x"}})
    await rig.server.inject({"inline_query": 7})
    await rig.alva.write("efter")
    await rig.settled()
    await rig.server.wait_for(lambda: rig.calls("answerInlineQuery"), what="an answer")
    assert [call["inline_query_id"] for call in rig.calls("answerInlineQuery")] == ["77"]
    assert len(rig.desk.kept) == 3
    assert [event.text for event in rig.desk.committed] == ["efter"]


async def test_an_answer_that_fails_holds_up_nothing(rig: Rig, caplog: pytest.LogCaptureFixture) -> None:
    """Only the list is lost, and the log does not say what was looked for."""
    rig.server.faults.plan("answerInlineQuery", Misbehaviour.SERVER_ERROR)
    with caplog.at_level(logging.DEBUG, "bot"):
        await rig.alva.look("hemligt")
        await rig.server.wait_for(lambda: rig.calls("answerInlineQuery"), what="the answer")
        await rig.alva.write("hej")
        await rig.settled()
    assert [event.kind for event in rig.desk.committed] == [Kind.INLINE, Kind.TEXT]
    assert "answer to look" in caplog.text and "hemligt" not in caplog.text


async def test_what_was_chosen_is_nobodys_own_words(rig: Rig) -> None:
    """Sent to the bot itself it would else be flagged as what the person wrote; passed on, it is evidence."""
    rig.desk.answer = suggests(suggestion(), suggestion("kommando", "Kommando", Message((Paragraph(("/flagga",)),))))
    group = rig.server.group("Bokpartiet", members=[rig.alva])
    await group.add_bot(by=rig.alva)
    look = await answered(rig)
    for title in ("Hotfullt samtal", "Kommando"):
        assert await rig.alva.choose(look, title), "the bot sees it"
    there = await rig.alva.look("hot", group)
    await rig.server.wait_for(lambda: there.answered, what="the list")
    assert await rig.alva.choose(there, "Kommando"), "the bot sees it"
    origin = {"type": "user", "date": 1_700_000_000, "sender_user": rig.alva.card}
    await rig.alva.share({"forward_origin": origin, "via_bot": rig.server.world.bot}, "Lägg på.")
    await rig.alva.write("sist")
    await rig.settled()
    kinds = [event.kind for event in rig.desk.committed]
    assert kinds == [Kind.ADDED, Kind.INLINE, Kind.INLINE, Kind.EVIDENCE, Kind.TEXT]
    assert rig.desk.kept == []
