"""The commands that Telegram offers: each person's own, in the own language, and a stranger's for everybody else."""

from __future__ import annotations

import json
import re

import pytest

from bot.catalogue import LANGUAGES, Catalogue
from bot.events import Platform
from bot.playground.faults import Misbehaviour
from bot.playground.seat import Seat
from bot.services import menu, menus
from storage.tables import Account, Outbox
from tests.contract.conftest import House
from tests.contract.test_letting_in import let_in

CHIEFS = {"bjudin", "parti", "personer"}


@pytest.fixture
def platform() -> str:
    """Slack's commands are in the app's manifest."""
    return "telegram"


@pytest.fixture
async def offering(town: House) -> House:
    """Everybody came in by the tests' back door; a start sets the menus of those who have none."""
    await town.restart()
    await town.quiet()
    return town


def offered(town: House, seat: Seat, language: str = "") -> list[str]:
    """The commands in the person's own menu."""
    scope = json.dumps({"chat_id": seat.human.id, "type": "chat"}, sort_keys=True)
    return [entry["command"] for entry in town.telegram.commands.get((scope, language), [])]


async def test_strangers_are_offered_a_way_in_and_the_numbers_in_their_apps_language(offering: House) -> None:
    """Set at every start, before anybody has written."""
    shown = {language: offering.telegram.commands["default", language] for language in ("", *LANGUAGES)}
    assert [entry["command"] for entry in shown["sv"]] == ["start", "hjalp"]
    assert [entry["command"] for entry in shown["en"]] == ["start", "help"]
    assert shown[""] == shown["sv"]
    assert "112" in shown["sv"][1]["description"]
    assert "112" in shown["en"][1]["description"]


async def test_who_is_let_in_is_offered_what_the_role_can_do(offering: House) -> None:
    """A contact flags; only the chief invites."""
    eva = await let_in(offering)
    mine = offered(offering, eva)
    assert mine[:3] == ["flagga", "mina", "arende"]
    assert not CHIEFS & set(mine)
    assert set(offered(offering, offering.chief)) >= CHIEFS | set(mine)


async def test_every_command_that_is_offered_does_something(offering: House) -> None:
    """In both languages; and what is written without rights is none of them."""
    for name in offered(offering, offering.chief):
        before = len(offering.chief.messages)
        await offering.chief.command(name)
        assert len(offering.chief.messages) > before or offering.chief.news(), name


async def test_the_menu_speaks_the_language_that_the_person_chose(offering: House) -> None:
    await offering.contact.command("sprak")
    await offering.contact.press("English")
    assert offered(offering, offering.contact)[:3] == ["flag", "mine", "case"]
    assert offered(offering, offering.deputy)[:3] == ["flagga", "mina", "arende"]


async def test_a_role_that_begins_or_ends_changes_the_menu(offering: House) -> None:
    """Without any role there is no menu of one's own, and the strangers' shows again."""
    await offering.end_role(offering.contact)
    assert offered(offering, offering.contact) == []
    await offering.chief.command("personer")
    await offering.chief.press("Alva Berg")
    await offering.chief.press("Ge nytt uppdrag")
    await offering.chief.press("Säkerhetsenheten")
    await offering.chief.press("Ja, gör det")
    assert offered(offering, offering.contact)[0] == "flagga"


async def test_an_account_that_is_shut_out_loses_its_menu(offering: House) -> None:
    """As after a lost phone; nothing of it stays unsettled."""
    assert offered(offering, offering.contact)
    await offering.shut_out(offering.contact)
    assert offered(offering, offering.contact) == []
    assert await offering.unsettled() == []


async def test_who_came_in_before_there_were_menus_gets_one_at_the_next_start(offering: House) -> None:
    """Once: a start after that asks nothing of Telegram but the strangers' menus."""
    kim = await offering.linked("Kim Ny", "contact", "Bokpartiet")
    assert offered(offering, kim) == []
    await offering.restart()
    await offering.quiet()
    assert offered(offering, kim)[0] == "flagga"
    rows = len([row for row in await offering.all(Outbox) if row.act == "menu"])
    await offering.restart()
    await offering.quiet()
    assert len([row for row in await offering.all(Outbox) if row.act == "menu"]) == rows


async def test_a_menu_is_renewed_at_the_start_of_a_version_that_has_other_commands(
    offering: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only what changed for somebody is asked for again."""
    fewer = tuple(command for command in menus.COMMANDS if command.english != "party")
    monkeypatch.setattr(menus, "COMMANDS", fewer)
    rows = len([row for row in await offering.all(Outbox) if row.act == "menu"])
    await offering.restart()
    await offering.quiet()
    assert "parti" not in offered(offering, offering.chief)
    assert "bjudin" in offered(offering, offering.chief)
    assert len([row for row in await offering.all(Outbox) if row.act == "menu"]) == rows + 1


async def test_a_menu_that_could_not_be_set_is_set_later_and_holds_up_nobody(offering: House) -> None:
    """It is a row of the outbox like any other."""
    offering.telegram.faults.plan("setMyCommands", Misbehaviour.SERVER_ERROR, times=2)
    await offering.contact.command("sprak")
    await offering.contact.press("English")
    await offering.advance(minutes=2)
    await offering.advance(minutes=2)
    assert offered(offering, offering.contact)[0] == "flag"
    assert await offering.unsettled() == []


async def test_on_slack_there_is_no_row_for_a_menu(both: House) -> None:
    """There the commands are the app's own."""
    await both.linked("Alva Berg", "contact", on="slack")
    await both.contact.command("sprak")
    await both.contact.press("English")
    assert offered(both, both.contact)[0] == "flag"
    slack = {account.id for account in await both.all(Account) if account.platform == Platform.SLACK}
    assert slack
    assert not [row for row in await both.all(Outbox) if row.act == "menu" and row.account_id in slack]


def test_every_command_has_its_place_in_the_menu() -> None:
    """A new command in bot/services/menu.py needs a row in bot/services/menus.py; and no row names what is none."""
    rows = [{command.swedish, command.english} for command in menus.COMMANDS]
    for names in menu._NAMES:
        assert any(row & set(names.split()) for row in rows), f"{names}: no row in the menu"
    for row in rows:
        assert row <= menu.COMMANDS.keys(), row


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_entry_fits_telegram(language: str) -> None:
    """Lower-case Latin letters only; a description that a phone shows on one line or two, and no exclamation mark."""
    texts = Catalogue().texts(language)
    for command in (*menus.COMMANDS, *menus.STRANGERS):
        assert re.fullmatch(r"[a-z]{1,32}", command.swedish), command
        assert re.fullmatch(r"[a-z]{1,32}", command.english), command
        words = texts[f"menus.{command.english}"]
        assert 3 <= len(words) <= 60, words
        assert "!" not in words
