"""What a button carries, within Telegram's 64 bytes: an action on something, or an answer in a conversation.

`a.take.7` · `c.1f.3.imminence.now`, and behind either, added when it is sent, `~` and the outbox row: a press proves
that the row arrived.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_FORM = re.compile(
    r"(?:a\.(?P<action>[a-z_]{1,16})\.(?P<subject>\d{1,10})(?:\.(?P<argument>[\w-]{1,32}))?"
    r"|c\.(?P<conversation>\d{1,10})\.(?P<revision>\d{1,6})\.(?P<key>[a-z0-9_]{1,20})\.(?P<option>[\w+:.-]{0,24}))"
    r"(?:~(?P<row>\d{1,12}))?",
    re.ASCII,
)

HIGHEST = 2**31 - 1  # no row of ours has a higher number, and PostgreSQL has none


class BadToken(Exception):
    """Not a token of ours."""


@dataclass(frozen=True)
class Act:
    """An action on the thing with this id."""

    action: str
    subject: int
    argument: str = ""

    def __str__(self) -> str:
        return f"a.{self.action}.{self.subject}" + (f".{self.argument}" if self.argument else "")


@dataclass(frozen=True)
class Reply:
    """An answer to one question at one revision of a conversation; an option with a leading `-` is the engine's."""

    conversation: int
    revision: int
    key: str
    option: str = ""

    def __str__(self) -> str:
        return f"c.{self.conversation}.{self.revision}.{self.key}.{self.option}"


def read(text: str) -> tuple[Act | Reply, int]:
    """The token and its outbox row (0 for none). Raises BadToken."""
    found = _FORM.fullmatch(text)
    if found is None:
        raise BadToken
    row = int(found["row"] or 0)
    if max(row, int(found["subject"] or 0), int(found["conversation"] or 0)) > HIGHEST:
        raise BadToken
    if found["action"]:
        return Act(found["action"], int(found["subject"]), found["argument"] or ""), row
    return Reply(int(found["conversation"]), int(found["revision"]), found["key"], found["option"]), row


def with_row(token: str, row: int) -> str:
    """The token with the row that carries it."""
    return f"{token}~{row}"
