"""A compact integer model of whole plans: the second oracle, for instances too large for brute force.

One circuit for each duty (``tests.oracle_compact_duty``) and what joins them; CP-SAT proves the optimum of stage after
stage. Every rule of the model is in it; nothing of the solver is imported. What needs neither clock nor order (who may
carry whom, who may ride with whom, which stretch of day) is asked of the same ``DutyRules`` that brute force asks;
routes, clocks, seats, breaks and all that joins duties are stated anew.

Five to eight requests on two or three duties take seconds. It would be hopeless for a day: that is why the optimizer
decomposes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise

from ortools.sat.python import cp_model

from optimizer.model import Instance, InstanceIndex, Stage, fair_load_marginal
from optimizer.travel.matrix import TravelMatrix
from tests import oracle
from tests.oracle_compact_duty import DutyModel
from tests.oracle_compact_route import Expression, total
from tests.oracle_sequences import DutyRules


@dataclass(frozen=True, slots=True, kw_only=True)
class CompactResult:
    """``values`` of the stages that were proven, in order; ``None`` where it is proven that there is no plan.

    ``complete`` says that every stage was proven within the limit.
    """

    values: dict[Stage, int] | None
    complete: bool


def compact(
    instance: Instance,
    travel: TravelMatrix,
    *,
    stages: Sequence[Stage] | None = None,
    seconds: float = 60.0,
    workers: int = 1,
) -> CompactResult:
    """Return the lexicographic optimum over ``stages`` (by default the instance's), as far as ``seconds`` allow each.

    ``stages`` must be the first ones of the instance: a later stage means nothing without those before it.
    """
    model = _Plan(instance, travel)
    values: dict[Stage, int] = {}
    for stage in instance.stages if stages is None else stages:
        term = model.terms[stage]
        if stage.is_maximised:
            model.model.maximize(term)
        else:
            model.model.minimize(term)
        solver = cp_model.CpSolver()
        solver.parameters.num_workers = workers
        solver.parameters.random_seed = 0
        solver.parameters.max_time_in_seconds = seconds
        status = solver.solve(model.model)
        if status == cp_model.INFEASIBLE and not values:
            return CompactResult(values=None, complete=True)
        if status != cp_model.OPTIMAL:
            assert status != cp_model.INFEASIBLE, instance.name
            return CompactResult(values=values, complete=False)
        values[stage] = round(solver.objective_value)
        model.model.add(term == values[stage])
        model.hint(solver)
    return CompactResult(values=values, complete=True)


class _Plan:
    """All duties in one model, and a term for each stage."""

    def __init__(self, instance: Instance, travel: TravelMatrix) -> None:
        self.instance, self.index = instance, InstanceIndex(instance)
        self.model = cp_model.CpModel()
        self.duties = [
            DutyModel(self.model, instance, DutyRules(instance, travel, self.index, duty.id, frozenset()))
            for duty in instance.duties
        ]
        self._join()
        self.terms = self._terms()

    def hint(self, solver: cp_model.CpSolver) -> None:
        """Begin the next stage from the plan found."""
        self.model.clear_hints()  # type: ignore[no-untyped-call]
        for number in range(len(self.model.proto.variables)):
            variable = self.model.get_int_var_from_proto_index(number)
            self.model.add_hint(variable, solver.value(variable))

    def served(self, request: str) -> Expression:
        """1 where a pool request is carried."""
        return total(duty.carried[request] for duty in self.duties if request in duty.carried)

    def _join(self) -> None:
        """Rules across duties."""
        model, index = self.model, self.index
        for request in index.pool:
            model.add(self.served(request.id) <= 1)
            if self.instance.serve_all:
                model.add(self.served(request.id) == 1)
        for unit in index.units:
            for member in unit[1:]:
                model.add(self.served(member) == self.served(unit[0]))
        for a, b in combinations(self.duties, 2):
            if oracle._clash(index, a.id, b.id, frozenset()) is not None:
                model.add(a.is_used + b.is_used <= 1)
        for zab in self.instance.zabs:
            if zab.budget is not None:
                model.add(self._taken(zab.id) <= zab.budget)
        if self.instance.change_budget is not None:
            model.add(self._changes() <= self.instance.change_budget)

    def _taken(self, zab: str) -> Expression:
        """New requests on the duties of a ZAB."""
        own = (duty for duty in self.duties if self.index.duty_zab(duty.id) == zab)
        return total(number for duty in own for number in duty.carried.values())

    def _terms(self) -> dict[Stage, Expression]:
        index = self.index
        pinned = [request.id for request in index.pool if request.pin is not None]
        return {
            Stage.PINNED: total(self.served(request) for request in pinned),
            Stage.SERVED: total(index.unit_weight(unit) * self.served(unit[0]) for unit in index.units),
            Stage.CUSTODY: total(duty.custody for duty in self.duties),
            Stage.NIGHT: total(duty.night for duty in self.duties),
            Stage.FAIR_LOAD: self._fair_load(),
            Stage.CHANGES: self._changes(),
            Stage.COST: total(duty.cost for duty in self.duties),
        }

    def _changes(self) -> Expression:
        carried = [(duty.id, request, number) for duty in self.duties for request, number in duty.carried.items()]
        # What is promised stays where it is, so it is a constant whether it is where it was published.
        kept_promises = sum(self.index.committed_duty.get(old.request) == old.duty for old in self.instance.published)
        published = {(old.duty, old.request) for old in self.instance.published}
        kept = total(number for duty, request, number in carried if (duty, request) in published)
        return len(self.instance.published) - kept_promises - kept

    def _fair_load(self) -> Expression:
        parts: list[Expression] = []
        for zab in self.instance.zabs:
            shifts = self.index.shifts_of_zab(zab.id)
            marginals = [
                fair_load_marginal(prior=zab.prior_load, number=number, shifts=shifts)
                for number in range(1, len(self.index.pool) + 1)
            ]
            steps = [self.model.new_bool_var("") for _ in marginals]
            self.model.add(sum(steps) == self._taken(zab.id))
            for lower, upper in pairwise(steps):
                self.model.add_implication(upper, lower)
            parts += [marginal * step for marginal, step in zip(marginals, steps, strict=True)]
        return total(parts)
