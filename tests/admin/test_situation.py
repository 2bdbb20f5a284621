"""The situation's figures on the command line: a table for people, a file for a spreadsheet, JSON for machines."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from storage.database import Database
from tests.admin.conftest import call, done, incident, person, refused


@pytest.fixture
def flags(house: Database) -> Database:
    """Three incidents: one now, one last week, one long ago."""
    now = datetime.now(UTC)
    with house.transaction() as session:
        alva = person(session, "Alva Berg", "contact", 1)
        for at in (now, now - timedelta(days=7), now - timedelta(days=400)):
            row = incident(session, alva, at=at, closed=False)
            row.category = "threat"
            session.add(row)
    return house


def test_it_shows_kinds_by_weeks_and_the_lines(flags: Database) -> None:
    lines = done(call("situation")).splitlines()
    [threats] = [line.split() for line in lines if line.startswith("Hot")]
    assert threats == ["Hot", *"000000", "1", "1", "2"]
    [total] = [line.split() for line in lines if line.startswith("Totalt")]
    assert total[-1] == "2"
    assert any("går att nå" in line for line in lines) and any("polisanmälda" in line for line in lines)


def test_the_same_as_json(flags: Database) -> None:
    found = json.loads(done(call("situation", "--json", "--weeks", "3")))
    assert len(found["weeks"]) == 3 and found["total"] == 2
    assert list(found["kinds"]["threat"].values()) == [0, 1, 1]
    assert found["reported"] == 0 and found["reportable"] == 2


def test_the_table_goes_to_a_new_file_that_only_its_owner_reads(flags: Database, tmp_path: Path) -> None:
    file = tmp_path / "läget.csv"
    done(call("situation", "--csv", str(file)))
    assert file.stat().st_mode & 0o777 == 0o600
    rows = list(csv.reader(io.StringIO(file.read_text("utf-8-sig")), delimiter=";"))
    assert rows[0][0] == "Slag" and rows[0][-1] == "Totalt" and len(rows[0]) == 10
    assert ["Partier", "1"] in rows
    refused(call("situation", "--csv", str(file)))
    assert list(csv.reader(io.StringIO(file.read_text("utf-8-sig")), delimiter=";")) == rows
    refused(call("situation", "--csv", str(tmp_path / "ingen" / "mapp.csv")))


def test_the_table_goes_to_the_terminal(flags: Database) -> None:
    found = call("situation", "--csv", "-", "--weeks", "1")
    assert found.exit_code == 0
    assert found.stdout_bytes.decode("utf-8-sig").splitlines()[1].endswith(";1;1")


@pytest.mark.parametrize("weeks", ["0", "-1", "105"])
def test_a_number_of_weeks_that_is_none_is_refused(flags: Database, weeks: str) -> None:
    refused(call("situation", "--weeks", weeks))
