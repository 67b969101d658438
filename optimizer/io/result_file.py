"""RESULT.json: the answer of a run in the terms of the file that was solved, and read back.

Times, lengths and costs are in the file's own unit (``Problem.units``): for our own format whole seconds, whole metres
and euros; for a literature format decimal numbers. That holds for the visits, for ``cost``, for the terms of
``objective`` and for ``value`` and ``bound`` of the stages alike, so that the stage ``cost`` and ``cost`` agree.

A visit tells its ``node`` (node number or ``<request>:pickup``; for a depot or a break what the file calls the place,
``null`` for a duty without depot), its ``request`` (``null`` but at pick-ups and deliveries), ``kind`` (``start``,
``pickup``, ``delivery``, ``break``, ``end``), ``arrival``, ``start``, ``departure`` and, where passengers rested on the
drive to it, the number of ``rests``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from functools import cache
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, TypeAdapter

from optimizer.errors import InputProblem, InputRejected, InvalidValue
from optimizer.io.document import invalid, layout, parse, plain, problem, typed
from optimizer.io.files import read_text, write_text
from optimizer.io.problem import Node, Problem, Units
from optimizer.model import CostTerms, Promise, Solution, Stage, Tour, Visit, VisitKind
from optimizer.model.units import DutyId, PlaceId, RequestId
from optimizer.model.value import Value
from optimizer.result import Reason, Result, StageResult, Status, Unserved

FORMAT = "restplatz-result"
VERSION = 1

_TIMES = frozenset({"custody", "night", "crew_seconds", "rest_seconds"})
_LENGTHS = frozenset({"metres"})
_COSTS = frozenset({"cost"})

_Number = Annotated[float, Field(allow_inf_nan=False, ge=-1e12, le=1e12)]


# --- writing ----------------------------------------------------------------------------------------------------------


def dump_result(result: Result, stated: Problem) -> str:
    """Return the text of RESULT.json; the same byte for byte for equal results."""
    units = stated.units
    document = {
        "format": FORMAT,
        "version": VERSION,
        "instance": stated.instance.name,
        "problem": stated.fingerprint,
        "status": result.status.value,
        "stages": [
            {
                "name": stage.name.value,
                "value": tell(stage.name.value, stage.value, units),
                "bound": tell(stage.name.value, stage.bound, units),
                "gap": stage.gap,
                "proven": stage.proven,
            }
            for stage in result.stages
        ],
        "gap": result.gap,
        "objective": None if result.objective is None else tell_terms(result.objective, units),
        "cost": None if result.objective is None else units.cost(result.objective.cost),
        "tours": [
            {"duty": tour.duty, "visits": [_tell_visit(visit, units) for visit in tour.visits]}
            for tour in result.solution.tours
        ],
        "unserved": plain(result.unserved),
        "statistics": plain(result.statistics),
        "complete": result.complete,
    }
    return layout(document, depth=4) + "\n"


def write_result(path: Path, result: Result, stated: Problem) -> None:
    """Write RESULT.json, whole or not at all; raises ``OSError`` as the system says it."""
    write_text(path, dump_result(result, stated))


def tell_terms(terms: CostTerms, units: Units) -> dict[str, int | float]:
    """Return the terms of an objective by name, in the file's units."""
    return {term.name: tell(term.name, getattr(terms, term.name), units) for term in fields(terms)}


def tell(term: str, value: int, units: Units) -> int | float:
    """Return the value of a term or of the stage of this name in the file's units."""
    if term in _TIMES:
        return units.time(value)
    if term in _LENGTHS:
        return units.length(value)
    return units.cost(value) if term in _COSTS else value


def _tell_visit(visit: Visit, units: Units) -> dict[str, object]:
    told: dict[str, object] = {
        "node": _node(visit, units),
        "request": visit.request,
        "kind": visit.kind.value,
        "arrival": units.time(visit.arrival),
        "start": units.time(visit.start),
        "departure": units.time(visit.departure),
    }
    return told | {"rests": visit.rests} if visit.rests else told


def _node(visit: Visit, units: Units) -> Node | None:
    if visit.request is not None:
        return units.stop_nodes[visit.request, visit.kind]
    return None if visit.place is None else units.place_nodes[visit.place]


