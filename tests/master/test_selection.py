"""Selection over given columns: rows, hints, fixed stages, and what cannot be chosen."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable

import pytest

from optimizer.master.column import Column
from optimizer.master.rows import Auxiliary, Row, Rows, worth_of
from optimizer.master.selection import select
from optimizer.model import Rule, Stage
from optimizer.params import SolveParams

PARAMS = SolveParams(workers=1)


def column(number: int, duty_class: int, *requests: int, custody: int = 0, cost: int = 0) -> Column:
    return Column(
        number=number, duty_class=duty_class, requests=requests, chain=(), gaps=(),
        custody=custody, night=0, cost=cost, kept=0,
    )  # fmt: skip


def rows(requests: int, classes: int, *, weights: tuple[int, ...] = (), must: tuple[int, ...] = ()) -> Rows:
    """Cover rows of single requests, and at most (or exactly, for ``must``) one tour of each class."""
    made = Rows()
    for request in range(requests):
        row = made.add(Rule.ONCE_PER_REQUEST, 0, 0)
        made.cover[request] = row
        weight = weights[request] if weights else 1
        made.auxiliaries.append(Auxiliary(entries={row: -1}, worth={Stage.SERVED: weight}))
    for number in range(classes):
        made.of_class[number] = [made.add(Rule.DEPOT, 1 if number in must else 0, 1)]
        made.per_request[number] = []
    return made


TWO = [column(0, 0, 0, 1, cost=50), column(1, 0, 0, cost=10), column(2, 1, 1, cost=10), column(3, 1, 0, cost=9)]


def test_the_best_choice_is_found_and_proven() -> None:
    chosen = select(rows(2, 2), TWO, Stage.SERVED, {}, PARAMS)
    assert chosen is not None
    assert (chosen.value, chosen.bound, chosen.proven) == (2, 2, True)
    cheap = select(rows(2, 2), TWO, Stage.COST, {Stage.SERVED: 2}, PARAMS)
    assert cheap is not None
    assert ([c.number for c in cheap.columns], cheap.value) == ([1, 2], 20)


def test_a_bundle_is_chosen_whole_or_not() -> None:
    made = rows(2, 2)
    made.auxiliaries = [Auxiliary(entries={0: -1, 1: -1}, worth={Stage.SERVED: 3})]
    whole = select(made, TWO, Stage.SERVED, {}, PARAMS)
    assert whole is not None
    assert {request for c in whole.columns for request in c.requests} == {0, 1}
    none = select(made, [TWO[1], TWO[3]], Stage.SERVED, {}, PARAMS)
    assert none is not None
    assert (none.value, none.columns) == (0, ())


def test_rows_that_nothing_keeps_leave_no_choice() -> None:
    assert select(rows(1, 2, must=(1,)), [column(0, 0, 0)], Stage.SERVED, {}, PARAMS) is None
    assert select(rows(2, 2), TWO, Stage.COST, {Stage.SERVED: 3}, PARAMS) is None
    assert select(rows(1, 1, must=(0,)), [], Stage.SERVED, {}, PARAMS) is None


def test_no_columns_are_a_choice_too() -> None:
    chosen = select(rows(2, 2), [], Stage.SERVED, {}, PARAMS)
    assert chosen is not None
    assert (chosen.columns, chosen.value, chosen.proven) == ((), 0, True)


def test_the_constant_counts() -> None:
    made = rows(1, 1)
    made.constant[Stage.COST] = 1000
    chosen = select(made, [column(0, 0, 0, cost=7)], Stage.COST, {Stage.SERVED: 1}, PARAMS)
    assert chosen is not None
    assert (chosen.value, chosen.bound) == (1007, 1007)


@pytest.mark.parametrize("hint", [(), (0,), (1, 2), (0, 1, 2, 3)], ids=["none", "good", "best", "illegal"])
def test_a_hint_changes_nothing_but_the_way(hint: tuple[int, ...]) -> None:
    chosen = select(rows(2, 2), TWO, Stage.COST, {Stage.SERVED: 2}, PARAMS, hint=[TWO[number] for number in hint])
    assert chosen is not None
    assert (chosen.value, chosen.proven) == (20, True)


def test_a_known_bound_that_is_reached_ends_the_search() -> None:
    chosen = select(rows(2, 2), TWO, Stage.SERVED, {}, PARAMS, hint=[TWO[0]], known_bound=2)
    assert chosen is not None
    assert chosen.value == 2


def test_progress_is_told() -> None:
    told: list[int] = []
    select(rows(2, 2), TWO, Stage.SERVED, {}, PARAMS, told=told.append)
    assert told[-1] == 2


def test_the_search_can_be_ended_from_outside() -> None:
    enders: list[Callable[[], None] | None] = []
    select(rows(2, 2), TWO, Stage.SERVED, {}, PARAMS, stoppable=enders.append)
    assert len(enders) == 1
    assert callable(enders[0])


def test_random_choices_are_those_of_brute_force() -> None:
    rng = random.Random(4)
    infeasible = 0
    for _ in range(60):
        requests, classes = rng.randint(1, 4), rng.randint(1, 3)
        must = tuple(number for number in range(classes) if rng.random() < 0.3)
        made = rows(requests, classes, weights=tuple(rng.randint(0, 4) for _ in range(requests)), must=must)
        if rng.random() < 0.5:
            budget = made.add(Rule.BUDGET, 0, rng.randint(0, 3))
            made.per_request[0].append(budget)
        columns = [
            column(number, rng.randrange(classes), *rng.sample(range(requests), rng.randint(1, requests)),
                   custody=rng.randint(-3, 9), cost=rng.randint(0, 20))
            for number in range(rng.randint(1, 7))
        ]  # fmt: skip
        choices = [
            choice
            for size in range(len(columns) + 1)
            for choice in itertools.combinations(columns, size)
            if worth_of(made, choice, Stage.SERVED) is not None
        ]
        fixed: dict[Stage, int] = {}
        for stage in (Stage.SERVED, Stage.CUSTODY, Stage.COST):
            values = [value for choice in choices if (value := worth_of(made, choice, stage)) is not None]
            chosen = select(made, columns, stage, fixed, PARAMS)
            if not choices:
                assert chosen is None
                infeasible += 1
                break
            best = max(values) if stage.is_maximised else min(values)
            assert chosen is not None
            assert (chosen.value, chosen.proven) == (best, True)
            fixed[stage] = best
            choices = [choice for choice in choices if worth_of(made, choice, stage) == best]
    assert infeasible > 3


def test_a_broken_choice_has_no_worth() -> None:
    made = rows(2, 2)
    assert worth_of(made, [TWO[1], TWO[2]], Stage.SERVED) == 2
    assert worth_of(made, [TWO[0], TWO[1]], Stage.SERVED) is None, "one class, two tours"
    assert worth_of(made, [TWO[1], TWO[3]], Stage.SERVED) is None, "one request, two tours"
    assert isinstance(made.rows[0], Row)
