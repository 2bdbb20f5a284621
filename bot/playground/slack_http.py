"""The Web API's requests and answers as HTTP, and what a planned misbehaviour makes of them."""

from __future__ import annotations

import json
import math
from typing import Any
from urllib.parse import parse_qsl

from aiohttp import web

from bot.playground.broken import instead, spoilt
from bot.playground.faults import Fault, Misbehaviour
from bot.playground.slack_model import Refused
from bot.playground.slack_text import Json

FORM = "application/x-www-form-urlencoded"
STRUCTURED = ("blocks", "view", "attachments", "metadata", "files")
ERRORS = {
    Misbehaviour.TOO_MANY_INSIDE: "ratelimited",
    Misbehaviour.DEACTIVATED: "user_disabled",
    Misbehaviour.NOT_FOUND: "user_not_found",
    Misbehaviour.TOKEN_REVOKED: "token_revoked",
    Misbehaviour.TOKEN_GONE: "account_inactive",
    Misbehaviour.TOO_LONG: "msg_too_long",
    Misbehaviour.MIGRATED: "team_added_to_org",
}
HALF_DONE = {Misbehaviour.INTERNAL: "internal_error", Misbehaviour.FATAL: "fatal_error"}
BLOCKED = {"conversations.open": "user_disabled", "users.info": "user_not_found"}


async def arguments(request: web.Request) -> Json:
    """The arguments of a call, however they came."""
    if request.method == "GET":
        return _structured(dict(request.query))
    try:
        body = await request.read()
    except web.HTTPRequestEntityTooLarge:
        raise Refused("invalid_arguments") from None
    if not body:
        return _structured(dict(request.query))
    if request.content_type == "application/json":
        return _object(body)
    if request.content_type == FORM:
        return _structured({**request.query, **_form(body)})
    raise Refused("invalid_post_type")


def given_token(request: web.Request, params: Json) -> str | None:
    """The token of a call, from its header or taken out of its arguments."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    given = params.pop("token", None)
    if scheme.lower() == "bearer" and token:
        return token.strip()
    return given if isinstance(given, str) else None


async def before_effect(request: web.Request, fault: Fault | None, method: str) -> web.StreamResponse | None:
    """The answer of a misbehaviour that lets nothing happen."""
    if fault is None:
        return None
    if fault.kind is Misbehaviour.TOO_MANY:
        return too_many(fault.seconds)
    if fault.kind is Misbehaviour.TOO_MANY_UNSAID:
        return reply({"ok": False, "error": "ratelimited"}, 429)
    if fault.kind is Misbehaviour.BLOCKED:
        return reply({"ok": False, "error": BLOCKED.get(method, "channel_not_found")})
    if fault.kind in ERRORS:
        return reply({"ok": False, "error": ERRORS[fault.kind]})
    return await instead(request, fault)


async def after_effect(request: web.Request, fault: Fault | None, answer: web.Response) -> web.StreamResponse:
    """What a misbehaviour does to the answer."""
    if fault is not None and fault.kind in HALF_DONE:
        return reply({"ok": False, "error": HALF_DONE[fault.kind]})
    return await spoilt(request, fault, answer)


def reply(answer: Json, status: int = 200, scopes: str = "") -> web.Response:
    """An answer as JSON."""
    response = web.Response(body=json.dumps(answer).encode(), status=status, content_type="application/json")
    if scopes:
        response.headers["x-oauth-scopes"] = scopes
    return response


def refusal(refused: Refused) -> web.Response:
    """Slack's no, with status 200 except where a `response_url` is dead."""
    status = 404 if refused.error in ("expired_url", "used_url") else 200
    return reply({"ok": False, "error": refused.error, **refused.details}, status)


def too_many(seconds: float) -> web.Response:
    """429 with Retry-After, which is a whole number of seconds."""
    answer = reply({"ok": False, "error": "ratelimited"}, 429)
    answer.headers["Retry-After"] = str(math.ceil(seconds))
    return answer


def _object(body: bytes) -> Json:
    try:
        params: Any = json.loads(body)
    except (ValueError, RecursionError):
        raise Refused("invalid_json") from None
    if not isinstance(params, dict):
        raise Refused("json_not_object")
    return params


def _form(body: bytes) -> Json:
    try:
        return dict(parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=1000, errors="strict"))
    except ValueError:
        raise Refused("invalid_form_data") from None


def _structured(params: Json) -> Json:
    """Form arguments that carry JSON in a string."""
    for key in STRUCTURED:
        if not params.get(key):
            continue
        try:
            params[key] = json.loads(params[key])
        except (ValueError, RecursionError):
            raise Refused("invalid_blocks_format" if key == "blocks" else "invalid_arguments") from None
    return params
