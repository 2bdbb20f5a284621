"""The whole table of a broadcast: in chat, and as a file for a spreadsheet."""

from __future__ import annotations

import csv
from io import StringIO
from itertools import groupby

from bot.catalogue import Voice
from bot.messages import Fields, Message, Paragraph, Part, Title, plain
from bot.services import alert_board, alert_views, alerts, people, sending, tally
from bot.services.doing import Already, on_alert
from bot.services.people import Actor
from bot.services.rights import Right
from bot.services.tally import Line
from bot.services.work import Work
from storage.tables import Alert

COLUMNS = ("party", "name", "answer", "time", "late", "unreached", "incident")


@on_alert("board", Right.UNIT)
def show_board(work: Work, actor: Actor, alert: Alert, _: str) -> None:
    """The board as a message of its own, for whoever of the unit asks."""
    sending.post_of_alert(work, actor.account, alerts.id_of(alerts.first_of(work, alert)), "board", "answer", "asked")


@on_alert("table", Right.UNIT)
def show(work: Work, actor: Actor, alert: Alert, _: str) -> None:
    """ "Visa alla": everybody, party by party."""
    voice = work.voice(actor.person)
    head = voice.line("board.title", number=alert.id, headline=alert_views.headline(work, voice, alert))
    parts: list[Part] = [Title(head), Paragraph(alert_board.figures(voice, alert, tally.counted(work, alert)))]
    lines = tally.table(work, alert)
    for party, some in groupby(lines, key=lambda line: line.party):
        name = people.party_name(work.session, party) or voice.word("table.no_party")
        parts.append(Paragraph((name,)))
        parts.append(Fields(tuple((line.name, (said(voice, alert, line),)) for line in some)))
    message = Message(tuple(parts), notice=voice.line("board.notice", number=alert.id))
    sending.to_account(work, actor.account, message, "answer", alert=alert.id)


def said(voice: Voice, alert: Alert, line: Line) -> str:
    """ "läste kl. 18.42", "når jag inte: inget konto", "inte än"."""
    if line.answer and line.answered_at is not None:
        late = voice.word("table.late") if line.late else ""
        return voice.word(f"table.{alerts.wording(alert, line.answer)}", time=voice.when(line.answered_at), late=late)
    if line.unreached:
        return voice.word("table.unreached", why=voice.word(f"unreached.{line.unreached}"))
    return voice.word("table.waiting" if alerts.asks(alert) else "table.sent")


@on_alert("table_file", Right.UNIT)
def send_file(work: Work, actor: Actor, alert: Alert, _: str) -> None:
    """ "Hämta som fil": drawn when it is sent. Names do not pass where only notices do."""
    if work.terse(actor.account):
        raise Already("terse.no_files")
    voice = work.voice(actor.person)
    sending.table_to_account(work, actor.account, voice.say("table.file", number=alert.id), alerts.id_of(alert))
    work.toast = voice.word("evidence.coming")


def name_of(voice: Voice, alert: Alert) -> str:
    """The file's name."""
    return voice.word("table.file_name", number=alert.id) + ".csv"


def as_csv(work: Work, voice: Voice, alert: Alert) -> bytes:
    """The table as a spreadsheet in Sweden opens it: semicolons, UTF-8 with its mark."""
    out = StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    head = plain(alert_views.headline(work, voice, alert))
    writer.writerow([_harmless(head)])
    writer.writerow([voice.word(f"table.column.{name}") for name in COLUMNS])
    for line in tally.table(work, alert):
        writer.writerow([_harmless(cell) for cell in _cells(work, voice, alert, line)])
    return out.getvalue().encode("utf-8-sig")


def _cells(work: Work, voice: Voice, alert: Alert, line: Line) -> list[str]:
    zone = work.house.zone
    return [
        people.party_name(work.session, line.party),
        line.name,
        voice.word(f"table.answer.{alerts.wording(alert, line.answer)}") if line.answer else "",
        line.answered_at.astimezone(zone).strftime("%Y-%m-%d %H:%M") if line.answered_at else "",
        voice.word("table.yes") if line.late else "",
        voice.word(f"unreached.{line.unreached}") if line.unreached else "",
        str(line.incident or ""),
    ]


def _harmless(cell: str) -> str:
    """A cell that no spreadsheet reads as a formula."""
    return "'" + cell if cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell
