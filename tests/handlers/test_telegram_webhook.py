"""The Telegram channel by webhook: what is taken, when it is answered, and what is refused."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import pytest
from aiohttp import web
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.channels import Answer, Request
from bot.events import Kind, Outcome, Suggestion
from bot.handlers.telegram import TelegramChannel
from bot.messages import Button, Message, Title
from bot.playground.faults import Misbehaviour
from bot.playground.telegram import TelegramPlayground
from tests.handlers.telegram_rig import SLOW, TOKEN, Desk, Rig, channel_to

SECRET = "ett-hemligt-ord-som-ingen-vet"
HEADER = "x-telegram-bot-api-secret-token"
QUESTION = Message((Title(("Läst?",)),), ((Button("Läst", "token-1"),),))


class Front:
    """The web server before the channel, as small as can be."""

    def __init__(self) -> None:
        self.channel: TelegramChannel | None = None
        self.answers: list[int] = []

    async def take(self, request: web.BaseRequest) -> web.Response:
        assert self.channel is not None
        headers = {name.lower(): value for name, value in request.headers.items()}
        answer = await self.channel.deliver(Request(headers, await request.read()))
        self.answers.append(answer.status)
        return web.Response(status=answer.status, body=answer.body)


@asynccontextmanager
async def front() -> AsyncIterator[tuple[Front, str]]:
    """A front on a loopback port, and its address."""
    server = Front()
    runner = web.ServerRunner(web.Server(server.take, access_log=None), shutdown_timeout=0.01)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield server, f"http://127.0.0.1:{runner.addresses[0][1]}/telegram"
    finally:
        await runner.cleanup()


class Hooked(Rig):
    """A rig whose channel is called instead of calling."""

    front: Front


@asynccontextmanager
async def hooked() -> AsyncIterator[Hooked]:
    async with TelegramPlayground(token=TOKEN, username="tryggvag_bot") as server, front() as (door, url):
        desk = Desk()
        desk.open.set()
        channel = channel_to(server, desk, webhook=(url, SECRET))
        rig = Hooked(server, desk, channel, server.person("Alva", username="alva"))
        rig.front = door
        door.channel = channel
        rig.alva.room.opened = True
        await channel.start()
        try:
            yield rig
        finally:
            desk.open.set()
            await channel.stop()


@pytest.fixture
async def rig() -> AsyncIterator[Hooked]:
    async with hooked() as rig:
        yield rig


def post(body: bytes | dict[str, Any], **headers: str) -> Request:
    """What Telegram posts, with the secret unless another is given."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Request({HEADER: SECRET, **headers}, content)


def update(rig: Rig, text: str = "hej", number: int = 7, **more: Any) -> dict[str, Any]:
    """An update about words that Alva wrote."""
    message = {"message_id": number, "date": 1_700_000_000, "chat": rig.alva.room.card, "from": rig.alva.card}
    return {"update_id": number, "message": {**message, "text": text}, **more}


async def test_telegram_is_told_where_to_post_and_nothing_is_fetched(rig: Hooked) -> None:
    """With the secret, for the kinds that are read, over few connections; what waits is not dropped."""
    assert rig.server.webhook is not None
    assert (rig.server.webhook.secret, rig.server.webhook.connections) == (SECRET, 20)
    assert rig.server.world.updates.allowed == frozenset(
        ("message", "edited_message", "callback_query", "inline_query", "my_chat_member")
    )
    assert "drop_pending_updates" not in rig.calls("setWebhook")[0]
    assert rig.calls("getUpdates") == []
    assert rig.channel.heard_at is None


async def test_an_update_is_answered_only_after_the_door_returned(rig: Hooked) -> None:
    """While the commit is under way Telegram still has the update."""
    rig.desk.open.clear()
    await rig.alva.write("hej")
    event = await rig.desk.next()
    assert (event.kind, event.text, rig.server.pending) == (Kind.TEXT, "hej", 1)
    rig.desk.open.set()
    await rig.settled()
    assert rig.front.answers == [200]
    assert rig.desk.probes == ["between commit and acknowledgement"]


