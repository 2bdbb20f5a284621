"""The duty list: the order, swaps, absences and handing over, in chat; nobody else than the unit, and nothing twice."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from sqlmodel import Session, select

from bot.playground.seat import Seat
from bot.services import duty
from bot.services.duty_plan import KINDS
from bot.services.work import Work
from bot.turns import Turn, by_person
from storage.tables import Absence, Conversation, Deadline, Person, Rota, Shift
from tests.contract.conftest import House, swedish

MONDAY = "Mån 30 nov kl. 8.00"


@dataclass
class Unit:
    """Siv is chief; Omar, Pia and Rut are officers. It is Monday 23 November, 10.00."""

    town: House
    pia: Seat
    rut: Seat

    @property
    def siv(self) -> Seat:
        return self.town.chief

    @property
    def omar(self) -> Seat:
        return self.town.officer

    async def list_of(self, *names: str, length: str = "1 vecka", start: str = "I dag kl. 8.00") -> None:
        """Let the chief make a list of these, in this order."""
        await self.siv.command("jour")
        await self.siv.press("Ny turordning")
        for name in names:
            await self.siv.press(name)
        if "Klart" in self.siv.last.labels:
            await self.siv.press("Klart")
        await self.siv.press(length)
        await self.siv.press(start)
        await self.siv.press("Börja så här")

    async def be_away(self, who: Seat, start: str, end: str) -> None:
        """Let somebody write down an absence of their own."""
        await who.command("jour")
        await who.press("Jag är borta")
        if who is self.siv:
            await who.press(who.name)
        await (who.press(start) if start in who.last.labels else who.write(start))
        await (who.press(end) if end in who.last.labels else who.write(end))
        await who.press("Ja, skriv in det")

    async def offer(self, who: Seat, shift: str, to: str) -> None:
        """Let somebody offer a shift."""
        await who.command("jour")
        await who.press("Byt pass")
        await who.press(shift)
        await who.press(to)

    async def hand_over(self, who: Seat, to: str) -> None:
        """Let somebody ask a colleague to take over now."""
        await who.command("jour")
        await who.press("Lämna över nu")
        await who.press(to)

    async def reckoned(self) -> list[tuple[str, str, str]]:
        """Who is on duty when, by the clocks of Sweden."""
        return await self.town.look(lambda session: _said(session, self.work(session), duty.held(self.work(session))))

    def work(self, session: Session) -> Work:
        """The services' own view of the town."""
        return Work(session, self.town.clock.at, self.town.app.house)

    async def now(self) -> str:
        """Who is on duty."""

        def found(session: Session) -> str:
            person = duty.on_duty(self.work(session))
            return person.name if person else ""

        return await self.town.look(found)

    async def asked(self) -> list[str]:
        """In which order they are asked now."""
        return await self.town.look(lambda s: [person.name for person in duty.in_turn(self.work(s))])

    async def state(self) -> list[str]:
        """Everything that a refused act must not change."""
        rows: list[Rota | Shift | Absence | Deadline] = []
        for table in (Rota, Shift, Absence, Deadline):
            rows += await self.town.all(table)
        return [repr(row) for row in rows if not isinstance(row, Deadline) or row.kind in KINDS]


def _said(session: Session, work: Work, held: list[Turn]) -> list[tuple[str, str, str]]:
    def shown(moment: datetime) -> str:
        return f"{moment.astimezone(work.house.zone):%d/%m %H:%M}"

    names = {turn.person: session.get_one(Person, turn.person).name.split()[0] for turn in held}
    return [(names[turn.person], shown(turn.starts_at), shown(turn.ends_at)) for turn in by_person(held)]


@pytest.fixture
async def unit(town: House) -> AsyncIterator[Unit]:
    """Two officers more."""
    pia = await town.linked("Pia Nord", "officer")
    rut = await town.linked("Rut Dahl", "officer")
    yield Unit(town, pia, rut)
    assert await town.nothing_kept()
    assert [row.chat for row in await town.unsettled()] == []


WEEKS = [("Omar", "23/11 10:00", "30/11 08:00"), ("Pia", "30/11 08:00", "07/12 08:00"),
         ("Rut", "07/12 08:00", "14/12 08:00"), ("Omar", "14/12 08:00", "21/12 08:00")]  # fmt: skip


# The order


