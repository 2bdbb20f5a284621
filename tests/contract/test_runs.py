"""A list that somebody ticks off: on the same message, with notes and files, over restarts and on both platforms."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from sqlmodel import Session, col, select

from bot.playground.seat import Seat, Seen, SlackSeat
from storage.tables import Conversation, Evidence, Person, Run, RunEntry, Tick
from tests.advice.pieces import write
from tests.contract.conftest import House

PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)


def whispered(who: Seat) -> str:
    """What Slack shows to the presser alone, in a direct message."""
    return "\n".join(m.plain for m in who.human.messages if m.ephemeral) if isinstance(who, SlackSeat) else ""


def squeezed(seen: Seen) -> str:
    """Its lines, without the empty ones that Telegram's texts are set with."""
    return seen.text.replace("\n\n", "\n")


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
    text = official.find("Hotfullt telefonsamtal", "Klar").text
    assert "2 av 10 klara. Nu:" in text
    assert "2. Klart 10.00: Svara inte emot" in text and "4. Klart 10.00: Fråga för att vinna tid" in text
    assert {"Klart 1", "Steg 2", "Klart 3", "Steg 4"} <= set(official.find("", "Klar").labels)
    await official.press("Efteråt 0 av 5")
    await official.press("Klart 1")
    assert "Nu 2 av 5" in official.find("", "Klar").labels
    assert sorted(tick.step for tick in await town.all(Tick)) == [2, 4, 6]


async def test_in_another_section_a_number_means_the_step_that_is_shown_there(town: House) -> None:
    official = town.official
    await begin(official)
    await official.press("Efteråt 0 av 5")
    await official.write("1")
    await official.press("Nu 0 av 5")
    await official.write("2")
    assert sorted(tick.step for tick in await town.all(Tick)) == [2, 6]


async def test_a_number_still_answers_what_was_asked_last(town: House) -> None:
    official = town.official
    await begin(official)
    await official.press("Efteråt 0 av 5")
    await official.command("sprak")
    await town.forge(official, "a.tick.1.7")
    await official.press("Avbryt")
    await official.command("meny")
    await town.forge(official, "a.tick.1.8")
    await official.write("5")
    assert sorted(tick.step for tick in await town.all(Tick)) == [7, 8], "a newer message's buttons are meant"


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
    shown = official.find("Hotfullt telefonsamtal", "Klar").text
    assert "Grannen hörde allt" in shown and "Bifogat: 1 bild." in shown
    [row] = await town.all(Evidence)
    assert (row.run_id, row.step, row.incident_id, row.state) == (1, 3, None, "kept")
    await official.press("Visa bilagor")
    await official.press("Öppna 1")
    assert official.files[-1][2] == PNG
    told = await town.told(town.chief, knock(town, town.chief))
    assert "Grannen" not in told, "a list that somebody ticks alone is theirs alone"
    assert not town.chief.files


async def knock(town: House, who: Seat) -> None:
    await who.command("meny")
    for act in ("run_show.1", "run_file.1", "run_things.1", "run_open.1.1", "step.1.3", "tick.1.1", "run_sign.1"):
        await town.forge(who, f"a.{act}")


async def test_of_several_notes_the_newest_is_shown_and_all_are_counted(town: House) -> None:
    official = town.official
    await begin(official)
    for words in ("Först", "Sedan"):
        await official.press("Anteckna")
        await official.press("Steg 3")
        await official.write(words)
    shown = squeezed(official.find("Hotfullt telefonsamtal", "Klar"))
    assert "Senaste av 2 anteckningar 10.00, Oda Ros:\nSedan" in shown and "Först" not in shown
    await official.press("Hämta som fil")
    assert "Först | Oda Ros 10:00: Sedan" in official.files[-1][2].decode()


async def test_a_note_to_a_list_that_ended_meanwhile_says_that_it_is_not_kept(town: House) -> None:
    official = town.official
    await begin(official)
    await official.press("Klar")
    await official.press("Anteckna")
    await official.press("Steg 3")
    await official.attach("bild.png", PNG, "image/png")
    await town.forge(official, await _asked(town, "run_end_part"))
    told = await town.told(official, official.write("Grannen hörde allt"))
    assert "Det du skickade till steget är inte sparat." in told
    assert await town.all(Evidence) == []
    assert "note" not in {entry.kind for entry in await town.all(RunEntry)}


async def _asked(town: House, key: str) -> str:
    """The press that answers an older question with yes."""
    talk = next(row for row in await town.all(Conversation) if row.flow == "run_sign")
    return f"c.{talk.id}.{talk.revision}.{key}.yes"


