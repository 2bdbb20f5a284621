"""What an administrator meets: a code to hand over, or one clear line about what to mend."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet
from sqlmodel import Session, select
from typer.testing import CliRunner, Result

from bot.catalogue import Catalogue
from bot.cli import app
from bot.events import Address, Chat, Event, Kind, Platform
from bot.services import escalation_plan, invitations
from bot.services.work import Work, read_house
from config.settings import PREFIX
from storage import alone, migrate
from storage.database import Database
from storage.outbox import PRIORITY
from storage.tables import Municipality, Outbox, Person, Process

KEY, OTHER = Fernet.generate_key().decode(), Fernet.generate_key().decode()
TOKEN = "12345:hemligt"
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
CODE = re.compile(r"\b[A-Z2-9]{4}-[A-Z2-9]{4}-[A-Z2-9]{4}\b")
INIT = {"--name": "Storköping", "--public-number": "08-465 004 10", "--chief": "Siv Almgren"}


@pytest.fixture(autouse=True)
def env(monkeypatch: pytest.MonkeyPatch, bare: str) -> pytest.MonkeyPatch:
    """A new installation in a Swedish terminal."""
    for name in [name for name in os.environ if name.startswith(PREFIX) and not name.startswith(f"{PREFIX}TEST_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("LANG", "sv_SE.UTF-8")
    monkeypatch.setenv("TRYGGVAG_DATABASE_URL", bare)
    monkeypatch.setenv("TRYGGVAG_ENCRYPTION_KEYS", KEY)
    return monkeypatch


def call(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


def init(**options: str) -> Result:
    """`tryggvag init` with some options changed."""
    chosen = INIT | {f"--{name.replace('_', '-')}": value for name, value in options.items()}
    return call("init", *(part for option in chosen.items() for part in option))


def code_in(result: Result) -> str:
    assert result.exit_code == 0, result.output
    (code,) = CODE.findall(result.stdout)
    return str(code)


def refused(result: Result) -> str:
    """The one line on stderr."""
    assert result.exit_code == 2, result.output
    assert isinstance(result.exception, SystemExit), "it ended with a traceback"
    assert result.stdout == ""
    (line,) = result.stderr.splitlines()
    for secret in (KEY, OTHER, TOKEN, "Traceback"):
        assert secret not in line
    return line


def database() -> Database:
    return Database(os.environ["TRYGGVAG_DATABASE_URL"], [KEY])


def stored(table: type[Any]) -> list[Any]:
    opened = database()
    with opened.transaction() as session:
        rows = list(session.exec(select(table)))
    opened.close()
    return rows


def opens(code: str) -> bool:
    """Whether the code would let somebody in now; it is not spent."""
    opened = database()
    event = Event("1", Address(Platform.TELEGRAM, "", "7"), Chat("7", True), Kind.TEXT, NOW, NOW, text=code)
    with Session(opened.engine) as session:
        house = read_house(session, Catalogue(), escalation_plan.load())
        found = invitations.redeem(Work(session, datetime.now(UTC), house, event), event, code, None)
    opened.close()
    return found


# Setting up


def test_init_creates_the_municipality_and_prints_a_code_that_lets_the_chief_in() -> None:
    result = init(night_number="08-465 004 99", staffed="mån-fre 07:30-16:30", languages="en,sv")
    code = code_in(result)
    (house,) = stored(Municipality)
    assert (house.name, house.timezone, house.languages) == ("Storköping", "Europe/Stockholm", ["en", "sv"])
    assert (house.public_number, house.night_number) == ("+46846500410", "+46846500499")
    assert house.staffed == "mån-fre 07:30-16:30"
    assert [person.name for person in stored(Person)] == ["Siv Almgren"]
    assert "Storköping" in result.stdout and "Slack" in result.stdout and "Telegram" in result.stdout
    assert opens(code) and opens(code.lower()) and opens(code.replace("-", ""))


@pytest.mark.sqlite
def test_the_code_is_not_stored_in_the_file(tmp_path: Path) -> None:
    code = code_in(init())
    raw = (tmp_path / "bot.db").read_bytes()
    secret = code.replace("-", "")[4:]
    assert secret.encode() not in raw and code.encode() not in raw
    assert b"Stork" in raw, "the bytes that were searched are not the database"


def test_a_second_init_is_refused_and_changes_nothing() -> None:
    code = code_in(init())
    assert "invite-chief" in refused(init(name="Lillköping"))
    assert [house.name for house in stored(Municipality)] == ["Storköping"]
    assert opens(code)


def test_init_asks_for_what_was_left_out() -> None:
    result = CliRunner().invoke(app, ["init"], input="Storköping\n08-465 004 10\nSiv Almgren\n")
    assert result.exit_code == 0 and CODE.search(result.stdout)


@pytest.mark.parametrize(
    ("option", "value", "said"),
    [
        ("public_number", "blåbär", "Numret går inte att läsa: blåbär"),
        ("night_number", "12", "Numret går inte att läsa: 12"),
        ("staffed", "alltid öppet", "Tiderna går inte att läsa"),
        ("staffed", "mån-fre 17:00-08:00", "Tiderna går inte att läsa"),
        ("languages", "sv,fi", "Språken kan vara sv och en, inte: sv,fi"),
        ("languages", ",", "Språken kan vara sv och en"),
        ("timezone", "Europe/Storköping", "Tidszonen finns inte: Europe/Storköping"),
        ("timezone", "/etc/passwd", "Tidszonen finns inte"),
        ("name", "  ", "Skriv både kommunens"),
        ("chief", "  ", "Skriv"),
    ],
)
def test_a_wrong_answer_to_init_is_one_line_and_nothing_is_created(
    option: str, value: str, said: str, tmp_path: Path
) -> None:
    assert said in refused(init(**{option: value}))
    assert list(tmp_path.iterdir()) == []


def test_init_can_be_tried_again_after_a_wrong_answer() -> None:
    refused(init(public_number="blåbär"))
    assert opens(code_in(init()))


def test_a_new_code_for_the_chief_makes_the_unused_earlier_one_worthless() -> None:
    first = code_in(init())
    second = code_in(call("invite-chief"))
    assert first != second
    assert (opens(first), opens(second)) == (False, True)
    assert len(stored(Person)) == 1


def test_a_code_for_another_chief_makes_the_unused_earlier_one_worthless_too() -> None:
    first = code_in(init())
    second = code_in(call("invite-chief", "--name", " Stina   Ek "))
    assert (opens(first), opens(second)) == (False, True)
    assert [person.name for person in stored(Person)] == ["Siv Almgren", "Stina Ek"]


def test_a_new_key_can_be_used_at_once(env: pytest.MonkeyPatch) -> None:
    key = call("new-key").stdout.strip()
    assert key != call("new-key").stdout.strip()
    env.setenv("TRYGGVAG_ENCRYPTION_KEYS", key)
    code_in(init())


def test_a_new_key_first_and_the_old_one_behind_it_still_open_everything(env: pytest.MonkeyPatch) -> None:
    code_in(init())
    env.setenv("TRYGGVAG_ENCRYPTION_KEYS", f"{OTHER},{KEY}")
    code_in(call("invite-chief", "--name", "Stina Ek"))


# What must be mended

EVERY = ["run", "invite-chief", "undelivered", "init"]


def start(command: str) -> Result:
    """The command, with all that it needs on its line."""
    return init() if command == "init" else call(command)


@pytest.fixture
def with_telegram(env: pytest.MonkeyPatch) -> None:
    env.setenv("TRYGGVAG_TELEGRAM__TOKEN", TOKEN)


@pytest.mark.parametrize("command", EVERY)
def test_no_encryption_key(command: str, env: pytest.MonkeyPatch, with_telegram: None) -> None:
    env.delenv("TRYGGVAG_ENCRYPTION_KEYS")
    assert refused(start(command)) == "Inställningarna behöver ändras: TRYGGVAG_ENCRYPTION_KEYS is not set"


@pytest.mark.parametrize("command", EVERY)
def test_a_malformed_key(command: str, env: pytest.MonkeyPatch, with_telegram: None) -> None:
    code_in(init())
    env.setenv("TRYGGVAG_ENCRYPTION_KEYS", KEY[:-3])
    line = refused(start(command))
    assert "TRYGGVAG_ENCRYPTION_KEYS" in line and "new-key" in line and KEY[:-3] not in line


@pytest.mark.parametrize("command", EVERY)
def test_a_key_that_is_not_the_datas(command: str, env: pytest.MonkeyPatch, with_telegram: None) -> None:
    code_in(init())
    env.setenv("TRYGGVAG_ENCRYPTION_KEYS", OTHER)
    assert "none of the encryption keys fits" in refused(start(command))


def test_nothing_is_written_with_a_key_that_is_not_the_datas(env: pytest.MonkeyPatch) -> None:
    first = code_in(init())
    with env.context() as wrong:
        wrong.setenv("TRYGGVAG_ENCRYPTION_KEYS", OTHER)
        refused(call("invite-chief", "--name", "Stina Ek"))
    assert [person.name for person in stored(Person)] == ["Siv Almgren"]
    assert opens(first)


@pytest.mark.parametrize("command", EVERY)
def test_a_time_zone_that_does_not_exist(command: str, env: pytest.MonkeyPatch) -> None:
    env.setenv("TRYGGVAG_TIMEZONE", "Europe/Storköping")
    assert "TRYGGVAG_TIMEZONE" in refused(start(command))


@pytest.mark.parametrize("command", EVERY)
@pytest.mark.parametrize(
    "url",
    ["blåbär", "blåbär://värd/namn", "sqlite:////finns/inte/bot.db", "postgresql://bot:hemligt@värd:port/namn"],
)
def test_a_database_that_cannot_be_opened(command: str, url: str, env: pytest.MonkeyPatch, with_telegram: None) -> None:
    env.setenv("TRYGGVAG_DATABASE_URL", url)
    line = refused(start(command))
    assert line.startswith("Databasen går inte att öppna: ") and "hemligt" not in line


@pytest.mark.sqlite
def test_a_file_that_is_no_database(tmp_path: Path, with_telegram: None) -> None:
    (tmp_path / "bot.db").write_text("Kära dagbok, " * 100)
    for command in EVERY:
        assert "Databasen går inte att öppna" in refused(start(command))
    assert (tmp_path / "bot.db").read_text().startswith("Kära dagbok")


def test_a_server_that_does_not_answer_is_one_line_without_the_password(
    env: pytest.MonkeyPatch, with_telegram: None
) -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))  # nobody listens there
        env.setenv("TRYGGVAG_DATABASE_URL", f"postgres://bot:hemligt@127.0.0.1:{held.getsockname()[1]}/tryggvag")
        for command in (*EVERY, "migrate"):
            line = refused(start(command))
            assert line.startswith("Databasen går inte att öppna: ") and "refused" in line and "hemligt" not in line


@pytest.mark.parametrize("command", ["run", "invite-chief", "undelivered"])
def test_an_empty_database(command: str, with_telegram: None) -> None:
    assert refused(call(command)) == "Databasen är tom. Kör först: tryggvag init"


def test_a_database_with_tables_and_no_municipality(with_telegram: None) -> None:
    migrate.upgrade(os.environ["TRYGGVAG_DATABASE_URL"])
    for command in ("run", "invite-chief"):
        assert refused(call(command)) == "Databasen är tom. Kör först: tryggvag init"


def test_a_database_of_another_version(env: pytest.MonkeyPatch, with_telegram: None) -> None:
    code_in(init())
    opened = database()
    with opened.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    opened.close()
    for command in EVERY:
        assert "Databasen är nyare än programmet" in refused(start(command))


def older() -> None:
    """Let the database be as the first version of the program left it."""
    opened = database()
    with opened.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0001'")
    opened.close()


def test_a_database_of_an_older_version(with_telegram: None, bare: str) -> None:
    code_in(init())
    older()
    for command in EVERY if not bare.startswith("sqlite") else ["invite-chief", "undelivered"]:
        assert refused(start(command)) == "Databasen är äldre än programmet. Kör: tryggvag migrate"


def test_migrating_a_database_that_is_right_says_so_and_changes_nothing() -> None:
    code = code_in(init())
    result = call("migrate")
    assert (result.exit_code, result.stdout) == (0, "Databasen passar programmet.\n")
    assert opens(code)


def test_an_empty_database_gets_its_tables() -> None:
    assert call("migrate").exit_code == 0
    assert refused(call("invite-chief")) == "Databasen är tom. Kör först: tryggvag init"
    assert opens(code_in(init()))


@pytest.mark.sqlite
def test_a_second_bot_on_the_same_file_is_refused_until_the_first_has_ended(bare: str, with_telegram: None) -> None:
    with alone.hold(bare):
        assert "Boten kör redan" in refused(call("run"))
    assert refused(call("run")) == "Databasen är tom. Kör först: tryggvag init"


@pytest.mark.sqlite
def test_a_bot_that_was_killed_holds_no_file(bare: str, with_telegram: None) -> None:
    program = f"from storage import alone; held = alone.hold({bare!r}); print('up', flush=True); input()"
    with subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None and holder.stdout.readline() == b"up\n"
        assert "Boten kör redan" in refused(call("run"))
        holder.kill()
        holder.wait()
        assert "Databasen är tom" in refused(call("run"))


def test_the_bot_does_not_start_with_a_plan_that_cannot_be_used(env: pytest.MonkeyPatch, tmp_path: Path) -> None:
    code_in(init())
    env.setenv("TRYGGVAG_TELEGRAM__TOKEN", "123456:secret")
    env.setenv("TRYGGVAG_CONTENT_DIR", str(tmp_path))
    (tmp_path / "escalation.toml").write_text("[now]\nsteps = []\n", encoding="utf-8")
    line = refused(call("run"))
    assert line.startswith("Kommunens egna filer kan inte användas: escalation.toml: promise: is missing")


def test_no_platform_to_run_on() -> None:
    code_in(init())
    line = refused(call("run"))
    assert "TRYGGVAG_TELEGRAM__TOKEN" in line and "TRYGGVAG_SLACK__APP_TOKEN" in line


def test_a_port_that_is_taken(env: pytest.MonkeyPatch, with_telegram: None) -> None:
    code_in(init())
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        env.setenv("TRYGGVAG_HTTP__PORT", str(port))
        line = refused(call("run"))
    assert line.startswith(f"Det går inte att lyssna på 127.0.0.1:{port}: Address already in use. Ändra TRYGGVAG_HTTP")
    assert not stored(Process), "it had begun"


def test_half_a_platform(env: pytest.MonkeyPatch) -> None:
    env.setenv("TRYGGVAG_SLACK__BOT_TOKEN", TOKEN)
    assert "set APP_TOKEN for Socket Mode or SIGNING_SECRET for HTTP" in refused(call("run"))


def test_the_line_is_english_in_an_english_terminal(env: pytest.MonkeyPatch) -> None:
    env.setenv("LANG", "en_GB.UTF-8")
    assert refused(call("invite-chief")) == "The database is empty. First run: tryggvag init"


def test_the_installed_command_ends_the_same_way_in_a_real_shell(env: pytest.MonkeyPatch) -> None:
    env.setenv("TRYGGVAG_ENCRYPTION_KEYS", "hemligt")
    env.setenv("PYTHONIOENCODING", "utf-8")
    program = [sys.executable, "-c", "from bot.cli import main; main()", "invite-chief"]
    done = subprocess.run(program, capture_output=True, text=True, encoding="utf-8")
    assert (done.returncode, done.stdout) == (2, "")
    assert len(done.stderr.splitlines()) == 1 and "hemligt" not in done.stderr


# Looking after it


def put(session: Session, **more: Any) -> None:
    """A row of the outbox."""
    place: dict[str, Any] = {"platform": "telegram", "team": "", "chat": "7", "created_at": NOW, "not_before": NOW}
    what: dict[str, Any] = {"purpose": "notice", "priority": PRIORITY["notice"], "body": {"text": "hemliga ord"}}
    session.add(Outbox(**{**place, **what, **more}))
    session.flush()


def test_what_did_not_arrive_is_listed_newest_first_without_its_words() -> None:
    code_in(init())
    opened = database()
    with opened.transaction() as session:
        put(session, state="failed", reason="the chat is gone", settled_at=datetime(2026, 1, 2, 3, tzinfo=UTC))
        put(session, state="delivered", ref="1", settled_at=NOW)
        put(session, state="uncertain", reason="timed out", settled_at=NOW)
        put(session, state="waiting")
    opened.close()
    result = call("undelivered")
    first, second = result.stdout.splitlines()
    assert "uncertain" in first and "timed out" in first
    assert "failed" in second and "the chat is gone" in second and "2 januari" in second
    assert "hemliga" not in result.output


def test_when_all_arrived_that_is_said() -> None:
    code_in(init())
    assert call("undelivered").stdout == "Allt som skulle fram har kommit fram.\n"


def test_without_a_command_the_commands_are_listed() -> None:
    result = call("--help")
    assert result.exit_code == 0
    for command in ("init", "run", "invite-chief", "undelivered", "new-key", "demo"):
        assert command in result.stdout
