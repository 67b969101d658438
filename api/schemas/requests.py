"""Transport requests as they come in and as they are kept: in codes and bands. No name, no birth date, no address.

``RequestContent`` is what an ABH states, and the shape of ``TransportRequest.content``.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from api.deadlines import BERLIN
from api.schemas.base import PLAIN, Body, CodeText, Instant, Remark
from api.schemas.every_fault import Rule, ask
from api.schemas.gates import CLEAR, Gates
from data.service_parameters import dublin_rules
from optimizer.model import AgeBand, CaseType, DeadlineClass, Need, RejectionCode, Sex

Ags = Annotated[str, StringConstraints(pattern=r"^\d{8}$")]
PlaceCode = Annotated[str, StringConstraints(min_length=1, max_length=80, pattern=r"^[A-Za-z0-9ÄÖÜäöüß_. -]+$")]
REGIMES = tuple(regime.id for regime in dublin_rules().regimes)
"""Laws that set a deadline, as the parameters of the service list them."""
_LONGEST_WINDOW = timedelta(days=3)


def _of(kind: type[StrEnum], description: str, **more: object) -> object:
    return Field(strict=False, description=f"{description}: {', '.join(kind)}.", **more)  # type: ignore[call-overload]


class PeopleGroup(Body):
    """People of one age band and sex: for seats, child seats and escorts only."""

    age: Annotated[AgeBand, _of(AgeBand, "Age band")]
    sex: Annotated[Sex, _of(Sex, "Sex, as the authority's record states it")]
    count: Annotated[int, Field(ge=1, le=60, description="How many.")] = 1


class StopContent(Body):
    """A pick-up or a hand-over: a place of the catalogue, and when service may begin."""

    place: Annotated[
        PlaceCode,
        Field(description="Id of a place of the catalogue: AGS, IATA code or facility.", examples=["05113000"]),
    ]
    earliest: Annotated[
        Instant, Field(description="Service may begin from here on.", examples=["2026-10-05T07:00:00+02:00"])
    ]
    latest: Annotated[
        Instant, Field(description="Service may begin up to here.", examples=["2026-10-05T09:00:00+02:00"])
    ]
    service_minutes: Annotated[
        int | None, Field(ge=0, le=240, description="Minutes of service; left out: by the parameter set.")
    ] = None  # fmt: skip

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.earliest > self.latest:
            raise ValueError("expected earliest before latest: turn the window round")
        if self.latest - self.earliest > _LONGEST_WINDOW:
            raise ValueError("expected a window of at most 3 days: look for a slip in the date")
        return self


class PickupType(StrEnum):
    """Where somebody is picked up (domain.md, "A request")."""

    DWELLING = "dwelling"
    STATE_FACILITY = "state_facility"
    """A reception facility of the state: Dublin transfers from there are the business of the Bezirk's ZAB."""
    UFA = "ufa"
    """Detention place at Büren."""
    JVA = "jva"
    CLINIC = "clinic"
    AUTHORITY = "authority"


class DeadlineContent(Body):
    """The deadline of the measure, entered with its regime and source, never computed."""

    at: Annotated[Instant, Field(description="Last instant of the deadline.")]
    regime: Annotated[
        str,
        Field(
            pattern=f"^({'|'.join(re.escape(regime) for regime in REGIMES)})$", examples=["604/2013"],
            description="Law that sets it (`GET /v1/catalogue/regimes`).",
        ),
    ]  # fmt: skip
    source: Annotated[
        str, StringConstraints(max_length=80, pattern=PLAIN),
        Field(description="Where the date was read: a file number or kind of document, no name; needed for Dublin.",
              examples=["BAMF, Zustimmung vom 01.09.2026"]),
    ] = ""  # fmt: skip


class RejectionContent(Body):
    """Who rejected the request in the first round, and why."""

    by: Annotated[CodeText, Field(description="Code of the organisation, as `zab:essen`.", examples=["zab:essen"])]
    code: Annotated[RejectionCode, _of(RejectionCode, "Why")]


