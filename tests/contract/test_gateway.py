"""Issue 4, point 4: the last way to somebody who does not answer is an SMS or a call, through the outbox's ledger."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime
from itertools import product
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from sqlalchemy import text
from sqlmodel import Session, SQLModel, select

from bot.app import App
from bot.gateways import GSM, words_of
from bot.handlers import elks
from bot.playground.faults import Misbehaviour
from bot.playground.seat import Seat
from bot.playground.town import RECORDING, until
from bot.services import gateway
from bot.services.after import parse_after
from bot.services.escalation_plan import AlertChain
from bot.services.steps import AlertStep
from bot.services.work import Work
from storage.tables import Alert, Incident, Outbox, Person
from tests.contract.conftest import NIGHT, PLATFORMS, PUBLIC, House, bare
from tests.contract.test_alerts import broadcast

NUMBER = "+46701740605"
TWO_PARTS = 306
UPPREPAT = "Upprepat"
SHORT = 0.4  # seconds of patience, and yet enough for a good answer on a busy machine


async def opened(house: House) -> House:
    """Everybody is in, and Alva has left her number."""
    await house.everybody()
    await give_number(house, house.contact)
    return house


@pytest.fixture
async def town(platform: str, tmp_path: Path) -> AsyncIterator[House]:
    """Everybody on one platform, and a gateway."""
    async with House(tmp_path, platforms=(platform,), gateway=True) as house:
        yield await opened(house)


@pytest.fixture
async def both(platform: str, tmp_path: Path) -> AsyncIterator[House]:
    """A town with both platforms and a gateway."""
    other = next(name for name in PLATFORMS if name != platform)
    async with House(tmp_path, platforms=(platform, other), gateway=True) as house:
        yield await opened(house)


async def give_number(town: House, seat: Seat, number: str | None = NUMBER) -> None:
    """Let a person's number be this."""
    person = (await town.account(seat)).person_id

    def give(session: Session) -> None:
        session.get_one(Person, person).phone = number

    await town.look(give)


async def remind(
    town: House, seat: Seat, number: int = 1, *, of: type[Alert] | type[Incident] = Alert, voice: bool = False,
    since: datetime | None = None,
) -> bool:  # fmt: skip
    """As the chain does it, and let the bot do all that comes of it."""
    person = (await town.account(seat)).person_id

    def act(session: Session) -> bool:
        work = Work(session, town.clock.at, town.app.house)
        about: Any = session.get_one(of, number)
        return gateway.remind(work, session.get_one(Person, person), about, voice=voice, since=since)

    sent = await town.look(act)
    town.app.delivery.wake()
    await town.quiet()
    return sent


async def rows(town: House) -> list[Outbox]:
    """What went, or should have gone, to a telephone."""
    return [row for row in await town.all(Outbox) if row.platform == "sms"]


async def later(town: House) -> None:
    """Time enough for every other try."""
    for _ in range(4):
        await town.advance(seconds=70)


async def test_a_step_of_the_municipalitys_own_plan_goes_by_sms_to_who_has_not_answered(town: House) -> None:
    own = AlertChain((AlertStep(parse_after("1 min"), "nudge"), AlertStep(parse_after("2 min"), "sms")))
    town.app.house.plan = replace(town.app.house.plan, alerts={"emergency": own})
    await give_number(town, town.neighbour, "+46701740606")
    await broadcast(town)
    await town.neighbour.press("Läst")
    await town.advance(minutes=17, seconds=-1)
    assert not town.elks.texts
    await town.advance(seconds=1)
    assert [sms.to for sms in town.elks.texts] == [NUMBER], "who has answered, and who has no number, gets none"


# What arrives


async def test_who_has_not_answered_gets_a_text_that_says_who_sends_it_what_to_do_and_whom_to_call(town: House) -> None:
    await broadcast(town)
    assert await remind(town, town.contact)
    [sms] = town.elks.texts
    assert sms.to == NUMBER
    assert sms.words.split("\n") == [
        "AKUT från säkerhetsenheten i Lönnköping: utskick 1 väntar på ditt svar.",
        "Är du i fara: ring 112.",
        f'Öppna chatten och tryck "Läst", eller ring {PUBLIC}.',
        "Svara inte på detta sms. Ingen läser svaret.",
    ]
    [row] = await rows(town)
    person = (await town.account(town.contact)).person_id
    assert (row.state, row.ref, row.chat) == ("delivered", sms.id, f"person:{person}")


