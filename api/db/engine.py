"""The engine: SQLite in WAL by default, PostgreSQL by one setting; the same behaviour as far as they can be alike."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, ExceptionContext, make_url
from sqlalchemy.orm import Session, sessionmaker

_BUSY_SECONDS = 10
"""Seconds that a writer waits for another one on SQLite."""


def make_engine(url: str | URL, *, pool_size: int = 20) -> Engine:
    """Return an engine for ``sqlite:///path`` or ``postgresql+psycopg://…``."""
    address = make_url(url)
    if address.get_backend_name() == "sqlite":
        return _sqlite(address)
    engine = create_engine(address, pool_pre_ping=True, pool_size=pool_size, max_overflow=pool_size)

    @event.listens_for(engine, "checkin")
    def _as_the_server_says(connection: Any, record: object) -> None:  # noqa: ARG001  # the listener's interface
        # Whoever has read leaves READ WRITE behind, which would override a server that is set to take no changes.
        if connection is not None and not connection.closed:
            connection.read_only = None

    return engine


def make_sessions(engine: Engine) -> sessionmaker[Session]:
    """Return the maker of sessions; values stay readable after a commit."""
    return sessionmaker(engine, expire_on_commit=False)


def _sqlite(address: URL) -> Engine:
    engine = create_engine(address, connect_args={"timeout": _BUSY_SECONDS, "isolation_level": None})

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, record: object) -> None:  # noqa: ARG001  # the listener's interface
        cursor = connection.cursor()
        # WAL: readers do not wait for a writer. FULL: what is committed survives a loss of power.
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            f"busy_timeout={_BUSY_SECONDS * 1000}",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        # A transaction that reads first and then writes would fail where another has written meanwhile: whoever may
        # write takes the lock at once, and waits for it.
        reads = connection.get_execution_options().get("reads_only", False)
        connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")

    @event.listens_for(engine, "handle_error")
    def _forget_read_only(context: ExceptionContext) -> None:
        # A file that could not be opened for writing stays so for the connection: the next one tries again.
        if "readonly database" in str(context.original_exception):
            context.is_disconnect = True
            if context.execution_context is not None:
                # Left open it would keep the file open beside the new connection, and that would share its state.
                context.execution_context.cursor.close()

    return engine
