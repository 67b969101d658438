"""Dial-a-ride instances of Cordeau (2006) and Cordeau & Laporte (2003).

First line ``vehicles nodes route_duration capacity max_ride``, then ``id x y service load earliest latest``: node 0 is
the depot, 1..n the pick-ups, n+1..2n their deliveries, 2n+1 the depot again, which some files leave out. The second
number of the first line counts the requests in some sets and the nodes in others; the lines themselves settle it.

**Fixed point.** All times and distances of the file become whole numbers of 1/10,000. The file's own numbers (at
most three decimals) are exact on this scale. A Euclidean distance is rounded to the nearest step, so it is off by at
most 0.00005; the longest plan of the a sets (96 requests, 8 vehicles: 200 legs) by at most 0.01 in cost, one unit of
the last decimal that the published optima have (by 0.0004 where the errors are random), and a tour of 50 legs by at
most 0.0025 units of time. The largest instant (1440) is 14.4 million steps, far from any limit. Finer steps would tell
nothing that is published and take room from the integer models.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from optimizer.errors import InputProblem, InputRejected, InvalidValue
from optimizer.io.document import invalid
from optimizer.io.files import read_text
from optimizer.io.problem import Node, Problem, Units
from optimizer.model import (
    AgeBand,
    Crew,
    Duty,
    Instance,
    ParameterSet,
    Party,
    People,
    Place,
    PlaceKind,
    Request,
    SeatConfiguration,
    Sex,
    Shift,
    Stage,
    Stop,
    Vehicle,
    VisitKind,
    WorkingTime,
    Zab,
)
from optimizer.model.units import RequestId
from optimizer.travel.matrix import TravelMatrix

SCALE = 10_000
"""Steps of the model ("seconds", "metres") in one unit of the file."""

_COST_PER_KM = 1
"""Cents per "kilometre", which is 10 micro-euros per "metre": the least rate above 0."""

_HEADER = ("vehicles", "nodes", "route_duration", "capacity", "max_ride")
_NODE = ("id", "x", "y", "service", "load", "earliest", "latest")
_MOST_VEHICLES = 10_000
_LARGEST = 1e6
"""Beyond this no number of these files makes sense, and the fixed point would leave the range of instants."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Node:
    """A line of the file; times in its unit."""

    row: int
    x: float
    y: float
    service: float
    load: int
    earliest: float
    latest: float


class _Lines:
    """The lines of the file and the problems found in them so far."""

    def __init__(self, text: str, file: str) -> None:
        self.file = file
        self.problems: list[InputProblem] = []
        self.rows = [(i, line.split()) for i, line in enumerate(text.splitlines(), start=1) if line.strip()]

    def refuse(self, row: int, column: str, expected: str, got: object, action: str = "Correct the line.") -> None:
        self.problems.append(
            InputProblem(
                code="value", file=self.file, row=row, column=column, expected=expected, got=str(got), action=action
            )
        )

    def numbers(self, row: int, words: list[str], columns: tuple[str, ...], whole: frozenset[str]) -> list[float]:
        """Return the numbers of a line; those of ``whole`` must be integers. What cannot be read becomes 0."""
        if len(words) != len(columns):
            self.refuse(row, "", f"{len(columns)} numbers ({' '.join(columns)})", len(words))
            return []
        values = []
        for column, word in zip(columns, words, strict=True):
            try:
                value = float(word)
            except ValueError:
                value = math.nan
            if not abs(value) <= _LARGEST or (column in whole and value != int(value)):
                self.refuse(row, column, "a whole number" if column in whole else "a number", word)
                value = 0.0
            values.append(value)
        return values


def read_cordeau(path: Path) -> Problem:
    """Read a dial-a-ride file; every request must be served, the one stage is the cost.

    Raises
    ------
    InputRejected
        One problem for each thing that is wrong, with its line.
    """
    return parse_cordeau(read_text(path), str(path), path.stem)


def parse_cordeau(text: str, file: str, name: str) -> Problem:
    """Read the text of a dial-a-ride file; ``file`` is its name in messages. Raises as ``read_cordeau`` does."""
    lines = _Lines(text, file)
    if not lines.rows:
        lines.refuse(0, "", f"a line {' '.join(_HEADER)}, then one for each node", "an empty file", "Check the path.")
        raise InputRejected(lines.problems)
    row, words = lines.rows[0]
    header = lines.numbers(row, words, _HEADER, frozenset({"vehicles", "nodes", "capacity"}))
    for column, value in zip(_HEADER, header, strict=False):
        if value < (0 if column in ("nodes", "max_ride") else 1):
            lines.refuse(row, column, "a positive number", value)
    if header and header[0] > _MOST_VEHICLES:
        lines.refuse(row, "vehicles", f"at most {_MOST_VEHICLES}", int(header[0]))
    nodes = _read_nodes(lines)
    if not lines.problems:
        _check_nodes(lines, nodes, int(header[1]))
    if lines.problems:
        raise InputRejected(lines.problems)
    try:
        instance = _instance(name, header, nodes)
    except InvalidValue as error:
        raise InputRejected([invalid(error, file)]) from None
    return Problem(instance=instance, travel=_travel(nodes), units=_units(instance, nodes))


