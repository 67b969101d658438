"""The compiled network against Bellman-Ford and linear programming on random sequences."""

from __future__ import annotations

import itertools
import random

import numpy as np
import pytest

from optimizer.routing.network import (
    greatest_assignment,
    least_ride_seconds,
    tighten_earliest,
    tighten_latest,
)
from tests.routing.oracle_network import Network, random_network


def networks(seed: int, number: int, **fields: int) -> list[Network]:
    rng = random.Random(seed)
    return [random_network(rng, **fields) for _ in range(number)]


def test_earliest_and_latest_times_are_those_of_bellman_ford() -> None:
    feasible = 0
    for network in networks(1, 6000):
        begin, to, lag, pick, reach = network.arrays()
        expected = network.earliest()
        times = begin.copy()
        assert tighten_earliest(network.n, times, to, lag, pick, reach, network.wait) == (expected is not None), network
        if expected is None:
            continue
        feasible += 1
        assert times.tolist() == expected, network
        latest = to.copy()
        tighten_latest(network.n, latest, lag, pick, reach, network.wait)
        assert latest.tolist() == network.latest(), network
    assert 1500 < feasible < 5000, "the sequences are no test if nearly all or nearly none have a timetable"


def test_earliest_times_may_be_tightened_step_by_step() -> None:
    # The enumeration begins with the earliest times of the sequence so far: the answer must be the same.
    for network in networks(2, 1500):
        begin, to, lag, pick, reach = network.arrays()
        times = begin.copy()
        feasible = True
        for n in range(1, network.n + 1):
            feasible = feasible and tighten_earliest(n, times, to, lag, pick, reach, network.wait)
        expected = network.earliest()
        assert feasible == (expected is not None), network
        assert not feasible or times.tolist() == expected, network


def test_least_ride_seconds_are_those_of_a_linear_programme() -> None:
    waited = 0
    for network in networks(3, 1500):
        if network.earliest() is None:
            continue
        begin, to, lag, pick, reach = network.arrays()
        found = least_ride_seconds(network.n, begin, to, lag, pick, reach, network.wait)
        assert found == network.least_ride_seconds(), network
        straight = sum(sum(network.lag[p + 1 : k + 1]) for k, p in enumerate(network.pick) if p >= 0)
        assert found >= straight
        waited += found > straight
    assert waited > 50, "in some sequences somebody must wait on board"


@pytest.mark.parametrize("size", [1, 2, 3, 5])
def test_greatest_assignment_is_the_best_of_all_permutations(size: int) -> None:
    rng = np.random.default_rng(size)
    for _ in range(200):
        value = rng.integers(-50, 50, size=(size, size))
        best = max(sum(value[i, p[i]] for i in range(size)) for p in itertools.permutations(range(size)))
        assert greatest_assignment(value) == best
