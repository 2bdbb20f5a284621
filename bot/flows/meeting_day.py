"""On the day of a meeting: support is ordered, a security check decided on; afterwards somebody looks back."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bot.commands import DecideCheck, DeclineOrder, LookBack, Nothing, OrderSupport
from bot.prompts import Choice, Confirm, Flow, Moment, Option, Pick, Text

WHY, ANSWER = 200, 600  # characters
DONE = "done"


class Support(StrEnum):
    """What can be ordered for a meeting."""

    UNIT = "unit"
    GUARD = "guard"
    POLICE = "police"
    ESCORT = "escort"
    OTHER = "other"


class Asked(StrEnum):
    """Whether the police have been consulted."""

    YES = "yes"
    NO = "no"


class Danger(StrEnum):
    """What a crime must endanger for a security check to be allowed; none of it is the last one."""

    LIFE = "life"
    HEALTH = "health"
    LIBERTY = "liberty"
    DESTRUCTION = "destruction"
    NONE = "none"


class Decision(StrEnum):
    """What the chair decided."""

    YES = "yes"
    NO = "no"


class Writer(StrEnum):
    """Who writes it down."""

    CHAIR = "chair"
    FOR_CHAIR = "for_chair"


@dataclass(frozen=True)
class Ordering:
    """For which meeting; no words are taken where `terse`."""

    meeting: int
    terse: bool = False


@dataclass(frozen=True)
class Declining:
    """Which order is not possible."""

    order: int


@dataclass(frozen=True)
class Checking:
    """Which meeting, and whether the person chairs it."""

    meeting: int
    chair: bool = False


@dataclass(frozen=True)
class LookingBack:
    """Which meeting."""

    meeting: int


def order(me: Ordering) -> Flow:
    """What, and why."""
    what = yield from Choice("order_what", Support, (Support.OTHER,) if me.terse else ())
    why = ""
    if not me.terse:
        why = yield from Text("order_why", optional=what is not Support.OTHER, longest=WHY)
    yield from Confirm("order_sure")
    return OrderSupport(me.meeting, what, why)


def decline(me: Declining) -> Flow:
    """Why it is not possible."""
    why = yield from Text("order_no_why", optional=True, longest=WHY)
    return DeclineOrder(me.order, why)


def check(me: Checking) -> Flow:
    """In the order of the law: the police are consulted, a danger is feared, the chair decides.

    Lag (2010:294) om säkerhetskontroll vid offentliga sammanträden i kommuner och regioner; prop. 2009/10:117.
    """
    asked = yield from Choice("check_police", Asked)
    if asked is Asked.NO:
        return Nothing("check.police_first")
    at = yield from Moment("check_when", past=True, quick=("now",))
    assert at is not None
    grounds: list[str] = []
    for number in range(1, len(Danger)):
        left = [danger for danger in Danger if danger not in grounds and (danger is not Danger.NONE or number == 1)]
        end = (Option(DONE),) if number > 1 else ()
        options = (*(Option(danger.value) for danger in left), *end)
        chosen = yield from Pick(f"check_ground__{number}", among=options, like="check_ground")
        if chosen == Danger.NONE:
            return Nothing("check.no_ground")
        if chosen == DONE:
            break
        grounds.append(chosen)
    decision = yield from Choice("check_decision", Decision)
    writer = yield from Choice("check_writer", Writer, () if me.chair else (Writer.CHAIR,))
    yield from Confirm("check_sure")
    return DecideCheck(me.meeting, at, tuple(grounds), decision is Decision.YES, writer is Writer.CHAIR)


def look_back(me: LookingBack) -> Flow:
    """Three questions; each can be skipped, but not all."""
    well = yield from Text("back_well", optional=True, longest=ANSWER)
    badly = yield from Text("back_badly", optional=True, longest=ANSWER)
    change = yield from Text("back_change", optional=bool(well or badly), longest=ANSWER)
    return LookBack(me.meeting, well, badly, change)
