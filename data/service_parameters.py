"""Parameters of the service that the optimizer does not need: TOML files, a table and a dataclass for each subject.

Each value tells its source and the day from which it holds (``data.service_tables``). A set that was used is never
changed: a new file, with an id and a first day of its own, takes its place.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache

from pydantic import with_config

from data.parameter_files import shipped, shipped_ids, value_of
from data.service_tables import (
    NEVER_LIFTED,
    STRICT,
    Asked,
    Disclosure,
    Dublin,
    GateRules,
    MasterData,
    Regime,
    Reports,
    Retention,
    Sourced,
)
from optimizer.errors import InvalidValue

__all__ = [
    "NEVER_LIFTED", "Asked", "Disclosure", "Dublin", "GateRules", "MasterData", "Regime", "Reports", "Retention",
    "ServiceParameters", "Sourced", "dublin_rules", "read_service_parameters", "service_parameter_ids",
    "service_parameters",
]  # fmt: skip
PREFIX = "service-"
"""Files of this kind begin so; the others in the folder are the optimizer's parameter sets."""


@with_config(STRICT)
@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceParameters:
    """One set: its id, the day from which it holds, its tables."""

    id: str
    valid_from: date
    gates: GateRules
    transit: Asked
    medical: Asked
    dublin: Dublin
    disclosure: Disclosure
    retention: Retention
    reports: Reports
    master_data: MasterData

    def __post_init__(self) -> None:
        red, closed = self.transit.red_hours_before_pickup, self.gates.clearance_hours_before_pickup
        if red.value != closed.value:
            raise InvalidValue("gates.clearance_hours_before_pickup", f"{red.value}, as of [transit]", closed.value)


def service_parameter_ids() -> tuple[str, ...]:
    """Return the ids of all sets that ship, in order."""
    return tuple(each for each in shipped_ids() if each.startswith(PREFIX))


@cache
def service_parameters(day: date | None = None) -> ServiceParameters:
    """Return the set that holds on a local day: the last one that began by then, or the first before any began.

    ``None`` asks for the newest.
    """
    sets = sorted((_shipped(each) for each in service_parameter_ids()), key=lambda each: each.valid_from)
    return next((each for each in reversed(sets) if day is None or each.valid_from <= day), sets[0])


def dublin_rules() -> Dublin:
    """Return what holds for Dublin transfers and Amtshilfe."""
    return service_parameters().dublin


def read_service_parameters(text: str, *, file: str) -> ServiceParameters:
    """Read a set from TOML, as ``data.parameter_files.value_of`` does."""
    return value_of(ServiceParameters, text, file=file)


@cache
def _shipped(id: str) -> ServiceParameters:  # noqa: A002
    return shipped(id, read_service_parameters)
