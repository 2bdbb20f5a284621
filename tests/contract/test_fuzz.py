"""Whatever anybody posts or sends over a socket: no uncaught exception, no change of state.

`make test` tries some hundreds; `make fuzz` sets FUZZ to 20000.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import os
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlmodel import Session, SQLModel

from bot.playground.slack import SlackPlayground
from config.settings import Http, Settings, Slack, Telegram
from tests.contract.conftest import House
from tests.contract.fuzz import Garbage, Post

HOW_MANY = int(os.environ.get("FUZZ", "400"))
BATCH = 500
SLACK_SECRET, TELEGRAM_SECRET = "signing-secret-of-fuzz", "webhook-secret-of-fuzz"
REFUSED = {400, 401, 404, 405, 413}
BEATS = {"process", "lease"}  # they change with the time alone
SEED = 20261122


@dataclass
class Hooked(House):
    """A town whose platforms post to the bot."""

    @property
    def settings(self) -> Settings:
        """With webhooks on both."""
        plain = super().settings
        telegram = {"token": "123456:playground", "base_url": self.telegram.base_url,
                    "webhook_url": "https://bot.invalid/telegram", "webhook_secret": TELEGRAM_SECRET}  # fmt: skip
        slack = {"bot_token": self.slack.bot_token, "base_url": self.slack.base_url, "signing_secret": SLACK_SECRET}
        hooked = {"telegram": Telegram.model_validate(telegram), "slack": Slack.model_validate(slack)}
        return plain.model_copy(update={"http": Http(port=0), **hooked})


@dataclass
class Watch:
    """What must stay empty: exceptions that nobody caught."""

    problems: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        asyncio.get_running_loop().set_exception_handler(lambda _, found: self.problems.append(str(found)))


class Uncaught(logging.Handler):
    """Notes every record that carries an exception, or that the web server or a loop writes of an error.

    Slack's SDK catches its own on a payload that is no object, and says so at length: that is not uncaught.
    """

    def __init__(self, watch: Watch) -> None:
        super().__init__(logging.WARNING)
        self.watch = watch

    def emit(self, record: logging.LogRecord) -> None:
        loud = record.levelno >= logging.ERROR and record.name in ("bot.web", "bot.loops", "asyncio", "uvicorn.error")
        if record.name == "bot.handlers.slack.library":
            return
        if record.exc_info or loud or "was not taken" in record.getMessage():
            self.watch.problems.append(f"{record.name}: {record.getMessage()}")


@pytest.fixture
async def watch() -> AsyncIterator[Watch]:
    found = Watch()
    handler = Uncaught(found)
    logging.getLogger().addHandler(handler)
    yield found
    logging.getLogger().removeHandler(handler)


@pytest.fixture
async def hooked(tmp_path: Path) -> AsyncIterator[Hooked]:
    """Both platforms by HTTP; a case is open, and a conversation is under way."""
    async with Hooked(tmp_path) as town:
        await town.everybody()
        yield town


def digest(session: Session) -> dict[str, str]:
    """A digest of every row of every table, as it is stored."""
    found = {}
    for table in SQLModel.metadata.sorted_tables:
        if table.name not in BEATS:
            rows = sorted(map(repr, session.connection().execute(text(f'SELECT * FROM "{table.name}"'))))
            found[table.name] = hashlib.sha256("\n".join(rows).encode()).hexdigest()
    return found


async def call(app: Any, post: Post) -> int | None:
    """One request straight at the application; its status, or None when the sender hung up and nothing was said."""
    path, _, query = post.path.partition("?")
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": post.method, "scheme": "http",
        "path": path, "raw_path": path.encode(), "query_string": query.encode(), "root_path": "",
        "headers": [(name.encode(), value.encode("latin-1", "replace")) for name, value in post.headers],
        "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 2), "state": {},
    }  # fmt: skip
    left, said = list(post.pieces), []

    async def receive() -> dict[str, Any]:
        if not left:
            return {"type": "http.disconnect"}
        piece = left.pop(0)
        return {"type": "http.request", "body": piece, "more_body": bool(left) or not post.whole}

    async def send(message: dict[str, Any]) -> None:
        said.append(message)

    await app(scope, receive, send)
    kinds = [message["type"] for message in said]
    assert kinds.count("http.response.start") == 1 and kinds[0] == "http.response.start", (post, kinds)
    assert not said[-1].get("more_body"), (post, kinds)
    return int(said[0]["status"])


async def throw(town: Hooked, watch: Watch, make: Callable[[], Post], count: int, may_change: set[str]) -> Counter[int]:
    """Post so many, and look at the state after each batch."""
    assert town.app.web is not None
    before, statuses = await town.look(digest), Counter[int]()
    for start in range(0, count, BATCH):
        for _ in range(min(BATCH, count - start)):
            post = make()
            status = await asyncio.wait_for(call(town.app.web.app, post), 20)
            assert status is not None and status not in (500, 503), post
            assert not watch.problems, (post, watch.problems)
            statuses[status] += 1
        await town.quiet()
        after = await town.look(digest)
        assert {name for name in after if after[name] != before[name]} <= may_change
    return statuses


def garbage(town: Hooked, seed: int) -> Garbage:
    """Seeded, and signed by the town's clock."""
    return Garbage(seed, slack=SLACK_SECRET, telegram=TELEGRAM_SECRET, stamp=town.clock.at.timestamp())


