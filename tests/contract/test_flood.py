"""Issue 4, point 9: a flood of notices to one person becomes a digest."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event
from sqlmodel import Session

from bot.commands import Audience, Level
from bot.services import duty, incidents, resting, sending
from bot.services.people import Actor
from bot.services.work import Work
from storage.tables import Account, Held, Incident, Outbox, Person
from tests.contract.conftest import House, swedish
from tests.contract.test_alerts import broadcast
from tests.contract.test_resting import digests, do, flag, rests

FLOOD = "Mycket på en gång"


def told(town: House) -> list[str]:
    """What the officer was sent about incidents, by their first lines."""
    return [seen.text.splitlines()[0] for seen in town.officer.messages if "Ärende" in seen.text]


async def test_six_come_as_they_are_and_the_next_waits_for_a_minute(town: House) -> None:
    for _ in range(resting.MOST):
        await flag(town)
    assert len(told(town)) == 6 and not await town.all(Held)
    await flag(town)
    assert len(told(town)) == 6 and await town.unsettled() == []
    await town.advance(seconds=59)
    assert len(told(town)) == 6
    await town.advance(seconds=1)
    assert told(town)[-1] == "Ärende 7 · På gång" and not digests(town.officer, FLOOD)


async def test_six_in_more_than_a_minute_are_no_flood(town: House) -> None:
    for _ in range(20):
        await flag(town)
        await town.advance(seconds=11)
    assert len(told(town)) == 20 and not await town.all(Held)


async def test_thirty_flags_in_a_minute_are_few_messages_and_all_can_be_reached(town: House) -> None:
    for _ in range(30):
        await flag(town)
        await town.advance(seconds=2)
    await town.advance(seconds=60)
    assert len(told(town)) <= 9
    [text] = digests(town.officer, FLOOD)
    assert text.startswith("Mycket på en gång: 24 meddelanden") and "8: Ärende 14 · På gång" in text
    assert "9: " not in text and "… och 16 till." in text
    digest = town.officer.find(FLOOD)
    assert digest.labels == (*(f"Visa {n}" for n in range(1, 9)), "Bläddra vidare", "Visa alla")
    for page in (2, 3, 1):
        await town.officer.press("Bläddra vidare", FLOOD)
        assert f"{page * 8}: Ärende {page * 8 + 6} · På gång" in town.officer.find(FLOOD).text
    await town.officer.press("Bläddra vidare", FLOOD)
    await town.officer.press("Visa 9", FLOOD)
    assert town.officer.last.text.startswith("Ärende 15 · På gång")
    assert town.officer.find(FLOOD).labels[:2] == ("Visa 10", "Visa 11"), "the page stays where it was"
    await town.officer.press("Visa alla", FLOOD)
    shown = {seen.text.splitlines()[0] for seen in town.officer.messages}
    assert shown >= {f"Ärende {n} · På gång" for n in range(1, 31)}
    await town.officer.press("Jag tar den", "Ärende 22")
    assert (await town.incident(22)).taken_by
    assert "Allt är visat." in town.officer.find(FLOOD).text and await town.unsettled() == []


async def test_what_is_happening_now_is_never_part_of_a_flood(town: House) -> None:
    for _ in range(10):
        await flag(town, "now")
    assert len(told(town)) == 10
    for _ in range(6):
        await flag(town)
    assert len(told(town)) == 16, "what is happening now does not count either"
    await flag(town)
    await flag(town, "now")
    assert told(town)[-1] == "Ärende 18 · Händer nu" and len(await town.all(Held)) == 2  # the officer's and the chief's


async def test_messages_that_are_drawn_anew_are_no_new_ones(town: House) -> None:
    await flag(town)
    for _ in range(10):
        await do(town, town.chief, lambda work, _: sending.refresh(work, 1))
        await do(town, town.neighbour, lambda work, _: setattr(
            work.session.get_one(Incident, 1), "category", "threat" if work.now.second % 2 else "pile_on"))  # fmt: skip
        await town.advance(seconds=1)
    rows = [row for row in await town.all(Outbox) if row.purpose == "notice" and row.incident_id == 1]
    assert len(rows) > 12, "there were edits"
    await flag(town)
    assert not await town.all(Held)


async def test_answers_neither_wait_nor_count(town: House) -> None:
    for _ in range(10):
        await town.officer.command("mina")
    await flag(town)
    assert not await town.all(Held)
    for _ in range(8):
        await flag(town)
    before = len(town.officer.messages)
    await town.officer.command("mina")
    assert len(town.officer.messages) == before + 1


async def test_who_flagged_hears_at_once_in_a_flood_too(town: House) -> None:
    for _ in range(9):
        await flag(town, "rumour")

    def take_all(work: Work, actor: Actor) -> None:
        for number in range(1, 10):
            incidents.take(work, actor, work.session.get_one(Incident, number), "")

    await do(town, town.chief, take_all)
    assert len([seen for seen in town.neighbour.messages if "Siv Almgren" in seen.text]) == 9


async def test_the_one_on_duty_has_floods_like_everybody(town: House, monkeypatch: pytest.MonkeyPatch) -> None:
    number = (await town.account(town.officer)).person_id
    monkeypatch.setattr(duty, "on_duty", lambda work: work.session.get_one(Person, number))
    for _ in range(9):
        await flag(town)
    assert len(told(town)) == 6
    await town.advance(seconds=60)
    assert len(digests(town.officer, FLOOD)) == 1


async def test_broadcasts_are_not_held_back_by_a_flood_of_them_but_a_reminder_is(town: House) -> None:
    """A broadcast to many asks nothing about each of them; what goes to one person does."""
    for _ in range(8):
        await broadcast(town, Audience(roles=("officer",)), level=Level.INFORMATION)
    assert len([seen for seen in town.officer.messages if "Skolgatan" in seen.text]) == 8
    await flag(town)
    assert not told(town) and await town.all(Held)


async def test_an_emergency_comes_at_once_in_a_flood(town: House) -> None:
    for _ in range(9):
        await flag(town)
    await broadcast(town, Audience(roles=("officer",)))
    assert town.officer.has("AKUT · Skolgatan")


async def test_a_flood_at_bedtime_waits_for_the_morning(town: House) -> None:
    await rests(town, town.officer)
    await town.move_to(swedish(11, 23, 21, 59) + timedelta(seconds=30))
    for _ in range(8):
        await flag(town)
    await town.advance(seconds=40)
    await flag(town)
    await town.advance(seconds=120)
    assert len(told(town)) == 6
    await town.move_to(swedish(11, 24, 7))
    [text] = digests(town.officer, "Medan det var tyst")
    assert "3 meddelanden" in text


async def test_the_look_for_a_flood_is_one_statement_that_reads_along_indexes(town: House) -> None:
    for _ in range(3):
        await flag(town)
    number = (await town.account(town.officer)).id
    said: list[tuple[str, Any]] = []

    def look(session: Session) -> None:
        work, account = Work(session, town.clock.at, town.app.house), session.get_one(Account, number)
        known = session.get_one(Person, account.person_id), session.get_one(Incident, 2)
        event.listen(town.app.database.engine, "before_cursor_execute", lambda *given: said.append(given[2:4]))
        assert resting.wait_for(work, account, "notice", incident=2) is None
        assert known
        [(statement, values)] = said
        if session.get_bind().dialect.name == "sqlite":
            plan = session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values).all()
            assert not [row for row in plan if row[3].startswith("SCAN ") and "CONSTANT" not in row[3]], plan

    await town.look(look)
