"""The scenes of advice: an official with a threat on the phone, and a room that two people go through together."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from bot.playground.seat import Seat, SlackSeat, TelegramSeat
from bot.playground.stage import Stage

CHIEF, OFFICER, OFFICIAL, LAWYER, STRANGER = "Siv Almgren", "Bo Ekdal", "Ove Granlid", "Eva Lagerkvist", "Okänd Person"
PARTY = "Tallpartiet"
VOICE = b"OggS" + bytes(60)


async def advice(stage: Stage, here: str, there: str) -> None:
    """Words find the list; it is ticked off, the voice is kept with a flag, and a lawyer is called in."""
    chief = await stage.member(CHIEF, there, "chief")
    lawyer = await stage.member(LAWYER, there, "helper")
    ove = await stage.member(OFFICIAL, here, "official", PARTY)
    stage.tell("Chefen lägger till kommunjuristen bland dem som kan kallas in")
    await chief.command("stod")
    for label in ("Lägg till", "Jurist", LAWYER):
        await chief.press(label)
    stage.tell("Någon hotar Ove i telefon. Han skriver några ord till boten medan samtalet pågår")
    await ove.write("nån ringer o hotar")
    await ove.press("Hotfullt samtal")
    assert ove.last.text.startswith("Fara för liv eller hälsa: 112. Annars polisen: 114 14.")
    await ove.press("Efteråt")
    stage.tell("Samtalet är slut. Han bockar av det han gjort, och listan följer med")
    await ove.press("Bocka av")
    await ove.press("Klart 1")
    await ove.press("Klart 2")
    stage.tell("Han berättar med rösten vad som sades, och flaggar")
    await ove.press("Prata in vad som sas")
    await ove.attach("rost.ogg", VOICE, "audio/ogg")
    await ove.press("Har hänt")
    await ove.press("Nej")
    await ove.press("Hot")
    await ove.write("En man sa att han vet var jag bor")
    for _ in range(3):
        await ove.press("Hoppa över")
    await ove.press("Bara enheten")
    await ove.press("Skicka till enheten")
    assert chief.has("Ärende 1"), "the flag did not reach the unit"
    stage.tell("Från listan om polisanmälan kallar han in juristen, som tar det med ett tryck")
    await ove.command("checklista", "polisanmälan")
    await ove.press("Kalla in stöd")
    await ove.press("Jurist")
    await ove.press("Nej")
    await ove.write("Kan jag få åtkomstskydd för anmälan?")
    await ove.write("070-174 06 05")
    await ove.press("Kalla in")
    await lawyer.press("Visa")
    await lawyer.press("Jag tar det")
    assert ove.has(f"{LAWYER} tar det (jurist)"), "the asker does not know who has it"
    await _guided(stage, ove)
    await _elsewhere(stage, ove)


async def _guided(stage: Stage, ove: Seat) -> None:
    stage.tell("På kvällen undrar han om kommentarerna är kritik eller drev; tre tryck leder till rätt lista")
    await ove.command("checklista")
    for label in ("Kritik eller drev?", "Nej", "Mig som person", "Många på en gång"):
        await ove.press(label)
    assert ove.has("Hat och drev i sociala medier · Nu")


async def _elsewhere(stage: Stage, ove: Seat) -> None:
    stage.tell("I partigruppen, där boten inte är med, letar han upp ett kort och visar det för alla")
    group = stage.place("Tallpartiet", ove.platform, [ove])
    if isinstance(ove, TelegramSeat):
        found = await ove.look("får jag säga nej", group)
        await ove.choose(found, "Får jag säga nej?")
    elif isinstance(ove, SlackSeat):
        await ove.command_in(group, "checklista", "får jag säga nej")
        await ove.press_in(group, "Visa för alla här")
    assert any("Du måste inte svara på kvällar" in text for text in group.everything)


async def sweep(stage: Stage, here: str, there: str) -> None:
    """The chief and an officer go through the hall on two platforms, and it is signed and handed out as a file."""
    chief = await stage.member(CHIEF, there, "chief")
    officer = await stage.member(OFFICER, here, "officer")
    ove = await stage.member(OFFICIAL, here, "official", PARTY)
    stage.tell("Tre timmar före fullmäktige börjar chefen lokalgenomgången och ber Bo vara med")
    await chief.command("checklista", "lokalgenomgång")
    await chief.press("Gör tillsammans")
    await chief.write("Fullmäktige 23 november")
    await chief.press(OFFICER)
    await officer.press("Gå med")
    stage.tell("De går åt var sitt håll och bockar av; båda ser vem som gjort vad")
    await chief.press("Klart 1")
    await chief.press("Klart 2")
    await officer.press("Vägar 0 av 4")
    await officer.press("Klart 1")
    await stage.advance(minutes=12)
    await officer.press("Klart 2")
    await officer.press("Anteckna")
    await officer.press("Steg 2")
    await officer.write("Dörren mot gården gick trögt. Vaktmästaren är på väg.")
    assert "4 av 14 klara" in chief.find("Fullmäktige 23 november", "Signera").text
    stage.tell("En förtroendevald hittar inte listan, vad han än skriver")
    await ove.command("checklista", "lokalgenomgång")
    assert "Lokalgenomgång" not in ove.last.text
    await _rest(officer, chief)
    stage.tell("Allt är gjort. Chefen signerar och hämtar listan till diariet")
    await chief.press("Signera")
    await chief.press("Signera", "ändras den inte mer")
    assert officer.has(f"Signerad av {CHIEF}")
    await chief.press("Hämta som fil")
    assert "Dörren mot gården gick trögt" in chief.files[-1][2].decode()


async def _rest(officer: Seat, chief: Seat) -> None:
    await officer.press("Klart 3")
    await officer.press("Klart 4")
    await chief.press("Klart 3")
    await chief.press("Salen 0 av 5")
    for number in range(1, 6):
        await chief.press(f"Klart {number}")
    await officer.press("Till sist 0 av 2")
    await officer.press("Klart 1")
    await officer.press("Klart 2")


SCENES: dict[str, Callable[[Stage, str, str], Awaitable[None]]] = {"17-advice": advice, "18-sweep": sweep}
