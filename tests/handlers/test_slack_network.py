"""The Slack channel through a proxy and with an own certificate authority, over real connections."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bot.channels import File, NotSent
from bot.events import Outcome
from bot.messages import Message, Paragraph
from bot.network import Network
from bot.playground.slack import SlackPlayground
from tests.handlers.slack_network import Proxy, behind_tls, proxy
from tests.handlers.slack_rig import APP, BOT, TEAM, Desk, Rig, channel_to, slack_rig

WORDS = Message((Paragraph(("Hej",)),))


@asynccontextmanager
async def fenced(folder: Path, *, trusted: bool = True) -> AsyncIterator[tuple[Rig, Proxy]]:
    """A channel that is not started, and a Slack which is reached over TLS; in between a proxy."""
    async with SlackPlayground(bot_token=BOT, app_token=APP, team=TEAM) as server, proxy() as between:
        port = int(server.base_url.split(":")[2].split("/")[0])
        async with behind_tls(folder, port) as (secure, authority):
            server.space.base_url = f"https://127.0.0.1:{secure}/api/"
            desk = Desk()
            desk.open.set()
            network = Network(between.address, authority if trusted else None)
            channel = channel_to(server, desk, network=network)
            try:
                yield Rig(server, desk, channel, server.person("Alva Berg")), between
            finally:
                await channel.stop()


async def everything(rig: Rig) -> None:
    """Each kind of call once: Web API, socket, file both ways, and the answer that one person sees."""
    await rig.channel.send(rig.alva.id, WORDS)
    await rig.channel.send_file(rig.alva.id, File("a.png", "image/png", b"\x89PNG"), WORDS)
    await (await rig.alva.upload("b.png", b"\x89PNG b", "image/png")).answer()
    remote = (await rig.desk.next()).attached[0].remote
    assert [piece async for piece in rig.channel.fetch(remote)] == [b"\x89PNG b"]
    rig.desk.answer = lambda event: Outcome(toast="Skriv till mig direkt.", direct=WORDS)
    place = rig.server.channel("enheten", members=[rig.alva])
    await (await rig.alva.command("/flagga", channel=place)).answer()
    await rig.server.wait_for(lambda: len(place.messages) == 2, what="the answers in the channel")


async def test_everything_goes_through_the_proxy_and_trusts_the_own_authority(tmp_path: Path) -> None:
    async with fenced(tmp_path) as (rig, between):
        await rig.channel.start()
        await everything(rig)
        secure = rig.server.base_url.split("/")[2]
        assert between.asked and {line.split(" ")[1] for line in between.asked} == {secure}
        assert {line.split(" ")[0] for line in between.asked} == {"CONNECT"}


async def test_a_revived_socket_goes_through_the_proxy_too(tmp_path: Path) -> None:
    async with fenced(tmp_path) as (rig, between):
        await rig.channel.start()
        before = len(between.asked)
        await rig.channel.revive()
        assert len(between.asked) > before
        await (await rig.alva.write("hej")).answer()


async def test_an_authority_that_is_not_known_is_not_trusted(tmp_path: Path) -> None:
    async with fenced(tmp_path, trusted=False) as (rig, _):
        with pytest.raises(NotSent):
            await rig.channel.start()


async def test_a_proxy_that_is_set_is_used_for_a_server_of_ones_own_too() -> None:
    async with SlackPlayground(bot_token=BOT, app_token=APP, team=TEAM) as server, proxy() as between:
        desk = Desk()
        desk.open.set()
        rig = Rig(server, desk, channel_to(server, desk, network=Network(between.address)), server.person("Alva"))
        await rig.channel.start()
        await everything(rig)
        await rig.channel.stop()
        assert any("/api/auth.test" in line for line in between.asked)
        assert any("/link/" in line for line in between.asked)


@pytest.mark.parametrize("name", ["HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"])
async def test_a_local_server_never_uses_the_environments_proxy(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, "http://127.0.0.1:9")
    async with slack_rig() as rig:
        await everything(rig)
        await rig.channel.revive()
        await (await rig.alva.write("hej")).answer()


async def test_a_file_of_authorities_that_is_none_stops_the_start(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("hej")
    async with SlackPlayground(bot_token=BOT, app_token=APP) as server:
        with pytest.raises(OSError):
            await channel_to(server, Desk(), network=Network(None, tmp_path / "ca.pem")).start()
