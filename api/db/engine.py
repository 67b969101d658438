"""The engine: SQLite in WAL by default, PostgreSQL by one setting; the same behaviour as far as they can be alike."""

from __future__ import annotations

import time
from typing import Any

from pydantic_core import from_json
from sqlalchemy import Connection, Engine, NullPool, create_engine, event
from sqlalchemy.engine import URL, ExceptionContext, make_url
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.orm import Session, sessionmaker

_BUSY_SECONDS = 10
"""Seconds that a writer waits for another one on SQLite."""
_TRUSTED_SECONDS = 1.0
"""A connection that answered so short a time ago is taken as it is; an older one is asked first whether it lives."""
_RETURNED = "returned"
SYNCHRONOUS = "FULL"
"""What SQLite waits for at a commit: with FULL, what is committed survives a loss of power."""


def make_reader(url: str | URL) -> Engine:
    """Return an engine whose connections the database lets change nothing, whatever is sent; each is closed after use.

    SQLite: ``query_only``. PostgreSQL: transactions that only read, whatever the role might do.
    """
    address = make_url(url)
    if address.get_backend_name() == "sqlite":
        engine = create_engine(
            address, connect_args={"timeout": _BUSY_SECONDS, "isolation_level": None}, json_deserializer=from_json,
            poolclass=NullPool,
        )  # fmt: skip

        @event.listens_for(engine, "connect")
        def _reads_only(connection: Any, record: object) -> None:  # noqa: ARG001  # the listener's interface
            connection.execute("PRAGMA query_only=ON")

        @event.listens_for(engine, "begin")
        def _begin(connection: Connection) -> None:
            connection.exec_driver_sql("BEGIN")

        return engine
    options = "-c default_transaction_read_only=on -c timezone=UTC"
    return create_engine(
        address, connect_args={"options": options}, json_deserializer=from_json, poolclass=NullPool,
        isolation_level="REPEATABLE READ",
    )  # fmt: skip


def make_engine(url: str | URL, *, pool_size: int = 20) -> Engine:
    """Return an engine for ``sqlite:///path`` or ``postgresql+psycopg://…``."""
    address = make_url(url)
    if address.get_backend_name() == "sqlite":
        return _sqlite(address)
    # The connection used last is used next: its statements are prepared, and it need not be asked whether it lives.
    engine = create_engine(
        address, pool_size=pool_size, max_overflow=pool_size, pool_use_lifo=True, json_deserializer=from_json
    )  # fmt: skip

    @event.listens_for(engine, "connect")
    def _in_utc(connection: Any, record: object) -> None:  # noqa: ARG001  # the listener's interface
        # Instants then come in UTC, as `UtcDateTime` hands them out, whatever the server's zone is.
        with connection.cursor() as cursor:
            cursor.execute("SET TIME ZONE 'UTC'")
        connection.commit()

    @event.listens_for(engine, "checkout")
    def _alive(connection: Any, record: Any, proxy: object) -> None:  # noqa: ARG001  # the listener's interface
        returned = record.info.get(_RETURNED)
        if returned is None or time.monotonic() - returned < _TRUSTED_SECONDS:
            return
        try:
            engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error as error:
            if not engine.dialect.is_disconnect(error, connection, None):
                raise
            # All that were opened before are closed, and this one is opened anew.
            raise InvalidatePoolError from error

    @event.listens_for(engine, "checkin")
    def _as_the_server_says(connection: Any, record: Any) -> None:
        # Whoever has read leaves READ WRITE behind, which would override a server that is set to take no changes.
        if connection is not None and not connection.closed:
            if connection.read_only is not None:
                connection.read_only = None
            record.info[_RETURNED] = time.monotonic()

    return engine


def make_sessions(engine: Engine) -> sessionmaker[Session]:
    """Return the maker of sessions; values stay readable after a commit."""
    return sessionmaker(engine, expire_on_commit=False)


def _sqlite(address: URL) -> Engine:
    engine = create_engine(
        address, connect_args={"timeout": _BUSY_SECONDS, "isolation_level": None}, json_deserializer=from_json
    )  # fmt: skip

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, record: object) -> None:  # noqa: ARG001  # the listener's interface
        cursor = connection.cursor()
        # WAL: readers do not wait for a writer.
        for pragma in (
            "journal_mode=WAL",
            f"synchronous={SYNCHRONOUS}",
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
