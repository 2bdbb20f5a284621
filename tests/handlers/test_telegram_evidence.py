"""What the Telegram channel makes of files, places and forwarded messages, over the wire."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.events import Attached, Event, Kind, Medium
from bot.playground.telegram import File, Group
from bot.playground.telegram_sharing import origin_of
from tests.handlers.telegram_rig import Rig, telegram_rig

AT = datetime(2026, 11, 20, 17, 5, tzinfo=UTC)
JPEG = b"\xff\xd8\xff\xe0" + bytes(4000)


@pytest.fixture
async def rig() -> AsyncIterator[Rig]:
    async with telegram_rig() as rig:
        yield rig


async def evidence(rig: Rig) -> tuple[Event, Attached]:
    """The event that came, and the one thing in it."""
    event = await rig.desk.next()
    assert event.kind is Kind.EVIDENCE
    (thing,) = event.attached
    return event, thing


async def content_of(rig: Rig, thing: Attached) -> bytes:
    return b"".join([piece async for piece in rig.channel.fetch(thing.remote)])


async def test_a_photo_comes_as_its_largest_size_with_the_words_below_it(rig: Rig) -> None:
    """And what is fetched by its reference is what was sent."""
    await rig.alva.photo(JPEG, "Röken syns härifrån")
    event, thing = await evidence(rig)
    assert event.text == "Röken syns härifrån"
    assert event.uid == f"telegram:123:m:{rig.alva.id}:1"
    assert thing == Attached(Medium.PHOTO, thing.remote, media="image/jpeg", size=len(JPEG))
    assert await content_of(rig, thing) == JPEG


async def test_a_document_brings_what_its_sender_claims_about_it(rig: Rig) -> None:
    """Its name and type are only passed on."""
    await rig.alva.document("hot.pdf", b"%PDF-1.7", "application/pdf", "Kom i går")
    event, thing = await evidence(rig)
    assert event.text == "Kom i går"
    assert thing == Attached(Medium.DOCUMENT, thing.remote, name="hot.pdf", media="application/pdf", size=8)
    assert await content_of(rig, thing) == b"%PDF-1.7"


async def test_sounds_and_films_have_their_mediums(rig: Rig) -> None:
    """A voice note and a sound file are voices, a film and a round film are films, an animation is a document."""
    alva = rig.alva
    await alva.voice(b"OggS1")
    await alva.audio("samtal.mp3", b"ID3")
    await alva.video("torget.mp4", b"film")
    await alva.video_note(b"rund")
    await alva.animation("hot.mp4", b"gif")
    found = [(await evidence(rig))[1] for _ in range(5)]
    assert [(one.medium, one.media, one.name) for one in found] == [
        (Medium.VOICE, "audio/ogg", ""),
        (Medium.VOICE, "audio/mpeg", "samtal.mp3"),
        (Medium.VIDEO, "video/mp4", "torget.mp4"),
        (Medium.VIDEO, "video/mp4", ""),
        (Medium.DOCUMENT, "video/mp4", "hot.mp4"),
    ]
    assert [await content_of(rig, one) for one in found] == [b"OggS1", b"ID3", b"film", b"rund", b"gif"]


async def test_a_place_is_its_five_decimals(rig: Rig) -> None:
    """There is nothing to fetch; a place with a name brings the name."""
    await rig.alva.location(59.329323, 18.068581)
    _, place = await evidence(rig)
    assert place == Attached(Medium.PLACE, text="59.32932, 18.06858")
    await rig.alva.venue("Biblioteket", "Skolgatan 1", -0.5, 7)
    _, venue = await evidence(rig)
    assert venue == Attached(Medium.PLACE, text="-0.50000, 7.00000", name="Biblioteket")


async def test_a_place_that_is_shared_as_it_moves_comes_once(rig: Rig) -> None:
    """Where it moves to is an edit, and those are not read."""
    await rig.alva.location(59.0, 18.0, live=900)
    await evidence(rig)
    shown = {"message_id": 1, "date": 1_700_000_000, "chat": rig.alva.room.card, "from": rig.alva.card}
    place = {"latitude": 59.1, "longitude": 18.1, "live_period": 900}
    await rig.server.inject({"edited_message": {**shown, "edit_date": 1_700_000_060, "location": place}})
    await rig.settled()
    assert len(rig.desk.committed) == 1


@pytest.mark.parametrize(
    ("author", "name"),
    [
        ("Dold Person", "Dold Person"),
        ({"id": 5, "is_bot": False, "first_name": "Bo", "last_name": "Ek", "username": "bo"}, "Bo Ek (@bo)"),
        ({"id": -1005, "type": "channel", "title": "Kanalen", "username": "kanalen"}, "Kanalen (@kanalen)"),
        ({"id": -1006, "type": "supergroup", "title": "Gruppen"}, "Gruppen"),
    ],
)
async def test_forwarded_words_keep_their_author_and_their_time(rig: Rig, author: Any, name: str) -> None:
    """All four kinds of origin; the words are not the sender's own."""
    await rig.alva.forward("Vi vet var du bor", author, AT)
    event, thing = await evidence(rig)
    assert event.text == ""
    assert thing == Attached(Medium.MESSAGE, text="Vi vet var du bor", author=name, made_at=AT)


