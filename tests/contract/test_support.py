"""Support is called in: the asker always sees who has been asked and who has it, and it never stops silently."""

from __future__ import annotations

import asyncio

from bot.playground.seat import Seat
from storage.tables import SupportAsked, SupportCall, Supporter
from tests.contract.conftest import PUBLIC, House, bare
from tests.contract.test_silence import block


async def directory(town: House, *entries: tuple[str, str]) -> None:
    """Let the chief put these into the directory."""
    for kind, name in entries:
        await town.chief.command("stod")
        await town.chief.press("Lägg till")
        await town.chief.press(kind)
        await town.chief.press(name)


async def ask(who: Seat, kind: str = "Jurist", why: str = "Vad får jag svara?") -> None:
    """Call somebody in, from the list about police reports."""
    await who.command("checklista", "polisanmälan")
    await who.press("Kalla in stöd")
    await who.press(kind)
    await who.write(why)
    await who.write("070-174 06 05")
    await who.press("Kalla in")


async def lawyer(town: House, name: str = "Lena Lag") -> Seat:
    """A helper who is called first for the law."""
    seat = await town.linked(name, "helper")
    await directory(town, ("Jurist", name))
    return seat


async def test_the_called_person_learns_who_and_why_and_takes_it_with_one_press(town: House) -> None:
    lena = await lawyer(town)
    await ask(town.official)
    assert "Vad får jag svara?" not in lena.last.text, "a locked screen shows no word of it"
    await lena.press("Visa")
    assert "Från Oda Ros (förtroendevald, Bokpartiet)." in lena.last.text
    assert "Vad får jag svara?" in lena.last.text and "Läser listan: Polisanmälan." in lena.last.text
    assert "070-174 06 05" in bare(lena.last.text).replace("+46 70 ", "070-") or "+4670" in lena.last.text
    await lena.press("Jag tar det")
    assert town.official.has("Lena Lag tar det (jurist) och hör av sig till dig.")
    assert town.official.has("Lena Lag tog det kl. 10.00 (jurist)")
    await lena.press("Klart")
    [call] = await town.all(SupportCall)
    assert (call.state, call.taken_by is not None) == ("ended", True)


async def test_a_no_and_silence_pass_to_the_next_and_the_first_may_still_take_it(town: House) -> None:
    lena, lars = await lawyer(town), await lawyer(town, "Lars Rätt")
    await directory(town, ("Jurist", "Omar Lind"))
    await ask(town.official)
    await lena.press("Jag kan inte")
    assert lars.has("Någon ber om ditt stöd: jurist")
    assert not town.officer.has("Någon ber om ditt stöd")
    await town.advance(minutes=15)
    assert town.officer.has("Någon ber om ditt stöd: jurist")
    shown = town.official.find("Jag söker stöd åt dig: jurist").text
    assert "Lena Lag kan inte (kl. 10.00)." in shown
    assert "Lars Rätt tillfrågades kl. 10.00 och har inte svarat än." in shown
    await lena.press("Jag tar det")
    assert "Lena Lag tog det kl. 10.15." in lars.last.text and "Jag tar det" not in lars.last.labels


async def test_with_nobody_left_the_asker_and_the_chief_hear_it_with_a_number(town: House) -> None:
    lena = await lawyer(town)
    await ask(town.official)
    await lena.press("Jag kan inte")
    assert f"Ring säkerhetsenheten: {PUBLIC}" in bare(town.official.find("Ingen har kunnat ta det än").text)
    assert town.chief.has("Oda Ros har bett om stöd (jurist), och ingen har tagit det.")
    await town.advance(hours=2)
    assert len(await town.all(SupportAsked)) == 1


async def test_silence_of_the_last_is_told_too(town: House) -> None:
    await lawyer(town)
    await ask(town.official)
    await town.advance(minutes=16)
    assert town.official.has("Ingen har kunnat ta det än")


async def test_two_who_take_it_at_once_never_both_have_it(town: House) -> None:
    lena, lars = await lawyer(town), await lawyer(town, "Lars Rätt")
    await ask(town.official)
    await town.advance(minutes=15)
    await asyncio.gather(town.forge(lena, "a.support_yes.1"), town.forge(lars, "a.support_yes.1"))
    [call] = await town.all(SupportCall)
    assert call.state == "taken"
    assert sum(one.answer == "yes" for one in await town.all(SupportAsked)) == 1
    assert await town.nothing_kept()


async def test_whose_quiet_hours_it_is_is_not_asked(town: House) -> None:
    lena, lars = await lawyer(town), await lawyer(town, "Lars Rätt")
    await lena.command("tyst")
    await lena.press("Välj egna tider")
    await lena.write("9-12")
    await ask(town.official)
    assert not lena.has("Någon ber om ditt stöd")
    assert lars.has("Någon ber om ditt stöd: jurist")


