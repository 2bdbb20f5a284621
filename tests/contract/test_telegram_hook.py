"""What is posted to the webhook and is not whole changes nothing in the bot's own database."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.channels import Answer
from bot.handlers.telegram import TelegramChannel
from tests.contract.conftest import House
from tests.handlers.test_telegram_webhook import HEADER, PLACES, SECRET, post

JUNK: list[Any] = [None, True, -1, 2**70, 1.5, "", "x" * 5000, "/start", "\ud83d", [], [[]], {}, {"id": {}}, {"id": -5},
                   {"id": 7, "type": "private"}, [{"type": "bot_command", "offset": 0, "length": 999}]]  # fmt: skip


@pytest.fixture
def platform() -> str:
    """Slack has requests of its own."""
    return "telegram"


@pytest.fixture
async def hook(town: House) -> AsyncIterator[TelegramChannel]:
    """Another channel to the same bot, as in a process that is posted to."""
    intake = town.app.intake
    channel = TelegramChannel(
        token=town.telegram.token,
        base_url=town.telegram.base_url,
        door=intake.handle,
        keep=intake.keep_raw,
        now=lambda: datetime.now(UTC),
        slow_text="Vänta.",
        webhook=("https://127.0.0.1:9/telegram", SECRET),
    )
    await town.app.channels[0].listen(False)
    await channel.start()
    yield channel
    await channel.stop()


def whole(town: House, number: int) -> dict[str, Any]:
    """What Alva could have written, pressed or been."""
    sender, chat = town.contact.human.card, town.contact.human.room.card
    message = {"message_id": number, "date": 1_700_000_000, "chat": chat, "from": sender, "text": "hej"}
    query = {"id": str(number), "from": sender, "chat_instance": "1", "data": "a.now.0", "message": message}
    member = {"user": sender, "status": "member"}
    change = {"chat": chat, "from": sender, "date": 1, "old_chat_member": member, "new_chat_member": member}
    look = {"id": str(number), "from": sender, "query": "hot", "offset": ""}
    spoken = {"message": message, "edited_message": message}
    return {**spoken, "callback_query": query, "inline_query": look, "my_chat_member": change}


def broken(town: House, dice: random.Random, number: int) -> dict[str, Any]:
    """One of them without somebody to answer, and with junk in a few places."""
    place = dice.choice([place for place in PLACES if "." in place])
    kind = place.partition(".")[0]
    content = {**whole(town, number)[kind], "from": dice.choice([None, 7, {}, {"id": "x"}, []])}
    content.update({inner.partition(".")[2]: dice.choice(JUNK) for inner in PLACES if inner.startswith(f"{kind}.")
                    and inner != f"{kind}.from" and dice.random() < 0.4})  # fmt: skip
    return {"update_id": number, kind: content}


async def test_posts_without_the_secret_leave_no_trace_at_all(town: House, hook: TelegramChannel) -> None:
    """Whole ones too: not a row, not a message."""
    before, shown = await town.rows(), len(town.contact.messages)
    for number, (kind, content) in enumerate(whole(town, 1).items(), 900):
        for secret in ("", "fel", SECRET + "x"):
            raw = {"update_id": number, kind: content}
            assert await hook.deliver(post(raw, **{HEADER: secret})) == Answer(401)
    await town.quiet()
    assert await town.rows() == before
    assert len(town.contact.messages) == shown


async def test_three_hundred_malformed_posts_with_the_secret_are_kept_and_change_nothing(
    town: House, hook: TelegramChannel
) -> None:
    """Each is answered with 200, or Telegram would post it for a day; only what is kept to be looked at grows."""
    dice = random.Random(5)
    before = await town.rows()
    for number in range(300):
        assert await hook.deliver(post(broken(town, dice, 1000 + number))) == Answer(200)
    await town.quiet()
    after = await town.rows()
    kept = after.pop("keptevent") - before.pop("keptevent")
    assert after == before
    assert kept > 100


async def test_a_whole_post_with_the_secret_is_acted_on_once_however_often_it_comes(
    town: House, hook: TelegramChannel
) -> None:
    """What came in the junk's place above would have got in."""
    raw = {"update_id": 5, "message": {**whole(town, 77)["message"], "text": "meny"}}
    for _ in range(3):
        assert await hook.deliver(post(raw)) == Answer(200)
    await town.quiet()
    assert len([message for message in town.contact.messages if "Fara för liv" in message.text]) == 1
