"""The coverage table: each thing that keeps somebody from being reached shows, with what to do about it."""

from __future__ import annotations

import pytest
from sqlmodel import Session, select

from bot.playground.faults import Misbehaviour
from bot.playground.seat import Seat
from bot.services import coverage_table
from bot.services.elections import Election
from storage.tables import Account, Deadline, Person, Role
from tests.contract.conftest import BOOKS, CONES, House, bare
from tests.contract.test_calm import at, until
from tests.contract.test_faults import SEND, plan
from tests.contract.test_letting_in import invited

TITLE = "Täckning ·"
NUMBER = "+46701740605"


async def table(town: House, who: Seat | None = None) -> str:
    """What the chief is shown now, as it reads on either platform."""
    who = who or town.chief
    who.news()
    await who.command("tackning")
    return bare("\n".join(text for text in who.news())).replace("*", "").replace("+46 70 174 06 05", "070-174 06 05")


async def change(town: House, seat: Seat, **values: object) -> None:
    """Let this be so of the person, of the account or of the role of a seat."""
    account = await town.account(seat)

    def write(session: Session) -> None:
        role = session.exec(select(Role).where(Role.person_id == account.person_id)).one()
        rows = (session.get_one(Person, account.person_id), session.get_one(Account, account.id), role)
        for name, value in values.items():
            row = next(row for row in rows if name in type(row).model_fields)
            setattr(row, name, value)
            session.add(row)

    await town.app.database.run(write)


async def put_right(town: House) -> None:
    """Everybody has a number and every post is filled: nothing stands in the way."""
    deputy = await town.linked("Vera Dal", "deputy", CONES)
    for seat in (town.contact, town.deputy, town.neighbour, deputy):
        await change(town, seat, phone=NUMBER)


def received(who: Seat) -> int:
    """How many tables the person has got."""
    return sum(TITLE in seen.text for seen in who.messages)


# What shows


async def test_where_all_is_well_each_party_is_one_short_line_and_nothing_can_be_pressed(town: House) -> None:
    await put_right(town)
    shown = await table(town)
    assert shown.replace("\n\n", "\n").splitlines() == [
        "Täckning · alla går att nå",
        "Säkerhetsenheten: nås (2 personer)",
        f"{BOOKS}: nås (2 kontakter)",
        f"{CONES}: nås (2 kontakter)",
    ]


async def test_a_party_without_anybody_and_one_without_a_deputy(town: House) -> None:
    await town.app.database.run(lambda session: town.party(session, "Ängspartiet") and town.party(session, "Åspartiet"))
    shown = await table(town)
    assert "Ängspartiet: nås inte" in shown and "Ingen säkerhetsansvarig. Bjud in: /bjudin" in shown
    assert shown.count("Ingen ersättare. Bjud in: /bjudin") == 3
    places = [shown.index(f"{party}: nås") for party in (BOOKS, CONES, "Åspartiet", "Ängspartiet")]
    assert places == sorted(places), "the parties are not in the order of the alphabet"
    assert "Bjud in någon" in town.chief.last.labels


async def test_an_account_that_is_blocked_after_a_fault_shows_with_whom_to_call(town: House) -> None:
    """The bot met it when it had something to say, and nobody had to look for it."""
    await put_right(town)
    plan(town, SEND, Misbehaviour.BLOCKED)
    await town.contact.command("meny")
    assert (await town.account(town.contact)).state == "blocked"
    shown = await table(town)
    platform = town.platform.capitalize()
    assert f"Alva Berg går inte att nå på {platform} längre. Ring 070-174 06 05. Ett ord till boten räcker." in shown
    assert f"{BOOKS}: nås (1 kontakt)" in shown
    await town.contact.write("meny")
    assert "går inte att nå" not in await table(town), "who writes has let us in again"


async def test_without_a_number_one_has_to_get_in_touch_another_way(town: House) -> None:
    await change(town, town.contact, state="blocked")
    shown = await table(town)
    assert "längre. Hör av dig. Ett ord till boten räcker." in shown
    assert "Telefonnummer saknas: Alva Berg, Dag Ek. Skriv in: /nummer" in shown


async def test_somebody_who_is_shut_out_or_has_no_account_needs_a_new_invitation(town: House) -> None:
    await town.shut_out(town.contact)
    assert "Alva Berg är utestängd. Gör en ny inbjudan: /personer" in await table(town)
    assert "Ändra för en person" in town.chief.last.labels

    def without_account(session: Session) -> None:
        person = Person(name="Ulla Utan", language="sv", created_at=town.clock.at)
        session.add(person)
        session.flush()
        session.add(Role(person_id=person.id or 0, kind="officer", since=town.clock.at))

    await town.app.database.run(without_account)
    assert "Ulla Utan har inget konto här. Gör en ny inbjudan: /personer" in await table(town)