async def test_posts_are_taken_one_at_a_time_in_the_order_in_which_they_came(rig: Hooked) -> None:
    """Also when they come at once."""
    rig.desk.open.clear()
    posts = [asyncio.create_task(rig.channel.deliver(post(update(rig, str(n), n)))) for n in range(1, 6)]
    await rig.desk.next()
    await asyncio.sleep(0.01)
    assert rig.desk.came.empty(), "the second came to the door before the first was committed"
    rig.desk.open.set()
    assert [answer.status for answer in await asyncio.gather(*posts)] == [200] * 5
    assert [event.text for event in rig.desk.committed] == ["1", "2", "3", "4", "5"]


async def test_the_same_update_twice_at_once_has_the_same_uid(rig: Hooked) -> None:
    """So that intake knows the second again."""
    rig.server.duplicate_next()
    await rig.alva.write("hej")
    await rig.settled()
    first, second = rig.desk.committed
    assert first.uid == second.uid
    assert rig.front.answers == [200, 200]


async def test_a_press_is_answered_with_its_toast(rig: Hooked) -> None:
    await rig.channel.send(str(rig.alva.id), QUESTION)
    rig.desk.answer = lambda event: Outcome(toast="Tack.")
    press = await rig.alva.press(rig.alva.last, "Läst")
    await rig.server.wait_for(lambda: press.answered, what="an answer")
    assert press.toast == "Tack."


async def test_a_look_is_answered_with_its_suggestions(rig: Hooked) -> None:
    """As when it is fetched."""
    paper = Suggestion("paket", "Misstänkt paket", "Rör det inte", QUESTION)
    rig.desk.answer = lambda event: Outcome(suggestions=(paper,))
    look = await rig.alva.look("paket")
    await rig.server.wait_for(lambda: look.answered, what="the list")
    assert (look.titles, rig.desk.committed[0].kind) == (["Misstänkt paket"], Kind.INLINE)


# When the database does not take it


async def test_what_cannot_be_committed_is_not_answered_with_200_and_comes_again(
    rig: Hooked, caplog: pytest.LogCaptureFixture
) -> None:
    """Nothing is tried for ever inside a request: Telegram has patience enough."""
    rig.channel.patience = 0.05
    rig.channel.first_rest = 0.02
    rig.desk.failures = [OSError("hemligt")] * 4
    await rig.alva.write("hej")
    await rig.settled()
    assert set(rig.front.answers[:-1]) == {503}
    assert rig.front.answers[-1] == 200
    assert len(rig.desk.committed) == 1
    assert "hemligt" not in caplog.text


async def test_a_door_that_hangs_is_left_to_finish_and_the_others_are_asked_to_come_again(rig: Hooked) -> None:
    """Cutting it off half-way could commit and forget to tell delivery."""
    rig.channel.patience = 0.05
    rig.desk.open.clear()
    started = time.monotonic()
    answers = await asyncio.gather(
        rig.channel.deliver(post(update(rig, "ett", 1))), rig.channel.deliver(post(update(rig, "två", 2)))
    )
    assert [answer.status for answer in answers] == [503, 503]
    assert time.monotonic() - started < 1
    rig.desk.open.set()
    rig.channel.patience = 5
    assert (await rig.channel.deliver(post(update(rig, "två", 2)))).status == 200
    assert [event.text for event in rig.desk.committed] == ["ett", "två"]


async def test_a_press_that_was_slow_and_comes_again_is_answered_without_a_trace_in_the_log(
    rig: Hooked, caplog: pytest.LogCaptureFixture
) -> None:
    """The first time the presser is told to wait, the second time it is done."""
    rig.channel.patience = 0.02
    await rig.channel.send(str(rig.alva.id), QUESTION)
    rig.desk.open.clear()
    press = await rig.alva.press(rig.alva.last, "Läst")
    await rig.server.wait_for(lambda: press.toast == SLOW, what="the slow text")
    await rig.server.wait_for(lambda: 503 in rig.front.answers, what="a refusal")
    rig.desk.open.set()
    await rig.settled()
    assert rig.front.answers[-1] == 200
    assert not [record for record in caplog.records if record.name == "asyncio"]


