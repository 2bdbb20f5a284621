"""How things stand: the unit has a picture and five lines, the contacts a quarter that tells of nobody."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import Session, col, select

from bot.messages import Message, Title
from bot.playground.seat import Seat
from bot.services import attention, coverage, figures, quarterly, rounds, sending
from bot.services.work import Work
from storage.tables import (
    Deadline,
    Entry,
    Incident,
    Meeting,
    Municipality,
    Outbox,
    Person,
    QuarterFigures,
    RiskCase,
    Watch,
)
from tests.contract.conftest import House
from tests.contract.test_briefings import council
from tests.contract.test_notices_only import Terse

ZONE = ZoneInfo("Europe/Stockholm")
PNG = b"\x89PNG"
WORDS, TABLE = "Läs vecka för vecka", "Hämta som tabell"


def at(*when: int) -> datetime:
    """A moment by the clocks of Sweden."""
    return datetime(*when, tzinfo=ZONE).astimezone(UTC)  # type: ignore[misc, arg-type]


async def flagged(town: House, when: datetime, count: int = 1, kind: str = "threat", *, status: str = "open",
                  lines: Sequence[tuple[str, int]] = (), imminence: str = "brewing") -> None:  # fmt: skip
    """So many incidents of the contact's, and what happened with each so many minutes later."""
    reporter = (await town.account(town.contact)).person_id

    def write(session: Session) -> None:
        for _ in range(count):
            row = Incident(imminence=imminence, category=kind, status=status, reporter_id=reporter, details={},
                           raised_at=when, sent_at=when, taken_by=1 if lines else None)  # fmt: skip
            session.add(row)
            session.flush()
            for name, after in lines:
                moment = when + timedelta(minutes=after)
                session.add(Entry(incident_id=row.id or 0, at=moment, kind=name, author_id=1, body={}))
                session.flush()

    await town.app.database.run(write)


async def meeting(town: House, title: str, when: datetime, level: str = "") -> None:
    """A council meeting, with a case of this level if any."""

    def write(session: Session) -> None:
        row = Meeting(title=title, kind="council", starts_at=when, audience={}, created_at=town.clock.at)
        session.add(row)
        session.flush()
        if level:
            session.add(RiskCase(meeting_id=row.id, title="Skolan", level=level, created_by=1,
                                 created_at=town.clock.at))  # fmt: skip

    await town.app.database.run(write)


async def begun(town: House, when: datetime) -> None:
    """Let the bot have been here since then."""

    def write(session: Session) -> None:
        row = session.exec(select(Municipality)).one()
        row.created_at = when
        session.add(row)

    await town.app.database.run(write)


def shown(who: Seat, act: str = "Läget") -> str:
    """The newest message that begins with this."""
    return next(seen.text for seen in reversed(who.messages) if seen.text.replace("*", "").startswith(act))


def got(who: Seat, words: str) -> int:
    """How many messages have these words."""
    return sum(words in seen.text for seen in who.messages)


# The unit


async def test_the_unit_sees_a_picture_and_five_lines(town: House) -> None:
    await flagged(town, at(2026, 11, 23, 8), 2, lines=(("taken", 10), ("promised", 10), ("answer", 30), ("police", 90)))
    await flagged(town, at(2026, 11, 2, 0), lines=(("taken", 50), ("promised", 50), ("promise_broken", 90)))
    await flagged(town, at(2026, 11, 1, 23, 59), 3, "hate", imminence="rumour")
    await flagged(town, at(2026, 11, 20, 8), 4, "violence", status="withdrawn", lines=(("withdrawn", 1),))
    await flagged(town, at(2026, 9, 27, 8), 5)
    await meeting(town, "Fullmäktige", at(2026, 11, 30, 18), "high")
    await meeting(town, "Kommunstyrelsen", at(2026, 12, 1, 9), "low")
    await town.officer.command("lage")
    (picture,) = town.officer.pictures
    assert picture.content.startswith(PNG)
    assert "Läget · 6 ärenden på åtta veckor" in picture.text
    if town.platform == "slack":
        assert "Hot: 3 (v. 45: 1, v. 48: 2)." in picture.alt
    last = town.officer.last
    assert last.text.replace("*", "").replace("\n\n", "\n").splitlines() == [
        "Läget · 6 ärenden på åtta veckor",
        "Hälften togs inom 10 minuter. 2 av 3 utlovade svar kom i tid.",
        "2 av 3 är polisanmälda. Rykten räknas inte.",
        "Möten på två veckor: 2. Hög risk: Fullmäktige 30 november.",
        "Inget bevakas.",
        "Alla partier går att nå (2).",
    ]
    assert last.labels == (WORDS, "Vad bevakas", "Kalender", TABLE)
    await town.officer.press(WORDS)
    words = town.officer.last.text
    assert "Hot: 3 (v. 45: 1, v. 48: 2)." in words and "Hat och kränkningar: 3 (v. 44: 3)." in words
    assert "Inga ärenden: " in words and "Våld, skadegörelse" in words


