"""Issue 4, point 4: a chain that should have moved and did not is found, and said."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete
from sqlmodel import Session, col, select

from bot.commands import Audience
from storage.tables import Deadline, Entry, Role, Rota
from tests.contract.conftest import House
from tests.contract.test_alerts import broadcast

STUCK = "Se till ärende 1 nu"


async def audit(town: House) -> None:
    """What the bot does every minute."""
    await town.app.clock.audit()
    await town.quiet()


async def lose(town: House, kind: str, step: str) -> None:
    """Delete a deadline by hand."""

    def gone(session: Session) -> None:
        session.execute(delete(Deadline).where(col(Deadline.kind) == kind, col(Deadline.step) == step))

    await town.look(gone)


def found(town: House, what: str) -> float:
    """The figure that is counted."""
    return town.app.metrics.registry.get_sample_value("tryggvag_chain_findings_total", {"what": what}) or 0.0


def broken(*_: Any, **__: Any) -> None:
    raise RuntimeError("broken on purpose")


async def test_where_all_is_well_nothing_is_said(town: House) -> None:
    await town.flag_now(town.contact)
    await broadcast(town, Audience(roles=("contact",)))
    for minutes in (1, 3, 3, 5, 9):
        before = len(town.chief.messages)
        await audit(town)
        assert len(town.chief.messages) == before
        await town.advance(minutes=minutes)
    assert not town.chief.has(STUCK) and found(town, "late") == found(town, "missing") == 0


async def test_a_step_that_was_deleted_by_hand_is_said_to_the_chief_once_and_set_going_again(town: House) -> None:
    await town.flag_now(town.contact)
    await lose(town, "chain", "1")
    await audit(town)
    assert town.chief.last.text.startswith(f"{STUCK}: påminnelsen kl. 10.06 fanns inte längre.")
    assert "Alva Berg (flaggade): inget nummer" in town.chief.last.text and "Jag tar den" in town.chief.last.labels
    assert not town.officer.has(STUCK) and found(town, "missing") == 1
    before = len(town.chief.messages)
    await audit(town)
    assert len(town.chief.messages) == before
    await town.advance(minutes=6)
    asked = [entry.body["step"] for entry in await town.all(Entry) if entry.kind == "asked"]
    assert asked == [0, 1]


async def test_a_step_that_was_called_off_though_nobody_has_taken_it_is_found_too(town: House) -> None:
    await town.flag_now(town.contact)

    def void(session: Session) -> None:
        for row in session.exec(select(Deadline).where(Deadline.kind == "chain")):
            row.state = "void"

    await town.look(void)
    await town.advance(minutes=7)
    await audit(town)
    await town.advance(seconds=1)
    assert found(town, "missing") == 3
    assert [entry.body["step"] for entry in await town.all(Entry) if entry.kind == "asked"] == [0, 1]


async def test_a_reminder_that_fails_again_and_again_is_said_to_the_chief_once(
    town: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    await town.flag_now(town.contact)
    with monkeypatch.context() as patch:
        patch.setattr("bot.services.notices.to_people", broken)
        for _ in range(12):
            await town.advance(seconds=30)
            await audit(town)
    said = [message for message in town.chief.messages if message.text.startswith(STUCK)]
    assert len(said) == 1 and found(town, "late") == 1
    assert said[0].text.startswith(f"{STUCK}: påminnelsen skulle ha gått kl. 10.03 men gick inte.")
    await town.chief.press("Jag tar den", STUCK)
    assert town.contact.has("Siv Almgren på säkerhetsenheten tog ärende 1")
    await audit(town)
    assert len([message for message in town.chief.messages if message.text.startswith(STUCK)]) == 1


async def test_a_broken_promise_that_nothing_tells_of_is_found(town: House, monkeypatch: pytest.MonkeyPatch) -> None:
    await town.flag_now(town.contact)
    await town.officer.press("Jag tar den")
    await town.officer.press("Inom 15 minuter")
    with monkeypatch.context() as patch:
        patch.setattr("bot.services.escalation.promise_due", broken)
        for _ in range(14):
            await town.advance(minutes=1)
            await audit(town)
    assert town.chief.last.text.startswith(f"{STUCK}: påminnelsen om ett löfte skulle ha gått kl. 10.10 men gick inte.")
    assert town.chief.last.labels == ("Visa",)


async def test_an_alerts_lost_step_is_found(town: House) -> None:
    await broadcast(town, Audience(roles=("contact",)))
    await lose(town, "alert_chain", "3")
    await audit(town)
    assert town.chief.last.text.startswith("Se efter vilka som inte har svarat på utskick 1: påminnelsen kl. 10.21")
    await town.advance(minutes=21)
    assert town.officer.has("Ring dem som inte har svarat på utskick 1.")


async def test_a_duty_list_of_nobody_is_found(town: House) -> None:
    omar = (await town.account(town.officer)).person_id

    def write(session: Session) -> None:
        session.add(Rota(people=[omar], days=7, starts_at=town.clock.at, created_by=omar, created_at=town.clock.at))

    await town.look(write)
    await audit(town)
    assert not town.chief.has("jourlista")

    def leave(session: Session) -> None:  # past the duty list, which would say so itself
        for role in session.exec(select(Role).where(Role.person_id == omar)):
            role.ended_at = town.clock.at

    await town.look(leave)
    for _ in range(2):
        await town.advance(minutes=1)
        await audit(town)
    assert len([message for message in town.chief.messages if "Gör en ny jourlista" in message.text]) == 1


async def test_after_a_long_stop_nothing_is_found_that_only_waited_for_the_start(town: House) -> None:
    await town.flag_now(town.contact)
    await town.app.stop()
    town.clock.at += timedelta(minutes=30)
    await town.open()
    await town.app.clock._look_after()
    await town.quiet()
    assert found(town, "late") == 0 and not town.chief.has(STUCK)


async def test_an_audit_that_meets_an_error_is_tried_again(town: House, monkeypatch: pytest.MonkeyPatch) -> None:
    await town.flag_now(town.contact)
    await lose(town, "chain", "1")
    with monkeypatch.context() as patch:
        patch.setattr("bot.services.chain_audit.find", broken)
        await audit(town)
    await audit(town)
    assert town.chief.has(STUCK)