async def test_a_forwarded_command_commands_nothing(rig: Rig) -> None:
    """It is what somebody else wrote."""
    await rig.alva.forward("/sluta nu", "Bo", AT)
    _, thing = await evidence(rig)
    assert (thing.medium, thing.text) == (Medium.MESSAGE, "/sluta nu")


async def test_a_forwarded_photo_keeps_author_and_time_and_so_do_the_words_below_it(rig: Rig) -> None:
    """Those words are the author's: as the event's text they would pass for the sender's."""
    await rig.alva.photo(JPEG, "Snart din tur", origin=origin_of("Bo", AT))
    event = await rig.desk.next()
    assert (event.kind, event.text) == (Kind.EVIDENCE, "")
    photo, words = event.attached
    assert (photo.medium, photo.author, photo.made_at, photo.text) == (Medium.PHOTO, "Bo", AT, "")
    assert words == Attached(Medium.MESSAGE, text="Snart din tur", author="Bo", made_at=AT)


async def test_an_album_comes_as_one_event_a_message(rig: Rig) -> None:
    """Telegram sends them one by one; each has an uid of its own."""
    await rig.alva.photo(JPEG, "Båda", album="1")
    await rig.alva.photo(JPEG, album="1")
    first, second = await rig.desk.next(), await rig.desk.next()
    assert (first.text, second.text) == ("Båda", "")
    assert first.uid != second.uid


@pytest.mark.parametrize(
    "content",
    [
        {"contact": {"phone_number": "+46700000000", "first_name": "Bo"}},
        {"dice": {"emoji": "🎲", "value": 3}},
        {"forward_origin": origin_of("Bo", AT), "dice": {"emoji": "🎲", "value": 3}},
    ],
)
async def test_what_is_no_evidence_still_cannot_be_read(rig: Rig, content: dict[str, Any]) -> None:
    """Contact cards and games, forwarded or not."""
    await rig.alva.share(content)
    event = await rig.desk.next()
    assert (event.kind, event.attached) == (Kind.OTHER, ())


async def test_nothing_that_is_shared_in_a_group_gets_in(rig: Rig) -> None:
    """Neither pictures, places nor forwarded commands."""
    unit: Group = rig.server.group("Enheten", members=[rig.alva])
    await unit.add_bot(by=rig.alva)
    await rig.desk.next()
    photo = rig.server.world.shelf.photo(File("x.jpg", "image/jpeg", JPEG))
    await unit.share(rig.alva, photo, "/flagga hemligt")
    await unit.share(rig.alva, {"location": {"latitude": 59.0, "longitude": 18.0}})
    await unit.share(rig.alva, {"forward_origin": origin_of("Bo", AT)}, "/flagga")
    await rig.alva.write("sist")
    assert (await rig.desk.next()).text == "sist"


@pytest.mark.parametrize("size", [None, -5, "stor", 10**12])
async def test_a_size_that_makes_no_sense_is_unknown(rig: Rig, size: object) -> None:
    """Sizes are only claims, and nothing is reckoned with them here."""
    await rig.alva.share({"document": {"file_id": "f", "file_unique_id": "u", "file_size": size}})
    _, thing = await evidence(rig)
    assert thing.size == (size if size == 10**12 else 0)
