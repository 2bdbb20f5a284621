"""`tryggvag calendar import` puts a file in, or shows what it would do; a bad file changes nothing."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlmodel import select

from storage.database import Database
from storage.tables import Briefing, Meeting
from tests.admin.conftest import call, done


def write(folder: Path, *, title: str = "Kommunfullmäktige", rule: str = "") -> Path:
    """A file with a meeting in three weeks."""
    at = (datetime.now(UTC) + timedelta(days=21)).strftime("%Y%m%dT170000Z")
    said = [f"SUMMARY:{title}", f"DTSTART:{at}", *([rule] if rule else [])]
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "BEGIN:VEVENT", "UID:kf", *said, "END:VEVENT", "END:VCALENDAR", ""]
    file = folder / "moten.ics"
    file.write_bytes("\r\n".join(lines).encode())
    return file


def read_in(file: Path, *more: str) -> Any:
    """What the command says of a file."""
    return json.loads(done(call("calendar", "import", str(file), "--json", *more)))


def meetings(house: Database) -> list[Meeting]:
    """What came from files."""
    with house.transaction() as session:
        return [row for row in session.exec(select(Meeting)) if row.series is not None]


def test_a_dry_run_prints_the_occurrences_that_it_would_add_and_adds_none(house: Database, tmp_path: Path) -> None:
    found = read_in(write(tmp_path, rule="RRULE:FREQ=WEEKLY;COUNT=3"), "--dry-run")
    assert [row["title"] for row in found["new"]] == ["Kommunfullmäktige"] * 3
    assert {row["kind"] for row in found["new"]} == {"council"}
    assert found["changed"] == found["cancelled"] == []
    assert meetings(house) == []


def test_a_file_is_put_in_with_its_steps_and_the_same_again_doubles_nothing(house: Database, tmp_path: Path) -> None:
    file = write(tmp_path)
    assert "Inlagt. Nya: 1." in done(call("calendar", "import", str(file)))
    [row] = meetings(house)
    with house.transaction() as session:
        assert session.exec(select(Briefing.step).where(Briefing.meeting_id == row.id)).all()
    assert read_in(file) == {"new": [], "changed": [], "cancelled": []}
    assert len(meetings(house)) == 1


def test_a_changed_file_changes_the_meeting(house: Database, tmp_path: Path) -> None:
    read_in(write(tmp_path))
    said = read_in(write(tmp_path, title="Extra fullmäktige"))
    assert [row["title"] for row in said["changed"]] == ["Extra fullmäktige"]
    assert [row.title for row in meetings(house)] == ["Extra fullmäktige"]


def test_a_bad_file_ends_with_two_and_one_line_that_says_why(house: Database, tmp_path: Path) -> None:
    endless = write(tmp_path, rule="RRULE:FREQ=DAILY")
    nothing = tmp_path / "inget.ics"
    big = tmp_path / "stor.ics"
    big.write_bytes(b"BEGIN:VCALENDAR\n" + b"x" * 50_000_000)
    for file, why in ((endless, "upprepas utan slut"), (nothing, "inget.ics"), (big, "för stor")):
        said = call("calendar", "import", str(file))
        assert said.exit_code == 2
        assert why in said.stderr
    assert meetings(house) == []
