"""Settings, from the environment: prefix TRYGGVAG_, nested with `__`. Secrets come from here and nowhere else."""

from __future__ import annotations

from typing import Annotated, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

PREFIX = "TRYGGVAG_"


class BadSettings(Exception):
    """A setting is missing or wrong; `args[0]` says which and why, in one line, without its value."""


class Telegram(BaseModel):
    """The bot on Telegram. `base_url` is for a server of one's own."""

    token: SecretStr = Field(min_length=1)
    base_url: str | None = None


class Slack(BaseModel):
    """The app on Slack, with Socket Mode."""

    bot_token: SecretStr = Field(min_length=1)
    app_token: SecretStr = Field(min_length=1)
    base_url: str | None = None


class Settings(BaseSettings):
    """Everything that differs between installations."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_nested_delimiter="__", extra="ignore")

    database_url: str = "sqlite:///tryggvag.db"
    encryption_keys: Annotated[list[SecretStr], NoDecode] = Field(min_length=1)
    timezone: str = "Europe/Stockholm"
    telegram: Telegram | None = None
    slack: Slack | None = None

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
