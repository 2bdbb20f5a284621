"""What only Slack can tell about people and channels. When it does not, the event goes on without."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from bot.events import Chat

Json = dict[str, Any]

NAME_WITHIN = 1.0  # seconds; a name is only a courtesy, and the event waits for it
SHARED = ("is_shared", "is_ext_shared", "is_org_shared", "is_pending_ext_shared")

log = logging.getLogger(__name__)


class Names:
    """What people and channels are called; a person's name is asked for once."""

    def __init__(self, client: AsyncWebClient) -> None:
        self._client = client
        self._known: dict[str, str] = {}

    async def person(self, user: str) -> str:
        """What others see; the id when Slack does not say."""
        if user not in self._known:
            try:
                async with asyncio.timeout(NAME_WITHIN):
                    found: Json = (await self._client.users_info(user=user))["user"]
            except Exception as error:
                log.warning("the name of %s is not known: %s", user, type(error).__name__)
                return user
            profile = found.get("profile") or {}
            self._known[user] = profile.get("display_name") or profile.get("real_name") or user
        return self._known[user]

    async def channel(self, chat: Chat) -> Chat:
        """The channel with its title, and whether others can read it."""
        try:
            async with asyncio.timeout(NAME_WITHIN):
                found: Json = (await self._client.conversations_info(channel=chat.id))["channel"]
        except Exception as error:
            # What cannot be looked at is not trusted with anybody's incident.
            log.warning("channel %s cannot be looked at: %s", chat.id, type(error).__name__)
            return replace(chat, public=True)
        public = not found.get("is_private") or any(found.get(sign) for sign in SHARED)
        return replace(chat, title=str(found.get("name") or ""), public=public)
