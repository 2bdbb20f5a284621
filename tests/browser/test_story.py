"""The story, played on the page in a real browser."""

from __future__ import annotations

from playwright.async_api import FilePayload, expect

from tests.browser.visitor import Visitor


async def flags_now(visitor: Visitor) -> None:
    """Alva flags on Telegram what happens now."""
    await visitor.writes("telegram", "/flagga")
    await visitor.presses("telegram", "Händer nu")
    await visitor.reads("telegram", "Ärende 1 är sparat")


async def test_a_contact_flags_on_telegram_and_sees_there_who_on_slack_has_it(visitor: Visitor) -> None:
    await flags_now(visitor)
    await visitor.writes("telegram", "Biblioteket på Skolgatan")
    await visitor.reads("telegram", "Plats: Biblioteket på Skolgatan")
    await visitor.reads("slack", "Ärende 1 · Händer nu")
    await visitor.presses("slack", "Jag tar den")
    await visitor.presses("slack", "Inom 15 minuter")
    await visitor.reads("telegram", "Siv Almgren hör av sig senast")


async def test_the_chief_writes_to_all_on_slack_and_sees_there_who_has_read_it_on_telegram(visitor: Visitor) -> None:
    await visitor.writes("slack", "/utskick")
    await visitor.presses("slack", "AKUT · Håll er inne")
    await visitor.presses("slack", "Skicka till 2 personer")
    await visitor.reads("telegram", "AKUT · Håll er inne")
    await visitor.presses("telegram", "Jag är trygg")
    await visitor.moves_clock("+1 min")
    await visitor.reads("slack", "1 av 2 partier och 1 av 2 personer har svarat.")


async def test_who_is_not_looked_at_gets_a_count_of_what_is_unread_and_loses_it_when_looked_at(
    visitor: Visitor,
) -> None:
    bo = visitor.page.locator("[data-seat=bo-slack]")
    assert await bo.get_attribute("aria-label") == "Slack, Bo Ekdal"
    await flags_now(visitor)
    await expect(bo).to_have_attribute("aria-label", "Slack, Bo Ekdal, 2 olästa")
    await visitor.sits("bo-slack")
    await visitor.reads("slack", "Ärende 1 · Händer nu")
    await visitor.pane("slack").get_by_role("button", name="# säkerhetsenheten").click()
    await visitor.reads("slack", "Ingen har tagit det än")
    await expect(bo).to_have_attribute("aria-label", "Slack, Bo Ekdal")


async def test_an_official_flags_in_slacks_window_and_is_told_at_the_field_what_was_not_understood(
    visitor: Visitor,
) -> None:
    await visitor.sits("ove-slack")
    await visitor.writes("slack", "/flagga")
    await visitor.presses("slack", "På gång")
    await visitor.presses("slack", "Fyll i formuläret")
    window = visitor.page.get_by_role("dialog")
    await window.locator(".send").click()
    await expect(window.get_by_label("Vad det gäller")).to_be_focused()
    await window.get_by_label("Vad det gäller").select_option("Hot")
    await window.get_by_label("Händelse").fill("Någon följer efter mig hem")
    await window.get_by_label("Tid").fill("blåbär")
    await window.locator(".send").click()
    await expect(window.get_by_label("Tid")).to_have_attribute("aria-invalid", "true")
    await expect(window.locator(".error:not(:empty)")).to_contain_text("Jag förstod inte tiden")
    assert await window.get_by_label("Händelse").input_value() == "Någon följer efter mig hem"
    await window.get_by_label("Tid").fill("i morgon 9")
    await window.locator(".send").click()
    await expect(window).to_be_hidden()
    await visitor.presses("slack", "Bara enheten")
    await visitor.presses("slack", "Skicka till enheten")
    await visitor.reads("slack", "Ärende 1")


async def test_the_clock_lets_a_visitor_see_the_briefings_before_the_council_come(visitor: Visitor) -> None:
    await visitor.moves_clock("Till kl. 8")
    await visitor.reads("slack", "God morgon")
    await visitor.reads("slack", "Gå igenom lokalen före mötet")
    for _ in range(8):
        await visitor.moves_clock("+1 tim")
    await visitor.reads("telegram", "Före mötet: se var utgångarna är")
    await visitor.presses("telegram", "Läst")
    await visitor.reads("telegram", "Du läste det")


