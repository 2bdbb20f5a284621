"""What the Telegram channel sends, and what it makes of refusals, over the wire."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import pytest
from telegram.error import BadRequest, NetworkError, TelegramError

from bot.channels import Gone, Moved, NotSent, PlatformDown, Refused, Undelivered, Unsure, Wait
from bot.handlers import telegram_transport
from bot.handlers.telegram_sending import undelivered
from bot.messages import LONGEST, Button, Fields, Message, Paragraph, Quote, Title
from bot.playground.faults import Misbehaviour
from tests.handlers.telegram_rig import Rig, telegram_rig

HELLO = Message((Title(("Hej",)),))
NASTY = "@channel <b>fet</b> _lutad_ [länk](https://example.org) &amp; 👩‍👩‍👧 https://example.org"
CARD = Message(
    (
        Title(("AKUT 🚨 Skolgatan",)),
        Paragraph(("Gå inte dit.",)),
        Fields((("Var", ("Skolgatan 4",)),)),
        Quote(NASTY),
    ),
    ((Button("Jag tar den", "take"), Button("Läst", "read")), (Button("Mer", "more"),)),
)


@pytest.fixture
async def rig() -> AsyncIterator[Rig]:
    async with telegram_rig() as rig:
        yield rig


async def failing(rig: Rig, chat: int | str = "") -> Undelivered:
    """How sending to this chat (Alva's, if none) ends."""
    with pytest.raises(Undelivered) as caught:
        await rig.channel.send(str(chat or rig.alva.id), HELLO)
    return caught.value


async def test_a_message_arrives_as_it_was_written(rig: Rig) -> None:
    """With entities instead of a parse mode, link previews off, and a reference that names it."""
    ref = await rig.channel.send(str(rig.alva.id), CARD)
    sent = rig.alva.last
    assert ref == f"{rig.alva.id}:{sent.message_id}"
    assert sent.text == f"AKUT 🚨 Skolgatan\n\nGå inte dit.\nVar: Skolgatan 4\n\n{NASTY}"
    assert [entity["type"] for entity in sent.entities] == ["bold", "bold", "blockquote"]
    assert [[button.data for button in row] for row in sent.buttons] == [["take", "read"], ["more"]]
    params = rig.calls("sendMessage")[0]
    assert "parse_mode" not in params
    preview = params["link_preview_options"]
    assert (json.loads(preview) if isinstance(preview, str) else preview) == {"is_disabled": True}


async def test_a_message_is_replaced_and_loses_the_buttons_that_are_no_more(rig: Rig) -> None:
    """The reference stays the same."""
    ref = await rig.channel.send(str(rig.alva.id), CARD)
    assert await rig.channel.edit(str(rig.alva.id), ref, HELLO) == ref
    assert (rig.alva.last.text, rig.alva.last.labels) == ("Hej", [])


async def test_a_message_that_did_not_change_is_a_success(rig: Rig) -> None:
    """Telegram calls it an error."""
    ref = await rig.channel.send(str(rig.alva.id), CARD)
    assert await rig.channel.edit(str(rig.alva.id), ref, CARD) == ref


async def test_a_message_that_is_no_longer_there_is_gone(rig: Rig) -> None:
    """Deleted, never there, or not the bot's own: it can neither be edited nor, if it is lost, pinned."""
    chat = str(rig.alva.id)
    ref = await rig.channel.send(chat, CARD)
    rig.alva.last.deleted = True
    await rig.alva.write("min egen")
    for lost in (ref, f"{chat}:999", f"{chat}:2"):
        with pytest.raises(Gone):
            await rig.channel.edit(chat, lost, HELLO)
    with pytest.raises(Gone):
        await rig.channel.pin(chat, ref)


async def test_a_message_is_pinned_without_a_sound_and_twice_does_no_harm(rig: Rig) -> None:
    """A pinned card may be pinned again after a crash."""
    chat = str(rig.alva.id)
    ref = await rig.channel.send(chat, CARD)
    assert await rig.channel.pin(chat, ref) == ref
    assert await rig.channel.pin(chat, ref) == ref
    assert rig.alva.last.pinned
    assert {str(call["disable_notification"]).lower() for call in rig.calls("pinChatMessage")} == {"true"}


async def test_a_group_is_left_and_leaving_again_does_no_harm(rig: Rig) -> None:
    """Neither does leaving one that threw the bot out; a private chat cannot be left."""
    unit = rig.server.group("Enheten", members=[rig.alva])
    await unit.add_bot(by=rig.alva)
    await rig.channel.leave(str(unit.id))
    assert unit.room.bot_status == "left"
    await rig.channel.leave(str(unit.id))
    await unit.kick_bot(by=rig.alva)
    await rig.channel.leave(str(unit.id))
    await rig.channel.leave("-404")
    with pytest.raises(Refused):
        await rig.channel.leave(str(rig.alva.id))


# How sending ends


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (Misbehaviour.TOO_MANY, Wait),
        (Misbehaviour.SERVER_ERROR, NotSent),
        (Misbehaviour.DROP_BEFORE, Unsure),
        (Misbehaviour.DROP_AFTER, Unsure),
        (Misbehaviour.BLOCKED, Refused),
    ],
)
async def test_a_fault_is_named_for_what_delivery_may_do(
    rig: Rig, fault: Misbehaviour, kind: type[Undelivered]
) -> None:
    """Wait, try again, list as uncertain, or give up."""
    rig.server.faults.plan("sendMessage", fault, seconds=7)
    error = await failing(rig)
    assert type(error) is kind
    assert getattr(error, "seconds", 7) == 7
    assert getattr(error, "account_ended", True)
    assert await rig.channel.send(str(rig.alva.id), HELLO)
    assert len(rig.calls("sendMessage")) == 2  # nothing was repeated behind delivery's back


