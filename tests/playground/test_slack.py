"""The Slack playground answers the Web API as Slack does, also where Slack says no."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bot.playground.slack import Channel, Human, SlackPlayground
from tests.playground.slack_rig import (
    APP_TOKEN,
    BOT_TOKEN,
    Clock,
    Json,
    actions,
    button,
    client,
    error_of,
    mrkdwn,
    plain,
    posted,
    raw,
    section,
)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def server(clock: Clock) -> AsyncIterator[SlackPlayground]:
    async with SlackPlayground(clock=clock) as server:
        yield server


@pytest.fixture
def user(server: SlackPlayground) -> Human:
    return server.person("Alva Berg")


@pytest.fixture
def channel(server: SlackPlayground, user: Human) -> Channel:
    channel = server.channel("sakerhetsenheten", members=[user])
    channel.conversation.members[server.space.bot.id] = None
    return channel


async def test_the_bot_learns_who_it_is(server: SlackPlayground) -> None:
    """auth.test names team, user and bot, and a header lists the scopes."""
    answer = await client(server).auth_test()
    assert (answer["team_id"], answer["user_id"], answer["bot_id"]) == ("T0FIKTIV", "U0FIKTIVBOT", "B0FIKTIV")
    assert "chat:write" in answer.headers["x-oauth-scopes"].split(",")


async def test_a_message_to_a_user_id_opens_the_direct_message(server: SlackPlayground, user: Human) -> None:
    """What is posted to U… comes back with the D… that chat.update wants."""
    answer = await client(server).chat_postMessage(channel=user.id, text="hej", blocks=[section("*Hej*")])
    assert str(answer["channel"]).startswith("D")
    assert (user.last.plain, user.last.text, user.last.ts) == ("Hej", "hej", answer["ts"])


async def test_form_and_json_mean_the_same(server: SlackPlayground, user: Human) -> None:
    """Blocks may come as JSON or as JSON in a form field."""
    form = {"token": BOT_TOKEN, "channel": user.id, "blocks": '[{"type": "divider"}]', "text": "å & ä"}
    status, answer = await raw(server, "chat.postMessage", data=form)
    assert "token" not in server.calls[-1].params
    assert (status, answer["ok"], user.last.text) == (200, True, "å & ä")
    assert user.last.blocks[0]["type"] == "divider"


async def test_a_person_reads_text_not_markup(server: SlackPlayground, user: Human) -> None:
    """Links show their label, entities are decoded, headers and fields are read in order."""
    blocks = [
        {"type": "header", "text": plain("AKUT · R&amp;D < 2")},
        section("Ring <tel:+4684650041|08-465 004 10> &amp; vänta på *svar*, _nu_"),
        {"type": "section", "fields": [mrkdwn("*Plats*"), mrkdwn("Påhittade gatan <1>")]},
        {"type": "context", "elements": [mrkdwn("<https://example.org|Läs mer> <@U1>")]},
        actions(button("Jag tar den")),
    ]
    await client(server).chat_postMessage(channel=user.id, text="hej", blocks=blocks)
    assert user.last.plain.split("\n") == [
        "AKUT · R&amp;D < 2",
        "Ring 08-465 004 10 & vänta på svar, nu",
        "Plats",
        "Påhittade gatan 1",
        "Läs mer @U1",
    ]
    assert user.last.labels == ["Jag tar den"]


async def test_an_update_shows_in_place_and_is_remembered(server: SlackPlayground, user: Human) -> None:
    """A message that is edited is the same message; text without blocks takes the blocks away."""
    message = await posted(server, user.id, blocks=[section("före")])
    await client(server).chat_update(channel=message.channel, ts=message.ts, text="efter")
    assert user.last is message
    assert (message.plain, message.edited, message.history) == ("efter", 1, ["före"])


async def test_a_deleted_message_is_gone(server: SlackPlayground, user: Human) -> None:
    """The person no longer sees it, and who holds it can tell."""
    message = await posted(server, user.id)
    await client(server).chat_delete(channel=message.channel, ts=message.ts)
    assert user.messages == []
    assert message.deleted
    again = await error_of(client(server).chat_update(channel=message.channel, ts=message.ts, text="x"))
    assert again["error"] == "message_not_found"


async def test_an_ephemeral_message_is_marked(server: SlackPlayground, user: Human, channel: Channel) -> None:
    """Only one person sees it, and it cannot be edited, deleted or pinned afterwards.

    https://docs.slack.dev/reference/methods/chat.update: ephemeral messages cannot be updated.
    """
    answer = await client(server).chat_postEphemeral(channel=channel.id, user=user.id, text="bara du")
    assert (channel.messages[-1].ephemeral, channel.messages[-1].to) == (True, user.id)
    ts, bot = str(answer["message_ts"]), client(server)
    for attempt in (
        bot.chat_update(channel=channel.id, ts=ts, text="nytt"),
        bot.chat_delete(channel=channel.id, ts=ts),
        bot.pins_add(channel=channel.id, timestamp=ts),
    ):
        assert (await error_of(attempt))["error"] == "message_not_found"


async def test_pins_are_put_and_taken(server: SlackPlayground, user: Human) -> None:
    """https://docs.slack.dev/reference/methods/pins.add#errors: what is pinned is already_pinned."""
    message, bot = await posted(server, user.id), client(server)
    await bot.pins_add(channel=message.channel, timestamp=message.ts)
    assert message.pinned
    again = await error_of(bot.pins_add(channel=message.channel, timestamp=message.ts))
    assert again["error"] == "already_pinned"
    await bot.pins_remove(channel=message.channel, timestamp=message.ts)
    assert not message.pinned


