"""The database as services use it: a transaction to read in, a transaction to write in; faults as clear problems.

Services get a session and never commit: here is the boundary. What a transaction wrote is there whole, or not at all.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from api.db.engine import make_engine, make_sessions
from api.errors import Code, Problem

T = TypeVar("T")

_ATTEMPTS = 3
"""A transaction that another one got in the way of (deadlock, serialisation) is tried so often."""
_PAUSE = 0.05
_RETRIED = {"40001", "40P01"}
_TAKES_NO_CHANGES = "Nothing was stored: the database takes no changes now. Tell your operators."
_READ_ONLY, _FULL = {"25006"}, {"53100", "53000"}


class Store:
    """Sessions of one database.

    Parameters
    ----------
    address
        ``sqlite:///path`` or ``postgresql+psycopg://…``.
    pool_size
        Connections to PostgreSQL.
    """

    def __init__(self, address: str, *, pool_size: int = 20) -> None:
        self.engine: Engine = make_engine(address, pool_size=pool_size)
        self._sessions = make_sessions(self.engine)
        alone: dict[str, object] = {"isolation_level": "AUTOCOMMIT"} if self.is_postgres else {"reads_only": True}
        self._alone = self.engine.execution_options(**alone)

    @property
    def is_postgres(self) -> bool:
        """Whether it is PostgreSQL."""
        return self.engine.dialect.name == "postgresql"

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Yield a session that sees one state of the database and changes nothing."""
        with _told(), self._sessions() as session:
            session.connection(execution_options=self._read_options())
            yield session
            if self.is_postgres:
                # It was told to change nothing, so there is nothing to take back. After a rollback the driver forgets
                # every statement that it has prepared: all of them would be planned anew for each call.
                session.expunge_all()
                session.commit()
            else:
                session.rollback()

    @contextmanager
    def glancing(self) -> Iterator[Connection]:
        """Yield a connection for one statement that reads: without a transaction around it, where there need be none.

        One statement sees one state of the database by itself. To begin and to end a transaction for it takes as many
        journeys to PostgreSQL again, and a session makes objects of rows that are only shown.
        """
        with _told(), self._alone.connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """Yield a session; commit at the end, roll back where something is raised."""
        with _told(), self._sessions() as session, session.begin():
            yield session

    def write(self, work: Callable[[Session], T]) -> T:
        """Return what ``work`` returns, committed; tried again where another transaction got in the way.

        ``work`` may run several times, each time in a new session: what it did before was undone.
        """
        for attempt in range(_ATTEMPTS):
            try:
                with _told(retried=attempt < _ATTEMPTS - 1), self._sessions() as session, session.begin():
                    return work(session)
            except _Again:
                time.sleep(_PAUSE * (attempt + 1))
        raise AssertionError("unreachable")

    def see_whether_it_takes_changes(self) -> None:
        """Return where the database can be reached and changed; changes nothing.

        Raises
        ------
        Problem
            ``unavailable`` or ``database_read_only`` (503), as a call would.
        """
        with _told(), self._sessions() as session:
            if self.is_postgres:
                if session.scalar(text("SHOW transaction_read_only")) == "on":
                    raise Problem(Code.DATABASE_READ_ONLY, _TAKES_NO_CHANGES)
            else:
                # SQLite lets transactions begin that could not write, so something is written, and taken back.
                session.execute(text("PRAGMA user_version = 1"))
            session.rollback()

    def close(self) -> None:
        """Give all connections back."""
        self.engine.dispose()

    def _read_options(self) -> dict[str, object]:
        if self.is_postgres:
            return {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        return {"reads_only": True}


class _Again(Exception):
    pass


@contextmanager
def _told(*, retried: bool = False) -> Iterator[None]:
    """Turn faults of the database into problems; none tells a statement or a value."""
    try:
        yield
    except StaleDataError as error:
        raise Problem(
            Code.VERSION_CHANGED, "Somebody changed this record meanwhile. Read it again, then decide again."
        ) from error
    except IntegrityError:
        raise  # Whoever writes knows which rule of the database answers for what.
    except DBAPIError as error:
        found = _problem(error, retried=retried)
        if found is None:
            raise
        raise found from error


def _problem(error: DBAPIError, *, retried: bool) -> Exception | None:
    state = getattr(error.orig, "sqlstate", None)
    said = str(error.orig).lower()
    if state in _RETRIED:
        return _Again() if retried else Problem(Code.DATABASE_BUSY, "Many write at once. Try again in a moment.")
    if state in _READ_ONLY or "readonly database" in said or "read-only" in said:
        return Problem(Code.DATABASE_READ_ONLY, _TAKES_NO_CHANGES)
    if state in _FULL or "database or disk is full" in said or "no space left" in said:
        return Problem(Code.DATABASE_FULL, "Nothing was stored: the disk is full. Tell your operators.")
    if "database is locked" in said:
        return Problem(Code.DATABASE_BUSY, "Another write took too long. Try again in a moment.")
    if isinstance(error, OperationalError) or error.connection_invalidated:
        return Problem(Code.UNAVAILABLE, "The database cannot be reached. Nothing was stored. Try again in a moment.")
    return None
