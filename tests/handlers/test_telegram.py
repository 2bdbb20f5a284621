"""The Telegram channel over the wire: how updates come in and when they are let go."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

import pytest
from telegram import Bot
from telegram.error import NetworkError

from bot.channels import BadLogin
from bot.events import Kind, Outcome
from bot.handlers import telegram as subject
from bot.handlers.telegram import TelegramChannel
from bot.messages import Button, Message, Paragraph, Title
from bot.playground.faults import Misbehaviour
from bot.playground.telegram import TelegramPlayground
from tests.handlers.telegram_rig import SLOW, TOKEN, Desk, Rig, channel_to, telegram_rig

QUESTION = Message((Title(("Läst?",)),), ((Button("Läst", "token-1"),),))


@pytest.fixture
async def rig() -> AsyncIterator[Rig]:
    async with telegram_rig() as rig:
        yield rig


async def ask(rig: Rig) -> None:
    """Put a message with a button before Alva."""
    await rig.channel.send(str(rig.alva.id), QUESTION)


# The offset


async def test_an_update_is_confirmed_only_after_the_door_returned(rig: Rig) -> None:
    """While the commit is under way Telegram still has the update."""
    rig.desk.open.clear()
    first = await rig.alva.write("hej")
    await rig.desk.next()
    second = await rig.alva.write("hej igen")
    assert rig.server.pending == 2
    assert rig.server.confirmed == []
    rig.desk.open.set()
    await rig.settled()
    assert rig.server.confirmed == [first, second]
    assert [event.text for event in rig.desk.committed] == ["hej", "hej igen"]


class Hasty(TelegramChannel):
    """What the proof must see go red: it acknowledges before the commit."""

    async def take(self, updates: list[dict[str, Any]]) -> None:
        for raw in updates:
            self._acknowledge(raw["update_id"])
            await self.confirm()
            await self._process(raw)


async def test_the_proof_above_would_see_a_hasty_acknowledgement() -> None:
    """With the order reversed the update is gone from Telegram before it is committed."""
    async with telegram_rig(Hasty) as rig:
        rig.desk.open.clear()
        await rig.alva.write("hej")
        await rig.desk.next()
        assert rig.server.pending == 0
        assert rig.desk.committed == []
        rig.desk.open.set()


async def test_the_probe_stands_between_commit_and_acknowledgement(rig: Rig) -> None:
    """The place where a test can let the process die."""
    seen: list[tuple[int, int]] = []
    rig.channel._probe = lambda _: seen.append((len(rig.desk.committed), rig.server.pending))
    await rig.alva.write("hej")
    await rig.settled()
    assert seen == [(1, 1)]


async def test_an_update_that_the_door_refuses_is_tried_again_before_the_next(rig: Rig) -> None:
    """With the database gone nothing is let go and nothing changes places."""
    rig.desk.failures = [OSError("database"), OSError("database")]
    await rig.alva.write("ett")
    await rig.alva.write("två")
    tries = [await rig.desk.next() for _ in range(3)]
    assert len({event.uid for event in tries}) == 1
    await rig.settled()
    assert [event.text for event in rig.desk.committed] == ["ett", "två"]


async def test_an_update_that_cannot_be_read_is_kept_and_the_next_goes_on(
    rig: Rig, caplog: pytest.LogCaptureFixture
) -> None:
    """One malformed update neither wedges the batch nor disappears, and its text is not in the log."""
    raw = {"message": {"text": "hemligt", "chat": {"id": 5}}}
    rig.desk.open.clear()
    await rig.alva.write("före")
    await rig.desk.next()
    broken = await rig.server.inject(raw)
    await rig.alva.write("efter")
    with caplog.at_level(logging.WARNING):
        rig.desk.open.set()
        await rig.settled()
    assert rig.desk.kept == [({"update_id": broken, **raw}, "KeyError")]
    assert [event.text for event in rig.desk.committed] == ["före", "efter"]
    assert str(broken) in caplog.text
    assert "hemligt" not in caplog.text


async def test_an_update_that_reads_but_makes_no_event_is_kept_too(rig: Rig) -> None:
    """A handler's own failure is not swallowed with the update."""
    rig.channel._now = broken_clock
    await rig.alva.write("hej")
    await rig.settled()
    assert [reason for _, reason in rig.desk.kept] == ["ZeroDivisionError"]
    assert rig.desk.committed == []


