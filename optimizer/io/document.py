"""JSON documents: read strictly with every error named at its place, written the same byte for byte every time."""

from __future__ import annotations

import json
import reprlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import MISSING, fields, is_dataclass
from enum import Enum
from typing import Any, TypeVar

import numpy as np
from pydantic import TypeAdapter, ValidationError

from optimizer.errors import InputProblem, InputRejected, InvalidValue
from optimizer.model.units import FOREVER
from optimizer.model.value import Value

T = TypeVar("T")

_FOUND = reprlib.Repr()
_FOUND.maxstring = _FOUND.maxother = 60
_FOUND.maxdict = _FOUND.maxlist = 4
_FOUND.maxlevel = 2


_SYNTAX = {
    "Expecting ',' delimiter": "no comma or closing bracket",
    "Expecting ':' delimiter": "no colon behind a name",
    "Expecting property name enclosed in double quotes": "no name in double quotes",
    "Expecting value": "no value",
    "Extra data": "something behind the end",
    "Illegal trailing comma before end of array": "a comma before a closing bracket",
    "Illegal trailing comma before end of object": "a comma before a closing bracket",
    "Invalid control character at": "a line break or tab within a text",
    "Unterminated string starting at": "a text without its closing quote",
}
"""What Python says of broken JSON, as what was found instead of it."""


def problem(
    file: str, code: str, column: str, *, expected: str, got: str, action: str = "", row: int = 0
) -> InputProblem:
    """Return one problem of a document; ``column`` is the path of the field."""
    return InputProblem(code=code, file=file, row=row, column=column, expected=expected, got=got, action=action)


def parse(text: str, file: str) -> dict[str, Any]:
    """Return the object that a JSON text holds, as plain values.

    Raises
    ------
    InputRejected
        Broken JSON (with its line), no object at the top, a name twice in one object, ``NaN`` or ``Infinity``, a whole
        number beyond any horizon.
    """
    doubles: list[InputProblem] = []

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        value = dict(pairs)
        if len(value) < len(pairs):
            names = [name for name, _ in pairs]
            twice = sorted({name for name in names if names.count(name) > 1})
            doubles.append(
                problem(
                    file,
                    "json",
                    "",
                    expected="each name once in an object",
                    got=f"{', '.join(twice)} twice",
                    action="Keep one.",
                )
            )
        return value

    def refuse(token: str) -> Any:
        raise ValueError(f"{token}, which is no number")

    try:
        document = json.loads(text, object_pairs_hook=unique, parse_constant=refuse)
    except json.JSONDecodeError as error:
        what = _SYNTAX.get(error.msg, error.msg)
        got = f"{what} in column {error.colno}" if text.strip() else "an empty file"
        syntax = problem(
            file, "json", "", row=error.lineno, expected="valid JSON", got=got, action="Mend or export it anew."
        )
        raise InputRejected([syntax]) from None
    except ValueError as error:
        raise InputRejected(
            [problem(file, "json", "", expected="valid JSON", got=str(error), action="Correct it.")]
        ) from None
    except RecursionError:
        raise InputRejected(
            [problem(file, "json", "", expected="valid JSON", got="thousands of nested levels")]
        ) from None
    if not isinstance(document, dict):
        doubles.append(problem(file, "json", "", expected="one object { ... }", got=_FOUND.repr(document)))
    doubles.extend(
        problem(file, "range", path_of(location, document), expected=f"at most {FOREVER}", got=_FOUND.repr(number))
        for location, number in _huge(document, ())
    )
    if doubles:
        raise InputRejected(doubles)
    return dict(document)


def _huge(value: Any, location: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], int]]:
    """Whole numbers that 64-bit arithmetic downstream must never see: it would wrap around in silence."""
    if isinstance(value, dict):
        for name, child in value.items():
            yield from _huge(child, (*location, name))
    elif isinstance(value, list):
        if value and all(type(child) is int for child in value):
            if max(value) > FOREVER or min(value) < -FOREVER:
                yield from (((*location, i), n) for i, n in enumerate(value) if abs(n) > FOREVER)
            return
        for i, child in enumerate(value):
            yield from _huge(child, (*location, i))
    elif type(value) is int and abs(value) > FOREVER:
        yield location, value


def typed(adapter: TypeAdapter[T], document: Mapping[str, Any], text: str, file: str) -> T:
    """Return the value that ``adapter`` reads from ``text``, which ``document`` is the parsed form of.

    Read from the text, not from the parsed form: in strict mode only JSON may stand for tuples, sets and enums.

    Raises
    ------
    InputRejected
        One problem for each thing that is wrong.
    """
    try:
        return adapter.validate_json(text)
    except ValidationError as error:
        raise InputRejected(_explain(error, document, file)) from None


