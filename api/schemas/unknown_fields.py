"""What is told of a field that no body has: its number, never its name, for the name may be somebody's.

A client that writes ``{"Erika Muster": 1}`` would find the name in the answer, in its logs, and in those of whatever
stands between: so what is there in its place is told instead, with the fields that are known there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from pydantic import TypeAdapter

KIND = "extra_forbidden"
"""What pydantic calls such a fault."""


def unknown_field(place: Sequence[int | str], value: Any, kind: Any) -> tuple[str, str]:
    """Return where an unknown field stands (JSON pointer), and what was expected.

    Parameters
    ----------
    place
        Where pydantic found it, from the body on; the last part is the name.
    value
        The whole body as it was sent.
    kind
        The type of the body.
    """
    *above, name = place
    whole = _schema(kind)
    schemas: list[Mapping[str, Any]] = [whole]
    told: list[str] = []
    for part in above:
        below = _below(value, part)
        if below is None:
            continue  # Not what was sent: which of several bodies was tried.
        value, told = below[0], [*told, str(part)]
        schemas = [found for each in schemas for found in _inside(each, part, whole)]
    names = list(value) if isinstance(value, dict) else []
    number = names.index(name) + 1 if name in names else 0
    known = sorted(
        {field for each in schemas for found in _expanded(each, whole) for field in found.get("properties", ())}
    )
    pointer = "/".join(["", *told, f"unknown field {number}" if number else "unknown field"])
    return pointer, f"one of the fields {', '.join(known)}" if known else "no field here"


@cache
def _schema(kind: Any) -> Mapping[str, Any]:
    return TypeAdapter(kind).json_schema()


def _below(value: Any, part: int | str) -> tuple[Any] | None:
    if isinstance(value, list) and isinstance(part, int) and part < len(value):
        return (value[part],)
    return (value[part],) if isinstance(value, dict) and part in value else None


def _inside(schema: Mapping[str, Any], part: int | str, whole: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for each in _expanded(schema, whole):
        found = each.get("items") if isinstance(part, int) else each.get("properties", {}).get(part)
        if isinstance(found, dict):
            yield found


def _expanded(schema: Mapping[str, Any], whole: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield a schema, or what it refers to, or what it lets choose from."""
    if "$ref" in schema:
        yield from _expanded(whole["$defs"][str(schema["$ref"]).rpartition("/")[2]], whole)
        return
    yield schema
    for choice in ("anyOf", "oneOf", "allOf"):
        for each in schema.get(choice, ()):
            yield from _expanded(each, whole)
