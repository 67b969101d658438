"""Reasons on random tiny instances, held against brute force."""

from __future__ import annotations

from collections import Counter

import pytest

from optimizer.explain.messages_precise import ALSO_OTHERS, ALSO_PROMISED
from optimizer.explain.unserved import unserved_reasons
from optimizer.model import Instance, InstanceIndex, Rule, Solution
from optimizer.result import Obstacle, Reason
from optimizer.travel.matrix import TravelMatrix
from tests.explain.alone import can_pair, most_kept
from tests.oracle import OracleResult, brute_force
from tests.strategies import random_tiny

SEEDS = range(40)
TOGETHER = frozenset(
    {Rule.SEPARATION, Rule.EXCLUSION, Rule.LONE_MINOR, Rule.FAMILIES_APART, Rule.WOMEN_ALONE},
)
ALIKE: dict[Rule, frozenset[Rule]] = {
    **dict.fromkeys(TOGETHER, TOGETHER),
    Rule.NIGHT_PICKUP: frozenset({Rule.NIGHT_PICKUP, Rule.NIGHT_CHILDREN}),
    Rule.RIDE_TIME: frozenset({Rule.RIDE_TIME, Rule.DETOUR}),
}
"""Rules that are lifted together where one of them is named."""


def plans(instance: Instance, found: OracleResult) -> list[Solution]:
    """The optimum, and the plan of the promises alone, which leaves all requests out."""
    index = InstanceIndex(instance)
    promises = Solution(tours=tuple(t.tour(index) for t in found.tours if t.duty in index.commitment and not t.served))
    return [found.solution, promises]


@pytest.fixture(scope="module", params=SEEDS, ids=lambda seed: f"seed{seed}")
def case(request: pytest.FixtureRequest) -> tuple[Instance, TravelMatrix, list[Solution]]:
    instance, travel = random_tiny(request.param)
    return instance, travel, plans(instance, brute_force(instance, travel, verify=False))


Case = tuple[Instance, TravelMatrix, list[Solution]]


def reasons(case: Case) -> list[tuple[Solution, str, Reason]]:
    instance, travel, solutions = case
    index = InstanceIndex(instance)
    return [
        (solution, unserved.request, reason)
        for solution in solutions
        for unserved in unserved_reasons(index, travel, solution)
        for reason in unserved.reasons
    ]


def test_every_request_left_out_has_one_reason_for_each_zab(case: Case) -> None:
    instance, travel, solutions = case
    index = InstanceIndex(instance)
    zabs = sorted({index.duty_zab(duty.id) for duty in instance.duties})
    for solution in solutions:
        found = unserved_reasons(index, travel, solution)
        assert [u.request for u in found] == [r.id for r in index.pool if r.id not in solution.served]
        for unserved in found:
            assert sorted(reason.zab for reason in unserved.reasons) == zabs
            for reason in unserved.reasons:
                assert index.duty_zab(reason.duty) == reason.zab
                assert set(reason.texts) == set(reason.actions) == {"de", "en"}
                assert not any("{" in text or not text for text in (*reason.texts.values(), *reason.actions.values()))
        assert found == unserved_reasons(index, travel, solution)


def test_obstacles_are_true(case: Case) -> None:
    instance, travel, _ = case
    index = InstanceIndex(instance)
    for _, request, reason in reasons(case):
        duties = [duty.id for duty in instance.duties if index.duty_zab(duty.id) == reason.zab]
        can_tour = {duty: most_kept(instance, travel, duty, request) is not None for duty in duties}
        if reason.obstacle is Obstacle.STATIC:
            assert not any(can_pair(instance, travel, duty, request) for duty in duties), (request, reason)
        elif reason.obstacle is Obstacle.TOUR:
            assert can_pair(instance, travel, reason.duty, request), (request, reason)
            assert not any(can_tour.values()), (request, reason)
        else:
            assert can_tour[reason.duty], (request, reason)


def test_a_rule_named_alone_is_the_one_in_the_way(case: Case) -> None:
    instance, travel, _ = case
    for _, request, reason in reasons(case):
        if reason.obstacle is not Obstacle.TOUR or ALSO_OTHERS["de"] in reason.texts["de"]:
            continue
        assert reason.rule is not None
        is_promised = ALSO_PROMISED["de"] in reason.texts["de"] or reason.rule is Rule.COMMITMENT
        off = ALIKE.get(reason.rule, frozenset({reason.rule}))
        kept = most_kept(instance, travel, reason.duty, request, off=off, promises=not is_promised)
        assert kept is not None, (request, reason)


def test_those_displaced_are_as_few_as_can_be(case: Case) -> None:
    instance, travel, _ = case
    index = InstanceIndex(instance)
    for solution, request, reason in reasons(case):
        if reason.obstacle is not Obstacle.DISPLACES or reason.rule is not None:
            continue
        riders = tuple(r.id for r in index.pool if solution.duty_by_request.get(r.id) == reason.duty)
        kept = most_kept(instance, travel, reason.duty, request, riders)
        assert kept is not None
        units = {unit for unit in index.units if set(unit) & set(reason.displaces)}
        assert set(reason.displaces) == {member for unit in units for member in unit}
        leaving = len(set(reason.displaces) & set(riders))
        # Where one of a bundle leaves, its partner leaves too, and may ride here as well.
        is_bundled = any(len(unit) > 1 for unit in units)
        assert len(riders) - kept == leaving or (is_bundled and len(riders) - kept < leaving), (request, reason)
        # With those gone the request does fit in.
        left = tuple(rider for rider in riders if rider not in reason.displaces)
        assert most_kept(instance, travel, reason.duty, request, left) == len(left)


def test_the_seeds_show_every_obstacle_and_many_rules() -> None:
    seen: Counter[Obstacle] = Counter()
    rules: set[Rule | None] = set()
    for seed in SEEDS:
        instance, travel = random_tiny(seed)
        found = brute_force(instance, travel, verify=False)
        for _, _, reason in reasons((instance, travel, plans(instance, found))):
            seen[reason.obstacle] += 1
            rules.add(reason.rule)
    assert set(seen) == set(Obstacle), seen
    assert len(rules) >= 12, rules