async def test_an_answer_that_is_late_is_unsure(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    """The message may be there, and here it is."""
    monkeypatch.setattr(telegram_transport, "READ_SECONDS", 0.05)
    rig.server.faults.plan("sendMessage", Misbehaviour.DELAY, seconds=5)
    assert type(await failing(rig)) is Unsure
    assert rig.alva.last.text == "Hej"


async def test_without_a_connection_nothing_was_sent(rig: Rig) -> None:
    """Delivery may try again at once when there is one."""
    await rig.server.stop()
    await failing(rig)  # over the connection that was open: what was on its way there is not known
    error = await failing(rig)
    assert type(error) is NotSent
    assert "abc" not in f"{error.args} {error.__cause__!r}"


async def test_a_person_who_cannot_be_reached_ends_the_account(rig: Rig) -> None:
    """Blocked, deleted, never opened, unknown; also a group that threw the bot out."""
    unit = rig.server.group("Enheten", members=[rig.alva])
    await unit.add_bot(by=rig.alva)
    await unit.kick_bot(by=rig.alva)
    ended = rig.server.person("Bo")
    await ended.write("hej")
    ended.deactivate()
    stranger = rig.server.person("Cilla")
    rig.alva.block()
    for chat in (rig.alva.id, ended.id, stranger.id, 404, unit.id):
        error = await failing(rig, chat)
        assert isinstance(error, Refused)
        assert error.account_ended


async def test_a_message_that_telegram_cannot_take_is_refused_without_blame(rig: Rig) -> None:
    """The account goes on."""
    with pytest.raises(Refused) as caught:
        await rig.channel.send(str(rig.alva.id), Message((Paragraph(("å" * (LONGEST + 600),)),)))
    assert not caught.value.account_ended


async def test_a_group_that_moved_tells_its_new_id(rig: Rig) -> None:
    """Editing there afterwards goes by the new chat, where the old message is gone."""
    group = rig.server.group("Enheten", members=[rig.alva], kind="group")
    await group.add_bot(by=rig.alva)
    old = group.id
    ref = await rig.channel.send(str(old), CARD)
    new = group.migrate()
    error = await failing(rig, old)
    assert isinstance(error, Moved)
    assert error.chat == str(new)
    with pytest.raises(Moved):
        await rig.channel.edit(str(old), ref, HELLO)
    with pytest.raises(Gone):
        await rig.channel.edit(str(new), f"{old}:999", HELLO)


async def test_a_token_that_was_revoked_stops_the_platform(rig: Rig) -> None:
    """Until somebody mends it."""
    rig.server.token = "123:new"
    assert type(await failing(rig)) is PlatformDown


@pytest.mark.parametrize(
    "error", [NetworkError("Unknown error"), TelegramError("Invalid server response"), KeyError("message_id")]
)
def test_what_is_not_known_to_have_failed_is_unsure(error: Exception) -> None:
    """An answer came that cannot be read, so the message may be there."""
    assert type(undelivered(error)) is Unsure


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("Bad Request: message to edit not found", Gone),
        ("Bad Request: MESSAGE_ID_INVALID", Gone),
        ("Bad Request: not enough rights to manage pinned messages in the chat", Refused),
        ("Bad Request: PEER_ID_INVALID", Refused),
    ],
)
def test_a_refusal_is_read_by_its_words(words: str, kind: type[Undelivered]) -> None:
    """Telegram gives no codes."""
    assert type(undelivered(BadRequest(words))) is kind


# The menu of commands


async def test_a_menu_is_set_for_one_chat_or_for_everybody_by_language(rig: Rig) -> None:
    """And taken away again; its reference says whose it is."""
    chat = json.dumps({"chat_id": rig.alva.id, "type": "chat"}, sort_keys=True)
    entries = (("flagga", "Flagga något"), ("mina", "Se dina ärenden"))
    assert await rig.channel.menu(str(rig.alva.id), entries, "") == f"menu:{rig.alva.id}"
    assert await rig.channel.menu("", entries[:1], "sv") == "menu:"
    assert rig.server.commands == {
        (chat, ""): [{"command": name, "description": words} for name, words in entries],
        ("default", "sv"): [{"command": "flagga", "description": "Flagga något"}],
    }
    assert await rig.channel.menu(str(rig.alva.id), (), "") == f"menu:{rig.alva.id}"
    assert list(rig.server.commands) == [("default", "sv")]


@pytest.mark.parametrize(
    ("fault", "error"),
    [(Misbehaviour.TOO_MANY, Wait), (Misbehaviour.SERVER_ERROR, NotSent), (Misbehaviour.DROP_AFTER, Unsure)],
)
async def test_a_menu_that_is_not_set_says_why(rig: Rig, fault: Misbehaviour, error: type[Undelivered]) -> None:
    """As a message would."""
    rig.server.faults.plan("setMyCommands", fault)
    with pytest.raises(error):
        await rig.channel.menu("", (("flagga", "Flagga något"),), "")
    with pytest.raises(Refused):
        await rig.channel.menu("12345", (("flagga", "Flagga något"),), "")