async def test_what_leads_further_leads_there(town: House) -> None:
    await town.chief.command("situation")
    await town.chief.press("Kalender")
    assert town.chief.last.text != ""
    await town.chief.press("Vad bevakas")
    assert "Vi bevakar ingen fråga" in town.chief.last.text


async def test_the_table_is_drawn_when_it_is_sent_and_is_as_a_swedish_spreadsheet_opens_it(town: House) -> None:
    await flagged(town, at(2026, 11, 23, 8), 3, lines=(("taken", 12),))
    await town.chief.command("läge")
    await flagged(town, at(2026, 11, 23, 9), 1, "hate")
    await town.chief.press(TABLE)
    name, media, content = town.chief.files[-1]
    assert (name, media) == ("laget-2026-11-23.csv", "text/csv")
    assert content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig")), delimiter=";"))
    assert rows[0] == ["Slag", *(f"2026 v. {week}" for week in range(41, 49)), "Totalt"]
    assert ["Hot", *"0000000", "3", "3"] in rows and ["Totalt", *"0000000", "4", "4"] in rows
    assert ["Tagna", "3"] in rows and ["Hälften togs inom (minuter)", "12"] in rows
    assert ["Partier", "2"] in rows and ["Partier som går att nå", "2"] in rows


async def test_with_nothing_to_say_it_says_so(town: House) -> None:
    await town.chief.command("lage")
    assert town.chief.last.text.replace("*", "").replace("\n\n", "\n").splitlines() == [
        "Läget · inget flaggat de senaste åtta veckorna",
        "Inga möten de närmaste två veckorna.",
        "Inget bevakas.",
        "Alla partier går att nå (2).",
    ]
    assert len(town.chief.pictures) == 1
    await flagged(town, at(2026, 11, 23, 8))
    await town.chief.command("lage")
    assert "1 ärende på åtta veckor" in town.chief.last.text
    assert "Inget är taget än. Inget utlovat svar har hunnit komma." in town.chief.last.text


async def test_a_kind_that_was_taken_out_of_the_file_is_counted_among_the_others(town: House) -> None:
    await flagged(town, at(2026, 11, 23, 8), 2, "of_before")
    await flagged(town, at(2026, 11, 23, 8), 1, "")
    await town.chief.command("lage")
    await town.chief.press(WORDS)
    assert "Övrigt: 2 (v. 48: 2)." in town.chief.last.text
    assert "Vet inte: 1 (v. 48: 1)." in town.chief.last.text


async def test_who_can_be_reached_is_what_the_coverage_table_says(town: House) -> None:
    await town.shut_out(town.neighbour)
    await town.app.database.run(lambda session: town.party(session, "Ängspartiet") and None)

    def both_ways(session: Session) -> tuple[tuple[int, int], list[bool]]:
        work = Work(session, town.clock.at, town.app.house)
        return figures.parties(work), [group.reached > 0 for group in coverage.table(work) if group.party]

    quick, slow = await town.look(both_ways)
    assert quick == (sum(slow), len(slow)) == (1, 3)
    await town.chief.command("lage")
    assert "1 av 3 partier går att nå." in town.chief.last.text


async def test_who_does_not_answer_counts_as_unreached_as_in_the_coverage_table(town: House) -> None:
    await town.live_to(at(2027, 1, 12, 10))  # asked in December, and nobody answered

    def both_ways(session: Session) -> tuple[tuple[int, int], list[bool]]:
        work = Work(session, town.clock.at, town.app.house)
        return figures.parties(work), [group.reached > 0 for group in coverage.table(work) if group.party]

    quick, slow = await town.look(both_ways)
    assert quick == (sum(slow), len(slow)) == (1, 2), "a deputy of one party was not asked"


# Others


