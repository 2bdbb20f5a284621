"""Draws what a person sees of a broadcast: the same for everybody of a language until they have answered."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import cast

from sqlmodel import col, select

from bot.catalogue import Voice
from bot.commands import Ask, Level
from bot.messages import Button, Line, Message, Paragraph, Part, Title, Words
from bot.services import alerts, briefing_views, people, status_views
from bot.services.rights import receipt_of
from bot.services.work import Work
from bot.tokens import Act
from storage.tables import Account, Alert, Person, Post, Receipt, Role

PRELOADED = "preloaded"


def preload(work: Work, posts: Iterable[int]) -> None:
    """Read at once what `draw` needs for many messages; with a query for each, thousands would take minutes."""
    session = work.session
    found = session.exec(select(Post).where(col(Post.id).in_(posts))).all()
    people_ids = {post.person_id for post in found}
    alert_ids = {post.alert_id for post in found}
    accounts = session.exec(select(Account).where(col(Account.id).in_([post.account_id for post in found]))).all()
    persons = session.exec(select(Person).where(col(Person.id).in_(people_ids))).all()
    which = (col(Receipt.alert_id).in_(alert_ids), col(Receipt.person_id).in_(people_ids))
    receipts = {(r.alert_id, r.person_id): r for r in session.exec(select(Receipt).where(*which))}
    contact = (col(Role.kind).in_(people.PARTY_CONTACTS), col(Role.ended_at).is_(None))
    contacts = set(session.exec(select(Role.person_id).where(*contact, col(Role.person_id).in_(people_ids))))
    first = session.exec(select(Alert).where(col(Alert.id).in_(alert_ids))).all()
    work.once[PRELOADED] = (found, accounts, persons, first)  # the session itself only remembers what somebody holds
    work.once["receipts"], work.once["contacts"] = receipts, contacts


def draw(work: Work, post: Post) -> Message:
    """What its reader sees now; nothing but a polite word where the account or the place in it is gone."""
    alert = work.session.get_one(Alert, post.alert_id)
    account = work.session.get_one(Account, post.account_id)
    reader = work.session.get_one(Person, account.person_id)
    receipt = _receipt(work, alert, reader)
    if account.state != "active" or receipt is None:
        return work.voice(reader).say("rights.not_found")
    forwards = _forwards(work, account)
    if post.reason == "deputy" and not receipt.answer:
        return _for_deputy(work, reader, alert, receipt)
    draws = nudge if post.reason.startswith("nudge") else _whole
    if receipt.answer:
        return draws(work, reader, alert, receipt, forwards)
    same = (draws.__name__, alert.id, reader.language, forwards)  # what nobody has answered looks the same to all
    if same not in work.once:
        work.once[same] = draws(work, reader, alert, receipt, forwards)
    return cast(Message, work.once[same])


def _receipt(work: Work, alert: Alert, reader: Person) -> Receipt | None:
    known = work.once.get("receipts", {})
    return known.get((alert.id, reader.id)) or receipt_of(work.session, alert.id, reader.id)


def _forwards(work: Work, account: Account) -> bool:
    """Whether its person is a party's contact, who may pass it on."""
    if PRELOADED in work.once:
        return account.person_id in work.once["contacts"]
    return bool(people.actor(work.session, account).contact_of)


def _whole(work: Work, reader: Person, alert: Alert, receipt: Receipt, forwards: bool) -> Message:
    voice = work.voice(reader)
    message = received(work, voice, alert, receipt)
    return for_contact(voice, alert, message) if forwards else message


def for_contact(voice: Voice, alert: Alert, message: Message) -> Message:
    """A party's contact can also pass it on."""
    forward = voice.button("button.pass_on", str(Act("pass_on", alerts.id_of(alert))))
    return replace(message, buttons=(*message.buttons, (forward,)))


def _for_deputy(work: Work, reader: Person, alert: Alert, receipt: Receipt) -> Message:
    """With why it comes only now."""
    whole, party = _whole(work, reader, alert, receipt, True), people.party_name(work.session, receipt.party_id)
    why = work.voice(reader).paragraph("alert.deputy", party=party)
    return replace(whole, parts=(whole.parts[0], why, *whole.parts[1:]))


