"""What readers of a broadcast write back: relayed to the unit, and answered to that reader alone."""

from __future__ import annotations

from bot.commands import AnswerReply, ReplyToAlert
from bot.flows.alerting import Replying
from bot.messages import Message, Quote
from bot.services import alert_views, alerts, people, sending, talks
from bot.services.doing import on_number, performs
from bot.services.people import Actor
from bot.services.rights import NotFound, Right, alert_for, receipt_of
from bot.services.work import Work
from bot.tokens import Act
from storage.tables import Alert, AlertEntry, Person


def takes(work: Work, actor: Actor, number: int) -> bool:
    """Whether what this person writes in the thread of a broadcast is a reply to it: it went to them."""
    return receipt_of(work.session, number, actor.id) is not None


@performs(ReplyToAlert, Right.RECEIVED)
def reply(work: Work, actor: Actor, command: ReplyToAlert) -> None:
    """To whoever sent it and whoever is on duty; the reader hears that it came, and what is still asked of them."""
    alert = alert_for(work.session, actor, Right.RECEIVED, command.alert)
    entry = alerts.add_entry(work, alert, "reply", actor.id, text=command.text)
    for person in alerts.keepers(work, alert):
        _notify(work, person, alert, entry)
    voice = work.voice(actor.person)
    receipt = receipt_of(work.session, alert.id, actor.id)
    buttons = alert_views.buttons(voice, alert, receipt)
    phone = work.house.number_at(work.now)
    key = "alert.reply_taken_ask" if buttons else "alert.reply_taken"
    sending.to_account(
        work, actor.account, voice.say(key, *buttons, number=alert.id, phone=phone), "answer", alert=alert.id
    )


def _notify(work: Work, person: Person, alert: Alert, entry: AlertEntry) -> None:
    """That there is a reply, without a word of it."""
    voice = work.voice(person)
    show = voice.button("button.show", str(Act("reply_show", entry.id or 0)))
    sending.to_person(work, person, voice.say("alert.reply_came", show, number=alert.id), "notice", alert=alert.id)


@on_number("reply_show", Right.UNIT)
def show(work: Work, actor: Actor, number: int, _: str) -> None:
    """Who wrote what, where the notice was."""
    entry = _entry(work, number)
    voice, author = work.voice(actor.person), work.session.get_one(Person, entry.author_id)
    title = voice.title(
        "alert.reply_shown", number=entry.alert_id, who=people.described(work, actor.person, author),
        time=voice.when(entry.at),
    )  # fmt: skip
    answer = voice.button("button.answer", str(Act("reply_answer", number)))
    message = Message((title, Quote(entry.body["text"])), ((answer,),))
    sending.replace_pressed(work, actor.account, message, alert=entry.alert_id)


def _entry(work: Work, number: int) -> AlertEntry:
    entry = work.session.get(AlertEntry, number)
    if entry is None or entry.kind != "reply":
        raise NotFound
    return entry


@on_number("reply_answer", Right.UNIT)
def begin_answer(work: Work, actor: Actor, number: int, _: str) -> None:
    """ "Svara"."""
    entry = _entry(work, number)
    talks.start(work, actor, "replying", Replying(entry.alert_id, number))


@performs(AnswerReply, Right.UNIT)
def answer(work: Work, actor: Actor, command: AnswerReply) -> None:
    """To the one who wrote, and nobody else."""
    entry = _entry(work, command.entry)
    alert = work.session.get_one(Alert, entry.alert_id)
    alerts.add_entry(work, alert, "answer", actor.id, text=command.text, to=entry.author_id)
    reader = work.session.get_one(Person, entry.author_id)
    said = work.voice(reader).title("alert.unit_answers", who=actor.person.name, number=alert.id)
    message = Message((said, Quote(command.text)), notice=said.line)
    sent = sending.to_person(work, reader, message, "notice", alert=alert.id)
    key = "alert.answer_sent" if sent is not None else "alert.answer_unreached"
    voice = work.voice(actor.person)
    sending.to_account(work, actor.account, voice.say(key, name=reader.name), "answer", alert=alert.id)
