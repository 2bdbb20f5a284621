"""The order of the duty list: begun and ended by the chief, topped up each night, and who leaves is skipped."""

from __future__ import annotations

from datetime import timedelta

from bot import turns
from bot.commands import EndRota, SetRota
from bot.services import duty, duty_covers, people, sending
from bot.services import duty_plan as plan
from bot.services import duty_words as words
from bot.services.doing import Already, performs
from bot.services.people import Actor
from bot.services.rights import Right
from bot.services.work import Work
from bot.tokens import Act
from storage.tables import Deadline, Person, Rota


@performs(SetRota, Right.CHIEF)
def begin(work: Work, actor: Actor, command: SetRota) -> None:
    """From this time the shifts are these people's in turn, and what was planned from then on goes away."""
    duty.alone(work)
    rota = _checked(work, actor, command)
    before = duty.held(work)
    if (old := duty.rota(work)) is not None:
        plan.make(work, old, rota.starts_at)
        old.ended_at = work.now
    plan.cut(work, max(rota.starts_at, work.now))
    work.session.add(rota)
    work.session.flush()
    plan.make(work, rota, work.now + plan.AHEAD)
    mended = plan.mend(work)
    plan.top_up_tomorrow(work, rota)
    plan.ring(work)
    voice = work.voice(actor.person)
    said = voice.say("duty.rota_set", words.list_button(voice), start=voice.time(rota.starts_at))
    sending.to_account(work, actor.account, said, "answer")
    _tell(work, before, "duty.new_list")
    duty_covers.announce(work, mended)


def _checked(work: Work, actor: Actor, command: SetRota) -> Rota:
    """The rota, if everybody and the time still fit. Raises Already."""
    unit = duty.members(work)
    for number in command.people:
        if number not in unit:
            raise Already("duty.not_unit", who=words.name(work, number))
        if not duty.reachable(work, unit[number]):
            raise Already("duty.no_account", who=unit[number].name)
    start = command.starts_at
    today = work.now.astimezone(work.house.zone).date()
    if start is None or not command.people or start.astimezone(work.house.zone).date() < today:
        raise Already("duty.past")
    if start > work.now + plan.AHEAD - timedelta(days=1):
        raise Already("duty.too_far")
    return Rota(people=list(command.people), days=command.days, starts_at=start, created_by=actor.id,
                created_at=work.now)  # fmt: skip


@performs(EndRota, Right.CHIEF)
def end(work: Work, actor: Actor, command: EndRota) -> None:
    """No duty list: nobody has a shift from now on."""
    duty.alone(work)
    rota = duty.rota(work)
    if rota is None or rota.id != command.rota:
        raise Already("duty.other_list")
    before = duty.held(work)
    plan.end(work, rota)
    sending.to_account(work, actor.account, work.voice(actor.person).say("duty.list_ended"), "answer")
    words.tell_new_turns(work, before, "duty.list_ended_by", but=(actor.id,), who=actor.person.name)


def left(work: Work, person: Person) -> None:
    """Somebody is no longer of the unit: their turns go to who comes next."""
    before = duty.held(work, also_gone=True)
    if person.id not in (*duty.listed(work), *(turn.person for turn in before)):
        return
    duty.alone(work)
    _without_gone(work)
    _tell(work, before, "duty.left", who=person.name)


def _without_gone(work: Work) -> None:
    """Nobody who has left has a turn any more; the rota ends when that is everybody."""
    rota = duty.rota(work)
    if rota is None:
        return
    if not set(rota.people) & duty.members(work).keys():
        plan.end(work, rota)
        _tell_chiefs_it_ended(work)
        return
    plan.skip_gone(work, rota)
    mended = plan.mend(work)
    plan.forget_gone(work, rota)
    plan.ring(work)
    if mended.lacking:
        duty_covers.lacking(work, mended.lacking)


def _tell_chiefs_it_ended(work: Work) -> None:
    for chief in people.chiefs(work.session):
        voice = work.voice(chief)
        anew = voice.button("duty.button.rota", str(Act("duty_rota", 0)))
        sending.to_person(work, chief, voice.say("duty.rota_over", anew), "notice")


def _tell(work: Work, before: list[turns.Turn], key: str, who: str = "") -> None:
    """Who is on duty this moment, if that has changed; and everybody whose turns have."""
    words.tell_new_turns(work, before, key, who=who)
    was = turns.at(before, work.now)
    words.tell_change(work, was.person if was else None, _now(work))


def _now(work: Work) -> turns.Turn | None:
    return turns.at(turns.by_person(duty.held(work)), work.now)


# What happens by the clock


def top_up(work: Work, row: Deadline) -> None:
    """Once a day: as many weeks ahead as before, without whoever has left, and with somebody for whoever is away."""
    duty.alone(work)
    _without_gone(work)
    rota = duty.rota(work)
    if rota is None or rota.id != row.subject:
        return
    plan.make(work, rota, work.now + plan.AHEAD)
    duty_covers.announce(work, plan.mend(work))
    plan.ring(work)
    plan.top_up_tomorrow(work, rota)


def change(work: Work, row: Deadline) -> None:
    """A shift ends or begins: who comes on and who leaves hear it; who cannot be reached is covered for."""
    duty.alone(work)
    just_before = row.due_at - timedelta(seconds=1)
    was = turns.at(duty.held(work, just_before), just_before)
    now = _now(work)
    if now is not None and not duty.reachable(work, work.session.get_one(Person, now.person)):
        _cover_unreachable(work, now)
    words.tell_change(work, was.person if was else None, _now(work))
    plan.ring(work)


def _cover_unreachable(work: Work, turn: turns.Turn) -> None:
    rota = duty.rota(work)
    asked = plan.candidates(work, rota, turn.person) if rota else []
    for part in turns.covered(turn.starts_at, turn.ends_at, asked, duty.absences(work)):
        if part.person != turns.NOBODY:
            plan.offer(work, plan.add(work, part.person, part.starts_at, part.ends_at, "cover"), turns.NOBODY)
    now = _now(work)
    for chief in people.chiefs(work.session):
        voice = work.voice(chief)
        said = voice.say("duty.unreachable", words.list_button(voice), who=words.name(work, turn.person),
                         instead=words.name(work, (now or turn).person))  # fmt: skip
        sending.to_person(work, chief, said, "notice")


def remind(work: Work, row: Deadline) -> None:
    """The day before a shift, whoever has it; not whoever is on duty already."""
    starts = turns.by_person(duty.held(work))
    turn = next((turn for turn in starts if turn.starts_at.isoformat() == row.step), None)
    if turn is not None and turn.starts_at > work.now:
        voice = work.voice(work.session.get_one(Person, turn.person))
        swap = voice.button("duty.button.swap", str(Act("duty_swap", 0)))
        said = voice.say("duty.reminder", swap, start=voice.time(turn.starts_at), end=voice.time(turn.ends_at))
        words.say(work, turn.person, said, "info")
    plan.ring(work)
