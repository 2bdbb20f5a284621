"""The scene of the duty list: whose turn it is, who swaps, who is away, and who takes over now."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

from bot.playground.seat import Seat
from bot.playground.stage import Stage

CHIEF, OFFICER, SECOND, THIRD, CONTACT = "Siv Almgren", "Bo Ekdal", "Hanna Frisk", "Tage Lund", "Alva Bergfors"


async def duty(stage: Stage, here: str, there: str) -> None:
    """The chief makes a list; a shift is swapped, somebody is away, and the duty is handed over now."""
    chief = await stage.member(CHIEF, there, "chief")
    bo, hanna = [await stage.member(name, there, "officer") for name in (OFFICER, SECOND)]
    tage = await stage.member(THIRD, here, "officer")
    alva = await stage.member(CONTACT, here, "contact", "Bokpartiet")
    stage.tell("Chefen gör en turordning: en vecka var, från i dag")
    await chief.command("jour")
    for label in ("Ny turordning", OFFICER, SECOND, THIRD, "Klart", "1 vecka", "I dag kl. 8.00", "Börja så här"):
        await chief.press(label)
    await bo.command("jour")
    await _swapped(stage, bo, hanna, tage)
    stage.tell("Hanna blir borta två dagar; den som står näst i tur täcker tills någon tar passet")
    await hanna.command("jour")
    await hanna.press("Jag är borta")
    await hanna.write("22 december 8")
    await hanna.write("24 december 8")
    await hanna.press("Ja, skriv in det")
    await alva.command("flagga")
    await alva.press("Händer nu")
    await bo.press("Jag tar den")
    stage.tell("Bo lämnar över jouren mitt i ett öppet ärende; den flyttas när Tage trycker")
    await bo.command("jour")
    await bo.press("Lämna över nu")
    await bo.press(THIRD)
    assert not bo.has("Din jour är slut"), "the duty moved before the press"
    await stage.advance(minutes=4)
    await tage.press("Jag tar över")
    assert bo.has("Tage Lund har jouren nu")
    await tage.command("arende", "1")
    await tage.press("Avsluta")
    await tage.write("Alla är ute ur lokalen och mår bra.")
    await tage.press("Ja, avsluta")
    stage.tell("Dagen före bytet blir den som ska ha jour påmind, och klockan 8 får båda veta det")
    await stage.move_to(datetime(2026, 11, 29, 14, tzinfo=UTC))
    await stage.move_to(datetime(2026, 11, 30, 7, tzinfo=UTC))
    assert tage.has("Din jour är slut")


async def _swapped(stage: Stage, bo: Seat, hanna: Seat, tage: Seat) -> None:
    stage.tell("Hanna kan inte nästa vecka och frågar alla; den som trycker först har passet")
    await hanna.command("jour")
    await hanna.press("Byt pass")
    await hanna.press("mån 30 nov–mån 7 dec")
    await hanna.press("Alla")
    await bo.press("Jag tar passet")
    await tage.press("Jag tar passet")
    assert tage.has("Bo Ekdal har redan tagit passet")


SCENES: dict[str, Callable[[Stage, str, str], Awaitable[None]]] = {"12-duty": duty}
