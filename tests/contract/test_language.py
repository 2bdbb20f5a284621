"""Point 7: Swedish first, English complete, each person's own choice."""

from __future__ import annotations

import re
from string import Formatter

import pytest

from bot.catalogue import Catalogue
from bot.playground.seat import Seat
from storage.tables import Person
from tests.contract.conftest import House, bare

NAMES = ("Lönnköping", "Tryggväg", "Almgren", "Säker", "Svenska", "Bokpartiet")
SWEDISH = re.compile(r"[åäöÅÄÖ]|\b(och|inte|det|är|till|Ärende|kl)\b")


async def in_english(who: Seat) -> None:
    """Choose English."""
    await who.command("sprak")
    assert who.last.labels[:2] == ("Svenska", "English")
    await who.press("English")
    assert SWEDISH.search(who.last.text) is None


def test_english_has_every_text_with_the_same_places_and_nothing_left_in_swedish() -> None:
    swedish, english = (Catalogue().texts(language) for language in ("sv", "en"))
    assert swedish.keys() == english.keys()
    for key, text in swedish.items():
        places = [{name for _, name, _, _ in Formatter().parse(t) if name} for t in (text, english[key])]
        assert places[0] == places[1], key
        assert english[key].strip() and not re.search(
            "[åäöÅÄÖ]", english[key].replace("Tryggväg", "").replace("Lönnköping", "")
        ), key


async def test_swedish_comes_first(town: House) -> None:
    await town.contact.command("meny")
    assert "Fara för liv" in town.contact.last.text and "Händer nu" in town.contact.last.labels


async def test_each_person_is_spoken_to_in_the_own_language(town: House) -> None:
    await in_english(town.contact)
    await town.contact.command("flag")
    await town.contact.press("Happening now")
    assert town.officer.has("Ärende 1 · Händer nu")
    await town.officer.press("Jag tar den")
    assert town.contact.has("Omar Lind at the security unit took case 1")
    await in_english(town.officer)
    await town.officer.command("case", "1")
    assert "Reported" in town.officer.last.text or "Case 1" in town.officer.last.text
    languages = {p.name: p.language for p in await town.all(Person)}
    assert (languages["Alva Berg"], languages["Omar Lind"], languages["Siv Almgren"]) == ("en", "en", "sv")


async def test_the_language_is_the_persons_on_both_platforms(both: House) -> None:
    second = await both.linked("Alva Berg", "contact", on=both.platforms[1])
    await in_english(both.contact)
    await second.command("menu")
    assert SWEDISH.search(second.last.text) is None


@pytest.mark.parametrize("english", ["menu", "flag", "mine", "practice", "language", "case 1", "cancel"])
async def test_every_command_has_an_english_twin(town: House, english: str) -> None:
    name, _, text = english.partition(" ")
    await town.contact.command(name, text)
    assert not town.contact.has("Jag har sparat det du skrev")


async def test_a_whole_story_in_english_holds_no_swedish(town: House) -> None:
    for who in (town.contact, town.officer, town.official):
        await in_english(who)
    first = {who.name: len(who.messages) for who in (town.contact, town.officer, town.official)}
    contact, officer, official = town.contact, town.officer, town.official
    await official.write("hello there")
    await official.press(official.last.labels[0])
    await official.write("Main Street 5")
    await official.press(official.last.labels[0])
    await official.write("070-174 06 05")
    await official.press(official.last.labels[1])
    await contact.command("case", "1")
    await officer.press(officer.last.labels[0])
    await officer.press(officer.find("", "Show").labels[0])
    await town.advance(minutes=11)
    await officer.command("case", "1")
    await officer.press("Answer")
    await officer.write("On our way")
    await official.command("mine")
    await official.command("case", "1")
    await officer.command("case", "1")
    await officer.press("Close")
    await officer.write("All is well")
    await officer.press(officer.last.labels[0])
    await official.press("Not over yet")
    await town.advance(minutes=6)
    await contact.command("flag")
    await contact.press(contact.last.labels[1])
    for answer in ("8", "Words on a wall", "somewhere", "tomorrow 9", "a member"):
        await contact.write(answer)
    await contact.press(contact.last.labels[0])
    await contact.command("practice")
    await contact.command("cancel")
    await contact.command("bjudin")
    await town.forge(contact, "a.take.999")
    for who in (contact, officer, official):
        for message in who.messages[first[who.name] :]:
            text = "\n".join([message.text, *message.labels])
            for name in NAMES:
                text = text.replace(name, "")
            assert SWEDISH.search(text) is None, str(message)


async def test_a_municipality_that_offers_only_swedish_offers_no_english(town: House) -> None:
    town.app.house.languages = ("sv",)
    await town.contact.command("sprak")
    assert "English" not in town.contact.last.labels
    assert "English" not in bare(town.contact.last.text)
