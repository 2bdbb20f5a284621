"""The page is for everybody: the keyboard alone, a screen reader, a phone, large letters, light and dark."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page, expect

from tests.browser.test_story import flags_now
from tests.browser.visitor import Visitor

PHONE = (390, 844)
PICTURE = "TRYGGVAG_TEST_PICTURE"


async def tabs_to(page: Page, selector: str, most: int = 60) -> None:
    """Press Tab until what has the focus is this. Fails when it is never reached."""
    for _ in range(most):
        await page.keyboard.press("Tab")
        if await page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"the keyboard never came to {selector}")


async def test_something_that_happens_now_can_be_flagged_with_the_keyboard_alone(visitor: Visitor) -> None:
    page = visitor.page
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")  # the skip link
    await tabs_to(page, "#telegram-field")
    await page.keyboard.type("/flagga")
    await page.keyboard.press("Enter")
    await expect(visitor.key("telegram", "Händer nu")).to_be_visible()
    await page.keyboard.press("Shift+Tab")
    for _ in range(12):
        if await page.evaluate("document.activeElement.textContent") == "Händer nu":
            break
        await page.keyboard.press("Shift+Tab")
    await page.keyboard.press("Enter")
    await visitor.reads("telegram", "Ärende 1 är sparat")
    assert await page.evaluate("document.activeElement.closest('#pane-telegram') !== null"), "the focus was lost"
    await tabs_to(page, "#telegram-field")
    await page.keyboard.type("Torget,")
    await page.keyboard.press("Shift+Enter")
    await page.keyboard.type("vid fontänen")
    await page.keyboard.press("Enter")
    await visitor.reads("telegram", "Plats: Torget")


async def test_a_window_keeps_the_keyboard_closes_with_escape_and_gives_the_focus_back(visitor: Visitor) -> None:
    page = visitor.page
    await visitor.sits("ove-slack")
    await visitor.writes("slack", "/flagga")
    await visitor.presses("slack", "På gång")
    await expect(visitor.key("slack", "Fyll i formuläret")).to_be_visible()
    await visitor.key("slack", "Fyll i formuläret").focus()
    await page.keyboard.press("Enter")
    window = page.get_by_role("dialog")
    await expect(window.get_by_label("Händelse")).to_be_visible()
    for _ in range(20):
        await page.keyboard.press("Tab")
        outside = "document.activeElement !== document.body && !document.activeElement.closest('dialog')"
        assert not await page.evaluate(outside), "the keyboard left the window"
    await page.keyboard.press("Escape")
    await expect(window).to_be_hidden()
    assert await page.evaluate("document.activeElement.textContent") == "Fyll i formuläret"


async def violations(page: Page) -> list[str]:
    """What axe-core finds, with where."""
    found: dict[str, Any] = (await Axe().run(page)).response
    return [f"{one['id']}: {node['html'][:160]}" for one in found["violations"] for node in one["nodes"]]


@pytest.mark.parametrize("language", ["Svenska", "English"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_axe_finds_nothing_wrong_on_a_desk_and_on_a_phone(visitor: Visitor, scheme: Any, language: str) -> None:
    page = visitor.page
    await page.emulate_media(color_scheme=scheme)
    await visitor.breaks("telegram", "Svarar långsamt")
    await flags_now(visitor)
    await visitor.moves_clock("+5 min")
    await page.get_by_role("button", name=language).click()
    await expect(page.locator("#trace .group").first).to_be_visible()
    await page.locator("#pane-slack [aria-expanded]").click()
    assert await violations(page) == []
    await visitor.becomes(*PHONE)
    for tab in ("telegram", "slack", "trace", "tools"):
        await page.locator(f"#tab-{tab}").click()
        assert await violations(page) == [], tab


async def test_axe_finds_nothing_wrong_in_the_window_with_an_error(visitor: Visitor) -> None:
    await visitor.sits("ove-slack")
    await visitor.writes("slack", "/flagga")
    await visitor.presses("slack", "På gång")
    await visitor.presses("slack", "Fyll i formuläret")
    window = visitor.page.get_by_role("dialog")
    await window.get_by_label("Tid").fill("blåbär")
    await window.locator(".send").click()
    await expect(window.locator(".error:not(:empty)").first).to_be_visible()
    assert await violations(visitor.page) == []


async def test_a_phone_shows_one_pane_at_a_time_and_its_tabs_move_with_the_arrows(visitor: Visitor) -> None:
    page = visitor.page
    await visitor.becomes(*PHONE)
    await expect(visitor.pane("telegram")).to_be_visible()
    await expect(visitor.pane("slack")).to_be_hidden()
    await page.locator("#tab-telegram").focus()
    await page.keyboard.press("ArrowRight")
    await expect(visitor.pane("slack")).to_be_visible()
    await expect(visitor.pane("telegram")).to_be_hidden()
    await visitor.sits("mira-telegram")
    await expect(visitor.pane("telegram")).to_be_visible()


@pytest.mark.parametrize(("width", "height"), [(360, 640), (640, 400), (320, 640), (1024, 768)])
async def test_nothing_is_cut_off_on_a_small_screen_or_at_200_percent(
    visitor: Visitor, width: int, height: int
) -> None:
    await flags_now(visitor)
    await visitor.becomes(width, height)
    wide = "document.documentElement.scrollWidth <= window.innerWidth"
    assert await visitor.page.evaluate(wide), "the page scrolls sideways"
    await expect(visitor.page.locator("#telegram-field")).to_be_visible()
    box = await visitor.page.locator("#telegram-field").bounding_box()
    assert box is not None
    assert box["width"] > 90


async def test_every_target_is_large_enough_for_a_finger_on_a_phone(visitor: Visitor) -> None:
    await flags_now(visitor)
    await visitor.becomes(*PHONE)
    small = """[...document.querySelectorAll('button, select, textarea, a[href]:not(.skip)')]
        .filter(node => node.offsetParent).map(node => [node.textContent, node.getBoundingClientRect()])
        .filter(([, box]) => box.width < 44 || box.height < 44)
        .map(([text, box]) => `${text} ${box.width}x${box.height}`)"""
    assert await visitor.page.evaluate(small) == []


@pytest.mark.skipif(not os.environ.get(PICTURE), reason=f"the picture is taken when {PICTURE} says where")
async def test_the_picture_for_the_readme(visitor: Visitor) -> None:
    """Not a test of anything but its size: leaves the picture."""
    await flags_now(visitor)
    await visitor.writes("telegram", "Biblioteket på Skolgatan, andra våningen")
    await visitor.reads("telegram", "Har du ringt 112?")
    await visitor.presses("slack", "Jag tar den")
    await visitor.presses("slack", "Inom 15 minuter")
    await visitor.reads("telegram", "hör av sig senast")
    await visitor.presses("slack", "Visa")
    await visitor.reads("slack", "Biblioteket på Skolgatan")
    await visitor.page.locator("#trace").evaluate("node => { node.scrollTop = 0; }")
    picture = await visitor.page.screenshot(path=Path(os.environ[PICTURE]))
    assert len(picture) < 300_000
