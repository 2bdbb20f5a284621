"""Criticism or a pile-on: a few questions that end in the right list."""

from __future__ import annotations

from bot.commands import OpenAdvice
from bot.flows.criticism import Asked
from bot.messages import Message
from bot.services import advice, advice_views, sending, talks
from bot.services.doing import on_number, performs
from bot.services.people import Actor
from bot.services.rights import Right
from bot.services.work import Work
from bot.tokens import Act


@on_number("guide", Right.LINKED)
def begin(work: Work, actor: Actor, _: int, __: str) -> None:
    """ "Kritik eller drev?"."""
    talks.start(work, actor, "guide", Asked())


@performs(OpenAdvice, Right.LINKED)
def end(work: Work, actor: Actor, command: OpenAdvice) -> None:
    """Why this list, then the list; where somebody is threatened, "Händer nu" first."""
    voice = work.voice(actor.person)
    one = work.house.library.get(command.slug)
    if one is None:  # the municipality has put another list in its place, under another name
        sending.to_account(work, actor.account, advice_views.overview(work, voice, actor), "answer")
        return
    advice.note_opened(work, one)
    shown = advice_views.section(work, voice, actor, one, 0)
    now = ((voice.button("button.now", str(Act("now", 0))),),) if command.why.startswith("threat") else ()
    why = voice.paragraph(f"guide.{command.why}")
    parts = (shown.parts[0], why, *shown.parts[1:])
    sending.to_account(work, actor.account, Message(parts, (*now, *shown.buttons)), "answer")
