"""The scene of a council meeting with a raised risk: from the first sorting of its cases to the look back."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

from bot.playground.seat import Seat
from bot.playground.stage import Stage

CHIEF, OFFICER, CONTACT, OTHER, CHAIR = "Siv Almgren", "Bo Ekdal", "Alva Bergfors", "Nils Tallmo", "Gun Sandell"
PARTY, OTHER_PARTY = "Bokpartiet", "Almpartiet"
MEETING, CASE = "Fullmäktige 7/12", "Ny skola i Norrby"
DAY = datetime(2026, 12, 7, 16, 50, tzinfo=UTC)


async def council(stage: Stage, here: str, there: str) -> None:
    """Cases are sorted and one is assessed, what follows is promised, the meeting is led, and looked back on."""
    chief = await stage.member(CHIEF, there, "chief")
    officer = await stage.member(OFFICER, there, "officer")
    alva = await stage.member(CONTACT, here, "contact", PARTY)
    nils = await stage.member(OTHER, here, "contact", OTHER_PARTY)
    chair = await stage.member(CHAIR, here, "helper:chair")
    await _called(stage, officer)
    await _sorted(stage, officer)
    await _assessed(stage, officer, chief)
    await _before(stage, officer, chief, alva, chair)
    await _evening(stage, officer, chief, alva, nils, chair)
    await _after(stage, officer, chief)


async def _called(stage: Stage, officer: Seat) -> None:
    stage.tell("Bo lägger in fullmäktige med tre ärenden")
    await officer.command("kalender")
    await officer.press("Skapa möte")
    await officer.press("Fullmäktige")
    await officer.write("Fullmäktige")
    await officer.write("7 december 18")
    await officer.write("Stadshuset, Lönnsalen")
    await officer.press("Förtroendevalda med")
    await officer.press("Visa")
    await officer.press("Skriv ärenden")
    await officer.write(f"{CASE}\nVattentaxan\nVindkraft på Kullen")


async def _sorted(stage: Stage, officer: Seat) -> None:
    stage.tell("Steg 1: Bo sorterar alla ärenden på ett meddelande, ett tryck för varje")
    await officer.command("risk")
    await officer.press(MEETING)
    for label in ("A Hög", "B Låg", "C Måttlig", "Visa läget"):
        await officer.press(label)


async def _assessed(stage: Stage, officer: Seat, chief: Seat) -> None:
    stage.tell("Steg 2: åtta påståenden om skolan; Bo blir avbruten, sparar och fortsätter")
    await officer.press(CASE)
    await officer.press("Gör steg 2")
    for label in ("Måttlig", "Hög", "Spara, fortsätt sen", "Gör steg 2", "Hög", *["Måttlig"] * 4, "Vet inte"):
        await officer.press(label)
    for label in ("Säkerhetschefen", "Kommunikatör", "Inga fler", "Ja, räkna ihop"):
        await officer.press(label)
    assert officer.has(f"Hög risk · {CASE}")
    stage.tell("Steg 3: konflikt och komplexitet ger en av nio rutor, med råd")
    await officer.press("Gör steg 3")
    for label in (*["Stämmer delvis"] * 9, *["Stämmer inte"] * 3, "Ja, räkna ihop"):
        await officer.press(label)
    assert officer.has("Steg 3: ruta ")
    stage.tell("En åtgärd blir ett löfte, som går till den som ska göra den")
    await officer.press("Lägg till åtgärd")
    await officer.press("Ta kontakt med polisen om mötet")
    await officer.press(CHIEF)
    await officer.write("fredag 12")
    await officer.press("Ja, lova det")
    await chief.press("Klart", "Gör det här senast")
    stage.tell("Frågan bevakas också efter mötet. En person är ensam ansiktet utåt")
    await officer.press("Bevaka frågan", f"Hög risk · {CASE}")
    await officer.press("En person")
    await officer.press(OFFICER)
    await officer.write("14 december 8")
    await officer.press("Ja, bevaka")


async def _before(stage: Stage, officer: Seat, chief: Seat, alva: Seat, chair: Seat) -> None:
    stage.tell("Planen gör mer när risken är höjd: kontakterna får ärendets namn, enheten nivån")
    await stage.live_to(datetime(2026, 12, 6, 12, tzinfo=UTC))
    assert alva.has(f"Var beredd på: {CASE}"), "the contact is not told why"
    assert chief.has(f"{CASE} (hög)"), "the unit is not told the level"
    stage.tell("Alva beställer stöd till mötet, och får svar av den som ordnar det")
    await alva.command("kalender")
    await alva.press(MEETING)
    await alva.press("Beställ stöd")
    await alva.press("Sällskap dit och hem")
    await alva.write("Flera i partiet har fått höra hårda ord i veckan")
    await alva.press("Ja, beställ")
    await chief.press("Ordnat", "Stöd till ett möte")
    assert alva.has("Ordnat: sällskap till och från mötet"), "who asked is not told"
    stage.tell("Ordföranden har talat med polisen, och beslutar att ingen säkerhetskontroll behövs")
    await chair.command("kalender")
    await chair.press(MEETING)
    await chair.press("Säkerhetskontroll")
    for label in ("Ja", "Nyss", "Någons hälsa", "Inget mer", "Ingen kontroll"):
        await chair.press(label)
    await chair.press(chair.last.labels[0])
    await chair.press(chair.last.labels[0])


async def _evening(stage: Stage, officer: Seat, chief: Seat, alva: Seat, nils: Seat, chair: Seat) -> None:
    stage.tell("Mötesdagen: lokalen gås igenom med en lista som signeras. Vem och när, aldrig hur")
    await stage.live_to(DAY)
    await officer.command("kalender")
    await officer.press(MEETING)
    await officer.press("Mötesdagen")
    await officer.press("Mötet har börjat")
    assert nils.has("Mötet har börjat")
    await nils.press("Jag är inte där", "Mötet har börjat")
    stage.tell("Ordföranden ser att det blir oroligt. De som är där får veta det, och stegen kommer till ordföranden")
    await chair.command("kalender")
    await chair.press(MEETING)
    await chair.press("Mötesdagen")
    await chair.press("Mötet störs")
    assert alva.has("Mötet störs. Sitt kvar")
    assert not nils.has("Mötet störs. Sitt kvar")
    stage.tell("Det blir värre: alla ska ut. Bo ser på tavlan vem som inte är ute")
    await officer.command("kalender")
    await officer.press(MEETING)
    await officer.press("Mötesdagen")
    await officer.press("Utrym")
    await officer.press(next(label for label in officer.last.labels if label.startswith("Ja, utrym")))
    await alva.press("Jag är ute", "Utrymning: gå ut nu")
    await stage.advance(seconds=3)
    assert CHAIR in chief.find("Inte ute än:").text
    await chair.press("Jag är ute", "Utrymning: gå ut nu")
    await stage.advance(seconds=3)
    stage.tell("Alla är ute. Faran är över, och mötet avslutas")
    await officer.press("Faran över")
    await officer.press("Hoppa över")
    await officer.press(next(label for label in officer.last.labels if label.startswith("Skicka till")))
    await officer.command("kalender")
    await officer.press(MEETING)
    await officer.press("Mötesdagen")
    await officer.press("Mötet är slut")


async def _after(stage: Stage, officer: Seat, chief: Seat) -> None:
    stage.tell("Dagen efter: tre frågor i chefens post, och det som ska ändras får en ägare")
    await stage.live_to(datetime(2026, 12, 8, 7, 30, tzinfo=UTC))
    await chief.press("Svara på frågorna")
    for words in ("Alla var ute på fyra minuter", "Det var trångt i foajén", "Öppna sidodörren före mötet"):
        await chief.write(words)
    if "Lägg till åtgärd" not in chief.last.labels:
        await chief.press(chief.last.labels[0])
    await chief.press("Lägg till åtgärd")
    await chief.write("Se till att sidodörren är öppen")
    await chief.press(OFFICER)
    await chief.write("18 december 12")
    await chief.press("Ja, lova det")
    assert officer.has("Gör det här senast"), "the owner is not told"
    stage.tell("Läget: en bild och fem rader")
    await chief.command("lage")


SCENES: dict[str, Callable[[Stage, str, str], Awaitable[None]]] = {"20-council": council}
