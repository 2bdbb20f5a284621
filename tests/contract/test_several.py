"""Two bots on one PostgreSQL: whichever of them hears it, it happens once, and whoever is first wins."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from dataclasses import replace
from datetime import datetime
from functools import partial
from itertools import count
from typing import Any

import pytest
from sqlalchemy import delete, text
from sqlmodel import Session, col, select

from bot import delivery
from bot.app import App
from bot.events import Address, Chat, Event, Kind, Outcome, Platform
from bot.playground.seat import Seat
from bot.playground.town import until
from bot.services.invitations import issue
from storage.tables import (
    Account,
    Alert,
    AlertEntry,
    Briefing,
    Conversation,
    Deadline,
    Entry,
    Held,
    Incident,
    Person,
    Post,
    Role,
    RunEntry,
    SeenEvent,
    Tick,
)
from tests.contract.conftest import House, swedish
from tests.contract.test_alerts import broadcast
from tests.contract.test_briefings import EXITS, ZONE, council
from tests.contract.test_resting import digests, flag, rests
from tests.contract.test_shared_runs import sweep
from tests.prove.stores import PostgresqlDatabase

pytestmark = pytest.mark.postgresql
uids = count(1)


@pytest.fixture
async def second(town: House, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[App]:
    """Another process's bot, as far as the database can tell. The town rests when neither has anything left to do."""
    app = App(town.settings, replace(town.seams, now=town.clock.now))
    await app.start()
    first_rests = town._at_rest
    with closing(PostgresqlDatabase(town.database_url)) as store:

        def both_rest() -> bool:
            return first_rests() and app.clock.resting and app.delivery.resting and store.settled()

        monkeypatch.setattr(town, "_at_rest", both_rest)
        yield app
        monkeypatch.undo()
    if town.app is not app:
        await app.stop()


def event(who: Seat, kind: Kind, at: datetime, **more: Any) -> Event:
    """What a platform delivers."""
    address = Address(Platform(who.platform), who.team, who.user)
    return Event(f"u{next(uids)}", address, Chat(who.user, True), kind, at, at, **more)


async def at_once(town: House, second: App, one: Event, other: Event) -> list[Outcome]:
    """Each of the bots hears one of them, at the same time; returns when all that comes of it is sent."""
    outcomes = await asyncio.gather(town.app.intake.handle(one), second.intake.handle(other))
    await town.quiet()
    return list(outcomes)


async def test_an_event_that_both_are_given_has_its_effect_once(town: House, second: App) -> None:
    same = event(town.contact, Kind.TEXT, text="Det står folk utanför lokalen", at=town.clock.now())
    before = len(town.contact.messages)
    await at_once(town, second, same, same)
    assert len(await town.all(SeenEvent)) == 1 and await town.nothing_kept()
    assert len(town.contact.messages) == before + 1


async def test_of_two_officers_who_press_at_once_one_has_it_and_the_other_is_told_who(town: House, second: App) -> None:
    await town.flag_now(town.contact)
    press = partial(event, kind=Kind.PRESS, token="a.take.1", at=town.clock.now())
    outcomes = await at_once(town, second, press(town.chief), press(town.officer))
    assert sorted(outcome.refused for outcome in outcomes) == [False, True]
    incident = await town.incident()
    taker, other = (town.chief, town.officer) if outcomes[1].refused else (town.officer, town.chief)
    names = {person.id: person.name for person in await town.all(Person)}
    assert names[incident.taken_by] == taker.name
    assert taker.name.split()[0] in next(outcome.toast for outcome in outcomes if outcome.refused), other
    assert [entry.kind for entry in await town.all(Entry)].count("taken") == 1
    promises = [row for row in await town.all(Deadline) if row.kind == "ask_promise"]
    assert len(promises) == 1


async def test_a_question_that_is_answered_twice_at_once_is_answered_once(town: House, second: App) -> None:
    await town.contact.command("flagga")
    [talk] = await town.all(Conversation)
    press = partial(event, town.contact, Kind.PRESS, at=town.clock.now())
    token = f"c.{talk.id}.{talk.revision}.imminence"
    outcomes = await at_once(town, second, press(token=f"{token}.now"), press(token=f"{token}.now"))
    assert sorted(outcome.refused for outcome in outcomes) == [False, True]
    assert len(await town.all(Incident)) == 1
    raised = [post for post in await town.all(Post) if post.reason == "raised"]
    assert len(raised) == 2, "the chief and the officer each have one notice"


