"""The elections are data; a file that cannot be right is refused with its name, the key and the reason."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from bot.services import elections

ROW = '[[election]]\nday = 2030-09-08\nkind = "ordinary"\nsv = "Valet"\nen = "The election"\n'


def test_the_shipped_file_has_the_elections_that_are_known() -> None:
    found = elections.load()
    assert [election.day for election in found] == [date(2026, 9, 13), date(2030, 9, 8)]
    assert all(election.day.weekday() == 6 and election.kind == "ordinary" for election in found)
    assert found[0].name("sv") == "Valet till riksdag, region och kommun"
    assert found[0].name("en") == "The general election"


def test_they_come_in_the_order_of_their_days_and_there_may_be_none(tmp_path: Path) -> None:
    file = tmp_path / "elections.toml"
    file.write_text(ROW + ROW.replace("2030", "2029").replace("ordinary", "extra"))
    assert [election.day.year for election in elections.load(file)] == [2029, 2030]
    none = tmp_path / "none.toml"
    none.write_text("# nothing is planned\n")
    assert elections.load(none) == ()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            ROW.replace("2030-09-08", '"2030-09-08"'),
            "election 1.day: must be a date such as 2030-09-08, without quotes",
        ),
        (ROW.replace("2030-09-08", "2030-09-08T08:00:00"), "election 1.day: must be a date"),
        (ROW.replace("day = 2030-09-08\n", ""), "election 1.day: must be a date"),
        (ROW.replace("ordinary", "general"), "election 1.kind: must be one of ordinary, european, extra, referendum"),
        (ROW.replace('sv = "Valet"\n', ""), "election 1.sv: must be what the election is called"),
        (ROW.replace('"The election"', '" "'), "election 1.en: must be what the election is called"),
        (ROW + "sooner = 2030-08-21\n", "election 1: does not know the key sooner"),
        (ROW + ROW, "election 2.day: 2030-09-08 is there twice"),
        ("elections = 1\n", "the file: does not know the key elections"),
        ("election = 1\n", "election: write [[election]] above each of them"),
        ("election = [1]\n", "election 1: write [[election]] above it"),
        ("[[election]\n", "elections.toml: "),
    ],
)
def test_a_broken_file_is_refused_in_one_line(text: str, said: str, tmp_path: Path) -> None:
    file = tmp_path / "elections.toml"
    file.write_text(text)
    with pytest.raises(ValueError) as refused:
        elections.load(file)
    line = str(refused.value)
    assert line.startswith("elections.toml: ") and said in line and "\n" not in line


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"^elections\.toml: cannot be read"):
        elections.load(tmp_path / "elections.toml")
