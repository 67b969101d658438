"""Explanations of a day of 200 requests and 40 duties: one pair within a second, what helps within 10, all within 20.

Limits are judged by processor time: wall-clock time says as well what else the machine does.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import cache

from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks.days import day, first_plan
from benchmarks.measured import measured
from optimizer.answer import WhatHelps
from optimizer.why.pair import why_not, why_unserved
from optimizer.why.plan import Planned
from optimizer.why.relaxations import what_helps

PAIR, HELP, DAY = 1.0, 10.0, 20.0
"""Most seconds."""
_REQUESTS, _DUTIES = 6, 8
"""Requests and duties of the pairs."""


@cache
def planned() -> Planned:
    """Return a plan that construction makes of the day: a first one, not always the same; kernels are warm then."""
    made = Planned(*day(200, 40), first_plan(200, 40))
    why_not(made.instance, made.travel, made.solution, left_out(made)[0], made.instance.duties[0].id)
    return made


def left_out(made: Planned) -> list[str]:
    """Return who is left out."""
    return [request.id for request in made.index.pool if request.id not in made.duty_of]


def seconds(work: Callable[[], object]) -> float:
    """Return the processor time of a piece of work."""
    begun = time.process_time()
    work()
    return time.process_time() - begun


def test_pairs(benchmark: BenchmarkFixture) -> None:
    made = planned()
    asked = [(r, d.id) for r in left_out(made)[:_REQUESTS] for d in made.instance.duties[::5][:_DUTIES]]

    def slowest() -> float:
        return max(
            seconds(lambda r=r, d=d: why_not(made.instance, made.travel, made.solution, r, d))  # type: ignore[misc]
            for r, d in asked
        )

    worst = measured(benchmark, slowest, rounds=2)
    benchmark.extra_info.update(pairs=len(asked), slowest=round(worst, 3))
    assert worst <= PAIR


def test_what_helps(benchmark: BenchmarkFixture) -> None:
    made = planned()
    asked = left_out(made)[:_REQUESTS]
    answers: list[WhatHelps] = []

    def slowest() -> float:
        return max(
            seconds(lambda r=r: answers.append(what_helps(made.instance, made.travel, made.solution, r)))  # type: ignore[misc]
            for r in asked
        )

    worst = measured(benchmark, slowest, rounds=1)
    # Where no single change is enough two together are looked for: that takes longest.
    paired = [each for each in answers if each.looked_at is not None]
    benchmark.extra_info.update(
        requests=len(asked), slowest=round(worst, 3), without_single=len(paired),
        with_pair=sum(bool(each.combinations) for each in paired),
        all_pairs=sum(each.looked_at.is_complete for each in paired if each.looked_at is not None),
    )  # fmt: skip
    assert any(each.combinations for each in paired)
    assert worst <= HELP


def test_the_whole_day(benchmark: BenchmarkFixture) -> None:
    made = planned()
    answers: list[object] = []

    def all_of_them() -> float:
        answers.clear()
        return seconds(lambda: answers.extend(why_unserved(made.instance, made.travel, made.solution, strict=True)))

    spent = measured(benchmark, all_of_them, rounds=1)
    benchmark.extra_info.update(answers=len(answers), seconds=round(spent, 2))
    assert len(answers) > 500
    assert spent <= DAY
