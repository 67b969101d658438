"""What a relaxation is made of: a kind, its amounts, and the day with each."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass

from optimizer.answer import Granter, Kind, Unit
from optimizer.explain.lifts import Lift
from optimizer.granted import Granted
from optimizer.model import MINUTE, DutyId, Instance, InstanceIndex, Request, RequestId, Rule, Seconds, VehicleId

MOST_MINUTES = 240
"""Windows and shifts are widened by no more: what asks for more is another day, or another duty."""

Change = Callable[[Instance], Instance]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One amount of a measure: how much, and what is granted, which makes the day with it.

    ``alike``: steps of which this is the same are the same to the tour of the duty.
    """

    size: int
    granted: Granted
    vehicle: VehicleId | None = None
    alike: Hashable = None

    @property
    def change(self) -> Change:
        """What returns the day with it."""
        return self.granted.change


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


ByMinutes = Callable[[RequestId, DutyId, Seconds], Granted]


def by_minutes(granted: ByMinutes) -> Steps:
    """Return the steps of what goes by minutes."""

    def steps(index: InstanceIndex, request: RequestId, duty: DutyId) -> Sequence[Step]:
        return [Step(size=m, granted=granted(request, duty, m * MINUTE)) for m in range(1, MOST_MINUTES + 1)]

    return steps


def asked_for(instance: Instance, request: RequestId) -> Request:
    """Return a request of a day."""
    return next(r for r in instance.requests if r.id == request)
