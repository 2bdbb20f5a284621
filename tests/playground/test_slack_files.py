"""Files in the Slack playground: they come, are fetched and are sent as at Slack."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from bot.playground.faults import Misbehaviour
from bot.playground.slack import Human, SlackPlayground
from tests.playground.slack_rig import BOT_TOKEN, Socket, client, error_of, section, socket_of


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


async def got(url: str, token: str | None) -> tuple[int, str, bytes]:
    """Status, type and bytes of an address, redirects followed as browsers do."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    async with aiohttp.ClientSession() as session, session.get(url, headers=headers) as answer:
        return answer.status, answer.content_type, await answer.read()


async def uploaded(user: Human, socket: Socket) -> dict[str, Any]:
    """The file object of what a person sent."""
    await user.upload("bild å.png", b"\x89PNG", "image/png", "titta & se")
    event: dict[str, Any] = (await socket.next())["payload"]["event"]
    assert (event["subtype"], event["channel_type"], event["text"]) == ("file_share", "im", "titta &amp; se")
    (card,) = event["files"]
    return dict(card)


async def test_a_file_comes_as_slack_sends_it(user: Human, socket: Socket) -> None:
    card = await uploaded(user, socket)
    assert (card["name"], card["mimetype"], card["filetype"], card["size"]) == ("bild å.png", "image/png", "png", 4)
    assert (card["user"], card["mode"], card["is_external"]) == (user.id, "hosted", False)
    assert card["timestamp"] == card["created"] and card["title"] == card["name"]


@pytest.mark.parametrize("address", ["url_private", "url_private_download"])
async def test_only_the_bots_token_gets_the_bytes(user: Human, socket: Socket, address: str) -> None:
    """Everybody else is sent to the page to log in, which has status 200."""
    card = await uploaded(user, socket)
    assert await got(card[address], BOT_TOKEN) == (200, "image/png", b"\x89PNG")
    for token in (None, "xoxb-annan"):
        status, media, body = await got(card[address], token)
        assert (status, media) == (200, "text/html") and b"PNG" not in body


async def test_a_bot_without_the_scope_gets_the_page_to_log_in(
    server: SlackPlayground, user: Human, socket: Socket
) -> None:
    card = await uploaded(user, socket)
    server.scopes = {"chat:write"}
    assert (await got(card["url_private"], BOT_TOKEN))[1] == "text/html"
    assert (await error_of(client(server).files_info(file=card["id"])))["needed"] == "files:read"


async def test_a_file_of_a_channel_without_the_bot_does_not_exist_for_it(server: SlackPlayground, user: Human) -> None:
    place = server.channel("torget", members=[user])
    await place.upload(user, "a.png", b"x", "image/png")
    (file,) = place.everything[0].files
    assert (await error_of(client(server).files_info(file=file.id)))["error"] == "file_not_found"
    await place.add_bot(by=user)
    assert (await client(server).files_info(file=file.id))["file"]["groups"] == [place.id]


async def test_a_deleted_file_is_told_so(server: SlackPlayground, user: Human, socket: Socket) -> None:
    card = await uploaded(user, socket)
    server.remove_file(server.space.files[card["id"]])
    assert (await error_of(client(server).files_info(file=card["id"])))["error"] == "file_deleted"
    assert (await got(card["url_private"], BOT_TOKEN))[0] == 404


async def test_slacks_own_client_uploads_a_file(server: SlackPlayground, user: Human) -> None:
    """By the three steps of files v2; the file's message then has it, and files.info tells where it is."""
    sent = await client(server).files_upload_v2(
        filename="brev.pdf", content=b"%PDF", channel=user.dm, initial_comment="Här & nu"
    )
    (file,) = user.last.files
    assert (file.name, file.media, file.content) == ("brev.pdf", "application/pdf", b"%PDF")
    info = (await client(server).files_info(file=sent["file"]["id"]))["file"]
    assert info["shares"]["private"][user.dm][0]["ts"] == user.last.ts
    assert info["ims"] == [user.dm]


async def test_blocks_are_used_when_there_is_no_comment(server: SlackPlayground, user: Human) -> None:
    started = await ready(server)
    blocks = [section("i ett block")]
    await client(server).api_call(
        "files.completeUploadExternal", json={"files": [{"id": started}], "channel_id": user.dm, "blocks": blocks}
    )
    assert user.last.plain == "i ett block" and user.last.files


