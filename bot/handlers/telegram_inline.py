"""What is suggested to somebody who writes the bot's name in any chat, as Telegram takes it."""

from __future__ import annotations

import logging

from telegram import Bot, InlineQueryResultArticle, InlineQueryResultsButton, InputTextMessageContent
from telegram.constants import InlineQueryLimit, InlineQueryResultLimit, MessageLimit

from bot.events import Outcome, Suggestion
from bot.handlers.telegram_sending import NO_PREVIEW
from bot.handlers.telegram_text import clean, render
from bot.messages import clip, units

log = logging.getLogger(__name__)

# Telegram would show what was said five minutes ago, and to others too. A list may have changed since then, or the
# person's rights; and an empty answer that only came too late must not be repeated.
CACHE_SECONDS = 0
BUTTON_UNITS = 64  # Telegram names no limit; a phone shows one line
START = "inline"  # what `/start` has after it when somebody comes by the button


async def suggest(bot: Bot, query: str, outcome: Outcome) -> bool:
    """Answer a look, with nothing too; the toast is a button that leads to the chat with the bot."""
    return await bot.answer_inline_query(
        query, articles(outcome.suggestions), cache_time=CACHE_SECONDS, is_personal=True, button=button(outcome.toast)
    )


def articles(suggestions: tuple[Suggestion, ...]) -> list[InlineQueryResultArticle]:
    """The suggestions as Telegram takes them, as many as it takes. For one that it refuses it would refuse them all."""
    drawn: dict[str, InlineQueryResultArticle] = {}
    for suggestion in suggestions:
        key, title, text = clean(suggestion.id), clean(suggestion.title), render(suggestion.message)
        named = 0 < len(key.encode()) <= InlineQueryResultLimit.MAX_ID_LENGTH and key not in drawn and title.strip()
        if not (named and text.text.strip() and units(text.text) <= MessageLimit.MAX_TEXT_LENGTH):
            log.error("telegram: the suggestion %.64r cannot be shown", key)
            continue
        content = InputTextMessageContent(text.text, entities=text.entities, link_preview_options=NO_PREVIEW)
        drawn[key] = InlineQueryResultArticle(key, title, content, description=clean(suggestion.about) or None)
    return list(drawn.values())[: InlineQueryLimit.RESULTS]


def button(text: str) -> InlineQueryResultsButton | None:
    """The button above the suggestions, none without words for it."""
    label = clip(clean(text).strip(), BUTTON_UNITS)
    return InlineQueryResultsButton(label, start_parameter=START) if label else None