# --- reading ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredResult:
    """A result as read from a file, with the figures that the file tells a second time."""

    result: Result
    gap: float
    cost: float | None
    problem: str | None = None
    """``Problem.fingerprint`` of what it answers; ``None`` in files from before it was told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Visit(Value):
    node: Node | None
    request: RequestId | None
    kind: VisitKind
    arrival: _Number
    start: _Number
    departure: _Number
    rests: Annotated[int, Field(ge=0, le=1000)] = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Tour(Value):
    duty: DutyId
    visits: tuple[_Visit, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stage(Value):
    name: Stage
    value: _Number
    bound: _Number
    gap: _Number
    proven: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Document(Value):
    """The whole file; fields that it has beyond these are no one's business here and are dropped before."""

    status: Status
    stages: tuple[_Stage, ...]
    gap: _Number
    objective: dict[str, _Number] | None
    cost: _Number | None
    tours: tuple[_Tour, ...]
    unserved: tuple[Unserved, ...]
    complete: bool
    statistics: dict[str, Any] = field(default_factory=dict)
    problem: str | None = None


@cache
def _adapter() -> TypeAdapter[_Document]:
    return TypeAdapter(_Document)


def _document(path: Path, file: str) -> _Document:
    document = parse(read_text(path), file)
    if document.get("format", FORMAT) != FORMAT or document.get("version", VERSION) != VERSION:
        got = f"{document.get('format')!r} {document.get('version')!r}"
        raise InputRejected([problem(file, "format", "format, version", expected=f"{FORMAT!r} {VERSION}", got=got)])
    known = {name: document[name] for name in (term.name for term in fields(_Document)) if name in document}
    return typed(_adapter(), known, json.dumps(known), file)


def read_result(path: Path, stated: Problem) -> StoredResult:
    """Read RESULT.json back; numbers go to the nearest step of the model.

    Only the form is judged here: whether the plan keeps the rules is the checker's question, whether the figures are
    true that of ``optimizer.io.claims``.

    Raises
    ------
    InputRejected
        One problem for each thing that is wrong: fields, unknown duties and requests, nodes that are not those of the
        request, visits before they are reached.
    """
    file = str(path)
    read = _document(path, file)
    reader = _Reader(stated, file)
    tours = tuple(reader.tour(tour, f"tours[{i}]") for i, tour in enumerate(read.tours))
    problems = [*reader.problems, *_term_problems(read, file), *_unknown_requests(read, stated, file)]
    if problems:
        raise InputRejected(problems)
    units = stated.units
    terms = {name: _meant(name, value, units) for name, value in (read.objective or {}).items()}
    return StoredResult(
        result=Result(
            status=read.status,
            stages=tuple(
                StageResult(
                    name=stage.name,
                    value=_meant(stage.name.value, stage.value, units),
                    bound=_meant(stage.name.value, stage.bound, units),
                    proven=stage.proven,
                )
                for stage in read.stages
            ),
            objective=None if read.objective is None else CostTerms(**terms),
            solution=Solution(tours=tours),
            unserved=read.unserved,
            complete=read.complete,
            statistics=read.statistics,
        ),
        gap=read.gap,
        cost=read.cost,
        problem=read.problem,
    )


def see_that_it_answers(stored: StoredResult, stated: Problem, path: Path) -> None:
    """Refuse the result of another day, or of another state of this one: its reasons would be told of the wrong one.

    Raises
    ------
    InputRejected
    """
    if stored.problem not in (None, stated.fingerprint):
        action = "Name the file that was solved, or solve this one anew."
        expected = f"the result of {stated.instance.name} as this file has it ({stated.fingerprint})"
        raise InputRejected(
            [problem(str(path), "reference", "problem", expected=expected, got=str(stored.problem), action=action)]
        )


def read_stops(path: Path, units: Units) -> dict[DutyId, tuple[Promise, ...]]:
    """Read the stops of each tour, in their order: what a later problem needs of a plan, whatever is gone since.

    Raises
    ------
    InputRejected
        Where the form is wrong, or a duty is told twice.
    """
    file = str(path)
    read = _document(path, file)
    stops: dict[DutyId, tuple[Promise, ...]] = {}
    for i, tour in enumerate(read.tours):
        if tour.duty in stops:
            raise InputRejected([problem(file, "duplicate_id", f"tours[{i}].duty", expected="one tour", got=tour.duty)])
        stops[tour.duty] = tuple(
            Promise(request=visit.request, kind=visit.kind, start=units.to_seconds(visit.start))
            for visit in tour.visits
            if visit.request is not None and visit.kind in (VisitKind.PICKUP, VisitKind.DELIVERY)
        )
    return stops


def _meant(term: str, value: float, units: Units) -> int:
    if term in _TIMES:
        return units.to_seconds(value)
    if term in _LENGTHS:
        return units.to_metres(value)
    return units.to_micro_euros(value) if term in _COSTS else round(value)


