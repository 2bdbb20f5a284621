"""The whole bot with its web server: ready when it is, counted as it happens, gone when it stops."""

from __future__ import annotations

import asyncio
import json
import logging
import re
import socket
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot import logs
from bot.app import App
from bot.playground.faults import Misbehaviour
from bot.services import menu
from bot.web import BadPort
from config.settings import Http, Settings
from tests.contract.conftest import House
from tests.contract.test_faults import EDIT, SEND, broken, plan

BAD = re.compile(r"emlig|Skolgatan|Alva|Berg|Siv|Omar|Lind|Sten|Bokpartiet|70174|70-174|123456:playground|xoxb-|xapp-")


@dataclass
class Served(House):
    """A town whose bot listens."""

    port: int = 0

    @property
    def settings(self) -> Settings:
        """With a web server."""
        return super().settings.model_copy(update={"http": Http(port=self.port)})

    async def get(self, path: str) -> tuple[int, str]:
        """What the web server answers."""
        assert self.app.web is not None
        async with aiohttp.ClientSession() as session, session.get(self.app.web.address + path) as answer:
            return answer.status, await answer.text()

    async def figures(self) -> dict[str, float]:
        """Every figure by its name and labels."""
        _, page = await self.get("/metrics")
        rows = [line.rsplit(" ", 1) for line in page.splitlines() if not line.startswith("#")]
        return {name.removeprefix("tryggvag_"): float(value) for name, value in rows}


@pytest.fixture
async def served(platform: str, tmp_path: Path) -> AsyncIterator[Served]:
    """Everybody on one platform, and a port."""
    async with Served(tmp_path, platforms=(platform,)) as house:
        await house.everybody()
        yield house


async def test_it_is_alive_and_ready_and_says_so(served: Served) -> None:
    assert await served.get("/healthz") == (200, '{"alive": true}')
    status, body = await served.get("/readyz")
    assert json.loads(body) == {
        "ready": True, "database": "ok", "migrations": "current", "platforms": {served.platform: "ok"}
    }  # fmt: skip
    assert status == 200


async def test_nothing_is_routed_to_a_platform_that_asks_instead_of_being_called(served: Served) -> None:
    assert served.app.web is not None
    async with aiohttp.ClientSession() as session:
        for path in ("/telegram", "/slack"):
            async with session.post(served.app.web.address + path, data=b"{}") as answer:
                assert answer.status == 404


async def test_without_a_port_nothing_listens(town: House) -> None:
    assert town.settings.http.port is None and town.app.web is None


async def test_what_happens_is_counted_by_platform_and_kind(served: Served) -> None:
    on = f'platform="{served.platform}"'
    first = await served.figures()
    await served.flag_now(served.contact)
    await served.officer.press("Jag tar den")
    await served.forge(served.contact, "a.take.1")  # not for her: refused
    now = await served.figures()
    assert now[f'events_total{{kind="press",{on},result="taken"}}'] == 2
    assert now[f'events_total{{kind="press",{on},result="refused"}}'] == 1
    assert now[f'events_total{{kind="command",{on},result="taken"}}'] == 1
    assert now["commit_seconds_count"] - first["commit_seconds_count"] == 4
    sent = f'sends_total{{outcome="delivered",{on}}}'
    assert now[sent] == now["sent_seconds_count"] >= 5
    assert now['outbox_rows{state="waiting"}'] == now['outbox_rows{state="claimed"}'] == 0
    assert now["database_up"] == 1 and now["evidence_waiting"] == 0 and now["absences_total"] == 0
    assert abs(now["start_time_seconds"] - time.time()) < 60
    assert now['build_info{version="0.1.0"}'] == 1
    if f"heard_seconds{{{on}}}" in now:
        assert 0 <= now[f"heard_seconds{{{on}}}"] < 10