async def test_who_is_asked_whether_they_are_safe_is_told_to_say_so(town: House) -> None:
    await broadcast(town, ask="safe", level="warning")
    await remind(town, town.contact)
    assert "svara om du är trygg" in town.elks.texts[0].words and "Läst" not in town.elks.texts[0].words
    assert town.elks.texts[0].words.startswith("VARNING från") and "112" not in town.elks.texts[0].words


async def test_an_exercise_says_so_first(town: House) -> None:
    await broadcast(town, exercise=True)
    await remind(town, town.contact)
    assert town.elks.texts[0].words.startswith("ÖVNING. Det är ingen fara.\nAKUT från")


async def test_an_officer_is_told_of_an_incident_that_nobody_has_taken_with_the_number_of_the_hour(town: House) -> None:
    await give_number(town, town.officer)
    await town.flag_later(town.contact, what="Hemligt klotter")
    await town.advance(hours=9)
    await remind(town, town.officer, of=Incident)
    words = town.elks.texts[0].words
    assert words.startswith("Säkerhetsenheten i Lönnköping: ingen har tagit ärende 1 än.\n")
    assert f'tryck "Jag tar den", eller ring {NIGHT}' in words and "klotter" not in words


async def test_the_words_are_in_the_language_of_the_person(town: House) -> None:
    english = await town.linked("Ann Hill", "contact", "Kottepartiet", language="en")
    await give_number(town, english)
    await broadcast(town)
    await remind(town, english)
    assert 'press "Read", or call' in town.elks.texts[0].words


async def test_a_call_rings_too_and_the_text_stays_to_be_read(town: House) -> None:
    await broadcast(town)
    await remind(town, town.contact, voice=True)
    assert [ring.to for ring in town.elks.rings] == [NUMBER] and town.elks.rings[0].sound == RECORDING
    assert [(row.act, row.state) for row in await rows(town)] == [("send", "delivered"), ("call", "delivered")]
    assert len(town.elks.texts) == 1 and len({row.ref for row in await rows(town)}) == 2


@pytest.mark.parametrize("language", ["sv", "en"])
def test_every_text_fits_in_two_parts_whatever_is_in_it(town: House, language: str) -> None:
    town.app.house.name = "Malung-Sälens kommun"
    work = Work(None, town.clock.at, town.app.house)  # type: ignore[arg-type]  # nothing is read
    voice = town.app.house.voice(language, town.clock.at)
    row = Outbox(platform="sms", team="", chat="person:1", purpose="notice", priority=0, act="send", repeat=True)
    abouts: list[Alert | Incident] = [Incident(id=12_345, imminence="now", reporter_id=1)]
    for exercise, ask in product((False, True), ("read", "safe")):
        abouts.append(Alert(id=12_345, level="emergency", author_id=1, exercise=exercise, ask=ask))
    every = [words_of(gateway._message(work, voice, row, about)) for about in abouts]
    assert all(set(words) <= GSM for words in every)
    assert 200 < max(map(len, every)) <= TWO_PARTS


# Once


async def test_the_same_reason_is_sent_once_and_a_new_beginning_may_send_again(town: House) -> None:
    await broadcast(town)
    await broadcast(town)
    for _ in range(3):
        assert await remind(town, town.contact)
    assert len(town.elks.texts) == 1
    await remind(town, town.contact, voice=True)
    assert (len(town.elks.texts), len(town.elks.rings)) == (1, 1), "a call adds itself to the text"
    await remind(town, town.contact, 2)
    assert len(town.elks.texts) == 2, "another broadcast is another reason"
    await town.advance(minutes=5)
    await remind(town, town.contact, since=town.clock.at)
    assert len(town.elks.texts) == 3
    await town.flag_now(town.deputy)
    await remind(town, town.contact, of=Incident)
    assert len(town.elks.texts) == 4, "an incident has the same number as a broadcast, and is no broadcast"


async def test_without_a_number_nothing_is_written(town: House) -> None:
    await broadcast(town)
    assert not await remind(town, town.deputy) and await rows(town) == []