async def ready(server: SlackPlayground, content: bytes = b"abc") -> str:
    """A file whose bytes have come, and which nobody has seen."""
    started = await client(server).files_getUploadURLExternal(filename="a.bin", length=3)
    async with (
        aiohttp.ClientSession() as session,
        session.post(started["upload_url"], data=content) as answer,
    ):
        assert answer.status == (200 if len(content) == 3 else 400)
    return str(started["file_id"])


async def test_an_upload_is_finished_once_and_only_with_its_bytes(server: SlackPlayground, user: Human) -> None:
    bot, file = client(server), await ready(server)
    short = await ready(server, b"a")
    wrong: list[list[dict[str, str | None]]] = [[{"id": short}], [{"id": "F0NONE"}], [{"id": file}, {"id": "F0NONE"}]]
    for files in wrong:
        refused = await error_of(bot.files_completeUploadExternal(files=files, channel_id=user.dm))
        assert refused["error"] == "file_not_found"
    await bot.files_completeUploadExternal(files=[{"id": file, "title": "A"}], channel_id=user.dm)
    refused = await error_of(bot.files_completeUploadExternal(files=[{"id": file}], channel_id=user.dm))
    assert refused["error"] == "file_not_found"
    assert len(user.messages) == 1


async def test_a_file_goes_only_where_the_bot_may_write(server: SlackPlayground, user: Human) -> None:
    """And to a channel, never to a person by their id."""
    outside = server.channel("torget", private=False, members=[user])
    hidden = server.channel("hemligt", members=[user])
    file, bot = await ready(server), client(server)
    wrong = {user.id: "channel_not_found", hidden.id: "channel_not_found", outside.id: "not_in_channel"}
    for channel, error in wrong.items():
        refused = await error_of(bot.files_completeUploadExternal(files=[{"id": file}], channel_id=channel))
        assert refused["error"] == error
    assert (await error_of(bot.files_info(file=file)))["error"] == "file_not_found"


@pytest.mark.parametrize("length", [0, -1])
async def test_an_upload_has_a_length(server: SlackPlayground, length: int) -> None:
    refused = await error_of(client(server).files_getUploadURLExternal(filename="a", length=length))
    assert refused["error"] == "invalid_arguments"


async def test_a_picture_says_what_it_shows_in_a_thousand_characters(server: SlackPlayground, user: Human) -> None:
    """Slack refuses the whole file for more."""
    bot = client(server)
    started = await bot.files_getUploadURLExternal(filename="a.png", length=4, alt_txt="å" * 1000)
    assert (await error_of(bot.files_info(file=started["file_id"])))["error"] == "file_not_found"
    await bot.files_upload_v2(filename="b.png", content=b"\x89PNG", alt_txt="En karta", channel=user.dm)
    (file,) = user.messages[-1].files
    assert file.alt == "En karta"
    assert (await bot.files_info(file=file.id))["file"]["alt_txt"] == "En karta"
    refused = await error_of(bot.files_getUploadURLExternal(filename="a.png", length=4, alt_txt="å" * 1001))
    assert refused["error"] == "alt_txt_too_large"


async def test_files_can_be_made_to_fail(server: SlackPlayground, user: Human, socket: Socket) -> None:
    card = await uploaded(user, socket)
    server.faults.plan("download", Misbehaviour.TOO_MANY, seconds=3)
    assert (await got(card["url_private"], BOT_TOKEN))[0] == 429
    server.faults.plan("upload", Misbehaviour.SERVER_ERROR)
    with pytest.raises(AssertionError):
        await ready(server)


async def test_a_shortcut_brings_the_message_whoever_wrote_it(
    server: SlackPlayground, user: Human, socket: Socket
) -> None:
    """Also from a channel without the bot; only who can read the message can choose it."""
    nils = server.person("Nils Tall")
    place = server.channel("torget", members=[nils])
    await place.upload(nils, "a.png", b"x", "image/png", "hot")
    (message,) = place.everything
    with pytest.raises(AssertionError, match="is not in #torget"):
        await user.shortcut(message)
    place.join(user)
    delivery = await user.shortcut(message)
    envelope = await socket.next()
    payload = envelope["payload"]
    assert (envelope["type"], payload["type"]) == ("interactive", "message_action")
    assert (payload["callback_id"], payload["message_ts"]) == ("flag_message", message.ts)
    assert (payload["message"]["user"], payload["message"]["text"]) == (nils.id, "hot")
    assert payload["message"]["files"][0]["name"] == "a.png"
    assert (payload["user"]["id"], payload["channel"]["id"]) == (user.id, place.id)
    assert payload["trigger_id"] and payload["response_url"]
    await socket.ack(envelope)
    await delivery.answer()
