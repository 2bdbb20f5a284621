"""Plays every scene, both ways across the platforms, and prints the transcript."""

from __future__ import annotations

import asyncio
import sys
import tempfile
import traceback
from collections.abc import Callable
from pathlib import Path

from bot.playground.scenes import SCENES, WAYS, Scene
from bot.playground.stage import Stage


async def play(scene: Scene, here: str, there: str, *, reload: bool = False,
               on_line: Callable[[str], None] = lambda _: None) -> list[str]:  # fmt: skip
    """One scene in a town of its own; the lines of its transcript. Raises AssertionError when a step did not happen."""
    with tempfile.TemporaryDirectory() as folder:
        async with Stage(Path(folder), reload=reload, on_line=on_line) as stage:
            await scene(stage, here, there)
            assert not stage.slack.timeouts, "a press on Slack was answered too late"
            return stage.lines


async def _play_all() -> int:
    failed = []
    for name, scene in SCENES.items():
        for here, there in WAYS:
            about = (scene.__doc__ or "").strip()
            print(f"\n=== {name}: {here} → {there}\n{about}\n")
            try:
                await play(scene, here, there, on_line=print)
            except Exception:
                traceback.print_exc(file=sys.stdout)
                failed.append(f"{name} ({here} → {there})")
    print(f"\n{len(SCENES) * len(WAYS) - len(failed)} scenes played, {len(failed)} did not happen as told")
    for name in failed:
        print(f"  did not happen: {name}")
    return 1 if failed else 0


def main() -> int:
    """Exit status 1 when any step of any scene did not happen."""
    return asyncio.run(_play_all())
