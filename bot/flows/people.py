"""The chief's register: parties, invitations, roles that end; and each person's own language."""

from __future__ import annotations

from dataclasses import dataclass

from bot.commands import (
    AddParty,
    EndRole,
    GiveRole,
    Invite,
    InviteAgain,
    RevokeAccounts,
    RoleKind,
    SetLanguage,
    Task,
)
from bot.prompts import Asked, Choice, Confirm, Flow, Option, Pick, Text

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
    role, chosen, task = yield from role_and_party(all_)
    name = yield from Text("person_name", longest=60)
    yield from Confirm("make_invitation")
    return Invite(role, chosen, name, task)


def role_and_party(all_: Register) -> Asked[tuple[RoleKind, int, str]]:
    """A role, the party that it is for (0 for none), and what a helper helps with."""
    role = yield from Choice("which_role", RoleKind, leaving_out=(RoleKind.CHIEF,) if all_.parties else _NEED_A_PARTY)
    parties = tuple(Option(str(number), name) for number, name in all_.parties)
    if role in (RoleKind.CONTACT, RoleKind.DEPUTY):
        return role, int((yield from Pick("party", among=parties))), ""
    if role is RoleKind.OFFICIAL and parties:
        return role, int((yield from Pick("party_or_none", among=(*parties, Option(NO_PARTY))))), ""
    task = (yield from Choice("task", Task)) if role is RoleKind.HELPER else ""
    return role, int(NO_PARTY), task


_NEED_A_PARTY = (RoleKind.CHIEF, RoleKind.CONTACT, RoleKind.DEPUTY)


def people(all_: Register) -> Flow:
    """Somebody who is here: one role more, a role that ends, accounts shut out, or a new invitation."""
    person = yield from Pick("person", among=tuple(Option(str(number), name) for number, name in all_.people))
    ends = tuple(Option(f"end{role}", words) for role, owner, words in all_.roles if str(owner) == person)
    what = yield from Pick("what_person", among=(*ends, Option("give"), Option("revoke"), Option("again")))
    if what == "give":
        role, party, task = yield from role_and_party(all_)
        yield from Confirm("sure")
        return GiveRole(int(person), role, party, task)
    yield from Confirm("sure")
    if what == "revoke":
        return RevokeAccounts(int(person))
    if what == "again":
        return InviteAgain(int(person))
    return EndRole(int(what.removeprefix("end")))


def language(me: Speaker) -> Flow:
    """Which language the bot speaks with me."""
    wanted = yield from Pick("language", among=tuple(Option(code, name) for code, name in me.languages))
    return SetLanguage(wanted)
