"""The compiled search keeps books that agree with the columns; a packing of a part leaves the rest as it is."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from optimizer.master.column import Column
from optimizer.master.rows import worth_of
from optimizer.model import Instance, InstanceIndex, Stage
from optimizer.routing import fragment_kernel as fk
from optimizer.search.neighbourhood import TourSearch
from optimizer.search.neighbourhood_packing import Repacking, packable, rows_left
from optimizer.search.plan import relevant_stages
from optimizer.search.stop import Stop
from optimizer.simulate.sampling import sample
from tests.routing.prepared import Prepared, prepare
from tests.search.test_construction import construction_of


def paired(day: Instance) -> Instance:
    """The day with every two requests of the pool bundled, and nothing counted but what is served."""
    number = {request.id: n for n, request in enumerate(InstanceIndex(day).pool)}
    requests = [
        replace(request, bundle=f"pair {number[request.id] // 2}") if request.id in number else request
        for request in day.requests
    ]
    return replace(day, requests=tuple(requests), stages=(Stage.SERVED,))


def searched(seed: int, steps: int, *, pairs: bool = False) -> tuple[Prepared, TourSearch]:
    """A search after some steps from the plan of promises."""
    day, travel = sample(requests=40, duties=10, seed=seed)
    made = prepare(paired(day) if pairs else day, travel)
    construction = construction_of(made, seed)
    search = TourSearch(
        made.index, made.fleet, made.fragments, made.pricing, made.rows, made.pool, relevant_stages(made.instance),
        seed=seed, stop=Stop(),
    )  # fmt: skip
    assert search.load(construction.promises())
    search.build(50)
    hot, cold = search.weights.heat(deep=True)
    assert search.run(steps, hot, cold, 0, steps) == steps
    return made, search


@pytest.mark.parametrize("seed", range(4))
def test_totals_are_those_of_the_columns(seed: int) -> None:
    made, search = searched(seed, 300)
    plan = search.plan()
    assert plan is not None
    stages = relevant_stages(made.instance)
    dark = any(made.fragments.figures[f, fk.TOUCHES_NIGHT] for column in plan for f in column.chain)
    for stage, total in zip(stages, search.totals, strict=True):
        worth = worth_of(made.rows, plan, stage)
        assert worth is not None
        worth = -worth if stage.is_maximised else worth
        if stage in (Stage.NIGHT, Stage.COST) and (dark or stage is Stage.COST):
            continue  # Least nights are a lower bound; the pool may know a cheaper tour for the same requests.
        assert worth == total, stage


@pytest.mark.parametrize("seed", range(3))
def test_bundles_are_carried_whole_though_the_search_builds_them_by_halves(seed: int) -> None:
    made, search = searched(seed, 300, pairs=True)
    plan = search.plan()
    assert plan is not None
    worth = worth_of(made.rows, plan, Stage.SERVED)
    assert worth is not None, "half a bundle"
    assert worth == -search.totals[0]
    first = TourSearch(
        made.index, made.fleet, made.fragments, made.pricing, made.rows, made.pool, (Stage.SERVED,), seed=0, stop=Stop()
    )
    assert first.load(construction_of(made, 0).promises())
    first.build(50)
    assert 0 < -first.totals[0] <= worth, "steps lost something"


def test_half_a_bundle_has_points_where_nothing_but_served_counts() -> None:
    _, search = searched(0, 0, pairs=True)
    problem = search._problem
    members = problem.unit_size[problem.unit] == 2
    assert members.any()
    assert (problem.prize[members & (problem.unit >= 0)] > 0).all()


def test_loading_a_plan_and_reading_it_changes_nothing() -> None:
    made, search = searched(1, 200)
    plan = search.plan()
    assert plan is not None
    assert search.load(plan)
    assert search.plan() == plan
    again = search.totals
    assert search.load(plan)
    assert search.totals == again
    assert made.pool.columns


def test_a_raised_flag_ends_the_search_at_once() -> None:
    made = prepare(*sample(requests=12, duties=6, seed=1))
    stop = Stop()
    search = TourSearch(
        made.index, made.fleet, made.fragments, made.pricing, made.rows, made.pool, relevant_stages(made.instance),
        seed=0, stop=stop,
    )  # fmt: skip
    search.load(construction_of(made, 0).promises())
    stop.flag[0] = True
    assert search.run(1000, 1.0, 1.0, 0, 1000) == 0


@pytest.mark.parametrize("size", [3, 6])
def test_a_packing_of_some_duties_is_a_legal_plan_and_no_worse(size: int) -> None:
    made, search = searched(2, 400)
    plan = search.plan()
    assert plan is not None
    stages = packable(relevant_stages(made.instance))
    assert stages[-1] is Stage.NIGHT
    for draw in range(3):
        classes = search.region(draw * 17, size)
        for position in range(len(stages)):
            repacking = Repacking(made.rows, made.pool.columns, plan, classes, stages, position, seconds=10)
            found = repacking.plan(lambda: False)
            assert found is not None
            for earlier in stages[: position + 1]:
                before, after = worth_of(made.rows, plan, earlier), worth_of(made.rows, found, earlier)
                assert before is not None
                assert after is not None
                assert after >= before if earlier.is_maximised else after <= before
            assert [c for c in found if c.duty_class not in classes] == [c for c in plan if c.duty_class not in classes]


def test_rows_left_count_what_stays() -> None:
    made, search = searched(3, 200)
    plan = search.plan()
    assert plan is not None
    told = 0
    for draw in range(10):
        classes = search.region(draw, 4)
        inside = [column for column in plan if column.duty_class in classes]
        outside = [column for column in plan if column.duty_class not in classes]
        left = rows_left(made.rows, outside, inside, with_loads=True)
        served, whole = worth_of(left, inside, Stage.SERVED), worth_of(made.rows, plan, Stage.SERVED)
        rest = worth_of(made.rows, [*outside, *_promises(made, classes)], Stage.SERVED)
        if rest is None:
            continue  # A bundle in two tours, one of them inside.
        told += 1
        assert served is not None
        assert whole is not None
        assert served == whole - rest
        assert np.all([row.upper >= 0 for row in left.rows if row.rule is not None])
    assert told


def _promises(made: Prepared, classes: set[int]) -> list[Column]:
    chosen = {}
    for column in made.pool.columns:
        if column.duty_class in classes and made.fleet.classes[column.duty_class].promises and not column.requests:
            chosen[column.duty_class] = column
    return list(chosen.values())
