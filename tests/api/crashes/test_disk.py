"""A full disk, and one that cannot be written: a clear answer, reads go on, and all goes on when it is over."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import text

from api.db.engine import make_engine
from api.errors import Code, Problem
from tests.api.crashes.service import Service, until
from tests.api.house import House, request_body

pytestmark = pytest.mark.slow  # Real processes, killed: minutes.

_SMALL = "24m"


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own, of 24 MB."""
    folder = tmp_path / "small"
    folder.mkdir()
    mount = shutil.which("mount")
    if mount is None or os.geteuid() != 0:
        pytest.skip("only root can mount a small file system")
    done = subprocess.run([mount, "-t", "tmpfs", "-o", f"size={_SMALL}", "tmpfs", folder], check=False)
    if done.returncode != 0:
        pytest.skip("no file system can be mounted here")
    yield folder
    subprocess.run(["umount", "--lazy", folder], check=True)


@contextmanager
def in_folder(folder: Path, migrated_file: Path, logs: Path) -> Iterator[Service]:
    """A service on SQLite in a folder."""
    path = shutil.copy(migrated_file, folder / "restplatz.db")
    engine = make_engine(f"sqlite:///{path}")
    house = House(engine, folder)
    yield Service(house, logs=logs)
    house.close()
    engine.dispose()


@contextmanager
def full(folder: Path) -> Iterator[None]:
    """While it lasts there is not a byte left on the disk of a folder."""
    filler = folder / "filler"
    with filler.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError:
            pass
    try:
        yield
    finally:
        filler.unlink()


def _is_whole(service: Service) -> None:
    with service.house.store.reading() as session:
        assert session.scalar(text("PRAGMA integrity_check")) == "ok"
    service.check()


def test_a_full_disk_stops_writing_alone(small_disk: Path, migrated_file: Path, tmp_path: Path) -> None:
    with in_folder(small_disk, migrated_file, tmp_path) as service:
        service.fill(duties=4, requests=12)
        run_id = service.ask_for_run(3)
        with service.web() as web, service.worker() as worker, service.caller("abh") as caller:
            until(lambda: service.step(run_id) == "solving", "the run")
            entered: list[int] = []
            with full(small_disk):
                # What the log of the database has room for still goes in.
                for number in range(100, 400):
                    answer = caller.call("POST", "/requests", service.request_body(number))
                    if answer.status_code != 201:
                        break
                    entered.append(number)
                assert (answer.status_code, answer.json()["code"]) == (507, "database_full")
                assert len(caller.get("/requests?limit=200")["items"]) >= 12
                assert service.status("ready") == 200
                worker.wait_for("database_away")
                time.sleep(1)
                assert service.step(run_id) == "solving"
            until(lambda: service.step(run_id) == "ended", "the run")
            assert caller.call("POST", "/requests", service.request_body(number)).status_code == 201
            assert web.is_alive
            assert worker.is_alive
            assert all(len(service.entered(each)) == 1 for each in (*entered, number))
        service.check_run(run_id)
        _is_whole(service)


def test_a_database_that_may_not_grow(migrated_file: Path, tmp_path: Path) -> None:
    """The same without a file system of its own: the database itself says that it is full."""
    with in_folder(tmp_path, migrated_file, tmp_path) as service:
        house = service.house

        def limit(pages: int) -> None:
            with house.store.engine.connect() as connection:
                connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")

        limit(1)  # As many as there are.
        for number in range(300):
            answer = house["abh"].call("POST", "/requests", request_body(number, days=service.days))
            if answer.status_code != 201:
                break
        assert (answer.status_code, answer.json()["code"]) == (507, "database_full")
        assert len(house["abh"].get("/requests?limit=200")["items"]) == min(number, 200)
        limit(1_000_000)
        assert house["abh"].call("POST", "/requests", request_body(number, days=service.days)).status_code == 201
        _is_whole(service)


# --- read-only --------------------------------------------------------------------------------------------------------


def _obeying() -> list[str]:
    """Return what makes a command obey rights, which root does not."""
    if os.geteuid() != 0:
        return []
    if shutil.which("setpriv") is None:
        pytest.skip("root obeys no rights here")
    return ["setpriv", "--bounding-set", "-dac_override"]


@contextmanager
def read_only(*paths: Path) -> Iterator[None]:
    """While it lasts nobody may write there."""
    before = {path: path.stat().st_mode for path in paths}
    for path in paths:
        path.chmod(0o555 if path.is_dir() else 0o444)
    try:
        yield
    finally:
        for path, mode in before.items():
            path.chmod(mode)


@pytest.mark.parametrize("what", ["file", pytest.param("folder", marks=pytest.mark.slow)])
def test_a_database_that_cannot_be_written_can_be_read(tmp_path: Path, migrated_file: Path, what: str) -> None:
    folder = tmp_path / "kept"
    folder.mkdir()
    with in_folder(folder, migrated_file, tmp_path) as service:
        service.before = _obeying()
        service.fill(duties=2, requests=3)
        service.house.context.settings.signing_key()
        run_id = service.ask_for_run(1)
        files = list(folder.glob("restplatz.db*"))
        closed = read_only(*files) if what == "file" else read_only(*files, folder)
        processes = service.web(), service.worker(is_ready=False), service.caller("abh")
        with closed, processes[0] as web, processes[1] as worker, processes[2] as caller:
            answer = caller.call("POST", "/requests", service.request_body(100))
            assert (answer.status_code, answer.json()["code"]) == (503, "database_read_only")
            assert len(caller.get("/requests?limit=200")["items"]) == 3
            worker.wait_for("database_away")
            assert "database_read_only" in worker.said
            for path in (folder, *files):
                path.chmod(0o755 if path.is_dir() else 0o644)
            worker.wait_for("worker_ready")
            until(lambda: service.step(run_id) == "ended", "the run")
            # The call that meets the old connection may still be refused: the next one has a new one.
            until(
                lambda: caller.call("POST", "/requests", service.request_body(100)).status_code in (201, 409),
                "writing", seconds=10,
            )  # fmt: skip
            assert len(service.entered(100)) == 1
            assert web.is_alive
            assert "Traceback" not in web.said + worker.said
        service.check_run(run_id)
        _is_whole(service)


def test_a_file_that_cannot_be_written_is_told_apart(tmp_path: Path, migrated_file: Path) -> None:
    with in_folder(tmp_path, migrated_file, tmp_path) as service:
        store = service.house.store
        store.see_whether_it_takes_changes()
        with store.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA query_only=ON")  # Of this connection, which goes back to the pool.
        with pytest.raises(Problem) as told, store.writing() as session:
            session.execute(text("DELETE FROM run"))
        assert told.value.code is Code.DATABASE_READ_ONLY
        store.see_whether_it_takes_changes()
        with store.reading() as session:
            assert session.scalar(text("PRAGMA user_version")) == 0
