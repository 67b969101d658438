"""Which kinds of change could do anything about what keeps a request off a duty: only of those are pairs made.

All changes of a sort are made at once, as far as they go or farther. Where that does not help, no change of the sort
does; where all sorts but one do not help, every pair that helps has one of that sort.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial, reduce
from itertools import combinations

from optimizer.answer import Kind
from optimizer.explain.lifts import Lift, lifted
from optimizer.granted.edits import with_vehicle
from optimizer.model import DutyId, Instance, InstanceIndex
from optimizer.why.around import unchanged
from optimizer.why.measure import Change, Measure, Step
from optimizer.why.measures_zab import ideal_vehicle
from optimizer.why.sorts import SORT_OF, Sort
from optimizer.why.trying import Trying

MOVES_VEHICLE = frozenset({Kind.VEHICLE, Kind.VEHICLE_OF_OTHER_ZAB})
"""What gives a duty another vehicle. It is made before all else, so that the other change is one of that vehicle."""
_LIFTED: Mapping[Kind, tuple[Lift, ...]] = {
    Kind.SEATS: (Lift.LOAD,),
    Kind.OFFICER: (Lift.ESCORTS,),
    Kind.FEMALE_OFFICER: (Lift.ESCORTS, Lift.FEMALE_OFFICER),
}
"""Of these more is not always better, as officers take seats; without the rule it is as good as with any of them."""
_AVAILABLE = frozenset({Kind.AVAILABLE_EARLIER, Kind.AVAILABLE_LATER})
_SHIFTS = frozenset({Kind.SHIFT_EARLIER, Kind.SHIFT_LATER})
_FARTHER = MOVES_VEHICLE | _LIFTED.keys() | _AVAILABLE | _SHIFTS
"""Kinds for which ``Touching.most`` goes farther than any amount does."""


def together(*changes: Change) -> Change:
    """Return the change that makes these one after another."""
    return lambda instance: reduce(lambda day, change: change(day), changes, instance)


class Touching:
    """Pairs of kinds that might help a request on a duty; see the module."""

    def __init__(self, trying: Trying, kinds: Sequence[Measure]) -> None:
        self._trying = trying
        self._kinds = kinds
        self._steps: dict[tuple[int, DutyId], Sequence[Step]] = {}
        self.there: set[int] = set()
        """Kinds (their numbers) of which there is any amount on the duties asked for so far."""
        self._known: dict[tuple[Change, DutyId, frozenset[int]], bool] = {}

    def steps(self, number: int, duty: DutyId) -> Sequence[Step]:
        """Return the amounts of a kind (its number among all) on a duty."""
        if (number, duty) not in self._steps:
            trying = self._trying
            self._steps[number, duty] = self._kinds[number].steps(trying.planned.index, trying.request, duty)
        return self._steps[number, duty]

    def pairs(self, duty: DutyId) -> Iterator[tuple[int, int]]:
        """Yield the pairs of kinds (their numbers) that might help on a duty, as far as either goes."""
        there = [n for n in range(len(self._kinds)) if self.steps(n, duty)]
        self.there.update(there)
        days = [n for n in there if self._sort(n) is Sort.DAY]
        others = [n for n in there if self._sort(n) is not Sort.DAY]
        is_taken = bool(self._trying.around.conflicts(duty))
        if self._trying.is_near(duty):
            yield from self._touching(unchanged, duty, others, is_taken=is_taken)
        for number in days:
            found: set[int] = set()
            for step in self.steps(number, duty):
                if self._trying.is_near(duty, step.change):
                    found.update(self._beside(step.change, duty, others, is_taken=is_taken))
            yield from ((number, other) for other in sorted(found))

    def most(self, number: int, duty: DutyId) -> Change:
        """Return the change that does as much as any amount of a kind does, or more."""
        kind = self._kinds[number].kind
        if kind in MOVES_VEHICLE:
            return ideal_vehicle(self._trying.planned.index.request[self._trying.request], duty)
        if kind in _AVAILABLE:
            return partial(_always_there, duty)
        if kind in _LIFTED:
            return partial(lifted, lifts=dict.fromkeys(_LIFTED[kind]))
        if self._sort(number) is Sort.LIMIT:
            return unchanged  # Limits are of the plan as a whole: no tour is another for it.
        change = self.steps(number, duty)[-1].change
        if kind in _SHIFTS:
            # A longer shift may meet another, shorter time at which the vehicle is there: see ``duty_window``.
            return together(partial(_always_there, duty), change)
        return change

    def _touching(
        self, base: Change, duty: DutyId, kinds: Sequence[int], *, is_taken: bool
    ) -> Iterator[tuple[int, int]]:
        by_sort = self._by_sort(kinds)
        needed = self._needed(base, duty, by_sort, most=2)
        if needed is None:
            return
        for one, other in combinations(kinds, 2):
            sorts = {self._sort(one), self._sort(other)}
            moves = {self._kinds[n].kind for n in (one, other)} & MOVES_VEHICLE
            if not needed <= sorts or len(moves) == 2 or (is_taken and not moves):
                continue
            if self._fits(base, duty, [one, other]) and not self._is_about_one(duty, one, other):
                yield one, other

    def _is_about_one(self, duty: DutyId, one: int, other: int) -> bool:
        """Whether one alone makes a tour possible, and the other changes nothing of what is still in the way."""
        if Sort.LIMIT in (self._sort(one), self._sort(other)):
            return False
        return any(self._kinds[n].kind not in _FARTHER and self._fits(unchanged, duty, [n]) for n in (one, other))

    def _beside(self, base: Change, duty: DutyId, kinds: Sequence[int], *, is_taken: bool) -> Iterator[int]:
        needed = self._needed(base, duty, self._by_sort(kinds), most=1)
        if needed is None:
            return
        for number in kinds:
            is_usable = not is_taken or self._kinds[number].kind in MOVES_VEHICLE
            if is_usable and needed <= {self._sort(number)} and self._fits(base, duty, [number]):
                yield number

    def _needed(
        self, base: Change, duty: DutyId, by_sort: Mapping[Sort, Sequence[int]], *, most: int
    ) -> frozenset[Sort] | None:
        """Return the sorts without which all others together do not help; ``None`` where there are too many of them."""
        if not self._fits(base, duty, [n for members in by_sort.values() for n in members]):
            return None
        needed: set[Sort] = set()
        for sort in by_sort:
            others = [n for other, members in by_sort.items() for n in members if other is not sort]
            if not self._fits(base, duty, others):
                needed.add(sort)
                if len(needed) > most:
                    return None
        return frozenset(needed)

    def _fits(self, base: Change, duty: DutyId, kinds: Iterable[int]) -> bool:
        key = (base, duty, frozenset(kinds))
        if key not in self._known:
            self._known[key] = self._tried(base, duty, key[2])
        return self._known[key]

    def _tried(self, base: Change, duty: DutyId, kinds: frozenset[int]) -> bool:
        # A vehicle with everything first, so that windows of its availability are none any more.
        ordered = sorted(kinds, key=lambda n: (self._kinds[n].kind not in MOVES_VEHICLE, n))
        parted = any(self._kinds[n].kind is Kind.PARTED for n in ordered)
        return self._trying.fits(together(base, *(self.most(n, duty) for n in ordered)), duty, parted=parted)

    def _by_sort(self, kinds: Iterable[int]) -> dict[Sort, list[int]]:
        found: dict[Sort, list[int]] = {}
        for number in kinds:
            if self._sort(number) is not Sort.LIMIT:
                found.setdefault(self._sort(number), []).append(number)
        return found

    def _sort(self, number: int) -> Sort:
        return SORT_OF[self._kinds[number].kind]


def _always_there(duty: DutyId, instance: Instance) -> Instance:
    return with_vehicle(instance, InstanceIndex(instance).duty[duty].vehicle, availability=())
