"""Call in support, and keep the list of who is called."""

from __future__ import annotations

from dataclasses import dataclass

from bot.commands import AddSupporter, CallSupport, PutFirst, RemoveSupporter
from bot.prompts import Confirm, Flow, Option, PhoneNumber, Pick, Text

NONE = "none"
Named = tuple[tuple[int, str], ...]


@dataclass(frozen=True)
class Calling:
    """Which kinds can be called, the advice that it is asked from, and the person's own open incidents.

    No words are taken where `terse`.
    """

    kinds: tuple[str, ...]
    slug: str = ""
    incidents: tuple[int, ...] = ()
    phone: str = ""
    terse: bool = False


@dataclass(frozen=True)
class Directory:
    """The kinds, who can be called, and who is: by the number of the entry."""

    kinds: tuple[str, ...] = ()
    people: Named = ()
    entries: Named = ()


def call(me: Calling) -> Flow:
    """Which support, for which incident, and why."""
    kind = yield from Pick("support_kind", among=tuple(Option(kind) for kind in me.kinds))
    about = NONE
    if me.incidents:
        mine = tuple(Option(f"case{number}") for number in me.incidents)
        about = yield from Pick("support_about", among=(*mine, Option(NONE)))
    why = ""
    if not me.terse:
        why = yield from Text("support_why", longest=600)
    phone = yield from PhoneNumber("number", known=me.phone, optional=True)
    yield from Confirm("support_call")
    return CallSupport(kind, why, me.slug, 0 if about == NONE else int(about.removeprefix("case")), phone)


def add(me: Directory) -> Flow:
    """For what, and who."""
    kind = yield from Pick("support_for", among=tuple(Option(kind) for kind in me.kinds))
    person = yield from Pick("supporter", among=tuple(Option(str(number), name) for number, name in me.people))
    return AddSupporter(kind, int(person))


def remove(me: Directory) -> Flow:
    """Which entry goes."""
    entry = yield from Pick("supporter_out", among=tuple(Option(str(number), words) for number, words in me.entries))
    return RemoveSupporter(int(entry))


def put_first(me: Directory) -> Flow:
    """Which entry comes first."""
    entry = yield from Pick("supporter_first", among=tuple(Option(str(number), words) for number, words in me.entries))
    return PutFirst(int(entry))
