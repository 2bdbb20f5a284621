"""What Slack's refusals and a broken connection mean to delivery."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError

from bot.channels import Gone, NotSent, PlatformDown, Refused, Undelivered, Unsure, Wait

ACCOUNT_ENDED = {
    "account_inactive",
    "user_not_found",
    "channel_not_found",
    "is_archived",
    "user_disabled",
    "not_in_channel",
    "cannot_dm_bot",
    "messages_tab_disabled",
}
DOWN = {"token_revoked", "invalid_auth", "not_authed", "missing_scope", "token_expired"}
FAILED = {"internal_error", "fatal_error", "service_unavailable", "request_timeout"}
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


def refusal(error: SlackApiError) -> Undelivered:
    """What an answer of Slack's that is not `ok` means."""
    response: Any = error.response
    status: int = getattr(response, "status_code", 0) or getattr(response, "status", 0)
    data = getattr(response, "data", None)
    reason = str(data.get("error") or "") if isinstance(data, dict) else ""
    if status == 429 or reason in ("ratelimited", "rate_limited"):
        return Wait("ratelimited", seconds(getattr(response, "headers", None) or {}))
    if status >= 500 or reason in FAILED:
        return NotSent(reason or f"http {status}")
    if not reason:
        return Unsure(f"http {status}, an answer that cannot be read")
    if reason in DOWN:
        return PlatformDown(reason)
    return Gone(reason) if reason in GONE else Refused(reason, account_ended=reason in ACCOUNT_ENDED)


def seconds(headers: Mapping[str, str]) -> float:
    """How long Slack asks us to wait."""
    try:
        return max(0.0, float(headers.get("Retry-After", WAIT)))
    except ValueError:
        return WAIT