async def test_a_contact_is_told_when_the_first_quarter_comes(town: House) -> None:
    await flagged(town, at(2026, 11, 23, 8), 9)
    for seat in (town.contact, town.deputy):
        await seat.command("lage")
        assert "Det finns inget kvartal att visa än." in seat.last.text
        assert "Det första kommer 4 januari 2027." in seat.last.text
        assert not seat.pictures and not seat.last.labels


async def test_for_others_it_is_not_and_they_are_told_kindly(town: House) -> None:
    helper = await town.linked("Hugo", "helper")
    for seat in (town.official, town.loner, helper):
        await seat.command("lage")
        assert "Läget visas för partiernas säkerhetsansvariga och deras ersättare." in seat.last.text
        assert not seat.pictures


async def test_a_stranger_learns_nothing(town: House) -> None:
    stranger = town.newcomer("Sten Okänd")
    await stranger.command("lage")
    assert "Du behöver en inbjudan" in stranger.last.text and "Läget" not in stranger.last.text


@pytest.mark.parametrize("token", ["a.situation_file.0", "a.situation_words.0", "a.quarter.0"])
async def test_what_only_the_unit_can_press_only_the_unit_can_press(town: House, token: str) -> None:
    await flagged(town, at(2026, 11, 23, 8), 9)
    await town.contact.command("meny")
    told = await town.told(town.contact, town.forge(town.contact, token))
    assert "ingår inte i ditt uppdrag" in told
    assert not town.contact.files


async def test_who_left_the_unit_gets_no_table_that_was_on_its_way(town: House) -> None:
    await flagged(town, at(2026, 11, 23, 8), 9)
    await town.officer.command("lage")
    row = next(row for row in await town.all(Outbox) if row.act == "file")
    account = await town.account(town.officer)
    await town.end_role(town.officer)

    def again(session: Session) -> None:
        work = Work(session, town.clock.at, town.app.house)
        sending.table_to_account(work, session.merge(account), Message((Title(("Läget som tabell.",)),)))

    await town.app.database.run(again)
    await town.advance(seconds=5)
    assert row.state == "delivered"
    assert not [name for name, *_ in town.officer.files if name.endswith(".csv")]
    assert [row.reason for row in await town.unsettled()] == ["the person may no longer open it"]


# Only notices on Telegram


@pytest.fixture
async def terse(tmp_path: Path) -> AsyncIterator[Terse]:
    """A town where nothing that somebody wrote passes Telegram."""
    async with Terse(tmp_path) as house:
        await house.everybody()
        yield house


async def test_where_only_notices_pass_the_lines_come_without_picture_table_or_names(terse: Terse) -> None:
    who = terse.officer
    await flagged(terse, at(2026, 11, 23, 8), 3)
    await meeting(terse, "Hemliga rådet", at(2026, 11, 30, 18), "high")
    await who.command("lage")
    assert "3 ärenden på åtta veckor" in who.last.text and "Hög risk" in who.last.text
    assert not who.pictures and "Hemliga" not in "".join(seen.text for seen in who.messages)
    assert TABLE not in who.last.labels
    await who.press(WORDS)
    assert "Hot: 3 (v. 48: 3)." in who.last.text
    told = await terse.told(who, terse.forge(who, "a.situation_file.0"))
    assert not who.files and told


# Monday


async def watched(town: House) -> None:
    """One issue that is to be looked at on 30 November."""
    when = at(2026, 11, 30, 8)
    row = Watch(title="Vägen", level="high", owner_id=1, created_by=1, created_at=town.clock.at, look_at=when)
    await town.app.database.run(lambda session: session.add(row))


async def test_on_monday_the_picture_follows_the_post_which_has_the_lines_once_a_week(town: House) -> None:
    await flagged(town, at(2026, 11, 23, 12), 3)
    await town.live_to(at(2026, 11, 27, 12))
    assert not got(town.chief, "Läget i veckan") and not town.chief.pictures, "the bot's first Monday had no post"
    await town.live_to(at(2026, 11, 30, 8, 1))
    post = town.chief.find("Ingen har tagit")
    assert "Läget i veckan · 3 ärenden på åtta veckor" in post.text and "går att nå" in post.text
    (picture,) = town.chief.pictures
    assert "Läget i veckan · 3 ärenden" in picture.text
    places = [n for n, seen in enumerate(town.chief.messages) if "Läget i veckan" in seen.text]
    assert places[-1] - places[0] == 1 or town.platform == "slack", "the picture comes right after the post"
    assert not town.officer.pictures and not town.contact.pictures
    await town.live_to(at(2026, 12, 4, 12))
    assert len(town.chief.pictures) == 1 and got(town.chief, "Läget i veckan") == 2
    await town.live_to(at(2026, 12, 7, 8, 1))
    assert len(town.chief.pictures) == 2


