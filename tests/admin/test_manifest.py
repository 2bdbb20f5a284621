"""The Slack app's manifest has what the bot uses and nothing else."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bot.admin import manifest
from bot.handlers import slack_events
from bot.playground import scenes
from bot.playground.slack import SCOPES
from bot.playground.stage import Stage
from bot.services.menu import COMMANDS
from tests.admin.conftest import call, done, refused

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 40
# Slack's documentation: what each event needs, and what a call needs for a public and for a private channel.
EVENTS = {
    "message.im": {"im:history"},
    "member_joined_channel": {"channels:read", "groups:read"},
    "channel_left": {"channels:read"},
    "channel_archive": {"channels:read"},
    "channel_deleted": {"channels:read"},
    "group_left": {"groups:read"},
    "group_archive": {"groups:read"},
    "group_deleted": {"groups:read"},
}
BY_KIND = {
    "conversations.info": {"channels:read", "groups:read"},
    "conversations.leave": {"channels:manage", "groups:write"},
}


def printed(*options: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(done(call("slack-manifest", *options)))
    return found


async def used(folder: Path) -> tuple[set[str], set[str]]:
    """The methods that the bot calls over a story with all that it can do, and the scopes that they need."""
    methods: set[str] = set()
    for number, scene in enumerate((scenes.arriving, scenes.shared_place, everything_else)):
        (folder / str(number)).mkdir()
        async with Stage(folder / str(number)) as stage:
            stage.slack.scopes = set(printed()["oauth_config"]["scopes"]["bot"])
            await scene(stage, "slack", "slack" if number else "telegram")
            methods |= {made.method for made in stage.slack.calls}
            assert [made for made in stage.slack.calls if made.error == "missing_scope"] == []
    by_kind = {scope for method in methods for scope in BY_KIND.get(method, ())}
    return methods, {SCOPES[method] for method in methods if method in SCOPES} | by_kind


async def everything_else(stage: Stage, here: str, _: str) -> None:
    """A file as evidence, opened by the unit; and a channel that nobody bound, which the bot leaves."""
    chief = await stage.member("Siv Almgren", here, "chief")
    alva = await stage.member("Alva Berg", here, "contact", "Bokpartiet")
    await alva.command("flagga")
    await alva.press("Händer nu")
    await alva.human.upload("bil.png", PNG, "image/png")
    await stage.rest()
    await chief.press("Visa")
    await chief.press("Visa underlag")
    await chief.press("Öppna 1")
    place = stage.place("Fikarummet", here, [chief, alva])
    await place.add_bot(chief)
    await stage.advance(days=2)


async def test_no_scope_is_missing_and_none_is_superfluous(tmp_path: Path) -> None:
    found = printed()
    methods, needed = await used(tmp_path)
    assert {"chat.postMessage", "files.info", "conversations.leave", "pins.add"} <= methods
    events = {scope for event in found["settings"]["event_subscriptions"]["bot_events"] for scope in EVENTS[event]}
    assert set(found["oauth_config"]["scopes"]["bot"]) == needed | events | {"commands"}


def test_the_events_are_those_that_the_adapter_reads() -> None:
    events = set(printed()["settings"]["event_subscriptions"]["bot_events"])
    assert events == set(EVENTS)
    assert all(slack_events.MEMBERSHIP.match(event) for event in events - {"message.im"})


def test_socket_mode_needs_no_address_and_http_has_one_for_all() -> None:
    socket, http = printed(), printed("--url", "https://tryggvag.example.se/")
    assert socket["settings"]["socket_mode_enabled"] and "url" not in json.dumps(socket)
    address = "https://tryggvag.example.se/slack"
    assert not http["settings"]["socket_mode_enabled"]
    assert http["settings"]["event_subscriptions"]["request_url"] == address
    assert http["settings"]["interactivity"]["request_url"] == address
    assert {command["url"] for command in http["features"]["slash_commands"]} == {address}


@pytest.mark.parametrize("url", ["http://tryggvag.example.se", "tryggvag", "https://", "https://a.se/?x=1"])
def test_an_address_that_slack_would_not_take_is_one_line(url: str) -> None:
    assert "https://tryggvag.kommun.se" in refused(call("slack-manifest", "--url", url))


def test_every_command_of_the_menu_that_slack_can_have_is_there_with_a_swedish_description() -> None:
    commands = printed()["features"]["slash_commands"]
    words = {command["command"].removeprefix("/") for command in commands}
    assert {"flagga", "larm", "hjalp", "mina", "meny", "bjudin", "parti", "personer", "sprak"} <= words
    assert {word for word in COMMANDS if word.isascii()} - words == manifest.SLACKS_OWN & set(COMMANDS)
    assert len(commands) <= manifest.MOST
    assert all(command["description"] for command in commands)
    assert "Byt språk" in {command["description"] for command in commands}


def test_the_words_are_within_slacks_limits_and_the_switches_as_they_must_be() -> None:
    found = printed()
    (shortcut,) = found["features"]["shortcuts"]
    assert shortcut["name"] == "Flagga detta meddelande" and len(shortcut["name"]) <= 24
    assert (shortcut["type"], shortcut["callback_id"]) == ("message", "flag_message")
    assert len(found["display_information"]["name"]) <= 35 and len(found["display_information"]["description"]) <= 140
    home = found["features"]["app_home"]
    assert home["messages_tab_enabled"] and not home["messages_tab_read_only_enabled"]
    settings = found["settings"]
    assert settings["interactivity"]["is_enabled"]
    assert not settings["org_deploy_enabled"] and not settings["token_rotation_enabled"]
