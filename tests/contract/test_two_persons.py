"""Issue 4, point 1: with TRYGGVAG_ALERTS__TWO_PERSON an emergency to everybody needs a second officer's press."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlmodel import Session, select

from bot.commands import Audience
from bot.flows.broadcast import TEXT
from bot.services import audience
from config.settings import Alerts, Settings
from storage.tables import AlertEntry, Person, Receipt
from tests.contract.conftest import PLATFORMS, House, bare, swedish
from tests.contract.test_compose import alert, block, own_words
from tests.contract.test_meetings import called

EVERYBODY = ("Akut", "Lås dörrarna", "Hoppa över", "Förtroendevalda med")
TO_FIVE = "Skicka till 5 personer"
ASKS = "vill skicka ett akut utskick till alla"


class Careful(House):
    """The municipality wants two persons."""

    @property
    def settings(self) -> Settings:
        return super().settings.model_copy(update={"alerts": Alerts(two_person=True)})


@pytest.fixture
async def town(platform: str, tmp_path: Path) -> AsyncIterator[Careful]:
    async with Careful(tmp_path, platforms=(platform,)) as house:
        await house.everybody()
        yield house


@pytest.fixture
async def both(platform: str, tmp_path: Path) -> AsyncIterator[Careful]:
    other = next(name for name in PLATFORMS if name != platform)
    async with Careful(tmp_path, platforms=(platform, other)) as house:
        await house.everybody()
        yield house


async def asked(town: House) -> None:
    """Omar has pressed, and waits for a colleague."""
    await own_words(town, *EVERYBODY, TO_FIVE)


async def kinds(town: House) -> list[str]:
    """What is written down of it."""
    return [entry.kind for entry in await town.all(AlertEntry)]


async def approving(town: House) -> str:
    """What the chief's button sends."""
    offered = (await town.account(town.chief)).offered or []
    return next(str(token) for label, token in offered if label == "Godkänn och skicka")


async def test_it_goes_out_when_another_officer_has_approved_it_and_both_see_who(town: House) -> None:
    await own_words(town, *EVERYBODY)
    assert "får en till på enheten godkänna först" in town.officer.last.text
    await town.officer.press(TO_FIVE)
    assert not town.contact.has("Lås dörrarna")
    assert "väntar på att en till godkänner" in town.officer.find("Utskick 1").text
    assert town.chief.last.labels == ("Godkänn och skicka", "Nej, vänta")
    assert "AKUT · Lås dörrarna" in town.chief.last.text and "Når 5 av 5" in town.chief.last.text
    await town.chief.press("Godkänn och skicka")
    for seat in (town.contact, town.deputy, town.official, town.neighbour, town.loner):
        assert seat.last.text.startswith("AKUT · Lås dörrarna")
    assert "Godkänt av Siv Almgren." in town.chief.find("Godkänt av").text
    assert town.officer.has("Siv Almgren godkände ditt utskick kl. 10.00.")
    assert (await alert(town)).approved_by == (await town.account(town.chief)).person_id


async def test_a_colleague_is_never_shown_what_looks_like_the_real_thing(town: House) -> None:
    """An officer who reads it on a locked screen must not run."""
    await asked(town)
    assert town.chief.last.text.startswith("Omar Lind vill skicka")
    assert not [seen for seen in town.chief.messages if seen.text.startswith("AKUT")]


async def test_its_author_cannot_approve_it_on_any_account(both: House) -> None:
    there = await both.linked("Omar Lind", "officer", on=both.platforms[1])
    await asked(both)
    await there.command("meny")
    told = await both.told(there, both.forge(there, await approving(both)))
    assert not both.contact.has("Lås dörrarna") and (await alert(both)).state == "asked"
    assert "Du skrev det själv" in told


async def test_a_second_yes_is_told_that_it_is_sent_and_nobody_gets_it_twice(town: House) -> None:
    second = await town.linked("Eva Ny", "officer")
    await asked(town)
    token = await approving(town)
    await town.chief.press("Godkänn och skicka")
    told = await town.told(second, town.forge(second, token))
    assert "Det är redan skickat." in told and len(await town.all(Receipt)) == 5
    assert second.find("Godkänt av Siv Almgren.").labels == ()


