"""Duties with their tours, absences of crews and vehicles, and the answer of a bulk upsert."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, model_validator

from api.db.tables import Away, DutyRow, TourStop
from api.db.tables_fleet import LONGEST_DUTY
from api.schemas.base import Body, CodeText, Id, Instant, Shown
from api.schemas.every_fault import ask
from api.schemas.requests import PlaceCode
from optimizer.model import VisitKind

_LONGEST_ABSENCE = timedelta(days=800)


class DutyContent(Body):
    """A crew's shift on a vehicle."""

    crew_id: Annotated[Id, Field(description="Crew of your ZAB.")]
    vehicle_id: Annotated[Id, Field(description="Vehicle of your ZAB.")]
    starts_at: Annotated[Instant, Field(description="Begin of the shift.", examples=["2026-10-05T05:30:00+02:00"])]
    ends_at: Annotated[Instant, Field(description="End of the shift.", examples=["2026-10-05T15:30:00+02:00"])]
    vehicle_from: Annotated[
        Instant | None,
        Field(description="The vehicle is there from here on; left out: the whole shift.", examples=[None]),
    ] = None
    vehicle_to: Annotated[
        Instant | None, Field(description="And up to here; left out: the whole shift.", examples=[None])
    ] = None
    profile: Annotated[
        CodeText | None,
        Field(description="Working-time profile of the parameter set; left out: the one that the ZAB works by.",
              examples=["arbzg"]),
    ] = None  # fmt: skip
    start_place: Annotated[
        PlaceCode | None, Field(description="Place where the tour begins; left out: the ZAB's depot.")
    ] = None  # fmt: skip
    end_place: Annotated[PlaceCode | None, Field(description="Where it ends; left out: where it begins.")] = None
    tolerance_minutes: Annotated[
        int, Field(ge=0, le=120, description="Minutes by which a later match may move promised stops of its tour.")
    ] = 0  # fmt: skip
    is_offered: Annotated[bool, Field(description="Whether the exchange may use its seats.")] = True

    @model_validator(mode="after")
    def _check(self) -> Self:
        ask([self._rule_of_shift, self._rule_of_vehicle])
        return self

    def _rule_of_shift(self, faults: list[str]) -> None:
        if not self.starts_at < self.ends_at:
            faults.append("starts_at: expected it before ends_at; turn the shift round")
        elif self.ends_at - self.starts_at > LONGEST_DUTY:
            faults.append("ends_at: expected a shift of at most 24 h; look for a slip in the date")

    def _rule_of_vehicle(self, faults: list[str]) -> None:
        since, until = self.vehicle_span
        if not self.starts_at <= since <= until <= self.ends_at:
            faults.append("vehicle_from, vehicle_to: expected starts_at <= vehicle_from <= vehicle_to <= ends_at")

    @property
    def vehicle_span(self) -> tuple[datetime, datetime]:
        """The part of the shift in which the vehicle can be used."""
        since = self.starts_at if self.vehicle_from is None else self.vehicle_from
        return since, self.ends_at if self.vehicle_to is None else self.vehicle_to


class NewDuty(DutyContent):
    """A duty to be entered."""

    code: Annotated[CodeText, Field(description="What the ZAB calls it; unique within the ZAB.", examples=["E-D001"])]


class Standing(StrEnum):
    """How sure a stop is."""

    PROMISED = "promised"
    PROPOSED = "proposed"


class StopShown(Shown):
    """A stop of a tour, and the seats on the leg after it."""

    kind: Annotated[VisitKind, Field(description="Pick-up or hand-over (`delivery`).")]
    request_id: Annotated[uuid.UUID | None, Field(description="The request it belongs to.")]
    standing: Annotated[Standing, Field(description="Whether the seat was promised, or is only proposed.")]
    place: Annotated[str | None, Field(description="Place of the catalogue.", examples=["DUS"])]
    starts_at: Annotated[datetime, Field(description="Begin of service.")]
    leaves_at: Annotated[datetime, Field(description="End of service.")]
    seats_taken: Annotated[int, Field(description="Seats taken by riders on the leg after this stop.")]
    seats_free: Annotated[int, Field(description="Seats that are left on that leg.")]


