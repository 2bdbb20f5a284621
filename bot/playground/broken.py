"""Answers that no platform means to give: from proxies, half-open connections and servers that fall over."""

from __future__ import annotations

import asyncio

from aiohttp import web

from bot.playground.faults import Fault, Misbehaviour

HTML = "<html><head><title>{0}</title></head><body><h1>{0}</h1><hr>nginx</body></html>"
PAGES = {
    Misbehaviour.CRASHED: (500, "Internal Server Error"),
    Misbehaviour.SERVER_ERROR: (502, "Bad Gateway"),
    Misbehaviour.UNAVAILABLE: (503, "Service Unavailable"),
    Misbehaviour.FORBIDDEN_PAGE: (403, "Access denied"),
    Misbehaviour.NOT_FOUND_PAGE: (404, "Not Found"),
    Misbehaviour.PAGE: (200, "Log in to the network"),
}
BARE = b'{"ok":true}'


def hang_up(request: web.BaseRequest) -> web.StreamResponse:
    """Close the connection; the answer that the framework wants meets a closed door."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


async def instead(request: web.BaseRequest, fault: Fault | None) -> web.StreamResponse | None:
    """What comes from somewhere on the way, before the platform has heard of the call."""
    if fault is None:
        return None
    if fault.kind in PAGES:
        status, words = PAGES[fault.kind]
        return web.Response(status=status, text=HTML.format(words), content_type="text/html")
    if fault.kind is Misbehaviour.DROP_BEFORE:
        return hang_up(request)
    if fault.kind is Misbehaviour.REDIRECT:
        return web.Response(status=302, headers={"Location": "/login"})
    if fault.kind is Misbehaviour.GARBAGE:
        return await _raw(request, b"\x15\x03\x01\x00\x02\x02\x50", 0)
    return None


async def spoilt(request: web.BaseRequest, fault: Fault | None, answer: web.Response) -> web.StreamResponse:
    """What is left of a good answer."""
    body = answer.body if isinstance(answer.body, bytes) else b""
    match fault.kind if fault is not None else None:
        case Misbehaviour.DELAY:
            await asyncio.sleep(fault.seconds if fault else 0)
            return answer
        case Misbehaviour.DROP_AFTER:
            return hang_up(request)
        case Misbehaviour.GATEWAY_TIMEOUT:
            return web.Response(status=504, text=HTML.format("Gateway Time-out"), content_type="text/html")
        case Misbehaviour.CUT_JSON:
            return web.Response(body=body[: len(body) // 2], content_type="application/json")
        case Misbehaviour.EMPTY:
            return web.Response(body=b"", content_type="application/json")
        case Misbehaviour.BARE_OK:
            return web.Response(body=BARE, content_type="application/json")
        case Misbehaviour.WRONG_TYPE:
            return web.Response(body=body, content_type="text/plain")
        case Misbehaviour.NOT_UTF8:
            return web.Response(body=body[:-1] + b"\xff\xfe", content_type="application/json")
        case Misbehaviour.DROP_MIDDLE:
            return await _half(request, body, 0)
        case Misbehaviour.STALL:
            return await _half(request, body, fault.seconds if fault else 0)
        case Misbehaviour.SLOW_HEADERS:
            return await _raw(request, b"HTTP/1.1 200 OK\r\nX-One: 1\r\nX-Two: 2\r\n", fault.seconds if fault else 0)
        case _:
            return answer


async def _half(request: web.BaseRequest, body: bytes, seconds: float) -> web.StreamResponse:
    """Half of what was announced, some time of silence, and no more."""
    answer = web.StreamResponse(headers={"Content-Type": "application/json"})
    answer.content_length = len(body)
    await answer.prepare(request)
    await answer.write(body[: len(body) // 2])
    await asyncio.sleep(seconds)
    return hang_up(request)


async def _raw(request: web.BaseRequest, content: bytes, seconds: float) -> web.StreamResponse:
    """These bytes and nothing of HTTP, a line at a time over some seconds; then the connection ends."""
    lines = content.split(b"\n")
    for number, line in enumerate(lines):
        if not isinstance(request.transport, asyncio.WriteTransport):
            break
        request.transport.write(line + (b"\n" if number < len(lines) - 1 else b""))
        await asyncio.sleep(seconds / len(lines))
    await asyncio.sleep(0.01)  # so that they are read before the connection ends
    return hang_up(request)