async def test_a_no_is_told_to_its_author_who_may_ask_again(town: House) -> None:
    await asked(town)
    await town.chief.press("Nej, vänta")
    assert "Siv Almgren sa nej, vänta" in town.officer.find("sa nej").text
    assert not town.contact.has("Lås dörrarna") and town.chief.find("Siv Almgren sa nej").labels == ()
    await town.officer.press(TO_FIVE)
    await town.chief.press("Godkänn och skicka")
    assert town.contact.has("Lås dörrarna")


async def test_after_three_minutes_the_others_are_asked_elsewhere_and_who_wrote_it_hears_whom_to_call(
    both: House,
) -> None:
    there = await both.linked("Siv Almgren", "chief", on=both.platforms[1])

    def number(session: Session) -> None:
        next(person for person in session.exec(select(Person)) if person.name == "Siv Almgren").phone = "+46701740605"

    await both.look(number)
    await asked(both)
    assert not there.has(ASKS)
    await both.advance(minutes=3)
    assert there.has(ASKS)
    assert "Ingen har godkänt utskick 1 än" in both.officer.last.text
    assert "Siv Almgren: 070-174 06 05" in bare(both.officer.last.text.replace("+46 70 ", "070-"))
    await there.press("Godkänn och skicka")
    assert both.contact.has("Lås dörrarna")
    await both.advance(minutes=30)
    assert (await kinds(both)).count("not_approved") == 1


async def test_three_minutes_are_three_minutes_after_a_restart_too(town: House) -> None:
    await asked(town)
    await town.restart()
    await town.advance(minutes=3)
    assert "Siv Almgren: jag har inget nummer" in town.officer.last.text


async def test_what_was_changed_after_the_question_is_not_what_was_approved(town: House) -> None:
    await asked(town)
    token = await approving(town)
    for press in ("Ändra", "Rubriken"):
        await town.officer.press(press)
    await town.officer.write("Gå hem")
    await town.forge(town.chief, token)
    assert not town.contact.has("Gå hem") and not town.contact.has("Lås")
    assert town.chief.find("Inget svar behövs längre").labels == ()
    await town.officer.press(TO_FIVE)
    await town.chief.press("Godkänn och skicka")
    assert town.contact.last.text.startswith("AKUT · Gå hem")


async def test_what_is_thrown_away_cannot_be_approved(town: House) -> None:
    await asked(town)
    token = await approving(town)
    await town.officer.press("Kasta")
    assert "Inget skickades" in await town.told(town.chief, town.forge(town.chief, token))
    assert not town.contact.has("Lås")


async def test_when_the_audience_has_changed_a_yes_shows_the_new_number_first(town: House) -> None:
    await asked(town)
    await town.linked("Nya Ek", "contact", "Kottepartiet")
    await town.chief.press("Godkänn och skicka")
    assert not town.contact.has("Lås") and "Når 6 av 6" in town.chief.find(ASKS).text
    await town.chief.press("Godkänn och skicka")
    assert town.contact.has("Lås")


async def test_the_longest_text_with_all_that_a_colleague_must_see_is_one_message(town: House) -> None:
    for number in range(9):
        seat = await town.linked(f"Nils {number} " + "Ö" * 50, "official", f"Partiet för {number} " + "å" * 40)
        await block(town, (await town.account(seat)).id or 0)
    await own_words(town, "Akut", "🌲" * 80, "🌲" * TEXT, "Förtroendevalda med", TO_FIVE)
    assert "🌲" * TEXT in town.chief.last.text.replace("\n", "") and await town.unsettled() == []


async def test_nobody_outside_the_unit_approves(town: House) -> None:
    await asked(town)
    token = await approving(town)
    await town.contact.command("mina")
    await town.forge(town.contact, token)
    assert (await alert(town)).state == "asked"


async def test_who_is_alone_may_send_after_a_warning_and_a_second_press(town: House) -> None:
    """Two persons must never mean that there is no emergency."""
    await block(town, (await town.account(town.chief)).id or 0)
    await own_words(town, *EVERYBODY, TO_FIVE)
    assert not town.contact.has("Lås")
    shown = town.officer.find("Ingen annan på enheten går att nå")
    assert shown.labels[0] == "Skicka ensam till 5"
    await town.officer.press("Skicka ensam till 5")
    assert town.contact.has("Lås") and "sent_alone" in await kinds(town)


