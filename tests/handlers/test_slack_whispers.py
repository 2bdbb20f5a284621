"""What Slack shows the asker alone, and what it shows all: in channels, with the bot there or not, by both ways in."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

import pytest

from bot.events import Event, Kind, Outcome
from bot.messages import Button, Message, Paragraph, Phone, Title
from bot.playground.faults import Misbehaviour
from bot.playground.slack import Channel, Sent
from bot.playground.town import until
from tests.handlers.slack_rig import Rig, http_rig, slack_rig

LIST = Message(
    (Title(("Hotfullt samtal",)), Paragraph(("Lägg på. Ring ", Phone("112"), "."))),
    ((Button("Efteråt", "tok-after"), Button("Visa för alla", "tok-aloud")),),
)
AFTER = Message((Title(("Efteråt",)), Paragraph(("Skriv upp vad som sades.",))), ((Button("Nu", "tok-now"),),))


@pytest.fixture(params=["socket", "http"])
async def rig(request: pytest.FixtureRequest) -> AsyncIterator[Rig]:
    async with slack_rig() if request.param == "socket" else http_rig() as rig:
        yield rig


@pytest.fixture
def market(rig: Rig) -> Channel:
    """A private channel where Alva is and the bot is not."""
    return rig.server.channel("torget", members=[rig.alva, rig.server.person("Bo Ek")])


def answers(event: Event) -> Outcome:
    """A list, what stands behind its first button, and the list for all behind its second."""
    if event.kind is Kind.COMMAND or event.token == "tok-now":
        return Outcome(direct=LIST)
    return Outcome(direct=AFTER) if event.token == "tok-after" else Outcome(direct=LIST, aloud=True)


async def whispered(rig: Rig, place: Channel, answer: Callable[[Event], Outcome] = answers) -> Sent:
    """The list that Alva alone sees after a command in this place."""
    rig.desk.answer = answer
    await (await rig.alva.command("/checklista", "hot", place)).answer()
    await rig.server.wait_for(lambda: place.messages, what="the answer")
    return place.messages[-1]


async def pressed(rig: Rig, message: Sent, label: str) -> None:
    """Press, and wait until all that it leads to is done."""
    await (await rig.alva.press(message, label)).answer()
    await until(lambda: not rig.channel.busy, "the answers to arrive")


async def test_a_command_in_a_channel_is_answered_to_the_asker_alone(rig: Rig, market: Channel) -> None:
    """The bot need not be there, and says nothing in the private chat."""
    list_ = await whispered(rig, market)
    assert (list_.plain, list_.to) == ("Hotfullt samtal\nLägg på. Ring 112.", rig.alva.id)
    assert list_.labels == ["Efteråt", "Visa för alla"]
    assert not market.has_bot
    assert rig.alva.messages == []


async def test_a_press_on_what_only_the_asker_sees_replaces_it(rig: Rig, market: Channel) -> None:
    """Forth and back; else the channel would fill with answers."""
    list_ = await whispered(rig, market)
    await pressed(rig, list_, "Efteråt")
    assert list_.plain == "Efteråt\nSkriv upp vad som sades."
    await pressed(rig, list_, "Nu")
    assert list_.labels == ["Efteråt", "Visa för alla"]
    assert market.messages == [list_]
    assert list_.to == rig.alva.id


async def test_a_press_on_a_message_for_all_leaves_it_to_all(rig: Rig, market: Channel) -> None:
    """The presser alone sees what is behind."""
    await market.add_bot(by=rig.alva)
    await rig.channel.send(market.id, LIST)
    rig.desk.answer = answers
    await pressed(rig, market.messages[0], "Efteråt")
    public, own = market.messages
    assert (public.labels, public.to) == (["Efteråt", "Visa för alla"], None)
    assert (own.plain, own.to) == ("Efteråt\nSkriv upp vad som sades.", rig.alva.id)


async def test_what_is_said_aloud_is_there_for_all_and_no_longer_for_one(rig: Rig, market: Channel) -> None:
    """Also where the bot is not; the asker's own copy goes away."""
    list_ = await whispered(rig, market)
    await pressed(rig, list_, "Visa för alla")
    (public,) = market.messages
    assert (public.plain, public.to) == ("Hotfullt samtal\nLägg på. Ring 112.", None)
    assert list_.deleted


