"""The coverage table: drawn for whoever asks, and in the chief's post each month, and each week before a vote.

A month in which nothing stands in the way sends nothing. Before an election the table comes anyway: that all can be
reached is then what there is to know.
"""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, time

from sqlmodel import select

from bot.catalogue import Voice
from bot.messages import Button, Fields, Line, Message, Paragraph, Part, plain
from bot.moments import from_wall
from bot.services import coverage, rounds, sending, standing, terse
from bot.services.coverage import Finding, Group
from bot.services.doing import on_number
from bot.services.elections import Election
from bot.services.hours import is_working_day
from bot.services.people import Actor
from bot.services.rights import Right
from bot.services.work import Work
from bot.tokens import Act
from storage.tables import Deadline

ROUND = "coverage_round"
# What stands in the way, and what to do about it; "call" becomes "reach" where no number is known.
TEXTS = {
    "no_contact": ("coverage.no_contact", "coverage.do.invite"),
    "no_deputy": ("coverage.no_deputy", "coverage.do.invite"),
    "alone": ("coverage.alone", "coverage.do.invite"),
    "waiting": ("coverage.waiting", "coverage.do.answer"),
    "invited": ("coverage.invited", "coverage.do.remind"),
    "expired": ("coverage.expired", "coverage.do.again"),
    "no_account": ("coverage.no_account", "coverage.do.again"),
    "shut_out": ("coverage.shut_out", "coverage.do.again"),
    "blocked": ("coverage.blocked", "coverage.do.unblock"),
    "silent": ("coverage.silent", "coverage.do.call"),
    "ends": ("coverage.ends", "coverage.do.next"),
    "no_phone": ("coverage.no_phone", "coverage.do.number"),
    "one_platform": ("coverage.one_platform", "coverage.do.link"),
}
CALLING = {"coverage.do.call": "coverage.do.reach", "coverage.do.unblock": "coverage.do.unblock_unknown"}
COUNTED = {True: ("coverage.unit_one", "coverage.unit_many"), False: ("coverage.party_one", "coverage.party_many")}
TOGETHER = ("no_phone",)  # one line for all of a party's
# Which button puts right what.
REMEDIES = {
    "button.invite": ("no_contact", "no_deputy", "alone", "ends"),
    "button.people": ("expired", "no_account", "shut_out"),
    "button.number": ("no_phone",),
}


def keep(work: Work) -> None:
    """Let the next table's day wait."""
    standing.keep(work, ROUND, _slots(work, standing.last(work, ROUND)))


def round_due(work: Work, step: str) -> None:
    """It is in the morning's post of this day. One whose morning the bot missed comes on the next working day."""
    day, zone = date.fromisoformat(step), work.house.zone
    if rounds.in_time(zone, work.now, day):
        standing.follow(work, ROUND, _slots(work, day))
    else:
        standing.follow(work, ROUND, rounds.slots(zone, work.now, rounds.TABLE_AT, is_working_day))


def _slots(work: Work, last: date | None) -> standing.Slots:
    return rounds.next_tables(work.house.zone, work.now, work.house.elections, last)


def for_post(work: Work, actor: Actor) -> Message | None:
    """The table, on a day that has one and where there is something to say."""
    day = work.now.astimezone(work.house.zone).date()
    today = (Deadline.kind == ROUND, Deadline.step == day.isoformat(), Deadline.state != "void")
    if work.session.exec(select(Deadline.id).where(*today)).first() is None:
        return None
    groups, election = coverage.table(work), rounds.coming(day, work.house.elections)
    if not coverage.to_do(groups) and election is None:
        return None
    return draw(work.voice(actor.person), groups, election, chief=actor.chief, bare=work.terse(actor.account))


@on_number("coverage", Right.UNIT)
def show(work: Work, actor: Actor, _: int, __: str) -> None:
    """Who can be reached now."""
    election = rounds.coming(work.now.astimezone(work.house.zone).date(), work.house.elections)
    bare = work.terse(actor.account)
    message = draw(work.voice(actor.person), coverage.table(work), election, chief=actor.chief, bare=bare)
    sending.to_account(work, actor.account, message, "answer")


