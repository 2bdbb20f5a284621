"""The first minutes: the numbers pinned, a test sound, and a flag for practice."""

from __future__ import annotations

from bot.catalogue import Voice
from bot.messages import Button, Fields, Line, Message
from bot.services import about, menus, sending
from bot.services.doing import on_number
from bot.services.people import Actor
from bot.services.rights import NotFound, Right
from bot.services.work import House, Work
from bot.tokens import Act
from storage.tables import Account, Person


def arrive(work: Work, person: Person, account: Account, *, first: bool = True) -> None:
    """An account was let in: say who is responsible for what (on the first one), pin the numbers, try the sound."""
    voice = work.voice(person)
    if first:
        sending.at_once(work, account, about.message(work, voice), "info")
    key = "terse.welcome" if work.terse(account) else "welcome.card"
    welcome = voice.say(key, name=person.name, municipality=work.house.name)
    card = Message((*welcome.parts, Fields(tuple(numbers(work.house, voice)))), welcome.buttons)
    sending.pin_row(work, account, sending.at_once(work, account, card, "info"))
    sending.at_once(work, account, voice.say("welcome.sound", *_sound_buttons(voice)), "info")
    menus.set_for_person(work, person)


def numbers(house: House, voice: Voice) -> list[tuple[str, Line]]:
    """Whom to call, the gravest first."""
    rows = [
        (voice.word("numbers.sos"), voice.line("numbers.112")),
        (voice.word("numbers.police"), voice.line("numbers.11414")),
        (voice.word("numbers.unit"), (house.public_number,)),
    ]
    return [*rows, (voice.word("numbers.night"), (house.night_number,))] if house.night_number else rows


def _sound_buttons(voice: Voice) -> tuple[Button, ...]:
    return (
        voice.button("welcome.heard", str(Act("heard", 0))),
        voice.button("welcome.not_heard", str(Act("not_heard", 0))),
    )


@on_number("heard", Right.LINKED)
def heard(work: Work, actor: Actor, _: int, __: str) -> None:
    """The phone makes a sound: on to the practice flag."""
    voice = work.voice(actor.person)
    sending.replace_pressed(work, actor.account, voice.say("welcome.sound_works"))
    practise = voice.button("button.practise", str(Act("practise", 0)))
    sending.to_account(work, actor.account, voice.say("welcome.practise", practise), "answer")


@on_number("not_heard", Right.LINKED)
def not_heard(work: Work, actor: Actor, _: int, __: str) -> None:
    """It was silent: how to mend that, and another try."""
    voice = work.voice(actor.person)
    sending.replace_pressed(work, actor.account, voice.say(f"welcome.silent_{actor.account.platform}"))
    sending.to_account(work, actor.account, voice.say("welcome.sound", *_sound_buttons(voice)), "answer")


def second_account(work: Work, first: Account, second: Account) -> None:
    """The first account hears of the second, and can shut it out."""
    person = work.session.get_one(Person, first.person_id)
    voice = work.voice(person)
    assert second.id is not None
    here = voice.button("link.here", str(Act("prefer", second.id)))
    out = voice.button("link.not_me", str(Act("unlink", second.id)))
    platform = voice.word(f"platform.{second.platform}")
    sending.to_account(work, first, voice.say("link.second", here, out, platform=platform), "answer")


@on_number("prefer", Right.LINKED)
def prefer(work: Work, actor: Actor, account: int, _: str) -> None:
    """Notices go to this account first."""
    chosen = _own_account(work, actor, account)
    actor.person.preferred = chosen.id
    voice = work.voice(actor.person)
    message = voice.say("link.preferred", platform=voice.word(f"platform.{chosen.platform}"))
    sending.replace_pressed(work, actor.account, message)


@on_number("unlink", Right.LINKED)
def unlink(work: Work, actor: Actor, account: int, _: str) -> None:
    """ "Det var inte jag": the account is shut out at once."""
    gone = _own_account(work, actor, account)
    gone.state = "revoked"
    menus.set_for(work, gone)
    sending.refresh_person(work, actor.id)
    if actor.person.preferred == gone.id:
        actor.person.preferred = actor.account.id
    voice = work.voice(actor.person)
    message = voice.say("link.unlinked", platform=voice.word(f"platform.{gone.platform}"))
    sending.replace_pressed(work, actor.account, message)


def _own_account(work: Work, actor: Actor, number: int) -> Account:
    account = work.session.get(Account, number)
    if account is None or account.person_id != actor.id:
        raise NotFound
    work.session.add_all([account, actor.person])
    return account
