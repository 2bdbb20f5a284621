"""A setting that is missing or wrong is named in one line, and its value is never repeated."""

from __future__ import annotations

import os

import pytest
from cryptography.fernet import Fernet

from config.settings import PREFIX, BadSettings, read_settings

KEY = Fernet.generate_key().decode()
SECRET = "xoxb-hemligt"


@pytest.fixture(autouse=True)
def no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is set but what the test sets."""
    for name in [name for name in os.environ if name.startswith(PREFIX)]:
        monkeypatch.delenv(name)


@pytest.fixture
def env(monkeypatch: pytest.MonkeyPatch, no_settings: None) -> pytest.MonkeyPatch:
    monkeypatch.setenv("TRYGGVAG_ENCRYPTION_KEYS", KEY)
    return monkeypatch


def problem() -> str:
    """What is said of the settings that are set."""
    with pytest.raises(BadSettings) as found:
        read_settings()
    text = str(found.value)
    assert "\n" not in text
    assert SECRET not in text and KEY not in text
    assert found.value.__cause__ is None and found.value.__suppress_context__, "a traceback would show the values"
    return text


def test_a_key_is_all_that_must_be_set(env: pytest.MonkeyPatch) -> None:
    settings = read_settings()
    assert settings.keys == [KEY]
    assert (settings.database_url, settings.timezone) == ("sqlite:///tryggvag.db", "Europe/Stockholm")
    assert settings.telegram is None and settings.slack is None


def test_several_keys_are_separated_by_commas_and_the_first_stays_first(env: pytest.MonkeyPatch) -> None:
    env.setenv("TRYGGVAG_ENCRYPTION_KEYS", f" {KEY} , {SECRET},")
    assert read_settings().keys == [KEY, SECRET]


def test_a_key_that_is_missing_or_empty_is_named() -> None:
    assert problem() == "TRYGGVAG_ENCRYPTION_KEYS is not set"


@pytest.mark.parametrize("empty", ["", " ", ",", " , "])
def test_a_list_of_keys_without_any_is_named(env: pytest.MonkeyPatch, empty: str) -> None:
    env.setenv("TRYGGVAG_ENCRYPTION_KEYS", empty)
    assert problem() == "TRYGGVAG_ENCRYPTION_KEYS is empty"


@pytest.mark.parametrize("zone", ["Europe/Storköping", "", "/etc/passwd", "../UTC", "Europe"])
def test_a_time_zone_that_does_not_exist_is_named_with_an_example(env: pytest.MonkeyPatch, zone: str) -> None:
    env.setenv("TRYGGVAG_TIMEZONE", zone)
    assert problem() == "TRYGGVAG_TIMEZONE: is no time zone; write for example Europe/Stockholm"


def test_the_parts_of_a_platform_are_set_by_themselves(env: pytest.MonkeyPatch) -> None:
    env.setenv("TRYGGVAG_TELEGRAM__TOKEN", SECRET)
    settings = read_settings()
    assert settings.telegram is not None and settings.telegram.token.get_secret_value() == SECRET
    assert SECRET not in repr(settings) and KEY not in repr(settings)


def test_half_a_platform_says_which_half_is_missing(env: pytest.MonkeyPatch) -> None:
    env.setenv("TRYGGVAG_SLACK__BOT_TOKEN", SECRET)
    assert problem() == ("TRYGGVAG_SLACK: set APP_TOKEN for Socket Mode or SIGNING_SECRET for HTTP, and not both")


def test_an_empty_token_is_named(env: pytest.MonkeyPatch) -> None:
    env.setenv("TRYGGVAG_TELEGRAM__TOKEN", "")
    assert problem() == "TRYGGVAG_TELEGRAM__TOKEN is empty"


@pytest.mark.parametrize("value", [SECRET, "[1]", '"' + SECRET + '"'])
def test_a_platform_that_is_set_as_one_value_says_how_to_write_it(env: pytest.MonkeyPatch, value: str) -> None:
    env.setenv("TRYGGVAG_TELEGRAM", value)
    assert problem() == "TRYGGVAG_TELEGRAM has parts of its own; write for example TRYGGVAG_TELEGRAM__TOKEN"


def test_all_that_is_wrong_is_said_at_once(env: pytest.MonkeyPatch) -> None:
    env.delenv("TRYGGVAG_ENCRYPTION_KEYS")
    env.setenv("TRYGGVAG_TIMEZONE", "blåbär")
    assert "TRYGGVAG_ENCRYPTION_KEYS is not set" in problem() and "TRYGGVAG_TIMEZONE" in problem()


def test_a_setting_of_another_program_is_none_of_ours(env: pytest.MonkeyPatch) -> None:
    env.setenv("TRYGGVAG_SOMETHING_NEW", "1")
    assert read_settings().keys == [KEY]


WEBHOOK = {"TOKEN": "1:a", "WEBHOOK_URL": "https://bot.kommun.se/telegram", "WEBHOOK_SECRET": "a-Secret_of-16-letters"}


def test_a_webhook_has_an_address_a_secret_and_a_port(env: pytest.MonkeyPatch) -> None:
    for name, value in WEBHOOK.items():
        env.setenv(f"TRYGGVAG_TELEGRAM__{name}", value)
    assert "TRYGGVAG_HTTP__PORT is not set" in problem()
    env.setenv("TRYGGVAG_HTTP__PORT", "8080")
    telegram = read_settings().telegram
    assert telegram is not None and telegram.webhook_secret is not None
    assert telegram.webhook_secret.get_secret_value() == WEBHOOK["WEBHOOK_SECRET"]


@pytest.mark.parametrize("secret", ["kort", "åäö" * 10, "a" * 257, "with a space in it", ""])
def test_a_webhooks_secret_that_telegram_would_not_take_is_named(env: pytest.MonkeyPatch, secret: str) -> None:
    for name, value in (WEBHOOK | {"WEBHOOK_SECRET": secret}).items():
        env.setenv(f"TRYGGVAG_TELEGRAM__{name}", value)
    env.setenv("TRYGGVAG_HTTP__PORT", "8080")
    said = problem()
    assert said == "TRYGGVAG_TELEGRAM__WEBHOOK_SECRET: write 16 to 256 characters of A-Z, a-z, 0-9, _ and -"


GATEWAY = {"USER": "u5a9566", "PASSWORD": SECRET, "SENDER": "Lonnkoping"}


def set_gateway(env: pytest.MonkeyPatch, **more: str) -> None:
    for name, value in (GATEWAY | more).items():
        env.setenv(f"TRYGGVAG_GATEWAY__{name}", value)


def test_a_gateway_needs_a_login_and_a_sender(env: pytest.MonkeyPatch) -> None:
    assert read_settings().gateway is None
    set_gateway(env)
    gateway = read_settings().gateway
    assert gateway is not None and (gateway.base_url, gateway.voice) == ("https://api.46elks.com", False)
    assert SECRET not in repr(gateway) and "u5a9566" not in repr(gateway)
    for name in GATEWAY:
        env.delenv(f"TRYGGVAG_GATEWAY__{name}")
        assert problem() == f"TRYGGVAG_GATEWAY__{name} is not set"
        set_gateway(env)


@pytest.mark.parametrize("sender", ["", "Lönnköping", "SakerhetsEnh", "4Elks", "0701740605", "+0701740605", "En tva"])
def test_a_sender_that_no_telephone_shows_is_named(env: pytest.MonkeyPatch, sender: str) -> None:
    set_gateway(env, SENDER=sender)
    assert problem().startswith("TRYGGVAG_GATEWAY__SENDER: write at most 11 of")


def test_calls_need_a_number_to_call_from_and_a_sound(env: pytest.MonkeyPatch) -> None:
    set_gateway(env, VOICE="true")
    assert problem().startswith("TRYGGVAG_GATEWAY: VOICE needs a number in SENDER")
    set_gateway(env, VOICE="true", SENDER="+46766860000")
    assert problem().startswith("TRYGGVAG_GATEWAY: VOICE needs")
    set_gateway(env, VOICE="true", SENDER="+46766860000", RECORDING="https://kommunen.se/ring.mp3")
    assert (read_settings().gateway or None) is not None


def test_two_persons_are_off_until_they_are_asked_for(env: pytest.MonkeyPatch) -> None:
    assert read_settings().alerts.two_person is False
    env.setenv("TRYGGVAG_ALERTS__TWO_PERSON", "true")
    assert read_settings().alerts.two_person is True
    env.setenv("TRYGGVAG_ALERTS__TWO_PERSON", "perhaps")
    assert "TRYGGVAG_ALERTS__TWO_PERSON" in problem()
