"""What the second officer presses."""

from __future__ import annotations

from bot.services import alerts, approvals, drafts, people, planned, previews, sending
from bot.services.doing import Already, on_alert
from bot.services.people import Actor
from bot.services.rights import Right
from bot.services.work import Work
from storage.tables import Alert, Person


@on_alert("approve", Right.UNIT)
def approve(work: Work, actor: Actor, alert: Alert, stamp: str) -> None:
    """ "Godkänn och skicka": the first press of another than the author lets it go."""
    author = _asking(work, actor, alert)
    if drafts.current(work, actor, alert, stamp, previews.APPROVE) is None:
        return
    alert.approved_by = actor.id
    alerts.add_entry(work, alert, "approved", actor.id)
    if alert.send_at is not None and alert.send_at > work.now:
        approvals.take_back(work, alert)
        planned.plan(work, alert, alert.send_at)
    else:
        drafts.out(work, alert)
    voice = work.voice(author)
    said = voice.say("approve.given", who=actor.person.name, time=voice.when(work.now))
    sending.to_person(work, author, said, "notice")
    work.toast = work.voice(actor.person).word("approve.toast")


@on_alert("refuse", Right.UNIT)
def refuse(work: Work, actor: Actor, alert: Alert, _: str) -> None:
    """ "Nej, vänta": the author hears at once who says so, and may change it or ask again."""
    author = _asking(work, actor, alert)
    alert.state, alert.send_at = "draft", None
    work.session.add(alert)
    alerts.add_entry(work, alert, "refused", actor.id)
    approvals.take_back(work, alert)
    previews.redraw(work, alert)
    voice = work.voice(author)
    said = voice.say("approve.refused", who=actor.person.name, time=voice.when(work.now))
    sending.to_person(work, author, said, "notice")
    work.toast = work.voice(actor.person).word("approve.refused_toast")


def _asking(work: Work, actor: Actor, alert: Alert) -> Person:
    """Who asks. Raises Already where nobody does any more, and for who asks: two persons are two."""
    drafts.locked(work, alert)
    if alert.state != "asked":
        raise Already(f"draft.already.{alert.state}")
    if alert.author_id == actor.id:
        raise Already("approve.own")
    author = work.session.get_one(Person, alert.author_id)
    if author not in people.unit_people(work.session):
        raise Already("approve.author_gone", who=author.name)
    return author
