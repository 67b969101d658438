"""What was promised earlier and stays promised."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from optimizer.errors import InvalidValue
from optimizer.model.units import DutyId, RequestId, Seconds
from optimizer.model.value import Value


class VisitKind(StrEnum):
    """What happens at a visit of a tour."""

    START = "start"
    PICKUP = "pickup"
    DELIVERY = "delivery"
    BREAK = "break"
    END = "end"


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise(Value):
    """One promised stop: the begin of service of ``request``'s pick-up or hand-over."""

    request: RequestId
    kind: VisitKind
    start: Seconds

    def __post_init__(self) -> None:
        if self.kind not in (VisitKind.PICKUP, VisitKind.DELIVERY):
            raise InvalidValue(f"Promise for {self.request}", "kind pickup or delivery", self.kind.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Commitment(Value):
    """The promised stops of one duty, in their order.

    They keep this order and are all made; each begins within ``tolerance`` seconds of what was promised. A request
    named here is *committed*: it is always carried, by this duty, and does not count in the first stage. New
    requests are fitted around it, on the seats that are still free: the *Restplätze*. A ``frozen`` tour takes none:
    it is about to begin, or under way.
    """

    duty: DutyId
    promises: tuple[Promise, ...]
    tolerance: Seconds = 0
    frozen: bool = False

    def __post_init__(self) -> None:
        name = f"Commitment of duty {self.duty}"
        if self.tolerance < 0:
            raise InvalidValue(f"{name}.tolerance", "0 or more seconds", self.tolerance)
        seen: dict[RequestId, list[VisitKind]] = {}
        for promise in self.promises:
            seen.setdefault(promise.request, []).append(promise.kind)
        for request, kinds in seen.items():
            if kinds != [VisitKind.PICKUP, VisitKind.DELIVERY]:
                raise InvalidValue(
                    name,
                    f"one pick-up of request {request}, then one hand-over",
                    [kind.value for kind in kinds],
                    "Mend the tour.",
                )
