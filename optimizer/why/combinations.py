"""Two changes together, where no single one is enough: the least pair of any two kinds, found by trying.

Pairs are made only of kinds that touch what is in the way (``touching``). Of a pair the change that the farther from
the request may grant is made least first, then the other; where both are of one granter and one unit, the greater of
both is made least first. So neither can be less beside the other, and no less of both is enough on any duty.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from optimizer.answer import Combination, Difference, Granter, Kind, Looked, Unit
from optimizer.granted import vehicles_first
from optimizer.model import DutyId, Solution, VehicleId
from optimizer.why.least_pair import Key, Steps, evenly, in_order, least_pair
from optimizer.why.measure import Change, Measure, Step
from optimizer.why.sorts import SORT_OF, Sort
from optimizer.why.texts_combined import combined, looked, part_of
from optimizer.why.touching import Touching, together
from optimizer.why.trying import Trying

_MOST_TOLD = 8
"""Pairs of kinds that are told, those that the nearest may grant first."""
MOST_SEARCHES = 2_000
"""Searches for a tour until no further pairs are looked at: some seconds on a day of 200 requests and 40 duties."""
_SOLVE = 10
"""A plan made anew counts for so many searches."""

Pair = tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """Amounts of two kinds that are enough on a duty."""

    duty: DutyId
    steps: Steps
    key: Key


class Combining:
    """Finds pairs of changes for one request that no single change helps.

    Parameters
    ----------
    kinds
        All kinds of changes there are.
    """

    def __init__(self, trying: Trying, kinds: Sequence[Measure]) -> None:
        self._trying = trying
        self._kinds = kinds
        self._touching = Touching(trying, kinds)
        self._until = trying.searches + MOST_SEARCHES
        self._is_complete = True
        self._refused: set[tuple[Pair, DutyId, VehicleId]] = set()

    def found(self) -> tuple[tuple[Combination, ...], Looked]:
        """Return the least pairs, and what was looked at for them.

        Pairs that the leads must grant are looked for only where nobody nearer can help.
        """
        duties: dict[Pair, list[DutyId]] = {}
        for duty in self._trying.duties:
            if self._is_enough():
                break
            for pair in self._touching.pairs(duty):
                duties.setdefault(self._ordered(pair), []).append(duty)
        told: list[Combination] = []
        for of_lead in (False, True):
            wanted = [pair for pair in duties if (self._kinds[pair[0]].granter is Granter.LEAD) is of_lead]
            told = told or self._least_of_each(sorted(wanted, key=self._kind_rank), duties)
        there = {self._kinds[n].kind for n in self._touching.there}
        return tuple(told), looked(there, len(self._trying.duties), is_complete=self._is_complete)

    def _is_enough(self) -> bool:
        if self._trying.searches < self._until:
            return False
        self._is_complete = False
        return True

    def _ordered(self, pair: Pair) -> Pair:
        """Return the pair with the kind first that is harder to be granted."""
        first, second = sorted(pair, key=lambda n: (-self._who(n), -self._what(n), n))
        return first, second

    def _kind_rank(self, pair: Pair) -> Key:
        return (*(self._who(n) for n in pair), *(self._what(n) for n in pair), *pair)

    def _who(self, number: int) -> int:
        return list(Granter).index(self._kinds[number].granter)

    def _what(self, number: int) -> int:
        return list(Unit).index(self._kinds[number].unit)

    # --- the least of a pair ------------------------------------------------------------------------------------------

    def _least_of_each(self, pairs: Sequence[Pair], duties: dict[Pair, list[DutyId]]) -> list[Combination]:
        waiting = [(found, pair) for pair in pairs if (found := self._least(pair, duties[pair])) is not None]
        told: list[Combination] = []
        while waiting and len(told) < _MOST_TOLD:
            waiting.sort(key=lambda each: self._rank(*each))
            found, pair = waiting.pop(0)
            made = self._planned(pair, found.duty, found.steps)
            if made is not None:
                told.append(self._told(pair, found, *made))
                continue
            # Rules across tours forbid it there: another vehicle, or the next best duty, which may ask for more.
            moved = [step.vehicle for step in found.steps if step.vehicle is not None]
            self._refused.update((pair, found.duty, vehicle) for vehicle in moved)
            if not moved:
                duties[pair].remove(found.duty)
            following = self._least(pair, duties[pair])
            if following is not None:
                waiting.append((following, pair))
        return told

    def _rank(self, found: _Found, pair: Pair) -> Key:
        return (*self._kind_rank(pair)[:-2], *(step.size for step in found.steps), *pair)

    def _least(self, pair: Pair, duties: Sequence[DutyId]) -> _Found | None:
        best: _Found | None = None
        for duty in duties:
            if self._is_enough():
                break
            best = self._on(pair, duty, best) or best
        return best

    def _on(self, pair: Pair, duty: DutyId, best: _Found | None) -> _Found | None:
        """Return the least of a pair on a duty, where it is less than ``best``."""
        first, second = (self._possible(pair, n, duty) for n in pair)
        key = evenly if self._is_even(pair) else in_order
        steps = least_pair(
            first,
            second,
            lambda one, other: self._can(pair, duty, (one, other)),
            grow=(self._grows(pair[0]), self._grows(pair[1])),
            key=key,
            below=None if best is None else best.key,
        )
        return None if steps is None else _Found(duty=duty, steps=steps, key=key(*steps))

    def _possible(self, pair: Pair, number: int, duty: DutyId) -> Sequence[Step]:
        steps = self._touching.steps(number, duty)
        return [step for step in steps if step.vehicle is None or (pair, duty, step.vehicle) not in self._refused]

    def _grows(self, number: int) -> bool:
        return self._kinds[number].grows or self._is_limit(number)

    def _is_limit(self, number: int) -> bool:
        return SORT_OF[self._kinds[number].kind] is Sort.LIMIT

    def _is_even(self, pair: Pair) -> bool:
        one, other = (self._kinds[n] for n in pair)
        return one.unit is other.unit is Unit.MINUTES and one.granter is other.granter

    def _can(self, pair: Pair, duty: DutyId, steps: Steps) -> bool:
        change, parted = self._change(pair, steps)
        if not self._trying.fits(change, duty, parted=parted):
            return False
        if not any(self._is_limit(n) for n in pair):
            return True
        # Whether a limit is wide enough is a question to the plan, not to the tour.
        return self._planned(pair, duty, steps) is not None

    def _change(self, pair: Pair, steps: Steps) -> tuple[Change, bool]:
        """Return the change that both make, a moved vehicle first, and whether the bundle is parted by it."""
        kinds = [self._kinds[n].kind for n in pair]
        ordered = vehicles_first(step.granted for step in steps)
        return together(*(each.change for each in ordered)), Kind.PARTED in kinds

    def _planned(self, pair: Pair, duty: DutyId, steps: Steps) -> tuple[Solution, tuple[Difference, ...]] | None:
        self._trying.searches += _SOLVE
        change, parted = self._change(pair, steps)
        return self._trying.plan(change, duty, parted=parted)

    # --- what is told -------------------------------------------------------------------------------------------------

    def _told(self, pair: Pair, found: _Found, plan: Solution, price: tuple[Difference, ...]) -> Combination:
        zab = self._trying.planned.index.duty_zab(found.duty)
        first, second = (
            part_of(self._kinds[number], step, duty=found.duty, zab=zab)
            for number, step in zip(pair, found.steps, strict=True)
        )
        texts, actions = combined((first, second), found.duty)
        return Combination(
            parts=(first, second),
            duty=found.duty,
            zab=zab,
            texts=texts,
            actions=actions,
            witness=self._trying.planned.witness(plan),
            price=price,
        )
