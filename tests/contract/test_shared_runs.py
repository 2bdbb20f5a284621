"""A list that several tick off: who did what, what is signed for, and no tick that is lost."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import pytest
from sqlmodel import Session, select

from bot.playground.seat import Seat
from storage.tables import Person, Role, Run, RunEntry, RunMember, Tick
from tests.advice.pieces import write
from tests.contract.conftest import House
from tests.contract.test_meetings import called, number_of
from tests.contract.test_resting import rests
from tests.contract.test_runs import PNG, knock, squeezed, whispered

STEPS = tuple(f"Rum {n} är genomgånget. †" for n in range(1, 9))
FORTY = (("Först", STEPS[:5]), *((f"Del {n}", STEPS) for n in range(1, 5)), ("Sist", STEPS[:3]))


async def sweep(town: House, *others: str) -> None:
    """The chief begins a sweep with these of the unit."""
    await town.chief.command("checklista", "lokalgenomgång")
    await town.chief.press("Gör tillsammans")
    await town.chief.write("Fullmäktige 30 november")
    for name in others:
        await town.chief.press(name)
    if "Börja nu" in town.chief.last.labels:
        await town.chief.press("Börja nu")


async def test_two_sweep_a_room_and_each_sees_who_did_what(town: House) -> None:
    await sweep(town, "Omar Lind")
    assert "Siv Almgren ber dig vara med på Lokalgenomgång" in town.officer.last.text
    await town.officer.press("Gå med")
    await town.officer.press("Klart 1")
    await town.advance(minutes=4)
    await town.chief.press("Klart 2")
    for who in (town.chief, town.officer):
        text = who.find("Fullmäktige 30 november", "Signera").text
        assert "1. Klart 10.00, Omar Lind:" in text and "2. Klart 10.04, Siv Almgren:" in text
    await town.officer.press("Signera")
    await town.officer.press("Signera ändå")
    assert town.chief.has("Signerad av Omar Lind kl. 10.04.")
    assert "Avbryt listan" not in town.chief.last.labels


async def test_two_presses_of_the_same_step_are_one_tick(town: House) -> None:
    await sweep(town, "Omar Lind")
    await town.officer.press("Gå med")
    await asyncio.gather(town.forge(town.chief, "a.tick.1.1"), town.forge(town.officer, "a.tick.1.1"))
    assert [tick.step for tick in await town.all(Tick)] == [1]
    assert await town.nothing_kept()


async def test_who_is_not_of_the_unit_sees_nothing_of_it(town: House) -> None:
    await sweep(town)
    told = await town.told(town.contact, knock(town, town.contact))
    assert "genomgång" not in told.lower() and "Fullmäktige 30" not in told
    await town.officer.command("checklista")
    await town.officer.press("Fortsätt lista 1")
    assert "0 av 14 klara" in town.officer.last.text, "whoever is of the unit may join"


async def test_who_is_shut_out_loses_it(town: House) -> None:
    await sweep(town, "Omar Lind")
    await town.officer.press("Gå med")
    await town.end_role(town.officer)
    assert not town.officer.has("Fullmäktige 30 november · ") and not any(
        "Klart 1" in m.labels for m in town.officer.messages
    )


async def test_for_a_meeting_the_list_takes_its_name(town: House) -> None:
    await called(town)
    await town.chief.command("checklista", "lokalgenomgång")
    await town.chief.press("Gör tillsammans")
    await town.chief.press("Fullmäktige 24/11")
    await town.chief.press("Börja nu")
    assert "Lokalgenomgång före sammanträde · Fullmäktige" in town.chief.last.text
    [run] = await town.all(Run)
    assert run.meeting_id == await number_of(town, "other")


async def test_it_may_be_begun_with_nobody_or_with_everybody(town: House) -> None:
    await sweep(town)
    assert not town.officer.has("ber dig vara med")
    await sweep(town, "Alla på enheten")
    assert town.officer.has("Siv Almgren ber dig vara med på Lokalgenomgång")


async def test_who_rests_is_asked_when_the_quiet_hours_are_over(town: House) -> None:
    await rests(town, town.officer, "09:00-12:00")
    await sweep(town, "Omar Lind")
    assert not town.officer.has("ber dig vara med")
    await town.advance(hours=3)
    assert town.officer.has("ber dig vara med")


async def test_who_signs_has_read_what_is_not_done(town: House) -> None:
    await sweep(town, "Omar Lind")
    await town.officer.press("Gå med")
    await town.officer.press("Klart 1")
    await town.chief.press("Signera")
    assert "Före 2. " in town.chief.last.text and "Före 1. " not in town.chief.last.text
    await town.officer.press("Steg 1")
    await town.officer.press("Inte klart ändå")
    told = await town.told(town.chief, town.chief.press("Signera ändå"))
    assert "Listan har ändrats." in told + whispered(town.chief)
    assert [run.state for run in await town.all(Run)] == ["open"]
    await town.chief.press("Signera")
    await town.officer.press("Klart 2")
    await town.chief.press("Signera ändå")
    assert [run.state for run in await town.all(Run)] == ["signed"], "what is ticked meanwhile counts"
    assert "1 av 14 steg klara." in town.officer.find("Signerad av Siv Almgren").text


async def test_who_leaves_the_unit_leaves_the_list_whatever_else_they_are(town: House) -> None:
    await sweep(town, "Omar Lind")
    await town.officer.press("Gå med")
    await town.officer.press("Klart 1")
    await town.look(partial(_becomes_contact, name="Omar Lind"))
    told = await town.told(town.officer, knock(town, town.officer))
    assert "genomgång" not in told.lower() and "Fullmäktige 30" not in told
    assert [tick.step for tick in await town.all(Tick)] == [1]
    assert not town.officer.files
    await town.officer.command("mina")
    assert "Lista 1" not in town.officer.last.text


def _becomes_contact(session: Session, name: str) -> None:
    role = next(role for role in session.exec(select(Role)) if session.get_one(Person, role.person_id).name == name)
    role.kind = "contact"


async def test_what_is_on_a_step_of_a_shared_list_is_the_units(town: House) -> None:
    await sweep(town, "Omar Lind")
    await town.officer.press("Gå med")
    await town.officer.press("Anteckna")
    await town.officer.press("Steg 2")
    await town.officer.attach("bild.png", PNG, "image/png")
    await town.officer.write("Låset kärvar")
    assert "Anteckning 10.00, Omar Lind:\nLåset kärvar" in squeezed(town.chief.find("", "Signera"))
    await town.chief.press("Visa bilagor")
    await town.chief.press("Öppna 1")
    assert town.chief.files[-1][2] == PNG
    await town.told(town.contact, knock(town, town.contact))
    assert not town.contact.files


@pytest.fixture
async def crowd(platform: str, tmp_path: Path) -> AsyncIterator[tuple[House, list[Seat]]]:
    """Ten of the unit, and a list of forty steps."""
    (tmp_path / "own").mkdir()
    write(tmp_path / "own", "fyrtio", sections=FORTY, audience="unit", synonym="fyrtio steg")
    async with House(tmp_path, platforms=(platform,), content=tmp_path / "own") as house:
        await house.everybody()
        eight = [(f"Vakt {n}", platform, "officer", "") for n in range(8)]
        yield house, [house.chief, house.officer, *(await house.members(eight))]


async def test_ten_tick_forty_steps_at_once_and_none_is_lost(
    crowd: tuple[House, list[Seat]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing paces a town, so that each tick may be 10 edits: all of them take their time on a busy machine."""
    monkeypatch.setattr("bot.playground.town.PATIENCE", 60.0)
    house, people = crowd
    await house.chief.command("checklista", "fyrtio steg")
    await house.chief.press("Gör tillsammans")
    await house.chief.press("Hoppa över")
    await house.chief.press("Alla på enheten")
    for who in people[1:]:
        await who.press("Gå med")
    presses = [
        house.forge(who, f"a.tick.1.{step}") for step in range(1, 41) for who in (people[step % 10], people[step % 7])
    ]
    await asyncio.gather(*presses)
    await house.quiet()
    assert sorted(tick.step for tick in await house.all(Tick)) == list(range(1, 41))
    entries = await house.look(lambda s: list(s.exec(select(RunEntry).where(RunEntry.kind == "ticked"))))
    assert len(entries) == 40
    assert len(await house.all(RunMember)) == 10
    for who in people:
        assert "40 av 40 klara" in who.find("", "Signera").text
    assert await house.nothing_kept()
