"""One problem: the pool, the fleet, the promises, the parameters. Everything but the travel times."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass

from optimizer.errors import InvalidValue
from optimizer.model.commitment import Commitment
from optimizer.model.fleet import Crew, Duty, Shift, Vehicle, Window, Zab
from optimizer.model.objective import NRW_STAGES, Stage
from optimizer.model.parameters import ParameterSet
from optimizer.model.place import Place
from optimizer.model.request import Request
from optimizer.model.units import DutyId, RequestId
from optimizer.model.value import Value


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment(Value):
    """A request and the duty that carried it in the last published plan."""

    request: RequestId
    duty: DutyId


@dataclass(frozen=True, slots=True, kw_only=True)
class Instance(Value):
    """A problem.

    Parameters
    ----------
    horizon_start
        ISO 8601 with offset: the instant that all seconds count from (told only; the optimizer knows no clock).
    nights
        Half-open intervals ``[earliest, latest)`` that are night, in seconds; computed at the border, where
        daylight saving is known.
    requests
        Pool requests and committed ones; a request is committed exactly when a commitment names it.
    published
        The last published plan, for the change term.
    change_budget
        Most assignments of the published plan whose request is not on that duty (``None``: no limit).
    stages
        Lexicographic order of the objective.
    serve_all
        Whether every request must be served (literature).
    """

    name: str
    horizon_start: str = ""
    timezone: str = "Europe/Berlin"
    places: tuple[Place, ...]
    zabs: tuple[Zab, ...]
    vehicles: tuple[Vehicle, ...]
    crews: tuple[Crew, ...]
    shifts: tuple[Shift, ...]
    duties: tuple[Duty, ...]
    requests: tuple[Request, ...]
    commitments: tuple[Commitment, ...] = ()
    published: tuple[Assignment, ...] = ()
    change_budget: int | None = None
    nights: tuple[Window, ...] = ()
    parameters: ParameterSet
    stages: tuple[Stage, ...] = NRW_STAGES
    serve_all: bool = False

    def __post_init__(self) -> None:
        self._check_unique()
        self._check_references()
        self._check_commitments()
        self._check_duty_windows()
        if self.change_budget is not None and self.change_budget < 0:
            raise InvalidValue(f"Instance {self.name}.change_budget", "0 or more changes", self.change_budget)
        if not self.stages or len(set(self.stages)) != len(self.stages):
            raise InvalidValue(f"Instance {self.name}.stages", "one or more different stages", self.stages)
        timed = [stage for stage in self.stages if stage in (Stage.CUSTODY, Stage.NIGHT, Stage.COST)]
        if timed != sorted(timed, key=list(Stage).index) or (Stage.NIGHT in timed and Stage.CUSTODY not in timed):
            # A timetable is chosen tour by tour in this order; another would need another timetable.
            raise InvalidValue(
                f"Instance {self.name}.stages",
                "custody, night, cost in this order, night only with custody",
                self.stages,
            )
        for earlier, later in zip(self.nights, self.nights[1:], strict=False):
            if earlier.latest > later.earliest:
                raise InvalidValue(
                    f"Instance {self.name}.nights", "nights in order that do not overlap", (earlier, later)
                )

    def changes(self, duty_by_request: Mapping[RequestId, DutyId]) -> int:
        """Return how many assignments of the published plan are not those of ``duty_by_request``."""
        return sum(duty_by_request.get(was.request) != was.duty for was in self.published)

    def _check_unique(self) -> None:
        for noun, ids in (
            ("places", [p.id for p in self.places]),
            ("zabs", [z.id for z in self.zabs]),
            ("vehicles", [v.id for v in self.vehicles]),
            ("crews", [c.id for c in self.crews]),
            ("shifts", [s.id for s in self.shifts]),
            ("duties", [d.id for d in self.duties]),
            ("requests", [r.id for r in self.requests]),
            ("commitments", [c.duty for c in self.commitments]),
            ("published", [a.request for a in self.published]),
        ):
            twice = [key for key, count in Counter(ids).items() if count > 1]
            if twice:
                raise InvalidValue(
                    f"Instance {self.name}.{noun}", "different ids", twice, "Rename or remove the doubles."
                )

    def _check_references(self) -> None:
        places = {p.id for p in self.places}
        zabs = {z.id for z in self.zabs}
        crews = {c.id for c in self.crews}
        shifts = {s.id for s in self.shifts}
        vehicles = {v.id for v in self.vehicles}
        duties = {d.id for d in self.duties}
        requests = {r.id for r in self.requests}
        for request in self.requests:
            name = f"Request {request.id}"
            _known(f"{name}.pickup.place", [request.pickup.place], places)
            _known(f"{name}.delivery.place", [request.delivery.place], places)
            _known(f"{name}.excluded", request.excluded, requests)
            _known(f"{name}.barred_duties", request.barred_duties, duties)
            _known(f"{name}.barred_zabs", request.barred_zabs, zabs)
            _known(f"{name}.pin", [request.pin] if request.pin is not None else [], duties)
        for vehicle in self.vehicles:
            _known(f"Vehicle {vehicle.id}.zab", [vehicle.zab], zabs)
        for crew in self.crews:
            _known(f"Crew {crew.id}.zab", [crew.zab], zabs)
        for shift in self.shifts:
            _known(f"Shift {shift.id}.crew", [shift.crew], crews)
            self.parameters.profile(shift.profile)
        for duty in self.duties:
            _known(f"Duty {duty.id}.shift", [duty.shift], shifts)
            _known(f"Duty {duty.id}.vehicle", [duty.vehicle], vehicles)
            _known(f"Duty {duty.id}.places", [p for p in (duty.start_place, duty.end_place) if p is not None], places)
        for assignment in self.published:
            _known("Instance.published.duty", [assignment.duty], duties)
            _known("Instance.published.request", [assignment.request], requests)

    def _check_commitments(self) -> None:
        duties = {d.id for d in self.duties}
        requests = {r.id: r for r in self.requests}
        promised: Counter[RequestId] = Counter()
        for commitment in self.commitments:
            _known(f"Commitment of duty {commitment.duty}", [commitment.duty], duties)
            ids = {promise.request for promise in commitment.promises}
            _known(f"Commitment of duty {commitment.duty}.promises", ids, requests.keys())
            promised.update(ids)
        for request, count in promised.items():
            if count > 1:
                raise InvalidValue(f"Request {request}", "promised on one duty", f"{count} duties", "Keep one of them.")
            if requests[request].bundle is not None:
                raise InvalidValue(
                    f"Request {request}", "no bundle, being committed", requests[request].bundle, "Remove the bundle."
                )

    def _check_duty_windows(self) -> None:
        shifts = {s.id: s for s in self.shifts}
        vehicles = {v.id: v for v in self.vehicles}
        for duty in self.duties:
            shift, vehicle = shifts[duty.shift], vehicles[duty.vehicle]
            overlaps = [w for w in vehicle.availability if w.earliest < shift.end and w.latest > shift.start]
            if len(overlaps) > 1:
                raise InvalidValue(
                    f"Duty {duty.id}",
                    "one availability window of the vehicle within the shift",
                    len(overlaps),
                    "Split the duty.",
                )


def _known(subject: str, ids: Iterable[str], known: Set[str]) -> None:
    unknown = sorted(i for i in ids if i not in known)
    if unknown:
        raise InvalidValue(subject, "an id that the instance has", unknown, "Add it or correct the reference.")
