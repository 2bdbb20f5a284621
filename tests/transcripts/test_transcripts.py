"""The golden transcripts: each scene, both ways, with the bot started anew from its database after every act."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.handlers.slack import SlackChannel
from bot.handlers.telegram import TelegramChannel
from bot.playground import slack_socket
from bot.playground.scenes import SCENES, WAYS
from bot.playground.story import play

FOLDER = Path(__file__).parent


@pytest.fixture(autouse=True)
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """A bot that starts anew between all turns may be slow on a busy machine; what it says then is tested elsewhere."""
    for channel in (SlackChannel, TelegramChannel):
        monkeypatch.setattr(channel, "patience", 30.0)
    monkeypatch.setattr(slack_socket, "ACK_WITHIN", 30.0)


@pytest.mark.parametrize("way", WAYS, ids="-to-".join)
@pytest.mark.parametrize("name", SCENES)
async def test_scene_reads_as_its_golden_transcript_though_the_bot_restarts_between_all_turns(
    name: str, way: tuple[str, str], request: pytest.FixtureRequest
) -> None:
    lines = await play(SCENES[name], *way, reload=True)
    golden = FOLDER / f"{name}.{way[0]}-{way[1]}.txt"
    text = "\n".join(lines).strip() + "\n"
    if request.config.getoption("--rewrite-transcripts"):
        golden.write_text(text, encoding="utf-8")
    assert golden.exists(), "there is no golden transcript yet: make transcripts"
    assert text == golden.read_text(encoding="utf-8")
