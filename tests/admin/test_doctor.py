"""The doctor finds what is wrong, says what to do about it, and never prints a secret."""

from __future__ import annotations

import asyncio
import json
import os
import socket
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from pydantic import SecretStr

import config
from bot.admin import backup, doctor_network, findings, reach, rows
from bot.admin.reach import Heard
from bot.advice.library import Library
from bot.handlers.slack_scopes import BOT_SCOPES
from bot.network import Network
from bot.playground.elks import ElksPlayground
from bot.playground.town import TOKEN, MovableClock, Town
from config.settings import Telegram
from storage import migrate
from storage.database import Database, make_engine
from storage.evidence import unsealed
from storage.tables import Deadline, EvidenceChunk, Lease, Municipality
from tests.admin.conftest import KEY, OTHER, call, done, everything, incident, outbox, person

SECRETS = (KEY, OTHER, TOKEN, "hemligt", "xoxb", "xapp")
Found = dict[str, list[tuple[str, str]]]


def doctor(*options: str, status: int | None = None) -> Found:
    """The findings by check: the level, and the words."""
    result = call("doctor", "--json", *options)
    said = json.loads(result.stdout)
    for secret in SECRETS:
        assert secret not in result.output
    assert result.exit_code == (1 if said["level"] == "fault" else 0)
    assert status is None or result.exit_code == status
    found: Found = {}
    for finding in said["findings"]:
        assert finding["says"] and (finding["level"] == "ok" or finding["do"]), finding
        found.setdefault(finding["check"], []).append((finding["level"], finding["says"]))
    return found


def levels(found: Found, check: str) -> set[str]:
    return {level for level, _ in found.get(check, [])}


def test_a_healthy_database_has_no_fault(house: Database) -> None:
    with house.transaction() as session:
        everything(session)
        lease = Lease(name=backup.LAST, holder="x", until=datetime.now(UTC))
        session.add(lease)
    found = doctor("--offline", status=0)
    assert {check for check in found if levels(found, check) != {"ok"}} <= {"outbox", "deadlines"}
    assert found["database"] == [("ok", "Databasen svarar och går att skriva i (sqlite).")]
    assert "2 av 2 prövade" in found["evidence"][0][1]
    assert {"settings", "disk", "migrations", "sqlite", "keys", "zone", "backup"} <= set(found)


def test_each_line_for_people_has_a_level_and_what_to_do(house: Database) -> None:
    said = call("doctor", "--offline").stdout
    assert "varning   Ingen säkerhetskopia är tagen.\n          → Kör tryggvag backup varje natt" in said


def test_settings_that_cannot_be_read_are_a_fault(env: pytest.MonkeyPatch) -> None:
    env.delenv("TRYGGVAG_ENCRYPTION_KEYS")
    found = doctor(status=1)
    assert found == {"settings": [("fault", "En inställning är fel: TRYGGVAG_ENCRYPTION_KEYS is not set")]}


@pytest.mark.parametrize(
    ("url", "check"),
    [
        ("sqlite:////finns/inte/bot.db", "disk"),
        ("blåbär", "database"),
        ("postgresql+psycopg://bot:hemligt@127.0.0.1:1/x?connect_timeout=2", "database"),
    ],
)
def test_a_database_that_cannot_be_reached_is_a_fault(env: pytest.MonkeyPatch, url: str, check: str) -> None:
    env.setenv("TRYGGVAG_DATABASE_URL", url)
    assert levels(doctor("--offline", status=1), check) == {"fault"}


def test_an_empty_an_older_a_newer_and_a_false_database(tmp_path: Path, env: pytest.MonkeyPatch) -> None:
    assert "Databasen är tom" in doctor("--offline", status=1)["database"][0][1]
    assert list(tmp_path.glob("bot.db*")) == []
    engine = make_engine(os.environ["TRYGGVAG_DATABASE_URL"])
    with engine.begin() as connection:
        migrate.build(connection, "0001")
    assert levels(doctor("--offline", status=0), "migrations") == {"warning"}
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    engine.dispose()
    assert levels(doctor("--offline", status=1), "migrations") == {"fault"}
    (tmp_path / "diary.db").write_text("Kära dagbok, " * 100)
    env.setenv("TRYGGVAG_DATABASE_URL", f"sqlite:///{tmp_path / 'diary.db'}")
    assert levels(doctor("--offline", status=1), "database") == {"fault"}
    assert (tmp_path / "diary.db").read_text().startswith("Kära dagbok")


