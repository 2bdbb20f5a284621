"""Broadcasts that are not sent yet: written, shown as they will be, changed, sent, thrown away."""

from __future__ import annotations

from bot.commands import ChangeDraft, Compose
from bot.services import alerts, approvals, audience, previews, reach, sending
from bot.services.doing import Already, on_alert, performs
from bot.services.people import Actor
from bot.services.reach import Reach
from bot.services.rights import Right
from bot.services.work import Work
from storage import deadlines
from storage.tables import Alert, Person

CHANGEABLE = ("draft", "asked", "scheduled")
PLANNED = "alert_planned"  # the deadline that sends it


@performs(Compose, Right.UNIT)
def compose(work: Work, actor: Actor, command: Compose) -> int:
    """Keep it and show it; nothing is sent. Returns its number."""
    return begin(work, actor, command)


def begin(work: Work, actor: Actor, words: Compose, template: str = "") -> int:
    """A new draft, of a template where one is named; its author sees what would be sent."""
    alert = Alert(
        level=words.level, headline=_one_line(words.headline), text=words.text, template=template,
        audience=audience.to_json(words.audience), meeting_id=words.audience.meeting or None, ask=words.ask,
        minutes=words.minutes, exercise=words.exercise, incident_id=words.incident or None, author_id=actor.id,
        created_at=work.now,
    )  # fmt: skip
    work.session.add(alert)
    work.session.flush()
    prepare(work, actor, alert)
    return alerts.id_of(alert)


def _one_line(text: str) -> str:
    return " ".join(text.split())


def prepare(work: Work, actor: Actor, alert: Alert) -> None:
    """Show any draft to its author, with the buttons; also one that follows an earlier alert."""
    previews.show(work, actor, alert)


def locked(work: Work, alert: Alert) -> None:
    """Nobody else changes it until this transaction is over: two presses at once come one after the other."""
    work.session.flush()
    work.session.refresh(alert, with_for_update=True)


def mine(work: Work, actor: Actor, alert: Alert, *states: str) -> None:
    """Raises Already for what is another's, and for what is not in one of these states any more."""
    locked(work, alert)
    if alert.state not in states:
        raise Already(f"draft.already.{alert.state}")
    if alert.author_id != actor.id:
        raise Already("draft.not_yours", who=work.session.get_one(Person, alert.author_id).name)


def current(work: Work, actor: Actor, alert: Alert, stamp: str, view: str = "") -> Reach | None:
    """Whom it reaches, where the press means just that; else what it means now is shown, and None.

    Raises Already for the press of an older preview, and where nobody would get it.
    """
    if stamp.split("-")[0] != str(alert.revision):
        raise Already("draft.old")
    found = reach.of(work, alert)
    if not found.reached:
        raise Already("draft.nobody" if found.readers else "draft.empty")
    if stamp == reach.stamp(alert, found):
        return found
    if view:
        previews.redraw(work, alert)
    else:
        previews.show(work, actor, alert, previews.CHANGED)
    work.toast = work.voice(actor.person).word("draft.changed")
    return None


@on_alert("send_alert", Right.UNIT)
def send(work: Work, actor: Actor, alert: Alert, stamp: str) -> None:
    """ "Skicka till 41 personer": to just those, once; with two persons, when another officer says yes."""
    mine(work, actor, alert, "draft", "scheduled")
    if current(work, actor, alert, stamp) is None:
        return
    if not approvals.needed(work, alert) or alert.approved_by is not None:
        _sent_by(work, actor, alert)
    elif approvals.others(work, alert):
        alert.send_at = None
        deadlines.call_off(work.session, alerts.id_of(alert), PLANNED)
        approvals.ask(work, alert)
        previews.redraw(work, alert)
    else:
        approvals.warn(work, actor, alert)


@on_alert("send_alone", Right.UNIT)
def send_alone(work: Work, actor: Actor, alert: Alert, stamp: str) -> None:
    """ "Skicka ensam": after the warning that nobody else can be asked, and only while nobody can."""
    mine(work, actor, alert, "draft", "scheduled")
    if current(work, actor, alert, stamp) is None:
        return
    if not approvals.warned(work, alert) or approvals.others(work, alert):
        send(work, actor, alert, stamp)
        return
    alerts.add_entry(work, alert, "sent_alone", actor.id)
    _sent_by(work, actor, alert)


