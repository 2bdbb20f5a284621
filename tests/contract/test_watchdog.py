"""A wedged poll and a silent socket are replaced, and what people wrote meanwhile arrives."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass

import pytest

from bot.playground.faults import Misbehaviour
from bot.watchdog import SILENT, Watchdog
from tests.contract.conftest import House


@dataclass
class Ahead:
    """A monotonic clock that can be put ahead of the machine's."""

    by: float = 0.0

    def __call__(self) -> float:
        return time.monotonic() + self.by


def wedge(town: House) -> None:
    """The platform keeps the connection, and says nothing over it any more."""
    if town.platform == "slack":
        town.slack.silence()
    else:
        town.telegram.world.updates._poll = None  # this poll is never answered


async def polled(town: House) -> None:
    """Return once the bot waits for what comes."""
    if town.platform == "telegram":
        await town.telegram.wait_for(lambda: town.telegram.world.updates._poll, what="a poll")


@pytest.fixture
async def watched(town: House) -> tuple[House, Watchdog, Ahead, list[str]]:
    """A town with a watchdog that looks when the test says so."""
    ahead, revived = Ahead(), list[str]()
    town.app.health._seconds = ahead
    watchdog = Watchdog(town.app.delivery.channels.values, town.app.health, revived.append, ahead)
    await polled(town)
    return town, watchdog, ahead, revived


Watched = tuple[House, Watchdog, Ahead, list[str]]


async def test_what_was_written_into_a_dead_line_arrives_once_it_is_replaced(watched: Watched) -> None:
    town, watchdog, ahead, revived = watched
    town.slack.ack_within = 0.2
    wedge(town)
    await town.loner.human.write("/mina" if town.platform == "telegram" else "mina")
    await asyncio.sleep(0.05)
    await watchdog.look()
    assert not revived and not town.loner.messages
    ahead.by = SILENT + 1
    await watchdog.look()
    assert revived == [town.platform]
    if town.platform == "slack":
        await town.slack.retry_unacked()  # Slack sends an event again that nobody acknowledged
    await town.quiet()
    assert town.loner.last.text.startswith("Du har inga öppna ärenden")
    ahead.by = 0
    assert (await town.app.health.ready()).ready


async def test_a_line_that_lives_is_left_alone(watched: Watched) -> None:
    town, watchdog, _, revived = watched
    await town.loner.command("mina")
    await watchdog.look()
    assert not revived and (await town.app.health.ready()).ready


async def test_a_platform_that_stays_away_is_tried_every_quarter_minute_and_never_called_ready(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    town, watchdog, ahead, revived = watched
    monkeypatch.setattr("bot.handlers.slack_socket.CONNECT_WITHIN", 0.1)
    server = town.slack if town.platform == "slack" else town.telegram
    method = "apps.connections.open" if town.platform == "slack" else "getUpdates"
    wedge(town)
    server.faults.plan(method, Misbehaviour.DROP_BEFORE, times=1000)
    for seconds in (46, 51, 56, 61, 66):
        ahead.by = seconds
        await watchdog.look()
    assert len(revived) == 2
    found = await town.app.health.ready()
    assert not found.ready and found.platforms == {town.platform: "silent"}
    server.faults.clear()
    ahead.by = 81
    await watchdog.look()
    ahead.by = 0
    await town.loner.command("mina")
    assert (await town.app.health.ready()).ready
