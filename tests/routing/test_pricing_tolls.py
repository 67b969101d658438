"""Pricing with subset-row cuts: the least cost is that of all tours one by one, whatever dominance leaves out."""

from __future__ import annotations

import random

import numpy as np
import pytest

from optimizer.routing import fragment_kernel as fk
from optimizer.routing.pricing import Tolls
from tests.routing.prepared import Prepared, prepare
from tests.strategies_small import random_small

HUGE = 1 << 55


def drawn_tolls(made: Prepared, rng: random.Random) -> Tolls:
    requests = list(range(len(made.instance.requests)))
    count = rng.choice((1, 5, 70))
    members = np.array([sorted(rng.sample(requests, 3)) for _ in range(count)], dtype=np.int64)
    return made.pricing.tolls(members, np.array([rng.choice((0, 3, 40, 400)) for _ in range(count)], dtype=np.int64))


def compare(seed: int) -> tuple[int, int]:
    """Hold pricing against all tours of each class; return how many classes, and how often tolls mattered."""
    day, travel = random_small(seed)
    made = prepare(day, travel)
    if len(day.requests) < 3 or not len(made.fragments):
        return 0, 0
    rng = random.Random(seed)
    compared = differed = 0
    for _ in range(3):
        tolls = drawn_tolls(made, rng)
        earned = np.array([rng.randint(0, 900) for _ in day.requests], dtype=np.int64)
        value = rng.choice((0, 1)) * made.fragments.figures[:, fk.CUSTODY] - made.pricing.sums(earned)
        second_cost = rng.choice((0, 0, 1))
        value = value + second_cost * made.fragments.figures[:, fk.DURATION]
        for graph in made.pricing.graphs:
            found = {}
            for name, keep_all in (("all", True), ("best", False)):
                found[name] = made.pricing.find(
                    graph, value=value, leg_cost=np.zeros_like(made.pricing.seconds), second_cost=second_cost,
                    threshold=HUGE, keep_all=keep_all, most=60_000, tolls=None if keep_all else tolls,
                )  # fmt: skip
                assert found[name].complete
            if not len(found["all"].cost):
                continue
            sets = found["all"].sets
            paid = np.zeros(len(sets), dtype=np.int64)
            for triple, price in zip(tolls.members.tolist(), tolls.price.tolist(), strict=True):
                carried = sum((sets[:, r // 64] >> np.uint64(r % 64)) & np.uint64(1) for r in triple)
                paid[carried >= 2] += price
            least = int((found["all"].cost + paid).min())
            assert found["best"].least == least, (seed, graph.duty_class.number)
            compared += 1
            differed += least != int(found["all"].cost.min())
    return compared, differed


def test_no_dominance_loses_the_least_cost() -> None:
    counts = [compare(seed) for seed in range(40)]
    assert sum(compared for compared, _ in counts) > 100
    assert sum(differed for _, differed in counts) > 20


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(0, 3000, 100))
def test_no_dominance_loses_the_least_cost_anywhere(seed: int) -> None:
    for at in range(seed, seed + 100):
        compare(at)


def test_every_tour_within_a_threshold_pays_its_tolls() -> None:
    day, travel = random_small(1)
    made = prepare(day, travel)
    tolls = drawn_tolls(made, random.Random(1))
    nothing = np.zeros(len(made.fragments), dtype=np.int64)
    for graph in made.pricing.graphs:
        found = made.pricing.find(
            graph, value=nothing, leg_cost=np.zeros_like(made.pricing.seconds), second_cost=0, threshold=HUGE,
            keep_all=True, most=60_000, tolls=tolls,
        )  # fmt: skip
        for t in range(len(found.cost)):
            requests = {made.rides.row_by_request[name] for name in made.requests_of(found.sets[t])}
            paid = sum(
                price
                for members, price in zip(tolls.members.tolist(), tolls.price.tolist(), strict=True)
                if len(requests.intersection(members)) >= 2
            )
            assert found.cost[t] == paid
