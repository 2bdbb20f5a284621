"""What every test shares."""

from __future__ import annotations

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """The golden transcripts change only when somebody asks for it."""
    parser.addoption("--rewrite-transcripts", action="store_true", help="write the golden transcripts anew")
