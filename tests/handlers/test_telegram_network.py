"""Telegram through a proxy, and by a certificate authority of one's own."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.channels import File, NotSent
from bot.handlers.telegram import TelegramChannel
from bot.messages import Message, Paragraph
from bot.network import Network
from bot.playground.telegram import TelegramPlayground
from tests.handlers.roads import behind_tls, proxy
from tests.handlers.telegram_rig import TOKEN, Desk, channel_to

WORDS = Message((Paragraph(("Hej",)),))


async def use(channel: TelegramChannel, server: TelegramPlayground, desk: Desk) -> None:
    """Everything that goes over the network: log in, receive, send, upload and fetch."""
    desk.open.set()
    alva = server.person("Alva")
    await channel.start()
    try:
        await alva.document("a.txt", b"innehall")
        (thing,) = (await desk.next()).attached
        assert [piece async for piece in channel.fetch(thing.remote)] == [b"innehall"]
        await channel.send(str(alva.id), WORDS)
        await channel.send_file(str(alva.id), File("b.txt", "text/plain", b"x"), WORDS)
        assert len(alva.messages) == 2
    finally:
        await channel.stop()


async def test_every_call_goes_through_the_proxy() -> None:
    """Those that fetch, send and upload: the address is one that only the proxy can find."""
    async with TelegramPlayground(token=TOKEN) as server, proxy() as road:
        server.base_url = f"http://telegram.invalid:{port_of(server)}/bot"
        desk = Desk()
        await use(channel_to(server, desk, network=Network(road.url)), server, desk)
        assert set(road.asked) == {f"POST {server.base_url.removesuffix('/bot')}"}


async def test_without_the_proxy_nothing_gets_out() -> None:
    """Past it would be a leak."""
    async with TelegramPlayground(token=TOKEN) as server:
        channel = channel_to(server, Desk(), network=Network("http://127.0.0.1:9"))
        with pytest.raises(Exception, match="ClientProxyConnectionError"):
            await channel.start()
        await channel._calls.initialize()
        with pytest.raises(NotSent, match="ClientProxyConnectionError"):
            await channel.send("1", WORDS)
        await channel.stop()
        assert server.calls == []


async def test_ones_own_authority_is_what_makes_the_server_trusted(tmp_path: Path) -> None:
    """Without its file there is no connection."""
    async with TelegramPlayground(token=TOKEN) as server, behind_tls(port_of(server), tmp_path) as (url, own):
        server.base_url = f"{url}/bot"
        desk = Desk()
        stranger = channel_to(server, desk)
        with pytest.raises(Exception, match="ClientConnectorCertificateError"):
            await stranger.start()
        await stranger.stop()
        assert server.calls == []
        await use(channel_to(server, desk, network=Network(ca_file=own)), server, desk)


async def test_proxy_and_authority_go_together(tmp_path: Path) -> None:
    """The proxy is only asked for a tunnel: what is in it is between us and the server."""
    async with (
        TelegramPlayground(token=TOKEN) as server,
        behind_tls(port_of(server), tmp_path) as (url, own),
        proxy() as road,
    ):
        server.base_url = f"{url}/bot"
        desk = Desk()
        await use(channel_to(server, desk, network=Network(road.url, own)), server, desk)
        assert set(road.asked) == {f"CONNECT {url.removeprefix('https://')}"}


def port_of(server: TelegramPlayground) -> int:
    return int(server.base_url.removesuffix("/bot").rpartition(":")[2])
