"""Why not there: a request and one duty, under a plan. Every answer is judged by the checker before it is given."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import replace
from functools import partial

from optimizer.answer import Difference, Verdict, WhyNot
from optimizer.errors import InvalidValue, UnsoundSolution
from optimizer.explain.blocks import Blocks
from optimizer.explain.finding import Also
from optimizer.explain.lifts import Lift
from optimizer.explain.static import static_finding
from optimizer.explain.tour import RULE_OF, TourFindings
from optimizer.explain.trials import Trials, subproblem
from optimizer.explain.unserved import Judge
from optimizer.granted.edits import parted
from optimizer.model import COMPANY_RULES, DutyId, Instance, InstanceIndex, RequestId, Rule, Solution, Stage, Tour
from optimizer.search.carriers import possible_duties
from optimizer.travel.matrix import TravelMatrix
from optimizer.why import texts
from optimizer.why.around import Around, Change, Part
from optimizer.why.one_duty import quickly
from optimizer.why.opened import static_rules, without_budgets
from optimizer.why.plan import Planned, is_worse, rank

_PARTNER_DUTIES = 3
"""Duties where the rest of a bundle is tried beside the one in question: those with fewest riders."""


def why_not(
    instance: Instance,
    travel: TravelMatrix,
    solution: Solution,
    request: RequestId,
    duty: DutyId,
    *,
    strict: bool = False,
) -> WhyNot:
    """Return why ``request`` does not ride on ``duty``, or what it would cost.

    Parameters
    ----------
    solution
        A plan without fault; the request may ride elsewhere in it, or nowhere.
    strict
        Whether an answer that the checker does not confirm raises; otherwise a weaker one, which is true, is given.

    Raises
    ------
    InvalidValue
        Where there is no such request in the pool or no such duty, it rides there already, or the plan breaks a rule.
    UnsoundSolution
        With ``strict``, where an answer would be told that the checker does not confirm: a defect.
    """
    return Pairs(Planned(instance, travel, solution), strict=strict).answer(request, duty)


def why_nowhere(
    instance: Instance, travel: TravelMatrix, solution: Solution, request: RequestId, *, strict: bool = False
) -> tuple[WhyNot, ...]:
    """Return the answer for every duty but its own, the nearest to riding there first; see ``why_not``."""
    return Pairs(Planned(instance, travel, solution), strict=strict).everywhere(request)


_DOUBLED = frozenset({Rule.VEHICLE_DOUBLED, Rule.CREW_DOUBLED, Rule.REST_BETWEEN_SHIFTS})


def why_unserved(
    instance: Instance, travel: TravelMatrix, solution: Solution, *, strict: bool = False
) -> tuple[WhyNot, ...]:
    """Return for each request left out and each ZAB the answer for the duty that comes nearest; see ``why_not``.

    In the order of the day's requests; nearest is what ``explain.unserved`` says it is.
    """
    planned = Planned(instance, travel, solution)
    left = [request for request in planned.index.pool if request.id not in planned.duty_of]
    if not left or not instance.duties:
        return ()
    judge = Judge(planned.index, travel, solution, left)
    pairs = Pairs(planned, strict=strict, blocks=judge.blocks)
    return tuple(pairs.answer(request.id, reason.duty) for request in left for reason in judge.reasons(request))


class Pairs:
    """Answers for pairs of one plan; see ``why_not``.

    Parameters
    ----------
    blocks
        What blocks, for many pairs at once; pairs that it has not been made for are asked one by one.
    """

    def __init__(self, planned: Planned, *, strict: bool = False, blocks: Blocks | None = None) -> None:
        self._planned = planned
        self._blocks = blocks
        self._around = Around(planned)
        self._strict = strict

    def everywhere(self, request: RequestId) -> tuple[WhyNot, ...]:
        """Return the answer for every duty but the request's own, the nearest to riding there first."""
        own = self._planned.duty_of.get(self._planned.pool_request(request))
        found = [self.answer(request, duty) for duty in self._planned.order if duty != own]
        return tuple(sorted(found, key=nearness))

    def answer(self, request: RequestId, duty: DutyId) -> WhyNot:
        """Return the answer for one pair."""
        self._planned.known_duty(duty)
        if self._planned.duty_of.get(self._planned.pool_request(request)) == duty:
            raise InvalidValue(
                f"request {request}", f"one not on duty {duty}", "one that rides there", "Ask why there."
            )
        return self.blocked(request, duty) or self.priced(request, duty)

    # --- blocked, with the duty to itself -----------------------------------------------------------------------------

    def blocked(self, request: RequestId, duty: DutyId) -> WhyNot | None:
        """Return what keeps a request off a duty even with the duty to itself but for its promises."""
        planned = self._planned
        statics, opened = static_rules(planned.index, request, duty)
        alone = Trials(subproblem(opened, [request], [duty]), planned.travel, {})
        lifts: tuple[Lift, ...] = ()
        if alone.fits(request, duty):
            if not statics:
                return None
            tour = alone.tour(request, duty)
        else:
            blocks = self._blocks_for(request, duty, opened)
            block = blocks.of(request, duty)
            if block.also is Also.OTHERS:
                # Which rules of many are needed is asked of the pair alone: no other has the same.
                blocks = Blocks(opened, planned.travel, [request], [duty])
                block = blocks.minimal(request, duty, block)
            lifts = block.lifts
            tour = blocks.tour(request, duty, block, blocks.refined(request, duty, block))
            finding = TourFindings(opened, planned.travel, blocks).finding(opened.request[request], duty, block)
        if statics:
            finding = static_finding(planned.index, planned.index.request[request], duty, statics[0])
        shown = self._shown(request, tour)
        if shown is None:
            return self._weaker(request, duty, "no plan around the tour that shows it")
        rules = planned.broken(shown, planned.pair_view(request))
        # A minimal set was lifted, so each of its rules must be broken, and no other but those of promised tours.
        company = {rule for rule in rules if rule in COMPANY_RULES and Lift.COMPANY in lifts}
        claimed = {*statics, *company, *(RULE_OF[lift] for lift in lifts if lift is not Lift.COMPANY)}
        taken = self._taken(duty)
        if (
            set(rules) - taken != claimed - taken
            or (Lift.COMPANY in lifts and not company)
            or finding.rule not in rules
        ):
            return self._weaker(request, duty, f"{sorted(claimed)} claimed, {list(rules)} broken")
        displaced = tuple(move.request for move in planned.moves(shown) if move.after is None)
        told, actions = texts.blocked(finding, rules, displaced)
        return WhyNot(
            request=request,
            duty=duty,
            zab=planned.index.duty_zab(duty),
            verdict=Verdict.STATIC if statics else Verdict.TOUR,
            rules=rules,
            reason=str(finding.rule),
            texts=told,
            actions=actions,
            displaced=displaced,
            witness=planned.witness(shown),
        )

    def _blocks_for(self, request: RequestId, duty: DutyId, opened: InstanceIndex) -> Blocks:
        if self._blocks is not None and opened is self._planned.index:
            requests, duties = self._blocks.pairs
            if request in requests and duty in duties:
                return self._blocks
        return Blocks(opened, self._planned.travel, [request], [duty])

    def _taken(self, duty: DutyId) -> frozenset[Rule]:
        """Return the rules by which promised tours may take crew or vehicle of a duty away."""
        promised = any(used in self._planned.index.commitment for used in self._around.conflicts(duty))
        return _DOUBLED if promised else frozenset()

    def _shown(self, request: RequestId, tour: Tour) -> Solution | None:
        """Return the plan with this tour: who rode there, and in duties that exclude this one, stays unserved."""
        planned, duty = self._planned, tour.duty
        given_up = [used for used in self._around.conflicts(duty) if used not in planned.index.commitment]
        leaving = {request}
        for used in (duty, *given_up):
            for rider in planned.riders.get(used, ()):
                leaving.update(planned.unit_of[rider])
        touched = {planned.duty_of[each] for each in leaving if each in planned.duty_of}
        part = self._around.part(touched, (), but=leaving)
        others = replace(part, duties=part.duties - {duty, *given_up})
        rest = self._around.planned_anew(others, first=(Stage.SERVED,))
        if rest is None:
            return None
        kept = (each for each in rest.tours if each.duty not in (duty, *given_up))
        return planned.in_order([*kept, tour])

    # --- possible, at a price -----------------------------------------------------------------------------------------

    def priced(self, request: RequestId, duty: DutyId) -> WhyNot:
        """Return what a request would cost on a duty that it fits on alone.

        As many are carried as can be, whatever the order of the stages: who is said to be displaced must be.
        """
        planned = self._planned
        part = self.part(request, duty)
        found = quickly(planned, part, request, duty) or self._around.planned_anew(
            part, forced=(request, duty), first=(Stage.SERVED,)
        )
        if found is None:
            found = self._beyond_rules(request, duty, part)
        if found is None:
            return self._weaker(request, duty, "no plan with the pair, whatever rule across tours is lifted")
        rules = planned.broken(found)
        moves = planned.moves(found)
        displaced = tuple(m.request for m in moves if m.after is None)
        if rules:
            told, actions = texts.broken(rules)
            difference: tuple[Difference, ...] = ()
            verdict, reason = Verdict.PLAN, str(rules[0])
        else:
            difference = planned.price(found)
            if is_worse(difference):
                verdict = Verdict.DISPLACES if displaced else Verdict.COSTS
            else:
                verdict = Verdict.SWAPS if displaced else Verdict.FITS
            reason = verdict.value
            told, actions = texts.verdict(verdict, displaced, difference)
        return WhyNot(
            request=request,
            duty=duty,
            zab=planned.index.duty_zab(duty),
            verdict=verdict,
            rules=rules,
            reason=reason,
            texts=told,
            actions=actions,
            displaced=displaced,
            moved=tuple(m for m in moves if m.after is not None and m.request != request),
            around=tuple(sorted(part.duties, key=planned.order.__getitem__)),
            price=difference,
            witness=planned.witness(found),
        )

    def part(self, request: RequestId, duty: DutyId) -> Part:
        """Return what is planned anew for a pair.

        The duty; those that carry the request's bundle now, or might carry what is left of it; those that forbid the
        duty to be used; and where its ZAB takes no more, all of its duties.
        """
        planned, index = self._planned, self._planned.index
        promised = index.commitment
        duties = {duty, *(used for used in self._around.conflicts(duty) if used not in promised)}
        unit = planned.unit_of[request]
        duties |= {planned.duty_of[member] for member in unit if member in planned.duty_of}
        partners = [index.request[m] for m in unit if m != request and m not in planned.duty_of]
        for able in possible_duties(index, planned.travel, partners).values() if partners else ():
            free = [each for each in able if each not in duties and not self._around.conflicts(each)]
            free.sort(key=lambda each: (len(planned.riders.get(each, ())), planned.order[each]))
            duties |= set(free[:_PARTNER_DUTIES])
        zab = index.zab[index.duty_zab(duty)]
        own = [used for used in planned.riders if index.duty_zab(used) == zab.id]
        if zab.budget is not None and sum(len(planned.riders[used]) for used in own) >= zab.budget:
            duties |= set(own)
        return self._around.part(duties, unit)

    def _beyond_rules(self, request: RequestId, duty: DutyId, part: Part) -> Solution | None:
        """Return a plan with the pair that breaks one of the rules across tours, or as many as must be broken."""
        unit: Set[RequestId] = set(self._planned.unit_of[request])
        alone = _alone(duty)
        for change in (
            alone,
            partial(parted, bundled=unit),
            without_budgets,
            _without_change_budget,
            _not_all,
            _free(unit, alone),
        ):
            found = self._around.planned_anew(part, forced=(request, duty), change=change, first=(Stage.SERVED,))
            if found is not None:
                return found
        return None

    # --- what is told where nothing is certain ------------------------------------------------------------------------

    def _weaker(self, request: RequestId, duty: DutyId, cause: str) -> WhyNot:
        if self._strict:
            raise UnsoundSolution([f"request {request} on duty {duty}: {cause}"])
        told, actions = texts.verdict(Verdict.UNKNOWN, (), ())
        return WhyNot(
            request=request,
            duty=duty,
            zab=self._planned.index.duty_zab(duty),
            verdict=Verdict.UNKNOWN,
            rules=(),
            reason=Verdict.UNKNOWN.value,
            texts=told,
            actions=actions,
        )


