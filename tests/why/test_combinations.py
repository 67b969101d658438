"""Two changes together: confirmed by the checker, and the least there are by brute force on tiny days."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import combinations, product

import pytest

from optimizer.answer import Combination, Granter, Kind, Part, WhatHelps
from optimizer.granted import ReleasePin
from optimizer.model import EscortRule, Instance, InstanceIndex, Need, Rule
from optimizer.why.least_pair import bisected, evenly, in_order, least_pair
from optimizer.why.measure import Change, Measure, Step
from optimizer.why.measures import measures
from optimizer.why.plan import Planned
from optimizer.why.relaxations import Helps, what_helps
from optimizer.why.touching import MOVES_VEHICLE, together
from tests import builders as b
from tests.why.test_relaxations import Helped, faults, helped, rides

FEW, SEEDS = range(25), range(60)
_MOST_TOLD = 8

# --- days worked out by hand ------------------------------------------------------------------------------------------

TRAVEL = b.line({"depot": 0, "A": 600, "B": 1200, "C": 1800})
EARLY = b.request("R1", "A", "C", pickup=(0, 300))
"""The depot is left at 0 at the earliest, so A is reached five minutes too late."""


def asked(instance: Instance) -> WhatHelps:
    return what_helps(instance, TRAVEL, b.plan(), "R1", strict=True)


def sizes(answer: WhatHelps) -> dict[tuple[Kind, Kind], tuple[int, int]]:
    return {
        (each.parts[0].kind, each.parts[1].kind): (each.parts[0].size, each.parts[1].size)
        for each in answer.combinations
    }


def test_minutes_and_an_officer() -> None:
    day = b.instance(
        EARLY, crews=(b.crew(officers=1),), shifts=(b.shift(start=0),), parameters=b.neutral(escorts=EscortRule(base=2))
    )
    answer = asked(day)
    assert answer.relaxations == ()
    assert sizes(answer) == {
        (Kind.OFFICER, Kind.PICKUP_LATER): (1, 5),
        (Kind.OFFICER, Kind.SHIFT_EARLIER): (1, 5),
    }
    first = answer.combinations[0]
    assert first.granter is Granter.ZAB, "the farther of the two"
    assert first.texts["en"] == (
        "Two changes together are enough on duty D1, one alone is not: 1 more officer in the crew; "
        "the pick-up may begin 5 min later."
    )
    assert first.actions["de"] == "ZAB Z1: Team um 1 Begleitkraft verstärken. ABH: Abholung 5 min später zulassen."
    assert answer.looked_at is not None
    assert answer.looked_at.is_complete


def test_of_two_windows_the_greater_is_made_least() -> None:
    # Both are missed by as much as the vehicle comes late, and neither shift nor vehicle alone brings it earlier.
    late = b.request("R1", "A", "C", pickup=(0, 300), delivery=(0, 1200))
    day = b.instance(late, vehicles=(b.vehicle(availability=(b.window(0, 86_400),)),), shifts=(b.shift(start=0),))
    found = sizes(asked(day))
    assert found[Kind.PICKUP_LATER, Kind.HANDOVER_LATER] == (5, 10)
    assert found[Kind.SHIFT_EARLIER, Kind.AVAILABLE_EARLIER] == (10, 10)
    assert next(iter(found)) == (Kind.PICKUP_LATER, Kind.HANDOVER_LATER), "the requester may grant both"


def test_the_leads_are_asked_only_where_nobody_nearer_can_help() -> None:
    fields = b.fleet(2)
    doctor = b.request(
        "R1", "A", "C", needs=frozenset({Need.DOCTOR}), pin="D2", barred_duties=frozenset({"D2"}), load=7
    )
    assert sizes(asked(b.instance(doctor, **fields))) == {(Kind.SKILL, Kind.BAR_LIFTED): (1, 1)}
    # On the duty that it is pinned to a seat is missing as well; on the other only what the leads may grant helps.
    fields["vehicles"] = (b.vehicle("V1"), b.vehicle("V2", configurations=(b.seats(8),)))
    answer = asked(b.instance(doctor, **fields))
    assert sizes(answer) == {(Kind.PIN_RELEASED, Kind.SKILL): (1, 1)}
    assert answer.combinations[0].granter is Granter.LEAD


def test_three_things_in_the_way_are_said_to_be_too_many() -> None:
    asked_much = replace(EARLY, needs=frozenset({Need.DOCTOR}), barred_duties=frozenset({"D1"}))
    answer = asked(b.instance(asked_much, shifts=(b.shift(start=0),)))
    assert (answer.relaxations, answer.combinations) == ((), ())
    assert answer.looked_at is not None
    assert (answer.looked_at.is_complete, answer.looked_at.duties) == (True, 1)
    assert answer.looked_at.texts["en"] == (
        "Nor are two changes together enough anywhere. Looked at (1 duty): pick-up, hand-over, day, shift, crew, "
        "exceptions, earlier decisions."
    )


def test_where_one_change_is_enough_two_are_not_asked_for() -> None:
    answer = asked(b.instance(EARLY, shifts=(b.shift(start=0),)))
    assert answer.relaxations
    assert (answer.combinations, answer.looked_at) == ((), None)


def test_the_work_is_bounded_and_that_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("optimizer.why.combinations.MOST_SEARCHES", 0)
    day = b.instance(
        EARLY, crews=(b.crew(officers=1),), shifts=(b.shift(start=0),), parameters=b.neutral(escorts=EscortRule(base=2))
    )
    answer = asked(day)
    assert answer.combinations == ()
    assert answer.looked_at is not None
    assert not answer.looked_at.is_complete
    assert "no time" in answer.looked_at.texts["en"]


# --- the least of two amounts -----------------------------------------------------------------------------------------


def steps(*numbers: int) -> list[Step]:
    return [Step(size=number, granted=ReleasePin(request="R")) for number in numbers]


GRID = steps(*range(1, 13))


@pytest.mark.parametrize("key", [in_order, evenly])
@pytest.mark.parametrize("seed", range(20))
def test_the_least_pair_is_what_trying_all_finds(key: object, seed: int) -> None:
    # Staircases: the more of the first, the less of the second is enough.
    corners = [(seed % 5 + 2, 9), (seed % 7 + 4, 6 - seed % 3), (11, seed % 2 + 1)]
    orders = [in_order, evenly]
    of = orders[orders.index(key)]  # type: ignore[arg-type]

    def can(one: Step, other: Step) -> bool:
        return any(one.size >= first and other.size >= second for first, second in corners)

    everything = [of(one, other) for one, other in product(GRID, GRID) if can(one, other)]
    for grow in ((True, True), (False, True), (True, False), (False, False)):
        if of is evenly and grow != (True, True):
            continue
        found = least_pair(GRID, GRID, can, grow=grow, key=of)
        assert found is not None
        assert of(*found) == min(everything), grow
        assert least_pair(GRID, GRID, can, grow=grow, key=of, below=min(everything)) is None
        nothing = least_pair(GRID, GRID, lambda one, other: False, grow=grow, key=of)
        assert nothing is None


def test_bisection_asks_seldom() -> None:
    tried: list[int] = []

    def can(step: Step) -> bool:
        tried.append(step.size)
        return step.size >= 7

    found = bisected(GRID, can)
    assert found is not None
    assert found.size == 7
    assert len(tried) <= 5
    assert bisected([], can) is None


# --- tiny days by brute force -----------------------------------------------------------------------------------------


def judge_pairs(case: Helped) -> int:
    """Hold what is said of two changes against checker and brute force; return how many pairs were told."""
    answer = case.answer
    single = [each for each in answer.relaxations if each.granter is not Granter.NOBODY]
    is_bundled = len(next(u for u in InstanceIndex(case.instance).units if answer.request in u)) > 1
    if answer.fits_on is not None or single or not case.instance.duties:
        assert (answer.combinations, answer.looked_at) == ((), None)
        return 0
    assert answer.looked_at is not None
    assert answer.looked_at.is_complete
    assert [each.rank for each in answer.combinations] == sorted(each.rank for each in answer.combinations)
    for each in answer.combinations:
        judge_witness(case, each)
    if is_bundled:
        return len(answer.combinations)  # Where the rest of a bundle rides, brute force does not know.
    known = measures(InstanceIndex(case.instance))
    told = {frozenset(key_of(part) for part in each.parts): each for each in answer.combinations}
    is_near = any(each.granter is not Granter.LEAD for each in answer.combinations)
    for one, other in combinations(known, 2):
        if {one.kind, other.kind} in (set(MOVES_VEHICLE), {Kind.DAY_EARLIER, Kind.DAY_LATER}):
            continue
        if is_near and Granter.LEAD in (one.granter, other.granter):
            continue
        found = told.get(frozenset({(one.kind, one.rule), (other.kind, other.rule)}))
        if found is None and len(told) >= _MOST_TOLD:
            continue
        for duty in case.instance.duties:
            for change in less(case, one, other, duty.id, found):
                assert not rides(case, change, duty.id), (case.instance.name, answer, one, other, duty.id)
    return len(answer.combinations)


def key_of(part: Part) -> tuple[Kind, Rule | None]:
    return part.kind, part.rule


def judge_witness(case: Helped, found: Combination) -> None:
    """The plan keeps every rule of the day with both changes, and one change alone is not enough."""
    index = InstanceIndex(case.instance)
    shown = found.witness.apply(case.solution)
    carriers = shown.duty_by_request
    assert carriers[case.answer.request] == found.duty, found
    assert carriers | case.solution.duty_by_request == carriers, found
    by_key = {(m.kind, m.rule): m for m in measures(index)}
    pools = [
        [
            step
            for step in by_key[key_of(part)].steps(index, case.answer.request, found.duty)
            if (step.size, step.vehicle) == (part.size, part.vehicle)
        ]
        for part in found.parts
    ]
    kinds = [part.kind for part in found.parts]
    days = [both(kinds, pair)(case.instance) for pair in product(*pools)]
    assert any(not faults(day, case.travel, shown) for day in days), found
    for pool in pools:
        assert not any(rides(case, step.change, found.duty) for step in pool), found


def both(kinds: Sequence[Kind], pair: Sequence[Step]) -> Change:
    """The change that both make, a moved vehicle first."""
    ordered = sorted(zip(kinds, pair, strict=True), key=lambda each: each[0] not in MOVES_VEHICLE)
    return together(*(step.change for _, step in ordered))


def less(case: Helped, one: Measure, other: Measure, duty: str, found: Combination | None) -> Iterator[Change]:
    """Pairs that are less than what is told, or all where nothing is; where more never hurts, the most of it."""
    index = InstanceIndex(case.instance)
    ladders = [list(each.steps(index, case.answer.request, duty)) for each in (one, other)]
    if found is None:
        tops = [ladder[-1:] if each.grows else ladder for each, ladder in zip((one, other), ladders, strict=True)]
        yield from (both((one.kind, other.kind), pair) for pair in product(*tops))
        return
    size = {key_of(part): part.size for part in found.parts}
    wanted = [size[one.kind, one.rule], size[other.kind, other.rule]]
    for number, each in enumerate((one, other)):
        fewer = [step for step in ladders[number] if step.size < wanted[number]]
        same = [step for step in ladders[1 - number] if step.size == wanted[1 - number]]
        for step, beside in product(fewer[-1:] if each.grows else fewer, same):
            pair = (step, beside) if number == 0 else (beside, step)
            yield both((one.kind, other.kind), pair)


@pytest.mark.parametrize("seed", [pytest.param(seed, marks=[] if seed in FEW else pytest.mark.slow) for seed in SEEDS])
def test_pairs_are_the_least_there_are(seed: int) -> None:
    for case in helped(seed):
        judge_pairs(case)


def test_the_seeds_have_pairs_and_days_without_any() -> None:
    told = Counter(
        len(case.answer.combinations) for seed in FEW for case in helped(seed) if case.answer.looked_at is not None
    )
    assert told[0]
    assert sum(told.values()) > told[0]


def test_a_seed_gives_the_same_pairs_again() -> None:
    case = next(case for seed in FEW for case in helped(seed) if case.answer.combinations)
    again = Helps(Planned(case.instance, case.travel, case.solution), strict=True).of(case.answer.request)
    assert again == case.answer