async def test_an_update_that_the_library_stumbles_over_afterwards_holds_up_nobody(rig: Rig) -> None:
    """It fails outside our handler, and would fail for ever."""
    odd = {"id": {"": None}, "is_bot": False, "first_name": "Alva"}
    chat = {"id": 5, "type": "private", "first_name": "Alva"}
    await rig.server.inject({"message": {"message_id": 7, "date": 1, "chat": chat, "from": odd, "text": "udda"}})
    await rig.alva.write("efter")
    await rig.settled()
    assert rig.desk.committed[-1].text == "efter"
    assert rig.server.pending == 0


def broken_clock() -> datetime:
    raise ZeroDivisionError


async def test_keeping_is_tried_until_it_succeeds(rig: Rig) -> None:
    """What cannot be read may not be lost either when the database is gone."""
    rig.desk.keeping_failures = [OSError("database")]
    await rig.server.inject({"message": 7})
    await rig.settled()
    assert len(rig.desk.kept) == 1


async def test_the_same_message_twice_has_the_same_uid(rig: Rig) -> None:
    """Also under a new update id, so that intake can know it again."""
    rig.server.duplicate_next(new_id=True)
    await rig.alva.write("hej")
    first, second = await rig.desk.next(), await rig.desk.next()
    assert first.uid == second.uid == f"telegram:123:m:{rig.alva.id}:1"


async def test_updates_that_changed_places_come_in_order(rig: Rig) -> None:
    """An offset confirms all that is lower, so the lower must be committed first."""
    rig.server.reorder_next()
    await rig.alva.write("ett")
    await rig.alva.write("två")
    await rig.settled()
    assert [event.text for event in rig.desk.committed] == ["ett", "två"]


async def test_update_ids_may_begin_again_at_a_lower_number(rig: Rig) -> None:
    """Telegram does so after a quiet week."""
    await rig.alva.write("ett")
    await rig.settled()
    content = {
        "message_id": 90,
        "date": 1_700_000_000,
        "chat": rig.alva.room.card,
        "from": rig.alva.card,
        "text": "två",
    }
    await rig.server.inject({"update_id": 17, "message": content})
    await rig.server.wait_for(lambda: 17 in rig.server.confirmed, what="the low update confirmed")
    assert [event.text for event in rig.desk.committed][-1] == "två"


# Presses


async def test_every_press_is_answered_with_its_toast(rig: Rig) -> None:
    """A short toast fades by itself, a long one stays, and none is longer than Telegram takes."""
    await ask(rig)
    toasts = ["", "Tack.", "Anna på säkerhetsenheten läste det 18.42 och hör av sig före 19.00.", "🙂 " * 200]
    remaining = iter(toasts)
    rig.desk.answer = lambda event: Outcome(toast=next(remaining))
    presses = [await rig.alva.press(rig.alva.last, "Läst") for _ in toasts]
    await rig.server.wait_for(lambda: not rig.server.unanswered, what="every press answered")
    assert [press.toast for press in presses[:3]] == [None, *toasts[1:3]]
    assert [press.alert for press in presses] == [False, False, True, True]
    assert presses[3].toast is not None
    assert len(presses[3].toast.encode("utf-16-le")) // 2 <= 200


async def test_a_press_that_cannot_be_read_is_answered_all_the_same(rig: Rig) -> None:
    """The button stops spinning, and the update is kept."""
    await rig.server.inject({"callback_query": {"id": "77"}})
    await rig.server.wait_for(lambda: rig.calls("answerCallbackQuery"), what="an answer")
    assert rig.calls("answerCallbackQuery")[0]["callback_query_id"] == "77"
    await rig.settled()
    assert len(rig.desk.kept) == 1


