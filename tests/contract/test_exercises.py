"""Issue 4, point 7: an exercise runs over the real chain, says so everywhere, and is scored party by party."""

from __future__ import annotations

from bot.commands import Audience
from storage.tables import Incident
from tests.contract.conftest import House
from tests.contract.test_alerts import broadcast

ABOUT_THE_TALK = ("Vad vill du svara?", "Svar: Bra")  # what the chief's own conversation asks, and was answered
EVERYBODY = Audience(roles=("contact", "deputy", "official"))


async def test_every_message_of_an_exercise_begins_with_the_word(town: House) -> None:
    await broadcast(town, EVERYBODY, exercise=True)
    for seat in (town.contact, town.deputy, town.official, town.neighbour, town.loner):
        assert all(seen.text.startswith("ÖVNING · ") for seen in seat.messages if "Skolgatan" in seen.text)
        assert seat.last.text.startswith("ÖVNING · AKUT · Skolgatan")
    assert "ÖVNING" in town.chief.last.text.splitlines()[0]


async def test_so_does_all_that_follows_it(town: House) -> None:
    await broadcast(town, EVERYBODY, exercise=True)
    seats = (town.chief, town.contact, town.deputy, town.official, town.neighbour)
    known = {seat.name: len(seat.messages) for seat in seats}
    await town.contact.write("Vi har gått ut", reply_to=town.contact.find("Skolgatan"))
    await town.chief.press("Visa", "Läs ett svar")
    await town.chief.press("Svara", "gått ut")
    await town.chief.write("Bra")
    await town.contact.press("Skicka vidare", "Skolgatan")
    await town.contact.press("Jag nådde en till")
    await town.chief.press("Visa alla", "Utskick 1")
    await town.advance(minutes=30)  # the whole chain
    await town.chief.press("Avsluta övningen", "Utskick 1")
    for seat in seats:
        told = [seen.text for seen in seat.messages[known[seat.name] :]]
        unmarked = [text for text in told if not text.startswith("ÖVNING · ") and "Utskick 1 · ÖVNING" not in text]
        assert [text for text in unmarked if not text.startswith(ABOUT_THE_TALK)] == []


async def test_asking_for_help_in_an_exercise_raises_nothing_and_shows_the_way_if_it_is_real(town: House) -> None:
    await broadcast(town, EVERYBODY, exercise=True, ask="safe")
    await town.contact.press("Jag behöver hjälp")
    assert await town.all(Incident) == [] and not town.officer.has("Ärende 1")
    assert town.contact.last.text.startswith("ÖVNING · ")
    await town.contact.press("Händer nu", "på riktigt")
    assert town.officer.has("Ärende 1 · Händer nu")


async def test_each_party_hears_its_own_score_and_the_unit_all_of_them_by_name(town: House) -> None:
    await broadcast(town, EVERYBODY, exercise=True)
    await town.contact.press("Läst")
    await town.advance(minutes=4)
    await town.official.press("Läst")
    await town.chief.press("Avsluta övningen", "Utskick 1")
    result = town.chief.find("Så gick utskick 1").text
    assert "Bokpartiet: 3 av 3 nådda, 2 svarade. Första svaret inom en minut, mer än hälften efter 4 min." in result
    assert "Kottepartiet: 1 av 1 nådda. Ingen svarade." in result
    assert result.index("Bokpartiet") < result.index("Kottepartiet")
    assert town.officer.has("Så gick utskick 1")
    own = town.deputy.find("Så gick utskick 1").text
    assert "Bokpartiet" in own and "Kottepartiet" not in own
    assert not town.official.has("Så gick utskick 1") and not town.loner.has("Så gick utskick 1")
    assert "Övningen är över" in town.loner.find("Skolgatan").text


async def test_an_exercise_ends_by_itself_once(town: House) -> None:
    await broadcast(town, EVERYBODY, exercise=True)
    await town.advance(hours=1, minutes=15)
    assert town.neighbour.has("Så gick utskick 1")
    told = len([seen for seen in town.chief.messages if "Så gick utskick" in seen.text])
    await town.forge(town.chief, "a.end_exercise.1")
    assert len([seen for seen in town.chief.messages if "Så gick utskick" in seen.text]) == told
