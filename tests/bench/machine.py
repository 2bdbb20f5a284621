"""What the machine itself can do just now: without it nobody can tell a slow program from a busy machine."""

from __future__ import annotations

import os
import platform
import sqlite3
import time
from pathlib import Path
from typing import Any

from storage.database import make_engine

Figures = dict[str, Any]


def described() -> Figures:
    """What it is."""
    return {
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "cpus": os.cpu_count(),
        "load_before": round(os.getloadavg()[0], 2),
    }


def commits(folder: Path, count: int) -> list[float]:
    """Seconds of each of these bare commits, as durable as the bot's own, sorted."""
    engine = make_engine(f"sqlite:///{folder / 'commits.db'}")
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE IF NOT EXISTS line (body BLOB)")
    took = []
    for _ in range(count):
        began = time.perf_counter()
        with engine.begin() as connection:
            connection.exec_driver_sql("INSERT INTO line VALUES (randomblob(500))")
        took.append(time.perf_counter() - began)
    engine.dispose()
    return sorted(took)
