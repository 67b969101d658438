"""What somebody may grant so that a request can ride, as values: made to a day, they return the day with it.

They are the one place where a relaxation changes a day: what would help is found with them (``optimizer.why``), told by
them (``optimizer.answer``), and tried with them as changes of a scenario (``optimizer.simulate``).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, TypeAlias

from pydantic import Field

from optimizer.granted.by_lead import AllowChanges, ExchangeVehicles, ReleasePin
from optimizer.granted.by_requester import MoveDay, PartBundle, RecordNightGround, ReduceLuggage, WidenWindow
from optimizer.granted.by_zab import ExtendShift, LiftBar, RaiseBudget, ReleaseTour, WaiveRule
from optimizer.granted.by_zab_crew import AssignFemaleOfficers, StrengthenCrew, SupplyDriver, SupplySkills
from optimizer.granted.by_zab_vehicle import AddChildSeats, ExtendAvailability, RefitVehicle

AnyGranted: TypeAlias = (
    WidenWindow
    | MoveDay
    | RecordNightGround
    | ReduceLuggage
    | PartBundle
    | ExtendShift
    | ExtendAvailability
    | LiftBar
    | ReleaseTour
    | WaiveRule
    | RaiseBudget
    | AddChildSeats
    | RefitVehicle
    | StrengthenCrew
    | AssignFemaleOfficers
    | SupplySkills
    | SupplyDriver
    | ExchangeVehicles
    | ReleasePin
    | AllowChanges
)
Granted: TypeAlias = Annotated[AnyGranted, Field(discriminator="kind")]
"""One thing that is granted; ``kind`` tells which."""


def vehicles_first(granted: Iterable[Granted]) -> tuple[Granted, ...]:
    """Return several in the order in which they are made.

    An exchange of vehicles comes first, so that others are of the vehicle that the duty then has.
    """
    return tuple(sorted(granted, key=lambda each: not isinstance(each, ExchangeVehicles)))


__all__ = [
    "AddChildSeats",
    "AllowChanges",
    "AnyGranted",
    "AssignFemaleOfficers",
    "ExchangeVehicles",
    "ExtendAvailability",
    "ExtendShift",
    "Granted",
    "LiftBar",
    "MoveDay",
    "PartBundle",
    "RaiseBudget",
    "RecordNightGround",
    "ReduceLuggage",
    "RefitVehicle",
    "ReleasePin",
    "ReleaseTour",
    "StrengthenCrew",
    "SupplyDriver",
    "SupplySkills",
    "WaiveRule",
    "WidenWindow",
    "vehicles_first",
]
