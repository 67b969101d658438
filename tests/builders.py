"""Small builders for tests: each gives a valid default, and every field can be named to be another.

Places stand on a line and are told by their position in driving seconds (``line``), so that examples can be worked
out by hand: from position 600 to position 900 it is 300 s and 6 km (20 m/s, 72 km/h). Defaults of ``instance``: one
ZAB ``Z1``, one vehicle ``V1`` (9 seats), one crew ``C1`` (2 heads, 2 officers), one shift ``S1`` over the whole first
day, one duty ``D1`` from and to the place ``depot``, and the neutral parameter set, which switches every rule of ours
off. ``strict()`` is a set with every number in place.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from optimizer.model import (
    AgeBand,
    Assignment,
    BreakTier,
    Commitment,
    Crew,
    Duty,
    EscortRule,
    Instance,
    InstanceIndex,
    ParameterSet,
    Party,
    People,
    Place,
    PlaceKind,
    Promise,
    Request,
    SeatConfiguration,
    Sex,
    Shift,
    Solution,
    Stop,
    Tour,
    Vehicle,
    Visit,
    VisitKind,
    Window,
    WorkingTime,
    Zab,
)
from optimizer.model.units import DAY, HOUR, MINUTE
from optimizer.travel.matrix import TravelMatrix

METRES_PER_SECOND = 20
DEPOT = "depot"


# --- people -----------------------------------------------------------------------------------------------------------


def people(age: AgeBand = AgeBand.ADULT, sex: Sex = Sex.MALE, count: int = 1) -> People:
    """``count`` people of one age band and sex."""
    return People(age=age, sex=sex, count=count)


def party(*groups: People) -> Party:
    """One party of these groups; without any, one man alone."""
    return Party(groups=groups or (people(),))


MAN = party()
WOMAN = party(people(sex=Sex.FEMALE))
MEN = party(people(count=2))
"""Two men that travel as one unit: a family in the sense of the rules, without women or children."""
LONE_MINOR = party(people(AgeBand.TEEN))
FATHER_AND_SON = party(people(), people(AgeBand.CHILD))
"""A family with a child of 6 to 11, without women or girls."""
FAMILY = party(people(), people(sex=Sex.FEMALE), people(AgeBand.CHILD))
"""Father, mother and a child of 6 to 11."""


# --- places and travel times ------------------------------------------------------------------------------------------


def place(id: str, **fields: Any) -> Place:  # noqa: A002
    """A place; coordinates matter to travel providers only."""
    return Place(**{"id": id, "name": id, "lat": 51.0, "lon": 7.0, **fields})


def matrix(seconds: Mapping[tuple[str, str], int], metres: Mapping[tuple[str, str], int] | None = None) -> TravelMatrix:
    """Matrix of the pairs named (one direction each); a pair not named is its reverse, the diagonal is 0.

    Distances left out are the time at 20 m/s. Raises ``KeyError`` for a pair that is named in neither direction.
    """
    ids = list(dict.fromkeys(end for pair in seconds for end in pair))
    times = [[0 if a == b else _either(seconds, a, b) for b in ids] for a in ids]
    given = metres or {}
    ways = [
        [
            given.get((a, b), given.get((b, a), times[i][j] * METRES_PER_SECOND)) if a != b else 0
            for j, b in enumerate(ids)
        ]
        for i, a in enumerate(ids)
    ]
    return _matrix(ids, times, ways)


def line(positions: Mapping[str, int]) -> TravelMatrix:
    """Matrix of places on a line, told by their position in driving seconds; 20 metres to the second."""
    ids = list(positions)
    times = [[abs(positions[a] - positions[b]) for b in ids] for a in ids]
    return _matrix(ids, times, [[METRES_PER_SECOND * t for t in row] for row in times])


def _either(seconds: Mapping[tuple[str, str], int], a: str, b: str) -> int:
    return seconds[a, b] if (a, b) in seconds else seconds[b, a]


def _matrix(ids: Sequence[str], times: list[list[int]], ways: list[list[int]]) -> TravelMatrix:
    shape = (len(ids), len(ids))
    return TravelMatrix(
        places=tuple(ids),
        seconds=np.array(times, dtype=np.int64).reshape(shape),
        metres=np.array(ways, dtype=np.int64).reshape(shape),
        sources=np.zeros(shape, dtype=np.uint8),
        tags=("test",),
    )


# --- requests ---------------------------------------------------------------------------------------------------------


def stop(where: str, window: tuple[int, int] = (0, DAY), service: int = 0) -> Stop:
    """A stop at ``where`` whose service begins inside ``window``."""
    return Stop(place=where, earliest=window[0], latest=window[1], service=service)


def request(
    id: str,  # noqa: A002
    origin: str = "A",
    destination: str = "B",
    *,
    pickup: tuple[int, int] = (0, DAY),
    delivery: tuple[int, int] = (0, DAY),
    service: tuple[int, int] = (0, 0),
    **fields: Any,
) -> Request:
    """A request from ``origin`` to ``destination``: one man, windows of the whole day, no service time."""
    return Request(
        **{
            "id": id,
            "pickup": stop(origin, pickup, service[0]),
            "delivery": stop(destination, delivery, service[1]),
            "party": MAN,
            **fields,
        }
    )


# --- fleet ------------------------------------------------------------------------------------------------------------


def zab(id: str = "Z1", **fields: Any) -> Zab:  # noqa: A002
    """A ZAB without prior load or budget."""
    return Zab(**{"id": id, "name": f"ZAB {id}", **fields})


def seats(number: int, wheelchair_places: int = 0) -> SeatConfiguration:
    """A seat configuration; ``number`` counts the driver's seat too."""
    return SeatConfiguration(seats=number, wheelchair_places=wheelchair_places)