async def test_who_was_invited_shows_until_the_chief_has_let_them_in(town: House) -> None:
    """Invited, waiting for the chief's yes, in; and of one who never came that the invitation ran out."""
    code = await invited(town, role="Ersättare", party=CONES)
    shown = await table(town)
    told = "Eva Ny (ersättare för säkerhetsansvarig) har inte kommit än. Inbjudan gäller till 7 december."
    assert f"{told} Påminn, eller gör en ny: /personer" in shown
    assert "Ingen ersättare" not in shown, "somebody is on the way"
    eva = town.newcomer("Eva Ny")
    await eva.redeem(code)
    shown = await table(town)
    assert "Eva Ny (ersättare för säkerhetsansvarig) väntar sedan 23 november på att släppas in." in shown
    await town.chief.press("Ja, släpp in")
    assert f"{CONES}: nås (2 kontakter)" in await table(town)
    await invited(town, role="Säkerhetsenheten", party="", name="Per Sen")
    await until(town, at(2026, 12, 8, 12))
    shown = await table(town)
    assert "Per Sen (säkerhetsenheten) kom aldrig. Inbjudan gick ut 7 december. Gör en ny inbjudan: /personer" in shown
    await until(town, at(2027, 2, 6, 12))
    assert "Per Sen" not in await table(town), "it is told for ever, though the unit has others"


async def test_who_does_not_answer_within_a_week_is_silent_until_heard_of(town: House) -> None:
    await put_right(town)
    await until(town, at(2026, 12, 30, 9))
    assert "hörts av" not in await table(town), "a week has not passed"
    await until(town, at(2026, 12, 30, 11))
    shown = await table(town)
    assert "Alva Berg har inte hörts av sedan 23 november. Ring 070-174 06 05" in shown
    assert f"{BOOKS}: nås (1 kontakt)" in shown, "who does not answer is counted as reached"
    await town.neighbour.press("Allt är lugnt")
    await town.contact.command("meny")
    assert "hörts av" not in await table(town)


async def test_a_party_whose_only_contact_does_not_answer_is_not_said_to_be_reached(town: House) -> None:
    await until(town, at(2026, 12, 30, 11))
    assert f"{CONES}: osäkert om någon nås" in await table(town)


async def test_a_mandate_shows_in_its_last_sixty_days_with_its_last_day(town: House) -> None:
    await change(town, town.contact, ends_at=at(2027, 1, 23, 0))
    assert "uppdraget slutar" not in await table(town)
    await until(town, at(2026, 11, 24, 1))
    assert "Alva Berg: uppdraget slutar 22 januari 2027. Bjud in nästa: /bjudin" in await table(town)


async def test_a_unit_of_one_shows(town: House) -> None:
    await town.end_role(town.officer)
    shown = await table(town)
    assert "Säkerhetsenheten: nås (1 person)" in shown and "Bara en person är med. Bjud in: /bjudin" in shown


async def test_one_account_only_is_a_hint_and_no_fault(both: House) -> None:
    await put_right(both)
    await both.linked("Alva Berg", "contact", BOOKS, on=both.platforms[1])
    shown = await table(both)
    assert shown.startswith("Täckning · alla går att nå")
    hint = next(line for line in shown.splitlines() if line.startswith("Tips:"))
    assert "Dag Ek" in hint and "Alva Berg" not in hint and "/koppla" in hint


async def test_a_long_table_comes_as_several_messages_and_loses_nothing(town: House) -> None:
    names = [f"Partiet för allt som är långt och brett nummer {number:02}" for number in range(60)]

    def found(session: Session) -> None:
        for name in names:
            town.party(session, name)

    await town.app.database.run(found)
    before = len(town.chief.messages)
    shown = await table(town)
    assert len(town.chief.messages) - before >= 2
    assert all(shown.count(f"{name}: nås inte") == 1 for name in names)
    assert town.chief.last.labels == ("Bjud in någon", "Skriv in nummer")


# Who sees it, and who puts it right


async def test_the_unit_sees_it_and_nobody_else_does(town: House) -> None:
    shown = await table(town, town.officer)
    assert shown.startswith(TITLE) and "Säkerhetschefen kan ordna det här." in shown
    assert town.officer.last.labels == (), "an officer is offered what only the chief may do"
    for who in (town.contact, town.deputy, town.official, town.loner):
        assert "ingår inte i ditt uppdrag" in await table(town, who)
        assert TITLE not in await town.told(who, town.forge(who, "a.coverage.0"))
        assert BOOKS not in "".join(seen.text for seen in who.messages)