async def test_the_chief_makes_a_list_and_sees_the_first_turns_before_it_holds(unit: Unit) -> None:
    await unit.siv.command("jour")
    assert "Det finns ingen jourlista just nu." in unit.siv.last.text
    await unit.siv.press("Ny turordning")
    assert "Klart" not in unit.siv.last.labels, "a list of nobody could be made"
    for label in ("Omar Lind", "Pia Nord", "Klart", "1 vecka", "I dag kl. 8.00"):
        await unit.siv.press(label)
    shown = unit.siv.last.text
    assert "mån 23 nov–mån 30 nov: Omar Lind" in shown and "mån 30 nov–mån 7 dec: Pia Nord" in shown
    assert not await unit.town.all(Rota), "it held before the chief had said yes"
    await unit.siv.press("Börja så här")
    assert unit.siv.has("Turordningen gäller från i dag kl. 8.00")
    assert (await unit.reckoned())[:2] == WEEKS[:2]
    assert unit.omar.has("Det finns en ny jourlista.") and unit.omar.has("Du har jour till måndag 30 november kl. 8.00")
    assert unit.pia.has("Dina pass: mån 30 nov–mån 7 dec") and not unit.rut.has("jourlista")
    assert not unit.town.contact.has("jour")


async def test_the_list_shows_now_the_coming_weeks_and_what_is_mine(unit: Unit) -> None:
    await unit.list_of("Omar Lind", "Pia Nord", "Rut Dahl")
    await unit.pia.command("duty")
    said = unit.pia.last.text
    assert "Omar Lind har jouren till måndag 30 november kl. 8.00." in said
    assert "mån 30 nov–mån 7 dec: du" in said and "mån 7 dec–mån 14 dec: Rut Dahl" in said
    assert "Dina pass: mån 30 nov–mån 7 dec, mån 21 dec–mån 28 dec" in said
    assert list(unit.pia.last.labels) == ["Byt pass", "Jag är borta"]
    await unit.omar.write("joursschema")
    assert "Du har jouren till måndag 30 november" in unit.omar.last.text
    assert list(unit.omar.last.labels) == ["Lämna över nu", "Byt pass", "Jag är borta"]
    await unit.siv.command("jour")
    assert {"Ny turordning", "Sluta med jour", "Lämna över nu"} <= set(unit.siv.last.labels)


async def test_shifts_are_made_eight_weeks_ahead_and_topped_up_each_night(unit: Unit) -> None:
    await unit.list_of("Omar Lind", "Pia Nord", length="1 dag")
    made = len(await unit.town.all(Shift))
    assert made == 57
    await unit.town.move_to(swedish(11, 25, 3, 30))
    assert len(await unit.town.all(Shift)) == made + 1
    await unit.town.move_to(swedish(12, 3, 3, 30))
    held = await unit.reckoned()
    assert len(await unit.town.all(Shift)) == made + 9, "a bot that was away did not catch up"
    assert [name for name, *_ in held][:4] == ["Pia", "Omar", "Pia", "Omar"]


async def test_the_change_is_at_eight_by_the_clock_after_daylight_saving_ends_or_begins(unit: Unit) -> None:
    await unit.town.move_to(datetime(2027, 3, 1, 9, tzinfo=UTC))  # the clocks go forward on the 28th
    await unit.list_of("Omar Lind", "Pia Nord")
    assert {ends.split()[1] for _, _, ends in await unit.reckoned()} == {"08:00"}
    assert {row.ends_at.hour for row in await unit.town.all(Shift)} == {7, 6}, "the change was not in the list"


async def test_a_new_order_replaces_what_was_planned_from_its_day_on(unit: Unit) -> None:
    await unit.list_of("Omar Lind", "Pia Nord")
    await unit.offer(unit.omar, "mån 7 dec–mån 14 dec", "Alla")
    await unit.list_of("Rut Dahl", "Omar Lind", start=MONDAY)
    assert (await unit.reckoned())[:3] == [
        WEEKS[0], ("Rut", "30/11 08:00", "07/12 08:00"), ("Omar", "07/12 08:00", "14/12 08:00")]  # fmt: skip
    assert unit.pia.has("Du har inga pass nu.")
    assert "finns inte längre" in await unit.town.told(unit.rut, unit.rut.press("Jag tar passet"))
    assert [rota.ended_at is None for rota in await unit.town.all(Rota)] == [False, True]


