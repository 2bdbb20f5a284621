"""An export has everything about what was asked for, as anybody can read it, and nothing about anybody else."""

from __future__ import annotations

import hashlib
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from storage.database import Database
from storage.evidence import unsealed
from storage.tables import Conversation, Entry, Evidence, EvidenceChunk, Person
from tests.admin.conftest import (
    LONG_AGO,
    NOW,
    PHOTO,
    alert,
    briefing,
    call,
    called_in,
    done,
    incident,
    meeting,
    outbox,
    person,
    refused,
)
from tests.admin.conftest import run as ticked_off


@pytest.fixture
def full(house: Database) -> Database:
    """Alva flagged 1 and 2, Kim flagged 3; Siv answered on 1."""
    with house.transaction() as session:
        alva = person(session, "Alva Berg", "contact", 1)
        kim = person(session, "Kim Holm", "contact", 1)
        first = incident(session, alva)
        session.add(Entry(incident_id=first.id or 0, at=NOW, kind="answer", author_id=1, body={"text": "Vi kommer"}))
        incident(session, alva, closed=False)
        incident(session, kim)
        session.add(outbox(1, body={"text": "vänta"}))
        session.add(
            Conversation(person_id=2, flow="flag", inputs={}, answers={"what": "utkast"}, aside={}, updated_at=NOW)
        )
    return house


def read(folder: Path, name: str) -> Any:
    return json.loads((folder / name).read_text())


def names(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def sums_hold(folder: Path) -> None:
    listed = dict(line.split("  ")[::-1] for line in (folder / "sha256.txt").read_text().splitlines())
    assert set(listed) == names(folder) - {"sha256.txt"}
    for name, digest in listed.items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest


def test_what_went_to_a_persons_telephone_is_in_what_is_exported_of_them(full: Database, tmp_path: Path) -> None:
    with full.transaction() as session:
        for whom in (2, 3):
            session.add(outbox(platform="sms", chat=f"person:{whom}", incident_id=1))
    done(call("export", str(tmp_path / "out"), "--person", "Alva Berg"))
    messages = read(tmp_path / "out", "person.json")["messages"]
    assert [one["chat"] for one in messages if one["platform"] == "sms"] == ["person:2"]


def test_an_incident_comes_with_its_timeline_and_its_evidence_as_it_came_in(full: Database, tmp_path: Path) -> None:
    to = tmp_path / "out"
    said = done(call("export", str(to), "--incident", "1"))
    assert "går att läsa utan nyckel" in said
    inside = "incident-1"
    assert names(to) == {f"{inside}/{n}" for n in ("incident.json", "timeline.md", "evidence/1-bil.png")} | {
        "sha256.txt"
    }
    assert (to / inside / "evidence" / "1-bil.png").read_bytes() == PHOTO
    found = read(to, f"{inside}/incident.json")
    assert found["details"] == {"what": "Hemliga ord om bilen", "where": "Skolgatan"}
    assert (found["reporter_id"], found["party"], found["raised_at"]) == (
        "Alva Berg", "Bokpartiet", "2023-11-23 13:00:00+01:00",
    )  # fmt: skip
    timeline = (to / inside / "timeline.md").read_text()
    assert "  > Två män, grå bil\n" in timeline and "- 2026-11-22 13:00:00+01:00 · " in timeline
    assert "Siv Almgren" in timeline and "Vi kommer" in timeline
    assert to.stat().st_mode & 0o077 == 0
    sums_hold(to)


def test_a_person_gets_all_that_is_stored_about_them_and_nothing_about_others(full: Database, tmp_path: Path) -> None:
    to = tmp_path / "out"
    done(call("export", str(to), "--person", " alva  BERG"))
    found = read(to, "person.json")
    assert found["person"]["name"] == "Alva Berg" and found["incidents"] == [1, 2]
    assert [role["kind"] for role in found["roles"]] == ["contact"]
    assert found["accounts"][0]["user"] == "1002" and len(found["sent_evidence"]) == 2
    assert {talk["answers"]["what"] for talk in found["conversations"]} == {"bilen", "utkast"}
    assert len(found["wrote"]) == 4
    assert {name.split("/")[0] for name in names(to)} == {"person.json", "sha256.txt", "incident-1", "incident-2"}
    assert not any("Kim Holm" in path.read_text() for path in to.rglob("*.json"))
    sums_hold(to)


def test_what_would_be_a_key_is_left_out(full: Database, tmp_path: Path) -> None:
    done(call("export", str(tmp_path / "out")))
    everything = "".join(path.read_text() for path in (tmp_path / "out").rglob("*.json"))
    for name in ("secret_hash", "selector", '"remote"', '"offered"'):
        assert name not in everything


def test_all_there_is_in_a_zip(full: Database, tmp_path: Path) -> None:
    to = tmp_path / "out.zip"
    done(call("export", str(to)))
    with zipfile.ZipFile(to) as archive:
        assert archive.testzip() is None
        inside = set(archive.namelist())
        assert {"register.json", "sha256.txt", "incident-3/evidence/3-bil.png"} <= inside
        register = json.loads(archive.read("register.json"))
        assert archive.read("incident-2/evidence/2-bil.png") == PHOTO
    assert [one["name"] for one in register["person"]] == ["Siv Almgren", "Alva Berg", "Kim Holm"]
    assert to.stat().st_mode & 0o077 == 0


def test_checklists_and_support_are_in_what_is_exported(house: Database, tmp_path: Path) -> None:
    with house.transaction() as session:
        alva = person(session, "Alva Berg", "contact", 1)
        ticked_off(session, alva)
        called_in(session, alva)
    done(call("export", str(tmp_path / "all")))
    run = json.loads((tmp_path / "all" / "checklist-1" / "checklist.json").read_text("utf-8"))
    assert (run["about"], run["ticks"][0]["person"]) == ("Hemlig kväll", "Alva Berg")
    assert run["entries"][0]["body"] == {"text": "Hemlig anteckning"}
    support = json.loads((tmp_path / "all" / "support-1.json").read_text("utf-8"))
    assert (support["why"], support["asked_by"]) == ("Hemlig fråga", "Alva Berg")
    done(call("export", str(tmp_path / "alva"), "--person", "Alva Berg"))
    alva = json.loads((tmp_path / "alva" / "person.json").read_text("utf-8"))
    assert len(alva["ticked"]) == len(alva["asked_for_support"]) == 1
    assert alva["wrote_on_checklists"][0]["body"] == {"text": "Hemlig anteckning"}


def test_nothing_is_overwritten(full: Database, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out.zip").write_text("viktigt")
    assert "finns redan" in refused(call("export", str(tmp_path / "out")))
    assert "finns redan" in refused(call("export", str(tmp_path / "out.zip")))
    assert (tmp_path / "out.zip").read_text() == "viktigt"
    assert "går inte att skriva" in refused(call("export", str(tmp_path / "no" / "out")))


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--incident", "99"], "inget ärende 99"),
        (["--person", "Ingen Alls"], "ingen som heter Ingen Alls"),
        (["--person", "99"], "ingen som heter 99"),
        (["--person", "Alva Berg", "--incident", "1"], "inte båda"),
    ],
)
def test_what_is_not_there_is_one_line_and_leaves_nothing(
    full: Database, tmp_path: Path, options: list[str], said: str
) -> None:
    assert said in refused(call("export", str(tmp_path / "out"), *options))
    assert not (tmp_path / "out").exists()


