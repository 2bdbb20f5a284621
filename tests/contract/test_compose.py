"""Issue 4, point 1: a broadcast is written, shown as it will be, and sent to exactly those whom it was shown for."""

from __future__ import annotations

from sqlmodel import Session

from bot.flows.broadcast import TEXT
from bot.services import reach
from bot.services.work import Work
from storage.tables import Account, Alert, Outbox, Person, Receipt, Role
from tests.contract.conftest import House

TO_TWO = "Skicka till 2 personer"
DRAFT = "är inte skickat än"


async def draft(town: House, template: str = "AKUT · Håll er inne") -> None:
    """The officer has a template on the screen, unsent."""
    await town.officer.command("utskick")
    await town.officer.press(template)


async def own_words(town: House, *answers: str) -> None:
    """The officer writes: what is on a button is pressed, everything else is typed."""
    await town.officer.command("utskick")
    for answer in ("Skriv eget", *answers):
        await (town.officer.press if answer in town.officer.last.labels else town.officer.write)(answer)


async def alert(town: House, number: int = 1) -> Alert:
    """It, as it is stored."""
    return await town.look(lambda session: session.get_one(Alert, number))


async def stamp(town: House, number: int = 1, name: str = "Skicka till") -> str:
    """What the button of the newest preview sends."""
    offered = (await town.account(town.officer)).offered or []
    return next(str(token) for label, token in offered if label.startswith(name))


async def block(town: House, number: int) -> None:
    """This account is out of reach from now on."""

    def change(session: Session) -> None:
        session.get_one(Account, number).state = "blocked"

    await town.look(change)


def lines(text: str) -> list[str]:
    """The platforms leave out or put in an empty line here and there."""
    return [line for line in text.splitlines() if line]


async def test_a_template_goes_out_in_a_command_and_two_presses(town: House) -> None:
    await draft(town)
    assert not town.contact.has("Håll er inne"), "it went out unseen"
    await town.officer.press(TO_TWO)
    for seat in (town.contact, town.neighbour):
        assert seat.last.text.startswith("AKUT · Håll er inne")
        assert seat.last.labels == ("Jag är trygg", "Jag behöver hjälp", "Skicka vidare")
    for seat in (town.deputy, town.official, town.loner):
        assert not seat.has("Håll er inne")


async def test_from_an_incident_it_is_three_presses_and_nobody_learns_of_the_incident(town: House) -> None:
    await town.flag_later(town.official, what="De hotar att komma till mötet")
    await town.officer.press("Visa")
    await town.officer.press("Skicka utskick")
    await town.officer.press("AKUT · Utrym lokalen")
    assert "Det syns inte för dem som får det" in town.officer.last.text
    town.official.news()
    await town.officer.press(TO_TWO)
    assert not town.official.news(), "the reporter is not among the contacts"
    assert "hotar" not in town.contact.last.text and "Ärende" not in town.contact.last.text
    assert (await alert(town)).incident_id == 1
    await town.official.command("mina")
    assert "utskick" not in town.official.last.text


async def test_own_words_are_asked_for_one_by_one_and_go_where_they_are_meant_to(town: House) -> None:
    await own_words(
        town, "Information", "Nya rutiner", "Läs dem före\nmåndag.", "Vissa partier", "Bokpartiet", "Klart",
        "Förtroendevalda med", "Läst", "4 timmar", "På riktigt",
    )  # fmt: skip
    assert "Når 3 av 3" in town.officer.last.text and "Per parti: Bokpartiet 3." in town.officer.last.text
    await town.officer.press("Skicka till 3 personer")
    for seat in (town.contact, town.deputy, town.official):
        assert seat.last.text.startswith("INFO · Nya rutiner") and "Läs dem före\nmåndag." in seat.last.text
        assert "Tryck Läst senast kl. 14.00." in seat.last.text
    assert not town.neighbour.has("Nya rutiner")


async def test_an_emergency_in_own_words_asks_only_for_what_it_must(town: House) -> None:
    await own_words(town, "Akut", "Lås dörrarna", "Hoppa över", "Kontakterna")
    await town.officer.press(TO_TWO)
    row = await alert(town)
    assert (row.level, row.ask, row.minutes, row.exercise) == ("emergency", "safe", 15, False)
    assert town.contact.last.text.startswith("AKUT · Lås dörrarna")


