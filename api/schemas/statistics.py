"""Anonymised history by month, and what was deleted by period."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from api.schemas.base import Shown


class By(StrEnum):
    """The property that figures are told by: one at a time."""

    BEZIRK = "bezirk"
    DESTINATION = "destination"
    SIZE = "size"
    NEEDS = "needs"
    OUTCOME = "outcome"
    ZAB = "zab"
    HOURS = "hours"


class MonthShown(Shown):
    """A month by one property. What is `null` is not told: a group of that size could be somebody."""

    month: Annotated[date, Field(description="First day; the month of the pick-ups.", examples=["2026-10-01"])]
    total: Annotated[int | None, Field(description="Requests of the month.", examples=[48])]
    cells: Annotated[
        dict[str, int | None],
        Field(
            description="Requests by value; those that are `null` hide each other.",
            examples=[{"DUS": 31, "FRA": None, "border": None}],
        ),
    ]


class StatisticsShown(Shown):
    """Months whose requests are all deleted, by one property."""

    by: Annotated[By, Field(description="The property.")]
    least_group: Annotated[int, Field(description="No group is told that is smaller.", examples=[5])]
    months: list[MonthShown]


class DeletionShown(Shown):
    """How many things of a kind were deleted on a day."""

    day: Annotated[date, Field(description="Local day.")]
    kind: Annotated[str, Field(description="What was deleted.", examples=["addresses"])]
    count: Annotated[int, Field(examples=[12])]
    until: Annotated[datetime, Field(description="What ended, or was written, before this instant.")]
    parameter_set: Annotated[
        str, Field(description="Where the periods stand, with their sources.", examples=["service-nrw-2026-01"])
    ]
