"""Slack's payloads as events. Pure: what only Slack can tell, such as a channel's name, the adapter adds."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.events import Address, Chat, Event, Kind, Platform
from bot.handlers.slack_attached import (
    MOST,
    Malformed,
    attached,
    clean,
    flagged,
    quotation,
    said,
    shares,
    typed,
    written_at,
)

__all__ = ["Foreign", "Here", "Malformed", "typed"]

Json = dict[str, Any]

WRITTEN = (None, "file_share", "thread_broadcast")
LEFT = "channel_left|group_left|channel_archive|group_archive|channel_deleted|group_deleted"
MEMBERSHIP = re.compile(f"^(member_joined_channel|{LEFT})$")
READ_HERE = ("event_callback", "block_actions", "view_submission")
NAMELESS = ("directmessage", "privategroup")
DIRECT = re.compile(r"D[A-Z0-9]+")


class Foreign(Exception):
    """The payload belongs to another workspace; `args[0]` is its id."""


@dataclass(frozen=True)
class Here:
    """Where the bot is, who it is there, and when."""

    team: str
    bot: str
    now: datetime


@dataclass(frozen=True)
class Back:
    """The way back to where something was done: a `response_url`, with five uses in half an hour, or nothing.

    `fleeting` if a button was pressed on a message that only the presser sees: Slack keeps it nowhere, and it can be
    replaced this way and no other.
    """

    url: str = ""
    fleeting: bool = False


def ignorable(body: Json) -> bool:
    """Whether a payload that no listener wanted is whole, and simply of no use here."""
    kind, event = body.get("type"), body.get("event")
    if kind == "event_callback":
        return isinstance(event, dict) and isinstance(event.get("type"), str)
    return isinstance(kind, str) and (kind not in READ_HERE or kind == "view_submission")


def message(here: Here, body: Json) -> Event | None:
    """What a person wrote in a direct message; None for the bot's own words and for what channels say."""
    _ours(here, body)
    event = body["event"]
    if event.get("channel_type") != "im" or event.get("bot_id") or event.get("user") == here.bot:
        return None
    if event.get("subtype") == "message_changed":
        return _edited(here, body)
    if event.get("subtype") not in WRITTEN:
        return None
    ts, channel, thread = _at(event, "ts"), _at(event, "channel"), said(event, "thread_ts")
    things = attached(event)
    other = Kind.OTHER if event.get("subtype") == "file_share" else Kind.TEXT
    return Event(
        uid=f"slack:{here.team}:m:{channel}:{ts}",
        sender=_author(here, event),
        chat=Chat(channel, private=True),
        kind=Kind.EVIDENCE if things else other,
        sent_at=moment(ts, here.now),
        received_at=here.now,
        text=typed(said(event, "text")),
        reply_to=f"{channel}:{thread}" if thread not in ("", ts) else "",
        attached=things,
    )


def _edited(here: Here, body: Json) -> Event | None:
    event = body["event"]
    after, before = event.get("message"), event.get("previous_message")
    if not isinstance(after, dict):
        raise Malformed("event.message")
    # A link's preview, a reaction or a reply in its thread changes a message too, and nobody wrote anything.
    same = isinstance(before, dict) and before.get("text") == after.get("text")
    if after.get("bot_id") or after.get("user") == here.bot:
        return None
    if same or "edited" not in after:
        return _unfurled(here, event, after, before)
    channel = _at(event, "channel")
    return Event(
        uid=f"slack:{here.team}:e:{_at(body, 'event_id')}",
        sender=_author(here, after),
        chat=Chat(channel, private=True),
        kind=Kind.OTHER,
        sent_at=moment(said(after, "edited", "ts"), here.now),
        received_at=here.now,
        command="edited",
        text=typed(said(after, "text")),
        message=f"{channel}:{_at(after, 'ts')}",
    )


def _unfurled(here: Here, event: Json, after: Json, before: Any) -> Event | None:
    """Below a link to a message Slack shows that message, a moment later: it was passed on."""
    known = {said(quoted, "from_url") for quoted in shares(before)} if isinstance(before, dict) else set()
    fresh = [quoted for quoted in shares(after) if said(quoted, "from_url") not in known]
    if not fresh:
        return None
    channel, ts = _at(event, "channel"), _at(after, "ts")
    return Event(
        uid=f"slack:{here.team}:u:{channel}:{ts}:{said(fresh[0], 'channel_id')}:{said(fresh[0], 'ts')}",
        sender=_author(here, after),
        chat=Chat(channel, private=True),
        kind=Kind.EVIDENCE,
        sent_at=moment(ts, here.now),
        received_at=here.now,
        attached=tuple(thing for quoted in fresh for thing in quotation(quoted))[:MOST],
    )


def membership(here: Here, body: Json) -> Event | None:
    """The bot was put into a channel or taken out of it; what a channel is called the adapter has to ask."""
    _ours(here, body)
    event = body["event"]
    added = event["type"] == "member_joined_channel"
    if added and _at(event, "user") != here.bot:
        return None
    actor = said(event, "inviter") if added else said(event, "actor_id") or said(event, "user")
    return Event(
        uid=f"slack:{here.team}:e:{_at(body, 'event_id')}",
        sender=Address(Platform.SLACK, here.team, actor or here.bot),
        chat=Chat(_at(event, "channel"), private=False),
        kind=Kind.ADDED if added else Kind.REMOVED,
        sent_at=moment(said(event, "event_ts"), here.now),
        received_at=here.now,
    )


