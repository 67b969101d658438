"""Branch and bound against brute force: the optimum, proven; stopped anywhere, a bound that holds."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pytest

from optimizer.master.branch_and_bound import BranchAndBound
from optimizer.master.column import Column
from optimizer.master.column_set import ColumnSet
from optimizer.master.relaxation import sign
from optimizer.master.rows import Auxiliary, Rows, worth_of
from optimizer.model import Rule, Stage
from tests.master.test_selection import column, rows

ORDER = (Stage.SERVED, Stage.CUSTODY, Stage.FAIR_LOAD, Stage.COST)


@dataclass(frozen=True)
class Packing:
    made: Rows
    columns: list[Column]

    @property
    def counts(self) -> dict[int, tuple[int, int]]:
        bounds = {number: self.made.rows[at[0]] for number, at in self.made.of_class.items()}
        return {number: (row.lower, row.upper) for number, row in bounds.items()}

    def choices(self) -> list[tuple[Column, ...]]:
        return [c for c in self._grown((), 0, frozenset()) if worth_of(self.made, c, Stage.SERVED) is not None]

    def _grown(self, chosen: tuple[Column, ...], at: int, taken: frozenset[int]) -> Iterator[tuple[Column, ...]]:
        yield chosen
        for x in range(at, len(self.columns)):
            more = self.columns[x]
            if not taken.intersection(more.requests):
                yield from self._grown((*chosen, more), x + 1, taken.union(more.requests))


def drawn(rng: random.Random) -> Packing:
    requests, classes = rng.randint(3, 8), rng.randint(2, 5)
    must = tuple(number for number in range(classes) if rng.random() < 0.15)
    made = rows(requests, classes, weights=tuple(rng.choice((1, 1, 2, 4)) for _ in range(requests)), must=must)
    for number in range(classes):
        if number not in must and rng.random() < 0.3:
            made.rows[made.of_class[number][0]].upper = 2
    if rng.random() < 0.4:
        made.per_request[0].append(made.add(Rule.BUDGET, 0, rng.randint(0, 4)))
    if rng.random() < 0.5:
        load = made.add(None, 0, 0)
        for number in range(1, classes):
            made.per_request[number].append(load)
        for number in range(requests):
            made.auxiliaries.append(Auxiliary(entries={load: -1}, worth={Stage.FAIR_LOAD: 100 * (2 * number + 1)}))
    known = set()
    columns: list[Column] = []
    for _ in range(rng.randint(5, 16)):
        duty_class = rng.randrange(classes)
        members = tuple(sorted(rng.sample(range(requests), rng.randint(1, min(3, requests)))))
        if (duty_class, members) not in known:
            known.add((duty_class, members))
            columns.append(
                column(len(columns), duty_class, *members, custody=rng.randint(-3, 900), cost=rng.randint(0, 10**9))
            )
    columns += [column(len(columns) + n, number) for n, number in enumerate(must)]
    return Packing(made, columns)


def search(
    packing: Packing, stage: Stage, fixed: dict[Stage, int], known: int, nodes: int, start: Sequence[Column] = ()
) -> tuple[int, tuple[Column, ...] | None]:
    left = [nodes]

    def should_stop() -> bool:
        left[0] -= 1
        return left[0] < 0

    made = BranchAndBound(
        ColumnSet(packing.made, packing.columns), stage, fixed, counts=packing.counts, known=known, start=start,
        should_stop=should_stop,
    )  # fmt: skip
    if made.relax() is None:
        return -(1 << 50), None
    answer = made.run()
    return answer.bound, answer.columns


@pytest.mark.parametrize("nodes", [100_000, 6, 3])
def test_what_is_proven_is_what_brute_force_finds(nodes: int) -> None:
    rng = random.Random(nodes)
    proven = 0
    for case in range(60):
        packing = drawn(rng)
        choices = packing.choices()
        fixed: dict[Stage, int] = {}
        for stage in ORDER if choices else ():
            values = [sign(stage) * value for c in choices if (value := worth_of(packing.made, c, stage)) is not None]
            best = min(values)
            start = rng.choice(choices)
            value = worth_of(packing.made, start, stage)
            assert value is not None
            known = sign(stage) * value + rng.choice((0, 1))
            bound, found = search(packing, stage, fixed, known, nodes, start)
            assert bound <= best or known == best, (case, stage)
            reached = known if found is None else sign(stage) * (worth_of(packing.made, found, stage) or 0)
            assert reached >= best
            assert bound <= reached
            if nodes == 100_000:
                assert (reached, bound) == (best, best) or known == best, (case, stage)
                proven += 1
            fixed[stage] = sign(stage) * best
            choices = [c for c in choices if worth_of(packing.made, c, stage) == sign(stage) * best]
    assert proven > 150 or nodes < 100_000


def test_what_a_solution_may_use_is_kept() -> None:
    rng = random.Random(9)
    dropped = 0
    for _ in range(60):
        packing = drawn(rng)
        choices = packing.choices()
        if not choices:
            continue
        best = min(-(worth_of(packing.made, c, Stage.SERVED) or 0) for c in choices)
        made = BranchAndBound(
            ColumnSet(packing.made, packing.columns), Stage.SERVED, {}, counts=packing.counts, known=best + 1,
            should_stop=lambda: False,
        )  # fmt: skip
        made.relax()
        kept = made.possible(best)
        for choice in choices:
            if worth_of(packing.made, choice, Stage.SERVED) == -best:
                assert all(kept[packing.columns.index(c)] for c in choice)
        dropped += int((~kept).sum())
    assert dropped > 20


def test_news_from_elsewhere_is_taken_up_where_it_is_better_and_legal() -> None:
    made = rows(2, 2)
    columns = [column(0, 0, 0), column(1, 1, 1), column(2, 1, 0)]
    searched = BranchAndBound(
        ColumnSet(made, columns), Stage.SERVED, {}, counts={0: (0, 1), 1: (0, 1)}, known=0, should_stop=lambda: False
    )
    assert searched.relax() == -2
    searched.ask(lambda: (columns[0], columns[2]))  # Both carry the same request.
    answer = searched.run()
    assert answer.bound == -2
    assert answer.columns is not None
    assert {c.number for c in answer.columns} == {0, 1}
