"""The Slack playground by HTTP: bolt itself, with its own verification, takes what it posts."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
from aiohttp import web
from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_bolt.request.async_request import AsyncBoltRequest

from bot.playground.slack import Human, SlackPlayground
from tests.playground.slack_rig import BOT_TOKEN, Json, actions, button, client, field, view

SECRET = "0123456789abcdef"


@pytest.fixture
async def server() -> AsyncIterator[SlackPlayground]:
    async with SlackPlayground(echo=False) as server:
        yield server


@pytest.fixture
def user(server: SlackPlayground) -> Human:
    return server.person("Alva Berg")


@asynccontextmanager
async def serving(answer: Callable[[web.Request], web.StreamResponse | None] | AsyncApp) -> AsyncIterator[str]:
    """An app at an address: bolt's, or one that answers everything alike."""

    async def serve(request: web.Request) -> web.StreamResponse:
        if not isinstance(answer, AsyncApp):
            return answer(request) or web.Response()
        bolt = AsyncBoltRequest(body=await request.text(), headers=dict(request.headers))
        reply = await answer.async_dispatch(bolt)
        return web.Response(status=reply.status, body=reply.body, headers=reply.first_headers())

    app = web.Application()
    app.router.add_post("/slack", serve)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/slack"
    finally:
        await runner.cleanup()


def bolt(server: SlackPlayground, secret: str = SECRET) -> AsyncApp:
    app = AsyncApp(token=BOT_TOKEN, signing_secret=secret, client=client(server), process_before_response=True)

    @app.event("message")
    async def heard(event: Json, ack: AsyncAck) -> None:
        await client(server).chat_postMessage(channel=event["channel"], text=event["text"])
        await ack()

    @app.command("/flagga")
    async def command(ack: AsyncAck) -> None:
        await ack("Klart.")

    @app.action("read")
    async def press(ack: AsyncAck, body: Json) -> None:
        await client(server).views_open(trigger_id=body["trigger_id"], view=view(field(), callback_id="form"))
        await ack()

    @app.view("form")
    async def form(ack: AsyncAck) -> None:
        await ack(response_action="errors", errors={"what": "Skriv mer."})

    return app


async def test_bolt_hears_all_that_people_do(server: SlackPlayground, user: Human) -> None:
    async with serving(bolt(server)) as url:
        assert await server.post_to(url, SECRET)
        await (await user.write("hej å & <b>")).answer()
        assert user.last.plain == "hej å & <b>"
        assert await (await user.command("/flagga", "å")).answer() == {"text": "Klart."}
        await client(server).chat_postMessage(channel=user.dm, text="x", blocks=[actions(button())])
        await (await user.press(user.last, "Läst")).answer()
        await (await user.submit({"Vad hände?": "å"})).answer()
        assert user.modal is not None and user.modal.errors == {"Vad hände?": "Skriv mer."}
        assert server.connections == 0


async def test_bolt_does_not_believe_another_secret(server: SlackPlayground, user: Human) -> None:
    async with serving(bolt(server, "another")) as url:
        assert not await server.post_to(url, SECRET)
        delivery = await user.write("hej")
        await server.wait_for(lambda: server.lost == [delivery], what="Slack gave up")


async def test_an_event_is_posted_four_times_and_the_retries_are_numbered(server: SlackPlayground, user: Human) -> None:
    numbers: list[str | None] = []

    def refuse(request: web.Request) -> web.Response:
        numbers.append(request.headers.get("x-slack-retry-num"))
        return web.Response(status=500)

    async with serving(refuse) as url:
        await server.post_to(url, SECRET, pauses=(0.0, 0.0, 0.0))
        numbers.clear()
        delivery = await user.write("hej")
        await server.wait_for(lambda: server.lost == [delivery], what="Slack gave up")
        assert numbers == [None, "1", "2", "3"]


async def test_a_command_is_posted_once(server: SlackPlayground, user: Human) -> None:
    came: list[str] = []

    def refuse(request: web.Request) -> web.Response:
        came.append(request.content_type)
        return web.Response(status=500)

    async with serving(refuse) as url:
        await server.post_to(url, SECRET)
        delivery = await user.command("/flagga")
        await server.wait_for(lambda: server.timeouts == [delivery], what="Slack's own error")
        assert came == ["application/json", "application/x-www-form-urlencoded"]


async def test_an_address_where_nobody_is_any_more_counts_as_no_answer(server: SlackPlayground, user: Human) -> None:
    async with serving(lambda request: None) as url:
        await server.post_to(url, SECRET)
    delivery = await user.command("/flagga")
    await server.wait_for(lambda: server.timeouts == [delivery], what="Slack's own error")


async def test_an_address_where_nobody_knows_the_challenge_is_told(server: SlackPlayground) -> None:
    async with serving(lambda request: web.Response(text="hej")) as url:
        assert not await server.post_to(url, SECRET)
