"""Points 2 and 6: every right is checked at every press, and who sees what."""

from __future__ import annotations

from collections.abc import Callable, Coroutine

import pytest

from bot.playground.seat import Seat
from storage.tables import Conversation, Incident
from tests.contract.conftest import PUBLIC, House, bare

Act = Callable[[House, Seat], Coroutine[None, None, None]]
ACTS: dict[str, Act] = {
    "words": lambda town, who: who.write("Hjälp, någon är här"),
    "a command": lambda town, who: who.command("flagga"),
    "a list": lambda town, who: who.command("mina"),
    "an incident": lambda town, who: who.command("arende", "1"),
    "a made-up command": lambda town, who: who.command("hemligt"),
}


async def revoked(town: House) -> Seat:
    """Kim has been shut out."""
    await town.shut_out(town.neighbour)
    return town.neighbour


async def ended(town: House) -> Seat:
    """Kim's role has ended, and nothing of Kim's is open."""
    await town.end_role(town.neighbour)
    return town.neighbour


async def stranger(town: House) -> Seat:
    """Nobody."""
    return town.newcomer("Sten Okänd")


@pytest.mark.parametrize("act", list(ACTS))
async def test_a_stranger_a_revoked_account_and_an_ended_role_get_the_same_answer(town: House, act: str) -> None:
    await town.flag_now(town.contact)
    whole = []
    for become in (stranger, revoked, ended):
        who = await become(town)
        before, seen = await town.rows(), len(who.messages)
        await ACTS[act](town, who)
        assert await town.rows() == before
        [answer] = who.messages[seen:]
        whole.append(str(answer))
        if become is revoked:  # let Kim in again, to end the role
            account = await town.account(who)
            await town.look(lambda session, a=account: setattr(session.get_one(type(a), a.id), "state", "active"))  # type: ignore[misc]
    assert whole[0] == whole[1] == whole[2]
    text = bare(whole[0])
    for wanted in ("112", "114 14", PUBLIC, "Du behöver en inbjudan"):
        assert wanted in text
    for leaked in ("[", "Ärende", "Alva", "Siv", "Bokpartiet", "08-465 004 99"):
        assert leaked not in text


async def test_an_old_button_of_who_lost_the_right_does_nothing(town: House) -> None:
    await town.flag_now(town.contact)
    await town.end_role(town.officer)
    before = await town.rows()
    told = await town.told(town.officer, town.forge(town.officer, "a.take.1", town.officer.messages[0]))
    assert (await town.incident()).taken_by is None and await town.rows() == before
    assert "114 14" in told and "Du behöver en inbjudan" in told


async def test_a_card_is_drawn_empty_once_its_reader_may_not_see_it(town: House) -> None:
    await town.flag_now(town.contact)
    await town.officer.press("Visa")
    await town.end_role(town.officer)
    await town.contact.write("Skolgatan 5")
    assert not town.officer.has("Skolgatan")
    assert not town.officer.has("Alva Berg")


async def test_a_conversation_that_was_begun_with_a_right_ends_without_it(town: House) -> None:
    await town.flag_now(town.contact)
    await town.officer.press("Visa")
    await town.officer.press("Svara")
    await town.end_role(town.officer)
    await town.officer.write("Vi kommer")
    assert not town.contact.has("Säkerhetsenheten har svarat")
    assert (await town.incident()).taken_by is None
    await town.officer.write("Vi kommer verkligen, vänta där du är")
    assert not town.contact.has("Säkerhetsenheten har svarat")


CHIEFS = (
    "a.invite.0",
    "a.party.0",
    "a.people.0",
    "a.let_in.1",
    "a.turn_away.1",
    "a.bind.1",
    "a.unbind.1",
    "a.number.0",
)
UNITS = ("a.take.1", "a.take_over.1", "a.promise.1.0", "a.answer.1", "a.close.1", "a.coverage.0")


@pytest.mark.parametrize("token", CHIEFS)
async def test_only_the_chief_does_what_the_chief_does(town: House, token: str) -> None:
    await town.officer.command("meny")
    before = await town.rows()
    told = await town.told(town.officer, town.forge(town.officer, token))
    assert "ingår inte i ditt uppdrag" in told
    assert await town.rows() == before | {"seenevent": before["seenevent"] + 1}


@pytest.mark.parametrize("token", UNITS)
async def test_only_the_unit_does_what_the_unit_does(town: House, token: str) -> None:
    await town.flag_now(town.contact)
    await town.deputy.command("meny")
    before = await town.rows()
    for who in (town.contact, town.deputy):
        told = await town.told(who, town.forge(who, token))
        assert "ingår inte i ditt uppdrag" in told
    incident = await town.incident()
    assert (incident.taken_by, incident.status) == (None, "open")
    assert await town.rows() == before | {"seenevent": before["seenevent"] + 2}


