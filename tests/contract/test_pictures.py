"""A picture with its words: drawn beside everything else, sent once, and in words where there is none."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from sqlmodel import Session, select

from bot import delivery
from bot.delivery import Delivery
from bot.messages import Message, Paragraph, Title, Words
from bot.picture.chart import Chart
from bot.picture.child import NotDrawn
from bot.playground.faults import Misbehaviour
from bot.playground.seat import Seat, TelegramSeat
from bot.playground.town import until
from bot.seams import Seams
from bot.services import sending
from bot.services.people import UNIT
from bot.services.work import Work
from storage.tables import Outbox, Role
from tests.contract.conftest import House
from tests.contract.test_notices_only import Terse

PNG = b"\x89PNG\r\n\x1a\n" + bytes(100)
MESSAGE = Message((Title(("Läget vecka 47",)), Paragraph(("Tre möten väntar.",))))
ALL_WORDS = ["Läget", "vecka", "47", "Tre", "möten", "väntar."]
SHOWN = "Hot: 3 förra veckan, 1 den här."
CHART = Chart("Läget vecka 47", ("v. 46", "v. 47"), (("Hot", (3, 1)),), SHOWN, "Alla", (3, 1), lines=("Tre möten.",))


class Pencil:
    """Draws in no time, unless it is told to wait, to fail, or to break."""

    def __init__(self) -> None:
        self.drawn: list[Chart] = []
        self.free = asyncio.Event()
        self.free.set()
        self.problem: Exception | None = None
        self.then: Exception | None = None  # the problem from the second drawing on

    async def draw(self, chart: Chart) -> bytes:
        self.drawn.append(chart)
        await self.free.wait()
        problem, self.problem = self.problem, self.problem or self.then
        if problem is not None:
            raise problem
        return PNG


@pytest.fixture
def pencil() -> Pencil:
    return Pencil()


@pytest.fixture
async def drawn(platform: str, tmp_path: Path, pencil: Pencil) -> AsyncIterator[House]:
    """Everybody on one platform, where the pencil draws."""
    async with House(tmp_path, platforms=(platform,), seams=Seams(paced=False, draw=pencil.draw)) as house:
        await house.everybody()
        yield house
        pencil.free.set()


async def put(
    town: House, who: Seat, message: Message = MESSAGE, chart: Chart = CHART,
    also: Callable[[Session], None] = lambda _: None, purpose: str = "answer",
) -> None:  # fmt: skip
    """Write it down that this person is to have a picture."""
    account = await town.account(who)

    def write(session: Session) -> None:
        work = Work(session, town.clock.now(), town.app.house)
        sending.picture_to_account(work, session.merge(account), message, chart, purpose)
        also(session)

    await town.look(write)


async def send(town: House, who: Seat, message: Message = MESSAGE, chart: Chart = CHART) -> None:
    """The same, and let it be sent."""
    await put(town, who, message, chart)
    town.app.delivery.wake()
    await town.quiet()


async def pictures(town: House) -> list[Outbox]:
    return [row for row in await town.all(Outbox) if row.act == "file"]


def words_of(who: Seat) -> str:
    return "\n".join(seen.text for seen in who.messages)


async def test_a_person_has_the_picture_with_its_words(town: House) -> None:
    """Drawn by the real child; on Slack a screen reader says what it shows."""
    await send(town, town.chief)
    (picture,) = town.chief.pictures
    assert picture.content.startswith(PNG[:8]) and picture.content[16:20] == (1080).to_bytes(4, "big")
    assert picture.text.split() == ALL_WORDS
    assert picture.alt == ("" if isinstance(town.chief, TelegramSeat) else SHOWN)
    assert [(name, media) for name, media, _ in town.chief.files] == [("lagesbild.png", "image/png")]
    assert SHOWN not in words_of(town.chief)
    (row,) = await pictures(town)
    assert (row.state, row.body, row.repeat) == ("delivered", None, False)
    assert await town.nothing_kept() and not await town.unsettled()


async def test_the_file_is_named_in_the_readers_language(drawn: House) -> None:
    reader = await drawn.linked("Eva Ask", "officer", language="en")
    await send(drawn, reader)
    assert [name for name, _, _ in reader.files] == ["situation.png"]


@pytest.mark.parametrize("problem", [NotDrawn("it took too long"), ZeroDivisionError("hemligt")])
async def test_without_a_picture_the_words_come_alone_and_once(
    drawn: House, pencil: Pencil, problem: Exception
) -> None:
    pencil.problem = problem
    await send(drawn, drawn.chief, chart=replace(CHART, words=f"{SHOWN}\nHatbrott: inget."))
    await drawn.advance(minutes=10)
    assert not drawn.chief.pictures and not drawn.chief.files
    assert drawn.chief.last.text.split() == f"Läget vecka 47 Tre möten väntar. {SHOWN} Hatbrott: inget.".split()
    assert words_of(drawn.chief).count("Läget vecka 47") == 1
    row, *others = [row for row in await drawn.all(Outbox) if row.act == "file"]
    assert not others and (row.state, row.body) == ("failed", None) and "hemligt" not in row.reason
    (carrying,) = [one for one in await drawn.all(Outbox) if one.id == row.carried_by]
    assert (carrying.state, carrying.body, carrying.purpose) == ("delivered", None, "answer")


async def test_words_that_no_message_holds_come_in_several(drawn: House, pencil: Pencil) -> None:
    pencil.problem = NotDrawn("the child ended with 1")
    long = "\n".join(f"Vecka {week}: " + "hot 3, klotter 2, " * 20 for week in range(20))
    await send(drawn, drawn.chief, chart=replace(CHART, words=long))
    said = words_of(drawn.chief)
    assert all(f"Vecka {week}:" in said for week in range(20)) and said.count("Läget vecka 47") == 1


async def test_a_chart_that_nobody_can_draw_is_said_in_words(town: House) -> None:
    await send(town, town.chief, chart=replace(CHART, rows=(("Hot", (-3, 1)),)))
    assert not town.chief.files and SHOWN in town.chief.last.text


async def test_a_picture_that_the_platform_refuses_is_said_in_words(drawn: House, platform: str) -> None:
    server = drawn.telegram if platform == "telegram" else drawn.slack
    method = "sendPhoto" if platform == "telegram" else "files.getUploadURLExternal"
    server.faults.plan(method, Misbehaviour.TOO_LONG)
    await send(drawn, drawn.chief)
    assert not drawn.chief.files and drawn.chief.last.text.endswith(SHOWN)


@pytest.mark.parametrize("second", [None, NotDrawn("it took too long")])
async def test_one_that_may_have_arrived_comes_once_more_and_says_so(
    drawn: House, pencil: Pencil, platform: str, second: Exception | None
) -> None:
    """Also in words, when it can be drawn no more."""
    server = drawn.telegram if platform == "telegram" else drawn.slack
    method = "sendPhoto" if platform == "telegram" else "files.completeUploadExternal"
    server.faults.plan(method, Misbehaviour.DROP_AFTER)
    pencil.then = second
    await send(drawn, drawn.chief)
    await drawn.advance(seconds=5)
    assert "Upprepat: det här kan ha kommit förut." in drawn.chief.last.text
    assert (len(drawn.chief.messages), len(drawn.chief.pictures)) == (2, 1 if second else 2)


async def test_a_long_message_goes_on_below_the_picture(drawn: House) -> None:
    """A caption has a quarter of the room that a message has."""
    lines = tuple(Paragraph((f"Möte {number}: " + "ord " * 60,)) for number in range(8))
    await send(drawn, drawn.chief, message=Message((*MESSAGE.parts, *lines)))
    said = words_of(drawn.chief)
    assert len(drawn.chief.pictures) == 1 and drawn.chief.pictures[0].text.startswith("Läget vecka 47")
    assert [said.count(f"Möte {number}:") for number in range(8)] == [1] * 8
    assert said.index("Möte 0:") < said.index("Möte 7:")


async def test_what_comes_later_in_the_chat_comes_after_it(drawn: House, pencil: Pencil) -> None:
    pencil.free.clear()
    await put(drawn, drawn.chief)
    account = await drawn.account(drawn.chief)

    def more(session: Session) -> None:
        work = Work(session, drawn.clock.now(), drawn.app.house)
        sending.to_account(work, session.merge(account), Message((Title(("Och sedan",)),)), "answer")

    await drawn.look(more)
    drawn.app.delivery.wake()
    await until(lambda: bool(pencil.drawn), "the drawing to begin")
    assert not drawn.chief.has("Och sedan")
    pencil.free.set()
    await drawn.quiet()
    assert drawn.chief.last.text == "Och sedan" and len(drawn.chief.pictures) == 1


# Others do not wait for it


async def answered(town: House, who: Seat, ask: Awaitable[None], sign: str) -> None:
    """This person acts, and is answered although the bot is not at rest."""
    await ask
    await until(lambda: who.has(sign), f"the answer to {who}")


async def test_while_a_picture_is_drawn_others_are_answered(drawn: House, pencil: Pencil) -> None:
    await drawn.contact.command("flagga")
    pencil.free.clear()
    await put(drawn, drawn.chief)
    drawn.app.delivery.wake()
    await until(lambda: bool(pencil.drawn), "the drawing to begin")
    message = drawn.contact.find("", "Händer nu").native
    await answered(drawn, drawn.contact, drawn.contact._press(message, "Händer nu"), "Ärende 1 är sparat")
    await until(lambda: drawn.officer.has("Ärende 1 · Händer nu"), "the notice to the unit")
    assert not drawn.app.delivery.resting and not drawn.chief.pictures
    pencil.free.set()
    await drawn.quiet()
    assert len(drawn.chief.pictures) == 1 and not await drawn.unsettled()


async def test_pictures_for_many_take_no_room_from_answers(
    drawn: House, pencil: Pencil, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However little there is of it, and also where more pictures wait than are claimed at a time."""
    monkeypatch.setattr(delivery, "UNPACED", 2)
    pencil.free.clear()
    others = [seat for seat in drawn.everyone if seat is not drawn.officer]
    for seat in others:
        await put(drawn, seat)
    drawn.app.delivery.wake()
    await until(lambda: bool(pencil.drawn), "the drawing to begin")
    await answered(drawn, drawn.officer, drawn.officer._command("flagga", ""), "Händer det nu")
    assert sum(row.state == "claimed" for row in await pictures(drawn)) == delivery.AHEAD < len(others)
    pencil.free.set()
    await drawn.quiet()
    assert all(len(seat.pictures) == 1 for seat in others) and not await drawn.unsettled()


