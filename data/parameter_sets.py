"""Parameter sets: TOML files that become ``optimizer.model.ParameterSet``."""

from __future__ import annotations

import json
import tomllib
from functools import cache
from typing import Any

from pydantic import TypeAdapter, ValidationError

from data.catalogue import path
from optimizer.errors import InputProblem, InputRejected, InvalidValue
from optimizer.model import ParameterSet

DEFAULT_PARAMETER_SET = "nrw-2026-01"
"""The set that holds unless a run names another."""

_TABLES_OF_PAIRS = ("deadline_weights", "strengths")
"""Tables in TOML, pairs in the model."""


def parameter_set_ids() -> tuple[str, ...]:
    """Return the ids of all sets that ship, in order; those of ``service_parameters`` are no such sets."""
    files = (file.name for file in path("parameters").iterdir())
    names = (name.removesuffix(".toml") for name in files if name.endswith(".toml"))
    # Those of the service stand beside them (data/service_parameters.py).
    return tuple(sorted(name for name in names if not name.startswith("service-")))


@cache
def parameter_set(id: str | None = None) -> ParameterSet:  # noqa: A002
    """Return the set with this id; ``None`` asks for the default. Raises ``InvalidValue`` for an unknown one."""
    wanted = DEFAULT_PARAMETER_SET if id is None else id
    if wanted not in parameter_set_ids():
        raise InvalidValue("parameter set", f"one of {list(parameter_set_ids())}", wanted)
    file = f"{wanted}.toml"
    found = read_parameter_set(path(f"parameters/{file}").read_text(encoding="utf-8"), file=file)
    if found.id != wanted:
        raise InvalidValue(f"{file}: id", repr(wanted), found.id, "Name the file after the id.")
    return found


def read_parameter_set(text: str, *, file: str) -> ParameterSet:
    """Read a parameter set from TOML; ``file`` is the name that errors give.

    Raises
    ------
    InputRejected
        With every problem: not TOML, unknown parameter, wrong type, number out of range.
    """
    try:
        tree: dict[str, Any] = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputRejected([_problem("not_toml", file, "", "TOML 1.0", str(error))]) from error
    for table in _TABLES_OF_PAIRS:
        if isinstance(tree.get(table), dict):
            tree[table] = [[key, value] for key, value in tree[table].items()]
    try:
        # By way of JSON, where a list may become a tuple and a text a code although the model's schema is strict.
        return TypeAdapter(ParameterSet).validate_json(json.dumps(tree, default=str))
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
