"""Advice in chat: looked for by words, opened, turned over, shown to others, and sent from any chat."""

from __future__ import annotations

from bot.advice.piece import Advice
from bot.events import Event, Kind, Outcome, Suggestion
from bot.messages import Message, split
from bot.services import advice, advice_views, runs, sending
from bot.services.doing import NotFound, on_number
from bot.services.people import Actor
from bot.services.rights import Right
from bot.services.work import Work
from bot.tokens import Act, BadToken, read

COMMANDS = ("checklista", "checklist")
LINK = "list_"  # what a deep link begins with: t.me/bot?start=list_drev
SUGGESTED = 10  # pieces that can be chosen while writing in a chat
ABOUT = 100  # characters


def open_by_words(work: Work, actor: Actor, words: str) -> None:
    """`/checklista`, and what was written behind it: the piece that fits best, or what there is."""
    _say(work, actor, _found(work, actor, words, count=True))


def open_by_link(work: Work, actor: Actor, payload: str) -> bool:
    """A link from another chat leads here. False when it is no link to a piece."""
    if not payload.startswith(LINK):
        return False
    one = work.house.library.get(payload.removeprefix(LINK))
    if one is None or not advice.reads(actor, one):
        open_by_words(work, actor, payload.removeprefix(LINK).replace("-", " "))
    else:
        _open(work, actor, one, 0)
    return True


def _found(work: Work, actor: Actor | None, words: str, *, count: bool) -> Message:
    voice = work.voice(actor.person) if actor is not None else work.house.voice("", work.now)
    if not words.strip():
        private = actor is not None and work.event is not None and work.event.chat.private
        going = runs.open_of(work, actor) if actor is not None and private else []
        lines = [(runs.line(work, actor, run), runs.button(work, actor, run)) for run in going if actor is not None]
        return advice_views.overview(work, voice, actor, under_way=tuple(lines))
    found = advice.find(work, actor, words)
    if not found:
        if count and actor is not None and not work.terse(actor.account):
            advice.note_missed(work, words)
        return advice_views.overview(work, voice, actor, missed=True)
    if count:
        advice.note_opened(work, found[0])
    return advice_views.section(work, voice, actor, found[0], 0, found[1:])


def _say(work: Work, actor: Actor, message: Message, *, in_place: bool = False) -> None:
    """Where it was asked: in a channel for the asker's eyes alone."""
    if work.event is not None and not work.event.chat.private:
        work.direct = message
    elif in_place:
        sending.replace_pressed(work, actor.account, message)
    else:
        sending.to_account(work, actor.account, message, "answer")


def _open(work: Work, actor: Actor, one: Advice, number: int, *, in_place: bool = False) -> None:
    voice = work.voice(actor.person)
    _say(work, actor, advice_views.section(work, voice, actor, one, number), in_place=in_place)


@on_number("list", Right.LINKED)
def show(work: Work, actor: Actor, number: int, slug: str) -> None:
    """Opens a piece."""
    one = advice.piece(work, actor, slug)
    advice.note_opened(work, one)
    _open(work, actor, one, number)


@on_number("part", Right.LINKED)
def turn(work: Work, actor: Actor, number: int, slug: str) -> None:
    """Another section of the same, in its place."""
    _open(work, actor, advice.piece(work, actor, slug), number, in_place=True)


@on_number("shelf", Right.LINKED)
def shelf(work: Work, actor: Actor, page: int, kind: str) -> None:
    """All pieces of a kind."""
    _say(work, actor, advice_views.of_kind(work, work.voice(actor.person), actor, kind, page), in_place=page > 0)


@on_number("sources", Right.LINKED)
def sources(work: Work, actor: Actor, _: int, slug: str) -> None:
    """Whose advice it is."""
    _say(work, actor, advice_views.sources(work, work.voice(actor.person), advice.piece(work, actor, slug)))


@on_number("checklists", Right.LINKED)
def overview(work: Work, actor: Actor, _: int, __: str) -> None:
    """What there is, the few that fit first."""
    open_by_words(work, actor, "")


@on_number("aloud", Right.LINKED)
def aloud(work: Work, actor: Actor, _: int, slug: str) -> None:
    """Everybody in the channel sees it. In a direct message there is nobody else."""
    one = advice.piece(work, actor, slug)
    if one.facts.closed:
        raise NotFound
    if work.event is None or work.event.chat.private:
        _open(work, actor, one, 0)
        return
    work.direct, work.aloud = advice_views.whole(work.voice(actor.person), one), True


def below(work: Work, actor: Actor, message: Message, words: str) -> Message:
    """The question what somebody's words are, with the pieces that fit them below its buttons."""
    found = advice.find(work, actor, words)
    if not found:
        return message
    voice = work.voice(actor.person)
    said = (*message.parts, voice.paragraph("advice.below"))
    return Message(said, (*message.buttons, *advice_views.buttons(voice, found)), message.notice)


def after_flag(work: Work, actor: Actor, message: Message, category: str, words: str) -> Message:
    """A receipt with the pieces for what was flagged."""
    found = advice.after_flag(work, actor, category, words)
    if not found:
        return message
    voice = work.voice(actor.person)
    said = (*message.parts, voice.paragraph("advice.after_flag"))
    return Message(said, (*message.buttons, *advice_views.buttons(voice, found)), message.notice)


def inline(work: Work, actor: Actor | None, words: str) -> Outcome:
    """What can be sent into the chat where somebody writes. What is for the unit alone never is, whoever asks."""
    voice = work.voice(actor.person) if actor is not None else work.house.voice("", work.now)
    if (actor is None or not actor.roles) and not work.house.open_advice:
        return Outcome(toast=voice.word("advice.inline_closed"))
    found = advice.find(work, None, words, SUGGESTED) if words.strip() else advice.few(work, None)
    suggestions = []
    for one in found:
        whole = split(advice_views.whole(voice, one, work.house.telegram_name))[0]
        said = one.in_(voice.language)
        suggestions.append(Suggestion(f"{one.slug}.{voice.language}", said.title, said.when[:ABOUT], whole))
    return Outcome(suggestions=tuple(suggestions), toast="" if suggestions else voice.word("advice.inline_none"))


def for_stranger(work: Work, event: Event) -> Outcome | None:
    """What somebody without an invitation may read where the municipality lets everybody; None for all else."""
    if not work.house.open_advice:
        return None
    if event.kind is Kind.COMMAND and event.command in COMMANDS:
        return Outcome(direct=_found(work, None, event.text, count=False))
    if event.kind is Kind.COMMAND and event.command == "start" and event.text.startswith(LINK):
        return _opened(work, "list", 0, event.text.removeprefix(LINK))
    if event.kind is Kind.PRESS:
        try:
            token, _ = read(event.token)
        except BadToken:
            return None
        return _opened(work, token.action, token.subject, token.argument) if isinstance(token, Act) else None
    return None


def _opened(work: Work, action: str, number: int, argument: str) -> Outcome | None:
    voice = work.house.voice("", work.now)
    if action == "shelf":
        return Outcome(direct=advice_views.of_kind(work, voice, None, argument, number))
    if action not in ("list", "part", "sources"):
        return None
    try:
        one = advice.piece(work, None, argument)
    except NotFound:
        return Outcome(direct=_found(work, None, argument.replace("-", " "), count=False))
    if action == "sources":
        return Outcome(direct=advice_views.sources(work, voice, one))
    return Outcome(direct=advice_views.section(work, voice, None, one, number))
