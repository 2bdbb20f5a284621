"""The app asks Slack for what it uses, and for nothing else."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import pytest

from bot.channels import BadLogin, File, NotSent, Undelivered
from bot.events import Kind, Outcome
from bot.handlers.slack_scopes import BOT_EVENTS, BOT_SCOPES, METHOD_SCOPES, SHORTCUT, scopes_of
from bot.messages import Button, Field, Message, Sheet, Title
from bot.network import Network
from bot.playground.scenes import SCENES
from bot.playground.slack import SlackPlayground
from bot.playground.stage import Stage
from tests.handlers.slack_network import proxy
from tests.handlers.slack_rig import APP, BOT, CODE, TEAM, Rig, slack_rig

FORM = Message((Title(("Hej",)),), ((Button("Fyll i", "tok", form=True),),))
PLAIN = Message((Title(("Hej",)),))
SHEET = Sheet("Flagga", "Skicka", "Stäng", "tok-3", (Field("what", "Vad hände?"),))


@pytest.fixture
async def rig() -> AsyncIterator[Rig]:
    async with slack_rig() as rig:
        yield rig


async def everything(rig: Rig) -> None:
    """Let the channel do all that it can do, whatever of it fails."""
    rig.desk.answer = lambda event: Outcome(sheet=SHEET, leave=event.kind is Kind.ADDED)
    for private in (True, False):
        await rig.server.channel(f"c{private}", private=private, members=[rig.alva]).add_bot(by=rig.alva)
    await rig.alva.write(CODE)
    await (await rig.alva.upload("a.png", b"x", "image/png")).answer()
    file = rig.alva.everything[-1].files[0]
    with suppress(Undelivered):
        ref = await rig.channel.send(rig.alva.id, FORM)
        await (await rig.alva.press(rig.alva.last, "Fyll i")).answer()
        await rig.channel.edit(rig.alva.dm, ref, PLAIN)
        await rig.channel.pin(rig.alva.dm, ref)
    with suppress(Undelivered):
        await rig.channel.send_file(rig.alva.id, File("b.png", "image/png", b"y"), PLAIN)
    with suppress(Undelivered):
        assert [piece async for piece in rig.channel.fetch(file.id)]
    await rig.channel.stop()


async def test_the_scopes_that_are_asked_for_are_enough(rig: Rig) -> None:
    rig.server.scopes = set(BOT_SCOPES)
    await everything(rig)
    assert [call for call in rig.server.calls if not call.ok] == []
    assert {call.method for call in rig.server.calls} - {"response_url"} == set(METHOD_SCOPES)


USED = sorted({scope for scopes in METHOD_SCOPES.values() for scope in scopes})


@pytest.mark.parametrize("scope", USED)
async def test_without_any_one_of_them_something_is_refused(rig: Rig, scope: str) -> None:
    rig.server.scopes = set(BOT_SCOPES) - {scope}
    await everything(rig)
    assert "missing_scope" in {call.error for call in rig.server.calls}


def test_what_is_asked_for_beside_the_calls_is_for_events_and_commands() -> None:
    assert sorted(set(BOT_SCOPES) - set(USED)) == ["commands", "im:history"]
    assert sorted(BOT_SCOPES) == BOT_SCOPES and sorted(BOT_EVENTS) == BOT_EVENTS
    assert SHORTCUT == "flag_message"


@pytest.mark.parametrize("name", ["2-happening-now", "3-brewing", "10-shared-place"])
async def test_the_story_needs_no_other_methods_or_scopes(name: str, tmp_path: Path) -> None:
    async with Stage(tmp_path) as stage:
        stage.slack.scopes = set(BOT_SCOPES)
        await SCENES[name](stage, "telegram", "slack")
        assert {call.method for call in stage.slack.calls} - {"response_url"} <= set(METHOD_SCOPES)
        assert "missing_scope" not in {call.error for call in stage.slack.calls}


async def test_the_scopes_of_a_token_are_read() -> None:
    async with SlackPlayground(bot_token=BOT, app_token=APP, team=TEAM) as server:
        server.scopes = {"chat:write", "files:read"}
        assert await scopes_of(BOT, server.base_url, Network()) == ("Fiktiv kommun", {"chat:write", "files:read"})
        server.scopes = set()
        assert (await scopes_of(BOT, server.base_url, Network()))[1] == set()


async def test_a_playground_that_was_told_nothing_grants_every_scope() -> None:
    async with SlackPlayground(bot_token=BOT, app_token=APP, team=TEAM) as server:
        assert set(BOT_SCOPES) <= (await scopes_of(BOT, server.base_url, Network()))[1]


async def test_the_scopes_of_a_token_that_slack_refuses_are_a_bad_login() -> None:
    async with SlackPlayground(bot_token=BOT, app_token=APP, team=TEAM) as server:
        with pytest.raises(BadLogin, match="invalid_auth"):
            await scopes_of("xoxb-annan", server.base_url, Network())


async def test_the_scopes_are_read_through_the_proxy_and_a_dead_server_is_told_as_such() -> None:
    async with SlackPlayground(bot_token=BOT, app_token=APP, team=TEAM) as server, proxy() as between:
        await scopes_of(BOT, server.base_url, Network(between.address))
        assert len(between.asked) == 1
    with pytest.raises(NotSent):
        await scopes_of(BOT, server.base_url, Network())