async def test_a_slow_commit_tells_the_presser_to_wait_for_the_receipt(rig: Rig) -> None:
    """The door still finishes, and the press is answered only once."""
    await ask(rig)
    rig.channel.patience = 0.01
    rig.desk.answer = lambda event: Outcome(toast="Tack.")
    rig.desk.open.clear()
    press = await rig.alva.press(rig.alva.last, "Läst")
    await rig.server.wait_for(lambda: press.toast == SLOW, what="the slow text")
    assert rig.desk.committed == []
    rig.desk.open.set()
    await rig.settled()
    assert len(rig.desk.committed) == 1
    assert len(rig.calls("answerCallbackQuery")) == 1


async def test_a_door_that_keeps_failing_is_slow_too(rig: Rig) -> None:
    """The two seconds count from the first try."""
    await ask(rig)
    rig.channel.patience = 0.05
    rig.channel.first_rest = 0.2
    rig.desk.failures = [OSError("database")]
    press = await rig.alva.press(rig.alva.last, "Läst")
    await rig.server.wait_for(lambda: press.answered, what="an answer")
    assert press.toast == SLOW
    await rig.settled()


async def test_an_answer_that_fails_holds_up_nothing(rig: Rig) -> None:
    """The press is committed; only its toast is lost."""
    await ask(rig)
    rig.server.faults.plan("answerCallbackQuery", Misbehaviour.SERVER_ERROR)
    await rig.alva.press(rig.alva.last, "Läst")
    await rig.alva.write("hej")
    await rig.settled()
    assert [event.kind for event in rig.desk.committed] == [Kind.PRESS, Kind.TEXT]
    assert len(rig.server.unanswered) == 1


# What is said at once


STRANGER = Message(
    (Title(("Vid fara för liv: ring 112",)), Paragraph(("Jag känner dig inte.",))),
    ((Button("Om mig", "t"),),),
)


async def test_a_stranger_is_answered_in_the_private_chat(rig: Rig) -> None:
    """Without the outbox, for nothing is stored of a stranger; a command in a group is answered there too."""
    unit = rig.server.group("Enheten", members=[rig.alva])
    await unit.add_bot(by=rig.alva)
    rig.desk.answer = lambda event: Outcome(direct=STRANGER if event.kind is Kind.COMMAND else None)
    await rig.alva.start()
    await unit.write(rig.alva, "/meny")
    await rig.server.wait_for(lambda: len(rig.alva.messages) == 2, what="two answers")
    assert unit.messages == []
    assert rig.alva.last.labels == ["Om mig"]


async def test_a_strangers_press_in_a_group_is_answered_over_the_chat(rig: Rig) -> None:
    """Only the presser sees it, and it stays until it is closed."""
    unit = rig.server.group("Enheten", members=[rig.alva])
    await unit.add_bot(by=rig.alva)
    await rig.channel.send(str(unit.id), QUESTION)
    rig.desk.answer = lambda event: Outcome(direct=STRANGER)
    press = await unit.press(rig.alva, unit.last, "Läst")
    await rig.server.wait_for(lambda: press.answered, what="an answer")
    assert press.toast == "Vid fara för liv: ring 112\n\nJag känner dig inte."
    assert press.alert


async def test_a_group_that_nobody_bound_is_left(rig: Rig) -> None:
    """The bot goes by itself."""
    rig.desk.answer = lambda event: Outcome(leave=event.kind is Kind.ADDED)
    unit = rig.server.group("Främmande", members=[rig.alva])
    await unit.add_bot(by=rig.alva)
    await rig.server.wait_for(lambda: unit.room.bot_status == "left", what="the bot to leave")


# Trouble on the line


@pytest.mark.parametrize(
    "fault",
    [Misbehaviour.SERVER_ERROR, Misbehaviour.DROP_BEFORE, Misbehaviour.DROP_AFTER, Misbehaviour.TOO_MANY],
)
async def test_polling_goes_on_after_trouble(fault: Misbehaviour) -> None:
    """An update that came meanwhile is received."""
    async with TelegramPlayground(token=TOKEN) as server:
        desk = Desk()
        desk.open.set()
        channel = channel_to(server, desk)
        server.faults.plan("getUpdates", fault, times=2 if fault is not Misbehaviour.TOO_MANY else 1)
        await server.person("Alva").write("hej")
        await channel.start()
        assert (await desk.next()).text == "hej"
        await server.wait_for(lambda: server.pending == 0, what="confirmation")
        await channel.stop()


