"""What the client of 46elks asks for, and what it makes of refusals, over the wire."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from bot.channels import NotSent, PlatformDown, Refused, Undelivered, Unsure, Wait
from bot.handlers import elks
from bot.handlers.elks import Elks
from bot.network import Network
from bot.playground.elks import ElksPlayground
from bot.playground.faults import Misbehaviour
from tests.handlers.roads import behind_tls, proxy

ALVA = "+46701740605"
WORDS = "Öppna chatten och tryck Läst."
SOUND = "https://lonnkoping.example/ring.mp3"


@pytest.fixture
async def server() -> AsyncIterator[ElksPlayground]:
    async with ElksPlayground() as server:
        yield server


@pytest.fixture
async def client(server: ElksPlayground) -> AsyncIterator[Elks]:
    client = client_of(server)
    yield client
    await client.close()


def client_of(server: ElksPlayground, **more: Any) -> Elks:
    facts = {"user": server.user, "password": server.password, "sender": "+46766860000", "recording": SOUND}
    return Elks(**{**facts, "base_url": server.base_url, "network": Network(), **more})


async def failing(client: Elks) -> Undelivered:
    """How a text to Alva ends."""
    with pytest.raises(Undelivered) as caught:
        await client.text(ALVA, WORDS)
    return caught.value


async def test_a_text_arrives_as_it_was_written_and_its_words_are_not_kept(
    server: ElksPlayground, client: Elks
) -> None:
    ref = await client.text(ALVA, WORDS)
    [sms] = server.texts
    assert (sms.id, sms.to, sms.words, sms.sender, sms.kept) == (ref, ALVA, WORDS, "+46766860000", False)


async def test_a_call_plays_what_was_recorded(server: ElksPlayground, client: Elks) -> None:
    ref = await client.call(ALVA, WORDS)
    [ring] = server.rings
    assert (ring.id, ring.to, ring.sound) == (ref, ALVA, SOUND) and server.texts == []


async def test_nobody_is_called_where_nothing_was_recorded(server: ElksPlayground) -> None:
    client = client_of(server, recording=None)
    with pytest.raises(Refused):
        await client.call(ALVA, WORDS)
    assert server.asked == []


async def test_the_account_tells_what_is_left(client: Elks) -> None:
    said = await client.account()
    assert (said["currency"], said["balance"]) == ("SEK", 9_670_500)


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (Misbehaviour.TOO_MANY, Wait),
        (Misbehaviour.SERVER_ERROR, NotSent),
        (Misbehaviour.DROP_BEFORE, Unsure),
        (Misbehaviour.DROP_AFTER, Unsure),
        (Misbehaviour.BLOCKED, Refused),
    ],
)
async def test_each_way_to_fail_is_told_as_delivery_knows_it(
    server: ElksPlayground, client: Elks, fault: Misbehaviour, kind: type[Undelivered]
) -> None:
    server.faults.plan("sms", fault, seconds=7)
    error = await failing(client)
    assert type(error) is kind
    assert not isinstance(error, Wait) or error.seconds == 7
    assert len(server.texts) == (fault is Misbehaviour.DROP_AFTER) and server.asked == ["sms"], "and it is not repeated"


async def test_a_number_that_is_none_is_refused_and_the_reason_does_not_hold_it(client: Elks) -> None:
    with pytest.raises(Refused) as caught:
        await client.text("0701740605", WORDS)
    assert "0701740605" not in str(caught.value) and "400" in str(caught.value)


@pytest.mark.parametrize("more", [{"password": "fel"}, {"base_url": "{}/annat"}])
async def test_a_wrong_password_or_address_is_for_somebody_to_mend(
    server: ElksPlayground, more: dict[str, str]
) -> None:
    client = client_of(server, **{name: value.format(server.base_url) for name, value in more.items()})
    assert isinstance(await failing(client), PlatformDown)
    await client.close()


async def test_an_account_without_money_is_for_somebody_to_mend(server: ElksPlayground, client: Elks) -> None:
    server.balance = 0
    assert isinstance(await failing(client), PlatformDown)


async def test_an_answer_that_does_not_come_in_time_leaves_it_open(
    server: ElksPlayground, client: Elks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(elks, "TIMEOUT", aiohttp.ClientTimeout(total=0.05))
    server.faults.plan("sms", Misbehaviour.DELAY, seconds=0.2)
    assert isinstance(await failing(client), Unsure) and len(server.texts) == 1


async def test_a_server_that_is_not_there_was_asked_nothing(server: ElksPlayground) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        client = client_of(server, base_url=f"http://127.0.0.1:{free.getsockname()[1]}")
    assert isinstance(await failing(client), NotSent)
    await client.close()


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (200, '{"id": "s1", "status": "failed"}', Refused),
        (200, '{"status": "created"}', Unsure),
        (200, '{"id": 7}', Unsure),
        (200, "[]", Unsure),
        (200, "<html>", Unsure),
        (302, "", PlatformDown),
        (402, "", PlatformDown),
        (408, "", NotSent),
        (422, "", Refused),
        (429, "", Wait),
        (599, "", NotSent),
    ],
)
async def test_odd_answers(server: ElksPlayground, status: int, body: str, kind: type[Undelivered]) -> None:
    async def odd(_: web.BaseRequest) -> web.Response:
        return web.Response(status=status, text=body, headers={"Location": "/a1/me"} if status == 302 else None)

    runner = web.ServerRunner(web.Server(odd))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    client = client_of(server, base_url=f"http://127.0.0.1:{runner.addresses[0][1]}")
    assert type(await failing(client)) is kind
    await client.close()
    await runner.cleanup()


# The road


async def test_every_call_goes_through_the_proxy(server: ElksPlayground) -> None:
    async with proxy() as road:
        port = server.base_url.rpartition(":")[2]
        client = client_of(server, base_url=f"http://elks.invalid:{port}", network=Network(road.url))
        await client.text(ALVA, WORDS)
        await client.close()
        assert road.asked == [f"POST http://elks.invalid:{port}"] and len(server.texts) == 1


async def test_past_the_proxy_nothing_gets_out(server: ElksPlayground) -> None:
    client = client_of(server, network=Network("http://127.0.0.1:9"))
    assert isinstance(await failing(client), NotSent) and server.asked == []
    await client.close()


async def test_ones_own_authority_is_what_makes_the_server_trusted(server: ElksPlayground, tmp_path: Path) -> None:
    async with behind_tls(int(server.base_url.rpartition(":")[2]), tmp_path) as (url, own):
        stranger = client_of(server, base_url=url)
        assert isinstance(await failing(stranger), NotSent) and server.asked == []
        friend = client_of(server, base_url=url, network=Network(ca_file=own))
        assert await friend.text(ALVA, WORDS)
        await stranger.close()
        await friend.close()
