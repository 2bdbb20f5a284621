"""A calendar file in the chat: shown, put in on a yes; the same again doubles nothing, a bad one changes nothing."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from storage.tables import Briefing, Evidence, EvidenceChunk, Meeting
from tests.contract.conftest import House
from tests.contract.test_briefings import EXITS, at
from tests.contract.test_meetings import open_card

ZONE = ZoneInfo("Europe/Stockholm")
MEDIA = "text/calendar"


def event(uid: str, title: str, start: str, *lines: str) -> str:
    """One event, on Swedish clocks."""
    said = (f"UID:{uid}", f"SUMMARY:{title}", f"DTSTART;TZID=Europe/Stockholm:{start}", *lines)
    return "\r\n".join(["BEGIN:VEVENT", *said, "END:VEVENT"])


def file(*events: str) -> bytes:
    """A calendar file."""
    whole = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//kommunen//sv", *events, "END:VCALENDAR", ""]
    return "\r\n".join(whole).encode()


COUNCIL = event("kf", "Kommunfullmäktige", "20261130T180000", "LOCATION:Stadshuset",
                "DESCRIPTION:Välkomna\\n1. Ny skola i Norrby\\n2. Taxor")  # fmt: skip
SERIES = event("ks", "Kommunstyrelsen", "20261201T130000", "RRULE:FREQ=WEEKLY;COUNT=3")


async def imported(town: House) -> list[Meeting]:
    """What came from files."""
    return [row for row in await town.all(Meeting) if row.series is not None]


async def send(town: House, content: bytes, name: str = "moten.ics") -> None:
    """The officer sends it."""
    await town.officer.attach(name, content, MEDIA)


async def test_a_file_is_shown_first_and_put_in_on_a_yes_with_kinds_cases_and_steps(town: House) -> None:
    await send(town, file(COUNCIL, SERIES))
    said = town.officer.find("Filen är läst")
    assert "Nya: 4. Ändrade: 0. Inställda: 0." in said.text
    assert "Måndag 30 november kl. 18.00: Kommunfullmäktige, Stadshuset" in said.text
    assert await imported(town) == []
    await town.officer.press("Lägg in")
    rows = await imported(town)
    assert [(row.title, row.kind) for row in rows] == [
        ("Kommunfullmäktige", "council"),
        *[("Kommunstyrelsen", "committee")] * 3,
    ]
    assert [row.starts_at.astimezone(ZONE).hour for row in rows] == [18, 13, 13, 13]
    await open_card(town.official, "Kommunfullmäk… 30/11")
    assert "1. Ny skola i Norrby" in town.official.last.text
    assert {row.step for row in await town.all(Briefing) if row.meeting_id == rows[0].id} >= {"exits", "sweep"}
    assert not town.contact.messages
    assert await town.all(EvidenceChunk) == [], "the file has done its work"


async def test_the_same_file_again_changes_nothing_and_another_one_changes_what_is_other(town: House) -> None:
    await send(town, file(COUNCIL, SERIES))
    await town.officer.press("Lägg in")
    await send(town, file(COUNCIL, SERIES))
    assert "Kalendern säger redan det" in town.officer.last.text
    assert len(await imported(town)) == 4
    later = COUNCIL.replace("20261130T180000", "20261207T180000")
    off = ("RECURRENCE-ID;TZID=Europe/Stockholm:20261208T130000", "STATUS:CANCELLED")
    fewer = "\r\n".join([SERIES, event("ks", "Kommunstyrelsen", "20261208T130000", *off)])
    await send(town, file(later, fewer))
    assert "Nya: 0. Ändrade: 1. Inställda: 1." in town.officer.last.text
    await town.officer.press("Lägg in")
    rows = await imported(town)
    assert len(rows) == 4
    assert rows[0].starts_at.astimezone(ZONE) == datetime(2026, 12, 7, 18, tzinfo=ZONE)
    assert [row.cancelled_at is None for row in rows] == [True, True, False, True]


async def test_an_occurrence_that_its_series_no_longer_has_is_cancelled(town: House) -> None:
    await send(town, file(SERIES))
    await town.officer.press("Lägg in")
    await send(town, file(SERIES.replace("COUNT=3", "COUNT=2")))
    assert "Ställs in: Kommunstyrelsen, tisdag 15 december kl. 13.00" in town.officer.last.text
    await town.officer.press("Lägg in")
    assert [row.cancelled_at is None for row in await imported(town)] == [True, True, False]


async def test_who_was_briefed_hears_of_what_a_file_has_moved(town: House) -> None:
    await send(town, file(COUNCIL))
    await town.officer.press("Lägg in")
    await at(town, 11, 30, 16)
    assert town.contact.has(EXITS)
    await send(town, file(COUNCIL.replace("20261130T180000", "20261130T190000")))
    await town.officer.press("Lägg in")
    assert "Nu gäller: Kommunfullmäktige, i dag kl. 19.00, Stadshuset" in town.contact.find("Ny tid").text


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"hej hopp", "ingen kalenderfil"),
        (file(), "inga möten i filen"),
        (file(event("a", "Råd", "20251130T180000")), "har redan varit"),
        (file(event("a", "Råd", "20261130T180000", "RRULE:FREQ=WEEKLY")), "Råd upprepas utan slut"),
        (file(event("a", "Råd", "20261130T180000").replace("Europe/Stockholm", "Mars/Olympus")), "Mars/Olympus"),
        (file(event("a", "Råd", "20261130T180000", "DESCRIPTION:" + "x" * 600_000)), "Filen är för stor"),
    ],
)
async def test_a_file_that_cannot_be_used_gets_a_clear_answer_and_changes_nothing(
    town: House, content: bytes, said: str
) -> None:
    before = len(await town.all(Meeting))
    await send(town, content)
    assert said in town.officer.last.text
    assert "Inget är inlagt" in town.officer.last.text
    assert len(await town.all(Meeting)) == before
    assert await town.all(Evidence) == []


async def test_a_file_is_thrown_away_when_nobody_wants_it(town: House) -> None:
    await send(town, file(COUNCIL))
    await town.officer.press("Kasta filen")
    assert "Filen är kastad" in town.officer.find("kastad").text
    assert await imported(town) == []
    assert await town.all(EvidenceChunk) == []


async def test_only_the_unit_can_put_a_file_in_and_only_who_sent_it(town: House) -> None:
    await town.contact.attach("moten.ics", file(COUNCIL), MEDIA)
    assert not town.contact.has("Filen är läst")
    await send(town, file(COUNCIL))
    number = next(row.id for row in await town.all(Evidence) if row.conversation_id and row.state == "kept")
    await town.chief.command("kalender")
    for who in (town.chief, town.contact):
        await town.told(who, town.forge(who, f"a.calendar_take.{number}"))
    assert await imported(town) == []


async def test_a_restart_between_the_file_and_the_yes_loses_nothing(town: House) -> None:
    await send(town, file(COUNCIL))
    await town.restart()
    await town.officer.press("Lägg in")
    assert len(await imported(town)) == 1
    await town.told(town.officer, town.forge(town.officer, "a.calendar_take.1"))
    assert len(await imported(town)) == 1


async def test_what_was_changed_in_chat_stays_until_the_file_says_something_else(town: House) -> None:
    await send(town, file(COUNCIL))
    await town.officer.press("Lägg in")
    await open_card(town.chief, "Kommunfullmäk… 30/11")
    await town.chief.press("Flytta")
    await town.chief.write("1 december 18")
    await send(town, file(COUNCIL))
    assert "Kalendern säger redan det" in town.officer.last.text
    await send(town, file(COUNCIL.replace("20261130T180000", "20261202T180000")))
    await town.officer.press("Lägg in")
    assert (await imported(town))[0].starts_at.astimezone(ZONE).day == 2


async def test_a_file_with_one_changed_occurrence_leaves_the_others_alone(town: House) -> None:
    await send(town, file(SERIES))
    await town.officer.press("Lägg in")
    moved = event("ks", "Kommunstyrelsen", "20261209T150000", "RECURRENCE-ID;TZID=Europe/Stockholm:20261208T130000")
    await send(town, file(moved))
    assert "Nya: 0. Ändrade: 1. Inställda: 0." in town.officer.last.text


async def test_a_meeting_that_a_file_puts_off_after_its_time_and_one_that_takes_place_after_all(town: House) -> None:
    await send(town, file(COUNCIL))
    await town.officer.press("Lägg in")
    await at(town, 11, 30, 16)
    await send(town, file(COUNCIL.replace("END:VEVENT", "STATUS:CANCELLED\r\nEND:VEVENT")))
    await town.officer.press("Lägg in")
    assert town.contact.has("Ett möte är inställt")
    await send(town, file(COUNCIL))
    await town.officer.press("Lägg in")
    assert town.contact.has("Ett möte blir av ändå")
    await at(town, 12, 1, 9)
    await send(town, file(COUNCIL.replace("20261130T180000", "20261214T180000")))
    await town.officer.press("Lägg in")
    assert len(await imported(town)) == 1
    assert "måndag 14 december kl. 18.00" in town.contact.find("Ny tid för ett möte").text


async def test_two_files_at_once_are_two_questions(town: House) -> None:
    await send(town, file(COUNCIL), "ett.ics")
    await send(town, file(SERIES), "tva.ics")
    await town.officer.press("Kasta filen", "Kommunfullmäktige")
    await town.officer.press("Lägg in", "Kommunstyrelsen")
    assert len(await imported(town)) == 3