def draw(
    voice: Voice, groups: tuple[Group, ...], election: Election | None, *, chief: bool, bare: bool = False
) -> Message:
    """The whole table. Only the chief can put things right from here; `bare` where no words are taken."""
    count = coverage.to_do(groups)
    parts: list[Part] = [voice.title("coverage.title", count=count) if count else voice.title("coverage.all")]
    if election is not None:
        name, day = (
            election.name(voice.language),
            voice.day(from_wall(datetime.combine(election.day, time()), voice.zone)),
        )
        parts.append(voice.paragraph("coverage.election", election=name, day=day))
    if count and not chief:
        parts.append(voice.paragraph("coverage.chief_does"))
    for group in groups:
        parts.append(Fields(((group.party or voice.word("coverage.unit"), reached(voice, group)),)))
        parts += [Paragraph(line) for line in _lines(voice, group)]
    if hints := [finding.person for group in groups for finding in group.findings if finding.hint]:
        names = ", ".join(dict.fromkeys(hints))
        parts.append(voice.paragraph("coverage.hint", names=names))
    return Message(tuple(parts), _buttons(voice, groups, bare=bare) if chief else ())


def reached(voice: Voice, group: Group) -> Line:
    """ "nås (2 kontakter)"."""
    if not group.reached:
        return voice.line("coverage.unsure" if group.unsure else "coverage.party_none")
    one, many = COUNTED[not group.party]
    return voice.line(one if group.reached == 1 else many, count=group.reached)


def _lines(voice: Voice, group: Group) -> list[Line]:
    faults = [finding for finding in group.findings if not finding.hint]
    lines = [_sentence(voice, finding) for finding in faults if finding.kind not in TOGETHER]
    for kind in TOGETHER:
        if names := [finding.person for finding in faults if finding.kind == kind]:
            lines.append(_sentence(voice, Finding(kind, ", ".join(names))))
    return lines


def _sentence(voice: Voice, finding: Finding) -> Line:
    return (*says(voice, finding), " ", *do(voice, finding))


def says(voice: Voice, finding: Finding) -> Line:
    """What stands in the way."""
    return voice.line(TEXTS[finding.kind][0], **_values(voice, finding))


def do(voice: Voice, finding: Finding) -> Line:
    """What to do about it."""
    key = TEXTS[finding.kind][1]
    key = key if finding.phone else CALLING.get(key, key)
    return voice.line(key, **_values(voice, finding))


def _values(voice: Voice, finding: Finding) -> dict[str, object]:
    return {
        "name": finding.person,
        "role": voice.word(f"role.{finding.role}") if finding.role else "",
        "day": voice.day(finding.at) if finding.at else "",
        "platform": voice.word(f"platform.{finding.platform}") if finding.platform else "",
        "phone": finding.phone or "",
    }


def _buttons(voice: Voice, groups: tuple[Group, ...], *, bare: bool) -> tuple[tuple[Button, ...], ...]:
    """What puts the most right comes first."""
    found = Counter(finding.kind for group in groups for finding in group.findings)
    counts = {key: sum(found[kind] for kind in kinds) for key, kinds in REMEDIES.items()}
    wanted = sorted((key for key in REMEDIES if counts[key]), key=lambda key: -counts[key])
    named = [(key, key.removeprefix("button.")) for key in wanted]
    pressable = [(key, name) for key, name in named if not (bare and name in terse.STARTS)]
    return tuple((voice.button(key, str(Act(name, 0))),) for key, name in pressable)


def rows(voice: Voice, groups: tuple[Group, ...]) -> list[dict[str, object]]:
    """The same as plain values: one for the unit and each party."""
    return [
        {
            "party": group.party or None,
            "reached": group.reached,
            "findings": [_row(voice, finding) for finding in group.findings],
        }
        for group in groups
    ]


def _row(voice: Voice, finding: Finding) -> dict[str, object]:
    return {
        "kind": finding.kind,
        "hint": finding.hint,
        "person": finding.person or None,
        "role": finding.role or None,
        "at": finding.at.isoformat() if finding.at else None,
        "platform": finding.platform or None,
        "phone": finding.phone.number if finding.phone else None,
        "says": plain(says(voice, finding)),
        "do": plain(do(voice, finding)),
    }
