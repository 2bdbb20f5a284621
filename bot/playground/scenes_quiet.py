"""Part of the story: quiet hours, and what comes when they end."""

from __future__ import annotations

from datetime import UTC, datetime

from bot.playground.seat import Seat
from bot.playground.stage import Stage

CHIEF, OFFICER, CONTACT, PARTY = "Siv Almgren", "Bo Ekdal", "Alva Bergfors", "Bokpartiet"


async def quiet(stage: Stage, here: str, there: str) -> None:
    """Bo sleeps between 22 and 7: what can wait is there in the morning, what is happening now wakes him."""
    chief = await stage.member(CHIEF, there, "chief")
    officer = await stage.member(OFFICER, there, "officer")
    alva = await stage.member(CONTACT, here, "contact", PARTY)
    await officer.command("tyst")
    await officer.press("Var tyst 22–07")
    stage.tell("Måndag kväll, 22.30")
    await stage.move_to(datetime(2026, 11, 23, 21, 30, tzinfo=UTC))
    await _rumour(alva, "Någon ska ha ritat av våra fönster")
    await _rumour(alva, "En okänd bil har stått utanför två kvällar")
    assert chief.has("Ärende 2 · Rykte")
    assert not officer.has("Ärende"), "what can wait did not"
    stage.tell("Klockan 2.10 händer något nu, och det väcker Bo")
    await stage.move_to(datetime(2026, 11, 24, 1, 10, tzinfo=UTC))
    await alva.command("flagga")
    await alva.press("Händer nu")
    assert officer.has("Ärende 3 · Händer nu")
    await officer.press("Jag tar den")
    await officer.press("Visa", "Ärende 3")
    await officer.press("Avsluta")
    await officer.write("Polisen är där. Vi ringer dig i morgon.")
    await officer.press("Ja, avsluta")
    stage.tell("Klockan 7: det som väntade kommer samlat")
    await stage.move_to(datetime(2026, 11, 24, 6, 0, tzinfo=UTC))
    assert officer.has("Medan det var tyst: 2 meddelanden")
    await officer.press("Visa 2")
    await officer.press("Jag tar den", "Ärende 2")
    assert chief.has("Bo Ekdal")


async def _rumour(who: Seat, what: str) -> None:
    await who.command("flagga")
    await who.press("Rykte")
    await who.press("Vet inte")
    await who.write(what)
    for _ in range(3):
        await who.press("Hoppa över")
    await who.press("Skicka till enheten", "Stämmer det här?")


SCENES = {"15-quiet": quiet}
