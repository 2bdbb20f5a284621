"""Files in the local Telegram: what people send, what a bot can fetch, and what it can send."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

import aiohttp
import pytest
from telegram import Bot, Update
from telegram.error import BadRequest, NetworkError

from bot.playground.telegram import Human, TelegramPlayground
from bot.playground.telegram_sharing import origin_of
from tests.playground.telegram_api.tools import TAKE, Call, Clock, poll, why

AT = datetime(2026, 11, 20, 17, 5, tzinfo=UTC)
JPEG = b"\xff\xd8\xff\xe0" + bytes(4000)


async def newest(bot: Bot) -> Any:
    """The newest message that the bot got, as the library reads it."""
    return (await poll(bot))[-1].message


async def download(server: TelegramPlayground, path: str) -> tuple[int, bytes]:
    address = f"{server.base_url.removesuffix('/bot')}/file/bot{server.token}/{path}"
    async with aiohttp.ClientSession() as session, session.get(address) as response:
        return response.status, await response.read()


async def test_a_photo_has_sizes_and_a_caption(alva: Human, bot: Bot) -> None:
    """Each size is a file of its own; the largest is what was sent."""
    await alva.photo(JPEG, "Röken")
    message = await newest(bot)
    assert (message.text, message.caption) == (None, "Röken")
    sizes = message.photo
    assert [size.width for size in sizes] == [90, 320, 1280]
    assert len({size.file_id for size in sizes} | {size.file_unique_id for size in sizes}) == 6
    assert sizes[-1].file_size == len(JPEG)


async def test_other_files_come_as_their_kinds(alva: Human, bot: Bot) -> None:
    await alva.document("a.pdf", b"%PDF", "application/pdf", "Se här")
    document = await newest(bot)
    assert (document.document.file_name, document.document.mime_type) == ("a.pdf", "application/pdf")
    assert (document.document.file_size, document.caption) == (4, "Se här")
    await alva.voice(b"OggS", 7)
    voice = (await newest(bot)).voice
    assert (voice.mime_type, voice.file_size) == ("audio/ogg", 4)
    await alva.location(59.3, 18.1)
    place = await newest(bot)
    assert (place.location.latitude, place.location.longitude, place.text) == (59.3, 18.1, None)
    await alva.photo(JPEG, album="7")
    assert (await newest(bot)).media_group_id == "7"


async def test_a_forward_names_its_origin(alva: Human, bot: Bot) -> None:
    """A hidden user by name alone, another by its card; a forwarded photo has one too."""
    await alva.forward("hej", "Dold", AT)
    hidden = await newest(bot)
    assert (hidden.text, hidden.forward_origin.sender_user_name, hidden.forward_origin.date) == ("hej", "Dold", AT)
    assert hidden.date != AT
    await alva.forward("hej", alva.card, AT)
    assert (await newest(bot)).forward_origin.sender_user.id == alva.id
    await alva.photo(JPEG, "Där", origin=origin_of("Dold", AT))
    photo = await newest(bot)
    assert (photo.caption, photo.forward_origin.sender_user_name) == ("Där", "Dold")


async def test_a_file_is_fetched_by_the_path_that_the_bot_asked_for(
    server: TelegramPlayground, alva: Human, bot: Bot, clock: Clock
) -> None:
    """The path lives for an hour, and the bot can ask anew."""
    await alva.document("a.pdf", b"innehall")
    file_id = (await newest(bot)).document.file_id
    path = server.world.shelf.get(file_id)["file_path"]
    assert path.startswith("documents/")
    assert await download(server, path) == (200, b"innehall")
    clock.advance(minutes=61)
    assert (await download(server, path))[0] == 404
    await bot.get_file(file_id)
    assert (await download(server, path))[0] == 200
    assert (await download(server, "documents/other.pdf"))[0] == 404


async def test_the_library_itself_can_fetch(server: TelegramPlayground, alva: Human) -> None:
    root = server.base_url.removesuffix("/bot")
    async with Bot(server.token, base_url=server.base_url, base_file_url=f"{root}/file/bot") as bot:
        await alva.photo(JPEG)
        file = await bot.get_file((await newest(bot)).photo[-1].file_id)
        assert bytes(await file.download_as_bytearray()) == JPEG


async def test_files_that_cannot_be_fetched_say_why(server: TelegramPlayground, alva: Human, call: Call) -> None:
    assert await why(call, "getFile") == "file_id not specified"
    assert await why(call, "getFile", file_id="x") == "invalid file_id"
    await alva.document("big", bytes(20 * 1024 * 1024 + 1))
    (big,) = server.world.shelf.by_id
    assert await why(call, "getFile", file_id=big) == "file is too big"
    server.world.shelf.expire()
    assert await why(call, "getFile", file_id=big) == "wrong file_id or the file is temporarily unavailable"


async def test_only_the_token_opens_the_files(server: TelegramPlayground) -> None:
    address = f"{server.base_url.removesuffix('/bot')}/file/bot123:wrong/x"
    async with aiohttp.ClientSession() as session, session.get(address) as response:
        assert response.status == 401


# Sending


async def test_a_sent_document_shows_its_file_caption_and_buttons(alva: Human, bot: Bot) -> None:
    sent = await bot.send_document(alva.id, b"%PDF", caption="Hej", filename="a.pdf", reply_markup=TAKE)
    assert sent.document is not None
    assert (sent.caption, sent.text, sent.document.file_name) == ("Hej", None, "a.pdf")
    shown = alva.last
    assert shown.file is not None
    assert (shown.file.name, shown.file.media, shown.file.content) == ("a.pdf", "application/pdf", b"%PDF")
    assert (shown.text, shown.labels) == ("Hej", ["Jag tar den"])


async def test_a_sent_photo_is_a_picture_or_refused(alva: Human, bot: Bot) -> None:
    sent = await bot.send_photo(alva.id, JPEG)
    assert sent.photo[-1].file_size == len(JPEG)
    with pytest.raises(BadRequest, match="Image_process_failed"):
        await bot.send_photo(alva.id, b"words")
    with pytest.raises(BadRequest, match="Too big"):
        await bot.send_photo(alva.id, JPEG + bytes(10 * 1024 * 1024))
    assert len(alva.messages) == 1


SIDES = [(1080, 1800, True), (1080, 8920, True), (400, 20, True), (1080, 8921, False), (420, 20, False), (0, 0, False)]


@pytest.mark.parametrize(("wide", "high", "taken"), SIDES)
async def test_a_sent_photo_is_neither_too_large_nor_too_narrow(
    alva: Human, bot: Bot, wide: int, high: int, taken: bool
) -> None:
    """Both sides together 10,000 at most, and one at most twenty times the other."""
    picture = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + wide.to_bytes(4, "big") + high.to_bytes(4, "big") + bytes(50)
    if taken:
        assert (await bot.send_photo(alva.id, picture)).photo
        return
    with pytest.raises(BadRequest, match=r"(?i)photo_invalid_dimensions"):
        await bot.send_photo(alva.id, picture)
    assert alva.messages == []


async def test_a_caption_has_a_quarter_of_the_room(alva: Human, bot: Bot) -> None:
    """1024 UTF-16 units: an emoji takes two."""
    await bot.send_document(alva.id, b"x", caption="😀" * 512)
    with pytest.raises(BadRequest, match="caption is too long"):
        await bot.send_document(alva.id, b"x", caption="😀" * 512 + "x")


async def test_an_empty_or_missing_or_huge_file_is_refused(alva: Human, bot: Bot, call: Call) -> None:
    assert await why(call, "sendDocument", chat_id=alva.id) == "there is no document in the request"
    assert await why(call, "sendPhoto", chat_id=alva.id, photo="file-id") == "there is no photo in the request"
    with pytest.raises(BadRequest, match="non-empty"):
        await bot.send_document(alva.id, b"")
    with pytest.raises(NetworkError, match="Too Large"):
        await bot.send_document(alva.id, bytes(50 * 1024 * 1024 + 1))
    assert alva.messages == []


async def test_the_words_below_a_file_are_a_caption_to_edit_too(alva: Human, bot: Bot) -> None:
    file = await bot.send_document(alva.id, b"x", caption="Hej", reply_markup=TAKE)
    with pytest.raises(BadRequest, match="no text in the message"):
        await bot.edit_message_text("nytt", alva.id, file.message_id)
    await bot.edit_message_caption(alva.id, file.message_id, caption="nytt")
    assert (alva.last.text, alva.last.labels, alva.last.history) == ("nytt", [], ["Hej"])
    with pytest.raises(BadRequest, match="not modified"):
        await bot.edit_message_caption(alva.id, file.message_id, caption="nytt")
    words = await bot.send_message(alva.id, "ord")
    with pytest.raises(BadRequest, match="no caption"):
        await bot.edit_message_caption(alva.id, words.message_id, caption="nytt")


async def test_a_broken_upload_is_a_bad_request(server: TelegramPlayground, alva: Human) -> None:
    """Half a body, parts without names, words that are not UTF-8."""
    head = b'--x\r\nContent-Disposition: form-data; name="chat_id"\r\n\r\n'
    bodies = [
        b"--x\r\n\r\nno name\r\n--x--\r\n",
        head + b"\xff\xfe\r\n--x--\r\n",
        b"--x\r\nbroken header\r\n\r\nvalue\r\n--x--\r\n",
        b"--x\r\nContent-Type: multipart/mixed; boundary=y\r\n\r\n--y--\r\n--x--\r\n",
        b"",
    ]
    async with aiohttp.ClientSession() as session:
        for body in bodies:
            headers = {"Content-Type": "multipart/form-data; boundary=x"}
            async with session.post(
                f"{server.base_url}{server.token}/sendDocument", data=body, headers=headers
            ) as response:
                assert response.status == 400, body
    assert alva.messages == []


async def test_updates_of_an_album_stay_in_order(alva: Human, bot: Bot) -> None:
    await asyncio.gather(*(alva.photo(JPEG, str(number), album="1") for number in range(3)))
    updates: list[Update] = await poll(bot)
    assert [update.message.caption for update in updates if update.message and update.message.photo] == ["0", "1", "2"]
