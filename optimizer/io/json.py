"""Our own format: one JSON document with the instance and its travel times. The model itself is the schema.

``{"format": "restplatz-instance", "version": 1, "instance": {...}, "travel": {...}}``. ``instance`` has the fields of
``optimizer.model.Instance``; ``travel`` those of ``TravelMatrix``, the arrays as lists of rows.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydantic import TypeAdapter

from optimizer.errors import InputProblem, InputRejected, InvalidValue
from optimizer.io.document import invalid, layout, parse, plain, problem, typed
from optimizer.io.files import read_text, write_text
from optimizer.io.problem import Node, Problem, Units
from optimizer.io.references import reference_problems
from optimizer.model import Instance, VisitKind
from optimizer.model.units import PlaceId, RequestId
from optimizer.model.value import Value
from optimizer.travel.matrix import TravelMatrix

FORMAT = "restplatz-instance"
VERSION = 1

_Rows = tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Travel(Value):
    """The travel times as they stand in the file."""

    places: tuple[PlaceId, ...]
    seconds: _Rows
    metres: _Rows
    sources: _Rows
    tags: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Document(Value):
    """The whole file."""

    format: str
    version: int
    instance: Instance
    travel: _Travel


@cache
def _adapter() -> TypeAdapter[_Document]:
    return TypeAdapter(_Document)


def read_instance(path: Path) -> Problem:
    """Read a file of our format.

    Raises
    ------
    InputRejected
        Every problem of the file that can be told apart: unreadable, broken JSON, another format or version; otherwise
        one for each field that is wrong, each reference that leads nowhere and each id given twice. What else joins
        several fields (commitments, the shape of the matrix) is looked at once the fields are right by themselves.
    """
    return parse_instance(read_text(path), str(path))


def parse_instance(text: str, file: str) -> Problem:
    """Read the text of a file of our format; ``file`` is its name in messages. Raises as ``read_instance`` does."""
    document = parse(text, file)
    if document.get("format") != FORMAT:
        raise InputRejected([_wrong_header(file, "format", FORMAT, document.get("format"))])
    if document.get("version") != VERSION or isinstance(document["version"], bool):
        raise InputRejected([_wrong_header(file, "version", VERSION, document.get("version"))])
    try:
        stated = typed(_adapter(), document, text, file)
    except InputRejected as error:
        found = list(reference_problems(document, file))
        # The model's own word on the instance as a whole is then the first of these once more, told less exactly.
        others = [each for each in error.problems if not (found and each.column.startswith("instance ("))]
        raise InputRejected([*others, *found]) from None
    problems = list(_shape_problems(stated.travel, file)) or list(_missing_places(stated, file))
    if problems:
        raise InputRejected(problems)
    try:
        travel = _matrix(stated.travel)
    except InvalidValue as error:
        raise InputRejected([invalid(error, file, "travel")]) from None
    return Problem(instance=stated.instance, travel=travel, units=instance_units(stated.instance))


def _wrong_header(file: str, column: str, expected: str | int, got: object) -> InputProblem:
    action = (
        "Name the right --format, or export the file anew."
        if column == "format"
        else "Use the programme that wrote it."
    )
    found = "nothing" if got is None else repr(got)
    return problem(file, "format", column, expected=repr(expected), got=found, action=action)


def _shape_problems(travel: _Travel, file: str) -> Iterator[InputProblem]:
    size = len(travel.places)
    for name, rows in (("seconds", travel.seconds), ("metres", travel.metres), ("sources", travel.sources)):
        if len(rows) != size:
            yield problem(
                file, "shape", f"travel.{name}", expected=f"{size} rows, one for each place", got=str(len(rows))
            )
        for i, row in enumerate(rows):
            if len(row) != size:
                yield problem(file, "shape", f"travel.{name}[{i}]", expected=f"{size} values", got=str(len(row)))
    for i, row in enumerate(travel.sources):
        if row and not 0 <= min(row) <= max(row) < min(256, len(travel.tags)):
            expected = f"indices of the {len(travel.tags)} tags"
            yield problem(file, "value", f"travel.sources[{i}]", expected=expected, got=f"{min(row)} to {max(row)}")


def _missing_places(stated: _Document, file: str) -> Iterator[InputProblem]:
    known = set(stated.travel.places)
    for place in stated.instance.places:
        if place.id not in known:
            action = "Compute the matrix for all places."
            yield problem(
                file, "reference", "travel.places", expected=f"place {place.id}", got="no such place", action=action
            )


def _matrix(travel: _Travel) -> TravelMatrix:
    shape = (len(travel.places), len(travel.places))

    def square(rows: _Rows) -> NDArray[np.int64]:
        return np.array(rows, dtype=np.int64).reshape(shape)

    return TravelMatrix(
        places=travel.places,
        seconds=square(travel.seconds),
        metres=square(travel.metres),
        sources=square(travel.sources).astype(np.uint8),
        tags=travel.tags,
    )


def instance_units(instance: Instance) -> Units:
    """Return how results speak of an instance of ours: whole seconds, euros, ``<request>:pickup``, ids of places."""
    stops: dict[tuple[RequestId, VisitKind], Node] = {}
    for request in instance.requests:
        for kind in (VisitKind.PICKUP, VisitKind.DELIVERY):
            stops[request.id, kind] = f"{request.id}:{kind.value}"
    return Units(stop_nodes=stops, place_nodes={place.id: place.id for place in instance.places})


def dump_instance(instance: Instance, travel: TravelMatrix) -> str:
    """Return the text of a file of our format: the same byte for byte for equal values."""
    document = {"format": FORMAT, "version": VERSION, "instance": plain(instance), "travel": plain(travel)}
    return layout(document) + "\n"


def write_instance(path: Path, instance: Instance, travel: TravelMatrix) -> None:
    """Write a file of our format, whole or not at all; raises ``OSError`` as the system says it."""
    write_text(path, dump_instance(instance, travel))