_ORDER = (
    Verdict.FITS, Verdict.COSTS, Verdict.SWAPS, Verdict.DISPLACES,
    Verdict.PLAN, Verdict.TOUR, Verdict.STATIC, Verdict.UNKNOWN,
)  # fmt: skip


def nearness(answer: WhyNot) -> tuple[int, tuple[int, ...]]:
    """Return a key that orders answers of one request: the nearest to riding there first."""
    return _ORDER.index(answer.verdict), rank(answer.price) or (len(answer.rules),)


def _without_change_budget(instance: Instance) -> Instance:
    return replace(instance, change_budget=None)


def _not_all(instance: Instance) -> Instance:
    return replace(instance, serve_all=False)


def _free(unit: Set[RequestId], alone: Change) -> Change:
    return lambda instance: alone(_not_all(_without_change_budget(without_budgets(parted(instance, unit)))))


def _alone(duty: DutyId) -> Change:
    """Return the change that gives a duty crew and vehicle of its own: what another duty takes of them is no matter."""

    def change(instance: Instance) -> Instance:
        index = InstanceIndex(instance)
        shift, crew, vehicle = index.duty_shift(duty), index.duty_crew(duty), index.duty_vehicle(duty)
        own = f"\0{duty}"
        return replace(
            instance,
            crews=(*instance.crews, replace(crew, id=own)),
            shifts=(*instance.shifts, replace(shift, id=own, crew=own)),
            vehicles=(*instance.vehicles, replace(vehicle, id=own)),
            duties=tuple(replace(d, shift=own, vehicle=own) if d.id == duty else d for d in instance.duties),
        )

    return change
