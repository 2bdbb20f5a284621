"""The people in the Slack playground press, move between channels and leave as people do."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from bot.playground.slack import Human, SlackPlayground
from tests.playground.slack_rig import Socket, actions, button, client, menu, socket_of


@pytest.fixture
async def server() -> AsyncIterator[SlackPlayground]:
    async with SlackPlayground(echo=False) as server:
        yield server


@pytest.fixture
def user(server: SlackPlayground) -> Human:
    return server.person("Alva Berg")


@pytest.fixture
async def socket(server: SlackPlayground) -> AsyncIterator[Socket]:
    async with socket_of(server) as socket:
        yield socket


async def press_payload(user: Human, socket: Socket, label: str) -> Any:
    await user.press(user.last, label)
    return (await socket.next())["payload"]


async def test_a_press_is_of_the_message_as_it_stands(server: SlackPlayground, user: Human, socket: Socket) -> None:
    """A button that an edit took away cannot be pressed, and the complaint lists what can."""
    bot = client(server)
    await bot.chat_postMessage(channel=user.id, text="x", blocks=[actions(button("Läst"), menu())])
    chosen = await press_payload(user, socket, "val 1")
    assert chosen["actions"][0]["selected_option"]["value"] == "1"
    await bot.chat_update(channel=user.dm, ts=user.last.ts, text="x", blocks=[actions(button("Ångra", "undo"))])
    assert (await press_payload(user, socket, "Ångra"))["actions"][0]["action_id"] == "undo"
    with pytest.raises(AssertionError, match=r"no button 'Läst' .* there are \['Ångra'\]"):
        await user.press(user.last, "Läst")


async def test_a_press_can_be_forged(server: SlackPlayground, user: Human, socket: Socket) -> None:
    """Any action id and value reach the app, whatever the message holds."""
    await client(server).chat_postMessage(channel=user.id, text="x")
    await user.press_value(user.last, "take", "99")
    action = (await socket.next())["payload"]["actions"][0]
    assert (action["action_id"], action["value"]) == ("take", "99")


async def test_an_ephemeral_press_sends_no_message_along(server: SlackPlayground, user: Human, socket: Socket) -> None:
    """Slack keeps no ephemeral message; the container says so."""
    blocks = [actions(button("Läst"))]
    await client(server).chat_postEphemeral(channel=user.dm, user=user.id, text="x", blocks=blocks)
    payload = await press_payload(user, socket, "Läst")
    assert payload["container"]["is_ephemeral"] is True
    assert "message" not in payload


async def test_a_channel_tells_of_the_bots_coming_and_going(
    server: SlackPlayground, user: Human, socket: Socket
) -> None:
    """member_joined_channel, what is written, mentions, archiving and group_left; nothing before or after."""
    channel = server.channel("sakerhetsenheten", members=[user])
    unheard = await channel.write(user, "före")
    await channel.add_bot(by=user)
    await channel.write(user, "under")
    await user.mention(channel, "hej")
    await user.open_home()
    await channel.archive()
    await channel.remove_bot(by=user)
    events = [(await socket.next())["payload"]["event"] for _ in range(7)]
    assert unheard.sent_at == 0.0
    assert [event["type"] for event in events] == [
        "member_joined_channel",
        "message",
        "message",
        "app_mention",
        "app_home_opened",
        "group_archive",
        "group_left",
    ]
    assert (events[0]["user"], events[0]["inviter"]) == ("U0FIKTIVBOT", user.id)
    assert (events[1]["text"], events[1]["channel_type"]) == ("under", "group")
    assert events[3]["text"] == "<@U0FIKTIVBOT> hej"


async def test_a_press_in_a_channel_names_the_channel_and_a_foreign_team(
    server: SlackPlayground, socket: Socket
) -> None:
    """Who pressed is told with their own team, where with the channel's id."""
    guest = server.person("Cia Alm", team="T0ANNAN")
    channel = server.channel("delad", ext_shared=True, members=[guest])
    await channel.add_bot(by=guest)
    await socket.next()
    await client(server).chat_postMessage(channel=channel.id, text="x", blocks=[actions(button("Läst"))])
    await channel.press(guest, channel.messages[-1], "Läst")
    payload = (await socket.next())["payload"]
    assert (payload["channel"]["id"], payload["user"]["team_id"]) == (channel.id, "T0ANNAN")


async def test_a_deactivated_person_does_nothing_more(server: SlackPlayground, user: Human) -> None:
    """Whoever has left cannot write, press or give commands."""
    await client(server).chat_postMessage(channel=user.id, text="x", blocks=[actions(button("Läst"))])
    user.deactivate()
    for act in (user.write("hej"), user.press(user.last, "Läst"), user.command("/flagga")):
        with pytest.raises(AssertionError, match="Alva Berg is deactivated"):
            await act