async def test_what_is_not_signed_is_refused_and_leaves_nothing_but_a_count(hooked: Hooked, watch: Watch) -> None:
    count = HOW_MANY * 4 // 10
    statuses = await throw(hooked, watch, garbage(hooked, SEED).unsigned, count, set())
    unhooked = statuses.pop(200, 0) + statuses.pop(503, 0)  # health and figures are for anybody
    assert set(statuses) <= REFUSED and statuses[401] > count / 4 and unhooked < count / 20
    refused = sum(
        sample.value
        for metric in hooked.app.metrics.refused.collect()
        for sample in metric.samples
        if sample.name.endswith("_total")
    )
    assert refused == statuses[401]


async def test_signed_garbage_is_kept_or_answered_and_changes_nothing_else(hooked: Hooked, watch: Watch) -> None:
    count = HOW_MANY * 4 // 10
    statuses = await throw(hooked, watch, garbage(hooked, SEED + 1).signed, count, {"keptevent"})
    assert set(statuses) <= {200, 400, 401, 413} and statuses[200] > count / 2


async def test_bytes_that_are_no_http_are_refused_and_the_server_goes_on(hooked: Hooked, watch: Watch) -> None:
    assert hooked.app.web is not None
    host, port = hooked.app.web.address.removeprefix("http://").split(":")
    made, before = garbage(hooked, SEED + 2), await hooked.look(digest)
    for _ in range(HOW_MANY // 20):
        reader, writer = await asyncio.open_connection(host, int(port))
        head = made.rng.choice(
            [b"", b"POST /slack HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n", b"GET / HTTP/9\r\n\r\n"]
        )
        writer.write(head + made.body()[:100_000])
        with suppress(ConnectionError):
            await writer.drain()
            writer.write_eof()
            said = await asyncio.wait_for(reader.read(), 20)
            assert not said.startswith(b"HTTP/1.1 5"), said[:100]
        writer.close()
    assert await hooked.look(digest) == before and not watch.problems
    assert (await call(hooked.app.web.app, Post("GET", "/healthz", [], [b""]))) == 200


async def test_frames_over_a_socket_change_nothing(tmp_path: Path, watch: Watch) -> None:
    async with House(tmp_path, platforms=("slack",)) as town:
        await town.everybody()
        made = Garbage(SEED + 3, slack="", telegram="", stamp=town.clock.at.timestamp())
        before = await town.look(digest)
        for number in range(HOW_MANY * 15 // 100):
            await send_frame(town.slack, made.frame())
            if number % BATCH == 0:
                await town.quiet()
        await asyncio.sleep(0.1)
        await town.quiet()
        after = await town.look(digest)
        assert {name for name in after if after[name] != before[name]} <= {"keptevent"}
        assert not watch.problems
        await town.flag_now(town.contact)
        assert town.officer.has("Ärende 1 · Händer nu")


async def send_frame(slack: SlackPlayground, frame: str | bytes) -> None:
    """Over a socket that is open, waiting for one where the bot has just been told to connect anew."""
    await slack.wait_for(lambda: any(not c.socket.closed for c in slack.space.sockets.open), what="a socket")
    connection = next(c for c in slack.space.sockets.open if not c.socket.closed)
    with suppress(ConnectionError):
        if isinstance(frame, bytes):
            await connection.socket.send_bytes(frame)
        else:
            await connection.socket.send_str(frame.encode("utf-8", "replace").decode())
