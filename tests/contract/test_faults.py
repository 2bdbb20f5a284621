"""When a platform, the database or the bot itself fails: nothing is lost, nothing is doubled unmarked."""

from __future__ import annotations

import logging
from typing import Any, NoReturn

import pytest
from sqlalchemy.exc import OperationalError

from bot import calls, delivery
from bot.playground.faults import Misbehaviour
from bot.playground.town import until
from bot.services import incidents, menu
from bot.services.work import Work
from storage.tables import Incident, KeptEvent, Outbox, SeenEvent
from tests.contract.conftest import PUBLIC, House, Place, bare

SEND = {"telegram": "sendMessage", "slack": "chat.postMessage"}
EDIT = {"telegram": "editMessageText", "slack": "chat.update"}
PIN = {"telegram": "pinChatMessage", "slack": "pins.add"}
LEAVE = {"telegram": "leaveChat", "slack": "conversations.leave"}
REPEATED = "Upprepat: det här kan ha kommit förut."
# The plainest trouble that passes; test_ledger_faults.py has a broadcast go through all kinds.
PASSING = [
    Misbehaviour.TOO_MANY, Misbehaviour.SERVER_ERROR, Misbehaviour.DROP_BEFORE, Misbehaviour.DROP_AFTER,
    Misbehaviour.DELAY,
]  # fmt: skip
SHORT = 0.05  # seconds of a planned delay


def plan(town: House, methods: dict[str, str], kind: Misbehaviour, times: int = 1) -> None:
    """Let the next calls of a method on this platform go wrong."""
    server: Any = getattr(town, town.platform)
    server.faults.plan(methods[town.platform], kind, seconds=SHORT, times=times)


async def mended(town: House) -> None:
    """Time enough for every other try."""
    for _ in range(6):
        await town.advance(seconds=70)


def copies(messages: list[Any], text: str) -> list[str]:
    """The texts of every message that says this."""
    return [m.text for m in messages if text in m.text]


@pytest.mark.parametrize("kind", PASSING)
async def test_an_answer_meets_it_and_arrives_all_the_same(town: House, kind: Misbehaviour) -> None:
    plan(town, SEND, kind)
    await town.loner.command("mina")
    await mended(town)
    found = copies(town.loner.messages, "inga öppna ärenden")
    assert len(found) == (2 if kind is Misbehaviour.DROP_AFTER else 1)
    marked = kind in (Misbehaviour.DROP_AFTER, Misbehaviour.DROP_BEFORE)  # nobody could know that it had not come
    assert (REPEATED in found[-1]) is marked
    assert REPEATED not in found[0] or len(found) == 1
    assert await town.unsettled() == []


@pytest.mark.parametrize("kind", PASSING)
async def test_a_notice_meets_it_and_the_unit_is_told_all_the_same(town: House, kind: Misbehaviour) -> None:
    await town.contact.command("flagga")
    plan(town, SEND, kind, times=2)
    await town.contact.press("Händer nu")
    await town.advance(seconds=70)
    for seat, text in ((town.chief, "Ärende 1 · Händer nu"), (town.officer, "Ärende 1 · Händer nu"),
                       (town.contact, "Ärende 1 är sparat")):  # fmt: skip
        found = copies(seat.messages, text)
        assert 1 <= len(found) <= 2
        assert len(found) == 1 or REPEATED in found[1]
    assert [row for row in await town.unsettled() if row.state != "waiting"] == []
    await town.officer.press("Jag tar den")
    assert "Omar Lind tog det" in town.chief.find("Ärende 1").text


@pytest.mark.parametrize("kind", PASSING)
async def test_an_edit_meets_it_and_the_message_is_current_in_the_end(town: House, kind: Misbehaviour) -> None:
    await town.flag_now(town.contact)
    seen = len(town.chief.messages)
    plan(town, EDIT, kind)
    await town.officer.press("Jag tar den")
    await town.advance(seconds=70)
    assert len(copies(town.chief.messages, "Omar Lind tog det")) == 1 and len(town.chief.messages) == seen
    assert "Jag tar den" not in town.chief.last.labels
    assert [row for row in await town.unsettled() if row.state != "waiting"] == []