def vehicle(id: str = "V1", zab: str = "Z1", **fields: Any) -> Vehicle:  # noqa: A002
    """A vehicle of 9 seats, the driver's included, with four child seats of each size."""
    return Vehicle(**{"id": id, "zab": zab, "configurations": (seats(9),), "child_seats": (4, 4, 4), **fields})


def crew(id: str = "C1", zab: str = "Z1", **fields: Any) -> Crew:  # noqa: A002
    """A crew of two officers, none of them female, with licence B."""
    return Crew(**{"id": id, "zab": zab, **fields})


def shift(id: str = "S1", crew: str = "C1", start: int = 0, end: int = DAY, **fields: Any) -> Shift:  # noqa: A002
    """A shift over the whole first day."""
    return Shift(**{"id": id, "crew": crew, "start": start, "end": end, **fields})


def duty(id: str = "D1", shift: str = "S1", vehicle: str = "V1", **fields: Any) -> Duty:  # noqa: A002
    """A duty from and to ``depot``."""
    return Duty(**{"id": id, "shift": shift, "vehicle": vehicle, "start_place": DEPOT, "end_place": DEPOT, **fields})


def fleet(number: int, **shift_fields: Any) -> dict[str, Any]:
    """``number`` alike vehicles, crews, shifts and duties of ``Z1``, to be unpacked into ``instance``."""
    numbers = range(1, number + 1)
    return {
        "vehicles": tuple(vehicle(f"V{i}") for i in numbers),
        "crews": tuple(crew(f"C{i}") for i in numbers),
        "shifts": tuple(shift(f"S{i}", f"C{i}", **shift_fields) for i in numbers),
        "duties": tuple(duty(f"D{i}", f"S{i}", f"V{i}") for i in numbers),
    }


# --- parameters, instance ---------------------------------------------------------------------------------------------


def neutral(**fields: Any) -> ParameterSet:
    """The neutral parameter set with some fields changed."""
    base = ParameterSet.neutral()
    return ParameterSet(**{**{name: getattr(base, name) for name in ParameterSet.__dataclass_fields__}, **fields})


def strict(**fields: Any) -> ParameterSet:
    """A set with every rule on and the numbers of an NRW day, as plain round values for tests."""
    return ParameterSet(
        **{
            "id": "strict",
            "ride_cap": 5 * HOUR,
            "ride_cap_children": 4 * HOUR,
            "detour_permille": 1300,
            "detour_allowance": 30 * MINUTE,
            "max_wait": 45 * MINUTE,
            "rest_every": 2 * HOUR,
            "rest_every_children": 90 * MINUTE,
            "rest_length": 10 * MINUTE,
            "escorts": EscortRule(base=2),
            "working_time": (arbzg(),),
            "co2_price": 50,
            **fields,
        }
    )


def arbzg(**fields: Any) -> WorkingTime:
    """The working-time profile of the law: 30 min after 6 h, 45 min after 9 h of work, 11 h of rest."""
    return WorkingTime(
        **{
            "id": "arbzg",
            "tiers": (
                BreakTier(span=6 * HOUR, total=30 * MINUTE),
                BreakTier(span=9 * HOUR + 30 * MINUTE, total=45 * MINUTE),
            ),
            "step": 15 * MINUTE,
            "max_stretch": 6 * HOUR,
            "max_span": 10 * HOUR + 45 * MINUTE,
            "rest": 11 * HOUR,
            "max_drive": 4 * HOUR + 30 * MINUTE,
            "drive_break": 45 * MINUTE,
            **fields,
        }
    )


def window(earliest: int, latest: int) -> Window:
    """A closed interval; as a night or an availability, see there."""
    return Window(earliest=earliest, latest=latest)


def instance(*requests: Request, **fields: Any) -> Instance:
    """An instance of these requests; fleet and parameters as the module says, places gathered from their use."""
    named = {
        "name": "test",
        "zabs": (zab(),),
        "vehicles": (vehicle(),),
        "crews": (crew(),),
        "shifts": (shift(),),
        "duties": (duty(),),
        "parameters": ParameterSet.neutral(),
        **fields,
    }
    if "places" not in named:
        used = [p for d in named["duties"] for p in (d.start_place, d.end_place) if p is not None]
        used += [p for r in requests for p in (r.pickup.place, r.delivery.place)]
        named["places"] = tuple(place(p, kind=PlaceKind.TOWN) for p in dict.fromkeys(used))
    return Instance(**{**named, "requests": requests})


