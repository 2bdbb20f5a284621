"""An exercise runs over the real chain, says everywhere that it is one, and ends with how it went, party by party.

The unit sees every party, in the order of their names and never ranked; a party's contacts see their own.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func
from sqlmodel import col, select

from bot.catalogue import Voice
from bot.messages import Fields, Line, Message, Paragraph
from bot.services import alerts, people, sending, tally
from bot.services.doing import Already, on_alert
from bot.services.people import Actor
from bot.services.rights import Right
from bot.services.work import Work
from storage import deadlines
from storage.tables import Alert, Outbox, Person, Post


@dataclass(frozen=True)
class Score:
    """How a party did: people, those whom a message reached, those who answered; how long the first took, and half."""

    party: int | None
    people: int
    reached: int
    answered: int
    first: timedelta | None
    quorum: timedelta | None


def scores(work: Work, alert: Alert) -> list[Score]:
    """One for each party, in the order of the table. Half is more than half of the party's people."""
    came = _delivered(work, alert)
    assert alert.sent_at is not None
    found: dict[int | None, list[tally.Line]] = {}
    for line in tally.table(work, alert):
        found.setdefault(line.party, []).append(line)
    return [_score(party, lines, came, alert.sent_at) for party, lines in found.items()]


def _score(party: int | None, lines: list[tally.Line], came: set[int], since: datetime) -> Score:
    times = sorted(line.answered_at - since for line in lines if line.answered_at is not None)
    half = len(lines) // 2  # so many answers, and one more
    return Score(
        party=party,
        people=len(lines),
        reached=sum(line.person in came or bool(line.answer) for line in lines),
        answered=len(times),
        first=times[0] if times else None,
        quorum=times[half] if len(times) > half else None,
    )


def _delivered(work: Work, alert: Alert) -> set[int]:
    """Those whom the platforms say that they have shown it to."""
    query = (
        select(Post.person_id, func.count())
        .join(Outbox, col(Outbox.post_id) == col(Post.id))
        .where(Post.alert_id == alert.id, Post.view == "alert", Outbox.state == "delivered")
        .group_by(col(Post.person_id))
    )
    return {person for person, _ in work.session.exec(query) if person is not None}


@on_alert("end_exercise", Right.UNIT)
def end_now(work: Work, actor: Actor, alert: Alert, _: str) -> None:
    """ "Avsluta övningen"."""
    if not alert.exercise or alert.ended_at is not None:
        raise Already("exercise.over_already")
    end(work, alert)
    work.toast = work.voice(actor.person).word("toast.exercise_over")


def end(work: Work, alert: Alert) -> None:
    """It is over: the messages say so, and everybody whom it concerns hears how it went."""
    if alert.ended_at is not None:
        return
    alert.ended_at = work.now
    work.session.add(alert)
    deadlines.call_off(work.session, alerts.id_of(alert), alerts.EXERCISE)
    sending.refresh_alert(work, alerts.id_of(alert), Post.view == "alert")
    alerts.changed(work, alert)
    found = scores(work, alert)
    unit = people.unit_people(work.session)
    for person in unit:
        _tell(work, person, alert, found)
    for score in found:
        if score.party is None:
            continue
        for person in people.people_with(work.session, people.PARTY_CONTACTS, score.party):
            if person not in unit:
                _tell(work, person, alert, [score])


def _tell(work: Work, person: Person, alert: Alert, found: list[Score]) -> None:
    voice = work.voice(person)
    title = voice.title("exercise.result", number=alert.id)
    rows = tuple((_name(work, voice, score), _said(voice, score)) for score in found)
    told = (title, Fields(rows), Paragraph(voice.line("exercise.thanks")))
    sending.to_person(work, person, Message(told, notice=title.line), "info", alert=alert.id)


def _name(work: Work, voice: Voice, score: Score) -> str:
    return people.party_name(work.session, score.party) or voice.word("table.no_party")


def _said(voice: Voice, score: Score) -> Line:
    """ "3 av 3 nådda, 2 svarade. Första svaret efter 2 min, mer än hälften efter 5 min." """
    values = {"people": score.people, "reached": score.reached, "answered": score.answered}
    if score.first is None:
        return voice.line("exercise.score_none", **values)
    first = _span(voice, score.first)
    if score.quorum is None:
        return voice.line("exercise.score_few", first=first, **values)
    return voice.line("exercise.score", first=first, quorum=_span(voice, score.quorum), **values)


def _span(voice: Voice, length: timedelta) -> str:
    minutes = round(length / timedelta(minutes=1))
    return voice.word("exercise.minutes", count=minutes) if minutes else voice.word("exercise.at_once")
