"""The commands that Telegram offers beside the writing field: the few that fit the role, in the person's language."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlmodel import col, select

from bot.catalogue import Voice
from bot.events import Platform
from bot.services import people, sending
from bot.services.people import Actor
from bot.services.rights import Right, allows
from bot.services.work import House, Work
from storage.tables import Account, Outbox, Person

Entries = tuple[tuple[str, str], ...]  # each command's name and what it does


@dataclass(frozen=True)
class Command:
    """One command under its two names, in the letters that Telegram takes, and who is offered it."""

    swedish: str
    english: str
    right: Right = Right.LINKED

    def entry(self, voice: Voice) -> tuple[str, str]:
        """As it stands in a menu."""
        name = self.swedish if voice.language == "sv" else self.english
        return name, voice.word(f"menus.{self.english}")


# In the order of the menu. Every command in bot/services/menu.py has its row here, or a second name in one.
COMMANDS = (
    Command("flagga", "flag"),
    Command("mina", "mine"),
    Command("arende", "case"),
    Command("bjudin", "invite", Right.CHIEF),
    Command("parti", "party", Right.CHIEF),
    Command("personer", "people", Right.CHIEF),
    Command("meny", "menu"),
    Command("avbryt", "cancel"),
    Command("ova", "practise"),
    Command("koppla", "link"),
    Command("sprak", "language"),
    Command("hjalp", "help"),
)
STRANGERS = (Command("start", "start"), Command("hjalp", "help"))


def for_strangers(voice: Voice) -> Entries:
    """What somebody is offered of whom nothing is known: a way in, and the numbers."""
    return tuple(command.entry(voice) for command in STRANGERS)


def entries(house: House, voice: Voice, actor: Actor) -> Entries:
    """What this person is offered; nothing without a role, and then the strangers' menu shows."""
    alone = len(house.platforms) < 2
    offered = (c for c in COMMANDS if allows(actor, c.right) and not (alone and c.english == "link"))
    return tuple(command.entry(voice) for command in offered)


def set_for(work: Work, account: Account) -> None:
    """Let the account have the menu that fits now. Slack has none of a person's own: there it is the app's."""
    if account.platform != Platform.TELEGRAM:
        return
    work.session.flush()
    actor = people.actor(work.session, account)
    found = entries(work.house, work.voice(actor.person), actor) if account.state == "active" else ()
    sending.menu_row(work, account, {"entries": [list(entry) for entry in found]})


def set_for_person(work: Work, person: Person) -> None:
    """The same for every account that the person has in use: a role or the language has changed."""
    for account in people.accounts_of(work.session, person):
        set_for(work, account)


def fill(work: Work) -> None:
    """Set the menu of every account that never had one: who came in before there were menus."""
    had = select(Outbox.account_id).where(Outbox.act == "menu", col(Outbox.account_id).is_not(None))
    query = select(Account).where(Account.platform == Platform.TELEGRAM, Account.state == "active")
    for account in work.session.exec(query.where(col(Account.id).not_in(had)).order_by(col(Account.id))):
        set_for(work, account)


def of_row(body: dict[str, Any] | None) -> Entries:
    """The entries that a row of the outbox carries."""
    return tuple((name, words) for name, words in (body or {}).get("entries", []))
