"""Selection: set packing over the columns by CP-SAT, one stage at a time, hinted with the best solution known."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ortools.sat.python import cp_model

from optimizer.master.column import Column
from optimizer.master.relaxation import sign
from optimizer.master.rows import UNBOUNDED, Rows, settled_auxiliaries, worth_of
from optimizer.model import Stage
from optimizer.params import SolveParams


@dataclass(frozen=True, slots=True, kw_only=True)
class Selected:
    """Chosen columns, the stage's value (in its own sense), and the best bound over the *given* columns.

    ``proven`` says that no other choice among the given columns is better.
    """

    columns: tuple[Column, ...]
    value: int
    bound: int
    proven: bool


class _Watch(cp_model.CpSolverSolutionCallback):
    """Tells of every better solution, and ends the search where the known bound is reached."""

    def __init__(self, told: Callable[[int], None], enough: int | None) -> None:
        super().__init__()
        self._told = told
        self._enough = enough

    def on_solution_callback(self) -> None:
        value = round(self.objective_value)
        self._told(value)
        if value == self._enough:
            self.stop_search()


def select(
    rows: Rows,
    columns: Sequence[Column],
    stage: Stage,
    fixed: dict[Stage, int],
    params: SolveParams,
    *,
    hint: Sequence[Column] = (),
    seconds: float = float("inf"),
    known_bound: int | None = None,
    stoppable: Callable[[Callable[[], None] | None], None] = lambda _end: None,
    told: Callable[[int], None] = lambda _value: None,
) -> Selected | None:
    """Choose columns for ``stage`` given the values of earlier stages.

    Parameters
    ----------
    hint
        Columns of a known solution.
    known_bound
        Bound over all columns (in the stage's own sense): the search ends as soon as it is reached.
    stoppable
        Handed a function that ends the search from another thread.

    Returns
    -------
    ``None`` where no choice keeps the rows, or none was found in time.
    """
    model = cp_model.CpModel()
    terms: list[list[tuple[cp_model.IntVar, int]]] = [[] for _ in rows.rows]
    chosen = {column.number: model.new_bool_var(f"c{column.number}") for column in columns}
    for column in columns:
        for row, value in rows.entries(column).items():
            terms[row].append((chosen[column.number], value))
    extra = [model.new_bool_var(f"a{number}") for number in range(len(rows.auxiliaries))]
    for variable, auxiliary in zip(extra, rows.auxiliaries, strict=True):
        for row, value in auxiliary.entries.items():
            terms[row].append((variable, value))
    for row_spec, row_terms in zip(rows.rows, terms, strict=True):
        _constrain(model, row_terms, row_spec.lower, row_spec.upper)

    def expression(of: Stage) -> tuple[list[cp_model.IntVar], list[int], int]:
        pairs = [(chosen[column.number], column.value(of)) for column in columns if column.value(of)]
        pairs += [
            (variable, auxiliary.worth[of])
            for variable, auxiliary in zip(extra, rows.auxiliaries, strict=True)
            if auxiliary.worth.get(of)
        ]
        return [variable for variable, _ in pairs], [value for _, value in pairs], rows.constant.get(of, 0)

    for earlier, value in fixed.items():
        variables, values, constant = expression(earlier)
        total = cp_model.LinearExpr.weighted_sum(variables, values)
        if earlier.is_maximised:
            model.add(total >= value - constant)
        else:
            model.add(total <= value - constant)
    variables, values, constant = expression(stage)
    objective = cp_model.LinearExpr.weighted_sum(variables, values) + constant
    if known_bound is not None and sign(stage) < 0:
        model.add(objective <= known_bound)
    elif known_bound is not None:
        model.add(objective >= known_bound)
    if stage.is_maximised:
        model.maximize(objective)
    else:
        model.minimize(objective)
    hinted = {column.number for column in hint}
    settled = settled_auxiliaries(rows, hint)
    if settled is not None and hinted <= chosen.keys():
        for column in columns:
            model.add_hint(chosen[column.number], column.number in hinted)
        for variable, is_set in zip(extra, settled, strict=True):
            model.add_hint(variable, is_set)
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = params.workers
    solver.parameters.random_seed = params.seed
    # A signal is the caller's to handle; it reaches the search through ``stoppable``.
    solver.parameters.catch_sigint_signal = False
    if seconds != float("inf"):
        solver.parameters.max_time_in_seconds = max(0.01, seconds)
    if params.deterministic_limit is not None:
        solver.parameters.max_deterministic_time = params.deterministic_limit
    stoppable(solver.stop_search)
    status = solver.solve(model, _Watch(told, known_bound))
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return None
    picked = tuple(column for column in columns if solver.value(chosen[column.number]))
    # The search may stop at a load of dear steps where cheap ones are free: the choice is worth its least.
    worth = worth_of(rows, picked, stage)
    if worth is None:
        raise AssertionError("a selection that breaks a row")
    bound = solver.best_objective_bound
    whole = int(bound // 1) if stage.is_maximised else int(-(-bound // 1))
    proven = status == cp_model.OPTIMAL
    return Selected(columns=picked, value=worth, bound=worth if proven else whole, proven=proven)


def _constrain(model: cp_model.CpModel, terms: list[tuple[cp_model.IntVar, int]], lower: int, upper: int) -> None:
    variables, values = [variable for variable, _ in terms], [value for _, value in terms]
    if all(value == 1 for value in values) and upper == 1 and lower <= 0:
        model.add_at_most_one(variables)
    elif all(value == 1 for value in values) and upper == 1 and lower == 1:
        model.add_exactly_one(variables)
    else:
        total = cp_model.LinearExpr.weighted_sum(variables, values)
        if lower > -UNBOUNDED:
            model.add(total >= lower)
        if upper < UNBOUNDED and upper != lower:
            model.add(total <= upper)
        elif upper == lower:
            model.add(total == lower)
