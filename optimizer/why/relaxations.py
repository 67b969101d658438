"""What would help: the least change of each kind with which a request rides and all others keep their duty.

Found by trying, not by guessing: each amount is asked of the same routing as every plan, by bisection where more never
hurts, else one after another; so nothing less is enough on any duty. The plan with the change is then made, and the
checker judges it on the changed day.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from optimizer.answer import Difference, Kind, Relaxation, WhatHelps
from optimizer.errors import InvalidValue
from optimizer.model import DutyId, Instance, RequestId, Solution
from optimizer.travel.matrix import TravelMatrix
from optimizer.why.around import Around, unchanged
from optimizer.why.binding import OVERRIDDEN, binding
from optimizer.why.combinations import Combining
from optimizer.why.least_pair import bisected
from optimizer.why.measure import Measure, Step
from optimizer.why.measures import measures
from optimizer.why.measures_zab import ideal_vehicle
from optimizer.why.plan import Planned
from optimizer.why.sorts import SORT_OF, Sort
from optimizer.why.texts_relaxed import relaxed
from optimizer.why.trying import Trying


def what_helps(
    instance: Instance, travel: TravelMatrix, solution: Solution, request: RequestId, *, strict: bool = False
) -> WhatHelps:
    """Return what would let a request ride that the plan leaves out, all others kept on their duties.

    Parameters
    ----------
    solution
        A plan without fault that leaves the request out.
    strict
        Whether a plan with a relaxation that the checker refuses raises; otherwise it is not told.

    Raises
    ------
    InvalidValue
        Where there is no such request in the pool, it rides already, or the plan breaks a rule.
    UnsoundSolution
        With ``strict``, where the checker refuses a plan for another reason than a rule across tours: a defect.
    """
    return Helps(Planned(instance, travel, solution), strict=strict).of(request)


class Helps:
    """Finds relaxations for requests of one plan; see ``what_helps``."""

    def __init__(self, planned: Planned, *, strict: bool = False) -> None:
        self._planned = planned
        self._around = Around(planned)
        self._strict = strict

    def of(self, request: RequestId) -> WhatHelps:
        """Return what would let ``request`` ride."""
        if self._planned.pool_request(request) in self._planned.duty_of:
            duty = self._planned.duty_of[request]
            raise InvalidValue(f"request {request}", "one that the plan leaves out", f"rides on duty {duty}")
        if not self._planned.order:
            return WhatHelps(request=request, fits_on=None, relaxations=())
        trying = Trying(self._planned, self._around, request, strict=self._strict)
        for duty in trying.duties:
            made = trying.plan(unchanged, duty)
            if made is not None:
                shown = self._planned.witness(made[0])
                return WhatHelps(request=request, fits_on=duty, relaxations=(), witness=shown)
        known = measures(self._planned.index)
        search = _Search(trying)
        single = [found for measure in known if (found := search.least(measure)) is not None]
        ranked = sorted([*single, *binding(trying)], key=lambda each: each.rank)
        pairs, looked = ((), None) if single else Combining(trying, known).found()
        return WhatHelps(request=request, fits_on=None, relaxations=tuple(ranked), combinations=pairs, looked_at=looked)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    step: Step
    duty: DutyId
    plan: Solution
    price: tuple[Difference, ...]


class _Search:
    """Tries single changes for one request."""

    def __init__(self, trying: Trying) -> None:
        self._trying = trying
        self._planned = trying.planned
        self._request = trying.request
        self._near: dict[DutyId, bool] = {}

    # --- one kind -----------------------------------------------------------------------------------------------------

    def least(self, measure: Measure) -> Relaxation | None:
        """Return the least of a kind that is enough on any duty."""
        best: _Found | None = None
        for duty in self._trying.duties:
            if not self._is_near(measure, duty) or not self._might_help(measure, duty):
                continue
            steps = measure.steps(self._planned.index, self._request, duty)
            if best is not None:
                steps = [step for step in steps if step.size < best.step.size]
            found = self._bisected(steps, duty, measure) if measure.grows else self._first(steps, duty, measure)
            best = found or best
        return None if best is None else self._told(measure, best)

    def _bisected(self, steps: Sequence[Step], duty: DutyId, measure: Measure) -> _Found | None:
        least = bisected(steps, lambda step: self._can(step, duty, measure))
        return None if least is None else self._made(least, duty, measure)

    def _first(self, steps: Sequence[Step], duty: DutyId, measure: Measure) -> _Found | None:
        for step in steps:
            if self._can(step, duty, measure):
                made = self._made(step, duty, measure)
                if made is not None:
                    return made
        return None

    def _is_near(self, measure: Measure, duty: DutyId) -> bool:
        # Another day is asked of the duties of that day; all else of those near the request's own hours.
        if SORT_OF[measure.kind] is Sort.DAY:
            return True
        if duty not in self._near:
            self._near[duty] = self._trying.is_near(duty)
        return self._near[duty]

    def _might_help(self, measure: Measure, duty: DutyId) -> bool:
        lift = measure.lift if measure.rule is None else OVERRIDDEN.get(measure.rule)
        # A vehicle that is not there during the shift at all is in no trial; a longer shift may meet it.
        is_there = self._planned.index.duty_window(duty) is not None
        if lift is not None and is_there and not self._trying.alone(lift).fits(self._request, duty):
            return False
        is_vehicle = measure.kind in (Kind.VEHICLE, Kind.VEHICLE_OF_OTHER_ZAB)
        if is_vehicle:
            return self._trying.fits(ideal_vehicle(self._planned.index.request[self._request], duty), duty)
        return not self._trying.around.conflicts(duty)

    def _can(self, step: Step, duty: DutyId, measure: Measure) -> bool:
        return self._trying.fits(step.change, duty, parted=measure.kind is Kind.PARTED)

    def _made(self, step: Step, duty: DutyId, measure: Measure) -> _Found | None:
        made = self._trying.plan(step.change, duty, parted=measure.kind is Kind.PARTED)
        return None if made is None else _Found(step=step, duty=duty, plan=made[0], price=made[1])

    def _told(self, measure: Measure, found: _Found) -> Relaxation:
        zab = self._planned.index.duty_zab(found.duty)
        told, actions = relaxed(
            measure.kind, size=found.step.size, duty=found.duty, zab=zab, vehicle=found.step.vehicle, rule=measure.rule
        )
        return Relaxation(
            kind=measure.kind,
            granter=measure.granter,
            duty=found.duty,
            zab=zab,
            size=found.step.size,
            unit=measure.unit,
            texts=told,
            actions=actions,
            rule=measure.rule,
            vehicle=found.step.vehicle,
            witness=self._planned.witness(found.plan),
            price=found.price,
            granted=found.step.granted,
        )