@pytest.mark.parametrize("kind", PASSING)
async def test_a_pin_meets_it_and_the_card_is_pinned_in_the_end(town: House, kind: Misbehaviour) -> None:
    plan(town, PIN, kind)
    chief = town.newcomer("Siv Almgren")
    await chief.redeem(town.chief_code)
    await mended(town)
    assert chief.find("Välkommen").native.pinned
    assert len(copies(chief.messages, "Välkommen")) == 1


@pytest.mark.parametrize("kind", [k for k in PASSING if k is not Misbehaviour.DELAY])
async def test_leaving_a_place_meets_it_and_the_bot_leaves_all_the_same(town: House, kind: Misbehaviour) -> None:
    place: Place = await town.shared(town.chief)
    await place.add_bot(town.chief)
    plan(town, LEAVE, kind)
    await town.chief.press("Nej, lämna")
    await mended(town)
    assert not place.has_bot


@pytest.mark.parametrize("methods", [SEND, EDIT, PIN])
async def test_who_blocked_the_bot_costs_nobody_else_anything(town: House, methods: dict[str, str]) -> None:
    chief = town.newcomer("Siv Almgren")
    plan(town, methods, Misbehaviour.BLOCKED)
    await chief.redeem(town.chief_code)
    await town.flag_now(town.contact)
    assert town.officer.has("Ärende 1 · Händer nu") and await town.nothing_kept()
    failed = [row for row in await town.unsettled() if row.state == "failed"]
    assert failed and all(row.reason for row in failed)


async def test_a_platform_that_asks_to_wait_is_waited_for_and_nothing_counts_as_a_failure(town: House) -> None:
    plan(town, SEND, Misbehaviour.TOO_MANY, times=5)
    await town.loner.command("mina")
    for _ in range(5):
        assert not town.loner.messages
        await town.advance(seconds=1.5)
    assert len(copies(town.loner.messages, "inga öppna ärenden")) == 1 and REPEATED not in town.loner.last.text


async def test_what_is_sent_stays_in_order_for_each_person_when_the_first_fails(town: House) -> None:
    plan(town, SEND, Misbehaviour.SERVER_ERROR, times=1)
    await town.contact.command("mina")
    await town.contact.command("flagga")
    assert not town.contact.messages
    await town.advance(seconds=10)
    assert "inga öppna" in town.contact.messages[0].text and "Händer det nu" in town.contact.messages[1].text


async def test_a_second_lost_answer_is_listed_and_not_sent_a_third_time(town: House) -> None:
    plan(town, SEND, Misbehaviour.DROP_AFTER, times=2)
    await town.loner.command("mina")
    await mended(town)
    assert len(copies(town.loner.messages, "inga öppna ärenden")) == 2
    [row] = await town.unsettled()
    assert row.state == "uncertain" and row.reason


@pytest.mark.parametrize("platform", ["slack"], indirect=True)
@pytest.mark.parametrize("method", ["views.open", "views.update"])
@pytest.mark.parametrize("kind", [Misbehaviour.SERVER_ERROR, Misbehaviour.DROP_BEFORE, Misbehaviour.TOO_MANY])
async def test_a_window_that_does_not_open_leaves_the_questions_in_the_chat(
    town: House, method: str, kind: Misbehaviour
) -> None:
    await town.contact.command("flagga")
    await town.contact.press("Rykte")
    town.slack.faults.plan(method, kind)
    await town.contact.press(next(label for label in town.contact.last.labels if label.startswith("Fyll i")))
    await town.contact.write("hot")
    await town.contact.write("Någon har hört något")
    for _ in range(3):
        await town.contact.press("Hoppa över")
    await town.contact.press("Skicka till enheten")
    assert (await town.incident()).category == "threat"


