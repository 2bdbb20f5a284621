"""The platforms' adapters and the gateway, made from the settings."""

from __future__ import annotations

from pydantic import SecretStr

from bot.channels import Channel
from bot.events import Platform
from bot.gateways import SMS, VOICE
from bot.handlers.elks import Elks
from bot.intake import Intake
from bot.network import Network
from bot.seams import Seams
from bot.services.invitations import looks_like_code
from bot.services.work import House
from config.settings import Gateway, Settings, Slack, Telegram


def channels(settings: Settings, seams: Seams, house: House, intake: Intake, network: Network) -> list[Channel]:
    """An adapter for each platform that is set up; none has logged in yet."""
    made: list[Channel] = []
    if settings.telegram is not None:
        made.append(_telegram(settings.telegram, seams, house, intake, network))
    if settings.slack is not None:
        made.append(_slack(settings.slack, seams, house, intake, network))
    return made


def gateways(settings: Settings) -> tuple[str, ...]:
    """What the gateway that is set up can do."""
    if settings.gateway is None:
        return ()
    return (SMS, VOICE) if settings.gateway.voice else (SMS,)


def gateway(settings: Gateway, network: Network) -> Elks:
    """The client of the gateway; it has not called anybody yet."""
    return Elks(
        user=settings.user.get_secret_value(),
        password=settings.password.get_secret_value(),
        sender=settings.sender,
        base_url=settings.base_url,
        recording=settings.recording if settings.voice else None,
        network=network,
    )


def posts(settings: Settings, platform: Platform) -> bool:
    """Whether this platform posts to us, instead of being asked."""
    if platform is Platform.TELEGRAM:
        return settings.telegram is not None and _webhook(settings.telegram) is not None
    return settings.slack is not None and settings.slack.signing_secret is not None


def _telegram(settings: Telegram, seams: Seams, house: House, intake: Intake, network: Network) -> Channel:
    voice = house.voice(house.languages[0], seams.now())
    return seams.telegram(
        token=settings.token.get_secret_value(),
        webhook=_webhook(settings),
        listening=False,  # until this process may
        network=network,
        base_url=settings.base_url,
        door=intake.handle,
        now=seams.now,
        slow_text=voice.word("slow.wait"),
        probe=seams.probe,
        keep=intake.keep_raw,
    )


def _slack(settings: Slack, seams: Seams, house: House, intake: Intake, network: Network) -> Channel:
    voice = house.voice(house.languages[0], seams.now())
    return seams.slack(
        bot_token=settings.bot_token.get_secret_value(),
        app_token=_secret(settings.app_token),
        signing_secret=_secret(settings.signing_secret),
        network=network,
        base_url=settings.base_url,
        door=intake.handle,
        now=seams.now,
        slow_text=voice.word("slow.wait"),
        loading=(voice.word("sheet.loading"), voice.word("sheet.close"), voice.word("slow.moment")),
        wants_name=looks_like_code,
        probe=seams.probe,
        keep=intake.keep_raw,
    )


def _secret(value: SecretStr | None) -> str | None:
    return value.get_secret_value() if value is not None else None


def _webhook(settings: Telegram) -> tuple[str, str] | None:
    """Where Telegram posts, and the secret that it then shows; None to fetch instead."""
    if settings.webhook_url is None or settings.webhook_secret is None:
        return None
    return settings.webhook_url, settings.webhook_secret.get_secret_value()