def test_namesakes_are_told_apart_by_number(full: Database, tmp_path: Path) -> None:
    with full.transaction() as session:
        person(session, "Alva Berg", "official")
    line = refused(call("export", str(tmp_path / "out"), "--person", "Alva Berg"))
    assert "2 Alva Berg" in line and "4 Alva Berg" in line
    done(call("export", str(tmp_path / "out"), "--person", "4"))
    assert read(tmp_path / "out", "person.json")["incidents"] == []


def test_a_name_of_evidence_leads_nowhere_else(full: Database, tmp_path: Path) -> None:
    with full.transaction() as session, unsealed(session):
        session.get_one(Evidence, 1).facts = {"name": "../../../etc/.passwd\0"}
    done(call("export", str(tmp_path / "out"), "--incident", "1"))
    (found,) = (tmp_path / "out" / "incident-1" / "evidence").iterdir()
    assert found.name == "1-etc-.passwd-"


def test_evidence_that_is_not_what_came_in_is_told(full: Database, tmp_path: Path) -> None:
    with full.transaction() as session, unsealed(session):
        session.get_one(EvidenceChunk, 1).sealed = b"nothing that opens"
        session.get_one(EvidenceChunk, 3).sealed = session.get_one(EvidenceChunk, 4).sealed
    said = done(call("export", str(tmp_path / "out")), 1)
    assert "inte är vad som en gång kom in: 1, 2" in said
    assert (tmp_path / "out" / "incident-3" / "evidence" / "3-bil.png").read_bytes() == PHOTO


def test_a_place_is_words(full: Database, tmp_path: Path) -> None:
    from storage import evidence as stored

    with full.transaction() as session:
        row = Evidence(incident_id=3, person_id=3, account_id=2, medium="place", facts={"text": "59.3, 18.0"},
                       sent_at=LONG_AGO, received_at=LONG_AGO, not_before=LONG_AGO)  # fmt: skip
        session.add(row)
        session.flush()
        words = stored.words(row)
        row.state, row.kept_at, row.size, row.sha256 = "kept", NOW, len(words), hashlib.sha256(words).hexdigest()
    done(call("export", str(tmp_path / "out"), "--incident", "3"))
    assert "59.3, 18.0" in (tmp_path / "out" / "incident-3" / "evidence" / "4-place.txt").read_text()


def test_everything_has_each_broadcast_with_its_answers_and_a_persons_export_only_that_persons(
    full: Database, tmp_path: Path
) -> None:
    with full.transaction() as session:
        alva, kim = (session.get_one(Person, number) for number in (2, 3))
        alert(
            session, alva, headline="Skolgatan är avspärrad", meeting_id=briefing(session, meeting(session)).meeting_id
        )
        alert(session, kim)
    done(call("export", str(tmp_path / "all")))
    found = read(tmp_path / "all", "alert-1.json")
    assert (found["headline"], found["author_id"]) == ("Skolgatan är avspärrad", "Siv Almgren")
    assert [(one["person"], one["answer"]) for one in found["receipts"]] == [("Alva Berg", "read")]
    assert [one["body"]["text"] for one in found["entries"]] == ["Jag är hemma"]
    register = read(tmp_path / "all", "register.json")
    assert register["meeting"][0]["title"] == "Hemligt möte"
    assert register["agendaitem"][0]["title"] == "Hemligt ärende"
    assert register["briefing"][0]["step"] == "exits"
    done(call("export", str(tmp_path / "alva"), "--person", "Alva Berg"))
    mine = read(tmp_path / "alva", "person.json")
    assert [(one["alert_id"], one["answer"]) for one in mine["receipts"]] == [(1, "read")]
    assert [one["body"]["text"] for one in mine["wrote_on_alerts"]] == ["Jag är hemma"]
    assert mine["alerts"] == mine["meetings"] == []