def test_a_database_that_is_locked_or_damaged_is_a_fault(house: Database, tmp_path: Path) -> None:
    with house.transaction() as session:
        everything(session)
    data = bytearray((tmp_path / "bot.db").read_bytes())
    data[40_000:80_000] = os.urandom(40_000)
    (tmp_path / "bot.db").write_bytes(data)
    found = doctor("--offline", status=1)
    assert "fault" in levels(found, "sqlite") | levels(found, "database")


def test_a_key_that_opens_nothing_and_one_that_is_none(house: Database, env: pytest.MonkeyPatch) -> None:
    env.setenv("TRYGGVAG_ENCRYPTION_KEYS", OTHER)
    assert levels(doctor("--offline", status=1), "keys") == {"fault"}
    env.setenv("TRYGGVAG_ENCRYPTION_KEYS", KEY[:-3])
    assert levels(doctor("--offline", status=1), "keys") == {"fault"}
    env.setenv("TRYGGVAG_ENCRYPTION_KEYS", f"{OTHER},{KEY}")
    assert levels(doctor("--offline", status=0), "keys") == {"ok", "warning"}


def test_what_is_late_or_lost_or_changed_is_found(house: Database) -> None:
    now = datetime.now(UTC)
    with house.transaction() as session:
        alva = person(session, "Alva Berg", "contact", 1)
        incident(session, alva, at=now)
        session.add(outbox(state="failed", reason="gone", settled_at=now))
        session.add(outbox(state="waiting", created_at=now - timedelta(hours=1)))
        session.add(Deadline(kind="chain", subject=1, step="1", due_at=now - timedelta(hours=1)))
        session.add(Lease(name=backup.LAST, holder="x", until=now - timedelta(days=20)))
        with unsealed(session):
            chunk = session.get_one(EvidenceChunk, 1)
            chunk.sealed = session.get_one(EvidenceChunk, 2).sealed
            session.flush()
        session.get_one(Municipality, 1).timezone = "Europe/Storköping"
    found = doctor("--offline", status=1)
    assert len(found["outbox"]) == 2 and levels(found, "outbox") == {"warning"}
    assert levels(found, "deadlines") == levels(found, "evidence") == levels(found, "zone") == {"fault"}
    assert found["evidence"][0][1].endswith(": 1") and "20 dagar" in found["backup"][0][1]


def test_a_chain_whose_step_is_gone_is_found(house: Database) -> None:
    now = datetime.now(UTC)
    with house.transaction() as session:
        row = incident(session, person(session, "Alva Berg", "contact", 1), at=now, closed=False)
        row.chain = [{"after": "3 min", "accounts": "all", "tell_reporter": True}]
        session.get_one(Deadline, 1).state = "waiting"
        session.get_one(Deadline, 1).due_at = now + timedelta(minutes=3)
    assert levels(doctor("--offline"), "chains") == {"ok"}
    with house.transaction() as session:
        session.delete(session.get_one(Deadline, 1))
    found = doctor("--offline", status=1)
    assert levels(found, "chains") == {"fault"} and "ärende 1 " in found["chains"][0][1]


def test_a_reminder_that_fails_again_and_again_is_late_though_it_will_be_tried_again(house: Database) -> None:
    now = datetime.now(UTC)
    with house.transaction() as session:
        session.add(
            Deadline(kind="chain", subject=1, step="0", due_at=now + timedelta(minutes=5), attempts=9,
                     first_due_at=now - timedelta(hours=1))
        )  # fmt: skip
    found = doctor("--offline", status=1)
    assert levels(found, "deadlines") == levels(found, "chains") == {"fault"}


def test_the_municipalitys_own_plan_is_read(house: Database, env: pytest.MonkeyPatch, tmp_path: Path) -> None:
    advice = ("ok", f"Listor och kort går att läsa: {len(list(Library().every))}.")
    assert doctor("--offline")["content"] == [("ok", "Planen för när ingen svarar går att använda."), advice]
    env.setenv("TRYGGVAG_CONTENT_DIR", str(tmp_path))
    shipped = Path(config.__file__).parent / "content" / "escalation.toml"
    own = tmp_path / "escalation.toml"
    own.write_bytes(shipped.read_bytes())
    assert doctor("--offline")["content"] == [
        ("ok", "Kommunens egen plan för när ingen svarar går att använda."),
        advice,
    ]
    own.write_text(own.read_text(encoding="utf-8").replace('who = "next"', 'who = "mayor"'), encoding="utf-8")
    [(level, says)] = doctor("--offline", status=1)["content"]
    assert level == "fault" and "escalation.toml: now.steps[1].who: must be one of" in says