def _read_nodes(lines: _Lines) -> list[_Node]:
    nodes: list[_Node] = []
    for i, (row, words) in enumerate(lines.rows[1:]):
        numbers = lines.numbers(row, words, _NODE, frozenset({"id", "load"}))
        if not numbers:
            continue
        number, x, y, service, load, earliest, latest = numbers
        if number != i:
            lines.refuse(row, "id", f"{i}: nodes in order, none left out", int(number), "Check for missing lines.")
        if service < 0:
            lines.refuse(row, "service", "0 or more", service)
        if not 0 <= earliest <= latest:
            lines.refuse(
                row, "earliest, latest", "0 <= earliest <= latest", f"{earliest}, {latest}", "Turn the window round."
            )
        nodes.append(_Node(row=row, x=x, y=y, service=service, load=int(load), earliest=earliest, latest=latest))
    return nodes


def _check_nodes(lines: _Lines, nodes: list[_Node], stated: int) -> None:
    """What joins several lines: their number, loads of a pair, the two depots."""
    n = (len(nodes) - 1) // 2
    row = lines.rows[0][0]
    if n < 1:
        lines.refuse(
            row, "", "a depot, one pick-up and one delivery at least", f"{len(nodes)} nodes", "Check the file."
        )
        return
    if stated not in (n, 2 * n, 2 * n + 1, 2 * n + 2):
        lines.refuse(
            row, "nodes", f"{n} (requests) or {2 * n} (nodes), as lines follow", stated, "Check for missing lines."
        )
        return
    for pickup, delivery in zip(nodes[1 : n + 1], nodes[n + 1 : 2 * n + 1], strict=True):
        if pickup.load < 0:
            lines.refuse(pickup.row, "load", "0 or more at a pick-up", pickup.load)
        if delivery.load != -pickup.load:
            lines.refuse(
                delivery.row, "load", f"{-pickup.load}, what its pick-up in row {pickup.row} loads", delivery.load
            )
    depots = [nodes[0], *nodes[2 * n + 1 :]]
    for depot in depots:
        if depot.service or depot.load:
            lines.refuse(depot.row, "service, load", "0 at the depot", f"{depot.service}, {depot.load}")
        if depot.earliest == depot.latest:
            lines.refuse(
                depot.row,
                "earliest, latest",
                "some time between them at the depot",
                f"{depot.earliest}, {depot.latest}",
            )
        if (depot.earliest, depot.latest) != (nodes[0].earliest, nodes[0].latest):
            expected = f"the window of node 0, {nodes[0].earliest}, {nodes[0].latest}"
            lines.refuse(depot.row, "earliest, latest", expected, f"{depot.earliest}, {depot.latest}")


def _steps(value: float) -> int:
    return round(value * SCALE)


def _instance(name: str, header: list[float], nodes: list[_Node]) -> Instance:
    vehicles, _, route_duration, capacity, max_ride = header
    n = (len(nodes) - 1) // 2
    end_place = str(2 * n + 1) if len(nodes) == 2 * n + 2 else "0"
    # Sex "diverse" and one adult: no rule on who may ride together has anything to say, not even a warning.
    party = Party(groups=(People(age=AgeBand.ADULT, sex=Sex.DIVERSE),))

    def stop(i: int) -> Stop:
        node = nodes[i]
        return Stop(
            place=str(i), earliest=_steps(node.earliest), latest=_steps(node.latest), service=_steps(node.service)
        )

    ids = [str(k) for k in range(1, int(vehicles) + 1)]
    return Instance(
        name=name,
        places=tuple(
            Place(id=str(i), name=f"node {i}", lat=node.y, lon=node.x, kind=PlaceKind.NODE)
            for i, node in enumerate(nodes)
        ),
        zabs=(Zab(id="fleet", name="fleet"),),
        vehicles=tuple(
            Vehicle(
                id=k, zab="fleet", configurations=(SeatConfiguration(seats=int(capacity)),), cost_per_km=_COST_PER_KM
            )
            for k in ids
        ),
        crews=tuple(Crew(id=k, zab="fleet", heads=0, officers=0) for k in ids),
        shifts=tuple(
            Shift(id=k, crew=k, start=_steps(nodes[0].earliest), end=_steps(nodes[0].latest), profile="route")
            for k in ids
        ),
        duties=tuple(Duty(id=k, shift=k, vehicle=k, start_place="0", end_place=end_place) for k in ids),
        requests=tuple(
            Request(
                id=str(i),
                pickup=stop(i),
                delivery=stop(n + i),
                party=party,
                load=nodes[i].load,
                max_ride=_steps(max_ride),
                weight=1,
            )
            for i in range(1, n + 1)
        ),
        parameters=replace(
            ParameterSet.neutral(), working_time=(WorkingTime(id="route", max_span=_steps(route_duration)),)
        ),
        stages=(Stage.COST,),
        serve_all=True,
    )


def _travel(nodes: list[_Node]) -> TravelMatrix:
    x, y = np.array([node.x for node in nodes]), np.array([node.y for node in nodes])
    steps = np.rint(np.hypot(x[:, None] - x[None, :], y[:, None] - y[None, :]) * SCALE).astype(np.int64)
    return TravelMatrix(
        places=tuple(str(i) for i in range(len(nodes))),
        seconds=steps,
        metres=steps.copy(),
        sources=np.zeros(steps.shape, dtype=np.uint8),
        tags=("euclidean",),
    )


def _units(instance: Instance, nodes: list[_Node]) -> Units:
    stops: dict[tuple[RequestId, VisitKind], Node] = {}
    for request in instance.requests:
        stops[request.id, VisitKind.PICKUP] = int(request.pickup.place)
        stops[request.id, VisitKind.DELIVERY] = int(request.delivery.place)
    return Units(
        seconds=SCALE,
        metres=SCALE,
        micro_euros=_COST_PER_KM * 10 * SCALE,
        is_decimal=True,
        stop_nodes=stops,
        place_nodes={str(i): i for i in range(len(nodes))},
    )
