"""The exact end of the fragment-flow road: a binary programme settled by CP-SAT.

One worker with the full linear relaxation measured best by far: on the networks of a7-84 and a6-72 it proved the
optimum in under 0.8 s, where two workers (whose second searches without the relaxation) had not after 15 s. It is
deterministic, too.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from ortools.sat.python import cp_model

from optimizer.master.flow_programme import Ending, Programme
from optimizer.master.rows import UNBOUNDED

Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Choice:
    """A choice of columns, its cost, and whether none is cheaper; ``chosen`` is ``None`` where none was found.

    ``settled`` without ``chosen`` says that none exists.
    """

    chosen: Bools | None
    value: int
    settled: bool


def choose(
    programme: Programme,
    *,
    at_least: int,
    at_most: int,
    seconds: float,
    seed: int,
    ending: Ending,
    deterministic_limit: float | None = None,
) -> Choice:
    """Minimise the programme among choices of cost ``at_least`` (a known bound) to ``at_most``."""
    model = cp_model.CpModel()
    variables = [model.new_bool_var("") for _ in range(len(programme))]
    rows = programme.rows
    for row, (lower, upper) in enumerate(zip(programme.lower.tolist(), programme.upper.tolist(), strict=True)):
        begin, end = int(rows.indptr[row]), int(rows.indptr[row + 1])
        terms = [variables[column] for column in rows.indices[begin:end].tolist()]
        _constrain(model, terms, rows.data[begin:end].tolist(), lower, upper)
    objective = cp_model.LinearExpr.weighted_sum(variables, programme.cost.tolist())
    model.add(objective >= at_least)
    model.add(objective <= at_most)
    model.minimize(objective)
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.linearization_level = 2
    solver.parameters.random_seed = seed
    solver.parameters.catch_sigint_signal = False
    if seconds != float("inf"):
        solver.parameters.max_time_in_seconds = max(0.01, seconds)
    if deterministic_limit is not None:
        solver.parameters.max_deterministic_time = deterministic_limit
    ending(solver.stop_search)
    status = solver.solve(model)
    ending(None)
    if status == cp_model.INFEASIBLE:
        return Choice(chosen=None, value=0, settled=True)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return Choice(chosen=None, value=0, settled=False)
    chosen = np.array([solver.boolean_value(variable) for variable in variables], dtype=np.bool_)
    value = programme.value(chosen)
    if value is None:
        raise AssertionError("a choice that breaks a row")
    return Choice(chosen=chosen, value=value, settled=status == cp_model.OPTIMAL)


def _constrain(
    model: cp_model.CpModel, terms: list[cp_model.IntVar], values: list[int], lower: int, upper: int
) -> None:
    if lower == upper == 1 and all(value == 1 for value in values):
        model.add_exactly_one(terms)
        return
    total = cp_model.LinearExpr.weighted_sum(terms, values)
    if lower == upper:
        model.add(total == lower)
        return
    if lower > -UNBOUNDED:
        model.add(total >= lower)
    if upper < UNBOUNDED:
        model.add(total <= upper)