def test_a_list_that_cannot_be_read_is_named(house: Database, env: pytest.MonkeyPatch, tmp_path: Path) -> None:
    env.setenv("TRYGGVAG_CONTENT_DIR", str(tmp_path))
    (tmp_path / "advice" / "sv").mkdir(parents=True)
    (tmp_path / "advice" / "sv" / "hissen.md").write_text("ingen lista", encoding="utf-8")
    bad = doctor("--offline", status=1)["content"][1]
    assert bad[0] == "fault" and "advice/sv/hissen.md:1: begin with a line ---" in bad[1]


def test_a_risk_guide_that_cannot_be_read_is_named(house: Database, env: pytest.MonkeyPatch, tmp_path: Path) -> None:
    env.setenv("TRYGGVAG_CONTENT_DIR", str(tmp_path))
    (tmp_path / "risk.toml").write_text('colour = "red"', encoding="utf-8")
    bad = doctor("--offline", status=1)["content"][1]
    assert bad == ("fault", "Eget innehåll går inte att läsa: risk.toml:1: version: is missing.")


def test_looking_changes_nothing(house: Database) -> None:
    with house.transaction() as session:
        everything(session)
    with backup.snapshot(house.url) as connection:
        before = list(rows.dumped(connection, {}))
    doctor("--offline")
    with backup.snapshot(house.url) as connection:
        assert list(rows.dumped(connection, {})) == before


# Outwards


@pytest.fixture
async def town(tmp_path: Path, env: pytest.MonkeyPatch) -> AsyncIterator[Town]:
    """Both platforms, and the settings of the bot on them."""
    (tmp_path / "town").mkdir()
    clock = MovableClock(at=datetime.now(UTC))  # the doctor goes by the machine's
    async with Town(tmp_path / "town", clock=clock) as town:
        await town.member("Siv Almgren", "telegram", "chief")
        env.setenv("TRYGGVAG_DATABASE_URL", town.database_url)
        env.setenv("TRYGGVAG_ENCRYPTION_KEYS", town.key)
        env.setenv("TRYGGVAG_TELEGRAM__TOKEN", TOKEN)
        env.setenv("TRYGGVAG_TELEGRAM__BASE_URL", town.telegram.base_url)
        env.setenv("TRYGGVAG_SLACK__BOT_TOKEN", town.slack.bot_token)
        env.setenv("TRYGGVAG_SLACK__APP_TOKEN", town.slack.app_token)
        env.setenv("TRYGGVAG_SLACK__BASE_URL", town.slack.base_url)
        town.slack.scopes = set(BOT_SCOPES)
        yield town


async def asked(*options: str, status: int | None = None) -> Found:
    return await asyncio.to_thread(doctor, *options, status=status)


async def test_both_platforms_that_are_right_are_said_to_be(town: Town) -> None:
    found = await asked(status=0)
    for check in ("telegram", "slack", "clock"):
        assert levels(found, check) == {"ok"}, found
    assert "@tryggvag_bot" in found["telegram"][0][1]
    assert "Socket Mode" in found["slack"][-1][1]


async def test_inline_mode_that_is_off_is_a_hint_and_no_fault(town: Town) -> None:
    """It is switched on with BotFather, and nowhere else."""
    town.telegram.inline = False
    found = await asked(status=0)
    assert found["telegram"][-1] == ("warning", "Råd kan inte hämtas i andra chattar med @tryggvag_bot.")


async def test_scopes_that_are_missing_and_that_are_too_many(town: Town) -> None:
    told = list(doctor_network._scopes({*BOT_SCOPES, "admin"} - {"chat:write"}))
    assert [(one.level, dict(one.values)["scopes"]) for one in told] == [("fault", "chat:write"), ("warning", "admin")]
    assert [one.level for one in doctor_network._scopes(set(BOT_SCOPES))] == ["ok"]
    town.slack.scopes = set(BOT_SCOPES) - {"pins:write"}
    found = await asked(status=1)
    assert found["scopes"] == [("fault", "Appen saknar rättigheter: pins:write")]