class _Reader:
    """Turns the tours of the file into those of the model and collects what does not fit the problem."""

    def __init__(self, stated: Problem, file: str) -> None:
        self.problems: list[InputProblem] = []
        self._file = file
        self._units = stated.units
        self._duties = {duty.id for duty in stated.instance.duties}
        self._places = {(r.id, VisitKind.PICKUP): r.pickup.place for r in stated.instance.requests}
        self._places |= {(r.id, VisitKind.DELIVERY): r.delivery.place for r in stated.instance.requests}
        self._place_by_node = {node: place for place, node in stated.units.place_nodes.items()}

    def tour(self, tour: _Tour, path: str) -> Tour:
        if tour.duty not in self._duties:
            expected = "a duty of the problem"
            self.problems.append(
                problem(self._file, "reference", f"{path}.duty", expected=expected, got=repr(tour.duty))
            )
        visits = []
        for i, visit in enumerate(tour.visits):
            try:
                visits.append(self._visit(visit))
            except InvalidValue as error:
                self.problems.append(invalid(error, self._file, f"{path}.visits[{i}]"))
        return Tour(duty=tour.duty, visits=tuple(visits))

    def _visit(self, visit: _Visit) -> Visit:
        return Visit(
            kind=visit.kind,
            place=self._place(visit),
            request=visit.request,
            arrival=self._units.to_seconds(visit.arrival),
            start=self._units.to_seconds(visit.start),
            departure=self._units.to_seconds(visit.departure),
            rests=visit.rests,
        )

    def _place(self, visit: _Visit) -> PlaceId | None:
        if visit.kind in (VisitKind.PICKUP, VisitKind.DELIVERY):
            stop = (visit.request or "", visit.kind)
            if stop not in self._places:
                raise InvalidValue("request", "a request of the problem", visit.request)
            if visit.node != self._units.stop_nodes[stop]:
                expected = f"{self._units.stop_nodes[stop]!r} at the {visit.kind.value} of request {visit.request}"
                raise InvalidValue("node", expected, visit.node)
            return self._places[stop]
        if visit.request is not None:
            raise InvalidValue("request", f"none at a visit of kind {visit.kind.value}", visit.request)
        if visit.node is None and visit.kind in (VisitKind.START, VisitKind.END):
            return None
        if visit.node is None or visit.node not in self._place_by_node:
            raise InvalidValue("node", "a place of the problem", visit.node)
        return self._place_by_node[visit.node]


def _term_problems(read: _Document, file: str) -> Iterator[InputProblem]:
    told = [(f"objective.{name}", name, value) for name, value in (read.objective or {}).items()]
    told += [(f"stages[{i}].value", stage.name.value, stage.value) for i, stage in enumerate(read.stages)]
    for path, name, value in told:
        if name not in _TIMES | _LENGTHS | _COSTS and value != int(value):
            yield problem(file, "value", path, expected="a whole number", got=str(value), action="Correct it.")
    if read.objective is None:
        return
    names = {term.name for term in fields(CostTerms)}
    for name in sorted(names - set(read.objective)):
        yield problem(file, "missing", f"objective.{name}", expected="this term", got="nothing", action="Add it.")
    for name in sorted(set(read.objective) - names):
        yield problem(file, "unknown", f"objective.{name}", expected="no such term", got=str(read.objective[name]))


def _unknown_requests(read: _Document, stated: Problem, file: str) -> Iterator[InputProblem]:
    known = {request.id for request in stated.instance.requests}
    for i, unserved in enumerate(read.unserved):
        if unserved.request not in known:
            expected = "a request of the problem"
            yield problem(file, "reference", f"unserved[{i}].request", expected=expected, got=repr(unserved.request))


def reasons_of(stored: StoredResult, stated: Problem) -> Mapping[RequestId, tuple[Reason, ...]]:
    """Return the reasons of each request that the plan leaves out, in the order of the result.

    Requests that the result forgets to list come last, without reasons: who asks must not be told that all are served.
    """
    reasons = {unserved.request: unserved.reasons for unserved in stored.result.unserved}
    carried = stored.result.solution.served | {
        promise.request for commitment in stated.instance.commitments for promise in commitment.promises
    }
    forgotten: dict[RequestId, tuple[Reason, ...]] = {
        request.id: ()
        for request in stated.instance.requests
        if request.id not in carried and request.id not in reasons
    }
    return reasons | forgotten
