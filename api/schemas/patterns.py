"""Shift patterns: on which days a crew works on a vehicle, in local time, and the duties that are made of them."""

from __future__ import annotations

import uuid
from datetime import date, datetime, time
from enum import StrEnum
from typing import Annotated, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from api.db.tables import ShiftPattern
from api.schemas.base import Body, CodeText, Day, Id, Shown
from api.schemas.duties import Named
from api.schemas.every_fault import ask
from api.schemas.requests import PlaceCode

_LONGEST_MINUTES = 23 * 60
"""By the local clock; where it is put back it is an hour more, which is the longest duty."""
_DAY_MINUTES = 24 * 60


class SkipCode(StrEnum):
    """Why a pattern made no duty of a day on which it is worked."""

    MADE_ALREADY = "made_already"
    DELETED_BY_HAND = "deleted_by_hand"
    """It made one, and a person deleted it."""
    PAST = "past"
    """The shift has begun."""
    HOLIDAY = "holiday"
    CLOCK_CHANGE = "clock_change"
    """The clock leaves nothing of it."""
    CREW_OUT_OF_SERVICE = "crew_out_of_service"
    VEHICLE_OUT_OF_SERVICE = "vehicle_out_of_service"
    CREW_AWAY = "crew_away"
    VEHICLE_AWAY = "vehicle_away"
    CREW_IN_USE = "crew_in_use"
    """The crew has another duty then."""
    VEHICLE_IN_USE = "vehicle_in_use"
    PROFILE_UNKNOWN = "profile_unknown"
    """The parameter set of the day has no such working-time profile."""
    CODE_TAKEN = "code_taken"
    """Another duty has its code."""
    NOT_WORKED = "not_worked"
    """The amended pattern is not worked on this day."""
    RIDDEN = "ridden"
    """Somebody rides on its duty."""
    EDITED = "edited"
    """A person changed its duty."""


def _in_order(value: list[int]) -> list[int]:
    if value != sorted(set(value)):
        raise ValueError("expected each weekday once, in order")
    return value


