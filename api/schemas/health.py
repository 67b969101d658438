"""Bodies of health."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from api.schemas.base import Shown


class Work(StrEnum):
    """Whether workers do their work, as far as the database can tell."""

    CURRENT = "current"
    """Nothing has waited for long: a worker is there, or there was nothing to do."""
    BEHIND = "behind"
    """A message has waited for longer than a minute: no worker is there, or too few."""


class Live(Shown):
    """The process answers."""

    status: Annotated[str, Field(examples=["live"])] = "live"


class DatabaseState(StrEnum):
    """Whether the database can be used."""

    OK = "ok"
    UNREACHABLE = "unreachable"


class SchemaState(StrEnum):
    """Whether the database has the tables that the code knows."""

    OK = "ok"
    OTHER = "other"
    """Of an older or a newer version: `restplatz migrate`, or another release."""
    UNKNOWN = "unknown"


class Ready(Shown):
    """Whether calls can be answered, and whether workers do their work."""

    status: Annotated[str, Field(description="`ready` or `not_ready`.", examples=["ready"])]
    database: Annotated[DatabaseState, Field(examples=["ok"])]
    tables: Annotated[SchemaState, Field(examples=["ok"])]
    work: Annotated[
        Work | None,
        Field(
            description="`behind`: what a worker should have taken has waited for more than a minute. Calls can still "
            "be answered, so that this alone does not make the process unready: a stop must get through.",
            examples=["current"],
        ),
    ]
    workers: Annotated[
        int | None,
        Field(description="Workers seen within the last 60 seconds; 0 alone does not make it unready.", examples=[1]),
    ]
