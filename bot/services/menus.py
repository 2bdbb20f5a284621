"""The commands that Telegram offers beside the writing field: the few that fit the role, in the person's language."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from sqlmodel import col, select

from bot.catalogue import Voice
from bot.events import Platform
from bot.services import people, sending, terse
from bot.services.rights import Right, allows
from bot.services.work import Work
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
    Command("ringde", "called", Right.UNIT),
    Command("bjudin", "invite", Right.CHIEF),
    Command("parti", "party", Right.CHIEF),
    Command("personer", "people", Right.CHIEF),
    Command("meny", "menu"),
    Command("avbryt", "cancel"),
    Command("ova", "practise"),
    Command("koppla", "link"),
    Command("sprak", "language"),
    Command("omboten", "about"),
    Command("hjalp", "help"),
)
STRANGERS = (Command("start", "start"), Command("hjalp", "help"))


def for_strangers(voice: Voice) -> Entries:
    """What somebody is offered of whom nothing is known: a way in, and the numbers."""
    return tuple(command.entry(voice) for command in STRANGERS)


def entries(work: Work, account: Account) -> Entries:
    """What this account is offered; nothing without a role, and then the strangers' menu shows."""
    if account.state != "active":
        return ()
    actor = people.actor(work.session, account)
    left_out = {*(("link",) if len(work.house.platforms) < 2 else ()), *(terse.STARTS if work.terse(account) else ())}
    offered = (c for c in COMMANDS if allows(actor, c.right) and c.english not in left_out)
    return tuple(command.entry(work.voice(actor.person)) for command in offered)


def reference(account: Account, offered: Entries) -> str:
    """What stands for a menu that has arrived: the same as long as it offers the same."""
    return f"menu:{account.user}:{hashlib.sha256(json.dumps(offered).encode()).hexdigest()[:12]}"


def set_for(work: Work, account: Account) -> None:
    """Let the account have the menu that fits now. Slack has none of a person's own: there it is the app's."""
    if account.platform != Platform.TELEGRAM:
        return
    work.session.flush()
    sending.menu_row(work, account, {"entries": [list(entry) for entry in entries(work, account)]})


def set_for_person(work: Work, person: Person) -> None:
    """The same for every account that the person has in use: a role or the language has changed."""
    for account in people.accounts_of(work.session, person):
        set_for(work, account)


def fill(work: Work) -> None:
    """Set the menu of every account that has another one, or none: the commands or the settings have changed."""
    query = select(Account).where(Account.platform == Platform.TELEGRAM, Account.state == "active")
    for account in work.session.exec(query.order_by(col(Account.id))):
        if _shown(work, account) != reference(account, entries(work, account)):
            set_for(work, account)


def _shown(work: Work, account: Account) -> str | None:
    query = select(Outbox.ref).where(Outbox.account_id == account.id, Outbox.act == "menu", Outbox.state == "delivered")
    return work.session.exec(query.order_by(col(Outbox.id).desc()).limit(1)).first()


def of_row(body: dict[str, Any] | None) -> Entries:
    """The entries that a row of the outbox carries."""
    return tuple((name, words) for name, words in (body or {}).get("entries", []))
