"""Choosing anew among the columns of a few duties while the rest of the plan stays: a step of the large neighbourhood.

The rows of what stays shrink to what is left of them, and rows that only later stages ask about are left out: a fair
load needs a binary for each request and ZAB, which a packing of served requests can do without.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Sequence

import numpy as np

from optimizer.master.column import Column
from optimizer.master.column_set import ColumnSet
from optimizer.master.packing import Packing
from optimizer.master.relaxation import Relaxation
from optimizer.master.rows import Auxiliary, Rows, worth_of
from optimizer.model import Stage

_MOST_COLUMNS = 2_000
"""Columns of one packing; of more, those of least reduced cost."""


def packable(stages: Sequence[Stage]) -> tuple[Stage, ...]:
    """Return the stages, from the first, that a packing can serve: those before the fair load."""
    until = stages.index(Stage.FAIR_LOAD) if Stage.FAIR_LOAD in stages else len(stages)
    return tuple(stages[:until])


class Repacking:
    """A packing of the duties of some classes, from the moment it is made in a thread of its own.

    Parameters
    ----------
    columns
        Known columns, of any class.
    plan
        Columns of a legal plan.
    classes
        Numbers of the classes whose duties may change their tours.
    stages, position
        Stages before a fair load, and which of them is to get better; those before it keep their value.
    seconds, nodes
        Most seconds; most nodes, see ``Packing``.
    """

    def __init__(
        self,
        rows: Rows,
        columns: Sequence[Column],
        plan: Sequence[Column],
        classes: Collection[int],
        stages: Sequence[Stage],
        position: int,
        *,
        seconds: float,
        nodes: int | None = None,
    ) -> None:
        inside = [column for column in plan if column.duty_class in classes]
        self._outside = [column for column in plan if column.duty_class not in classes]
        taken = {request for column in self._outside for request in column.requests}
        mine = {column.number for column in inside}
        free = [
            column
            for column in columns
            if column.duty_class in classes and column.number not in mine and taken.isdisjoint(column.requests)
        ]
        wanted = stages[: position + 1]
        left = rows_left(rows, self._outside, [*inside, *free], Stage.FAIR_LOAD in wanted)
        fixed: dict[Stage, int] = {}
        for stage in wanted[:-1]:
            worth = worth_of(left, inside, stage)
            if worth is None:
                raise AssertionError("a plan that breaks a row")
            fixed[stage] = worth
        free = _promising(left, inside, free, wanted[-1], fixed)
        self._packing = Packing(left, [*inside, *free], wanted[-1], fixed, hint=inside, seconds=seconds, nodes=nodes)

    def plan(self, should_stop: Callable[[], bool]) -> list[Column] | None:
        """Wait for the packing; return the whole plan, ``None`` where nothing was found in time."""
        found = self._packing.wait(should_stop)
        return None if found is None else [*self._outside, *found]


def _promising(
    rows: Rows, inside: list[Column], free: list[Column], stage: Stage, fixed: dict[Stage, int]
) -> list[Column]:
    """Return the columns of least reduced cost: from these a packing is better sought than from all."""
    if len(free) <= _MOST_COLUMNS:
        return free
    relaxation = Relaxation(rows, stage, fixed)
    for column in [*inside, *free]:
        relaxation.add(column)
    duals = relaxation.solve()
    if duals is None:
        return free[-_MOST_COLUMNS:]
    order = np.argsort(ColumnSet(rows, free).reduced_costs(stage, duals), kind="stable")[:_MOST_COLUMNS]
    return [free[x] for x in order.tolist()]


def rows_left(rows: Rows, outside: Sequence[Column], among: Sequence[Column], with_loads: bool) -> Rows:
    """Return what the columns ``outside`` leave of the rows that ``among`` stand in.

    ``with_loads``: also the rows that no rule asks for, which only count the load of a ZAB.
    """
    activity: Counter[int] = Counter()
    for column in outside:
        activity.update(rows.entries(column))
    touched = {row for column in among for row in rows.entries(column)}
    # A bundle binds its members' rows together: with one of them come the others.
    kept_auxiliaries = [auxiliary for auxiliary in rows.auxiliaries if not touched.isdisjoint(auxiliary.entries)]
    touched |= {row for auxiliary in kept_auxiliaries for row in auxiliary.entries}
    left = Rows()
    number: dict[int, int] = {}
    for row in sorted(touched):
        whole = rows.rows[row]
        if whole.rule is not None or with_loads:
            number[row] = left.add(whole.rule, whole.lower - activity[row], whole.upper - activity[row])
    for auxiliary in kept_auxiliaries:
        entries = {number[row]: value for row, value in auxiliary.entries.items() if row in number}
        if entries:
            left.auxiliaries.append(Auxiliary(entries=entries, worth=auxiliary.worth))
    left.kept = None if rows.kept is None else number.get(rows.kept)
    for column in among:
        of = column.duty_class
        left.of_class[of] = [number[row] for row in rows.of_class[of] if row in number]
        left.per_request[of] = [number[row] for row in rows.per_request[of] if row in number]
        left.cover.update((request, number[rows.cover[request]]) for request in column.requests)
    return left