@pytest.mark.parametrize(
    ("method", "given", "error"),
    [
        ("pins.add", {"timestamp": "1.000001"}, "message_not_found"),
        ("pins.add", {"timestamp": "i går"}, "bad_timestamp"),
        ("pins.add", {}, "no_item_specified"),
        ("pins.remove", {"timestamp": "1.000001"}, "message_not_found"),
    ],
)
async def test_a_pin_needs_a_message(
    server: SlackPlayground, channel: Channel, method: str, given: Json, error: str
) -> None:
    """https://docs.slack.dev/reference/methods/pins.add#errors."""
    refused = await error_of(client(server).api_call(method, json={"channel": channel.id, **given}))
    assert refused["error"] == error


async def test_what_is_not_pinned_cannot_be_unpinned(server: SlackPlayground, user: Human) -> None:
    """https://docs.slack.dev/reference/methods/pins.remove: no_pin is its typical error."""
    message = await posted(server, user.id)
    refused = await error_of(client(server).pins_remove(channel=message.channel, timestamp=message.ts))
    assert refused["error"] == "no_pin"


@pytest.mark.parametrize(
    ("token", "error"),
    [("", "not_authed"), ("xoxb-någon-annan", "invalid_auth"), (APP_TOKEN, "not_allowed_token_type")],
)
async def test_only_the_bots_token_opens_the_api(server: SlackPlayground, token: str, error: str) -> None:
    """https://docs.slack.dev/reference/methods/auth.test#errors."""
    _, answer = await raw(server, "auth.test", data={"token": token})
    assert answer == {"ok": False, "error": error}


async def test_a_socket_needs_the_apps_own_token(server: SlackPlayground) -> None:
    """https://docs.slack.dev/reference/methods/apps.connections.open: an app-level token is required."""
    refused = await error_of(client(server).apps_connections_open(app_token=BOT_TOKEN))
    assert refused["error"] == "not_allowed_token_type"


async def test_a_missing_scope_is_named(server: SlackPlayground, user: Human) -> None:
    """https://docs.slack.dev/reference/methods/pins.add#errors: missing_scope, with what is needed."""
    server.scopes = {"chat:write"}
    message = await posted(server, user.id)
    refused = await error_of(client(server).pins_add(channel=message.channel, timestamp=message.ts))
    assert (refused["error"], refused["needed"], refused["provided"]) == (
        "missing_scope",
        "pins:write",
        "chat:write",
    )


