"""A transport request as the optimizer sees it: pseudonymous, in codes and numbers."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from optimizer.errors import InvalidValue
from optimizer.model.people import Party
from optimizer.model.rules import RULEBOOK, Rule, Strength
from optimizer.model.units import MOST, DutyId, PlaceId, RequestId, Seconds, ZabId
from optimizer.model.value import Value


class Need(StrEnum):
    """Needs as codes; never free text about health (domain.md, humane rule 5)."""

    WHEELCHAIR = "wheelchair"
    """Travels seated in the own wheelchair: takes a wheelchair place instead of a seat."""
    LYING = "lying"
    """Must lie: no vehicle of the exchange can carry this; always unserved, with that reason."""
    DOCTOR = "doctor"
    PARAMEDIC = "paramedic"
    INTERPRETER = "interpreter"


CREW_NEEDS: frozenset[Need] = frozenset({Need.DOCTOR, Need.PARAMEDIC, Need.INTERPRETER})
"""Needs that a skill of the crew meets; the skill has the same code."""


class CaseType(StrEnum):
    """Kind of measure; for lists and statistics, never for the objective."""

    DUBLIN = "dublin"
    COUNTRY_OF_ORIGIN = "country_of_origin"
    THIRD_COUNTRY = "third_country"
    EMBASSY = "embassy"
    FACILITY_TRANSFER = "facility_transfer"
    DETENTION_HEARING = "detention_hearing"


class DeadlineClass(StrEnum):
    """How near the deadline of the *measure* is; the only weight in the first stage."""

    URGENT = "urgent"
    SOON = "soon"
    NORMAL = "normal"


class RejectionCode(StrEnum):
    """Why the first round rejected the request (workflow.md)."""

    NO_VEHICLE = "no_vehicle"
    NO_STAFF = "no_staff"
    NO_SUITABLE_VEHICLE = "no_suitable_vehicle"
    TIME_NOT_FEASIBLE = "time_not_feasible"
    NIGHT_RULE = "night_rule"
    GATE_MISSING = "gate_missing"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejection(Value):
    """The earlier rejection that brought a request into the pool: by whom, and the coded reason."""

    by: ZabId
    code: RejectionCode


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop(Value):
    """A pick-up or hand-over: where, when service may *begin* (both ends included), how long it takes."""

    place: PlaceId
    earliest: Seconds
    latest: Seconds
    service: Seconds = 0

    def __post_init__(self) -> None:
        if self.earliest > self.latest:
            raise InvalidValue(
                f"Stop at {self.place}", "earliest <= latest", (self.earliest, self.latest), "Turn the window round."
            )
        if self.earliest < 0:
            raise InvalidValue(f"Stop at {self.place}", "earliest >= 0 (seconds from the horizon)", self.earliest)
        if self.service < 0:
            raise InvalidValue(f"Stop at {self.place}", "service >= 0 seconds", self.service)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request(Value):
    """One request: a party from a pick-up to a hand-over.

    Time on board runs from the end of service at the pick-up to the beginning of service at the hand-over.

    Parameters
    ----------
    load
        Seats taken where the file states them outright (literature formats); ``None`` derives them from the party.
    max_ride
        Own cap on the time on board in seconds, on top of the caps of the parameter set.
    escort_officers, escort_female
        Least number of officers (of them female) while this request is on board.
    weight
        Weight in the first stage where the file states it outright; ``None`` takes that of ``deadline_class``.
    bundle
        Requests with the same bundle are carried all or none and count once, with the greatest weight among them.
    unit
        Requests of one unit (family) may ride together whatever the rules on strangers say.
    waived
        Overridable rules that a recorded override (reason, second person) lifts for this request.
    night_ground
        Whether the requester recorded a ground for a pick-up at night (AufenthG § 58 (7)).
    """

    id: RequestId
    pickup: Stop
    delivery: Stop
    party: Party
    case_type: CaseType = CaseType.COUNTRY_OF_ORIGIN
    authority: str = ""
    needs: frozenset[Need] = frozenset()
    wheelchairs: int = 0
    luggage: int = 0
    load: int | None = None
    features: frozenset[str] = frozenset()
    max_ride: Seconds | None = None
    escort_officers: int = 0
    escort_female: int = 0
    separate: bool = False
    excluded: frozenset[RequestId] = frozenset()
    deadline_class: DeadlineClass = DeadlineClass.NORMAL
    deadline: Seconds | None = None
    weight: int | None = None
    rejection: Rejection | None = None
    barred_duties: frozenset[DutyId] = frozenset()
    barred_zabs: frozenset[ZabId] = frozenset()
    pin: DutyId | None = None
    bundle: str | None = None
    unit: str | None = None
    night_ground: bool = False
    waived: frozenset[Rule] = frozenset()

    def __post_init__(self) -> None:
        name = f"Request {self.id}"
        if not self.id:
            raise InvalidValue("Request.id", "a case reference", "nothing")
        for field, number in (
            ("luggage", self.luggage),
            ("wheelchairs", self.wheelchairs),
            ("escort_officers", self.escort_officers),
            ("escort_female", self.escort_female),
            ("load", self.load or 0),
            ("max_ride", self.max_ride or 0),
        ):
            if number < 0:
                raise InvalidValue(f"{name}.{field}", "0 or more", number)
            if number > MOST and field != "max_ride":
                raise InvalidValue(f"{name}.{field}", f"at most {MOST}", number)
        if self.weight is not None and self.weight < 1:
            raise InvalidValue(f"{name}.weight", "1 or more", self.weight, "Leave a request that counts nothing out.")
        if self.weight is not None and self.weight > MOST:
            raise InvalidValue(f"{name}.weight", f"at most {MOST}", self.weight)
        if self.wheelchairs > self.party.size:
            raise InvalidValue(f"{name}.wheelchairs", f"at most {self.party.size} (the people)", self.wheelchairs)
        if (self.wheelchairs > 0) != (Need.WHEELCHAIR in self.needs):
            raise InvalidValue(
                f"{name}.wheelchairs",
                "a number above 0 exactly when the need 'wheelchair' is set",
                self.wheelchairs,
                "Enter both or none.",
            )
        if self.escort_female > self.escort_officers:
            raise InvalidValue(
                f"{name}.escort_female", f"at most escort_officers = {self.escort_officers}", self.escort_female
            )
        if self.id in self.excluded:
            raise InvalidValue(f"{name}.excluded", "other requests", self.id)
        for rule in self.waived:
            if RULEBOOK[rule].strength is Strength.HARD:
                raise InvalidValue(
                    f"{name}.waived", "overridable rules only", rule.value, "This rule cannot be overridden."
                )
