"""What every test shares."""

from __future__ import annotations

import pytest

from tests.browser.chromium import MISSING


def pytest_addoption(parser: pytest.Parser) -> None:
    """The golden transcripts change only when somebody asks for it."""
    parser.addoption("--rewrite-transcripts", action="store_true", help="write the golden transcripts anew")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say in one line that the tests in a browser were left out, if they were."""
    reasons = [str(report.longrepr) for report in terminalreporter.stats.get("skipped", [])]
    if left_out := sum(MISSING in reason for reason in reasons):
        terminalreporter.write_line(f"{left_out} tests skipped: {MISSING}", yellow=True)
