"""Draws a broadcast before it is sent: as its readers will get it, and with whom it reaches and what can be pressed."""

from __future__ import annotations

from dataclasses import replace

from bot.catalogue import Voice
from bot.messages import Button, Line, Message, Paragraph, Part, Title
from bot.services import alert_views, alerts, approvals, audience, drafts, people, previews, reach, terse
from bot.services.people import Actor
from bot.services.reach import Reach
from bot.services.work import Work
from bot.tokens import Act
from storage.tables import Account, Alert, Person, Post

NAMED = 8  # people named as out of reach; the others are behind a button


def draw(work: Work, post: Post) -> Message:
    """What stands there now, for who is of the unit still."""
    alert, account = work.session.get_one(Alert, post.alert_id), work.session.get_one(Account, post.account_id)
    actor = people.actor(work.session, account)
    voice = work.voice(actor.person)
    if account.state != "active" or not actor.unit:
        return voice.say("rights.not_found")
    if post.folded:
        return _verdict(work, voice, alert) if post.reason == previews.APPROVE else voice.say("draft.replaced")
    if post.reason == previews.MESSAGE:
        return as_read(work, voice, alert)
    if post.reason.startswith(previews.ELSEWHERE):
        return _elsewhere(work, voice, alert, post.reason.removeprefix(previews.ELSEWHERE))
    return (
        _approve(work, actor, alert) if post.reason == previews.APPROVE else _control(work, actor, alert, post.reason)
    )


def _verdict(work: Work, voice: Voice, alert: Alert) -> Message:
    """What stands where a colleague was asked, when nothing is asked any more: who said what."""
    if alert.approved_by is not None:
        return voice.say("approve.done", who=work.session.get_one(Person, alert.approved_by).name)
    last = alerts.entries(work, alert, "asked", "refused", "changed", "dropped")[-1:]
    if last and last[0].kind == "refused":
        return voice.say("approve.was_refused", who=work.session.get_one(Person, last[0].author_id).name)
    return voice.say("approve.taken_back")


def as_read(work: Work, voice: Voice, alert: Alert) -> Message:
    """Exactly what a reader gets; the buttons only say that this is a preview, and go when it is over."""
    message = _received(work, voice, alert)
    if alert.state not in drafts.CHANGEABLE:
        return replace(message, buttons=())
    token = str(Act("inert_alert", alerts.id_of(alert)))
    rows = tuple(tuple(replace(button, token=token) for button in row) for row in message.buttons)
    return replace(message, buttons=rows)


def _received(work: Work, voice: Voice, alert: Alert) -> Message:
    """With all that any of its readers can press."""
    message = alert_views.received(work, voice, alert)
    asked = audience.resolved(work, audience.from_json(alerts.first_of(work, alert).audience))
    contacts = not set(people.PARTY_CONTACTS).isdisjoint(asked.roles)
    return alert_views.for_contact(voice, alert, message) if contacts else message


def _elsewhere(work: Work, voice: Voice, alert: Alert, platform: str) -> Message:
    """The same for a platform where the author has no account: every line, and what the buttons say."""
    message = _received(work, voice, alert)
    if platform == "telegram" and work.house.notices_only:
        message = terse.without_words(message, voice.line("terse.by_phone", phone=work.house.number_at(work.now)))
    labels = ", ".join(button.label for row in message.buttons for button in row)
    head = voice.line("draft.elsewhere", platform=voice.word(f"platform.{platform}"))
    parts: list[Part] = [Title(head), Paragraph(_locked(voice, message.notice, platform == "telegram"))]
    parts += _within(message)
    parts += [voice.paragraph("draft.buttons", labels=labels)] if labels else []
    return Message(tuple(parts), notice=head)


def _within(message: Message) -> list[Part]:
    """The message inside another, for who must not take it for the real thing."""
    return [Paragraph(part.line) if isinstance(part, Title) else part for part in message.parts]


def _control(work: Work, actor: Actor, alert: Alert, reason: str) -> Message:
    voice, found = work.voice(actor.person), reach.of(work, alert)
    changed = reason == previews.CHANGED and alert.state == "draft"
    head = voice.line("draft.changed") if changed else _head(voice, alert)
    parts: list[Part] = [Title(head)]
    if alert.state in drafts.CHANGEABLE:
        parts += _within(as_read(work, voice, alert)) if alert.author_id != actor.id else []
        lines = (*_warnings(work, voice, alert, found), *_facts(work, voice, alert, found))
        parts += [Paragraph(line) for line in lines]
    elif alert.approved_by is not None:
        who = work.session.get_one(Person, alert.approved_by).name
        parts.append(voice.paragraph("draft.approved", who=who))
    buttons = _buttons(work, actor, alert, found)
    return Message(tuple(parts), tuple((button,) for button in buttons), notice=head)


def _head(voice: Voice, alert: Alert) -> Line:
    """How it stands, in a line that may show on a locked screen."""
    values = {
        "number": alert.id,
        "sent": voice.when(alert.sent_at) if alert.sent_at else "",
        "at": voice.time(alert.send_at) if alert.send_at else "",
    }
    return voice.line(f"draft.head.{alert.state}", **values)