async def test_the_chief_ends_the_list_after_a_yes(unit: Unit) -> None:
    await unit.list_of("Omar Lind", "Pia Nord")
    await unit.siv.command("jour")
    await unit.siv.press("Sluta med jour")
    assert await unit.now() == "Omar Lind"
    await unit.siv.press("Ta bort alla pass")
    assert await unit.now() == "" and await unit.reckoned() == []
    assert unit.omar.has("Siv Almgren har tagit bort jourlistan.") and unit.pia.has("Du har inga pass nu.")
    unit.omar.news()
    await unit.town.advance(days=15)
    assert not unit.omar.news(), "a list that is over still rings"


async def test_a_time_that_has_been_is_asked_for_again_and_changes_nothing(unit: Unit) -> None:
    await unit.siv.command("jour")
    for label in ("Ny turordning", "Omar Lind", "Klart", "1 dag"):
        await unit.siv.press(label)
    await unit.siv.write("i går 8")
    assert unit.siv.has("Välj en tid efter i går kl. 23.59.")
    await unit.siv.write("1 mars 2027 kl 8")
    told = await unit.town.told(unit.siv, unit.siv.press("Börja så här"))
    assert "högst åtta veckor fram" in told and not await unit.town.all(Rota)


# Who leaves


async def test_who_leaves_is_skipped_and_the_others_hear_of_it(unit: Unit) -> None:
    await unit.list_of("Omar Lind", "Pia Nord", "Rut Dahl")
    await unit.town.end_role(unit.pia)
    assert (await unit.reckoned())[:4] == [
        WEEKS[0], ("Rut", "30/11 08:00", "07/12 08:00"), ("Omar", "07/12 08:00", "14/12 08:00"),
        ("Rut", "14/12 08:00", "21/12 08:00")]  # fmt: skip
    assert unit.rut.has("Pia Nord är inte kvar i enheten. Din jour är ändrad.")
    await unit.town.advance(days=1)
    assert "Pia" not in {name for name, *_ in await unit.reckoned()}


async def test_who_leaves_while_on_duty_is_followed_by_the_next_at_once(unit: Unit) -> None:
    await unit.list_of("Omar Lind", "Pia Nord", "Rut Dahl")
    await unit.town.end_role(unit.omar)
    assert await unit.now() == "Pia Nord"
    assert unit.pia.has("Du har jour till måndag 7 december kl. 8.00")
    assert not unit.omar.has("Din jour är slut")


async def test_a_list_whose_people_have_all_left_ends_and_the_chief_hears_it(unit: Unit) -> None:
    await unit.list_of("Omar Lind", "Pia Nord")
    await unit.town.end_role(unit.omar)
    await unit.town.end_role(unit.pia)
    assert await unit.now() == "" and all(rota.ended_at for rota in await unit.town.all(Rota))
    assert "Ny turordning" in unit.siv.find("ingen i den är kvar i enheten").labels


async def test_a_shift_that_somebody_took_and_left_with_is_its_owners_again(unit: Unit) -> None:
    await unit.list_of("Omar Lind", "Pia Nord")
    await unit.offer(unit.pia, "mån 30 nov–mån 7 dec", "Rut Dahl")
    await unit.rut.press("Jag tar passet")
    await unit.town.end_role(unit.rut)
    assert (await unit.reckoned())[1] == WEEKS[1]
    assert unit.pia.has("Rut Dahl är inte kvar i enheten. Din jour är ändrad.")


# Swaps


async def test_a_shift_that_is_offered_to_all_is_whose_press_comes_first_and_stays_until_then(unit: Unit) -> None:
    await unit.list_of("Omar Lind", "Pia Nord")
    await unit.offer(unit.pia, "mån 30 nov–mån 7 dec", "Alla")
    assert unit.pia.has("Passet är ditt tills någon tar det.")
    assert (await unit.reckoned())[1] == WEEKS[1]
    for seat in (unit.omar, unit.rut, unit.siv):
        assert seat.has("Kan du ta jouren mån 30 nov–mån 7 dec?")
    await unit.siv.command("jour")
    assert "mån 30 nov–mån 7 dec: Pia Nord (passet är ledigt att ta)" in unit.siv.last.text
    await unit.rut.press("Jag tar passet")
    assert unit.rut.has("Du har passet mån 30 nov–mån 7 dec.")
    assert unit.pia.has("Rut Dahl har tagit passet mån 30 nov–mån 7 dec.")
    before = await unit.state()
    told = await unit.town.told(unit.siv, unit.siv.press("Jag tar passet"))
    assert "Rut Dahl har redan tagit passet." in told and await unit.state() == before
    await unit.siv.command("jour")
    assert "mån 30 nov–mån 7 dec: Rut Dahl" in unit.siv.last.text