# What is not Telegram's


@pytest.mark.parametrize("shown", ["", "fel", SECRET + "x", SECRET[:-1], "hémligt", "\udcff", SECRET.upper()])
async def test_without_the_secret_nothing_gets_in_and_nothing_is_said(
    rig: Hooked, caplog: pytest.LogCaptureFixture, shown: str
) -> None:
    """Neither a wrong one nor one in other letters; the body is not even read."""
    caplog.set_level(logging.INFO)
    for headers in ({HEADER: shown}, {}):
        answer = await rig.channel.deliver(Request(headers, b'{"update_id": 1, "message": "hemligt'))
        assert answer == Answer(401)
    assert (rig.desk.committed, rig.desk.kept, caplog.text) == ([], [], "")


async def test_a_channel_without_a_webhook_takes_no_posts() -> None:
    async with TelegramPlayground(token=TOKEN) as server:
        desk = Desk()
        assert await channel_to(server, desk).deliver(post(b"{}")) == Answer(401)
        assert await channel_to(server, desk).deliver(post(b"{}", **{HEADER: ""})) == Answer(401)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"7",
        b'"x"',
        b"null",
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"a":' * 60 + b"1" + b"}" * 60,
        b"9" * 5000,
    ],
    ids=lambda body: repr(body[:10]),
)
async def test_a_body_that_is_no_object_is_a_bad_request(rig: Hooked, body: bytes) -> None:
    """With the secret, so somebody must mend something; there is nothing to keep."""
    assert await rig.channel.deliver(post(body)) == Answer(400)
    assert (rig.desk.committed, rig.desk.kept) == ([], [])


async def test_an_object_that_cannot_be_read_is_kept_and_not_asked_for_again(rig: Hooked) -> None:
    """One without a number too; and when it cannot be kept it comes again."""
    broken = {"update_id": 5, "message": {"text": "hemligt"}}
    assert await rig.channel.deliver(post(broken)) == Answer(200)
    assert await rig.channel.deliver(post({"message": 7})) == Answer(200)
    assert await rig.channel.deliver(post({"update_id": "7"})) == Answer(200)
    assert [reason for _, reason in rig.desk.kept] == ["KeyError", "NoNumber", "NoNumber"]
    rig.channel.patience = 0.0
    rig.desk.keeping_failures = [OSError("database")]
    assert await rig.channel.deliver(post(broken)) == Answer(503)
    assert rig.desk.committed == []


# Starting, stopping, changing over


async def test_an_address_that_telegram_refuses_says_why(caplog: pytest.LogCaptureFixture) -> None:
    """And the start fails, so that it is tried again; the log does not hold the token."""
    async with TelegramPlayground(token=TOKEN) as server:
        channel = channel_to(server, Desk(), webhook=("ftp://fel", SECRET))
        with pytest.raises(Exception, match="https url"):
            await channel.start()
        await channel.stop()
    assert "https url must be provided" in caplog.text
    assert TOKEN not in caplog.text
    assert SECRET not in caplog.text


async def test_polling_takes_the_webhook_down_and_gets_what_was_not_taken() -> None:
    """Changing over loses nothing; a first try that fails is made again."""
    async with TelegramPlayground(token=TOKEN) as server:
        desk, alva = Desk(), server.person("Alva")
        desk.open.set()
        hooked = channel_to(server, desk, webhook=("http://127.0.0.1:9/nobody", SECRET))
        await hooked.start()
        await alva.write("hej")
        await hooked.stop()
        assert server.webhook is not None, "what comes until the next start would be lost to nobody"
        server.faults.plan("deleteWebhook", Misbehaviour.SERVER_ERROR)
        polling = channel_to(server, desk)
        await polling.start()
        assert (await desk.next()).text == "hej"
        assert server.webhook is None
        await polling.stop()
        kept = [str(call.params.get("drop_pending_updates", False)) for call in server.calls]
        assert {word.lower() for word in kept} == {"false"}