async def test_roles_and_everybody_can_be_chosen(town: House) -> None:
    await own_words(
        town, "Faran är över", "Lugnt", "Klart nu.", "Vissa roller", "Ersättare", "Säkerhetsenheten", "Klart"
    )
    assert "Når 3 av 3" in town.officer.last.text
    await town.officer.press("Ändra")
    await town.officer.press("Vilka som får det")
    await town.officer.press("Alla som har boten")
    assert "Skicka till 7 personer" in town.officer.last.labels


async def test_the_preview_is_what_the_reader_gets(both: House) -> None:
    """On each platform that its author has."""
    there = await both.linked("Omar Lind", "officer", on=both.platforms[1])
    await both.linked("Alva Berg", "contact", on=both.platforms[1])
    await draft(both, "VARNING · Drev på nätet")
    shown = next(seen for seen in both.officer.messages if seen.text.startswith("VARNING"))
    assert lines(there.last.text) == lines(shown.text) and there.last.labels == shown.labels
    await both.officer.press(TO_TWO)
    got = both.contact.last
    assert got.text == shown.text.replace("ett dygn efter att det skickas", "i morgon kl. 10.00")
    assert got.labels == shown.labels


async def test_a_platform_that_its_author_is_not_on_is_shown_in_words(both: House) -> None:
    """With what a locked screen shows there."""
    await both.linked("Nya Ek", "contact", "Kottepartiet", on=both.platforms[1])
    await draft(both)
    shown = both.officer.find("Så ser det ut på " + both.platforms[1].capitalize())
    assert "På låst skärm: AKUT · Håll er inne" in shown.text
    assert "Lås dörren." in shown.text and "Knappar: Jag är trygg, Jag behöver hjälp, Skicka vidare." in shown.text
    assert f"{both.platforms[1].capitalize()} 1" in both.officer.last.text


async def test_what_shows_on_a_locked_screen_is_said(town: House) -> None:
    await draft(town)
    assert "På låst skärm: AKUT · Håll er inne." in town.officer.last.text
    assert ("Telegram kan visa mer" in town.officer.last.text) == (town.platform == "telegram")


async def test_the_buttons_of_a_preview_do_nothing_but_say_so(town: House) -> None:
    await draft(town)
    told = await town.told(town.officer, town.officer.press("Jag behöver hjälp"))
    assert "Så här ser det ut för mottagarna" in told
    assert not await town.all(Receipt) and not town.chief.has("Ärende")


async def test_who_cannot_be_reached_is_named_with_why(town: House) -> None:
    account = await town.account(town.neighbour)
    await block(town, account.id or 0)
    await draft(town)
    assert "Når jag inte: Kim Holm (har stängt av boten)." in town.officer.last.text
    assert "Skicka till 1 person" in town.officer.last.labels


async def test_many_who_cannot_be_reached_are_behind_a_button(town: House) -> None:
    for number in range(11):
        seat = await town.linked(f"Nils {number}", "contact", "Alfapartiet")
        await block(town, (await town.account(seat)).id or 0)
    await draft(town)
    assert "och 3 till" in town.officer.last.text and "Nils 9" not in town.officer.last.text
    await town.officer.press("Visa alla")
    assert "Når jag inte: 11" in town.officer.last.text and "Nils 9 (har stängt av boten)" in town.officer.last.text


async def test_when_the_audience_has_changed_the_press_shows_the_new_one_and_sends_nothing(town: House) -> None:
    await draft(town)
    await town.linked("Nya Ek", "contact", "Kottepartiet")
    told = await town.told(town.officer, town.officer.press(TO_TWO))
    assert "Vilka som får det har ändrats" in told
    assert not town.contact.has("Håll er inne") and (await alert(town)).state == "draft"
    await town.officer.press("Skicka till 3 personer")
    assert town.contact.has("Håll er inne")