async def test_my_own_lists_are_among_my_matters(town: House) -> None:
    await begin(town.official)
    await town.official.press("Klart 1")
    await town.official.command("mina")
    assert "Listor du bockar av\nLista 1: Hotfullt telefonsamtal, 1 av 10 klara" in squeezed(town.official.last)
    await town.flag_now(town.official)
    await town.official.command("mina")
    assert "Ärende 1" in town.official.last.text
    await town.official.press("Fortsätt lista 1")
    assert "1 av 10 klara" in town.official.last.text
    await town.official.press("Klar")
    await town.official.press("Avsluta ändå")
    await town.official.command("mina")
    assert "Lista 1" not in town.official.last.text


async def test_the_longest_list_with_notes_on_every_step_is_one_message(tmp_path: Path, platform: str) -> None:
    (tmp_path / "own").mkdir()
    long = tuple(f"{n} " + "å" * 196 + " †" for n in range(1, 9))
    parts = (("Artonbokstäver dv1", long[:5]), *((f"Artonbokstäver dv{n}", long) for n in range(2, 7)))
    write(tmp_path / "own", sections=parts, audience="unit")
    async with House(tmp_path, platforms=(platform,), content=tmp_path / "own") as house:
        await house.everybody()
        await house.look(partial(_long_names, "Siv " + "A" * 56))
        await house.chief.command("checklista", "hissen har fastnat")
        await house.chief.press("Gör tillsammans")
        await house.chief.press("Hoppa över")
        await house.chief.press("Börja nu")
        await house.chief.press("Artonbokstäver dv2 0 av 8")
        for step in range(1, 9):
            await house.chief.press("Anteckna")
            await house.chief.press(f"Steg {step}")
            await house.chief.write("o" * 900)
            await house.chief.press(f"Klart {step}")
        shown = house.chief.find("8 av 45 klara", "Signera")
        assert "8. Klart 10.00, Siv AAA" in shown.text and "Anteckning 10.00, Siv AAA" in shown.text
        assert "ooo" not in shown.text, "what the notes say is left out before the list would be two messages"
        await house.chief.press("Signera")
        assert "… och 17 till." in house.chief.last.text
        await house.chief.press("Signera ändå")
        assert house.chief.has("8 av 45 steg klara.")
        await house.chief.press("Hämta som fil")
        assert "o" * 900 in house.chief.files[-1][2].decode()
        assert await house.nothing_kept() and not [row for row in await house.unsettled() if row.state == "failed"]


def _long_names(name: str, session: Session) -> None:
    session.exec(select(Person).where(col(Person.id) == 1)).one().name = name


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
    assert "3 av 10 klara" in there.find("Hotfullt telefonsamtal", "Klar").text
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
        assert "1. Klart 10.00: Ring 112." in house.official.find("Trasig hiss", "Klar").text
        await house.official.press("Efteråt 0 av 1")
        await house.official.press("Klart 1")
        assert "2 av 3 klara" in house.official.find("Trasig hiss", "Klar").text
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


async def test_finished_it_changes_no_more_and_is_handed_out_as_a_file(town: House) -> None:
    official = town.official
    await begin(official)
    await official.press("Klart 1")
    await official.press("Klar")
    assert "Allt är inte klart. Avsluta ändå?" in official.last.text
    assert "Nu 2. Svara inte emot" in official.last.text
    await official.press("Avsluta ändå")
    ended = official.find("Avslutad kl. 10.00.")
    assert "1 av 10 steg klara." in ended.text and "Nu 2. Svara inte emot" in ended.text
    assert "… och 1 till." in ended.text, "eight that are not done are named, and that there are more is said"
    assert ended.labels == ("Hämta som fil",)
    told = await town.told(official, town.forge(official, "a.tick.1.2"))
    assert "avslutad och ändras inte mer" in told + whispered(official)
    await official.press("Hämta som fil")
    name, _, content = official.files[-1]
    assert name == "lista-1.csv"
    lines = content.decode("utf-8-sig").splitlines()
    assert lines[2].startswith("Nu;1;Håll dig lugn. Lyssna, avbryt inte.;ja;Oda Ros;2026-11-23 10:00:00")
    assert lines[3].startswith("Nu;2;Svara inte emot och reta inte.;nej;;")
    assert lines[-1].startswith("Avslutad;Oda Ros;2026-11-23 10:00:00")


async def test_whoever_began_it_may_drop_it(town: House) -> None:
    await begin(town.official)
    await town.official.press("Avbryt listan")
    await town.official.press("Avbryt listan", "Den går inte att fortsätta")
    [run] = await town.all(Run)
    assert run.state == "dropped"
    await begin(town.official)
    assert len(await town.all(Run)) == 2, "a new one begins from nothing"
