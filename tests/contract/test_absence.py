"""After an absence those whom it concerns are told, once; nobody else is, and a short stop is nobody's concern."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import Session

from bot.app import App
from bot.catalogue import Catalogue
from bot.presence import Presence
from bot.services import absence
from storage import processes
from storage.tables import Process
from tests.contract.conftest import PUBLIC, House, bare, swedish
from tests.test_alive import Seconds

AWAY = "Jag var borta"


async def stop_for(town: House, **amount: float) -> None:
    """The bot stops in good order, time passes, and it starts again."""
    await town.app.stop()
    town.clock.at += timedelta(**amount)
    await town.open()
    await town.quiet()


def read(messages: list[str]) -> list[str]:
    """Those of the messages that tell of an absence."""
    return [plain(text) for text in messages if AWAY in text]


def plain(text: str) -> str:
    """As it reads on either platform."""
    return bare(text).replace("\n\n", "\n").replace("*", "")


async def told(town: House) -> dict[str, list[str]]:
    """What each has been told of absences since the last look."""
    return {seat.name: found for seat in town.everyone if (found := read(seat.news()))}


async def settle(town: House) -> None:
    """The minute after which the chief is told."""
    await town.advance(seconds=61)


@pytest.fixture
async def busy_town(both: House) -> House:
    """Case 1 is Alva's and nobody's, case 2 Kim's and Omar's, case 3 is closed."""
    await both.flag_now(both.contact)
    await both.flag_later(both.neighbour)
    await both.officer.command("arende", "2")
    await both.officer.press("Jag tar den")
    await both.flag_later(both.official)
    await both.close(both.officer, "Klart", 3)
    await told(both)
    return both


async def test_each_with_an_open_case_is_told_when_and_what_is_kept_and_nobody_else(busy_town: House) -> None:
    town = busy_town
    town.clock.at = swedish(11, 23, 14, 2)
    await stop_for(town, minutes=28)
    span = f"{AWAY} 14.02–14.30. Nu är jag här igen."
    assert await told(town) == {
        "Alva Berg": [
            f"{span}\nDet du har flaggat är kvar: ärende 1.\n"
            f"Fick du inget svar på det du skrev då? Skriv igen, eller ring {PUBLIC}. Fara för liv: 112."
        ],
        "Kim Holm": [
            f"{span}\nDet du har flaggat är kvar: ärende 2.\n"
            f"Fick du inget svar på det du skrev då? Skriv igen, eller ring {PUBLIC}. Fara för liv: 112."
        ],
        "Omar Lind": [f"{span}\nDet du har tagit är kvar: ärende 2."],
    }


async def test_the_chief_hears_a_minute_later_what_came_late_and_what_was_overdue(busy_town: House) -> None:
    town = busy_town
    town.clock.at = swedish(11, 23, 14, 2)
    await town.app.stop()
    town.clock.at += timedelta(minutes=5)
    if town.platform == "telegram":  # what Telegram keeps while nobody fetches it
        await town.deputy.human.write("/flagga")
    town.clock.at += timedelta(minutes=23)
    await town.open()
    await town.quiet()
    assert AWAY not in "".join(town.chief.news())
    await settle(town)
    [text] = read(town.chief.news())
    count = 1 if town.platform == "telegram" else 0
    assert text == (
        f"{AWAY} 14.02–14.30. Nu är jag här igen.\nInget ärende kom fram sent.\n"
        "Löften och påminnelser som blev sena: ärende 1, 2.\n"
        f"Meddelanden och tryck som kom den första minuten efteråt: {count}."
    )
    await settle(town)
    assert not read(town.chief.news())


@pytest.mark.parametrize("platform", ["telegram"], indirect=True)
async def test_a_flag_that_came_late_is_named_to_the_chief(town: House) -> None:
    await town.contact.command("flagga")
    asked = town.contact.last
    await town.app.stop()
    town.clock.at = swedish(11, 23, 14, 0)
    button = next(label for label in asked.labels if label == "Händer nu")
    town.clock.at += timedelta(minutes=10)
    await town.contact.human.write(button)  # answered with the button's words, by somebody whom nobody answers
    town.clock.at += timedelta(minutes=10)
    await town.open()
    await town.quiet()
    await settle(town)
    [text] = read(town.chief.news())
    assert "Flaggades då och kom fram sent: ärende 1." in text
    assert text.endswith("den första minuten efteråt: 1.")


async def test_the_units_shared_places_are_told_when_only(busy_town: House) -> None:
    town = busy_town
    place = await town.shared(town.chief)
    await place.add_bot(town.chief)
    await town.chief.press("Ja, visa där")
    await stop_for(town, minutes=28)
    [text] = read([message.text for message in place.messages])
    assert text.endswith("Nu är jag här igen.\nFlaggor och påminnelser från den tiden kommer nu.")
    assert "ärende" not in text


async def test_a_stop_of_two_minutes_is_nobodys_concern(busy_town: House) -> None:
    await stop_for(busy_town, minutes=2)
    await settle(busy_town)
    assert await told(busy_town) == {}


async def test_with_nothing_open_only_the_chief_is_told(both: House) -> None:
    await stop_for(both, hours=3)
    await settle(both)
    [(name, [text])] = (await told(both)).items()
    assert name == "Siv Almgren" and "Inget löfte och ingen påminnelse blev sen." in text


async def test_another_day_is_named_and_beyond_a_day_telegram_has_forgotten(busy_town: House) -> None:
    town = busy_town
    town.clock.at = swedish(11, 23, 14, 2)
    await stop_for(town, hours=23)
    assert (await told(town))["Omar Lind"] == [
        f"{AWAY} från i går kl. 14.02 till i dag kl. 13.02. Nu är jag här igen.\nDet du har tagit är kvar: ärende 2."
    ]
    await stop_for(town, hours=25)
    found = await told(town)
    for name in ("Alva Berg", "Omar Lind"):
        assert "Telegram sparar i ett dygn. Det som skrevs tidigare än så kan vara borta." in found[name][0]


async def test_each_is_told_in_the_own_language(both: House) -> None:
    visitor = await both.linked("Ann Lake", "contact", "Kottepartiet", language="en")
    await visitor.command("flag")
    await visitor.press("Happening now")
    visitor.news()
    both.clock.at = swedish(11, 23, 14, 2)
    await stop_for(both, minutes=28)
    text = plain("\n".join(visitor.news()))
    assert "I was away 14:02–14:30. I am back now.\nWhat you flagged is still here: case 1." in text


async def test_a_bot_that_was_killed_is_missed_from_its_last_beat(busy_town: House) -> None:
    town = busy_town
    town.clock.at = swedish(11, 23, 14, 2)
    await town.app.presence.beat()
    town.clock.at += timedelta(seconds=9)
    dead, town.app.presence.stop = town.app, _nothing  # type: ignore[method-assign]  # killed: it cannot say so
    await dead.stop()
    town.clock.at = swedish(11, 23, 14, 30)
    await town.open()
    await town.quiet()
    assert "borta 14.02–14.30" in (await told(town))["Omar Lind"][0]


async def _nothing() -> None:
    """What a dead process does."""


async def test_of_several_that_start_together_one_tells_of_it(busy_town: House) -> None:
    town = busy_town
    await town.app.stop()
    town.clock.at += timedelta(minutes=30)
    crowd = [App(town.settings, town.app.seams) for _ in range(3)]
    for app in crowd:
        await app.presence.beat()
    for app in crowd:
        await app.stop()
    await town.open()
    await town.quiet()
    found = await told(town)
    assert {name: len(texts) for name, texts in found.items()} == {"Alva Berg": 1, "Kim Holm": 1, "Omar Lind": 1}


async def test_two_that_find_the_same_gap_cannot_both_claim_it(town: House) -> None:
    since, until = swedish(11, 23, 14, 2), swedish(11, 23, 14, 30)
    claim = processes.claim_absence
    assert await town.app.database.run(claim, since, until)
    assert not await town.app.database.run(claim, since, until + timedelta(seconds=1))
    assert await town.app.database.run(claim, until, until + timedelta(minutes=5))
    assert not await town.app.database.run(claim, since, until + timedelta(hours=1))


async def test_while_another_process_lives_nobody_was_away(busy_town: House) -> None:
    town = busy_town
    await town.app.stop()
    town.clock.at += timedelta(minutes=30)

    def other(session: Session) -> None:
        session.add(Process(name="other", started_at=town.clock.at, beat_at=town.clock.at - timedelta(seconds=5)))

    app = App(town.settings, town.app.seams)
    await app.database.run(other)
    await app.stop()
    await town.open()
    await town.quiet()
    await settle(town)
    assert await told(town) == {}


async def test_a_process_that_stood_still_for_minutes_says_so_when_it_wakes(busy_town: House) -> None:
    town, seconds = busy_town, Seconds()
    town.clock.at = swedish(11, 23, 14, 2)
    away: list[bool] = []
    app = town.app
    presence = Presence(app.database, app.house, app.name, town.clock.now, lambda: away.append(True), seconds)
    await presence.beat()
    for _ in range(20):  # the clock of the town may be moved: that is no absence
        seconds.at += 10
        town.clock.at += timedelta(hours=1)
        await presence.beat()
    assert not away
    town.clock.at += timedelta(minutes=28)
    seconds.at += 28 * 60
    await presence.beat()
    app.delivery.wake()
    await town.quiet()
    assert away == [True] and "borta" in (await told(town))["Omar Lind"][0]
    seconds.at += 10
    await presence.beat()
    assert away == [True]


async def test_the_very_first_start_is_no_absence(platform: str, tmp_path: Path) -> None:
    async with House(tmp_path, platforms=(platform,)) as house:
        await house.everybody()
        await settle(house)
        assert await told(house) == {}
        [row] = await house.all(Process)
        assert row.name == house.app.name and row.stopped_at is None


async def test_a_deadline_of_an_absence_survives_a_restart(busy_town: House) -> None:
    town = busy_town
    await stop_for(town, minutes=28)
    await town.restart()
    await settle(town)
    assert len(read(town.chief.news())) == 1


@pytest.mark.parametrize("language", ["sv", "en"])
def test_long_lists_are_cut_and_every_message_stays_short(language: str, town: House) -> None:
    voice = town.app.house.voice(language, swedish(11, 23, 15))
    numbers = list(range(100, 200))
    assert absence._list(numbers) == "100, 101, 102, 103, 104, 105, 106, 107, 108, 109, …"
    texts = Catalogue().texts(language)
    for key in (key for key in texts if key.startswith("alive.")):
        assert len(texts[key]) <= 100 and "\n" not in texts[key], key
    assert absence.span(voice, _at(8), _at(9)).count("–") == 1


def _at(hour: int) -> datetime:
    return swedish(11, 23, hour)