async def test_a_call_that_does_not_get_through_goes_to_the_other_account(both: House) -> None:
    lena = await lawyer(both)
    other = await both.linked("Lena Lag", "helper", on=both.platforms[1])
    block(lena)
    await ask(both.official)
    await other.press("Visa")
    assert "Vad får jag svara?" in other.last.text
    await other.press("Jag tar det")
    assert both.official.has("Lena Lag tar det (jurist) och hör av sig till dig.")
    assert await both.nothing_kept()


async def test_the_asker_takes_it_back(town: House) -> None:
    lena = await lawyer(town)
    await ask(town.official)
    await town.official.press("Behövs inte längre")
    assert "Det behövs inte längre." in lena.last.text and lena.last.labels == ()
    told = await town.told(lena, town.forge(lena, "a.support_yes.1"))
    assert "redan avslutat" in told
    await town.advance(minutes=20)
    assert not town.official.has("Ingen har kunnat")


async def test_security_needs_no_directory(town: House) -> None:
    await ask(town.official, "Säkerhetsenheten")
    assert town.chief.has("Någon ber om ditt stöd: säkerhet") or town.officer.has("Någon ber om ditt stöd: säkerhet")


async def test_it_survives_a_restart_and_the_other_platform(both: House) -> None:
    other = next(name for name in both.platforms if name != both.platform)
    lena = await both.linked("Lena Lag", "helper", on=other)
    await directory(both, ("Jurist", "Lena Lag"))
    await ask(both.official)
    await both.restart()
    await lena.press("Jag tar det")
    assert both.official.has("Lena Lag tar det")


async def test_nobody_else_reads_it(town: House) -> None:
    await lawyer(town)
    await ask(town.official)
    for who in (town.contact, town.officer, town.neighbour):
        await who.command("meny")
        for act in ("support_show", "support_yes", "support_no", "support_end"):
            told = await town.told(who, town.forge(who, f"a.{act}.1"))
            assert "Vad får jag svara" not in told
    [call] = await town.all(SupportCall)
    assert call.state == "open"


async def test_it_stands_on_the_incident_that_it_belongs_to_without_its_words(town: House) -> None:
    await lawyer(town)
    await town.flag_later(town.contact)
    await town.contact.command("stod")
    await town.contact.press("Jurist")
    await town.contact.press("Ärende 1")
    await town.contact.write("Får jag berätta för tidningen?")
    await town.contact.press("Hoppa över")
    await town.contact.press("Kalla in")
    await town.chief.command("arende", "1")
    await town.chief.press("Läs allt")
    assert "Alva Berg kallade in stöd." in town.chief.last.text
    assert "tidningen" not in town.chief.last.text


async def test_the_chief_keeps_the_directory(town: House) -> None:
    await lawyer(town)
    await directory(town, ("Jurist", "Omar Lind"), ("Personal (HR)", "Omar Lind"))
    await town.chief.press("Sätt först")
    await town.chief.press("Jurist: Omar Lind")
    assert "Jurist: Omar Lind, Lena Lag" in town.chief.last.text
    await town.chief.press("Ta bort")
    await town.chief.press("Personal: Omar Lind")
    assert "Personal: ingen än" in town.chief.last.text
    await directory(town, ("Jurist", "Omar Lind"))
    assert len([row for row in await town.all(Supporter) if row.ended_at is None]) == 2, "nobody stands there twice"
    await town.end_role(next(seat for seat in town.seats if seat.name == "Lena Lag"))
    await town.chief.command("stod")
    assert "Lena Lag (nås inte här)" in town.chief.last.text
    for act in ("support_list", "support_add", "support_out"):
        told = await town.told(town.contact, _forged(town, act))
        assert "Omar Lind" not in told


async def _forged(town: House, act: str) -> None:
    await town.contact.command("meny")
    await town.forge(town.contact, f"a.{act}.0")


# Criticism or a pile-on


async def test_a_few_presses_end_in_the_list_that_fits(town: House) -> None:
    ways = {
        ("Ja, i telefon",): "Hotfullt telefonsamtal",
        ("Ja, i skrift",): "Hot i mejl, sms eller brev",
        ("Nej", "Något som är fel"): "Rykten, desinformation",
        ("Nej", "En fråga, ett beslut", "Många på en gång"): "Svara på ett hårt meddelande",
        ("Nej", "Mig som person", "En person"): "Svara på ett hårt meddelande",
        ("Nej", "Mig som person", "En, gång på gång"): "Någon kontaktar om och om igen",
        ("Nej", "Mig som person", "Många på en gång"): "Hat och drev i sociala medier",
    }
    for way, title in ways.items():
        await town.official.command("checklista")
        await town.official.press("Kritik eller drev?")
        for label in way:
            await town.official.press(label)
        assert title in town.official.last.text, way
        assert ("Händer nu" in town.official.last.labels) == way[0].startswith("Ja")
