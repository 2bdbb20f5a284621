"""The chief's board: one message for each broadcast that keeps itself current."""

from __future__ import annotations

from collections.abc import Iterator

from bot.catalogue import Voice
from bot.messages import Button, Line, Message, Paragraph, Part, Title
from bot.services import alert_forward, alert_views, alerts, people, tally
from bot.services.tally import Count
from bot.services.work import Work
from bot.tokens import Act
from storage.tables import Account, Alert, Person, Post

NAMED, NOT_OUT = 8, 40  # people named on the board, and of those who are not out; the table has them all


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
    parts += [_followed(work, voice, later) for later in alerts.following(work, alert)]
    return Message(tuple(parts), _buttons(voice, alert), notice=voice.line("board.notice", number=alert.id))


def _followed(work: Work, voice: Voice, alert: Alert) -> Paragraph:
    """ "RÄTTELSE kl. 19.02: 12 av 58 har läst." """
    count = tally.counted(work, alert)
    what, at = voice.word(f"alert.change.{alert.change}"), voice.when(alert.sent_at or work.now)
    key = "board.followed_asks" if alerts.asks(alert) else "board.followed"
    return voice.paragraph(key, what=what, time=at, answered=count.answered, people=count.people)


def _buttons(voice: Voice, alert: Alert) -> tuple[tuple[Button, ...], ...]:
    number = alerts.id_of(alert)
    rows: list[tuple[Button, ...]] = [(voice.button("button.table", str(Act("table", number))), _file(voice, number))]
    if alert.exercise and alert.ended_at is None:
        rows.append((voice.button("button.end_exercise", str(Act("end_exercise", number))),))
    if alerts.musters(alert) and alert.meeting_id is not None:
        rows.append((voice.button("button.day", str(Act("day", alert.meeting_id))),))
    changes = ("correction",) if alert.ended_at is not None else ("update", "correction", "allclear")
    rows += [(voice.button(f"button.follow.{change}", str(Act("follow", number, change))),) for change in changes]
    return tuple(rows)


def _file(voice: Voice, number: int) -> Button:
    return voice.button("button.table_file", str(Act("table_file", number)))


def figures(voice: Voice, alert: Alert, count: Count) -> Line:
    """ "7 av 9 partier och 41 av 58 personer har svarat."; without a question, only how many it went to."""
    values = {
        "parties": count.parties, "parties_answered": count.parties_answered, "people": count.people,
        "answered": count.answered,
    }  # fmt: skip
    if alerts.musters(alert):
        values = {"people": count.people, "out": count.safe, "away": count.away, "left": count.not_out}
        return voice.line("board.out_some" if count.unreached else "board.out", **values, unreached=count.unreached)
    key = f"board.{alert.ask}" if count.parties else f"board.{alert.ask}_no_party"
    return voice.line(key, **values)


def _more(work: Work, voice: Voice, alert: Alert, count: Count) -> list[Line]:
    lines = list((_mustered if alerts.musters(alert) else _answers)(work, voice, alert, count))
    if count.unreached:
        names = [
            voice.word("board.unreached_one", name=person.name, why=voice.word(f"unreached.{why}"))
            for person, why in tally.unreached(work, alert, NOT_OUT if alerts.musters(alert) else NAMED)
        ]
        lines.append(_named(voice, "board.unreached", names, count.unreached))
    if outside := alert_forward.outside_in_all(work, alert):
        lines.append(voice.line("board.outside", count=outside))
    if alert.ended_at is not None:
        key = "exercise.ended" if alert.exercise else "alert.ended"
        lines.append(voice.line(key, time=voice.when(alert.ended_at)))
    if count.late and alert.answer_by:
        lines.append(voice.line("board.late", count=count.late, by=voice.when(alert.answer_by)))
    return lines


def _mustered(work: Work, voice: Voice, alert: Alert, count: Count) -> Iterator[Line]:
    """Who needs help, then who is not out, by name: somebody may have to go and look for them."""
    if count.help:
        names = [person.name for person in tally.who_said(work, alert, "help", NOT_OUT)]
        yield _named(voice, "board.out_help", names, count.help)
    if count.not_out:
        names = [person.name for person in tally.not_out(work, alert, NOT_OUT)]
        yield _named(voice, "board.out_waiting", names, count.not_out)
    yield voice.line("board.out_others")


def _answers(work: Work, voice: Voice, alert: Alert, count: Count) -> Iterator[Line]:
    if count.help:
        yield voice.line("board.help", count=count.help)
    if alerts.asks(alert) and (waiting := tally.unanswered(work, alert, NAMED)):
        left = count.people - count.answered - count.unreached
        yield _named(voice, "board.waiting", [person.name for person in waiting], left)


def _named(voice: Voice, key: str, names: list[str], all_: int) -> Line:
    more = voice.word("board.and_more", count=all_ - len(names)) if all_ > len(names) else ""
    return voice.line(key, names=", ".join(names), more=more)