async def test_a_shift_that_is_offered_to_one_cannot_be_taken_by_another(unit: Unit) -> None:
    await unit.list_of("Omar Lind", "Pia Nord")
    await unit.offer(unit.pia, "mån 30 nov–mån 7 dec", "Rut Dahl")
    shift = next(row for row in await unit.town.all(Shift) if row.starts_at == swedish(11, 30, 8))
    assert not unit.omar.has("Kan du ta jouren")
    before = await unit.state()
    await unit.town.forge(unit.omar, f"a.duty_take.{shift.id}")
    assert await unit.state() == before and unit.omar.has("Passet är inte ledigt. Pia Nord har det.")
    await unit.rut.press("Jag tar passet")
    assert (await unit.reckoned())[1][0] == "Rut"


async def test_an_offer_can_be_taken_back(unit: Unit) -> None:
    await unit.list_of("Omar Lind", "Pia Nord")
    await unit.offer(unit.pia, "mån 30 nov–mån 7 dec", "Alla")
    await unit.pia.press("Behåll passet")
    told = await unit.town.told(unit.rut, unit.rut.press("Jag tar passet"))
    assert "Passet är inte ledigt. Pia Nord har det." in told and (await unit.reckoned())[1] == WEEKS[1]


async def test_the_shift_under_way_can_be_taken_and_changes_hands_at_the_press(unit: Unit) -> None:
    await unit.list_of("Omar Lind", "Pia Nord")
    await unit.offer(unit.omar, "nu–mån 30 nov", "Alla")
    await unit.town.advance(hours=4)
    await unit.rut.press("Jag tar passet")
    assert await unit.now() == "Rut Dahl"
    assert unit.omar.has("Din jour är slut. Rut Dahl har jouren nu.")
    assert unit.rut.has("Du har jour till måndag 30 november kl. 8.00")


async def test_the_chief_offers_anybodys_shift_and_its_owner_hears_of_it(unit: Unit) -> None:
    await unit.list_of("Omar Lind", "Pia Nord")
    await unit.offer(unit.siv, "Pia Nord mån 30 nov–mån 7 dec", "Rut Dahl")
    assert unit.pia.has("Siv Almgren har frågat om någon kan ta ditt pass")
    await unit.rut.press("Jag tar passet")
    assert (await unit.reckoned())[1][0] == "Rut" and unit.pia.has("Rut Dahl har tagit passet")


async def test_a_shift_that_is_over_or_gone_is_refused_and_nothing_changes(unit: Unit) -> None:
    await unit.list_of("Omar Lind", "Pia Nord", length="1 dag")
    await unit.offer(unit.omar, "nu–tis 24 nov", "Alla")
    await unit.pia.command("jour")
    await unit.pia.press("Byt pass")
    await unit.pia.press("tis 24 nov–ons 25 nov")
    await unit.town.advance(days=2)
    before = await unit.state()
    assert "Passet finns inte längre" in await unit.town.told(unit.rut, unit.rut.press("Jag tar passet"))
    assert "Passet finns inte längre" in await unit.town.told(unit.pia, unit.pia.press("Alla"))
    await unit.town.forge(unit.rut, "a.duty_take.9999")
    assert await unit.state() == before


async def test_a_colleague_who_has_left_since_is_not_asked(unit: Unit) -> None:
    await unit.list_of("Omar Lind", "Pia Nord")
    await unit.pia.command("jour")
    await unit.pia.press("Byt pass")
    await unit.pia.press("mån 30 nov–mån 7 dec")
    await unit.town.end_role(unit.rut)
    before = await unit.state()
    assert "Rut Dahl är inte kvar i enheten" in await unit.town.told(unit.pia, unit.pia.press("Rut Dahl"))
    assert await unit.state() == before


# Absences