def nudge(work: Work, reader: Person, alert: Alert, receipt: Receipt, _: bool) -> Message:
    """A short reminder of a broadcast that is further up, with the same answers."""
    voice = work.voice(reader)
    asked = "done" if receipt.answer else alerts.wording(alert, alert.ask)
    said = voice.line(f"alert.nudge.{asked}", number=alert.id)
    exercise = (voice.word("alert.exercise") + " · ",) if alert.exercise else ()
    parts: list[Part] = [Title((*exercise, *said)), Paragraph(headline(work, voice, alert))]
    parts += [Paragraph(line) for line in _standing(work, voice, alert, receipt)] if receipt.answer else []
    rows = tuple((button,) for button in buttons(voice, alert, receipt))
    return Message(tuple(parts), rows, notice=(*exercise, *said))


def received(work: Work, voice: Voice, alert: Alert, receipt: Receipt | None = None) -> Message:
    """The broadcast as its readers get it; without a receipt, as nobody has answered it yet."""
    if alerts.of_status(alert):
        return _of_status(work, voice, alert, receipt)
    if alerts.by_itself(alert):
        return _by_plan(work, voice, alert, receipt)
    head = headline(work, voice, alert)
    parts: list[Part] = [Title(head)]
    if alert.level == Level.EMERGENCY:
        parts.append(voice.paragraph("alert.danger"))
    if alert.change == "allclear":  # "stay inside" must not stand in a title that says that it is over
        first, _ = text_of(work, voice, alerts.first_of(work, alert))
        parts.append(voice.paragraph("alert.no_longer", headline=(first,)))
    parts += [Paragraph(line) for line in words(work, voice, alert)]
    parts.append(voice.paragraph("alert.from", who=_author(work, alert), time=voice.when(alert.sent_at or work.now)))
    parts += [Paragraph(line) for line in _standing(work, voice, alert, receipt)]
    rows = tuple((button,) for button in buttons(voice, alert, receipt))
    return Message(tuple(parts), rows, notice=head)


def _by_plan(work: Work, voice: Voice, alert: Alert, receipt: Receipt | None) -> Message:
    """A briefing, or that its meeting was changed: in nobody's name, with what it leads to."""
    parts = [*briefing_views.parts(work, voice, alert)]
    parts += [Paragraph(line) for line in _standing(work, voice, alert, receipt)]
    found = [*buttons(voice, alert, receipt), *briefing_views.buttons_of(work, voice, alert)]
    return Message(tuple(parts), tuple((button,) for button in found), notice=headline(work, voice, alert))


def _of_status(work: Work, voice: Voice, alert: Alert, receipt: Receipt | None) -> Message:
    """How a meeting stands. Only an evacuation says on a locked screen what to do."""
    head = headline(work, voice, alert)
    parts: list[Part] = [Title(head), *status_views.parts(work, voice, alert)]
    parts += [Paragraph(line) for line in _standing(work, voice, alert, receipt)]
    answers = buttons(voice, alert, receipt) if alerts.asks(alert) else []
    found = [*answers, *status_views.buttons(voice, alert, receipt)]
    notice = head if alerts.musters(alert) else status_views.notice(voice, alert)
    return Message(tuple(parts), tuple((button,) for button in found), notice=notice)


def headline(work: Work, voice: Voice, alert: Alert) -> Line:
    """ "AKUT · Skolgatan är avspärrad": what may show on a locked screen. An exercise says so first."""
    exercise = (voice.word("alert.exercise") + " · ",) if alert.exercise else ()
    title, _ = text_of(work, voice, alert)
    if alerts.of_status(alert):
        return (*exercise, *status_views.marked(voice, alert, (title,)))
    if alerts.by_itself(alert):
        return (*exercise, title)
    key = f"alert.change.{alert.change}" if alert.change else f"alert.level.{alert.level}"
    return (*exercise, voice.word(key) + " · ", title)


