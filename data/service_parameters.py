"""Parameters that the optimizer does not need: each value with the day from which it holds, and its source.

One dataclass for each table of ``data/parameters/service-<id>.toml``.
"""

from __future__ import annotations

import json
import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any, Generic, TypeVar

from pydantic import ConfigDict, TypeAdapter, ValidationError

from data.catalogue import path
from optimizer.errors import InputProblem, InputRejected, InvalidValue

DEFAULT_SERVICE_PARAMETERS = "service-nrw-2026-01"
"""The set that holds unless another one is named."""
PREFIX = "service-"
"""Files of this kind begin so; all others are parameter sets of the optimizer."""
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Dated(Generic[T]):
    """A value, the day from which it holds, where it comes from, and whether that is law, press or assumption."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    value: T
    valid_from: date
    source: str
    kind: str

    def __post_init__(self) -> None:
        if self.kind not in ("law", "press", "assumption"):
            raise InvalidValue("kind", "law, press or assumption", self.kind)
        if not self.source.strip():
            raise InvalidValue("source", "where the value comes from", self.source)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reports:
    """Table ``[reports]``.

    Parameters
    ----------
    least_group
        Smallest number of cases that is shown outside the authorities; 2 or more.
    closed_after_days
        Days after its end from which on a year's figures may leave the authorities.
    """

    __pydantic_config__ = ConfigDict(extra="forbid")

    least_group: Dated[int]
    closed_after_days: Dated[int]

    def __post_init__(self) -> None:
        _at_least("reports.least_group", self.least_group.value, 2)
        _at_least("reports.closed_after_days", self.closed_after_days.value, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class MasterData:
    """Table ``[master_data]``.

    Parameters
    ----------
    days_ahead
        Days for which the nightly run makes duties of shift patterns.
    longest_range_days
        Days that one call may ask for.
    furthest_days
        Days ahead of today up to which duties are made of shift patterns.
    """

    __pydantic_config__ = ConfigDict(extra="forbid")

    days_ahead: Dated[int]
    longest_range_days: Dated[int]
    furthest_days: Dated[int]

    def __post_init__(self) -> None:
        _at_least("master_data.days_ahead", self.days_ahead.value, 0)
        _at_least("master_data.longest_range_days", self.longest_range_days.value, 1)
        _at_least("master_data.furthest_days", self.furthest_days.value, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceParameters:
    """All of them; each table says what it is for."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    id: str
    reports: Reports
    master_data: MasterData


@cache
def service_parameters(id: str | None = None) -> ServiceParameters:  # noqa: A002
    """Return the set with this id; ``None`` asks for the default. Raises ``InvalidValue`` for an unknown one."""
    wanted = DEFAULT_SERVICE_PARAMETERS if id is None else id
    known = sorted(
        file.name.removesuffix(".toml") for file in path("parameters").iterdir() if file.name.startswith(PREFIX)
    )
    if wanted not in known:
        raise InvalidValue("service parameters", f"one of {known}", wanted)
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
        return TypeAdapter(ServiceParameters).validate_json(json.dumps(tree, default=str), strict=True)
    except tomllib.TOMLDecodeError as error:
        raise InputRejected([_problem("not_toml", file, "", "TOML 1.0", str(error))]) from error
    except ValidationError as error:
        raise InputRejected(
            [
                _problem(
                    "bad_parameter", file, ".".join(str(part) for part in one["loc"]), one["msg"], repr(one["input"])
                )
                for one in error.errors()
            ]
        ) from error  # fmt: skip


def _at_least(name: str, value: int, least: int) -> None:
    if value < least:
        raise InvalidValue(name, f"{least} or more", value)


def _problem(code: str, file: str, parameter: str, expected: str, got: str) -> InputProblem:
    return InputProblem(
        code=code, file=file, row=0, column=parameter, expected=expected, got=got, action="Correct the parameters."
    )
