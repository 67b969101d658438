"""The store where the database does not do as it usually does."""

from __future__ import annotations

import threading
import time
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
        began = time.monotonic()
        assert migrate.current(store.engine) == migrate.head()
        assert time.monotonic() - began < 5
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
