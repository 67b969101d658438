"""Parameters of the service that the optimizer does not need: TOML files, a table and a dataclass for each subject.

Each value tells its source and the day from which it holds (``data.service_tables``). A set that was used is never
changed: a new file, with an id and a first day of its own, takes its place.
"""

from __future__ import annotations

import json
import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from pydantic import TypeAdapter, ValidationError, with_config

from data.catalogue import path
from data.service_tables import (
    NEVER_LIFTED,
    STRICT,
    Asked,
    Disclosure,
    Dublin,
    GateRules,
    MasterData,
    Regime,
    Reports,
    Retention,
    Sourced,
)
from optimizer.errors import InputProblem, InputRejected, InvalidValue

__all__ = [
    "NEVER_LIFTED", "Asked", "Disclosure", "Dublin", "GateRules", "MasterData", "Regime", "Reports", "Retention",
    "ServiceParameters", "Sourced", "dublin_rules", "read_service_parameters", "service_parameter_ids",
    "service_parameters",
]  # fmt: skip
PREFIX = "service-"
"""Files of this kind begin so; the others in the folder are the optimizer's parameter sets."""


@with_config(STRICT)
@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceParameters:
    """One set: its id, the day from which it holds, its tables."""

    id: str
    valid_from: date
    gates: GateRules
    transit: Asked
    medical: Asked
    dublin: Dublin
    disclosure: Disclosure
    retention: Retention
    reports: Reports
    master_data: MasterData

    def __post_init__(self) -> None:
        red, closed = self.transit.red_hours_before_pickup, self.gates.clearance_hours_before_pickup
        if red.value != closed.value:
            raise InvalidValue("gates.clearance_hours_before_pickup", f"{red.value}, as of [transit]", closed.value)


def service_parameter_ids() -> tuple[str, ...]:
    """Return the ids of all sets that ship, in order."""
    files = (file.name for file in path("parameters").iterdir())
    names = (name.removesuffix(".toml") for name in files if name.endswith(".toml"))
    return tuple(sorted(name for name in names if name.startswith(PREFIX)))


@cache
def service_parameters(day: date | None = None) -> ServiceParameters:
    """Return the set that holds on a local day: the last one that began by then, or the first before any began.

    ``None`` asks for the newest.
    """
    sets = sorted((_shipped(each) for each in service_parameter_ids()), key=lambda each: each.valid_from)
    return next((each for each in reversed(sets) if day is None or each.valid_from <= day), sets[0])


def dublin_rules() -> Dublin:
    """Return what holds for Dublin transfers and Amtshilfe."""
    return service_parameters().dublin


def read_service_parameters(text: str, *, file: str) -> ServiceParameters:
    """Read a set from TOML; ``file`` is the name that errors give.

    Raises
    ------
    InputRejected
        With every problem: not TOML, unknown parameter, wrong type, number out of range.
    """
    try:
        tree: dict[str, Any] = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputRejected([_problem("not_toml", file, "", "TOML 1.0", str(error))]) from error
    try:
        # By way of JSON, where a list may become a tuple and a text a date although the model's schema is strict.
        return TypeAdapter(ServiceParameters).validate_json(json.dumps(tree, default=str))
    except InvalidValue as error:
        raise InputRejected(
            [_problem("bad_parameter", file, error.subject, error.expected, repr(error.got))]
        ) from error
    except ValidationError as error:
        raise InputRejected([_told(file, dict(one)) for one in error.errors()]) from error


@cache
def _shipped(id: str) -> ServiceParameters:  # noqa: A002
    file = f"{id}.toml"
    found = read_service_parameters(path(f"parameters/{file}").read_text(encoding="utf-8"), file=file)
    if found.id != id:
        raise InvalidValue(f"{file}: id", repr(id), found.id, "Name the file after the id.")
    return found


def _told(file: str, one: dict[str, Any]) -> InputProblem:
    said = one.get("ctx", {}).get("error")
    place = ".".join(str(part) for part in one["loc"])
    if isinstance(said, InvalidValue):
        subject = said.subject if "." in said.subject else ".".join(filter(None, (place, said.subject)))
        return _problem("bad_parameter", file, subject, said.expected, repr(said.got))
    return _problem("bad_parameter", file, place, one["msg"], repr(one["input"]))


def _problem(code: str, file: str, parameter: str, expected: str, got: str) -> InputProblem:
    return InputProblem(
        code=code, file=file, row=0, column=parameter, expected=expected, got=got, action="Correct the parameter set."
    )
