"""A claimed row of the outbox as the call that it becomes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import cast

from sqlmodel import col, select

from bot.events import Platform
from bot.gateways import SMS
from bot.messages import Button, Message, Paragraph, Part, Title, from_json, part_text, to_json
from bot.picture.chart import Chart
from bot.services import (
    alert_table,
    alert_views,
    evidence_views,
    figures,
    gateway,
    menus,
    people,
    pictures,
    rights,
    run_table,
    sending,
    situation_table,
    terse,
    views,
)
from bot.services.work import Work
from bot.tokens import with_row
from storage import outbox
from storage.tables import Account, Alert, Evidence, Incident, Outbox, Person, Post, Run


@dataclass(frozen=True)
class Call:
    """One claimed row, ready to be sent."""

    row: int
    platform: str  # or the gateway
    chat: str
    act: str
    message: Message | None
    ref: str = ""
    hangs_on: str = ""  # the message that a new one is sent as an answer to
    drawn: str = ""
    evidence: int = 0  # the file that goes with it
    media: str = ""
    name: str = ""
    content: bytes = b""  # a file that is made for this call
    chart: Chart | None = None  # what such a file is drawn from
    entries: menus.Entries = ()


def ready(work: Work, row: Outbox) -> Call | None:
    """The row as it is sent; None when there is nothing to send, and then the row is settled."""
    assert row.id is not None
    call = Call(row.id, row.platform, row.chat, row.act, None)
    if row.platform == SMS:
        return _phone_call(work, row, call)
    if row.post_id is not None:
        return _post_call(work, row, call)
    account = work.session.get(Account, row.account_id) if row.account_id else None
    if row.act == "menu" and account is not None:  # taken away also from who was shut out
        entries = menus.of_row(row.body)
        return replace(call, entries=entries, ref=menus.reference(account, entries))
    if account is not None and account.state == "revoked":
        outbox.failed(row, "the account was shut out", work.now)
        return None
    if row.act == "file":
        return _file_call(work, row, call)
    drawn = from_json(row.body) if row.body else _receipt(work, row)
    late = _late(work, row)
    message = _marked(work, row, _guarded(work, row, drawn), repeat=row.repeat, late=late) if drawn else None
    if message is None and row.act in ("send", "edit"):
        outbox.failed(row, "nothing is left to say", work.now)
        return None
    if row.act == "leave" or row.act == "send":
        return replace(call, message=message, hangs_on=_hook(work, row))
    ref = row.target_ref or _ref_of(work, row.target_row)
    if ref is None:
        outbox.failed(row, "the message that it changes never arrived", work.now)
        return None
    return replace(call, message=message, ref=ref)


def _phone_call(work: Work, row: Outbox, call: Call) -> Call | None:
    """To the number that the person has now."""
    drawn = gateway.draw(work, row)
    if drawn is None:
        outbox.failed(row, "it was answered meanwhile, or there is no number any more", work.now)
        return None
    number, message = drawn
    return replace(call, chat=number, message=message)


def _receipt(work: Work, row: Outbox) -> Message | None:
    """What a receipt for evidence says now."""
    first = work.session.get(Evidence, row.evidence_id) if row.evidence_id else None
    return evidence_views.receipt(work, first) if first is not None else None


def _file_call(work: Work, row: Outbox, call: Call) -> Call | None:
    """The file for who may still open it, where files pass at all."""
    if (chart := pictures.chart_in(row.body)) is not None:
        return _picture_call(work, row, call, chart)
    if work.house.notices_only and row.platform == Platform.TELEGRAM:
        outbox.failed(row, "no file passes here", work.now)
        return None
    if row.alert_id is not None:
        return _table_call(work, row, call)
    if row.run_id is not None:
        return _run_call(work, row, call)
    if row.body is not None and row.body.get("figures"):
        return _figures_call(work, row, call)
    account, evidence = work.session.get_one(Account, row.account_id), work.session.get_one(Evidence, row.evidence_id)
    if row.body is None or not _opens(work, people.actor(work.session, account), evidence):
        outbox.failed(row, "the person may no longer open it", work.now)
        return None
    message = _marked(work, row, from_json(row.body), repeat=row.repeat)
    name = evidence_views.file_name(work.voice(work.session.get_one(Person, account.person_id)), evidence)
    return replace(call, message=message, evidence=evidence.id or 0, media=evidence.media, name=name)


def _picture_call(work: Work, row: Outbox, call: Call, chart: Chart) -> Call | None:
    """A picture; where no file passes any more its message alone, for nobody knows who wrote what the chart says."""
    assert row.body is not None
    account = work.session.get_one(Account, row.account_id)
    actor = people.actor(work.session, account)
    if pictures.for_unit(row.body) and not actor.unit:
        outbox.failed(row, "the person may no longer open it", work.now)
        return None
    message = _marked(work, row, _guarded(work, row, from_json(row.body)), repeat=row.repeat)
    if work.terse(account):
        return replace(call, act="send", message=message)
    return replace(call, message=message, chart=chart, name=pictures.name_of(work.voice(actor.person)))


def _opens(work: Work, actor: people.Actor, evidence: Evidence) -> bool:
    if evidence.run_id is not None:
        return run_table.may_open(work, actor, evidence)
    return rights.opens(actor, work.session.get_one(Incident, evidence.incident_id), evidence)


def _run_call(work: Work, row: Outbox, call: Call) -> Call | None:
    """A run as it stands now, for who takes part in it still."""
    account, run = work.session.get_one(Account, row.account_id), work.session.get_one(Run, row.run_id)
    actor = people.actor(work.session, account)
    if row.body is None or not rights.takes_part(work.session, actor, run):
        outbox.failed(row, "the person may no longer open it", work.now)
        return None
    voice = work.voice(actor.person)
    message = _marked(work, row, from_json(row.body), repeat=row.repeat)
    content = run_table.as_csv(work, voice, run)
    return replace(call, message=message, media="text/csv", name=run_table.name_of(voice, run), content=content)


def _table_call(work: Work, row: Outbox, call: Call) -> Call | None:
    """The table of a broadcast as it is now, for who is of the unit still."""
    account, alert = work.session.get_one(Account, row.account_id), work.session.get_one(Alert, row.alert_id)
    if row.body is None or not people.actor(work.session, account).unit:
        outbox.failed(row, "the person may no longer open it", work.now)
        return None
    voice = work.voice(work.session.get_one(Person, account.person_id))
    message = _marked(work, row, from_json(row.body), repeat=row.repeat)
    content = alert_table.as_csv(work, voice, alert)
    return replace(call, message=message, media="text/csv", name=alert_table.name_of(voice, alert), content=content)


def _figures_call(work: Work, row: Outbox, call: Call) -> Call | None:
    """The situation's figures as they are now, for who is of the unit still."""
    actor = people.actor(work.session, work.session.get_one(Account, row.account_id))
    if row.body is None or not actor.unit:
        outbox.failed(row, "the person may no longer open it", work.now)
        return None
    voice = work.voice(actor.person)
    message = _marked(work, row, from_json(row.body), repeat=row.repeat)
    content = situation_table.as_csv(voice, figures.gather(work))
    return replace(call, message=message, media="text/csv", name=situation_table.name_of(voice), content=content)


