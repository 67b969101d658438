"""What a ZAB may grant of the crew of a duty; the crew has it on all of its shifts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from optimizer.granted.edits import counted, crew_of, found, vehicle_of, with_crew
from optimizer.model import CREW_NEEDS, DutyId, Instance, RequestId
from optimizer.model.value import Value

_MOST_OFFICERS = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class StrengthenCrew(Value):
    """The crew of a duty has so many officers (1 or more) more, each of whom takes a seat."""

    kind: Literal["strengthen_crew"] = "strengthen_crew"
    duty: DutyId
    officers: int = 1

    def __post_init__(self) -> None:
        counted("strengthen_crew.officers", self.officers, _MOST_OFFICERS)

    def change(self, instance: Instance) -> Instance:
        """Return the instance with the larger crew."""
        crew = crew_of("strengthen_crew.duty", self.duty, instance)
        return with_crew(instance, crew.id, heads=crew.heads + self.officers, officers=crew.officers + self.officers)


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignFemaleOfficers(Value):
    """So many (1 or more) more officers of the crew of a duty are women.

    Each is in the place of a man as long as there is one, else one more, who takes a seat.
    """

    kind: Literal["assign_female_officers"] = "assign_female_officers"
    duty: DutyId
    officers: int = 1

    def __post_init__(self) -> None:
        counted("assign_female_officers.officers", self.officers, _MOST_OFFICERS)

    def change(self, instance: Instance) -> Instance:
        """Return the instance with that crew."""
        crew = crew_of("assign_female_officers.duty", self.duty, instance)
        female = crew.female_officers + self.officers
        more = max(0, female - crew.officers)
        return with_crew(
            instance, crew.id, female_officers=female, officers=crew.officers + more, heads=crew.heads + more
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SupplySkills(Value):
    """The crew of a duty has every skill that a request needs; which ones these are is not said here."""

    kind: Literal["supply_skills"] = "supply_skills"
    request: RequestId
    duty: DutyId

    def change(self, instance: Instance) -> Instance:
        """Return the instance with that crew."""
        asked = found("supply_skills.request", self.request, instance.requests)
        crew = crew_of("supply_skills.duty", self.duty, instance)
        return with_crew(instance, crew.id, skills=crew.skills | {need.value for need in asked.needs & CREW_NEEDS})


@dataclass(frozen=True, slots=True, kw_only=True)
class SupplyDriver(Value):
    """In the crew of a duty is somebody who may drive the duty's vehicle."""

    kind: Literal["supply_driver"] = "supply_driver"
    duty: DutyId

    def change(self, instance: Instance) -> Instance:
        """Return the instance with that crew."""
        crew = crew_of("supply_driver.duty", self.duty, instance)
        licence = vehicle_of("supply_driver.duty", self.duty, instance).licence
        return with_crew(instance, crew.id, licences=crew.licences | {licence})
