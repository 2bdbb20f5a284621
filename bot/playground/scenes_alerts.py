"""A broadcast from the first press to the all clear, and an exercise."""

from __future__ import annotations

from bot.playground.stage import Stage

CHIEF, OFFICER, CONTACT, OTHER = "Siv Almgren", "Bo Ekdal", "Alva Bergfors", "Nils Tallmo"
PARTY, OTHER_PARTY = "Bokpartiet", "Almpartiet"


async def broadcast(stage: Stage, here: str, there: str) -> None:
    """The chief tells the contacts to stay inside, and knows party by party who has read it, until it is over."""
    chief = await stage.member(CHIEF, there, "chief")
    officer = await stage.member(OFFICER, there, "officer")
    alva = await stage.member(CONTACT, here, "contact", PARTY)
    nils = await stage.member(OTHER, here, "contact", OTHER_PARTY)
    await chief.command("utskick")
    await chief.press("AKUT · Håll er inne")
    await chief.press("Skicka till 2 personer")
    await alva.press("Jag är trygg")
    stage.tell("Tavlan håller sig aktuell")
    await stage.advance(seconds=3)
    assert chief.has("1 av 2 partier och 1 av 2 personer har svarat.")
    stage.tell("Nils skriver i tråden; bara han får svaret")
    await nils.write("Jag är på väg hem. Ska jag vända?", reply_to=nils.find("Håll er inne"))
    await chief.press("Visa", "Läs ett svar")
    await chief.press("Svara", "Ska jag vända?")
    await chief.write("Ja. Gå inte åt torget.")
    assert nils.has("Gå inte åt torget")
    assert not alva.has("Gå inte åt torget"), "somebody else read the answer"
    stage.tell("Tiden är ute. Nils har inte tryckt, och blir påmind")
    await stage.advance(minutes=15)
    await nils.press("Jag behöver hjälp")
    assert officer.has("Ärende 1 · Händer nu"), "a call for help was not raised at the press"
    await officer.press("Jag tar den", "Ärende 1 · Händer nu")
    stage.tell("Faran är över, för samma personer")
    await chief.press("Faran över", "Utskick 1")
    await chief.press("Hoppa över")
    await chief.press("Skicka till 2 personer")
    assert alva.has("FARAN ÖVER · Det är lugnt igen")
    await stage.advance(seconds=3)
    await chief.press("Visa alla", "Utskick 1")


SCENES = {"16-broadcast": broadcast}
