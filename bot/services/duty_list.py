"""The duty list in chat: who is on duty now and in the coming weeks, what is mine, and what I can change."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from bot import turns
from bot.catalogue import Voice
from bot.flows.duty import Absences, Ending, HandingOver, Leave, Roster, Swapping, Times
from bot.messages import Button, Fields, Line, Message, Part
from bot.moments import from_wall
from bot.services import duty, duty_away, duty_hand, duty_rota, duty_swap, sending, talks
from bot.services import duty_plan as plan
from bot.services import duty_words as words
from bot.services.doing import Already, on_number
from bot.services.people import Actor
from bot.services.rights import Right
from bot.services.work import Work
from bot.tokens import Act
from bot.turns import Turn

MORNING = time(8)
SHOWN, MINE = 6, 3  # turns of all, and of one's own
_ = (duty_away, duty_hand, duty_rota)  # what they do is registered by their being imported


@on_number("duty", Right.UNIT)
def show(work: Work, actor: Actor, _: int, __: str) -> None:
    """The list as it is now."""
    voice = work.voice(actor.person)
    held = turns.by_person(duty.held(work))
    parts: list[Part] = list(_now(work, actor, voice, held).parts)
    if coming := [turn for turn in held if turn.starts_at > work.now]:
        parts.append(_coming(work, actor, voice, coming))
    if mine := [turn for turn in held if turn.person == actor.id]:
        parts.append(voice.paragraph("duty.mine", spans=words.spans(work, voice, mine, MINE)))
    if away := duty.absences(work):
        said = [f"{words.name(work, turn.person)} {words.span(work, voice, turn)}" for turn in away[: words.MOST]]
        parts.append(voice.paragraph("duty.away", people=", ".join(said)))
    buttons = tuple((button,) for button in _buttons(work, actor, voice, held))
    sending.to_account(work, actor.account, Message(tuple(parts), buttons), "answer")


def _now(work: Work, actor: Actor, voice: Voice, held: list[Turn]) -> Message:
    now = turns.at(held, work.now)
    if now is not None:
        key = "duty.now_you" if now.person == actor.id else "duty.now"
        return voice.say(key, who=words.name(work, now.person), until=voice.time(now.ends_at))
    if duty.rota(work) is not None:
        return voice.say("duty.now_nobody")
    return voice.say("duty.no_list_chief" if actor.chief else "duty.no_list")


def _coming(work: Work, actor: Actor, voice: Voice, coming: list[Turn]) -> Fields:
    free = {row.subject for row in plan.offers(work)}
    offered = {turn.starts_at for turn in duty.held(work) if turn.row in free}
    rows: list[tuple[str, Line]] = []
    for turn in coming[:SHOWN]:
        who = voice.word("duty.you") if turn.person == actor.id else words.name(work, turn.person)
        asks = any(turn.starts_at <= at < turn.ends_at for at in offered)
        line = voice.line("duty.row_offered", who=who) if asks else (who,)
        rows.append((words.span(work, voice, turn), line))
    return Fields(tuple(rows))


def _buttons(work: Work, actor: Actor, voice: Voice, held: list[Turn]) -> list[Button]:
    now = turns.at(held, work.now)
    on_duty = now is not None and now.person == actor.id
    wanted = {
        "hand_over": on_duty or (actor.chief and now is not None),
        "free": bool(duty_swap.free_for(work, actor)),
        "swap": bool(_swappable(work, actor)),
        "away": True,
        "back": bool(_absences(work, actor)),
        "rota": actor.chief,
        "end": actor.chief and duty.rota(work) is not None,
    }
    buttons = {
        "hand_over": voice.button("duty.button.hand_over", str(Act("duty_hand", 0))),
        "free": voice.button("duty.button.free", str(Act("duty_free", 0))),
        "swap": voice.button("duty.button.swap", str(Act("duty_swap", 0))),
        "away": voice.button("duty.button.away", str(Act("duty_away", 0))),
        "back": voice.button("duty.button.back", str(Act("duty_back", 0))),
        "rota": voice.button("duty.button.rota", str(Act("duty_rota", 0))),
        "end": voice.button("duty.button.end", str(Act("duty_end", 0))),
    }
    return [buttons[name] for name, shown in wanted.items() if shown]


def _swappable(work: Work, actor: Actor) -> list[Turn]:
    """The first part of each shift that the person may offer: the own; for the chief everybody's, the own first."""
    found: dict[int, Turn] = {}
    for turn in duty.held(work):
        if turn.person == actor.id or actor.chief:
            found.setdefault(turn.row, turn)
    return sorted(found.values(), key=lambda turn: (turn.person != actor.id, turn.starts_at))


def _absences(work: Work, actor: Actor) -> list[Turn]:
    """The absences that the person may end."""
    return [turn for turn in duty.absences(work) if turn.person == actor.id or actor.chief]


