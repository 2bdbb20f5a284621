"""The demo's page in a headless Chromium, as a visitor meets it."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import async_playwright

from bot.playground.page.server import served
from tests.browser.chromium import MISSING, find
from tests.browser.visitor import Visitor

FLAGS = ["--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync",
         "--no-first-run"]  # fmt: skip
DESK = (1280, 800)


@pytest.fixture
async def visitor(tmp_path: Path) -> AsyncIterator[Visitor]:
    """A visitor at a desk, and the village that the page shows. What the page's script got wrong fails the test."""
    if (browser := find()) is None:
        pytest.skip(MISSING)
    flags = [*FLAGS, "--no-sandbox"] if os.name == "posix" and os.geteuid() == 0 else FLAGS
    async with served(tmp_path) as (address, village), async_playwright() as player:
        chromium = await player.chromium.launch(executable_path=browser, args=flags)
        page = await chromium.new_page(viewport={"width": DESK[0], "height": DESK[1]}, reduced_motion="reduce")
        problems: list[str] = []
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("console", lambda said: problems.append(said.text) if said.type == "error" else None)
        await page.goto(address)
        visitor = Visitor(page, village)
        await visitor.arrives()
        yield visitor
        await chromium.close()
        assert problems == []
