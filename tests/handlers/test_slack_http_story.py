"""The story with Slack by signed HTTP instead of a socket: the real bot, served by a real web server."""

from __future__ import annotations

from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType

import pytest
from pydantic import SecretStr

from bot.handlers.slack import SlackChannel
from bot.playground.scenes import SCENES
from bot.playground.stage import Stage
from config.settings import Http, Settings, Slack
from tests.handlers.slack_rig import SECRET, served


@dataclass
class Posted(Stage):
    """A town whose Slack posts to the bot."""

    stack: AsyncExitStack = field(default_factory=AsyncExitStack)

    @property
    def settings(self) -> Settings:
        usual = super().settings
        assert usual.slack is not None
        slack = Slack(bot_token=usual.slack.bot_token, base_url=usual.slack.base_url, signing_secret=SecretStr(SECRET))
        return usual.model_copy(update={"slack": slack, "http": Http(port=0)})

    async def open(self) -> None:
        await super().open()
        (channel,) = [channel for channel in self.app.channels if isinstance(channel, SlackChannel)]
        await self.stack.aclose()
        assert await self.slack.post_to(await self.stack.enter_async_context(served(channel)), SECRET)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await super().__aexit__(kind, error, trace)
        await self.stack.aclose()


@pytest.mark.parametrize("name", ["1-arriving", "2-happening-now", "3-brewing", "8-interrupted", "10-shared-place"])
@pytest.mark.parametrize("way", [("slack", "telegram"), ("telegram", "slack")], ids="-to-".join)
async def test_the_story_is_the_same_by_signed_http(name: str, way: tuple[str, str], tmp_path: Path) -> None:
    async with Posted(tmp_path) as stage:
        await SCENES[name](stage, *way)
        assert stage.slack.connections == 0 and stage.slack.timeouts == [] and stage.slack.lost == []
        assert "apps.connections.open" not in {call.method for call in stage.slack.calls}
        text = "\n".join(stage.lines).strip() + "\n"
    golden = Path(__file__).parent.parent / "transcripts" / f"{name}.{way[0]}-{way[1]}.txt"
    assert text == golden.read_text(encoding="utf-8")
