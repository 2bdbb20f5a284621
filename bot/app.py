"""The composition root: the only place where objects are wired together."""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from contextlib import suppress

from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session

from bot import platforms
from bot.advice.library import Library
from bot.bell import Bell
from bot.catalogue import LANGUAGES, Catalogue
from bot.channels import Answer, BadLogin, Channel, Request
from bot.clock import Clock
from bot.delivery import Delivery
from bot.fetching import Fetching
from bot.handlers.telegram import TelegramChannel
from bot.health import Health
from bot.heartbeat import Heartbeat
from bot.intake import Intake
from bot.leases import Leases
from bot.logs import quiet, trail
from bot.loops import kept
from bot.metrics import Backlog, Metrics, backlog
from bot.network import Network
from bot.pacing import LIMITS, Pace
from bot.plans.plans import Plans
from bot.presence import Presence
from bot.rereading import Rereading
from bot.risk.shelf import Guides
from bot.seams import Seams
from bot.services import elections, escalation_plan, menus
from bot.services.work import House, Work, read_house
from bot.watchdog import Watchdog
from bot.web import Deliver, Web, site
from config.settings import Settings
from storage.database import Database

log = logging.getLogger(__name__)

RETRY = 5.0  # seconds between tries to reach a platform that does not answer at start
SCRAPE = 3.0  # seconds that a scrape waits for the database


class App:
    """The running bot. Raises NoMunicipality when it is made on a database that `init` has not seen."""

    def __init__(self, settings: Settings, seams: Seams | None = None) -> None:
        quiet()
        self.seams = seams or Seams()
        self.name = secrets.token_hex(4)  # of this process among those that share the database
        self.database = Database(settings.database_url, settings.keys, self.seams.probe)
        plan = escalation_plan.load_for(settings.content_dir, platforms.gateways(settings))
        with self.database.transaction() as session:
            self.house: House = read_house(session, Catalogue(), plan, Library(settings.content_dir))
        network = Network(settings.network.proxy, settings.network.ca_file)
        self._pump()
        self.channels = platforms.channels(settings, self.seams, self.house, self.intake, network)
        self.house.platforms = tuple(str(channel.platform) for channel in self.channels)
        self.house.gateways = platforms.gateways(settings)
        self.gateway = platforms.gateway(settings.gateway, network) if settings.gateway is not None else None
        self.house.notices_only = settings.telegram is not None and settings.telegram.content == "notices"
        self.house.two_person = settings.alerts.two_person
        self.house.open_advice = settings.checklists.open
        self.house.plans, self.house.guides = Plans(settings.content_dir), Guides(settings.content_dir)
        own = elections.for_folder(settings.content_dir)
        self.house.elections, self.house.days = elections.load(own), elections.days(own)
        contents = (self.house.library, self.house.plans, self.house.guides)
        self.rereading = Rereading(*contents) if settings.content_dir is not None else None
        self._stay_alive(settings, network)
        self._tasks: set[asyncio.Task[None]] = set()

    def _pump(self) -> None:
        """What takes in, keeps time, fetches and sends."""
        now, probe = self.seams.now, self.seams.probe
        pace = Pace(LIMITS, time.monotonic) if self.seams.paced else None
        self.leases = Leases(self.database, self.name, self.seams.lease)
        self.delivery = Delivery(self.database, self.house, now, pace, self.leases, self.seams.draw, probe)
        channels, wake = self.delivery.channels, self.delivery.wake
        self.fetching = Fetching(self.database, self.house, now, wake, channels, probe, self.name)
        self.bell = Bell(self.database, self._heard)
        self.intake = Intake(self.database, self.house, now, self._wake, self.fetching.wake)
        self.clock = Clock(self.database, self.house, now, self._wake)
        self.database.promised = self.clock.promised

    def _stay_alive(self, settings: Settings, network: Network) -> None:
        """What looks after the rest: nothing here takes in or sends what people write."""
        metrics = self.metrics = Metrics()
        self.intake.count, self.delivery.count = metrics.took_in, metrics.sent_out
        self.clock.died, self.clock.found = self._died, lambda what: metrics.stuck.labels(what).inc()
        self.health = Health(self.database, self.house.platforms, self.delivery.channels)
        revived = metrics.revived
        self.watchdog = Watchdog(self.delivery.channels.values, self.health, lambda name: revived.labels(name).inc())
        self.presence = Presence(self.database, self.house, self.name, self.seams.now, self._was_away)
        beat = settings.heartbeat_url
        self.heartbeat = Heartbeat(beat, network, self.health.ready) if beat else None
        self.web: Web | None = None
        if settings.http.port is not None:
            hooks = {str(c.platform): self._hook(c) for c in self.channels if platforms.posts(settings, c.platform)}
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

    def _wake(self) -> None:
        """There may be something to send; if this process does not send it, another one does."""
        self.delivery.wake()
        if not self.delivery.sends_all:
            self.bell.ring()

    def _heard(self) -> None:
        self.delivery.wake()
        self.clock.ring()

    async def start(self) -> None:
        """Log in everywhere and begin; a platform that does not answer is tried again. Raises BadLogin, BadPort."""
        if self.web is not None:
            await self.web.start()
        await self.presence.beat()
        await self.leases.start()
        if self.gateway is not None:
            await self.delivery.serve_gateway(self.gateway)
        waiting = [channel for channel in self.channels if not await self._bring_up(channel)]
        loops = {
            "delivery": self.delivery.run,
            "fetching": self.fetching.run,
            **({"the bell": self.bell.run} if self.database.shared else {}),
            "the watchdog": self.watchdog.run,
            "the presence": self.presence.run,
            **({"content": self.rereading.run} if self.rereading is not None else {}),
            **({"the heartbeat": self.heartbeat.run} if self.heartbeat is not None else {}),
        }
        for name, work in loops.items():
            self._tasks.add(asyncio.create_task(kept(name, work, self._died), name=name))
        self._tasks.update(asyncio.create_task(self._insist(channel)) for channel in waiting)
        self._tasks.add(asyncio.create_task(asyncio.to_thread(self.house.library.warm)))
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
            self._tasks.add(asyncio.create_task(self._set_menus(channel)))  # nobody waits for a menu
        await self.delivery.serve(channel)
        self.fetching.wake()
        return True

    async def _set_menus(self, channel: Channel) -> None:
        """The menu of strangers in each language; and of those who came in before there were menus, their own."""
        try:
            after = await self.database.run(self._fill_menus, 0)
            while after:
                after = await self.database.run(self._fill_menus, after)
            self.delivery.wake()
            for language in ("", *LANGUAGES):
                voice = self.house.voice(language, self.seams.now())
                await channel.menu("", menus.for_strangers(voice), language)
        except Exception as error:
            log.warning("%s has no menu for strangers yet: %s", channel.platform, trail(error))

    def _fill_menus(self, session: Session, after: int) -> int:
        return menus.fill(Work(session, self.seams.now(), self.house), after)

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
        await self.fetching.stop()
        await self.delivery.stop()
        for channel in self.delivery.channels.values():
            await channel.stop()
        if self.gateway is not None:
            await self.gateway.close()
        await self.bell.stop()
        await self.leases.stop()
        await self.health.stop()
        await self.presence.stop()
        self.database.close()


__all__ = ["App", "Seams"]
