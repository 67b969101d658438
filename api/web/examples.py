"""Examples of bodies, put together from the examples, defaults and codes of their fields."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

_REF = "#/components/schemas/"
_DEEPEST = 12
_OF_FORMAT = {
    "uuid": "01920a3c-7b1e-7cc3-9a41-5d0c8e2f6b10",
    "date-time": "2026-10-05T07:00:00Z",
    "date": "2026-10-05",
    "time": "07:00:00",
}
"""What needs no example of its own."""


class NoExample(Exception):
    """A field of which nobody gave an example; ``path`` leads to it."""

    def __init__(self, path: str) -> None:
        super().__init__(f"Expected an example of {path or 'the body'}: give its Field `examples`.")
        self.path = path


def example_of(schema: Mapping[str, Any], schemas: Mapping[str, Any], path: str = "") -> Any:
    """Return an example of a JSON schema.

    Parameters
    ----------
    schemas
        Named schemas that ``$ref`` leads to.
    path
        Where the schema stands, for the error.

    Raises
    ------
    NoExample
        Where a text that must be there has neither an example nor anything that could be one.
    """
    if path.count("/") > _DEEPEST:
        raise NoExample(path)
    if schema.get("examples"):
        return schema["examples"][0]
    for key in ("example", "const", "default"):
        if key in schema:
            return schema[key]
    if "enum" in schema:
        return schema["enum"][0]
    if "$ref" in schema:
        return example_of(schemas[schema["$ref"].removeprefix(_REF)], schemas, path)
    for key in ("allOf", "anyOf", "oneOf"):
        if key in schema:
            return _of_one(schema[key], schemas, path)
    return _of_type(schema, schemas, path)


def _of_one(among: Sequence[Mapping[str, Any]], schemas: Mapping[str, Any], path: str) -> Any:
    chosen = next(each for each in among if each.get("type") != "null")
    try:
        return example_of(chosen, schemas, path)
    except NoExample:
        if {"type": "null"} in among:
            return None
        raise


def _of_type(schema: Mapping[str, Any], schemas: Mapping[str, Any], path: str) -> Any:
    kind = schema.get("type")
    if kind == "object":
        return _of_object(schema, schemas, path)
    if kind == "array":
        return [example_of(schema.get("items", {}), schemas, f"{path}/0")]
    if kind == "boolean":
        return True
    if kind == "null":
        return None
    if kind in ("integer", "number"):
        least = schema.get("minimum", 1)
        return int(least) if kind == "integer" else least
    if kind == "string" and schema.get("format") in _OF_FORMAT:
        return _OF_FORMAT[schema["format"]]
    raise NoExample(path)


def _of_object(schema: Mapping[str, Any], schemas: Mapping[str, Any], path: str) -> dict[str, Any]:
    made = {}
    required = schema.get("required", ())
    for name, field in schema.get("properties", {}).items():
        try:
            made[name] = example_of(field, schemas, f"{path}/{name}")
        except NoExample:
            if name in required:
                raise
    return made
