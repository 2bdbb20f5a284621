"""Point 3: flagging, the short way and the thorough one."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from bot.playground.seat import SlackSeat
from storage.tables import Conversation, Deadline, Incident
from tests.contract.conftest import House, swedish

LATER = [("På gång", "brewing"), ("Rykte", "rumour"), ("Har hänt", "past")]


async def card(town: House, number: int = 1) -> str:
    """The incident as the unit reads it now."""
    await town.officer.command("arende", str(number))
    return town.officer.last.text


async def due(town: House, kind: str = "chain") -> list[Any]:
    """The times of what is promised."""
    return [row.due_at for row in await town.all(Deadline) if row.kind == kind and row.state == "waiting"]


def spaceless(town: House) -> str:
    """Everything that Omar reads, without what only makes it easier to read."""
    return "".join(m.text for m in town.officer.messages).replace("-", "").replace(" ", "")


# Happening now


async def test_now_shows_112_and_raises_at_that_press(town: House) -> None:
    await town.contact.command("flagga")
    assert town.contact.last.text.startswith("Fara för liv? Ring 112 först.")
    assert town.contact.last.labels[:4] == ("Händer nu", "På gång", "Rykte", "Har hänt")
    assert not await town.all(Incident)
    await town.contact.press("Händer nu")
    assert (await town.incident()).imminence == "now"
    assert town.contact.find("Ärende 1 är sparat").text.startswith("Fara för liv: ring 112")
    assert town.officer.has("Ärende 1 · Händer nu") and town.chief.has("Ärende 1 · Händer nu")


async def test_each_answer_reaches_the_unit_as_it_comes(town: House) -> None:
    await town.flag_now(town.contact)
    await town.officer.press("Visa")
    steps = [
        ("Var är du?", town.contact.write("Skolgatan 5"), "Plats:Skolgatan5"),
        ("Har du ringt 112?", town.contact.press("Ja, jag har ringt"), "Ringt112:Ja,jagharringt"),
        ("Vilket nummer", town.contact.write("070-174 06 05"), "701740605"),
    ]
    for question, answer, shown in steps:
        assert town.contact.last.text.startswith(question)
        assert shown not in spaceless(town)
        await answer
        assert shown in spaceless(town)
    assert "Säkerhetsenheten har allt" in town.contact.last.text


async def test_a_number_that_is_known_is_offered_as_a_press(town: House) -> None:
    await town.flag_now(town.contact)
    await town.contact.press("Hoppa över")
    await town.contact.press("Nej, inte än")
    await town.contact.write("sjuttio")
    assert "Jag förstod inte numret" in town.contact.last.text
    await town.contact.write("070-174 06 05")
    await town.close(town.officer, "Klart")
    await town.flag_now(town.contact)
    await town.contact.press("Hoppa över")
    await town.contact.press("Nej, inte än")
    assert "070-174 06 05" in town.contact.last.labels


async def test_a_mistaken_press_can_be_undone_but_only_the_unit_closes(town: House) -> None:
    await town.flag_now(town.contact)
    await town.contact.press("Ångra")
    assert (await town.incident()).status == "withdrawn"
    assert town.contact.has("Ärende 1 är återtaget")
    assert "Hoppa över" not in town.contact.last.labels  # the questions about it have nothing left to press
    assert "Ärende 1 är återtaget" in town.officer.last.text and "Bara ni avslutar" in town.officer.last.text
    await town.close(town.officer, "Vi ringde, allt är lugnt")
    assert (await town.incident()).status == "closed"


async def test_undoing_twice_has_one_effect(town: House) -> None:
    await town.flag_now(town.contact)
    receipt = town.contact.find("är sparat", "Ångra")
    await town.contact.press("Ångra")
    before = await town.rows()
    told = await town.told(town.contact, town.forge(town.contact, "a.undo.1", receipt))
    assert "går inte att ångra längre" in told
    assert await town.rows() == before | {"seenevent": before["seenevent"] + 1}


async def test_a_second_press_of_now_on_the_same_question_raises_no_second_incident(town: House) -> None:
    await town.contact.command("flagga")
    row = (await town.all(Conversation))[-1]
    await town.contact.press("Händer nu")
    told = await town.told(town.contact, town.forge(town.contact, f"c.{row.id}.0.imminence.now"))
    assert "Det är redan besvarat" in told
    assert (await town.rows())["incident"] == 1


@pytest.mark.parametrize("command", ["larm", "hjalp", "help", "flag"])
async def test_a_call_for_help_opens_happening_now_with_112_first(town: House, command: str) -> None:
    await town.loner.command(command)
    assert town.loner.last.text.startswith("Fara för liv? Ring 112 först.")
    assert town.loner.last.labels[0] == "Händer nu"


# Free words


async def test_free_words_are_kept_and_offered_as_now_or_to_the_unit(town: House) -> None:
    await town.contact.write("Det står folk utanför lokalen")
    assert town.contact.last.text.startswith("Fara för liv? Ring 112")
    assert town.contact.last.labels[:2] == ("Händer nu", "Skicka till enheten")
    assert not await town.all(Incident)
    await town.contact.press("Händer nu")
    assert "Det står folk utanför lokalen" in await card(town)


async def test_free_words_can_go_the_thorough_way(town: House) -> None:
    await town.contact.write("Någon ritade på dörren")
    for label in ("Skicka till enheten", "Rykte", "Vet inte"):
        await town.contact.press(label)
    await town.contact.write("Klotter")
    for _ in range(3):
        await town.contact.press("Hoppa över")
    await town.contact.press("Skicka till enheten")
    assert "Någon ritade på dörren" in await card(town)


async def test_free_words_can_be_thrown_away(town: House) -> None:
    await town.contact.write("Fel chatt, förlåt")
    await town.contact.press("Kasta")
    assert "Inget är skickat" in town.contact.last.text and not await town.all(Incident)


async def test_free_words_with_one_open_incident_go_to_it(town: House) -> None:
    await town.flag_later(town.contact)
    await town.contact.write("Nu är de tre stycken")
    assert "Tillagt i ärende 1" in town.contact.last.text
    assert "Nu är de tre stycken" in await card(town)


async def test_free_words_with_several_open_incidents_are_asked_about(town: House) -> None:
    await town.flag_later(town.contact, what="Första")
    await town.flag_later(town.contact, what="Andra")
    await town.contact.write("Nu är de tre stycken")
    await town.contact.press("Hör till ärende 2")
    assert "Nu är de tre stycken" not in await card(town, 1)
    assert "Nu är de tre stycken" in await card(town, 2)


async def test_a_button_can_be_answered_by_its_number_or_its_first_word(town: House) -> None:
    await town.contact.command("flagga")
    await town.contact.write("3")
    assert "Vad gäller det" in town.contact.last.text
    await town.contact.write("hot")
    assert "Vad är det som händer" in town.contact.last.text
    [row] = await town.all(Conversation)
    assert row.answers == {"imminence": "rumour", "category": "threat"}


# Past


@pytest.mark.parametrize("answer", ["Ja", "Vet inte"])
async def test_what_happened_and_may_happen_again_gets_the_clock_of_now(town: House, answer: str) -> None:
    await town.contact.command("flagga")
    await town.contact.press("Har hänt")
    assert "Kan det hända något mer snart?" in town.contact.last.text
    await town.contact.press(answer)
    assert (await town.incident()).imminence == "now"
    assert await due(town) == [swedish(11, 23, 10, minute) for minute in (3, 6, 10)]
    assert "Ring 112" in town.contact.find("är sparat").text or "ring 112" in town.contact.find("är sparat").text


async def test_what_happened_and_is_over_is_asked_about_first(town: House) -> None:
    await town.contact.command("flagga")
    await town.contact.press("Har hänt")
    await town.contact.press("Nej")
    assert "Vad gäller det" in town.contact.last.text and not await town.all(Incident)


# The thorough way


@pytest.mark.parametrize(("label", "imminence"), LATER)
async def test_the_others_ask_category_what_where_when_who_and_show_a_summary(
    town: House, label: str, imminence: str
) -> None:
    await town.contact.command("flagga")
    await town.contact.press(label)
    if imminence == "past":
        await town.contact.press("Nej")
    assert "Vad gäller det" in town.contact.last.text and "Vet inte" in town.contact.last.labels
    await town.contact.press("Vet inte")
    assert "Vad är det som händer" in town.contact.last.text and "Hoppa över" not in town.contact.last.labels
    await town.contact.write("Klotter på dörren")
    assert town.contact.last.text.startswith("Var?")
    await town.contact.write("Storgatan 1")
    assert town.contact.last.text.startswith("När?")
    await town.contact.write("18.30")
    assert "Skriv en roll, inte ett namn" in town.contact.last.text
    await town.contact.write("ledamot")
    summary = town.contact.last
    for shown in ("Vet inte", "Klotter på dörren", "Storgatan 1", "18.30", "ledamot"):
        assert shown in summary.text
    assert {"Skicka till enheten", "Ändra plats", "Tillbaka", "Avbryt"} <= set(summary.labels)
    assert not await town.all(Incident) and not town.officer.messages
    await town.contact.press("Skicka till enheten")
    incident = await town.incident()
    assert (incident.imminence, incident.category) == (imminence, "unknown")
    for shown in ("Klotter på dörren", "Storgatan 1", "18.30", "ledamot"):
        assert shown in await card(town)


async def test_a_step_can_be_taken_back_and_edited_from_the_summary(town: House) -> None:
    await town.contact.command("flagga")
    await town.contact.press("På gång")
    await town.contact.press("Hot")
    await town.contact.press("Tillbaka")
    assert "Vad gäller det" in town.contact.last.text
    await town.contact.press("Påtryckning")
    await town.contact.write("Fel ord")
    for _ in range(3):
        await town.contact.press("Hoppa över")
    await town.contact.press("Ändra händelse")
    await town.contact.write("Rätt ord")
    await town.contact.press("Skicka till enheten")
    text = await card(town)
    assert "Rätt ord" in text and "Fel ord" not in text and "Påtryckning" in text


async def test_what_may_be_skipped_is_left_out_and_what_may_not_is_asked_again(town: House) -> None:
    await town.contact.command("flagga")
    await town.contact.press("Rykte")
    await town.contact.press("Hot")
    await town.contact.write("hoppa över")
    assert "Det här svaret behövs" in town.contact.last.text
    await town.contact.write("Ett rykte")
    await town.contact.write("vet inte")
    assert town.contact.last.text.startswith("När?")
    await town.contact.write("i den elfte timmen")
    assert town.contact.has("Jag förstod inte tiden") or town.contact.last.labels[0] == "Händer nu"


async def test_a_cancelled_flag_sends_nothing(town: House) -> None:
    await town.flag_up_to_summary(town.contact, "På gång", "Klotter")
    await town.contact.press("Avbryt")
    assert "Inget är skickat" in town.contact.last.text
    assert not await town.all(Incident) and not town.officer.messages


async def test_cancelling_the_questions_of_now_does_not_take_back_what_was_raised(town: House) -> None:
    await town.flag_now(town.contact)
    await town.contact.press("Avbryt")
    assert "Ärende 1 är skickat och ligger kvar" in town.contact.last.text
    assert (await town.incident()).status == "open"


async def test_a_question_that_is_answered_loses_its_buttons(town: House) -> None:
    await town.contact.command("flagga")
    await town.contact.press("Rykte")
    assert [m.labels for m in town.contact.messages if "Läge" in m.text] == [()]


# Interrupted


@pytest.mark.parametrize("later", [{}, {"days": 1, "hours": 3}])
async def test_an_interrupted_conversation_is_there_after_a_restart_and_the_next_day(
    town: House, later: dict[str, float]
) -> None:
    await town.contact.command("flagga")
    await town.contact.press("På gång")
    await town.contact.press("Hot")
    await town.restart()
    await town.advance(**later)
    await town.contact.write("De ska komma på torsdag")
    assert town.contact.last.text.startswith("Var?")
    for _ in range(3):
        await town.contact.press("Hoppa över")
    await town.contact.press("Skicka till enheten")
    assert "De ska komma på torsdag" in await card(town)


async def test_a_conversation_that_another_interrupts_goes_on_when_that_one_ends(town: House) -> None:
    await town.contact.command("flagga")
    await town.contact.press("På gång")
    await town.contact.press("Hot")
    await town.contact.command("sprak")
    await town.contact.press("Svenska")
    assert "Nu fortsätter vi där du var" in town.contact.last.text
    assert "Vad är det som händer" in town.contact.last.text


async def test_a_conversation_goes_on_on_the_other_platform(both: House) -> None:
    second = await both.linked("Alva Berg", "contact", on=both.platforms[1])
    await both.contact.command("flagga")
    await both.contact.press("På gång")
    await both.contact.press("Hot")
    await second.write("De ska komma på torsdag")
    assert second.last.text.startswith("Var?")
    assert not both.contact.messages[-1].labels or "Händelse" in both.contact.last.text
    for _ in range(3):
        await second.press("Hoppa över")
    await second.press("Skicka till enheten")
    assert "De ska komma på torsdag" in await card(both)


async def test_the_same_question_answered_on_both_platforms_counts_once(both: House) -> None:
    second = await both.linked("Alva Berg", "contact", on=both.platforms[1])
    await both.contact.command("flagga")
    await second.write("händer nu")
    assert (await both.rows())["incident"] == 1
    row = (await both.all(Conversation))[-1]
    told = await both.told(both.contact, both.forge(both.contact, f"c.{row.id}.0.imminence.now"))
    assert "Det är redan besvarat" in told and (await both.rows())["incident"] == 1


# Slack's window


async def opened(town: House) -> SlackSeat:
    """Alva on Slack with the form open."""
    alva = town.contact
    assert isinstance(alva, SlackSeat)
    await alva.command("flagga")
    await alva.press("På gång")
    await alva.press(next(label for label in alva.last.labels if label.startswith("Fyll i")))
    await town.slack.wait_for(lambda: alva.human.modal and alva.human.modal.fields, what="the form")
    return alva


@pytest.mark.parametrize("platform", ["slack"], indirect=True)
async def test_on_slack_the_form_is_one_window_with_its_errors_shown_in_it(town: House) -> None:
    alva = await opened(town)
    before = await town.rows()
    await alva.fill({"Vad det gäller": "Hot", "Händelse": "De ska komma", "Tid": "nångång sen kanske"})
    assert alva.human.modal is not None
    assert "Jag förstod inte tiden" in alva.human.modal.errors["Tid"]
    rows = await town.rows()
    assert rows | {"seenevent": 0} == before | {"seenevent": 0}
    await alva.fill({"Vad det gäller": "Hot", "Händelse": "De ska komma", "Tid": "i morgon 18"})
    assert alva.human.modal is None
    for shown in ("Hot", "De ska komma", "i morgon kl. 18.00"):
        assert shown in alva.last.text
    await alva.press("Skicka till enheten")
    assert "De ska komma" in await card(town)


@pytest.mark.parametrize("platform", ["slack"], indirect=True)
async def test_a_window_that_was_left_open_cannot_answer_twice(town: House) -> None:
    alva = await opened(town)
    await alva.write("hot")
    await alva.write("De ska komma")
    before = await town.rows()
    told = await town.told(alva, alva.fill({"Vad det gäller": "Påtryckning", "Händelse": "Något annat"}))
    assert "Det är redan besvarat" in told
    rows = await town.rows()
    assert rows | {"outbox": 0, "seenevent": 0} == before | {"outbox": 0, "seenevent": 0}
    [row] = await town.all(Conversation)
    assert row.answers["what"] == "De ska komma"


@pytest.mark.parametrize("platform", ["telegram"], indirect=True)
async def test_on_telegram_no_button_opens_a_window(town: House) -> None:
    await town.contact.command("flagga")
    await town.contact.press("På gång")
    assert not [label for label in town.contact.last.labels if label.startswith("Fyll i")]


async def test_now_never_uses_a_window(town: House) -> None:
    await town.flag_now(town.contact)
    assert not [label for label in town.contact.last.labels if label.startswith("Fyll i")]


async def test_a_flag_that_was_long_on_its_way_says_so_to_both_sides(town: House) -> None:
    await town.contact.command("flagga")
    await town.app.stop()
    await town.contact.human.write("händer nu")
    town.clock.at += timedelta(minutes=5)
    await town.open()
    await town.quiet()
    late = "Skickat kl. 10.00, kom fram kl. 10.05."
    assert town.contact.has(late)
    assert late in await card(town)
