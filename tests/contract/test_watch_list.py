"""Issues that may heat up: owner, level, next look, and that one person does not stand alone."""

from __future__ import annotations

from datetime import UTC, datetime

from bot.playground.seat import Seat
from storage.tables import Watch
from tests.contract.conftest import House
from tests.contract.test_measures import DO, promised, raised

ISSUE = "Vindkraft på Kullen"


async def watched(who: Seat, title: str = ISSUE, level: str = "Måttlig", faces: str = "En person",
                  owner: str = "Omar Lind", when: str = "måndag 8") -> None:  # fmt: skip
    """Somebody of the unit puts an issue on the list."""
    await who.command("bevaka")
    await who.press("Bevaka en fråga")
    await who.write(title)
    await who.press(level)
    await who.press(faces)
    await who.press(owner)
    await who.write(when)
    await who.press("Ja, bevaka")


async def watch(town: House) -> Watch:
    """The only one."""
    (row,) = await town.all(Watch)
    return row


async def test_an_issue_is_watched_with_owner_level_next_look_and_who_is_the_face_of_it(town: House) -> None:
    await town.chief.command("bevaka")
    assert "Vi bevakar ingen fråga just nu." in town.chief.last.text
    await watched(town.chief)
    shown = town.chief.last
    assert f"Måttlig risk · {ISSUE}" in shown.text
    assert "Omar Lind håller koll och tittar igen måndag 30 november kl. 8.00." in shown.text
    assert "En person är ensam ansiktet utåt. Se till att de blir fler." in shown.text
    assert "Frågor: ansiktet" in shown.labels, "the questions to ask are one press away"
    assert f"Du håller koll på: {ISSUE}." in town.officer.last.text
    await town.chief.command("bevaka")
    assert "Frågor vi bevakar: 1" in town.chief.last.text
    assert (
        "Måttlig risk. Omar Lind tittar igen måndag 30 november kl. 8.00. En person syns ensam." in town.chief.last.text
    )


async def test_on_its_day_the_owner_hears_of_it_and_the_chiefs_post_says_it_with_who_stands_alone(town: House) -> None:
    await watched(town.chief)
    await town.live_to(datetime(2026, 11, 30, 7, 30, tzinfo=UTC))
    assert f"Titta på frågan nu: {ISSUE}." in town.officer.last.text
    post = town.chief.find("Titta på:").text
    assert f"Titta på: {ISSUE} (Omar Lind)." in post
    assert f"En person syns ensam i: {ISSUE}. Se till att de blir fler." in post
    await town.officer.press("Visa", "Titta på frågan nu")
    await town.officer.press("Jag har tittat")
    await town.officer.press("Hög")
    await town.officer.write("14 december 8")
    assert f"Hög risk · {ISSUE}" in town.officer.last.text
    await town.officer.press("Flera syns")
    assert "Flera delar på att synas." in town.officer.last.text
    await town.live_to(datetime(2026, 12, 1, 7, 30, tzinfo=UTC))
    assert len([1 for seen in town.chief.messages if "Titta på:" in seen.text]) == 1
    await town.live_to(datetime(2026, 12, 14, 7, 30, tzinfo=UTC))
    assert len([1 for seen in town.chief.messages if f"Titta på: {ISSUE}" in seen.text]) == 2
    assert "En person syns ensam" not in town.chief.find("Titta på:").text


async def test_what_is_not_looked_at_stays_in_the_post_until_somebody_does(town: House) -> None:
    await watched(town.chief)
    for day in (1, 2, 3):
        await town.live_to(datetime(2026, 12, day, 7, 30, tzinfo=UTC))
        assert f"Titta på: {ISSUE}" in town.chief.last.text
    assert len([1 for seen in town.officer.messages if "Titta på frågan nu" in seen.text]) == 1, "reminded once"


async def test_a_case_of_the_risk_guide_goes_on_the_list_with_its_title_and_level_once(town: House) -> None:
    await raised(town)
    await town.officer.press("Bevaka frågan")
    for label in ("Vet inte", "Omar Lind"):
        await town.officer.press(label)
    await town.officer.write("måndag 8")
    await town.officer.press("Ja, bevaka")
    row = await watch(town)
    assert (row.title, row.level, row.faces) == ("Ny skola i Norrby", "high", "")
    await town.officer.press("Visa bedömningen")
    await town.officer.press("Bevaka frågan")
    assert "Vem är ansiktet utåt? Ingen har sagt det än." in town.officer.last.text
    assert len(await town.all(Watch)) == 1


