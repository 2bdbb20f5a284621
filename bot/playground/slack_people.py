"""The people in the playground: what they read, write, press and fill in, and the channels they share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.playground.slack_form import Entry, fill
from bot.playground.slack_methods import handle, leave
from bot.playground.slack_modals import answered, drop, shown
from bot.playground.slack_model import Account, Conversation, Modal, Refusal, Refused, Sent
from bot.playground.slack_socket import Delivery
from bot.playground.slack_text import Json, buttons, choices, interactive, typed
from bot.playground.slack_workspace import POST_TEXT, Workspace
from bot.playground.slack_writing import heard, quotation, say, upload, written


class Human:
    """One person with Slack open."""

    def __init__(self, space: Workspace, account: Account) -> None:
        self.space = space
        self.account = account

    @property
    def id(self) -> str:
        """Slack's id of the person."""
        return self.account.id

    @property
    def name(self) -> str:
        """What others see."""
        return self.account.name

    @property
    def dm(self) -> str:
        """The id of the direct message with the bot."""
        return self.space.dm(self.account).id

    @property
    def messages(self) -> list[Sent]:
        """What the bot has sent in the direct message and not deleted, oldest first."""
        return self.space.dm(self.account).messages

    @property
    def everything(self) -> list[Sent]:
        """The whole direct message, the person's own words too, oldest first."""
        return self.space.dm(self.account).everything

    @property
    def last(self) -> Sent:
        """The bot's newest message."""
        assert self.messages, f"{self.name} has got nothing"
        return self.messages[-1]

    @property
    def modal(self) -> Modal | None:
        """The view on top, if one is open."""
        return self.account.stack[-1] if self.account.stack else None

    def deactivate(self) -> None:
        """Leave the workspace: the bot can no longer reach this person."""
        self.account.deactivated = True

    async def write(self, text: str, thread: Sent | None = None) -> Delivery:
        """Write to the bot, in a message's thread if one is given."""
        return say(self.space, self.account, self.space.dm(self.account), text, thread)

    async def upload(self, name: str, content: bytes, media: str, text: str = "") -> Delivery:
        """Send the bot a file in the direct message, with or without words."""
        return upload(self.space, self.account, self.space.dm(self.account), (name, content, media), text)

    async def share(self, message: Sent, text: str = "") -> Delivery:
        """Pass somebody's message on to the bot, with or without words of one's own."""
        space, conversation = self._active(), self.space.dm(self.account)
        sent = space.post(conversation, self.account, typed(text), [], quoted=(quotation(space, message),))
        return space.tell(heard(space, conversation, sent), conversation)

    async def paste_link(self, message: Sent) -> Delivery:
        """Write a message's address to the bot; Slack then shows the message below it, as a change."""
        space, conversation = self._active(), self.space.dm(self.account)
        quoted = {**quotation(space, message), "is_msg_unfurl": True, "is_share": False}
        sent = space.post(conversation, self.account, f"<{quoted['from_url']}>", [])
        before = space.message(sent)
        space.tell(heard(space, conversation, sent), conversation)
        sent.quoted = (quoted,)
        event = {
            "type": "message",
            "subtype": "message_changed",
            "hidden": True,
            "channel": conversation.id,
            "message": space.message(sent),
            "previous_message": before,
        }
        return space.tell(event, conversation)

    async def shortcut(self, message: Sent, callback_id: str = "flag_message") -> Delivery:
        """Choose the app's shortcut on anybody's message, wherever this person can read it."""
        space, conversation = self._active(), self.space.conversations[message.channel]
        assert self.id in conversation.members, f"{self.name} is not in #{conversation.name}"
        rest = {
            "callback_id": callback_id,
            "action_ts": space.new_ts(),
            "message_ts": message.ts,
            "message": space.message(message),
            "channel": {"id": message.channel, "name": _command_channel(conversation)},
            "response_url": space.new_hook(self.account, conversation, message),
        }
        return self._interact("message_action", rest)

    async def mention(self, channel: Channel, text: str) -> Delivery:
        """Write the bot's name in a channel; the message has its own event before the mention's."""
        text = f"@{self.space.bot.id} {text}"
        event = written(self.space, self.account, channel.conversation, text, None)
        event["text"] = event["text"].replace(f"@{self.space.bot.id}", f"<@{self.space.bot.id}>", 1)
        if not channel.has_bot:
            return Delivery("")
        self.space.tell(event, channel.conversation)
        return self.space.tell({**event, "type": "app_mention"}, channel.conversation)

    async def open_home(self) -> Delivery:
        """Open the app's messages tab."""
        conversation = self.space.dm(self.account)
        event = {"type": "app_home_opened", "user": self.id, "channel": conversation.id, "tab": "messages"}
        return self.space.tell(event, conversation)

    async def command(self, command: str, text: str = "", channel: Channel | None = None) -> Delivery:
        """Give a slash command; the answer in the acknowledgement is shown to this person only."""
        space, account = self._active(), self.account
        conversation = channel.conversation if channel else space.dm(account)
        trigger = space.new_trigger(account)
        payload = {
            "token": "fiktiv",
            "team_id": account.team,
            "team_domain": space.domain,
            "channel_id": conversation.id,
            "channel_name": _command_channel(conversation),
            "user_id": account.id,
            "user_name": handle(account),
            "command": command,
            "text": text,
            "api_app_id": space.app_id,
            "is_enterprise_install": "false",
            "response_url": space.new_hook(account, conversation, None),
            "trigger_id": trigger,
        }

        def show(answer: Json) -> None:
            _show(space, account, conversation, trigger, answer)

        return space.sockets.tell(Delivery(trigger, "slash_commands", payload, show))

    async def press(self, message: Sent, label: str) -> Delivery:
        """Press a button, or choose an option, on the message as it stands now."""
        assert not message.deleted, f"the message is gone: {message.plain}"
        block, action = _find(message.blocks, label, f"the message {message.plain!r}")
        return self._act_on(message, {"block_id": block["block_id"], **action})

    async def press_value(self, message: Sent, action_id: str, value: str) -> Delivery:
        """Press what is not there, as a forged request would."""
        block = next((b for b, e in interactive(message.blocks) if e["action_id"] == action_id), None)
        forged = {"action_id": action_id, "value": value, "type": "button"}
        text = {"type": "plain_text", "text": "Forged", "emoji": True}
        return self._act_on(message, {"block_id": block["block_id"] if block else "forged", **forged, "text": text})

    async def press_in_modal(self, label: str) -> Delivery:
        """Press a button inside the open view."""
        modal = self._top()
        block, action = _find(modal.blocks, label, f"the modal {modal.title!r}")
        container = {"type": "view", "view_id": modal.id}
        rest = {"container": container, "view": shown(self.space, modal)}
        return self._interact("block_actions", rest, action={"block_id": block["block_id"], **action})

    async def submit(self, entries: Mapping[str, Entry] | None = None) -> Delivery:
        """Fill in the open view by label and submit it; the answer is carried out once it is acknowledged."""
        modal = self._top()
        fill(modal, entries or {})
        rest = {"view": shown(self.space, modal), "response_urls": []}
        return self._interact("view_submission", rest, modal=modal)

    async def close_modal(self) -> Delivery | None:
        """Close the top view; the app hears of it only if it asked to."""
        modal = self._top()
        view, everything = shown(self.space, modal), bool(modal.raw.get("clear_on_close"))
        drop(self.space, self.account, everything=everything)
        if not modal.raw.get("notify_on_close"):
            return None
        return self._interact("view_closed", {"view": view, "is_cleared": everything})

    def _active(self) -> Workspace:
        assert not self.account.deactivated, f"{self.name} is deactivated"
        return self.space

    def _top(self) -> Modal:
        assert self.modal is not None, f"{self.name} has no modal open"
        return self.modal

    def _act_on(self, message: Sent, action: Json) -> Delivery:
        conversation = self.space.conversations[message.channel]
        container = {
            "type": "message",
            "message_ts": message.ts,
            "channel_id": message.channel,
            "is_ephemeral": message.ephemeral,
        }
        rest: Json = {
            "container": container,
            "channel": {"id": message.channel, "name": _command_channel(conversation)},
            "response_url": self.space.new_hook(self.account, conversation, message),
        }
        if not message.ephemeral:  # Slack keeps no ephemeral message, and so cannot send it along
            rest["message"] = self.space.message(message)
        return self._interact("block_actions", rest, action=action)

    def _interact(self, kind: str, rest: Json, *, action: Json | None = None, modal: Modal | None = None) -> Delivery:
        space, account = self._active(), self.account
        payload: Json = {
            "type": kind,
            "token": "fiktiv",
            "api_app_id": space.app_id,
            "team": {"id": space.team, "domain": space.domain},
            "user": {
                "id": account.id,
                "username": handle(account),
                "name": handle(account),
                "team_id": account.team,
            },
            "enterprise": None,
            "is_enterprise_install": False,
            **rest,
        }
        if kind != "view_closed":
            payload["trigger_id"] = space.new_trigger(account)
        event_id = payload.get("trigger_id") or space.new_event_id("closed-")
        if action is not None:
            payload["actions"] = [{**action, "action_ts": space.new_ts()}]
            payload["state"] = {"values": {}}

        def settle(answer: Json) -> None:
            if modal is not None:
                answered(space, account, modal, event_id, answer)

        return space.sockets.tell(Delivery(event_id, "interactive", payload, settle))


