"""Broadcasts that go out later: planned, listed, called off, and sent when their time has come."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlmodel import col, select

from bot.commands import PlanDraft
from bot.flows.planning import Planning
from bot.messages import Button, Fields, Line, Message
from bot.services import alert_views, alerts, approvals, drafts, people, previews, reach, sending, talks
from bot.services.doing import Already, on_alert, on_number, performs
from bot.services.people import Actor
from bot.services.rights import Right
from bot.services.work import Work
from bot.tokens import Act
from storage import deadlines
from storage.tables import Alert, Person

LATE = timedelta(minutes=2)  # what goes out later than that says so to its author


@on_alert("plan_alert", Right.UNIT)
def ask(work: Work, actor: Actor, alert: Alert, stamp: str) -> None:
    """ "Schemalägg": when?"""
    drafts.mine(work, actor, alert, "draft", "scheduled")
    if drafts.current(work, actor, alert, stamp) is not None:
        talks.start(work, actor, "planning", Planning(alerts.id_of(alert)))


@performs(PlanDraft, Right.UNIT)
def plan_draft(work: Work, actor: Actor, command: PlanDraft) -> None:
    """At this time; an emergency to everybody once another officer has said yes to it."""
    alert = work.session.get_one(Alert, command.alert)
    drafts.mine(work, actor, alert, "draft", "scheduled")
    if command.at <= work.now:
        raise Already("engine.past_time")
    if approvals.needed(work, alert) and alert.approved_by is None:
        if not approvals.others(work, alert):
            raise Already("planned.alone")
        alert.send_at = command.at
        approvals.ask(work, alert)
    else:
        plan(work, alert, command.at)
    previews.show(work, actor, alert)


def plan(work: Work, alert: Alert, at: datetime) -> None:
    """Let it go out then."""
    alert.state, alert.send_at = "scheduled", at
    work.session.add(alert)
    alerts.add_entry(work, alert, "planned", alert.author_id, at=at.isoformat())
    deadlines.promise(work.session, drafts.PLANNED, alerts.id_of(alert), "", at)
    previews.redraw(work, alert)


def due(work: Work, alert: Alert) -> None:
    """Its time has come: whom it reaches is counted now. Where it cannot go out, that is said, and it is a draft."""
    drafts.locked(work, alert)
    if alert.state != "scheduled" or alert.send_at is None or alert.send_at > work.now:
        return
    at = alert.send_at
    if work.session.get_one(Person, alert.author_id) not in people.unit_people(work.session):
        _not_sent(work, alert, "planned.author_gone")
    elif not reach.of(work, alert).reached:
        _not_sent(work, alert, "planned.nobody")
    elif approvals.needed(work, alert) and alert.approved_by is None:
        _not_sent(work, alert, "planned.second")
    else:
        drafts.out(work, alert)
        if work.now - at > LATE:
            _tell(work, alert, [work.session.get_one(Person, alert.author_id)], "planned.late", at)


def _not_sent(work: Work, alert: Alert, why: str) -> None:
    """Who wrote it hears why; of somebody who has left, the chiefs do."""
    at = alert.send_at
    alert.state, alert.send_at = "draft", None
    work.session.add(alert)
    alerts.add_entry(work, alert, "not_sent", why=why)
    previews.redraw(work, alert)
    author = work.session.get_one(Person, alert.author_id)
    here = author in people.unit_people(work.session)
    _tell(work, alert, [author] if here else people.chiefs(work.session), why, at)


def _tell(work: Work, alert: Alert, readers: list[Person], key: str, at: datetime | None) -> None:
    author = work.session.get_one(Person, alert.author_id)
    for person in readers:
        voice = work.voice(person)
        show = voice.button("button.show", str(Act("show_alert", alerts.id_of(alert))))
        said = voice.say(key, show, number=alerts.id_of(alert), who=author.name, at=voice.time(at or work.now))
        sending.to_person(work, person, said, "notice")


def coming(work: Work) -> list[Alert]:
    """What is planned, the next one first."""
    query = select(Alert).where(Alert.state == "scheduled").order_by(col(Alert.send_at), col(Alert.id))
    return list(work.session.exec(query))


@on_number("planned", Right.UNIT)
def listed(work: Work, actor: Actor, _: int, __: str) -> None:
    """Everything that is planned, each with its button."""
    voice, found = work.voice(actor.person), coming(work)[: talks.MOST]
    if not found:
        raise Already("planned.none")
    rows: list[tuple[str, Line]] = []
    buttons: list[tuple[Button, ...]] = []
    for alert in found:
        at = voice.time(alert.send_at or work.now)
        rows.append((at[0].upper() + at[1:], alert_views.headline(work, voice, alert)))
        label = voice.word("planned.show", number=alert.id)
        buttons.append((Button(label, str(Act("show_alert", alerts.id_of(alert)))),))
    message = Message((voice.title("planned.title"), Fields(tuple(rows))), tuple(buttons))
    sending.to_account(work, actor.account, message, "answer")


@on_alert("show_alert", Right.UNIT)
def show(work: Work, actor: Actor, alert: Alert, _: str) -> None:
    """What is planned or written, as it is now. What somebody wrote who has left is the chief's who looks at it."""
    drafts.locked(work, alert)
    if alert.state not in drafts.CHANGEABLE:
        raise Already(f"draft.already.{alert.state}")
    author = work.session.get_one(Person, alert.author_id)
    if actor.chief and author not in people.unit_people(work.session):
        alerts.add_entry(work, alert, "taken_over", actor.id, before=alert.author_id)
        alert.author_id, alert.revision, alert.approved_by = actor.id, alert.revision + 1, None
        work.session.add(alert)
    previews.show(work, actor, alert)


@on_alert("call_off_alert", Right.UNIT)
def call_off(work: Work, actor: Actor, alert: Alert, _: str) -> None:
    """ "Ställ in": anybody of the unit may; its author hears who."""
    drafts.locked(work, alert)
    if alert.state != "scheduled":
        raise Already(f"draft.already.{alert.state}")
    drafts.thrown_away(work, actor, alert)
    if alert.author_id != actor.id:
        author = work.session.get_one(Person, alert.author_id)
        said = work.voice(author).say("planned.called_off", who=actor.person.name, number=alert.id)
        sending.to_person(work, author, said, "notice")
