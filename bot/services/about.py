"""What a person reads first: who is responsible, what is stored where, and what the bot never asks for."""

from __future__ import annotations

import re

from sqlmodel import col, select

from bot.catalogue import FIXED, Voice
from bot.commands import SetAbout
from bot.flows.about import FirstContact
from bot.messages import Line, Message, Paragraph, Phone, Span, Title
from bot.services import register, sending, talks
from bot.services.doing import on_number, performs
from bot.services.people import Actor
from bot.services.rights import Right
from bot.services.work import Work
from bot.tokens import Act
from storage.tables import Municipality

_PLACE = re.compile(r"\{(municipality|phone|sos|police)\}")


def message(work: Work, voice: Voice) -> Message:
    """The text in this voice's language, read from the database: another process may have changed it."""
    lines = [line for line in text(work, voice.language).splitlines() if line.strip()]
    first, *rest = [_line(work, line.strip()) for line in lines]
    return Message((Title(first), *map(Paragraph, rest)))


def text(work: Work, language: str) -> str:
    """The municipality's own text, or the one that the program comes with; its places are not filled."""
    return _own(work).get(language) or work.house.catalogue.first_contact[language]


def _own(work: Work) -> dict[str, str]:
    return _row(work).about


def _row(work: Work) -> Municipality:
    return work.session.exec(select(Municipality).order_by(col(Municipality.id))).one()


def _values(work: Work) -> dict[str, str | Phone]:
    return {"municipality": work.house.name, "phone": work.house.public_number, **FIXED}


def _line(work: Work, words: str) -> Line:
    """One line with its places filled; a number can be pressed, and any other brace is just a brace."""
    values = _values(work)
    spans: list[Span] = [values[part] if n % 2 else part for n, part in enumerate(_PLACE.split(words))]
    return tuple(span for span in spans if span)


@on_number("about", Right.LINKED)
def show(work: Work, actor: Actor, _: int, __: str) -> None:
    """Anybody with a role may read it again; the chief may change it."""
    voice = work.voice(actor.person)
    shown = message(work, voice)
    if actor.chief and not work.terse(actor.account):
        shown = Message(shown.parts, ((voice.button("about.change", str(Act("about_edit", 0))),),))
    sending.to_account(work, actor.account, shown, "answer")


@on_number("about_edit", Right.CHIEF)
def edit(work: Work, actor: Actor, _: int, __: str) -> None:
    """ "Ändra texten"."""
    texts = tuple((language, text(work, language)) for language in work.house.languages)
    own = tuple(language for language in work.house.languages if _own(work).get(language))
    places = tuple((name, v.national if isinstance(v, Phone) else v) for name, v in _values(work).items())
    inputs = FirstContact(register.languages(work).languages, texts, own, places)
    talks.start(work, actor, "about", inputs)


@performs(SetAbout, Right.CHIEF)
def set_about(work: Work, actor: Actor, command: SetAbout) -> None:
    """The text holds from now on, also for the other processes."""
    row = _row(work)
    others = {language: words for language, words in row.about.items() if language != command.language}
    row.about = {**others, command.language: command.text} if command.text else others
    work.session.add(row)
    key = "about.changed" if command.text else "about.reset"
    sending.to_account(work, actor.account, work.voice(actor.person).say(key), "answer")