LocalTime = Annotated[str, StringConstraints(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
"""Local time of day in whole minutes, ``05:30``: the clock's, so without offset."""
Weekdays = Annotated[list[Annotated[int, Field(ge=1, le=7)]], AfterValidator(_in_order)]


class PatternContent(Body):
    """A crew's regular shift on a vehicle."""

    crew_id: Annotated[Id, Field(description="Crew of your ZAB.")]
    vehicle_id: Annotated[Id, Field(description="Vehicle of your ZAB.")]
    weekdays: Annotated[
        Weekdays,
        Field(min_length=1, max_length=7, description="1 Monday to 7 Sunday: days on which it begins.",
              examples=[[1, 2, 3, 4, 5]]),
    ]  # fmt: skip
    begins: Annotated[LocalTime, Field(description="Begin of the shift, local time.", examples=["05:30"])]
    ends: Annotated[
        LocalTime,
        Field(description="End of the shift, local time; not after the begin: on the next day.", examples=["15:30"]),
    ]
    vehicle_begins: Annotated[
        LocalTime | None, Field(description="The vehicle is there from here on; left out: the whole shift.")
    ] = None  # fmt: skip
    vehicle_ends: Annotated[LocalTime | None, Field(description="And up to here; left out: the whole shift.")] = None
    profile: Annotated[
        CodeText | None, Field(description="Working-time profile; left out: the one that the ZAB works by on the day.")
    ] = None  # fmt: skip
    start_place: Annotated[
        PlaceCode | None, Field(description="Place where tours begin; left out: the ZAB's depot.")
    ] = None  # fmt: skip
    end_place: Annotated[PlaceCode | None, Field(description="Where they end; left out: where they begin.")] = None
    tolerance_minutes: Annotated[
        int, Field(ge=0, le=120, description="Minutes by which a later match may move promised stops of its tours.")
    ] = 0  # fmt: skip
    is_offered: Annotated[bool, Field(description="Whether the exchange may use the seats.")] = True
    valid_from: Annotated[
        Day, Field(description="First day; its week is the first of the cycle.", examples=["2026-10-05"])
    ]
    valid_to: Annotated[Day | None, Field(description="Last day; left out: until further notice.", examples=[None])] = (
        None
    )
    on_holidays: Annotated[
        bool, Field(description="Whether it is worked on public holidays of North Rhine-Westphalia.")
    ] = False  # fmt: skip
    every_weeks: Annotated[int, Field(ge=1, le=12, description="2: every second week.")] = 1

    @model_validator(mode="after")
    def _check(self) -> Self:
        ask([self._rule_of_length, self._rule_of_vehicle, self._rule_of_validity])
        return self

    def _rule_of_length(self, faults: list[str]) -> None:
        if self._length > _LONGEST_MINUTES:
            faults.append("ends: expected a shift of at most 23 h by the local clock")

    def _rule_of_vehicle(self, faults: list[str]) -> None:
        since = 0 if self.vehicle_begins is None else self._after_begin(self.vehicle_begins)
        until = self._length if self.vehicle_ends is None else self._after_begin(self.vehicle_ends) or _DAY_MINUTES
        if not since <= until <= self._length:
            faults.append("vehicle_begins, vehicle_ends: expected both within the shift, in order")

    def _rule_of_validity(self, faults: list[str]) -> None:
        if self.valid_to is not None and self.valid_to < self.valid_from:
            faults.append("valid_to: expected it at or after valid_from")

    @property
    def _length(self) -> int:
        """Minutes by the clock from begin to end of the shift."""
        return self._after_begin(self.ends) or _DAY_MINUTES

    def _after_begin(self, at: str) -> int:
        """Minutes by the clock from the begin of the shift to a time of day."""
        return (_minutes(at) - _minutes(self.begins)) % _DAY_MINUTES


def _minutes(at: str) -> int:
    return 60 * int(at[:2]) + int(at[3:])


class NewPattern(PatternContent):
    """A pattern to be entered."""

    code: Annotated[
        CodeText, StringConstraints(max_length=48),
        Field(description="What the ZAB calls it; its duties are called by it and their day.", examples=["E-FRUEH-1"]),
    ]  # fmt: skip


class DutyRange(Body):
    """Days of which duties are made."""

    first_day: Annotated[Day, Field(description="First local day.", examples=["2026-10-05"])]
    last_day: Annotated[Day, Field(description="Last local day.", examples=["2026-11-01"])]

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.last_day < self.first_day:
            raise ValueError("last_day: expected it at or after first_day")
        return self


class PatternShown(Shown):
    """A shift pattern."""

    id: Annotated[uuid.UUID, Field(description="UUIDv7.")]
    code: Annotated[str, Field(description="What the ZAB calls it.", examples=["E-FRUEH-1"])]
    zab: Annotated[str, Field(description="ZAB whose it is.", examples=["zab:essen"])]
    crew: Annotated[Named, Field(description="Its crew.")]
    vehicle: Annotated[Named, Field(description="Its vehicle.")]
    weekdays: Annotated[list[int], Field(description="1 Monday to 7 Sunday.", examples=[[1, 2, 3, 4, 5]])]
    begins: Annotated[str, Field(description="Begin, local time.", examples=["05:30"])]
    ends: Annotated[str, Field(description="End, local time.", examples=["15:30"])]
    vehicle_begins: Annotated[str | None, Field(description="The vehicle is there from here on.", examples=[None])]
    vehicle_ends: Annotated[str | None, Field(description="And up to here.", examples=[None])]
    profile: Annotated[str | None, Field(description="Working-time profile; `null`: the ZAB's.", examples=["arbzg"])]
    start_place: Annotated[str | None, Field(description="Where tours begin.", examples=["ZAB-E"])]
    end_place: Annotated[str | None, Field(description="Where they end.", examples=["ZAB-E"])]
    tolerance_minutes: Annotated[int, Field(description="Minutes by which a match may move promised stops.")]
    is_offered: Annotated[bool, Field(description="Whether the exchange may use the seats.")]
    valid_from: Annotated[date, Field(description="First day.")]
    valid_to: Annotated[date | None, Field(description="Last day; `null`: until further notice.")]
    on_holidays: Annotated[bool, Field(description="Whether it is worked on public holidays.")]
    every_weeks: Annotated[int, Field(description="2: every second week.", examples=[1])]
    updated_at: Annotated[datetime, Field(description="When it was last changed.")]


class DutyOfDay(Shown):
    """A duty that was made, or changed."""

    day: Annotated[date, Field(description="Local day on which it begins.")]
    duty_id: Annotated[uuid.UUID, Field(description="The duty.")]


class SkippedDay(Shown):
    """A day of which none was made, or whose duty was left as it is or taken away, and why."""

    day: Annotated[date, Field(description="Local day.")]
    code: Annotated[SkipCode, Field(description=f"Why: {', '.join(SkipCode)}.", examples=["holiday"])]


class DutiesMade(Shown):
    """What a range of days gave."""

    made: Annotated[list[DutyOfDay], Field(description="Duties that were made.")]
    skipped: Annotated[list[SkippedDay], Field(description="Days of the pattern of which none was made.")]


class PatternAmended(Shown):
    """An amended pattern, and what became of its duties to come."""

    pattern: PatternShown
    changed: Annotated[list[DutyOfDay], Field(description="Duties that follow it.")]
    removed: Annotated[
        list[SkippedDay], Field(description="Days whose duty was deleted; withheld where something was offered on it.")
    ]  # fmt: skip
    kept: Annotated[
        list[SkippedDay], Field(description="Duties that stay as they are: somebody rides, or a person edited them.")
    ]  # fmt: skip


def pattern_shown(row: ShiftPattern) -> PatternShown:
    """Return a pattern as an answer tells it."""
    return PatternShown(
        id=row.id, code=row.code, zab=row.zab.code, crew=Named.model_validate(row.crew),
        vehicle=Named.model_validate(row.vehicle), weekdays=[int(each) for each in row.weekdays],
        begins=f"{row.begins:%H:%M}", ends=f"{row.ends:%H:%M}", vehicle_begins=_told(row.vehicle_begins),
        vehicle_ends=_told(row.vehicle_ends), profile=row.profile, start_place=row.start_place,
        end_place=row.end_place, tolerance_minutes=row.tolerance_seconds // 60, is_offered=row.is_offered,
        valid_from=row.valid_from, valid_to=row.valid_to, on_holidays=row.on_holidays, every_weeks=row.every_weeks,
        updated_at=row.updated_at,
    )  # fmt: skip


def _told(at: time | None) -> str | None:
    return None if at is None else f"{at:%H:%M}"
