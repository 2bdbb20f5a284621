"""Criticism or a pile-on? A few presses, and the list that fits."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bot.commands import OpenAdvice
from bot.prompts import Choice, Flow


@dataclass(frozen=True)
class Asked:
    """Nothing is known before."""


class Threat(StrEnum):
    """Whether somebody threatens, and how."""

    NO = "no"
    SPOKEN = "spoken"
    WRITTEN = "written"


class Target(StrEnum):
    """What it is about."""

    MATTER = "matter"
    PERSON = "person"
    FALSE = "false"


class Senders(StrEnum):
    """Who it comes from."""

    ONE = "one"
    AGAIN = "again"
    MANY = "many"


def criticism(_: Asked) -> Flow:
    """Danger first; then what it is about, and whether it is one or many."""
    threat = yield from Choice("threatened", Threat)
    if threat is not Threat.NO:
        return OpenAdvice("hotfullt-samtal" if threat is Threat.SPOKEN else "hot-i-skrift", f"threat_{threat}")
    target = yield from Choice("target", Target)
    if target is Target.FALSE:
        return OpenAdvice("desinformation", "false")
    senders = yield from Choice("senders", Senders)
    if senders is Senders.AGAIN:
        return OpenAdvice("upprepade-kontakter", "again")
    if senders is Senders.ONE or target is Target.MATTER:
        return OpenAdvice("svara-hart", "matter" if target is Target.MATTER else "hard")
    return OpenAdvice("drev", "many")