def words(work: Work, voice: Voice, alert: Alert) -> list[Line]:
    """The text, a line for each of its lines."""
    _, text = text_of(work, voice, alert)
    return [(type(text)(line),) for line in text.split("\n") if line.strip()]


def text_of(work: Work, voice: Voice, alert: Alert) -> tuple[str, str]:
    """Headline and text: a template's or a plan's in the reader's language, else as they were written."""
    if alerts.of_status(alert):
        return status_views.text_of(voice, alert)
    if alerts.by_itself(alert):
        return briefing_views.text_of(work, voice, alert)
    if alert.follows is not None:
        first = alerts.first_of(work, alert)
        title, _ = text_of(work, voice, first)
        if alert.change != "allclear":
            return title, Words(alert.text)
        thanks = voice.word("day.over" if alerts.musters(first) else "alert.over_text")
        return voice.word("alert.over_title"), Words(alert.text) if alert.text else thanks
    if alert.template and voice.catalogue.has(f"template.{alert.template}.headline"):
        return voice.word(f"template.{alert.template}.headline"), voice.word(f"template.{alert.template}.text")
    return Words(alert.headline), Words(alert.text)


def _author(work: Work, alert: Alert) -> str:
    return work.session.get_one(Person, alert.author_id).name


def _standing(work: Work, voice: Voice, alert: Alert, receipt: Receipt | None) -> list[Line]:
    """What is asked, or what the reader has answered; and that it is over."""
    lines: list[Line] = []
    if receipt is not None and receipt.answer:
        lines.append(_answered(work, voice, alert, receipt))
    elif alerts.asks(alert) and alert.ended_at is None:
        by = alert.answer_by
        key = f"alert.ask.{alerts.wording(alert, alert.ask)}"
        lines.append(voice.line(key, by=voice.when(by) if by else _within(voice, alert.minutes)))
    corrected = [later for later in alerts.following(work, alert) if later.change == "correction"]
    if corrected:
        lines.append(voice.line("alert.corrected", time=voice.when(corrected[-1].sent_at or work.now)))
    if alert.ended_at is not None and alert.level != Level.ALLCLEAR:
        key = "exercise.ended" if alert.exercise else "alert.ended"
        lines.append(voice.line(key, time=voice.when(alert.ended_at)))
    return lines


def _within(voice: Voice, minutes: int) -> str:
    """In a preview, when nobody knows yet at what time it will be due."""
    days, hours = (minutes // 1440 if minutes % 1440 == 0 else 0), (minutes // 60 if minutes % 60 == 0 else 0)
    if days:
        return voice.word("alert.within_day") if days == 1 else voice.word("alert.within_days", days=days)
    if hours:
        return voice.word("alert.within_hour") if hours == 1 else voice.word("alert.within_hours", hours=hours)
    return voice.word("alert.within", minutes=minutes)


def _answered(work: Work, voice: Voice, alert: Alert, receipt: Receipt) -> Line:
    assert receipt.answered_at is not None
    at = voice.when(receipt.answered_at)
    if receipt.answer == "told":
        teller = work.session.get(Person, receipt.told_by) if receipt.told_by else None
        return voice.line("alert.answered.told", who=teller.name if teller else "", time=at)
    said = alerts.wording(alert, receipt.answer)
    if alerts.late(alert, receipt):
        assert alert.answer_by is not None
        return voice.line(f"alert.late.{said}", time=at, by=voice.when(alert.answer_by))
    return voice.line(f"alert.answered.{said}", time=at)


def buttons(voice: Voice, alert: Alert, receipt: Receipt | None) -> list[Button]:
    """The likeliest first; what no longer does anything goes away."""
    said = receipt.answer if receipt is not None else ""
    number = alerts.id_of(alert)
    names: list[str] = []
    if alert.ask == Ask.SAFE and alert.ended_at is None:
        offered = {"safe": "safe", "help": "need_help"} | ({"away": "away"} if alerts.musters(alert) else {})
        names = [name for answer, name in offered.items() if answer != said]
    elif alert.ask != Ask.NOTHING and said in ("", "told"):
        names = ["read"]
    return [voice.button(f"button.{alerts.wording(alert, name)}", str(Act(name, number))) for name in names]