async def test_what_cannot_be_said_aloud_stays_with_the_asker(rig: Rig, market: Channel) -> None:
    """Nothing is taken away before there is something in its place."""
    list_ = await whispered(rig, market)
    rig.server.faults.plan("response_url", Misbehaviour.SERVER_ERROR)
    await pressed(rig, list_, "Visa för alla")
    assert market.messages == [list_] and not list_.deleted


async def test_a_command_can_be_answered_aloud(rig: Rig, market: Channel) -> None:
    """Without anything to take away."""
    public = await whispered(rig, market, lambda event: Outcome(direct=LIST, aloud=True))
    await until(lambda: not rig.channel.busy, "rest")
    assert (public.to, market.messages) == (None, [public])


async def test_aloud_on_a_message_for_all_adds_one_for_all(rig: Rig, market: Channel) -> None:
    """What was pressed is left as it is."""
    await market.add_bot(by=rig.alva)
    await rig.channel.send(market.id, LIST)
    rig.desk.answer = answers
    await pressed(rig, market.messages[0], "Visa för alla")
    assert [message.to for message in market.messages] == [None, None]


async def test_in_the_direct_message_aloud_means_nothing(rig: Rig) -> None:
    """It is one message to the one who is there."""
    rig.desk.answer = lambda event: Outcome(direct=LIST, aloud=True)
    await (await rig.alva.command("/checklista", "hot")).answer()
    await rig.server.wait_for(lambda: rig.alva.messages, what="the answer")
    await until(lambda: not rig.channel.busy, "rest")
    assert [message.to for message in rig.alva.messages] == [None]
    assert rig.calls("response_url") == []


async def test_a_toast_leaves_what_only_the_asker_sees(rig: Rig, market: Channel) -> None:
    """Words about a press come beside the list, not in its place."""
    list_ = await whispered(rig, market)
    rig.desk.answer = lambda event: Outcome(toast="Det är redan gjort.", refused=True)
    await pressed(rig, list_, "Efteråt")
    assert [message.plain for message in market.messages[1:]] == ["Det är redan gjort."]
    assert list_.labels == ["Efteråt", "Visa för alla"]


async def test_a_slow_door_still_replaces_and_speaks_aloud(rig: Rig, market: Channel) -> None:
    """The way back is open for half an hour."""
    list_ = await whispered(rig, market)
    rig.channel.patience = 0.0
    rig.desk.open.clear()
    await (await rig.alva.press(list_, "Efteråt")).answer()
    assert list_.labels == ["Efteråt", "Visa för alla"]
    rig.desk.open.set()
    await rig.server.wait_for(lambda: list_.labels == ["Nu"], what="the late answer")


async def test_between_two_people_the_asker_alone_is_answered_there(rig: Rig) -> None:
    """A command can be given where the bot neither is nor can be; there too a press replaces, and aloud is for both."""
    between = rig.server.direct(rig.alva, rig.server.person("Bo Ek"))
    list_ = await whispered(rig, between)
    assert (list_.to, rig.alva.messages) == (rig.alva.id, [])
    await pressed(rig, list_, "Efteråt")
    assert (list_.labels, between.messages) == (["Nu"], [list_])
    await pressed(rig, list_, "Nu")
    await pressed(rig, list_, "Visa för alla")
    assert [message.to for message in between.messages] == [None]
    assert list_.deleted


async def test_an_answer_that_cannot_be_posted_for_another_reason_is_not_whispered(rig: Rig) -> None:
    """It is logged; a second try elsewhere could show it twice."""
    rig.desk.answer = lambda event: Outcome(direct=LIST)
    rig.server.faults.plan("chat.postMessage", Misbehaviour.DROP_AFTER)
    await (await rig.alva.command("/checklista", "hot")).answer()
    await rig.called("chat.postMessage")
    await until(lambda: not rig.channel.busy, "rest")
    assert rig.calls("response_url") == []