class Named(Shown):
    """A crew or a vehicle, shortly."""

    id: Annotated[uuid.UUID, Field(description="UUIDv7.")]
    code: Annotated[str, Field(description="What the ZAB calls it.", examples=["E-C001"])]


class DutyShown(Shown):
    """A duty and its tour."""

    id: Annotated[uuid.UUID, Field(description="UUIDv7.")]
    code: Annotated[str, Field(description="What the ZAB calls it.", examples=["E-D001"])]
    zab: Annotated[str, Field(description="ZAB that drives it.", examples=["zab:essen"])]
    crew: Annotated[Named, Field(description="Its crew.")]
    vehicle: Annotated[Named, Field(description="Its vehicle.")]
    starts_at: Annotated[datetime, Field(description="Begin of the shift.")]
    ends_at: Annotated[datetime, Field(description="End of the shift.")]
    vehicle_from: Annotated[datetime, Field(description="The vehicle is there from here on.")]
    vehicle_to: Annotated[datetime, Field(description="And up to here.")]
    profile: Annotated[str, Field(description="Working-time profile.", examples=["arbzg"])]
    start_place: Annotated[str | None, Field(description="Where the tour begins.", examples=["ZAB-E"])]
    end_place: Annotated[str | None, Field(description="Where it ends.", examples=["ZAB-E"])]
    tolerance_minutes: Annotated[int, Field(description="Minutes by which a match may move promised stops.")]
    is_offered: Annotated[bool, Field(description="Whether the exchange may use its seats.")]
    is_used: Annotated[bool, Field(description="Whether somebody rides, promised or proposed.")]
    seats: Annotated[int, Field(description="Seats for riders in the largest configuration.")]
    seats_free: Annotated[int, Field(description="Seats that are free on every leg of the tour.")]
    tour: Annotated[list[StopShown], Field(description="Its stops, first to last.")]
    updated_at: Annotated[datetime, Field(description="When it was last changed.")]


def duty_shown(row: DutyRow, stops: Sequence[TourStop], promised: Collection[uuid.UUID], *, seats: int) -> DutyShown:
    """Return a duty as an answer tells it.

    Parameters
    ----------
    promised
        Requests whose seats were promised.
    seats
        Seats for riders.
    """
    most = max((stop.on_board for stop in stops), default=0)
    return DutyShown(
        id=row.id, code=row.code, zab=row.zab.code, crew=Named.model_validate(row.crew),
        vehicle=Named.model_validate(row.vehicle), starts_at=row.starts_at, ends_at=row.ends_at,
        vehicle_from=row.vehicle_from, vehicle_to=row.vehicle_to, profile=row.profile, start_place=row.start_place,
        end_place=row.end_place, tolerance_minutes=row.tolerance_seconds // 60, is_offered=row.is_offered,
        is_used=row.is_used, seats=seats,
        seats_free=max(0, seats - most), updated_at=row.updated_at,
        tour=[
            StopShown(
                kind=stop.kind, request_id=stop.request_id, place=stop.place, starts_at=stop.start,
                standing=Standing.PROMISED if stop.request_id in promised else Standing.PROPOSED,
                leaves_at=stop.departure, seats_taken=stop.on_board, seats_free=max(0, stop.seats - stop.on_board),
            )
            for stop in stops
        ],
    )  # fmt: skip


class ImportShown(Shown):
    """What a bulk upsert did; nothing of it where a row was refused."""

    created: Annotated[int, Field(description="Duties that were entered.")]
    changed: Annotated[int, Field(description="Duties that were changed.")]
    unchanged: Annotated[int, Field(description="Duties that were as stated already.")]
    crews_created: Annotated[int, Field(description="Crews that the rows named first.")]
    duty_ids: Annotated[list[uuid.UUID], Field(description="All duties of the rows, in their order.")]


class AbsenceCode(StrEnum):
    """Why a crew or a vehicle is away; of a crew never which illness."""

    ILL = "ill"
    LEAVE = "leave"
    TRAINING = "training"
    WORKSHOP = "workshop"
    INSPECTION = "inspection"
    OTHER = "other"


