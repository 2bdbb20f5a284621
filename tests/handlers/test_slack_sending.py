"""The Slack channel over the wire: what it sends, and what each refusal of Slack's means to delivery."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError

from bot.channels import Gone, NotSent, PlatformDown, Refused, Undelivered, Unsure, Wait
from bot.handlers.slack_errors import ACCOUNT_ENDED, DOWN, FAILED, GONE, refusal, translated
from bot.messages import Button, Message, Paragraph, Title
from bot.playground.faults import Misbehaviour
from tests.handlers.slack_rig import Rig, as_channel, slack_rig

HELLO = Message((Title(("Hej",)), Paragraph(("<!channel> & *alla*",))), ((Button("Läst", "tok"),),))
BARE = Message((Paragraph(("Läst av Alva.",)),))


@pytest.fixture
async def rig() -> AsyncIterator[Rig]:
    async with slack_rig() as rig:
        yield rig


async def test_a_message_arrives_and_its_reference_has_the_channel_of_the_answer(rig: Rig) -> None:
    """Also when it was sent to a person, whose direct message Slack opens."""
    ref = await as_channel(rig.channel).send(rig.alva.id, HELLO)
    assert ref == f"{rig.alva.dm}:{rig.alva.last.ts}"
    assert rig.alva.last.labels == ["Läst"]
    assert rig.alva.last.plain == "Hej\n<!channel> & ∗alla∗"
    (sent,) = rig.calls("chat.postMessage")
    assert (sent["unfurl_links"], sent["unfurl_media"]) == (False, False)


async def test_an_edit_replaces_the_words_and_takes_the_buttons_away(rig: Rig) -> None:
    ref = await rig.channel.send(rig.alva.dm, HELLO)
    assert await rig.channel.edit(rig.alva.dm, ref, BARE) == ref
    assert (rig.alva.last.plain, rig.alva.last.labels) == ("Läst av Alva.", [])
    assert await rig.channel.edit(rig.alva.dm, ref, BARE) == ref


async def test_a_message_that_is_pinned_already_is_a_success(rig: Rig) -> None:
    ref = await rig.channel.send(rig.alva.dm, HELLO)
    assert await rig.channel.pin(rig.alva.dm, ref) == ref
    assert await rig.channel.pin(rig.alva.dm, ref) == ref
    assert rig.alva.last.pinned


@pytest.mark.parametrize("act", ["edit", "pin"])
async def test_a_message_that_is_no_longer_there_is_gone(rig: Rig, act: str) -> None:
    ref = f"{rig.alva.dm}:1700000000.000001"
    with pytest.raises(Gone):
        await (rig.channel.pin(rig.alva.dm, ref) if act == "pin" else rig.channel.edit(rig.alva.dm, ref, BARE))


async def test_the_message_of_somebody_else_cannot_be_edited(rig: Rig) -> None:
    delivery = await rig.alva.write("hej")
    with pytest.raises(Gone, match="cant_update_message"):
        await rig.channel.edit(rig.alva.dm, f"{rig.alva.dm}:{delivery.payload['event']['ts']}", BARE)


async def test_a_channel_is_left_and_leaving_it_again_is_a_success(rig: Rig) -> None:
    """Also when it was closed meanwhile, or was never there."""
    places = [rig.server.channel(name, private=name == "a", members=[rig.alva]) for name in "abc"]
    for place in places:
        await place.add_bot(by=rig.alva)
    await places[2].archive()
    for chat in [*(place.id for place in places), places[0].id, places[1].id, "C0BORTA"]:
        await as_channel(rig.channel).leave(chat)
    assert [place.has_bot for place in places[:2]] == [False, False]


async def test_a_limit_is_a_wait_for_as_long_as_slack_says(rig: Rig) -> None:
    rig.server.faults.plan("chat.postMessage", Misbehaviour.TOO_MANY, seconds=7)
    with pytest.raises(Wait) as caught:
        await rig.channel.send(rig.alva.dm, HELLO)
    assert caught.value.seconds == 7
    assert rig.alva.messages == []


async def test_a_person_who_left_ends_the_account(rig: Rig) -> None:
    chat = rig.alva.dm
    rig.alva.deactivate()
    with pytest.raises(Refused, match="channel_not_found") as caught:
        await rig.channel.send(chat, HELLO)
    assert caught.value.account_ended


async def test_a_channel_without_the_bot_ends_the_account(rig: Rig) -> None:
    place = rig.server.channel("torget", private=False)
    with pytest.raises(Refused, match="not_in_channel") as caught:
        await rig.channel.send(place.id, HELLO)
    assert caught.value.account_ended


async def test_a_revoked_token_takes_the_platform_down(rig: Rig) -> None:
    rig.server.bot_token = "xoxb-ny"
    with pytest.raises(PlatformDown, match="invalid_auth"):
        await rig.channel.send(rig.alva.dm, HELLO)


async def test_a_missing_scope_takes_the_platform_down(rig: Rig) -> None:
    rig.server.scopes = set()
    with pytest.raises(PlatformDown, match="missing_scope"):
        await rig.channel.send(rig.alva.dm, HELLO)


async def test_a_server_error_is_not_sent(rig: Rig) -> None:
    rig.server.faults.plan("chat.postMessage", Misbehaviour.SERVER_ERROR)
    with pytest.raises(NotSent):
        await rig.channel.send(rig.alva.dm, HELLO)


@pytest.mark.parametrize("kind", [Misbehaviour.DROP_BEFORE, Misbehaviour.DROP_AFTER])
async def test_a_connection_that_ends_after_the_request_left_is_unsure(rig: Rig, kind: Misbehaviour) -> None:
    """And nobody tried once more: at most one message came of it."""
    rig.server.faults.plan("chat.postMessage", kind)
    with pytest.raises(Unsure):
        await rig.channel.send(rig.alva.dm, HELLO)
    assert len(rig.alva.messages) == (1 if kind is Misbehaviour.DROP_AFTER else 0)


async def test_an_answer_that_comes_too_late_is_unsure(rig: Rig) -> None:
    assert rig.channel._session is not None
    rig.channel._session._timeout = aiohttp.ClientTimeout(total=0.05)
    rig.server.faults.plan("chat.postMessage", Misbehaviour.DELAY, seconds=0.2)
    with pytest.raises(Unsure):
        await rig.channel.send(rig.alva.dm, HELLO)


async def test_a_machine_that_does_not_answer_is_not_sent() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
        async with aiohttp.ClientSession() as session:
            with pytest.raises(NotSent), translated():
                await session.post(f"http://127.0.0.1:{port}/api/chat.postMessage")


class Answer:
    """What the SDK hands over with its error."""

    def __init__(self, data: Any, status: int = 200, **headers: str) -> None:
        self.data, self.status_code, self.headers = data, status, headers


def error_with(answer: Answer) -> SlackApiError:
    return SlackApiError("", answer)  # type: ignore[no-untyped-call]


def meaning(data: Any, status: int = 200, **headers: str) -> Undelivered:
    return refusal(error_with(Answer(data, status, **headers)))


@pytest.mark.parametrize(
    ("reasons", "kind"),
    [(ACCOUNT_ENDED, Refused), (DOWN, PlatformDown), (FAILED, NotSent), (GONE, Gone), ({"no_text"}, Refused)],
)
def test_each_reason_means_one_thing(reasons: set[str], kind: type[Undelivered]) -> None:
    for reason in reasons:
        found = meaning({"ok": False, "error": reason})
        assert type(found) is kind and found.args[0] == reason


def test_only_a_reason_about_the_person_ends_the_account() -> None:
    no_text = meaning({"ok": False, "error": "no_text"})
    assert isinstance(no_text, Refused) and not no_text.account_ended


def test_a_limit_without_a_number_waits_a_little() -> None:
    for found in (
        meaning({"ok": False, "error": "ratelimited"}),
        meaning({}, 429, **{"Retry-After": "soon"}),
    ):
        assert isinstance(found, Wait) and found.seconds == 1.0


def test_an_answer_that_cannot_be_read_is_unsure() -> None:
    """Slack said 200, so it may well have arrived."""
    assert isinstance(meaning("<html>"), Unsure)
    assert isinstance(meaning(None), Unsure)


def test_an_error_carries_slacks_reason_and_nothing_that_somebody_wrote() -> None:
    """The SDK's own text carries the whole answer."""
    with pytest.raises(Refused) as caught, translated():
        raise error_with(Answer({"ok": False, "error": "no_text", "message": "hemligt"}))
    assert caught.value.args == ("no_text",) and caught.value.__suppress_context__