async def test_without_a_gateway_nothing_is_written(platform: str, tmp_path: Path) -> None:
    async with House(tmp_path, platforms=(platform,)) as town:
        await opened(town)
        await broadcast(town)
        assert not await remind(town, town.contact) and await rows(town) == []
        assert town.app.house.gateways == () and town.app.gateway is None


async def test_who_answers_while_it_waits_is_not_disturbed(town: House) -> None:
    await broadcast(town)
    town.elks.faults.plan("sms", Misbehaviour.SERVER_ERROR)
    await remind(town, town.contact)
    await town.contact.press("Läst")
    await later(town)
    [row] = await rows(town)
    assert town.elks.texts == [] and row.state == "failed" and "answered" in row.reason


async def test_nobody_is_told_of_an_incident_that_is_taken_meanwhile(town: House) -> None:
    await give_number(town, town.chief)
    await town.flag_now(town.contact)
    town.elks.faults.plan("sms", Misbehaviour.SERVER_ERROR)
    await remind(town, town.chief, of=Incident)
    await town.officer.press("Jag tar den")
    await later(town)
    assert town.elks.texts == []


async def test_it_goes_to_the_number_that_the_person_has_when_it_is_sent(town: House) -> None:
    await broadcast(town)
    town.elks.faults.plan("sms", Misbehaviour.SERVER_ERROR)
    await remind(town, town.contact)
    await give_number(town, town.contact, "+46701740606")
    await later(town)
    assert [sms.to for sms in town.elks.texts] == ["+46701740606"]


# How it ends


async def test_a_number_that_is_refused_is_failed_with_the_reason(town: House) -> None:
    await broadcast(town)
    town.elks.faults.plan("sms", Misbehaviour.BLOCKED)
    await remind(town, town.contact)
    await later(town)
    [row] = await rows(town)
    assert row.state == "failed" and "400" in row.reason and town.elks.asked == ["sms"]


@pytest.mark.parametrize("kind", [Misbehaviour.SERVER_ERROR, Misbehaviour.TOO_MANY])
async def test_a_gateway_that_fails_for_a_while_is_tried_again(town: House, kind: Misbehaviour) -> None:
    await broadcast(town)
    town.elks.faults.plan("sms", kind, times=3)
    await remind(town, town.contact)
    await later(town)
    [row] = await rows(town)
    assert row.state == "delivered" and len(town.elks.texts) == 1 and UPPREPAT not in town.elks.texts[0].words


@pytest.mark.parametrize(("times", "state"), [(1, "delivered"), (5, "uncertain")])
async def test_what_was_not_answered_in_time_is_sent_once_more_and_never_a_third_time(
    town: House, monkeypatch: pytest.MonkeyPatch, times: int, state: str
) -> None:
    await broadcast(town)
    monkeypatch.setattr(elks, "TIMEOUT", aiohttp.ClientTimeout(total=SHORT))
    town.elks.faults.plan("sms", Misbehaviour.DELAY, seconds=2 * SHORT, times=times)
    await remind(town, town.contact)
    await later(town)
    [row] = await rows(town)
    assert row.state == state and row.attempts == 1
    assert [(UPPREPAT in sms.words) for sms in town.elks.texts] == [False, True]


@pytest.mark.parametrize(("times", "state"), [(1, "delivered"), (5, "uncertain")])
async def test_a_call_that_may_have_rung_is_made_once_more_and_no_more(
    town: House, monkeypatch: pytest.MonkeyPatch, times: int, state: str
) -> None:
    await broadcast(town)
    monkeypatch.setattr(elks, "TIMEOUT", aiohttp.ClientTimeout(total=SHORT))
    town.elks.faults.plan("calls", Misbehaviour.DELAY, seconds=2 * SHORT, times=times)
    await remind(town, town.contact, voice=True)
    await later(town)
    assert [row.state for row in await rows(town)] == ["delivered", state]
    assert (len(town.elks.texts), len(town.elks.rings)) == (1, 2)


