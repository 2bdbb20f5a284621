"""What Slack's refusals and a broken connection mean to delivery."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError

from bot.channels import Gone, NotSent, PlatformDown, Refused, Undelivered, Unsure, Wait

ACCOUNT_ENDED = {
    "user_not_found",
    "channel_not_found",
    "is_archived",
    "user_disabled",
    "not_in_channel",
    "cannot_dm_bot",
    "messages_tab_disabled",
}
# `account_inactive` is said of the token's own account, not of whoever is written to.
DOWN = {"token_revoked", "invalid_auth", "not_authed", "missing_scope", "token_expired", "account_inactive"}
FAILED = {"service_unavailable", "request_timeout", "team_added_to_org"}
HALF = {"internal_error", "fatal_error"}  # "it's possible some aspect of the operation succeeded"
UNREADABLE = (ValueError, AttributeError, TypeError, KeyError)  # what the SDK trips over in an answer of no known form
GONE = {"message_not_found", "cant_update_message", "edit_window_closed"}
WAIT = 1.0  # seconds, when Slack does not say


@contextmanager
def translated() -> Iterator[None]:
    """Calls to Slack in here fail only as delivery knows it."""
    try:
        yield
    except SlackApiError as error:
        raise refusal(error) from None  # its text carries Slack's whole answer, with what somebody wrote
    except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
        raise NotSent(type(error).__name__) from error
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        raise Unsure(type(error).__name__) from error
    except UNREADABLE as error:
        raise Unsure("an answer that cannot be read") from error


def named(channel: object, ts: object) -> str:
    """The reference of a message that was posted. Raises Unsure when the answer does not say which it is."""
    if not (isinstance(channel, str) and isinstance(ts, str) and channel and ts):
        raise Unsure("an answer that does not say what was posted")
    return f"{channel}:{ts}"


def refusal(error: SlackApiError) -> Undelivered:
    """What an answer of Slack's that is not `ok` means."""
    response: Any = error.response
    status: int = getattr(response, "status_code", 0) or getattr(response, "status", 0)
    data = getattr(response, "data", None)
    reason = str(data.get("error") or "") if isinstance(data, dict) else ""
    if status == 429 or reason in ("ratelimited", "rate_limited"):
        return Wait("ratelimited", seconds(getattr(response, "headers", None) or {}))
    if status >= 500 or reason in FAILED or reason in HALF:
        return NotSent(reason or f"http {status}", doubtful=status in (500, 504) or reason in HALF)
    if not reason:  # from 300 on it is not Slack that answers, but somebody on the way
        return NotSent(f"http {status}") if status >= 300 else Unsure(f"http {status}, an answer that cannot be read")
    if reason in DOWN:
        return PlatformDown(reason)
    return Gone(reason) if reason in GONE else Refused(reason, account_ended=reason in ACCOUNT_ENDED)


def seconds(headers: Mapping[str, str]) -> float:
    """How long Slack asks us to wait."""
    try:
        return max(0.0, float(headers.get("Retry-After", WAIT)))
    except ValueError:
        return WAIT
