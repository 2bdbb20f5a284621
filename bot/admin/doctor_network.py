"""Looks outwards: proxy, certificates, the web server's port, and what each platform says of us."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from urllib.parse import urlsplit

import aiohttp

from bot import platforms
from bot.admin import reach
from bot.admin.findings import Finding, fault, ok, warning
from bot.admin.reach import Heard
from bot.channels import BadLogin, PlatformDown, Undelivered
from bot.handlers.slack_scopes import BOT_SCOPES, scopes_of
from config.settings import Gateway, Settings, Slack, Telegram

OFF, FAR_OFF = 5, 60  # seconds that the clock may differ; signed posts are refused after 300
LITTLE = 100  # crowns or euros left at the gateway
MANY = 100  # updates that wait at Telegram
ENVIRONMENT = ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy")


async def look(chosen: Settings) -> AsyncIterator[Finding]:
    """Every finding about the network; the platforms are asked, and nothing there is changed."""
    for finding in _certificates(chosen):
        yield finding
        if finding.level == "fault":
            return
    async for finding in _proxy(chosen):
        yield finding
    if chosen.telegram is None and chosen.slack is None:
        yield fault("cli.doctor_no_platform", "platforms")
    heard: list[Heard] = []
    if chosen.telegram is not None:
        async for finding in _telegram(chosen, chosen.telegram, heard):
            yield finding
    if chosen.slack is not None:
        async for finding in _slack(chosen, chosen.slack, heard):
            yield finding
    if chosen.gateway is not None:
        yield await _gateway(chosen, chosen.gateway)
    for finding in _clock(heard):
        yield finding
    if chosen.http.port:
        yield await _port(chosen.http.host, chosen.http.port)


def _certificates(chosen: Settings) -> Iterator[Finding]:
    if chosen.network.ca_file is None:
        return
    try:
        reach.network_of(chosen).context()
    except OSError as error:
        problem = error.strerror or type(error).__name__
        yield fault("cli.doctor_ca_bad", "certificates", file=chosen.network.ca_file, problem=problem)
        return
    yield ok("cli.doctor_ca", "certificates", file=chosen.network.ca_file)


async def _proxy(chosen: Settings) -> AsyncIterator[Finding]:
    named = [name for name in ENVIRONMENT if os.environ.get(name)]
    if chosen.network.proxy is None:
        if named:
            yield warning("cli.doctor_proxy_environment", "proxy", name=named[0])
        return
    host = ""
    try:
        address = urlsplit(chosen.network.proxy)
        host = f"{address.hostname}:{address.port or 80}"  # without the name and password that may be before it
        _, writer = await asyncio.wait_for(asyncio.open_connection(address.hostname, address.port or 80), 5)
        writer.close()
    except (OSError, TimeoutError, ValueError):
        yield fault("cli.doctor_proxy_silent", "proxy", host=host or "?")
        return
    yield ok("cli.doctor_proxy", "proxy", host=host)


async def _telegram(chosen: Settings, telegram: Telegram, heard: list[Heard]) -> AsyncIterator[Finding]:
    me = await reach.telegram(chosen, "getMe")
    heard.append(me)
    if not me.ok:
        refused = me.status in (401, 403, 404)
        key = "cli.doctor_telegram_token" if refused else "cli.doctor_telegram_silent"
        yield fault(key, "telegram") if refused else fault(key, "telegram", problem=me.reason)
        return
    yield ok("cli.doctor_telegram", "telegram", name=_text(me, "username"))
    if not _text(me, "supports_inline_queries"):
        yield warning("cli.doctor_inline_off", "telegram", name=_text(me, "username"))
    info = await reach.telegram(chosen, "getWebhookInfo")
    if info.ok:
        for finding in _webhook(info, telegram):
            yield finding


def _webhook(info: Heard, telegram: Telegram) -> Iterator[Finding]:
    there, wanted = _text(info, "url"), telegram.webhook_url or ""
    if there != wanted:
        yield warning("cli.doctor_webhook_other" if wanted else "cli.doctor_webhook_left", "telegram")
    elif wanted and (error := _text(info, "last_error_message")):
        yield warning("cli.doctor_webhook_error", "telegram", problem=error, time=_at(info, "last_error_date"))
    elif wanted:
        yield ok("cli.doctor_webhook", "telegram")
    waiting = int(_text(info, "pending_update_count") or 0)
    if waiting > MANY:
        yield warning("cli.doctor_pending", "telegram", count=waiting)


def _text(heard: Heard, name: str) -> str:
    result = heard.said.get("result")
    return str(result.get(name) or "") if isinstance(result, dict) else ""


def _at(heard: Heard, name: str) -> str:
    seconds = _text(heard, name)
    return f"{datetime.fromtimestamp(int(seconds), UTC):%Y-%m-%d %H:%M} UTC" if seconds.isdigit() else "?"


async def _slack(chosen: Settings, slack: Slack, heard: list[Heard]) -> AsyncIterator[Finding]:
    """Asked through the bot's own client, which goes the way that the bot goes."""
    token = slack.bot_token.get_secret_value()
    try:
        team, granted = await scopes_of(token, slack.base_url, reach.network_of(chosen))
    except BadLogin as refused:
        yield fault("cli.doctor_slack_token", "slack", problem=refused.args[0])
        return
    except Undelivered as error:
        yield fault("cli.doctor_slack_silent", "slack", problem=error.args[0])
        return
    yield ok("cli.doctor_slack", "slack", team=team)
    heard.append(await reach.slack(chosen, "auth.test", token))  # for its clock
    for finding in _scopes(granted):
        yield finding
    if slack.app_token is not None:
        yield await _socket(chosen, slack.app_token.get_secret_value())