class Channel:
    """A channel; `messages` are the bot's, also those that only one person sees."""

    def __init__(self, space: Workspace, conversation: Conversation) -> None:
        self.space = space
        self.conversation = conversation

    @property
    def id(self) -> str:
        """Slack's id of the channel."""
        return self.conversation.id

    @property
    def name(self) -> str:
        """Its name, without the sign."""
        return self.conversation.name

    @property
    def messages(self) -> list[Sent]:
        """What the bot has posted and not deleted, oldest first."""
        return self.conversation.messages

    @property
    def has_bot(self) -> bool:
        """Whether the bot is a member."""
        return self.space.bot.id in self.conversation.members

    def join(self, user: Human) -> None:
        """Let a person in."""
        self.conversation.members[user.id] = None

    async def add_bot(self, by: Human) -> Delivery:
        """Invite the bot, which it is told."""
        self.conversation.members[self.space.bot.id] = None
        event = {
            "type": "member_joined_channel",
            "user": self.space.bot.id,
            "channel": self.id,
            "channel_type": "G" if self.conversation.kind == "private" else "C",
            "team": self.space.team,
            "inviter": by.id,
        }
        return self.space.tell(event, self.conversation)

    async def remove_bot(self, by: Human | None = None) -> None:
        """Remove the bot, which it is told."""
        leave(self.space, self.conversation, by.account if by else self.space.bot)

    async def archive(self) -> None:
        """Close the channel for good; the bot is told if it is there."""
        self.conversation.archived = True
        kind = "group_archive" if self.conversation.kind == "private" else "channel_archive"
        if self.has_bot:
            self.space.tell({"type": kind, "channel": self.id, "user": self.space.bot.id}, self.conversation)

    async def write(self, user: Human, text: str, thread: Sent | None = None) -> Delivery:
        """Write in the channel; the bot is told if it is there, else the delivery never leaves."""
        return say(self.space, user.account, self.conversation, text, thread)

    async def upload(self, user: Human, name: str, content: bytes, media: str, text: str = "") -> Delivery:
        """Put a file in the channel; the bot is told if it is there."""
        return upload(self.space, user.account, self.conversation, (name, content, media), text)

    @property
    def everything(self) -> list[Sent]:
        """What anybody has written and not deleted, oldest first."""
        return self.conversation.everything

    async def press(self, user: Human, message: Sent, label: str) -> Delivery:
        """Press a button on a message in the channel."""
        return await user.press(message, label)


