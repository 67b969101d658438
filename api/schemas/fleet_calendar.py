"""The calendar of a ZAB: holidays, duties, absences, and who is free, day by day."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Annotated

from pydantic import Field

from api.schemas.base import Shown
from api.schemas.duties import AbsenceCode, Named


class DutyInCalendar(Shown):
    """A duty that meets the day."""

    id: Annotated[uuid.UUID, Field(description="UUIDv7.")]
    code: Annotated[str, Field(examples=["E-D001"])]
    crew: Named
    vehicle: Named
    starts_at: Annotated[datetime, Field(description="Begin of the shift.")]
    ends_at: Annotated[datetime, Field(description="End of the shift.")]
    pattern_id: Annotated[uuid.UUID | None, Field(description="Shift pattern that made it.")]
    is_offered: Annotated[bool, Field(description="Whether its ZAB lets the exchange use it.")]
    is_usable: Annotated[
        bool,
        Field(description="Whether the exchange may put somebody new on it: offered, not begun, crew and vehicle "
              "there for some of it."),
    ]  # fmt: skip
    promised: Annotated[int, Field(description="Requests that were promised a seat.", examples=[0])]


class AbsenceInCalendar(Shown):
    """An absence that meets the day."""

    id: Annotated[uuid.UUID, Field(description="UUIDv7.")]
    crew: Annotated[Named | None, Field(description="Crew that is away.")]
    vehicle: Annotated[Named | None, Field(description="Vehicle that is away.")]
    starts_at: Annotated[datetime, Field(description="From here on.")]
    ends_at: Annotated[datetime, Field(description="Up to here.")]
    code: Annotated[AbsenceCode, Field(description="Why.", examples=["workshop"])]


class CalendarDay(Shown):
    """A local day, from midnight to midnight."""

    day: Annotated[date, Field(examples=["2026-10-03"])]
    weekday: Annotated[int, Field(description="1 Monday to 7 Sunday.", examples=[6])]
    holiday: Annotated[
        str | None,
        Field(description="Public holiday of North Rhine-Westphalia.", examples=["Tag der Deutschen Einheit"]),
    ]
    is_working_day: Annotated[bool, Field(description="Monday to Friday and no public holiday.")]
    duties: list[DutyInCalendar]
    absences: list[AbsenceInCalendar]
    free_crews: Annotated[list[Named], Field(description="In service, without a duty or an absence on the day.")]
    free_vehicles: Annotated[list[Named], Field(description="In service, without a duty or an absence on the day.")]


class CalendarShown(Shown):
    """The days of a ZAB."""

    zab: Annotated[str, Field(examples=["zab:essen"])]
    days: list[CalendarDay]
