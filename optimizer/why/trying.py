"""Changed days tried: whether a request then rides, all others kept on their duties, and on which plan."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import product

from optimizer.answer import Difference
from optimizer.errors import InvalidValue, UnsoundSolution
from optimizer.explain.displacement import fewest_displaced
from optimizer.explain.lifts import Lift
from optimizer.explain.static import static_rule
from optimizer.explain.trials import Trials, subproblem
from optimizer.granted.edits import with_request
from optimizer.model import (
    MINUTE,
    RULEBOOK,
    DutyId,
    Instance,
    InstanceIndex,
    RequestId,
    Rule,
    Scope,
    Seconds,
    Solution,
    Stage,
)
from optimizer.verify.check import check_view, hard
from optimizer.verify.objective import terms_of
from optimizer.verify.view import View
from optimizer.why.around import Around, Part, unchanged
from optimizer.why.measure import MOST_MINUTES, Change
from optimizer.why.plan import Planned, differences


@dataclass(frozen=True, slots=True, kw_only=True)
class _Company:
    """Where the rest of a bundle rides: on the duty in question, or on others."""

    same: tuple[RequestId, ...] = ()
    elsewhere: tuple[tuple[RequestId, DutyId], ...] = ()


class Trying:
    """Tries changed days for one request of a plan that leaves it out.

    Parameters
    ----------
    strict
        Whether a plan that the checker refuses for another reason than a rule across tours raises.
    """

    def __init__(self, planned: Planned, around: Around, request: RequestId, *, strict: bool) -> None:
        self.planned = planned
        self.around = around
        self.request = request
        self._strict = strict
        self._bases: dict[DutyId, Instance] = {}
        self._trials: dict[Lift | None, Trials] = {}
        self._companies: dict[DutyId, tuple[_Company, ...]] = {}
        self._unit = planned.unit_of[request]
        self.searches = 0
        """Searches for a tour so far: what bounds the work, the same on every machine."""
        self.duties = around.distinct(request, planned.order, self.alone(None))

    def fits(self, change: Change, duty: DutyId, *, parted: bool = False) -> bool:
        """Whether some tour of a duty of the changed day carries the request and all who ride there.

        ``parted``: wherever the rest of its bundle is.
        """
        return self._company(change, duty, parted=parted) is not None

    def is_near(self, duty: DutyId, change: Change = unchanged) -> bool:
        """Whether request and duty of the changed day might meet, if windows and shift were widened as far as may be.

        Widening is what changes by minutes do: at most ``MOST_MINUTES`` each.
        """
        index = InstanceIndex(change(self.base(duty)))
        return _meets(index, self.request, duty, by=2 * MOST_MINUTES * MINUTE)

    def _company(self, change: Change, duty: DutyId, *, parted: bool) -> _Company | None:
        try:
            index = InstanceIndex(change(self.base(duty)))
        except InvalidValue:
            return None  # There is no such day: a vehicle's windows would run into each other, or a shift turn round.
        asked = index.request[self.request]
        if static_rule(index, asked, duty) is not None:
            return None
        if not _meets(index, self.request, duty):
            return None  # A duty of another day: no need to search.
        riders = self.planned.riders.get(duty, ())
        for company in (_Company(),) if parted else self._possible_company(duty):
            aboard = [*riders, *company.same]
            self.searches += 1
            if fewest_displaced(index, self.planned.travel, self.request, duty, aboard) == ():
                return company
        return None

    def plan(
        self, change: Change, duty: DutyId, *, parted: bool = False
    ) -> tuple[Solution, tuple[Difference, ...]] | None:
        """Return the best plan of the changed day with the request on a duty, all others on theirs, and its price.

        ``None`` where rules across tours allow none.
        """
        planned = self.planned
        try:
            changed = change(planned.instance)
        except InvalidValue:
            return None  # Another duty of the same crew or vehicle forbids it.
        found = self._made(change, duty, parted=parted)
        if found is None:
            return None
        made, duties = found
        before = View(changed, planned.travel, planned.solution)
        after = before.of(made)
        broken = [v for v in hard(check_view(after)) if v.rule is not Rule.SERVE_ALL]
        # What a change does to duties that are not planned anew (their crew, their vehicle) is for the checker to say.
        wrong = [v for v in broken if v.duty in duties and RULEBOOK[v.rule].scope is not Scope.PLAN]
        if self._strict and wrong:
            raise UnsoundSolution(wrong)
        if broken or not self._keeps(made, planned.duty_of):
            return None
        return made, differences(changed, terms_of(before), terms_of(after))

    def plan_breaking(self, rule: Rule, change: Change, duty: DutyId) -> Solution | None:
        """Return a plan with the request on a duty, all others on theirs, that breaks this rule and no other.

        Parameters
        ----------
        change
            Takes the rule out of the problem. The checker judges the plan on the day as it is.
        """
        planned = self.planned
        found = self._made(change, duty, parted=False)
        if found is None:
            return None
        waiting = {r: d for r, d in planned.duty_of.items() if r in planned.unit_of}
        kept = waiting if rule is Rule.COMMITMENT else planned.duty_of
        broken = {each for each in planned.broken(found[0]) if each is not Rule.SERVE_ALL}
        return found[0] if broken == {rule} and self._keeps(found[0], kept) else None

    def _made(self, change: Change, duty: DutyId, *, parted: bool) -> tuple[Solution, frozenset[DutyId]] | None:
        """Return the best plan of the changed day, and the duties that were planned anew."""
        planned = self.planned
        company = self._company(change, duty, parted=parted)
        if company is None:
            return None
        seats = {self.request: duty, **dict.fromkeys(company.same, duty), **dict(company.elsewhere)}
        part = self._part({duty, *seats.values()}, seats)
        held = {rider: planned.duty_of[rider] for each in part.duties for rider in planned.riders.get(each, ())}

        def change_held(instance: Instance) -> Instance:
            return _held(change(instance), held | seats, part.duties)

        made = self.around.planned_anew(part, forced=(self.request, duty), change=change_held, first=(Stage.SERVED,))
        if made is None or not self._keeps(made, seats):
            return None
        return made, part.duties

    def _keeps(self, made: Solution, seats: Mapping[RequestId, DutyId]) -> bool:
        duties = made.duty_by_request
        return all(duties.get(rider) == duty for rider, duty in seats.items())

    def _part(self, duties: set[DutyId], seats: dict[RequestId, DutyId]) -> Part:
        riders = {rider for each in duties for rider in self.planned.riders.get(each, ())}
        return Part(duties=frozenset(duties), requests=frozenset(riders | seats.keys()))

    def base(self, duty: DutyId) -> Instance:
        """Return the problem of one duty, those who ride there and the request's bundle."""
        if duty not in self._bases:
            # Duties that the bundle is pinned to stand in it too: a pin must be there to be released.
            pins = {self.planned.index.request[member].pin for member in self._unit} - {None}
            riders = frozenset(self.planned.riders.get(duty, ()))
            part = Part(duties=frozenset({duty, *(p for p in pins if p)}), requests=riders | set(self._unit))
            problem = self.around.problem(part)
            # Of the vehicles any may be moved to the duty; crews and shifts of others matter to no tour of it.
            shifts = tuple(s for s in problem.shifts if s.id in {d.shift for d in problem.duties})
            crews = tuple(c for c in problem.crews if c.id in {s.crew for s in shifts})
            self._bases[duty] = replace(problem, shifts=shifts, crews=crews)
        return self._bases[duty]

    def alone(self, lift: Lift | None) -> Trials:
        """Return trials of the request on each duty, with its promises and nobody else, without one rule."""
        if lift not in self._trials:
            duties = list(self.planned.order)
            instance = subproblem(self.planned.index, [self.request], duties)
            self._trials[lift] = Trials(instance, self.planned.travel, {} if lift is None else {lift: None})
        return self._trials[lift]

    def _possible_company(self, duty: DutyId) -> tuple[_Company, ...]:
        """Return where the rest of the bundle may ride, as things are elsewhere."""
        others = [member for member in self._unit if member != self.request]
        if not others:
            return (_Company(),)
        if duty not in self._companies:
            ways = []
            for choice in product(*(self._places(member, duty) for member in others)):
                away = tuple((m, d) for m, d in zip(others, choice, strict=True) if d != duty)
                if len({d for _, d in away}) == len(away):
                    same = tuple(m for m, d in zip(others, choice, strict=True) if d == duty)
                    ways.append(_Company(same=same, elsewhere=away))
            self._companies[duty] = tuple(ways)
        return self._companies[duty]

    def _places(self, member: RequestId, duty: DutyId) -> list[DutyId]:
        """Return duties where a member of the bundle fits beside all who ride there, and the duty in question."""
        planned = self.planned
        free = []
        for other in self.duties:
            if other == duty or self.around.conflicts(other):
                continue
            index = InstanceIndex(self.base(other))
            if fewest_displaced(index, planned.travel, member, other, planned.riders.get(other, ())) == ():
                free.append(other)
        return [*free, duty]


def _meets(index: InstanceIndex, request: RequestId, duty: DutyId, *, by: Seconds = 0) -> bool:
    """Whether the times of a request and a duty overlap, or would if they were so much longer together."""
    asked, shift = index.request[request], index.duty_shift(duty)
    return asked.pickup.earliest - by <= shift.end and shift.start - by <= asked.delivery.latest


def _held(instance: Instance, seats: dict[RequestId, DutyId], duties: frozenset[DutyId]) -> Instance:
    """Return the problem with each request kept off all duties but its own."""
    held = instance
    for request in instance.requests:
        if request.id in seats:
            barred = request.barred_duties | (duties - {seats[request.id]})
            held = with_request(held, request.id, barred_duties=barred)
    return held