async def test_who_is_away_is_covered_by_the_next_and_the_others_are_asked_at_once(unit: Unit) -> None:
    await unit.list_of("Omar Lind", "Pia Nord", "Rut Dahl")
    await unit.be_away(unit.pia, "1 december 12", "3 december 12")
    assert (await unit.reckoned())[1:4] == [
        ("Pia", "30/11 08:00", "01/12 12:00"), ("Rut", "01/12 12:00", "03/12 12:00"),
        ("Pia", "03/12 12:00", "07/12 08:00")]  # fmt: skip
    assert unit.rut.has("Du täcker för Pia Nord: tis 1 dec 12.00–tors 3 dec 12.00.")
    assert unit.pia.has("tis 1 dec 12.00–tors 3 dec 12.00: Rut Dahl")
    assert unit.omar.has("Kan du ta jouren? Pia Nord är borta.")
    await unit.omar.press("Jag tar passet")
    assert (await unit.reckoned())[2] == ("Omar", "01/12 12:00", "03/12 12:00")
    assert unit.rut.has("Omar Lind har tagit passet")
    await unit.siv.command("jour")
    assert "Borta: Pia Nord tis 1 dec 12.00–tors 3 dec 12.00." in unit.siv.last.text


async def test_an_absence_from_now_on_moves_the_duty_at_once(unit: Unit) -> None:
    await unit.town.flag_now(unit.town.contact)
    await unit.list_of("Omar Lind", "Pia Nord")
    await unit.be_away(unit.omar, "Nu", "I morgon kl. 8.00")
    assert await unit.now() == "Pia Nord"
    seen = unit.pia.find("Du har jouren, för Omar Lind är borta").text
    assert "Ärende 1 · Händer nu" in seen and "Alva" not in seen
    await unit.town.move_to(swedish(11, 24, 8))
    assert await unit.now() == "Omar Lind"
    assert unit.omar.has("Du har jour till måndag 30 november") and unit.pia.has("Din jour är slut. Omar Lind har")


async def test_never_is_nobody_on_duty_and_with_all_away_the_chief_is_asked(unit: Unit) -> None:
    await unit.list_of("Omar Lind", "Pia Nord")
    for who in (unit.omar, unit.pia, unit.rut):
        await unit.be_away(who, "Nu", "I morgon kl. 8.00")
    assert await unit.now() == "Siv Almgren" and unit.siv.has("Du har jouren, för Rut Dahl är borta")
    assert not unit.siv.has("Ingen kan ha jouren")
    await unit.be_away(unit.siv, "Nu", "I morgon kl. 8.00")
    assert unit.siv.has("Ingen kan ha jouren nu–tis 24 nov.")
    assert await unit.now() == "Siv Almgren" and len(await unit.asked()) == 4
    await unit.siv.command("jour")
    await unit.siv.press("Ta bort frånvaro")
    await unit.siv.press("Rut Dahl nu–tis 24 nov")
    assert await unit.now() == "Rut Dahl"


async def test_an_absence_that_is_removed_gives_back_what_was_only_covered(unit: Unit) -> None:
    await unit.list_of("Omar Lind", "Pia Nord", "Rut Dahl")
    await unit.be_away(unit.pia, MONDAY, "Mån 7 dec kl. 8.00")
    assert (await unit.reckoned())[1][0] == "Rut"
    await unit.pia.command("jour")
    await unit.pia.press("Ta bort frånvaro")
    await unit.pia.press("Pia Nord mån 30 nov–mån 7 dec")
    assert (await unit.reckoned())[:3] == WEEKS[:3]
    assert unit.rut.has("Pia Nord är inte borta längre. Din jour är ändrad.")
    assert "Passet finns inte längre" in await unit.town.told(unit.omar, unit.omar.press("Jag tar passet"))


async def test_the_chief_writes_down_anybodys_absence_and_nobody_else_does(unit: Unit) -> None:
    await unit.list_of("Omar Lind", "Pia Nord")
    await unit.siv.command("jour")
    for label in ("Jag är borta", "Omar Lind", "Nu", "I morgon kl. 8.00", "Ja, skriv in det"):
        await unit.siv.press(label)
    assert unit.omar.has("Det är inskrivet att du är borta") and await unit.now() == "Pia Nord"
    await unit.rut.command("jour")
    await unit.rut.press("Jag är borta")
    assert "Från när?" in unit.rut.last.text, "an officer was asked who is away"
    [absence] = await unit.town.all(Absence)
    await unit.rut.press("Avbryt")
    await unit.rut.command("jour")
    assert "Ta bort frånvaro" not in unit.rut.last.labels and absence.person_id


