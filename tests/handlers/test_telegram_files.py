"""Files to and from Telegram over the wire, and what its refusals become."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator

import pytest

from bot.channels import File, Gone, Moved, NotSent, Refused, Undelivered, Unsure, Wait
from bot.handlers import telegram_files as subject
from bot.messages import Button, Message, Paragraph, Title
from bot.playground.faults import Misbehaviour
from tests.handlers.telegram_rig import TOKEN, Rig, telegram_rig

PNG = b"\x89PNG\r\n\x1a\n" + bytes(1000)
WORDS = Message((Title(("Bilaga till ärende 1",)), Paragraph(("Öppnad 10.05",))), ((Button("Ta bort", "token-1"),),))


@pytest.fixture
async def rig() -> AsyncIterator[Rig]:
    async with telegram_rig() as rig:
        yield rig


async def shared(rig: Rig, content: bytes = b"%PDF-1.7") -> str:
    """The reference of a document that Alva sent."""
    await rig.alva.document("hot.pdf", content, "application/pdf")
    (thing,) = (await rig.desk.next()).attached
    return thing.remote


async def fetched(rig: Rig, remote: str) -> list[bytes]:
    return [piece async for piece in rig.channel.fetch(remote)]


async def refusal(rig: Rig, remote: str) -> Undelivered:
    """Why it cannot be fetched; nothing about it, or about what it came from, says the token."""
    with pytest.raises(Undelivered) as caught:
        await fetched(rig, remote)
    error: BaseException | None = caught.value
    while error is not None:
        assert TOKEN not in str(error)
        error = error.__cause__
    return caught.value


async def test_a_file_comes_in_pieces(rig: Rig) -> None:
    """None of them larger than 256 KiB, and together what was sent."""
    content = bytes(range(256)) * 4000
    pieces = await fetched(rig, await shared(rig, content))
    assert b"".join(pieces) == content
    assert len(pieces) > 3
    assert max(map(len, pieces)) <= 256 * 1024


async def test_who_stops_half_way_leaves_nothing_open(rig: Rig) -> None:
    """The connection is given back, and the next file comes."""
    remote = await shared(rig, bytes(3_000_000))
    pieces = rig.channel.fetch(remote)
    assert await anext(pieces)
    await pieces.aclose()  # type: ignore[attr-defined]  # it is a generator
    assert rig.channel._calls._session is not None
    assert not rig.channel._calls._session.connector._acquired  # type: ignore[union-attr]
    assert sum(map(len, await fetched(rig, remote))) == 3_000_000


async def test_a_file_that_telegram_never_had_or_lost_is_gone(rig: Rig) -> None:
    """Also when it disappears between the question and the download."""
    assert isinstance(await refusal(rig, "nonsense"), Gone)
    remote = await shared(rig)
    rig.server.world.shelf.by_id[remote].path = "documents/not here.pdf"
    assert isinstance(await refusal(rig, remote), Gone)
    assert rig.calls("download") == [{"path": "documents/not here.pdf"}]
    rig.server.world.shelf.expire()
    assert isinstance(await refusal(rig, remote), Gone)


async def test_a_file_that_is_too_big_is_refused_for_good(rig: Rig) -> None:
    """Telegram gives bots nothing above 20 MB."""
    why = await refusal(rig, await shared(rig, bytes(20 * 1024 * 1024 + 1)))
    assert isinstance(why, Refused)
    assert (why.args[0], why.account_ended) == ("too big", False)


@pytest.mark.parametrize("method", ["getFile", "download"])
@pytest.mark.parametrize("fault", [Misbehaviour.SERVER_ERROR, Misbehaviour.DROP_BEFORE, Misbehaviour.DROP_AFTER])
async def test_a_file_that_did_not_come_can_be_fetched_again(rig: Rig, method: str, fault: Misbehaviour) -> None:
    """To fetch changes nothing, so nothing about it is uncertain; half a file is no file."""
    remote = await shared(rig, bytes(600_000))
    rig.server.faults.plan(method, fault, times=2)  # aiohttp itself asks twice where the connection was an old one
    assert isinstance(await refusal(rig, remote), NotSent)
    rig.server.faults.clear()
    assert sum(map(len, await fetched(rig, remote))) == 600_000


@pytest.mark.parametrize("method", ["getFile", "download"])
async def test_telegram_may_ask_for_patience_with_files_too(rig: Rig, method: str) -> None:
    """And says for how long."""
    remote = await shared(rig)
    rig.server.faults.plan(method, Misbehaviour.TOO_MANY, seconds=7)
    why = await refusal(rig, remote)
    assert isinstance(why, Wait)
    assert why.seconds == 7


async def test_with_telegram_gone_a_file_is_not_sent_and_the_log_holds_no_token(
    rig: Rig, caplog: pytest.LogCaptureFixture
) -> None:
    """The address holds the token, and aiohttp's errors hold the address."""
    remote = await shared(rig)
    await rig.server.stop()
    with caplog.at_level(logging.DEBUG):
        assert isinstance(await refusal(rig, remote), NotSent)
    assert TOKEN not in caplog.text


