"""A problem as a file states it: the instance, its travel times, and how to speak of it in the file's own terms."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import TypeAlias

import numpy as np

from optimizer.io.document import layout, plain
from optimizer.model import Instance, VisitKind
from optimizer.model.units import Metres, MicroEuros, PlaceId, RequestId, Seconds
from optimizer.travel.matrix import TravelMatrix

Node: TypeAlias = int | str
"""What the file itself calls a stop or a depot: its node number, or a name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Units:
    """How the integers of the model become the numbers of the file, and back.

    Parameters
    ----------
    seconds
        Seconds of the model in one unit of time of the file (a literature format may count finer than seconds: the
        model's "second" is then merely its smallest step).
    metres
        Metres of the model in one unit of length of the file.
    micro_euros
        Micro-euros of the model in one unit of cost of the file.
    is_decimal
        Whether times and lengths are told as decimal numbers; whole seconds and metres otherwise. Cost always is.
    stop_nodes
        What the file calls the pick-up and the delivery of each request.
    place_nodes
        What the file calls a place where a tour begins, ends or takes its break.
    """

    seconds: Seconds = 1
    metres: Metres = 1
    micro_euros: MicroEuros = 1_000_000
    is_decimal: bool = False
    stop_nodes: Mapping[tuple[RequestId, VisitKind], Node]
    place_nodes: Mapping[PlaceId, Node]

    def time(self, seconds: Seconds) -> int | float:
        """Return an instant or a duration in the file's unit; inverse of ``to_seconds``."""
        return seconds / self.seconds if self.is_decimal else seconds

    def length(self, metres: Metres) -> int | float:
        """Return a distance in the file's unit; inverse of ``to_metres``."""
        return metres / self.metres if self.is_decimal else metres

    def cost(self, micro_euros: MicroEuros) -> float:
        """Return a cost in the file's unit; inverse of ``to_micro_euros``."""
        return micro_euros / self.micro_euros

    def to_seconds(self, time: float) -> Seconds:
        """Return the nearest whole second of the model."""
        return round(time * self.seconds)

    def to_metres(self, length: float) -> Metres:
        """Return the nearest whole metre of the model."""
        return round(length * self.metres)

    def to_micro_euros(self, cost: float) -> MicroEuros:
        """Return the nearest whole micro-euro of the model."""
        return round(cost * self.micro_euros)


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """All that a file states: enough to solve it and to answer in its own terms."""

    instance: Instance
    travel: TravelMatrix
    units: Units

    @property
    def fingerprint(self) -> str:
        """Sixteen hex digits that stand for the instance and its travel times, the same for equal ones."""
        digest = sha256(layout(plain(self.instance), depth=0).encode())
        digest.update("\n".join(self.travel.places).encode())
        for array in (self.travel.seconds, self.travel.metres):
            digest.update(np.ascontiguousarray(array, dtype="<i8").tobytes())
        return digest.hexdigest()[:16]