def _post_call(work: Work, row: Outbox, call: Call) -> Call | None:
    post = work.session.get_one(Post, row.post_id)
    message = _guarded(work, row, views.draw(work, post))
    digest = _digest(work, message)
    if post.ref is not None and post.drawn == digest:
        outbox.delivered(row, post.ref, work.now)
        return None
    act = "send" if post.ref is None else "edit"
    new = act == "send"
    marked = _marked(work, row, message, repeat=row.repeat and new, late=_late(work, row) and new)
    account = work.session.get(Account, row.account_id) if row.account_id is not None else None
    turned = account is not None and post.run_id is not None and sending.offers_run(account, post.run_id)
    if account is not None and (new or turned):
        sending.offer(account, message)
    hook = _hook(work, row) if act == "send" else ""
    return replace(call, act=act, message=marked, ref=post.ref or "", drawn=digest, hangs_on=hook)


def prepare(work: Work, rows: Iterable[Outbox]) -> None:
    """Read what many messages of a broadcast need, before they are drawn one by one."""
    posts = [row.post_id for row in rows if row.post_id is not None and row.alert_id is not None]
    if len(posts) > 1:
        alert_views.preload(work, posts)


def _digest(work: Work, message: Message) -> str:
    """A digest of what is shown; of a message that many get, reckoned once."""
    key = ("digest", id(message))
    if key not in work.once:
        text = json.dumps(to_json(message)).encode()
        work.once[key] = (hashlib.sha256(text).hexdigest()[:32], message)  # held, so that no other gets its id
    return cast(tuple[str, Message], work.once[key])[0]


