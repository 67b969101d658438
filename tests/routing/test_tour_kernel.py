"""Filling a hole in a tour: legal always, and as good as exact pricing where the tour is small."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from optimizer.model import Stage
from optimizer.routing import fragment_kernel as fk
from optimizer.routing.completion import NEVER
from optimizer.routing.tour_kernel import LONGEST, fill, workspace
from optimizer.search.neighbourhood_tables import Weights, build_blocks, build_problem
from optimizer.search.plan import relevant_stages
from optimizer.simulate.sampling import sample
from tests.routing.prepared import Prepared, prepare

NOTHING = np.zeros(0, dtype=np.int64)


class Filler:
    """Fills tours of a day; every served request is worth one, nothing else counts."""

    def __init__(self, made: Prepared) -> None:
        self.made = made
        self.duties = [c for c in made.fleet.classes for _ in range(c.count)]
        stages = relevant_stages(made.instance)
        self.weights = Weights(made.index, made.fleet.classes, stages, 0)
        blocks = build_blocks(made.pricing, made.fragments, self.duties, made.index, self.weights)
        self.blocks = blocks._replace(price=0)
        self.problem = build_problem(
            made.index,
            made.fleet,
            made.fragments,
            made.pricing,
            made.rows,
            self.duties,
            stages,
            weights=self.weights,
            penalty=0,
        )

    def candidates(self, duty: int) -> Any:
        """All fragments of the duty by their first start."""
        able = np.nonzero(self.problem.able[self.duties[duty].number])[0]
        return able[np.argsort(self.made.fragments.figures[able, fk.LO], kind="stable")]

    def fill(self, duty: int, chain: Any, since: int, until: int, candidates: Any, most: int = 1000) -> Any:
        """Return chain, gaps and span; ``None`` where nothing legal was found."""
        values = self.carried(candidates)
        out, gaps = np.zeros(LONGEST, np.int64), np.zeros(LONGEST + 1, np.int64)
        length, span = fill(
            self.blocks, workspace(len(candidates)), duty, np.array(chain, dtype=np.int64), len(chain), since, until,
            candidates, values, most, out, gaps,
        )  # fmt: skip
        return None if length < 0 else (out[:length].tolist(), gaps[: length + 1].tolist(), span)

    def carried(self, fragments: Any) -> Any:
        """How many pool requests each fragment carries."""
        begins = self.blocks.carried_from
        return begins[np.asarray(fragments, dtype=np.int64) + 1] - begins[np.asarray(fragments, dtype=np.int64)]


def exact(filler: Filler, duty: int) -> tuple[int, list[int], list[int]] | None:
    """The most requests a tour can carry, with such a tour, by exact pricing."""
    pricing, number = filler.made.pricing, filler.duties[duty].number
    found = pricing.find(
        pricing.graphs[number],
        value=-pricing.sums(np.ones(len(filler.made.instance.requests), dtype=np.int64)),
        leg_cost=np.zeros_like(pricing.seconds),
        second_cost=0,
        threshold=0,
        keep_all=False,
        most=1000,
    )
    if not len(found.cost):
        return None
    best = int(np.argmin(found.cost))
    return -int(found.cost[best]), found.chains[best].tolist(), found.gaps[best].tolist()


@pytest.mark.parametrize("seed", range(4))
def test_a_filled_tour_is_legal_and_carries_what_exact_pricing_carries(seed: int) -> None:
    made = prepare(*sample(requests=40, duties=10, seed=seed))
    filler = Filler(made)
    for duty, duty_class in enumerate(filler.duties):
        truth = exact(filler, duty)
        found = filler.fill(duty, NOTHING, 0, 0, filler.candidates(duty))
        assert truth is not None
        assert found is not None
        chain, gaps, span = found
        if not chain:
            assert truth[0] == 0
            continue
        times = made.scheduler.times(duty_class, chain, gaps)
        assert times is not None, (duty, chain, gaps)
        if not made.fragments.figures[chain, fk.TOUCHES_NIGHT].any():
            assert times.span == span
        requests = [r for f in chain for r in range_of(filler, f)]
        assert len(requests) == len(set(requests)), "a request twice"
        assert filler.carried(chain).sum() == truth[0], (duty, chain, truth)


def range_of(filler: Filler, fragment: int) -> list[int]:
    """The pool requests of a fragment."""
    begins = filler.blocks.carried_from
    return list(filler.blocks.carried[begins[fragment] : begins[fragment + 1]].tolist())


@pytest.mark.parametrize("seed", range(4))
def test_a_known_tour_is_found_again_from_its_ends_and_from_any_hole(seed: int) -> None:
    made = prepare(*sample(requests=40, duties=10, seed=seed))
    filler = Filler(made)
    for duty in range(len(filler.duties)):
        truth = exact(filler, duty)
        if truth is None:
            continue
        _, chain, _ = truth
        for since in range(len(chain) + 1):
            for until in range(since, len(chain) + 1):
                hole = np.array(chain[since:until], dtype=np.int64)
                found = filler.fill(duty, chain, since, until, hole)
                assert found is not None
                assert found[0] == chain, (duty, since, until)


def test_the_most_requests_of_a_tour_are_kept() -> None:
    made = prepare(*sample(requests=40, duties=10, seed=1))
    filler = Filler(made)
    for duty in range(len(filler.duties)):
        found = filler.fill(duty, NOTHING, 0, 0, filler.candidates(duty), most=1)
        if found is not None and found[0]:
            assert filler.carried(found[0]).sum() <= 1


def test_a_duty_without_promises_stays_at_home_where_nothing_is_worth_the_way() -> None:
    made = prepare(*sample(requests=10, duties=4, seed=1))
    filler = Filler(made)
    filler.blocks = filler.blocks._replace(price=1, quantum=1)
    home = [n for n, duty_class in enumerate(filler.duties) if not duty_class.promises]
    assert home
    for duty in home:
        assert filler.fill(duty, NOTHING, 0, 0, filler.candidates(duty)) == ([], [0], 0)


def test_points_put_an_earlier_stage_above_all_later_ones() -> None:
    made = prepare(*sample(requests=10, duties=4, seed=1))
    weights = Filler(made).weights
    assert weights.of(Stage.SERVED) > 8000 * weights.of(Stage.CUSTODY) > 0
    assert weights.of(Stage.CUSTODY) > 1000 * weights.of(Stage.NIGHT) > 0
    assert weights.of(Stage.SERVED) < NEVER