class RequestFacts(Body):
    """What an ABH states of a transport request, but for what not all may read who see it whole."""

    case_reference: Annotated[
        str,
        StringConstraints(min_length=1, max_length=40, pattern=r"^[A-Za-z0-9][A-Za-z0-9/_.-]*$"),
        Field(
            description="Pseudonym that leads to the case in the authority's own system. No name.",
            examples=["A-2026-0815"],
        ),
    ]
    case_type: Annotated[CaseType, _of(CaseType, "Kind of measure")]
    people: Annotated[list[PeopleGroup], Field(min_length=1, max_length=24, description="Who travels.")]
    pickup: Annotated[StopContent, Field(description="Where and when to pick up. The address is sent apart.")]
    pickup_type: Annotated[PickupType, _of(PickupType, "Kind of place of the pick-up")] = PickupType.DWELLING
    handover: Annotated[StopContent, Field(description="Where and when to hand over.")]
    departure: Annotated[Instant | None, Field(description="Take-off, where the trip ends at a flight.")] = None
    flight: Annotated[
        str | None, StringConstraints(pattern=r"^[A-Z0-9]{2,3} ?\d{1,4}[A-Z]?$"),
        Field(description="Flight number.", examples=["LH 1234"]),
    ] = None  # fmt: skip
    stop_overs: Annotated[
        tuple[Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")], ...],
        Field(strict=False, max_length=4, description="Airports (IATA) at which the flight stops over: each needs "
              "transit.", examples=[["IST"]]),
    ] = ()  # fmt: skip
    destination: Annotated[
        str | None, StringConstraints(pattern=r"^[A-Z]{2}$"),
        Field(description="State of destination, ISO 3166-1 alpha-2.", examples=["TR"]),
    ] = None  # fmt: skip
    needs: Annotated[
        tuple[Annotated[Need, _of(Need, "Need")], ...], Field(strict=False, max_length=8, description="Needs as codes.")
    ] = ()  # fmt: skip
    wheelchairs: Annotated[int, Field(ge=0, le=10, description="People who travel in their own wheelchair.")] = 0
    luggage: Annotated[int, Field(ge=0, le=100, description="Pieces.")] = 0
    escorts: Annotated[int, Field(ge=0, le=20, description="Least number of officers.")] = 0
    escorts_female: Annotated[int, Field(ge=0, le=20, description="Of them female.")] = 0
    max_ride_minutes: Annotated[int | None, Field(ge=1, le=600, description="Own limit of the time on board.")] = None
    is_separate: Annotated[bool, Field(description="Rides with nobody else.")] = False
    unit: Annotated[CodeText | None, Field(description="Family or group that may ride together.")] = None
    bundle: Annotated[CodeText | None, Field(description="Carried all or none with others of this bundle.")] = None
    deadline: Annotated[DeadlineContent | None, Field(description="Deadline of the measure.")] = None
    deadline_class: Annotated[
        DeadlineClass | None, _of(DeadlineClass, "How near the deadline is; left out: from the deadline", )
    ] = None  # fmt: skip
    has_night_ground: Annotated[
        bool, Field(description="The ground for a pick-up between 21 and 6 h is recorded (§ 58 (7) AufenthG).")
    ] = False  # fmt: skip
    rejection: Annotated[RejectionContent | None, Field(description="Rejection of the first round.")] = None
    free_text: Annotated[
        Remark, Field(description="At most 200 characters: no names, no diagnoses.")
    ] = ""  # fmt: skip

    @model_validator(mode="after")
    def _check(self) -> Self:
        ask(self._rules())
        return self

    def _rules(self) -> list[Rule]:
        return [self._rule_of_times, self._rule_of_wheelchairs, self._rule_of_their_need, self._rule_of_escorts,
                self._rule_of_departure]  # fmt: skip

    def _rule_of_times(self, faults: list[str]) -> None:
        if self.handover.latest <= self.pickup.earliest:
            faults.append("handover: expected its end after the begin of the pick-up")

    def _rule_of_wheelchairs(self, faults: list[str]) -> None:
        if self.wheelchairs > self.size:
            faults.append(f"wheelchairs: expected at most {self.size}, the people")

    def _rule_of_their_need(self, faults: list[str]) -> None:
        if (self.wheelchairs > 0) != (Need.WHEELCHAIR in self.needs):
            faults.append("wheelchairs: expected a number above 0 exactly with the need 'wheelchair'")

    def _rule_of_escorts(self, faults: list[str]) -> None:
        if self.escorts_female > self.escorts:
            faults.append(f"escorts_female: expected at most {self.escorts}, the escorts")

    def _rule_of_departure(self, faults: list[str]) -> None:
        if self.departure is not None and self.departure < self.handover.latest:
            faults.append("departure: expected it after the end of the hand-over window")

    @property
    def leaves_at(self) -> datetime:
        """The flight, or where none is stated the hand-over."""
        return self.departure or self.handover.earliest

    @property
    def leaves_on(self) -> date:
        """Local day of it."""
        return self.leaves_at.astimezone(BERLIN).date()

    def moved(self, days: int) -> Self:
        """Return the same trip some days later (earlier: negative), at the same times of the local clock."""

        def later(at: datetime) -> datetime:
            wall = at.astimezone(BERLIN).replace(tzinfo=None) + timedelta(days=days)
            return wall.replace(tzinfo=BERLIN).astimezone(UTC)

        def stop(of: StopContent) -> StopContent:
            return of.model_copy(update={"earliest": later(of.earliest), "latest": later(of.latest)})

        return self.model_copy(
            update={
                "pickup": stop(self.pickup),
                "handover": stop(self.handover),
                "departure": None if self.departure is None else later(self.departure),
                # How near the deadline is must be said anew.
                "deadline_class": self.deadline_class if self.deadline is None else None,
            }
        )

    @property
    def size(self) -> int:
        """Number of people."""
        return sum(group.count for group in self.people)

    @property
    def has_children(self) -> bool:
        """Whether anyone is under 14."""
        return any(group.age not in (AgeBand.TEEN, AgeBand.ADULT) for group in self.people)

    @property
    def deadline_at(self) -> datetime | None:
        """Last instant of the deadline."""
        return None if self.deadline is None else self.deadline.at


class RequestContent(RequestFacts):
    """All that an ABH states of a transport request."""

    needs_medical_reception: Annotated[
        bool, Field(description="Somebody must be received by medical staff at the destination; asked for by the ZRK.")
    ] = False  # fmt: skip

    def _rules(self) -> list[Rule]:
        return [*super()._rules(), self._rule_of_reception]

    def _rule_of_reception(self, faults: list[str]) -> None:
        if self.needs_medical_reception and self.destination is None:
            faults.append("destination: expected the state of destination where medical reception is needed")


class ContentShown(RequestFacts):
    """What an ABH stated, as far as the reader needs to know it."""

    needs_medical_reception: Annotated[
        bool | None,
        Field(description="Somebody must be received by medical staff at the destination; `null`: not told to you."),
    ] = None


class EnterAs(StrEnum):
    """Where a new request begins."""

    DRAFT = "draft"
    """Kept by its owner alone."""
    ASK = "ask"
    """First round: one ZAB is asked."""
    POOL = "pool"


class RequestAmendment(RequestContent):
    """What is asked for, said anew."""

    gates: Annotated[Gates | None, Field(description="Gates; left out: as they were stated.", examples=[None])] = None

    @property
    def content(self) -> RequestContent:
        """What the ABH states, without the gates."""
        return RequestContent.model_validate_json(self.model_dump_json(exclude={"gates"}))


class RequestEntry(RequestContent):
    """A new request, and where it begins."""

    gates: Annotated[
        Gates | None, Field(description="Gates, as far as they are known; what is left out blocks until it is stated.")
    ] = None  # fmt: skip

    enter_as: Annotated[EnterAs, _of(EnterAs, "Where it begins")] = EnterAs.DRAFT
    zab: Annotated[
        CodeText | None, Field(description="With `ask`: code of the ZAB that is asked.", examples=["zab:essen"])
    ] = None  # fmt: skip

    def _rules(self) -> list[Rule]:
        return [*super()._rules(), self._rule_of_asking]

    def _rule_of_asking(self, faults: list[str]) -> None:
        if (self.zab is not None) != (self.enter_as is EnterAs.ASK):
            faults.append("zab: expected exactly with enter_as 'ask'")

    @property
    def content(self) -> RequestContent:
        """What the ABH states, without where it begins."""
        return RequestContent.model_validate_json(self.model_dump_json(exclude={"enter_as", "zab", "gates"}))


EXAMPLE: dict[str, object] = {
    "case_reference": "A-2026-0815",
    "case_type": "dublin",
    "people": [{"age": "adult", "sex": "m", "count": 1}],
    "pickup": {
        "place": "05113000", "earliest": "2026-10-05T07:00:00+02:00", "latest": "2026-10-05T09:00:00+02:00"
    },
    "handover": {"place": "DUS", "earliest": "2026-10-05T09:00:00+02:00", "latest": "2026-10-05T11:00:00+02:00"},
    "departure": "2026-10-05T13:00:00+02:00",
    "needs": ["interpreter"],
    "deadline": {
        "at": "2026-10-20T23:59:00+02:00", "regime": "604/2013", "source": "BAMF, Zustimmung vom 01.09.2026"
    },
    "rejection": {"by": "zab:essen", "code": "no_vehicle"},
}  # fmt: skip
"""A request as it may be sent; synthetic."""
ENTRY_EXAMPLE: dict[str, object] = EXAMPLE | {"enter_as": "pool", "gates": CLEAR}
