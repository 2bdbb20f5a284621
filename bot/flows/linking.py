"""Nine flags, one event: let an incident belong together with another, take it apart again, write to everybody."""

from __future__ import annotations

from dataclasses import dataclass

from bot.commands import LinkIncidents, TakeApart, WriteToAll
from bot.prompts import Confirm, Flow, Option, Pick, Text


@dataclass(frozen=True)
class Linking:
    """Which incident, and the open ones that it can belong together with, the likeliest first.

    `leads` when others belong together with it already: they come along.
    """

    incident: int
    others: tuple[tuple[int, str], ...] = ()
    leads: bool = False


@dataclass(frozen=True)
class Leading:
    """The incident that leads."""

    incident: int


@dataclass(frozen=True)
class Everybody:
    """The incident that leads, those whose reporters get the words, and how many reporters that is."""

    incident: int
    numbers: tuple[int, ...]
    count: int


def link(me: Linking) -> Flow:
    """Which one, and a yes to what follows from it."""
    other = yield from Pick("link_to", among=tuple(Option(str(number), words) for number, words in me.others))
    yield from Confirm("link_many" if me.leads else "link_one")
    return LinkIncidents(me.incident, int(other))


def apart(me: Leading) -> Flow:
    """All that belongs together with the one that leads stands for itself again."""
    yield from Confirm("apart_all")
    return TakeApart(me.incident)


def write_all(me: Everybody) -> Flow:
    """The words, and how many get them."""
    text = yield from Text("all_text")
    yield from Confirm("write_all", count=me.count)
    return WriteToAll(me.incident, me.numbers, text)
