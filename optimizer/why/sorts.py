"""What each kind of change is about."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from optimizer.answer import Kind


class Sort(StrEnum):
    """What a change is about."""

    PICKUP = "pickup"
    HANDOVER = "handover"
    SHIFT = "shift"
    VEHICLE = "vehicle"
    CREW = "crew"
    EXCEPTION = "exception"
    DECISION = "decision"
    DAY = "day"
    LIMIT = "limit"


SORT_OF: Mapping[Kind, Sort] = {
    Kind.PICKUP_EARLIER: Sort.PICKUP, Kind.PICKUP_LATER: Sort.PICKUP, Kind.NIGHT_GROUND: Sort.PICKUP,
    Kind.HANDOVER_EARLIER: Sort.HANDOVER, Kind.HANDOVER_LATER: Sort.HANDOVER,
    Kind.SHIFT_EARLIER: Sort.SHIFT, Kind.SHIFT_LATER: Sort.SHIFT,
    Kind.AVAILABLE_EARLIER: Sort.VEHICLE, Kind.AVAILABLE_LATER: Sort.VEHICLE, Kind.CHILD_SEATS: Sort.VEHICLE,
    Kind.SEATS: Sort.VEHICLE, Kind.LUGGAGE: Sort.VEHICLE, Kind.VEHICLE: Sort.VEHICLE,
    Kind.VEHICLE_OF_OTHER_ZAB: Sort.VEHICLE,
    Kind.OFFICER: Sort.CREW, Kind.FEMALE_OFFICER: Sort.CREW, Kind.SKILL: Sort.CREW, Kind.DRIVER: Sort.CREW,
    Kind.OVERRIDE: Sort.EXCEPTION,
    Kind.BAR_LIFTED: Sort.DECISION, Kind.TOUR_RELEASED: Sort.DECISION, Kind.PIN_RELEASED: Sort.DECISION,
    Kind.PARTED: Sort.DECISION,
    Kind.DAY_EARLIER: Sort.DAY, Kind.DAY_LATER: Sort.DAY,
    Kind.BUDGET: Sort.LIMIT, Kind.CHANGES: Sort.LIMIT,
}  # fmt: skip
"""The sort of each kind that anybody may grant."""
