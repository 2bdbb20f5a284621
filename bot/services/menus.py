"""The commands that Telegram offers beside the writing field: the few that fit the role, in the person's language."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlmodel import col, select

from bot.catalogue import Voice
from bot.events import Platform
from bot.services import people, sending, terse
from bot.services.people import Actor
from bot.services.rights import Right, allows
from bot.services.work import Work
from storage.tables import Account, Outbox, Person, Role

AT_ONCE = 100  # accounts looked at in one transaction
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
    Command("checklista", "checklist"),
    Command("kalender", "calendar"),
    Command("stod", "support"),
    Command("risk", "risk", Right.UNIT),
    Command("bevaka", "watch", Right.UNIT),
    Command("utskick", "broadcast", Right.UNIT),
    Command("ringde", "called", Right.UNIT),
    Command("jour", "duty", Right.UNIT),
    Command("bjudin", "invite", Right.CHIEF),
    Command("parti", "party", Right.CHIEF),
    Command("personer", "people", Right.CHIEF),
    Command("nummer", "number", Right.CHIEF),
    Command("tackning", "coverage", Right.UNIT),
    Command("lage", "situation", Right.CONTACT),
    Command("meny", "menu"),
    Command("avbryt", "cancel"),
    Command("ova", "practise"),
    Command("koppla", "link"),
    Command("sprak", "language"),
    Command("tyst", "quiet"),
    Command("omboten", "about"),
    Command("hjalp", "help"),
)
STRANGERS = (Command("start", "start"), Command("hjalp", "help"))


def for_strangers(voice: Voice) -> Entries:
    """What somebody is offered of whom nothing is known: a way in, and the numbers."""
    return tuple(command.entry(voice) for command in STRANGERS)


def entries(work: Work, account: Account) -> Entries:
    """What this account is offered; nothing without a role, and then the strangers' menu shows."""
    return _offered(work, people.actor(work.session, account))


def _offered(work: Work, actor: Actor) -> Entries:
    if actor.account.state != "active":
        return ()
    terse_out = terse.STARTS if work.terse(actor.account) else ()
    left_out = {*(("link",) if len(work.house.platforms) < 2 else ()), *terse_out}
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


def fill(work: Work, after: int = 0) -> int:
    """Set the menu of accounts that have another one, or none: the commands or the settings have changed.

    So many accounts at a time, from the one after `after`: a press must not wait for thousands. Returns the last one
    that was looked at, 0 when there is none left.
    """
    mine = (Account.platform == Platform.TELEGRAM, Account.state == "active", col(Account.id) > after)
    some = work.session.exec(select(Account).where(*mine).order_by(col(Account.id)).limit(AT_ONCE)).all()
    shown = _shown(work, some)
    for actor in _actors(work, some):
        if shown.get(actor.account.id) != reference(actor.account, _offered(work, actor)):
            set_for(work, actor.account)
    return some[-1].id or 0 if some else 0


def _actors(work: Work, accounts: Sequence[Account]) -> list[Actor]:
    """The people behind these accounts, read at once."""
    ids = {account.person_id for account in accounts}
    persons = {person.id: person for person in work.session.exec(select(Person).where(col(Person.id).in_(ids)))}
    in_force = select(Role).where(col(Role.person_id).in_(ids), col(Role.ended_at).is_(None)).order_by(col(Role.id))
    roles: dict[int, list[Role]] = {}
    for role in work.session.exec(in_force):
        roles.setdefault(role.person_id, []).append(role)
    return [Actor(persons[a.person_id], a, tuple(roles.get(a.person_id, ()))) for a in accounts]


def _shown(work: Work, accounts: Sequence[Account]) -> dict[int | None, str | None]:
    """The menu that each has now."""
    which = (col(Outbox.account_id).in_([a.id for a in accounts]), Outbox.act == "menu", Outbox.state == "delivered")
    query = select(Outbox.account_id, Outbox.ref).where(*which).order_by(col(Outbox.id))
    return dict(work.session.exec(query).all())


def of_row(body: dict[str, Any] | None) -> Entries:
    """The entries that a row of the outbox carries."""
    return tuple((name, words) for name, words in (body or {}).get("entries", []))
