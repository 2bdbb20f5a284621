"""What the Telegram channel makes of what people do, over the wire."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.events import Address, Chat, Event, Kind, Platform
from bot.messages import Button, Message, Title
from bot.playground.telegram import Group, Human
from tests.handlers.telegram_rig import Rig, telegram_rig

QUESTION = Message((Title(("Läst?",)),), ((Button("Läst", "token-1"),),))


@pytest.fixture
async def rig() -> AsyncIterator[Rig]:
    async with telegram_rig() as rig:
        yield rig


@pytest.fixture
async def unit(rig: Rig) -> Group:
    """A public group with the bot in it, whose coming in is seen already."""
    unit = rig.server.group("Enheten", members=[rig.alva], username="enheten")
    await unit.add_bot(by=rig.alva)
    await rig.desk.next()
    return unit


def chat_of(person: Human) -> Chat:
    return Chat(str(person.id), private=True)


async def only(rig: Rig) -> Event:
    """The event that came; a word written after it shows that there was just one."""
    await rig.server.person("Bo").write("sist")
    await rig.settled()
    event, last = rig.desk.committed[-2:]
    assert last.text == "sist"
    return event


async def inject(rig: Rig, kind: str = "message", /, **content: Any) -> None:
    """Something that Alva did and the playground's people cannot do."""
    shown = {"message_id": 50, "date": 1_700_000_000, "chat": rig.alva.room.card, "from": rig.alva.card}
    await rig.server.inject({kind: {**shown, **content}})


async def test_words_become_a_text_event(rig: Rig) -> None:
    """With who, where and when, by both clocks."""
    before = datetime.now(UTC).replace(microsecond=0)
    ebba = rig.server.person("Ebba", last_name="Ek", username="ebba")
    await ebba.write("Det luktar rök")
    event = await rig.desk.next()
    assert event == Event(
        uid=f"telegram:123:m:{ebba.id}:1",
        sender=Address(Platform.TELEGRAM, "", str(ebba.id)),
        chat=chat_of(ebba),
        kind=Kind.TEXT,
        sent_at=event.sent_at,
        received_at=event.received_at,
        text="Det luktar rök",
        sender_name="Ebba Ek (@ebba)",
    )
    assert before <= event.sent_at <= event.received_at
    assert event.sent_at.tzinfo is not None


async def test_a_reply_names_the_message_it_answers(rig: Rig) -> None:
    """So that the words can go to the right incident."""
    ref = await rig.channel.send(str(rig.alva.id), QUESTION)
    await rig.alva.write("Ja", reply_to=rig.alva.last)
    assert (await rig.desk.next()).reply_to == ref


@pytest.mark.parametrize(
    ("written", "command", "rest"),
    [
        ("/start abc-_1", "start", "abc-_1"),
        ("/Flagga", "flagga", ""),
        ("/flagga@Tryggvag_Bot brand i soprum\npå gården", "flagga", "brand i soprum\npå gården"),
        ("/meny\nhej", "meny", "hej"),
    ],
)
async def test_a_command_is_its_word_and_the_rest(rig: Rig, written: str, command: str, rest: str) -> None:
    """In small letters, without the slash and without the bot's name."""
    await rig.alva.write(written)
    event = await rig.desk.next()
    assert (event.kind, event.command, event.text) == (Kind.COMMAND, command, rest)


async def test_broken_characters_are_replaced(rig: Rig) -> None:
    """Half a character would be refused by the database and by Telegram."""
    await inject(rig, text="hej \ud83d", from_user=None)
    assert (await rig.desk.next()).text == "hej \ufffd"


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ({"contact": {"phone_number": "+46700000000", "first_name": "Bo"}}, ""),
        ({"paid_media": {"star_count": 1, "paid_media": []}, "caption": "Röken"}, "Röken"),
        ({"something_new": {"id": 1}}, ""),
    ],
)
async def test_what_cannot_be_read_yet_comes_with_its_caption(rig: Rig, content: dict[str, Any], text: str) -> None:
    """Contact cards, paid pictures and whatever Telegram thinks of next."""
    await inject(rig, **content)
    event = await rig.desk.next()
    assert (event.kind, event.text, event.command) == (Kind.OTHER, text, "")


async def test_an_edit_is_an_act_of_its_own(rig: Rig) -> None:
    """Its uid is not the message's, and what it now says is not passed on."""
    await inject(rig, "edited_message", text="ändrat", edit_date=1_700_000_060)
    event = await rig.desk.next()
    assert event.uid == f"telegram:123:e:{rig.alva.id}:50:1700000060"
    assert (event.kind, event.command, event.text) == (Kind.OTHER, "edited", "")
    assert event.sent_at == datetime.fromtimestamp(1_700_000_060, UTC)


async def test_nobodys_messages_make_no_event(rig: Rig) -> None:
    """Bots, channels, anonymous administrators, service messages and a shared place that moves."""
    bot = {"id": 9, "is_bot": True, "first_name": "B"}
    channel = {"id": -1009, "type": "channel", "title": "K"}
    await inject(rig, text="hej", **{"from": bot})
    await inject(rig, text="hej", sender_chat=channel)
    await inject(rig, "channel_post", text="hej", chat=channel)
    await inject(rig, pinned_message={"message_id": 3, "date": 0, "chat": rig.alva.room.card})
    await inject(rig, message_auto_delete_timer_changed={"message_auto_delete_time": 86400})
    await inject(rig, "poll_of_a_new_kind")
    await inject(rig, "edited_message", location={"longitude": 18.0, "latitude": 59.0}, edit_date=1_700_000_060)
    await rig.alva.write("sist")
    await rig.settled()
    assert [event.text for event in rig.desk.committed] == ["sist"]
    assert rig.desk.kept == []


