"""One cache of statements for all engines of a kind: a service makes one engine, the tests make thousands.

What a statement is in words is kept by SQLAlchemy for each dialect, and each engine brings its own: the tests would
word every statement anew, and keep the words of all of them in memory.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Engine, create_engine

from api.db import engine

_FIRST: dict[str, Engine] = {}


def _create(*args: Any, **settings: Any) -> Engine:
    made = create_engine(*args, **settings)
    first = _FIRST.get(made.url.drivername)
    if first is None or first.dialect.server_version_info is None:
        # What has never connected knows nothing of its server, and would never learn it by another's connection.
        _FIRST[made.url.drivername] = made
        return made
    made.dialect = made.pool._dialect = first.dialect  # there is no other way to it
    made._compiled_cache = first._compiled_cache
    return made


vars(engine)["create_engine"] = _create
