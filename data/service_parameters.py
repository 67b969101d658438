"""Parameters of the decree that the optimizer does not need: TOML files, one frozen dataclass for each of their tables.

Every value has its source; a set holds from its day until the next one begins.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from pydantic import ConfigDict, TypeAdapter, ValidationError
from pydantic import dataclasses as checked

from data.catalogue import path
from optimizer.errors import InputProblem, InputRejected, InvalidValue
from optimizer.model.parameters import Source

PREFIX = "service-"
"""Files of this kind begin so; the others in the folder are the optimizer's parameter sets."""
_STRICT = ConfigDict(strict=True, extra="forbid")


@checked.dataclass(frozen=True, slots=True, kw_only=True, config=_STRICT)
class GateRules:
    """Legal and organisational preconditions of a measure (``[gates]``).

    Parameters
    ----------
    announcement_months
        Months from the announcement after which the pick-up may be (AufenthG § 60a (5a)); 1 or more.
    clearance_hours_before_pickup
        Hours before the pick-up from which a transit that is applied for and undecided blocks; 0 or more.
    may_be_lifted
        Codes of gates that two persons of the owner may lift; never those that a court or a law asks for.
    law
        What each gate rests on, by its code.
    """

    announcement_months: int
    clearance_hours_before_pickup: int
    may_be_lifted: tuple[str, ...]
    law: dict[str, str]

    def __post_init__(self) -> None:
        if self.announcement_months < 1:
            raise InvalidValue("gates.announcement_months", "1 or more", self.announcement_months)
        if self.clearance_hours_before_pickup < 0:
            raise InvalidValue("gates.clearance_hours_before_pickup", "0 or more", self.clearance_hours_before_pickup)
        never = sorted(NEVER_LIFTED & set(self.may_be_lifted))
        if never:
            raise InvalidValue("gates.may_be_lifted", "no gate that a court or a law asks for", never)
        unknown = sorted(set(self.may_be_lifted) - self.law.keys())
        if unknown:
            raise InvalidValue("gates.may_be_lifted", f"codes of {sorted(self.law)}", unknown)


NEVER_LIFTED = frozenset({"court_order", "urgent_application", "announcement", "unaccompanied_minor", "transit"})
"""Whatever a parameter set says: a court's order, a law's term, another body's consent is nobody's to lift."""


@checked.dataclass(frozen=True, slots=True, kw_only=True, config=_STRICT)
class EntryRules:
    """Terms of which whoever enters a request is told where they cannot be kept any more (``[entry]``); days.

    Parameters
    ----------
    transit_apply_days
        Least days between the application for transit and the flight.
    transit_decision_days, transit_decision_extra_days
        The decision comes within the first, or the sum of both.
    dublin_form_days, dublin_form_earliest_days, dublin_form_days_special
        The form of a Dublin transfer: least and most days before the arrival, and with special needs.
    """

    transit_apply_days: int
    transit_decision_days: int
    transit_decision_extra_days: int
    dublin_form_days: int
    dublin_form_earliest_days: int
    dublin_form_days_special: int

    def __post_init__(self) -> None:
        days = {name: getattr(self, name) for name in self.__dataclass_fields__}
        negative = sorted(name for name, value in days.items() if value < 0)
        if negative:
            raise InvalidValue(f"entry.{negative[0]}", "0 or more days", days[negative[0]])
        if not self.dublin_form_days <= self.dublin_form_earliest_days:
            raise InvalidValue(
                "entry.dublin_form_days", f"at most {self.dublin_form_earliest_days} days", self.dublin_form_days
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceParameters:
    """One set: its id, the day from which it holds, its tables, and where each value comes from."""

    id: str
    valid_from: date
    gates: GateRules
    entry: EntryRules
    sources: tuple[Source, ...]


_TABLES: Mapping[str, type[Any]] = {"gates": GateRules, "entry": EntryRules}
"""The dataclass of each table of a file."""


def service_parameter_ids() -> tuple[str, ...]:
    """Return the ids of all sets that ship, in order."""
    files = (file.name for file in path("parameters").iterdir())
    names = (name.removesuffix(".toml") for name in files if name.endswith(".toml"))
    return tuple(sorted(name for name in names if name.startswith(PREFIX)))


@cache
def service_parameters(day: date) -> ServiceParameters:
    """Return the set that holds on ``day``: the last one that began by then, or the first one before any began."""
    sets = sorted((_read(each) for each in service_parameter_ids()), key=lambda each: each.valid_from)
    return next((each for each in reversed(sets) if each.valid_from <= day), sets[0])


@cache
def _read(id: str) -> ServiceParameters:  # noqa: A002
    return read_service_parameters(path(f"parameters/{id}.toml").read_text(encoding="utf-8"), file=f"{id}.toml")


def read_service_parameters(text: str, *, file: str) -> ServiceParameters:
    """Read a set from TOML; ``file`` is the name that errors give.

    Raises
    ------
    InputRejected
        With what is wrong: not TOML, an unknown or missing table or value, a wrong type, a number out of range.
    """
    try:
        tree: dict[str, Any] = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputRejected([_problem("not_toml", file, "", "TOML 1.0", str(error))]) from error
    unknown = sorted(tree.keys() - _TABLES.keys() - {"id", "valid_from", "sources"})
    if unknown:
        raise InputRejected([_problem("bad_parameter", file, unknown[0], f"one of {sorted(_TABLES)}", "unknown")])
    try:
        tables = {name: _of(kind, tree.get(name, {}), name, file) for name, kind in _TABLES.items()}
        return ServiceParameters(
            id=str(tree["id"]),
            valid_from=date.fromisoformat(str(tree["valid_from"])),
            sources=_of(tuple[Source, ...], tree.get("sources", []), "sources", file),
            **tables,
        )
    except (KeyError, ValueError) as error:
        raise InputRejected([_problem("bad_parameter", file, "id, valid_from", "an id and a day", "none")]) from error


def _of(kind: Any, value: Any, name: str, file: str) -> Any:
    try:
        # By way of JSON, where a list may become a tuple although the schema is strict.
        return TypeAdapter(kind).validate_json(json.dumps(value, default=str))
    except ValidationError as error:
        problems = []
        for one in error.errors():
            said = one.get("ctx", {}).get("error")
            if isinstance(said, InvalidValue):
                problems.append(_problem("bad_parameter", file, said.subject, said.expected, repr(said.got)))
            else:
                place = ".".join([name, *(str(part) for part in one["loc"])])
                problems.append(_problem("bad_parameter", file, place, one["msg"], repr(one["input"])))
        raise InputRejected(problems) from error


def _problem(code: str, file: str, parameter: str, expected: str, got: str) -> InputProblem:
    return InputProblem(
        code=code, file=file, row=0, column=parameter, expected=expected, got=got, action="Correct the parameter set."
    )
