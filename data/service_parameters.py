"""Parameters of the service: numbers of the decree and of data protection that the optimizer does not need.

One dataclass for each table of ``data/parameters/service-*.toml``; each value knows its source and since when it holds.
"""

from __future__ import annotations

import json
import tomllib
from dataclasses import dataclass, fields
from datetime import date
from functools import cache
from typing import Any

from pydantic import TypeAdapter, ValidationError

from data.catalogue import path
from optimizer.errors import InputProblem, InputRejected, InvalidValue

PREFIX = "service-"
"""Files of this prefix hold parameters of the service; the others are sets of the optimizer."""
DEFAULT_SERVICE_PARAMETERS = "service-nrw-2026-01"
"""The set that holds unless another is named."""
_KINDS = frozenset({"law", "press", "assumption"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """A number with its source; the unit stands in its name.

    Parameters
    ----------
    value
        At least 0.
    kind
        ``law``, ``press`` or ``assumption``.
    valid_from
        First day on which it holds.
    """

    value: int
    source: str
    kind: str
    valid_from: date

    def __post_init__(self) -> None:
        """Refuse what cannot be."""
        if self.value < 0:
            raise InvalidValue("value", "a number of at least 0", self.value)
        if not self.source.strip():
            raise InvalidValue("source", "where the number comes from", self.source)
        if self.kind not in _KINDS:
            raise InvalidValue("kind", f"one of {sorted(_KINDS)}", self.kind)


@dataclass(frozen=True, slots=True, kw_only=True)
class Disclosure:
    """How far staged fields and figures are told.

    Parameters
    ----------
    after_end_hours
        Hours after the end for which the ZAB that carried may still read the address.
    least_group
        Requests that a group has at least whose number is told.
    """

    after_end_hours: Number
    least_group: Number


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """How long things are kept.

    Parameters
    ----------
    address_hours
        Hours after the end of a request for which its address is kept.
    request_days
        Days after the end of a request for which it is kept, with all that hangs on it.
    run_days
        Days after its begin for which the input, the answer and the progress of a run are kept; at most
        ``request_days``, so that a request never outlives itself in the input of a run.
    message_days
        Days for which messages to the outside are kept.
    log_years
        Whole calendar years for which a line of the log is kept after the end of its own.
    statistics_days
        Days after the end of a month from which on its figures are shown, and change no more.
    """

    address_hours: Number
    request_days: Number
    run_days: Number
    message_days: Number
    log_years: Number
    statistics_days: Number

    def __post_init__(self) -> None:
        """Refuse periods by which something would outlive what it is about."""
        if self.run_days.value > self.request_days.value:
            raise InvalidValue(
                "run_days", f"at most {self.request_days.value}, the days of a request", self.run_days.value
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceParameters:
    """A set of parameters of the service."""

    id: str
    valid_from: date
    disclosure: Disclosure
    retention: Retention

    def numbers(self) -> dict[str, Number]:
        """Return all numbers by ``table.name``."""
        found = {}
        for table in fields(self):
            held = getattr(self, table.name)
            if hasattr(held, "__dataclass_fields__"):
                found.update({f"{table.name}.{each.name}": getattr(held, each.name) for each in fields(held)})
        return found


def service_parameter_ids() -> tuple[str, ...]:
    """Return the ids of all sets that ship, in order."""
    names = (file.name for file in path("parameters").iterdir())
    return tuple(sorted(n.removesuffix(".toml") for n in names if n.startswith(PREFIX) and n.endswith(".toml")))


@cache
def service_parameters(id: str | None = None) -> ServiceParameters:  # noqa: A002
    """Return the set with this id; ``None`` asks for the default. Raises ``InvalidValue`` for an unknown one."""
    wanted = DEFAULT_SERVICE_PARAMETERS if id is None else id
    if wanted not in service_parameter_ids():
        raise InvalidValue("service parameters", f"one of {list(service_parameter_ids())}", wanted)
    file = f"{wanted}.toml"
    found = read_service_parameters(path(f"parameters/{file}").read_text(encoding="utf-8"), file=file)
    if found.id != wanted:
        raise InvalidValue(f"{file}: id", repr(wanted), found.id, "Name the file after the id.")
    return found


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
    known = {each.name for each in fields(ServiceParameters)}
    unknown = [
        _problem("bad_parameter", file, name, f"one of {sorted(known)}", name) for name in tree if name not in known
    ]
    if unknown:
        raise InputRejected(unknown)
    try:
        # By way of JSON, where a day may be told as text although nothing else is taken for what it is not.
        text = json.dumps(tree, default=str)
        return TypeAdapter(ServiceParameters).validate_json(text, strict=True, extra="forbid")
    except InvalidValue as error:
        raise InputRejected(
            [_problem("bad_parameter", file, error.subject, error.expected, repr(error.got))]
        ) from error
    except ValidationError as error:
        problems = [
            _problem("bad_parameter", file, ".".join(str(part) for part in one["loc"]), one["msg"], repr(one["input"]))
            for one in error.errors()
        ]
        raise InputRejected(problems) from error


def _problem(code: str, file: str, parameter: str, expected: str, got: str) -> InputProblem:
    return InputProblem(
        code=code, file=file, row=0, column=parameter, expected=expected, got=got, action="Correct the parameter set."
    )