# Presses


async def test_a_press_carries_its_token_and_its_message(rig: Rig) -> None:
    """And the press's own id, whatever update brings it."""
    ref = await rig.channel.send(str(rig.alva.id), QUESTION)
    press = await rig.alva.press(rig.alva.last, "Läst")
    event = await rig.desk.next()
    assert event.uid == f"telegram:123:c:{press.id}"
    assert (event.kind, event.token, event.message) == (Kind.PRESS, "token-1", ref)
    assert event.chat == chat_of(rig.alva)
    assert event.sent_at == event.received_at


async def test_a_press_on_a_message_that_is_gone_counts(rig: Rig) -> None:
    """It names no message; one in an inline message names no chat either, so it gets the person's own."""
    await rig.channel.send(str(rig.alva.id), QUESTION)
    rig.alva.last.deleted = True
    await rig.alva.press_data(rig.alva.last, "token-1")
    query = {"id": "8", "from": rig.alva.card, "chat_instance": "1", "inline_message_id": "x"}
    await rig.server.inject({"callback_query": {**query, "data": "token-2"}})
    first, second = await rig.desk.next(), await rig.desk.next()
    assert (first.token, first.message, first.chat) == ("token-1", "", chat_of(rig.alva))
    assert (second.token, second.message, second.chat) == ("token-2", "", chat_of(rig.alva))


# Groups


async def test_nothing_written_in_a_group_becomes_an_event_but_commands_do(rig: Rig, unit: Group) -> None:
    """Neither words, pictures nor edits; nor a command that is meant for another bot."""
    card = unit.room.card
    await unit.write(rig.alva, "hemligt")
    await inject(
        rig,
        chat=card,
        photo=[{"file_id": "f", "file_unique_id": "u", "width": 1, "height": 1}],
        caption="hemligt",
    )
    await inject(rig, "edited_message", chat=card, text="hemligt", edit_date=1_700_000_060)
    await unit.write(rig.alva, "/meny@other_bot")
    await unit.write(rig.alva, "/bind här")
    event = await only(rig)
    assert (event.kind, event.command, event.text) == (Kind.COMMAND, "bind", "här")
    assert event.chat == Chat(str(unit.id), private=False, title="Enheten", public=True)
    assert len(rig.desk.committed) == 3


async def test_being_put_into_a_group_and_out_of_it_are_events(rig: Rig) -> None:
    """Each once, with the group's name and whether anybody can join."""
    group = rig.server.group("Partiet", members=[rig.alva])
    added = await group.add_bot(by=rig.alva)
    await rig.settled()
    removed = await group.kick_bot(by=rig.alva)
    await rig.settled()
    events = rig.desk.committed
    assert [event.kind for event in events] == [Kind.ADDED, Kind.REMOVED]
    # The service message about the coming in has the later id; the change itself came just before it.
    assert [event.uid for event in events] == [f"telegram:123:u:{added - 1}", f"telegram:123:u:{removed}"]
    assert events[0].chat == Chat(str(group.id), private=False, title="Partiet", public=False)
    assert events[0].sender.user == str(rig.alva.id)


async def test_a_promotion_is_no_coming_in(rig: Rig, unit: Group) -> None:
    """The bot was there before and still is."""
    await unit.add_bot(by=rig.alva, admin=True)
    event = await only(rig)
    assert event.kind is Kind.ADDED
    assert len(rig.desk.committed) == 2


async def test_being_blocked_and_unblocked_are_events(rig: Rig) -> None:
    """In the private chat they mean that the person cannot be reached, and can again."""
    rig.alva.block()
    rig.alva.unblock()
    blocked, unblocked = await rig.desk.next(), await rig.desk.next()
    assert [blocked.kind, unblocked.kind] == [Kind.REMOVED, Kind.ADDED]
    assert blocked.chat == unblocked.chat == chat_of(rig.alva)


async def test_a_group_that_becomes_a_supergroup_says_its_new_id_once(rig: Rig) -> None:
    """The note in the new chat adds nothing."""
    group = rig.server.group("Enheten", members=[rig.alva], kind="group")
    await group.add_bot(by=rig.alva)
    old, new = group.id, group.migrate()
    event = await only(rig)
    assert (event.kind, event.command, event.text) == (Kind.OTHER, "migrated", str(new))
    assert event.chat.id == str(old)
    assert len(rig.desk.committed) == 3


async def test_broken_characters_in_ids_are_replaced_too(rig: Rig, caplog: pytest.LogCaptureFixture) -> None:
    """Half a character in a uid would keep the update from being committed for ever."""
    half = "\ud83d"
    person = {**rig.alva.card, "id": half}
    await inject(rig, text="hej", message_id=half, chat={"id": half, "type": "private"}, **{"from": person})
    query = {"id": half, "from": rig.alva.card, "chat_instance": "1", "data": half}
    await rig.server.inject({"callback_query": query})
    await rig.settled()
    said, press = rig.desk.committed
    for words in (said.uid, said.chat.id, said.sender.user, press.uid, press.token, caplog.text):
        assert half not in words
