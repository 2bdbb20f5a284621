"""Point 6: a helper sees only what it is sent."""

from __future__ import annotations

import pytest

from bot.commands import Task
from bot.playground.seat import Seat
from storage.tables import Account, Entry, Role
from tests.contract.conftest import House, code_in

SECRET = "Klotter på dörren"
WORDS = "Vi behöver en blankett för polisanmälan före kl. 15"


async def helper(town: House, task: str = "Jurist", name: str = "Vera Lag") -> Seat:
    """A helper who came in by the chief's invitation."""
    await town.chief.command("bjudin")
    await town.chief.press("Hjälpare")
    await town.chief.press(task)
    await town.chief.write(name)
    await town.chief.press("Gör inbjudan")
    code = code_in(town.chief.find("Skicka det här till"))
    seat = town.newcomer(name)
    await seat.redeem(code)
    await town.chief.press("Ja, släpp in")
    return seat


async def asked(town: House, words: str = WORDS) -> Seat:
    """A helper whom the officer has asked for help with Alva's incident."""
    seat = await helper(town)
    await town.flag_later(town.contact, what=SECRET)
    await town.officer.press("Jag tar den")
    await town.officer.press("Inom 1 timme")
    await ask(town, words)
    return seat


async def ask(town: House, words: str = WORDS, who: str = "Jurist: Vera Lag") -> None:
    """Let the officer take help."""
    await town.officer.command("arende", "1")
    await town.officer.press("Ta hjälp")
    await town.officer.press(who)
    await town.officer.write(words)
    await town.officer.press("Ja, skicka")


LABELS = {
    "Ordförande": Task.CHAIR,
    "Sekreterare": Task.SECRETARY,
    "Kommunikatör": Task.COMMUNICATOR,
    "Personal": Task.HR,
    "Jurist": Task.LAWYER,
    "Vakt": Task.GUARD,
    "Val": Task.ELECTION,
}


async def test_the_chief_invites_a_helper_for_every_task(town: House) -> None:
    for number, (label, task) in enumerate(LABELS.items()):
        seat = await helper(town, label, f"Person {'ABCDEFG'[number]}")
        role = (await town.all(Role))[-1]
        assert (role.kind, role.task, role.party_id) == ("helper", task, None)
        assert (await town.account(seat)).state == "active"
    assert set(LABELS.values()) == set(Task)


async def test_the_letter_and_the_register_say_what_the_helper_helps_with(town: House) -> None:
    await helper(town)
    assert town.chief.has("till Vera Lag, som jurist (hjälpare)")
    await town.chief.command("personer")
    await town.chief.press("Vera Lag")
    assert "Avsluta: jurist (hjälpare)" in town.chief.last.labels


async def test_somebody_who_is_here_becomes_a_helper_too_and_stops_being_one(town: House) -> None:
    await town.chief.command("personer")
    for label in ("Ida Sten", "Ge nytt uppdrag", "Hjälpare", "Vakt", "Ja, gör det"):
        await town.chief.press(label)
    assert town.loner.has("Du har fått ett uppdrag till: vakt (hjälpare)")
    await town.chief.command("personer")
    for label in ("Ida Sten", "Avsluta: vakt (hjälpare)", "Ja, gör det"):
        await town.chief.press(label)
    assert town.loner.has("Ditt uppdrag som vakt (hjälpare) är avslutat")


async def test_a_helper_has_a_short_menu_and_no_list_of_incidents(town: House) -> None:
    vera = await helper(town)
    await town.flag_now(town.contact)
    await vera.command("meny")
    assert vera.last.labels == ("Händer nu", "Flagga något", "Mina ärenden", "Checklistor", "Kalender", "Byt språk")
    await vera.command("mina")
    assert "Du har inga öppna ärenden" in vera.last.text
    await vera.command("arende", "1")
    assert "hittar jag inte" in vera.last.text


async def test_a_helper_flags_as_anybody_and_sees_the_own_incident(town: House) -> None:
    vera = await helper(town)
    await town.flag_now(vera)
    assert town.officer.has("Ärende 1 · Händer nu")
    await vera.command("arende", "1")
    assert "Vera Lag (jurist (hjälpare))" in vera.last.text
    assert not {"Jag tar den", "Avsluta", "Visa för mitt parti"} & set(vera.last.labels)


UNITS = ("a.take.1", "a.show.1", "a.whole.1", "a.answer.1", "a.close.1", "a.more.1", "a.help.1", "a.not_done.1")


@pytest.mark.parametrize("token", UNITS)
async def test_a_helper_does_nothing_on_an_incident_even_when_asked_about_it(town: House, token: str) -> None:
    vera = await asked(town)
    told = await town.told(vera, town.forge(vera, token))
    assert "hittar jag inte" in told
    assert (await town.incident()).status == "open"


