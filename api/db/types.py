"""Column types that mean the same on SQLite and on PostgreSQL."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

import uuid_utils.compat
from sqlalchemy import BindParameter, DateTime, Dialect, Enum, Integer, TypeDecorator, bindparam


class UtcDateTime(TypeDecorator[datetime]):
    """An instant: goes in with any offset, comes out in UTC. SQLite alone would lose the offset."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Return the instant in UTC; raises ``ValueError`` where it has no offset."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"Expected an instant with offset, got {value}.")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Return the instant in UTC."""
        # From PostgreSQL it comes in UTC (`api.db.engine`): this runs for every instant of every row.
        if value is None or value.tzinfo is UTC:
            return value
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def new_id() -> uuid.UUID:
    """Return a UUIDv7: ids in the order of their creation, so that pages of a list stay where they were."""
    return uuid_utils.compat.uuid7()


def stated(number: int) -> BindParameter[int]:
    """Return a number that stands in the statement itself, for ``LIMIT``.

    PostgreSQL keeps the plan of a prepared statement only where one that knows no values is not worse. Of a limit that
    it does not know it expects a tenth of all rows, so that it would plan each page anew.
    """
    return bindparam(None, number, type_=Integer(), literal_execute=True)


def one_of(values: type[StrEnum], name: str) -> Enum:
    """Return a column type for the values of ``values``, as text with a check constraint called ``name``."""
    texts: Callable[[type[Any]], list[str]] = lambda each: [member.value for member in each]  # noqa: E731
    return Enum(values, name=name, native_enum=False, create_constraint=True, length=40, values_callable=texts)