def _find(blocks: list[Json], label: str, where: str) -> tuple[Json, Json]:
    for block, element in buttons(blocks):
        if element["text"]["text"] == label:
            kept = ("action_id", "value", "url", "style", "type", "text")
            return block, {key: element[key] for key in kept if key in element}
    for block, element in interactive(blocks):
        for option in choices(element):
            if option["text"]["text"] == label:
                return block, {
                    "action_id": element["action_id"],
                    "type": element["type"],
                    **_chosen(element, option),
                }
    there = [element["text"]["text"] for _, element in buttons(blocks)]
    raise AssertionError(f"no button {label!r} on {where}; there are {there}")


def _chosen(element: Json, option: Json) -> Json:
    several = element["type"] in ("checkboxes", "multi_static_select")
    return {"selected_options": [option]} if several else {"selected_option": option}


def _command_channel(conversation: Conversation) -> str:
    if conversation.is_im:
        return "directmessage"
    return "privategroup" if conversation.kind == "private" else conversation.name


def _show(space: Workspace, account: Account, conversation: Conversation, event_id: str, answer: Json) -> None:
    """Show the person what the acknowledgement of a command says."""
    if not answer:
        return
    try:
        text, blocks = space.content(answer, POST_TEXT)
        if not text and not blocks:
            raise Refused("no_text")
    except Refused as refused:
        details: dict[str, Any] = refused.details
        space.refused_acks.append(Refusal(event_id, answer, tuple(details.get("errors") or (refused.error,))))
        return
    to = None if answer.get("response_type") == "in_channel" else account
    space.post(conversation, space.bot, text or "", blocks or [], to=to)