@pytest.mark.parametrize("platform", ["slack"], indirect=True)
@pytest.mark.parametrize("kind", [Misbehaviour.SERVER_ERROR, Misbehaviour.DROP_BEFORE])
async def test_a_channel_that_cannot_be_looked_at_is_not_trusted(town: House, kind: Misbehaviour) -> None:
    place = await town.shared(town.chief)
    town.slack.faults.plan("conversations.info", kind, times=5)  # a dropped question may be asked again
    await place.add_bot(town.chief)
    assert not place.has_bot


@pytest.mark.parametrize("platform", ["telegram"], indirect=True)
@pytest.mark.parametrize("kind", PASSING)
async def test_a_poll_that_meets_it_loses_no_update(town: House, kind: Misbehaviour) -> None:
    for channel in town.app.channels:
        channel.first_rest = 0.01  # type: ignore[attr-defined]  # the adapter's own rest, made short
    town.telegram.faults.plan("getUpdates", kind, seconds=SHORT, times=3)
    await town.contact.write("/flagga")
    await town.contact.press("Händer nu")
    assert len(await town.all(Incident)) == 1 and town.officer.has("Ärende 1")


# The bot's own mistakes


def broken(*_: Any, **__: Any) -> NoReturn:
    """A mistake that nobody foresaw."""
    raise ZeroDivisionError("hemliga ord")


