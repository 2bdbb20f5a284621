"""A visitor looks for advice in a group on Telegram, with the mouse, the keyboard alone and a screen reader's words."""

from __future__ import annotations

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Locator, expect

from tests.browser.visitor import Visitor
from tests.playground import advice


@pytest.fixture(autouse=True)
def _advice(monkeypatch: pytest.MonkeyPatch) -> None:
    """Before the visitor comes."""
    advice.put(monkeypatch)


@pytest.fixture
async def group(_advice: None, visitor: Visitor) -> Locator:
    """Alva's group without the bot, open before the visitor."""
    pane = visitor.pane("telegram")
    await pane.get_by_role("button", name="Bokpartiet", exact=True).click()
    await expect(pane.locator(".log")).to_contain_text("Skriv @tryggvag_bot och några ord")
    return pane


async def test_advice_is_found_by_the_bots_name_and_chosen(visitor: Visitor, group: Locator) -> None:
    """It stands in the group then, for the others too, and says by which bot."""
    await visitor.page.locator("#telegram-field").fill("@tryggvag_bot hotfullt")
    await group.get_by_role("button", name="Hotfullt samtal").click()
    await visitor.reads("telegram", "Lägg på. Ring 112.")
    await visitor.reads("telegram", "genom @tryggvag_bot")
    await expect(visitor.page.locator("#telegram-field")).to_have_value("")
    await expect(visitor.page.locator("#telegram-field")).to_be_focused()
    await visitor.sits("mira-telegram")
    await group.get_by_role("button", name="Bokpartiet", exact=True).click()
    await visitor.reads("telegram", "Lägg på. Ring 112.")


async def test_advice_is_found_with_the_keyboard_alone_and_said_aloud(visitor: Visitor, group: Locator) -> None:
    """Arrows walk the list, Escape closes it and leaves the words, Enter goes to the first and chooses it."""
    page, field = visitor.page, visitor.page.locator("#telegram-field")
    await field.focus()
    await page.keyboard.type("@tryggvag_bot hot")
    status = group.get_by_role("status").filter(has_text="råd")
    await expect(status).to_have_text("2 råd. Gå till dem med pil upp.")
    keys = group.locator(".looking button")
    await page.keyboard.press("ArrowUp")
    await expect(keys.last).to_be_focused()
    await page.keyboard.press("ArrowUp")
    await expect(keys.first).to_be_focused()
    await page.keyboard.press("ArrowUp")
    await expect(field).to_be_focused()
    assert (await Axe().run(page)).response["violations"] == []
    await page.keyboard.press("Escape")
    await expect(keys).to_have_count(0)
    await expect(field).to_have_value("@tryggvag_bot hot")
    await page.keyboard.type("f")
    await expect(status).to_have_text("1 råd. Gå till det med pil upp.")
    await page.keyboard.press("Enter")
    await expect(keys.first).to_be_focused()
    await page.keyboard.press("Enter")
    await visitor.reads("telegram", "Lägg på. Ring 112.")
    await expect(field).to_be_focused()


async def test_words_that_find_nothing_say_so_and_lead_to_the_bot(visitor: Visitor, group: Locator) -> None:
    """Other words, and another bot's name, show no list."""
    field = visitor.page.locator("#telegram-field")
    await field.fill("@tryggvag_bot cykel")
    await expect(group.locator(".looking [role=status]")).to_have_text("Inget råd passar de orden.")
    await expect(group.get_by_role("button", name="Öppna boten")).to_be_visible()
    await field.fill("@annan_bot hot")
    await expect(group.locator(".looking button")).to_have_count(0)
    await field.fill("@tryggvag_bot cykel")
    await group.get_by_role("button", name="Öppna boten").click()
    await group.get_by_role("button", name="Direkt med boten").click()
    await visitor.reads("telegram", "/start inline")