@pytest.mark.parametrize("voice", [False, True])
async def test_a_crash_between_send_and_settle_costs_one_more_copy_that_says_so(town: House, voice: bool) -> None:
    await broadcast(town)
    await town.advance(seconds=10)
    plain, death = town.seams, Death()
    town.seams = replace(plain, probe=death.probe)
    await town.restart()
    await town.quiet()
    death.after = int(voice)
    await remind(town, town.contact, voice=voice)
    assert [row.state for row in await rows(town)][-1] == "claimed"
    town.seams = plain
    await town.restart()
    await town.quiet()
    assert {row.state for row in await rows(town)} == {"delivered"}
    if voice:
        assert (len(town.elks.texts), len(town.elks.rings)) == (1, 2)
    else:
        assert [(UPPREPAT in sms.words) for sms in town.elks.texts] == [False, True]


class Death:
    """Ends one delivery between send and settle, as a dead process would, after so many that live."""

    after: int | None = None

    def probe(self, at: str) -> None:
        if at != "between send and settle" or self.after is None:
            return
        self.after -= 1
        if self.after < 0:
            self.after = None
            raise asyncio.CancelledError


async def test_a_wrong_password_is_told_to_the_chief_in_the_chat_once(both: House) -> None:
    second = await both.linked("Siv Almgren", "chief", on=both.platforms[1])
    await give_number(both, both.deputy, "+46701740607")
    await broadcast(both)
    right, both.elks.password = both.elks.password, "en annan"
    await remind(both, both.contact)
    await remind(both, both.deputy)
    await later(both)
    told = [m for m in (*both.chief.messages, *second.messages) if "sms-tjänsten" in m.text]
    assert len(told) == 1 and told[0].text.startswith("Jag kan inte skicka sms eller ringa just nu.")
    assert both.chief.has("sms-tjänsten") and not both.officer.has("sms-tjänsten")
    both.elks.password = right
    await later(both)
    assert {sms.to for sms in both.elks.texts} == {NUMBER, "+46701740607"}
    assert {row.state for row in await rows(both) if row.carried_by is None} == {"delivered"}


async def test_a_gateway_that_is_down_keeps_nothing_in_the_chat_waiting(town: House) -> None:
    await town.elks.stop()
    await broadcast(town)
    await remind(town, town.contact)
    await town.contact.press("Läst")
    assert "Du läste det" in bare(town.contact.last.text)
    assert (await town.app.health.ready()).ready, "it is the last way of several, and no reason to start anew"


@pytest.mark.postgresql
async def test_of_two_processes_one_sends_and_what_both_ask_for_is_sent_once(town: House) -> None:
    await broadcast(town)
    other = App(town.settings, replace(town.seams, now=town.clock.now))
    await other.start()
    person = (await town.account(town.contact)).person_id

    def act(session: Session) -> bool:
        work = Work(session, town.clock.at, town.app.house)
        about = session.get_one(Alert, 1)
        return gateway.remind(work, session.get_one(Person, person), about, voice=True)

    assert all(await asyncio.gather(town.app.database.run(act), other.database.run(act)))
    await until(lambda: bool(town.elks.texts and town.elks.rings), "the call")
    assert [app.leases.held("send:sms") for app in (town.app, other)] == [True, False]
    assert town.app.delivery.sends_all and not other.delivery.sends_all
    await other.stop()
    await town.quiet()
    assert (len(town.elks.texts), len(town.elks.rings), len(await rows(town))) == (1, 1, 2)


# What is left of it


async def test_neither_number_nor_words_are_in_the_logs_or_in_plain_columns(
    town: House, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    await broadcast(town)
    faults = (Misbehaviour.SERVER_ERROR, Misbehaviour.TOO_MANY, Misbehaviour.DROP_AFTER, Misbehaviour.BLOCKED)
    for kind in faults:
        town.elks.faults.plan("sms", kind)
    await remind(town, town.contact, voice=True)
    while_waiting = await town.look(dumped)
    await later(town)
    assert "outbox row" in caplog.text
    logged = "\n".join(f"{r.getMessage()} {r.exc_text or ''}" for r in caplog.records) + caplog.text
    for place in (logged, while_waiting, await town.look(dumped)):
        for secret in (NUMBER, "701740605", "väntar på ditt svar", town.elks.password):
            assert secret not in place


def dumped(session: Session) -> str:
    """Every table as it lies in the database; what is encrypted cannot be read here."""
    every = SQLModel.metadata.sorted_tables
    found = [session.connection().execute(text(f"SELECT * FROM {table.name}")).all() for table in every]
    assert len(session.exec(select(Person)).all()) > 5
    return repr(found)
