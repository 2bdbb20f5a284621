"""The composition root: the only place where objects are wired together."""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime

from pydantic import SecretStr
from sqlalchemy.exc import SQLAlchemyError

from bot.bell import Bell
from bot.catalogue import Catalogue
from bot.channels import Answer, BadLogin, Channel, Request
from bot.clock import Clock
from bot.delivery import Delivery
from bot.events import Platform
from bot.handlers.slack import SlackChannel
from bot.handlers.telegram import TelegramChannel
from bot.health import Health
from bot.heartbeat import Heartbeat
from bot.intake import Intake
from bot.leases import LENGTH, Leases
from bot.logs import quiet
from bot.loops import kept
from bot.metrics import Backlog, Metrics, backlog
from bot.network import Network
from bot.pacing import LIMITS, Pace
from bot.presence import Presence
from bot.services import escalation_plan
from bot.services.invitations import looks_like_code
from bot.services.work import House, read_house
from bot.watchdog import Watchdog
from bot.web import Deliver, Web, site
from config.settings import Settings, Telegram
from storage.database import Database, Probe

log = logging.getLogger(__name__)

RETRY = 5.0  # seconds between tries to reach a platform that does not answer at start
SCRAPE = 3.0  # seconds that a scrape waits for the database


def wall() -> datetime:
    """The time by the machine's clock, UTC."""
    return datetime.now(UTC)


def secret(value: SecretStr | None) -> str | None:
    """The secret itself, where one is set."""
    return value.get_secret_value() if value is not None else None


def webhook(settings: Telegram) -> tuple[str, str] | None:
    """Where Telegram posts, and the secret that it then shows; None to fetch instead."""
    if settings.webhook_url is None or settings.webhook_secret is None:
        return None
    return settings.webhook_url, settings.webhook_secret.get_secret_value()


@dataclass(frozen=True)
class Seams:
    """What tests, the demo and the durability proof put in place of the machine's own."""

    now: Callable[[], datetime] = wall
    probe: Probe = lambda _: None
    paced: bool = True
    telegram: type[TelegramChannel] = TelegramChannel
    slack: type[SlackChannel] = SlackChannel
    lease: float = LENGTH  # seconds until another process takes over what a dead one did alone