def commitment(duty: str, *promises: tuple[str, str, int], tolerance: int = 0) -> Commitment:
    """Promises as ``(request, "pickup" | "delivery", start)`` in their order."""
    made = tuple(Promise(request=r, kind=VisitKind(kind), start=start) for r, kind, start in promises)
    return Commitment(duty=duty, promises=made, tolerance=tolerance)


def published(**duty_by_request: str) -> tuple[Assignment, ...]:
    """A published plan: ``published(R1="D1")``."""
    return tuple(Assignment(request=r, duty=d) for r, d in duty_by_request.items())


# --- plans ------------------------------------------------------------------------------------------------------------


class TourBuilder:
    """Builds one tour visit by visit, each as early as possible unless ``at`` says when service begins.

    ``TourBuilder(instance, travel, "D1", leave=0).pickup("R1").delivery("R1").build()``. Drives with people on board
    get the rests that the parameters demand; windows are waited for, but nothing else is checked or mended.
    """

    def __init__(self, instance: Instance, travel: TravelMatrix, duty: str = "D1", *, leave: int = 0) -> None:
        self._index = InstanceIndex(instance)
        self._travel = travel
        self._duty = duty
        self._board: dict[str, Request] = {}
        start = self._index.duty[duty].start_place
        self._visits = [Visit(kind=VisitKind.START, place=start, arrival=leave, start=leave, departure=leave)]

    def pickup(self, request: str, *, at: int | None = None, rests: int | None = None) -> TourBuilder:
        """Pick ``request`` up."""
        known = self._index.request[request]
        self._visit(VisitKind.PICKUP, known.pickup.place, known.pickup, request=request, at=at, rests=rests)
        self._board[request] = known
        return self

    def delivery(self, request: str, *, at: int | None = None, rests: int | None = None) -> TourBuilder:
        """Hand ``request`` over."""
        known = self._index.request[request]
        self._visit(VisitKind.DELIVERY, known.delivery.place, known.delivery, request=request, at=at, rests=rests)
        self._board.pop(request, None)
        return self

    def ride(self, *requests: str) -> TourBuilder:
        """Pick each of ``requests`` up and hand it over before the next one."""
        for each in requests:
            self.pickup(each).delivery(each)
        return self

    def pause(self, length: int, *, where: str | None = None, at: int | None = None) -> TourBuilder:
        """Make a break of ``length`` seconds, at the place of the last visit unless ``where`` says otherwise."""
        here = self._visits[-1].place if where is None else where
        pause = Stop(place=here or "", earliest=0, latest=0, service=length)
        self._visit(VisitKind.BREAK, here, pause, at=at)
        return self

    def visits(self) -> tuple[Visit, ...]:
        """The visits so far."""
        return tuple(self._visits)

    def build(self, *, end: int | None = None) -> Tour:
        """Drive to the end depot and return the tour; ``end`` tells a later arrival."""
        there = self._index.duty[self._duty].end_place
        self._visit(VisitKind.END, there, Stop(place=there or "", earliest=0, latest=0))
        last = self._visits.pop()
        arrival = last.arrival if end is None else end
        self._visits.append(
            Visit(kind=last.kind, place=there, arrival=arrival, start=arrival, departure=arrival, rests=last.rests)
        )
        return Tour(duty=self._duty, visits=tuple(self._visits))

    def _visit(
        self,
        kind: VisitKind,
        where: str | None,
        stop: Stop,
        *,
        request: str | None = None,
        at: int | None = None,
        rests: int | None = None,
    ) -> None:
        before = self._visits[-1]
        drive = 0 if before.place is None or where is None else self._travel.drive(before.place, where)
        number = self._rests(drive) if rests is None else rests
        arrival = before.departure + drive + number * self._index.instance.parameters.rest_length
        start = max(arrival, stop.earliest) if at is None else at
        self._visits.append(
            Visit(
                kind=kind,
                place=where,
                request=request,
                arrival=min(arrival, start),
                start=start,
                departure=start + stop.service,
                rests=number,
            )
        )

    def _rests(self, drive: int) -> int:
        parameters = self._index.instance.parameters
        every = parameters.rest_every
        if not self._board or every is None:
            return 0
        if parameters.rest_every_children is not None and any(r.party.has_children for r in self._board.values()):
            every = parameters.rest_every_children
        return max(0, -(-drive // every) - 1)


def plan(*tours: Tour) -> Solution:
    """A plan of these tours."""
    return Solution(tours=tours)


def with_visits(tour: Tour, visits: Iterable[Visit]) -> Tour:
    """The same duty with other visits."""
    return Tour(duty=tour.duty, visits=tuple(visits))