def command(here: Here, body: Json) -> Event:
    """A slash command, wherever it was given."""
    _ours(here, body)
    return Event(
        uid=f"slack:{here.team}:t:{_at(body, 'trigger_id')}",
        sender=Address(Platform.SLACK, _at(body, "team_id"), _at(body, "user_id")),
        chat=_chat(_at(body, "channel_id"), said(body, "channel_name")),
        kind=Kind.COMMAND,
        sent_at=here.now,
        received_at=here.now,
        command=_at(body, "command").lstrip("/").lower(),
        text=typed(said(body, "text")).strip(),
        sender_name=said(body, "user_name"),
    )


def press(here: Here, body: Json) -> Event | None:
    """A pressed button; None for anything else that can be chosen in a message or a window."""
    _ours(here, body)
    action = body["actions"][0]
    if action.get("type") != "button" or said(body, "container", "type") == "view":
        return None
    channel = said(body, "channel", "id") or _at(body, "container", "channel_id")
    ts = said(body, "container", "message_ts") or _at(body, "message", "ts")
    acted = said(action, "action_ts")
    return Event(
        uid=f"slack:{here.team}:t:{_at(body, 'trigger_id')}:{acted}",
        sender=_presser(here, body),
        chat=_chat(channel, said(body, "channel", "name")),
        kind=Kind.PRESS,
        sent_at=moment(acted, here.now),
        received_at=here.now,
        token=_at(action, "value"),
        message=f"{channel}:{ts}",
        sender_name=said(body, "user", "name") or said(body, "user", "username"),
    )


def submission(here: Here, body: Json) -> Event:
    """A form that was filled in and sent."""
    _ours(here, body)
    view, sender = body["view"], _presser(here, body)
    token, _, chat = _at(view, "private_metadata").partition(" ")
    return Event(
        uid=f"slack:{here.team}:v:{_at(view, 'id')}:{_at(view, 'hash')}",
        sender=sender,
        # What is asked in a window is answered to that person alone, wherever the window was opened.
        chat=Chat(chat if DIRECT.fullmatch(chat) else sender.user, private=True),
        kind=Kind.FORM,
        sent_at=here.now,
        received_at=here.now,
        token=token,
        values=_values(view),
        sender_name=said(body, "user", "name") or said(body, "user", "username"),
    )


def moment(ts: str, otherwise: datetime) -> datetime:
    """The time in a timestamp of Slack's; `otherwise` when it cannot be read."""
    return written_at(ts) or otherwise


def shortcut(here: Here, body: Json) -> Event:
    """ "Flagga detta meddelande", chosen on a message anywhere; it is asked about in private."""
    _ours(here, body)
    sender = _presser(here, body)
    if not isinstance(body.get("message"), dict):
        raise Malformed("message")
    return Event(
        uid=f"slack:{here.team}:t:{_at(body, 'trigger_id')}",
        sender=sender,
        chat=Chat(sender.user, private=True),
        kind=Kind.EVIDENCE,
        sent_at=moment(said(body, "action_ts"), here.now),
        received_at=here.now,
        sender_name=said(body, "user", "name") or said(body, "user", "username"),
        attached=flagged(body["message"]),
    )


def back(body: Json) -> Back:
    """Where a command, a press or a shortcut is answered."""
    container = body.get("container")
    fleeting = isinstance(container, dict) and container.get("is_ephemeral") is True
    return Back(said(body, "response_url"), fleeting)


def place(body: Json) -> str:
    """Where the message stands that a shortcut was chosen on."""
    return _at(body, "channel", "id")


def _values(view: Json) -> dict[str, str]:
    blocks = view.get("state", {}).get("values", {})
    return {clean(key): clean(_value(state)) for key, elements in blocks.items() for state in elements.values()}


def _value(state: Json) -> str:
    chosen = state.get("selected_option")
    return str((chosen or {}).get("value", "") if "selected_option" in state else state.get("value") or "")


def _chat(channel: str, title: str) -> Chat:
    return Chat(channel, bool(DIRECT.fullmatch(channel)), "" if title in NAMELESS else title)


def _author(here: Here, written: Json) -> Address:
    team = said(written, "user_team") or said(written, "team") or here.team
    return Address(Platform.SLACK, team, _at(written, "user"))


def _presser(here: Here, body: Json) -> Address:
    return Address(Platform.SLACK, said(body, "user", "team_id") or here.team, _at(body, "user", "id"))


def _ours(here: Here, body: Json) -> None:
    team = _workspace(body)
    if team != here.team:
        raise Foreign(team)


def _workspace(body: Json) -> str:
    """The workspace that the payload is for. In a shared channel `team_id` may name the other one."""
    authorizations = body.get("authorizations")
    if isinstance(authorizations, list) and authorizations:
        return _at(authorizations[0], "team_id")
    if "team" in body:
        return said(body, "view", "app_installed_team_id") or _at(body, "team", "id")
    return _at(body, "team_id")


def _at(body: Any, *path: str) -> str:
    value = said(body, *path)
    if not value:
        raise Malformed(".".join(path))
    return value