async def test_a_press_on_an_older_preview_sends_nothing(town: House) -> None:
    await draft(town)
    old = await stamp(town)
    await town.officer.press("Ändra")
    await town.officer.press("Rubriken")
    await town.officer.write("Håll er inne i stadshuset")
    told = await town.told(town.officer, town.forge(town.officer, old))
    assert "Se den nyaste förhandsvisningen" in told and not town.contact.has("stadshuset")
    assert "nyare förhandsvisning" in town.officer.find("nyare förhandsvisning").text
    await town.officer.press(TO_TWO)
    assert town.contact.last.text.startswith("AKUT · Håll er inne i stadshuset")


async def test_two_presses_send_once(town: House) -> None:
    await draft(town)
    token = await stamp(town)
    await town.officer.press(TO_TWO)
    told = await town.told(town.officer, town.forge(town.officer, token))
    assert "Det är redan skickat." in told
    assert len(await town.all(Receipt)) == 2
    copies = [row for row in await town.all(Outbox) if row.purpose == "emergency" and row.act == "send"]
    assert len(copies) == 2


async def test_what_is_sent_can_no_longer_be_changed_or_thrown_away(town: House) -> None:
    await draft(town)
    await town.officer.press("Ändra")
    await town.forge(town.officer, await stamp(town, name="Rubriken"))
    await town.forge(town.officer, (await sent_token(town)))
    await town.officer.write("För sent")
    assert "Det är redan skickat." in "\n".join(seen.text for seen in town.officer.messages)
    assert (await alert(town)).template == "stay_inside"
    told = await town.told(town.officer, town.forge(town.officer, "a.drop_alert.1"))
    assert "Det är redan skickat." in told and (await alert(town)).state == "sent"


async def sent_token(town: House) -> str:
    """The press that sends draft 1 as it is now."""

    def look(session: Session) -> str:
        row = session.get_one(Alert, 1)
        found = reach.of(Work(session, town.clock.at, town.app.house), row)
        return f"a.send_alert.1.{reach.stamp(row, found)}"

    return await town.look(look)


async def test_with_nobody_to_send_to_it_cannot_be_sent_and_says_why(town: House) -> None:
    await own_words(town, "Faran är över", "Lugnt", "Klart nu.", "Vissa roller", "Hjälpare", "Klart")
    assert "det finns ingen att skicka till" in town.officer.last.text
    assert not any(label.startswith("Skicka") for label in town.officer.last.labels)
    told = await town.told(town.officer, town.forge(town.officer, await sent_token(town)))
    assert "det finns ingen att skicka till" in told and (await alert(town)).state == "draft"


async def test_with_nobody_in_reach_it_cannot_be_sent_either(town: House) -> None:
    for seat in (town.contact, town.deputy, town.neighbour):
        await block(town, (await town.account(seat)).id or 0)
    await draft(town)
    assert "ingen av dem går att nå" in town.officer.last.text
    assert town.officer.last.labels == ("Ändra", "Kasta")


async def test_whose_role_has_ended_sends_nothing(town: House) -> None:
    await draft(town)
    token = await stamp(town)

    def end(session: Session) -> None:
        session.get_one(Role, 2).ended_at = town.clock.at

    await town.look(end)
    await town.forge(town.officer, token)
    assert not town.contact.has("Håll er inne") and (await alert(town)).state == "draft"


async def test_a_party_without_contacts_any_more_gets_nothing_and_nobody_falls(town: House) -> None:
    await own_words(town, "Akut", "Lås", "Hoppa över", "Vissa partier", "Kottepartiet", "Klart", "Bara kontakterna")
    await town.end_role(town.neighbour)
    told = await town.told(town.officer, town.officer.press("Skicka till 1 person"))
    assert "det finns ingen att skicka till" in told


async def test_nobody_else_sends_a_draft_and_who_is_not_of_the_unit_learns_nothing(town: House) -> None:
    await draft(town)
    token = await stamp(town)
    await town.chief.command("meny")
    assert "Det är Omar Lind som skriver det." in await town.told(town.chief, town.forge(town.chief, token))
    await town.contact.command("mina")
    for name in (token, "a.show_alert.1", "a.drop_alert.1", "a.template.0.leave", "a.own_words.0", "a.planned.0"):
        told = await town.told(town.contact, town.forge(town.contact, name))
        assert "Håll er inne" not in told and "Vad vill du" not in told
    assert (await alert(town)).state == "draft" and len(await town.all(Alert)) == 1


