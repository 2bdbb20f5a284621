"""The state of one Slack workspace with one app in it, and the events that its changes cause."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from bot.playground.slack_model import (
    Account,
    Conversation,
    Hook,
    Limited,
    Modal,
    Refusal,
    Refused,
    Sent,
    SlackFile,
    Trigger,
)
from bot.playground.slack_rules import MOST_BLOCK_TEXT, check_message
from bot.playground.slack_socket import Delivery, Sockets
from bot.playground.slack_text import Json

TRIGGER_LIVES = timedelta(seconds=3)
HOOK_LIVES = timedelta(minutes=30)
HOOK_USES = 5
BURST = 3.0
POST_TEXT = 40_000


class Workspace:
    """Everything that Slack knows; the Web API, the sockets and the people all act on this."""

    def __init__(self, team: str, clock: Callable[[], datetime], *, limits: bool, echo: bool) -> None:
        self.team = team
        self.clock = clock
        self.limits = limits
        self.echo = echo
        self.app_id, self.bot_id, self.domain = "A0FIKTIV", "B0FIKTIV", "fiktiv"
        self.bot = Account("U0FIKTIVBOT", "tryggvag", team, is_bot=True)
        self.base_url = ""
        self.accounts: dict[str, Account] = {self.bot.id: self.bot}
        self.conversations: dict[str, Conversation] = {}
        self.modals: dict[str, tuple[Account, Modal]] = {}
        self.triggers: dict[str, Trigger] = {}
        self.hooks: dict[str, Hook] = {}
        self.files: dict[str, SlackFile] = {}
        self.refused_acks: list[Refusal] = []
        self.sockets = Sockets(self.app_id, clock, self.changed)
        self._pulse = asyncio.Event()
        # Ids of people and channels repeat from run to run; those of events never do: a bot remembers them.
        self._serial = count(1)
        self._event_serial = count(time.time_ns())
        self._last_ts = 0

    def changed(self) -> None:
        """Wake whoever waits for something here."""
        self._pulse.set()
        self._pulse = asyncio.Event()

    async def wait_for(self, condition: Callable[[], object], within: float, what: str) -> None:
        """Return once the condition holds; it is looked at again whenever something changes."""
        try:
            async with asyncio.timeout(within):
                while not condition():
                    await self._pulse.wait()
        except TimeoutError:
            raise AssertionError(f"{what} did not happen within {within:g} s") from None

    def new_id(self, prefix: str) -> str:
        """An id of a person, a channel or a view."""
        return f"{prefix}0FIKT{next(self._serial):05d}"

    def new_event_id(self, prefix: str = "Ev0") -> str:
        """An id that no earlier server gave either."""
        return f"{prefix}{next(self._event_serial):X}"

    def new_ts(self) -> str:
        """A message's timestamp, later than every earlier one."""
        self._last_ts = max(int(self.clock().timestamp() * 1_000_000), self._last_ts + 1)
        return f"{self._last_ts // 1_000_000}.{self._last_ts % 1_000_000:06d}"

    def new_trigger(self, account: Account) -> str:
        """The right to open one modal, for three seconds."""
        serial = next(self._event_serial)
        trigger = f"{serial}.{serial % 9_999_991}.{serial:032x}"
        self.triggers[trigger] = Trigger(account, self.clock())
        return trigger

    def spend_trigger(self, trigger_id: object) -> Account:
        """Exchange a trigger for the person whose screen the modal opens on."""
        trigger = self.triggers.get(trigger_id) if isinstance(trigger_id, str) else None
        if trigger is None:
            raise Refused("invalid_trigger_id")
        if trigger.spent:
            raise Refused("exchanged_trigger_id")
        if self.clock() - trigger.made > TRIGGER_LIVES:
            raise Refused("expired_trigger_id")
        trigger.spent = True
        return trigger.account

    def new_hook(self, account: Account, conversation: Conversation, source: Sent | None) -> str:
        """A `response_url` for one press or command."""
        token = self.new_event_id("H0")
        self.hooks[token] = Hook(account, conversation, source, self.clock())
        return f"{self.base_url.removesuffix('api/')}response/{token}"

    def use_hook(self, token: str) -> Hook:
        """Count one use of a `response_url`."""
        hook = self.hooks.get(token)
        if hook is None or self.clock() - hook.made > HOOK_LIVES:
            raise Refused("expired_url")
        if hook.uses >= HOOK_USES:
            raise Refused("used_url")
        hook.uses += 1
        return hook

    def dm(self, account: Account) -> Conversation:
        """The direct message between the bot and a person, opened when it is not."""
        if account.dm is None:
            members = {account.id: None, self.bot.id: None}
            account.dm = Conversation(self.new_id("D"), account.name, "im", members)
            self.conversations[account.dm.id] = account.dm
        return account.dm

    def content(self, params: Json, text_limit: int) -> tuple[str | None, list[Json] | None]:
        """Text and blocks of a message as given, or Slack's refusal of them."""
        text, blocks = params.get("text"), params.get("blocks")
        if text is not None and not isinstance(text, str):
            raise invalid("must be a string [json-pointer:/text]")
        if text is not None and len(text) > text_limit:
            raise Refused("msg_too_long")
        if blocks is None:
            return text, None
        if not isinstance(blocks, list):
            raise Refused("invalid_blocks_format")
        found = check_message(blocks)
        if found.messages:
            raise refused_blocks("invalid_blocks", found.messages)
        if found.size > MOST_BLOCK_TEXT:
            raise Refused("msg_blocks_too_long")
        self.identify(blocks)
        return text, blocks

    def identify(self, blocks: list[Json]) -> None:
        """Give blocks and elements the ids that the app left out, as Slack does."""
        for block in blocks:
            if not block.get("block_id"):
                block["block_id"] = f"b{next(self._serial)}"
            for part in _parts(block):
                if not part.get("action_id"):
                    part["action_id"] = f"a{next(self._serial)}"

    def post(
        self,
        conversation: Conversation,
        author: Account,
        text: str,
        blocks: list[Json],
        *,
        thread_ts: str | None = None,
        broadcast: bool = False,
        to: Account | None = None,
        files: tuple[SlackFile, ...] = (),
        quoted: tuple[Json, ...] = (),
    ) -> Sent:
        """Put a message in a conversation; the bot's are listed, and echoed as events."""
        at, ts, seer = self.clock(), self.new_ts(), to.id if to else None
        sent = Sent(conversation.id, ts, text, blocks, at, author.id, thread_ts, to=seer, files=files, quoted=quoted)
        sent.broadcast = broadcast
        for file in files:
            file.complete, file.shares[conversation.id] = True, ts
        conversation.by_ts[ts] = sent
        if author is self.bot:
            conversation.messages.append(sent)
            if self._echoed(conversation, sent):
                self.tell({**self.message(sent), "channel": conversation.id}, conversation, echo=True)
        self.changed()
        return sent

    def revise(self, conversation: Conversation, sent: Sent, text: str, blocks: list[Json]) -> None:
        """Change a message where it stands."""
        before = self.message(sent)
        sent.revise(text, blocks)
        if self._echoed(conversation, sent):
            event = {
                "type": "message",
                "subtype": "message_changed",
                "hidden": True,
                "channel": conversation.id,
                "message": self.message(sent),
                "previous_message": before,
            }
            self.tell(event, conversation, echo=True)
        self.changed()

    def remove(self, conversation: Conversation, sent: Sent) -> None:
        """Delete a message."""
        sent.deleted = True
        conversation.by_ts.pop(sent.ts, None)
        conversation.messages.remove(sent)
        if self._echoed(conversation, sent):
            event = {
                "type": "message",
                "subtype": "message_deleted",
                "hidden": True,
                "channel": conversation.id,
                "deleted_ts": sent.ts,
                "previous_message": self.message(sent),
            }
            self.tell(event, conversation, echo=True)
        self.changed()

    def _echoed(self, conversation: Conversation, sent: Sent) -> bool:
        """Whether the bot is told of what became of its own message; by a `response_url` it writes where it is not."""
        return self.echo and not sent.ephemeral and self.bot.id in conversation.members

    def message(self, sent: Sent) -> Json:
        """A message as events and answers show it."""
        shown: Json = {"type": "message", "user": sent.author, "text": sent.text, "ts": sent.ts}
        shown["team"] = self.accounts[sent.author].team
        if sent.author == self.bot.id:
            shown |= {"bot_id": self.bot_id, "app_id": self.app_id}
        if sent.blocks:
            shown["blocks"] = sent.blocks
        if sent.thread_ts:
            shown["thread_ts"] = sent.thread_ts
        if sent.broadcast:
            shown["subtype"] = "thread_broadcast"
        if sent.quoted:
            shown["attachments"] = list(sent.quoted)
        if sent.files:
            cards = [self.card(file) for file in sent.files]
            shown |= {"subtype": "file_share", "files": cards, "upload": True, "display_as_bot": False}
        return shown

    def card(self, file: SlackFile) -> Json:
        """A file as events and answers show it."""
        return file.card(self.base_url.removesuffix("api/"), self.team, self.accounts[file.user].team)

    def tell(self, event: Json, conversation: Conversation | None, *, echo: bool = False) -> Delivery:
        """Send an event to the app."""
        ts = event.get("ts") or self.new_ts()
        event.setdefault("event_ts", ts)
        if event["type"] == "message":
            assert conversation is not None
            event |= {"ts": ts, "channel_type": conversation.event_kind}
        event_id = self.new_event_id()
        payload = {
            "token": "fiktiv",
            "team_id": self.team,
            "api_app_id": self.app_id,
            "event": event,
            "type": "event_callback",
            "event_id": event_id,
            "event_time": int(self.clock().timestamp()),
            "authorizations": [{"team_id": self.team, "user_id": self.bot.id, "is_bot": True}],
            "is_ext_shared_channel": bool(conversation and conversation.ext_shared),
        }
        return self.sockets.tell(Delivery(event_id, payload=payload), from_person=not echo)

    def pace(self, conversation: Conversation) -> None:
        """About one message a second and conversation, when limits are on."""
        if not self.limits:
            return
        now = self.clock().timestamp()
        gained = (now - conversation.allowed_at) if conversation.allowed_at else BURST
        conversation.allowance = min(BURST, conversation.allowance + gained)
        conversation.allowed_at = now
        if conversation.allowance < 1.0:
            raise Limited(1)
        conversation.allowance -= 1.0


def invalid(*problems: str) -> Refused:
    """The refusal of arguments, with Slack's `response_metadata`."""
    return Refused("invalid_arguments", response_metadata={"messages": [f"[ERROR] {p}" for p in problems]})


def refused_blocks(error: str, problems: list[str]) -> Refused:
    """The refusal of blocks, which names them twice as Slack does."""
    metadata: dict[str, Any] = {"messages": [f"[ERROR] {p}" for p in problems]}
    return Refused(error, errors=problems, response_metadata=metadata)


def _parts(block: Json) -> Iterator[Json]:
    if block["type"] == "actions":
        yield from block["elements"]
    for key in ("accessory", "element"):
        if isinstance(block.get(key), dict) and block[key].get("type") != "image":
            yield block[key]
