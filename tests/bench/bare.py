"""A bot of python-telegram-bot alone, as its own examples are written: what we are measured beside."""

from __future__ import annotations

import os
from typing import Any

from telegram import Update
from telegram.ext import ApplicationBuilder, MessageHandler, filters


async def answer(update: Update, _: Any) -> None:
    """One message for each message."""
    assert update.message is not None
    await update.message.reply_text("Du har inga ärenden.")


def main() -> None:
    """Until SIGTERM, with the library's own polling and transport."""
    token, base_url = os.environ["TRYGGVAG_TELEGRAM__TOKEN"], os.environ["TRYGGVAG_TELEGRAM__BASE_URL"]
    application = ApplicationBuilder().token(token).base_url(base_url).build()
    application.add_handler(MessageHandler(filters.ALL, answer))
    application.run_polling()


if __name__ == "__main__":
    main()
