"""What the readers of a broadcast press: read, safe, I need help, I am not there."""

from __future__ import annotations

from sqlmodel import col, select

from bot.commands import Level
from bot.services import alerts, meeting_status, menu, sending, talks
from bot.services.doing import Already, NotFound, on_alert
from bot.services.people import Actor
from bot.services.rights import Right, receipt_of
from bot.services.work import Work
from storage.tables import Alert, Conversation

OF_MEETING = ("out", alerts.AWAY)  # answers of who is at a meeting, which have words of their own


@on_alert("read", Right.RECEIVED)
def read(work: Work, actor: Actor, alert: Alert, _: str) -> None:
    """ "Läst": counts once, on whichever platform or copy it is pressed; late ones count too."""
    _answer(work, actor, alert, "read")


@on_alert("safe", Right.RECEIVED)
def safe(work: Work, actor: Actor, alert: Alert, _: str) -> None:
    """ "Jag är trygg"; where it asks who is out, "Jag är ute"."""
    _answer(work, actor, alert, "safe")


@on_alert("away", Right.RECEIVED)
def away(work: Work, actor: Actor, alert: Alert, _: str) -> None:
    """ "Jag är inte där": the person hears no more of this meeting; where it asks who is out, it is an answer."""
    if not alerts.of_status(alert):
        raise NotFound
    _answer(work, actor, alert, alerts.AWAY)


@on_alert("here", Right.RECEIVED)
def here(work: Work, actor: Actor, alert: Alert, _: str) -> None:
    """ "Jag är där": after all; whoever missed what was said meanwhile gets the newest of it."""
    if not alerts.of_status(alert) or (alerts.musters(alert) and alert.ended_at is None):
        raise NotFound
    newest = meeting_status.comes_back(work, actor, alert)
    if newest is not None:
        alerts.to_person(work, newest, actor.person, [actor.account])
    work.toast = work.voice(actor.person).word("toast.here")


def _answer(work: Work, actor: Actor, alert: Alert, said: str) -> None:
    if alert.level == Level.ALLCLEAR and said == "safe":
        raise Already("alert.over")
    if alerts.musters(alert) and said == "read":
        raise Already("engine.already")  # that somebody has read it does not say that they are out
    if not alerts.answer(work, alert, actor.id, said):
        raise Already("alert.already")
    receipt = receipt_of(work.session, alert.id, actor.id)
    late = receipt is not None and alerts.late(alert, receipt)
    word = alerts.wording(alert, said)
    key = f"toast.{word}" if word in OF_MEETING else "toast.alert_late" if late else "toast.alert_answered"
    work.toast = work.voice(actor.person).word(key)


@on_alert("need_help", Right.RECEIVED)
def need_help(work: Work, actor: Actor, alert: Alert, _: str) -> None:
    """ "Jag behöver hjälp": raised as happening now at this press, once; then the bot asks where."""
    receipt = receipt_of(work.session, alert.id, actor.id)
    assert receipt is not None
    if not alerts.answer(work, alert, actor.id, "help"):
        raise Already("alert.help_already", number=receipt.incident_id or 0)
    voice = work.voice(actor.person)
    if alert.exercise:
        button = voice.button("button.now", "a.now.0")
        sending.to_account(work, actor.account, voice.say("alert.help_exercise", button), "answer", alert=alert.id)
        return
    said = voice.word("alert.help_words", number=alerts.id_of(alert))
    about = menu.reporter(work, actor, words=said, meeting=alert.meeting_id or 0 if alerts.musters(alert) else 0)
    talks.start(work, actor, "flag", about, {"imminence": "now"})
    newest = select(Conversation).where(Conversation.person_id == actor.id).order_by(col(Conversation.id).desc())
    talk = work.session.exec(newest).first()
    receipt.incident_id = talk.incident_id if talk is not None else None
    work.session.add(receipt)
