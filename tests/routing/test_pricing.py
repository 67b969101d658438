"""Pricing against the oracle: the best tour of every set, the least price of all, bounds that cut nothing."""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from optimizer.model import BreakTier, Instance, Stage
from optimizer.model.units import HOUR, MINUTE
from optimizer.routing import fragment_kernel as fk
from optimizer.routing.classes import DutyClass
from optimizer.routing.pricing import ClassGraph, Found, restricted
from optimizer.travel.matrix import TravelMatrix
from tests.builders import arbzg, fleet, instance, line, neutral, request
from tests.oracle import OracleTour, brute_force
from tests.routing.prepared import Prepared, prepare
from tests.strategies import random_tiny

TIMED = (Stage.CUSTODY, Stage.NIGHT, Stage.COST)
MOST = 50_000
HUGE = 1 << 55


def with_stages(day: Instance, *stages: Stage) -> Instance:
    """The same day with other stages and without the demand that all be served: tours are looked at one by one."""
    return replace(day, stages=stages, serve_all=False)


def tours_by_duty(day: Instance, travel: TravelMatrix) -> dict[str, list[OracleTour]]:
    tours: dict[str, list[OracleTour]] = {}
    for tour in brute_force(day, travel).tours:
        tours.setdefault(tour.duty, []).append(tour)
    return tours


def all_tours(made: Prepared, graph: ClassGraph, *, threshold: int = HUGE) -> Found:
    """Every tour of a class, at no cost at all."""
    nothing = np.zeros(len(made.fragments), dtype=np.int64)
    found = made.pricing.find(
        graph, value=nothing, leg_cost=np.zeros_like(made.pricing.seconds), second_cost=0,
        threshold=threshold, keep_all=True, most=MOST,
    )  # fmt: skip
    assert found.complete
    return found


def best_by_set(made: Prepared, duty_class: DutyClass, found: Found) -> dict[frozenset[str], tuple[int, ...]]:
    """The stages' values of the best tour found for each set, as the instance ranks them."""
    order = [stage for stage in made.instance.stages if stage in TIMED]
    best: dict[frozenset[str], tuple[int, ...]] = {}
    for t, chain in enumerate(found.chains):
        times = made.scheduler.times(duty_class, chain.tolist(), found.gaps[t].tolist())
        assert times is not None, "pricing found a tour without a timetable"
        custody, metres = int(found.figures[t, 0]), int(found.figures[t, 3])
        values = {
            Stage.CUSTODY: custody,
            Stage.NIGHT: times.night,
            Stage.COST: metres * duty_class.rate_per_metre + times.span * duty_class.rate_per_second,
        }
        if not found.figures[t, 2]:
            assert times.span == found.figures[t, 4], "by day the span that pricing tells is the timetable's"
        key = made.requests_of(found.sets[t])
        vector = tuple(values[stage] for stage in order)
        best[key] = min(best.get(key, vector), vector)
    return best


def compare_sets(seed: int) -> int:
    """Hold the best tour of each set, class by class, against the oracle's; return how many there are."""
    day, travel = random_tiny(seed)
    day = with_stages(day, *day.stages)
    oracle = tours_by_duty(day, travel)
    made = prepare(day, travel)
    compared = 0
    priced = set()
    for graph in made.pricing.graphs:
        found = best_by_set(made, graph.duty_class, all_tours(made, graph))
        for duty in graph.duty_class.duties:
            priced.add(duty)
            expected = {tour.served: tour.course.vector(tour.timetable.values) for tour in oracle.get(duty, [])}
            assert found == expected, (seed, duty)
            compared += len(expected)
    assert {duty for duty, tours in oracle.items() if tours} <= priced
    return compared


@pytest.mark.parametrize("first", range(0, 90, 30))
def test_every_set_has_the_best_tour(first: int) -> None:
    assert sum(compare_sets(seed) for seed in range(first, first + 30)) > 40


@pytest.mark.slow
@pytest.mark.parametrize("first", range(1000, 3000, 100))
def test_every_set_has_the_best_tour_on_many_instances(first: int) -> None:
    for seed in range(first, first + 100):
        compare_sets(seed)


