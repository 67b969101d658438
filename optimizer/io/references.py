"""References between the records of an instance in our format: every one that leads nowhere, every id given twice.

The model refuses these too, but stops at the first; whoever mends a file by hand wants them all, each at its field.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from optimizer.errors import InputProblem
from optimizer.io.document import path_of, problem

Location = tuple[str | int, ...]

_REFERENCES = (
    ("requests.pickup.place", "places"),
    ("requests.delivery.place", "places"),
    ("requests.excluded", "requests"),
    ("requests.barred_duties", "duties"),
    ("requests.barred_zabs", "zabs"),
    ("requests.pin", "duties"),
    ("vehicles.zab", "zabs"),
    ("crews.zab", "zabs"),
    ("shifts.crew", "crews"),
    ("shifts.profile", "parameters.working_time"),
    ("duties.shift", "shifts"),
    ("duties.vehicle", "vehicles"),
    ("duties.start_place", "places"),
    ("duties.end_place", "places"),
    ("commitments.duty", "duties"),
    ("commitments.promises.request", "requests"),
    ("published.request", "requests"),
    ("published.duty", "duties"),
)
"""A field by its path, lists on the way passed through, and the list that holds the ids it may name."""

_UNIQUE = (
    "places.id",
    "zabs.id",
    "vehicles.id",
    "crews.id",
    "shifts.id",
    "duties.id",
    "requests.id",
    "commitments.duty",
    "parameters.working_time.id",
)


def reference_problems(document: Mapping[str, Any], file: str) -> Iterator[InputProblem]:
    """Say what leads nowhere and what is there twice; ``document`` may be malformed in any other way."""
    instance = document.get("instance")
    for path in _UNIQUE:
        first: dict[str, str] = {}
        for location, name in _texts(instance, path.split("."), ("instance",)):
            where = path_of(location, document)
            if name in first:
                expected, action = "an id of its own", "Rename or remove one of them."
                yield problem(
                    file, "duplicate", where, expected=expected, got=f"{name!r} as {first[name]}", action=action
                )
            first.setdefault(name, where)
    for path, target in _REFERENCES:
        if not _is_list(instance, target.split(".")):
            continue  # said by the typed reading; every reference into it would only say it again
        known = {name for _, name in _texts(instance, [*target.split("."), "id"], ())}
        for location, name in _texts(instance, path.split("."), ("instance",)):
            if name not in known:
                expected, action = f"the id of one of {target}", "Add it or correct the reference."
                yield problem(
                    file, "reference", path_of(location, document), expected=expected, got=repr(name), action=action
                )


def _texts(value: Any, path: list[str], location: Location) -> Iterator[tuple[Location, str]]:
    """Every text at the end of ``path``, with where it stands; what is of another kind is left to the typed reading."""
    if isinstance(value, list):
        for i, child in enumerate(value):
            yield from _texts(child, path, (*location, i))
    elif path and isinstance(value, dict):
        yield from _texts(value.get(path[0]), path[1:], (*location, path[0]))
    elif not path and isinstance(value, str):
        yield location, value


def _is_list(value: Any, path: list[str]) -> bool:
    for step in path:
        value = value.get(step) if isinstance(value, dict) else None
    return isinstance(value, list)
