"""docs/dataskydd.md says of every field what it is, whose, why, how long, and whether it is encrypted."""

from __future__ import annotations

import re
from pathlib import Path

from sqlmodel import SQLModel

from storage import tables
from storage.types import Encrypted

TEXT = (Path(__file__).parents[1] / "docs" / "dataskydd.md").read_text(encoding="utf-8")
CELLS = 8
SEALED = {("evidencechunk", "sealed")}  # encrypted before it gets to its column
HASHED = {("invitation", "secret_hash")}


def rows() -> dict[tuple[str, str], list[str]]:
    """Every row of the document's tables of fields, by table and field."""
    found: dict[tuple[str, str], list[str]] = {}
    for name, body in re.findall(r"^### `(\w+)`\n(.*?)(?=^##|\Z)", TEXT, re.M | re.S):
        for line in re.findall(r"^\| `\w+` \|.*\|$", body, re.M):
            cells = [cell.strip() for cell in line.strip("|").split("|")]
            key = (name, cells[0].strip("`"))
            assert key not in found, f"{key} is there twice"
            found[key] = cells
    return found


def columns() -> dict[tuple[str, str], bool]:
    """Every column of every table, and whether its type encrypts."""
    assert tables.Incident.__tablename__ in SQLModel.metadata.tables
    return {
        (table.name, column.name): isinstance(column.type, Encrypted)
        for table in SQLModel.metadata.sorted_tables
        for column in table.columns
    }


def test_every_field_is_in_the_document_and_nothing_else_is() -> None:
    assert set(columns()) - set(rows()) == set(), "write a row for these"
    assert set(rows()) - set(columns()) == set(), "these are no longer stored"


def test_every_row_answers_every_question() -> None:
    assert {key: cells for key, cells in rows().items() if len(cells) != CELLS or not all(cells)} == {}


def test_what_is_said_to_be_encrypted_is_and_nothing_else() -> None:
    said = {key for key, cells in rows().items() if cells[5] == "ja"}
    assert said == {key for key, encrypted in columns().items() if encrypted} | SEALED
    assert {key for key, cells in rows().items() if cells[5] == "avtryck"} == HASHED


def test_every_code_that_a_row_uses_is_explained() -> None:
    explained = set(re.findall(r"^\| (\S+) \| [^`]", TEXT, re.M)) | {"–"}
    for key, cells in rows().items():
        used = {*re.split(r", ", cells[4]), cells[6], cells[7]}
        assert used <= explained, (key, used - explained)


def test_free_text_fields_name_somebody() -> None:
    words = {("entry", "body"), ("incident", "details"), ("conversation", "answers"), ("person", "name")}
    assert all(rows()[key][2] != "ingen" for key in words)