def _explain(error: ValidationError, document: Mapping[str, Any], file: str) -> Iterator[InputProblem]:
    for detail in error.errors(include_url=False):
        path = path_of(detail["loc"], document)
        cause = detail.get("ctx", {}).get("error")
        if isinstance(cause, InvalidValue):
            yield invalid(cause, file, path)
        elif detail["type"] == "missing":
            yield problem(file, "missing", path, expected="this field", got="nothing", action="Add it.")
        elif detail["type"] == "union_tag_invalid":
            kinds, tag = detail["ctx"]["expected_tags"], detail["ctx"]["tag"]
            yield problem(file, "value", path, expected=f"a kind of {kinds}", got=repr(tag), action="Correct it.")
        elif detail["type"] in ("extra_forbidden", "unexpected_keyword_argument"):
            yield problem(
                file,
                "unknown",
                path,
                expected="no such field",
                got=_FOUND.repr(detail["input"]),
                action="Remove or rename it.",
            )
        else:
            yield problem(
                file,
                "value",
                path,
                expected=expected_of(detail),
                got=_FOUND.repr(detail["input"]),
                action="Correct it.",
            )


def expected_of(detail: Mapping[str, Any]) -> str:
    """Return what was expected where pydantic found a fault: its message, in the words of our own."""
    if detail["type"] in ("dataclass_type", "dataclass_exact_type"):
        return _object_of(detail["ctx"]["class_name"])
    if detail["type"] == "union_tag_not_found":
        return f"an object with the field {detail['ctx']['discriminator']}"
    # What Python reads as JSON and pydantic does not: half a surrogate pair, hundreds of levels.
    if detail["type"] == "json_invalid":
        return f"valid JSON ({detail['ctx']['error']})"
    return str(detail["msg"]).removeprefix("Value error, ").removeprefix("Input should be ")


def _object_of(name: str) -> str:
    """Return which fields the object has that a value of the model is written as; of a name that is unknown, none."""
    known = [Value]
    for each in known:
        if each.__name__ == name and is_dataclass(each):
            own = [field for field in fields(each) if field.init]
            needed = [f.name for f in own if f.default is MISSING and f.default_factory is MISSING]
            told = f"an object with the fields {', '.join(needed)}" if needed else "an object"
            free = [field.name for field in own if field.name not in needed and field.name != "kind"]
            return f"{told} ({', '.join(free)} may be left out)" if free else told
        known.extend(each.__subclasses__())
    return "an object"


def invalid(cause: InvalidValue, file: str, path: str = "", row: int = 0) -> InputProblem:
    """Return a refusal of the model as a problem of the file."""
    column = f"{path} ({cause.subject})" if path else cause.subject
    return problem(
        file,
        "invalid",
        column,
        row=row,
        expected=cause.expected,
        got=_FOUND.repr(cause.got),
        action=cause.action or "Correct it.",
    )


def path_of(location: Iterable[str | int], document: object) -> str:
    """Return a path such as ``instance.requests[3: R-004].pickup``: with the id, where the element has one."""
    path = ""
    here: Any = document
    for step in location:
        if isinstance(step, int):
            here = here[step] if isinstance(here, list) and step < len(here) else None
            name = here.get("id") if isinstance(here, dict) else None
            path += f"[{step}: {name}]" if isinstance(name, str | int) else f"[{step}]"
        else:
            here = here.get(step) if isinstance(here, dict) else None
            path += f".{step}" if path else step
    return path


def plain(value: object) -> Any:
    """Return ``value`` as what JSON knows: sets become sorted lists, data classes objects, arrays nested lists."""
    if isinstance(value, Enum):
        return value.value
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): plain(child) for key, child in value.items()}
    if isinstance(value, frozenset | set):
        return sorted(plain(child) for child in value)
    if isinstance(value, np.ndarray | np.generic):
        return value.tolist()
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [plain(child) for child in value]
    return value


def layout(value: Any, depth: int = 3, indent: str = "") -> str:
    """Return JSON with one line for each element down to ``depth`` levels, so that files can be compared line by line.

    Deeper values, and lists of plain numbers and words, stay on one line.
    """
    inner = indent + " "
    if depth > 0 and isinstance(value, dict) and value:
        lines = [f"{inner}{_line(name)}: {layout(child, depth - 1, inner)}" for name, child in value.items()]
        return "{\n" + ",\n".join(lines) + f"\n{indent}}}"
    if depth > 0 and isinstance(value, list) and any(isinstance(child, dict | list) for child in value):
        lines = [inner + layout(child, depth - 1, inner) for child in value]
        return "[\n" + ",\n".join(lines) + f"\n{indent}]"
    return _line(value)


def _line(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)
