"""The store where the database does not do as it usually does."""

from __future__ import annotations

import threading
from datetime import UTC
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from api.db import migrate
from api.db.store import Store
from api.errors import Code, Problem
from api.jobs.worker import await_database


@pytest.fixture
def store(engine: Engine) -> Store:
    return Store(engine.url.render_as_string(hide_password=False), pool_size=2)


def test_looking_at_the_schema_waits_for_nobody(store: Store) -> None:
    with store.writing() as session:
        session.execute(text("UPDATE run SET failure = NULL"))
        # Whoever waited here would wait for this very thread: for ever, or until SQLite gives up.
        assert migrate.current(store.engine) == migrate.head()
    store.close()


def test_a_server_that_takes_no_changes_is_not_overridden_by_whoever_has_read(store: Store) -> None:
    if not store.is_postgres:
        pytest.skip("a setting of the server")
    with store.writing() as session:
        name = session.scalar(text("SELECT current_database()"))
        session.execute(text(f"ALTER DATABASE {name} SET default_transaction_read_only = on"))
    store.engine.dispose()  # It holds for connections that begin now.
    with store.reading() as session:
        assert session.scalar(text("SELECT count(*) FROM run")) == 0
    for attempt in (
        store.see_whether_it_takes_changes,
        lambda: store.write(lambda s: s.execute(text("DELETE FROM run"))),
    ):
        with pytest.raises(Problem) as told:
            attempt()
        assert told.value.code is Code.DATABASE_READ_ONLY
    store.close()


def test_a_worker_that_is_told_to_end_waits_for_no_database(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path / 'nowhere' / 'restplatz.db'}")
    stop = threading.Event()
    asked = iter([False, True])
    await_database(store, tmp_path, stop, lambda: next(asked))
    assert stop.is_set()
    store.close()


def test_a_connection_that_the_server_closed_is_not_used_again(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a pause it is asked whether it lives; at once after a call it is not: then one call is told so."""
    if not store.is_postgres:
        pytest.skip("a connection over the network")
    monkeypatch.setattr("api.db.engine._TRUSTED_SECONDS", 0.0)
    _cut_off(store)
    with store.glancing() as connection:
        assert connection.scalar(text("SELECT 1")) == 1
    monkeypatch.setattr("api.db.engine._TRUSTED_SECONDS", 60.0)
    _cut_off(store)
    with pytest.raises(Problem) as told, store.reading() as session:
        session.scalar(text("SELECT 1"))
    assert told.value.code is Code.UNAVAILABLE
    for way in (store.reading, store.writing, store.glancing):
        with way() as session:
            assert session.scalar(text("SELECT 1")) == 1
    store.close()


def _cut_off(store: Store) -> None:
    """Let the server close all connections of the store that nobody uses just now."""
    with store.glancing() as one, store.reading():
        one.execute(text("SELECT 1"))
    address = store.engine.url
    apart = Store(address.render_as_string(hide_password=False), pool_size=1)
    with apart.glancing() as connection:
        connection.execute(
            text(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )
    apart.close()


def test_instants_come_in_utc_whatever_the_zone_of_the_server_is(store: Store) -> None:
    if not store.is_postgres:
        pytest.skip("a setting of the server")
    with store.writing() as session:
        name = session.scalar(text("SELECT current_database()"))
        session.execute(text(f"ALTER DATABASE {name} SET timezone = 'America/New_York'"))
    store.engine.dispose()  # It holds for connections that begin now.
    for way in (store.glancing, store.reading, store.writing):
        with way() as session:
            assert session.scalar(text("SELECT now()")).tzinfo is UTC
    store.close()
