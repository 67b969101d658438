"""Which stages are run, and what is known of them without a search."""

from __future__ import annotations

from optimizer.model import NRW_STAGES, Stage
from optimizer.search.plan import plan_of, relevant_stages
from optimizer.search.stages import trivial_bound
from tests.builders import commitment, fleet, instance, line, request
from tests.routing.prepared import prepare

TRAVEL = line({"depot": 0, "A": 600, "B": 1200, "C": 1800})


def test_pins_are_a_stage_only_where_something_is_pinned() -> None:
    assert relevant_stages(instance(request("r"))) == NRW_STAGES[1:]
    assert relevant_stages(instance(request("r", pin="D1"))) == NRW_STAGES


def test_where_all_must_be_served_that_comes_first() -> None:
    def stages(*given: Stage) -> tuple[Stage, ...]:
        return relevant_stages(instance(request("r"), stages=given, serve_all=True))

    assert stages(Stage.CUSTODY) == (Stage.SERVED, Stage.CUSTODY)
    assert stages(Stage.CUSTODY, Stage.SERVED) == (Stage.SERVED, Stage.CUSTODY)
    assert stages(Stage.SERVED, Stage.COST) == (Stage.SERVED, Stage.COST)
    # Where cost leads, leaving one out is priced into it.
    assert stages(Stage.COST) == (Stage.COST,)


def test_bounds_that_need_no_search() -> None:
    made = prepare(
        instance(request("r", weight=3), request("q", bundle="b"), request("p", bundle="b", weight=2)), TRAVEL
    )
    assert trivial_bound(Stage.SERVED, made.rows) == 5
    assert trivial_bound(Stage.COST, made.rows) == 0
    assert trivial_bound(Stage.CUSTODY, made.rows) == 0, "the travel times are metric"


def test_duties_of_a_class_are_given_out_in_their_order() -> None:
    day = instance(request("r", "A", "B"), request("q", "B", "C"), **fleet(3))
    made = prepare(day, TRAVEL)
    (graph,) = made.pricing.graphs
    nothing = made.pricing.sums(made.pricing.request_row * 0)
    found = made.pricing.find(
        graph, value=nothing, leg_cost=0 * made.pricing.metres, second_cost=0, threshold=0, keep_all=True, most=100
    )
    made.pool.add(graph.duty_class, found)
    alone = [column for column in made.pool.columns if len(column.requests) == 1]
    plan = plan_of(alone, made.fleet, made.scheduler)
    assert [tour.duty for tour in plan.tours] == ["D1", "D2"]
    assert plan.served == {"r", "q"}


def test_a_promise_has_its_tour_before_anything_is_searched() -> None:
    day = instance(
        request("c", "A", "B"),
        request("r", "B", "C"),
        commitments=(commitment("D2", ("c", "pickup", 3600), ("c", "delivery", 4200)),),
        **fleet(2),
    )
    made = prepare(day, TRAVEL)
    assert made.generation.seed() == []
    plan = plan_of([column for column in made.pool.columns if not column.requests], made.fleet, made.scheduler)
    assert [(tour.duty, sorted(tour.requests)) for tour in plan.tours] == [("D2", ["c"])]


def test_a_promise_that_nobody_can_keep_is_told() -> None:
    day = instance(
        request("c", "A", "B"), commitments=(commitment("D1", ("c", "pickup", 3600), ("c", "delivery", 3700)),)
    )
    made = prepare(day, TRAVEL)
    broken = made.generation.seed()
    assert broken is not None
    assert [duty_class.duties for duty_class in broken] == [("D1",)]
