"""TOML files of parameters that become values: one way to read them, and to tell what is wrong with one."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from data.catalogue import path
from optimizer.errors import InputProblem, InputRejected, InvalidValue

T = TypeVar("T")


def shipped_ids() -> tuple[str, ...]:
    """Return the ids of all parameter files that ship, in order."""
    names = (file.name for file in path("parameters").iterdir())
    return tuple(sorted(name.removesuffix(".toml") for name in names if name.endswith(".toml")))


def shipped(id: str, read: Callable[..., T]) -> T:  # noqa: A002
    """Return a file that ships, as ``read`` makes it of text and name.

    Raises
    ------
    InvalidValue
        Where the id in the file is not its name.
    """
    file = f"{id}.toml"
    found = read(path(f"parameters/{file}").read_text(encoding="utf-8"), file=file)
    named = getattr(found, "id", None)
    if named != id:
        raise InvalidValue(f"{file}: id", repr(id), named, "Name the file after the id.")
    return found


def value_of(kind: type[T], text: str, *, file: str, prepared: Callable[[dict[str, Any]], object] | None = None) -> T:
    """Return the value of a TOML text.

    Parameters
    ----------
    file
        The name that errors give.
    prepared
        Changes the tables in place before they are read, where the value has another shape than TOML.

    Raises
    ------
    InputRejected
        With every problem: not TOML, unknown parameter, wrong type, number out of range.
    """
    try:
        tree = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputRejected([_problem("not_toml", file, "", "TOML 1.0", str(error))]) from error
    if prepared is not None:
        prepared(tree)
    try:
        # By way of JSON, where a list may become a tuple and a text a date although the model's schema is strict.
        return TypeAdapter(kind).validate_json(json.dumps(tree, default=str))
    except InvalidValue as error:
        raise InputRejected(
            [_problem("bad_parameter", file, error.subject, error.expected, repr(error.got))]
        ) from error
    except ValidationError as error:
        raise InputRejected([_told(file, dict(one)) for one in error.errors()]) from error


def _told(file: str, one: dict[str, Any]) -> InputProblem:
    said = one.get("ctx", {}).get("error")
    place = ".".join(str(part) for part in one["loc"])
    if isinstance(said, InvalidValue):
        # The subject is a field of the table, a path of its own, or the class of the table: no name in the file.
        field = "" if said.subject[:1].isupper() else said.subject
        subject = field if "." in field else ".".join(filter(None, (place, field)))
        return _problem("bad_parameter", file, subject, said.expected, repr(said.got))
    return _problem("bad_parameter", file, place, one["msg"], repr(one["input"]))


def _problem(code: str, file: str, parameter: str, expected: str, got: str) -> InputProblem:
    return InputProblem(
        code=code, file=file, row=0, column=parameter, expected=expected, got=got, action="Correct the parameter set."
    )
