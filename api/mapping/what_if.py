"""Scenarios, sweeps and back-tests as they are sent and stored: read strictly, every fault at the path of its field.

The types are the optimizer's own; what is told of a fault is what was expected, never what was sent.
"""

from __future__ import annotations

import json
import re
from collections.abc import Hashable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any, TypeVar, cast

from pydantic import TypeAdapter, ValidationError

from api.errors import Code, FieldError, Problem, text_of
from optimizer.errors import InvalidValue
from optimizer.io.document import plain
from optimizer.model.units import FOREVER
from optimizer.simulate.backtest import Backtest
from optimizer.simulate.outcome import Outcome
from optimizer.simulate.scenario import Scenario
from optimizer.simulate.sweep import Sweep

T = TypeVar("T", Scenario, Sweep, Backtest, Outcome)
_TAGGED = "kind"
_PARTS = "WhatIf"
_UNFIT = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")


@cache
def _adapter(kind: Hashable) -> TypeAdapter[Any]:
    return TypeAdapter(cast("type[Any]", kind))


def schema_of(kind: type[Any]) -> dict[str, Any]:
    """Return the JSON schema of a type, for the description of the API; its parts have names that no body has."""
    schema = TypeAdapter(kind).json_schema()
    text = json.dumps(schema)
    for name in schema.get("$defs", {}):
        text = text.replace(f'"#/$defs/{name}"', f'"#/$defs/{_PARTS}{name}"')
    made: dict[str, Any] = json.loads(text)
    if "$defs" in made:
        made["$defs"] = {f"{_PARTS}{name}": each for name, each in made["$defs"].items()}
    return made


def read(kind: type[T], sent: Mapping[str, Any], where: str) -> T:
    """Return what was sent as a value of the optimizer.

    Parameters
    ----------
    where
        JSON pointer of ``sent`` in the body.

    Raises
    ------
    Problem
        ``body_invalid`` (422) with all faults.
    """
    faults = list(_unfit(sent, where))
    if faults:
        raise _refusal(faults)
    try:
        # From JSON: in strict mode nothing else may stand for tuples, sets and codes.
        found: T = _adapter(cast("Hashable", kind)).validate_json(json.dumps(sent))
    except ValidationError as error:
        faults = list(_faults(error, sent, where))
    else:
        return found
    raise _refusal(faults)


def _refusal(faults: Sequence[FieldError]) -> Problem:
    count = "1 fault" if len(faults) == 1 else f"{len(faults)} faults"
    return Problem(
        Code.BODY_INVALID, f"{count}; nothing was stored. Mend what 'errors' names and send it again.", errors=faults
    )


def _unfit(sent: Any, path: str) -> Iterator[FieldError]:
    """Yield what no database keeps and no solver can reckon with, wherever it stands."""
    if isinstance(sent, Mapping):
        for name, value in sent.items():
            if _UNFIT.search(str(name)):
                yield FieldError(path=path, expected="names of fields without control characters")
            else:
                yield from _unfit(value, f"{path}/{name}")
    elif isinstance(sent, list | tuple):
        for number, value in enumerate(sent):
            yield from _unfit(value, f"{path}/{number}")
    elif isinstance(sent, str) and _UNFIT.search(sent):
        yield FieldError(path=path, expected="text without control characters")
    elif isinstance(sent, int | float) and not abs(sent) <= FOREVER:
        yield FieldError(path=path, expected="a number that is not beyond all days")


def stored(kind: type[T], document: Mapping[str, Any]) -> T:
    """Return a value that ``plain_of`` made a document of."""
    found: T = _adapter(cast("Hashable", kind)).validate_json(json.dumps(document))
    return found


def plain_of(value: Scenario | Sweep | Backtest | Outcome) -> dict[str, Any]:
    """Return a value as a document to be stored."""
    made: dict[str, Any] = plain(value)
    return made


def refused(error: InvalidValue, where: str) -> Problem:
    """Return the answer where a change names what the days have not, as ``optimizer.simulate.scenario.apply`` tells it.

    Ids that would have been right are not told: they may be others'.
    """
    found = re.match(r"scenario .*, change (\d+): (.*)", error.subject, re.DOTALL)
    path = where if found is None else f"{where}/changes/{int(found[1]) - 1}{_field(found[2])}"
    expected = "an id that is there" if error.expected.startswith("an id that is there") else error.expected
    return Problem(
        Code.VALUE_REFUSED, "A scenario names what these days do not have. Correct it, or choose other days.",
        errors=[FieldError(path=path, expected=expected)],
    )  # fmt: skip


def _faults(error: ValidationError, sent: Mapping[str, Any], where: str) -> Iterator[FieldError]:
    for detail in error.errors(include_url=False):
        path = where + _pointer(detail["loc"], sent)
        cause = detail.get("ctx", {}).get("error")
        if isinstance(cause, InvalidValue):
            yield FieldError(path=path + _field(cause.subject), expected=cause.expected, what_to_do=cause.action)
        elif detail["type"] in ("extra_forbidden", "unexpected_keyword_argument"):
            # The name may be somebody's: its place is told instead.
            yield FieldError(path=path.rpartition("/")[0] + "/unknown field", expected="no such field")
        elif detail["type"] == "union_tag_invalid":
            kinds = str(detail["ctx"]["expected_tags"]).replace("'", "")
            yield FieldError(path=f"{path}/{_TAGGED}", expected=f"one of the kinds {kinds}")
        elif detail["type"] == "union_tag_not_found":
            yield FieldError(path=f"{path}/{_TAGGED}", expected="the kind of a change or a study")
        else:
            yield FieldError(path=path, expected=text_of(detail))


def _pointer(location: tuple[int | str, ...], sent: Any) -> str:
    """Return where a fault is; pydantic puts the kind of a change into it as a step that the body does not have."""
    path, here = "", sent
    for step in location:
        if isinstance(step, int):
            here = here[step] if isinstance(here, list) and step < len(here) else None
        elif isinstance(here, dict) and here.get(_TAGGED) == step and step not in here:
            continue
        else:
            here = here.get(step) if isinstance(here, dict) else None
        path += f"/{step}"
    return path


def _field(subject: str) -> str:
    """Return the field that a refusal of the model names, ``sweep.fewest, most`` as ``/fewest``."""
    name = subject.partition(",")[0].rpartition(".")[2].strip()
    return f"/{name}" if re.fullmatch(r"[a-z_]+", name) and "." in subject else ""