class App:
    """The running bot. Raises NoMunicipality when it is made on a database that `init` has not seen."""

    def __init__(self, settings: Settings, seams: Seams | None = None) -> None:
        quiet()
        self.seams = seams or Seams()
        self.name = secrets.token_hex(4)  # of this process among those that share the database
        self.metrics = Metrics()
        self.database = Database(settings.database_url, settings.keys, self.seams.probe)
        with self.database.transaction() as session:
            self.house: House = read_house(session, Catalogue(), escalation_plan.load())
        pace = Pace(LIMITS, time.monotonic) if self.seams.paced else None
        self.leases = Leases(self.database, self.name, self.seams.lease)
        self.delivery = Delivery(self.database, self.house, self.seams.now, pace, self.leases, self.seams.probe)
        self.bell = Bell(self.database, self._heard)
        self.intake = Intake(self.database, self.house, self.seams.now, self._wake)
        self.clock = Clock(self.database, self.house, self.seams.now, self._wake)
        self.database.promised = self.clock.ring
        network = Network(settings.network.proxy, settings.network.ca_file)
        self.channels = self._channels(settings, network)
        self.house.platforms = tuple(str(channel.platform) for channel in self.channels)
        self._tasks: list[asyncio.Task[None]] = []
        self._stay_alive(settings, network)

    def _wake(self) -> None:
        """There may be something to send; if not by this process, then by another."""
        self.delivery.wake()
        if not self.delivery.sends_all:
            self.bell.ring()

    def _heard(self) -> None:
        self.delivery.wake()
        self.clock.ring()

    def _stay_alive(self, settings: Settings, network: Network) -> None:
        """What looks after the rest: nothing here takes in or sends what people write."""
        metrics, channels = self.metrics, self.delivery.channels
        self.intake.count, self.delivery.count = metrics.took_in, metrics.sent_out
        self.clock.died = self._died
        self.health = Health(self.database, self.house.platforms, channels)
        self.watchdog = Watchdog(channels.values, self.health, lambda name: metrics.revived.labels(name).inc())
        self.presence = Presence(self.database, self.house, self.name, self.seams.now, self._was_away)
        self.heartbeat = (
            Heartbeat(settings.heartbeat_url, network, self.health.ready) if settings.heartbeat_url else None
        )
        self.web: Web | None = None
        if settings.http.port is not None:
            hooks = {str(c.platform): self._hook(c) for c in self.channels if _posted(settings, c)}
            app = site(hooks, self.health, self._scrape, lambda name: metrics.refused.labels(name).inc())
            self.web = Web(app, settings.http.host, settings.http.port)

    def _died(self, name: str) -> None:
        self.metrics.restarted.labels(name).inc()

    def _was_away(self) -> None:
        self.metrics.absences.inc()
        self._wake()
        self.clock.ring()

    def _hook(self, channel: Channel) -> Deliver:
        async def deliver(request: Request) -> Answer:
            if channel.platform not in self.delivery.channels:
                return Answer(503)  # not logged in yet, or stopped: the platform posts it again
            return await channel.deliver(request)

        return deliver

    async def _scrape(self) -> bytes:
        waiting: Backlog | None = None
        with suppress(TimeoutError, SQLAlchemyError):
            async with asyncio.timeout(SCRAPE):
                waiting = await self.database.run(backlog, self.seams.now())
        return self.metrics.page(waiting, self.health.heard)

    def _channels(self, settings: Settings, network: Network) -> list[Channel]:
        voice = self.house.voice(self.house.languages[0], self.seams.now())
        channels: list[Channel] = []
        if settings.telegram is not None:
            channels.append(
                self.seams.telegram(
                    token=settings.telegram.token.get_secret_value(),
                    webhook=webhook(settings.telegram),
                    listening=False,
                    network=network,
                    base_url=settings.telegram.base_url,
                    door=self.intake.handle,
                    now=self.seams.now,
                    slow_text=voice.word("slow.wait"),
                    probe=self.seams.probe,
                    keep=self.intake.keep_raw,
                )
            )
        if settings.slack is not None:
            channels.append(
                self.seams.slack(
                    bot_token=settings.slack.bot_token.get_secret_value(),
                    app_token=secret(settings.slack.app_token),
                    signing_secret=secret(settings.slack.signing_secret),
                    network=network,
                    base_url=settings.slack.base_url,
                    door=self.intake.handle,
                    now=self.seams.now,
                    slow_text=voice.word("slow.wait"),
                    loading=(
                        voice.word("sheet.loading"),
                        voice.word("sheet.close"),
                        voice.word("slow.moment"),
                    ),
                    wants_name=looks_like_code,
                    probe=self.seams.probe,
                    keep=self.intake.keep_raw,
                )
            )
        return channels

    async def start(self) -> None:
        """Log in everywhere and begin; a platform that does not answer is tried again. Raises BadLogin, BadPort."""
        if self.web is not None:
            await self.web.start()
        await self.presence.beat()
        await self.leases.start()
        waiting = [channel for channel in self.channels if not await self._bring_up(channel)]
        loops = {
            "delivery": self.delivery.run,
            **({"the bell": self.bell.run} if self.database.shared else {}),
            "the watchdog": self.watchdog.run,
            "the presence": self.presence.run,
            **({"the heartbeat": self.heartbeat.run} if self.heartbeat is not None else {}),
        }
        self._tasks = [
            *(asyncio.create_task(kept(name, work, self._died)) for name, work in loops.items()),
            *(asyncio.create_task(self._insist(c)) for c in waiting),
        ]
        self.clock.start()

    async def _bring_up(self, channel: Channel) -> bool:
        try:
            await channel.start()
        except BadLogin as error:
            raise BadLogin(error.args[0], str(channel.platform)) from error
        except Exception as error:
            log.warning("%s does not answer (%s); trying again", channel.platform, type(error).__name__)
            return False
        if isinstance(channel, TelegramChannel):
            self.house.telegram_name = channel.username
            await self.leases.want("receive:telegram", channel.listen)  # Telegram refuses a second one that fetches
        await self.delivery.serve(channel)
        return True

    async def _insist(self, channel: Channel) -> None:
        while True:
            await asyncio.sleep(RETRY)
            try:
                if await self._bring_up(channel):
                    return
            except BadLogin as error:
                log.error("%s does not accept the token: %s", channel.platform, error)
                return

    async def stop(self) -> None:
        """Let what is under way end, and close. What is accepted meanwhile is sent at the next start."""
        if self.web is not None:
            await self.web.stop()
        await self.clock.stop()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.delivery.stop()
        for channel in self.delivery.channels.values():
            await channel.stop()
        await self.bell.stop()
        await self.leases.stop()
        await self.health.stop()
        await self.presence.stop()
        self.database.close()


def _posted(settings: Settings, channel: Channel) -> bool:
    """Whether this platform posts to us, instead of being asked."""
    if channel.platform is Platform.TELEGRAM:
        return settings.telegram is not None and webhook(settings.telegram) is not None
    return settings.slack is not None and settings.slack.signing_secret is not None
