"""The silent party: one tap that is asked for after a month, and a table of who can be reached."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

from sqlmodel import Session, select

from bot.playground.stage import Stage
from storage.tables import Person, Role

CHIEF, OFFICER, CONTACT, DEPUTY, OTHER = "Siv Almgren", "Bo Ekdal", "Alva Bergfors", "Mira Ljungqvist", "Nils Tallmo"
PARTY, OTHER_PARTY, EMPTY_PARTY = "Bokpartiet", "Almpartiet", "Ekpartiet"
NUMBER = "070-174 06 05"


async def coverage(stage: Stage, here: str, there: str) -> None:
    """A contact taps that all is calm, another does not answer; the chief sees who can be reached and what to do."""
    chief = await stage.member(CHIEF, there, "chief")
    await stage.member(OFFICER, there, "officer")
    alva = await stage.member(CONTACT, here, "contact", PARTY)
    await stage.member(DEPUTY, here, "deputy", PARTY)
    nils = await stage.member(OTHER, here, "contact", OTHER_PARTY)
    await stage.app.database.run(_found, stage)
    stage.tell("Den 1 december kl. 8: chefen får tabellen, för något går att ordna")
    await stage.live_to(datetime(2026, 12, 1, 7, tzinfo=UTC))
    assert chief.has("Täckning · att ordna"), "the table did not come by itself"
    await chief.press("Bjud in någon")
    await chief.press("Ersättare")
    await chief.press(EMPTY_PARTY)
    await chief.press("Avbryt")
    await chief.press("Skriv in nummer")
    await chief.press(CONTACT)
    await chief.write(NUMBER)
    stage.tell("Den 23 december kl. 10: de båda säkerhetsansvariga har varit tysta i trettio dagar")
    await stage.live_to(datetime(2026, 12, 23, 9, tzinfo=UTC))
    await alva.press("Allt är lugnt")
    assert alva.has("Allt är lugnt, sa du")
    stage.tell("En vecka senare har Nils inte svarat, och Mira har tappat sin telefon")
    await stage.live_to(datetime(2026, 12, 30, 12, tzinfo=UTC))
    await chief.command("personer")
    await chief.press(DEPUTY)
    await chief.press("Stäng ute konton")
    await chief.press("Ja, gör det")
    await chief.command("tackning")
    assert chief.has("Nils Tallmo har inte hörts av sedan 23 november"), "the silent contact does not show"
    assert nils.has("Allt lugnt?")
    stage.tell("En säkerhetsansvarig får inte se tabellen")
    await alva.command("tackning")
    assert not alva.has("Täckning")


def _found(session: Session, stage: Stage) -> None:
    """A party without anybody, and a mandate that ends at the turn of the year."""
    stage.party(session, EMPTY_PARTY)
    person = next(person for person in session.exec(select(Person)) if person.name == OTHER)
    role = session.exec(select(Role).where(Role.person_id == person.id)).one()
    role.ends_at = datetime(2026, 12, 31, 23, tzinfo=UTC)
    session.add(role)


SCENES: dict[str, Callable[[Stage, str, str], Awaitable[None]]] = {"14-coverage": coverage}
