"""What a duty does: visits from depot to depot; and the whole plan."""

from __future__ import annotations

from dataclasses import dataclass

from optimizer.errors import InvalidValue
from optimizer.model.commitment import Promise, VisitKind
from optimizer.model.units import DutyId, PlaceId, RequestId, Seconds
from optimizer.model.value import Value


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit(Value):
    """One visit: ``arrival <= start <= departure``.

    ``start`` is the begin of service (of the break, for a break), ``departure`` its end, when the vehicle drives
    on. ``rests`` counts the rest stops made with people on board on the drive to this visit; their length is part
    of the drive. For the depots ``arrival == start == departure``.
    """

    kind: VisitKind
    place: PlaceId | None
    request: RequestId | None = None
    arrival: Seconds
    start: Seconds
    departure: Seconds
    rests: int = 0

    def __post_init__(self) -> None:
        if not self.arrival <= self.start <= self.departure:
            raise InvalidValue("Visit", "arrival <= start <= departure", (self.arrival, self.start, self.departure))


@dataclass(frozen=True, slots=True, kw_only=True)
class Tour(Value):
    """The visits of one duty, the first of kind ``start``, the last of kind ``end``."""

    duty: DutyId
    visits: tuple[Visit, ...]

    @property
    def span(self) -> Seconds:
        """Seconds from leaving to reaching the depot."""
        return self.visits[-1].arrival - self.visits[0].departure if self.visits else 0

    @property
    def requests(self) -> frozenset[RequestId]:
        """Ids of all requests with a visit on this tour."""
        return frozenset(visit.request for visit in self.visits if visit.request is not None)

    @property
    def promises(self) -> tuple[Promise, ...]:
        """Pick-ups and hand-overs in their order, each with the second at which its service begins."""
        return tuple(
            Promise(request=visit.request, kind=visit.kind, start=visit.start)
            for visit in self.visits
            if visit.request is not None and visit.kind in (VisitKind.PICKUP, VisitKind.DELIVERY)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Solution(Value):
    """A plan: the tours that are made. A request on no tour is unserved."""

    tours: tuple[Tour, ...] = ()

    @property
    def served(self) -> frozenset[RequestId]:
        """Ids of all requests with a visit, committed ones included."""
        return frozenset().union(*(tour.requests for tour in self.tours)) if self.tours else frozenset()

    @property
    def duty_by_request(self) -> dict[RequestId, DutyId]:
        """Which duty carries a request."""
        return {request: tour.duty for tour in self.tours for request in sorted(tour.requests)}
