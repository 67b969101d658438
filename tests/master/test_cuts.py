"""Subset-row cuts: what they say of a column, and that separation finds those that are broken."""

from __future__ import annotations

import itertools
import random

import numpy as np

from optimizer.master.cuts import Cut, CutIndex, separate
from tests.master.test_selection import column


def test_a_cut_counts_columns_with_two_or_three_members() -> None:
    cut = Cut((1, 4, 7))
    assert [cut.coefficient(requests) for requests in ((), (1,), (1, 2), (1, 4), (4, 7, 9), (1, 4, 7))] == [
        0, 0, 0, 1, 1, 1,
    ]  # fmt: skip


def test_the_index_finds_what_the_cuts_say() -> None:
    rng = random.Random(1)
    cuts = [Cut(tuple(sorted(rng.sample(range(9), 3)))) for _ in range(30)]  # type: ignore[arg-type]
    index = CutIndex(cuts)
    for size in range(6):
        for requests in itertools.combinations(range(9), size):
            assert index.of(requests) == {n for n, cut in enumerate(cuts) if cut.coefficient(requests)}


def test_half_of_each_of_three_pairs_is_cut_off() -> None:
    pairs = [column(0, 0, 0, 1), column(1, 1, 1, 2), column(2, 2, 0, 2)]
    assert separate(pairs, np.array([0.5, 0.5, 0.5]), most=5) == [Cut((0, 1, 2))]
    assert separate(pairs, np.array([0.5, 0.5, 0.0]), most=5) == []
    assert separate(pairs, np.array([0.5, 0.5, 0.5]), most=0) == []


def test_separation_finds_every_broken_triple_and_no_other() -> None:
    rng = random.Random(2)
    broken = 0
    for _ in range(200):
        columns = [column(n, n, *sorted(rng.sample(range(6), rng.randint(1, 4)))) for n in range(8)]
        values = np.array([rng.choice((0.0, 0.25, 0.5, 0.75)) for _ in columns])
        truth = {
            triple
            for triple in itertools.combinations(range(6), 3)
            if sum(v * Cut(triple).coefficient(c.requests) for c, v in zip(columns, values, strict=True)) > 1.02
        }
        found = {cut.members for cut in separate(columns, values, most=1000)}
        assert found <= truth
        assert bool(found) == bool(truth)
        broken += len(truth)
    assert broken > 100


def test_a_whole_choice_breaks_no_cut() -> None:
    rng = random.Random(3)
    for _ in range(200):
        requests = rng.sample(range(8), 8)
        columns = [column(0, 0, *requests[:3]), column(1, 1, *requests[3:5]), column(2, 2, *requests[5:])]
        assert separate(columns, np.ones(3), most=10) == []
        for triple in itertools.combinations(range(8), 3):
            assert sum(Cut(triple).coefficient(c.requests) for c in columns) <= 1