def _scopes(granted: set[str]) -> Iterator[Finding]:
    missing, more = sorted(set(BOT_SCOPES) - granted), sorted(granted - set(BOT_SCOPES))
    if missing:
        yield fault("cli.doctor_scopes_missing", "scopes", scopes=", ".join(missing))
    if more:
        yield warning("cli.doctor_scopes_more", "scopes", scopes=", ".join(more))
    if not missing and not more:
        yield ok("cli.doctor_scopes", "scopes", count=len(granted))


async def _socket(chosen: Settings, token: str) -> Finding:
    opened = await reach.slack(chosen, "apps.connections.open", token)
    if opened.ok:
        return ok("cli.doctor_socket", "slack")
    return fault("cli.doctor_socket_refused", "slack", problem=opened.reason)


async def _gateway(chosen: Settings, gateway: Gateway) -> Finding:
    """Asked through the bot's own client, which goes the way that the bot goes."""
    elks = platforms.gateway(gateway, reach.network_of(chosen))
    try:
        said = await elks.account()
    except PlatformDown as refused:
        return fault("cli.doctor_gateway_login", "gateway", problem=refused.args[0])
    except Undelivered as error:
        return fault("cli.doctor_gateway_silent", "gateway", problem=error.args[0])
    finally:
        await elks.close()
    balance = said.get("balance")
    if isinstance(balance, int) and balance < LITTLE * 10_000:
        left, currency = balance // 10_000, str(said.get("currency") or "")
        return warning("cli.doctor_gateway_money", "gateway", left=left, currency=currency)
    return ok("cli.doctor_gateway", "gateway")


def _clock(heard: list[Heard]) -> Iterator[Finding]:
    """How far our clock is from the platforms', which tell whole seconds; the difference to the nearest counts."""
    now = datetime.now(UTC)
    found = [(now - answer.date).total_seconds() for answer in heard if answer.date is not None]
    if not found:
        return
    off = round(sorted(found, key=abs)[0], 1)
    if abs(off) > FAR_OFF:
        yield fault("cli.doctor_clock_wrong", "clock", seconds=off)
    elif abs(off) > OFF:
        yield warning("cli.doctor_clock_off", "clock", seconds=off)
    else:
        yield ok("cli.doctor_clock", "clock", seconds=off)


async def _port(host: str, port: int) -> Finding:
    """Free, or the bot's own web server, or somebody else's."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
            return ok("cli.doctor_port_free", "port", port=port)
        except OSError:
            pass
    at = "127.0.0.1" if host in ("", "0.0.0.0") else host  # noqa: S104 -- compared with, not bound to
    try:
        async with (
            aiohttp.ClientSession(timeout=reach.WITHIN) as session,
            session.get(f"http://{f'[{at}]' if ':' in at else at}:{port}/healthz") as answer,
        ):
            ours = answer.status in (200, 503)
    except (aiohttp.ClientError, TimeoutError, OSError):
        ours = False
    return ok("cli.doctor_port_ours", "port", port=port) if ours else fault("cli.doctor_port_taken", "port", port=port)