async def test_without_a_post_the_picture_has_the_lines_below_it(town: House) -> None:
    await flagged(town, at(2026, 11, 23, 12), 3, lines=(("taken", 5), ("answer", 20), ("close", 30)), status="closed")
    await town.live_to(at(2026, 11, 30, 8, 1))
    (picture,) = town.chief.pictures
    assert not town.chief.has("God morgon")
    assert "Läget i veckan · 3 ärenden på åtta veckor" in picture.text
    assert "Hälften togs inom 5 minuter." in picture.text


async def test_a_monday_without_news_is_silent(town: House) -> None:
    before = len(town.chief.messages)
    await town.live_to(at(2026, 11, 30, 12))
    assert len(town.chief.messages) == before and not town.chief.pictures


async def test_a_week_that_begins_with_a_holiday_has_it_on_the_first_working_day(town: House) -> None:
    """6 April 2026 is Easter Monday; here it is 2027, when Easter Monday is 29 March."""
    await town.live_to(at(2027, 3, 26, 12))
    await flagged(town, town.clock.at, 3)
    await town.live_to(at(2027, 3, 29, 12))
    assert not town.chief.pictures
    await town.live_to(at(2027, 3, 30, 8, 1))
    assert len(town.chief.pictures) == 1
    await town.live_to(at(2027, 4, 2, 12))
    assert len(town.chief.pictures) == 1


async def test_a_press_on_the_post_leaves_the_lines_where_they_are_and_sends_no_more_pictures(town: House) -> None:
    await flagged(town, at(2026, 11, 23, 12), 3)
    await council(town, "6 december 18")
    await watched(town)
    await town.live_to(at(2026, 11, 30, 8, 1))
    post = town.chief.find("Gå igenom ärendena till fullmäktige")
    assert "Bevakas: 1 (hög 1). Att se över i dag: 1." in post.text
    await town.chief.press("Klart 1", "Gå igenom ärendena")
    post = town.chief.find("Gjort: Gå igenom ärendena")
    assert "Bevakas: 1 (hög 1). Att se över i dag: 1." in post.text
    assert len(town.chief.pictures) == 1


async def test_a_monday_that_the_bot_missed_has_its_picture_the_next_day(town: House) -> None:
    await flagged(town, at(2026, 11, 23, 12), 3)
    await town.live_to(at(2026, 11, 29, 12))
    await town.move_to(at(2026, 11, 30, 17))
    assert not town.chief.pictures
    await town.live_to(at(2026, 12, 1, 8, 1))
    assert len(town.chief.pictures) == 1
    await town.live_to(at(2026, 12, 4, 12))
    assert len(town.chief.pictures) == 1


async def test_in_quiet_hours_it_waits_and_comes_without_the_picture(town: House) -> None:
    await flagged(town, at(2026, 11, 23, 12), 3, lines=(("taken", 5), ("close", 30)), status="closed")
    account = await town.account(town.chief)

    def sleep(session: Session) -> None:
        person = session.get_one(Person, account.person_id)
        person.quiet = "20:00-09:00"
        session.add(person)

    await town.app.database.run(sleep)
    await town.live_to(at(2026, 11, 30, 8, 59))
    assert not got(town.chief, "Läget i veckan")
    await town.live_to(at(2026, 11, 30, 9, 1))
    assert not town.chief.pictures


# The quarter


async def quarter_of(town: House, *counts: tuple[str, int], lines: Sequence[tuple[str, int]] = ()) -> None:
    """The fourth quarter of 2026 with so many of each kind."""
    for kind, count in counts:
        await flagged(town, at(2026, 12, 10, 12), count, kind, lines=lines, status="closed")