async def test_an_absence_that_ends_before_it_begins_is_asked_for_again(unit: Unit) -> None:
    await unit.omar.command("jour")
    await unit.omar.press("Jag är borta")
    await unit.omar.write("i går 12")
    assert unit.omar.has("Välj en tid efter kl. 9.59.")
    await unit.omar.write("27 november 12")
    await unit.omar.write("26 november 12")
    assert unit.omar.has("Välj en tid efter fredag 27 november kl. 12.00.")
    await unit.omar.write("28 november 12")
    before = await unit.state()
    await unit.town.advance(days=9)
    told = await unit.town.told(unit.omar, unit.omar.press("Ja, skriv in det"))
    assert "Den tiden har redan varit" in told and await unit.state() == before


async def test_who_is_away_cannot_take_a_shift_of_that_time(unit: Unit) -> None:
    await unit.list_of("Omar Lind", "Pia Nord")
    await unit.offer(unit.pia, "mån 30 nov–mån 7 dec", "Alla")
    await unit.be_away(unit.rut, MONDAY, "Mån 7 dec kl. 8.00")
    before = await unit.state()
    assert "Du är borta då." in await unit.town.told(unit.rut, unit.rut.press("Jag tar passet", "Kan du ta jouren"))
    assert await unit.state() == before


# Handing over


async def test_the_duty_moves_at_the_press_and_not_before(unit: Unit) -> None:
    await unit.town.flag_now(unit.town.contact)
    await unit.town.contact.write("Skolgatan 5, andra våningen")
    await unit.list_of("Omar Lind", "Pia Nord")
    await unit.hand_over(unit.omar, "Rut Dahl")
    asked = unit.rut.find("Kan du ta över jouren nu?")
    assert "Ärende 1 · Händer nu" in asked.text and "Ingen har tagit" in asked.text
    assert "Skolgatan" not in asked.text and "Alva" not in asked.text
    assert await unit.now() == "Omar Lind" and unit.omar.has("Du har jouren tills Rut Dahl trycker")
    await unit.town.advance(minutes=5)
    await unit.rut.press("Jag tar över")
    assert (await unit.reckoned())[0] == ("Rut", "23/11 10:05", "30/11 08:00")
    rows = [row for row in await unit.town.all(Shift) if row.cause == "handover"]
    assert [row.starts_at for row in rows] == [swedish(11, 23, 10, 5)]
    assert unit.rut.has("Du har jour till måndag 30 november kl. 8.00.")
    assert unit.omar.has("Din jour är slut. Rut Dahl har jouren nu.")


async def test_of_two_who_were_asked_the_first_press_wins(unit: Unit) -> None:
    await unit.list_of("Omar Lind", "Pia Nord")
    await unit.hand_over(unit.omar, "Rut Dahl")
    await unit.hand_over(unit.omar, "Pia Nord")
    await unit.pia.press("Jag tar över")
    before = await unit.state()
    assert "Pia Nord har jouren nu" in await unit.town.told(unit.rut, unit.rut.press("Jag tar över"))
    assert await unit.state() == before and await unit.now() == "Pia Nord"


async def test_who_hands_over_hears_that_nobody_has_taken_over_yet(unit: Unit) -> None:
    await unit.list_of("Omar Lind", "Pia Nord")
    await unit.hand_over(unit.omar, "Rut Dahl")
    await unit.town.advance(minutes=15)
    assert unit.omar.has("Du har jouren kvar: Rut Dahl har inte tagit över än.")
    await unit.rut.press("Jag tar över")
    assert await unit.now() == "Rut Dahl"


async def test_nobody_takes_over_who_was_not_asked_or_whose_duty_has_moved_on(unit: Unit) -> None:
    await unit.list_of("Omar Lind", "Pia Nord")
    await unit.hand_over(unit.omar, "Rut Dahl")
    shift = (await unit.town.all(Shift))[0]
    before = await unit.state()
    await unit.siv.command("jour")
    told = await unit.town.told(unit.siv, unit.town.forge(unit.siv, f"a.duty_over.{shift.id}"))
    assert "Omar Lind har jouren nu" in told and await unit.state() == before
    await unit.town.move_to(swedish(11, 30, 9))
    told = await unit.town.told(unit.rut, unit.rut.press("Jag tar över"))
    assert "Pia Nord har jouren nu" in told and await unit.now() == "Pia Nord"


async def test_the_chief_hands_over_for_whoever_is_on_duty_and_another_officer_does_not(unit: Unit) -> None:
    await unit.list_of("Omar Lind", "Pia Nord")
    await unit.rut.command("jour")
    told = await unit.town.told(unit.rut, unit.town.forge(unit.rut, "a.duty_hand.0"))
    assert "Omar Lind har jouren nu" in told and not await unit.town.look(_talks)
    await unit.hand_over(unit.siv, "Pia Nord")
    await unit.pia.press("Jag tar över")
    assert await unit.now() == "Pia Nord"


