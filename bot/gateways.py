"""What delivery asks of an SMS and voice gateway: the last way to somebody who does not answer in the chat.

Nobody writes there, so it is no platform: nothing is received, edited or pressed.
"""

from __future__ import annotations

import unicodedata
from typing import Protocol

from bot.messages import Message, part_text

SMS = "sms"  # what the outbox, the lease, the limits and the figures call the gateway
VOICE = "voice"  # in House.gateways: it can ring too

# GSM 03.38 without its second table. In any other character an SMS holds 67 characters a part instead of 153.
GSM = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
ALMOST = {"–": "-", "—": "-", "·": "-", "’": "'", "‘": "'", "”": '"', "“": '"'}


class Gateway(Protocol):
    """One gateway. `number` is in E.164; both return the gateway's own reference, which proves that it took it.

    They fail as `bot.channels` says: Wait, NotSent, Unsure, Refused, PlatformDown.
    """

    async def text(self, number: str, words: str) -> str:
        """Send an SMS."""

    async def call(self, number: str, words: str) -> str:
        """Let the telephone ring, and say this; or what was recorded, where the gateway cannot speak."""

    async def close(self) -> None:
        """Close the connections."""


def words_of(message: Message) -> str:
    """The message as an SMS has it: a line for each part, and only characters that do not make it dearer."""
    return gsm("\n".join(part_text(part) for part in message.parts))


def gsm(text: str) -> str:
    """The text in the alphabet of SMS, each other character as the nearest one in it."""
    return "".join(one if one in GSM else _nearest(one) for one in text)


def _nearest(character: str) -> str:
    known = (part for part in unicodedata.normalize("NFKD", character) if part in GSM)
    return ALMOST.get(character) or "".join(known) or "?"
