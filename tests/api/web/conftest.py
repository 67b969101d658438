"""One database for tests of what stands around calls: no database is asked there, so one kind of it is enough."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from api.db.engine import make_engine


@pytest.fixture(scope="module")
def lite(migrated_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """An engine for a migrated SQLite database, one for the module."""
    path = shutil.copy(migrated_file, tmp_path_factory.mktemp("lite") / "test.db")
    engine = make_engine(f"sqlite:///{path}")
    yield engine
    engine.dispose()
