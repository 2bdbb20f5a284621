"""What every test shares: which database they run on, and a fresh one for whoever wants it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from zlib import crc32

import pytest

from bot.playground import town
from storage import migrate
from tests import postgres
from tests.browser.chromium import MISSING

DATABASE = "TRYGGVAG_TEST_DATABASE"  # sqlite (the default) or postgresql
ALL = "TRYGGVAG_TEST_ALL"  # on PostgreSQL too
_server = pytest.StashKey[ExitStack]()


def on_postgresql() -> bool:
    """Whether this run is the one on PostgreSQL."""
    chosen = os.environ.get(DATABASE, "sqlite")
    assert chosen in ("sqlite", "postgresql"), f"{DATABASE} is sqlite or postgresql, not {chosen}"
    return chosen == "postgresql"


def pytest_addoption(parser: pytest.Parser) -> None:
    """The golden transcripts change only when somebody asks for it."""
    parser.addoption("--rewrite-transcripts", action="store_true", help="write the golden transcripts anew")


def pytest_configure(config: pytest.Config) -> None:
    """One server for the whole run: started before the workers are, which inherit its address."""
    config.addinivalue_line("markers", "sqlite: what is said of the SQLite file only")
    config.addinivalue_line("markers", "postgresql: what is said of PostgreSQL only")
    config.stash[_server] = ExitStack()
    if on_postgresql() and postgres.has_wheel():
        config.stash[_server].enter_context(postgres.server())


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the server that was started here."""
    config.stash[_server].close()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what is said of the other database only; without a server for this machine, say so."""
    out = [item for item in items if _of_the_other(item)]
    config.hook.pytest_deselected(items=out)
    items[:] = [item for item in items if item not in out]
    if on_postgresql() and not postgres.has_wheel():
        for item in items:
            item.add_marker(pytest.mark.skip(reason="there is no PostgreSQL wheel for this platform"))


def _of_the_other(item: pytest.Item) -> bool:
    if not on_postgresql():
        return item.get_closest_marker("postgresql") is not None
    if item.get_closest_marker("sqlite") is not None or "file" in getattr(item, "fixturenames", ()):
        return True
    return item.get_closest_marker("postgresql") is None and not _has_its_turn(item)


def _has_its_turn(item: pytest.Item) -> bool:
    """What runs on both platforms has done so on SQLite. Here every second one has its turn, on one of them.

    `make whole` runs them all.
    """
    if os.environ.get(ALL):
        return True
    given = getattr(item, "callspec", None)
    params = given.params if given is not None else {}
    here = next((str(params[name]) for name in ("platform", "way") if name in params), "")
    number = crc32(item.name.replace("telegram", "").replace("slack", "").encode())
    on_telegram = "telegram" in here.split(",")[0]
    return not here or (number % 4 in (0, 1) and on_telegram == (number % 4 == 0))


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path | str]:
    """A database of the newest revision with nothing in it, to be copied: migrating costs more than most tests."""
    if on_postgresql():
        name = postgres.migrated()
        yield name
        return
    file = tmp_path_factory.mktemp("template") / "bot.db"
    migrate.upgrade(f"sqlite:///{file}")
    yield file


Fresh = Callable[[Path], str]


@pytest.fixture
def fresh(request: pytest.FixtureRequest) -> Iterator[Fresh]:
    """Makes an empty database of the newest revision for a folder, once; its URL."""
    made: dict[Path, str] = {}

    def make(folder: Path) -> str:
        template = request.getfixturevalue("template")
        if folder not in made and isinstance(template, Path):
            made[folder] = f"sqlite:///{shutil.copy(template, folder / 'bot.db')}"
        elif folder not in made:
            made[folder] = postgres.create(template)
        return made[folder]

    yield make
    if on_postgresql():
        for url in made.values():
            postgres.drop(url)


@pytest.fixture
def bare(tmp_path: Path) -> Iterator[str]:
    """The URL of a database with no tables yet."""
    if not on_postgresql():
        yield f"sqlite:///{tmp_path / 'bot.db'}"
        return
    with postgres.database() as url:
        yield url


@pytest.fixture(autouse=True)
def town_on_the_chosen_database(fresh: Fresh, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every town that a test builds stands on the database of this run."""
    monkeypatch.setattr(town, "new_database", fresh)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say in one line that the tests in a browser were left out, if they were."""
    reasons = [str(report.longrepr) for report in terminalreporter.stats.get("skipped", [])]
    if left_out := sum(MISSING in reason for reason in reasons):
        terminalreporter.write_line(f"{left_out} tests skipped: {MISSING}", yellow=True)
