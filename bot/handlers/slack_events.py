"""Slack's payloads as events. Pure: what only Slack can tell, such as a channel's name, the adapter adds."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bot.events import Address, Chat, Event, Kind, Platform

Json = dict[str, Any]

WRITTEN = (None, "file_share", "thread_broadcast")
LEFT = "channel_left|group_left|channel_archive|group_archive|channel_deleted|group_deleted"
MEMBERSHIP = re.compile(f"^(member_joined_channel|{LEFT})$")
READ_HERE = ("event_callback", "block_actions", "view_submission")
ANGLE = re.compile(r"<([^<>]*)>")
NAMELESS = ("directmessage", "privategroup")
DIRECT = re.compile(r"D[A-Z0-9]+")


class Malformed(Exception):
    """The payload lacks what every such payload has; `args[0]` says what, never what somebody wrote."""


class Foreign(Exception):
    """The payload belongs to another workspace; `args[0]` is its id."""


@dataclass(frozen=True)
class Here:
    """Where the bot is, who it is there, and when."""

    team: str
    bot: str
    now: datetime


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
    if event.get("channel_type") != "im" or event.get("bot_id"):
        return None
    if event.get("subtype") == "message_changed":
        return _edited(here, body)
    if event.get("subtype") not in WRITTEN:
        return None
    ts, channel, thread = _at(event, "ts"), _at(event, "channel"), _maybe(event, "thread_ts")
    other = bool(event.get("files")) or event.get("subtype") == "file_share"
    return Event(
        uid=f"slack:{here.team}:m:{channel}:{ts}",
        sender=_author(here, event),
        chat=Chat(channel, private=True),
        kind=Kind.OTHER if other else Kind.TEXT,
        sent_at=moment(ts, here.now),
        received_at=here.now,
        text=typed(_maybe(event, "text")),
        reply_to=f"{channel}:{thread}" if thread not in ("", ts) else "",
    )


def _edited(here: Here, body: Json) -> Event | None:
    event = body["event"]
    after, before = event.get("message"), event.get("previous_message")
    if not isinstance(after, dict):
        raise Malformed("event.message")
    # A link's preview, a reaction or a reply in its thread changes a message too, and nobody wrote anything.
    same = isinstance(before, dict) and before.get("text") == after.get("text")
    if after.get("bot_id") or same or "edited" not in after:
        return None
    channel = _at(event, "channel")
    return Event(
        uid=f"slack:{here.team}:e:{_at(body, 'event_id')}",
        sender=_author(here, after),
        chat=Chat(channel, private=True),
        kind=Kind.OTHER,
        sent_at=moment(_maybe(after, "edited", "ts"), here.now),
        received_at=here.now,
        command="edited",
        text=typed(_maybe(after, "text")),
        message=f"{channel}:{_at(after, 'ts')}",
    )


def membership(here: Here, body: Json) -> Event | None:
    """The bot was put into a channel or taken out of it; what a channel is called the adapter has to ask."""
    _ours(here, body)
    event = body["event"]
    added = event["type"] == "member_joined_channel"
    if added and _at(event, "user") != here.bot:
        return None
    actor = _maybe(event, "inviter") if added else _maybe(event, "actor_id") or _maybe(event, "user")
    return Event(
        uid=f"slack:{here.team}:e:{_at(body, 'event_id')}",
        sender=Address(Platform.SLACK, here.team, actor or here.bot),
        chat=Chat(_at(event, "channel"), private=False),
        kind=Kind.ADDED if added else Kind.REMOVED,
        sent_at=moment(_maybe(event, "event_ts"), here.now),
        received_at=here.now,
    )


def command(here: Here, body: Json) -> Event:
    """A slash command, wherever it was given."""
    _ours(here, body)
    return Event(
        uid=f"slack:{here.team}:t:{_at(body, 'trigger_id')}",
        sender=Address(Platform.SLACK, _at(body, "team_id"), _at(body, "user_id")),
        chat=_chat(_at(body, "channel_id"), _maybe(body, "channel_name")),
        kind=Kind.COMMAND,
        sent_at=here.now,
        received_at=here.now,
        command=_at(body, "command").lstrip("/").lower(),
        text=typed(_maybe(body, "text")).strip(),
        sender_name=_maybe(body, "user_name"),
    )


def press(here: Here, body: Json) -> Event | None:
    """A pressed button; None for anything else that can be chosen in a message or a window."""
    _ours(here, body)
    action = body["actions"][0]
    if action.get("type") != "button" or _maybe(body, "container", "type") == "view":
        return None
    channel = _maybe(body, "channel", "id") or _at(body, "container", "channel_id")
    ts = _maybe(body, "container", "message_ts") or _at(body, "message", "ts")
    acted = _maybe(action, "action_ts")
    return Event(
        uid=f"slack:{here.team}:t:{_at(body, 'trigger_id')}:{acted}",
        sender=_presser(here, body),
        chat=_chat(channel, _maybe(body, "channel", "name")),
        kind=Kind.PRESS,
        sent_at=moment(acted, here.now),
        received_at=here.now,
        token=_at(action, "value"),
        message=f"{channel}:{ts}",
        sender_name=_maybe(body, "user", "name") or _maybe(body, "user", "username"),
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
        sender_name=_maybe(body, "user", "name") or _maybe(body, "user", "username"),
    )


def typed(text: str) -> str:
    """What was typed, from Slack's markup of it: entities as signs, links and mentions as words."""
    bare = ANGLE.sub(lambda found: _words(found[1]), text)
    return bare.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def moment(ts: str, otherwise: datetime) -> datetime:
    """The time in a timestamp of Slack's; `otherwise` when it cannot be read."""
    try:
        return datetime.fromtimestamp(float(ts), UTC)
    except (ValueError, OverflowError, OSError):
        return otherwise


def _words(inner: str) -> str:
    target, _, label = inner.partition("|")
    if target[:1] in ("@", "#", "!"):
        sign = "#" if target[0] == "#" else "@"
        return sign + (label.lstrip("@#") or target[1:].partition("^")[0])
    # A link that was written out has its own address as label; one behind other words must not lose it.
    return label or target if not label or target.endswith(label) else f"{label} ({target})"


def _values(view: Json) -> dict[str, str]:
    blocks = view.get("state", {}).get("values", {})
    return {key: _value(state) for key, elements in blocks.items() for state in elements.values()}


def _value(state: Json) -> str:
    chosen = state.get("selected_option")
    return str((chosen or {}).get("value", "") if "selected_option" in state else state.get("value") or "")


def _chat(channel: str, title: str) -> Chat:
    return Chat(channel, bool(DIRECT.fullmatch(channel)), "" if title in NAMELESS else title)


def _author(here: Here, written: Json) -> Address:
    team = _maybe(written, "user_team") or _maybe(written, "team") or here.team
    return Address(Platform.SLACK, team, _at(written, "user"))


def _presser(here: Here, body: Json) -> Address:
    return Address(Platform.SLACK, _maybe(body, "user", "team_id") or here.team, _at(body, "user", "id"))


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
        return _maybe(body, "view", "app_installed_team_id") or _at(body, "team", "id")
    return _at(body, "team_id")


def _at(body: Any, *path: str) -> str:
    value = _maybe(body, *path)
    if not value:
        raise Malformed(".".join(path))
    return value


def _maybe(body: Any, *path: str) -> str:
    for key in path:
        body = body.get(key) if isinstance(body, dict) else None
    return body if isinstance(body, str) else ""
