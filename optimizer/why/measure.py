"""What a relaxation is made of: a kind, its amounts, and the day with each."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from functools import partial

from optimizer.answer import Granter, Kind, Unit
from optimizer.explain.lifts import Lift
from optimizer.model import MINUTE, DutyId, Instance, InstanceIndex, Request, RequestId, Rule, VehicleId

MOST_MINUTES = 240
"""Windows and shifts are widened by no more: what asks for more is another day, or another duty."""

Change = Callable[[Instance], Instance]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One amount of a measure: how much, and the day with it.

    ``alike``: steps of which this is the same are the same to the tour of the duty.
    """

    size: int
    change: Change
    vehicle: VehicleId | None = None
    alike: Hashable = None


Steps = Callable[[InstanceIndex, RequestId, DutyId], Sequence[Step]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """A kind of relaxation.

    Parameters
    ----------
    steps
        The amounts for a request and a duty, from the least; none where it could not help there.
    grows
        Whether more of it never hurts, so that the least may be found by bisection.
    lift
        A rule without which, altogether, the request must fit for the measure to help at all (``None``: not asked).
    rule
        The rule that is set aside.
    """

    kind: Kind
    granter: Granter
    unit: Unit
    steps: Steps
    grows: bool = False
    lift: Lift | None = None
    rule: Rule | None = None


ByMinutes = Callable[[int, RequestId, DutyId, Instance], Instance]


def by_minutes(change: ByMinutes) -> Steps:
    """Return the steps of a change that goes by minutes."""

    def steps(index: InstanceIndex, request: RequestId, duty: DutyId) -> Sequence[Step]:
        return [Step(size=m, change=partial(change, m * MINUTE, request, duty)) for m in range(1, MOST_MINUTES + 1)]

    return steps


def asked_for(instance: Instance, request: RequestId) -> Request:
    """Return a request of a day."""
    return next(r for r in instance.requests if r.id == request)
