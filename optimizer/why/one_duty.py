"""The quick road for the most frequent question: one duty planned anew, with nothing that couples it to others.

All tours of the duty are enumerated, as for the insertion of a late request, and the best is taken; what
``Around.planned_anew`` finds takes several times as long.
"""

from __future__ import annotations

from optimizer.insertion.options import Option, Options
from optimizer.model import DutyId, RequestId, Solution, Stage, Tour, fair_load_marginal
from optimizer.why.around import Part
from optimizer.why.plan import Planned


def quickly(planned: Planned, part: Part, request: RequestId, duty: DutyId) -> Solution | None:
    """Return what ``Around.planned_anew`` does with the request forced and as many carried as can be.

    ``None`` where that is for the general road: bundles, limits on the plan as a whole, several duties, no tour, or a
    limit on memory that cut the enumeration short.
    """
    index, instance = planned.index, planned.instance
    is_coupled = (
        part.duties != {duty}
        or instance.serve_all
        or instance.change_budget is not None
        or index.zab[index.duty_zab(duty)].budget is not None
        or any(len(planned.unit_of[member]) > 1 for member in part.requests)
    )
    if is_coupled:
        return None
    promised = {duty: _promised(planned, duty)} if duty in index.commitment else {}
    options = Options(index, planned.travel, promised, sorted(part.requests), [duty], None)
    found = [option for option in options.found if request in option.members]
    if not found or not options.complete:
        return None
    best = min(found, key=lambda option: (_key(planned, option, duty), sorted(option.members)))
    others = [tour for tour in planned.solution.tours if tour.duty != duty]
    return planned.in_order([*others, options.tour(best, duty)])


def _promised(planned: Planned, duty: DutyId) -> Tour:
    """Return the tour without those who are not promised: its stops in their order are what counts."""
    tour, committed = planned.tours[duty], planned.index.committed_duty
    return Tour(duty=duty, visits=tuple(v for v in tour.visits if v.request is None or v.request in committed))


def _key(planned: Planned, option: Option, duty: DutyId) -> tuple[int, ...]:
    """Return what orders tours: as many carried as can be, then the stages; less is better."""
    index, stages = planned.index, planned.instance.stages
    zab = index.zab[index.duty_zab(duty)]
    elsewhere = sum(len(riders) for d, riders in planned.riders.items() if d != duty and index.duty_zab(d) == zab.id)
    values = dict(option.increase)
    values[Stage.PINNED] = sum(index.request[member].pin is not None for member in option.members)
    values[Stage.SERVED] = sum(index.unit_weight((member,)) for member in option.members)
    values[Stage.FAIR_LOAD] = sum(
        fair_load_marginal(prior=zab.prior_load, number=elsewhere + n, shifts=index.shifts_of_zab(zab.id))
        for n in range(1, len(option.members) + 1)
    )
    values[Stage.CHANGES] = -sum(was.duty == duty and was.request in option.members for was in index.instance.published)
    who = [Stage.SERVED]
    if Stage.PINNED in stages:
        is_last = Stage.SERVED in stages and stages.index(Stage.SERVED) < stages.index(Stage.PINNED)
        who.insert(1 if is_last else 0, Stage.PINNED)
    return tuple(-values[s] if s.is_maximised else values[s] for s in (*who, *stages))
