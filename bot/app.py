"""The composition root: the only place where objects are wired together."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from pydantic import SecretStr

from bot.catalogue import LANGUAGES, Catalogue
from bot.channels import BadLogin, Channel
from bot.clock import Clock
from bot.delivery import Delivery
from bot.events import Platform
from bot.fetching import Fetching
from bot.handlers.slack import SlackChannel
from bot.handlers.telegram import TelegramChannel
from bot.intake import Intake
from bot.logs import trail
from bot.network import Network
from bot.pacing import LIMITS, Pace
from bot.services import escalation_plan, menus
from bot.services.invitations import looks_like_code
from bot.services.work import House, Work, read_house
from config.settings import Settings, Telegram
from storage.database import Database, Probe

log = logging.getLogger(__name__)

RETRY = 5.0  # seconds between tries to reach a platform that does not answer at start


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


class App:
    """The running bot. Raises NoMunicipality when it is made on a database that `init` has not seen."""

    def __init__(self, settings: Settings, seams: Seams | None = None) -> None:
        self.seams = seams or Seams()
        self.database = Database(settings.database_url, settings.keys, self.seams.probe)
        with self.database.transaction() as session:
            self.house: House = read_house(session, Catalogue(), escalation_plan.load())
        pace = Pace(LIMITS, time.monotonic) if self.seams.paced else None
        self.delivery = Delivery(self.database, self.house, self.seams.now, pace, self.seams.probe)
        self.fetching = Fetching(
            self.database, self.house, self.seams.now, self.delivery.wake, self.delivery.channels, self.seams.probe
        )
        self.intake = Intake(self.database, self.house, self.seams.now, self._wake)
        self.clock = Clock(self.database, self.house, self.seams.now, self.delivery.wake)
        self.database.promised = self.clock.ring
        self.channels = self._channels(settings)
        self.house.platforms = tuple(str(channel.platform) for channel in self.channels)
        self._tasks: list[asyncio.Task[None]] = []
        self._menus: set[asyncio.Task[None]] = set()

    def _wake(self) -> None:
        """There may be something to send, and something to fetch."""
        self.delivery.wake()
        self.fetching.wake()

    def _channels(self, settings: Settings) -> list[Channel]:
        voice = self.house.voice(self.house.languages[0], self.seams.now())
        network = Network(settings.network.proxy, settings.network.ca_file)
        channels: list[Channel] = []
        if settings.telegram is not None:
            channels.append(
                self.seams.telegram(
                    token=settings.telegram.token.get_secret_value(),
                    webhook=webhook(settings.telegram),
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
        """Log in everywhere and begin. Raises BadLogin; a platform that only does not answer is tried until it does."""
        waiting = [channel for channel in self.channels if not await self._bring_up(channel)]
        self._tasks = [
            asyncio.create_task(self.delivery.run()),
            asyncio.create_task(self.fetching.run()),
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
            self._offer_commands(channel)
        self.delivery.channels[Platform(channel.platform)] = channel
        self._wake()
        return True

    def _offer_commands(self, channel: Channel) -> None:
        """In the background: nobody waits for a menu."""
        task = asyncio.create_task(self._set_menus(channel))
        self._menus.add(task)
        task.add_done_callback(self._menus.discard)

    async def _set_menus(self, channel: Channel) -> None:
        """The menu of strangers in each language; and of those who came in before there were menus, their own."""
        try:
            await self.database.run(lambda session: menus.fill(Work(session, self.seams.now(), self.house)))
            self.delivery.wake()
            for language in ("", *LANGUAGES):
                voice = self.house.voice(language, self.seams.now())
                await channel.menu("", menus.for_strangers(voice), language)
        except Exception as error:
            log.warning("%s has no menu for strangers yet: %s", channel.platform, trail(error))

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
        await self.clock.stop()
        for task in (*self._tasks, *self._menus):
            task.cancel()
        await asyncio.gather(*self._tasks, *self._menus, return_exceptions=True)
        await self.fetching.stop()
        await self.delivery.stop()
        for channel in self.delivery.channels.values():
            await channel.stop()
        self.database.close()
