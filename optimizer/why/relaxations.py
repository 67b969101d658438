"""What would help: the least change of each kind with which a request rides and all others keep their duty.

Found by trying, not by guessing: each amount is asked of the same routing as every plan, by bisection where more never
hurts, else one after another; so nothing less is enough on any duty. The plan with the change is then made, and the
checker judges it on the changed day.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product

from optimizer.answer import Difference, Granter, Kind, Relaxation, Unit, WhatHelps
from optimizer.errors import InvalidValue, UnsoundSolution
from optimizer.explain.displacement import fewest_displaced
from optimizer.explain.lifts import NOTHING, Lift, Lifts
from optimizer.explain.trials import Trials, subproblem
from optimizer.model import (
    RULEBOOK,
    DutyId,
    Instance,
    InstanceIndex,
    Need,
    RequestId,
    Rule,
    Scope,
    Solution,
    Stage,
    Strength,
)
from optimizer.routing.compatibility import apart
from optimizer.travel.matrix import TravelMatrix
from optimizer.verify.check import check_view, hard
from optimizer.verify.objective import terms_of
from optimizer.verify.view import View
from optimizer.why.around import Around, Part, unchanged
from optimizer.why.measure import Change, Measure, Step
from optimizer.why.measures import measures
from optimizer.why.measures_zab import ideal_vehicle
from optimizer.why.opened import with_request
from optimizer.why.plan import Planned, differences
from optimizer.why.texts_relaxed import refused, relaxed

_OVERRIDES: dict[Rule, Lift] = {
    Rule.RIDE_TIME: Lift.RIDE_TIME,
    Rule.DETOUR: Lift.DETOUR,
    Rule.FEMALE_OFFICER: Lift.FEMALE_OFFICER,
    Rule.NIGHT_CHILDREN: Lift.NIGHT_CHILDREN,
    Rule.FAMILIES_APART: Lift.COMPANY,
    Rule.WOMEN_ALONE: Lift.COMPANY,
}
"""The lift of each rule that an override may set aside."""
_NEVER: dict[Lift, Rule] = {
    Lift.WAIT: Rule.WAIT_ON_BOARD,
    Lift.REST_STOP: Rule.REST_STOP,
    Lift.WORKING_BREAK: Rule.WORKING_BREAK,
    Lift.SPAN: Rule.SHIFT_SPAN,
    Lift.COMMITMENT: Rule.COMMITMENT,
}
"""Rules that nobody may set aside, and the lift that shows that they are in the way."""


def what_helps(
    instance: Instance, travel: TravelMatrix, solution: Solution, request: RequestId, *, strict: bool = False
) -> WhatHelps:
    """Return what would let a request ride that the plan leaves out, all others kept on their duties.

    Parameters
    ----------
    solution
        A plan without fault that leaves the request out.
    strict
        Whether a plan with a relaxation that the checker refuses raises; otherwise it is not told.

    Raises
    ------
    InvalidValue
        Where there is no such request in the pool, it rides already, or the plan breaks a rule.
    UnsoundSolution
        With ``strict``, where the checker refuses a plan for another reason than a rule across tours: a defect.
    """
    return Helps(Planned(instance, travel, solution), strict=strict).of(request)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Company:
    """Where the rest of a bundle rides: on the duty in question, or on others."""

    same: tuple[RequestId, ...] = ()
    elsewhere: tuple[tuple[RequestId, DutyId], ...] = ()


class Helps:
    """Finds relaxations for requests of one plan; see ``what_helps``."""

    def __init__(self, planned: Planned, *, strict: bool = False) -> None:
        self._planned = planned
        self._around = Around(planned)
        self._strict = strict

    def of(self, request: RequestId) -> WhatHelps:
        """Return what would let ``request`` ride."""
        if self._planned.pool_request(request) in self._planned.duty_of:
            duty = self._planned.duty_of[request]
            raise InvalidValue(f"request {request}", "one that the plan leaves out", f"rides on duty {duty}")
        if not self._planned.order:
            return WhatHelps(request=request, fits_on=None, relaxations=())
        search = _Search(self._planned, self._around, request, strict=self._strict)
        for duty in search.duties:
            if search.fits(unchanged, duty) and search.plan(unchanged, duty) is not None:
                return WhatHelps(request=request, fits_on=duty, relaxations=())
        found = [r for measure in measures(self._planned.index) if (r := search.least(measure)) is not None]
        ranked = sorted([*found, *search.never()], key=lambda each: each.rank)
        return WhatHelps(request=request, fits_on=None, relaxations=tuple(ranked))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    step: Step
    duty: DutyId
    plan: Solution
    price: tuple[Difference, ...]


class _Search:
    """Tries changes for one request."""

    def __init__(self, planned: Planned, around: Around, request: RequestId, *, strict: bool) -> None:
        self._planned = planned
        self._around = around
        self._request = request
        self._strict = strict
        self._bases: dict[DutyId, Instance] = {}
        self._trials: dict[Lift | None, Trials] = {}
        self._companies: dict[DutyId, tuple[_Company, ...]] = {}
        self._unit = planned.unit_of[request]
        alike = self._alone(None).duties_alike()
        kinds: dict[object, DutyId] = {}
        for duty in planned.order:
            # Of unused duties that nothing tells apart one is enough.
            kinds.setdefault(duty if duty in planned.tours else ("unused", alike.get(duty, duty)), duty)
        self.duties: tuple[DutyId, ...] = tuple(kinds.values())

    # --- one kind -----------------------------------------------------------------------------------------------------

    def least(self, measure: Measure) -> Relaxation | None:
        """Return the least of a kind that is enough on any duty."""
        best: _Found | None = None
        for duty in self.duties:
            if not self._might_help(measure, duty):
                continue
            steps = measure.steps(self._planned.index, self._request, duty)
            if best is not None:
                steps = [step for step in steps if step.size < best.step.size]
            found = self._bisected(steps, duty, measure) if measure.grows else self._first(steps, duty, measure)
            best = found or best
        return None if best is None else self._told(measure, best)

    def _bisected(self, steps: Sequence[Step], duty: DutyId, measure: Measure) -> _Found | None:
        if not steps or not self._can(steps[-1], duty, measure):
            return None
        low, high = 0, len(steps) - 1
        while low < high:
            middle = (low + high) // 2
            if self._can(steps[middle], duty, measure):
                high = middle
            else:
                low = middle + 1
        return self._made(steps[low], duty, measure)

    def _first(self, steps: Sequence[Step], duty: DutyId, measure: Measure) -> _Found | None:
        for step in steps:
            if self._can(step, duty, measure):
                made = self._made(step, duty, measure)
                if made is not None:
                    return made
        return None

    def _might_help(self, measure: Measure, duty: DutyId) -> bool:
        lift = measure.lift if measure.rule is None else _OVERRIDES.get(measure.rule)
        # A vehicle that is not there during the shift at all is in no trial; a longer shift may meet it.
        is_there = self._planned.index.duty_window(duty) is not None
        if lift is not None and is_there and not self._alone(lift).fits(self._request, duty):
            return False
        is_vehicle = measure.kind in (Kind.VEHICLE, Kind.VEHICLE_OF_OTHER_ZAB)
        if is_vehicle:
            return self.fits(ideal_vehicle(self._planned.index.request[self._request], duty), duty)
        return not self._around.conflicts(duty)

    def _can(self, step: Step, duty: DutyId, measure: Measure) -> bool:
        return self.fits(step.change, duty, parted=measure.kind is Kind.PARTED)

    def _made(self, step: Step, duty: DutyId, measure: Measure) -> _Found | None:
        made = self.plan(step.change, duty, parted=measure.kind is Kind.PARTED)
        return None if made is None else _Found(step=step, duty=duty, plan=made[0], price=made[1])

    def _told(self, measure: Measure, found: _Found) -> Relaxation:
        zab = self._planned.index.duty_zab(found.duty)
        told, actions = relaxed(
            measure.kind, size=found.step.size, duty=found.duty, zab=zab, vehicle=found.step.vehicle, rule=measure.rule
        )
        return Relaxation(
            kind=measure.kind,
            granter=measure.granter,
            duty=found.duty,
            zab=zab,
            size=found.step.size,
            unit=measure.unit,
            texts=told,
            actions=actions,
            rule=measure.rule,
            vehicle=found.step.vehicle,
            witness=self._planned.witness(found.plan),
            price=found.price,
        )

    # --- trials -------------------------------------------------------------------------------------------------------

    def fits(self, change: Change, duty: DutyId, *, parted: bool = False, lifts: Lifts = NOTHING) -> bool:
        """Whether some tour of a duty of the changed day carries the request and all who ride there."""
        return self._company(change, duty, parted=parted, lifts=lifts) is not None

    def _company(self, change: Change, duty: DutyId, *, parted: bool, lifts: Lifts = NOTHING) -> _Company | None:
        try:
            index = InstanceIndex(change(self._base(duty)))
        except InvalidValue:
            return None  # There is no such day: a vehicle's windows would run into each other, or a shift turn round.
        riders = self._planned.riders.get(duty, ())
        for company in (_Company(),) if parted else self._possible_company(duty):
            aboard = [*riders, *company.same]
            if fewest_displaced(index, self._planned.travel, self._request, duty, aboard, lifts=lifts) == ():
                return company
        return None

    def plan(
        self, change: Change, duty: DutyId, *, parted: bool = False
    ) -> tuple[Solution, tuple[Difference, ...]] | None:
        """Return the best plan of the changed day with the request on a duty, all others on theirs, and its price.

        ``None`` where rules across tours allow none.
        """
        planned = self._planned
        company = self._company(change, duty, parted=parted)
        try:
            changed = change(planned.instance)
        except InvalidValue:
            return None
        if company is None:
            return None
        seats = {self._request: duty, **dict.fromkeys(company.same, duty), **dict(company.elsewhere)}
        part = self._part({duty, *seats.values()}, seats)
        held = {rider: planned.duty_of[rider] for each in part.duties for rider in planned.riders.get(each, ())}

        def change_held(instance: Instance) -> Instance:
            return _held(change(instance), held | seats, part.duties)

        made = self._around.planned_anew(part, forced=(self._request, duty), change=change_held, first=(Stage.SERVED,))
        view = View(changed, planned.travel, planned.solution)
        if made is None:
            return None
        duties = made.duty_by_request
        is_kept = all(duties.get(rider) == carrier for rider, carrier in (planned.duty_of | seats).items())
        after = view.of(made)
        broken = [v for v in hard(check_view(after)) if v.rule is not Rule.SERVE_ALL]
        # What a change does to duties that are not planned anew (their crew, their vehicle) is for the checker to say.
        wrong = [v for v in broken if v.duty in part.duties and RULEBOOK[v.rule].scope is not Scope.PLAN]
        if self._strict and wrong:
            raise UnsoundSolution(wrong)
        if broken or not is_kept:
            return None
        return made, differences(changed, terms_of(view), terms_of(after))

    def _part(self, duties: set[DutyId], seats: dict[RequestId, DutyId]) -> Part:
        riders = {rider for each in duties for rider in self._planned.riders.get(each, ())}
        return Part(duties=frozenset(duties), requests=frozenset(riders | seats.keys()))

    def _base(self, duty: DutyId) -> Instance:
        """Return the problem of one duty, those who ride there and the request's bundle."""
        if duty not in self._bases:
            # Duties that the bundle is pinned to stand in it too: a pin must be there to be released.
            pins = {self._planned.index.request[member].pin for member in self._unit} - {None}
            riders = frozenset(self._planned.riders.get(duty, ()))
            part = Part(duties=frozenset({duty, *(p for p in pins if p)}), requests=riders | set(self._unit))
            self._bases[duty] = self._around.problem(part)
        return self._bases[duty]

    def _alone(self, lift: Lift | None) -> Trials:
        """Return trials of the request on each duty, with its promises and nobody else, without one rule."""
        if lift not in self._trials:
            duties = list(self._planned.order)
            instance = subproblem(self._planned.index, [self._request], duties)
            self._trials[lift] = Trials(instance, self._planned.travel, {} if lift is None else {lift: None})
        return self._trials[lift]

    def _possible_company(self, duty: DutyId) -> tuple[_Company, ...]:
        """Return where the rest of the bundle may ride, as things are elsewhere."""
        others = [member for member in self._unit if member != self._request]
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
        planned = self._planned
        free = []
        for other in self.duties:
            if other == duty or self._around.conflicts(other):
                continue
            index = InstanceIndex(self._base(other))
            if fewest_displaced(index, planned.travel, member, other, planned.riders.get(other, ())) == ():
                free.append(other)
        return [*free, duty]

    # --- what nobody may grant ----------------------------------------------------------------------------------------

    def never(self) -> Iterator[Relaxation]:
        """Yield the rules without any one of which the request would ride, and that nobody may set aside."""
        planned = self._planned
        parameters = planned.instance.parameters
        lifts = dict(_NEVER)
        lifts |= {lift: rule for rule, lift in _OVERRIDES.items() if parameters.strength(rule) is Strength.HARD}
        asked = planned.index.request[self._request]
        if Need.LYING in asked.needs:
            yield self._refused(Rule.VEHICLE_FEATURES, next(iter(planned.order)))
        for lift, rule in lifts.items():
            if lift is not Lift.COMPANY:
                duty = self._first_with({lift: None})
                if duty is not None:
                    yield self._refused(rule, duty)
        duty = self._first_with({Lift.COMPANY: None})
        for rule in self._hard_company(duty):
            if duty is not None:
                yield self._refused(rule, duty)

    def _first_with(self, lifts: Lifts) -> DutyId | None:
        (lift,) = lifts
        for duty in self.duties:
            if self._alone(lift).fits(self._request, duty) and self.fits(unchanged, duty, lifts=lifts):
                return duty
        return None

    def _hard_company(self, duty: DutyId | None) -> list[Rule]:
        """Return the first hard rule that keeps the request apart from someone of a duty."""
        planned = self._planned
        if duty is None or duty not in planned.tours:
            return []
        others = sorted(planned.tours[duty].requests)
        asked = planned.index.request[self._request]
        rules = {apart(planned.index, asked, planned.index.request[other]) for other in others}
        hard_rules = [r for r in rules if r is not None and planned.instance.parameters.strength(r) is Strength.HARD]
        return sorted(hard_rules, key=list(Rule).index)[:1]

    def _refused(self, rule: Rule, duty: DutyId) -> Relaxation:
        zab = self._planned.index.duty_zab(duty)
        told, actions = refused(rule)
        return Relaxation(
            kind=Kind.RULE,
            granter=Granter.NOBODY,
            duty=duty,
            zab=zab,
            size=1,
            unit=Unit.DECISIONS,
            texts=told,
            actions=actions,
            rule=rule,
        )


def _held(instance: Instance, seats: dict[RequestId, DutyId], duties: frozenset[DutyId]) -> Instance:
    """Return the problem with each request kept off all duties but its own."""
    held = instance
    for request in instance.requests:
        if request.id in seats:
            barred = request.barred_duties | (duties - {seats[request.id]})
            held = with_request(held, request.id, barred_duties=barred)
    return held
