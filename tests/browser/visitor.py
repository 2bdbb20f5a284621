"""What a visitor does on the page, by what can be seen and heard there."""

from __future__ import annotations

from dataclasses import dataclass

from playwright.async_api import Locator, Page, expect

from bot.playground.page.village import Village


@dataclass
class Visitor:
    """One visitor; the panes are "telegram" and "slack"."""

    page: Page
    village: Village

    async def arrives(self) -> None:
        """Wait until somebody sits in both panes."""
        await expect(self.page.locator("#telegram-field")).to_be_attached()
        await expect(self.page.locator("#slack-title")).to_be_attached()

    def pane(self, platform: str) -> Locator:
        """One pane."""
        return self.page.locator(f"#pane-{platform}")

    async def sits(self, seat: str) -> None:
        """Become somebody: "alva-telegram"."""
        await self.page.locator(f"[data-seat={seat}]").click()

    async def writes(self, platform: str, text: str) -> None:
        """Write, and send with Enter."""
        await self.page.locator(f"#{platform}-field").fill(text)
        await self.page.locator(f"#{platform}-field").press("Enter")

    def key(self, platform: str, label: str) -> Locator:
        """The newest button with exactly this label."""
        return self.pane(platform).locator(".keyboard").get_by_role("button", name=label, exact=True).last

    async def presses(self, platform: str, label: str) -> None:
        """Press the newest button with this label."""
        await self.key(platform, label).click()

    async def reads(self, platform: str, text: str) -> None:
        """See these words in the conversation."""
        await expect(self.pane(platform).locator(".log")).to_contain_text(text)

    async def moves_clock(self, label: str) -> None:
        """Press one of the clock's buttons."""
        await self.page.locator("#steps").get_by_role("button", name=label, exact=True).click()

    async def breaks(self, platform: str, trouble: str) -> None:
        """Switch on a fault by its words."""
        await self.page.locator(f"#trouble-{platform}").select_option(label=trouble)
        await expect(self.pane(platform).locator(".trouble")).to_have_text(trouble)

    async def becomes(self, width: int, height: int) -> None:
        """Look at it on another screen."""
        await self.page.set_viewport_size({"width": width, "height": height})
