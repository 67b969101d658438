"""Parameters of the service that the optimizer does not need: numbers of the decree's measures, each with its source.

A set holds from its day on until a newer one does. One table of TOML, and one dataclass, for each subject.
"""

from __future__ import annotations

import json
import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Annotated, Any, ClassVar, Literal

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError

from data.catalogue import path
from optimizer.errors import InputProblem, InputRejected, InvalidValue

_PREFIX = "service-"
"""Files of these sets begin so; all others beside them are parameter sets of the optimizer."""
_STRICT = ConfigDict(extra="forbid")


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One number, where it comes from, and since when it holds."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT

    value: Annotated[int, Field(ge=0)]
    kind: Literal["law", "press", "assumption"]
    source: Annotated[str, Field(min_length=1)]
    valid_from: date


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """Times of something that is applied for at another body; days are of 24 h."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT

    apply_days_before: Parameter
    """Before the flight (or the hand-over), at the latest."""
    decide_days: Parameter
    """From the application to the answer."""
    extension_days: Parameter
    """Further ones, once, where the deciding body needs them."""
    warn_hours_before_pickup: Parameter
    red_hours_before_pickup: Parameter


@dataclass(frozen=True, slots=True, kw_only=True)
class Transit(_Asked):
    """Transit (Durchbeförderung), decided by the Bundespolizei."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Medical(_Asked):
    """Medical reception (medizinische Inempfangnahme), confirmed by an embassy or a foreign body."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceParameters:
    """A set."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT

    id: str
    valid_from: date
    transit: Transit
    medical: Medical


def service_parameter_ids() -> tuple[str, ...]:
    """Return the ids of all sets that ship, in order."""
    names = (file.name for file in path("parameters").iterdir())
    return tuple(sorted(n.removesuffix(".toml") for n in names if n.startswith(_PREFIX) and n.endswith(".toml")))


def service_parameters(day: date) -> ServiceParameters:
    """Return the set in force on a local day.

    Raises
    ------
    InvalidValue
        Where none holds yet.
    """
    held = [each for each in map(_shipped, service_parameter_ids()) if each.valid_from <= day]
    if not held:
        raise InvalidValue("service parameters", "a day on which a set holds", day)
    return max(held, key=lambda each: each.valid_from)


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
        return TypeAdapter(ServiceParameters).validate_json(json.dumps(tree, default=str))
    except ValidationError as error:
        problems = [
            _problem("bad_parameter", file, ".".join(map(str, one["loc"])), one["msg"], repr(one["input"]))
            for one in error.errors()
        ]
        raise InputRejected(problems) from error


@cache
def _shipped(id: str) -> ServiceParameters:  # noqa: A002
    file = f"{id}.toml"
    found = read_service_parameters(path(f"parameters/{file}").read_text(encoding="utf-8"), file=file)
    if found.id != id:
        raise InvalidValue(f"{file}: id", repr(id), found.id, "Name the file after the id.")
    return found


def _problem(code: str, file: str, parameter: str, expected: str, got: str) -> InputProblem:
    return InputProblem(
        code=code, file=file, row=0, column=parameter, expected=expected, got=got, action="Correct the parameters."
    )
