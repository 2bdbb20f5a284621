"""A list that is ticked off: on the same message, with notes and files, over restarts and on both platforms."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlmodel import select

from bot.playground.seat import Seat, SlackSeat
from storage.tables import Evidence, Run, RunEntry, RunMember, Tick
from tests.advice.pieces import write
from tests.contract.conftest import House

PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)
STEPS = tuple(f"Rum {n} är genomgånget. †" for n in range(1, 9))
FORTY = (("Först", STEPS[:5]), *((f"Del {n}", STEPS) for n in range(1, 5)), ("Sist", STEPS[:3]))


def whispered(who: Seat) -> str:
    """What Slack shows to the presser alone, in a direct message."""
    return "\n".join(m.plain for m in who.human.messages if m.ephemeral) if isinstance(who, SlackSeat) else ""


async def begin(who: Seat, words: str = "hotad i telefon") -> None:
    await who.command("checklista", words)
    await who.press("Bocka av")


async def test_steps_are_ticked_in_place_and_a_number_means_the_step(town: House) -> None:
    official = town.official
    await begin(official)
    count = len(official.messages)
    await official.press("Klart 2")
    await official.write("4")
    assert len([m for m in official.messages if "av 10 klara" in m.text]) == 1
    assert len(official.messages) <= count + 1
    text = official.find("Hotfullt telefonsamtal", "Signera").text
    assert "2 av 10 klara. Nu:" in text
    assert "2. Klart 10.00: Svara inte emot" in text and "4. Klart 10.00: Fråga för att vinna tid" in text
    assert {"Klart 1", "Steg 2", "Klart 3", "Steg 4"} <= set(official.find("", "Signera").labels)
    await official.press("Efteråt")
    await official.press("Klart 1")
    assert sorted(tick.step for tick in await town.all(Tick)) == [2, 4, 6]


async def test_a_tick_is_never_a_toggle_and_is_taken_back_only_on_purpose(town: House) -> None:
    official = town.official
    await begin(official)
    await official.press("Klart 1")
    told = await town.told(official, town.forge(official, "a.tick.1.1"))
    assert "redan klart" in told + whispered(official)
    assert [tick.step for tick in await town.all(Tick)] == [1]
    await official.press("Steg 1")
    await official.press("Inte klart ändå")
    assert await town.all(Tick) == []
    assert [entry.kind for entry in await town.all(RunEntry)] == ["started", "ticked", "unticked"]


async def test_a_note_and_a_picture_stand_on_their_step(town: House) -> None:
    official = town.official
    await begin(official)
    await official.press("Anteckna")
    await official.press("Steg 3")
    await official.attach("bild.png", PNG, "image/png")
    await official.write("Grannen hörde allt")
    shown = official.find("Hotfullt telefonsamtal", "Signera").text
    assert "Grannen hörde allt" in shown and "Bifogat: 1 bild." in shown
    [row] = await town.all(Evidence)
    assert (row.run_id, row.step, row.incident_id, row.state) == (1, 3, None, "kept")
    await official.press("Visa bilagor")
    await official.press("Öppna 1")
    assert official.files[-1][2] == PNG
    told = await town.told(town.chief, _knock(town, town.chief))
    assert "Grannen" not in told, "a list that somebody ticks alone is theirs alone"
    assert not town.chief.files


async def _knock(town: House, who: Seat) -> None:
    await who.command("meny")
    for act in ("run_show.1", "run_file.1", "run_things.1", "run_open.1.1", "step.1.3", "tick.1.1", "run_sign.1"):
        await town.forge(who, f"a.{act}")


async def test_a_note_needs_words_or_a_file(town: House) -> None:
    await begin(town.official)
    await town.official.press("Anteckna")
    await town.official.press("Steg 1")
    told = await town.told(town.official, town.official.press("Hoppa över"))
    assert "Inget skrevs och inget bifogades." in told + whispered(town.official)
    assert {entry.kind for entry in await town.all(RunEntry)} == {"started"}


async def test_it_goes_on_after_a_restart_and_on_the_other_platform(both: House) -> None:
    official = both.official
    await begin(official)
    await official.press("Klart 1")
    await both.restart()
    await official.press("Klart 2")
    other = next(name for name in both.platforms if name != official.platform)
    there = await both.linked(official.name, "official", on=other)
    await there.command("checklista")
    assert "Lista 1: Hotfullt telefonsamtal, 2 av 10 klara" in there.last.text
    await there.press("Fortsätt lista 1")
    await there.press("Klart 3")
    assert "3 av 10 klara" in there.find("Hotfullt telefonsamtal", "Signera").text
    assert official.has("Listan finns i ett nyare meddelande.")
    assert len(await both.all(Run)) == 1


async def test_a_running_list_keeps_the_version_that_it_began_with(tmp_path: Path, platform: str) -> None:
    (tmp_path / "own").mkdir()
    write(tmp_path / "own")
    async with House(tmp_path, platforms=(platform,), content=tmp_path / "own") as house:
        await house.everybody()
        await begin(house.official, "hissen har fastnat")
        assert "1. Ring 112." in house.official.last.text
        (tmp_path / "own" / "advice" / "sv" / "hissen.md").unlink()
        assert house.app.rereading is not None
        await house.app.rereading.look()
        await house.official.press("Klart 1")
        assert "1. Klart 10.00: Ring 112." in house.official.find("Trasig hiss", "Signera").text
        await house.official.press("Efteråt")
        await house.official.press("Klart 1")
        assert "2 av 3 klara" in house.official.find("Trasig hiss", "Signera").text
        assert await house.nothing_kept()


async def test_what_does_not_exist_gets_a_kind_answer_and_changes_nothing(town: House) -> None:
    official = town.official
    await begin(official)
    before = await town.rows()
    for act in ("tick.1.99", "tick.1.0", "tick.1.x", "tick.9.1", "step.1.99", "run_part.1.7", "run_show.77"):
        await town.forge(official, f"a.{act}")
    after = await town.rows()
    assert {name: after[name] for name in ("tick", "runentry", "run")} == {
        name: before[name] for name in ("tick", "runentry", "run")
    }
    assert await town.nothing_kept()


async def test_signed_it_changes_no_more_and_is_handed_out_as_a_file(town: House) -> None:
    official = town.official
    await begin(official)
    await official.press("Klart 1")
    await official.press("Signera")
    assert "Allt är inte klart. Signera ändå?" in official.last.text
    await official.press("Signera ändå")
    ended = official.find("Signerad av Oda Ros")
    assert "1 av 10 steg klara." in ended.text and "Nu 2. Svara inte emot" in ended.text
    assert ended.labels == ("Hämta som fil",)
    told = await town.told(official, town.forge(official, "a.tick.1.2"))
    assert "signerad och ändras inte mer" in told + whispered(official)
    await official.press("Hämta som fil")
    name, _, content = official.files[-1]
    assert name == "lista-1.csv"
    lines = content.decode("utf-8-sig").splitlines()
    assert lines[2].startswith("Nu;1;Håll dig lugn. Lyssna, avbryt inte.;ja;Oda Ros;2026-11-23 10:00:00")
    assert lines[3].startswith("Nu;2;Svara inte emot och reta inte.;nej;;")
    assert lines[-1].startswith("Signerad;Oda Ros;2026-11-23 10:00:00")


async def test_whoever_began_it_may_drop_it(town: House) -> None:
    await begin(town.official)
    await town.official.press("Avbryt listan")
    await town.official.press("Avbryt listan", "Den går inte att fortsätta")
    [run] = await town.all(Run)
    assert run.state == "dropped"
    await begin(town.official)
    assert len(await town.all(Run)) == 2, "a new one begins from nothing"


# Together


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
    told = await town.told(town.contact, _knock(town, town.contact))
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
    await town.chief.command("mote")
    await town.chief.write("Fullmäktige")
    await town.chief.write("i morgon 18")
    while "Ja" in " ".join(town.chief.last.labels) or town.chief.last.labels:
        if town.chief.has("Mötet är sparat") or ("Fullmäktige" in town.chief.last.text and not town.chief.last.labels):
            break
        await town.chief.press(town.chief.last.labels[0])
        if "Sparat" in town.chief.last.text:
            break
    await town.chief.command("checklista", "lokalgenomgång")
    await town.chief.press("Gör tillsammans")
    await town.chief.press("Fullmäktige 24/11")
    await town.chief.press("Börja nu")
    assert "Lokalgenomgång före sammanträde · Fullmäktige" in town.chief.last.text


@pytest.fixture
async def crowd(platform: str, tmp_path: Path) -> AsyncIterator[tuple[House, list[Seat]]]:
    """Ten of the unit, and a list of forty steps."""
    (tmp_path / "own").mkdir()
    write(tmp_path / "own", "fyrtio", sections=FORTY, audience="unit", synonym="fyrtio steg")
    async with House(tmp_path, platforms=(platform,), content=tmp_path / "own") as house:
        await house.everybody()
        eight = [(f"Vakt {n}", platform, "officer", "") for n in range(8)]
        yield house, [house.chief, house.officer, *(await house.members(eight))]


async def test_ten_tick_forty_steps_at_once_and_none_is_lost(crowd: tuple[House, list[Seat]]) -> None:
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
