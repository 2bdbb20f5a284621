"""The web server: what it lets in, what it answers, and that it comes and goes cleanly."""

from __future__ import annotations

import asyncio
import json
import logging
import socket
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.channels import Answer, Request
from bot.health import Health
from bot.metrics import Metrics
from bot.web import LARGEST, BadPort, Web, site
from storage import migrate
from storage.database import Database
from tests.storage.conftest import KEY

SECRET = "Hemligt brinner på Skolgatan"


@dataclass
class Desk:
    """What the platform's posts meet."""

    posts: list[Request] = field(default_factory=list)
    answer: Answer = field(default_factory=lambda: Answer(200, b'{"ok": true}', "application/json"))
    error: Exception | None = None
    rest: float = 0.0
    came: asyncio.Event = field(default_factory=asyncio.Event)

    async def deliver(self, request: Request) -> Answer:
        """An adapter's."""
        self.posts.append(request)
        self.came.set()
        if self.error is not None:
            raise self.error
        await asyncio.sleep(self.rest)
        return self.answer


@dataclass
class Rig:
    """A server with one platform that posts to it."""

    web: Web
    desk: Desk
    metrics: Metrics
    database: Database

    async def ask(self, method: str, path: str, **more: Any) -> tuple[int, bytes, Any]:
        """One request; status, body, headers."""
        async with (
            aiohttp.ClientSession() as session,
            session.request(method, self.web.address + path, allow_redirects=False, **more) as answer,
        ):
            return answer.status, await answer.read(), answer.headers

    async def raw(self, data: bytes) -> bytes:
        """Bytes as they are; all that comes back until the server hangs up."""
        host, port = self.web.address.removeprefix("http://").split(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(data)
        try:
            return await asyncio.wait_for(reader.read(), 5)
        finally:
            writer.close()


@pytest.fixture(scope="module")
def empty_bot(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with tables and nothing in them."""
    file = tmp_path_factory.mktemp("web") / "bot.db"
    migrate.upgrade(f"sqlite:///{file}")
    return file


@pytest.fixture
async def rig(empty_bot: Path) -> AsyncIterator[Rig]:
    database, desk, metrics = Database(f"sqlite:///{empty_bot}", [KEY]), Desk(), Metrics()
    health = Health(database, (), {})

    async def figures() -> bytes:
        return metrics.page(None, {})

    refused = metrics.refused
    app = site({"telegram": desk.deliver}, health, figures, lambda name: refused.labels(name).inc(), body_within=0.1)
    web = Web(app, "127.0.0.1", 0, idle=0.1)
    await web.start()
    yield Rig(web, desk, metrics, database)
    await web.stop()
    await health.stop()
    database.close()


# What platforms post


async def test_a_post_reaches_the_platforms_adapter_whole_and_its_answer_goes_back(rig: Rig) -> None:
    headers = {"X-Telegram-Bot-Api-Secret-Token": "abc", "Content-Type": "application/json"}
    status, body, sent = await rig.ask("POST", "/telegram", data=SECRET.encode(), headers=headers)
    assert (status, body, sent["content-type"]) == (200, b'{"ok": true}', "application/json")
    [post] = rig.desk.posts
    assert post.body == SECRET.encode() and post.headers["x-telegram-bot-api-secret-token"] == "abc"


@pytest.mark.parametrize("path", ["/slack", "/", "/telegram/", "/telegram/x", "/healthz/", "/docs", "/%00", "/å"])
async def test_what_is_not_set_up_or_does_not_exist_is_404_without_a_word(rig: Rig, path: str) -> None:
    status, body, _ = await rig.ask("POST", path, data=b"{}")
    assert (status, body) == (404, b"") and not rig.desk.posts


@pytest.mark.parametrize(("method", "path"), [("GET", "/telegram"), ("PUT", "/telegram"), ("POST", "/healthz")])
async def test_another_method_is_405_without_a_word(rig: Rig, method: str, path: str) -> None:
    status, body, _ = await rig.ask(method, path)
    assert (status, body) == (405, b"") and not rig.desk.posts


async def test_every_answer_forbids_storing_it_and_says_nothing_of_the_server(rig: Rig) -> None:
    for method, path in (("POST", "/telegram"), ("GET", "/healthz"), ("GET", "/readyz"), ("GET", "/metrics"),
                         ("GET", "/nothing"), ("PUT", "/telegram")):  # fmt: skip
        _, _, headers = await rig.ask(method, path)
        assert headers["cache-control"] == "no-store" and "server" not in headers, path


async def test_a_body_over_a_mebibyte_is_413_and_not_read_on(rig: Rig) -> None:
    assert (await rig.ask("POST", "/telegram", data=b"x" * LARGEST))[0] == 200
    announced = b"POST /telegram HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\nabc" % (LARGEST + 1)
    assert (await rig.raw(announced)).startswith(b"HTTP/1.1 413")
    chunked = b"POST /telegram HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    piece = b"100001\r\n" + b"x" * 0x100001 + b"\r\n"
    assert (await rig.raw(chunked + piece)).startswith(b"HTTP/1.1 413")
    assert len(rig.desk.posts) == 1


async def test_a_body_that_does_not_come_is_408_and_a_silent_connection_is_hung_up(rig: Rig) -> None:
    slow = b"POST /telegram HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nabc"
    assert (await rig.raw(slow)).startswith(b"HTTP/1.1 408")
    assert await rig.raw(b"") == b""
    assert await rig.raw(b"POST /telegram HTTP/1.1\r\nHost: x\r\n") == b""  # and headers that never end
    assert not rig.desk.posts


async def test_what_is_no_http_is_400_and_the_server_goes_on(rig: Rig, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    assert (await rig.raw(SECRET.encode() + b"\r\n\r\n")).startswith(b"HTTP/1.1 400")
    assert (await rig.ask("GET", "/healthz"))[0] == 200
    assert "Skolgatan" not in caplog.text


async def test_a_refused_post_is_401_and_leaves_no_trace_but_a_count(
    rig: Rig, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    rig.desk.answer = Answer(401)
    for _ in range(3):
        status, body, _ = await rig.ask("POST", "/telegram", data=SECRET.encode())
        assert (status, body) == (401, b"")
    assert b'tryggvag_refused_requests_total{platform="telegram"} 3.0' in rig.metrics.page(None, {})
    assert not [record for record in caplog.records if not record.name.startswith("asyncio")]


async def test_an_unexpected_error_is_an_empty_500_and_a_line_without_words(
    rig: Rig, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    rig.desk.error = ZeroDivisionError(SECRET)
    status, body, headers = await rig.ask("POST", "/telegram", data=SECRET.encode())
    assert (status, body, headers["cache-control"]) == (500, b"", "no-store")
    [line] = [record.getMessage() for record in caplog.records if not record.name.startswith("asyncio")]
    assert "ZeroDivisionError at test_web.py" in line and "deliver" in line
    assert "Skolgatan" not in caplog.text and "127.0.0.1" not in caplog.text
    rig.desk.error = None
    assert (await rig.ask("POST", "/telegram", data=b"{}"))[0] == 200


# Health


async def test_healthz_says_only_whether_it_lives(rig: Rig) -> None:
    status, body, _ = await rig.ask("GET", "/healthz")
    assert (status, json.loads(body)) == (200, {"alive": True})


async def test_readyz_names_each_part(rig: Rig) -> None:
    status, body, _ = await rig.ask("GET", "/readyz")
    assert status == 200
    assert json.loads(body) == {"ready": True, "database": "ok", "migrations": "current", "platforms": {}}


# Coming and going


async def test_it_stops_within_a_second_and_frees_the_port_also_with_connections_open(rig: Rig) -> None:
    host, port = rig.web.address.removeprefix("http://").split(":")
    _, idle = await asyncio.open_connection(host, int(port))
    _, half = await asyncio.open_connection(host, int(port))
    half.write(b"POST /telegram HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nabc")
    rig.desk.rest = 30
    hanging = asyncio.create_task(rig.ask("POST", "/telegram", data=b"{}"))
    await rig.desk.came.wait()
    began = time.monotonic()
    await rig.web.stop()
    assert time.monotonic() - began < 1
    await asyncio.gather(hanging, return_exceptions=True)
    with socket.create_server((host, int(port))):
        pass
    for writer in (idle, half):
        writer.close()


async def test_what_is_under_way_when_it_stops_is_answered(rig: Rig) -> None:
    rig.desk.rest = 0.2
    asked = asyncio.create_task(rig.ask("POST", "/telegram", data=b"{}"))
    await rig.desk.came.wait()
    await rig.web.stop()
    assert (await asked)[0] == 200


async def test_it_can_start_again_at_once_at_the_same_port(rig: Rig) -> None:
    host, port = rig.web.address.removeprefix("http://").split(":")
    await rig.ask("GET", "/healthz")
    await rig.web.stop()
    again = Web(rig.web.app, host, int(port))
    await again.start()
    rig.web = again
    assert (await rig.ask("GET", "/healthz"))[0] == 200


async def test_a_port_that_is_taken_is_a_clear_error(rig: Rig) -> None:
    port = int(rig.web.address.rsplit(":", 1)[1])
    with pytest.raises(BadPort) as found:
        await Web(rig.web.app, "127.0.0.1", port).start()
    assert found.value.args == (f"127.0.0.1:{port}", "Address already in use")


@pytest.mark.parametrize("host", ["finns.inte.invalid", "203.0.113.7", "x" * 300, "å" * 80])
async def test_an_address_that_is_not_ours_is_a_clear_error(rig: Rig, host: str) -> None:
    with pytest.raises(BadPort) as found:
        await Web(rig.web.app, host, 0).start()
    assert found.value.args[0] == f"{host}:0" and found.value.args[1]
