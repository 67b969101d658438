"""Migrations go up and down, and leave the schema that the tables say."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine, inspect, text
from sqlalchemy.exc import DatabaseError

from api.db import migrate


@pytest.fixture
def engine(empty: Engine) -> Engine:
    """Migrated here and now, not copied."""
    migrate.upgrade(empty)
    return empty


def test_up_gives_the_schema_of_the_tables(engine: Engine) -> None:
    assert migrate.drift(engine) == []
    assert migrate.current(engine) == migrate.head()


def test_up_twice_changes_nothing(engine: Engine) -> None:
    migrate.upgrade(engine)
    assert migrate.drift(engine) == []


def test_down_leaves_nothing_and_up_again_all(engine: Engine) -> None:
    migrate.downgrade(engine, "base")
    assert set(inspect(engine).get_table_names()) <= {"alembic_version"}
    assert migrate.current(engine) is None
    migrate.upgrade(engine)
    assert migrate.drift(engine) == []


def test_a_difference_is_told(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE notice ADD COLUMN forgotten INTEGER"))
    assert any("forgotten" in difference for difference in migrate.drift(engine))


def test_a_migration_that_fails_leaves_the_old_schema(empty: Engine) -> None:
    with empty.begin() as connection:
        connection.execute(text("CREATE TABLE webhook_endpoint (id INTEGER)"))  # In the way of the first migration.
    with pytest.raises(DatabaseError, match="webhook_endpoint"):
        migrate.upgrade(empty)
    assert set(inspect(empty).get_table_names()) == {"webhook_endpoint"}
