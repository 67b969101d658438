"""What would help: confirmed by the checker on the changed day, and on tiny days the least by brute force."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import pytest

from optimizer.answer import Granter, Kind, Relaxation, WhatHelps
from optimizer.errors import InvalidValue
from optimizer.model import DAY, MINUTE, Instance, InstanceIndex, Need, Rule, Solution, Tour
from optimizer.travel.matrix import TravelMatrix
from optimizer.verify import check, hard
from optimizer.why.measure import Change, Measure
from optimizer.why.measures import measures
from optimizer.why.plan import Planned
from optimizer.why.relaxations import Helps, what_helps
from tests import builders as b
from tests.explain.test_random import plans
from tests.oracle import _best_tours, brute_force
from tests.oracle_sequences import DutyRules
from tests.strategies import random_tiny

SEEDS = range(12)


@dataclass(frozen=True, slots=True, kw_only=True)
class Helped:
    """What helps one request that a plan of a tiny day leaves out."""

    instance: Instance
    travel: TravelMatrix
    solution: Solution
    answer: WhatHelps


@cache
def helped(seed: int) -> tuple[Helped, ...]:
    """Every request that the optimum leaves out, made once."""
    return tuple(_helped(seed))


def _helped(seed: int) -> Iterator[Helped]:
    instance, travel = random_tiny(seed)
    solution = plans(instance, brute_force(instance, travel, verify=False))[0]
    if faults(instance, travel, solution):
        return
    helps = Helps(Planned(instance, travel, solution), strict=True)
    for request in InstanceIndex(instance).pool:
        if request.id not in solution.served:
            yield Helped(instance=instance, travel=travel, solution=solution, answer=helps.of(request.id))


def faults(instance: Instance, travel: TravelMatrix, plan: Solution) -> list[Rule]:
    return [v.rule for v in hard(check(instance, travel, plan)) if v.rule is not Rule.SERVE_ALL]


def rides(case: Helped, change: Change, duty: str) -> bool:
    """Whether on the changed day some tour of ``duty`` carries the request and its riders, and no rule is broken."""
    try:
        day = change(case.instance)
    except InvalidValue:
        return False
    index = InstanceIndex(day)
    wanted = {case.answer.request, *(r for r, d in case.solution.duty_by_request.items() if d == duty)}
    others = [tour for tour in case.solution.tours if tour.duty != duty]
    pool = wanted - index.committed_duty.keys()
    # Who cannot be meant is left out, so that brute force stays quick.
    kept = tuple(
        replace(r, excluded=r.excluded & wanted, bundle=None)
        for r in day.requests
        if r.id in wanted or r.id in index.committed_duty
    )
    few = replace(
        day, requests=tuple(replace(r, excluded=r.excluded & {k.id for k in kept}) for r in kept), published=()
    )
    for tour in _best_tours(duty, DutyRules(few, case.travel, InstanceIndex(few), duty, frozenset())):
        if tour.served == pool:
            plan = Solution(tours=(*others, tour.tour(InstanceIndex(few))))
            return not faults(day, case.travel, plan)
    return False


def applied(case: Helped, found: Relaxation) -> Change:
    """The change that a relaxation tells of."""
    for measure in measures(InstanceIndex(case.instance)):
        if (measure.kind, measure.rule) == (found.kind, found.rule):
            for step in measure.steps(InstanceIndex(case.instance), case.answer.request, found.duty):
                if (step.size, step.vehicle) == (found.size, found.vehicle) and rides(case, step.change, found.duty):
                    return step.change
    raise AssertionError(f"no such step: {found}")


def judge(case: Helped) -> None:
    """Hold one answer against checker and brute force."""
    index = InstanceIndex(case.instance)
    assert [r.rank for r in case.answer.relaxations] == sorted(r.rank for r in case.answer.relaxations)
    is_bundled = len(next(unit for unit in index.units if case.answer.request in unit)) > 1
    granted = {(r.kind, r.rule): r for r in case.answer.relaxations if r.granter is not Granter.NOBODY}
    for found in case.answer.relaxations:
        if found.granter is Granter.NOBODY:
            judge_never(case, found)
    if is_bundled:
        return  # The rest of the bundle would have to be placed as well; the checker has judged those plans already.
    if case.answer.fits_on is not None:
        assert rides(case, lambda day: day, case.answer.fits_on), case.answer
        return
    for found in granted.values():
        assert found.witness is not None
        shown = found.witness.apply(case.solution)
        change = applied(case, found)
        assert not faults(change(case.instance), case.travel, shown), found
        carriers = shown.duty_by_request
        assert carriers[case.answer.request] == found.duty, found
        assert carriers | case.solution.duty_by_request == carriers, found
    for measure in measures(index):
        found_size = granted[measure.kind, measure.rule].size if (measure.kind, measure.rule) in granted else None
        for duty in case.instance.duties:
            assert not any(rides(case, change, duty.id) for change in less(case, measure, duty.id, found_size)), (
                case.instance.name,
                case.answer.request,
                measure.kind,
                duty.id,
                found_size,
            )


def judge_never(case: Helped, found: Relaxation) -> None:
    """The plan with the request breaks the rule that nobody may set aside, no other, and moves nobody else."""
    assert found.witness is not None
    shown = found.witness.apply(case.solution)
    assert set(faults(case.instance, case.travel, shown)) == {found.rule}, found
    carriers, pool = shown.duty_by_request, {request.id for request in InstanceIndex(case.instance).pool}
    kept = {r: d for r, d in case.solution.duty_by_request.items() if r in pool or found.rule is not Rule.COMMITMENT}
    assert carriers[case.answer.request] == found.duty, found
    assert carriers | kept == carriers, found


def less(case: Helped, measure: Measure, duty: str, size: int | None) -> list[Change]:
    """The changes that are less than ``size``: where more never hurts, the greatest of them alone."""
    steps = measure.steps(InstanceIndex(case.instance), case.answer.request, duty)
    changes = [step.change for step in steps if size is None or step.size < size]
    return changes[-1:] if measure.grows else changes


@pytest.mark.parametrize("seed", SEEDS)
def test_relaxations_are_the_least_there_are(seed: int) -> None:
    for case in helped(seed):
        judge(case)


def test_the_seeds_show_many_kinds() -> None:
    seen = Counter(r.kind for seed in SEEDS for case in helped(seed) for r in case.answer.relaxations)
    assert len(seen) >= 8, seen


# --- days worked out by hand ------------------------------------------------------------------------------------------

TRAVEL = b.line({"depot": 0, "A": 600, "B": 1200, "C": 1800})
FAMILY = b.request("R1", "A", "C", party=b.FATHER_AND_SON)


def only(instance: Instance, *tours: Tour) -> dict[Kind, Relaxation]:
    answer = what_helps(instance, TRAVEL, b.plan(*tours), "R1", strict=True)
    assert answer.fits_on is None
    return {found.kind: found for found in answer.relaxations}


def test_minutes_are_told_to_the_minute() -> None:
    # The depot is left at 0 at the earliest, so A is reached at 600 s: five minutes too late.
    found = only(b.instance(b.request("R1", "A", "C", pickup=(0, 300)), shifts=(b.shift(start=0),)))
    assert (found[Kind.PICKUP_LATER].size, found[Kind.PICKUP_LATER].granter) == (5, Granter.REQUESTER)
    assert found[Kind.PICKUP_LATER].actions["en"] == "ABH: allow the pick-up 5 min later."
    assert found[Kind.SHIFT_EARLIER].size == 5
    assert list(found) == [Kind.PICKUP_LATER, Kind.SHIFT_EARLIER]


def test_a_child_seat_or_a_vehicle_that_has_one() -> None:
    fields = b.fleet(2)
    without, with_seat = (b.vehicle("V1", child_seats=(4, 4, 0)), b.vehicle("V2", "Z2", child_seats=(0, 0, 1)))
    fields |= {"vehicles": (without, with_seat), "zabs": (b.zab(), b.zab("Z2")), "duties": fields["duties"][:1]}
    found = only(b.instance(FAMILY, **fields))
    assert {kind: (r.size, r.granter) for kind, r in found.items()} == {
        Kind.CHILD_SEATS: (1, Granter.ZAB),
        Kind.VEHICLE_OF_OTHER_ZAB: (1, Granter.LEAD),
    }
    assert found[Kind.VEHICLE_OF_OTHER_ZAB].vehicle == "V2"


def test_seating_of_a_sister_vehicle() -> None:
    chair = b.request("R1", "A", "C", needs=frozenset({Need.WHEELCHAIR}), wheelchairs=1)
    fields = b.fleet(2)
    fields |= {"vehicles": (b.vehicle("V1"), b.vehicle("V2", configurations=(b.seats(7, 1),)))}
    found = only(b.instance(chair, **fields | {"duties": fields["duties"][:1]}))
    assert found[Kind.SEATS].size == 3, "two seats fewer, one wheelchair place more"
    assert found[Kind.VEHICLE].vehicle == "V2"


def test_another_day_within_the_deadline() -> None:
    late = b.request("R1", "A", "C", pickup=(0, 900), delivery=(0, 7200), deadline=2 * DAY)
    fields = {"shifts": (b.shift(start=DAY, end=2 * DAY),)}
    found = only(b.instance(late, **fields))
    assert found[Kind.DAY_LATER].size == 1
    found = only(b.instance(replace(late, deadline=DAY), **fields))
    assert Kind.DAY_LATER not in found


def test_what_nobody_may_grant_comes_last_with_the_plan_that_breaks_it() -> None:
    waits = b.request("R1", "A", "C", pickup=(3600, 3600), delivery=(5 * 3600, 6 * 3600))
    day = b.instance(waits, parameters=b.neutral(max_wait=45 * MINUTE))
    found = only(day)
    last = found[Kind.RULE]
    assert (last.granter, last.rule) == (Granter.NOBODY, Rule.WAIT_ON_BOARD)
    assert last.witness is not None
    assert set(faults(day, TRAVEL, last.witness.apply(b.plan()))) == {Rule.WAIT_ON_BOARD}
    assert list(found)[-1] is Kind.RULE
    assert "not negotiable" in last.actions["en"]


@pytest.mark.parametrize(
    ("fields", "rule"),
    [
        ({"needs": frozenset({Need.LYING})}, Rule.VEHICLE_FEATURES),
        ({"separate": True}, Rule.SEPARATION),
        ({"excluded": frozenset({"R2"})}, Rule.EXCLUSION),
    ],
)
def test_each_rule_that_nobody_may_set_aside_has_its_plan(fields: dict[str, Any], rule: Rule) -> None:
    # One vehicle, and both must be on board at the same time.
    asked = b.request("R1", "A", "C", pickup=(600, 600), delivery=(1800, 1800), **fields)
    other = b.request("R2", "B", "C", pickup=(1200, 1200), delivery=(1800, 1800))
    day = b.instance(asked, other)
    plan = b.plan(b.TourBuilder(day, TRAVEL).ride("R2").build())
    answer = what_helps(day, TRAVEL, plan, "R1", strict=True)
    (told,) = (each for each in answer.relaxations if each.kind is Kind.RULE)
    assert told.rule is rule
    assert told.witness is not None
    shown = told.witness.apply(plan)
    assert set(faults(day, TRAVEL, shown)) == {rule}
    assert shown.served == {"R1", "R2"}, "all others stay on board"


def test_who_fits_needs_nothing_and_who_rides_is_no_question() -> None:
    day = b.instance(b.request("R1", "A", "C"))
    answer = what_helps(day, TRAVEL, b.plan(), "R1")
    assert (answer.fits_on, answer.relaxations) == ("D1", ())
    with pytest.raises(InvalidValue, match="leaves out"):
        what_helps(day, TRAVEL, b.plan(b.TourBuilder(day, TRAVEL).ride("R1").build()), "R1")


def test_a_day_without_duties_has_nothing_to_relax() -> None:
    day = b.instance(b.request("R1", "A", "C", needs=frozenset({Need.LYING})), duties=())
    answer = what_helps(day, TRAVEL, b.plan(), "R1")
    assert (answer.fits_on, answer.relaxations) == (None, ())