async def test_when_the_clock_is_moved_an_hour_each_promise_in_it_is_kept_at_its_own_time(visitor: Visitor) -> None:
    await flags_now(visitor)
    await visitor.sits("bo-slack")
    await visitor.moves_clock("+1 tim")
    await visitor.reads("telegram", "Ingen har svarat på ärende 1 än")
    told = visitor.pane("telegram").locator("article", has_text="Ingen har svarat på ärende 1 än").last
    await expect(told.locator("time")).to_have_text("10.10")
    await expect(visitor.page.locator("#clock")).to_contain_text("11.0")
    await expect(visitor.page.locator("#trace")).to_contain_text("Klockan hann fram till något som boten har lovat.")


async def test_a_platform_that_loses_its_answers_gets_the_notice_once_more_and_marked(visitor: Visitor) -> None:
    await visitor.breaks("slack", "Tappar svaret")
    await flags_now(visitor)
    await visitor.reads("slack", "Upprepat")
    await expect(visitor.page.locator("#trace")).to_contain_text("men svaret försvann")


async def test_what_happened_is_told_from_the_event_to_the_platforms_answer_and_holds_nobodys_words(
    visitor: Visitor,
) -> None:
    await flags_now(visitor)
    await visitor.writes("telegram", "Biblioteket på Skolgatan")
    await visitor.reads("telegram", "Plats: Biblioteket på Skolgatan")
    newest = visitor.page.locator("#trace .group").first
    await expect(newest.locator(".event")).to_contain_text("Alva Bergfors skrev på Telegram.")
    await expect(newest.locator(".transaction code")).to_contain_text("INSERT outbox")
    await expect(newest.locator(".outbox .state").first).to_have_text("framme")
    await expect(newest.locator(".platform").first).to_contain_text("Telegram tog emot")
    assert "Skolgatan" not in (await visitor.page.locator("#trace").inner_text())


async def test_a_stranger_uses_an_invitation_that_the_chief_has_just_made(visitor: Visitor) -> None:
    await visitor.writes("slack", "/bjudin")
    for label in ("Förtroendevald", "Inget parti"):
        await visitor.presses("slack", label)
    await visitor.reads("slack", "Vad heter personen?")
    await visitor.writes("slack", "Elsa Nyman")
    await visitor.presses("slack", "Gör inbjudan")
    await visitor.sits("elsa-telegram")
    await visitor.pane("telegram").get_by_role("button", name="Använd koden").click()
    await visitor.presses("slack", "Ja, släpp in")
    await visitor.reads("telegram", "Välkommen, Elsa Nyman")


async def test_the_page_and_the_bot_speak_english_when_the_visitor_does(visitor: Visitor) -> None:
    await visitor.page.get_by_role("button", name="English").click()
    await expect(visitor.page.locator("html")).to_have_attribute("lang", "en")
    await expect(visitor.page.get_by_role("heading", name="What just happened?")).to_be_visible()
    await visitor.writes("telegram", "/flag")
    await visitor.reads("telegram", "Is it happening now")


async def test_a_picture_from_the_contact_stands_in_her_chat_and_the_unit_can_open_it(visitor: Visitor) -> None:
    await flags_now(visitor)
    picture = FilePayload(name="dorr.png", mimeType="image/png", buffer=PIXEL)
    await visitor.pane("telegram").locator("input[type=file]").set_input_files(picture)
    shown = visitor.pane("telegram").locator("figure img")
    await expect(shown).to_be_visible()
    assert await shown.evaluate("image => image.complete && image.naturalWidth") == 1
    await visitor.sits("bo-slack")
    await visitor.reads("slack", "Nytt underlag i ärende 1")
    await visitor.presses("slack", "Visa")
    await visitor.presses("slack", "Visa underlag")
    await visitor.presses("slack", "Öppna 1")
    opened = visitor.pane("slack").locator("figure img")
    await expect(opened).to_be_visible()
    assert await opened.evaluate("image => image.complete && image.naturalWidth") == 1


PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c4944415408d763f8cfc0000003010100c9fe92ef"
    "0000000049454e44ae426082"
)