async def test_tokens_that_are_not_accepted(town: Town, env: pytest.MonkeyPatch) -> None:
    env.setenv("TRYGGVAG_TELEGRAM__TOKEN", "123456:hemligt")
    env.setenv("TRYGGVAG_SLACK__BOT_TOKEN", "xoxb-hemligt")
    found = await asked(status=1)
    assert levels(found, "telegram") == levels(found, "slack") == {"fault"}
    env.setenv("TRYGGVAG_SLACK__BOT_TOKEN", town.slack.bot_token)
    env.setenv("TRYGGVAG_SLACK__APP_TOKEN", "xapp-hemligt")
    assert "Socket Mode går inte att öppna" in str((await asked(status=1))["slack"])


async def test_a_platform_that_does_not_answer(town: Town, env: pytest.MonkeyPatch) -> None:
    env.setenv("TRYGGVAG_TELEGRAM__BASE_URL", "http://127.0.0.1:1/bot")
    env.setenv("TRYGGVAG_SLACK__BASE_URL", "http://127.0.0.1:1/api/")
    found = await asked(status=1)
    assert "svarar inte" in found["telegram"][0][1] and "svarar inte" in found["slack"][0][1]


@pytest.fixture
async def elks(town: Town, env: pytest.MonkeyPatch) -> AsyncIterator[ElksPlayground]:
    """A gateway beside the platforms, and the settings of the bot there."""
    async with ElksPlayground() as elks:
        facts = {"USER": elks.user, "PASSWORD": elks.password, "SENDER": "Lonnkoping", "BASE_URL": elks.base_url}
        for name, value in facts.items():
            env.setenv(f"TRYGGVAG_GATEWAY__{name}", value)
        yield elks


async def test_a_gateway_that_is_right_is_asked_and_sends_nothing(elks: ElksPlayground) -> None:
    assert (await asked(status=0))["gateway"] == [("ok", "Sms-tjänsten tar emot inloggningen.")]
    assert elks.asked == ["me"]
    assert "gateway" not in await asked("--offline") and elks.asked == ["me"]


async def test_a_gateway_that_takes_no_login_is_short_of_money_or_is_silent(
    elks: ElksPlayground, env: pytest.MonkeyPatch
) -> None:
    elks.balance = 990_000
    assert "snart slut: 99 SEK" in (await asked(status=0))["gateway"][0][1]
    elks.password = "nytt"
    assert (await asked(status=1))["gateway"] == [("fault", "Sms-tjänsten tar inte emot inloggningen (http 401).")]
    env.setenv("TRYGGVAG_GATEWAY__BASE_URL", "http://127.0.0.1:1")
    assert "svarar inte" in (await asked(status=1))["gateway"][0][1]


async def test_no_gateway_is_no_fault(town: Town) -> None:
    assert "gateway" not in await asked(status=0)


def test_no_platform_at_all_is_a_fault(house: Database) -> None:
    assert levels(doctor(status=1), "platforms") == {"fault"}


@pytest.mark.parametrize(
    ("seconds", "level"), [(0, "ok"), (-4, "ok"), (30, "warning"), (-30, "warning"), (400, "fault")]
)
def test_a_clock_that_is_off_is_told_with_the_difference(seconds: int, level: str) -> None:
    away = Heard(200, {}, datetime.now(UTC) - timedelta(seconds=seconds))
    (found,) = doctor_network._clock([away])
    assert found.level == level
    assert abs(dict(found.values)["seconds"] - seconds) < 2


@pytest.mark.parametrize(
    ("there", "wanted", "says"),
    [
        ({"url": ""}, None, []),
        ({"url": "https://x/telegram"}, None, ["cli.doctor_webhook_left"]),
        ({"url": "https://y/telegram"}, "https://x/telegram", ["cli.doctor_webhook_other"]),
        ({"url": "https://x/telegram"}, "https://x/telegram", ["cli.doctor_webhook"]),
        (
            {"url": "https://x/telegram", "last_error_message": "401", "last_error_date": 1795000000},
            "https://x/telegram",
            ["cli.doctor_webhook_error"],
        ),
        ({"url": "", "pending_update_count": 900}, None, ["cli.doctor_pending"]),
    ],
)
def test_what_telegram_says_of_the_webhook(there: dict[str, Any], wanted: str | None, says: list[str]) -> None:
    telegram = Telegram.model_construct(token=SecretStr("1:x"), webhook_url=wanted)
    found = list(doctor_network._webhook(Heard(200, {"ok": True, "result": there}), telegram))
    assert [one.key for one in found] == says
    assert all(one.lines for one in found)


