"""Telegram with notices only: what somebody wrote neither comes in there nor goes out.

What goes out is checked once more, for every message, in `bot/calls.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from bot.catalogue import Voice
from bot.messages import Button, Fields, Line, Message, Paragraph, Part, Quote, Words
from bot.services import people, sending
from bot.services.people import Actor
from bot.services.work import Work
from bot.tokens import Act, BadToken, read
from storage.tables import Account, Person

DUTY = ("duty_rota", "duty_end", "duty_swap", "duty_away", "duty_back", "duty_hand")
RUNS = ("support", "guide", "run_together", "run_step", "run_sign", "run_drop")
FLOWS = (
    "flag",
    "language",
    "people",
    "changing",
    "measure_move",
    "watch_look",
    "link",
    "apart",
    "order",
    *DUTY,
    *RUNS,
)  # they can be answered by presses alone
NEED_WORDS = ("answer", "close", "more", "help", "about_edit", "follow", "reply_answer", "to_all")
SHOW_THEM = ("evidence", "open", "table_file")
STARTS = ("invite", "party", "called", "number")  # what the menu leaves out, for it asks for words


def where(work: Work, voice: Voice, person: Person, *, unit: bool = False) -> Line:
    """Where what was written can be read: on Slack where the person has it, else by a call."""
    linked = any(account.platform == "slack" for account in people.accounts_of(work.session, person))
    if unit:
        return voice.line("terse.unit_slack" if linked else "terse.unit_link")
    phone = work.house.number_at(work.now)
    return voice.line("terse.on_slack", phone=phone) if linked else voice.line("terse.by_phone", phone=phone)


def pressable(buttons: list[Button]) -> list[Button]:
    """The buttons that lead to no question of words, and to nothing that somebody wrote or took."""
    return [button for button in buttons if _action(button) not in (*NEED_WORDS, *SHOW_THEM)]


def _action(button: Button) -> str:
    try:
        token, _ = read(button.token)
    except BadToken:
        return ""
    return token.action if isinstance(token, Act) else ""


def without_words(message: Message, instead: Line) -> Message:
    """The message without anything that somebody wrote; with `instead` below it where there was something.

    A field, or a button, that is called by somebody's words is called by its number among them.
    """
    parts: list[Part] = [left for part in message.parts if (left := _left(part)) is not None]
    if len(parts) != len(message.parts) or tuple(parts) != message.parts:
        parts.append(Paragraph(instead))
    return Message(tuple(parts), tuple(_numbered(message.buttons)), _line(message.notice))


def _numbered(rows: tuple[tuple[Button, ...], ...]) -> Iterator[tuple[Button, ...]]:
    count = 0
    for row in rows:
        buttons = []
        for button in row:
            count += isinstance(button.label, Words)
            buttons.append(replace(button, label=f"… {count}") if isinstance(button.label, Words) else button)
        yield tuple(buttons)


def _left(part: Part) -> Part | None:
    match part:
        case Quote():
            return None
        case Fields(rows):
            named = [(f"… {n}" if isinstance(name, Words) else name, line) for n, (name, line) in enumerate(rows, 1)]
            kept = tuple(row for row in named if not _has_words(row[1]))
            return Fields(kept) if kept else None
        case _:
            return type(part)(_line(part.line))


def _line(line: Line) -> Line:
    return tuple("…" if isinstance(span, Words) else span for span in line)


def _has_words(line: Line) -> bool:
    return any(isinstance(span, Words) for span in line)


def refuse(work: Work, actor: Actor, numbers: list[int]) -> None:
    """Words or files came on Telegram: they are not kept, and here is what can be done instead."""
    voice = work.voice(actor.person)
    buttons = [voice.button("button.now", str(Act("now", 0)))] if actor.roles else []
    buttons += [Button(voice.word("terse.call_about", number=n), str(Act("call_me", n))) for n in numbers]
    buttons += [voice.button("button.flag", str(Act("flag", 0)))] if actor.roles and not numbers else []
    phone = work.house.number_at(work.now)
    sending.to_account(work, actor.account, voice.say("terse.no_words", *buttons, phone=phone), "answer")


def guard(work: Work, account: Account | None, message: Message) -> Message:
    """What may be sent to this account; a place without one shows no words anyway."""
    person = work.session.get_one(Person, account.person_id) if account is not None else None
    voice = work.voice(person) if person is not None else work.house.voice("", work.now)
    phone = work.house.number_at(work.now)
    instead = where(work, voice, person) if person is not None else voice.line("terse.by_phone", phone=phone)
    return without_words(message, instead)