async def test_an_unknown_method_is_refused(server: SlackPlayground) -> None:
    """https://docs.slack.dev/apis/web-api: a method that does not exist answers unknown_method."""
    refused = await error_of(client(server).api_call("chat.shout"))
    assert refused["error"] == "unknown_method"


@pytest.mark.parametrize(
    ("content", "error"),
    [({}, "no_text"), ({"text": ""}, "no_text"), ({"text": "x" * 40_001}, "msg_too_long")],
)
async def test_a_message_has_text_and_not_too_much(
    server: SlackPlayground, user: Human, content: Json, error: str
) -> None:
    """https://docs.slack.dev/reference/methods/chat.postMessage#errors: no_text, msg_too_long (40,000)."""
    refused = await error_of(client(server).api_call("chat.postMessage", json={"channel": user.id, **content}))
    assert refused["error"] == error


@pytest.mark.parametrize("channel", ["C0INGEN", "D0INGEN", "U0INGEN", "sakerhetsenheten"])
async def test_an_unknown_place_is_not_found(server: SlackPlayground, channel: str) -> None:
    """https://docs.slack.dev/reference/methods/chat.postMessage#errors: channel_not_found."""
    refused = await error_of(client(server).chat_postMessage(channel=channel, text="hej"))
    assert refused["error"] == "channel_not_found"


async def test_an_archived_channel_takes_nothing(server: SlackPlayground, channel: Channel) -> None:
    """https://docs.slack.dev/reference/methods/chat.postMessage#errors: is_archived;
    https://docs.slack.dev/reference/methods/chat.update#errors: is_inactive.
    """
    message = await posted(server, channel.id)
    await channel.archive()
    refused = await error_of(client(server).chat_postMessage(channel=channel.id, text="hej"))
    assert refused["error"] == "is_archived"
    refused = await error_of(client(server).chat_update(channel=channel.id, ts=message.ts, text="x"))
    assert refused["error"] == "is_inactive"


@pytest.mark.parametrize(("private", "error"), [(False, "not_in_channel"), (True, "channel_not_found")])
async def test_the_bot_posts_only_where_it_is(server: SlackPlayground, private: bool, error: str) -> None:
    """https://docs.slack.dev/reference/methods/chat.postMessage#errors: private ones are not found."""
    elsewhere = server.channel("annat", private=private)
    refused = await error_of(client(server).chat_postMessage(channel=elsewhere.id, text="hej"))
    assert refused["error"] == error


async def test_a_deactivated_person_cannot_be_reached(server: SlackPlayground, user: Human) -> None:
    """https://docs.slack.dev/reference/methods/chat.postMessage#errors: channel_not_found;
    https://docs.slack.dev/reference/methods/conversations.open#errors: user_disabled.
    """
    message, bot = await posted(server, user.id), client(server)
    user.deactivate()
    for place in (user.id, message.channel):
        assert (await error_of(bot.chat_postMessage(channel=place, text="x")))["error"] == "channel_not_found"
    assert (await error_of(bot.conversations_open(users=user.id)))["error"] == "user_disabled"
    assert (await bot.users_info(user=user.id))["user"]["deleted"] is True


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"ts": "1.000001", "text": "x"}, "message_not_found"),
        ({"text": ""}, "no_text"),
        ({"text": "x" * 4001}, "msg_too_long"),
    ],
)
async def test_an_update_needs_a_message_and_a_text(
    server: SlackPlayground, channel: Channel, given: Json, error: str
) -> None:
    """https://docs.slack.dev/reference/methods/chat.update#errors: text of at most 4,000 characters."""
    message = await posted(server, channel.id)
    call = {"channel": channel.id, "ts": message.ts, **given}
    refused = await error_of(client(server).api_call("chat.update", json=call))
    assert (refused["error"], message.edited) == (error, 0)