async def test_a_command_of_the_unit_is_nobody_elses(town: House) -> None:
    for word in ("utskick", "mote"):
        told = await town.told(town.contact, town.contact.command(word))
        assert "Vad vill du skicka" not in told and "möte" not in told


async def test_what_is_thrown_away_can_be_taken_back(town: House) -> None:
    await draft(town)
    await town.officer.press("Kasta")
    assert "Inget skickades" in town.officer.last.text and town.officer.last.labels == ("Ångra",)
    await town.officer.press("Ångra")
    await town.officer.press(TO_TWO)
    assert town.contact.has("Håll er inne")


async def test_a_template_speaks_each_readers_language_until_its_words_are_changed(town: House) -> None:
    reader = await town.linked("Eve Hill", "contact", "Kottepartiet", language="en")
    await draft(town)
    await town.officer.press("Skicka till 3 personer")
    assert reader.last.text.startswith("EMERGENCY · Stay inside")
    await draft(town)
    await town.officer.press("Ändra")
    await town.officer.press("Texten")
    assert "Lås dörren." in town.officer.last.text, "what it was is shown"
    await town.officer.write("Gå till källaren.")
    await town.officer.press("Skicka till 3 personer")
    assert reader.last.text.startswith("EMERGENCY · Håll er inne") and "Gå till källaren." in reader.last.text


async def test_every_part_can_be_changed_before_it_is_sent(town: House) -> None:
    await draft(town)
    for presses in (("Nivån", "Varning"), ("Svaret", "Läst", "1 timme"), ("På riktigt, övning", "Övning")):
        await town.officer.press("Ändra")
        for label in presses:
            await town.officer.press(label)
    await town.officer.press(TO_TWO)
    assert town.contact.last.text.startswith("ÖVNING · VARNING · Håll er inne")
    assert "Tryck Läst senast kl. 11.00." in town.contact.last.text
    assert (await alert(town)).template == "stay_inside"


async def test_an_exercise_says_so_first(town: House) -> None:
    await draft(town, "ÖVNING · Övningslarm")
    await town.officer.press(TO_TWO)
    assert town.contact.last.text.startswith("ÖVNING · AKUT · ")


async def test_a_text_is_as_long_as_fits_in_one_message_and_no_longer(town: House) -> None:
    await own_words(town, "Varning", "x" * 81)
    assert "80" in town.officer.last.text and "rubriken" in town.officer.last.text
    await town.officer.write("🌲" * 80)
    await town.officer.write("🌲" * (TEXT + 1))
    assert str(TEXT) in town.officer.last.text
    await town.officer.write("🌲" * TEXT)
    for answer in ("Kontakterna", "Läst", "3 dygn", "Övning", TO_TWO):
        await town.officer.press(answer)
    assert "🌲" * TEXT in town.contact.last.text.replace("\n", "")
    assert await town.unsettled() == []


async def test_many_short_lines_are_one_message_too(town: House) -> None:
    lines = "\n".join("a" for _ in range(TEXT // 2))
    await own_words(town, "Akut", "Lista", lines, "Kontakterna", TO_TWO)
    assert town.contact.last.text.count("a\n") >= TEXT // 2 - 1
    assert await town.unsettled() == []


async def test_signs_of_markup_are_only_signs(town: House) -> None:
    await own_words(
        town, "Akut", "Se <b>upp</b> @channel", "<!channel> *alla* & <https://x.se|här>", "Kontakterna", TO_TWO
    )
    assert "Se <b>upp</b> @channel" in town.contact.last.text and "<!channel>" in town.contact.last.text


async def test_a_draft_survives_a_restart(town: House) -> None:
    await draft(town)
    await town.restart()
    await town.officer.press(TO_TWO)
    assert town.contact.has("Håll er inne")


async def test_who_has_quiet_hours_is_named_with_when_they_end_unless_it_is_an_emergency(town: House) -> None:
    person = (await town.account(town.contact)).person_id

    def rest(session: Session) -> None:
        session.get_one(Person, person).quiet = "09:00-12:00"

    await town.look(rest)
    await draft(town, "VARNING · Drev på nätet")
    assert "Har tyst nu, får det sedan: Alva Berg till kl. 12.00." in town.officer.last.text
    await draft(town)
    assert "Har tyst" not in town.officer.last.text
