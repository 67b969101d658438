"""Who is alive: each worker holds a lock under its name for as long as it lives, and gives it back even by dying.

On PostgreSQL it is an advisory lock of a connection of its own; whoever can get the lock of another worker knows that
it is dead. On SQLite there is one worker at a time, which holds a lock on a file: all others are dead.
"""

from __future__ import annotations

import fcntl
import os
import socket
import zlib
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Protocol

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from api.db.store import Store
from api.errors import Code, Problem
from api.settings import Settings

_CLASS = 0x5250
"""First half of the keys of these locks."""
_MOST_NAMES = 64


class Presence(Protocol):
    """That this worker is alive."""

    @property
    def name(self) -> str:
        """Its name: stable, and unique among those that are alive."""
        ...

    def keep(self) -> bool:
        """See to it that the lock is still held; false where another worker has it."""
        ...

    @contextmanager
    def dead(self, names: Collection[str]) -> Iterator[list[str]]:
        """Yield those of ``names`` that no worker alive has; as long as it lasts none can come back."""
        ...


@contextmanager
def presence(settings: Settings, store: Store) -> Iterator[Presence]:
    """Be present under the name of the settings, or the host's.

    Raises
    ------
    Problem
        ``in_use`` (409) where another worker has the name, or on SQLite the database.
    """
    wanted = settings.worker_id or socket.gethostname() or "worker"
    if store.is_postgres:
        with _ByConnection(store, wanted, is_fixed=bool(settings.worker_id)) as found:
            yield found
        return
    taken = (
        f"Another worker is at work in {settings.folder}; `restplatz serve` has one beside it. SQLite has one worker; "
        "for more use PostgreSQL."
    )
    with _by_file(settings.folder / "worker.lock", wanted, taken) as alone:
        yield alone


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Keep workers out of a folder with SQLite, for whoever does something to its databases.

    Raises
    ------
    Problem
        ``in_use`` (409) where one is at work.
    """
    taken = f"The service, or a worker of it, is at work in {folder}. Stop it first, then do this again."
    with _by_file(folder / "worker.lock", "operator", taken):
        yield


class _ByFile:
    """The one worker of a folder."""

    def __init__(self, name: str) -> None:
        self._name = name

    @property
    def name(self) -> str:
        return self._name

    def keep(self) -> bool:
        return True

    @contextmanager
    def dead(self, names: Collection[str]) -> Iterator[list[str]]:
        yield [name for name in names if name != self._name]


@contextmanager
def _by_file(path: Path, name: str, taken: str) -> Iterator[_ByFile]:
    """Hold the lock of a folder; ``taken`` is said where somebody else does."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise Problem(Code.IN_USE, taken) from error
        file.truncate(0)
        file.write(f"{os.getpid()}\n")
        file.flush()
        yield _ByFile(name)


class _ByConnection:
    """A worker among several."""

    def __init__(self, store: Store, wanted: str, *, is_fixed: bool) -> None:
        self._store = store
        self._wanted = wanted
        self._is_fixed = is_fixed
        self._connection: Connection | None = None
        self._name = wanted

    def __enter__(self) -> _ByConnection:
        self._connection = self._connect()
        names = [self._wanted] if self._is_fixed else [self._wanted, *self._numbered()]
        for name in names:
            if self._lock(name):
                self._name = name
                return self
        self._close()
        raise Problem(
            Code.IN_USE, f"A worker of the name {self._wanted} is at work. Set RESTPLATZ_WORKER_ID to another name."
        )

    def __exit__(self, *_: object) -> None:
        self._close()

    @property
    def name(self) -> str:
        return self._name

    def keep(self) -> bool:
        try:
            if self._connection is None:
                raise ConnectionError
            # A lock is counted: what is taken twice must be given back twice.
            self._connection.execute(text("SELECT 1"))
        except (DBAPIError, ConnectionError):
            self._close()
            self._connection = self._connect()
            return self._lock(self._name)
        return True

    @contextmanager
    def dead(self, names: Collection[str]) -> Iterator[list[str]]:
        found = [name for name in names if name != self._name and self._lock(name)]
        try:
            yield found
        finally:
            for name in found:
                self._unlock(name)

    def _numbered(self) -> list[str]:
        return [f"{self._wanted}-{number}" for number in range(2, _MOST_NAMES)]

    def _connect(self) -> Connection:
        return self._store.engine.connect().execution_options(isolation_level="AUTOCOMMIT")

    def _lock(self, name: str) -> bool:
        return bool(self._ask("SELECT pg_try_advisory_lock(:kind, :key)", name))

    def _unlock(self, name: str) -> None:
        self._ask("SELECT pg_advisory_unlock(:kind, :key)", name)

    def _ask(self, statement: str, name: str) -> object:
        if self._connection is None:
            raise ConnectionError("no connection that holds the lock")
        key = zlib.crc32(name.encode()) - (1 << 31)
        return self._connection.execute(text(statement), {"kind": _CLASS, "key": key}).scalar_one()

    def _close(self) -> None:
        if self._connection is not None:
            # Of a connection that is lost the lock is lost as well, and the session says so in several ways.
            with suppress(SQLAlchemyError):
                # The server may take a while to see that a connection has ended: whoever starts again at once under
                # the same name must not be told that it is at work.
                self._connection.execute(text("SELECT pg_advisory_unlock_all()"))
            with suppress(DBAPIError):
                # Given back to the pool the connection would go on living, and the lock with it.
                self._connection.invalidate()
                self._connection.close()
            self._connection = None
