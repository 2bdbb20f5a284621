"""The playground's webhook: posts what happened to the address that the bot gave, until it is taken."""

from __future__ import annotations

import asyncio
import json
import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

import aiohttp

from bot.playground.telegram_model import Json, bad_request
from bot.playground.telegram_rules import boolean, integer, string, structure
from bot.playground.telegram_updates import Update

if TYPE_CHECKING:
    from bot.playground.telegram_world import World

SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}", re.ASCII)
MOST_CONNECTIONS = 100
USUAL_CONNECTIONS = 40
FIRST_PAUSE, LONGEST_PAUSE = 0.02, 1.0  # seconds before an update is posted again; Telegram takes its time
PATIENCE = 10.0


@dataclass
class Hook:
    """Where to post, and how it went; `taken` counts the posts that were answered with 2xx."""

    url: str
    secret: str = ""
    connections: int = USUAL_CONNECTIONS
    taken: int = 0
    posts: int = 0
    failed_at: datetime | None = None
    failure: str = ""
    busy: set[str] = field(default_factory=set)  # the chats that an update is on its way for: one at a time each


def set_webhook(world: World, params: Json) -> bool:
    """https://core.telegram.org/bots/api#setwebhook; plain http is taken, as by a local Bot API server."""
    url, secret = string(params, "url").strip(), string(params, "secret_token")
    if not url:
        return delete_webhook(world, params)
    if not re.fullmatch(r"https?://[^\s/]+(?:/\S*)?", url):
        raise bad_request("bad webhook: An HTTPS URL must be provided for webhook")
    if secret and not SECRET.fullmatch(secret):
        raise bad_request("secret token contains unallowed characters")
    if boolean(params, "drop_pending_updates"):
        world.updates.queue.clear()
    world.updates.limit_to(structure(params, "allowed_updates", "can't parse allowed updates JSON object"))
    connections = integer(params, "max_connections", USUAL_CONNECTIONS)
    world.hook = Hook(url, secret, max(1, min(MOST_CONNECTIONS, connections)))
    world.updates.interrupt()
    world.changed()
    return True


def delete_webhook(world: World, params: Json) -> bool:
    """https://core.telegram.org/bots/api#deletewebhook"""
    if boolean(params, "drop_pending_updates"):
        world.updates.queue.clear()
    world.hook = None
    world.changed()
    return True


def get_webhook_info(world: World, params: Json) -> Json:
    """https://core.telegram.org/bots/api#getwebhookinfo"""
    hook, updates = world.hook, world.updates
    shown: Json = {"url": hook.url if hook else "", "has_custom_certificate": False}
    shown["pending_update_count"] = len(updates.queue)
    if hook is not None:
        shown["max_connections"] = hook.connections
        shown["ip_address"] = "127.0.0.1"
        if hook.failed_at is not None:
            shown |= {"last_error_date": int(hook.failed_at.timestamp()), "last_error_message": hook.failure}
    if updates.allowed:
        shown["allowed_updates"] = sorted(updates.allowed)
    return shown


class Poster:
    """Posts the queue to the webhook: what is of one chat in its order, of different chats side by side."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._tasks: set[asyncio.Task[None]] = set()
        self._running: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin; nothing is posted until there is a webhook."""
        self._running = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """Let go of everything; what was not taken stays in the queue."""
        tasks = [*self._tasks, *([self._running] if self._running else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._running = None

    async def _run(self) -> None:
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=PATIENCE)) as session:
            while True:
                hook = self._world.hook
                if hook is not None:
                    self._send_out(session, hook)
                await self._world.change()

    def _send_out(self, session: aiohttp.ClientSession, hook: Hook) -> None:
        passed: set[str] = set()
        for update in list(self._world.updates.queue):
            chat = chat_in(update)
            if len(hook.busy) >= hook.connections:
                return
            if chat not in hook.busy and chat not in passed:
                hook.busy.add(chat)
                task = asyncio.create_task(self._insist(session, hook, chat, update))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)
            passed.add(chat)

    async def _insist(self, session: aiohttp.ClientSession, hook: Hook, chat: str, update: Update) -> None:
        """Post one update until it is taken, or the webhook is another."""
        pause = FIRST_PAUSE
        copies = self._world.updates.copies(update)
        while self._world.hook is hook and update in self._world.updates.queue:
            if all(await asyncio.gather(*(self._post(session, hook, copy) for copy in copies))):
                self._world.updates.posted(update)
                break
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)
        hook.busy.discard(chat)
        self._world.changed()

    async def _post(self, session: aiohttp.ClientSession, hook: Hook, body: str) -> bool:
        headers = {"Content-Type": "application/json"}
        if hook.secret:
            headers["X-Telegram-Bot-Api-Secret-Token"] = hook.secret
        hook.posts += 1
        try:
            async with session.post(hook.url, data=body.encode(), headers=headers, allow_redirects=False) as answer:
                if 200 <= answer.status < 300:
                    hook.taken += 1
                    return True
                hook.failure = f"Wrong response from the webhook: {answer.status} {answer.reason}"
        except (aiohttp.ClientError, TimeoutError):
            hook.failure = "Connection failed"
        hook.failed_at = self._world.clock()
        self._world.changed()
        return False


def chat_in(update: Update) -> str:
    """The chat or the person that an update is about: what is of one is posted in order."""
    body = json.loads(update.encoded)
    for content in body.values():
        if isinstance(content, dict):
            about = content.get("chat") or content.get("from") or {}
            if isinstance(about, dict):
                return str(about.get("id", ""))
    return ""
