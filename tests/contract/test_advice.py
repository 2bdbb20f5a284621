"""Advice over the wire: a few words, and the right list is there, its first step on top."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

import config
from bot.playground.seat import Seat, SlackSeat, TelegramSeat
from storage.tables import AdviceMissed, AdviceOpened, Conversation, Incident, Meeting, SeenEvent
from tests.advice.pieces import write
from tests.contract.conftest import PLATFORMS, PUBLIC, House, bare, swedish

NUMBERS = "Fara för liv eller hälsa: 112. Annars polisen: 114 14."


async def test_a_few_words_open_the_list_with_the_numbers_first_and_five_steps(town: House) -> None:
    official = town.official
    await official.command("checklista", "nån ringer och hotar")
    lines = [line for line in official.last.text.splitlines() if line]
    assert lines[0] == NUMBERS
    assert lines[1] == "Hotfullt telefonsamtal · Nu"
    assert lines[2] == "1. Håll dig lugn. Lyssna, avbryt inte."
    assert [line[:2] for line in lines[2:7]] == ["1.", "2.", "3.", "4.", "5."]
    await official.press("Efteråt")
    assert official.last.text.count("Efteråt") == 1
    assert "Nu" in official.last.labels
    assert [m.text for m in official.messages].count(official.last.text) == 1, "another section comes in its place"


async def test_words_out_of_turn_are_kept_and_lists_stand_below_the_flag(town: House) -> None:
    official = town.official
    await official.write("det är en hatstorm mot mig på fb")
    labels = official.last.labels
    assert labels[:2] == ("Händer nu", "Skicka till enheten")
    assert labels.index("Hat och drev") > labels.index("Skicka till enheten")
    await official.press("Hat och drev")
    assert "Hat och drev i sociala medier · Nu" in official.last.text
    assert not await town.all(AdviceMissed), "what may be a flag is not counted as a search"
    await official.press("Händer nu")
    [incident] = await town.all(Incident)
    assert incident.details["words"] == "det är en hatstorm mot mig på fb"


async def test_nothing_found_offers_what_there_is_and_the_number_and_is_counted_without_who(town: House) -> None:
    await town.official.command("checklista", "pizza 070-1740605 hawaii")
    assert bare(town.official.last.text).count(PUBLIC) == 1
    assert "Alla checklistor" in town.official.last.labels
    [missed] = await town.all(AdviceMissed)
    assert (missed.words, missed.month) == ("pizza hawaii", "2026-11")
    await town.chief.command("checklista", "drev")
    await town.chief.command("checklista")
    await town.chief.press("Vad som läses")
    assert "Hat och drev i sociala medier: 1" in town.chief.last.text
    assert "pizza hawaii (1)" in town.chief.last.text
    await town.officer.command("meny")
    await town.forge(town.officer, "a.advice_use.0")
    assert not town.officer.has("pizza"), "only the chief sees it"
    fields = {*AdviceOpened.model_fields, *AdviceMissed.model_fields}
    assert fields == {"id", "slug", "month", "words"}


async def test_all_lists_are_a_page_away_and_the_cards_too(town: House) -> None:
    await town.contact.command("checklista")
    await town.contact.press("Alla checklistor")
    assert "Alla checklistor (28):" in town.contact.last.text
    seen = {*town.contact.last.labels}
    while "Nästa" in town.contact.last.labels:
        await town.contact.press("Nästa")
        seen |= {*town.contact.last.labels}
    assert {"Hotfullt samtal", "Valdagen", "Första timmen", "Polisanmälan"} <= seen
    assert not {"Lokalgenomgång", "Väktare på plats"} & seen
    await town.contact.command("checklista")
    await town.contact.press("Får jag säga nej?")
    await town.contact.press("Får jag säga nej?")
    assert "Du måste inte svara på kvällar" in town.contact.last.text


async def test_lists_for_the_unit_are_the_units(town: House) -> None:
    await town.officer.command("checklista", "lokalgenomgång")
    assert "Lokalgenomgång före sammanträde" in town.officer.last.text
    await town.contact.command("checklista", "lokalgenomgång")
    assert "Lokalgenomgång" not in town.contact.last.text
    for token in (
        "a.list.0.lokalgenomgang",
        "a.part.1.lokalgenomgang",
        "a.run.0.lokalgenomgang",
        "a.aloud.0.bevakning",
    ):
        told = await town.told(town.contact, town.forge(town.contact, token))
        assert "Ingångar" not in told and "genomgångna" not in told


async def test_from_a_list_one_press_leads_to_a_flag_and_to_the_police_report(town: House) -> None:
    await town.official.command("checklista", "hotmejl")
    await town.official.press("Polisanmälan")
    assert "jag är förtroendevald och det gäller mitt uppdrag" in town.official.last.text
    await town.official.command("checklista", "hotmejl")
    await town.official.press("Flagga något")
    assert "Händer nu" in town.official.last.labels


async def test_what_was_said_is_told_by_voice_and_goes_with_the_flag(town: House) -> None:
    official = town.official
    await official.command("checklista", "hotad i telefon")
    await official.press("Prata in vad som sas")
    await official.attach("rost.ogg", b"OggS" + bytes(60), "audio/ogg")
    await official.press("Händer nu")
    await town.chief.command("arende", "1")
    assert "1 röstmeddelande" in town.chief.last.text or "1 fil" in town.chief.last.text


async def test_after_a_flag_the_lists_for_its_kind_are_offered(town: House) -> None:
    await town.contact.command("flagga")
    await town.contact.press("På gång")
    await town.contact.press("Drev på nätet")
    await town.contact.write("Alla skriver på en gång")
    for _ in range(3):
        await town.contact.press("Hoppa över")
    await town.contact.press("Skicka till enheten")
    assert "Hat och drev" in town.contact.last.labels
    await town.contact.press("Hat och drev")
    assert "Hat och drev i sociala medier · Nu" in town.contact.last.text
    await town.flag_now(town.official)
    assert any("Stöd efteråt" in seen.labels or "Hotfullt samtal" in seen.labels for seen in town.official.messages)


async def test_whose_advice_it_is_and_what_the_chief_has_not_approved_is_said(town: House) -> None:
    await town.official.command("checklista", "hotmejl")
    await town.official.press("Källor")
    text = town.official.last.text
    assert "Göteborgs Stad" in text and "Version 2026-11-26." in text
    assert "som säkerhetschefen i Lönnköping inte har godkänt än: Nu 1, Nu 4." in text


@pytest.fixture
async def own(platform: str, tmp_path: Path) -> AsyncIterator[House]:
    """A town with content of its own."""
    (tmp_path / "own").mkdir()
    async with House(tmp_path, platforms=(platform,), content=tmp_path / "own") as house:
        await house.everybody()
        yield house


async def test_the_municipalitys_own_list_is_there_without_a_restart(own: House) -> None:
    assert own.content is not None and own.app.rereading is not None
    await own.official.command("checklista", "hissen har fastnat")
    assert "Trasig hiss" not in own.official.last.text
    write(own.content, sections=(("Nu", ("Ring 08-465 004 10 eller 112. †",)),))
    assert await own.app.rereading.look()
    await own.official.command("checklista", "hissen har fastnat")
    assert "Trasig hiss · Nu" in own.official.last.text
    assert bare(own.official.last.text).count("08-465 004 10") == 1
    write(own.content, title="ingen titel\nalls")
    await own.app.rereading.look()
    await own.official.command("checklista", "hissen har fastnat")
    assert "Trasig hiss · Nu" in own.official.last.text, "the last good version stays"
    await own.chief.command("checklista")
    await own.chief.press("Vad som läses")
    assert "advice/sv/hissen.md:" in own.chief.last.text
    (own.content / "advice" / "sv" / "hissen.md").unlink()
    await own.app.rereading.look()
    told = await own.told(own.official, own.forge(own.official, "a.list.0.hissen"))
    assert "Ring" not in told, "a list that is gone is said to be gone"
    assert await own.nothing_kept()


async def test_the_municipalitys_own_risk_guide_is_in_force_without_a_restart(own: House) -> None:
    assert own.content is not None and own.app.rereading is not None
    ours = own.app.house.guides.guide
    text = (Path(config.__file__).parent / "content" / "risk.toml").read_text(encoding="utf-8")
    (own.content / "risk.toml").write_text(text.replace(ours.version, "egen"), encoding="utf-8")
    assert await own.app.rereading.look()
    assert own.app.house.guides.guide.version == "egen"
    (own.content / "risk.toml").unlink()
    assert await own.app.rereading.look()
    assert own.app.house.guides.guide == ours


async def test_a_huge_search_and_a_strange_one_get_a_clear_answer(town: House) -> None:
    for words in ("x" * 3000, '" OR * NEAR(', "🌲🌲", "');--"):
        await town.official.command("checklista", words)
        assert town.official.last.text.startswith(NUMBERS)
    assert await town.nothing_kept()


# Where it was asked


@pytest.mark.parametrize("platform", ["slack"])
async def test_in_a_channel_only_the_asker_sees_it_until_it_is_shown_to_all(town: House) -> None:
    place = await town.shared(town.official, town.neighbour)
    official = town.official
    assert isinstance(official, SlackSeat)
    await official.command_in(place, "checklista", "drev")
    assert place.messages == []
    [whisper] = official.whispers(place)
    assert "Hat och drev i sociala medier · Nu" in whisper.text
    await official.press_in(place, "Efteråt")
    [whisper] = official.whispers(place)
    assert "Efteråt" in whisper.text and place.messages == []
    await official.press_in(place, "Visa för alla här")
    assert "Hat och drev i sociala medier · Nu" in place.messages[-1].text
    assert place.messages[-1].labels == ()


@pytest.mark.parametrize("platform", ["slack"])
async def test_the_units_list_is_never_shown_to_a_channel(town: House) -> None:
    place = await town.shared(town.officer, town.neighbour)
    officer = town.officer
    assert isinstance(officer, SlackSeat)
    await officer.command_in(place, "checklista", "lokalgenomgång")
    [whisper] = officer.whispers(place)
    assert "Visa för alla här" not in whisper.labels
    await town.forge(officer, "a.aloud.0.lokalgenomgang", on=whisper)
    assert place.messages == []


@pytest.mark.parametrize("platform", ["telegram"])
async def test_inline_a_list_is_sent_into_any_chat_and_the_units_never(town: House) -> None:
    place = await town.shared(town.officer, town.neighbour)
    officer = town.officer
    assert isinstance(officer, TelegramSeat)
    seen = len(await town.all(SeenEvent))
    found = await officer.look("hatstorm", place)
    assert found.titles[0] == "Hat och drev i sociala medier"
    assert "Lokalgenomgång före sammanträde" not in (await officer.look("lokalgenomgång", place)).titles
    await officer.choose(found, "Hat och drev i sociala medier")
    assert "Hat och drev i sociala medier · Efteråt" in place.native.everything[-1].text
    assert len(await town.all(SeenEvent)) == seen, "a look leaves nothing behind"
    assert not await town.all(Conversation)


# Who may


@pytest.fixture(params=PLATFORMS)
async def open_house(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[House]:
    """A town where everybody may read."""
    async with House(tmp_path, platforms=(str(request.param),), open_advice=True) as house:
        await house.everybody()
        yield house


async def strangers_rows(house: House, stranger: Seat) -> None:
    before = await house.rows()
    await stranger.command("checklista", "hatstorm")
    assert "Hat och drev i sociala medier · Nu" in stranger.last.text
    assert "Bocka av" not in stranger.last.labels and "Kalla in stöd" not in stranger.last.labels
    await stranger.press("Efteråt")
    assert "Efteråt" in stranger.last.text
    await house.forge(stranger, "a.run.0.drev")
    assert "Klart 1" not in stranger.last.labels
    await house.forge(stranger, "a.list.0.lokalgenomgang")
    assert "genomgångna" not in stranger.last.text
    assert await house.rows() == before, "strangers leave no rows"


async def test_where_it_is_open_a_stranger_reads_and_does_nothing_else(open_house: House) -> None:
    stranger = open_house.newcomer("Tord Okänd")
    stranger.open_chat()
    await strangers_rows(open_house, stranger)


async def test_where_it_is_closed_a_stranger_gets_the_numbers(town: House) -> None:
    stranger = town.newcomer("Tord Okänd")
    stranger.open_chat()
    await stranger.command("checklista", "hatstorm")
    assert "Hat och drev" not in stranger.last.text
    assert "112" in stranger.last.text


async def test_english_readers_get_english_and_find_by_english(town: House) -> None:
    eve = await town.linked("Eve Stone", "official", language="en")
    await eve.command("checklist", "someone is threatening me on the phone")
    assert eve.last.text.startswith("Danger to life or health: 112. Otherwise the police: 114 14.")
    assert "Threatening phone call · Now" in eve.last.text


async def test_questions_go_to_the_units_group(town: House) -> None:
    place = await town.shared(town.chief, town.officer)
    await place.add_bot(town.chief)
    await town.chief.press("Ja, visa där")
    await town.chief.command("checklista", "frågor om självcensur")
    await town.chief.press("Skicka till en grupp")
    await town.chief.press("vakten")
    assert "Finns det en fråga som du låter bli att tala om?" in place.messages[-1].text


# The moment


async def test_a_meeting_today_an_open_incident_and_an_election_soon_come_first(town: House) -> None:
    async def first_five() -> tuple[str, ...]:
        await town.contact.command("checklista")
        return town.contact.last.labels[:5]

    await town.move_to(swedish(11, 23, 12).replace(year=2027))  # no election is near
    calm = await first_five()
    assert "Första timmen" in calm, "what is for the contacts"
    assert not {"Valdagen", "Fullmäktige: under", "Ny förtroendevald"} & set(calm)
    await town.flag_later(town.contact)
    assert "Bevara bevis" in await first_five() or "Polisanmälan" in await first_five()
    await town.move_to(datetime(2030, 8, 20, 10, tzinfo=UTC))
    await town.officer.command("arende", "1")
    await town.officer.press("Avsluta")
    await town.officer.write("Det är lugnt")
    await town.officer.press("Ja, avsluta")
    assert {"Valdagen", "Torgmöte, valstuga", "Dörrknackning"} & set(await first_five())
    await town.look(lambda session: session.add(Meeting(
        title="Fullmäktige", starts_at=datetime(2030, 8, 20, 16, tzinfo=UTC), created_by=1,
        created_at=datetime(2030, 8, 1, tzinfo=UTC))))  # fmt: skip
    assert "Fullmäktige: under" in await first_five()


@pytest.mark.parametrize("platform", ["telegram"])
async def test_whose_role_is_over_finds_nothing_inline(town: House) -> None:
    contact = town.contact
    assert isinstance(contact, TelegramSeat)
    assert (await contact.look("hatstorm")).titles
    await town.flag_now(contact)  # the own open incident stays, and nothing else
    await town.end_role(contact)
    assert not (await contact.look("drev i sociala medier")).titles


@pytest.mark.parametrize("open_", [True, False])
async def test_inline_a_stranger_finds_something_only_where_it_is_open(tmp_path: Path, open_: bool) -> None:
    async with House(tmp_path, platforms=("telegram",), open_advice=open_) as house:
        await house.everybody()
        stranger = house.newcomer("Tord Okänd")
        assert isinstance(stranger, TelegramSeat)
        before = await house.rows()
        found = await stranger.look("hatstorm")
        assert bool(found.titles) == open_
        assert "Lokalgenomgång före sammanträde" not in (await stranger.look("lokalgenomgång")).titles
        assert await house.rows() == before
