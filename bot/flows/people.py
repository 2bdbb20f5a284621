"""The chief's register: parties, invitations, roles that end; and each person's own language."""

from __future__ import annotations

from dataclasses import dataclass

from bot.commands import AddParty, EndRole, Invite, InviteAgain, RevokeAccounts, RoleKind, SetLanguage
from bot.prompts import Choice, Confirm, Flow, Option, Pick, Text

NO_PARTY = "0"


@dataclass(frozen=True)
class Register:
    """What there is to choose from: names by id, as they were when the conversation started."""

    parties: tuple[tuple[int, str], ...] = ()
    people: tuple[tuple[int, str], ...] = ()
    roles: tuple[tuple[int, int, str], ...] = ()  # role id, person id, its words


@dataclass(frozen=True)
class Speaker:
    """The languages that the municipality offers, each with its own name."""

    languages: tuple[tuple[str, str], ...] = ()


def party(_: Register) -> Flow:
    """A new party."""
    name = yield from Text("party_name", longest=60)
    return AddParty(name)


def invite(all_: Register) -> Flow:
    """Somebody new: which role, for which party, what name."""
    role = yield from Choice("which_role", RoleKind, leaving_out=(RoleKind.CHIEF,) if all_.parties else _NEED_A_PARTY)
    chosen = NO_PARTY
    parties = _named(all_.parties)
    if role in (RoleKind.CONTACT, RoleKind.DEPUTY):
        chosen = yield from Pick("party", among=parties)
    elif role is RoleKind.OFFICIAL and parties:
        chosen = yield from Pick("party_or_none", among=(*parties, Option(NO_PARTY)))
    name = yield from Text("person_name", longest=60)
    yield from Confirm("make_invitation")
    return Invite(role, _number(chosen), name)


_NEED_A_PARTY = (RoleKind.CHIEF, RoleKind.CONTACT, RoleKind.DEPUTY)


def people(all_: Register) -> Flow:
    """Somebody who is here: end a role, shut the accounts out, or invite again."""
    person = _number((yield from Pick("person", among=_named(all_.people))))
    ends = tuple(Option(f"end{role}", words) for role, owner, words in all_.roles if owner == person)
    what = yield from Pick("what_person", among=(*ends, Option("revoke"), Option("again")))
    yield from Confirm("sure")
    if what == "revoke":
        return RevokeAccounts(person)
    if what == "again":
        return InviteAgain(person)
    return EndRole(int(what.removeprefix("end")))


def _named(pairs: tuple[tuple[int, str], ...]) -> tuple[Option, ...]:
    # a bare number would be taken for an option's place in the list
    return tuple(Option(f"id{number}", name) for number, name in pairs)


def _number(value: str) -> int:
    return int(value.removeprefix("id"))


def language(me: Speaker) -> Flow:
    """Which language the bot speaks with me."""
    wanted = yield from Pick("language", among=tuple(Option(code, name) for code, name in me.languages))
    return SetLanguage(wanted)