@pytest.mark.parametrize("command", ["bjudin", "parti", "personer", "nummer"])
async def test_a_command_of_the_chief_is_refused_to_others(town: House, command: str) -> None:
    for who in (town.officer, town.contact, town.loner):
        assert "ingår inte i ditt uppdrag" in await town.told(who, who.command(command))
    assert not await town.all(Conversation)


async def test_the_last_chief_stays_chief(town: House) -> None:
    assert "Det måste finnas en säkerhetschef" in await town.told(town.chief, town.end_role(town.chief))
    assert "Du kan inte stänga ute dig själv" in await town.told(town.chief, town.shut_out(town.chief))
    await town.chief.command("bjudin")
    assert town.chief.last.text.startswith("Vilket uppdrag")


# Whoever's role ends keeps the thread of own open incidents until closed


async def test_whose_role_ends_keeps_the_thread_of_an_open_incident_until_it_is_closed(town: House) -> None:
    await town.flag_now(town.contact)
    await town.officer.press("Jag tar den")
    await town.end_role(town.contact)
    await town.contact.write("Skolgatan 5")
    await town.contact.press("Nej, inte än")
    await town.contact.press("Hoppa över")
    assert "Säkerhetsenheten har allt du har skrivit" in town.contact.last.text
    await town.contact.write("De står kvar utanför")
    assert "Tillagt i ärende 1" in town.contact.last.text
    await town.officer.press("Visa")
    assert town.officer.has("De står kvar utanför")
    await town.answer(town.officer, "Stanna inne, vi är på väg")
    await town.contact.press("Visa", containing="Säkerhetsenheten har svarat")
    assert town.contact.has("Stanna inne, vi är på väg")
    before = await town.rows()
    await town.forge(town.contact, "a.now.0")
    await town.contact.command("bjudin")
    assert (await town.rows())["incident"] == before["incident"] == 1
    await town.close(town.officer, "Polisen har hämtat dem")
    assert town.contact.has("Polisen har hämtat dem")
    before = await town.rows()
    told = await town.told(town.contact, town.contact.write("Tack"))
    assert "Du behöver en inbjudan" in told and await town.rows() == before


async def test_whose_role_ends_keeps_the_thread_of_what_was_withdrawn(town: House) -> None:
    await town.flag_now(town.contact)
    await town.contact.press("Ångra")
    await town.end_role(town.contact)
    told = await town.told(town.contact, town.contact.write("Det var ändå allvar"))
    assert "Du behöver en inbjudan" not in told
    await town.officer.command("arende", "1")
    assert town.officer.has("Det var ändå allvar")


async def test_what_an_officer_had_taken_goes_back_to_the_unit_when_the_role_ends(town: House) -> None:
    await town.flag_now(town.contact)
    await town.officer.press("Jag tar den")
    await town.officer.press("Inom 1 timme")
    await town.end_role(town.officer)
    assert (await town.incident()).taken_by is None
    assert "Jag tar den" in town.chief.find("någon behöver ta det nu").labels
    await town.advance(minutes=6)
    assert bare(town.contact.last.text).startswith(f"Ring {PUBLIC}")


# Who sees


async def test_a_contact_sees_what_the_own_party_flagged_and_the_unit_sees_all(town: House) -> None:
    await town.flag_later(town.contact, what="Klotter på dörren")
    await town.flag_later(town.neighbour, what="Trasig ruta")
    await town.deputy.command("mina")
    assert "Ärende 1" in town.deputy.last.labels and "Ärende 2" not in town.deputy.last.labels
    await town.deputy.press("Ärende 1")
    assert town.deputy.has("Klotter på dörren")
    for seat in (town.chief, town.officer):
        for number, what in ((1, "Klotter på dörren"), (2, "Trasig ruta")):
            await seat.command("arende", str(number))
            assert what in seat.last.text


async def test_an_officials_flag_goes_to_the_unit_and_to_the_own_contact_only_by_a_press(town: House) -> None:
    await town.flag_now(town.official)
    for answer in ("Hoppa över", "Nej, inte än", "Hoppa över"):
        await town.official.press(answer)
    assert town.officer.has("Ärende 1")
    assert "Mitt partis kontakt" in town.official.last.labels
    await town.deputy.command("arende", "1")
    assert "hittar jag inte" in town.deputy.last.text and not town.contact.messages
    await town.official.press("Mitt partis kontakt")
    for seat in (town.contact, town.deputy):
        assert seat.has("Ärende 1 i ditt parti")
    await town.contact.press("Visa")
    assert town.contact.has("Oda Ros")
    assert not town.neighbour.messages and not town.loner.messages


async def test_an_officials_brewing_flag_is_for_the_unit_alone_unless_chosen_otherwise(town: House) -> None:
    await town.flag_up_to_summary(town.official, "Rykte", "Något skrivs på nätet")
    await town.official.press("Skicka till enheten")
    await town.flag_up_to_summary(town.official, "Rykte", "Ännu något", party="Mitt partis kontakt")
    await town.official.press("Skicka till enheten")
    assert not town.contact.has("Ärende 1") and town.contact.has("Ärende 2 i ditt parti")


