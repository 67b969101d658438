"""Random days: every explanation confirmed by the checker and by brute force; a thousand of them as a long run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest

from tests.why import test_choice, test_combinations, test_pair, test_relaxations

FEW = range(2_000, 2_008)
THOUSAND = range(1_000)


def judge(seed: int) -> Iterator[str]:
    """Judge all that can be asked about the plans of a seed; yield a word for each answer."""
    for plan in test_pair._asked(seed):
        for answer in plan.answers:
            test_pair.judge(plan, answer)
            yield answer.verdict.value
    for case in test_relaxations._helped(seed):
        test_relaxations.judge(case)
        yield from (found.kind.value for found in case.answer.relaxations)
        yield from ["pair"] * test_combinations.judge_pairs(case)
    yield from ["choice"] * test_choice.judge_choices(seed)
    yield from (cause.value for cause in test_choice.judge_changes(seed))


@pytest.mark.parametrize("seed", FEW)
def test_every_explanation_holds(seed: int) -> None:
    Counter(judge(seed))


@pytest.mark.slow
def test_every_explanation_of_a_thousand_days_holds() -> None:
    seen: Counter[str] = Counter()
    for seed in THOUSAND:
        seen.update(judge(seed))
    print(dict(seen))
    assert {"static", "tour", "plan", "displaces", "costs", "fits", "choice", "pair"} <= set(seen)
