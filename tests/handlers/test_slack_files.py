"""Files over the wire: what is attached, fetched and sent, and what keeps the token where it belongs."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from slack_sdk.web.async_client import AsyncWebClient

from bot.channels import File, Gone, NotSent, PlatformDown, Refused, Unsure, Wait
from bot.events import Kind, Medium, Outcome
from bot.handlers import slack_files
from bot.messages import Button, Message, Paragraph, Quote, Title
from bot.playground.faults import Misbehaviour
from bot.playground.slack import SlackFile
from tests.handlers.slack_rig import BOT, Rig, slack_rig

JPEG = b"\xff\xd8\xff" + bytes(range(256)) * 4000  # about a megabyte
WORDS = Message((Title(("Bilaga 1",)), Paragraph(("Från <!channel> & *alla*",)), Quote("_hej_")))
PDF = File("protokoll.pdf", "application/pdf", b"%PDF-1.7 hej")


@pytest.fixture
async def rig() -> AsyncIterator[Rig]:
    async with slack_rig() as rig:
        yield rig


async def uploaded(rig: Rig, name: str = "bild.jpg", content: bytes = JPEG, media: str = "image/jpeg") -> SlackFile:
    """A file that Alva has sent the bot."""
    await (await rig.alva.upload(name, content, media)).answer()
    await rig.desk.next()
    return rig.alva.everything[-1].files[0]


async def fetched(rig: Rig, remote: str) -> list[bytes]:
    return [piece async for piece in rig.channel.fetch(remote)]


# What comes in


@pytest.mark.parametrize(
    ("name", "media", "medium"),
    [
        ("bild.jpg", "image/jpeg", Medium.PHOTO),
        ("ljud.m4a", "audio/mp4", Medium.VOICE),
        ("film.mp4", "video/mp4", Medium.VIDEO),
        ("brev.pdf", "application/pdf", Medium.DOCUMENT),
        ("okänd", "", Medium.DOCUMENT),
    ],
)
async def test_a_file_is_evidence_with_what_is_claimed_of_it(rig: Rig, name: str, media: str, medium: Medium) -> None:
    await rig.alva.upload(name, b"abc", media, text="titta & se")
    event = await rig.desk.next()
    (thing,) = event.attached
    assert (event.kind, event.text, event.chat.id) == (Kind.EVIDENCE, "titta & se", rig.alva.dm)
    assert (thing.medium, thing.name, thing.media, thing.size) == (medium, name, media, 3)
    assert thing.remote == rig.alva.everything[-1].files[0].id


async def test_a_message_that_is_passed_on_has_its_author_time_and_file(rig: Rig) -> None:
    nils = rig.server.person("Nils Tall")
    place = rig.server.channel("torget", members=[rig.alva, nils])
    await place.upload(nils, "hot.png", b"\x89PNG", "image/png", "vi <ses> i morgon")
    (original,) = place.everything
    await rig.alva.share(original, "kolla")
    event = await rig.desk.next()
    words, picture = event.attached
    assert (event.kind, event.text) == (Kind.EVIDENCE, "kolla")
    assert (words.medium, words.text, words.author) == (Medium.MESSAGE, "vi <ses> i morgon", "Nils Tall")
    assert words.made_at is not None and words.made_at.timestamp() == pytest.approx(float(original.ts))
    assert (picture.medium, picture.name, picture.remote) == (Medium.PHOTO, "hot.png", original.files[0].id)
    assert (picture.author, picture.made_at) == (words.author, words.made_at)


async def test_a_link_to_a_message_is_words_and_then_the_message_itself(rig: Rig) -> None:
    """Slack shows what the link leads to a moment later, as a change of the message."""
    nils = rig.server.person("Nils Tall")
    place = rig.server.channel("torget", members=[rig.alva, nils])
    await place.write(nils, "vi ses")
    await rig.alva.paste_link(place.everything[0])
    first, second = await rig.desk.next(), await rig.desk.next()
    assert (first.kind, first.attached) == (Kind.TEXT, ())
    assert (second.kind, second.text) == (Kind.EVIDENCE, "")
    assert [(thing.text, thing.author) for thing in second.attached] == [("vi ses", "Nils Tall")]
    assert first.uid != second.uid


# The shortcut


async def test_the_shortcut_flags_a_message_where_the_bot_is_not(rig: Rig) -> None:
    nils = rig.server.person("Nils Tall")
    place = rig.server.channel("torget", members=[rig.alva, nils])
    await place.upload(nils, "hot.png", b"\x89PNG", "image/png", "vi <ses>")
    (original,) = place.everything
    delivery = await rig.alva.shortcut(original)
    await delivery.answer()
    event = await rig.desk.next()
    words, picture = event.attached
    assert (event.kind, event.text, event.sender.user) == (Kind.EVIDENCE, "", rig.alva.id)
    assert (event.chat.id, event.chat.private) == (rig.alva.id, True)
    assert (words.medium, words.text, words.author) == (Medium.MESSAGE, "vi <ses>", "Nils Tall")
    assert words.made_at is not None and words.made_at.timestamp() == pytest.approx(float(original.ts))
    assert (picture.remote, picture.author, picture.made_at) == (original.files[0].id, "Nils Tall", words.made_at)


async def test_the_author_of_a_flagged_message_is_an_id_when_slack_does_not_say_more(rig: Rig) -> None:
    rig.server.faults.plan("users.info", Misbehaviour.SERVER_ERROR)
    await rig.alva.write("hej")
    await rig.desk.next()
    await rig.alva.shortcut(rig.alva.everything[0])
    assert (await rig.desk.next()).attached[0].author == rig.alva.id


async def test_the_answer_to_a_shortcut_is_seen_by_that_person_alone(rig: Rig) -> None:
    rig.desk.answer = lambda event: Outcome(toast="Jag frågar dig direkt.")
    place = rig.server.channel("torget", members=[rig.alva])
    await place.write(rig.alva, "hej")
    await (await rig.alva.shortcut(place.everything[0])).answer()
    await rig.server.wait_for(lambda: place.messages, what="the answer")
    (answer,) = place.messages
    assert (answer.plain, answer.to) == ("Jag frågar dig direkt.", rig.alva.id)


async def test_a_shortcut_that_was_not_committed_is_not_acknowledged(rig: Rig) -> None:
    rig.server.ack_within = 0.05
    rig.desk.failures = [RuntimeError("the disk is full")]
    await rig.alva.write("hej")
    await rig.desk.next()
    rig.desk.failures = [RuntimeError("the disk is full")]
    delivery = await rig.alva.shortcut(rig.alva.everything[0])
    await rig.server.wait_for(lambda: delivery in rig.server.timeouts, what="Slack's own error")


async def test_a_slow_shortcut_is_acknowledged_and_finished(rig: Rig) -> None:
    await rig.alva.write("hej")
    await rig.desk.next()
    rig.channel.patience = 0.0
    rig.desk.open.clear()
    delivery = await rig.alva.shortcut(rig.alva.everything[0])
    assert await delivery.answer() == {}
    rig.desk.open.set()
    await rig.channel.stop()
    assert [event.kind for event in rig.desk.committed] == [Kind.TEXT, Kind.EVIDENCE]


async def test_a_name_that_is_long_in_coming_does_not_hold_up_the_acknowledgement(rig: Rig) -> None:
    await rig.alva.write("hej")
    await rig.desk.next()
    rig.channel.patience = 0.0
    rig.server.faults.plan("users.info", Misbehaviour.DELAY, seconds=30)
    delivery = await rig.alva.shortcut(rig.alva.everything[0])
    assert await delivery.answer(within=0.5) == {}
    assert (await rig.desk.next()).attached[0].author == rig.alva.id


async def test_a_shortcut_of_another_name_is_ignored(rig: Rig) -> None:
    await rig.alva.write("hej")
    await rig.desk.next()
    await (await rig.alva.shortcut(rig.alva.everything[0], "something_else")).answer()
    assert rig.desk.came.empty() and rig.desk.kept == []


# Fetching


async def test_the_bytes_come_whole_and_in_pieces(rig: Rig) -> None:
    file = await uploaded(rig)
    pieces = await fetched(rig, file.id)
    assert b"".join(pieces) == JPEG
    assert len(pieces) > 1 and max(map(len, pieces)) <= 256 * 1024


async def test_a_page_to_log_in_is_no_evidence(rig: Rig) -> None:
    """Slack answers so whoever may not have the file, with status 200 in the end."""
    file = await uploaded(rig)
    rig.server.scopes = {"chat:write", "files:read"}
    rig.server.file_server.may_read = lambda token: False
    with pytest.raises(Refused, match="no access"):
        await fetched(rig, file.id)


async def test_html_for_a_file_that_is_none_is_no_evidence(rig: Rig) -> None:
    file = await uploaded(rig)
    file.media, card = "text/html", file.card
    file.card = lambda *args: {**card(*args), "mimetype": "image/jpeg"}  # type: ignore[method-assign]
    with pytest.raises(Refused, match="no access"):
        await fetched(rig, file.id)


async def test_a_page_that_somebody_saved_is_a_file_like_others(rig: Rig) -> None:
    file = await uploaded(rig, "sida.html", b"<html>hot</html>", "text/html")
    assert await fetched(rig, file.id) == [b"<html>hot</html>"]


async def test_a_deleted_file_is_gone(rig: Rig) -> None:
    file = await uploaded(rig)
    rig.server.remove_file(file)
    with pytest.raises(Gone):
        await fetched(rig, file.id)


async def test_a_file_that_was_never_there_is_gone(rig: Rig) -> None:
    with pytest.raises(Gone):
        await fetched(rig, "F0NONE")


async def test_a_file_where_the_bot_is_not_cannot_be_fetched(rig: Rig) -> None:
    """Slack says the same of it as of one that does not exist."""
    place = rig.server.channel("torget", members=[rig.alva])
    await place.upload(rig.alva, "hot.png", b"\x89PNG", "image/png")
    with pytest.raises(Gone):
        await fetched(rig, place.everything[0].files[0].id)


@pytest.mark.parametrize("mode", ["external", "hidden_by_limit"])
async def test_a_file_that_slack_does_not_hold_is_refused(rig: Rig, mode: str) -> None:
    file = await uploaded(rig)
    file.mode, file.link = mode, "https://drive.example/1"
    with pytest.raises(Refused, match=mode):
        await fetched(rig, file.id)


FAULTS: list[tuple[Misbehaviour, type[Exception]]] = [
    (Misbehaviour.TOO_MANY, Wait),
    (Misbehaviour.SERVER_ERROR, NotSent),
    (Misbehaviour.DROP_BEFORE, NotSent),
    (Misbehaviour.DROP_AFTER, NotSent),
]


@pytest.mark.parametrize("method", ["files.info", "download"])
@pytest.mark.parametrize(("fault", "problem"), FAULTS)
async def test_what_fails_on_the_way_can_be_fetched_later(
    rig: Rig, method: str, fault: Misbehaviour, problem: type[Exception]
) -> None:
    file = await uploaded(rig)
    rig.server.faults.plan(method, fault, seconds=7, times=2)  # aiohttp itself reads once more from a fresh connection
    with pytest.raises(problem) as raised:
        await fetched(rig, file.id)
    rig.server.faults.clear()
    assert getattr(raised.value, "seconds", 7) == 7
    assert b"".join(await fetched(rig, file.id)) == JPEG


async def test_a_missing_scope_is_something_to_mend_and_try_again(rig: Rig) -> None:
    file = await uploaded(rig)
    rig.server.scopes = {"chat:write"}
    with pytest.raises(NotSent, match="missing_scope"):
        await fetched(rig, file.id)


STRANGE = [
    "http://127.0.0.1:{other}/steal",
    "http://evil.example/steal",
    "http://x@127.0.0.1:{port}/steal",
    "https://127.0.0.1:{port}/steal",
    "http://127.0.0.1.evil.example:{port}/steal",
    "file:///etc/passwd",
    "http://[",
    "",
]


@pytest.mark.parametrize("address", STRANGE)
async def test_the_token_is_shown_to_no_other_host(rig: Rig, address: str) -> None:
    seen: list[str] = []

    async def thief(request: web.Request) -> web.Response:
        seen.append(request.headers.get("Authorization", ""))
        return web.Response(body=b"thanks")

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", thief)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    file = await uploaded(rig)
    card, port = file.card, rig.server.base_url.split(":")[2].split("/")[0]
    url = address.format(other=runner.addresses[0][1], port=port)
    file.card = lambda *args: {**card(*args), "url_private": url, "url_private_download": url}  # type: ignore[method-assign]
    with pytest.raises(Refused, match="strange address"):
        await fetched(rig, file.id)
    assert seen == [] and rig.server.file_server.tokens == []
    await runner.cleanup()


@pytest.mark.parametrize(
    ("url", "ours"),
    [
        ("https://files.slack.com/files-pri/T1-F1/a.png", True),
        ("https://slack.com/files/a.png", True),
        ("http://files.slack.com/a.png", False),
        ("https://files.slack.com:8443/a.png", False),
        ("https://evilslack.com/a.png", False),
        ("https://slack.com.evil.example/a.png", False),
    ],
)
def test_at_slack_itself_the_token_stays_with_slack(url: str, ours: bool) -> None:
    files = slack_files.Files(AsyncWebClient(BOT))
    if ours:
        assert str(files._ours({"url_private_download": url})) == url
    else:
        with pytest.raises(Refused):
            files._ours({"url_private_download": url})


# Sending


async def test_a_file_arrives_with_its_words_and_they_are_no_markup(rig: Rig) -> None:
    ref = await rig.channel.send_file(rig.alva.id, PDF, WORDS)
    (file,) = rig.alva.last.files
    assert ref == f"file:{file.id}"
    assert (file.name, file.media, file.content) == (PDF.name, PDF.media, PDF.content)
    assert rig.alva.last.plain == "Bilaga 1\nFrån <!channel> & ∗alla∗\n> ˍhejˍ"
    assert "<!channel>" not in rig.alva.last.text
    assert rig.desk.came.empty(), "the bot heard its own file"


@pytest.mark.parametrize(
    ("words", "heard"), [("Hot: 3 & <2>", "Hot: 3 & <2>"), ("å" * 1500, "å" * 998 + " …"), ("", "")]
)
async def test_a_picture_says_what_it_shows_as_far_as_slack_takes_it(rig: Rig, words: str, heard: str) -> None:
    await rig.channel.send_file(rig.alva.id, File("lage.png", "image/png", b"\x89PNG", words), WORDS)
    (file,) = rig.alva.messages[-1].files
    assert (file.alt, file.media) == (heard, "image/png")


async def test_a_file_can_be_sent_to_a_channel(rig: Rig) -> None:
    place = rig.server.channel("enheten", members=[rig.alva])
    await (await place.add_bot(by=rig.alva)).answer()
    await rig.channel.send_file(place.id, PDF, WORDS)
    assert [file.name for file in place.messages[-1].files] == ["protokoll.pdf"]
    assert rig.calls("conversations.open") == []


async def test_a_file_takes_no_buttons(rig: Rig) -> None:
    with pytest.raises(AssertionError):
        await rig.channel.send_file(rig.alva.id, PDF, Message((Title(("Hej",)),), ((Button("Läst", "tok"),),)))
    assert rig.alva.messages == []


@pytest.mark.parametrize("step", ["conversations.open", "files.getUploadURLExternal", "upload"])
@pytest.mark.parametrize(("fault", "problem"), FAULTS)
async def test_until_the_last_step_nothing_was_sent(
    rig: Rig, step: str, fault: Misbehaviour, problem: type[Exception]
) -> None:
    rig.server.faults.plan(step, fault, seconds=7)
    with pytest.raises(problem):
        await rig.channel.send_file(rig.alva.id, PDF, WORDS)
    assert rig.alva.messages == []


@pytest.mark.parametrize(("fault", "arrived"), [(Misbehaviour.DROP_BEFORE, 0), (Misbehaviour.DROP_AFTER, 1)])
async def test_a_last_step_without_an_answer_is_unsure(rig: Rig, fault: Misbehaviour, arrived: int) -> None:
    rig.server.faults.plan("files.completeUploadExternal", fault)
    with pytest.raises(Unsure):
        await rig.channel.send_file(rig.alva.id, PDF, WORDS)
    assert len(rig.alva.messages) == arrived


async def test_somebody_who_left_ends_the_account(rig: Rig) -> None:
    rig.alva.deactivate()
    with pytest.raises(Refused) as raised:
        await rig.channel.send_file(rig.alva.id, PDF, WORDS)
    assert raised.value.account_ended


async def test_a_missing_scope_to_send_files_is_for_somebody_to_mend(rig: Rig) -> None:
    rig.server.scopes = {"im:write"}
    with pytest.raises(PlatformDown, match="missing_scope"):
        await rig.channel.send_file(rig.alva.id, PDF, WORDS)


async def test_an_upload_that_is_looked_for_in_vain_is_unsure(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slack_files, "LOOKS", (0.0, 0.0))
    rig.server.faults.plan("files.info", Misbehaviour.SERVER_ERROR, times=2)
    with pytest.raises(Unsure):
        await rig.channel.send_file(rig.alva.id, PDF, WORDS)


async def test_an_upload_is_looked_for_again_when_its_message_is_late(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slack_files, "LOOKS", (0.0, 0.0))
    rig.server.faults.plan("files.info", Misbehaviour.TOO_MANY)
    assert (await rig.channel.send_file(rig.alva.id, PDF, WORDS)).startswith("file:F")


async def test_an_upload_that_may_not_be_looked_at_is_unsure_at_once(rig: Rig) -> None:
    rig.server.scopes = {"im:write", "files:write"}
    with pytest.raises(Unsure, match="missing_scope"):
        await rig.channel.send_file(rig.alva.id, PDF, WORDS)
    assert len(rig.calls("files.info")) == 1
