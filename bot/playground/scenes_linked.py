"""Nine flags, one event: three who know nothing of each other, one officer, and each gets an own answer."""

from __future__ import annotations

from bot.playground.seat import Seat
from bot.playground.stage import Stage

FLAGGED = (("Alva Bergfors", "Bokpartiet"), ("Nils Tallmo", "Almpartiet"), ("Tove Hassel", "Ekpartiet"))
HIDDEN = ("ihop", "rapportör", "isär", "Svaret går till")  # what only the unit may read


async def one_event(stage: Stage, here: str, there: str) -> None:
    """Linked, taken at one press, written to at once, answered alone, closed as one, and for one not over yet."""
    chief, officer = await stage.member("Siv Almgren", there, "chief"), await stage.member("Bo Ekdal", there, "officer")
    alva, nils, tove = [await stage.member(name, here, "contact", party) for name, party in FLAGGED]
    stage.tell("Tre partier flaggar inom några minuter. De vet inget om varandra")
    for who, place in ((alva, "Torget, vid fontänen"), (nils, "Torget"), (tove, "Stora torget, mot kyrkan")):
        await who.command("flagga")
        await who.press("Händer nu")
        await who.write(place)
        await who.press("Ja, jag har ringt")
        await who.press("Hoppa över")
    stage.tell("Bo ser att det är samma händelse")
    await _link(officer, "2")
    await _link(officer, "3")
    stage.tell("Siv tar ett av dem, och har därmed alla tre")
    await chief.command("arende", "2")
    await chief.press("Jag tar den")
    await chief.press("Inom 15 minuter")
    assert tove.has("Siv Almgren hör av sig senast kl. 10.15 om ärende 3."), "the promise did not count for all"
    stage.tell("Ett besked till alla tre")
    await chief.command("arende", "1")
    await chief.press("Skriv till alla")
    await chief.write("Polisen är på torget. Gå in och stanna inne.")
    await chief.press("Skicka till 3 rapportörer")
    await nils.press("Visa", "har svarat i ärende 2")
    stage.tell("Nils frågar, och bara Nils får svaret")
    await nils.write("Kan vi gå ut på baksidan?")
    await chief.press("Visa", "Nytt i ärende 2")
    await chief.press("Svara")
    await chief.write("Ja, men inte mot torget.")
    for who in (alva, tove):
        assert not who.has("inte mot torget"), f"an answer to Nils went to {who}"
    stage.tell("Det är över, och alla tre avslutas med samma besked")
    await chief.command("arende", "1")
    await chief.press("Avsluta")
    await chief.write("Polisen har gripit två personer. Det är lugnt på torget.")
    await chief.press("Ja, alla 3")
    await chief.press("Ja, avsluta alla")
    stage.tell("För Tove är det inte klart än")
    await tove.press("Inte klart än")
    assert officer.has("Ärende 3 är inte klart")
    await officer.press("Visa", "Ärende 3 är inte klart")
    for who in (alva, nils, tove):
        assert not [word for word in HIDDEN if who.has(word)], f"{who} read what only the unit may"


async def _link(officer: Seat, number: str) -> None:
    await officer.command("arende", number)
    await officer.press("Hör ihop med")
    await officer.press(next(label for label in officer.last.labels if label.startswith("Ärende 1 ·")))
    await officer.press("Ja, hör ihop")


SCENES = {"13-one-event": one_event}