_OF_CREWS = frozenset({AbsenceCode.ILL, AbsenceCode.LEAVE, AbsenceCode.TRAINING, AbsenceCode.OTHER})
_OF_VEHICLES = frozenset({AbsenceCode.WORKSHOP, AbsenceCode.INSPECTION, AbsenceCode.OTHER})


class NewAbsence(Body):
    """A crew or a vehicle that will be away."""

    crew_id: Annotated[Id | None, Field(description="Crew of your ZAB; or `vehicle_id`.", examples=[None])] = None
    vehicle_id: Annotated[Id | None, Field(description="Vehicle of your ZAB; or `crew_id`.")] = None
    starts_at: Annotated[Instant, Field(description="From here on.", examples=["2026-10-05T00:00:00+02:00"])]
    ends_at: Annotated[Instant, Field(description="Up to here.", examples=["2026-10-07T00:00:00+02:00"])]
    code: Annotated[
        AbsenceCode, Field(strict=False, description=f"Why: {', '.join(AbsenceCode)}.", examples=["workshop"])
    ]  # fmt: skip

    @model_validator(mode="after")
    def _check(self) -> Self:
        ask([self._rule_of_whom, self._rule_of_why, self._rule_of_times])
        return self

    def _rule_of_whom(self, faults: list[str]) -> None:
        if (self.crew_id is None) == (self.vehicle_id is None):
            faults.append("crew_id, vehicle_id: expected exactly one of them")

    def _rule_of_why(self, faults: list[str]) -> None:
        if (self.crew_id is None) == (self.vehicle_id is None):
            return
        fitting = _OF_CREWS if self.vehicle_id is None else _OF_VEHICLES
        if self.code not in fitting:
            faults.append(f"code: expected one of {', '.join(sorted(fitting))}")

    def _rule_of_times(self, faults: list[str]) -> None:
        if not self.starts_at < self.ends_at:
            faults.append("starts_at: expected it before ends_at")
        elif self.ends_at - self.starts_at > _LONGEST_ABSENCE:
            faults.append(f"ends_at: expected at most {_LONGEST_ABSENCE.days} days; look for a slip in the date")


class AbsenceShown(Shown):
    """An absence."""

    id: Annotated[uuid.UUID, Field(description="UUIDv7.")]
    crew_id: Annotated[uuid.UUID | None, Field(description="Crew that is away.")]
    vehicle_id: Annotated[uuid.UUID | None, Field(description="Vehicle that is away.")]
    starts_at: Annotated[datetime, Field(description="From here on.")]
    ends_at: Annotated[datetime, Field(description="Up to here.")]
    code: Annotated[AbsenceCode, Field(description="Why.", examples=["workshop"])]


class InDanger(Shown):
    """A promise that stands while its crew or vehicle is away: somebody must settle it."""

    duty_id: Annotated[uuid.UUID, Field(description="The duty.")]
    duty: Annotated[str, Field(description="Its code.", examples=["E-D001"])]
    request_id: Annotated[uuid.UUID, Field(description="The request that was promised a seat there.")]


class AbsenceMade(Shown):
    """A new absence, and what it means for those who ride meanwhile."""

    absence: Annotated[AbsenceShown, Field(description="The absence.")]
    lost: Annotated[list[uuid.UUID], Field(description="Requests whose proposals were taken back; matched again.")]
    in_danger: Annotated[list[InDanger], Field(description="Promises to be settled: change the duty, or back out.")]
    overlapping: Annotated[
        list[AbsenceShown], Field(description="Others of the same crew or vehicle that meet it: each holds by itself.")
    ]


class AbsenceEffect(Shown):
    """What an absence means now for those who ride meanwhile."""

    absence: Annotated[AbsenceShown, Field(description="The absence.")]
    in_danger: Annotated[list[InDanger], Field(description="Promises to be settled: change the duty, or back out.")]
    free_duties: Annotated[
        list[uuid.UUID], Field(description="Duties in that time on which nobody was promised a seat; none is offered.")
    ]
    overlapping: Annotated[list[AbsenceShown], Field(description="Others of the same crew or vehicle that meet it.")]


def absence_shown(row: Away) -> AbsenceShown:
    """Return an absence as an answer tells it."""
    return AbsenceShown.model_validate(row)