async def test_the_bot_edits_and_deletes_only_its_own(server: SlackPlayground, user: Human, channel: Channel) -> None:
    """https://docs.slack.dev/reference/methods/chat.update#errors: cant_update_message."""
    await channel.write(user, "mitt")
    ts = next(iter(channel.conversation.by_ts))
    refused = await error_of(client(server).chat_update(channel=channel.id, ts=ts, text="ditt"))
    assert refused["error"] == "cant_update_message"
    refused = await error_of(client(server).chat_delete(channel=channel.id, ts=ts))
    assert refused["error"] == "cant_delete_message"


async def test_an_ephemeral_message_goes_to_a_member(server: SlackPlayground, channel: Channel) -> None:
    """https://docs.slack.dev/reference/methods/chat.postEphemeral#errors: user_not_in_channel."""
    outsider = server.person("Bo Ek")
    refused = await error_of(client(server).chat_postEphemeral(channel=channel.id, user=outsider.id, text="psst"))
    assert refused["error"] == "user_not_in_channel"


async def test_an_unknown_person_is_not_found(server: SlackPlayground) -> None:
    """https://docs.slack.dev/reference/methods/users.info#errors: user_not_found;
    https://docs.slack.dev/reference/methods/conversations.open#errors: the same.
    """
    assert (await error_of(client(server).users_info(user="U0INGEN")))["error"] == "user_not_found"
    assert (await error_of(client(server).conversations_open(users="U0INGEN")))["error"] == "user_not_found"


async def test_a_person_and_a_channel_describe_themselves(server: SlackPlayground, user: Human) -> None:
    """What decides about a place: its kind, whether it is shared, who is in it and from which team."""
    guest = server.person("Cia Alm", team="T0ANNAN")
    shared = server.channel("delad", private=False, ext_shared=True, members=[user, guest])
    info = (await client(server).conversations_info(channel=shared.id))["channel"]
    assert (info["is_private"], info["is_ext_shared"], info["is_im"], info["name"]) == (
        False,
        True,
        False,
        "delad",
    )
    first = await client(server).conversations_members(channel=shared.id, limit=1)
    rest = await client(server).conversations_members(
        channel=shared.id, cursor=first["response_metadata"]["next_cursor"]
    )
    assert (first["members"], rest["members"]) == ([user.id], [guest.id])
    who = (await client(server).users_info(user=guest.id))["user"]
    assert (who["team_id"], who["profile"]["real_name"], who["is_bot"]) == ("T0ANNAN", "Cia Alm", False)
    dm = await client(server).conversations_open(users=user.id)
    assert (await client(server).conversations_info(channel=dm["channel"]["id"]))["channel"]["user"] == user.id


async def test_the_bot_leaves_a_channel_but_no_direct_message(
    server: SlackPlayground, user: Human, channel: Channel
) -> None:
    """https://docs.slack.dev/reference/methods/conversations.leave#errors."""
    await client(server).conversations_leave(channel=channel.id)
    assert not channel.has_bot
    refused = await error_of(client(server).conversations_leave(channel=user.dm))
    assert refused["error"] == "method_not_supported_for_channel_type"


async def test_every_call_is_remembered(server: SlackPlayground, user: Human) -> None:
    """What was asked, in order, and how it went; never the token."""
    await posted(server, user.id)
    await error_of(client(server).chat_postMessage(channel="C0INGEN", text="hej"))
    assert [(call.method, call.ok, call.error) for call in server.calls] == [
        ("chat.postMessage", True, None),
        ("chat.postMessage", False, "channel_not_found"),
    ]
    assert server.calls[0].params == {"channel": user.id, "text": "hej"}


async def test_waiting_says_what_did_not_happen(server: SlackPlayground) -> None:
    """A condition that never holds ends in a sentence, not in a hang."""
    with pytest.raises(AssertionError, match=r"the answer did not happen within 0\.01 s"):
        await server.wait_for(lambda: False, timeout=0.01, what="the answer")