async def test_a_helper_gets_exactly_the_officers_words_behind_a_neutral_notice(town: House) -> None:
    vera = await asked(town)
    assert vera.last.text.startswith("Säkerhetsenheten ber dig om hjälp") and WORDS not in vera.last.text
    await vera.press("Visa")
    shown = vera.last
    assert WORDS in shown.text and shown.labels == ("Jag tar det", "Jag kan inte")
    for hidden in (SECRET, "Alva", "Bokpartiet", "Ärende", "ärende 1", "Hot"):
        assert hidden not in "\n".join(seen.text for seen in vera.messages if "Välkommen" not in seen.text)


@pytest.mark.parametrize(
    ("label", "told", "line"),
    [
        ("Jag tar det", "Vera Lag hjälper till i ärende 1", "Vera Lag hjälper till."),
        ("Jag kan inte", "Fråga någon annan. Vera Lag kan inte", "Vera Lag kan inte hjälpa till."),
    ],
)
async def test_the_answer_goes_to_the_officer_and_on_the_timeline(
    town: House, label: str, told: str, line: str
) -> None:
    vera = await asked(town)
    await vera.press("Visa")
    await vera.press(label)
    assert told in town.officer.last.text
    assert not vera.last.labels and WORDS in vera.last.text and "Säkerhetsenheten vet det" in vera.last.text
    await town.officer.press("Visa")
    await town.officer.press("Läs allt")
    assert "Omar Lind bad Vera Lag om hjälp" in town.officer.last.text and WORDS in town.officer.last.text
    assert line in town.officer.last.text


async def test_the_reporter_does_not_read_what_the_unit_wrote_to_a_helper(town: House) -> None:
    vera = await asked(town)
    await vera.press("Visa")
    await vera.press("Jag tar det")
    await town.contact.command("arende", "1")
    await town.contact.press("Läs allt")
    assert "Alva Berg flaggade" in town.contact.last.text
    assert WORDS not in town.contact.last.text and "Vera" not in town.contact.last.text


async def test_a_second_press_changes_nothing_and_the_first_answer_stands(town: House) -> None:
    vera = await asked(town)
    await vera.press("Visa")
    await vera.press("Jag tar det")
    before = len(await town.all(Entry))
    told = await town.told(vera, town.forge(vera, f"a.help_no.{await entry(town)}"))
    assert "redan besvarat" in told
    assert len(await town.all(Entry)) == before


async def entry(town: House) -> int:
    """The number of the request."""
    return next(e.id or 0 for e in await town.all(Entry) if e.kind == "help_asked")


@pytest.mark.parametrize("action", ["help_show", "help_yes", "help_no"])
async def test_nobody_answers_or_reads_what_another_helper_was_asked(town: House, action: str) -> None:
    await asked(town)
    other = await helper(town, "Vakt", "Ola Stark")
    number = await entry(town)
    await town.neighbour.command("meny")
    for who in (other, town.neighbour, town.contact):
        theirs = await town.told(who, town.forge(who, f"a.{action}.{number}"))
        nobodys = await town.told(who, town.forge(who, f"a.{action}.9999"))
        assert theirs == nobodys and "hittar jag inte" in theirs and WORDS not in theirs


async def test_a_helper_whose_role_ended_reads_it_no_more(town: House) -> None:
    vera = await asked(town)
    await town.chief.command("personer")
    for label in ("Vera Lag", "Avsluta: jurist (hjälpare)", "Ja, gör det"):
        await town.chief.press(label)
    await town.forge(vera, f"a.help_show.{await entry(town)}", vera.find("ber dig om hjälp"))
    assert not vera.has(WORDS)


async def test_a_request_about_what_is_closed_is_not_shown_any_more(town: House) -> None:
    vera = await asked(town)
    await town.close(town.officer, "Klart")
    told = await town.told(vera, vera.press("Visa"))
    assert "Ärendet är klart" in told and not vera.has(WORDS)


async def test_what_waits_for_an_answer_is_found_again(town: House) -> None:
    vera = await asked(town)
    await vera.command("meny")
    await vera.command("mina")
    await vera.press("Visa")
    assert WORDS in vera.last.text


async def test_without_helpers_there_is_no_button_and_a_forged_press_says_why(town: House) -> None:
    await town.flag_now(town.contact)
    await town.officer.press("Visa")
    assert "Ta hjälp" not in town.officer.last.labels
    told = await town.told(town.officer, town.forge(town.officer, "a.help.1"))
    assert "Det finns ingen hjälpare än" in told


async def test_a_helper_who_cannot_be_reached_is_said_at_once(town: House) -> None:
    vera = await helper(town)
    await town.flag_now(town.contact)
    account = await town.account(vera)
    await town.look(lambda session: setattr(session.get_one(Account, account.id), "state", "blocked"))
    assert "Jag når inte Vera Lag" in await town.told(town.officer, ask(town))
    assert not [entry for entry in await town.all(Entry) if entry.kind == "help_asked"]
