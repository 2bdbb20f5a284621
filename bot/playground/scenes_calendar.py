"""The scene of the calendar: a council meeting from the file to the look back, and a party's square meeting."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

from bot.playground.seat import Seat
from bot.playground.stage import Stage

CHIEF, OFFICER, CONTACT, OTHER = "Siv Almgren", "Bo Ekdal", "Alva Bergfors", "Nils Tallmo"
PARTY, OTHER_PARTY = "Bokpartiet", "Almpartiet"
EXITS = "Före mötet: se var utgångarna är"
LINES = (
    "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Lönnköping//Diariet//SV",
    "BEGIN:VEVENT", "UID:kf-2026-12@lonnkoping.example", "SUMMARY:Kommunfullmäktige",
    "DTSTART;TZID=Europe/Stockholm:20261207T180000", "DTEND;TZID=Europe/Stockholm:20261207T210000",
    "LOCATION:Stadshuset, Lönnsalen", "DESCRIPTION:1. Ny skola i Norrby\\n2. Vattentaxan", "END:VEVENT",
    "BEGIN:VEVENT", "UID:ks-2026@lonnkoping.example", "SUMMARY:Kommunstyrelsen",
    "DTSTART;TZID=Europe/Stockholm:20261202T130000", "RRULE:FREQ=WEEKLY;COUNT=2", "END:VEVENT",
    "END:VCALENDAR", "",
)  # fmt: skip
FILE = "\r\n".join(LINES).encode()


async def calendar(stage: Stage, here: str, there: str) -> None:
    """The unit takes in the year's meetings; before the council each gets what is theirs, and a worry is a flag."""
    chief = await stage.member(CHIEF, there, "chief")
    officer = await stage.member(OFFICER, there, "officer")
    alva = await stage.member(CONTACT, here, "contact", PARTY)
    nils = await stage.member(OTHER, here, "contact", OTHER_PARTY)
    stage.tell("Bo skickar kommunens kalenderfil till boten, och ser efter innan den läggs in")
    await officer.attach("moten.ics", FILE, "text/calendar")
    await officer.press("Lägg in")
    await _event(stage, alva, officer)
    stage.tell("På morgonen: chefens enda post för dagen")
    await stage.live_to(datetime(2026, 11, 24, 7, tzinfo=UTC))
    await chief.press("Klart 1")
    stage.tell("Chefen ser vad som går ut, hur det kommer att se ut, och flyttar det en halvtimme")
    await _in_hand(chief)
    stage.tell("Fullmäktige möts. Säkerhetsansvariga får det de behöver, med listan ett tryck bort")
    await stage.live_to(datetime(2026, 12, 7, 16, 0, tzinfo=UTC))
    await alva.press("Läst", EXITS)
    stage.tell("Nils är orolig, och flaggar från förberedelsen; ärendet säger vilket möte det gäller")
    await nils.press("Något oroar mig", EXITS)
    await nils.press("Händer nu")
    await nils.write("Många arga vid entrén")
    assert officer.has("Ärende 1 · Händer nu")
    await officer.press("Jag tar den")
    await officer.command("arende", "1")
    assert officer.has("Gäller: Kommunfullmäktige"), "the card does not say which meeting"
    stage.tell("Mötet flyttas en timme. De som fick förberedelsen får veta det")
    await chief.command("kalender")
    await chief.press("Kommunfullmäkt… 7/12")
    await chief.press("Flytta")
    await chief.write("19.00")
    await chief.press("Ja, flytta (2)")
    assert alva.has("Ny tid för ett möte")
    stage.tell("Dagen efter: chefens post påminner om genomgången")
    await stage.live_to(datetime(2026, 12, 8, 7, tzinfo=UTC))
    assert chief.has("Efter mötet: vad gick bra, och vad ändrar vi?")


async def _event(stage: Stage, alva: Seat, officer: Seat) -> None:
    stage.tell("Alva lägger in partiets torgmöte, och frågar om säkerhetsenheten kan vara där")
    await alva.command("kalender")
    for label in ("Lägg in händelse", "Torgmöte"):
        await alva.press(label)
    await alva.write("lördag 12 december 11")
    await alva.write("Stortorget")
    await alva.press("Ja, fråga dem")
    await officer.command("kalender")
    await officer.press("Torgmöte 12/12")
    await officer.press("Vi är där")
    assert alva.has("Säkerhetsenheten är där"), "the party does not hear the answer"


async def _in_hand(chief: Seat) -> None:
    await chief.command("kalender")
    await chief.press("Kommunfullmäkt… 7/12")
    await chief.press("Förberedelser")
    if EXITS not in chief.last.text:
        await chief.press("Visa senare")
    number = next(line.split(".")[0] for line in chief.last.text.split("\n") if EXITS in line)
    await chief.press(f"Visa {number}")
    await chief.press("Så ser den ut")
    await chief.press("Flytta", EXITS)
    await chief.write("7 december 16.30")


SCENES: dict[str, Callable[[Stage, str, str], Awaitable[None]]] = {"19-calendar": calendar}