def test_a_proxy_that_is_silent_and_one_of_the_environment(house: Database, env: pytest.MonkeyPatch) -> None:
    env.setenv("HTTPS_PROXY", "http://anna:hemligt@127.0.0.1:1")
    assert levels(doctor(), "proxy") == {"warning"}
    env.setenv("TRYGGVAG_NETWORK__PROXY", "http://anna:hemligt@127.0.0.1:1")
    found = doctor(status=1)
    assert found["proxy"] == [("fault", "Proxyn svarar inte: 127.0.0.1:1")]
    with socket.create_server(("127.0.0.1", 0)) as there:
        env.setenv("TRYGGVAG_NETWORK__PROXY", f"http://anna:hemligt@127.0.0.1:{there.getsockname()[1]}")
        assert levels(doctor(), "proxy") == {"ok"}


def test_certificates_that_cannot_be_read(house: Database, env: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("inga certifikat")
    for file in ("ca.pem", "none.pem"):
        env.setenv("TRYGGVAG_NETWORK__CA_FILE", str(tmp_path / file))
        assert levels(doctor(status=1), "certificates") == {"fault"}


async def test_a_port_that_is_free_ours_or_taken() -> None:
    async def healthz(_: web.Request) -> web.Response:
        return web.Response(text="ok")

    app = web.Application()
    app.router.add_get("/healthz", healthz)
    for served, level in ((app, "ok"), (web.Application(), "fault")):
        runner = web.AppRunner(served)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        port = runner.addresses[0][1]
        assert (await doctor_network._port("127.0.0.1", port)).level == level
        await runner.cleanup()
        assert (await doctor_network._port("127.0.0.1", port)).key == "cli.doctor_port_free"


async def test_an_answer_that_is_no_answer_is_no_error_here() -> None:
    async def odd(request: web.Request) -> web.Response:
        return web.Response(body=os.urandom(200), headers={"Date": "i går"})

    app = web.Application()
    app.router.add_post("/{any:.*}", odd)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    heard = await reach.call(Network(), f"http://127.0.0.1:{runner.addresses[0][1]}/x")
    assert (heard.ok, heard.said, heard.date) == (False, {}, None)
    await runner.cleanup()


def test_the_worst_of_nothing_is_that_all_is_well() -> None:
    assert findings.worst([]) == "ok"
    assert (
        findings.worst([findings.ok("a.b", "x"), findings.fault("a.b", "x"), findings.warning("a.b", "x")]) == "fault"
    )


def test_the_chiefs_invitation_has_a_link_and_a_picture_when_telegram_answers(env: pytest.MonkeyPatch) -> None:
    env.setenv("TRYGGVAG_TELEGRAM__TOKEN", TOKEN)
    env.setattr(reach, "telegram_name", lambda _: "tryggvag_bot")
    env.setattr("bot.cli.telegram_name", lambda _: "tryggvag_bot")
    said = done(call("init", "--name", "Storköping", "--public-number", "08-465 004 10", "--chief", "Siv Almgren"))
    assert "https://t.me/tryggvag_bot?start=" in said and "▄" in said
    assert "https://t.me/tryggvag_bot?start=" in done(call("invite-chief"))


async def test_the_same_over_the_wire(town: Town, env: pytest.MonkeyPatch) -> None:
    said = done(await asyncio.to_thread(call, "invite-chief"))
    assert "https://t.me/tryggvag_bot?start=" in said
    env.setenv("TRYGGVAG_TELEGRAM__BASE_URL", "http://127.0.0.1:1/bot")
    assert "t.me" not in done(await asyncio.to_thread(call, "invite-chief"))


def test_two_persons_who_are_only_one_is_said(house: Database, env: pytest.MonkeyPatch) -> None:
    """It must not come as a surprise on the night when it matters."""
    assert "two_person" not in doctor("--offline")
    env.setenv("TRYGGVAG_ALERTS__TWO_PERSON", "true")
    assert levels(doctor("--offline"), "two_person") == {"warning"}
    with house.transaction() as session:
        person(session, "Omar Lind", "officer")
    assert "two_person" not in doctor("--offline")