def prices(
    made: Prepared, seed: int, duty_class: DutyClass, stage: Stage
) -> tuple[NDArray[np.int64], dict[str, int], int]:
    """Random worths of requests, about as much as a tour costs; value of each fragment; the factor of the stage."""
    rng = random.Random(seed)
    factor = rng.choice((1, 1, 1000))
    typical = {Stage.CUSTODY: 2000, Stage.COST: 60_000_000}[stage]
    worth = {name: factor * rng.randint(-typical // 4, typical) for name in made.rides.ids}
    figures = made.fragments.figures
    if stage is Stage.CUSTODY:
        value = factor * figures[:, fk.CUSTODY]
    else:
        value = factor * (
            duty_class.rate_per_metre * figures[:, fk.METRES] + duty_class.rate_per_second * figures[:, fk.DURATION]
        )
    earned = np.array([worth[name] for name in made.rides.ids], dtype=np.int64)
    return value - made.pricing.sums(earned), worth, factor


def find(
    made: Prepared, graph: ClassGraph, value: NDArray[np.int64], stage: Stage, factor: int, *,
    threshold: int, keep_all: bool, exact: bool = True,
) -> Found:  # fmt: skip
    cost = factor if stage is Stage.COST else 0
    return made.pricing.find(
        graph, value=value, leg_cost=cost * graph.duty_class.rate_per_metre * made.pricing.metres,
        second_cost=cost * graph.duty_class.rate_per_second, threshold=threshold,
        keep_all=keep_all, most=MOST, exact=exact,
    )  # fmt: skip


def compare_prices(seed: int, stage: Stage) -> int:
    """Hold the least reduced cost, and every set below a threshold, against the oracle; return how many classes."""
    day, travel = random_tiny(seed)
    day = with_stages(day, Stage.SERVED, stage)
    oracle = tours_by_duty(day, travel)
    made = prepare(day, travel)
    compared = 0
    for graph in made.pricing.graphs:
        duty_class = graph.duty_class
        value, worth, factor = prices(made, seed, duty_class, stage)
        reduced = {
            tour.served: factor * tour.timetable.values[stage] - sum(worth[name] for name in tour.served)
            for tour in oracle.get(duty_class.duties[0], [])
        }
        least = min(reduced.values(), default=HUGE)
        found = find(made, graph, value, stage, factor, threshold=HUGE, keep_all=False)
        assert found.complete
        assert min(found.least, HUGE) == least, (seed, duty_class.duties)
        assert min(found.cost, default=HUGE) == least
        # Just at the threshold a tour is found, just below it none: no bound may cut it.
        if reduced:
            assert find(made, graph, value, stage, factor, threshold=least, keep_all=False).least == least
            assert not len(find(made, graph, value, stage, factor, threshold=least - 1, keep_all=False).cost)
            compared += 1
        # Every set within the gap, with completion bounds and without.
        for threshold in sorted(reduced.values())[:: max(1, len(reduced) // 3)]:
            within = {served for served, cost in reduced.items() if cost <= threshold}
            for each in (graph, replace(graph, width=0)):
                everything = find(made, each, value, stage, factor, threshold=threshold, keep_all=True)
                assert everything.complete
                assert {made.requests_of(words) for words in everything.sets} == within, (seed, duty_class.duties)
                assert min(everything.cost) == least
        # The quick search finds real tours only.
        quick = find(made, graph, value, stage, factor, threshold=HUGE, keep_all=False, exact=False)
        for words, cost in zip(quick.sets, quick.cost, strict=True):
            assert reduced[made.requests_of(words)] <= cost
    return compared


@pytest.mark.parametrize("stage", [Stage.CUSTODY, Stage.COST])
def test_the_least_price_is_that_of_the_oracle(stage: Stage) -> None:
    assert sum(compare_prices(seed, stage) for seed in range(100, 160)) > 50


@pytest.mark.slow
@pytest.mark.parametrize("stage", [Stage.CUSTODY, Stage.COST])
@pytest.mark.parametrize("first", range(3000, 5000, 200))
def test_the_least_price_is_that_of_the_oracle_on_many_instances(stage: Stage, first: int) -> None:
    for seed in range(first, first + 200):
        compare_prices(seed, stage)


# --- by hand ----------------------------------------------------------------------------------------------------------

TRAVEL = line({"depot": 0, "A": 600, "B": 1200, "C": 1800})


def three() -> Instance:
    return instance(request("r", "A", "B"), request("q", "B", "C"), request("p", "C", "A"), **fleet(2))


def test_alike_duties_are_priced_once() -> None:
    made = prepare(three(), TRAVEL)
    assert [graph.duty_class.duties for graph in made.pricing.graphs] == [("D1", "D2")]


def test_a_restricted_graph_finds_only_what_is_allowed() -> None:
    made = prepare(three(), TRAVEL)
    graph = made.pricing.graphs[0]
    without = np.array([not made.requests_of(words) & {"q"} for words in made.fragments.requests])
    sets = {made.requests_of(words) for words in all_tours(made, restricted(graph, without)).sets}
    assert sets == {frozenset("r"), frozenset("p"), frozenset("rp")}
    assert {made.requests_of(words) for words in all_tours(made, graph).sets} > sets


def test_a_halt_leaves_the_search_incomplete() -> None:
    made = prepare(three(), TRAVEL)
    made.pricing._halt[0] = True
    graph = made.pricing.graphs[0]
    nothing = np.zeros(len(made.fragments), dtype=np.int64)
    found = made.pricing.find(
        graph, value=nothing, leg_cost=np.zeros_like(made.pricing.seconds), second_cost=0, threshold=0,
        keep_all=True, most=MOST,
    )  # fmt: skip
    assert not found.complete
    assert len(found.cost) == 0


def test_more_tours_than_there_is_room_for_are_not_silently_left_out() -> None:
    made = prepare(three(), TRAVEL)
    nothing = np.zeros(len(made.fragments), dtype=np.int64)
    found = made.pricing.find(
        made.pricing.graphs[0], value=nothing, leg_cost=np.zeros_like(made.pricing.seconds), second_cost=0,
        threshold=0, keep_all=True, most=2,
    )  # fmt: skip
    assert not found.complete


def test_a_break_is_made_where_the_span_needs_one() -> None:
    # Depot to A 600, ride to C 1,200, home 1,800: one hour, and 15 minutes of break where that is already too long.
    def span(tier: int) -> int:
        profile = arbzg(tiers=(BreakTier(span=tier, total=15 * MINUTE),), max_stretch=None, max_span=None)
        made = prepare(instance(request("r", "A", "C"), parameters=neutral(working_time=(profile,))), TRAVEL)
        return int(all_tours(made, made.pricing.graphs[0]).figures[:, 4].min())

    assert span(HOUR) == HOUR
    assert span(HOUR - 1) == HOUR + 15 * MINUTE