async def test_what_fails_is_counted_too(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    on = f'platform="{served.platform}"'
    with monkeypatch.context() as patch:
        patch.setattr(menu, "words", broken)
        await served.loner.write("Hemligt fel")
    plan(served, SEND, Misbehaviour.BLOCKED)
    await served.loner.command("mina")
    plan(served, SEND, Misbehaviour.TOO_MANY)
    await served.contact.command("mina")
    now = await served.figures()
    assert now[f'events_total{{kind="text",{on},result="kept"}}'] == 1
    assert now[f'sends_total{{outcome="failed",{on}}}'] == 1
    assert now[f'sends_total{{outcome="waiting",{on}}}'] == 1
    assert now['outbox_rows{state="waiting"}'] == 1
    served.clock.at = served.clock.at.replace(second=40)
    assert (await served.figures())["outbox_oldest_seconds"] == 40


async def test_a_late_deadline_and_an_absence_show(served: Served) -> None:
    await served.flag_now(served.contact)
    await served.app.stop()
    served.clock.at = served.clock.at.replace(minute=30)
    await served.open()
    await served.quiet()
    now = await served.figures()
    assert now["absences_total"] == 1 and now["deadline_overdue_seconds"] == 0
    served.app.clock.ring = lambda: None  # type: ignore[method-assign]  # the clock stands still
    served.clock.at = served.clock.at.replace(minute=59)
    assert (await served.figures())["deadline_overdue_seconds"] > 60


async def test_a_scrape_is_answered_also_when_the_database_is_not(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def hangs(*_: Any) -> None:
        await asyncio.Event().wait()

    with monkeypatch.context() as patch:
        patch.setattr("bot.app.SCRAPE", 0.02)
        patch.setattr(served.app.database, "run", hangs)
        assert (await served.figures())["database_up"] == 0
    assert (await served.figures())["database_up"] == 1


async def test_no_label_is_an_id_or_a_word(served: Served) -> None:
    await served.newcomer("Sten Okänd").write("Hemligt")
    await served.flag_now(served.contact)
    _, page = await served.get("/metrics")
    values = set(re.findall(r'\w+="([^"]*)"', page))
    known = {"telegram", "slack", "command", "text", "press", "taken", "refused", "delivered", "waiting", "claimed"}
    assert {value for value in values - known if not re.fullmatch(r"[\d.+Inf]+", value)} == set()


async def test_two_bots_in_one_process_count_each_its_own(served: Served) -> None:
    other = App(served.settings)
    await served.contact.command("mina")
    assert b'kind="command"' not in other.metrics.page(None, {})
    await other.stop()


async def test_it_stops_within_a_second_and_the_port_is_free(served: Served) -> None:
    assert served.app.web is not None
    host, port = served.app.web.address.removeprefix("http://").split(":")
    await served.get("/healthz")
    began = time.monotonic()
    await served.app.web.stop()
    assert time.monotonic() - began < 1
    with socket.create_server((host, int(port))):
        pass
    await served.restart()
    assert (await served.get("/readyz"))[0] == 200


async def test_a_port_that_is_taken_stops_the_start_before_anything_is_said_or_stored(served: Served) -> None:
    before = await served.rows()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        served.port = taken.getsockname()[1]
        second = App(served.settings)
        with pytest.raises(BadPort):
            await second.start()
        await second.stop()
    served.port = 0
    assert await served.rows() == before


@pytest.mark.parametrize("style", ["text", "json"])
async def test_the_log_holds_ids_only_in_either_style(
    served: Served, style: Any, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    root, before = logging.getLogger(), logging.getLogger().handlers[:]
    root.handlers.clear()
    logs.set_up(style)
    root.setLevel(logging.DEBUG)
    try:
        await _secrets(served, monkeypatch)
        try:
            raise ValueError("Hemligt brinner på Skolgatan")
        except ValueError:
            logging.getLogger("asyncio").exception("a library that logs a traceback", extra={"who": "Alva Berg"})
    finally:
        logged = capsys.readouterr().err
        root.handlers[:], root.level = before, logging.WARNING
    assert "ZeroDivisionError" in logged and "outbox row" in logged and "ValueError at test_served.py" in logged
    assert not (found := BAD.search(logged)), logged[found.start() - 300 : found.end() + 100]
    assert "127.0.0.1" not in logged and "/metrics" not in logged
    if style == "json":
        rows = [json.loads(line) for line in logged.splitlines()]
        assert all(set(row) - {"exc_info"} == {"time", "level", "logger", "message", "process"} for row in rows)
        assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00", row["time"]) for row in rows)


async def _secrets(town: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    """A part of the story with everything that goes wrong on the way."""
    await town.newcomer("Sten Okänd").write("Hemligt främmande")
    await town.contact.write("Hemligt brinner på Skolgatan")
    plan(town, SEND, Misbehaviour.DROP_AFTER, times=2)
    await town.contact.press("Händer nu")
    await town.contact.write("Hemliga gatan 5")
    await town.contact.press("Nej, inte än")
    await town.contact.write("070-174 06 05")
    plan(town, EDIT, Misbehaviour.SERVER_ERROR, times=2)
    await town.officer.press("Jag tar den")
    await town.advance(seconds=10)
    await town.answer(town.officer, "Hemligt svar")
    plan(town, SEND, Misbehaviour.BLOCKED)
    await town.loner.command("mina")
    with monkeypatch.context() as patch:
        patch.setattr(menu, "words", broken)
        await town.loner.write("Hemligt fel")
    for path in ("/metrics", "/readyz", "/healthz?hemlig=1", "/Hemlig"):
        await town.get(path)
    await town.restart()
