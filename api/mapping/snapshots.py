"""The snapshot of a simulation as it is stored with its run: a problem, and of days that are over what was known when.

Of days ahead it is a file of the optimizer, to the letter. A history names requests: it is kept, and deleted, with the
problem that has them.
"""

from __future__ import annotations

import json
from functools import cache

from pydantic import TypeAdapter

from optimizer.io.document import plain
from optimizer.io.json import dump_instance, parse_instance
from optimizer.io.problem import Problem as Stated
from optimizer.model import Instance
from optimizer.simulate.running import History
from optimizer.travel import TravelMatrix

_PROBLEM, _HISTORY = "problem", "history"


def written(instance: Instance, travel: TravelMatrix, history: History | None) -> bytes:
    """Return the text of a snapshot; ``history``: of days that are over."""
    text = dump_instance(instance, travel)
    if history is None:
        return text.encode()
    return json.dumps({_HISTORY: plain(history), _PROBLEM: text}).encode()


def read_past(text: bytes, name: str) -> tuple[Stated, History]:
    """Return what ``written`` made of days that are over; ``name`` is what faults are told of."""
    document = json.loads(text)
    return parse_instance(document[_PROBLEM], name), _adapter().validate_json(json.dumps(document[_HISTORY]))


@cache
def _adapter() -> TypeAdapter[History]:
    return TypeAdapter(History)
