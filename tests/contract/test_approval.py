"""Point 6: what everybody reads first, and how the chief changes it."""

from __future__ import annotations

import pytest
from sqlmodel import select

from bot.playground.seat import Seat
from storage.tables import Municipality
from tests.contract.conftest import BOOKS, PUBLIC, House, bare
from tests.contract.test_letting_in import let_in

OWN = "Lönnköpings kommun svarar för boten.\n{municipality} {0} {okänd} & <b> nås på {phone}."


async def changed(town: House, words: str = OWN) -> None:
    """Let the chief change the Swedish text, up to the yes."""
    await town.chief.command("omboten")
    await town.chief.press("Ändra texten")
    await town.chief.press("Svenska")
    await town.chief.write(words)


async def test_the_first_message_says_who_is_responsible_and_what_is_never_asked_for(town: House) -> None:
    nya = await let_in(town, "Säkerhetsansvarig", BOOKS, "Nya Nilsson")
    first = next(n for n, seen in enumerate(nya.messages) if "ansvarar för" in seen.text)
    text = bare(nya.messages[first].text)
    assert "Välkommen" in nya.messages[first + 1].text and "Välkommen" not in "".join(
        m.text for m in nya.messages[:first]
    )
    for said in (
        "Lönnköping ansvarar",
        "krypterat på kommunens server",
        "hur länge",
        PUBLIC,
        "egna kopior",
        "inte krypterad hela vägen",
        "allmän handling",
        "aldrig om BankID",
    ):
        assert said in text
    assert "{" not in text


async def test_it_is_said_once_and_not_at_each_account(both: House) -> None:
    nya = await let_in(both, "Säkerhetsansvarig", BOOKS, "Nya Nilsson")
    await nya.command("koppla")
    from tests.contract.conftest import code_in

    second = both.newcomer("Nya Nilsson", on=both.platforms[1])
    await second.redeem(code_in(nya.last))
    assert second.has("Välkommen") and not second.has("allmän handling")
    assert sum("allmän handling" in seen.text for seen in nya.messages) == 1


async def test_anybody_with_a_role_reads_it_again_in_the_own_language_and_only_the_chief_may_change_it(
    town: House,
) -> None:
    for seat in (town.officer, town.contact, town.official):
        await seat.command("omboten")
        assert "allmän handling" in seat.last.text and not seat.last.labels
    await town.contact.command("sprak")
    await town.contact.press("English")
    await town.contact.command("about")
    assert "may become a public record" in town.contact.last.text
    await town.chief.command("omboten")
    assert town.chief.last.labels == ("Ändra texten",)


@pytest.mark.parametrize("token", ["a.about_edit.0"])
async def test_nobody_else_changes_it(town: House, token: str) -> None:
    await town.officer.command("omboten")
    for who in (town.officer,):
        assert "ingår inte i ditt uppdrag" in await town.told(who, town.forge(who, token))


async def test_a_stranger_is_told_whose_bot_it_is_and_that_it_never_asks_for_bankid(town: House) -> None:
    stranger = town.newcomer("Sten Okänd")
    await stranger.command("omboten")
    assert "Lönnköping" in stranger.last.text and "aldrig om BankID" in stranger.last.text
    assert "allmän handling" not in stranger.last.text


async def test_the_chief_sees_the_old_text_and_the_new_as_it_will_be_before_the_yes(town: House) -> None:
    await town.chief.command("omboten")
    await town.chief.press("Ändra texten")
    await town.chief.press("Svenska")
    assert "Lönnköping ansvarar för det du skriver" in town.chief.last.text
    await town.chief.write(OWN)
    assert "Lönnköping {0} {okänd} & <b> nås på 08-465 004 10." in bare(town.chief.last.text)
    await reads(town.contact, "allmän handling")
    await town.chief.press("Ja, använd den")
    await reads(town.contact, "Lönnköping {0} {okänd} & <b> nås på 08-465 004 10.")
    nya = await let_in(town, "Säkerhetsansvarig", BOOKS, "Nya Nilsson")
    assert nya.has("Lönnköpings kommun svarar för boten.")


async def reads(who: Seat, words: str) -> None:
    """What /omboten shows now."""
    await who.command("omboten")
    assert words in bare(who.last.text)


async def test_the_other_language_stays_as_it_was(town: House) -> None:
    await changed(town)
    await town.chief.press("Ja, använd den")
    await town.contact.command("sprak")
    await town.contact.press("English")
    await reads(town.contact, "may become a public record")


async def test_a_text_that_another_process_stored_holds_at_once(town: House) -> None:
    def by_another(session: object) -> None:
        row = session.exec(select(Municipality)).one()  # type: ignore[attr-defined]
        row.about = {"sv": "Skrivet av en annan."}

    await town.look(by_another)
    await reads(town.contact, "Skrivet av en annan.")


async def test_the_chief_takes_the_programs_own_text_back(town: House) -> None:
    await changed(town)
    await town.chief.press("Ja, använd den")
    await town.chief.command("omboten")
    for label in ("Ändra texten", "Svenska", "Återställ", "Ja, återställ"):
        await town.chief.press(label)
    await reads(town.contact, "allmän handling")
    municipality = (await town.all(Municipality))[0]
    assert municipality.about == {}


async def test_what_is_cancelled_changes_nothing(town: House) -> None:
    await changed(town)
    await town.chief.press("Avbryt")
    await reads(town.contact, "allmän handling")


async def test_a_long_text_is_split_and_never_cut(town: House) -> None:
    words = [f"Rad {number} om vem som ansvarar och vad som sparas." for number in range(58)]
    await changed(town, "\n".join(words))
    await town.chief.press("Ja, använd den")
    before = len(town.contact.messages)
    await town.contact.command("omboten")
    shown = "\n".join(seen.text for seen in town.contact.messages[before:])
    assert all(line in shown for line in words)
    assert await town.nothing_kept() and not await town.unsettled()


async def test_a_text_in_one_single_line_is_shown_whole(town: House) -> None:
    await changed(town, "ord " * 700 + "slut")
    await town.chief.press("Ja, använd den")
    before = len(town.contact.messages)
    await town.contact.command("omboten")
    shown = "".join(seen.text for seen in town.contact.messages[before:])
    assert shown.count("ord") == 700 and "slut" in shown
    assert await town.nothing_kept() and not await town.unsettled()


async def test_a_text_that_is_too_long_is_refused_with_its_length(town: House) -> None:
    await changed(town, "ord " * 751)
    assert "3003 tecken" in town.chief.last.text
    await reads(town.contact, "allmän handling")