async def test_an_official_of_no_party_is_not_asked_who_sees_it(town: House) -> None:
    await town.flag_now(town.loner)
    for answer in ("Hoppa över", "Nej, inte än", "Hoppa över"):
        await town.loner.press(answer)
    assert not town.loner.has("Vem får se") and town.officer.has("Ärende 1")


async def test_a_contact_can_choose_the_unit_alone_and_take_it_back(town: House) -> None:
    await town.flag_now(town.contact)
    await town.deputy.command("arende", "1")
    assert "Alva Berg" in town.deputy.last.text
    told = await town.told(town.contact, town.contact.press("Bara enheten"))
    assert not town.deputy.has("Alva Berg")  # the card that was open is drawn anew
    await town.deputy.command("arende", "1")
    assert "hittar jag inte" in town.deputy.last.text
    assert "Nu ser bara säkerhetsenheten ärendet" in told
    await town.contact.command("arende", "1")
    assert "bara säkerhetsenheten" in town.contact.last.text
    await town.contact.press("Visa för mitt parti")
    await town.deputy.command("arende", "1")
    assert "Alva Berg" in town.deputy.last.text


ON_INCIDENT = [
    "show",
    "whole",
    "take",
    "take_over",
    "answer",
    "close",
    "more",
    "undo",
    "share",
    "unit_only",
    "not_done",
]


@pytest.mark.parametrize("action", ON_INCIDENT)
async def test_another_partys_incident_is_not_found_in_the_words_of_one_that_does_not_exist(
    town: House, action: str
) -> None:
    await town.flag_now(town.contact)
    await town.neighbour.command("meny")
    before = await town.rows()
    theirs = await town.told(town.neighbour, town.forge(town.neighbour, f"a.{action}.1"))
    nobodys = await town.told(town.neighbour, town.forge(town.neighbour, f"a.{action}.999"))
    assert theirs == nobodys and "hittar jag inte" in theirs
    assert await town.rows() == before | {"seenevent": before["seenevent"] + 2}
    assert (await town.all(Incident))[0].taken_by is None


async def test_the_number_of_another_partys_incident_is_not_found_by_command_either(town: House) -> None:
    await town.flag_now(town.contact)
    answers = {
        await town.told(town.neighbour, town.neighbour.command("arende", n)) for n in ("1", "999", "0", "hej", "9" * 40)
    }
    assert len(answers) == 1 and "hittar jag inte" in answers.pop()
    await town.neighbour.command("mina")
    assert "inga öppna ärenden" in town.neighbour.last.text


async def test_words_in_the_thread_of_another_partys_incident_are_not_added_to_it(town: House) -> None:
    await town.flag_now(town.contact)
    await town.deputy.command("arende", "1")
    card = town.deputy.last
    await town.contact.press("Bara enheten")
    told = await town.told(town.deputy, town.deputy.write("Vad hände sedan?", reply_to=card))
    assert "hittar jag inte" in told
    await town.officer.command("arende", "1")
    assert "Vad hände sedan?" not in town.officer.last.text


async def test_a_shut_out_account_is_shown_nothing_more_of_what_it_had_open(town: House) -> None:
    await town.flag_now(town.contact)
    await town.officer.press("Visa")
    assert town.officer.has("Från: Alva Berg")
    await town.shut_out(town.officer)
    assert not town.officer.has("Från: Alva Berg"), "a lost phone still shows the card"


async def test_the_chief_gives_somebody_who_is_here_one_role_more(town: House) -> None:
    await town.flag_now(town.neighbour)
    await town.deputy.command("arende", "1")
    assert "hittar jag inte" in town.deputy.last.text
    await town.chief.command("personer")
    await town.chief.press(town.deputy.name)
    await town.chief.press("Ge nytt uppdrag")
    await town.chief.press("Säkerhetsenheten")
    await town.chief.press("Ja, gör det")
    assert town.deputy.has("Du har fått ett uppdrag till: säkerhetsenheten")
    await town.deputy.command("arende", "1")
    assert "Ärende 1 · Händer nu" in town.deputy.last.text


async def test_a_flood_from_a_stranger_is_answered_for_a_while_and_nobody_else_notices(town: House) -> None:
    stranger = town.newcomer("Okänd Person")
    for number in range(30):
        await stranger.write(f"hallå {number}")
    assert 10 <= len(stranger.messages) < 30
    await town.flag_now(town.contact)
    assert town.officer.has("Ärende 1 · Händer nu")
    await town.advance(seconds=60)
    answers = len(stranger.messages)
    await stranger.write("hallå igen")
    assert len(stranger.messages) == answers + 1


async def test_a_flooding_stranger_cannot_keep_the_bot_in_a_group(town: House) -> None:
    stranger = town.newcomer("Okänd Person")
    for number in range(30):
        await stranger.write(f"hallå {number}")
    place = await town.shared(stranger)
    await place.add_bot(stranger)
    assert not place.has_bot
