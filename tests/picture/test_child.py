"""The child process: it gets nothing of ours, takes little, and is gone when it has drawn or takes too long."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.picture import child
from bot.picture.chart import Chart, to_json
from bot.picture.child import COMMAND, Drawer, NotDrawn, bare
from bot.picture.drawing import png
from bot.playground.town import until
from tests.picture.charts import SHAPES

CHART = SHAPES["whole"]
SAYS = f"import sys; sys.stdout.buffer.write({child.SIGNATURE!r} + "  # a picture, as far as anybody looks


def python(code: str, *arguments: str) -> Sequence[str]:
    """A child that runs this instead."""
    return (sys.executable, "-P", "-c", code, *arguments)


def sleeper(pid: Path) -> Sequence[str]:
    """A child that never ends by itself, and its number."""
    return ("/bin/sh", "-c", f"echo $$ > {pid}; exec sleep 60")


def there(folder: str) -> bool:
    return Path(folder).exists()


async def refusal(drawer: Drawer, chart: Chart = CHART) -> str:
    with pytest.raises(NotDrawn) as refused:
        await drawer.draw(chart)
    return str(refused.value)


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


async def test_the_child_draws_what_the_chart_says() -> None:
    assert await Drawer().draw(CHART) == png(CHART)


async def test_it_inherits_no_setting_no_key_and_no_home(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("TRYGGVAG_ENCRYPTION_KEYS", "TRYGGVAG_TELEGRAM__TOKEN", "SECRET", "HTTPS_PROXY", "HOME"):
        monkeypatch.setenv(name, "hemligt")
    code = "import os, json; " + SAYS + "json.dumps([dict(os.environ), os.getcwd()]).encode())"
    around, folder = json.loads((await Drawer(python(code)).draw(CHART))[8:])
    assert set(around) - {"LC_CTYPE"} == {
        "PATH",
        "LANG",
        "PYTHONPATH",
        "MPLBACKEND",
        "MPLCONFIGDIR",
        "OPENBLAS_NUM_THREADS",
    }
    assert "hemligt" not in str(around) and around["MPLBACKEND"] == "Agg"
    assert folder == around["MPLCONFIGDIR"] and not there(folder), "it is gone with the child"


async def test_it_is_given_the_chart_but_not_the_words_for_who_cannot_see_it() -> None:
    got = json.loads((await Drawer(python(SAYS + "sys.stdin.buffer.read())")).draw(CHART))[8:])
    assert got == json.loads(json.dumps(to_json(replace(CHART, words=""))))


async def test_a_child_that_takes_too_long_is_killed(tmp_path: Path) -> None:
    drawer = Drawer(sleeper(tmp_path / "pid"), within=1.0)
    assert await refusal(drawer) == "it took too long"
    assert not alive(int((tmp_path / "pid").read_text()))


async def test_whoever_stops_waiting_stops_the_child(tmp_path: Path) -> None:
    pid = tmp_path / "pid"
    drawing = asyncio.create_task(Drawer(sleeper(pid)).draw(CHART))
    await until(lambda: pid.exists() and bool(pid.read_text()), "the child to start")
    drawing.cancel()
    await asyncio.wait({drawing})
    assert drawing.cancelled() and not alive(int(pid.read_text()))


@pytest.mark.parametrize(
    ("command", "why"),
    [
        (("/there/is/none",), "the child does not start: FileNotFoundError"),
        (python("import sys; sys.exit(3)"), "the child ended with 3"),
        (python("raise ValueError('hemligt')"), "the child ended with 1"),
        (python("import os; os.kill(os.getpid(), 9)"), "the child ended with -9"),
        (python("print('hemligt')"), "what came is no picture"),
        (python("pass"), "what came is no picture"),
    ],
)
async def test_a_child_that_fails_says_so_in_no_words_of_its_own(command: Sequence[str], why: str) -> None:
    assert await refusal(Drawer(command)) == why


async def test_a_chart_that_cannot_be_drawn_is_said_in_none_of_its_words() -> None:
    bad = replace(CHART, rows=(("Hemligt", (-1,) * len(CHART.columns)),))
    assert await refusal(Drawer(), bad) == "the child ended with 65 a cell is a count, or nothing"
    high = replace(CHART, lines=("hemligt " * 400,) * 20)
    assert await refusal(Drawer(), high) == "the child ended with 70 ValueError"


@pytest.mark.parametrize(
    "given", [b"", b"{", b"\xff\xfe", b"[" * 100_000, b'{"title": "hemligt"}', b'{"hemligt": NaN}', b'"hemligt"']
)
def test_what_is_no_chart_ends_the_child_with_a_short_reason(given: bytes, tmp_path: Path) -> None:
    run = subprocess.run(COMMAND, input=given, capture_output=True, env=bare(str(tmp_path)), timeout=60, check=False)
    assert (run.returncode, run.stdout, run.stderr.decode().strip()) == (65, b"", "not a chart")


async def test_one_is_drawn_at_a_time(tmp_path: Path) -> None:
    note = tmp_path / "log"
    code = "import sys, time; log = open(sys.argv[1], 'a', 1); log.write('<'); time.sleep(0.1); log.write('>'); "
    drawer = Drawer(python(code + SAYS + "b'')", str(note)))
    await asyncio.gather(*(drawer.draw(replace(CHART, title=f"Läget {number}")) for number in range(3)))
    assert note.read_text() == "<><><>"


async def test_the_same_picture_for_many_is_drawn_once_and_few_are_remembered(tmp_path: Path) -> None:
    note = tmp_path / "log"
    drawer = Drawer(python("import sys; open(sys.argv[1], 'a').write('x'); " + SAYS + "b'')", str(note)))
    await asyncio.gather(*(drawer.draw(replace(CHART)) for _ in range(20)))
    assert note.read_text() == "x"
    for number in range(child.KEPT):
        await drawer.draw(replace(CHART, title=f"Läget {number}"))
    await drawer.draw(CHART)
    assert note.read_text() == "x" * (child.KEPT + 2)


async def test_what_could_not_be_drawn_is_not_tried_for_each_of_many_but_is_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    note = tmp_path / "log"
    drawer = Drawer(python("import sys; open(sys.argv[1], 'a').write('x'); sys.exit(70)", str(note)))
    made: list[Any] = await asyncio.gather(*(drawer.draw(CHART) for _ in range(20)), return_exceptions=True)
    assert {type(one) for one in made} == {NotDrawn} and len({id(one) for one in made}) == 20
    assert note.read_text() == "x"
    monkeypatch.setattr(child, "FAILS_FOR", -1.0)
    await refusal(drawer)
    assert note.read_text() == "xx"


def said_by(code: str) -> Any:
    """What a Python that has just started says when it has run this."""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, timeout=60, check=True)
    return json.loads(run.stdout)


def test_it_lets_others_go_first_and_takes_little() -> None:
    code = (
        "import json, os, resource as r; before = os.nice(0); from bot.picture.__main__ import modest; modest(); "
        "limits = [r.getrlimit(w)[0] for w in (r.RLIMIT_AS, r.RLIMIT_CPU, r.RLIMIT_CORE)]; "
        "print(json.dumps([os.nice(0) - before, *limits]))"
    )
    nice, memory, seconds, image = said_by(code)
    assert nice > 0 or os.nice(0) >= 10
    assert (memory, seconds, image) == (1 << 30, 20, 0)


HEAVY = ("matplotlib", "numpy", "PIL")
OURS = (
    "storage",
    "config",
    "sqlalchemy",
    "sqlmodel",
    "pydantic",
    "cryptography",
    "slack_sdk",
    "telegram",
    "bot.services",
)
LOADED = "import json, sys; import {0}; print(json.dumps([name for name in {1} if name in sys.modules]))"


def test_the_child_loads_nothing_of_the_bot_that_could_open_anything() -> None:
    code = LOADED.format("bot.picture.__main__, bot.picture.drawing", OURS)
    assert said_by(code) == []


@pytest.mark.parametrize("module", ["bot.app", "bot.cli", "bot.playground.town"])
def test_the_bot_itself_loads_nothing_that_draws(module: str) -> None:
    assert said_by(LOADED.format(module, HEAVY)) == []