async def test_reviving_sets_the_webhook_again(rig: Hooked) -> None:
    """Somebody may have taken it down; that it fails is no reason to stop."""
    rig.server.world.hook = None
    rig.server.faults.plan("setWebhook", Misbehaviour.SERVER_ERROR)
    await rig.channel.revive()
    assert rig.server.webhook is None
    await rig.channel.revive()
    assert rig.server.webhook is not None
    await rig.alva.write("hej")
    await rig.settled()


async def test_who_listens_makes_no_difference_to_a_webhook(rig: Hooked) -> None:
    """Each process may be posted to."""
    await rig.channel.listen(False)
    await rig.channel.listen(True)
    assert rig.calls("getUpdates") == []
    await rig.alva.write("hej")
    await rig.settled()


async def test_stopping_lets_the_commit_under_way_finish(rig: Hooked) -> None:
    """And what comes after it is asked to come again."""
    rig.desk.open.clear()
    posted = asyncio.create_task(rig.channel.deliver(post(update(rig))))
    await rig.desk.next()
    late = asyncio.create_task(rig.channel.deliver(post(update(rig, "sen", 8))))
    stopping = asyncio.create_task(rig.channel.stop())
    await asyncio.sleep(0.01)
    rig.desk.open.set()
    await stopping
    assert [(await posted).status, (await late).status] == [200, 503]
    assert [event.text for event in rig.desk.committed] == ["hej"]


# Anything at all

JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.just("/start x"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
PLACES = ["update_id", "message", "message.chat", "message.from", "message.date", "message.text", "message.entities",
          "message.photo", "message.forward_origin", "message.location", "message.document", "message.caption",
          "message.reply_to_message", "callback_query", "callback_query.id", "callback_query.data",
          "callback_query.message", "inline_query", "inline_query.id", "inline_query.query", "my_chat_member",
          "my_chat_member.new_chat_member", "edited_message"]  # fmt: skip
KINDS = ("message", "edited_message", "my_chat_member")


def test_no_update_however_malformed_gets_more_than_an_answer() -> None:
    """With the secret each of 300 is committed or kept; without it each is refused, and nothing is changed."""
    with asyncio.Runner() as runner:
        stack = AsyncExitStack()
        rig = runner.run(stack.enter_async_context(hooked()))
        rig.desk.answer = lambda event: Outcome(toast="Tack.", direct=QUESTION)

        @settings(max_examples=300, deadline=None, database=None)
        @given(st.dictionaries(st.sampled_from(PLACES), JUNK, min_size=1, max_size=4), st.booleans())
        def attempt(changes: dict[str, Any], signed: bool) -> None:
            runner.run(malformed(rig, changes, signed))

        try:
            attempt()
        finally:
            runner.run(stack.aclose())
        assert rig.desk.committed, "nothing was whole enough to get in"
        assert rig.desk.kept, "nothing was broken enough to be kept"


async def malformed(rig: Hooked, changes: dict[str, Any], signed: bool) -> None:
    before = len(rig.desk.committed) + len(rig.desk.kept)
    secret = SECRET if signed else "fel"
    answer = await rig.channel.deliver(post(broken(rig, changes), **{HEADER: secret}))
    assert answer == Answer(200 if signed else 401)
    assert len(rig.desk.committed) + len(rig.desk.kept) <= before + (1 if signed else 0)


def broken(rig: Hooked, changes: dict[str, Any]) -> dict[str, Any]:
    """An update with something else in these places."""
    raw = update(rig, "/start", 7)
    kind = next(iter(changes)).partition(".")[0]
    if kind in KINDS:
        raw = {"update_id": 7, kind: raw["message"]}
    if kind == "callback_query":
        raw = {"update_id": 7, kind: {"id": "8", "from": rig.alva.card, "chat_instance": "1", "data": "x"}}
    if kind == "inline_query":
        raw = {"update_id": 7, kind: {"id": "9", "from": rig.alva.card, "query": "hot", "offset": ""}}
    for place, junk in changes.items():
        inside, _, name = place.rpartition(".")
        within = raw.get(inside) if inside else raw
        if isinstance(within, dict):
            within[name] = junk
    return raw
