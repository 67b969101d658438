"""SQLite that does not wait for the disk: what a test stores need not outlive the machine.

Processes that tests start, and that are killed there, are not touched: they wait, as in use.
"""

from __future__ import annotations

from api.db import engine

REAL = engine.SYNCHRONOUS
engine.SYNCHRONOUS = "OFF"
