"""Migrations: up, down, and whether schema and tables still agree. Run by ``restplatz migrate`` and by the tests."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine

from api.db import full_text
from api.db.tables import Base

HERE = Path(__file__).parent / "migrations"


def options() -> dict[str, Any]:
    """Return how the schema is compared and changed: whole tables are rebuilt where SQLite cannot alter them."""
    return {
        "target_metadata": Base.metadata,
        "render_as_batch": True,
        "compare_type": True,
        "transaction_per_migration": True,
        "include_object": _is_ours,
    }


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Bring the schema to ``revision``; nothing happens where it is there. All of a migration, or nothing of it."""
    with _changing(engine) as connection:
        command.upgrade(_config(connection), revision)


def downgrade(engine: Engine, revision: str) -> None:
    """Take the schema back to ``revision`` (``base``: nothing is left)."""
    with _changing(engine) as connection:
        command.downgrade(_config(connection), revision)


@contextmanager
def _changing(engine: Engine) -> Iterator[Connection]:
    """Yield a connection in whose transaction tables may be rebuilt.

    SQLite rebuilds a table by dropping the old one, and with foreign keys in force that would delete the rows of all
    tables that point to it. So they are not in force meanwhile, and looked at before the end.
    """
    with engine.connect() as connection:
        raw: Any = connection.connection.dbapi_connection
        is_sqlite = engine.dialect.name == "sqlite"
        if is_sqlite:
            raw.execute("PRAGMA foreign_keys=OFF")  # Within a transaction it would do nothing.
        try:
            with connection.begin():
                yield connection
                if is_sqlite and (broken := connection.exec_driver_sql("PRAGMA foreign_key_check").first()) is not None:
                    raise RuntimeError(f"Expected a migration that keeps rows together, got a lone one in {broken[0]}.")
        finally:
            if is_sqlite:
                raw.execute("PRAGMA foreign_keys=ON")


def current(engine: Engine) -> str | None:
    """Return the revision that the database is at; ``None`` where it was never migrated."""
    # To look must not wait for whoever writes on SQLite, and must work where nothing can be written.
    with engine.connect().execution_options(reads_only=True) as connection:
        return MigrationContext.configure(connection).get_current_revision()


def head() -> str:
    """Return the newest revision that the code knows."""
    revision = ScriptDirectory(str(HERE)).get_current_head()
    if revision is None:
        raise RuntimeError(f"Expected migrations in {HERE}, found none.")
    return revision


def drift(engine: Engine) -> list[str]:
    """Return where the schema of the database differs from the tables of the code; empty where they agree."""
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts=options())
        return [told for difference in compare_metadata(context, Base.metadata) for told in _told(difference)]


def _told(difference: Any) -> Iterator[str]:
    """Yield what differs in a line each, as ``remove_column bar.odd``: alembic has tuples, or lists of them."""
    if isinstance(difference, list):
        for each in difference:
            yield from _told(each)
        return
    kind, *rest = difference
    item = rest[-1]
    if kind.endswith(("_column",)):
        name = f"{rest[1]}.{item.name}"
    elif kind.startswith("modify_"):
        # (schema, table, column, what stands there, in the database, in the code)
        name = f"{rest[1]}.{rest[2]}: {rest[-2]} -> {rest[-1]}"
    else:
        table = getattr(item, "table", None)
        name = str(getattr(item, "name", None) or item) + ("" if table is None else f" of {table.name}")
    yield f"{kind} {name}"


def _is_ours(item: object, name: str | None, kind: str, is_reflected: bool, other: object) -> bool:  # noqa: ARG001
    """Whether the tables of the code say it: full-text indexes differ by database (``api.db.full_text``)."""
    return not (is_reflected and name is not None and name.startswith(full_text.PREFIX))


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(HERE))
    config.attributes["connection"] = connection
    return config