async def test_a_code_that_two_strangers_use_at_once_opens_for_one(town: House, second: App) -> None:
    def invited(session: Session) -> str:
        person = Person(name="Nya Kontakten", language="sv", created_at=town.clock.now())
        session.add(person)
        session.flush()
        return issue(session, town.clock.now(), person.id or 0, role="chief")

    code = await town.app.database.run(invited)
    strangers = [town.newcomer("Sten"), town.newcomer("Ruth")]
    for stranger in strangers:
        stranger.open_chat()
    known = len(await town.all(Account))
    typed = partial(event, kind=Kind.TEXT, text=code, at=town.clock.now())
    outcomes = await at_once(town, second, *map(typed, strangers))
    assert sorted(outcome.direct is None for outcome in outcomes) == [False, True]
    assert len(await town.all(Account)) == known + 1
    chiefs = [role for role in await town.all(Role) if role.kind == "chief"]
    assert len(chiefs) == 2, "the chief who was there, and the new one once"


async def test_a_deadline_of_which_both_know_happens_once(town: House, second: App) -> None:
    await town.flag_now(town.contact)
    second.clock.ring()
    await town.advance(minutes=3)
    second.clock.ring()
    await town.quiet()
    asked = [entry for entry in await town.all(Entry) if entry.kind == "asked"]
    done = [row for row in await town.all(Deadline) if row.state == "done"]
    assert len(asked) == len(done) > 0 and {row.attempts for row in done} == {0}


async def test_no_step_of_any_chain_is_taken_twice(town: House, second: App) -> None:
    await town.flag_now(town.contact)
    await broadcast(town)
    for minutes in (3, 3, 4, 5, 2, 2, 2):
        second.clock.ring()
        await town.advance(minutes=minutes)
    asked = [entry.body["step"] for entry in await town.all(Entry) if entry.kind == "asked"]
    done = [entry.body["do"] for entry in await town.all(AlertEntry) if entry.kind == "chain"]
    assert asked == [0, 1, 2] and done == ["nudge", "deputy", "other", "phone_list"]


async def test_what_both_find_missing_is_said_once_and_set_going_once(town: House, second: App) -> None:
    await town.flag_now(town.contact)
    lost = delete(Deadline).where(col(Deadline.kind) == "chain", col(Deadline.step) == "1")
    await town.look(lambda session: session.execute(lost))
    await asyncio.gather(town.app.clock.audit(), second.clock.audit())
    await town.quiet()
    assert len([message for message in town.chief.messages if "fanns inte längre" in message.text]) == 1
    await town.advance(minutes=7)
    assert [entry.body["step"] for entry in await town.all(Entry) if entry.kind == "asked"] == [0, 1]


async def test_what_the_second_hears_is_sent_by_the_first_which_has_the_lease(town: House, second: App) -> None:
    assert town.app.leases.held(f"send:{town.platform}") and not second.leases.held(f"send:{town.platform}")
    await second.intake.handle(event(town.contact, Kind.COMMAND, command="flagga", at=town.clock.now()))
    await town.quiet()
    assert "Händer nu" in town.contact.last.labels


async def test_when_the_first_stops_the_second_goes_on_at_once(town: House, second: App) -> None:
    first, town.app = town.app, second
    await first.stop()
    await until(lambda: second.leases.held(f"send:{town.platform}"), "the lease")
    await town.flag_now(town.contact)
    assert town.officer.has("Ärende 1 · Händer nu")


@pytest.mark.parametrize("what", [Kind.COMMAND, Kind.PRESS])
async def test_when_every_connection_to_the_server_is_cut_the_bot_goes_on_by_itself(town: House, what: Kind) -> None:
    if what is Kind.PRESS:
        await town.contact.command("flagga")
    cut = text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() "
               "AND datname = current_database()")  # fmt: skip
    await town.look(lambda session: session.execute(cut))
    act: Callable[[], Any] = partial(town.contact.press, "Händer nu")
    await (act() if what is Kind.PRESS else town.flag_now(town.contact))
    await town.quiet()
    assert town.officer.has("Ärende 1 · Händer nu") and await town.nothing_kept()
    assert await town.look(lambda session: len(session.exec(select(Incident)).all())) == 1