async def test_a_second_process_with_the_same_token_is_named_in_the_log(
    rig: Rig, caplog: pytest.LogCaptureFixture
) -> None:
    """The channel goes on, so that the other one can be stopped."""
    await rig.alva.write("hej")
    await rig.settled()  # the poll that confirmed is the one that now waits
    async with Bot(TOKEN, base_url=rig.server.base_url) as other:
        await other.get_updates(timeout=0)
    await rig.alva.write("kvar")
    await rig.settled()
    assert "another process receives" in caplog.text


async def test_a_wrong_token_is_a_bad_login_that_does_not_show_it() -> None:
    """Somebody must mend it before the bot can run."""
    async with TelegramPlayground(token=TOKEN) as server:
        for token in ("123:wrong-token", ""):
            with pytest.raises(BadLogin) as caught:
                await channel_to(server, Desk(), token=token).start()
            assert "wrong" not in f"{caught.value!r} {caught.value.__cause__!r}"


async def test_a_start_that_failed_can_be_made_again() -> None:
    """Telegram could not be reached, and now it can."""
    async with TelegramPlayground(token=TOKEN, username="tryggvag_bot") as server:
        desk = Desk()
        desk.open.set()
        channel = channel_to(server, desk)
        server.faults.plan("getMe", Misbehaviour.SERVER_ERROR)
        with pytest.raises(NetworkError):
            await channel.start()
        await channel.start()
        assert channel.username == "tryggvag_bot"
        await server.person("Alva").write("hej")
        await desk.next()
        await channel.stop()


async def test_a_poll_that_came_back_is_remembered(rig: Rig) -> None:
    """A watchdog can see how long ago that was."""
    before = rig.channel.last_poll
    await rig.alva.write("hej")
    await rig.settled()
    assert rig.channel.last_poll > before


# Stopping


async def test_stopping_confirms_what_is_committed_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    """The rest comes again at the next start."""
    monkeypatch.setattr(subject, "GRACE_SECONDS", 0.05)
    async with TelegramPlayground(token=TOKEN) as server:
        alva, desk = server.person("Alva"), Desk()
        desk.open.set()
        desk.answer = lambda event: close(desk)
        first = await alva.write("ett")
        await alva.write("två")
        channel = channel_to(server, desk)
        await channel.start()
        await desk.next()
        await desk.next()
        await channel.stop()
        assert server.confirmed == [first]
        desk.open.set()
        await channel.start()
        assert (await desk.next()).text == "två"
        await server.wait_for(lambda: server.pending == 0, what="confirmation")
        await channel.stop()


def close(desk: Desk) -> Outcome:
    """Let nothing more through the door."""
    desk.open.clear()
    return Outcome()


async def test_stopping_lets_the_commit_under_way_finish(rig: Rig) -> None:
    """Its press is answered and its update confirmed, and the next is left for the next start."""
    await ask(rig)
    rig.desk.answer = lambda event: Outcome(toast="Tack.")
    rig.desk.open.clear()
    press = await rig.alva.press(rig.alva.last, "Läst")
    await rig.desk.next()
    await rig.alva.write("nästa")

    async def open_door() -> None:
        rig.desk.open.set()

    await asyncio.gather(rig.channel.stop(), open_door())
    assert press.toast == "Tack."
    assert rig.server.pending == 1
    assert len(rig.desk.committed) == 1


async def test_stopping_does_not_wait_for_the_long_poll(rig: Rig) -> None:
    """Nothing came for a while, and the poll has most of its 25 seconds left."""
    await rig.server.wait_for(lambda: len(rig.calls("getUpdates")) == 1, what="the first poll")
    await rig.channel.stop()
