"""What a visitor can do, read strictly and done at once: nothing here waits for the bot."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from bot.playground.page.cast import Chair
from bot.playground.page.trouble import Trouble
from bot.playground.page.views import channel, find, group
from bot.playground.page.village import Village
from bot.playground.slack_people import Human as SlackHuman
from bot.playground.slack_writing import say as slack_say
from bot.playground.telegram_model import Look as Found
from bot.playground.telegram_people import Human as TelegramHuman


class Impossible(Exception):
    """What the platform's own app would not let a person do; nothing has changed."""


class Act(BaseModel):
    """Strict: what is unknown or of another type is refused."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Sitting(Act):
    """An act by somebody, in one of the conversations on the screen; an empty `chat` is the one with the bot."""

    seat: str
    chat: str = ""


class Write(Sitting):
    """Write, perhaps as an answer to a message."""

    act: Literal["write"]
    text: str = Field(min_length=1, max_length=4000)
    reply: str = ""


class Command(Sitting):
    """Give a command, without its slash."""

    act: Literal["command"]
    name: str = Field(pattern=r"^[a-z0-9_]{1,32}$")
    text: str = Field(default="", max_length=3000)


class Press(Sitting):
    """Press a button."""

    act: Literal["press"]
    message: str
    label: str


class Submit(Sitting):
    """Send the open window; `values` are by label."""

    act: Literal["submit"]
    values: dict[str, str] = Field(max_length=50)


class Close(Sitting):
    """Close the open window."""

    act: Literal["close"]


class Redeem(Sitting):
    """Use a code: open the link on Telegram, write it on Slack."""

    act: Literal["redeem"]
    code: str = Field(pattern=r"^[A-Za-z0-9_-]{4,64}$")


class Start(Sitting):
    """Open the chat on Telegram for the first time."""

    act: Literal["start"]


class Locate(Sitting):
    """Share an invented place on Telegram."""

    act: Literal["location"]


class Flag(Sitting):
    """Use Slack's message shortcut on a message."""

    act: Literal["shortcut"]
    message: str


class Look(Sitting):
    """Write the bot's name and these words on Telegram; the list shows when the bot has answered."""

    act: Literal["look"]
    words: str = Field(max_length=256)


class Choose(Sitting):
    """Send what stands under this title in the list of a look."""

    act: Literal["choose"]
    look: str
    title: str


class Follow(Sitting):
    """Press the button above the list of a look."""

    act: Literal["follow"]
    look: str


class Forward(Act):
    """Move the clock: so many minutes, or to the next eight o'clock."""

    act: Literal["clock"]
    minutes: int = Field(default=0, ge=0, le=24 * 60)
    morning: bool = False


class Break(Act):
    """Switch a platform's trouble."""

    act: Literal["trouble"]
    platform: Literal["telegram", "slack"]
    trouble: Literal["none", "slow", "lost", "busy", "broken", "away"]


class Speak(Act):
    """Let the bot speak another language with everybody."""

    act: Literal["language"]
    language: Literal["sv", "en"]


AnyAct = Annotated[
    Write
    | Command
    | Press
    | Submit
    | Close
    | Redeem
    | Start
    | Locate
    | Flag
    | Look
    | Choose
    | Follow
    | Forward
    | Break
    | Speak,
    Field(discriminator="act"),
]
READ: TypeAdapter[Any] = TypeAdapter(AnyAct)
SQUARE = (59.3293, 18.0686)


async def perform(village: Village, act: Any) -> None:
    """Do it. Raises Impossible, and LookupError for a seat, a conversation or a message that is not there."""
    match act:
        case Forward(minutes=minutes, morning=morning):
            await (village.morning() if morning else village.forward(timedelta(minutes=minutes)))
        case Break(platform=platform, trouble=trouble):
            await village.make_trouble(platform, Trouble(trouble))
        case Speak(language=language):
            await village.speak(language)
        case Sitting(seat=key):
            chair = village.chairs.get(key)
            if chair is None:
                raise LookupError("there is no such seat")
            try:
                await _as_person(chair, act)
            except AssertionError as refusal:  # how the playground's apps say no
                raise Impossible(str(refusal)) from None


async def _as_person(chair: Chair, act: Sitting) -> None:
    human = chair.seat.human
    if isinstance(human, TelegramHuman):
        await _on_telegram(chair, human, act)
    else:
        await _on_slack(chair, human, act)


async def _on_telegram(chair: Chair, human: TelegramHuman, act: Sitting) -> None:
    match act:
        case Write(text=text, reply=reply, chat=chat):
            await _say(chair, human, chat, text, find(chair, chat, reply) if reply else None)
        case Command(name=name, text=text, chat=chat):
            await _say(chair, human, chat, f"/{name} {text}".rstrip())
        case Press(message=number, label=label, chat=chat):
            await human.press(_of_bot(find(chair, chat, number)), label)
        case Look(words=words, chat=chat):
            await human.look(words, group(chair, chat))
        case Choose(look=number, title=title):
            await human.choose(_look(human, number), title)
        case Follow(look=number):
            await human.follow(_look(human, number))
        case Redeem(code=code):
            await human.start(code)
        case Start():
            await human.start()
        case Locate():
            await human.location(*SQUARE)
        case _:
            raise Impossible(f"{act.act} is not done on this platform")  # type: ignore[attr-defined]


async def _say(chair: Chair, human: TelegramHuman, chat: str, text: str, reply_to: Any = None) -> None:
    there = group(chair, chat)
    if there is None:
        await human.write(text, reply_to=reply_to)
    else:
        await there.write(human, text, reply_to=reply_to)


def _look(human: TelegramHuman, number: str) -> Found:
    for look in human.world.looks:
        if look.id == number and look.by == human.id:
            return look
    raise LookupError("there is no such list")


async def _on_slack(chair: Chair, human: SlackHuman, act: Sitting) -> None:
    match act:
        case Write(text=text, reply=reply, chat=chat):
            thread = find(chair, chat, reply) if reply else None
            conversation = human.space.dm(human.account) if not chat else human.space.conversations.get(chat)
            if conversation is None:
                raise LookupError("there is no such conversation")
            slack_say(human.space, human.account, conversation, text, thread)
        case Command(name=name, text=text, chat=chat):
            await human.command(f"/{name}", text, channel(chair, chat))
        case Press(message=number, label=label, chat=chat):
            await human.press(_of_bot(find(chair, chat, number)), label)
        case Submit(values=values):
            await human.submit(dict(values))
        case Close():
            await human.close_modal()
        case Redeem(code=code):
            await human.write(code)
        case Flag(message=number, chat=chat):
            await human.shortcut(find(chair, chat, number))
        case _:
            raise Impossible(f"{act.act} is not done on this platform")  # type: ignore[attr-defined]


def _of_bot(message: Any) -> Any:
    if not hasattr(message, "labels"):
        raise LookupError("that message has no buttons")
    return message


async def attach(village: Village, key: str, name: str, media: str, content: bytes, text: str) -> None:
    """Send the bot a file. Raises Impossible and LookupError."""
    chair = village.chairs.get(key)
    if chair is None:
        raise LookupError("there is no such seat")
    human = chair.seat.human
    try:
        if isinstance(human, SlackHuman):
            await human.upload(name, content, media, text)
            return
        assert isinstance(human, TelegramHuman)
        if media == "image/jpeg":
            await human.photo(content, caption=text)
        elif media.startswith("audio/"):
            await human.voice(content, media=media)
        else:
            await human.document(name, content, media=media, caption=text)
    except AssertionError as refusal:
        raise Impossible(str(refusal)) from None