def _warnings(work: Work, voice: Voice, alert: Alert, found: Reach) -> list[Line]:
    """What must be known before it is sent."""
    if not found.reached:
        return [voice.line("draft.nobody" if found.readers else "draft.empty")]
    if alert.state == "asked":
        names = ", ".join(person.name for person in approvals.others(work, alert))
        return [voice.line("draft.asked", names=names)]
    if not approvals.needed(work, alert) or alert.approved_by is not None:
        return []
    if approvals.others(work, alert):
        return [voice.line("draft.second")]
    return [voice.line("approve.alone" if approvals.warned(work, alert) else "draft.second")]


def _facts(work: Work, voice: Voice, alert: Alert, found: Reach) -> list[Line]:
    lines: list[Line] = []
    if found.reached:
        where = [f"{voice.word(f'platform.{name}')} {count}" for name, count in found.platforms.items()]
        lines.append(
            voice.line("draft.reach", count=len(found.reached), all=len(found.readers), where=", ".join(where))
        )
    if parties := reach.by_party(work, found):
        lines.append(voice.line("draft.parties", parties=", ".join(f"{name} {count}" for name, count in parties)))
    if found.missed:
        lines.append(_missed(work, voice, found))
    if quiet := reach.quiet(work, alert, found):
        some = [voice.word("draft.quiet_one", name=name, until=voice.when(at)) for name, at in quiet[:NAMED]]
        more = voice.word("board.and_more", count=len(quiet) - NAMED) if len(quiet) > NAMED else ""
        lines.append(voice.line("draft.quiet", names=", ".join(some), more=more))
    lines.append(_locked(voice, alert_views.headline(work, voice, alert), "telegram" in found.platforms))
    if alert.incident_id is not None:
        lines.append(voice.line("draft.incident", number=alert.incident_id))
    return lines


def _locked(voice: Voice, headline: Line, telegram: bool) -> Line:
    """Slack shows the headline and no more; Telegram shows how a message begins."""
    return voice.line("draft.locked_more" if telegram else "draft.locked", line=(*headline, "."))


def _missed(work: Work, voice: Voice, found: Reach) -> Line:
    some = [
        voice.word("board.unreached_one", name=name, why=voice.word(f"unreached.{why}"))
        for name, why in reach.names(work, found.missed, NAMED)
    ]
    rest = len(found.missed) - len(some)
    more = voice.word("board.and_more", count=rest) if rest else ""
    return voice.line("board.unreached", names=", ".join(some), more=more)


def _buttons(work: Work, actor: Actor, alert: Alert, found: Reach) -> list[Button]:
    """For its author; what is planned anybody of the unit may call off."""
    voice, number = work.voice(actor.person), alerts.id_of(alert)
    if alert.author_id != actor.id:
        names = ["call_off_alert"] if alert.state == "scheduled" else []
        return [voice.button(f"button.{name}", str(Act(name, number))) for name in names]
    if alert.state not in drafts.CHANGEABLE:
        return (
            [voice.button("button.undrop_alert", str(Act("undrop_alert", number)))] if alert.state == "dropped" else []
        )
    buttons = _sending(work, voice, alert, found) if alert.state != "asked" else []
    if buttons and not work.terse(actor.account):
        buttons.append(voice.button("button.plan_alert", str(Act("plan_alert", number, reach.stamp(alert, found)))))
    buttons.append(voice.button("button.change_alert", str(Act("change_alert", number))))
    if len(found.missed) > NAMED:
        buttons.append(voice.button("button.unreached_alert", str(Act("unreached_alert", number))))
    return [*buttons, voice.button("button.drop_alert", str(Act("drop_alert", number)))]


def _sending(work: Work, voice: Voice, alert: Alert, found: Reach) -> list[Button]:
    """ "Skicka till 41 personer": the number of this moment; nothing where nobody would get it."""
    if not found.reached:
        return []
    second = approvals.needed(work, alert) and alert.approved_by is None
    alone = second and approvals.warned(work, alert) and not approvals.others(work, alert)
    return [_to(voice, "alone" if alone else "send", "send_alone" if alone else "send_alert", alert, found)]


def _to(voice: Voice, words: str, action: str, alert: Alert, found: Reach) -> Button:
    one = "_one" if len(found.reached) == 1 else ""
    label = voice.word(f"draft.{words}{one}", count=len(found.reached))
    return Button(label, str(Act(action, alerts.id_of(alert), reach.stamp(alert, found))))


def _approve(work: Work, actor: Actor, alert: Alert) -> Message:
    """For a colleague: who asks, what would be sent, whom it reaches, yes or no. It never looks like the real thing."""
    voice = work.voice(actor.person)
    if alert.state != "asked":
        return _verdict(work, voice, alert)
    found, author = reach.of(work, alert), work.session.get_one(Person, alert.author_id)
    head = voice.line("approve.title", who=author.name)
    parts: list[Part] = [Title(head)]
    parts += [voice.paragraph("approve.at", at=voice.time(alert.send_at))] if alert.send_at is not None else []
    parts += _within(as_read(work, voice, alert))
    parts += [Paragraph(line) for line in _facts(work, voice, alert, found)]
    number, yes = alerts.id_of(alert), str(Act("approve", alerts.id_of(alert), reach.stamp(alert, found)))
    buttons = [voice.button("button.approve", yes)] if found.reached else []
    buttons.append(voice.button("button.refuse", str(Act("refuse", number))))
    return Message(tuple(parts), tuple((button,) for button in buttons), notice=head)