async def test_contacts_get_the_finished_quarter_on_its_first_working_day_and_nobody_else_does(town: House) -> None:
    helper = await town.linked("Hugo", "helper")
    await quarter_of(town, ("threat", 7), ("hate", 5), ("pressure", 3), ("meeting", 2), ("violence", 1),
                     lines=(("taken", 12), ("police", 50)))  # fmt: skip
    await flagged(town, at(2027, 1, 1, 0), 9, "violence")
    await town.live_to(at(2027, 1, 4, 8, 29))
    assert not town.contact.pictures
    await town.live_to(at(2027, 1, 4, 8, 31))
    for seat in (town.contact, town.deputy, town.neighbour):
        (picture,) = seat.pictures
        assert picture.content.startswith(PNG)
        assert "Läget i hela kommunen · kvartal 4 2026: 18 ärenden" in picture.text
        assert "Hot: 7, Hat och kränkningar: 5, Övrigt: 6." in picture.text
        assert "Hälften togs inom 12 minuter." in picture.text
        assert "polisanmälda" not in picture.text, "all are, and that nobody is not would be told"
    for seat in (town.chief, town.officer, town.official, town.loner, helper):
        assert not any("kvartal" in seen.text for seen in seat.messages)
    await town.contact.command("lage")
    assert len(town.contact.pictures) == 2 and town.contact.pictures[0].text == town.contact.pictures[1].text
    assert await town.nothing_kept()


async def test_what_a_contact_is_shown_is_kept_and_no_later_change_can_be_told_from_it(town: House) -> None:
    await quarter_of(town, ("threat", 7), ("hate", 5))
    await town.live_to(at(2027, 1, 2, 12))
    await town.contact.command("lage")
    first = town.contact.last.text
    assert "Slag med för få visas inte." in first and "12" not in first
    await quarter_of(town, ("hate", 1))
    await town.live_to(at(2027, 1, 4, 9))
    (row,) = await town.all(QuarterFigures)
    assert row.quarter == "2026-Q4" and row.figures["kinds"] == [["threat", 7], ["hate", 5]]
    for picture in (*town.contact.pictures, *town.neighbour.pictures):
        assert "Hot: 7, Hat och kränkningar: 5." in picture.text
        if town.platform == "slack":
            assert "Hot: 7, Hat och kränkningar: 5." in picture.alt


async def test_kinds_with_too_few_each_are_told_together(town: House) -> None:
    await quarter_of(town, ("threat", 4), ("hate", 3), ("pressure", 4))
    await town.live_to(at(2027, 1, 4, 12))
    (picture,) = town.contact.pictures
    assert "kvartal 4 2026: 11 ärenden" in picture.text and "Övrigt: 11." in picture.text
    assert not any(kind in picture.text for kind in ("Hot", "Hat", "Påtryckning"))


async def test_where_no_kind_can_be_told_no_figure_is(town: House) -> None:
    await quarter_of(town, ("threat", 4))
    await town.live_to(at(2027, 1, 4, 12))
    assert not town.contact.pictures and not got(town.contact, "kvartal")
    await town.contact.command("lage")
    assert "Det var för få av varje slag. Därför visas inga siffror." in town.contact.last.text
    assert not town.contact.pictures


async def test_the_unit_can_see_what_the_contacts_are_shown(town: House) -> None:
    await quarter_of(town, ("threat", 7))
    await town.live_to(at(2027, 1, 2, 12))
    await town.officer.command("lage")
    await town.officer.press("Visa kvartalet")
    assert "kvartal 4 2026" in town.officer.pictures[-1].text
    assert "Hot: 7." in town.officer.pictures[-1].text


async def test_it_counts_as_one_of_the_two_of_the_month_and_who_has_none_left_reads_it_by_command(town: House) -> None:
    await quarter_of(town, ("threat", 7))
    await town.live_to(at(2027, 1, 3, 12))
    alva, kim = [(await town.account(seat)).person_id for seat in (town.contact, town.neighbour)]

    def use_up(session: Session) -> None:
        since = town.clock.at
        for step in ("one", "two"):
            session.add(Deadline(kind=rounds.CALM_ASKED, subject=alva, step=step, state="done", done_at=since,
                                 due_at=since + rounds.ANSWER_WITHIN))  # fmt: skip

    await town.app.database.run(use_up)
    spare = await town.look(lambda s: attention.spare(Work(s, town.clock.at, town.app.house), [alva, kim]))
    await town.live_to(at(2027, 1, 4, 9))
    after = await town.look(lambda s: attention.spare(Work(s, town.clock.at, town.app.house), [alva, kim]))
    assert not town.contact.pictures and len(town.neighbour.pictures) == 1
    assert (spare[kim] - after[kim], spare[alva] - after[alva]) == (1, 0)
    await town.contact.command("lage")
    assert len(town.contact.pictures) == 1