async def test_who_is_not_alone_any_more_asks_the_other_one_after_all(town: House) -> None:
    await block(town, (await town.account(town.chief)).id or 0)
    await own_words(town, *EVERYBODY, TO_FIVE)
    await town.linked("Eva Ny", "officer")
    await town.officer.press("Skicka ensam till 5")
    assert not town.contact.has("Lås") and (await alert(town)).state == "asked"


async def test_an_author_who_has_left_sends_nothing_by_anothers_yes(town: House) -> None:
    await asked(town)
    token = await approving(town)
    await town.end_role(town.officer)
    told = await town.told(town.chief, town.forge(town.chief, token))
    assert "Omar Lind är inte längre på enheten" in told and not town.contact.has("Lås")


@pytest.mark.parametrize(
    "answers",
    [
        ("Akut", "Lås dörrarna", "Hoppa över", "Kontakterna"),
        ("Akut", "Lås dörrarna", "Hoppa över", "Vissa partier", "Bokpartiet", "Klart", "Förtroendevalda med"),
        ("Varning", "Lås dörrarna", "Text", "Förtroendevalda med", "Inget svar", "På riktigt"),
    ],
)
async def test_what_is_not_an_emergency_to_everybody_needs_one_person(town: House, answers: tuple[str, ...]) -> None:
    await own_words(town, *answers)
    await town.officer.press(next(label for label in town.officer.last.labels if label.startswith("Skicka till")))
    assert town.contact.has("Lås dörrarna") and not town.chief.has(ASKS)


async def test_every_party_picked_one_by_one_is_everybody_and_so_is_a_meeting_for_all(town: House) -> None:
    await own_words(
        town, "Akut", "Lås", "Hoppa över", "Vissa partier", "Bokpartiet", "Kottepartiet", "Förtroendevalda med"
    )
    assert "får en till på enheten godkänna först" in town.officer.last.text
    await called(town, "Fullmäktige", "i morgon 18", "Alla som har boten")
    await own_words(town, "Akut", "Lås", "Hoppa över", "De på ett möte", "Fullmäktige 24/11")
    assert "får en till på enheten godkänna först" in town.officer.last.text


@pytest.mark.parametrize(
    ("roles", "parties", "everybody"),
    [
        (("contact",), (), False),
        (("contact", "deputy", "official"), (), True),
        (("official",), (), True),
        (("contact", "official"), (1,), False),
        (("contact", "official"), (1, 2), True),
        (("chief", "officer", "helper"), (), False),
    ],
)
def test_who_everybody_is(roles: tuple[str, ...], parties: tuple[int, ...], everybody: bool) -> None:
    assert audience.is_everybody(Audience(roles, parties), {1, 2}) is everybody


async def test_it_is_off_until_the_municipality_wants_it(platform: str, tmp_path: Path) -> None:
    async with House(tmp_path, platforms=(platform,)) as house:
        await house.everybody()
        await own_words(house, *EVERYBODY, TO_FIVE)
        assert house.contact.has("Lås dörrarna")


async def test_what_is_planned_is_approved_first_and_goes_out_at_its_time(town: House) -> None:
    await own_words(town, *EVERYBODY, "Schemalägg", "i morgon 9")
    assert "Skickas i morgon kl. 9.00." in town.chief.last.text
    await town.chief.press("Godkänn och skicka")
    assert not town.contact.has("Lås") and (await alert(town)).state == "scheduled"
    await town.move_to(swedish(11, 24, 9))
    assert town.contact.has("Lås")


async def test_what_became_everybody_after_it_was_planned_waits_for_a_second_officer(town: House) -> None:
    """The chief may add the officials to a plan that was for the contacts."""
    await own_words(town, "Akut", "Lås", "Hoppa över", "Kontakterna", "Schemalägg", "i morgon 9")
    for press in ("Ändra", "Vilka som får det", "Förtroendevalda med"):
        await town.officer.press(press)
    assert (await alert(town)).state == "draft", "it would go out without a second officer"
    await town.move_to(swedish(11, 24, 9))
    assert not town.contact.has("Lås")
