"""A service on each database, which tests may kill."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from api.db import migrate
from api.db.engine import make_engine
from tests.api.conftest import database
from tests.api.crashes import postgres_server
from tests.api.crashes.postgres_server import Server
from tests.api.crashes.service import Service
from tests.api.house import House


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """An engine for a migrated database: on SQLite the one that processes find in their folder without a setting."""
    if request.param == "sqlite":
        path = shutil.copy(request.getfixturevalue("migrated_file"), tmp_path / "restplatz.db")
        engine = make_engine(f"sqlite:///{path}")
        yield engine
        engine.dispose()
        return
    template = request.getfixturevalue("migrated_template")
    with database(request.getfixturevalue("postgres"), template) as (engine, _):
        yield engine


@pytest.fixture
def service(house: House) -> Service:
    """The service on a migrated database of its own; no process runs yet."""
    return Service(house)


@pytest.fixture
def server() -> Iterator[Server]:
    """A PostgreSQL of its own, which the test may kill."""
    with postgres_server.server() as running:
        yield running


@pytest.fixture
def on_server(server: Server, tmp_path: Path) -> Iterator[Service]:
    """The service on that server."""
    engine = make_engine(server.address)
    migrate.upgrade(engine)
    house = House(engine, tmp_path)
    yield Service(house)
    house.close()
    engine.dispose()
