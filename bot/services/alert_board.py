"""The chief's board: one message for each broadcast that keeps itself current."""

from __future__ import annotations

from bot.catalogue import Voice
from bot.messages import Line, Message, Paragraph, Part, Title
from bot.services import alert_views, alerts, people, tally
from bot.services.tally import Count
from bot.services.work import Work
from storage.tables import Account, Alert, Person, Post

NAMED = 8  # people named on the board; the table has them all


def draw(work: Work, post: Post) -> Message:
    """The figures now, for who is of the unit still."""
    alert, account = work.session.get_one(Alert, post.alert_id), work.session.get_one(Account, post.account_id)
    reader = work.session.get_one(Person, account.person_id)
    voice = work.voice(reader)
    if account.state != "active" or not people.actor(work.session, account).unit:
        return voice.say("rights.not_found")
    return board(work, voice, alert)


def board(work: Work, voice: Voice, alert: Alert) -> Message:
    """How many of how many, who has not answered, and who cannot be reached."""
    count = tally.counted(work, alert)
    head = voice.line("board.title", number=alert.id, headline=alert_views.headline(work, voice, alert))
    parts: list[Part] = [Title(head), Paragraph(figures(voice, alert, count))]
    parts += [Paragraph(line) for line in _more(work, voice, alert, count)]
    return Message(tuple(parts), (), notice=voice.line("board.notice", number=alert.id))


def figures(voice: Voice, alert: Alert, count: Count) -> Line:
    """ "7 av 9 partier och 41 av 58 personer har svarat."; without a question, only how many it went to."""
    values = {
        "parties": count.parties, "parties_answered": count.parties_answered, "people": count.people,
        "answered": count.answered,
    }  # fmt: skip
    key = f"board.{alert.ask}" if count.parties else f"board.{alert.ask}_no_party"
    return voice.line(key, **values)


def _more(work: Work, voice: Voice, alert: Alert, count: Count) -> list[Line]:
    lines: list[Line] = []
    if count.help:
        lines.append(voice.line("board.help", count=count.help))
    if alerts.asks(alert) and (waiting := tally.unanswered(work, alert, NAMED)):
        left = count.people - count.answered - count.unreached
        lines.append(_named(voice, "board.waiting", [person.name for person in waiting], left))
    if count.unreached:
        names = [
            voice.word("board.unreached_one", name=person.name, why=voice.word(f"unreached.{why}"))
            for person, why in tally.unreached(work, alert, NAMED)
        ]
        lines.append(_named(voice, "board.unreached", names, count.unreached))
    if count.late and alert.answer_by:
        lines.append(voice.line("board.late", count=count.late, by=voice.when(alert.answer_by)))
    return lines


def _named(voice: Voice, key: str, names: list[str], all_: int) -> Line:
    more = voice.word("board.and_more", count=all_ - len(names)) if all_ > len(names) else ""
    return voice.line(key, names=", ".join(names), more=more)