async def test_an_unexpected_error_keeps_the_event_says_so_and_moves_on(
    town: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = await town.rows()
    with monkeypatch.context() as patch:
        patch.setattr(menu, "words", broken)
        await town.contact.write("Det står folk utanför lokalen")
    [kept] = await town.all(KeptEvent)
    assert kept.body["text"] == "Det står folk utanför lokalen" and kept.error == "ZeroDivisionError"
    told = bare(town.contact.last.text)
    assert told.startswith(f"Ring {PUBLIC} om det är bråttom") and "sparat" in told and "112" in told
    after = await town.rows()
    assert after == before | {"keptevent": 1, "seenevent": 1, "outbox": before["outbox"] + 1}
    await town.flag_now(town.deputy)
    assert town.officer.has("Ärende 1 · Händer nu")


async def test_an_error_in_the_middle_of_a_press_leaves_nothing_half_done(
    town: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    await town.contact.command("flagga")
    before = await town.rows()
    with monkeypatch.context() as patch:
        patch.setattr(incidents, "_receipt", broken)
        told = await town.told(town.contact, town.contact.press("Händer nu"))
    assert "sparat" in told and PUBLIC in bare(told) and "112" in told
    after = await town.rows()
    assert (after["incident"], after["entry"], after["post"]) == (0, 0, 0) and after["deadline"] == before["deadline"]
    assert after["keptevent"] == 1 and after["conversation"] == before["conversation"]
    await town.contact.press("Händer nu")
    assert len(await town.all(Incident)) == 1 and town.officer.has("Ärende 1 · Händer nu")


async def test_a_stranger_who_meets_an_error_gets_a_number_too(town: House, monkeypatch: pytest.MonkeyPatch) -> None:
    stranger = town.newcomer("Sten Okänd")
    with monkeypatch.context() as patch:
        patch.setattr("bot.intake._polite", broken)
        await stranger.write("hej")
    assert "112" in stranger.last.text and PUBLIC in bare(stranger.last.text)


async def test_a_deadline_that_meets_an_error_is_tried_again(town: House, monkeypatch: pytest.MonkeyPatch) -> None:
    await town.flag_now(town.contact)
    with monkeypatch.context() as patch:
        patch.setattr("bot.services.notices.to_people", broken)
        await town.advance(minutes=3)
    assert not town.officer.has("det är din tur")
    await town.advance(minutes=1)
    assert town.officer.has("det är din tur")


async def test_what_the_database_did_not_take_is_not_acknowledged_and_comes_again(
    town: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    for channel in town.app.channels:
        if hasattr(channel, "first_rest"):
            channel.first_rest = 0.01
    database, fails, down = town.app.database, 0, True
    whole = database._one

    def failing(work: Any, arguments: Any) -> Any:
        nonlocal fails
        if down and getattr(work, "__self__", None) is town.app.intake:
            fails += 1
            raise OperationalError("COMMIT", {}, Exception("disk I/O error"))
        return whole(work, arguments)

    monkeypatch.setattr(database, "_one", failing)
    town.slack.ack_within = 0.2
    await town.contact.human.write("Det står folk utanför lokalen")
    await until(lambda: fails >= 2, "the failure")
    assert not await town.all(SeenEvent) and not await town.all(KeptEvent)
    assert town.telegram.pending or town.slack.unacked
    down = False
    await town.slack.retry_unacked()  # Telegram's update is still there; Slack sends the event again
    await town.quiet()
    assert len(await town.all(SeenEvent)) == 1
    assert len(copies(town.contact.messages, "Jag har sparat det du skrev")) == 1


# The logs


async def test_a_transaction_that_breaks_while_a_message_is_drawn_is_done_anew(
    town: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when PostgreSQL finds that another process was quicker; it is no fault of the row."""
    broke: list[int] = []

    def breaks_once(work: Work, row: Outbox) -> calls.Call | None:
        if not broke:
            broke.append(row.id or 0)
            raise OperationalError("SELECT", {}, Overtaken("could not serialize access"))
        return calls.ready(work, row)

    monkeypatch.setattr(delivery, "ready", breaks_once)
    await town.flag_now(town.contact)
    assert broke and await town.unsettled() == []
    assert town.chief.has("Ärende 1")


class Overtaken(Exception):
    """What psycopg raises; `sqlstate` is how it is told from other errors."""

    sqlstate = "40001"


async def test_logs_hold_ids_only(
    both: House, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.DEBUG)
    second = await both.linked("Alva Berg", "contact", on=both.platforms[1])
    stranger = both.newcomer("Sten Okänd")
    await stranger.write("Hemligt främmande")
    await both.contact.write("Hemligt brinner på Skolgatan")
    plan(both, SEND, Misbehaviour.DROP_AFTER, times=2)
    await both.contact.press("Händer nu")
    await both.contact.write("Hemliga gatan 5")
    await both.contact.press("Nej, inte än")
    await both.contact.write("070-174 06 05")
    plan(both, EDIT, Misbehaviour.SERVER_ERROR, times=2)
    await both.officer.press("Jag tar den")
    await both.advance(seconds=10)
    await both.answer(both.officer, "Hemligt svar")
    plan(both, SEND, Misbehaviour.BLOCKED)
    await second.write("Hemligt mer")
    with monkeypatch.context() as patch:
        patch.setattr(menu, "words", broken)
        await both.loner.write("Hemligt fel")
    await both.chief.command("bjudin")
    await both.chief.press("Säkerhetsenheten")
    await both.chief.write("Hemlig Hemligsson")
    await both.telegram.inject({"message": {"message_id": "x", "chat": 5, "text": "Hemligt trasigt"}})
    broken_press = {"type": "block_actions", "team": {"id": "T0FIKTIV"}, "actions": [{"value": "Hemligt trasigt"}]}
    await both.slack.inject({"envelope_id": "e1", "type": "interactive", "payload": broken_press})
    await both.advance(minutes=20)
    await both.close(both.officer, "Hemlig mening")
    logged = "\n".join(
        f"{r.getMessage()} {r.exc_text or ''}" for r in caplog.records if not r.name.startswith("asyncio")
    )
    logged += caplog.text
    assert "ZeroDivisionError" in logged and "outbox row" in logged
    for secret in ("emlig", "Skolgatan", "Alva", "Berg", "Siv", "Omar", "Lind", "Sten", "Bokpartiet", "70174", "70-174",
                   "vakten", "123456:playground", "xoxb-", "xapp-"):  # fmt: skip
        assert secret not in logged, next(line for line in logged.splitlines() if secret in line)


async def test_a_settled_row_keeps_no_words(town: House) -> None:
    await town.flag_later(town.contact, what="Hemligt klotter")
    await town.answer(town.officer, "Hemligt svar")
    rows = [row for row in await town.all(Outbox) if row.state == "delivered"]
    assert rows and all(row.body is None for row in rows)
