"""Every row of a database as lines of JSON, the same for SQLite and PostgreSQL. What is encrypted stays so.

The tables are read from the database, not from the code: a database of an older revision is copied as it is.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, MetaData, Table, func, insert, select, text

Row = dict[str, Any]
AT_ONCE = 20  # rows fetched in one go: a piece of evidence may be a third of a megabyte
MOST_BYTES = 4_000_000  # of lines, written in one go


def tables(connection: Connection) -> list[Table]:
    """The tables, those that others point at first."""
    found = MetaData()
    found.reflect(connection)
    return [table for table in found.sorted_tables if table.name != "alembic_version"]


def dumped(connection: Connection, counts: dict[str, int]) -> Iterator[bytes]:
    """A line that begins each table, a line for each row, and one at the end with the number of rows in each.

    The numbers come in `counts` too, for who writes it.
    """
    for table in tables(connection):
        names = [column.name for column in table.columns]
        yield _line({"table": table.name, "columns": names})
        counts[table.name] = 0
        query = select(table).order_by(*table.primary_key.columns).execution_options(yield_per=AT_ONCE)
        for row in connection.execute(query):
            counts[table.name] += 1
            yield _line([_portable(value) for value in row])
    yield _line({"end": counts})


def _line(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass") + b"\n"


def _portable(value: Any) -> Any:
    if isinstance(value, bytes | memoryview):
        return {"bytes": base64.b64encode(bytes(value)).decode()}
    if isinstance(value, datetime):
        return {"time": value.isoformat()}
    return {"json": value} if isinstance(value, dict | list) else value


def _native(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    ((kind, inner),) = value.items()
    if kind == "bytes":
        return base64.b64decode(inner)
    return datetime.fromisoformat(inner) if kind == "time" else inner


def read(lines: Iterable[bytes]) -> Iterator[tuple[str, Row, int]]:
    """The rows of a dump: the table, the row, and its size as a line. Raises ValueError for what is no whole dump."""
    name, columns, counts, end = "", [], {}, None  # type: tuple[str, list[str], dict[str, int], Any]
    for line in lines:
        value = json.loads(line.decode("utf-8", "surrogatepass"))
        if end is not None:
            raise ValueError("there is more after the end")
        if isinstance(value, list):
            counts[name] += 1
            yield name, dict(zip(columns, map(_native, value), strict=True)), len(line)
        elif "end" in value:
            end = value["end"]
        else:
            name, columns = value["table"], value["columns"]
            counts[name] = 0
    if end != counts:
        raise ValueError("the numbers of rows do not add up")


def counted(lines: Iterable[bytes]) -> dict[str, int]:
    """How many rows each table has in a dump. Raises ValueError."""
    counts: dict[str, int] = {}
    for name, _, _ in read(lines):
        counts[name] = counts.get(name, 0) + 1
    return counts


def load(connection: Connection, lines: Iterable[bytes]) -> None:
    """Write a dump into empty tables of its revision. Raises ValueError for a table or column that is not there."""
    known = {table.name: table for table in tables(connection)}
    batch: list[Row] = []
    at, size = "", 0
    for name, row, length in read(lines):
        if name not in known or set(row) != {column.name for column in known[name].columns}:
            raise ValueError(f"the table {name} is another one here")
        if batch and (name != at or size > MOST_BYTES):
            connection.execute(insert(known[at]), batch)
            batch, size = [], 0
        at, size = name, size + length
        batch.append(row)
    if batch:
        connection.execute(insert(known[at]), batch)
    if connection.dialect.name == "postgresql":
        _go_on_counting(connection, known.values())


def _go_on_counting(connection: Connection, known: Iterable[Table]) -> None:
    """New rows get numbers after those that were written with their own."""
    for table in known:
        if "id" in table.columns:
            highest = connection.execute(select(func.max(table.c.id))).scalar()
            call = text("SELECT setval(pg_get_serial_sequence(:name, 'id'), :at, :used)")
            quoted = connection.dialect.identifier_preparer.format_table(table)
            connection.execute(call, {"name": quoted, "at": highest or 1, "used": highest is not None})