# Restarts


async def test_a_restart_before_it_is_looked_at_sends_it_once(drawn: House) -> None:
    await put(drawn, drawn.chief)
    await drawn.restart()
    await drawn.quiet()
    await drawn.restart()
    await drawn.quiet()
    assert len(drawn.chief.pictures) == 1 and not drawn.chief.has("Upprepat")


async def test_a_restart_while_it_is_drawn_sends_it_once_and_as_new(drawn: House, pencil: Pencil) -> None:
    """What was only drawn has reached nobody."""
    pencil.free.clear()
    await put(drawn, drawn.chief)
    drawn.app.delivery.wake()
    await until(lambda: bool(pencil.drawn), "the drawing to begin")
    await drawn.app.stop()
    assert not drawn.chief.messages
    pencil.free.set()
    await drawn.open()
    await drawn.quiet()
    assert len(drawn.chief.pictures) == len(drawn.chief.messages) == 1 and not drawn.chief.has("Upprepat")


async def test_a_crash_while_it_is_drawn_sends_it_once(
    drawn: House, pencil: Pencil, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody can know that it was not sent, so it says that it may have come before."""
    pencil.free.clear()
    await put(drawn, drawn.chief)
    drawn.app.delivery.wake()
    await until(lambda: bool(pencil.drawn), "the drawing to begin")
    monkeypatch.setattr(Delivery, "stop", lifeless)
    await drawn.app.stop()
    monkeypatch.undo()
    pencil.free.set()
    await drawn.open()
    await drawn.quiet()
    assert len(drawn.chief.pictures) == 1 and drawn.chief.has("Upprepat")


async def lifeless(self: Delivery) -> None:
    """Nothing is settled by a process that is killed."""
    for task in list(self._under_way):
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


# Rights


async def test_the_units_picture_reaches_nobody_who_has_left_the_unit(drawn: House) -> None:
    def leave(session: Session) -> None:
        for role in session.exec(select(Role).where(Role.kind.in_(UNIT))):  # type: ignore[attr-defined]
            role.ended_at = drawn.clock.now()

    await put(drawn, drawn.officer, also=leave)
    await put(drawn, drawn.contact)
    drawn.app.delivery.wake()
    await drawn.quiet()
    assert not drawn.officer.messages and len(drawn.contact.pictures) == 1
    units, contacts = await pictures(drawn)
    assert (units.state, units.reason) == ("failed", "the person may no longer open it")
    assert (units.body, contacts.state) == (None, "delivered")


# Where no picture goes


async def test_what_would_have_to_wait_waits_in_words(drawn: House, pencil: Pencil) -> None:
    await drawn.chief.command("tyst")
    await drawn.chief.press(next(label for label in drawn.chief.last.labels if "22" in label))
    await drawn.advance(hours=14)
    before = len(drawn.chief.messages)
    await put(drawn, drawn.chief, purpose="info")
    drawn.app.delivery.wake()
    await drawn.quiet()
    assert len(drawn.chief.messages) == before and not pencil.drawn
    await drawn.advance(hours=9)
    assert drawn.chief.has(SHOWN) and not drawn.chief.pictures


@pytest.fixture
async def terse(tmp_path: Path) -> AsyncIterator[Terse]:
    async with Terse(tmp_path, platforms=("telegram", "slack")) as house:
        await house.everybody()
        yield house


async def test_where_only_notices_pass_the_words_come_without_a_file(terse: Terse) -> None:
    """What somebody wrote stays behind there too, and nothing is drawn."""
    await send(terse, terse.officer)
    assert terse.officer.last.text.endswith(SHOWN) and not terse.officer.files
    await send(terse, terse.officer, chart=replace(CHART, words=Words("Lisa hotades på torget")))
    assert not terse.officer.files and "Lisa" not in terse.sent and terse.officer.has("Läget vecka 47")
    assert not await pictures(terse)
    await send(terse, terse.officer_slack)
    assert len(terse.officer_slack.pictures) == 1


@pytest.mark.parametrize("platform", ["telegram"])
async def test_when_only_notices_pass_from_now_on_its_message_comes_alone(drawn: House) -> None:
    """Whoever wrote what it shows, it was meant for where that passes."""
    await put(drawn, drawn.chief)
    drawn.app.house.notices_only = True
    drawn.app.delivery.wake()
    await drawn.quiet()
    assert not drawn.chief.files and drawn.chief.last.text.split() == ALL_WORDS
