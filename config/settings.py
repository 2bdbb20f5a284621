"""Settings, from the environment: prefix TRYGGVAG_, nested with `__`. Secrets come from here and nowhere else."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

PREFIX = "TRYGGVAG_"


class BadSettings(Exception):
    """A setting is missing or wrong; `args[0]` says which and why, in one line, without its value."""


class Telegram(BaseModel):
    """The bot on Telegram. `base_url` is for a server of one's own.

    With `webhook_url`, an address that Telegram reaches, updates are posted there instead of fetched.
    `content`: with notices nothing that somebody wrote passes Telegram, only presses and requests to be called.
    """

    token: SecretStr = Field(min_length=1)
    base_url: str | None = None
    webhook_url: str | None = Field(default=None, pattern=r"^https?://\S+$")
    webhook_secret: SecretStr | None = None
    content: Literal["full", "notices"] = "full"

    @field_validator("webhook_secret")
    @classmethod
    def _as_telegram_takes_it(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not re.fullmatch(r"[A-Za-z0-9_-]{16,256}", value.get_secret_value()):
            raise ValueError("write 16 to 256 characters of A-Z, a-z, 0-9, _ and -")
        return value

    @model_validator(mode="after")
    def _together(self) -> Self:
        if (self.webhook_url is None) != (self.webhook_secret is None):
            raise ValueError("WEBHOOK_URL and WEBHOOK_SECRET go together")
        return self


class Slack(BaseModel):
    """The app on Slack: Socket Mode with `app_token`, or signed HTTP with `signing_secret`."""

    bot_token: SecretStr = Field(min_length=1)
    app_token: SecretStr | None = Field(default=None, min_length=1)
    signing_secret: SecretStr | None = Field(default=None, min_length=1)
    base_url: str | None = None

    @model_validator(mode="after")
    def _one_way_in(self) -> Self:
        if (self.app_token is None) == (self.signing_secret is None):
            raise ValueError("set APP_TOKEN for Socket Mode or SIGNING_SECRET for HTTP, and not both")
        return self


class Gateway(BaseModel):
    """SMS and calls by 46elks, as the last way to somebody who does not answer.

    46elks reads no words aloud: with `voice` it plays what is at `recording`, and calls from a number. `base_url` is
    for a server of one's own.
    """

    user: SecretStr = Field(min_length=1)
    password: SecretStr = Field(min_length=1)
    sender: str
    base_url: str = Field(default="https://api.46elks.com", pattern=r"^https?://\S+$")
    voice: bool = False
    recording: str | None = Field(default=None, pattern=r"^https?://\S+$")

    @field_validator("sender")
    @classmethod
    def _as_phones_show_it(cls, value: str) -> str:
        if not re.fullmatch(r"\+[1-9][0-9]{6,14}|[A-Za-z][A-Za-z0-9]{0,10}", value):
            raise ValueError("write at most 11 of A-Z, a-z and 0-9, a letter first; or a number such as +46766860000")
        return value

    @model_validator(mode="after")
    def _can_call(self) -> Self:
        if self.voice and (self.recording is None or not self.sender.startswith("+")):
            raise ValueError("VOICE needs a number in SENDER, and in RECORDING the address of the sound to play")
        return self


class Alerts(BaseModel):
    """How the unit broadcasts. With `two_person` an emergency to everybody waits for another officer's press."""

    two_person: bool = False


class Checklists(BaseModel):
    """Advice. With `open` anybody in the workspace or on Telegram may read it, without an invitation."""

    open: bool = False


class Http(BaseModel):
    """The web server, for webhooks, health and metrics. Without `port` there is none."""

    host: str = "127.0.0.1"
    port: int | None = Field(default=None, ge=0, le=65535)


class Net(BaseModel):
    """How the bot reaches the platforms, where that is not straight."""

    proxy: str | None = Field(default=None, pattern=r"^https?://\S+$")
    ca_file: Path | None = None


class Settings(BaseSettings):
    """Everything that differs between installations."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_nested_delimiter="__", extra="ignore")

    database_url: str = "sqlite:///tryggvag.db"
    encryption_keys: Annotated[list[SecretStr], NoDecode] = Field(min_length=1)
    timezone: str = "Europe/Stockholm"
    telegram: Telegram | None = None
    slack: Slack | None = None
    gateway: Gateway | None = None
    alerts: Alerts = Alerts()
    checklists: Checklists = Checklists()
    http: Http = Http()
    network: Net = Net()
    heartbeat_url: str | None = Field(default=None, pattern=r"^https?://\S+$")
    log_format: Literal["text", "json"] = "text"
    content_dir: Path | None = None  # the municipality's own content, over the shipped

    @model_validator(mode="after")
    def _webhooks_need_a_port(self) -> Self:
        posted = (self.telegram and self.telegram.webhook_url) or (self.slack and self.slack.signing_secret)
        if posted and self.http.port is None:
            raise ValueError(f"{PREFIX}HTTP__PORT is not set, and the platform needs a server to post to")
        return self

    @field_validator("encryption_keys", mode="before")
    @classmethod
    def _comma_separated(cls, value: Any) -> Any:
        return [key.strip() for key in value.split(",") if key.strip()] if isinstance(value, str) else value

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise ValueError("is no time zone; write for example Europe/Stockholm") from error
        return value

    @property
    def keys(self) -> list[str]:
        """The encryption keys, the one that encrypts first."""
        return [key.get_secret_value() for key in self.encryption_keys]


class _Content(BaseSettings):
    """What is needed where nothing is stored."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="ignore")

    content_dir: Path | None = None


def read_content_dir() -> Path | None:
    """The municipality's own content; no other setting needs to be there."""
    return _Content().content_dir


def read_settings() -> Settings:
    """Read the environment. Raises BadSettings."""
    try:
        return Settings()
    except ValidationError as error:
        raise BadSettings("; ".join(_line(problem) for problem in error.errors())) from None


def _line(problem: Any) -> str:
    name = PREFIX + "__".join(str(part).upper() for part in problem["loc"] if isinstance(part, str))
    if problem["type"] == "missing":
        return f"{name} is not set"
    if problem["type"] in ("string_too_short", "too_short"):
        return f"{name} is empty"
    if problem["type"].startswith("model_"):
        return f"{name} has parts of its own; write for example {PREFIX}TELEGRAM__TOKEN"
    return f"{name}: {problem['msg'].removeprefix('Value error, ')}"
