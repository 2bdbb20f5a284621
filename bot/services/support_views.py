"""Draws a call for support: for the asker who has been asked, for the one who is asked who asks and why."""

from __future__ import annotations

from bot.catalogue import Voice
from bot.messages import Button, Message, Paragraph, Part, Phone, Quote, Title
from bot.services import people, rights, support
from bot.services.people import Actor
from bot.services.work import Work
from bot.tokens import Act
from storage.tables import Person, Post, SupportAsked, SupportCall


def draw(work: Work, post: Post) -> Message:
    """The message as it should be now."""
    row = work.session.get_one(SupportCall, post.call_id)
    account = support.account_of(work, post)
    actor = people.actor(work.session, account)
    voice = work.voice(actor.person)
    if account.state != "active" or not rights.has_call(work.session, actor, row):
        return voice.say("rights.not_found")
    if post.view == "call":
        return _for_asker(work, voice, row)
    return _for_asked(work, voice, actor, row, shown=post.reason == "shown")


def _for_asker(work: Work, voice: Voice, row: SupportCall) -> Message:
    kind = voice.word(f"support.kind.{row.kind}")
    head = voice.title(f"support.head.{row.state}", kind=kind.lower(), **_taken(work, voice, row))
    parts: list[Part] = [head]
    for one in support.asked_of(work, row):
        parts.append(Paragraph((_asked(work, voice, one),)))
    if row.why:
        parts.append(Quote(row.why))
    parts.append(voice.paragraph("support.ring", phone=work.house.number_at(work.now)))
    buttons: tuple[tuple[Button, ...], ...] = ()
    if row.state != "ended":
        name = "support_over" if row.state == "taken" else "support_stop"
        buttons = ((voice.button(f"button.{name}", str(Act("support_end", support.id_of(row)))),),)
    return Message(tuple(parts), buttons, head.line)


def _taken(work: Work, voice: Voice, row: SupportCall) -> dict[str, str]:
    if row.taken_by is None or row.taken_at is None:
        return {"who": "", "time": ""}
    return {"who": work.session.get_one(Person, row.taken_by).name, "time": voice.when(row.taken_at)}


def _asked(work: Work, voice: Voice, one: SupportAsked) -> str:
    who = work.session.get_one(Person, one.person_id).name
    time = voice.when(one.answered_at or one.asked_at)
    return voice.word(f"support.asked.{one.answer or 'waiting'}", who=who, time=time)


def _for_asked(work: Work, voice: Voice, actor: Actor, row: SupportCall, *, shown: bool) -> Message:
    kind = voice.word(f"support.kind.{row.kind}").lower()
    notice = voice.line("support.notice", kind=kind)
    if row.state == "ended" or (row.state == "taken" and row.taken_by != actor.id):
        key = "support.over_for" if row.state == "ended" else "support.other_has"
        said = voice.paragraph(key, **_taken(work, voice, row))
        return Message((Title(notice), said), notice=notice)
    mine = next((one for one in support.asked_of(work, row) if one.person_id == actor.id), None)
    names = ["support_yes"] if row.state == "open" else []
    names += ["support_no"] if row.state == "open" and mine is not None and not mine.answer else []
    names += [] if shown else ["support_show"]
    buttons = [voice.button(f"button.{name}", str(Act(name, support.id_of(row)))) for name in names]
    if row.state == "taken":
        buttons.append(voice.button("button.support_over", str(Act("support_end", support.id_of(row)))))
    parts: list[Part] = [Title(notice)]
    parts += _facts(work, voice, actor, row) if shown else [voice.paragraph("support.asked_now")]
    if mine is not None and mine.answer == "no":
        parts.append(voice.paragraph("support.you_said_no"))
    if row.state == "taken":
        parts.append(voice.paragraph("support.you_have_it"))
    return Message(tuple(parts), tuple((button,) for button in buttons), notice)


def _facts(work: Work, voice: Voice, actor: Actor, row: SupportCall) -> list[Part]:
    asker = work.session.get_one(Person, row.asked_by)
    parts: list[Part] = [voice.paragraph("support.from", who=people.described(work, actor.person, asker))]
    if row.why:
        parts.append(Quote(row.why))
    piece = work.house.library.get(row.slug) if row.slug else None
    if piece is not None:
        parts.append(voice.paragraph("support.reads", title=piece.in_(voice.language).title))
    if row.incident_id is not None:
        parts.append(voice.paragraph("support.of_case", number=row.incident_id))
    if asker.phone:
        parts.append(voice.paragraph("support.their_number", phone=Phone(asker.phone)))
    else:
        parts.append(voice.paragraph("support.no_number"))
    return parts
