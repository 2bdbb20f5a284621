"""`python -m tests.bench`: measure, print, and write `build/bench.json`."""

from __future__ import annotations

import asyncio
import json
import logging
from pathlib import Path

from tests.bench.figures import FULL, measure

TARGET = Path("build/bench.json")


def main() -> None:
    """A full run takes about six minutes."""
    logging.basicConfig(level=logging.ERROR)
    figures = asyncio.run(measure(FULL, print))
    TARGET.parent.mkdir(exist_ok=True)
    TARGET.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    for name, figure in figures.items():
        print(f"{name:32} {figure}")


if __name__ == "__main__":
    main()