@on_number("duty_swap", Right.UNIT)
def swap(work: Work, actor: Actor, _: int, __: str) -> None:
    """ "Byt pass"."""
    voice = work.voice(actor.person)
    shifts = _swappable(work, actor)[: talks.MOST]
    if not shifts:
        raise Already("duty.no_shift")
    if len(duty.members(work)) < 2:
        raise Already("duty.nobody_else")
    labelled = tuple((turn.row, turn.person, _label(work, actor, voice, turn)) for turn in shifts)
    talks.start(work, actor, "duty_swap", Swapping(labelled, _people(work)))


def _label(work: Work, actor: Actor, voice: Voice, turn: Turn) -> str:
    """When; and for the chief whose, where it is somebody else's."""
    span = words.spans(work, voice, duty.left_of(work, turn.row))
    return span if turn.person == actor.id else f"{words.name(work, turn.person)} {span}"


def _people(work: Work, *but: int) -> tuple[tuple[int, str], ...]:
    """The unit by name, of those who have an account in use; namesakes are told apart by their number."""
    unit = {n: p for n, p in duty.members(work).items() if n not in but and duty.reachable(work, p)}
    names = [person.name for person in unit.values()]
    return tuple((n, p.name if names.count(p.name) == 1 else f"{p.name} ({n})") for n, p in unit.items())


@on_number("duty_away", Right.UNIT)
def away(work: Work, actor: Actor, _: int, __: str) -> None:
    """ "Jag är borta"; the chief says who."""
    mine = ((actor.id, actor.person.name),)
    others = tuple((n, p.name) for n, p in duty.members(work).items() if n != actor.id) if actor.chief else ()
    since = work.now - timedelta(minutes=1)
    inputs = Leave((*mine, *others), _mornings(work, work.voice(actor.person)), since.isoformat())
    talks.start(work, actor, "duty_away", inputs)


@on_number("duty_back", Right.UNIT)
def back(work: Work, actor: Actor, _: int, __: str) -> None:
    """ "Ta bort frånvaro"."""
    voice = work.voice(actor.person)
    found = _absences(work, actor)[: talks.MOST]
    if not found:
        raise Already("duty.gone_absence")
    said = tuple((t.row, f"{words.name(work, t.person)} {words.span(work, voice, t)}") for t in found)
    talks.start(work, actor, "duty_back", Absences(said))


@on_number("duty_hand", Right.UNIT)
def hand_over(work: Work, actor: Actor, _: int, __: str) -> None:
    """ "Lämna över nu"."""
    now = duty.current(work)
    if now is None:
        raise Already("duty.no_list")
    if now.person != actor.id and not actor.chief:
        raise Already("duty.has_it", who=words.name(work, now.person))
    others = _people(work, now.person)
    if not others:
        raise Already("duty.nobody_else")
    talks.start(work, actor, "duty_hand", HandingOver(now.row, others))


@on_number("duty_rota", Right.CHIEF)
def new_rota(work: Work, actor: Actor, _: int, __: str) -> None:
    """ "Ny turordning"."""
    voice = work.voice(actor.person)
    midnight = from_wall(datetime.combine(work.now.astimezone(voice.zone).date(), time()), voice.zone)
    since = midnight - timedelta(seconds=1)
    today = ((_morning(work, 0).isoformat(), _said(voice, _morning(work, 0))),)
    times = (*today, *_mornings(work, voice))
    talks.start(work, actor, "duty_rota", Roster(_people(work), times, since.isoformat(), voice.zone.key))


@on_number("duty_end", Right.CHIEF)
def end(work: Work, actor: Actor, _: int, __: str) -> None:
    """ "Sluta med jour"."""
    rota = duty.rota(work)
    if rota is None:
        raise Already("duty.no_list")
    talks.start(work, actor, "duty_end", Ending(rota.id or 0))


def _mornings(work: Work, voice: Voice) -> Times:
    """The times that are most often meant: tomorrow, and the two coming Mondays."""
    monday = 7 - work.now.astimezone(voice.zone).weekday()
    days = sorted({1, monday, monday + 7})
    return tuple((_morning(work, ahead).isoformat(), _said(voice, _morning(work, ahead))) for ahead in days)


def _morning(work: Work, ahead: int) -> datetime:
    day = work.now.astimezone(work.house.zone).date() + timedelta(days=ahead)
    return from_wall(datetime.combine(day, MORNING), work.house.zone)


def _said(voice: Voice, at: datetime) -> str:
    """The time on a button: "I morgon kl. 8.00", "Mån 30 nov kl. 8.00"."""
    near = (at.astimezone(voice.zone).date() - voice.now.astimezone(voice.zone).date()).days < 2
    said = voice.time(at) if near else voice.word("duty.at", day=voice.short_day(at), hour=voice.hour(at))
    return said[0].upper() + said[1:]