def _talks(session: Session) -> list[str]:
    return [row.flow for row in session.exec(select(Conversation)) if row.state == "open"]


# By the clock


async def test_at_each_change_who_comes_and_who_goes_are_told_and_reminded_the_day_before(unit: Unit) -> None:
    await unit.town.flag_later(unit.town.contact)
    await unit.list_of("Omar Lind", "Pia Nord")
    await unit.town.move_to(swedish(11, 29, 14, 59))
    assert not unit.pia.has("Din jour börjar")
    await unit.town.move_to(swedish(11, 29, 15))
    assert "Byt pass" in unit.pia.find("Din jour börjar i morgon kl. 8.00.").labels
    await unit.town.move_to(swedish(11, 30, 8))
    said = unit.pia.find("Du har jour till måndag 7 december kl. 8.00.").text
    assert "Öppna ärenden:" in said and "Ärende 1 · På gång" in said and "Klotter" not in said
    assert unit.omar.has("Din jour är slut. Pia Nord har jouren nu.")
    for seat in (unit.siv, unit.rut, unit.omar):
        assert not seat.has("Du har jour till måndag 7")
    await unit.town.move_to(swedish(12, 7, 8))
    assert unit.omar.has("Du har jour till måndag 14 december") and unit.pia.has("Din jour är slut. Omar Lind har")


async def test_who_goes_on_being_on_duty_is_not_told_that_it_ends(unit: Unit) -> None:
    await unit.list_of("Omar Lind", "Pia Nord")
    await unit.list_of("Omar Lind", "Rut Dahl")
    await unit.offer(unit.rut, "mån 30 nov–mån 7 dec", "Omar Lind")
    await unit.omar.press("Jag tar passet")
    await unit.town.move_to(swedish(11, 30, 8))
    assert len([seen for seen in unit.omar.messages if "Du har jour till" in seen.text]) == 1
    assert not unit.omar.has("Din jour är slut") and not unit.omar.has("Din jour börjar")


async def test_a_change_is_told_once_also_after_a_restart(unit: Unit) -> None:
    await unit.list_of("Omar Lind", "Pia Nord", length="1 dag")
    await unit.town.app.stop()
    unit.town.clock.at = swedish(11, 24, 9)
    await unit.town.open()
    await unit.town.quiet()
    await unit.town.restart()
    await unit.town.quiet()
    assert len([seen for seen in unit.pia.messages if "Du har jour till" in seen.text]) == 1


async def test_who_comes_on_without_an_account_is_covered_and_the_chief_hears_it(unit: Unit) -> None:
    await unit.list_of("Omar Lind", "Pia Nord", "Rut Dahl")
    await unit.town.shut_out(unit.pia)
    await unit.town.move_to(swedish(11, 30, 8))
    assert await unit.now() == "Rut Dahl" and unit.rut.has("Du har jour till måndag 14 december")
    assert unit.siv.has("Pia Nord har pass nu men inget konto igång.")


# Who is asked first


async def test_the_order_in_which_they_are_asked(unit: Unit) -> None:
    assert await unit.asked() == ["Omar Lind", "Pia Nord", "Rut Dahl", "Siv Almgren"]
    await unit.list_of("Rut Dahl", "Omar Lind")
    assert await unit.asked() == ["Rut Dahl", "Omar Lind", "Pia Nord", "Siv Almgren"]
    await unit.be_away(unit.rut, "Nu", "I morgon kl. 8.00")
    assert await unit.asked() == ["Omar Lind", "Pia Nord", "Siv Almgren", "Rut Dahl"]
    await unit.town.shut_out(unit.omar)
    assert await unit.asked() == ["Pia Nord", "Siv Almgren", "Omar Lind", "Rut Dahl"]


async def test_who_is_on_duty_comes_first_also_when_it_is_the_chief(unit: Unit) -> None:
    await unit.list_of("Siv Almgren", "Rut Dahl")
    assert await unit.asked() == ["Siv Almgren", "Rut Dahl", "Omar Lind", "Pia Nord"]


# Rights

UNITS = ("duty.0", "duty_swap.0", "duty_away.0", "duty_back.0", "duty_hand.0", "duty_free.0", "duty_take.1",
         "duty_keep.1", "duty_over.1")  # fmt: skip


