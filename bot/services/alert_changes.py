"""What comes after a broadcast: an update, a correction, the all clear. They follow the same people."""

from __future__ import annotations

from bot.commands import Ask, FollowAlert, Level
from bot.flows.alerting import Following
from bot.services import alerts, drafts, talks
from bot.services.doing import Already, on_alert, performs
from bot.services.people import Actor
from bot.services.rights import Right, alert_for
from bot.services.work import Work
from storage.tables import Alert

CHANGES = ("update", "correction", "allclear")


@on_alert("follow", Right.UNIT)
def begin(work: Work, actor: Actor, alert: Alert, change: str) -> None:
    """ "Nytt läge", "Rätta", "Faran över"."""
    if change not in CHANGES or alert.state != "sent":
        raise Already("engine.already")
    first = alerts.first_of(work, alert)
    if first.ended_at is not None and change != "correction":
        raise Already("alert.ended_already")
    if change == "allclear" and work.terse(actor.account):  # it needs no words, and must not wait for them
        follow(work, actor, FollowAlert(alerts.id_of(first), change, ""))
        return
    talks.start(work, actor, "following", Following(alerts.id_of(first), change))


@performs(FollowAlert, Right.UNIT)
def follow(work: Work, actor: Actor, command: FollowAlert) -> None:
    """A draft that hangs on the first message; it goes out when its preview is approved."""
    first = alert_for(work.session, actor, Right.UNIT, command.alert)
    over = command.change == "allclear"
    if over and first.ended_at is not None:
        raise Already("alert.ended_already")
    draft = Alert(
        level=Level.ALLCLEAR if over else first.level,
        headline=first.headline,
        text=command.text,
        audience=first.audience,
        ask=Ask.NOTHING if over or not alerts.asks(first) else Ask.READ,
        minutes=first.minutes,
        exercise=first.exercise,
        follows=first.id,
        change=command.change,
        incident_id=first.incident_id,
        author_id=actor.id,
        created_at=work.now,
    )
    work.session.add(draft)
    work.session.flush()
    drafts.prepare(work, actor, draft)