def _guarded(work: Work, row: Outbox, message: Message) -> Message:
    """With notices only, the one door to Telegram lets nothing out that somebody wrote."""
    message = _rehearsed(work, row, message)
    if not work.house.notices_only or row.platform != Platform.TELEGRAM:
        return message
    return terse.guard(work, work.session.get(Account, row.account_id) if row.account_id else None, message)


def _rehearsed(work: Work, row: Outbox, message: Message) -> Message:
    """Whatever belongs to an exercise says so first: nobody must take it for real."""
    alert = work.session.get(Alert, row.alert_id) if row.alert_id is not None else None
    if alert is None or not alert.exercise:
        return message
    account = work.session.get(Account, row.account_id) if row.account_id else None
    language = work.session.get_one(Person, account.person_id).language if account else ""
    word = work.house.voice(language, work.now).word("alert.exercise")
    first, *rest = message.parts
    if word in part_text(first):
        return message
    head = f"{word} · "
    marked: tuple[Part, ...] = (Paragraph((word,)), *message.parts)
    if isinstance(first, Title | Paragraph):
        marked = (type(first)((head, *first.line)), *rest)
    return replace(message, parts=marked, notice=(head, *message.notice) if message.notice else ())


def _marked(work: Work, row: Outbox, message: Message, *, repeat: bool, late: bool = False) -> Message:
    """With the row's number in each button, "upprepat" on what may have come before, and when it was written."""
    assert row.id is not None
    number = row.id
    buttons = tuple(tuple(_numbered(button, number) for button in line) for line in message.buttons)
    parts = message.parts
    if repeat or late:
        account = work.session.get(Account, row.account_id) if row.account_id else None
        language = work.session.get_one(Person, account.person_id).language if account else ""
        voice = work.house.voice(language, work.now)
        written = voice.paragraph("late.written", time=voice.when(outbox.owed_since(row)))
        said = [voice.paragraph("engine.repeated")] * repeat + [written] * late
        parts = (*said, *parts)
    return Message(parts, buttons, message.notice or _first(message))


def _late(work: Work, row: Outbox) -> bool:
    """Whether the person must hear how old it is: what was written then, not what is drawn from the state now."""
    as_written = row.body is not None and row.purpose in ("answer", "notice")
    old = work.now - outbox.owed_since(row) > outbox.WITHIN
    return old and row.act == "send" and (as_written or row.purpose in ("alert", "emergency"))


def _first_copy(work: Work, row: Outbox) -> str:
    """The first message of the broadcast that this one follows, on the same account."""
    first = work.session.get_one(Alert, row.alert_id).follows
    if first is None or row.post_id is None:
        return ""
    there = (
        Post.alert_id == first,
        Post.account_id == row.account_id,
        Post.view == "alert",
        col(Post.ref).is_not(None),
    )
    return work.session.exec(select(Post.ref).where(*there).order_by(col(Post.id))).first() or ""


def _hook(work: Work, row: Outbox) -> str:
    """The earlier message of this chat that it hangs on; one that never arrived, or elsewhere, is no matter."""
    if row.target_row is None:
        return row.target_ref or (_first_copy(work, row) if row.alert_id is not None else "")
    target = work.session.get(Outbox, row.target_row)
    same = target is not None and (target.platform, target.chat) == (row.platform, row.chat)
    return (target.ref or "") if target is not None and same else ""


def _first(message: Message) -> tuple[str]:
    return (message.fallback,)


def _numbered(button: Button, row: int) -> Button:
    return replace(button, token=with_row(button.token, row))


def _ref_of(work: Work, row: int | None) -> str | None:
    target = work.session.get(Outbox, row) if row is not None else None
    return target.ref if target is not None else None
