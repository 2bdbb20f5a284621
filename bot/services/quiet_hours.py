"""Each person's own quiet hours: shown, chosen, taken away."""

from __future__ import annotations

from bot import quiet
from bot.commands import SetQuiet
from bot.flows.quiet import Sleeper
from bot.messages import Button, Message, Paragraph
from bot.services import digest, sending, talks
from bot.services.doing import Already, on_number, performs
from bot.services.people import Actor
from bot.services.rights import Right
from bot.services.work import Work
from bot.tokens import Act

OFFERED = {"night": "22:00-07:00", "long": "20:00-08:00", "none": ""}  # by the argument of the button


@on_number("quiet", Right.LINKED)
def show(work: Work, actor: Actor, _: int, __: str) -> None:
    """ "/tyst": what holds now, what comes all the same, and what can be chosen."""
    sending.to_account(work, actor.account, _drawn(work, actor, *_choices(work, actor)), "answer")


@on_number("quiet_set", Right.LINKED)
def choose(work: Work, actor: Actor, _: int, choice: str) -> None:
    """One of the offered ones."""
    if choice not in OFFERED or OFFERED[choice] == actor.person.quiet:
        raise Already("quiet.already")
    _set(work, actor, OFFERED[choice])
    sending.replace_pressed(work, actor.account, _drawn(work, actor, _change(work, actor)))
    digest.reconsider(work, actor.person)


@on_number("quiet_own", Right.LINKED)
def own(work: Work, actor: Actor, _: int, __: str) -> None:
    """ "Egna tider"."""
    talks.start(work, actor, "quiet", Sleeper())


@performs(SetQuiet, Right.LINKED)
def set_quiet(work: Work, actor: Actor, command: SetQuiet) -> None:
    """Own times."""
    _set(work, actor, command.hours)
    sending.to_account(work, actor.account, _drawn(work, actor, _change(work, actor)), "answer")
    digest.reconsider(work, actor.person)


def _set(work: Work, actor: Actor, hours: str) -> None:
    actor.person.quiet = hours
    work.session.add(actor.person)


def _drawn(work: Work, actor: Actor, *buttons: Button) -> Message:
    """What holds, and what comes all the same."""
    voice, hours = work.voice(actor.person), actor.person.quiet
    if not hours:
        return voice.say("quiet.none", *buttons)
    said = voice.say("quiet.shown", *buttons, hours=quiet.say(hours, voice.language))
    duty: tuple[Paragraph, ...] = (voice.paragraph("quiet.duty"),) if actor.unit else ()
    return Message((*said.parts, *duty), said.buttons)


def _choices(work: Work, actor: Actor) -> list[Button]:
    voice = work.voice(actor.person)
    offered = {name: Act("quiet_set", 0, name) for name, hours in OFFERED.items() if hours != actor.person.quiet}
    offered |= {} if work.terse(actor.account) else {"own": Act("quiet_own", 0)}  # which asks for words
    order = (name for name in ("night", "long", "own", "none") if name in offered)
    return [voice.button(f"button.quiet_{name}", str(offered[name])) for name in order]


def _change(work: Work, actor: Actor) -> Button:
    return work.voice(actor.person).button("button.quiet", str(Act("quiet", 0)))
