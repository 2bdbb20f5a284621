"""Two persons for an emergency to everybody, where the municipality wants it: who else is asked, and what if nobody is.

The rule is `needed`. Where nobody else of the unit can be reached, the author may send alone after a warning: two
persons must never mean that there is no emergency.
"""

from __future__ import annotations

from datetime import timedelta

from sqlmodel import col, select

from bot.commands import Level
from bot.messages import Line, Message, Paragraph, Phone
from bot.services import alerts, audience, people, previews, sending
from bot.services.people import Actor
from bot.services.work import Work
from storage import deadlines
from storage.tables import Alert, Person, Post

DEADLINE = "alert_approve"
WITHIN = timedelta(minutes=3)  # then the others are asked on their other accounts, and the author is told


def needed(work: Work, alert: Alert) -> bool:
    """Whether a second officer has to say yes: an emergency for the officials of every party. An exercise too."""
    if not work.house.two_person or alert.level != Level.EMERGENCY:
        return False
    asked = audience.resolved(work, audience.from_json(alerts.first_of(work, alert).audience))
    return audience.is_everybody(asked, {party.id or 0 for party in people.parties(work.session)})


def others(work: Work, alert: Alert) -> list[Person]:
    """Who else of the unit can be asked."""
    unit = people.unit_people(work.session)
    return [p for p in unit if p.id != alert.author_id and people.accounts_of(work.session, p)]


def ask(work: Work, alert: Alert) -> None:
    """Everybody else of the unit sees it and may let it go; one of them is enough."""
    alert.state = "asked"
    work.session.add(alert)
    alerts.add_entry(work, alert, "asked", alert.author_id)
    for person in others(work, alert):
        previews.put(work, people.accounts_of(work.session, person)[0], alert, previews.APPROVE, "emergency")
    deadlines.promise(work.session, DEADLINE, alerts.id_of(alert), "", work.now + WITHIN)


def take_back(work: Work, alert: Alert) -> None:
    """It is not asked any more; whoever was asked sees that there is nothing to say."""
    deadlines.call_off(work.session, alerts.id_of(alert), DEADLINE)
    previews.fold(work, alert, Post.reason == previews.APPROVE)


def due(work: Work, alert: Alert) -> None:
    """Nobody has answered: the others hear of it on their other accounts, and the author whom to call."""
    if alert.state != "asked":
        return
    asked = _asked(work, alert)
    for person in others(work, alert):
        for account in people.accounts_of(work.session, person):
            if account.id not in asked:
                previews.put(work, account, alert, previews.APPROVE, "emergency")
    alerts.add_entry(work, alert, "not_approved")
    author = work.session.get_one(Person, alert.author_id)
    voice = work.voice(author)
    said = voice.say("approve.nobody", number=alerts.id_of(alert))
    lines = [Paragraph(_number(work, author, person)) for person in others(work, alert)]
    sending.to_person(work, author, Message((*said.parts, *lines)), "notice")


def _asked(work: Work, alert: Alert) -> set[int | None]:
    query = select(Post.account_id).where(Post.alert_id == alert.id, Post.reason == previews.APPROVE)
    return set(work.session.exec(query.where(col(Post.folded).is_(False))))


def _number(work: Work, reader: Person, person: Person) -> Line:
    """A colleague with the number to call, where it is known."""
    voice = work.voice(reader)
    if not person.phone:
        return voice.line("approve.no_phone", name=person.name)
    return voice.line("approve.phone", name=person.name, phone=Phone(person.phone))


def warned(work: Work, alert: Alert) -> bool:
    """Whether the author has been told that nobody else can be asked about these very words."""
    return any(entry.body.get("revision") == alert.revision for entry in alerts.entries(work, alert, "warned_alone"))


def warn(work: Work, actor: Actor, alert: Alert) -> None:
    """Nobody else can be asked: say so, and let the next press send it."""
    if not warned(work, alert):
        alerts.add_entry(work, alert, "warned_alone", actor.id, revision=alert.revision)
    previews.redraw(work, alert)
    work.toast = work.voice(actor.person).word("approve.alone_toast")
