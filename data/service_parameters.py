"""Parameters of the service that the optimizer does not need: a TOML file, a table and a dataclass for each subject.

Each value tells its source and the day from which it holds. A set that was used is never changed: a new file takes its
place.
"""

from __future__ import annotations

import json
import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any, Generic, Literal, TypeVar

from pydantic import ConfigDict, TypeAdapter, ValidationError, with_config

from data.catalogue import path
from optimizer.errors import InputProblem, InputRejected, InvalidValue

SERVICE_PARAMETERS = "service-nrw-2026-01"
"""The set that holds."""
T = TypeVar("T")
_STRICT = ConfigDict(extra="forbid", strict=True)


@with_config(_STRICT)
@dataclass(frozen=True, slots=True, kw_only=True)
class Sourced(Generic[T]):
    """A value, its source, the kind of that (``law``, ``press``, ``assumption``), the first local day it holds on."""

    value: T
    kind: Literal["law", "press", "assumption"]
    source: str
    valid_from: date

    def __post_init__(self) -> None:
        if not self.source.strip():
            raise InvalidValue("source", "the law and paragraph, or 'assumption'", self.source)


@with_config(_STRICT)
@dataclass(frozen=True, slots=True, kw_only=True)
class Regime:
    """A law that sets the deadline of a measure.

    Parameters
    ----------
    id
        Its code, as ``604/2013``.
    german, english
        What it is called.
    source
        Law and article.
    valid_from, valid_until
        First and last local day on which a deadline of it may fall; ``None``: no end is known.
    """

    id: str
    german: str
    english: str
    source: str
    valid_from: date
    valid_until: date | None = None

    def is_valid_on(self, day: date) -> bool:
        """Whether a deadline of this regime may fall on a local day."""
        return self.valid_from <= day and (self.valid_until is None or day <= self.valid_until)


@with_config(_STRICT)
@dataclass(frozen=True, slots=True, kw_only=True)
class Dublin:
    """Dublin transfers and Amtshilfe (decree of 26.02.2024, measure 4); days are local days.

    Parameters
    ----------
    routing
        Whether Dublin transfers from state facilities go first to the ZAB of the facility's Bezirk.
    form_earliest_days, form_latest_days
        The form goes out at most, and at least, so many days before the arrival.
    form_special_latest_days
        At least so many for special needs and for unaccompanied minors.
    form_special_reminder_days
        From so many days before the arrival on it is told to be due there.
    deadline_near_days
        A case with so few days left is warned of.
    amtshilfe_examine_days
        Days in which the ZAB of the Bezirk of assignment examines.
    regimes
        Laws that set deadlines.
    """

    routing: Sourced[bool]
    form_earliest_days: Sourced[int]
    form_latest_days: Sourced[int]
    form_special_latest_days: Sourced[int]
    form_special_reminder_days: Sourced[int]
    deadline_near_days: Sourced[int]
    amtshilfe_examine_days: Sourced[int]
    regimes: tuple[Regime, ...]

    def __post_init__(self) -> None:
        if not 0 <= self.form_latest_days.value <= self.form_earliest_days.value:
            raise InvalidValue(
                "form_latest_days", "0 or more, and no more than form_earliest_days", self.form_latest_days
            )
        if not 0 <= self.form_special_latest_days.value <= self.form_special_reminder_days.value:
            raise InvalidValue(
                "form_special_latest_days", "0 or more, and no more than form_special_reminder_days",
                self.form_special_latest_days,
            )  # fmt: skip
        for name in ("deadline_near_days", "amtshilfe_examine_days"):
            if getattr(self, name).value < 0:
                raise InvalidValue(name, "0 days or more", getattr(self, name).value)
        ids = [regime.id for regime in self.regimes]
        if len(ids) != len(set(ids)) or not ids:
            raise InvalidValue("regimes", "one or more, each id once", ids)

    def regime(self, id: str) -> Regime | None:  # noqa: A002
        """Return the regime with this id."""
        return next((regime for regime in self.regimes if regime.id == id), None)


@with_config(_STRICT)
@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceParameters:
    """All of them, by subject."""

    id: str
    valid_from: date
    dublin: Dublin


@cache
def service_parameters() -> ServiceParameters:
    """Return the set that holds."""
    file = f"{SERVICE_PARAMETERS}.toml"
    found = read_service_parameters(path(f"parameters/{file}").read_text(encoding="utf-8"), file=file)
    if found.id != SERVICE_PARAMETERS:
        raise InvalidValue(f"{file}: id", repr(SERVICE_PARAMETERS), found.id, "Name the file after the id.")
    return found


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
        problems = [
            _problem("bad_parameter", file, ".".join(str(part) for part in one["loc"]), one["msg"], repr(one["input"]))
            for one in error.errors()
        ]
        raise InputRejected(problems) from error


def _problem(code: str, file: str, parameter: str, expected: str, got: str) -> InputProblem:
    return InputProblem(
        code=code, file=file, row=0, column=parameter, expected=expected, got=got, action="Correct the parameter set."
    )