@pytest.mark.parametrize("action", UNITS)
async def test_only_the_unit_has_to_do_with_the_duty_list(unit: Unit, action: str) -> None:
    await unit.list_of("Omar Lind", "Pia Nord")
    await unit.town.contact.command("meny")
    before = await unit.state()
    told = await unit.town.told(unit.town.contact, unit.town.forge(unit.town.contact, f"a.{action}"))
    assert "ingår inte i ditt uppdrag" in told and await unit.state() == before
    told = await unit.town.told(unit.town.deputy, unit.town.deputy.command("jour"))
    assert "ingår inte i ditt uppdrag" in told


@pytest.mark.parametrize("action", ["duty_rota.0", "duty_end.0"])
async def test_only_the_chief_makes_or_ends_a_list(unit: Unit, action: str) -> None:
    await unit.list_of("Omar Lind", "Pia Nord")
    await unit.omar.command("jour")
    before = await unit.state()
    told = await unit.town.told(unit.omar, unit.town.forge(unit.omar, f"a.{action}"))
    assert "ingår inte i ditt uppdrag" in told and await unit.state() == before


async def test_an_old_button_of_who_has_left_the_unit_does_nothing(unit: Unit) -> None:
    await unit.list_of("Omar Lind", "Pia Nord")
    await unit.offer(unit.pia, "mån 30 nov–mån 7 dec", "Alla")
    await unit.town.end_role(unit.rut)
    before = await unit.state()
    told = await unit.town.told(unit.rut, unit.rut.press("Jag tar passet"))
    assert "Du behöver en inbjudan" in told and await unit.state() == before


async def test_nobody_keeps_anothers_shift(unit: Unit) -> None:
    await unit.list_of("Omar Lind", "Pia Nord")
    await unit.offer(unit.pia, "mån 30 nov–mån 7 dec", "Alla")
    row = next(row for row in await unit.town.all(Deadline) if row.kind == "duty_offer")
    before = await unit.state()
    told = await unit.town.told(unit.rut, unit.town.forge(unit.rut, f"a.duty_keep.{row.subject}"))
    assert "Pia Nord har det passet" in told and await unit.state() == before


async def test_the_list_is_read_in_english_too(unit: Unit) -> None:
    ann = await unit.town.linked("Ann Lake", "officer", language="en")
    await unit.list_of("Ann Lake", "Omar Lind")
    await ann.command("duty")
    assert "You are on duty until Monday 30 November at 08:00." in ann.last.text
    assert "Mon 30 Nov–Mon 7 Dec: Omar Lind" in ann.last.text


# Two at once, and where no words are taken


async def test_of_two_presses_at_the_same_moment_one_wins(unit: Unit) -> None:
    await unit.list_of("Omar Lind", "Pia Nord")
    await unit.offer(unit.pia, "mån 30 nov–mån 7 dec", "Alla")
    asked = [(seat, seat.find("Kan du ta jouren", "Jag tar passet")) for seat in (unit.rut, unit.siv, unit.omar)]
    await asyncio.gather(*(seat._press(seen.native, "Jag tar passet") for seat, seen in asked))
    await unit.town.quiet()
    [taken] = [row for row in await unit.town.all(Shift) if row.cause == "swap"]
    winners = [seat for seat, _ in asked if seat.has("Du har passet mån 30 nov–mån 7 dec.")]
    losers = [seat for seat, _ in asked if seat.has("har redan tagit passet.")]
    assert len(winners) == 1 and len(losers) == 2 and taken.starts_at == swedish(11, 30, 8)


async def test_with_notices_only_presses_are_enough_for_all_of_it(unit: Unit) -> None:
    unit.town.app.house.notices_only = True
    await unit.list_of("Omar Lind", "Pia Nord", start="I morgon kl. 8.00")
    await unit.be_away(unit.pia, MONDAY, "Mån 7 dec kl. 8.00")
    assert unit.rut.has("Kan du ta jouren? Pia Nord är borta.")
    await unit.rut.press("Jag tar passet")
    await unit.town.move_to(swedish(11, 24, 8))
    await unit.hand_over(unit.omar, "Rut Dahl")
    await unit.rut.press("Jag tar över")
    assert (await unit.reckoned())[:2] == [
        ("Rut", "24/11 08:00", "07/12 08:00"), ("Pia", "07/12 08:00", "08/12 08:00")]  # fmt: skip
