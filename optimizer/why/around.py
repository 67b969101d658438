"""Planning anew around a plan: a few duties and their requests, solved as a problem of their own, all else as it is.

What the rest of the plan uses up is taken off beforehand (budgets, allowed changes), and what it counts is counted on
(prior load of the ZABs), so that the stages of the small problem order its plans as those of the whole do.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence, Set
from dataclasses import dataclass, replace

from optimizer.explain.trials import Trials, narrowed
from optimizer.master.rows import conflict
from optimizer.model import DutyId, Instance, Request, RequestId, Solution, Stage
from optimizer.params import SolveParams
from optimizer.solve import solve
from optimizer.why.plan import Planned

_PARAMS = SolveParams(workers=1, rounds=0, reasons=False)
"""Small problems are proven without a first plan; one worker gives the same answer every time."""

Change = Callable[[Instance], Instance]


def unchanged(instance: Instance) -> Instance:
    """Return the problem as it is."""
    return instance


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Duties planned anew, and the pool requests that may ride there."""

    duties: frozenset[DutyId]
    requests: frozenset[RequestId]


class Around:
    """Plans parts of a plan anew."""

    def __init__(self, planned: Planned) -> None:
        self._planned = planned

    def part(
        self, duties: Iterable[DutyId], requests: Iterable[RequestId], *, but: Set[RequestId] = frozenset()
    ) -> Part:
        """Return the part of these duties, with those who ride there and the whole of every bundle.

        Parameters
        ----------
        requests
            Others that may ride there.
        but
            Requests that are to stay unserved.
        """
        planned = self._planned
        inside = set(duties)
        free: set[RequestId] = set()
        left = [*requests, *(rider for duty in inside for rider in planned.riders.get(duty, ()))]
        while left:
            for member in planned.unit_of[left.pop()]:
                if member in free:
                    continue
                free.add(member)
                carrier = planned.duty_of.get(member)
                if carrier is not None and carrier not in inside:
                    inside.add(carrier)
                    left += planned.riders[carrier]
        return Part(duties=frozenset(inside), requests=frozenset(free - but))

    def conflicts(self, duty: DutyId) -> list[DutyId]:
        """Return the used duties that forbid ``duty`` to be used too."""
        if duty in self._planned.tours:
            return []
        return [used for used in self._planned.tours if conflict(self._planned.index, duty, used) is not None]

    def distinct(self, request: RequestId, duties: Iterable[DutyId], trials: Trials) -> tuple[DutyId, ...]:
        """Return these duties, of unused ones that nothing tells apart one only.

        ``trials`` tell apart what matters to a tour of ``request``; a duty that it is kept off for another reason, or
        where other things could be changed, is another one all the same.
        """
        index, used = self._planned.index, self._planned.tours
        alike, asked = trials.duties_alike(), index.request[request]
        kinds: dict[object, DutyId] = {}
        for duty in duties:
            shift, crew, vehicle = index.duty_shift(duty), index.duty_crew(duty), index.duty_vehicle(duty)
            content = replace(shift, id="", crew=""), replace(crew, id=""), replace(vehicle, id="")
            own = duty in asked.barred_duties, duty == asked.pin
            kinds.setdefault(duty if duty in used else (alike.get(duty, duty), content, own), duty)
        return tuple(kinds.values())

    def planned_anew(
        self,
        part: Part,
        *,
        forced: tuple[RequestId, DutyId] | None = None,
        change: Change = unchanged,
        first: Sequence[Stage] = (),
    ) -> Solution | None:
        """Return the best plan whose other tours are those of the plan; ``None`` where there is none.

        Parameters
        ----------
        forced
            A request, and the duty that it must ride on.
        change
            Changes the problem of the part before it is solved.
        first
            Stages that go before those of the instance.
        """
        planned = self._planned
        fixed = [tour for duty, tour in planned.tours.items() if duty not in part.duties]
        if not part.duties:
            return planned.in_order(fixed)
        instance = self.problem(part, forced)
        stages = dict.fromkeys((*first, *instance.stages))
        if forced is not None:
            stages = {Stage.PINNED: None} | stages
        instance = change(replace(instance, stages=_timed_in_order(tuple(stages))))
        if not instance.requests:
            return planned.in_order(fixed)
        answer = solve(instance, narrowed(planned.travel, instance), _PARAMS)
        if answer.objective is None:
            return None
        if forced is not None and answer.solution.duty_by_request.get(forced[0]) != forced[1]:
            return None
        return planned.in_order([*fixed, *answer.solution.tours])

    def problem(self, part: Part, forced: tuple[RequestId, DutyId] | None = None) -> Instance:
        """Return the problem of a part; ``forced`` as for ``planned_anew``."""
        planned = self._planned
        index, instance = planned.index, planned.instance
        taken = Counter(
            index.duty_zab(duty) for duty, riders in planned.riders.items() if duty not in part.duties for _ in riders
        )
        committed = {r for r, duty in index.committed_duty.items() if duty in part.duties}
        inside = part.requests | committed
        published = tuple(a for a in instance.published if a.duty in part.duties and a.request in inside)
        budget = instance.change_budget
        if budget is not None:
            fixed = [a for a in instance.published if a not in published]
            elsewhere = {r: d for r, d in planned.duty_of.items() if r not in inside}
            budget = max(0, budget - sum(elsewhere.get(was.request) != was.duty for was in fixed))
        return replace(
            instance,
            zabs=tuple(zab.having_taken(taken[zab.id]) for zab in instance.zabs),
            duties=tuple(duty for duty in instance.duties if duty.id in part.duties),
            requests=self._requests(part, inside, forced),
            commitments=tuple(c for c in instance.commitments if c.duty in part.duties),
            published=published,
            change_budget=budget,
        )

    def _requests(
        self, part: Part, inside: Set[RequestId], forced: tuple[RequestId, DutyId] | None
    ) -> tuple[Request, ...]:
        index = self._planned.index
        own = [request for request in index.instance.requests if request.id in inside]
        weigh = self._weigher(forced is not None)
        told = []
        for request in own:
            barred, pin = request.barred_duties & part.duties, request.pin
            if forced is not None and request.id == forced[0]:
                barred, pin = barred - {forced[1]}, forced[1]
            elif pin is not None and (forced is not None or pin not in part.duties):
                barred, pin = part.duties - {pin}, None
            weight = weigh(request)
            told.append(
                replace(request, excluded=request.excluded & inside, barred_duties=barred, pin=pin, weight=weight)
            )
        return tuple(told)

    def _weigher(self, is_forced: bool) -> Callable[[Request], int | None]:
        """Return the weight of each request.

        With a request forced by a pin, the pins of others must not compete with it: they bar (``_requests``), and count
        in the weight, for more or less than who is carried, as the stages have it.
        """
        index, stages = self._planned.index, self._planned.instance.stages
        if not is_forced or Stage.PINNED not in stages or all(request.pin is None for request in index.pool):
            return lambda request: request.weight
        weights = {member: index.unit_weight(unit) for unit in index.units for member in unit}
        is_last = Stage.SERVED in stages and stages.index(Stage.SERVED) < stages.index(Stage.PINNED)
        scale, more = (len(weights) + 1, 1) if is_last else (1, 1 + sum(weights.values()))

        def weigh(request: Request) -> int | None:
            if request.id not in weights:
                return request.weight
            return weights[request.id] * scale + (more if request.pin is not None else 0)

        return weigh


def _timed_in_order(stages: tuple[Stage, ...]) -> tuple[Stage, ...]:
    """Return the stages with custody, night and cost in the order that an instance asks for."""
    timed = iter(sorted((s for s in stages if s in _TIMED), key=list(Stage).index))
    return tuple(next(timed) if stage in _TIMED else stage for stage in stages)


_TIMED = (Stage.CUSTODY, Stage.NIGHT, Stage.COST)