async def test_it_is_there_in_english_too(town: House) -> None:
    await town.chief.command("sprak")
    await town.chief.press("English")
    town.chief.news()
    await town.chief.command("coverage")
    shown = "\n".join(town.chief.news())
    assert "Coverage · to put right:" in shown and "No deputy. Invite: /invite" in shown


async def test_the_chief_writes_in_a_number_that_is_missing(town: House) -> None:
    await table(town)
    await town.chief.press("Skriv in nummer")
    await town.chief.press("Alva Berg")
    await town.chief.write("blåbär")
    await town.chief.write("070-174 06 05")
    assert "Numret till Alva Berg är sparat" in town.chief.last.text
    assert "Telefonnummer saknas: Dag Ek." in await table(town)
    await town.chief.command("nummer")
    question = town.chief.last.labels
    assert question[-2] == "Alva Berg", "who has a number already does not come last"


# When it comes by itself


async def test_the_chief_gets_it_on_the_first_working_day_of_the_month_at_eight_and_nobody_else(town: House) -> None:
    await until(town, at(2026, 12, 1, 7, 59))
    assert received(town.chief) == 0
    await town.move_to(at(2026, 12, 1, 8))
    assert received(town.chief) == 1
    await until(town, at(2027, 1, 4, 7, 59))
    assert received(town.chief) == 1
    await until(town, at(2027, 1, 4, 9))
    assert received(town.chief) == 2
    assert all(received(who) == 0 for who in town.everyone if who is not town.chief)


async def test_nothing_comes_when_there_is_nothing_to_say(both: House) -> None:
    """Hints alone are nothing."""
    await put_right(both)
    await until(both, at(2026, 12, 1, 12))
    assert received(both.chief) == 0
    assert "Tips:" in await table(both)


async def test_before_an_election_it_comes_each_week_though_all_is_well(town: House) -> None:
    await put_right(town)
    day = at(2027, 1, 24, 12).date()
    town.app.house.elections = (Election(day, "extra", (("sv", "Omvalet"), ("en", "The new election"))),)
    await until(town, at(2026, 12, 14, 12))
    assert received(town.chief) == 3, "30 November, 7 and 14 December"
    assert "Omvalet är den 24 januari 2027." in town.chief.last.text
    await until(town, at(2027, 1, 25, 12))
    assert received(town.chief) == 8, "21 and 28 December, 4, 11 and 18 January; the first of December had none"


async def test_the_same_week_never_has_two_whatever_restarts(town: House) -> None:
    await until(town, at(2026, 12, 1, 8))
    for _ in range(3):
        await town.restart()
        await town.quiet()
    town.app.house.elections = (Election(at(2026, 12, 20, 12).date(), "extra", (("sv", "Omvalet"),)),)
    await until(town, at(2026, 12, 6, 12))
    assert received(town.chief) == 1
    rows = [row for row in await town.all(Deadline) if row.kind == coverage_table.ROUND and row.state == "waiting"]
    assert len(rows) == 1


async def test_an_election_that_was_added_since_moves_the_next_one_nearer(
    town: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    await until(town, at(2026, 12, 1, 12))
    new = (Election(at(2026, 12, 20, 12).date(), "extra", (("sv", "Omvalet"),)),)
    monkeypatch.setattr("bot.services.elections.load", lambda _=None: new)
    await town.app.stop()
    await town.open()
    town.app.house.elections = new
    await town.app.database.run(lambda session: town.app.clock._keep(session))
    await until(town, at(2026, 12, 7, 12))
    assert received(town.chief) == 2


async def test_a_table_that_the_bot_missed_comes_on_the_next_working_day(town: House) -> None:
    await until(town, at(2026, 11, 30, 20))
    await town.app.stop()
    town.clock.at = at(2026, 12, 3, 21)
    await town.open()
    await town.quiet()
    assert received(town.chief) == 0, "it came at night"
    await until(town, at(2026, 12, 4, 8))
    assert received(town.chief) == 1
    await until(town, at(2026, 12, 30, 8))
    assert received(town.chief) == 1


async def test_with_notices_only_nothing_is_offered_that_asks_for_words(town: House) -> None:
    town.app.house.notices_only = True
    await table(town)
    assert bool(town.chief.last.labels) == (town.platform == "slack")
    assert await town.nothing_kept()