# Sending


async def test_a_document_arrives_with_its_words_and_buttons(rig: Rig) -> None:
    """Under its own name, Swedish letters and quotes too, and the reference is the message's."""
    content = bytes(range(256)) * 100
    ref = await rig.channel.send_file(str(rig.alva.id), File('Hot "båt".pdf', "application/pdf", content), WORDS)
    sent = rig.alva.last
    assert ref == f"{rig.alva.id}:{sent.message_id}"
    assert sent.file is not None
    assert (sent.file.name, sent.file.media, sent.file.content) == ('Hot "båt".pdf', "application/pdf", content)
    assert sent.text == "Bilaga till ärende 1\n\nÖppnad 10.05"
    assert [(e["type"], e["offset"], e["length"]) for e in sent.entities] == [("bold", 0, 20)]
    assert sent.labels == ["Ta bort"]
    assert "document" in sent.shown


@pytest.mark.filterwarnings("error")
async def test_an_error_that_nobody_foresaw_says_only_its_kind(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its words may hold the file or the token, and would be stored as the reason."""

    def fail(*_: object, **__: object) -> None:
        raise ValueError(f"{TOKEN} hemligt")

    assert rig.channel._calls._session is not None
    monkeypatch.setattr(rig.channel._calls._session, "request", fail)
    monkeypatch.setattr(rig.channel._calls._session, "get", fail)
    with pytest.raises(Unsure) as caught:
        await rig.channel.send_file(str(rig.alva.id), File("a.pdf", "application/pdf", b"x"), WORDS)
    assert caught.value.args == ("ValueError",)
    assert (await refusal(rig, "x")).args == ("ValueError",)


async def test_a_large_document_does_not_hold_up_the_rest(rig: Rig) -> None:
    """It is written piece by piece; given whole, aiohttp warns that nothing else gets its turn."""
    content = bytes(range(256)) * 20_000
    await rig.channel.send_file(str(rig.alva.id), File("stor.bin", "application/octet-stream", content), WORDS)
    assert rig.alva.last.file is not None
    assert rig.alva.last.file.content == content


async def test_a_picture_goes_as_the_document_that_it_is(rig: Rig) -> None:
    """Sent as a photo it would come out smaller, and show itself on a locked screen."""
    await rig.channel.send_file(str(rig.alva.id), File("qr.png", "image/png", PNG), WORDS)
    assert "document" in rig.alva.last.shown
    assert rig.alva.last.file is not None
    assert rig.alva.last.file.content == PNG


async def test_a_picture_of_ours_is_shown_as_one_with_its_words_below(rig: Rig) -> None:
    ref = await rig.channel.send_file(str(rig.alva.id), File("lage.png", "image/png", PNG, "Hot: 3"), WORDS)
    sent = rig.alva.last
    assert ref == f"{rig.alva.id}:{sent.message_id}"
    assert "photo" in sent.shown and sent.file is not None and sent.file.content == PNG
    assert (sent.text, sent.labels) == ("Bilaga till ärende 1\n\nÖppnad 10.05", ["Ta bort"])


async def test_a_name_cannot_break_out_of_its_header(rig: Rig) -> None:
    """Line breaks in a file's name would begin another header; an empty one becomes a plain one."""
    evil = 'x"\r\nContent-Type: text/html\r\n\r\n.pdf'
    await rig.channel.send_file(str(rig.alva.id), File(evil, "application/pdf", b"x"), WORDS)
    sent = rig.alva.last.file
    assert sent is not None
    assert sent.name == 'x"__Content-Type: text/html____.pdf'
    assert sent.media == "application/pdf"
    await rig.channel.send_file(str(rig.alva.id), File("", "application/pdf", b"x"), WORDS)
    assert rig.alva.last.file is not None
    assert rig.alva.last.file.name == "file"


async def test_words_that_no_caption_holds_are_a_mistake_of_ours(rig: Rig) -> None:
    """Nothing is cut and nothing is sent."""
    with pytest.raises(AssertionError, match="caption"):
        await rig.channel.send_file(
            str(rig.alva.id), File("a", "text/plain", b"x"), Message((Paragraph(("å" * 1025,)),))
        )
    assert rig.alva.messages == []


async def test_a_file_larger_than_telegram_takes_is_refused_before_it_leaves(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sending 50 MB to hear no would be a waste."""
    monkeypatch.setattr(subject, "SENDABLE", 10)
    with pytest.raises(Refused, match="too big"):
        await rig.channel.send_file(str(rig.alva.id), File("a", "text/plain", bytes(11)), WORDS)
    assert rig.calls("sendDocument") == []


async def test_the_words_below_a_file_can_be_replaced(rig: Rig) -> None:
    """As those of any message, with buttons and all; the same again is a success, and a lost one is gone."""
    chat = str(rig.alva.id)
    ref = await rig.channel.send_file(chat, File("a.pdf", "application/pdf", b"x"), WORDS)
    changed = Message((Paragraph(("Öppnad",)),))
    assert await rig.channel.edit(chat, ref, changed) == ref
    assert await rig.channel.edit(chat, ref, changed) == ref
    assert (rig.alva.last.text, rig.alva.last.labels) == ("Öppnad", [])
    rig.alva.last.deleted = True
    with pytest.raises(Gone):
        await rig.channel.edit(chat, ref, WORDS)


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Misbehaviour.TOO_MANY, Wait),
        (Misbehaviour.SERVER_ERROR, NotSent),
        (Misbehaviour.BLOCKED, Refused),
        (Misbehaviour.DROP_BEFORE, Unsure),
        (Misbehaviour.DROP_AFTER, Unsure),
    ],
)
async def test_telegrams_refusals_of_a_file_are_those_of_a_message(
    rig: Rig, fault: Misbehaviour, error: type[Undelivered]
) -> None:
    """Only what surely did not leave is tried again by itself."""
    rig.server.faults.plan("sendDocument", fault)
    with pytest.raises(error):
        await rig.channel.send_file(str(rig.alva.id), File("a.pdf", "application/pdf", b"x"), WORDS)
    assert len(rig.alva.messages) == (1 if fault is Misbehaviour.DROP_AFTER else 0)


async def test_a_group_that_moved_says_where_for_files_too(rig: Rig) -> None:
    group = rig.server.group("Enheten", members=[rig.alva], kind="group")
    await group.add_bot(by=rig.alva)
    old, new = group.id, group.migrate()
    with pytest.raises(Moved) as moved:
        await rig.channel.send_file(str(old), File("a.pdf", "application/pdf", b"x"), WORDS)
    assert moved.value.chat == str(new)
