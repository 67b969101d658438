"""The restore drill on SQLite: backup at work, the database lost, restored; the log holds, the last commit is there."""

from __future__ import annotations

import json
import os
import sqlite3
import threading
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from typer.testing import CliRunner
from typer.testing import Result as Outcome

from api import audit
from api.actor import SYSTEM
from api.backup import JOBS, MAIN, MANIFEST, back_up, restore
from api.cli import app
from api.db.store import Store
from api.db.tables import PickupAddress
from api.errors import Problem
from api.services import addresses
from api.settings import Settings

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)


def run(*arguments: object) -> Outcome:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a migrated database of the service, one of durable jobs, and keys."""
    for name in [each for each in os.environ if each.startswith("RESTPLATZ_")]:
        monkeypatch.delenv(name)
    found = tmp_path / "var"
    monkeypatch.setenv("RESTPLATZ_FOLDER", str(found))
    assert run("migrate").exit_code == 0
    Settings(folder=found).sealing_keys()
    Settings(folder=found).signing_key()
    with closing(sqlite3.connect(found / JOBS)) as jobs:
        jobs.execute("PRAGMA journal_mode=WAL")
        jobs.execute("CREATE TABLE job (id TEXT)")
        jobs.execute("INSERT INTO job VALUES ('one')")
        jobs.commit()
    return found


def write(store: Store, number: int) -> audit.Head:
    with store.writing() as session:
        audit.append(session, SYSTEM, "drill", "request", number, at=NOW + timedelta(seconds=number))
    with store.reading() as session:
        return audit.head(session)


def test_the_drill(folder: Path, tmp_path: Path) -> None:
    settings = Settings(folder=folder)
    store = Store(settings.address)
    for number in range(20):
        last = write(store, number)
    # The service is at work, and what was committed last still lies in the log of changes beside the database.
    assert (folder / f"{MAIN}-wal").stat().st_size > 0
    outcome = run("backup", tmp_path / "backups")
    assert outcome.exit_code == 0, outcome.stderr
    assert outcome.stdout.splitlines()[1] == f"{last.number}:{last.sha256}"
    write(store, 99)  # After the backup, so lost with the database.
    store.close()
    (made,) = (tmp_path / "backups").iterdir()
    assert sorted(each.name for each in made.iterdir()) == [MANIFEST, JOBS, MAIN], "no keys unless asked for"
    assert all(each.stat().st_mode & 0o077 == 0 for each in (made, *made.iterdir()))

    for each in folder.iterdir():
        if each.name.startswith((MAIN, JOBS)):
            each.unlink()
    outcome = run("restore", made)
    assert outcome.exit_code == 0, outcome.stderr
    verified = run("audit", "verify", "--known", f"{last.number}:{last.sha256}")
    assert verified.exit_code == 0, verified.stderr
    assert verified.stdout.strip() == f"{last.number}:{last.sha256}", "nothing of the last commit is lost"
    with closing(sqlite3.connect(folder / JOBS)) as jobs:
        assert jobs.execute("SELECT id FROM job").fetchall() == [("one",)]
    assert run("migrate", "--check").exit_code == 0
    store = Store(settings.address)
    assert write(store, 21).number == last.number + 1, "it goes on"
    store.close()


def test_both_are_of_one_instant_while_others_write(folder: Path, tmp_path: Path) -> None:
    """A writer puts the same number into both databases, the jobs first: the copy is never ahead in the second."""
    settings = Settings(folder=folder)
    store, stop = Store(settings.address), threading.Event()

    def work() -> None:
        jobs = sqlite3.connect(folder / JOBS, timeout=30, isolation_level=None)
        while not stop.is_set():
            jobs.execute("INSERT INTO job VALUES ('more')")
            with store.writing() as session:
                audit.append(session, SYSTEM, "drill", "request", 1, at=NOW)
        jobs.close()

    with store.reading() as session:
        before = audit.head(session).number
    thread = threading.Thread(target=work)
    thread.start()
    try:
        made = [back_up(settings, tmp_path / "b", now=NOW + timedelta(seconds=n)) for n in range(5)]
    finally:
        stop.set()
        thread.join()
        store.close()
    for each in made:
        with closing(sqlite3.connect(each.folder / JOBS)) as jobs:
            (asked,) = jobs.execute("SELECT count(*) FROM job WHERE id = 'more'").fetchone()
        assert each.head.number - before in (asked, asked - 1)


def test_keys_are_copied_only_when_asked_for(folder: Path, tmp_path: Path) -> None:
    settings = Settings(folder=folder)
    key = (folder / "address_key").read_bytes()
    made = back_up(settings, tmp_path / "b", with_keys=True, now=NOW)
    assert set(made.files) == {MAIN, JOBS, "secret", "address_key"}
    assert (made.folder / "address_key").read_bytes() == key
    other = Settings(folder=tmp_path / "other")
    restore(other, made.folder, now=NOW)
    assert other.sealing_keys() == settings.sealing_keys()
    assert (tmp_path / "other" / "address_key").stat().st_mode & 0o077 == 0


def test_a_backup_that_should_have_keys_and_has_none_says_so(folder: Path, tmp_path: Path) -> None:
    (folder / "address_key").unlink()
    outcome = run("backup", tmp_path / "b", "--with-keys")
    assert outcome.exit_code == 0
    assert "WARNING: no address_key in this backup" in outcome.stderr
    assert "RESTPLATZ_ADDRESS_KEYS" in outcome.stderr
    assert "secret" not in outcome.stderr


def test_a_restore_without_the_key_of_the_addresses_says_so(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = back_up(Settings(folder=folder), tmp_path / "b", now=NOW)
    bare = run("restore", made.folder, "--folder", tmp_path / "bare")
    assert bare.exit_code == 0
    assert "WARNING: no key that opens the addresses" in bare.stderr
    assert str(tmp_path / "bare") in bare.stderr
    monkeypatch.setenv("RESTPLATZ_ADDRESS_KEYS", "k" * 32)
    assert run("restore", made.folder, "--folder", tmp_path / "set").stderr == ""
    monkeypatch.delenv("RESTPLATZ_ADDRESS_KEYS")
    assert run("restore", made.folder, "--replace", "--folder", folder).stderr == "", "the folder has its key"


@pytest.mark.parametrize("name", [MAIN, JOBS])
def test_a_backup_that_was_changed_is_refused_and_nothing_is_touched(folder: Path, tmp_path: Path, name: str) -> None:
    settings = Settings(folder=folder)
    made = back_up(settings, tmp_path / "b", now=NOW)
    content = bytearray((made.folder / name).read_bytes())
    content[len(content) // 2] ^= 1
    (made.folder / name).write_bytes(content)
    before = {each.name: each.read_bytes() for each in folder.iterdir() if each.name in (MAIN, JOBS)}
    with pytest.raises(Problem, match="not what was backed up"):
        restore(settings, made.folder, is_replacing=True, now=NOW)
    assert {each.name: each.read_bytes() for each in folder.iterdir() if each.name in (MAIN, JOBS)} == before
    assert not [each for each in folder.iterdir() if each.name.startswith(".")], "no draft is left"


def test_what_is_there_is_not_written_over(folder: Path, tmp_path: Path) -> None:
    settings = Settings(folder=folder)
    made = back_up(settings, tmp_path / "b", now=NOW)
    outcome = run("restore", made.folder)
    assert (outcome.exit_code, "exists_already" in outcome.stderr) == (2, True)
    store = Store(settings.address)
    last = write(store, 1)
    with store.reading(), pytest.raises(Problem, match="at work"):
        restore(settings, made.folder, is_replacing=True, now=NOW)
    store.close()
    restore(settings, made.folder, is_replacing=True, now=NOW)
    (kept,) = folder.glob(f"{MAIN}.before-*")
    kept_store = Store(f"sqlite:///{kept}")
    with kept_store.reading() as session:
        assert audit.head(session) == last, "what was there is still to be had"
    kept_store.close()


def test_a_worker_at_work_keeps_it_out(folder: Path, tmp_path: Path) -> None:
    from api.jobs.takeover import alone_in

    settings = Settings(folder=folder)
    made = back_up(settings, tmp_path / "b", now=NOW)
    with alone_in(folder), pytest.raises(Problem, match="in_use: The service") as refused:
        restore(settings, made.folder, is_replacing=True, now=NOW)
    assert "Stop it first" in refused.value.detail
    assert "PostgreSQL" not in refused.value.detail


def test_a_database_that_is_broken_is_replaced_and_makes_no_backup(folder: Path, tmp_path: Path) -> None:
    settings = Settings(folder=folder)
    made = back_up(settings, tmp_path / "b", now=NOW)
    for each in folder.glob(f"{MAIN}-*"):
        each.unlink()
    (folder / MAIN).write_bytes(b"nothing of a database" * 500)
    outcome = run("backup", tmp_path / "b")
    assert (outcome.exit_code, "unavailable" in outcome.stderr) == (2, True)
    assert [each.name for each in (tmp_path / "b").iterdir()] == [made.folder.name], "no half backup"
    restore(settings, made.folder, is_replacing=True, now=NOW)
    assert run("audit", "verify").exit_code == 0


def test_what_is_no_backup_is_refused(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "x").mkdir()
    (tmp_path / "x" / MANIFEST).write_text(json.dumps({"sha256": {"../passwd": "0"}, "audit_head": "0:0"}))
    for source in (tmp_path / "x", tmp_path / "nowhere"):
        outcome = run("restore", source)
        assert (outcome.exit_code, "value_refused" in outcome.stderr) == (2, True)


def test_postgres_is_told_its_own_tools(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RESTPLATZ_DATABASE_URL", "postgresql+psycopg://u:geheim@localhost/x")
    outcome = run("backup", tmp_path)
    assert outcome.exit_code == 2
    assert "docs/operations.md" in outcome.stderr
    assert "geheim" not in outcome.output


def test_a_backup_holds_no_address_in_clear(folder: Path, tmp_path: Path) -> None:
    """The drill's other side: what is carried away cannot be read without the key."""
    from tests.api.db.rows import organisation, transport_request

    settings = Settings(folder=folder)
    store = Store(settings.address)
    with store.writing() as session:
        request = transport_request(organisation("abh:05999000", ags="05999000"))
        session.add(request)
        session.flush()
        sealed = addresses.seal_of(settings).close(request.id, "MARKER-Straße 1")
        session.add(PickupAddress(request_id=request.id, sealed=sealed, updated_at=NOW))
    store.close()
    made = back_up(settings, tmp_path / "b", now=NOW)
    assert not any(b"MARKER" in each.read_bytes() for each in made.folder.iterdir())
    restored = Settings(folder=tmp_path / "other")
    restore(restored, made.folder, now=NOW)
    store = Store(restored.address)
    with store.reading() as session:
        row = session.scalars(select(PickupAddress)).one()
        assert addresses.seal_of(settings).open(row.request_id, row.sealed) == "MARKER-Straße 1"
    store.close()