async def test_a_morning_that_was_missed_comes_on_the_next_working_day_and_nobody_gets_it_twice(town: House) -> None:
    await quarter_of(town, ("threat", 7))
    await town.live_to(at(2027, 1, 3, 12))
    await town.move_to(at(2027, 1, 4, 17))
    assert not town.contact.pictures
    await town.live_to(at(2027, 1, 5, 8, 31))
    assert len(town.contact.pictures) == 1
    await town.live_to(at(2027, 1, 8, 12))
    assert len(town.contact.pictures) == 1

    def waits_for(session: Session) -> str:
        rows = select(Deadline.step).where(Deadline.kind == quarterly.ROUND, Deadline.state == "waiting")
        return session.exec(rows.order_by(col(Deadline.id))).one()

    assert await town.look(waits_for) == "2027-04-01"


async def test_a_restart_sends_nothing_twice(town: House) -> None:
    await quarter_of(town, ("threat", 7))
    await town.live_to(at(2027, 1, 4, 8, 31))
    await town.restart()
    await town.advance(hours=2)
    assert len(town.contact.pictures) == 1


async def test_where_only_notices_pass_a_contact_reads_the_same_in_words(terse: Terse) -> None:
    who = terse.deputy
    await quarter_of(terse, ("threat", 7), ("hate", 5), ("pressure", 3), ("meeting", 3))
    await terse.live_to(at(2027, 1, 2, 12))
    await who.command("lage")
    assert "Hot: 7, Hat och kränkningar: 5, Övrigt: 6." in who.last.text and not who.pictures


# The police


async def test_the_unit_notes_that_it_is_reported_to_the_police_once_and_can_take_it_back(town: House) -> None:
    await town.flag_later(town.contact)
    await town.officer.command("arende", "1")
    assert "Polisanmäld" not in town.officer.last.labels, "first somebody takes it"
    await town.officer.press("Jag tar den")
    await town.officer.press("Polisanmäld")
    card = town.officer.find("Polisanmält")
    assert "ja, enligt Omar Lind 23 november" in card.text and "Polisanmäld" not in card.labels
    await town.forge(town.officer, "a.police.1")
    assert [row.kind for row in await town.all(Entry) if row.kind.startswith("police")] == ["police"]
    await town.contact.command("arende", "1")
    assert "Polisanmält" in town.contact.last.text and "Inte polisanmäld" not in town.contact.last.labels
    told = await town.told(town.contact, town.forge(town.contact, "a.police_undone.1"))
    assert "Någon annan har noterat det." in told
    await town.officer.press("Läs allt")
    assert "Omar Lind noterade att det är polisanmält." in town.officer.last.text
    await town.officer.press("Inte polisanmäld")
    assert not town.officer.has("ja, enligt Omar Lind")
    assert [row.kind for row in await town.all(Entry) if row.kind.startswith("police")] == ["police", "police_undone"]
    told = await town.told(town.officer, town.forge(town.officer, "a.police_undone.1"))
    assert "är inte noterat" in told


async def test_the_reporter_can_say_so_also_when_it_is_over_and_it_disturbs_nobody(town: House) -> None:
    await town.flag_later(town.contact)
    await town.officer.command("arende", "1")
    await town.officer.press("Jag tar den")
    await town.close(town.officer, "Klart.")
    before = len(town.officer.messages)
    await town.contact.command("arende", "1")
    await town.contact.press("Jag har anmält")
    assert "ja, enligt Alva Berg" in town.contact.find("Polisanmält").text
    assert len(town.officer.messages) == before
    await town.officer.command("lage")
    assert "1 av 1 är polisanmälda." in town.officer.last.text
    await town.contact.press("Inte polisanmäld")
    await town.officer.command("lage")
    assert "0 av 1 är polisanmälda." in town.officer.last.text


async def test_who_may_not_see_an_incident_says_nothing_about_it(town: House) -> None:
    await town.flag_later(town.contact)
    await town.neighbour.command("meny")
    for token in ("a.police.1", "a.police_undone.1"):
        await town.forge(town.neighbour, token)
    assert not [row for row in await town.all(Entry) if row.kind.startswith("police")]


async def test_a_rumour_is_not_asked_about(town: House) -> None:
    await town.flag_later(town.contact, "Rykte")
    await town.contact.command("arende", "1")
    assert "Jag har anmält" not in town.contact.last.labels