async def test_what_one_has_committed_the_other_hears_of_without_looking(
    town: House, second: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Looking once a second finds it too; but "Händer nu" must not wait for that."""
    monkeypatch.setattr(delivery, "LOOK", 600.0)
    for number in range(1, 4):  # the first may still be found by the last look
        before = len(town.contact.messages)
        await second.intake.handle(event(town.contact, Kind.COMMAND, command="meny", at=town.clock.now()))
        await town.quiet()
        assert len(town.contact.messages) > before, number


async def test_what_waited_comes_once_though_both_wake_for_it(town: House, second: App) -> None:
    await rests(town, town.officer)
    await town.move_to(swedish(11, 23, 23))
    for _ in range(3):
        await flag(town)
    town.clock.at = swedish(11, 24, 7)
    town.app.clock.ring()
    second.clock.ring()
    await town.quiet()
    assert len(digests(town.officer)) == 1
    assert len({held.row_id for held in await town.all(Held)}) == 1
    assert {row.attempts for row in await town.all(Deadline) if row.kind == "digest"} == {0}


async def test_two_that_hold_something_back_for_one_person_at_once_lose_neither(town: House, second: App) -> None:
    await rests(town, town.officer)
    await town.move_to(swedish(11, 23, 23))
    presses = []
    for who in (town.contact, town.neighbour):
        await town.flag_up_to_summary(who, "Rykte", "Klotter")
        talk = (await town.all(Conversation))[-1]
        token = f"c.{talk.id}.{talk.revision}.send.yes"
        presses.append(event(who, Kind.PRESS, token=token, at=town.clock.now()))
    await at_once(town, second, *presses)
    assert len(await town.all(Incident)) == 2
    await town.move_to(swedish(11, 24, 7))
    assert "2 meddelanden" in digests(town.officer)[0] and await town.nothing_kept()


async def test_of_a_list_that_two_tick_through_both_at_once_each_tick_is_there_once(town: House, second: App) -> None:
    await sweep(town, "Omar Lind")
    await town.officer.press("Gå med")
    tick = partial(event, kind=Kind.PRESS, at=town.clock.now())
    refused = []
    for step in range(1, 15):
        other = step % 14 + 1
        presses = [tick(town.chief, token=f"a.tick.1.{step}"), tick(town.officer, token=f"a.tick.1.{other}")]
        refused += [outcome.refused for outcome in await at_once(town, second, *presses)]
    assert sorted(row.step for row in await town.all(Tick)) == list(range(1, 15))
    assert [entry.kind for entry in await town.all(RunEntry)].count("ticked") == refused.count(False) == 14
    for who in (town.chief, town.officer):
        assert "14 av 14 klara" in who.find("", "Signera").text
    assert await town.nothing_kept()


async def test_what_is_signed_while_somebody_ticks_is_signed_with_the_tick_or_without_it(
    town: House, second: App
) -> None:
    await sweep(town, "Omar Lind")
    await town.officer.press("Gå med")
    await town.chief.press("Signera")
    talk = (await town.all(Conversation))[-1]
    at = town.clock.now()
    signs = event(town.chief, Kind.PRESS, at, token=f"c.{talk.id}.{talk.revision}.run_sign_part.yes")
    signed, ticked = await at_once(town, second, signs, event(town.officer, Kind.PRESS, at, token="a.tick.1.1"))
    assert not signed.refused
    kinds = [entry.kind for entry in await town.all(RunEntry) if entry.kind in ("ticked", "signed")]
    assert kinds == (["signed"] if ticked.refused else ["ticked", "signed"])
    assert [row.step for row in await town.all(Tick)] == ([] if ticked.refused else [1])
    assert town.officer.has("Signerad av Siv Almgren")


async def test_a_step_that_two_press_at_the_same_moment_is_done_once_and_the_other_hears_by_whom(
    town: House, second: App
) -> None:
    await sweep(town, "Omar Lind")
    await town.officer.press("Gå med")
    press = partial(event, kind=Kind.PRESS, token="a.tick.1.3", at=town.clock.now())
    outcomes = await at_once(town, second, press(town.chief), press(town.officer))
    assert sorted(outcome.refused for outcome in outcomes) == [False, True]
    assert "var redan klart" in next(outcome.toast for outcome in outcomes if outcome.refused)
    assert [row.step for row in await town.all(Tick)] == [3] and await town.nothing_kept()


async def test_a_briefing_that_both_find_due_goes_once_and_both_plan_each_step_once(town: House, second: App) -> None:
    await council(town)
    await town.restart()
    town.clock.at = datetime(2026, 11, 30, 16, 0, tzinfo=ZONE)
    town.app.clock.ring()
    second.clock.ring()
    await town.quiet()
    for seat in (town.contact, town.neighbour):
        assert sum(EXITS in message.text for message in seat.messages) == 1
    sent = [row.briefing_id for row in await town.all(Alert) if row.briefing_id is not None]
    assert len(sent) == len(set(sent))
    steps = [(row.meeting_id, row.plan, row.step) for row in await town.all(Briefing)]
    assert len(steps) == len(set(steps))
