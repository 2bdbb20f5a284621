"""Photos, files, voice notes, places and other people's messages: kept whole, sealed, and opened in the open."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot import fetching
from bot.channels import Gone, Wait
from bot.fetching import Fetching, Job
from bot.playground.faults import Misbehaviour
from bot.playground.seat import Seat, TelegramSeat
from storage import evidence as stored
from storage.tables import Conversation, Entry, Evidence, EvidenceChunk, Incident, KeptEvent, Outbox
from tests.contract.conftest import House

MARK = b"MARKERAT-SOM-KLARTEXT"
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00" + MARK + b"\xff\xd9"
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00" + MARK
OGG = b"OggS\x00\x02" + bytes(20) + b"\x01\x13OpusHead\x01\x01" + MARK
PDF = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\n" + MARK + b"\n%%EOF\n"
EXE = b"MZ\x90\x00\x03\x00\x00\x00" + bytes(52) + b"\x80\x00\x00\x00" + bytes(64) + b"PE\x00\x00"
BIG = JPEG + bytes(range(256)) * 4096 + b"end"  # five pieces
LONG_AGO = datetime(2026, 11, 20, 18, 5, tzinfo=UTC)


async def evidence(town: House) -> list[Evidence]:
    return await town.all(Evidence)


async def the_only(town: House) -> Evidence:
    (row,) = await evidence(town)
    return row


async def content(town: House, row: Evidence) -> bytes:
    return await town.look(lambda session: b"".join(stored.read(session, session.get_one(Evidence, row.id))))


async def open_first(who: Seat, item: int = 1) -> None:
    await who.command("arende", "1")
    await who.press("Visa underlag")
    await who.press(f"Öppna {item}")


async def test_a_photo_is_kept_whole_on_the_only_open_incident(town: House) -> None:
    await town.flag_now(town.contact)
    await town.contact.press("Avbryt")
    await town.contact.attach("dorr.jpg", JPEG, "image/jpeg")
    row = await the_only(town)
    assert (row.incident_id, row.state, row.medium, row.media) == (1, "kept", "photo", "image/jpeg")
    assert (row.size, row.sha256) == (len(JPEG), hashlib.sha256(JPEG).hexdigest())
    assert await content(town, row) == JPEG
    assert town.contact.has("Sparat i ärende 1: 1 bild.")
    assert town.chief.has("Nytt underlag i ärende 1")
    assert await town.nothing_kept() and not await town.unsettled()


@pytest.mark.parametrize(
    ("name", "data", "media", "medium", "found"),
    [
        ("brev.pdf", PDF, "application/pdf", "document", "application/pdf"),
        ("rost.ogg", OGG, "audio/ogg", "voice", "audio/ogg"),
        ("bild.png", PNG, "image/png", "photo", "image/png"),
    ],
)
async def test_each_sort_is_known_by_its_bytes(
    town: House, name: str, data: bytes, media: str, medium: str, found: str
) -> None:
    await town.flag_now(town.contact)
    await town.contact.attach(name, data, media)
    row = await the_only(town)
    assert (row.state, row.medium, row.media) == ("kept", medium, found)
    assert await content(town, row) == data


async def test_a_file_of_many_pieces_comes_back_as_it_was(town: House) -> None:
    await town.flag_now(town.contact)
    await town.contact.attach("stor.bin", BIG, "application/octet-stream")
    row = await the_only(town)
    assert [chunk.number for chunk in await town.all(EvidenceChunk)] == [0, 1, 2, 3, 4]
    assert await content(town, row) == BIG and row.sha256 == hashlib.sha256(BIG).hexdigest()
    assert await town.look(lambda session: stored.verify(session, session.get_one(Evidence, row.id)))


async def test_nothing_of_it_can_be_read_in_the_database(town: House) -> None:
    await town.flag_now(town.contact)
    await town.contact.attach("hemligt-namn.pdf", PDF, "application/pdf", "HEMLIG-BILDTEXT")
    await town.contact.pass_on("HEMLIGT-MEDDELANDE", "Hans Hemlig", LONG_AGO)
    await open_first(town.chief)
    raw = b"".join(file.read_bytes() for file in town.folder.iterdir() if file.is_file())
    for secret in (MARK, b"hemligt-namn", b"HEMLIG-BILDTEXT", b"HEMLIGT-MEDDELANDE", b"Hans Hemlig"):
        assert secret not in raw


async def test_the_unit_opens_it_in_its_own_chat_and_that_is_written_down(town: House) -> None:
    await town.flag_now(town.contact)
    await town.contact.attach("brev.pdf", PDF, "application/pdf")
    await open_first(town.officer)
    ((name, _, data),) = town.officer.files
    assert (name, data) == ("arende-1-underlag-1.pdf", PDF)
    assert not town.chief.files and not town.contact.files
    await town.officer.command("arende", "1")
    await town.officer.press("Läs allt")
    assert "Omar Lind öppnade underlag 1." in town.officer.last.text
    assert "Alva Berg la till underlag 1: fil." in town.officer.last.text
    await town.contact.command("arende", "1")
    await town.contact.press("Läs allt")
    assert "öppnade underlag" not in town.contact.last.text


async def test_each_press_is_an_opening_of_its_own(town: House) -> None:
    await town.flag_now(town.contact)
    await town.contact.attach("brev.pdf", PDF, "application/pdf")
    await open_first(town.officer)
    await town.officer.press("Öppna 1")
    assert len(town.officer.files) == 2
    assert len([entry for entry in await town.all(Entry) if entry.kind == "opened"]) == 2


async def test_what_shows_beside_a_file_tells_nothing_of_it(town: House) -> None:
    await town.flag_now(town.contact)
    await town.contact.attach("hotbrev till kassoren.pdf", PDF, "application/pdf", "han skrek")
    before = len(await town.all(Outbox))
    await open_first(town.officer)
    assert before < len(await town.all(Outbox))
    assert town.officer.has("Ärende 1 · Underlag 1")
    (file,) = town.officer.files
    assert "kassoren" not in file[0]


async def test_whoever_may_not_see_the_incident_neither_lists_nor_opens(town: House) -> None:
    await town.flag_later(town.official, "På gång")
    await town.official.attach("bild.png", PNG, "image/png")
    row = await the_only(town)
    assert row.incident_id == 1
    for outsider in (town.neighbour, town.loner, town.contact, town.deputy):
        for token in ("a.evidence.1", f"a.open.1.{row.id}"):
            await outsider.command("meny")
            told = await town.told(outsider, town.forge(outsider, token))
            assert "underlag" not in told.casefold()
        assert not outsider.files
    assert not [entry for entry in await town.all(Entry) if entry.kind == "opened"]


async def test_a_number_of_another_incident_opens_nothing(town: House) -> None:
    await town.flag_now(town.neighbour)
    await town.neighbour.attach("bild.png", PNG, "image/png")
    await town.flag_now(town.contact)
    await town.forge(town.contact, "a.open.2.1")
    assert not town.contact.files
    for broken in ("x", "0", "99999999999", "-1"):
        await town.forge(town.chief, f"a.open.2.{broken}")
    assert not town.chief.files and await town.nothing_kept()


async def test_the_own_partys_contact_opens_what_is_shared_until_it_is_the_units_alone(town: House) -> None:
    await town.flag_now(town.contact)
    await town.contact.attach("bild.png", PNG, "image/png")
    await open_first(town.deputy)
    assert [data for _, _, data in town.deputy.files] == [PNG]
    await town.contact.command("arende", "1")
    await town.contact.press("Bara enheten")
    await town.forge(town.deputy, "a.open.1.1")
    assert len(town.deputy.files) == 1


async def test_something_attached_before_there_is_an_incident_goes_with_it(town: House) -> None:
    await town.contact.attach("bild.png", PNG, "image/png")
    held = await the_only(town)
    assert (held.incident_id, held.state) == (None, "kept")
    assert town.contact.has("Jag har 1 bild. Det är inte skickat vidare än.")
    assert not town.chief.has("Ärende")
    await town.contact.press("Händer nu")
    row = await the_only(town)
    assert (row.incident_id, row.state, row.sha256) == (1, "kept", hashlib.sha256(PNG).hexdigest())
    assert town.contact.has("Sparat i ärende 1: 1 bild.") and not town.contact.has("inte skickat vidare")
    await open_first(town.chief)
    assert [data for _, _, data in town.chief.files] == [PNG]


async def test_words_after_a_photo_and_a_photo_after_words_belong_together(town: House) -> None:
    await town.contact.attach("bild.png", PNG, "image/png")
    await town.contact.write("De klottrar på dörren just nu igen")
    await town.contact.attach("bild2.png", PNG, "image/png")
    await town.contact.press("Skicka till enheten")
    await town.contact.press("Händer nu")
    assert {row.incident_id for row in await evidence(town)} == {1}
    assert (await town.incident()).details["words"] == "De klottrar på dörren just nu igen"
    assert len(await town.all(Conversation)) == 1


async def test_what_is_thrown_away_leaves_nothing_behind(town: House) -> None:
    await town.contact.attach("bild.png", PNG, "image/png")
    await town.contact.press("Kasta")
    assert not await evidence(town) and not await town.all(EvidenceChunk)
    assert town.contact.has("Kastat. Inget är skickat.")
    assert town.contact.has("inte sparat hos mig") and not town.contact.has("Jag har 1 bild")


async def test_a_flag_that_is_broken_off_leaves_nothing_behind(town: House) -> None:
    await town.contact.command("flagga")
    await town.contact.press("På gång")
    await town.contact.attach("bild.png", PNG, "image/png")
    assert len(await evidence(town)) == 1
    await town.contact.press("Avbryt")
    assert not await evidence(town) and not await town.all(EvidenceChunk) and not await town.all(Incident)
    assert town.contact.has("Avbrutet. Inget är skickat.")


async def test_a_photo_in_the_middle_of_a_flag_comes_with_the_flag(town: House) -> None:
    await town.flag_up_to_summary(town.contact, "På gång", "Klotter på dörren")
    await town.contact.attach("bild.png", PNG, "image/png", "så här ser det ut")
    await town.contact.press("Skicka till enheten")
    assert (await the_only(town)).incident_id == 1
    await town.chief.command("arende", "1")
    assert "så här ser det ut" in town.chief.last.text and "1 bild" in town.chief.last.text


async def test_words_with_a_photo_answer_the_question_that_waits(town: House) -> None:
    await town.flag_now(town.contact)
    await town.contact.attach("bild.png", PNG, "image/png", "Biblioteket på Skolgatan")
    assert (await town.incident()).details["where"] == "Biblioteket på Skolgatan"
    assert (await the_only(town)).incident_id == 1


async def test_words_with_a_photo_on_an_incident_go_the_way_of_words(town: House) -> None:
    await town.flag_now(town.contact)
    await town.contact.press("Avbryt")
    await town.contact.attach("bild.png", PNG, "image/png", "Nu har de gått")
    await town.chief.command("arende", "1")
    assert "Nu har de gått" in town.chief.last.text


async def test_an_album_is_one_receipt_and_one_notice(town: House) -> None:
    await town.flag_now(town.contact)
    await town.contact.press("Avbryt")
    town.chief.news()
    for number in range(5):
        await town.contact.attach(f"bild{number}.png", PNG + bytes([number]), "image/png")
    assert len([seen for seen in town.contact.messages if "Sparat i ärende 1" in seen.text]) == 1
    assert town.contact.has("Sparat i ärende 1: 5 bilder.")
    assert len([seen for seen in town.chief.messages if "Nytt underlag" in seen.text]) == 1


@pytest.mark.parametrize("name", ["spel.exe", "skript.ps1", "sida.html", "teckning.svg", "makro.docm"])
async def test_what_could_run_on_a_phone_is_refused_by_its_name(town: House, name: str) -> None:
    await town.flag_now(town.contact)
    await town.contact.attach(name, b"harmless?", "application/octet-stream")
    row = await the_only(town)
    assert (row.state, row.reason) == ("refused", "program")
    assert town.contact.has("Ta en skärmbild") and not await town.all(EvidenceChunk)


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("semester.jpg", EXE, "program"),
        ("anteckning.txt", b"#!/bin/sh\nrm -rf /\n", "program"),
        ("logga-in.jpg", b"\n<!DOCTYPE html><html><body>Sign in</body></html>", "page"),
        ("bild.png", b'<?xml version="1.0"?><svg xmlns="x"><script/></svg>', "page"),
    ],
)
async def test_a_false_name_does_not_help(town: House, name: str, data: bytes, reason: str) -> None:
    await town.flag_now(town.contact)
    await town.contact.attach(name, data, "application/octet-stream")
    row = await the_only(town)
    assert (row.state, row.reason) == ("refused", reason)
    assert town.contact.has("skärmbild") and not await town.all(EvidenceChunk)
    await town.chief.command("arende", "1")
    assert "1 kom inte med" in town.chief.last.text


async def test_what_is_too_big_is_answered_at_once(town: House) -> None:
    await town.flag_now(town.contact)
    await town.contact.attach("film.bin", bytes(20 * 1024 * 1024 + 1), "application/octet-stream")
    row = await the_only(town)
    assert (row.state, row.reason) == ("refused", "too_big")
    assert town.contact.has("jag tar emot högst 20 MB") and not await town.all(EvidenceChunk)


async def test_somebody_elses_message_is_kept_with_its_author_and_its_time(town: House) -> None:
    await town.flag_now(town.contact)
    await town.contact.pass_on("Vi vet var du bor", "Okänt Konto", LONG_AGO)
    row = await the_only(town)
    assert (row.medium, row.state, row.made_at) == ("message", "kept", LONG_AGO)
    assert row.facts["text"] == "Vi vet var du bor" and "Okänt Konto" in row.facts["author"]
    assert await town.look(lambda session: stored.verify(session, session.get_one(Evidence, row.id)))
    await open_first(town.chief)
    assert town.chief.has("Vi vet var du bor") and town.chief.has("Okänt Konto")
    assert [entry.kind for entry in await town.all(Entry)][-1] == "opened"


async def test_what_is_sent_in_an_exercise_is_not_stored(town: House) -> None:
    await town.contact.command("ova")
    await town.contact.press("Händer nu")
    await town.contact.attach("bild.png", PNG, "image/png")
    assert town.contact.has("ÖVNING · Det du skickade når ingen")
    assert not await evidence(town)


async def test_a_stranger_leaves_no_trace_with_a_file(town: House) -> None:
    stranger = town.newcomer("Okänd Person")
    stranger.open_chat()
    before = await town.rows()
    await stranger.attach("bild.png", PNG, "image/png")
    assert stranger.has("Du behöver en inbjudan")
    assert await town.rows() == before


async def test_no_more_than_fifty_on_one_incident(town: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.services.evidence.MOST", 2)
    await town.flag_now(town.contact)
    for number in range(3):
        await town.contact.attach(f"bild{number}.png", PNG + bytes([number]), "image/png")
    assert len(await evidence(town)) == 2
    assert town.contact.has("Ärende 1 rymmer 2 bilder och filer")


async def test_the_unit_may_keep_a_file_for_itself(both: House) -> None:
    town = both
    await town.flag_now(town.contact)
    await town.chief.press("Jag tar den")
    await town.chief.attach("pm.pdf", PDF, "application/pdf")
    await town.chief.press("Lägg i ärende 1")
    row = await the_only(town)
    assert row.incident_id == 1 and row.facts["unit"]
    assert town.chief.has("Bara säkerhetsenheten ser det.")
    await town.contact.command("arende", "1")
    assert "Underlag" not in town.contact.last.text
    await town.forge(town.contact, f"a.open.1.{row.id}")
    await town.contact.command("arende", "1")
    await town.contact.press("Läs allt")
    assert "underlag" not in town.contact.last.text.casefold() and not town.contact.files
    await open_first(town.officer)
    assert [data for _, _, data in town.officer.files] == [PDF]


async def test_what_comes_with_an_answer_reaches_the_reporter_with_it(town: House) -> None:
    await town.flag_now(town.contact)
    await town.chief.command("arende", "1")
    await town.chief.press("Svara")
    await town.chief.attach("karta.pdf", PDF, "application/pdf")
    assert (await the_only(town)).incident_id is None
    await town.chief.write("Gå ut den här vägen.")
    assert (await the_only(town)).incident_id == 1
    await open_first(town.contact)
    assert [data for _, _, data in town.contact.files] == [PDF]


FAULTS = [Misbehaviour.TOO_MANY, Misbehaviour.SERVER_ERROR, Misbehaviour.DROP_BEFORE]


@pytest.mark.parametrize("kind", FAULTS)
@pytest.mark.parametrize("call", [0, 1])
async def test_a_fetch_that_meets_trouble_is_done_again(
    town: House, platform: str, kind: Misbehaviour, call: int
) -> None:
    await town.flag_now(town.contact)
    server = town.telegram if platform == "telegram" else town.slack
    method = ("getFile" if platform == "telegram" else "files.info", "download")[call]
    server.faults.plan(method, kind, seconds=2, times=2)
    await town.contact.attach("brev.pdf", PDF, "application/pdf")
    assert (await the_only(town)).state == "waiting"
    assert town.contact.has("Jag hämtar 1 fil till ärende 1.")
    await town.advance(seconds=3)
    await town.advance(seconds=5)
    row = await the_only(town)
    assert row.state == "kept" and await content(town, row) == PDF
    assert town.contact.has("Sparat i ärende 1: 1 fil.")


async def test_a_file_that_cannot_be_fetched_for_a_day_is_given_up_and_both_sides_are_told(
    town: House, platform: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetching, "GIVE_UP", timedelta(minutes=1))  # a day later there would be other things to say
    await town.flag_now(town.contact)
    await town.chief.press("Jag tar den")
    server = town.telegram if platform == "telegram" else town.slack
    server.faults.plan("getFile" if platform == "telegram" else "files.info", Misbehaviour.SERVER_ERROR, times=500)
    await town.contact.attach("brev.pdf", PDF, "application/pdf")
    await town.advance(seconds=55)
    assert (await the_only(town)).state == "waiting"
    await town.advance(seconds=6)
    await town.advance(minutes=1)
    row = await the_only(town)
    assert (row.state, row.reason) == ("failed", "unreachable")
    assert town.contact.has("Skicka det igen.")
    assert town.chief.has("Be om underlaget igen i ärende 1")


async def test_a_crash_in_the_middle_of_a_file_starts_it_again(town: House, monkeypatch: pytest.MonkeyPatch) -> None:
    await town.flag_now(town.contact)
    real, cut = Fetching._store, asyncio.Event()

    async def stops_at_the_third(self: Fetching, job: Job, number: int, *rest: Any) -> None:
        if number == 2:
            cut.set()
            await asyncio.Event().wait()
        await real(self, job, number, *rest)

    monkeypatch.setattr(Fetching, "_store", stops_at_the_third)
    await town.contact._attach("stor.bin", BIG, "application/octet-stream", "")
    await asyncio.wait_for(cut.wait(), 10)
    assert len(await town.all(EvidenceChunk)) == 2
    monkeypatch.setattr(Fetching, "stop", lifeless)  # nothing is tidied up by a process that is killed
    await town.restart()
    monkeypatch.undo()
    await town.restart()
    await town.quiet()
    row = await the_only(town)
    assert row.state == "kept" and await content(town, row) == BIG
    assert len(await town.all(EvidenceChunk)) == 5


async def lifeless(self: Fetching) -> None:
    for task in self._under_way:
        task.cancel()


@pytest.mark.parametrize("platform", ["telegram"])
async def test_a_place_answers_where_and_is_evidence_too(town: House) -> None:
    await town.flag_now(town.contact)
    assert isinstance(town.contact, TelegramSeat)
    await town.contact.place(59.32932, 18.06858)
    assert (await town.incident()).details["where"] == "59.32932, 18.06858"
    row = await the_only(town)
    assert (row.medium, row.state, row.incident_id) == ("place", "kept", 1)
    await open_first(town.chief)
    assert town.chief.has("https://www.openstreetmap.org/?mlat=59.32932&mlon=18.06858")
    assert not town.chief.files


async def test_a_dead_file_is_said_to_both_sides(town: House, platform: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async def gone(remote: str) -> AsyncIterator[bytes]:
        raise Gone("the file is no longer there")
        yield b""

    await town.flag_now(town.contact)
    await town.chief.press("Jag tar den")
    monkeypatch.setattr(town.app.channels[0], "fetch", gone)
    await town.contact.attach("brev.pdf", PDF, "application/pdf")
    row = await the_only(town)
    assert (row.state, row.reason) == ("failed", "gone")
    assert town.contact.has("Skicka det igen. Jag kunde inte hämta det: Fil.")
    assert town.chief.has("Be om underlaget igen i ärende 1")


async def test_a_size_that_was_not_claimed_is_found_while_it_comes(
    town: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = 0

    async def endless(remote: str) -> AsyncIterator[bytes]:
        nonlocal given
        while True:
            given += 1
            yield bytes(256 * 1024)

    await town.flag_now(town.contact)
    monkeypatch.setattr(town.app.channels[0], "fetch", endless)
    await town.contact.attach("film.bin", b"small", "application/octet-stream")
    row = await the_only(town)
    assert (row.state, row.reason) == ("refused", "too_big")
    assert given == 81, "it read on"
    assert not await town.all(EvidenceChunk)


async def test_no_more_than_ten_are_on_their_way_from_one_person(town: House, monkeypatch: pytest.MonkeyPatch) -> None:
    async def not_now(remote: str) -> AsyncIterator[bytes]:
        raise Wait("later", 3600)
        yield b""

    await town.flag_now(town.contact)
    monkeypatch.setattr(town.app.channels[0], "fetch", not_now)
    for number in range(11):
        await town.contact.attach(f"brev{number}.pdf", PDF, "application/pdf")
    assert len(await evidence(town)) == 10
    assert town.contact.has("Vänta tills jag har hämtat det du skickade först.")
    assert all(row.attempts == 0 for row in await evidence(town)), "patience counted as a failure"


async def test_photos_of_a_withdrawn_role_go_on_to_the_only_open_incident(town: House) -> None:
    await town.flag_now(town.contact)
    await town.contact.press("Avbryt")
    await town.end_role(town.contact)
    await town.contact.attach("bild.png", PNG, "image/png")
    assert (await the_only(town)).incident_id == 1
    await town.forge(town.contact, "a.open.1.1")
    assert [data for _, _, data in town.contact.files] == [PNG]


async def test_evidence_on_a_closed_incident_opens_it_again(town: House) -> None:
    await town.flag_now(town.contact)
    await town.contact.press("Avbryt")
    await town.contact.command("arende", "1")
    await town.contact.press("Skriv mer")
    await town.close(town.chief, "Klart")
    await town.contact.attach("bild.png", PNG, "image/png")
    assert (await town.incident()).status == "open"
    assert town.officer.has("Ärende 1 är inte klart")


async def test_breaking_off_more_says_what_was_sent(town: House) -> None:
    await town.flag_now(town.contact)
    await town.contact.press("Avbryt")
    await town.contact.command("arende", "1")
    await town.contact.press("Skriv mer")
    await town.contact.attach("bild.png", PNG, "image/png")
    await town.contact.press("Avbryt")
    assert town.contact.last.text.startswith("Inga fler frågor. Ärende 1 är skickat")
    assert (await the_only(town)).incident_id == 1


async def test_the_list_shows_who_when_how_big_and_the_checksum(town: House) -> None:
    await town.flag_now(town.contact)
    await town.contact.attach("bild.png", PNG, "image/png")
    await town.contact.pass_on("Vi vet var du bor", "Okänt Konto", LONG_AGO)
    await town.chief.command("arende", "1")
    assert "Underlag: 1 bild, 1 meddelande från någon annan" in town.chief.last.text
    await town.chief.press("Visa underlag")
    shown = town.chief.last.text
    for part in ("1. Bild", "Från Alva Berg, skickat kl. 10.00", "1 kB", hashlib.sha256(PNG).hexdigest()[:12]):
        assert part in shown
    assert "20 november" in shown and "säkerhetsenheten ser vem som har öppnat" in shown
    assert town.chief.last.labels == ("Öppna 1", "Öppna 2")


async def test_a_long_list_is_shown_a_stretch_at_a_time(town: House) -> None:
    await town.flag_now(town.contact)
    for number in range(9):
        await town.contact.pass_on(f"Meddelande {number}", "Okänt Konto", LONG_AGO)
    await town.chief.command("arende", "1")
    await town.chief.press("Visa underlag")
    assert town.chief.last.labels[-1] == "Visa fler" and "Öppna 9" not in town.chief.last.labels
    await town.chief.press("Visa fler")
    assert town.chief.last.labels == ("Öppna 9",)
    await town.chief.press("Öppna 9")
    assert town.chief.has("Meddelande 8")


async def test_markup_in_what_others_wrote_is_only_words(town: House) -> None:
    await town.flag_now(town.contact)
    await town.contact.pass_on("<!channel> *fet* <https://ont.example|ofarlig>", "Okänt <b>Konto</b>", LONG_AGO)
    await open_first(town.chief)
    assert town.chief.has("*fet*")


async def test_a_file_in_a_shared_place_is_never_taken(town: House) -> None:
    place = await town.shared(town.chief, town.officer)
    await place.add_bot(town.chief)
    await town.chief.press("Ja, visa där")
    await town.flag_now(town.contact)
    await town.contact.attach("brev.pdf", PDF, "application/pdf")
    assert not any("Visa underlag" in seen.labels for seen in place.messages)
    await place.press(town.officer, "Visa")
    await town.officer.press("Visa underlag")
    await town.officer.press("Öppna 1")
    assert [data for _, _, data in town.officer.files] == [PDF]
    assert not any(getattr(seen.native, "files", ()) or getattr(seen.native, "file", None) for seen in place.messages)


async def test_an_event_with_a_file_that_meets_an_error_is_kept_whole(
    town: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(*_: object) -> None:
        raise RuntimeError

    await town.flag_now(town.contact)
    monkeypatch.setattr("bot.services.attaching.take", breaks)
    await town.contact.pass_on("Vi vet var du bor", "Okänt Konto", LONG_AGO)
    (kept,) = await town.all(KeptEvent)
    (attached,) = kept.body["attached"]
    assert (attached["text"], attached["made_at"]) == ("Vi vet var du bor", LONG_AGO.isoformat())
    assert town.contact.has("Det du skickade är sparat")


def sending(town: House, platform: str, kind: Misbehaviour, **more: Any) -> None:
    """Let the next call that shows somebody a file go wrong."""
    server: Any = town.telegram if platform == "telegram" else town.slack
    server.faults.plan("sendDocument" if platform == "telegram" else "files.completeUploadExternal", kind, **more)


async def test_a_file_that_may_have_arrived_is_sent_once_more_and_says_so(town: House, platform: str) -> None:
    await town.flag_now(town.contact)
    await town.contact.attach("brev.pdf", PDF, "application/pdf")
    sending(town, platform, Misbehaviour.DROP_AFTER)
    await open_first(town.officer)
    await town.advance(seconds=5)
    assert [data for _, _, data in town.officer.files] == [PDF, PDF]
    assert town.officer.has("Upprepat: det här kan ha kommit förut.")
    assert not await town.unsettled()
    assert len([entry for entry in await town.all(Entry) if entry.kind == "opened"]) == 1


async def test_a_file_on_its_way_is_held_back_from_who_may_no_longer_see_it(town: House, platform: str) -> None:
    await town.flag_now(town.contact)
    await town.contact.attach("brev.pdf", PDF, "application/pdf")
    sending(town, platform, Misbehaviour.TOO_MANY, seconds=30)
    await open_first(town.deputy)
    assert not town.deputy.files
    await town.contact.command("arende", "1")
    await town.contact.press("Bara enheten")
    await town.advance(seconds=31)
    assert not town.deputy.files
    (row,) = [row for row in await town.all(Outbox) if row.act == "file"]
    assert (row.state, row.reason) == ("failed", "the person may no longer open it")


async def test_the_same_in_english(town: House) -> None:
    reader = await town.linked("Eva Ask", "officer", language="en")
    await town.flag_now(town.contact)
    await town.contact.attach("brev.pdf", PDF, "application/pdf")
    await reader.command("case", "1")
    assert "Evidence: 1 file" in reader.last.text
    await reader.press("Show evidence")
    await reader.press("Open 1")
    assert [name for name, _, _ in reader.files] == ["case-1-evidence-1.pdf"]