async def test_a_measure_belongs_to_an_issue_too(town: House) -> None:
    await watched(town.chief)
    await promised(town.chief, "Omar Lind")
    await town.chief.command("bevaka")
    await town.chief.press(ISSUE)
    assert "Åtgärder: 0 av 1 är klara." in town.chief.last.text


async def test_an_issue_that_is_over_leaves_the_list_and_the_post(town: House) -> None:
    await watched(town.chief)
    await town.chief.press("Sluta bevaka")
    assert (await watch(town)).ended_at is None, "it asks once more"
    await town.chief.press("Ja, sluta bevaka")
    await town.live_to(datetime(2026, 11, 30, 7, 30, tzinfo=UTC))
    assert not town.officer.has("Titta på frågan nu")
    assert not town.chief.has("Titta på:")
    told = await town.told(town.chief, town.forge(town.chief, f"a.watch_look.{(await watch(town)).id}"))
    assert "bevakas inte längre" in told


async def test_nobody_outside_the_unit_sees_the_list_or_changes_it(town: House) -> None:
    await watched(town.chief)
    number = (await watch(town)).id
    for seat in (town.contact, town.official, town.neighbour):
        await seat.command("bevaka")
        assert ISSUE not in "\n".join(seen.text for seen in seat.messages)
        await seat.command("meny")
        for act in (
            f"watch.{number}",
            f"watch_face.{number}.several",
            f"watch_end.{number}.yes",
            f"watch_look.{number}",
        ):
            told = await town.told(seat, town.forge(seat, f"a.{act}", seat.last))
            assert ISSUE not in told
    row = await watch(town)
    assert (row.faces, row.ended_at) == ("one", None)


async def test_somebody_else_keeps_an_eye_on_it_and_a_chief_when_its_owner_leaves(town: House) -> None:
    await watched(town.chief)
    await town.end_role(town.officer)
    assert "Siv Almgren håller koll" not in town.officer.last.text
    await town.chief.command("bevaka")
    assert "Siv Almgren tittar igen" in town.chief.last.text


async def test_the_list_follows_what_is_assessed(town: House) -> None:
    await raised(town)
    await town.officer.press("Bevaka frågan")
    for label in ("Vet inte", "Omar Lind"):
        await town.officer.press(label)
    await town.officer.write("måndag 8")
    await town.officer.press("Ja, bevaka")
    case = (await watch(town)).case_id
    await town.forge(town.officer, f"a.risk_level.{case}.moderate")
    assert (await watch(town)).level == "moderate"


async def test_an_issue_with_a_name_in_it_is_warned_of_and_called_otherwise(town: House) -> None:
    await watched(town.chief, title="Drev mot Zoë Müller")
    assert "Står det ett namn: Zoë Müller?" in town.chief.messages[-2].text
    await town.chief.press("Ändra", "Står det ett namn")
    await town.chief.write("Drev mot en förtroendevald")
    assert "Måttlig risk · Drev mot en förtroendevald" in town.chief.last.text
    assert (await watch(town)).title == "Drev mot en förtroendevald"


async def test_where_only_notices_pass_no_issue_or_measure_is_named_on_telegram(town: House) -> None:
    await watched(town.chief)
    await promised(town.chief, "Siv Almgren")
    town.app.house.notices_only = True
    since = len(town.chief.messages)
    await town.chief.command("bevaka")
    await town.chief.press(town.chief.last.labels[0])
    await town.chief.command("mina")
    await town.chief.press(town.chief.last.labels[0])
    await town.chief.command("risk")
    await town.chief.press("Alla åtgärder")
    await town.live_to(datetime(2026, 11, 30, 7, 30, tzinfo=UTC))
    shown = "\n".join(map(str, town.chief.messages[since:]))
    for words in (ISSUE, ISSUE[:19], DO, DO[:19]):
        assert (words in shown) is (town.platform == "slack"), words
