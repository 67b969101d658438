"""What the whole suite tells at its end."""

from __future__ import annotations

import pytest


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Show why a test was tried again (``.ci/run``): a test that passes the second time has a defect, or shows one."""
    again = terminalreporter.stats.get("rerun", [])
    if not again:
        return
    terminalreporter.section(f"{len(again)} tried again")
    for report in again:
        terminalreporter.line(report.nodeid)
        terminalreporter.line(report.longreprtext)