def _sent_by(work: Work, actor: Actor, alert: Alert) -> None:
    out(work, alert)
    work.toast = work.voice(actor.person).word("draft.sent_toast")


def out(work: Work, alert: Alert) -> None:
    """Let it go; every preview of it says so."""
    alert.send_at = None
    deadlines.call_off(work.session, alerts.id_of(alert), PLANNED, approvals.DEADLINE)
    alerts.send(work, alert)
    previews.redraw(work, alert)


@performs(ChangeDraft, Right.UNIT)
def change(work: Work, actor: Actor, command: ChangeDraft) -> None:
    """Other words, readers or answers: what was pressed before sends nothing, and nobody has said yes to this yet."""
    alert = work.session.get_one(Alert, command.alert)
    mine(work, actor, alert, *CHANGEABLE)
    _put(alert, command)
    alert.revision, alert.approved_by = alert.revision + 1, None
    if alert.state == "asked" or approvals.needed(work, alert):
        deadlines.call_off(work.session, command.alert, PLANNED)
        alert.state, alert.send_at = "draft", None
    work.session.add(alert)
    alerts.add_entry(work, alert, "changed", actor.id, revision=alert.revision)
    approvals.take_back(work, alert)
    prepare(work, actor, alert)


def _put(alert: Alert, command: ChangeDraft) -> None:
    if command.headline is not None or command.text is not None:
        alert.template = ""  # from now on the words are the author's, in the author's language
    if command.headline is not None:
        alert.headline = _one_line(command.headline)
    if command.text is not None:
        alert.text = command.text
    if command.level is not None:
        alert.level = command.level
    if command.audience is not None and alert.follows is None:
        alert.audience = audience.to_json(command.audience)
        alert.meeting_id = command.audience.meeting or None
    if command.ask is not None:
        alert.ask, alert.minutes = command.ask, command.minutes or 0
    if command.exercise is not None:
        alert.exercise = command.exercise


@on_alert("drop_alert", Right.UNIT)
def drop(work: Work, actor: Actor, alert: Alert, _: str) -> None:
    """ "Kasta": nothing is sent; it can be taken back."""
    mine(work, actor, alert, *CHANGEABLE)
    thrown_away(work, actor, alert)


def thrown_away(work: Work, actor: Actor, alert: Alert) -> None:
    """It is not sent, whatever was planned or asked."""
    deadlines.call_off(work.session, alerts.id_of(alert), PLANNED)
    approvals.take_back(work, alert)
    alert.state, alert.send_at, alert.approved_by = "dropped", None, None
    work.session.add(alert)
    alerts.add_entry(work, alert, "dropped", actor.id)
    previews.redraw(work, alert)
    work.toast = work.voice(actor.person).word("draft.dropped_toast")


@on_alert("undrop_alert", Right.UNIT)
def undrop(work: Work, actor: Actor, alert: Alert, _: str) -> None:
    """ "Ångra": it is a draft again."""
    mine(work, actor, alert, "dropped")
    alert.state, alert.revision = "draft", alert.revision + 1
    work.session.add(alert)
    previews.redraw(work, alert)


@on_alert("inert_alert", Right.UNIT)
def inert(work: Work, actor: Actor, _: Alert, __: str) -> None:
    """A reader's button in a preview."""
    raise Already("draft.inert")


@on_alert("unreached_alert", Right.UNIT)
def unreached(work: Work, actor: Actor, alert: Alert, _: str) -> None:
    """Everybody who would not get it, with why: more than a preview has room for."""
    voice = work.voice(actor.person)
    found = reach.names(work, reach.of(work, alert).missed)
    lines = [voice.word("board.unreached_one", name=name, why=voice.word(f"unreached.{why}")) for name, why in found]
    message = voice.say("draft.all_unreached", count=len(lines), names="; ".join(lines) or "–")
    sending.to_account(work, actor.account, message, "answer")
