"""The Bot API's requests and answers as HTTP."""

from __future__ import annotations

import json
from urllib.parse import parse_qsl

from aiohttp import web

from bot.playground.broken import hang_up
from bot.playground.telegram_files import PIECE, read_multipart
from bot.playground.telegram_model import Json, Refused, bad_request


def refusal(refused: Refused, *, said: bool = True) -> web.Response:
    """A refusal as Telegram writes it; unless `said`, it does not tell how long to wait."""
    body: Json = {"ok": False, "error_code": refused.code, "description": refused.description}
    if refused.parameters and said:
        body["parameters"] = dict(refused.parameters)
    wait = (refused.parameters or {}).get("retry_after")
    headers = {"Retry-After": str(wait)} if wait and said else None
    return web.json_response(body, status=refused.code, headers=headers)


async def send_content(request: web.BaseRequest, content: bytes, *, half: bool) -> web.StreamResponse:
    """A file piece by piece, or half of it before the connection breaks."""
    answer = web.StreamResponse(headers={"Content-Type": "application/octet-stream"})
    answer.content_length = len(content)
    await answer.prepare(request)
    end = len(content) // 2 if half else len(content)
    for start in range(0, end, PIECE):
        await answer.write(content[start : min(start + PIECE, end)])
    if half:
        return hang_up(request)
    await answer.write_eof()
    return answer


async def read_params(request: web.BaseRequest) -> Json:
    """The parameters from the address and from the body, which is JSON or a form."""
    params: Json = dict(request.query)
    if request.method == "GET":
        return params
    try:
        if request.content_type == "multipart/form-data":
            params.update(await read_multipart(request))
            return params
        body = await request.read()
    except web.HTTPRequestEntityTooLarge:
        raise bad_request("request entity too large") from None
    except (ValueError, AssertionError):
        raise bad_request("can't parse the request body") from None
    if not body:
        return params
    if request.content_type == "application/json":
        params.update(read_json(body))
    else:
        params.update(read_form(body))
    return params


def read_json(body: bytes) -> Json:
    """The body as a JSON object."""
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        raise bad_request("can't parse JSON object") from None
    if not isinstance(value, dict):
        raise bad_request("expected a JSON object")
    return value


def read_form(body: bytes) -> Json:
    """The body as a form."""
    try:
        return dict(parse_qsl(body.decode(), keep_blank_values=True, errors="strict"))
    except ValueError:
        raise bad_request("strings must be encoded in UTF-8") from None
